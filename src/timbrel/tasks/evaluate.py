"""Evaluate: how good an instrument is, as a report."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

from timbrel.evaluation.assessment import Assessment, assess
from timbrel.evaluation.hearing import Choice
from timbrel.evaluation.machine import machine_facts
from timbrel.evaluation.material import Entry, Made, Material
from timbrel.evaluation.report import checked_folder, write_report
from timbrel.evaluation.results import Facts, Report
from timbrel.instruments.instrument import Instrument
from timbrel.progress import Report as Progressed
from timbrel.progress import silent
from timbrel.signal.files import Sound
from timbrel.signal.frontends import FrontEnd
from timbrel.signal.phase import PhaseMethod
from timbrel.synthesis.generate import generate
from timbrel.synthesis.reconstruct import reconstruct
from timbrel.tasks.instruments import open_named
from timbrel.tasks.sounds import LibrarySounds
from timbrel.tasks.workspace import Workspace, checked_name

GENERATED_A_LABEL = 16
MOST_GENERATED = 400


def evaluate(
    instrument: Instrument,
    *,
    read: Callable[[str], Sound],
    out: Path,
    seed: int = 0,
    force: bool = False,
    choice: Choice | None = None,
    report: Progressed = silent,
) -> Report:
    """Judges an instrument on the sounds of its library that it did not learn from.

    Args:
        instrument: The instrument, with the splits it was trained by.
        read: Reads a sound of the library by its id; a sound that cannot be read is passed over
            and named in the report.
        out: The report's folder.
        seed: Seed of all that is drawn: sounds, phases, intervals.
        force: Whether a report that stands there is replaced; nothing else ever is.
        choice: How much is judged and shown; None for the usual, with this seed.
        report: Told how far it is.

    Returns:
        The numbers, as they stand in ``report.json``.

    Raises:
        ExistsError: When `out` exists, and `force` is false or it holds something else.
        AbilityError: When the instrument cannot reconstruct.
        LibraryError: When none of its held-out or training sounds can be read.
    """
    checked_folder(out, force=force)
    instrument.require("reconstruct")
    found = judge(instrument, read=read, choice=choice or Choice(seed=seed), report=report)
    write_report(out, found, force=force)
    return found.report


def evaluate_named(
    workspace: Workspace,
    name: str,
    *,
    out: Path | None = None,
    seed: int = 0,
    device: str = "cpu",
    force: bool = False,
    choice: Choice | None = None,
    report: Progressed = silent,
) -> Report:
    """Judges an instrument of a workspace on the sounds of its library.

    Args:
        workspace: The workspace.
        name: The instrument.
        out: The report's folder; None for the one of that name among the workspace's reports.
        seed: Seed of all that is drawn.
        device: Where the network shall live.
        force: Whether a report that stands there is replaced; nothing else ever is.
        choice: How much is judged and shown; None for the usual, with this seed.
        report: Told how far it is.

    Returns:
        The numbers.

    Raises:
        UnknownNameError: When there is no such instrument.
        ExistsError: When the folder exists, and `force` is false or it holds something else.
        LibraryError: When the library is gone, or its files are.
        AbilityError: When the instrument cannot reconstruct.
    """
    folder = report_folder(workspace, name) if out is None else out
    checked_folder(folder, force=force)
    instrument = open_named(workspace, name, device)
    read = LibrarySounds(workspace, instrument).read
    return evaluate(
        instrument, read=read, out=folder, seed=seed, force=force, choice=choice, report=report
    )


def report_folder(workspace: Workspace, name: str) -> Path:
    """Says where the report of an instrument stands unless another folder is asked for.

    Args:
        workspace: The workspace.
        name: The instrument.

    Returns:
        The folder, which may not exist.

    Raises:
        UsageError: When the name is none that an instrument can have.
    """
    return workspace.reports / checked_name(name)


def judge(
    instrument: Instrument,
    *,
    read: Callable[[str], Sound],
    choice: Choice,
    report: Progressed = silent,
) -> Assessment:
    """Judges an instrument without writing anything.

    Args:
        instrument: The instrument.
        read: Reads a sound of the library by its id.
        choice: How much is judged and shown, and the seed.
        report: Told how far it is.

    Returns:
        The numbers and the sounds to show with them.
    """
    seed = choice.seed
    material = Material(
        held_out=_entries(instrument, "test"),
        training=_entries(instrument, "train"),
        read=read,
        reconstruct=lambda sound: next(iter(reconstruct(instrument, [sound], seed=seed))).sound,
        round_trip=lambda sound: round_trip(instrument, sound, seed=seed),
        generated=_generated(instrument, seed),
    )
    return assess(
        material, title=instrument.name, facts=_facts(instrument), choice=choice, report=report
    )


def round_trip(instrument: Instrument, sound: Sound, *, seed: int) -> Sound:
    """Sends a sound through an instrument's front end and back, past its network.

    Args:
        instrument: Whose front end and phase method.
        sound: Any sound.
        seed: Seed of the phase method.

    Returns:
        What is left of it, at the instrument's rate and length.
    """
    recipe, rate = instrument.recipe, instrument.sample_rate
    front_end = cast(FrontEnd, recipe.front_end)
    code, reference = front_end.encode(instrument.fit(sound), sample_rate=rate)
    back = front_end.decode(
        code,
        reference,
        sample_rate=rate,
        length_samples=instrument.length_samples,
        phase=cast(PhaseMethod, recipe.phase),
        seed=seed,
    )
    return Sound(back, rate)


def _entries(instrument: Instrument, split: str) -> list[Entry]:
    return [Entry(n.id, n.name, n.label) for n in instrument.sounds if n.split == split]


def _generated(instrument: Instrument, seed: int) -> Iterator[Made]:
    """As many sounds of each label, made as they are asked for; without labels, of all."""
    if "generate" not in instrument.abilities:
        return
    labels = sorted({label for label in instrument.cloud.labels if label})
    count = max(2, min(GENERATED_A_LABEL, MOST_GENERATED // max(1, len(labels))))
    asked: list[str | None] = [*labels] if labels else [None]
    for label in asked:
        for render in generate(instrument, count=count, label=label, seed=seed):
            yield Made(render.sound, render.name, label or "")


def _facts(instrument: Instrument) -> Facts:
    summary = instrument.summary
    trained = {
        f"training: {name.replace('_', ' ')}": summary[name]
        for name in ("seed", "steps", "seconds", "stopped_because", "device")
        if isinstance(summary.get(name), str | int | float)
    }
    splits = Counter(note.split for note in instrument.sounds)
    return {
        "instrument": instrument.name,
        "recipe": instrument.recipe.name,
        "family": instrument.recipe.family,
        "sample rate (Hz)": instrument.sample_rate,
        "length (s)": instrument.recipe.duration_s,
        "front end": instrument.recipe.front_end.model_dump_json(),
        "phase method": instrument.recipe.phase.model_dump_json(),
        **trained,
        **{f"sounds: {name}": splits[name] for name in ("train", "validation", "test")},
        "library fingerprint": instrument.library_fingerprint,
        "instrument fingerprint": instrument.fingerprint,
        "trained by timbrel": instrument.timbrel_version,
        "trained by torch": instrument.torch_version,
        **machine_facts(instrument.device),
    }
