"""Log-magnitude: every bin of the spectrogram, in dB below its maximum."""

from typing import ClassVar, Literal

from pydantic import model_validator
from torch import Tensor

from timbrel.recipes import option
from timbrel.signal.frontends import FrontEnd, _codes
from timbrel.signal.phase import GivesPhase
from timbrel.signal.stft import FrameSpec, in_small_batches, power
from timbrel.signal.windows import Window


class LogMagnitude(FrontEnd):
    """Magnitudes of the short-time Fourier transform, in dB below the maximum, as 0..1."""

    title: ClassVar[str] = "log-magnitude spectrogram"
    spectral: ClassVar[bool] = True
    source: ClassVar[str] = "Allen & Rabiner 1977"

    name: Literal["log_magnitude"] = option("log_magnitude", "Which front end.")
    n_fft: int = option(1024, "Length of the window.", unit="samples", low=16, high=65536)
    hop_samples: int = option(256, "Distance between frames.", unit="samples", low=1)
    window: Window = option("hann", "Shape of the window: hann or gaussian.")
    range_db: float = option(
        80.0, "How far below its maximum a sound is seen.", unit="dB", low=1, high=200
    )
    gate_db: float = option(
        1.0, "What is up to this far above the floor is silent.", unit="dB", low=0, high=40
    )

    @model_validator(mode="after")
    def _fits(self) -> "LogMagnitude":
        FrameSpec(self.n_fft, self.hop_samples, self.window)
        return self

    @property
    def frames(self) -> FrameSpec:
        """How sounds are framed."""
        return FrameSpec(self.n_fft, self.hop_samples, self.window)

    def code_shape(self, length_samples: int) -> tuple[int, int]:
        """See `FrontEnd.code_shape`."""
        return self.frames.bins, self.frames.frame_count(length_samples)

    def encode(self, sound: Tensor, *, sample_rate: int) -> tuple[Tensor, Tensor]:
        """See `FrontEnd.encode`."""

        def bin_power(part: Tensor) -> Tensor:
            return power(part, self.frames)

        return _codes.from_power(in_small_batches(bin_power, sound, self.frames), self.range_db)

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
        """See `FrontEnd.decode`."""
        _codes.check_code(code, self.code_shape(length_samples), length_samples)
        magnitude = _codes.to_power(code, self.range_db, self.gate_db).sqrt()
        sound = phase.waveform(magnitude, self.frames, length_samples=length_samples, seed=seed)
        return sound * reference.float()[:, None]


FRONT_END = LogMagnitude
