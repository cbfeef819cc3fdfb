"""A controlled experiment from its design to what all of them report."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from timbrel.experiments import Request, _judging
from timbrel.experiments import _controlled_tables as tables
from timbrel.experiments import _material as material
from timbrel.experiments._controlled import (
    Arm,
    Design,
    Held,
    Terms,
    Trial,
    courses,
    held,
    train_all,
    train_trial,
)
from timbrel.experiments._curves import Curve, losses, waves_and_spectra
from timbrel.experiments._findings import Exhibit, Picture, Table
from timbrel.experiments._judging import Sounds
from timbrel.signal.files import Sound
from timbrel.tasks.workspace import Workspace, open_library

SHOWN_S = 3.0  # of a sound in a picture: S0's segment


@dataclass(frozen=True, eq=False)
class Outcome:
    """A controlled experiment whose trainings are done.

    Attributes:
        request: What was asked for.
        workspace: The experiment's own workspace.
        design: What is compared.
        terms: The terms of all trainings.
        held: What is equal and what differs.
        sounds: How many sounds the library holds.
        trials: The trainings.
        courses: Name of a trial to how it went.
    """

    request: Request
    workspace: Workspace
    design: Design
    terms: Terms
    held: Held
    sounds: int
    trials: tuple[Trial, ...]
    courses: tables.Courses

    def of(self, arm: Arm) -> list[Trial]:
        """Lists the trials of an arm.

        Args:
            arm: One of the arms.

        Returns:
            Its trials, by seed.
        """
        return [trial for trial in self.trials if trial.arm == arm]

    def opening_tables(self) -> tuple[Table, ...]:
        """Gives the tables of what differs, what was held equal, and what training took."""
        seed = self.request.seed
        return (
            tables.differences(self.held, self.design.arms),
            tables.conditions(self.held, self.terms, sounds=self.sounds, seed=seed),
            tables.costs(self.trials, self.courses),
        )

    def curves(self) -> Picture:
        """Draws the validation losses of all trainings over epochs (S0's figure 10)."""
        drawn = {arm.name: [curve_of(one) for one in self.of(arm)] for arm in self.design.arms}
        return Picture(
            "Validation loss over epochs, a line a training, its best a dot (S0's figure 10)",
            losses(drawn, x="epoch", y="validation loss"),
        )


def carry_out(request: Request, design: Design, terms: Terms) -> Outcome:
    """Checks a design, and trains all of it that an earlier run has not.

    Args:
        request: What was asked for, with its sounds.
        design: What is compared.
        terms: The terms of all trainings.

    Returns:
        The trainings.

    Raises:
        UsageError: When the arms differ in more than they may.
        TrainingError: When the arms of a seed had other sounds.
    """
    equal = held(design, terms)
    workspace = material.library(request)
    trials = train_all(request, workspace, design, terms)
    went = courses(request, trials)
    count = open_library(workspace).count()
    return Outcome(request, workspace, design, terms, equal, count, trials, went)


def curve_of(trial: Trial) -> Curve:
    """Reads the validation losses of a training.

    Args:
        trial: The trial.

    Returns:
        (epoch, loss) of each validation after the first step.
    """
    return [
        (float(row["epoch"]), float(row["validation_loss"]))
        for row in trial.history()
        if row["step"]
    ]


def beginners(outcome: Outcome, arms: Sequence[Arm]) -> list[Trial]:
    """Trains arms for one epoch each, as the first seed began, to show what a start is like.

    Args:
        outcome: The experiment.
        arms: Which arms.

    Returns:
        A trial an arm; S0 calls their state epoch 0.
    """
    begun = []
    for arm in arms:
        whole, own = outcome.of(arm)[0], replace(arm, name=f"{arm.name} start")
        course, trial = outcome.courses[whole.name], replace(whole, arm=own)
        steps = course["steps"] if course["epochs"] < 1 else 0  # no longer than the training itself
        short = {"epochs": 1, "patience": 0, "minutes": 0, "steps": steps}
        terms = outcome.terms.model_copy(update=short)
        train_trial(outcome.request, trial, replace(outcome.design, arms=(own,)), terms)
        begun.append(trial)
    return begun


def start_and_best(outcome: Outcome, arms: Sequence[Arm], of: Sounds, *, row: int) -> Picture:
    """Draws a sound beside what each arm made of it after an epoch and at its best.

    Args:
        outcome: The experiment.
        arms: Which arms.
        of: Held-out sounds of the first seed.
        row: Which of them.

    Returns:
        S0's figures 11 to 20 as one picture.
    """
    one = taken(of, [row])
    stretch = _loudest(one.waveforms[0], one.sample_rate)
    shown = {"original": one.waveforms[0, stretch]}
    for arm, start in zip(arms, beginners(outcome, arms), strict=True):
        for name, trial in (("epoch 0", start), ("best", outcome.of(arm)[0])):
            made = _judging.reconstructed(trial.instrument(), one, seed=trial.seed)
            shown[f"{arm.name}, {name}"] = made[0, stretch]
    return Picture(
        f"{one.names[0]}: waveforms and frequencies at the start and at the best (S0's figures 11 "
        "to 20)",
        waves_and_spectra(shown, one.sample_rate),
    )


def taken(of: Sounds, rows: Sequence[int]) -> Sounds:
    """Takes some sounds.

    Args:
        of: The sounds.
        rows: Which.

    Returns:
        These.
    """
    return Sounds(
        tuple(of.names[row] for row in rows),
        tuple(of.labels[row] for row in rows),
        of.waveforms[list(rows)],
        of.sample_rate,
        tuple(of.ids[row] for row in rows),
    )


def spread(count: int, most: int) -> list[int]:
    """Chooses rows evenly.

    Args:
        count: How many there are.
        most: How many at most are chosen.

    Returns:
        Their numbers.

    Example:
        >>> spread(10, 3)
        [0, 3, 6]
    """
    kept = min(count, most)
    return [place * count // kept for place in range(kept)]


def _loudest(waveform: Tensor, sample_rate: int) -> slice:
    """The stretch of `SHOWN_S` with the most energy; all of a shorter sound."""
    length = round(SHOWN_S * sample_rate)
    count = len(waveform) // length
    if count < 2:
        return slice(0, min(length, len(waveform)))
    energy = waveform[: count * length].reshape(count, length).square().sum(1)
    start = int(energy.argmax()) * length
    return slice(start, start + length)


def exhibits(outcome: Outcome, of: Sounds, rows: Sequence[int]) -> tuple[Exhibit, ...]:
    """Lets held-out sounds of the first seed be heard through every arm.

    Args:
        outcome: The experiment.
        of: Held-out sounds of the first seed.
        rows: Which of them.

    Returns:
        An exhibit a sound.
    """
    few = taken(of, rows)
    firsts = [trial for trial in outcome.trials if trial.seed == outcome.trials[0].seed]
    versions = {"original": few.waveforms} | {
        one.arm.name: _judging.reconstructed(one.instrument(), few, seed=one.seed) for one in firsts
    }
    return tuple(
        Exhibit(
            few.names[place],
            few.labels[place],
            {name: Sound(made[place][None], few.sample_rate) for name, made in versions.items()},
        )
        for place in range(len(rows))
    )
