"""Pick: the sound of a point on a map."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch

from timbrel.errors import ExistsError, SoundFileError, UsageError
from timbrel.mapping import inverse
from timbrel.mapping.layout import SoundMap
from timbrel.progress import Report, silent
from timbrel.synthesis import renders
from timbrel.synthesis.renders import Parent, Render
from timbrel.tasks.instruments import open_named
from timbrel.tasks.layouts import layout_of
from timbrel.tasks.workspace import Workspace

ENDINGS = (".wav", ".flac")


@dataclass(frozen=True)
class Picked:
    """A sound from a point of a map.

    Attributes:
        path: The sound file; a JSON sidecar of the same name lies beside it.
        name: The library's sound that lies nearest to the point.
        label: Its label, "" where unknown.
        distance: How far it lies from the point, the map's sides being 1 long.
    """

    path: Path
    name: str
    label: str
    distance: float


def pick(  # noqa: PLR0913 - one argument an option of the command
    workspace: Workspace,
    name: str,
    *,
    at: tuple[float, float],
    out: Path,
    projection: str = "umap",
    seed: int = 0,
    device: str = "cpu",
    force: bool = False,
    report: Report = silent,
) -> Picked:
    """Makes the sound of a point on the map that `draw_map` draws with the same seed.

    Args:
        workspace: The workspace.
        name: The instrument.
        at: The point: x to the right and y upwards, each from 0 to 1.
        out: The sound file, .wav or .flac.
        projection: How the map was laid out.
        seed: Seed of the map and of the phase method.
        device: Where the network shall live.
        force: Whether an existing file is replaced.
        report: Where progress goes.

    Returns:
        The file, and what lies nearest to the point.

    Raises:
        UsageError: When the point is not on the map, or the ending is none of these.
        ExistsError: When the file exists and `force` is false.
        UnknownNameError: When there is no such instrument or projection.
    """
    if not all(0 <= value <= 1 for value in at):
        raise UsageError(f"the point {at[0]:g},{at[1]:g}", "X,Y, each from 0 to 1")
    _check_out(out, force=force)
    instrument = open_named(workspace, name, device)
    laid_out = layout_of(workspace, instrument, projection=projection, seed=seed, report=report)
    latent = torch.from_numpy(inverse.latent_at(laid_out, [at]))[0]
    mixed = inverse.neighbours(laid_out, at)
    render = renders.at(
        instrument,
        latent,
        seed=seed,
        name=out.stem,
        parents=[_parent(laid_out, index, weight) for index, weight in mixed],
        settings={"at": list(at), "projection": projection, "map_seed": seed},
    )
    _write(render, out)
    nearest = mixed[0][0]
    across, up = laid_out.positions[nearest] - at
    return Picked(
        out, laid_out.names[nearest], laid_out.labels[nearest], float((across**2 + up**2) ** 0.5)
    )


def _parent(sound_map: SoundMap, index: int, weight: float) -> Parent:
    return Parent(
        sound_map.names[index], weight, id=sound_map.ids[index], label=sound_map.labels[index]
    )


def _check_out(out: Path, *, force: bool) -> None:
    if out.suffix.lower() not in ENDINGS:
        raise UsageError(f"a sound named {out.name!r}", f"a name that ends in {' '.join(ENDINGS)}")
    for path in (out, out.with_suffix(".json")):
        if os.path.lexists(path) and not force:
            raise ExistsError(f"{path} exists already", advice="choose another name or add --force")


def _write(render: Render, out: Path) -> None:
    """Writes beside and moves: the renders' own names are not what was asked for here."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".pick-") as folder:
            made = renders.write(Path(folder), [renders.trim(render)], suffix=out.suffix.lower())
            os.replace(made[0].with_suffix(".json"), out.with_suffix(".json"))
            os.replace(made[0], out)
    except OSError as error:
        raise SoundFileError(f"cannot write {out} ({error.strerror or error})") from None
