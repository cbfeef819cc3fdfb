"""The phases of the sounds that a morph is made of, kept where that can be.

What phase a new sound should have nobody knows; but the sounds between which it lies have good
ones. Each is stretched as the morph stretches them, running on at its own frequencies; they are
added by how loud each is in each cell; and a few rounds of Griffin-Lim settle what is left.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from timbrel.signal.phase.fast_griffin_lim import FastGriffinLim
from timbrel.signal.stft import FrameSpec, stft

ROUNDS = 16
_TINY = 1e-12


@dataclass(frozen=True, eq=False)
class SourcePhases:
    """The phases of some sounds, mixed: a way from magnitudes to a waveform.

    Attributes:
        sounds: The sounds as the instrument hears them, [S, T].
        at: Which frame of each sound each frame takes, [S, N]; None for its own.
        weights: How much of each sound is in each frame, [S, N]; None for equal parts.
        rounds: Rounds of fast Griffin-Lim.
    """

    sounds: Tensor
    at: Tensor | None = None
    weights: Tensor | None = None
    rounds: int = ROUNDS

    def waveform(
        self, magnitude: Tensor, frames: FrameSpec, *, length_samples: int, seed: int
    ) -> Tensor:
        """See `timbrel.signal.phase.PhaseMethod.waveform`; nothing is drawn."""
        count = magnitude.shape[2]
        spectra = stft(self.sounds[:, : max(length_samples, frames.n_fft)], frames)
        at = self._places(len(spectra), count)
        begun = (at >= 0).to(torch.uint8).argmax(dim=1)
        weights = torch.ones(at.shape) if self.weights is None else self.weights[:, :count]
        total = sum(
            _stretched(spectrum, places, int(first)) * weight.double()
            for spectrum, places, first, weight in zip(spectra, at, begun, weights, strict=True)
        )
        turns = torch.as_tensor(total).angle().T / torch.pi / 2
        method = FastGriffinLim(iterations=self.rounds)
        return method.refined(
            magnitude, frames, length_samples=length_samples, turns=turns.float()[None]
        )

    def _places(self, sounds: int, count: int) -> Tensor:
        if self.at is not None:
            return self.at[:, :count]
        return torch.arange(count, dtype=torch.float32).expand(sounds, count)


def _stretched(spectrum: Tensor, at: Tensor, begun: int) -> Tensor:
    """Takes a spectrum's frames at other places, its phases running on from one that is exact.

    Args:
        spectrum: Complex spectrum, [F, N].
        at: Which frame each new frame takes, [N'].
        begun: The frame whose phase is kept as it is.

    Returns:
        Complex spectrum, complex128 [F, N'], its loudest cell at 1; silent where `at` is outside.

    Source:
        The phase vocoder: Flanagan & Golden 1966; Laroche & Dolson 1999, section II.
    """
    last = spectrum.shape[1] - 1
    place = at.clamp(0, last).double()
    low = place.floor().long().clamp(max=max(last - 1, 0))
    high = (low + 1).clamp(max=last)
    phase, size = spectrum.angle().double(), spectrum.abs().double()
    # from frame n to n + 1 the phase moves on as it does where frame n is taken from
    step = (phase[:, high] - phase[:, low])[:, :-1]
    run = torch.nn.functional.pad(step.cumsum(dim=1), (1, 0))
    kept = phase[:, place[begun].round().long()]
    turned = kept[:, None] + run - run[:, begun : begun + 1]
    loud = torch.lerp(size[:, low], size[:, high], place - low)
    inside = (at > -1) & (at < last + 1)
    return torch.polar(loud * inside / size.max().clamp(min=_TINY), turned)
