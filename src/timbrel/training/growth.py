"""Where a growing network stands: a pure function of step, time, plan and where its span began.

A level has two spans, the fade (but for the first level) and the time it stands alone::

    level 1 | level 2        | level 3        |
    alone   | fade . alone   | fade . alone   |
            ^ fade 0 ... 1   ^
"""

from collections.abc import Sequence
from dataclasses import dataclass

from timbrel.errors import TrainingError
from timbrel.families import Growth, Level, Stage
from timbrel.training.budget import Budget


@dataclass(frozen=True)
class Span:
    """A part of the way along which the same thing happens.

    Attributes:
        level: 1 ... the number of levels.
        fading: Whether the level fades in.
        stairs: In how many stairs the fade rises; 0 for a smooth one.
        batch_size: Sounds a step, as planned.
        steps: Steps, as planned; its part of a budget in steps, beside those of the others.
        time_share: Its part of a budget in minutes, beside those of the others.
    """

    level: int
    fading: bool
    stairs: int
    batch_size: int
    steps: int
    time_share: float


def spans_of(growth: Growth | None, count: int, batch_size: int) -> tuple[Span, ...]:
    """Lists the spans of a training.

    Args:
        growth: How the network grows, or None.
        count: Sounds in the training split.
        batch_size: Sounds a step where nothing grows.

    Returns:
        The spans in their order; one without an end where nothing grows.

    Raises:
        TrainingError: When the last level is not planned to be trained.

    Example:
        >>> growth = Growth((Level(0, 2, batch_size=8), Level(1, 2, batch_size=4)))
        >>> [(s.level, s.fading, s.steps) for s in spans_of(growth, 16, 0)]
        [(1, False, 4), (2, True, 4), (2, False, 8)]
    """
    if growth is None:
        return (Span(1, fading=False, stairs=0, batch_size=batch_size, steps=1, time_share=1.0),)
    spans = tuple(
        span
        for number, level in enumerate(growth.levels, start=1)
        for span in _spans(number, level, count, stairs=growth.stairs)
    )
    if not spans or spans[-1].level < len(growth.levels):
        raise TrainingError(
            "a network that grows, without any epochs for its last level",
            "full epochs of 1 or more at each level",
        )
    return spans


def _spans(number: int, level: Level, count: int, *, stairs: bool) -> list[Span]:
    """The fade and the rest of one level; what has no epochs is left out."""
    fade = level.fade_epochs if number > 1 else 0.0
    whole = fade + level.full_epochs
    size = min(level.batch_size, count)
    return [
        Span(
            number,
            fading=fading,
            stairs=max(1, round(epochs)) if stairs and fading else 0,
            batch_size=size,
            steps=max(1, round(epochs * count / size)),
            time_share=level.time_share * epochs / whole,
        )
        for fading, epochs in ((True, fade), (False, level.full_epochs))
        if epochs > 0
    ]


@dataclass
class Place:
    """Where a training stands on its way; part of every checkpoint.

    Attributes:
        span: The span under way, from 0.
        began_step: Steps done when it began.
        began_s: Seconds spent when it began.
        epochs: How often every sound had been seen when it began.
        batch_size: Sounds a step in it, as memory allows.
        step_bytes: Memory that a step on them takes, by estimate; 0 where nobody asked.
    """

    span: int = 0
    began_step: int = 0
    began_s: float = 0.0
    epochs: float = 0.0
    batch_size: int = 1
    step_bytes: int = 0


def forecast(growth: Growth | None, spans: Sequence[Span], place: Place, span: int) -> float:
    """Forecasts the memory of a step from what one of the level before took.

    Args:
        growth: How the network grows, or None.
        spans: The spans of its training.
        place: Where it stands.
        span: Where it goes next.

    Returns:
        Bytes of a step there; 0 where nothing is known.

    Example:
        >>> growth = Growth((Level(0, 1, 8, bytes_share=0.25), Level(0, 1, 8, bytes_share=1)))
        >>> forecast(growth, spans_of(growth, 16, 0), Place(0, step_bytes=100), 1)
        400.0
    """
    if growth is None or not span:
        return 0.0
    before, after = (
        growth.levels[spans[number].level - 1].bytes_share for number in (place.span, span)
    )
    return place.step_bytes * after / before if before else 0.0


class Timetable:
    """How a budget is spread over spans.

    A budget in steps is spread exactly, by planned steps; one in minutes by shares of the time.
    What one span overruns, the later ones lose, each in proportion; each gets a step at least, as
    long as the budget lasts: where steps are long, none takes a second one that a later one needs.
    With another budget the rest of the way is spread anew.

    Args:
        spans: The spans, at least one.
        budget: Minutes or steps.

    Example:
        >>> growth = Growth((Level(0, 2, batch_size=8), Level(1, 2, batch_size=4)))
        >>> timetable = Timetable(spans_of(growth, 16, 0), Budget(steps=8))
        >>> timetable.end(Place()), timetable.end(Place(span=1, began_step=2))
        (2, 4)
        >>> timetable.stage(Place(1, 2), step=3, elapsed_s=0.0).fade
        0.75
    """

    def __init__(self, spans: Sequence[Span], budget: Budget) -> None:
        self.spans, self.budget = tuple(spans), budget
        self.levels = self.spans[-1].level
        self._by_time = budget.seconds is not None

    def _position(self, step: int, elapsed_s: float) -> float:
        """How far along the budget, in its own unit: steps, or a share of the time."""
        return self.budget.fraction(step=step, elapsed_s=elapsed_s) if self._by_time else step

    def _weight(self, span: Span) -> float:
        return span.time_share if self._by_time else span.steps

    def end(self, place: Place) -> float:
        """Says where the span under way ends.

        Args:
            place: Where the training stands.

        Returns:
            The step; or the share of the budget where that counts minutes.
        """
        began = self._position(place.began_step, place.began_s)
        total = 1.0 if self._by_time else float(self.budget.steps or 0)
        rest = [self._weight(span) for span in self.spans[place.span :]]
        end = began + (total - began) * rest[0] / sum(rest)
        if self._by_time:
            return end
        return max(int(began) + 1, min(round(end), int(total) - len(rest) + 1))

    def over(self, place: Place, *, step: int, elapsed_s: float) -> bool:
        """Says whether the next span is due; the last one only ends with the budget.

        Args:
            place: Where the training stands.
            step: Steps done.
            elapsed_s: Seconds spent.

        Returns:
            Whether it is.
        """
        later = len(self.spans) - 1 - place.span
        if not later or step <= place.began_step:
            return False
        position, end = self._position(step, elapsed_s), self.end(place)
        if not self._by_time:
            return position >= end
        began = self._position(place.began_step, place.began_s)
        one = (position - began) / (step - place.began_step)
        # As near to the end as whole steps come; and never a step that a later span needs.
        return position + one / 2 >= end or position + one * (1 + later) > 1.0

    def stage(self, place: Place, *, step: int, elapsed_s: float) -> Stage:
        """Says where the network stands.

        Args:
            place: Where the training stands.
            step: Steps done.
            elapsed_s: Seconds spent.

        Returns:
            Level, fade, batch size, and how much of the span is done.
        """
        span = self.spans[place.span]
        began = self._position(place.began_step, place.began_s)
        length = self.end(place) - began
        done = (self._position(step, elapsed_s) - began) / length if length > 0 else 1.0
        fade = 1.0
        if span.fading:
            fade = risen(done, stairs=span.stairs, middle=0.0 if self._by_time else 0.5 / length)
        return Stage(span.level, self.levels, fade, place.batch_size, min(max(done, 0.0), 1.0))


def risen(done: float, *, stairs: int, middle: float = 0.0) -> float:
    """Says how far a fade has risen.

    No step is lost on a level that is not heard at all: a step counts by the middle of its time,
    and so does a stair.

    Args:
        done: How much of the fade is done, 0 ... 1.
        stairs: In how many stairs it rises; 0 for a smooth rise.
        middle: Half of a step's part of the fade, for a smooth rise.

    Returns:
        0 ... 1.

    Example:
        >>> [risen(done / 4, stairs=0, middle=0.125) for done in range(4)]
        [0.125, 0.375, 0.625, 0.875]
        >>> [risen(done / 4, stairs=2) for done in range(4)]
        [0.25, 0.25, 0.75, 0.75]
    """
    done = min(max(done, 0.0), 1.0)
    if not stairs:
        return min(1.0, done + middle)
    return (min(int(done * stairs + 1e-9), stairs - 1) + 0.5) / stairs
