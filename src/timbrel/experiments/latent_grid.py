"""What sounds lie between the sounds: S3's figures 7.9 to 7.11, a grid over the map, decoded.

map, y up            mosaic
. x . x . x          +--+--+--+
x   o   x   o        |  |  |  |     x  a point of the grid, played
. x . x . x          +--+--+--+     o  a sound of the library
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from timbrel.evaluation.pictures import spectrogram_db
from timbrel.experiments import Experiment, Request, Scale
from timbrel.experiments import _findings as findings
from timbrel.experiments._drawing import map_with_grid, mosaic
from timbrel.experiments._findings import Cell, Column, Exhibit, Findings, Picture, Table
from timbrel.experiments._heard import HeardOptions, heard
from timbrel.experiments._layouts import FloatArray, by_umap
from timbrel.instruments.instrument import Instrument
from timbrel.mapping.inverse import latent_at
from timbrel.mapping.layout import SoundMap, lay_out
from timbrel.progress import Progress, Tracker
from timbrel.recipes import option
from timbrel.signal.files import Sound

OURS, UMAPS = "timbrel's way back", "UMAP's own inverse"
INSIDE, OUTSIDE = "inside the cloud", "outside the cloud"
AT_ONCE = 10
SHRINK = 2  # rows and columns of a spectrogram for one of a tile
COLUMNS = (
    Column("Points", digits=0),
    Column("Latent to the nearest sound's", "lower"),
    Column("Heard again, off by", "lower"),
)


class LatentGridOptions(HeardOptions):
    """S3's map and grid."""

    neighbours: int = option(100, "Neighbours of UMAP.", low=2, high=1000)
    distance: float = option(0.8, "Least distance of UMAP.", low=0, high=1)
    side: int = option(10, "Points along a side of the grid.", low=2, high=40)
    shown_s: float = option(
        1.0, "How much of each sound the mosaic shows, from its start.", unit="s", low=0.05, high=60
    )
    heard: int = option(3, "Points inside and outside of the cloud to hear.", low=1, high=50)


@dataclass(frozen=True, eq=False)
class _Grid:
    """Points of the map, and what each way back makes of them.

    Attributes:
        points: [K, 2], row by row, the uppermost first.
        outside: Which have no sound within half a step of the grid, [K].
        latents: Name of a way back to latents, [K, Z].
        sounds: Name of a way back to waveforms, [K, T].
    """

    points: FloatArray
    outside: NDArray[np.bool_]
    latents: Mapping[str, FloatArray]
    sounds: Mapping[str, torch.Tensor]


def run(request: Request, options: LatentGridOptions) -> Findings:
    """Plays a grid of points of an instrument's map.

    Args:
        request: What was asked for.
        options: Whose map, and which grid.

    Returns:
        The map with its grid, the mosaics of both ways back, and figures of what lies outside.
    """
    instrument = heard(request, options)
    sound_map, grid = _played(instrument, options, request)
    table = _table(instrument, sound_map, grid, request.seed)
    rate = instrument.sample_rate
    return Findings(
        subtitle=f"{len(grid.points)} points on the map of {len(sound_map)} sounds as "
        f"{instrument.name} hears them; {int(grid.outside.sum())} lie outside the cloud.",
        verdict=tuple(_verdict(table, grid)),
        tables=(table,),
        pictures=(
            Picture(
                "The map and the grid; red crosses lie outside the cloud",
                map_with_grid(sound_map.positions, sound_map.labels, grid.points, grid.outside),
            ),
            *(
                Picture(
                    f"The first {options.shown_s:g} s of each point by {way} (S3's figures 7.9 to "
                    "7.11); red frames lie outside the cloud",
                    _mosaic(sounds, rate, options, grid),
                )
                for way, sounds in grid.sounds.items()
            ),
        ),
        exhibits=_exhibits(grid, rate, options.heard),
    )


def _played(
    instrument: Instrument, options: LatentGridOptions, request: Request
) -> tuple[SoundMap, _Grid]:
    cloud, seed = instrument.cloud, request.seed
    latents = cloud.latents.numpy().astype(np.float32)
    stage = f"laying out {len(latents)} sounds"
    request.report(Progress(stage, 0, 1, note="the first UMAP takes half a minute or more"))
    layout = by_umap(
        latents, neighbours=options.neighbours, min_distance=options.distance, seed=seed
    )
    request.report(Progress(stage, 1, 1))
    sound_map = replace(
        lay_out(
            latents,
            projection="pca",
            seed=seed,
            ids=cloud.ids,
            labels=cloud.labels,
            names=cloud.names,
            instrument=instrument.name,
        ),
        positions=layout.positions,
    )
    points = grid_points(options.side)
    inverse = layout.inverse
    assert inverse is not None  # noqa: S101 - UMAP has one
    ways = {OURS: latent_at(sound_map, points), UMAPS: inverse(points)}
    grid = _Grid(
        points,
        outside(points, layout.positions, step=1 / options.side),
        ways,
        {name: _decoded(instrument, found, request) for name, found in ways.items()},
    )
    return sound_map, grid


def grid_points(side: int) -> FloatArray:
    """Spreads points over the square, each in the middle of its cell, the uppermost row first.

    Args:
        side: Points along a side.

    Returns:
        Positions, [side * side, 2].

    Example:
        >>> grid_points(2).tolist()
        [[0.25, 0.75], [0.75, 0.75], [0.25, 0.25], [0.75, 0.25]]
    """
    middles = (np.arange(side) + 0.5) / side
    x, y = np.meshgrid(middles, middles[::-1])
    return np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32)


def outside(points: FloatArray, positions: FloatArray, *, step: float) -> NDArray[np.bool_]:
    """Says which points have no sound within half a step.

    Args:
        points: [K, 2].
        positions: Where the sounds lie, [M, 2].
        step: Distance between two points of the grid.

    Returns:
        [K].

    Example:
        >>> outside(np.array([[0.5, 0.5], [0.9, 0.9]]), np.array([[0.5, 0.52]]), step=0.1).tolist()
        [False, True]
    """
    from scipy.spatial import cKDTree

    distance, _ = cKDTree(positions).query(points)
    return np.asarray(distance > step / 2)


def _decoded(instrument: Instrument, latents: FloatArray, request: Request) -> torch.Tensor:
    tracker = Tracker("playing the grid", len(latents), request.report)
    parts = []
    for some in torch.split(torch.from_numpy(latents), AT_ONCE):
        parts.append(instrument.decode(some, seed=request.seed))
        tracker.advance(len(some))
    return torch.cat(parts)


# ---- figures ---------------------------------------------------------------------------------


def _table(instrument: Instrument, sound_map: SoundMap, grid: _Grid, seed: int) -> Table:
    unit = _typical(sound_map.latents)
    rows: dict[str, list[Cell]] = {}
    for way, latents in grid.latents.items():
        near = _to_nearest(latents, sound_map.latents) / unit
        off = _heard_again(instrument, grid.sounds[way], latents) / unit
        for where, chosen in ((INSIDE, ~grid.outside), (OUTSIDE, grid.outside)):
            rows[f"{way}, {where}"] = [
                Cell(value=float(chosen.sum())),
                findings.mean(near[chosen].tolist(), seed=seed),
                findings.mean(off[chosen].tolist(), seed=seed),
            ]
    return Table(
        "Inside and outside of the cloud",
        "A point lies outside where no sound is within half a step of the grid. Distances in the "
        "latent are in units of the typical distance of a sound to its nearest neighbour. Heard "
        "again: the point is played, the instrument hears what it played, and the latents differ "
        "by so much: far off, it played what it does not know.",
        COLUMNS,
        rows,
    )


def _typical(latents: FloatArray) -> float:
    from scipy.spatial import cKDTree

    distance, _ = cKDTree(latents).query(latents, k=2)
    return float(np.median(distance[:, 1])) or 1.0


def _to_nearest(latents: FloatArray, known: FloatArray) -> NDArray[np.float64]:
    from scipy.spatial import cKDTree

    distance, _ = cKDTree(known).query(latents)
    return np.asarray(distance)


def _heard_again(
    instrument: Instrument, sounds: torch.Tensor, latents: FloatArray
) -> NDArray[np.float64]:
    again = torch.cat([instrument.encode(some)[0] for some in torch.split(sounds, AT_ONCE)])
    return np.asarray(np.linalg.norm(again.numpy() - latents, axis=1), dtype=np.float64)


def _verdict(table: Table, grid: _Grid) -> list[str]:
    said = [
        f"{int((~grid.outside).sum())} of {len(grid.points)} points of the grid lie among the "
        "sounds."
    ]
    if not grid.outside.any() or grid.outside.all():
        return said
    for column in COLUMNS[1:]:
        for way in (OURS, UMAPS):
            inside, out = (table.cell(f"{way}, {w}", column.title) for w in (INSIDE, OUTSIDE))
            said.append(f"{way}: {column.title.lower()} {_against(inside, out)}.")
    return said


def _against(inside: Cell, out: Cell) -> str:
    """Compares two means by their intervals."""
    if inside.value is None or out.value is None or None in (inside.high, out.low):
        return "undefined"
    apart = (out.low or 0) > (inside.high or 0) or (out.high or 0) < (inside.low or 0)
    word = "farther" if out.value > inside.value else "nearer"
    told = f"{out.value:.2f} outside against {inside.value:.2f} inside"
    return f"{told} ({word})" if apart else f"{told} (not to be told apart)"


# ---- pictures and sounds ---------------------------------------------------------------------


def _mosaic(sounds: torch.Tensor, rate: int, options: LatentGridOptions, grid: _Grid) -> bytes:
    samples = max(1, round(options.shown_s * rate))
    tiles = [
        spectrogram_db(Sound(one[None, :samples], rate), duration_s=options.shown_s)
        for one in sounds
    ]
    small = [tile[::SHRINK, ::SHRINK] for tile in tiles]
    return mosaic(small, columns=options.side, framed=grid.outside.tolist())


def _exhibits(grid: _Grid, rate: int, heard_points: int) -> tuple[Exhibit, ...]:
    shown = []
    for where, chosen in ((INSIDE, ~grid.outside), (OUTSIDE, grid.outside)):
        rows = np.flatnonzero(chosen)
        for row in rows[_evenly(len(rows), heard_points)]:
            x, y = grid.points[row]
            shown.append(
                Exhibit(
                    f"{x:.2f}, {y:.2f}",
                    f"A point {where}, played by both ways back.",
                    {way: Sound(made[row][None], rate) for way, made in grid.sounds.items()},
                    one_level=False,
                )
            )
    return tuple(shown)


def _evenly(count: int, most: int) -> NDArray[np.int64]:
    """Some of `count` places, evenly apart."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))


EXPERIMENT = Experiment(
    title="A grid over the map, decoded",
    about="How varied are the sounds between the sounds, and what happens at points of the map "
    "where there are none?",
    source="Rebnord 2022 (S3), section 7.3, figures 7.9 to 7.11 and 8.1",
    needs="a labelled folder of short sounds, or an instrument: --set instrument=NAME",
    scales={
        "smoke": Scale(
            LatentGridOptions(
                recipe="sample-vae-tiny",
                training_minutes=0.02,
                neighbours=10,
                side=4,
                shown_s=0.5,
                heard=1,
            ),
            "a minute",
        ),
        "small": Scale(LatentGridOptions(), "ten minutes"),
        "full": Scale(LatentGridOptions(training_minutes=60, side=20), "an hour and a half"),
    },
    run=run,
)
