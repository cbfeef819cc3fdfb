"""Griffin-Lim: back and forth between sound and spectrogram until they agree."""

from typing import ClassVar, Literal

from torch import Tensor

from timbrel.recipes import option
from timbrel.signal.phase import PhaseMethod, Transform, _consistency, _iteration
from timbrel.signal.stft import FrameSpec


class GriffinLim(PhaseMethod):
    """Griffin-Lim: the phase of the sound whose spectrogram comes nearest, step by step."""

    title: ClassVar[str] = "Griffin-Lim"
    iterative: ClassVar[bool] = True
    deterministic: ClassVar[bool] = False
    source: ClassVar[str] = "Griffin & Lim 1984"

    name: Literal["griffin_lim"] = option("griffin_lim", "Which phase method.")
    iterations: int = option(32, "Times the spectrogram is made consistent.", low=0, high=10000)

    def waveform(
        self, magnitude: Tensor, frames: FrameSpec, *, length_samples: int, seed: int
    ) -> Tensor:
        """See `PhaseMethod.waveform`."""
        return _iteration.find_waveform(
            magnitude,
            frames,
            iterations=self.iterations,
            momentum=0.0,
            length_samples=length_samples,
            start=_iteration.random_turns(frames, frames.frame_count(length_samples), seed),
        )

    def waveform_in(
        self, magnitude: Tensor, transform: Transform, *, length_samples: int, seed: int
    ) -> Tensor:
        """See `ServesTransforms.waveform_in`."""
        return _consistency.find_waveform_in(
            magnitude,
            transform,
            iterations=self.iterations,
            momentum=0.0,
            length_samples=length_samples,
            start=_consistency.random_turns_in(magnitude.shape, seed),
        )


PHASE = GriffinLim
