"""Proposals: several sounds of one kind, each drawn anew."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from timbrel.errors import UsageError
from timbrel.instruments.instrument import Instrument
from timbrel.synthesis.phases import Phase
from timbrel.synthesis.renders import Origin, Parent, checked_seed

MOST = 10_000
_WORDS = {
    "generate": "piece",
    "vary": "variation",
    "continue": "continued",
    "inpaint": "inpainted",
    "extend_bandwidth": "extended",
    "denoise": "denoised",
}


@dataclass(frozen=True)
class Proposals:
    """How many are made, and of which seed.

    Attributes:
        count: How many, 1 to 10,000.
        seed: Seed of all that is drawn; number i of a seed is the same however many are asked for.
        phase: The way from magnitudes to a waveform; None takes the instrument's own.
    """

    count: int = 1
    seed: int = 0
    phase: Phase | None = None

    def origins(
        self, instrument: Instrument, ability: str, settings: Mapping[str, object], source: str
    ) -> Iterator[Origin]:
        """Says how each comes to be made.

        Args:
            instrument: Who plays.
            ability: What makes them.
            settings: What they are made with.
            source: What they are made of.

        Yields:
            The origins.

        Raises:
            AbilityError: When the instrument cannot.
            UsageError: When count or seed are out of range.
        """
        instrument.require(ability)
        checked_seed(self.seed)
        if not 1 <= self.count <= MOST:
            raise UsageError(f"a count of {self.count}", f"1 to {MOST}")
        parents = [Parent(source, 1.0)] if source else []
        for number, name in enumerate(names(ability, self.count)):
            yield Origin(name, ability, self.seed, number, parents, settings, phase=self.phase)


def names(ability: str, count: int) -> list[str]:
    """Says what renders will be called.

    Args:
        ability: What makes them.
        count: How many.

    Returns:
        Their names, in order.

    Example:
        >>> names("vary", 2)
        ['0001-variation', '0002-variation']
    """
    return [f"{number + 1:04d}-{_WORDS[ability]}" for number in range(count)]
