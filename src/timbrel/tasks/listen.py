"""Listen: a blind listening test, from folders of sounds to what the answers say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from timbrel.errors import UsageError
from timbrel.evaluation.listening import build as building
from timbrel.evaluation.listening import description as documents
from timbrel.evaluation.listening import report as reporting
from timbrel.evaluation.listening.build import Built
from timbrel.evaluation.listening.description import Description, sounds_of
from timbrel.evaluation.listening.kinds import Bandwidth, kind_of
from timbrel.evaluation.listening.page import Summary
from timbrel.evaluation.listening.results import Results
from timbrel.evaluation.listening.wishes import Wish
from timbrel.progress import Report, silent

TITLE = "Listening test"


@dataclass(frozen=True)
class Options:
    """What may be said of a test, and need not.

    Attributes:
        title: What listeners read above it.
        items: Pages that it shall have; None for what is usual of the kind.
        per_listener: Pages that each listener is given; None for all.
        seconds: The longest that a sound may be, in s; None for what is usual of the kind.
        bandwidth: "match" or "keep"; None for what is usual of the kind.
        repeats: How often each page is asked.
        seed: Seed of what is drawn.
    """

    title: str = TITLE
    items: int | None = None
    per_listener: int | None = None
    seconds: float | None = None
    bandwidth: Bandwidth | None = None
    repeats: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Opened:
    """A test that is ready to be served. The key is not in it.

    Attributes:
        folder: Where it lies.
        description: Its pages.
        sounds: Name of each sound to its file.
        results: The answers.
    """

    folder: Path
    description: Description
    sounds: Mapping[str, Path]
    results: Results


def build(
    folder: Path,
    kind: str,
    *,
    originals: Sequence[Path] = (),
    systems: Mapping[str, Path],
    options: Options | None = None,
    force: bool = False,
    report: Report = silent,
) -> Built:
    """Builds a listening test.

    Args:
        folder: Where it shall stand.
        kind: "questionnaire", "mos", "abx", "mushra" or "preference".
        originals: Folders and files of originals.
        systems: System to the folder of what it made.
        options: What else may be said; None for the usual.
        force: Whether a test that nobody has answered is replaced.
        report: Told how far it is.

    Returns:
        What was built, and what could not be used.

    Raises:
        UnknownNameError: When there is no such kind.
        ExistsError: When something stands there.
        UsageError: When there are too few sounds, or an option does not fit.
    """
    usual, said = kind_of(kind), options or Options()
    wish = Wish(
        kind=usual,
        title=said.title,
        items=usual.items if said.items is None else said.items,
        per_listener=said.per_listener,
        seconds=usual.seconds if said.seconds is None else said.seconds,
        bandwidth=said.bandwidth or usual.bandwidth,
        repeats=said.repeats,
        seed=said.seed,
    )
    return building.build(
        folder, originals=originals, systems=systems, wish=wish, force=force, report=report
    )


def open_test(folder: Path) -> Opened:
    """Opens a test for serving; the key stays closed.

    Args:
        folder: The test's folder.

    Returns:
        The test.

    Raises:
        UsageError: When the folder is no test, or sounds of it are missing.
    """
    folder = folder.expanduser()
    description = documents.read_description(folder)
    names = {name for trial in description.trials for name in sounds_of(trial)}
    sounds = {name: folder / documents.SOUNDS / f"{name}.wav" for name in sorted(names)}
    missing = [path for path in sounds.values() if not path.is_file() or path.is_symlink()]
    if missing:
        raise UsageError(
            f"{len(missing)} sounds of {folder} are missing",
            "a folder as `timbrel listen build` made it",
            "build the test again",
        )
    return Opened(folder, description, sounds, Results(folder / documents.RESULTS))


def report(folder: Path, out: Path, *, seed: int = 0, force: bool = False) -> Summary:
    """Writes the report of a listening test.

    Args:
        folder: The test's folder.
        out: Where the report shall stand.
        seed: Seed of drawn arrangements in permutation tests.
        force: Whether a report that stands there is replaced.

    Returns:
        What it says.

    Raises:
        UsageError: When the folder is no test.
        ExistsError: When `out` exists, and `force` is false or it holds no report.
        TimbrelError: When nobody has answered.
    """
    return reporting.report(folder.expanduser(), out, seed=seed, force=force)
