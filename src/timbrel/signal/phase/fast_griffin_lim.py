"""Fast Griffin-Lim: Griffin-Lim that leaps ahead along its last step."""

from typing import ClassVar, Literal

from torch import Tensor

from timbrel.recipes import option
from timbrel.signal.phase import PhaseMethod, Transform, _consistency, _iteration
from timbrel.signal.stft import FrameSpec


class FastGriffinLim(PhaseMethod):
    """Griffin-Lim with momentum: fewer iterations for the same quality."""

    title: ClassVar[str] = "fast Griffin-Lim"
    iterative: ClassVar[bool] = True
    deterministic: ClassVar[bool] = False
    source: ClassVar[str] = "Perraudin, Balazs & Søndergaard 2013"

    name: Literal["fast_griffin_lim"] = option("fast_griffin_lim", "Which phase method.")
    iterations: int = option(32, "Times the spectrogram is made consistent.", low=0, high=10000)
    momentum: float = option(0.99, "How far it leaps ahead.", low=0, high=0.999)

    def waveform(
        self, magnitude: Tensor, frames: FrameSpec, *, length_samples: int, seed: int
    ) -> Tensor:
        """See `PhaseMethod.waveform`."""
        turns = _iteration.random_turns(frames, frames.frame_count(length_samples), seed)
        return self.refined(magnitude, frames, length_samples=length_samples, turns=turns)

    def refined(
        self, magnitude: Tensor, frames: FrameSpec, *, length_samples: int, turns: Tensor
    ) -> Tensor:
        """Finds a waveform from phases that are about right already.

        Args:
            magnitude: Linear magnitudes, non-negative, [B, F, N].
            frames: How the spectrogram was framed.
            length_samples: Length T of the waveform wanted.
            turns: The phases to begin with, in turns, [N, F] for all sounds or [B, N, F].

        Returns:
            The waveform, [B, T].
        """
        return _iteration.find_waveform(
            magnitude,
            frames,
            iterations=self.iterations,
            momentum=self.momentum,
            length_samples=length_samples,
            start=turns,
        )

    def waveform_in(
        self, magnitude: Tensor, transform: Transform, *, length_samples: int, seed: int
    ) -> Tensor:
        """See `ServesTransforms.waveform_in`."""
        return _consistency.find_waveform_in(
            magnitude,
            transform,
            iterations=self.iterations,
            momentum=self.momentum,
            length_samples=length_samples,
            start=_consistency.random_turns_in(magnitude.shape, seed),
        )


PHASE = FastGriffinLim
