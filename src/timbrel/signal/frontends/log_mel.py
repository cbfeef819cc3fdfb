"""Log-mel: the spectrogram in bands as wide as the ear's, in dB below its maximum."""

from typing import ClassVar, Literal

from torch import Tensor

from timbrel.recipes import option
from timbrel.signal import mel
from timbrel.signal.frontends import FrontEnd, _decibels
from timbrel.signal.phase import PhaseMethod
from timbrel.signal.stft import FrameSpec, magnitude


class LogMel(FrontEnd):
    """Mel bands of the power spectrogram, in dB below the sound's own maximum, as 0..1."""

    title: ClassVar[str] = "log-mel spectrogram"
    spectral: ClassVar[bool] = True
    source: ClassVar[str] = "Davis & Mermelstein 1980; Rebnord 2022"

    name: Literal["log_mel"] = option("log_mel", "Which front end.")
    n_fft: int = option(512, "Length of the window.", unit="samples", low=16, high=65536)
    hop_samples: int = option(128, "Distance between frames.", unit="samples", low=1)
    mels: int = option(128, "Mel bands.", low=1, high=1024)
    low_hz: float = option(0.0, "Lower end of the lowest band.", unit="Hz", low=0)
    high_hz: float = option(
        0.0, "Upper end of the highest band; 0 is half the rate.", unit="Hz", low=0
    )
    range_db: float = option(
        80.0, "How far below its maximum a sound is seen.", unit="dB", low=1, high=200
    )
    norm: Literal["slaney", "none"] = option(
        "slaney", "Whether bands have equal area (slaney) or equal height (none)."
    )

    @property
    def frames(self) -> FrameSpec:
        """How sounds are framed."""
        return FrameSpec(self.n_fft, self.hop_samples)

    def code_shape(self, length_samples: int) -> tuple[int, int]:
        """See `FrontEnd.code_shape`."""
        return self.mels, self.frames.frame_count(length_samples)

    def encode(self, sound: Tensor, *, sample_rate: int) -> tuple[Tensor, Tensor]:
        """See `FrontEnd.encode`."""
        bank = mel.filterbank(**self._bands(sample_rate)).to(sound.device)
        power = magnitude(sound, self.frames).square()
        return _decibels.encode(bank @ power, self.range_db)

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
        bands = _decibels.decode(code, reference, self.range_db)
        power = mel.to_linear(bands, **self._bands(sample_rate))
        return phase.waveform(power.sqrt(), self.frames, length_samples=length_samples, seed=seed)

    def _bands(self, sample_rate: int):
        return {
            "sample_rate": sample_rate,
            "n_fft": self.n_fft,
            "mels": self.mels,
            "low_hz": self.low_hz,
            "high_hz": self.high_hz,
            "norm": self.norm,
        }


FRONT_END = LogMel
