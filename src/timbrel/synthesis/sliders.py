"""Sliders: named ways to move a latent, so that a sound becomes brighter, denser, louder.

    generate --slider brighter=+2      each sound two just audible steps brighter than it would be
    generate --lock denser             every sound in the same place of this slider: its middle
    both of one slider                 every sound in the same place: two steps above the middle

How they are found stands in `timbrel.synthesis.slider_search`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from timbrel.errors import InstrumentError, UnknownNameError, UsageError
from timbrel.recipes import Options, option
from timbrel.synthesis.priors import Prior

FORMAT_VERSION = 1
MOST = 16


class Slider(Options):
    """One slider, as it is found and kept."""

    name: str = option(..., "What a sound becomes with more of it, such as brighter.")
    descriptor: str = option(..., "What is measured, such as brightness.")
    unit: str = option(..., "The unit of the descriptor.")
    step: float = option(..., "The just audible change of the descriptor: one unit.", low=0)
    low: float = option(..., "The lowest value.", unit="just audible steps", high=0)
    high: float = option(..., "The highest value.", unit="just audible steps", low=0)
    monotone: float = option(..., "Share of seeds that never audibly go back.", low=0, high=1)
    strictly: float = option(..., "Share of seeds that never go back at all.", low=0, high=1)
    moved: dict[str, float] = option(..., "What the whole range moves: median, in steps.")
    cross_talk: float = option(..., "The largest other of these, as a share of its own.", low=0)
    move: tuple[float, ...] = option(..., "What one unit adds to a latent, Z values.")
    read: tuple[float, ...] = option(..., "What tells where a latent lies on it, Z values.")


class Sliders(Options):
    """All sliders of an instrument."""

    format_version: int = option(FORMAT_VERSION, "Version of the file's format.", low=1)
    fingerprint: str = option(..., "The instrument that they were found for.")
    bounds: tuple[float, float] | None = option(None, "The ends of an even prior, if it is one.")
    origin: tuple[float, ...] = option(..., "The middle that sliders are read from, Z values.")
    asked: int = option(..., "How many were asked for at most.", low=1, high=MOST)
    seeds: int = option(..., "How many fresh seeds they were checked on.", low=1)
    sliders: tuple[Slider, ...] = option(..., "The sliders, the surest first.")
    without: dict[str, str] = option(..., "Descriptors that have no slider, and why.")

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in order."""
        return tuple(slider.name for slider in self.sliders)

    def first(self, count: int | None) -> "Sliders":
        """Gives the first of them.

        Args:
            count: How many at most; None for all.

        Returns:
            The same with so many.
        """
        return self.model_copy(update={"sliders": self.sliders[:count]})

    def named(self, name: str) -> int:
        """Finds a slider.

        Args:
            name: Its name; "harder-attack" is "harder attack" too.

        Returns:
            Its number.

        Raises:
            UnknownNameError: When there is none of that name.
        """
        plain = plain_name(name)
        if plain not in self.names:
            advice = "`timbrel sliders INSTRUMENT` tells what each does"
            raise UnknownNameError("slider", name, self.names, advice)
        return self.names.index(plain)


def plain_name(name: str) -> str:
    """Brings the name of a slider to the one way it is written.

    Args:
        name: What a person typed.

    Returns:
        The name in small letters, with single blanks.

    Example:
        >>> plain_name("Harder-Attack_2")
        'harder attack 2'
    """
    return " ".join(name.replace("-", " ").replace("_", " ").lower().split())


@dataclass(frozen=True)
class Wanted:
    """What a person asks of sliders.

    Attributes:
        values: How far each is moved, in just audible steps, by name.
        locked: The names of those that are the same for every sound.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    locked: Sequence[str] = ()

    @property
    def any(self) -> bool:
        """Whether anything is asked."""
        return bool(self.values or self.locked)

    def told(self) -> dict[str, object]:
        """Says it as a render's settings do.

        Returns:
            Plain values.
        """
        return {"sliders": dict(self.values), "locked": list(self.locked)} if self.any else {}


@dataclass(frozen=True, eq=False)
class Steering:
    """Sliders set to what is wanted, ready to move latents; `steering` makes one.

    Attributes:
        prior: How latents become the values that are moved.
        origin: The middle, [Z].
        shift: What is added to every latent, [Z].
        moves: What a unit of each locked slider adds, [L, Z].
        reads: What reads where a latent lies on each, [L, Z].
        wanted: What was asked.
    """

    prior: Prior
    origin: Tensor
    shift: Tensor
    moves: Tensor
    reads: Tensor
    wanted: Wanted

    def moved(self, latent: Tensor) -> Tensor:
        """Moves a latent.

        Args:
            latent: The latent, [Z].

        Returns:
            The latent as the sliders have it, [Z].
        """
        x = self.prior.inward(latent).double()
        if len(self.moves):
            at = self.reads @ (x - self.origin)
            # moving one locked slider may move another's reading: all are brought back at once
            both = self.reads @ self.moves.T
            x = x - torch.linalg.lstsq(both, at[:, None]).solution[:, 0] @ self.moves
        return self.prior.outward((x + self.shift).to(latent.dtype))


def steering(sliders: Sliders, wanted: Wanted) -> Steering:
    """Sets sliders.

    Args:
        sliders: An instrument's sliders.
        wanted: What is asked of them.

    Returns:
        What moves latents so.

    Raises:
        UnknownNameError: When there is no slider of a name.
        UsageError: When a value is beyond a slider's range.
    """
    origin = torch.tensor(sliders.origin, dtype=torch.float64)
    shift = torch.zeros_like(origin)
    for name, value in wanted.values.items():
        one = sliders.sliders[sliders.named(name)]
        # what is shown is accepted, and so is what was measured
        low, high = min(one.low, round(one.low, 1)), max(one.high, round(one.high, 1))
        if not low <= value <= high:
            raise UsageError(f"the slider {one.name!r} at {value:+g}", f"{low:+.1f} to {high:+.1f}")
        shift += value * torch.tensor(one.move, dtype=torch.float64)
    locked = [sliders.sliders[sliders.named(name)] for name in dict.fromkeys(wanted.locked)]
    moves, reads = (_rows([getattr(s, part) for s in locked], origin) for part in ("move", "read"))
    return Steering(Prior(sliders.bounds), origin, shift, moves, reads, wanted)


def checked_count(count: int) -> int:
    """Checks how many sliders are asked for.

    Args:
        count: How many at most.

    Returns:
        The same.

    Raises:
        UsageError: When it is out of range.
    """
    if not 1 <= count <= MOST:
        raise UsageError(f"{count} sliders", f"1 to {MOST}")
    return count


def check_fit(sliders: Sliders, *, fingerprint: str, latent_size: int) -> None:
    """Checks that sliders belong to an instrument.

    Args:
        sliders: What a file says.
        fingerprint: The instrument's.
        latent_size: Z.

    Raises:
        InstrumentError: When they are another's, or their sizes do not fit.
    """
    rows = [sliders.origin, *(s.move for s in sliders.sliders), *(s.read for s in sliders.sliders)]
    if sliders.fingerprint != fingerprint or any(len(row) != latent_size for row in rows):
        raise InstrumentError("the sliders are another instrument's", advice=AGAIN)
    if len(set(sliders.names)) != len(sliders.names):
        raise InstrumentError("two sliders have one name", advice=AGAIN)


AGAIN = "find them anew: timbrel sliders INSTRUMENT --force"


def _rows(rows: Sequence[Sequence[float]], origin: Tensor) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64).reshape(len(rows), len(origin))
