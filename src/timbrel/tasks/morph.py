"""Morph: between sounds; and which sounds are worth it."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from timbrel.progress import Report, silent
from timbrel.synthesis import morph as synthesis
from timbrel.synthesis import pairs, renders
from timbrel.synthesis.pairs import Pair
from timbrel.tasks import phases, rendering
from timbrel.tasks.instruments import open_named
from timbrel.tasks.rendering import Rendered
from timbrel.tasks.workspace import Workspace


def morph(  # noqa: PLR0913 - one argument an option of the command
    workspace: Workspace,
    name: str,
    sounds: Sequence[Path],
    *,
    steps: int,
    curve: str = "linear",
    out: Path,
    seed: int = 0,
    device: str = "cpu",
    phase: str | None = None,
    force: bool = False,
    report: Report = silent,
) -> Rendered:
    """Moves between sounds, the silence at the renders' ends cut off.

    Args:
        workspace: The workspace.
        name: The instrument.
        sounds: Two sound files, the ends; or four, the corners of a square, row by row.
        steps: Renders along a line or a side, ends included.
        curve: "linear", "spherical" or "ease".
        out: Where the renders go.
        seed: Seed of the phase method.
        device: Where the network shall live.
        phase: A phase method, or an instrument that finds phases; None takes the instrument's own.
        force: Whether files of the same names are replaced.
        report: Where progress goes.

    Returns:
        The paths of ``steps``, or of four sounds ``steps * steps``, renders.

    Raises:
        UnknownNameError: When there is no such instrument or curve.
        SoundFileError: When a sound cannot be used.
        UsageError: When the sounds are not two or four, or `steps` is out of range.
        ExistsError: When a file stands there and `force` is false.
    """
    instrument = open_named(workspace, name, device)
    heard = [rendering.read(instrument, path) for path in sounds]
    made = synthesis.morph(
        instrument,
        heard,
        steps=steps,
        curve=cast(synthesis.Curve, curve),
        seed=seed,
        phase=phases.for_new_sounds(workspace, phase, instrument),
    )
    paths = rendering.write(
        map(renders.trim, made),
        out=out, names=synthesis.names(len(heard), steps),
        force=force, stage="morphing", report=report,
    )  # fmt: skip
    return Rendered(paths)


def suggest_pairs(workspace: Workspace, name: str, *, count: int = 10, seed: int = 0) -> list[Pair]:
    """Suggests pairs of the library's sounds that are worth morphing between.

    Args:
        workspace: The workspace.
        name: The instrument.
        count: How many pairs at most.
        seed: Seed of the sample of sounds that is looked at, where there are very many.

    Returns:
        Pairs, the least alike first; no sound is in two of them.

    Raises:
        UnknownNameError: When there is no such instrument.
        UsageError: When `count` is below 1.
    """
    return pairs.suggest(open_named(workspace, name), count=count, seed=seed)
