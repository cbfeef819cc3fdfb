"""Zero phase: every partial begins at its crest in every frame. The floor to measure against."""

from typing import ClassVar, Literal

import torch
from torch import Tensor

from timbrel.recipes import option
from timbrel.signal.phase import PhaseMethod, Transform
from timbrel.signal.stft import FrameSpec, istft


class Zero(PhaseMethod):
    """Magnitudes as they are, with a phase of zero."""

    title: ClassVar[str] = "zero phase"
    iterative: ClassVar[bool] = False
    deterministic: ClassVar[bool] = True
    source: ClassVar[str] = "Rebnord 2022, chapter 7"

    name: Literal["zero"] = option("zero", "Which phase method.")

    def waveform(
        self, magnitude: Tensor, frames: FrameSpec, *, length_samples: int, seed: int
    ) -> Tensor:
        """See `PhaseMethod.waveform`."""
        return istft(torch.complex(magnitude, torch.zeros_like(magnitude)), frames, length_samples)

    def waveform_in(
        self, magnitude: Tensor, transform: Transform, *, length_samples: int, seed: int
    ) -> Tensor:
        """See `ServesTransforms.waveform_in`."""
        zero = torch.zeros_like(magnitude)
        return transform.inverse(torch.complex(magnitude, zero), length_samples)


PHASE = Zero
