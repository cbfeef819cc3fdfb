"""Log-mel: the spectrogram in bands as wide as the ear's, in dB below its maximum."""

from typing import ClassVar, Literal

from pydantic import model_validator
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.recipes import option
from timbrel.signal import mel
from timbrel.signal.frontends import FrontEnd, _codes
from timbrel.signal.phase import GivesPhase
from timbrel.signal.stft import FrameSpec, in_small_batches, power
from timbrel.signal.windows import Window


class LogMel(FrontEnd):
    """Mel bands of the power spectrogram, in dB below the sound's own maximum, as 0..1."""

    title: ClassVar[str] = "log-mel spectrogram"
    spectral: ClassVar[bool] = True
    source: ClassVar[str] = "Davis & Mermelstein 1980; Rebnord 2022"

    name: Literal["log_mel"] = option("log_mel", "Which front end.")
    n_fft: int = option(512, "Length of the window.", unit="samples", low=16, high=65536)
    hop_samples: int = option(128, "Distance between frames.", unit="samples", low=1)
    window: Window = option("hann", "Shape of the window: hann or gaussian.")
    mels: int = option(128, "Mel bands.", low=1, high=1024)
    low_hz: float = option(0.0, "Lower end of the lowest band.", unit="Hz", low=0)
    high_hz: float = option(
        0.0, "Upper end of the highest band; 0 is half the rate.", unit="Hz", low=0
    )
    range_db: float = option(
        80.0, "How far below its maximum a sound is seen.", unit="dB", low=1, high=200
    )
    gate_db: float = option(
        1.0, "What is up to this far above the floor is silent.", unit="dB", low=0, high=40
    )
    norm: mel.Norm = option(
        "slaney", "Whether bands have equal area (slaney) or a height of one (none)."
    )

    @model_validator(mode="after")
    def _fits(self) -> "LogMel":
        FrameSpec(self.n_fft, self.hop_samples, self.window)
        if self.high_hz and self.high_hz <= self.low_hz:
            raise UsageError(
                f"mel bands from {self.low_hz:g} to {self.high_hz:g} Hz", "low_hz below high_hz"
            )
        return self

    @property
    def frames(self) -> FrameSpec:
        """How sounds are framed."""
        return FrameSpec(self.n_fft, self.hop_samples, self.window)

    def bands(self, sample_rate: int) -> mel.MelBands:
        """Gives the mel bands at a rate.

        Args:
            sample_rate: Rate in Hz.

        Returns:
            The bands.
        """
        return mel.MelBands(
            sample_rate, self.n_fft, self.mels, self.low_hz, self.high_hz, self.norm
        )

    def code_shape(self, length_samples: int) -> tuple[int, int]:
        """See `FrontEnd.code_shape`."""
        return self.mels, self.frames.frame_count(length_samples)

    def encode(self, sound: Tensor, *, sample_rate: int) -> tuple[Tensor, Tensor]:
        """See `FrontEnd.encode`."""
        bands = self.bands(sample_rate)

        def mel_power(part: Tensor) -> Tensor:
            return mel.to_mel(power(part, self.frames), bands)

        return _codes.from_power(in_small_batches(mel_power, sound, self.frames), self.range_db)

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
        bands = _codes.to_power(code, self.range_db, self.gate_db)
        magnitude = mel.to_linear(bands, self.bands(sample_rate)).sqrt()
        sound = phase.waveform(magnitude, self.frames, length_samples=length_samples, seed=seed)
        return sound * reference.float()[:, None]


FRONT_END = LogMel
