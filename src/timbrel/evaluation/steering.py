"""Steering: what the sliders of an instrument do, as a report tells it (S1's third requirement)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

ENOUGH = 0.9  # of the seeds, for which a slider must go one way
CLEAN = 0.5  # of its own way, beyond which a slider moves something else too


@dataclass(frozen=True)
class Steered:
    """What one slider does over its whole range.

    Attributes:
        name: What a sound becomes with more of it.
        descriptor: What it moves.
        unit: The unit of that.
        step: The just audible change of it.
        moved: What the range moves, of every descriptor, in just audible steps; median over seeds.
        monotone: Share of the seeds that never audibly go back.
    """

    name: str
    descriptor: str
    unit: str
    step: float
    moved: dict[str, float]
    monotone: float

    @property
    def steps(self) -> float:
        """How far it goes: just audible steps of its own descriptor."""
        return abs(self.moved.get(self.descriptor, 0.0))

    @property
    def most_else(self) -> tuple[str, float]:
        """What else it moves most, and by how much of its own way; nothing where it is alone."""
        others = {name: abs(v) for name, v in self.moved.items() if name != self.descriptor}
        if not others or not self.steps:
            return "", 0.0
        name = max(others, key=others.__getitem__)
        return name, others[name] / self.steps


@dataclass(frozen=True)
class Steering:
    """The sliders of an instrument.

    Attributes:
        sliders: What each does.
        seeds: How many fresh seeds stand behind each number.
        without: Descriptors that have no slider, and why.
    """

    sliders: tuple[Steered, ...]
    seeds: int
    without: Mapping[str, str] = field(default_factory=dict)

    @property
    def steady(self) -> float:
        """The share of seeds for which the typical slider goes one way; 0 without sliders."""
        return median([one.monotone for one in self.sliders]) if self.sliders else 0.0

    @property
    def else_moved(self) -> float:
        """What the typical slider moves of something else, as a share of its own; 0 without."""
        return median([one.most_else[1] for one in self.sliders]) if self.sliders else 0.0

    @property
    def reach(self) -> float:
        """How many just audible steps the typical slider goes; 0 without sliders."""
        return median([one.steps for one in self.sliders]) if self.sliders else 0.0


def words(found: Steering) -> str:
    """Says how well an instrument is steered.

    Args:
        found: Its sliders.

    Returns:
        A sentence.

    Example:
        >>> slider = Steered("brighter", "brightness", "octaves", 0.1, {"brightness": 9.0}, 1.0)
        >>> words(Steering((slider,), 20)).split(":")[1]
        ' 1 slider (brighter)'
    """
    if not found.sliders:
        return "R3, steered by hand: nothing that can be heard is moved in one way by a slider."
    names, count = ", ".join(one.name for one in found.sliders), len(found.sliders)
    good = sum(one.monotone >= ENOUGH for one in found.sliders)
    clean = sum(one.most_else[1] <= CLEAN for one in found.sliders)
    return (
        f"R3, steered by hand: {count} slider{'s' if count > 1 else ''} ({names}): {good} of them"
        f" never audibly go back for {100 * ENOUGH:.0f} % of the seeds, {clean} move nothing else"
        f" by more than half as much; the typical one goes {found.reach:.0f} just audible steps."
    )
