"""What front ends share that tell more of each frame in rows below its magnitudes."""

from abc import abstractmethod
from typing import ClassVar

import torch
from pydantic import model_validator
from torch import Tensor

from timbrel.recipes import option
from timbrel.signal.frontends import FrontEnd, _codes
from timbrel.signal.frontends.log_magnitude import LogMagnitude
from timbrel.signal.phase import GivesPhase
from timbrel.signal.stft import FrameSpec
from timbrel.signal.windows import Window


class Sided(FrontEnd):
    """Magnitudes as the front end log_magnitude gives them, and rows below that are not heard.

    Attributes:
        side_rows: How many rows those are.
    """

    spectral: ClassVar[bool] = True
    side_rows: ClassVar[int]

    name: str = option(..., "Which front end.")
    n_fft: int = option(2048, "Length of the window.", unit="samples", low=16, high=65536)
    hop_samples: int = option(512, "Distance between frames.", unit="samples", low=1)
    window: Window = option("hann", "Shape of the window: hann or gaussian.")
    range_db: float = option(
        80.0, "How far below its maximum a sound is seen.", unit="dB", low=1, high=200
    )
    gate_db: float = option(
        1.0, "What is up to this far above the floor is silent.", unit="dB", low=0, high=40
    )

    @model_validator(mode="after")
    def _fits(self) -> "Sided":
        FrameSpec(self.n_fft, self.hop_samples, self.window)
        return self

    @property
    def frames(self) -> FrameSpec:
        """How sounds are framed."""
        return FrameSpec(self.n_fft, self.hop_samples, self.window)

    @property
    def _magnitudes(self) -> LogMagnitude:
        return LogMagnitude(**self.model_dump(exclude={"name"}))

    @abstractmethod
    def rows(self, sound: Tensor, level: Tensor, *, sample_rate: int) -> Tensor:
        """Tells what stands beside the magnitudes of one sound.

        Args:
            sound: The sound, [T].
            level: Its magnitudes, 0..1, [F, N].
            sample_rate: Its rate in Hz.

        Returns:
            The rows, [side_rows, N]; silent frames are left out afterwards.
        """

    def code_shape(self, length_samples: int) -> tuple[int, int]:
        """See `FrontEnd.code_shape`."""
        return self.frames.bins + self.side_rows, self.frames.frame_count(length_samples)

    def encode(self, sound: Tensor, *, sample_rate: int) -> tuple[Tensor, Tensor]:
        """See `FrontEnd.encode`."""
        code, reference = self._magnitudes.encode(sound, sample_rate=sample_rate)
        rows = [
            self.rows(one, level, sample_rate=sample_rate)
            for one, level in zip(sound, code, strict=True)
        ]
        heard = code.amax(dim=1, keepdim=True) > 0
        nothing = code.new_zeros(0, self.side_rows, code.shape[2])
        told = torch.stack(rows).to(code) if rows else nothing
        return torch.cat([code, told * heard], dim=1), reference

    def decode(
        self,
        code: Tensor,
        reference: Tensor,
        *,
        sample_rate: int,
        length_samples: int,
        phase: GivesPhase,
        seed: int,
    ) -> Tensor:
        """See `FrontEnd.decode`; the rows below the magnitudes are not heard."""
        _codes.check_code(code, self.code_shape(length_samples), length_samples)
        return self._magnitudes.decode(
            code[:, : self.frames.bins],
            reference,
            sample_rate=sample_rate,
            length_samples=length_samples,
            phase=phase,
            seed=seed,
        )
