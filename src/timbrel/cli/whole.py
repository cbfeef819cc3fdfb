"""How `export` takes a whole instrument elsewhere."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from timbrel.cli import output, session

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
