"""Reconstruct: sounds through an instrument and back."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from timbrel.errors import SoundFileError
from timbrel.library.rows import Skipped, reason_of
from timbrel.progress import Report, silent
from timbrel.synthesis import reconstruct as synthesis
from timbrel.synthesis import renders
from timbrel.synthesis.renders import Render
from timbrel.tasks import phases, rendering
from timbrel.tasks.instruments import open_named
from timbrel.tasks.rendering import Rendered
from timbrel.tasks.workspace import Workspace


def reconstruct(  # noqa: PLR0913 - one argument an option of the command
    workspace: Workspace,
    name: str,
    sounds: Sequence[Path],
    *,
    out: Path,
    seed: int = 0,
    device: str = "cpu",
    phase: str | None = None,
    energy: bool | None = None,
    force: bool = False,
    report: Report = silent,
) -> Rendered:
    """Plays sounds back as an instrument hears them.

    Args:
        workspace: The workspace.
        name: The instrument.
        sounds: Sound files, or folders of them.
        out: Where the renders go.
        seed: Seed of the phase method.
        device: Where the network shall live.
        phase: A phase method, or an instrument that finds phases; None takes the instrument's own.
        energy: Whether each frame is given the energy that it has in the sound; None does so
            where the instrument hears frame by frame.
        force: Whether files of the same names are replaced.
        report: Where progress goes.

    Returns:
        The renders' paths, and the sounds that could not be used.

    Raises:
        UnknownNameError: When there is no such instrument.
        SoundFileError: When none of the sounds can be used.
        ExistsError: When a file stands there and `force` is false.
    """
    instrument = open_named(workspace, name, device)
    instrument.require("reconstruct")
    chosen = phases.named(workspace, phase, instrument)
    paths, skipped = rendering.named(sounds), list[Skipped]()

    def made_of(path: Path) -> Iterator[Render]:
        sound = rendering.read(instrument, path)
        made = synthesis.reconstruct(instrument, [sound], seed=seed, phase=chosen, energy=energy)
        return map(renders.trim, made)

    made = rendering.write(
        _each(paths, skipped, made_of),
        out=out, names=[synthesis.name_of(path.name) for path in paths],
        force=force, stage="reconstructing", report=report,
    )  # fmt: skip
    if not made:
        first = f"{skipped[0].path}: {skipped[0].reason}"
        raise SoundFileError(f"none of {len(paths)} sounds can be used, the first being {first}")
    return Rendered(made, skipped)


def _each(
    paths: Sequence[Path], skipped: list[Skipped], made_of: Callable[[Path], Iterator[Render]]
) -> Iterator[Render]:
    """One render a sound that can be used; the others are noted."""
    for path in paths:
        try:
            yield from made_of(path)
        except SoundFileError as error:
            skipped.append(Skipped(path, reason_of(error, path), "unreadable"))
