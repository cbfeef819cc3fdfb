"""Phase methods as rounds of a graph."""

from typing import Any, NamedTuple

from timbrel.errors import AbilityError
from timbrel.signal.phase import GivesPhase
from timbrel.signal.phase.fast_griffin_lim import FastGriffinLim

LEAST_AFTER_CHANCE = 32  # rounds where the phase begins at random and not from heap integration


class Rounds(NamedTuple):
    """How a graph finds phases.

    Attributes:
        iterations: Rounds of fast Griffin-Lim.
        momentum: How far each leaps ahead.
        method: The phase method of timbrel that does the same.
        replaces: The instrument's own method where that is another one; else empty.
    """

    iterations: int
    momentum: float
    method: GivesPhase
    replaces: str


def rounds_of(phase: Any) -> Rounds:
    """Finds the rounds that stand for a phase method in a graph.

    Griffin-Lim and its fast variant are rounds already. Heap integration visits cells in an order
    that the magnitudes decide, one after the other, which no graph of operations can do: fast
    Griffin-Lim from random phases takes its place.

    Args:
        phase: A phase method.

    Returns:
        The rounds.

    Raises:
        AbilityError: When nothing stands for it, as for phases of another sound.

    Example:
        >>> rounds_of(FastGriffinLim(iterations=8)).iterations
        8
    """
    name = getattr(phase, "name", type(phase).__name__)
    if name in ("griffin_lim", "fast_griffin_lim"):
        return Rounds(phase.iterations, getattr(phase, "momentum", 0.0), phase, "")
    if name == "heap_integration":
        count = max(LEAST_AFTER_CHANCE, phase.iterations)
        made = FastGriffinLim(iterations=count, momentum=phase.momentum)
        return Rounds(count, phase.momentum, made, name)
    raise AbilityError(
        f"the phase method {name} as a graph", "griffin_lim, fast_griffin_lim or heap_integration"
    )
