"""The map of an instrument for the page, and what lies near a sound that was made."""

import base64
from dataclasses import replace
from typing import Any

import numpy as np

from timbrel.library import pieces
from timbrel.mapping import names, palette
from timbrel.mapping.layout import SoundMap
from timbrel.studio.workbench import sounds
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.models.instruments import CopiedRun, Copies, Map, Sign
from timbrel.tasks import naming
from timbrel.tasks.copy_map import copy_map
from timbrel.tasks.instruments import open_named
from timbrel.tasks.layouts import Layout, is_laid_out, layout_of

COLUMNS = ("duration_s", "pitch_semitones", "loudness_lufs")


def whole(bench: Bench, name: str, *, projection: str, seed: int) -> Map:
    """Gives the map of an instrument.

    Args:
        bench: What the studio works with.
        name: The instrument.
        projection: How it is laid out.
        seed: Seed of the projection.

    Returns:
        The map; one that is not ready where it must be laid out first.

    Raises:
        UnknownNameError: When there is no such instrument.
        AbilityError: When it has no sounds to map.
    """

    def opened() -> SoundMap | None:
        instrument = open_named(bench.workspace, name, bench.device)
        if not is_laid_out(bench.workspace, instrument, Layout(projection, (), seed)):
            return None
        return layout_of(bench.workspace, instrument, projection=projection, seed=seed)

    laid_out = bench.play(opened)
    if laid_out is None:
        return Map(ready=False)
    key = ("map for the page", name, projection, str(seed))
    table = bench.table_or_none()
    stamp = (id(laid_out), -1 if table is None else table.version)
    return bench.shelf.get(
        key, stamp, lambda: _told(bench, laid_out), lambda m: 200 * len(m.sounds)
    )


def _told(bench: Bench, laid_out: SoundMap) -> Map:
    laid_out = replace(laid_out, labels=_labels(bench, laid_out))
    groups = naming.groups_of(bench.workspace, laid_out, None) or names.by_label(laid_out)
    places = [pieces.place(id_) for id_ in laid_out.ids]
    styles = [palette.style(rank, one.label) for rank, one in enumerate(groups.names)]
    columns = _columns(bench, [id_ for id_, _ in places])
    positions = np.ascontiguousarray(laid_out.positions, dtype="<f4")
    return Map(
        ready=True,
        positions=base64.b64encode(positions.tobytes()).decode(),
        sounds=[f"library:{id_}" for id_, _ in places],
        names=list(laid_out.names),
        groups=[one.label or names.NO_LABEL for one in groups.names],
        heading=groups.heading,
        colours=[style.colour for style in styles],
        group=[int(own) for own in groups.own],
        signs=[
            Sign(text=one.label or names.NO_LABEL, x=one.x, y=one.y, count=one.count)
            for one in groups.signs
        ],
        starts_s=[start_s for _, start_s in places],
        **columns,
        added=laid_out.added,
        spacing=float(laid_out.spacing),
    )


def _labels(bench: Bench, laid_out: SoundMap) -> tuple[str, ...]:
    """What the library calls the sounds now; what it does not know any more keeps its label."""
    table = bench.table_or_none()
    if table is None:
        return laid_out.labels
    rows = [table.row(pieces.place(id_)[0]) for id_ in laid_out.ids]
    known = [row for row in rows if row is not None]
    now = {row: record["label"] for row, record in zip(known, table.records(known), strict=True)}
    return tuple(
        own if row is None else now[row] for own, row in zip(laid_out.labels, rows, strict=True)
    )


def _columns(bench: Bench, ids: list[str]) -> dict[str, list[float | None]]:
    table = bench.table_or_none()
    rows = [None if table is None else table.row(id_) for id_ in ids]
    known = [row for row in rows if row is not None]
    records: dict[int, dict[str, Any]] = {}
    if table is not None:
        records = dict(zip(known, table.records(known), strict=True))
    empty: dict[str, Any] = dict.fromkeys(COLUMNS)
    found = [empty if row is None else records[row] for row in rows]
    return {name: [_finite(record[name]) for record in found] for name in COLUMNS}


def _finite(value: float | None) -> float | None:
    return value if value is not None and np.isfinite(value) else None


def copies(bench: Bench, name: str, reference: str) -> Copies:
    """Holds a sound against the recording that an instrument learned from.

    Args:
        bench: What the studio works with.
        name: The instrument.
        reference: The sound.

    Returns:
        Which moments are copied, and from where.

    Raises:
        AbilityError: When the instrument did not learn from a recording.
    """
    path = sounds.path_of(bench, reference)
    found = bench.play(lambda: copy_map(bench.workspace, name, path, device=bench.device))
    ratio, novelty = _finite(100 * found.ratio), _finite(found.novelty)
    return Copies(
        times_s=found.times_s.tolist(),
        places_s=found.places_s.tolist(),
        copied=found.copied.tolist(),
        audible=found.audible.tolist(),
        runs=[
            CopiedRun(begins_s=one.begins_s, from_s=one.from_s, length_s=one.length_s)
            for one in found.runs
        ],
        copied_percent=ratio,
        novelty=novelty,
    )
