"""Instruments that travel: folders in the layout of the Hugging Face hub, and back."""

import json
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from timbrel import atomic
from timbrel.errors import ExistsError, InstrumentError, TimbrelError, UsageError
from timbrel.exporting.place import checked_folder
from timbrel.instruments import document, folder
from timbrel.instruments.document import CARD, CLOUD, DOCUMENT, SLIDERS, SOUNDS, WEIGHTS
from timbrel.tasks.workspace import Workspace, checked_name, mark

README, CONFIG = "README.md", "config.json"
TRAVELS = (DOCUMENT, WEIGHTS, CLOUD, SOUNDS, CARD)  # what makes an instrument, no sound among them
MAYBE = (SLIDERS,)
_REPO = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?")
Found = TypeVar("Found")


@dataclass(frozen=True)
class HubFolder:
    """An instrument in the hub's layout.

    Attributes:
        path: The folder.
        files: What it holds.
        pushed: The repository it was pushed to, or "".
    """

    path: Path
    files: list[str]
    pushed: str = ""


def write(
    workspace: Workspace,
    name: str,
    *,
    out: Path,
    licence: str | None = None,
    push: str | None = None,
    force: bool = False,
) -> HubFolder:
    """Writes an instrument as a folder in the hub's layout, and pushes it where that is wanted.

    The folder is an instrument folder as well; `add` takes it. What travels are the network, the
    latents, the names and labels of the sounds it learned from, and its card; none of the sounds.

    Args:
        workspace: The workspace.
        name: The instrument.
        out: The folder.
        licence: Under which licence it may be used, as the hub spells it; None says nothing.
        push: The repository to push it to, such as "me/my-drums"; None pushes nothing.
        force: Whether a folder of the same kind that stands there is replaced.

    Returns:
        What was made.

    Raises:
        UnknownNameError: When there is no such instrument.
        UsageError: When the repository's name is none, or huggingface_hub is not installed.
        ExistsError: When something stands there.
        InstrumentError: When the instrument is damaged, or cannot be written or pushed.
    """
    if push is not None:
        _check_repository(push)
    source = workspace.existing_instrument(name)
    folder.open_instrument(source)  # nothing damaged travels
    place = checked_folder(out, force=force, own=_own)
    files = [*TRAVELS, *(one for one in MAYBE if (source / one).is_file())]
    try:
        with atomic.new_folder(place, force=force) as part:
            for one in files:
                shutil.copyfile(document.checked_file(source, one), part / one)
            facts = folder.describe(source)
            (part / README).write_text(_readme(facts, source, licence), encoding="utf-8")
            (part / CONFIG).write_text(_config(facts), encoding="utf-8")
    except OSError as error:
        raise InstrumentError(f"cannot write {out} ({error.strerror or error})") from None
    if push is not None:
        _pushed(place, push)
    return HubFolder(out, sorted([*files, README, CONFIG]), push or "")


def add(
    workspace: Workspace, given: Path, *, name: str | None = None, force: bool = False
) -> dict[str, Any]:
    """Takes an instrument folder from elsewhere into a workspace, once all of it was checked.

    Nothing is copied: what could be read and believed is written anew.

    Args:
        workspace: The workspace.
        given: The folder.
        name: What it shall be called; None takes the folder's name.
        force: Whether an instrument of that name is replaced.

    Returns:
        The facts of the instrument.

    Raises:
        InstrumentError: When the folder is no instrument, or damaged or hostile.
        ExistsError: When an instrument of that name stands there.
        UsageError: When the name cannot be one.
    """
    place = given.expanduser()
    own = checked_name(place.resolve().name if name is None else name)
    target = workspace.instrument_folder(own)
    if target.exists() and not force:
        raise ExistsError(f"the instrument {own} exists already", advice="add --name or --force")
    opened = folder.open_instrument(place)
    mark(workspace)
    folder.save(target, opened, run_folder=None, force=force)
    return {**folder.describe(target), "name": own}


def pull(
    workspace: Workspace,
    repository: str,
    *,
    name: str | None = None,
    force: bool = False,
) -> dict[str, Any]:
    """Takes an instrument from the hub into a workspace.

    Args:
        workspace: The workspace.
        repository: Where it lies, such as "me/my-drums".
        name: What it shall be called; None takes the repository's name.
        force: Whether an instrument of that name is replaced.

    Returns:
        The facts of the instrument.

    Raises:
        UsageError: When the repository's name is none, or huggingface_hub is not installed.
        InstrumentError: When it cannot be had, or is no instrument, or hostile.
        ExistsError: When an instrument of that name stands there.
    """
    _check_repository(repository)
    hub = _hub()
    own = checked_name(repository.rpartition("/")[2] if name is None else name)
    if workspace.instrument_folder(own).exists() and not force:
        raise ExistsError(f"the instrument {own} exists already", advice="add --name or --force")
    with tempfile.TemporaryDirectory() as room:
        place = Path(room) / own

        def fetched() -> None:
            info = hub.HfApi().model_info(repository, files_metadata=True)
            _check_sizes(info, repository)
            hub.snapshot_download(
                repository,
                revision=info.sha,  # what was checked, whatever is pushed meanwhile
                local_dir=str(place),
                allow_patterns=[*TRAVELS, *MAYBE],
            )

        _spoken(fetched, f"cannot pull {repository}")
        return add(workspace, place, name=own, force=force)


def _check_sizes(info: Any, repository: str) -> None:
    """Looks at the files before any is fetched: a stranger's must not fill the disk."""
    sizes = {one.rfilename: one.size or 0 for one in info.siblings or ()}
    missing = [one for one in TRAVELS if one not in sizes]
    if missing:
        raise InstrumentError(f"{repository} has no {missing[0]}", "an instrument of timbrel")
    for one in (*TRAVELS, *MAYBE):
        if sizes.get(one, 0) > document.LARGEST_BYTES[one]:
            most = document.LARGEST_BYTES[one] // document.MEGABYTE
            raise InstrumentError(f"{one} of {repository} is too large", f"{most} MB at most")


def _pushed(place: Path, repository: str) -> None:
    hub = _hub()

    def sent() -> None:
        api = hub.HfApi()
        api.create_repo(repository, private=True, exist_ok=True)
        api.upload_folder(
            repo_id=repository,
            folder_path=str(place),
            allow_patterns=[*TRAVELS, *MAYBE, README, CONFIG],
        )

    _spoken(sent, f"{place} was written, but not pushed to {repository}")


def _spoken(work: Callable[[], Found], what: str) -> Found:
    """Does what needs the network; says in one line why it failed, and never a secret."""
    try:
        return work()
    except TimbrelError:
        raise
    except Exception as error:  # a library of the network fails in more ways than can be listed
        kind = type(error).__name__
        reasons = {
            "OfflineModeIsEnabled": "HF_HUB_OFFLINE is set, so that nothing is fetched or sent",
            "LocalEntryNotFoundError": "the hub cannot be reached",
            "ConnectionError": "the hub cannot be reached",
            "ConnectError": "the hub cannot be reached",
            "RepositoryNotFoundError": "there is no such repository, or you may not see it",
            "GatedRepoError": "its owner must let you in first",
            "LocalTokenNotFoundError": "you are not logged in: run `hf auth login`",
        }
        raise InstrumentError(
            f"{what} ({reasons.get(kind, kind)})",
            advice="a folder travels without the hub too: --format hub, then instruments --add",
        ) from None


def _hub() -> Any:
    if find_spec("huggingface_hub") is None:
        raise UsageError(
            "the hub without huggingface_hub",
            advice="install what it takes: pip install 'timbrel[hub]'",
        )
    import huggingface_hub

    return huggingface_hub


def _check_repository(repository: str) -> None:
    if not _REPO.fullmatch(repository):
        raise UsageError(f"the repository {repository!r:.100}", "OWNER/NAME, such as me/my-drums")
    _hub()


def _own(place: Path) -> set[str]:
    """What an export for the hub writes, where one stands."""
    try:
        told = json.loads((place / CONFIG).read_text(encoding="utf-8"))
        ours = told["library_name"] == "timbrel"
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return set()
    return {*TRAVELS, *MAYBE, README, CONFIG} if ours else set()


def _config(facts: dict[str, Any]) -> str:
    told = {
        "library_name": "timbrel",
        "model_type": facts["family"],
        **{key: facts[key] for key in ("recipe", "sample_rate", "duration_s", "abilities")},
        "labels": facts["labels"],
        "weights": WEIGHTS,
        "fingerprint": facts["fingerprint"],
        "timbrel_version": facts["timbrel_version"],
    }
    return json.dumps(told, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _readme(facts: dict[str, Any], source: Path, licence: str | None) -> str:
    """The model card: facts that the hub reads, then the instrument's own card."""
    tags = ["timbrel", "audio", "music", str(facts["family"]).replace("_", "-")]
    lines = ["---", "library_name: timbrel", "pipeline_tag: audio-to-audio"]
    if licence:
        lines.append(f"license: {json.dumps(licence, ensure_ascii=False)}")
    lines += ["tags:", *(f"- {tag}" for tag in tags), "---", ""]
    play = (
        "\n## Play it\n\n```\ntimbrel instruments --pull OWNER/NAME\n"
        "timbrel instruments --add FOLDER --name NAME\n```\n"
    )
    return "\n".join(lines) + folder.read_card(source) + play
