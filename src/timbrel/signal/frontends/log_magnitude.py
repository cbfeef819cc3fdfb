"""Log-magnitude: every bin of the spectrogram, in dB below its maximum."""

from typing import ClassVar, Literal

from torch import Tensor

from timbrel.recipes import option
from timbrel.signal.frontends import FrontEnd, _decibels
from timbrel.signal.phase import PhaseMethod
from timbrel.signal.stft import FrameSpec, magnitude


class LogMagnitude(FrontEnd):
    """Magnitudes of the short-time Fourier transform, in dB below the maximum, as 0..1."""

    title: ClassVar[str] = "log-magnitude spectrogram"
    spectral: ClassVar[bool] = True
    source: ClassVar[str] = "Allen & Rabiner 1977"

    name: Literal["log_magnitude"] = option("log_magnitude", "Which front end.")
    n_fft: int = option(1024, "Length of the window.", unit="samples", low=16, high=65536)
    hop_samples: int = option(256, "Distance between frames.", unit="samples", low=1)
    range_db: float = option(
        80.0, "How far below its maximum a sound is seen.", unit="dB", low=1, high=200
    )

    @property
    def frames(self) -> FrameSpec:
        """How sounds are framed."""
        return FrameSpec(self.n_fft, self.hop_samples)

    def code_shape(self, length_samples: int) -> tuple[int, int]:
        """See `FrontEnd.code_shape`."""
        return self.frames.bins, self.frames.frame_count(length_samples)

    def encode(self, sound: Tensor, *, sample_rate: int) -> tuple[Tensor, Tensor]:
        """See `FrontEnd.encode`."""
        return _decibels.encode(magnitude(sound, self.frames).square(), self.range_db)

    def decode(
        self,
        code: Tensor,
        reference: Tensor,
        *,
        sample_rate: int,
        length_samples: int,
        phase: PhaseMethod,
        seed: int,
    ) -> Tensor:
        """See `FrontEnd.decode`."""
        power = _decibels.decode(code, reference, self.range_db)
        return phase.waveform(power.sqrt(), self.frames, length_samples=length_samples, seed=seed)


FRONT_END = LogMagnitude
