"""The options of the family `fourier_vocoder`."""

from pydantic import model_validator

from timbrel.recipes import Options, option
from timbrel.signal.stft import FrameSpec


class FourierVocoderOptions(Options):
    """A neural vocoder with a Fourier head, after Vocos."""

    n_fft: int = option(1024, "Length of the window.", unit="samples", low=16, high=65536)
    hop_samples: int = option(256, "Distance between frames.", unit="samples", low=1)
    mels: int = option(
        0,
        "Mel bands that the magnitudes are squeezed to before it hears them, so that it learns to "
        "sharpen them; 0 hears every bin and keeps the magnitudes.",
        low=0, high=1024,
    )  # fmt: skip
    range_db: float = option(
        80.0, "How far below its maximum a sound is heard.", unit="dB", low=20, high=200
    )
    channels: int = option(256, "Channels of the backbone over frames.", low=4, high=2048)
    blocks: int = option(4, "Blocks of the backbone.", low=1, high=32)
    features: int = option(4, "Values a cell that the backbone hands to the head.", low=1, high=64)
    head_channels: int = option(24, "Channels of the head over cells.", low=4, high=512)
    head_layers: int = option(3, "Layers of the head.", low=1, high=12)
    rounds: int = option(
        8, "Rounds of Griffin-Lim that follow the network's phase when it plays.", low=0, high=1000
    )
    crop_frames: int = option(64, "Frames of a sound that one step sees.", low=8, high=4096)
    phase_weight: float = option(1.0, "Weight of the likelihood of the phase.", low=0, high=1000)
    critic_weight: float = option(
        0.0,
        "Weight of a critic's judgement of the magnitudes (mel only); 0 trains without one.",
        low=0, high=1000,
    )  # fmt: skip
    critic_channels: int = option(16, "Channels of the critic's first layer.", low=4, high=512)

    @model_validator(mode="after")
    def _fits(self) -> "FourierVocoderOptions":
        FrameSpec(self.n_fft, self.hop_samples)
        return self

    @property
    def frames(self) -> FrameSpec:
        """The frames that it hears and plays."""
        return FrameSpec(self.n_fft, self.hop_samples)
