"""The layout behind a map: made once, kept, and the same for everyone who asks."""

from dataclasses import replace
from pathlib import Path

from timbrel import plugins
from timbrel.errors import AbilityError, InstrumentError
from timbrel.instruments.instrument import Instrument
from timbrel.mapping import layout
from timbrel.mapping.layout import SoundMap
from timbrel.progress import Report, silent
from timbrel.tasks.workspace import Workspace


def layout_of(
    workspace: Workspace,
    instrument: Instrument,
    *,
    projection: str = "umap",
    seed: int = 0,
    report: Report = silent,
) -> SoundMap:
    """Lays an instrument's sounds out, or opens the layout that was made before.

    The same instrument, projection and seed have one layout, so that a point that was seen on a
    map is the same point when it is picked. A damaged file is made anew.

    Args:
        workspace: Where layouts are kept.
        instrument: Whose training sounds are laid out.
        projection: A plug-in such as "umap" or "pca".
        seed: Seed of the projection.
        report: Where progress goes.

    Returns:
        The layout.

    Raises:
        UnknownNameError: When there is no such projection.
        AbilityError: When the instrument has no cloud of sounds.
    """
    plugins.load(layout.ROOM, projection)
    if not len(instrument.cloud):
        raise AbilityError(f"the instrument {instrument.name!r} has no sounds to map")
    path = _path(workspace, instrument, projection, seed)
    kept = _kept(path)
    if kept is None or (kept.projection, kept.seed) != (projection, seed):
        kept = _laid_out(instrument, projection, seed, report)
        layout.save(kept, path, force=True)
    return replace(kept, instrument=instrument.name, library_sounds=len(instrument.sounds))


def _path(workspace: Workspace, instrument: Instrument, projection: str, seed: int) -> Path:
    return workspace.maps / f"{instrument.fingerprint[:24]}-{projection}-{seed}.safetensors"


def _kept(path: Path) -> SoundMap | None:
    try:
        return layout.open_map(path) if path.is_file() else None
    except InstrumentError:
        return None


def _laid_out(instrument: Instrument, projection: str, seed: int, report: Report) -> SoundMap:
    cloud = instrument.cloud
    return layout.lay_out(
        cloud.latents,
        projection=projection,
        seed=seed,
        ids=cloud.ids,
        labels=cloud.labels,
        names=cloud.names,
        instrument=instrument.name,
        library_sounds=len(instrument.sounds),
        report=report,
    )
