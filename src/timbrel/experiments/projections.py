"""Which picture of a library is best: S3's figures 7.5 to 7.7, with numbers.

7.5   PCA
7.6   t-SNE   perplexity 2, 30, 100    x  250, 500, 5000 iterations
7.7   UMAP    neighbours 10, 50, 100   x  least distance 0.1, 0.5, 0.8
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from timbrel import plugins
from timbrel.experiments import Experiment, Request, Scale
from timbrel.experiments import _findings as findings
from timbrel.experiments._drawing import maps
from timbrel.experiments._findings import NOTHING, Cell, Column, Findings, Picture, Table
from timbrel.experiments._heard import HeardOptions, heard
from timbrel.experiments._layouts import FloatArray, Layout, by_pca, by_tsne, by_umap
from timbrel.mapping.inverse import latent_at
from timbrel.mapping.layout import SoundMap, lay_out, normalise
from timbrel.progress import Tracker
from timbrel.recipes import option

NEIGHBOURS = 15  # that trustworthiness looks at
NAMING = 5  # neighbours that name a sound
LEFT_OUT = 10  # one sound of ten is left out of the way back
LATENT = "Latent space itself"
S3_ROUND_TRIP = {"PCA": 0.22, "UMAP 100, 0.8": 0.59}
COLUMNS = (
    Column("Trustworthiness", "higher", 3),
    Column("Label by neighbours", "higher", 3),
    Column("Own inverse: error", "lower", 3),
    Column("timbrel's way back: error", "lower", 3),
    Column("Seconds", "lower", 1),
    Column("S3: round trip"),
)

BEST_AT = (  # what it means to be best in each of the first columns
    "is most trustworthy",
    "keeps labels together best",
    "comes back best by its own inverse",
    "comes back best where sounds were left out",
)


class ProjectionsOptions(HeardOptions):
    """S3's grids, and how many sounds are laid out."""

    sounds: int = option(3000, "Sounds at most.", low=20, high=50_000)
    perplexities: tuple[float, ...] = option((2, 30, 100), "Perplexities of t-SNE.")
    iterations: tuple[int, ...] = option((250, 500, 5000), "Iterations of t-SNE, 250 or more.")
    neighbours: tuple[int, ...] = option((10, 50, 100), "Neighbours of UMAP.")
    distances: tuple[float, ...] = option((0.1, 0.5, 0.8), "Least distances of UMAP.")
    inverted: int = option(200, "Sounds at most whose round trip is measured.", low=2)


@dataclass(frozen=True)
class _Cloud:
    latents: FloatArray
    labels: tuple[str, ...]
    instrument: str

    @property
    def variance(self) -> float:
        """Mean squared distance from the mean: the error of always answering with the mean."""
        return float(np.square(self.latents - self.latents.mean(axis=0)).mean())


def run(request: Request, options: ProjectionsOptions) -> Findings:
    """Lays an instrument's latents out in all ways.

    Args:
        request: What was asked for.
        options: Whose latents, and the grids.

    Returns:
        A table of all layouts and S3's three figures.
    """
    cloud = _cloud(request, options)
    ways = _ways(cloud, options, request.seed)
    tracker = Tracker("laying out", len(ways), request.report)
    layouts: dict[str, Layout] = {}
    rows: dict[str, list[Cell]] = {LATENT: [NOTHING, _named(cloud.latents, cloud), *[NOTHING] * 4]}
    for name, lay in ways.items():
        began_s = time.perf_counter()
        layouts[name] = lay()
        seconds = time.perf_counter() - began_s
        rows[name] = _row(name, layouts[name], cloud, seconds, options.inverted, request.seed)
        tracker.advance(note=name)
    return Findings(
        subtitle=f"{len(cloud.labels)} sounds as {cloud.instrument} hears them, "
        f"{cloud.latents.shape[1]} dimensions.",
        verdict=tuple(_verdict(rows)),
        tables=(_table(rows, cloud),),
        pictures=_pictures(layouts, cloud.labels),
        facts={"variance of the latents": round(cloud.variance, 4)},
    )


def _cloud(request: Request, options: ProjectionsOptions) -> _Cloud:
    instrument = heard(request, options)
    cloud = instrument.cloud
    rows = np.random.default_rng(request.seed).permutation(len(cloud))[: options.sounds]
    rows = np.sort(rows)
    latents = cloud.latents.numpy()[rows].astype(np.float32)
    return _Cloud(latents, tuple(cloud.labels[row] for row in rows), instrument.name)


def _ways(cloud: _Cloud, options: ProjectionsOptions, seed: int) -> dict[str, Callable[[], Layout]]:
    """Every layout by name, S3's first, then ours."""
    latents = cloud.latents

    def tsne(perplexity: float, iterations: int) -> Callable[[], Layout]:
        return lambda: by_tsne(latents, perplexity=perplexity, iterations=iterations, seed=seed)

    def umap(neighbours: int, distance: float) -> Callable[[], Layout]:
        return lambda: by_umap(latents, neighbours=neighbours, min_distance=distance, seed=seed)

    def own(name: str) -> Callable[[], Layout]:
        fit = plugins.load("mapping.projections", name).fit
        return lambda: Layout(normalise(fit(latents, seed)), None)

    return {
        "PCA": lambda: by_pca(latents),
        **{
            f"t-SNE {p:g}, {i}": tsne(p, i)
            for p in options.perplexities
            for i in options.iterations
        },
        **{f"UMAP {n}, {d:g}": umap(n, d) for n in options.neighbours for d in options.distances},
        **{
            f"timbrel: {name}": own(name)
            for name in plugins.names("mapping.projections")
            if name != "umap" or options.neighbours
        },
    }


# ---- figures of one layout -------------------------------------------------------------------


def _row(
    name: str, layout: Layout, cloud: _Cloud, seconds: float, inverted: int, seed: int
) -> list[Cell]:
    s3 = Cell(value=S3_ROUND_TRIP[name]) if name in S3_ROUND_TRIP else NOTHING
    return [
        _trust(layout.positions, cloud),
        _named(layout.positions, cloud),
        _own_error(layout, cloud, inverted, seed),
        _left_out_error(layout, cloud, inverted, seed),
        findings.single(seconds, count=len(cloud.labels)),
        s3,
    ]


def _trust(positions: FloatArray, cloud: _Cloud) -> Cell:
    """How few of a sound's neighbours on the map are none in the latent (Venna and Kaski 2001)."""
    from sklearn.manifold import trustworthiness

    near = min(NEIGHBOURS, (len(positions) - 1) // 2)
    value = trustworthiness(cloud.latents, positions, n_neighbors=near)
    return findings.single(value, count=len(positions))


def _named(positions: FloatArray, cloud: _Cloud) -> Cell:
    """How often most of a sound's neighbours bear its own label."""
    labels = np.array(cloud.labels, dtype=object)
    known = labels != ""
    if len(set(labels[known])) < 2:
        return NOTHING
    return findings.rate(_right(positions[known], labels[known]), int(known.sum()))


def _right(positions: FloatArray, labels: NDArray[np.object_]) -> int:
    from sklearn.neighbors import NearestNeighbors

    near = min(NAMING, len(labels) - 1)
    around = NearestNeighbors(n_neighbors=near).fit(positions).kneighbors(return_distance=False)
    return sum(_most(labels[row]) == label for row, label in zip(around, labels, strict=True))


def _most(labels: Sequence[str]) -> str:
    """The commonest label; of several the one of the nearest neighbour among them."""
    names = list(labels)
    return max(names, key=lambda label: (names.count(label), -names.index(label)))


def _own_error(layout: Layout, cloud: _Cloud, inverted: int, seed: int) -> Cell:
    """S3's round trip: there, and back by the method's own inverse."""
    if layout.inverse is None:
        return NOTHING
    rows = np.random.default_rng(seed).permutation(len(cloud.labels))[:inverted]
    back = layout.inverse(layout.positions[rows])
    return findings.mean(_errors(back, cloud, rows), seed=seed)


def _left_out_error(layout: Layout, cloud: _Cloud, inverted: int, seed: int) -> Cell:
    """The round trip of sounds that the way back does not know."""
    order = np.random.default_rng(seed).permutation(len(cloud.labels))
    out, kept = np.split(order, [max(1, min(inverted, len(order) // LEFT_OUT))])
    positions = normalise(layout.positions)
    back = latent_at(_sound_map(positions[kept], cloud.latents[kept]), positions[out])
    return findings.mean(_errors(back, cloud, out), seed=seed)


def _errors(back: FloatArray, cloud: _Cloud, rows: NDArray[np.int64]) -> list[float]:
    """Mean squared differences as shares of the latents' variance."""
    squared = np.square(back - cloud.latents[rows]).mean(axis=1) / (cloud.variance or 1.0)
    return [float(value) for value in squared]


def _sound_map(positions: FloatArray, latents: FloatArray) -> SoundMap:
    """A map with positions of our own."""
    ids = [str(number) for number in range(len(latents))]
    plain = lay_out(
        latents, projection="pca", seed=0, ids=ids, labels=ids, names=ids, instrument="experiment"
    )
    return replace(plain, positions=positions)


# ---- the report ------------------------------------------------------------------------------


def _table(rows: Mapping[str, Sequence[Cell]], cloud: _Cloud) -> Table:
    return Table(
        "Layouts",
        "t-SNE: perplexity, iterations; UMAP: neighbours, least distance; timbrel: its own "
        f"settings. Trustworthiness looks at {NEIGHBOURS} neighbours, labels at {NAMING}. Errors "
        "are mean squared differences of latents there and back, as a share of their variance "
        f"({cloud.variance:.4g} a dimension; 1 is what always answering with the mean costs), of "
        "sounds that the method has seen (own inverse) or that were left out (timbrel's way "
        "back). S3's are absolute, of another network's latents.",
        COLUMNS,
        rows,
    )


def _verdict(rows: Mapping[str, Sequence[Cell]]) -> list[str]:
    table = Table("", "", COLUMNS, {name: cells for name, cells in rows.items() if name != LATENT})
    said = []
    for column, words in zip(COLUMNS, BEST_AT, strict=False):
        best = table.best(column)
        if best:
            value = table.cell(best, column.title).value
            said.append(f"{best} {words} ({column.title} {value:.3f}).")
    named = rows[LATENT][1].value
    if named is not None:
        said.append(f"In the latent itself neighbours name {100 * named:.0f} % of sounds right.")
    return said


def _pictures(layouts: Mapping[str, Layout], labels: Sequence[str]) -> tuple[Picture, ...]:
    groups = (
        ("PCA (S3's figure 7.5)", "PCA", 1),
        ("t-SNE: perplexity, iterations (S3's figure 7.6)", "t-SNE", 3),
        ("UMAP: neighbours, least distance (S3's figure 7.7)", "UMAP", 3),
        ("timbrel's own projections", "timbrel", 3),
    )
    pictures = []
    for caption, start, columns in groups:
        shown = {n: one.positions for n, one in layouts.items() if n.startswith(start)}
        if shown:
            png = maps(shown, labels, columns=min(columns, len(shown)))
            pictures.append(Picture(caption, png))
    return tuple(pictures)


EXPERIMENT = Experiment(
    title="Projections: PCA, t-SNE and UMAP",
    about="Which layout of a library keeps neighbours and labels together, and from which does a "
    "sound find back to its latent?",
    source="Rebnord 2022 (S3), section 7.2.2, figures 7.5 to 7.7",
    needs="a labelled folder of short sounds, or an instrument: --set instrument=NAME",
    scales={
        "smoke": Scale(
            ProjectionsOptions(
                recipe="sample-vae-tiny",
                training_minutes=0.02,
                perplexities=(5,),
                iterations=(250,),
                neighbours=(10,),
                distances=(0.5,),
                inverted=10,
            ),
            "a minute",
        ),
        "small": Scale(ProjectionsOptions(), "15 minutes"),
        "full": Scale(ProjectionsOptions(training_minutes=60, sounds=20_000), "two hours"),
    },
    run=run,
)
