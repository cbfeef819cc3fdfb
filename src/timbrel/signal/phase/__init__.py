"""A phase method is a way from magnitudes to a waveform. One file each; listing is registration.

Each file declares ``PHASE``: a frozen `PhaseMethod` class whose fields are its settings. Whoever
only needs a waveform takes a `GivesPhase`, which a trained network or a kept phase is as well.
"""

from abc import abstractmethod
from typing import ClassVar, Protocol, runtime_checkable

from torch import Tensor

from timbrel.recipes import Options
from timbrel.signal.stft import FrameSpec


class GivesPhase(Protocol):
    """Whatever finds a waveform for magnitudes: a phase method, a kept phase, a trained network."""

    def waveform(
        self, magnitude: Tensor, frames: FrameSpec, *, length_samples: int, seed: int
    ) -> Tensor:
        """Finds a waveform whose spectrogram has these magnitudes; see `PhaseMethod.waveform`."""


class HasSlopes(Protocol):
    """A transform whose magnitudes tell of their phase."""

    def phase_slopes(self, over_time: Tensor, over_frequency: Tensor) -> tuple[Tensor, ...]:
        """Tells the slopes of the phase from those of the log-magnitude.

        Args:
            over_time: Slope of the natural logarithm from frame to frame, [N, F].
            over_frequency: Its slope from bin to bin, [N, F].

        Returns:
            Slopes of the phase in turns: along time beside each bin's own, [N, F]; along
            frequency, [N, F]; each bin's own from frame to frame, float64 [F].
        """


class Transform(HasSlopes, Protocol):
    """A transform with an inverse, whose magnitudes may want a phase: the constant-Q transform."""

    def forward(self, sound: Tensor) -> Tensor:
        """Transforms sounds [B, T] into complex coefficients [B, F, N]."""

    def inverse(self, spectrum: Tensor, length_samples: int) -> Tensor:
        """Turns coefficients [B, F, N] back into sounds [B, T]."""


@runtime_checkable
class ServesTransforms(Protocol):
    """Whatever finds a waveform also for magnitudes of other than short-time spectra."""

    def waveform_in(
        self, magnitude: Tensor, transform: Transform, *, length_samples: int, seed: int
    ) -> Tensor:
        """Finds a waveform whose transform has these magnitudes.

        Args:
            magnitude: Linear magnitudes, non-negative, [B, F, N].
            transform: What they are the magnitudes of.
            length_samples: Length T of the waveform wanted.
            seed: Seed of anything drawn.

        Returns:
            The waveform, [B, T].
        """


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
