"""The options of the family `deep_griffin_lim`."""

from pydantic import model_validator

from timbrel.errors import UsageError
from timbrel.recipes import Options, option
from timbrel.signal.stft import FrameSpec


class DeepGriffinLimOptions(Options):
    """Griffin-Lim whose every round ends in a small network that takes out what is wrong."""

    n_fft: int = option(1024, "Length of the window.", unit="samples", low=16, high=65536)
    hop_samples: int = option(256, "Distance between frames.", unit="samples", low=1)
    channels: int = option(16, "Channels of the network's layers.", low=2, high=256)
    layers: int = option(3, "Gated layers of the network.", low=1, high=12)
    rounds: int = option(16, "Rounds when it plays.", low=1, high=1000)
    lowest_snr_db: float = option(
        -6.0, "The loudest noise that it learns to take out.", unit="dB", low=-60, high=60
    )
    highest_snr_db: float = option(
        12.0, "The softest noise that it learns to take out.", unit="dB", low=-60, high=60
    )
    crop_frames: int = option(48, "Frames of a sound that one step sees.", low=8, high=4096)

    @model_validator(mode="after")
    def _fits(self) -> "DeepGriffinLimOptions":
        FrameSpec(self.n_fft, self.hop_samples)
        if self.highest_snr_db < self.lowest_snr_db:
            raise UsageError(
                f"noise from {self.lowest_snr_db:g} to {self.highest_snr_db:g} dB",
                "lowest_snr_db up to highest_snr_db",
            )
        return self

    @property
    def frames(self) -> FrameSpec:
        """The frames that it hears and plays."""
        return FrameSpec(self.n_fft, self.hop_samples)
