"""Controlled experiments of one's own: one TOML file names recipes, terms and metrics."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from timbrel import recipes
from timbrel.errors import RecipeError
from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.pairs import load_metrics
from timbrel.experiments import Experiment, Request, Scale, _judging
from timbrel.experiments import _controlled_tables as tables
from timbrel.experiments import _material as material
from timbrel.experiments._codes import ERRORS, code_errors
from timbrel.experiments._contrasts import Variable
from timbrel.experiments._controlled import Arm, Design, Measured, Terms, Trial, measure_all
from timbrel.experiments._controlled_run import (
    Outcome,
    carry_out,
    exhibits,
    spread,
    start_and_best,
)
from timbrel.experiments._findings import Findings, Table
from timbrel.experiments._judging import Sounds
from timbrel.recipes import Options, option

TRIED = {"seeds": 2, "minutes": 0.0, "steps": 4, "judged": 4, "heard": 1}
LONG = {"minutes": 0.0, "steps": 0, "epochs": 500, "patience": 50}
CODE_VARIABLES = (
    Variable("mse", "MSE", digits=3, relative=True),
    Variable("mae", "MAE", digits=3, relative=True),
    Variable("rmse", "RMSE", digits=3, relative=True),
    Variable("snr_db", "SNR (dB)", "higher", unit="dB"),
)


class ArmOptions(Options):
    """One value of the independent variable."""

    name: str = option(..., "What tables call it.")
    recipe: str = option(..., "Its recipe, by name, or a recipe file beside this one.")
    settings: tuple[str, ...] = option((), "Its changes to the recipe, each key=value.")


class OwnOptions(Terms):
    """All that the file of an experiment says; the terms of training among it."""

    title: str = option(..., "What the experiment is called.")
    question: str = option("", "What it asks.")
    arms: tuple[ArmOptions, ...] = option(
        ..., "What is compared; the first is what the others are compared with."
    )
    varies: tuple[str, ...] = option(
        ("family", "network"), "Settings or groups of settings in which recipes may differ."
    )
    settings: tuple[str, ...] = option((), "Changes to all recipes, each key=value.")
    metrics: tuple[str, ...] = option(
        ("log_spectral_distance",), "Metrics that take a pair, of held-out sounds played back."
    )
    judged: int = option(40, "Held-out sounds at most that judge a training.", low=2)
    heard: int = option(2, "Held-out sounds to hear.", low=1, high=20)

    @property
    def design(self) -> Design:
        """What is compared."""
        arms = tuple(Arm(one.name, one.recipe, one.settings) for one in self.arms)
        return Design(arms, self.varies, self.settings)


def read(path: Path) -> Experiment:
    """Reads the file of an experiment.

    Args:
        path: A TOML file; its keys are the fields of `OwnOptions`.

    Returns:
        The experiment: at the scale "small" as the file says, at "smoke" a few steps, at "full"
        until convergence as in S0.

    Raises:
        RecipeError: When the file cannot be read or does not fit.
        UnknownNameError: When it names a metric that does not exist.
    """
    options = recipes.checked(OwnOptions, _table(path))
    load_metrics(options.metrics)
    return Experiment(
        title=options.title,
        about=options.question or options.title,
        source=path.name,
        needs="sounds that its recipes can learn from",
        scales={
            "smoke": Scale(options.model_copy(update=TRIED), "a few steps"),
            "small": Scale(options, "as the file says"),
            "full": Scale(options.model_copy(update=LONG), "until convergence"),
        },
        run=run,
    )


def _table(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.expanduser().read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(f"cannot read {path} ({error.strerror})", "a TOML file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path} is no TOML ({error})", "the file of an experiment") from None
    arms = table.get("arms")
    if isinstance(arms, list):
        table["arms"] = [_placed(arm, path) if isinstance(arm, dict) else arm for arm in arms]
    return table


def _placed(arm: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """A recipe file is looked for beside the experiment's file."""
    recipe = arm.get("recipe")
    if isinstance(recipe, str) and recipe.endswith(".toml"):
        return {**arm, "recipe": str(path.expanduser().parent / recipe)}
    return dict(arm)


def run(request: Request, options: OwnOptions) -> Findings:
    """Carries out an experiment of one's own.

    Args:
        request: What was asked for.
        options: What the file says.

    Returns:
        What differs and what does not, the dependent variables with intervals, and a verdict.
    """
    outcome = carry_out(material.checked(request), options.design, options)
    metrics = {name: one for name, one in load_metrics(options.metrics).items() if not one.missing}
    measured = measure_all(
        request,
        outcome.trials,
        lambda trial: _measured(trial, options, metrics),
        what="test sounds",
    )
    variables = (*CODE_VARIABLES, *(_variable(name, one) for name, one in metrics.items()))
    found = tables.contrasts(variables, outcome.trials, measured, unit="sounds")
    of = _held_out(outcome.trials[0], options)
    arms = outcome.design.arms
    return Findings(
        subtitle=options.question or f"{len(arms)} arms, {options.said()}.",
        verdict=(tables.verdict(outcome.design, options, found, outcome.courses),),
        tables=(_results(options, outcome, variables, measured), *outcome.opening_tables()),
        pictures=(outcome.curves(), start_and_best(outcome, arms, of, row=0)),
        exhibits=exhibits(outcome, of, spread(len(of.names), options.heard)),
    )


def _variable(name: str, metric: Metric) -> Variable:
    unit = f" ({metric.unit})" if metric.unit else ""
    better = "higher" if metric.higher_is_better else "lower"
    return Variable(name, f"{metric.title}{unit}", better, 3, metric.unit)


def _held_out(trial: Trial, options: OwnOptions) -> Sounds:
    made = trial.instrument()
    return _judging.held_out(trial.workspace, made, most=options.judged, seed=trial.seed)


def _measured(trial: Trial, options: OwnOptions, metrics: Mapping[str, Metric]) -> Measured:
    of, made = _held_out(trial, options), trial.instrument()
    found = code_errors(made, of, unit="sounds")
    after = _judging.reconstructed(made, of, seed=trial.seed)
    return {name: found[name] for name in ERRORS} | {
        name: [
            metric.compute(one, other, of.sample_rate)
            for one, other in zip(of.waveforms, after, strict=True)
        ]
        for name, metric in metrics.items()
    }


def _results(
    options: OwnOptions,
    outcome: Outcome,
    variables: tuple[Variable, ...],
    measured: Mapping[str, Measured],
) -> Table:
    return tables.results(
        "The dependent variables",
        f"Of up to {options.judged} held-out sounds a training. MSE, MAE, RMSE and SNR are S0's, "
        "of the code: in dB where it is a spectrogram. All other columns compare sounds that were "
        "played back.",
        variables,
        outcome.trials,
        measured,
    )
