"""How a whole instrument goes elsewhere, and how one comes from there."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from timbrel.cli import output, session
from timbrel.errors import UsageError

if TYPE_CHECKING:
    from timbrel.tasks.export_graphs import ExportedGraphs


def onnx(at: session.Session, name: str, out: Path, force: bool) -> None:
    """Exports an instrument as ONNX graphs.

    Args:
        at: The session.
        name: The instrument.
        out: The folder.
        force: Whether an export there is replaced.
    """
    from timbrel.tasks import export_graphs as task

    with at.progress() as report:
        made = task.onnx(at.workspace, name, out=out, force=force, report=report)
    document = {
        "path": made.path,
        "files": made.files,
        "checked_on": made.checked_on,
        "ways": [asdict(one) for one in made.parity],
        "notes": list(made.notes),
    }
    at.finish(document, lambda: _show(made))


def _show(made: "ExportedGraphs") -> None:
    output.line(f"{made.path}: {', '.join(made.files)}")
    output.line(f"compared with the instrument on {made.checked_on}:")
    for one in made.parity:
        latents = "" if one.latent_db is None else f"latents within {one.latent_db:.0f} dB, "
        output.line(
            f"  {one.way}: {latents}spectra within {one.spectrum_db:.3f} dB; "
            f"{one.onnx_ms:.0f} ms a sound, {one.real_time:.3f} s a second of sound, on "
            f"{one.threads} threads (the instrument: {one.torch_ms:.0f} ms)"
        )
    for note in made.notes:
        output.line(f"note: {note}")


def hub(
    at: session.Session,
    name: str,
    out: Path,
    force: bool,
    *,
    licence: str | None = None,
    push: str | None = None,
) -> None:
    """Writes an instrument in the hub's layout, and pushes it where that is wanted.

    Args:
        at: The session.
        name: The instrument.
        out: The folder.
        force: Whether one that stands there is replaced.
        licence: Its licence, if told.
        push: The repository, if it is pushed.
    """
    from timbrel.tasks import hub as task

    with at.progress():
        made = task.write(at.workspace, name, out=out, licence=licence, push=push, force=force)
    document = {"path": made.path, "files": made.files, "pushed": made.pushed}

    def show() -> None:
        output.line(f"{made.path}: {', '.join(made.files)}")
        output.line("it names the sounds it learned from and their labels; it holds none of them")
        if made.pushed:
            output.line(f"pushed to {made.pushed}")

    at.finish(document, show)


def take(
    at: session.Session,
    name: str | None,
    given: Path | None,
    repository: str | None,
    *,
    new_name: str | None,
    force: bool,
) -> None:
    """Takes an instrument from a folder or from the hub.

    Args:
        at: The session.
        name: What stands where a name is shown by; refused here.
        given: The folder, or None.
        repository: The repository, or None.
        new_name: What it shall be called.
        force: Whether one of that name is replaced.

    Raises:
        UsageError: When more than one thing is asked for.
    """
    if name is not None or (given is not None and repository is not None):
        raise UsageError("more than one thing at once", "a NAME, --add FOLDER or --pull OWNER/NAME")
    from timbrel.tasks import hub as task

    with at.progress():
        if given is not None:
            facts = task.add(at.workspace, given, name=new_name, force=force)
        else:
            facts = task.pull(at.workspace, repository or "", name=new_name, force=force)
    at.finish(facts, lambda: output.line(f"{facts['name']} can {', '.join(facts['abilities'])}"))
