"""Walks: what a direction of a latent space does to sounds, measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from timbrel.instruments import lasting
from timbrel.instruments.instrument import Instrument
from timbrel.signal.descriptors import DESCRIPTORS, measured
from timbrel.synthesis.directions import Basis
from timbrel.synthesis.generate import draw, labelled
from timbrel.synthesis.neighbours import Neighbours
from timbrel.synthesis.priors import drawn
from timbrel.synthesis.renders import GRAIN, SEEDS

Numbers = NDArray[np.float64]
HEARD_S = 5.0  # of an instrument that plays for as long as is asked


@dataclass(frozen=True, eq=False)
class Walk:
    """What a direction does: every descriptor at every position of every seed.

    Attributes:
        at: The positions, in standard deviations, [P].
        steps: What was measured, in just audible steps, [S, P, D]; NaN where there was none.
    """

    at: Numbers
    steps: Numbers

    def part(self, first: int, last: int) -> "Walk":
        """Gives the walk between two positions, both included."""
        return Walk(self.at[first : last + 1], self.steps[:, first : last + 1])

    def joined(self, other: "Walk") -> "Walk":
        """Puts a walk of other seeds along the same way beside this one."""
        return Walk(self.at, np.concatenate([self.steps, other.steps]))

    def forward(self, sign: float = 1.0) -> tuple[Numbers, Numbers]:
        """Tells which seeds never go audibly back, and which never at all, of each descriptor.

        What counts is how far a seed falls below where it was before, in one step or in several.

        Args:
            sign: 1, or -1 to walk the other way.

        Returns:
            Shares of seeds, [D] each. A seed that on the whole moves by less than an audible step,
            or that has no such descriptor somewhere, counts as going back.
        """
        signed = sign * self.steps
        whole = signed[:, -1] - signed[:, 0]
        with np.errstate(invalid="ignore"):
            back = np.maximum.accumulate(signed, axis=1) - signed
            audible = (back < 1).all(axis=1) & (whole >= 1)
            strict = (np.diff(signed, axis=1) > 0).all(axis=1) & (whole >= 1)
        return audible.mean(axis=0), strict.mean(axis=0)

    def moved(self) -> Numbers:
        """The median change over all positions, in steps, [D]; 0 where there is none."""
        whole = self.steps[:, -1] - self.steps[:, 0]
        known = np.isfinite(whole).mean(axis=0) >= 0.5
        return np.array(
            [np.nanmedian(whole[:, d]) if known[d] else 0.0 for d in range(whole.shape[1])]
        )


class Listener:
    """Plays latents of an instrument as `generate` does, and measures them.

    Args:
        instrument: Who plays.
    """

    def __init__(self, instrument: Instrument) -> None:
        instrument.require("generate")
        self.instrument = instrument
        self._steps = np.array([each.step for each in DESCRIPTORS])
        self._drawn = _drawn_by(instrument)

    def drawn(self, seed: int, number: int) -> Tensor:
        """Draws a latent as `generate` does, [Z]."""
        return self._drawn(seed, number)

    def steps(self, latent: Tensor, drawn_by: int) -> Numbers:
        """Measures the sound of a latent, in just audible steps, [D].

        An instrument that plays for as long as is asked is heard for some bars.
        """
        sound = self._played(latent.float()[None], drawn_by)
        return np.asarray(measured(sound, self.instrument.sample_rate) / self._steps)

    def _played(self, latent: Tensor, drawn_by: int) -> Tensor:
        if not lasting.plays_long(self.instrument):
            return self.instrument.decode(latent, seed=drawn_by, grain=GRAIN)
        return lasting.play(
            self.instrument, latent, torch.zeros(1), seconds=HEARD_S, seed=drawn_by, grain=GRAIN
        )

    def walk(self, basis: Basis, way: Numbers, at: Sequence[float], seeds: range) -> Walk:
        """Walks sounds along a direction.

        Args:
            basis: What the direction is told in.
            way: The direction, in standard deviations, [K].
            at: Positions along it.
            seeds: Which sounds; the same seed gives the same sound and the same detail.

        Returns:
            What was measured.
        """
        step = torch.from_numpy(way) @ basis.moves
        rows = []
        for number in seeds:
            x = basis.prior.inward(self.drawn(seeds.start // SEEDS, number % SEEDS)).double()
            latents = [basis.prior.outward(x + place * step) for place in at]
            rows.append([self.steps(latent, number) for latent in latents])
        return Walk(np.asarray(at, dtype=np.float64), np.array(rows))


def _drawn_by(instrument: Instrument) -> Callable[[int, int], Tensor]:
    """How `generate` draws latents for this instrument."""
    if not instrument.cloud.plays:
        return lambda seed, number: drawn(instrument, seed=seed, number=number)
    rows, kin = labelled(instrument.cloud, None), Neighbours(instrument.cloud)
    return lambda seed, number: draw(kin, rows, seed=seed, number=number).latent
