"""A map: where each sound lies on a square from 0 to 1, and the latent that belongs there."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from timbrel import atomic, plugins
from timbrel.errors import ExistsError, InstrumentError, UsageError
from timbrel.mapping.placing import nearest, place
from timbrel.progress import Progress, Report, silent
from timbrel.recipes import Options

if TYPE_CHECKING:
    from scipy.spatial import cKDTree
    from torch import Tensor

FloatArray = NDArray[np.float32]

ROOM = "mapping.projections"
FORMAT = "timbrel-map-3"
MARGIN = 0.04  # of the square, free on each side
TINY = 1e-30
SAMPLED = 500  # sounds that stand for all where distances are measured
WIDEST_SPACING = 0.05  # of the map
TEXTS = ("ids", "labels", "names")
NUMBERS = ("seed", "library_sounds", "added", "placed")
FACTS = (*TEXTS, *NUMBERS, "projection", "instrument", "options")


@dataclass(frozen=True, eq=False)
class SoundMap:
    """A 2-D picture of a library as an instrument hears it.

    Attributes:
        positions: [M, 2], x then y, each from 0 to 1; y points up.
        latents: [M, Z], what the instrument hears in each sound.
        ids: The sounds' ids in the library.
        labels: Their labels; an empty text where a sound has none.
        names: What to call them on the map.
        projection: How it was laid out, such as "umap".
        seed: Seed of what the projection drew.
        instrument: The name of the instrument.
        library_sounds: How many sounds the instrument was made from, those included that were
            kept from it and so are not on the map; never fewer than M.
        added: How many sounds, the last ones, came later than the instrument, which never learned
            from them.
        placed: How many of those, the last ones, came later than the map, and were placed on it
            without moving any other.
        options: The settings of the projection.
    """

    positions: FloatArray
    latents: FloatArray
    ids: tuple[str, ...]
    labels: tuple[str, ...]
    names: tuple[str, ...]
    projection: str
    seed: int
    instrument: str
    library_sounds: int
    added: int = 0
    placed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        """The number of sounds, M."""
        return len(self.ids)

    @cached_property
    def tree(self) -> "cKDTree":
        """A search tree over the positions, built at its first use."""
        from scipy.spatial import cKDTree

        return cKDTree(self.positions)

    @cached_property
    def spacing(self) -> float:
        """How far from its fourth nearest sound all but a twentieth of the sounds lie at most.

        Strays do not widen it beyond half of what evenly spread sounds would have, or a twentieth
        of the map.
        """
        fourth = self.tree.query(self.positions, k=[min(5, len(self))])[0]
        widest = max(WIDEST_SPACING, 0.5 / math.sqrt(len(self)))
        return min(float(np.quantile(fourth, 0.95)), widest)

    @cached_property
    def latent_spacing(self) -> float:
        """How far from its nearest in latent space all but a twentieth of the sounds lie."""
        some = self.latents[:: -(-len(self) // SAMPLED)]
        distances, _ = nearest(self.latents, some, 2)
        return float(np.quantile(distances[:, -1], 0.95))


def lay_out(  # noqa: PLR0913 - what a map is made of, all but the latents by keyword
    latents: "NDArray[Any] | Tensor",
    *,
    projection: str,
    seed: int,
    ids: Sequence[str],
    labels: Sequence[str],
    names: Sequence[str],
    instrument: str,
    library_sounds: int | None = None,
    options: Options | None = None,
    report: Report = silent,
) -> SoundMap:
    """Lays sounds out on a map by what an instrument hears in them.

    Args:
        latents: [M, Z], one row a sound.
        projection: A plug-in of `mapping.projections`, such as "pca" or "umap".
        seed: Of what the projection draws; the same seed gives the same map.
        ids: M ids.
        labels: M labels; empty where a sound has none.
        names: M names to show.
        instrument: The instrument's name.
        library_sounds: How many sounds it was made from, M or more; None for just these.
        options: Settings of the projection, an instance of its own class; None for its defaults.
        report: Where to tell progress.

    Returns:
        The map, its positions within 0..1 on both axes.

    Raises:
        UnknownNameError: When there is no such projection.
        UsageError: When there is nothing to lay out, or too little for this projection.
        InstrumentError: When latents are not finite or do not fit the ids, labels and names.

    Example:
        >>> sounds = {"ids": "ab", "labels": ["kick", "snare"], "names": ["a.wav", "b.wav"]}
        >>> made = lay_out(np.eye(2), projection="pca", seed=0, instrument="drums", **sounds)
        >>> [f"{x:.2f} {y:.2f}" for x, y in made.positions]
        ['0.96 0.50', '0.04 0.50']
    """
    plugin = plugins.load(ROOM, projection)
    table = np.asarray(latents).astype(np.float32)
    _check_latents(table, (len(ids), len(labels), len(names)))
    stage = f"laying out {len(table)} sounds by {plugin.title}"
    report(Progress(stage, 0, 1, note=plugin.note))
    settings = plugin.options() if options is None else options
    positions = normalise(plugin.fit(table, seed, settings))
    report(Progress(stage, 1, 1))
    return SoundMap(
        positions, table, tuple(ids), tuple(labels), tuple(names), projection, seed, instrument,
        len(table) if library_sounds is None else library_sounds,
        options=settings.model_dump(mode="json"),
    )  # fmt: skip


def extended(
    sound_map: SoundMap,
    latents: NDArray[Any],
    *,
    ids: Sequence[str],
    labels: Sequence[str],
    names: Sequence[str],
) -> SoundMap:
    """Places new sounds on a map, and leaves every other where it is, to the last bit.

    Args:
        sound_map: Any map.
        latents: What the instrument hears in the new sounds, [K, Z].
        ids: K ids.
        labels: K labels; empty where a sound has none.
        names: K names to show.

    Returns:
        The map with K sounds more, at its end. Where a new one lies depends on the sounds that
        were laid out together, not on others that came later.

    Raises:
        InstrumentError: When the latents are not finite, or do not fit the map or the texts.
    """
    table = np.asarray(latents).astype(np.float32)
    _check_latents(table, (len(ids), len(labels), len(names)))
    if table.shape[1] != sound_map.latents.shape[1]:
        size = sound_map.latents.shape[1]
        raise InstrumentError(f"latents of {table.shape[1]} values", f"{size}, as on the map")
    settled = len(sound_map) - sound_map.placed
    places = place(sound_map.latents[:settled], sound_map.positions[:settled], table)
    return replace(
        sound_map,
        positions=np.concatenate([sound_map.positions, places]),
        latents=np.concatenate([sound_map.latents, table]),
        ids=(*sound_map.ids, *ids),
        labels=(*sound_map.labels, *labels),
        names=(*sound_map.names, *names),
        library_sounds=sound_map.library_sounds + len(table),
        added=sound_map.added + len(table),
        placed=sound_map.placed + len(table),
    )


def _check_latents(latents: FloatArray, counts: tuple[int, ...]) -> None:
    if latents.ndim != 2 or latents.shape[1:] == (0,) or {len(latents)} != set(counts):
        raise InstrumentError(
            f"latents of shape {latents.shape} for {counts} ids, labels and names",
            "one row of at least one number, one id, one label and one name a sound",
        )
    if not len(latents):
        raise UsageError("a map of no sounds", "at least one sound")
    if not np.isfinite(latents).all():
        raise InstrumentError("latents that are not finite", "finite numbers", "train it again")


def normalise(positions: NDArray[Any]) -> FloatArray:
    """Brings positions into the unit square, each axis on its own, with a small margin.

    A few sounds far from all others do not squeeze the rest: what lies more than half the span of
    the middle 98 % beyond it is drawn in towards the edge, and keeps its order.

    Args:
        positions: [M, 2], any range.

    Returns:
        [M, 2], all within ``MARGIN`` and ``1 - MARGIN``; 0.5 on an axis without extent.

    Example:
        >>> [f"{x:.2f}" for x, _ in normalise(np.array([[0.0, 3.0], [50.0, 3.0], [100.0, 3.0]]))]
        ['0.04', '0.50', '0.96']
    """
    drawn = _drawn_in(np.asarray(positions, dtype=np.float64))
    low, high = drawn.min(axis=0), drawn.max(axis=0)
    extent = high - low
    unit = np.where(extent > 0, (drawn - low) / np.where(extent > 0, extent, 1.0), 0.5)
    return np.asarray(MARGIN + (1 - 2 * MARGIN) * unit, dtype=np.float32)


def _drawn_in(values: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = np.quantile(values, [0.01, 0.99], axis=0)
    room = np.where(high > low, (high - low) / 2, np.ptp(values, axis=0) + TINY)
    inside = np.clip(values, low - room, high + room)
    beyond = (values - inside) / room
    return np.asarray(inside + 0.25 * room * beyond / (1 + np.abs(beyond)))


def save(sound_map: SoundMap, path: Path, *, force: bool = False) -> None:
    """Writes a map to a file (safetensors), whole or not at all; equal maps give equal bytes.

    Args:
        sound_map: Any map.
        path: Where it shall stand.
        force: Whether an existing file is replaced.

    Raises:
        ExistsError: When the file exists and `force` is false.
    """
    from safetensors.numpy import save_file

    refuse_existing(path, force=force)
    facts = {name: getattr(sound_map, name) for name in FACTS}
    arrays = {"positions": sound_map.positions, "latents": sound_map.latents}
    with atomic.new_file(path) as part:
        # One entry: safetensors writes several in an order that changes from run to run.
        save_file(arrays, part, metadata={FORMAT: json.dumps(facts)})


def refuse_existing(path: Path, *, force: bool) -> None:
    """Raises where a file stands already and nobody asked to replace it.

    Args:
        path: The file to be written.
        force: Whether it may be replaced.

    Raises:
        ExistsError: When it exists and `force` is false.
    """
    if path.exists() and not force:
        raise ExistsError(f"{path} exists already", advice="choose another name or add --force")


def open_map(path: Path) -> SoundMap:
    """Reads a map that `save` wrote, checking all of it; nothing in the file can run code.

    Args:
        path: The file.

    Returns:
        The map.

    Raises:
        InstrumentError: When the file is missing, damaged or no map.
    """
    from safetensors import SafetensorError

    damage = (OSError, SafetensorError, LookupError, TypeError, ValueError, RecursionError)
    try:
        return _read(path)
    except damage as error:
        raise InstrumentError(
            f"{path} cannot be read as a map ({error})",
            "a map that timbrel wrote",
            "lay it out again",
        ) from None


def _read(path: Path) -> SoundMap:
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata() or {}
        if FORMAT not in metadata:
            raise InstrumentError(f"{path} is not a map", "a map that timbrel wrote")
        positions, latents = file.get_tensor("positions"), file.get_tensor("latents")
    facts = json.loads(metadata[FORMAT])
    ids, labels, names = (tuple(map(str, facts[name])) for name in TEXTS)
    _check_latents(latents, (len(ids), len(labels), len(names)))
    if positions.shape != (len(ids), 2) or not ((positions >= 0) & (positions <= 1)).all():
        raise InstrumentError(f"{path} has sounds off the map", "positions from 0 to 1")
    seed, library_sounds, added, placed = (_whole(facts[name]) for name in NUMBERS)
    if not 0 <= placed <= added <= len(ids) or placed == len(ids):
        raise InstrumentError(f"{path} counts {added} added and {placed} placed of {len(ids)}")
    projection, instrument = str(facts["projection"]), str(facts["instrument"])
    return SoundMap(
        positions, latents, ids, labels, names, projection, seed, instrument,
        max(library_sounds, len(ids)), added, placed, dict(facts["options"]),
    )  # fmt: skip


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value
