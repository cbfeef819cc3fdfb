"""Spectral autoencoders of frames and slices: S4's tables 5.1 to 5.6, and what S4 left undone.

5.1, 5.3, 5.5   mean squared errors in training, validation and test
5.2, 5.4, 5.6   pitch by pitch
beside them     family by family of instruments; principal components of the same size; and
                metrics that hear, since S4 found that errors in dB do not
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from timbrel import recipes
from timbrel.experiments import Experiment, Request, Scale, _judging
from timbrel.experiments import _controlled_tables as tables
from timbrel.experiments import _findings as findings
from timbrel.experiments import _material as material
from timbrel.experiments._codes import code_errors
from timbrel.experiments._contrasts import mean_cell
from timbrel.experiments._controlled import Arm, Design, Measured, Terms, Trial, measure_all
from timbrel.experiments._controlled_run import Outcome, carry_out, exhibits, spread
from timbrel.experiments._findings import NOTHING, Cell, Column, Findings, Table
from timbrel.experiments._played_back import HEARD, played_back
from timbrel.experiments._s4_claims import TEST, Evidence, components_name, verdict
from timbrel.experiments._s4_tables import (
    BANDS,
    BY_PITCH,
    EMBEDDINGS,
    FRAME,
    PITCHES,
    SPLITS,
    STRIDES,
    arm_name,
)
from timbrel.experiments._slopes import s4_slope
from timbrel.library.rows import SoundRow
from timbrel.recipes import option
from timbrel.tasks.workspace import open_library

PARTS = ("train", "validation", TEST)
PITCH_STEP = 5


class SpectralAutoencodersOptions(Terms):
    """Which networks, how long they are trained, and how many notes judge them."""

    frame: str = option("frame-laptop", "The recipe of the 1-D network of single frames.")
    slice: str = option(
        "slice-laptop-single", "The recipe of the 2-D network of slices; six are made of it."
    )
    pca: str = option("pca", "The recipe of principal components.")
    shared: tuple[str, ...] = option((), "Changes to all recipes, each key=value.")
    measured: int = option(200, "Notes at most of each split that errors are measured of.", low=4)
    judged: int = option(10, "Test notes at most that are played back and heard.", low=1)
    heard: int = option(2, "Test notes to hear in the report.", low=1, high=20)


def run(request: Request, options: SpectralAutoencodersOptions) -> Findings:
    """Trains S4's networks and measures what S4 measured, and what it did not.

    Args:
        request: What was asked for.
        options: How much is done.

    Returns:
        S4's tables with ours beside.
    """
    request = material.checked_notes(request)
    outcome = carry_out(request, design_of(options), options)
    codes = measure_all(
        request, outcome.trials, lambda one: _code_errors(one, options.measured), what="codes"
    )
    heard = measure_all(
        request, outcome.trials, lambda one: played_back(one, options.judged), what="sounds"
    )
    evidence = Evidence(outcome, codes, heard, _pooled(outcome, codes, options.measured))
    of = _judging.held_out(
        outcome.workspace, outcome.trials[0].instrument(),
        most=options.judged, seed=outcome.trials[0].seed,
    )  # fmt: skip
    return Findings(
        subtitle=_subtitle(outcome),
        verdict=tuple(verdict(evidence)),
        tables=(
            _splits_table(outcome, codes),
            *(_pitch_table(evidence, bands) for bands in BANDS),
            _slope_table(evidence),
            _family_table(evidence),
            _heard_table(outcome, heard),
            *outcome.opening_tables(),
        ),
        pictures=(outcome.curves(),),
        exhibits=exhibits(outcome, of, spread(len(of.names), options.heard)),
    )


def _subtitle(outcome: Outcome) -> str:
    return (
        f"S4's seven networks and principal components of the same sizes on {outcome.sounds} "
        f"notes, {outcome.terms.seeds} trainings of each, {outcome.terms.said()}."
    )


def design_of(options: SpectralAutoencodersOptions) -> Design:
    """Makes the arms: the 2-D networks first, each with principal components of its size.

    Args:
        options: Which recipes.

    Returns:
        The design; all arms are trained by the schedule of the 2-D network's recipe.
    """
    mel = "front_end.name=log_mel"
    networks = [
        Arm(
            arm_name(bands, stride),
            options.slice,
            (f"network.strides={stride}",)
            + ((mel, "network.bands=mel") if bands == "log-mel" else ()),
        )
        for bands in BANDS
        for stride in STRIDES
    ]
    components = [
        Arm(
            components_name(bands, size),
            options.pca,
            (f"network.latent_size={size}", *((mel,) if bands == "log-mel" else ())),
        )
        for bands in BANDS
        for size in EMBEDDINGS[bands].values()
    ]
    schedule = recipes.as_table(recipes.find(options.slice))["training"]
    shared = [f"training.{key}={_toml(value)}" for key, value in schedule.items() if _free(key)]
    return Design(
        (*networks, Arm(FRAME, options.frame), *components),
        varies=("family", "network", "front_end"),
        shared=(*shared, *options.shared),
    )


def _toml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _free(key: str) -> bool:
    """Whether the terms leave a setting of training to the recipe."""
    said = [one.partition("=")[0] for one in Terms().changes()]
    return f"training.{key}" not in said


# ---- measuring -------------------------------------------------------------------------------


def _code_errors(trial: Trial, most: int) -> Measured:
    made = trial.instrument()
    return {
        part: code_errors(made, _split(trial, part, most), unit="sounds")["mse"] for part in PARTS
    }


def _split(trial: Trial, part: str, most: int) -> _judging.Sounds:
    made = trial.instrument()
    return _judging.held_out(trial.workspace, made, most=most, seed=trial.seed, split=part)


def _notes(trial: Trial, most: int) -> list[SoundRow]:
    """The library's rows of the test notes, in the order in which they are measured."""
    ids = _split(trial, "test", most).ids
    rows = {row.id: row for row in open_library(trial.workspace).get(list(ids))}
    return [rows[one] for one in ids]


def _pooled(
    outcome: Outcome, codes: Mapping[str, Measured], most: int
) -> dict[str, list[tuple[SoundRow, float]]]:
    """The test notes of all seeds, with the errors that each arm makes of them."""
    firsts = outcome.of(outcome.design.arms[0])
    notes = {trial.seed: _notes(trial, most) for trial in firsts}
    return {
        arm.name: [
            pair
            for trial in outcome.of(arm)
            for pair in zip(notes[trial.seed], codes[trial.name][TEST], strict=True)
        ]
        for arm in outcome.design.arms
    }


# ---- the tables ------------------------------------------------------------------------------


def _splits_table(outcome: Outcome, codes: Mapping[str, Measured]) -> Table:
    titles = {"train": "Training", "validation": "Validation", "test": "Test"}
    columns = (
        *(Column(title, "lower", 3) for title in titles.values()),
        *(Column(f"S4: {title.lower()}", digits=3) for title in titles.values()),
    )
    rows = {}
    for arm in outcome.design.arms:
        own = [mean_cell(outcome.trials, codes, arm, part) for part in PARTS]
        theirs = [Cell(value=value) for value in SPLITS.get(arm.name, ())]
        rows[arm.name] = [*own, *(theirs or [NOTHING] * 3)]
    return Table(
        "Mean squared error in dB² (S4's tables 5.1, 5.3 and 5.5)",
        "Of whole notes up to their ends, overlapping slices averaged; each network in its own "
        "code, so that log-mel and log-magnitude are of other bands. Intervals are over trainings. "
        + _S4_DECIBELS,
        columns,
        rows,
    )


_S4_DECIBELS = (
    "S4 takes decibels of magnitudes without squaring them, so that 1 dB² of its columns is 4 dB² "
    "of the others: compare orders and ratios."
)


def _pitch_table(evidence: Evidence, bands: str) -> Table:
    number = {"log-magnitude": "s 5.2 and 5.4", "log-mel": " 5.6"}[bands]
    names = _networks(bands)
    columns = (
        *(Column(name, digits=2) for name in names),
        *(Column(f"S4: {name}", digits=2) for name in names),
    )
    rows = {
        f"{pitch}": [
            *(_mean_where(evidence, name, lambda note: nearest_pitch(note) == pitch)  # noqa: B023 - called at once
              for name in names),
            *(Cell(value=BY_PITCH[name][place]) for name in names),
        ]
        for place, pitch in enumerate(PITCHES)
    }  # fmt: skip
    return Table(
        f"Test error in dB² pitch by pitch, {bands} (S4's table{number})",
        "A row holds the notes nearest to its pitch (MIDI numbers). Intervals are over notes. "
        + _S4_DECIBELS,
        columns,
        rows,
    )


def _mean_where(evidence: Evidence, name: str, wanted: Callable[[SoundRow], bool]) -> Cell:
    errors = [error for note, error in evidence.pooled[name] if wanted(note)]
    return findings.mean(errors, seed=evidence.outcome.request.seed) if errors else NOTHING


def _networks(bands: str = "") -> list[str]:
    """The networks that S4 has as well, those of one kind of bands; 1-D is of log-magnitudes."""
    return [name for name in SPLITS if bands in (name if name != FRAME else BANDS[0])]


def nearest_pitch(note: SoundRow) -> int | None:
    """Says in which row of S4's tables a note belongs.

    Args:
        note: A note of the library.

    Returns:
        A multiple of five from 30 to 100; None without a pitch, or farther than that.
    """
    if note.pitch_semitones is None:
        return None
    row = PITCH_STEP * math.floor(note.pitch_semitones / PITCH_STEP + 0.5)
    return row if row in PITCHES else None


def _slope_table(evidence: Evidence) -> Table:
    columns = (
        Column("dB² an octave"), Column("Per cent of its mean", digits=1),
        Column("S4: dB² an octave"), Column("S4: per cent of its mean", digits=1),
    )  # fmt: skip
    rows = {}
    for name in _networks():
        own = evidence.slope(name)
        cells = [findings.of(one) for one in own] if own else [NOTHING] * 2
        rows[name] = [*cells, *(findings.of(one) for one in s4_slope(name))]
    return Table(
        "How the test error changes with pitch",
        "Slope of a straight line through the notes, S4's through the fifteen rows of its tables; "
        "95 % bootstrap intervals.",
        columns,
        rows,
    )


def _family_table(evidence: Evidence) -> Table:
    names = _networks()
    labels = sorted({note.label for note, _ in evidence.pooled[names[0]]})
    rows = {
        label or "no label": [
            _mean_where(evidence, name, lambda note: note.label == label)  # noqa: B023 - called at once
            for name in names
        ]
        for label in labels
    }
    return Table(
        "Test error in dB² family by family (S4 left it undone)",
        "Intervals are over notes.",
        tuple(Column(name, "lower") for name in names),
        rows,
    )


def _heard_table(outcome: Outcome, heard: Mapping[str, Measured]) -> Table:
    return tables.results(
        "What is heard of test notes that were played back",
        "Phases by fast Griffin-Lim as the recipes say, with S4's energy correction; beside it ODG "
        "without the correction, and with the note's own phase. ODG: 0 imperceptible to -4 very "
        "annoying.",
        HEARD,
        outcome.trials,
        heard,
    )


EXPERIMENT = Experiment(
    title="Spectral autoencoders of frames and slices",
    about="Does less striding give less error, do log-magnitudes give less than mel bands, does "
    "the error rise with pitch, and does a low error mean a good sound?",
    source="Langer 2023 (S4), chapter 5, tables 5.1 to 5.6",
    needs="notes of several pitches and families, best laid out as NSynth is",
    scales={
        "smoke": Scale(
            SpectralAutoencodersOptions(
                seeds=1,
                steps=4,
                patience=0,
                frame="frame-tiny",
                slice="slice-tiny",
                pca="pca-tiny",
                shared=("front_end.n_fft=1024", "front_end.hop_samples=256"),
                judged=2,
                heard=1,
            ),
            "a minute",
        ),
        "small": Scale(
            SpectralAutoencodersOptions(minutes=1.5, patience=0), "50 minutes on one core"
        ),
        "full": Scale(
            SpectralAutoencodersOptions(
                epochs=1000,
                frame="frame-s4",
                slice="slice-s4-single",
                measured=100_000,
                judged=200,
            ),
            "weeks; days with a GPU",
        ),
    },
    run=run,
)
