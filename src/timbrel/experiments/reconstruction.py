"""What an encoding and a phase method cost before any network has learned: S3's table 7.1.

    notes    one pitch class, 16 kHz:   STFT, mel, CQT  x  ways to a phase
    drums    44.1 kHz:                  STFT, mel       x  ways to a phase, and S3's 16 kHz

Each sound is taken through each route alone, as an instrument would; then all of them are joined
end to end and judged as one, as S3 did.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from timbrel.errors import TimbrelError, UsageError
from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.pairs import load_metrics
from timbrel.experiments import Experiment, Request, Scale
from timbrel.experiments import _findings as findings
from timbrel.experiments import _material as material
from timbrel.experiments._findings import NOTHING, Cell, Column, Exhibit, Findings, Table
from timbrel.experiments._memory import Memory
from timbrel.experiments._phase_routes import drum_routes, note_routes, trained_routes
from timbrel.experiments._routes import Route, rendered
from timbrel.library.readers import Found
from timbrel.progress import Tracker
from timbrel.recipes import Options, option
from timbrel.signal import files, levels
from timbrel.signal.files import Sound

NOTE_HZ, DRUM_HZ = 16_000, 44_100
# metric, column's title, which way is better, digits
MEANS = (
    ("odg", "ODG, mean", "higher", 2),
    ("visqol", "ViSQOL, mean", "higher", 2),
    ("fingerprint_similarity", "Fingerprint, mean", "higher", 1),
    ("log_spectral_distance", "LSD (dB), mean", "lower", 2),
    ("spectral_convergence", "Spectral convergence, mean", "lower", 3),
)
JOINED = (("odg", "ODG, joined", "higher", 2), ("log_spectral_distance", "LSD, joined", "lower", 2))
COST = Column("Seconds a second", "lower", 4)
S3_COLUMNS = (Column("S3: ODG", digits=3), Column("S3: fingerprint", digits=0))
SHOWN = 8  # routes of each set that are heard
LEAST_S = 0.02
FEWEST_TO_LEARN = 20


class ReconstructionOptions(Options):
    """How much is reconstructed and how long the trained routes learn."""

    pitch: int = option(60, "MIDI note number of the notes.", low=0, high=127)
    notes: int = option(100, "Notes at most.", low=1)
    drums: int = option(150, "Other sounds at most.", low=1)
    trained: tuple[str, ...] = option(
        ("deep-griffin-lim-s3", "vocoder-mel-s3"),
        "Recipes, for 16 kHz, of networks that find phases; they learn from the other notes.",
    )
    learned_from: int = option(2000, "Other notes at most to train on.", low=20)
    training_minutes: float = option(
        4.0, "Minutes that each trained route learns.", unit="min", low=0.001
    )
    visqol_sounds: int = option(
        24, "Sounds of each set that ViSQOL hears, half a second of work each; 0 leaves it out.",
        low=0,
    )  # fmt: skip
    heard: int = option(2, "Sounds of each set to hear.", low=1, high=20)


@dataclass(frozen=True)
class _Material:
    """Sounds of one rate."""

    title: str
    names: tuple[str, ...]
    sounds: tuple[Tensor, ...]
    sample_rate: int

    @property
    def duration_s(self) -> float:
        return sum(map(len, self.sounds)) / self.sample_rate


def run(request: Request, options: ReconstructionOptions) -> Findings:
    """Takes notes and other sounds through all routes.

    Args:
        request: What was asked for.
        options: How much is done.

    Returns:
        A table of each set, with sounds.

    Raises:
        UsageError: When there is no sound to reconstruct.
    """
    request = material.checked(request, with_notes=True)
    notes, drums = _sounds(request, options)
    tables, exhibits, verdict = [], [], []
    if notes.sounds:
        routes = [*note_routes(), *_trained_routes(request, options)]
        table = _table(request, notes, routes, options.visqol_sounds)
        tables.append(table)
        exhibits += _exhibits(notes, routes, table, options.heard, request.seed)
        verdict += [*_verdict(table, notes), *_against_s3(table)]
    if drums.sounds:
        routes = drum_routes()
        table = _table(request, drums, routes, options.visqol_sounds)
        tables.append(table)
        exhibits += _exhibits(drums, routes, table, options.heard, request.seed)
        verdict += _verdict(table, drums)
    said = [f"{len(m.sounds)} {m.title}, {m.duration_s:.0f} s" for m in (notes, drums) if m.sounds]
    return Findings(
        subtitle=f"Encodings and phase methods before any model: {'; '.join(said)}.",
        verdict=tuple(verdict),
        tables=tuple(tables),
        exhibits=tuple(exhibits),
    )


def _sounds(request: Request, options: ReconstructionOptions) -> tuple[_Material, _Material]:
    """Notes of the pitch class, and sounds of no pitch."""
    every = material.found(request)
    pitched = [one for one in every if one.pitch_semitones is not None]
    notes = [one for one in pitched if one.pitch_semitones == options.pitch]
    if pitched and not notes:
        raise UsageError(
            f"no note of pitch {options.pitch} among {len(pitched)} notes",
            "a pitch that there is",
            "say --set pitch=N",
        )
    others = [one for one in every if one.pitch_semitones is None]
    seed = request.seed
    return (
        _read(f"notes of pitch {options.pitch}", notes, options.notes, NOTE_HZ, seed),
        _read("sounds without a pitch", others, options.drums, DRUM_HZ, seed),
    )


def _trained_routes(request: Request, options: ReconstructionOptions) -> list[Route]:
    """Rows of networks that have learned from notes of other pitches."""
    others = [
        one
        for one in material.found(request)
        if one.pitch_semitones not in (None, options.pitch) and one.path.is_file()
    ]
    if not options.trained or len(others) < FEWEST_TO_LEARN:
        return []
    drawn = np.random.default_rng(request.seed).permutation(len(others))[: options.learned_from]
    folder = material.copied([others[row].path for row in drawn], request.kept / "learned-from")
    return trained_routes(request, folder, options.trained, minutes=options.training_minutes)


def _read(title: str, found: Sequence[Found], most: int, rate_hz: int, seed: int) -> _Material:
    """Draws sounds by seed and reads them; what is silent or broken is passed over."""
    order = torch.randperm(len(found), generator=torch.Generator().manual_seed(seed)).tolist()
    kept: list[tuple[str, Tensor]] = []
    for place in order:
        if len(kept) == most:
            break
        try:
            sound = files.read(found[place].path, sample_rate=rate_hz, mono=True).samples[0]
        except TimbrelError:
            continue
        if sound.numel() >= rate_hz * LEAST_S and not levels.is_silent(sound):
            kept.append((found[place].path.stem, sound))
    return _Material(title, tuple(n for n, _ in kept), tuple(s for _, s in kept), rate_hz)


# ---- the table -------------------------------------------------------------------------------


def _table(request: Request, of: _Material, routes: Sequence[Route], visqol_sounds: int) -> Table:
    """Judges every route; what an earlier run judged is taken up."""
    metrics = _metrics(without=() if visqol_sounds else ("visqol",))
    judged = {"visqol": visqol_sounds}
    memory = Memory(request.kept / "figures")
    tracker = Tracker(f"reconstructing {of.title}", len(routes), request.report)
    rows: dict[str, list[Cell]] = {}
    for route in routes:
        key = f"{of.sample_rate} {route.name} {' '.join(metrics)}"
        judge = partial(_judged, route, of, metrics, judged, request.seed)
        figures = memory.recall(_file_name(key), judge)
        rows[route.name] = _row(figures, metrics, request.seed, route)
        tracker.advance(note=route.name)
    with_s3 = any(route.s3 for route in routes)
    return Table(
        title=f"{of.title.capitalize()}, {of.sample_rate / 1000:g} kHz",
        note=(
            f"{len(of.sounds)} sounds, {of.duration_s:.0f} s. ODG is PEAQ's objective difference "
            "grade, 0 imperceptible to −4 very annoying; joined: all sounds end to end as one. "
            "Small figures: the 95 % interval of a mean. Seconds a second: what one second of "
            "sound takes there and back on this machine."
        ),
        columns=_columns(metrics, with_s3=with_s3),
        rows=rows if with_s3 else {name: row[:-2] for name, row in rows.items()},
    )


def _metrics(*, without: Sequence[str]) -> dict[str, Metric]:
    """The metrics of the columns; one whose extra is not installed is left out."""
    loaded = load_metrics([name for name, *_ in MEANS if name not in without])
    return {name: metric for name, metric in loaded.items() if not metric.missing}


def _file_name(key: str) -> str:
    return "".join(mark if mark.isalnum() else "-" for mark in key)


def _columns(metrics: dict[str, Metric], *, with_s3: bool) -> tuple[Column, ...]:
    measured = [Column(t, b, d) for name, t, b, d in (*JOINED, *MEANS) if name in metrics]
    return (*measured, COST, *(S3_COLUMNS if with_s3 else ()))


def _judged(
    route: Route, of: _Material, metrics: dict[str, Metric], judged: dict[str, int], seed: int
) -> dict[str, Any]:
    """All figures of one route, as plain values; some metrics judge only the first sounds."""
    rendered(route, of.sounds[:1], sample_rate=of.sample_rate, seed=seed)  # warm: tables, caches
    began_s = time.perf_counter()
    after = rendered(route, of.sounds, sample_rate=of.sample_rate, seed=seed)
    cost = (time.perf_counter() - began_s) / of.duration_s
    pairs = list(zip(of.sounds, after, strict=True))
    whole = torch.cat(of.sounds), torch.cat(after)
    return {
        "cost": cost,
        "count": len(pairs),
        "means": {
            name: [metric.compute(a, b, of.sample_rate) for a, b in pairs[: judged.get(name)]]
            for name, metric in metrics.items()
        },
        "joined": {
            name: metrics[name].compute(*whole, of.sample_rate)
            for name, *_ in JOINED
            if name in metrics
        },
    }


def _row(
    figures: dict[str, Any], metrics: dict[str, Metric], seed: int, route: Route
) -> list[Cell]:
    count = figures["count"]
    joined = [
        findings.single(figures["joined"][n], count=count) for n, *_ in JOINED if n in metrics
    ]
    means = [findings.mean(figures["means"][n], seed=seed) for n, *_ in MEANS if n in metrics]
    s3 = [Cell(value=value) for value in route.s3] if route.s3 else [NOTHING, NOTHING]
    return [*joined, *means, findings.single(figures["cost"], count=count), *s3]


# ---- what it says ----------------------------------------------------------------------------


def _verdict(table: Table, of: _Material) -> list[str]:
    """The best routes by the first column, those with the original phase left out."""
    judge = table.columns[0]
    figures = {
        name: cells[0].value
        for name, cells in table.rows.items()
        if cells[0].value is not None and "original" not in name and "alone" not in name
    }
    if not figures:
        return []
    pick = max if judge.better == "higher" else min
    best = pick(figures, key=lambda name: figures[name])
    said = [f"{table.title}: best by {judge.title} is {best} ({figures[best]:.2f})."]
    mel = {name: value for name, value in figures.items() if "mel" in name}
    if mel and best not in mel:
        nearest = pick(mel, key=lambda name: mel[name])
        said.append(f"The best of the mel routes is {nearest} ({mel[nearest]:.2f}).")
    return said


def _against_s3(table: Table) -> list[str]:
    """How many of S3's rows are reached; other notes, another PEAQ."""
    titles = [column.title for column in table.columns]
    if "ODG, joined" not in titles:
        return []
    ours, theirs = titles.index("ODG, joined"), titles.index(S3_COLUMNS[0].title)
    pairs = {
        name: (cells[ours].value, cells[theirs].value)
        for name, cells in table.rows.items()
        if cells[theirs].value is not None and cells[ours].value is not None
    }
    better = [name for name, (own, s3) in pairs.items() if own is not None and s3 and own >= s3]
    lower = [name for name in pairs if name not in better]
    beneath = f"; lower: {', '.join(lower)}" if lower else ""
    return [
        f"Of S3's {len(pairs)} rows {len(better)} have at least S3's ODG here, on other notes of "
        f"the same pitch{beneath}."
    ]


def _exhibits(
    of: _Material, routes: Sequence[Route], table: Table, heard: int, seed: int
) -> list[Exhibit]:
    """The first sounds beside what some routes make of them, the best ones first."""
    column = table.columns[0]
    sign = -1 if column.better == "higher" else 1
    order = sorted(routes, key=lambda route: sign * (table.rows[route.name][0].value or sign * 1e9))
    return [
        Exhibit(
            name,
            "The original, then the routes from best to worst by the table's first column.",
            {
                "original": Sound(sound[None], of.sample_rate),
                **{route.name: _through(route, sound, of, seed) for route in order[:SHOWN]},
            },
        )
        for name, sound in list(zip(of.names, of.sounds, strict=True))[:heard]
    ]


def _through(route: Route, sound: Tensor, of: _Material, seed: int) -> Sound:
    (after,) = rendered(route, [sound], sample_rate=of.sample_rate, seed=seed)
    return Sound(after[None], of.sample_rate)


EXPERIMENT = Experiment(
    title="Reconstruction: encodings and phase methods",
    about="What do magnitudes, mel bands or constant-Q bins cost, and which way to a phase gives "
    "the best sound back, before any model has learned?",
    source="Rebnord 2022 (S3), section 7.1, table 7.1",
    needs="notes laid out as NSynth is (examples.json with pitches), a folder of other sounds "
    "such as drums, or both: --data twice",
    scales={
        "smoke": Scale(
            ReconstructionOptions(
                notes=2,
                drums=2,
                trained=("deep-griffin-lim-tiny",),
                visqol_sounds=1,
                training_minutes=0.01,
                heard=1,
            ),
            "a minute",
        ),
        "small": Scale(ReconstructionOptions(), "half an hour"),
        "full": Scale(ReconstructionOptions(drums=1000, training_minutes=60), "three hours"),
    },
    run=run,
)
