"""Do convolutions beat full layers? S0's controlled experiment: its tables 1, 2, figures 10 to 20.

table 1, 2      errors after epochs 0, 4, 9 and at the best epoch, of both models
beside them     a third arm, the convolutional model with as many parameters as the dense one, and
                all of them stopped where the fastest of a seed ended
"""

import bisect
import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

import torch

from timbrel import plugins, recipes
from timbrel.experiments import Experiment, Request, Scale, _judging
from timbrel.experiments import _controlled_tables as tables
from timbrel.experiments import _findings as findings
from timbrel.experiments import _material as material
from timbrel.experiments._codes import codes, errors, pieces
from timbrel.experiments._contrasts import Contrast, Variable, contrast, mean_cell, seeds_cell
from timbrel.experiments._controlled import Arm, Design, Measured, Terms, Trial, measure_all
from timbrel.experiments._controlled_run import (
    Outcome,
    carry_out,
    curve_of,
    exhibits,
    spread,
    start_and_best,
)
from timbrel.experiments._curves import Curve
from timbrel.experiments._findings import NOTHING, Cell, Column, Findings, Table
from timbrel.families import DataFacts, Family
from timbrel.recipes import Recipe, option
from timbrel.signal.frontends import FrontEnd
from timbrel.signal.frontends.rfft import RfftCoefficients, unpacked

DENSE, CONV, EQUAL = "dense", "conv", "conv, as many parameters"
S0_SEGMENT_SAMPLES = 13_230
S0_STEPS_AN_EPOCH = 1300  # 1,300 songs of 40 segments in batches of 40
MOST_CHANNELS = 4096
S0_EPOCHS = (0, 4, 9)
BEST = "best epoch"
# S0's tables 1 and 2: MSE, MAE, RMSE, SNR (dB)
S0 = {
    DENSE: {
        0: (307.26, 0.08, 16.75, 3.18),
        4: (202.67, 0.06, 13.44, 5.61),
        9: (165.03, 0.06, 12.26, 6.57),
        BEST: (124.20, 0.05, 11.09, 8.42),
    },
    CONV: {
        0: (342.58, 0.11, 17.58, 1.64),
        4: (167.56, 0.06, 12.39, 6.32),
        9: (120.48, 0.05, 10.62, 8.55),
        BEST: (91.05, 0.04, 9.69, 10.23),
    },
}
MSE = Variable("mse", "MSE", relative=True)
SNR = Variable("snr_db", "SNR (dB)", "higher", unit="dB")
VARIABLES = (
    MSE,
    Variable("mae", "MAE", relative=True),
    Variable("rmse", "RMSE", relative=True),
    SNR,
    Variable("snr_whole_db", "SNR of all energy (dB)", "higher", unit="dB"),
    Variable("mae_samples", "MAE of samples", digits=4, relative=True),
)
LOSS = Variable("loss", "Validation MSE", relative=True)


class DenseVsConvOptions(Terms):
    """Which two models, and how long they are trained."""

    dense: str = option("dense-laptop", "The recipe of full layers.")
    conv: str = option("conv-laptop", "The recipe of convolutions.")
    judged: int = option(40, "Validation sounds at most that judge a training.", low=1)
    heard: int = option(2, "Validation sounds to hear.", low=1, high=20)


def run(request: Request, options: DenseVsConvOptions) -> Findings:
    """Trains both models, and the second one as small as the first, and compares them.

    Args:
        request: What was asked for.
        options: How much is done.

    Returns:
        S0's tables and figures with ours beside.
    """
    request = material.checked(request)
    outcome = carry_out(request, design_of(options), options)
    measured = measure_all(
        request, outcome.trials, lambda one: measured_of(one, options.judged), what="validation"
    )
    timed = at_equal_time(outcome)
    of = _validation(outcome.trials[0], options.judged)
    return Findings(
        subtitle=_subtitle(outcome),
        verdict=tuple(_verdict(outcome, measured, timed)),
        tables=(
            *(_s0_table(outcome, measured, arm) for arm in outcome.design.arms[:2]),
            tables.results("At the best epoch", _NOTE, VARIABLES, outcome.trials, measured),
            _second_table(outcome, timed),
            *outcome.opening_tables(),
        ),
        pictures=(outcome.curves(), start_and_best(outcome, outcome.design.arms[:2], of, row=0)),
        exhibits=exhibits(outcome, of, spread(len(of.names), options.heard)),
    )


_NOTE = (
    "Over segments of the validation split that are not silent. MSE, MAE and RMSE (each segment's "
    "own root) are of Fourier coefficients as they come; SNR is 10 log10 of a segment's energy "
    "over that of its error, averaged over segments, so that quiet ones weigh much. S0's MAE can "
    "only be that of samples."
)


def _subtitle(outcome: Outcome) -> str:
    return (
        f"Full layers against convolutions on {outcome.sounds} sounds, {outcome.terms.seeds} "
        f"trainings of each, {outcome.terms.said()}."
    )


# ---- the arms --------------------------------------------------------------------------------


def design_of(options: DenseVsConvOptions) -> Design:
    """Makes the arms: both models, and the second with as many parameters as the first.

    Args:
        options: Which recipes.

    Returns:
        The design.
    """
    dense, conv = recipes.find(options.dense), recipes.find(options.conv)
    channels = equal_channels(conv, parameter_count(dense))
    return Design(
        (
            Arm(DENSE, options.dense),
            Arm(CONV, options.conv),
            Arm(EQUAL, options.conv, (f"network.channels={list(channels)}",)),
        )
    )


def parameter_count(recipe: Recipe) -> int:
    """Counts the parameters of a recipe's network without making them.

    Args:
        recipe: The recipe.

    Returns:
        How many are learned.

    Example:
        >>> parameter_count(recipes.find("dense-s0"))
        429657130
    """
    family: Family = plugins.load("families", recipe.family)
    front_end = cast(FrontEnd, recipe.front_end)
    bins, frames = front_end.code_shape(recipe.length_samples)
    with torch.device("meta"):
        network = family.build(recipe.network, DataFacts(bins, frames, (), recipe.sample_rate))
    return sum(one.numel() for one in network.parameters() if one.requires_grad)


def equal_channels(conv: Recipe, wanted: int) -> tuple[int, ...]:
    """Finds how many channels give a convolutional model a number of parameters.

    Args:
        conv: Its recipe; its bottleneck stays.
        wanted: How many parameters it shall have, as nearly as can be.

    Returns:
        Channels in the proportions that the recipe has.
    """
    own: Sequence[int] = conv.network.model_dump()["channels"]

    def channels(last: int) -> tuple[int, ...]:
        return tuple(max(1, round(one * last / own[-1])) for one in own)

    def count(last: int) -> int:
        settings = [f"network.channels={list(channels(last))}"]
        return parameter_count(recipes.override(conv, settings))

    above = bisect.bisect_left(range(1, MOST_CHANNELS), wanted, key=count) + 1
    return channels(min((max(1, above - 1), above), key=lambda last: abs(count(last) - wanted)))


# ---- measuring -------------------------------------------------------------------------------


def _validation(trial: Trial, most: int) -> _judging.Sounds:
    made = trial.instrument()
    return _judging.held_out(trial.workspace, made, most=most, seed=trial.seed, split="validation")


def measured_of(trial: Trial, most: int) -> Measured:
    """Measures S0's errors of every validation segment.

    Args:
        trial: The trial.
        most: Sounds at most.

    Returns:
        Variable to a value a segment.
    """
    made, of = trial.instrument(), _validation(trial, most)
    found: dict[str, list[float]] = {one.key: [] for one in VARIABLES}
    energy = 0.0
    for waveform in of.waveforms:
        for before, after in pieces(*codes(made, waveform), "segments"):
            apart = unpacked(after - before).abs().mean()
            for name, value in {**errors(before, after), "mae_samples": float(apart)}.items():
                found[name].append(value)
            energy += float(before.double().square().mean())
    found["snr_whole_db"] = [10 * math.log10(energy / sum(found["mse"]))]
    return found


def at_equal_time(outcome: Outcome) -> dict[str, Measured]:
    """Reads from each training's history how far it was when the fastest of its seed ended.

    Schedules know of no budget here, so a training that had been stopped then would have come
    just as far.

    Args:
        outcome: The experiment.

    Returns:
        Name of a trial to loss (the best so far), epochs, steps and minutes, a value each.
    """
    found: dict[str, Measured] = {}
    for trial in outcome.trials:
        rivals = [one for one in outcome.trials if one.seed == trial.seed]
        most_s = min(one.history()[-1]["seconds"] for one in rivals)
        rows = [row for row in trial.history() if row["seconds"] <= most_s and row["step"]]
        rows = rows or trial.history()[:1]
        found[trial.name] = {
            "loss": [min(float(row["validation_loss"]) for row in rows)],
            "epochs": [float(rows[-1]["epoch"])],
            "steps": [float(rows[-1]["step"])],
            "minutes": [most_s / 60],
        }
    return found


def overtaking(outcome: Outcome, arms: tuple[Arm, Arm]) -> list[float]:
    """Finds the first epoch from which on the second arm's best loss lies below the first's.

    Args:
        outcome: The experiment.
        arms: The arm that is overtaken, and the one that overtakes.

    Returns:
        The epoch for each seed, counted as S0 does from 0; not a number where it never does.
    """
    pairs = zip(outcome.of(arms[0]), outcome.of(arms[1]), strict=True)
    return [_overtaken_at(curve_of(one), curve_of(other)) for one, other in pairs]


def _overtaken_at(slow: Curve, fast: Curve) -> float:
    """Compares whole epochs only: the last validation may come in the middle of one."""
    best, rival = _best_by_epoch(fast), _best_by_epoch(slow)
    shared = sorted(set(best) & set(rival))
    behind = [epoch for epoch in shared if best[epoch] >= rival[epoch]]
    ahead = [epoch for epoch in shared if epoch > max(behind, default=0)]
    return float(ahead[0] - 1) if ahead else math.nan


def _best_by_epoch(curve: Curve) -> dict[int, float]:
    """The least loss so far after each whole epoch."""
    least: dict[int, float] = {}
    so_far = math.inf
    for place, loss in curve:
        so_far = min(so_far, loss)
        if place >= 1:
            least.setdefault(math.floor(place), so_far)
    return least


# ---- the tables ------------------------------------------------------------------------------


def _s0_table(outcome: Outcome, measured: Mapping[str, Measured], arm: Arm) -> Table:
    """S0's table 1 or 2."""
    number = 1 + outcome.design.arms.index(arm)
    columns = (
        Column("MSE", "lower"), Column("MSE, as of 3 s", "lower"), Column("RMSE", "lower"),
        Column("MAE", "lower"), Column("SNR (dB)", "higher"),
        *(Column(f"S0: {name}") for name in ("MSE", "MAE", "RMSE", "SNR (dB)")),
    )  # fmt: skip
    factor = S0_SEGMENT_SAMPLES / _segment_samples(outcome.trials[0])
    rows = {f"epoch {epoch}": _at_epoch(outcome, arm, epoch, factor) for epoch in S0_EPOCHS}
    own = [mean_cell(outcome.trials, measured, arm, key)
           for key in ("mse", "rmse", "mae", "snr_db")]  # fmt: skip
    rows[BEST] = [own[0], _times(own[0], factor), *own[1:]]
    return Table(
        f"{arm.name} over epochs (S0's table {number})",
        "S0 counts from 0: epoch 0 is after one pass, of 1,300 steps there and of "
        f"{_steps_an_epoch(outcome):.0f} here. Epochs are the mean over the validation split that "
        "training itself finds, best that over its segments that are not silent. A transform "
        "that is not scaled has errors as large as segments are long, hence the second column.",
        columns,
        {name: [*cells, *_s0_cells(arm, name)] for name, cells in rows.items()},
    )


def _s0_cells(arm: Arm, row: str) -> list[Cell]:
    known: Mapping[Any, tuple[float, ...]] = S0[arm.name]
    figures = known[BEST if row == BEST else int(row.split()[-1])]
    return [Cell(value=value) for value in figures]


def _at_epoch(outcome: Outcome, arm: Arm, epoch: int, factor: float) -> list[Cell]:
    rows = [row for trial in outcome.of(arm) if (row := _row_at(trial, epoch + 1)) is not None]
    if len(rows) < len(outcome.of(arm)):
        return [NOTHING] * 5
    losses = [float(row["validation_loss"]) for row in rows]
    mse = seeds_cell(losses)
    rmse = seeds_cell([math.sqrt(loss) for loss in losses])
    return [mse, _times(mse, factor), rmse, _part(rows, "mae"), _part(rows, "snr_db")]


def _row_at(trial: Trial, epochs: int) -> dict[str, Any] | None:
    """The history's row after so many epochs; None where training had ended before."""
    return next((row for row in trial.history() if round(row["epoch"], 3) >= epochs), None)


def _part(rows: Sequence[Mapping[str, Any]], name: str) -> Cell:
    values = [row.get(f"validation_{name}") for row in rows]
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    return seeds_cell(numbers) if len(numbers) == len(rows) else NOTHING


def _times(cell: Cell, factor: float) -> Cell:
    value, low, high = (
        None if end is None else factor * end for end in (cell.value, cell.low, cell.high)
    )
    return Cell(value, low, high, cell.count)


def _segment_samples(trial: Trial) -> int:
    front_end = trial.instrument().recipe.front_end
    return front_end.segment_samples if isinstance(front_end, RfftCoefficients) else 1


def _steps_an_epoch(outcome: Outcome) -> float:
    course = outcome.courses[outcome.trials[0].name]
    return float(course["steps"]) / max(float(course["epochs"]), 1e-9)


def _second_table(outcome: Outcome, timed: Mapping[str, Measured]) -> Table:
    """Equal parameters and equal time, which S0 left open."""
    columns = (
        Column("Parameters", digits=0), Column("Minutes", digits=2), Column("Epochs", digits=1),
        Column("Steps", digits=0), Column("Validation MSE by then", "lower"),
    )  # fmt: skip
    rows = {}
    for arm in outcome.design.arms:
        parameters = outcome.courses[outcome.of(arm)[0].name]["parameters"]
        cells = [
            mean_cell(outcome.trials, timed, arm, key)
            for key in ("minutes", "epochs", "steps", "loss")
        ]
        rows[arm.name] = [findings.single(parameters, count=0), *cells]
    return Table(
        "At equal time, and at equal parameters",
        "For each seed all arms are read off where the first of them ended, from their histories. "
        "The third arm has as many parameters as the first, by fewer channels; its bottleneck is "
        "the same. Intervals are over trainings.",
        columns,
        rows,
    )


# ---- what it says ----------------------------------------------------------------------------


def _verdict(
    outcome: Outcome, measured: Mapping[str, Measured], timed: Mapping[str, Measured]
) -> list[str]:
    dense, conv, equal = outcome.design.arms
    ends = [_against(outcome, measured, one, (dense, conv)) for one in (MSE, SNR)]
    small = [_against(outcome, measured, one, (dense, equal)) for one in (MSE, SNR)]
    in_time = [_against(outcome, timed, LOSS, (dense, one)) for one in (conv, equal)]
    paragraph = [
        f"“Conv ends with the lower validation MSE”: {_held(ends[0])}; S0 -26.7 %.",
        f"“Conv ends with the higher SNR”: {_held(ends[1])}; S0 +1.81 dB.",
        _overtakes(overtaking(outcome, (dense, conv)), outcome),
        f"With as many parameters: MSE {_said(small[0])}, SNR {_said(small[1])}.",
        f"In equal time: conv {_said(in_time[0])}, conv with as many parameters "
        f"{_said(in_time[1])}, in validation MSE.",
        tables.ended(outcome.courses, outcome.terms),
    ]
    return [" ".join(paragraph), _why(outcome)]


def _against(
    outcome: Outcome,
    measured: Mapping[str, Measured],
    variable: Variable,
    arms: tuple[Arm, Arm],
) -> Contrast | None:
    return contrast(outcome.trials, measured, variable, arms, unit="segments")


def _held(found: Contrast | None) -> str:
    if found is None:
        return "cannot be told"
    word = {1: "holds", -1: "the other way round", 0: "not told apart"}[found.gain]
    return f"{word}, {found.said()}"


def _said(found: Contrast | None) -> str:
    if found is None:
        return "cannot be told"
    word = {1: "better", -1: "worse", 0: "not told apart"}[found.gain]
    return f"{word}, {found.said()}"


def _overtakes(epochs: Sequence[float], outcome: Outcome) -> str:
    finite = [epoch for epoch in epochs if math.isfinite(epoch)]
    steps = _steps_an_epoch(outcome)
    if not finite:
        return "Conv never overtakes within these trainings; in S0 it does within five epochs."
    told = ", ".join(f"{epoch:.0f}" if math.isfinite(epoch) else "never" for epoch in epochs)
    return (
        f"Conv's best loss lies below dense's for good from epoch {told} on (one number a seed, an "
        f"epoch being {steps:.0f} steps); in S0 by epoch 4, an epoch being {S0_STEPS_AN_EPOCH:,} "
        "steps."
    )


def _why(outcome: Outcome) -> str:
    segment = _segment_samples(outcome.trials[0])
    steps = max(float(one["steps"]) for one in outcome.courses.values())
    return (
        "Where this differs from S0, what is known of why: S0 learned from 52,000 segments of 3 s "
        f"for some {56 * S0_STEPS_AN_EPOCH:,} steps, here segments have {segment} samples and the "
        f"longest training took {steps:,.0f} steps; the songs are others."
    )


EXPERIMENT = Experiment(
    title="Full layers or convolutions",
    about="Does a convolutional autoencoder of Fourier coefficients end with a lower error than "
    "one of full layers, as S0 found, and does it at equal size and in equal time?",
    source="Metsälä 2024 (S0), section 5.3, tables 1 and 2, figures 10 to 20",
    needs="twenty or more pieces of music",
    scales={
        "smoke": Scale(
            DenseVsConvOptions(
                dense="dense-tiny", conv="conv-tiny", epochs=3, patience=0, judged=4, heard=1
            ),
            "a minute",
        ),
        "small": Scale(DenseVsConvOptions(epochs=14, patience=10), "half an hour on one core"),
        "full": Scale(
            DenseVsConvOptions(dense="dense-s0", conv="conv-s0"), "days; hours with a GPU"
        ),
    },
    run=run,
)
