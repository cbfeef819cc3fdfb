"""A phase method is a way from magnitudes to a waveform. One file each; listing is registration.

Each file declares ``PHASE``: a frozen `PhaseMethod` class whose fields are its settings. Whoever
only needs a waveform takes a `GivesPhase`, which a trained network or a kept phase is as well.
"""

from abc import abstractmethod
from typing import ClassVar, Protocol

from torch import Tensor

from timbrel.recipes import Options
from timbrel.signal.stft import FrameSpec


class GivesPhase(Protocol):
    """Whatever finds a waveform for magnitudes: a phase method, a kept phase, a trained network."""

    def waveform(
        self, magnitude: Tensor, frames: FrameSpec, *, length_samples: int, seed: int
    ) -> Tensor:
        """Finds a waveform whose spectrogram has these magnitudes; see `PhaseMethod.waveform`."""


class PhaseMethod(Options):
    """A way from magnitudes to a waveform.

    Attributes:
        title: What it is called in lists.
        iterative: Whether it improves step by step.
        deterministic: Whether it draws nothing, so that the seed does not matter.
        needs_sound: Whether magnitudes are not enough, so that it serves only to play back.
        source: The paper it follows.
    """

    title: ClassVar[str]
    iterative: ClassVar[bool]
    deterministic: ClassVar[bool]
    needs_sound: ClassVar[bool] = False
    source: ClassVar[str]

    @abstractmethod
    def waveform(
        self, magnitude: Tensor, frames: FrameSpec, *, length_samples: int, seed: int
    ) -> Tensor:
        """Finds a waveform whose spectrogram has these magnitudes.

        Args:
            magnitude: Linear magnitudes, non-negative, [B, F, N].
            frames: How the spectrogram was framed; F is ``frames.n_fft // 2 + 1``.
            length_samples: Length T of the waveform wanted.
            seed: Seed of anything drawn; the same seed gives the same bytes.

        Returns:
            The waveform, [B, T].
        """
