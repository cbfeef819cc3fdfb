"""The layout behind a map: made once, kept, and the same for everyone who asks."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from timbrel import plugins, recipes
from timbrel.errors import AbilityError, InstrumentError, NoLibraryError
from timbrel.instruments.instrument import Instrument
from timbrel.library import pieces
from timbrel.library.arrivals import batched
from timbrel.library.pieces import Piece
from timbrel.library.rows import Skipped, SoundRow
from timbrel.mapping import layout
from timbrel.mapping.layout import SoundMap
from timbrel.progress import Report, Tracker, silent
from timbrel.recipes import Options
from timbrel.tasks import hearing
from timbrel.tasks.hearing import Asked, Hear, Heard
from timbrel.tasks.plan_sounds import pieces_of
from timbrel.tasks.shelf import Shelf, stamp_of
from timbrel.tasks.workspace import Workspace, open_library

_TOGETHER = 256  # new sounds that are heard before the map is kept again


@dataclass(frozen=True)
class Layout:
    """Which layout is meant.

    Attributes:
        projection: A plug-in such as "umap", "tsne" or "pca".
        settings: Its settings, each ``key=value``; what is not named keeps its default.
        seed: Seed of the projection.
    """

    projection: str = "umap"
    settings: tuple[str, ...] = ()
    seed: int = 0

    def options(self) -> Options:
        """Checks and completes the settings.

        Returns:
            The projection's options.

        Raises:
            UnknownNameError: When there is no such projection.
            RecipeError: When a setting is unknown or does not fit.
        """
        return recipes.changed(_defaults(self.projection), self.settings)


def _defaults(projection: str) -> Options:
    options: Options = plugins.load(layout.ROOM, projection).options()
    return options


def layout_of(
    workspace: Workspace,
    instrument: Instrument,
    *,
    projection: str = "umap",
    settings: Sequence[str] = (),
    seed: int = 0,
    report: Report = silent,
) -> SoundMap:
    """Lays an instrument's sounds out, or opens the layout that was made before.

    The same instrument, projection, settings and seed have one layout, so that a point that was
    seen on a map is the same point when it is picked. A damaged file is made anew.

    Args:
        workspace: Where layouts are kept.
        instrument: Whose training sounds are laid out.
        projection: A plug-in such as "umap" or "pca".
        settings: Settings of the projection, each ``key=value``.
        seed: Seed of the projection.
        report: Where progress goes.

    Returns:
        The layout, with the sounds that were added to it since.

    Raises:
        UnknownNameError: When there is no such projection.
        RecipeError: When a setting is unknown or does not fit.
        AbilityError: When the instrument has no cloud of sounds.
    """
    if not instrument.cloud.plays:
        raise AbilityError(
            f"the instrument {instrument.name!r} has no sounds to map",
            "an instrument that hears sounds",
        )
    wanted = Layout(projection, tuple(settings), seed)
    options = wanted.options()
    path = _path(workspace, instrument, wanted)
    kept = _kept(path, workspace.shelf)
    if kept is None or not _is(kept, wanted, options):
        kept = _laid_out(instrument, wanted, options, report)
        layout.save(kept, path, force=True)
    if kept.instrument == instrument.name:
        return kept
    return replace(kept, instrument=instrument.name)


def is_laid_out(workspace: Workspace, instrument: Instrument, wanted: Layout) -> bool:
    """Says whether a layout was made before, so that opening it takes no time.

    Args:
        workspace: Where layouts are kept.
        instrument: Whose.
        wanted: Which.

    Returns:
        Whether it is there.

    Raises:
        UnknownNameError: When there is no such projection.
        RecipeError: When a setting is unknown or does not fit.
    """
    kept = _kept(_path(workspace, instrument, wanted), workspace.shelf)
    return kept is not None and _is(kept, wanted, wanted.options())


def with_new_sounds(
    workspace: Workspace,
    instrument: Instrument,
    wanted: Layout,
    *,
    fresh: bool = False,
    hear: Hear | None = None,
    report: Report = silent,
) -> tuple[SoundMap, list[Skipped]]:
    """Adds the library's sounds that came after the instrument to its layout, and keeps it.

    Those that are on the map stay where they are. Sounds that were kept from the instrument for
    judging it stay off the map. Interrupted, it goes on where it stopped.

    Args:
        workspace: Where the library and the layouts are.
        instrument: Who hears the sounds.
        wanted: Which layout.
        fresh: Whether all sounds are then laid out anew, together, so that old ones move.
        hear: What places new sounds; None lets the instrument do so here.
        report: Where progress goes.

    Returns:
        The layout, and the new sounds that the instrument cannot hear, each with its reason.

    Raises:
        UnknownNameError: When there is no such projection.
        RecipeError: When a setting is unknown or does not fit.
        AbilityError: When the instrument has no cloud of sounds.
    """
    made = layout_of(
        workspace, instrument,
        projection=wanted.projection, settings=wanted.settings, seed=wanted.seed, report=report,
    )  # fmt: skip
    path = _path(workspace, instrument, wanted)
    left_off: list[Skipped] = []
    new = _new_sounds(workspace, instrument, made)
    tracker = Tracker("hearing new sounds", len(new), report)
    places = (hear or partial(hearing.here, instrument))([one.asked for one in new])
    for part in batched(zip(new, places, strict=True), _TOGETHER):
        heard = list(_heard(part, left_off, tracker))
        if heard:
            made = _extended(made, heard)
            layout.save(made, path, force=True)
    if fresh:
        made = _anew(made, wanted.options(), report)
        layout.save(made, path, force=True)
    return made, left_off


def _path(workspace: Workspace, instrument: Instrument, wanted: Layout) -> Path:
    options, name = wanted.options(), f"{wanted.projection}-{wanted.seed}"
    if options != _defaults(wanted.projection):
        text = json.dumps(options.model_dump(mode="json"), sort_keys=True)
        name += "-" + hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
    return workspace.maps / f"{instrument.fingerprint[:24]}-{name}.safetensors"


def _kept(path: Path, shelf: Shelf | None) -> SoundMap | None:
    try:
        if not path.is_file():
            return None
        if shelf is None:
            return layout.open_map(path)
        key, stamp = ("map", str(path)), stamp_of(path)
        return shelf.get(key, stamp, lambda: layout.open_map(path), _size_bytes)
    except (InstrumentError, OSError):
        return None


def _size_bytes(made: SoundMap) -> int:
    return made.positions.nbytes + made.latents.nbytes + 256 * len(made)


def _is(kept: SoundMap, wanted: Layout, options: Options) -> bool:
    same = (kept.projection, kept.seed) == (wanted.projection, wanted.seed)
    return same and kept.options == options.model_dump(mode="json")


def _laid_out(instrument: Instrument, wanted: Layout, options: Options, report: Report) -> SoundMap:
    cloud = instrument.cloud
    return layout.lay_out(
        cloud.latents,
        projection=wanted.projection,
        options=options,
        seed=wanted.seed,
        ids=cloud.ids,
        labels=cloud.labels,
        names=cloud.names,
        instrument=instrument.name,
        library_sounds=len(instrument.sounds),
        report=report,
    )


def _anew(made: SoundMap, options: Options, report: Report) -> SoundMap:
    again = layout.lay_out(
        made.latents,
        projection=made.projection,
        options=options,
        seed=made.seed,
        ids=made.ids,
        labels=made.labels,
        names=made.names,
        instrument=made.instrument,
        library_sounds=made.library_sounds,
        report=report,
    )
    return replace(again, added=made.added)


@dataclass(frozen=True)
class _New:
    """A sound of the library, or a piece of one, that the map does not know yet."""

    row: SoundRow
    piece: Piece

    @property
    def asked(self) -> Asked:
        return Asked(self.row.path, self.piece.id)


def _new_sounds(workspace: Workspace, instrument: Instrument, made: SoundMap) -> list[_New]:
    """What neither the instrument nor the map knows yet, cut as the instrument's own sounds are."""
    if "encode" not in instrument.offers:
        return []
    try:
        library = open_library(workspace)
    except NoLibraryError:
        return []
    notes = {pieces.place(note.id)[0] for note in instrument.sounds}
    batches = library.batches(["id"], "kind = ''")
    ids = [id_ for batch in batches for id_ in batch.column("id").to_pylist()]
    rows = library.get(sorted(id_ for id_ in ids if id_ not in notes))
    on_map = set(made.ids)
    found = (_New(row, piece) for row in rows for piece in pieces_of(row, instrument.recipe))
    return [new for new in found if new.piece.id not in on_map]


def _heard(
    some: Sequence[tuple[_New, Heard]], left_off: list[Skipped], tracker: Tracker
) -> Iterator[tuple[_New, np.ndarray]]:
    for new, place in some:
        tracker.advance()
        if isinstance(place, str):
            left_off.append(Skipped(new.row.path, place, "unreadable"))
        else:
            yield new, place


def _extended(made: SoundMap, heard: Sequence[tuple[_New, np.ndarray]]) -> SoundMap:
    some, latents = zip(*heard, strict=True)
    return layout.extended(
        made,
        np.stack(latents),
        ids=[new.piece.id for new in some],
        labels=[new.row.label for new in some],
        names=[new.piece.name.encode("utf-8", "backslashreplace").decode() for new in some],
    )
