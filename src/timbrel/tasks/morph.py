"""Morph: between sounds; and which sounds are worth it."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from timbrel.errors import NoLibraryError
from timbrel.progress import Report, silent
from timbrel.synthesis import mixtures, pairs, renders
from timbrel.synthesis import morph as synthesis
from timbrel.synthesis.mixtures import Breakpoint
from timbrel.synthesis.pairs import Pair
from timbrel.tasks import phases, rendering
from timbrel.tasks.instruments import open_named
from timbrel.tasks.rendering import Rendered
from timbrel.tasks.workspace import Workspace, open_library


def morph(  # noqa: PLR0913 - one argument an option of the command
    workspace: Workspace,
    name: str,
    sounds: Sequence[Path],
    *,
    steps: int | None = None,
    weights: Sequence[Sequence[float]] | None = None,
    path: Sequence[Breakpoint] | None = None,
    curve: str = "linear",
    energy: str | None = None,
    key: int | None = None,
    out: Path,
    seed: int = 0,
    device: str = "cpu",
    phase: str | None = None,
    force: bool = False,
    report: Report = silent,
) -> Rendered:
    """Moves between sounds or beyond them, the silence at the renders' ends cut off.

    Exactly one of `steps`, `weights` and `path` is given.

    Args:
        workspace: The workspace.
        name: The instrument.
        sounds: Two sound files, the ends of a line; three, the corners of a triangle; or four,
            those of a square, row by row.
        steps: Renders along a line or a side, ends included.
        weights: For each render a weight for each sound, -1 to 2; they sum to 1.
        path: One render that changes over time: breakpoints of a share of its length, 0 to 1, and
            the weights there.
        curve: "linear", "spherical" or "ease".
        energy: "interpolated", "mean" or "off": what each frame's energy is made to be; None as
            the instrument does unless told.
        key: The number of the sound whose pitch all renders keep, from 1.
        out: Where the renders go; their names tell their weights in per cent.
        seed: Seed of the phase method.
        device: Where the network shall live.
        phase: A phase method, "sources" for the sounds' own phases, or an instrument that finds
            phases; None takes the instrument's own.
        force: Whether files of the same names are replaced.
        report: Where progress goes.

    Returns:
        The paths of the renders.

    Raises:
        UnknownNameError: When there is no such instrument, curve or energy correction.
        SoundFileError: When a sound cannot be used.
        UsageError: When the sounds are not two to four, or steps, weights, path, key or energy do
            not fit.
        ExistsError: When a file stands there and `force` is false.
    """
    planned = mixtures.planned(len(sounds), steps=steps, weights=weights, path=path, curve=curve)
    instrument = open_named(workspace, name, device)
    made = synthesis.morph(
        instrument,
        [rendering.read(instrument, sound) for sound in sounds],
        steps=steps,
        weights=weights,
        path=path,
        curve=cast(mixtures.Curve, curve),
        energy=energy,
        key=key,
        seed=seed,
        phase=phases.for_new_sounds(workspace, phase, instrument, mixed=True),
    )
    paths = rendering.write(
        map(renders.trim, made),
        out=out, names=[mixture.name for mixture in planned],
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
        Pairs, the least alike first, those of two pitches last; no sound is in two of them.

    Raises:
        UnknownNameError: When there is no such instrument.
        UsageError: When `count` is below 1.
    """
    instrument = open_named(workspace, name)
    pitches = _pitches(workspace, instrument.cloud.ids)
    return pairs.suggest(instrument, count=count, seed=seed, pitches=pitches)


def _pitches(workspace: Workspace, ids: Sequence[str]) -> dict[str, float]:
    """What the library knows of the pitches of sounds, in semitones."""
    try:
        rows = open_library(workspace).get(sorted(ids))
    except NoLibraryError:
        return {}
    return {row.id: row.pitch_semitones for row in rows if row.pitch_semitones is not None}
