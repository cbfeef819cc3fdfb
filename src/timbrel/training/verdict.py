"""What a training came to, in plain words: is it good, would longer help, what to do."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from timbrel.families import Stage
from timbrel.training.teller import standing

FEW_SOUNDS = 200
WORTH_WHILE = 0.01  # the relative gain by twice the time that makes going on worth it
LEARNT_BY_HEART = 0.15  # how far the validation loss may rise above its best before we say so

_UNSEEN, _OWN = "sounds it never saw", "its own recording"
_FITTED = (
    "It takes no steps: what it knows it computed from the sounds at once. "
    "Its loss on {judged} is {loss:.4g}."
)


@dataclass(frozen=True)
class Game:
    """What became of a generator and a critic.

    Attributes:
        collapsed: Whether made sounds are nearly alike.
        overwhelmed: Whether the critic wins and made sounds come no nearer.
    """

    collapsed: bool = False
    overwhelmed: bool = False


@dataclass(frozen=True)
class Course:
    """The course of a training, as far as the verdict needs it.

    Attributes:
        rows: The history.
        best_step: Where the best weights come from.
        best_loss: Their validation loss.
        rollbacks: How often the guard stepped in.
        stopped_because: Why it ended.
        sounds: How many sounds it learned from.
        standing: Where the network stands.
        game: What became of generator and critic, where there are two.
        one_recording: Whether it learned from one recording, or a few, and was judged by the same.
    """

    rows: Sequence[dict[str, Any]]
    best_step: int
    best_loss: float
    rollbacks: int
    stopped_because: str
    sounds: int
    standing: Stage = field(default_factory=Stage)
    game: Game | None = None
    one_recording: bool = False

    @property
    def judged(self) -> str:
        """What it was judged by."""
        return _OWN if self.one_recording else _UNSEEN


def verdict(course: Course) -> str:
    """Judges a training.

    Args:
        course: What happened.

    Returns:
        A few sentences.

    Example:
        >>> rows = [{"step": s, "validation_loss": 1 / (1 + s)} for s in (0, 100, 200, 400)]
        >>> print(verdict(Course(rows, 400, 1 / 401, 0, "steps", 1000)))
        It learned a lot: the loss on sounds it never saw fell by 99.8 % to 0.002494. It was still \
getting better: twice the time may bring about 50 % more. Go on with --resume and a larger budget. \
How it sounds, `timbrel evaluate` tells.
    """
    curve = _curve(course)
    if course.game is not None:
        told = [*_grown(course), *_nearer(course, curve), *_played(course.game)]
        sentences = [*told, *_troubles(course)]
    elif course.stopped_because == "fitted":
        sentences = [
            _FITTED.format(loss=course.best_loss, judged=course.judged),
            *_troubles(course),
        ]
    else:
        sentences = [_learned(course, curve), *_longer(course, curve), *_troubles(course)]
    sentences.append("How it sounds, `timbrel evaluate` tells.")
    return " ".join(sentences)


def _curve(course: Course) -> list[tuple[int, float]]:
    """Steps and validation losses; of a network that grows only since it stands where it does."""
    return [
        (int(row["step"]), float(row["validation_loss"]))
        for row in course.rows
        if isinstance(row.get("validation_loss"), (int, float))
        and math.isfinite(row["validation_loss"])
        and row.get("level") in (None, "", course.standing.level)
        and (course.standing.fade < 1 or row.get("fade") in (None, "") or row["fade"] >= 1)
    ]


def _grown(course: Course) -> list[str]:
    stage = course.standing
    if stage.levels == 1:
        return []
    if stage.grown:
        return [f"It has grown to the last of its {stage.levels} levels."]
    return [
        f"It has grown to level {standing(stage)} only: the higher levels' part of the sound is "
        "missing. Go on with --resume and a larger budget."
    ]


def _nearer(course: Course, curve: Sequence[tuple[int, float]]) -> list[str]:
    """How far made sounds are from real ones, and whether longer would bring them nearer."""
    if not curve:
        return ["How far its sounds are from real ones was never judged."]
    where = " at this level" if course.standing.levels > 1 else ""
    real = _OWN if course.one_recording else "sounds it never heard"
    start, best = curve[0][1], min(loss for _, loss in curve)
    if best >= start:
        told = f"Made sounds came no nearer to {real}{where} ({best:.3g} dB away)."
    else:
        told = f"Made sounds came from {start:.3g} to {best:.3g} dB of {real}{where}."
    gain = gain_by_doubling([(step - curve[0][0], loss) for step, loss in curve])
    if not course.standing.grown or gain is None or course.stopped_because == "diverged":
        return [told]
    if gain > WORTH_WHILE:
        return [told, "They were still coming nearer: --resume with a larger budget may help."]
    return [told, "They come no nearer of late; such a measure is rough, so listen to previews."]


def _played(game: Game) -> list[str]:
    sentences = []
    if game.collapsed:
        sentences.append(
            "It has collapsed: whatever it starts from, it makes nearly the same sound. "
            "Train anew with a lower learning rate, more steps of the critic or more varied sounds."
        )
    if game.overwhelmed:
        sentences.append(
            "Its critic wins: longer will not help. Train anew with fewer steps of the critic or "
            "a lower learning rate."
        )
    return sentences


def _learned(course: Course, curve: Sequence[tuple[int, float]]) -> str:
    if len(curve) < 2 or course.best_step == 0:
        return f"It has not learned anything that helps with {course.judged}."
    start = curve[0][1]
    fall = (start - course.best_loss) / abs(start) if start else 0.0
    how = "a lot" if fall > 0.5 else "something" if fall > 0.1 else "little"
    return (
        f"It learned {how}: the loss on {course.judged} fell by {100 * fall:.3g} % "
        f"to {course.best_loss:.4g}."
    )


def _longer(course: Course, curve: Sequence[tuple[int, float]]) -> list[str]:
    if course.stopped_because == "diverged":
        return []
    last_step, last_loss = curve[-1] if curve else (0, math.nan)
    if last_loss > course.best_loss + LEARNT_BY_HEART * abs(course.best_loss):
        return [
            f"Since step {course.best_step} of {last_step} it only learned its sounds by heart: "
            "longer will not help. More sounds would; so may more dropout or a smaller network."
        ]
    gain = gain_by_doubling(curve)
    if gain is None:
        return ["It was judged too seldom to tell whether longer would help."]
    if gain > WORTH_WHILE:
        return [
            f"It was still getting better: twice the time may bring about {100 * gain:.2g} % more. "
            "Go on with --resume and a larger budget."
        ]
    what = "this recording" if course.one_recording else "these sounds"
    return [f"It has settled: longer will hardly help with {what} and this recipe."]


def gain_by_doubling(curve: Sequence[tuple[int, float]]) -> float | None:
    """Estimates what as many steps again would bring, from what the second half brought.

    Args:
        curve: (step, validation loss), in order.

    Returns:
        The relative fall of the best loss from half the steps to all; None below three points.

    Example:
        >>> gain_by_doubling([(0, 9.0), (50, 1.0), (100, 0.8)])
        0.2
    """
    if len(curve) < 3:
        return None
    half = curve[-1][0] / 2
    before = min(loss for step, loss in curve if step <= half)
    best = min(loss for _, loss in curve)
    return round((before - best) / abs(before), 6) if before else 0.0


def _troubles(course: Course) -> list[str]:
    sentences = []
    if course.stopped_because == "diverged":
        sentences.append(
            "The loss exploded again and again, whatever the learning rate: look for odd sounds "
            "in the library, or try a recipe with a lower learning rate or gradient clipping."
        )
    elif course.rollbacks:
        times = "once" if course.rollbacks == 1 else f"{course.rollbacks} times"
        sentences.append(
            f"The loss exploded {times}; training was rolled back and went on more slowly. "
            "A lower learning rate would save that time."
        )
    if course.sounds < FEW_SOUNDS and not course.one_recording:
        sentences.append(f"{course.sounds} sounds are few: more would help most.")
    return sentences
