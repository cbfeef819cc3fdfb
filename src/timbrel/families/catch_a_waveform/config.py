"""The options of the family `catch_a_waveform`."""

from typing import Literal

from pydantic import model_validator

from timbrel.families import Growth, Level
from timbrel.recipes import Options, option


class CatchAWaveformOptions(Options):
    """A generator and a critic at each of several sampling rates, trained one after the other.

    What a recording decides is settled before training: rates above its own, and low ones that
    hold hardly any of its energy or are too short, are left out.
    """

    rates_hz: tuple[int, ...] = option(
        (320, 400, 500, 640, 800, 1000, 1280, 1600, 2000, 2500, 4000, 8000, 10000, 12000, 14400,
         16000),
        "Sampling rates of the scales, the lowest first; the last is that of the recipe.",
        unit="Hz",
    )  # fmt: skip
    least_energy: float = option(
        0.0025,
        "Mean square, beside a peak of 1, that the recording has at the first scale at least.",
        low=0, high=1,
    )  # fmt: skip
    first_channels: int = option(16, "Channels at the first scale.", low=1, high=1024)
    channels: int = option(96, "Channels at all other scales.", low=1, high=1024)
    layers: int = option(
        8, "Layers of each network; each looks twice as far as the one before.", low=2, high=12
    )
    kernel: int = option(9, "Taps of each convolution.", unit="samples", low=3, high=65)
    pre_emphasis: float = option(
        0.97, "Of the sample before, what each output sample loses.", low=0, high=1
    )
    epochs: int = option(
        3000, "Steps of a scale; each sees all recordings once.", low=1, high=1_000_000
    )
    slower_after: float = option(
        2 / 3, "Share of a scale's steps after which the learning rate is a tenth.", low=0, high=1
    )
    penalty_weight: float = option(0.01, "Weight of the gradient penalty.", low=0, high=1000)
    critic_steps: int = option(1, "Steps of the critic to each of the generator.", low=1, high=20)
    likeness: Literal["spectrograms", "samples"] = option(
        "spectrograms",
        "What must come back without noise: spectrograms, for music, or samples, for speech, for "
        "recordings with holes and for noisy ones.",
    )
    spectrograms_weight: float = option(
        1e-4, "Weight of the distance of spectrograms.", low=0, high=1000
    )
    samples_weight: float = option(10.0, "Weight of the squared error.", low=0, high=1e6)
    noise_factor: float = option(
        0.01, "Noise of a scale, of the root of the energy that it adds.", low=0, high=10
    )

    @model_validator(mode="after")
    def _fits(self) -> "CatchAWaveformOptions":
        rates = self.rates_hz
        if not rates or min(rates) < 1 or list(rates) != sorted(set(rates)):
            raise ValueError(f"rates_hz {list(rates)}: rising rates, one at least")
        if not self.kernel % 2:
            raise ValueError(f"kernel {self.kernel}: an odd number keeps time in place")
        return self

    @property
    def dilations(self) -> tuple[int, ...]:
        """How far apart the taps of each layer are."""
        return tuple(2**layer for layer in range(self.layers))

    @property
    def reach(self) -> int:
        """Samples that a network sees to either side, half of what it sees but for the middle."""
        return sum(self.dilations) * (self.kernel - 1) // 2

    @property
    def growth(self) -> Growth:
        """One level a scale; nothing fades in. Its time grows with its rate."""
        levels = (
            Level(
                0, self.epochs, batch_size=1, time_share=float(rate),
                bytes_share=float(rate) * self.width(scale),
            )
            for scale, rate in enumerate(self.rates_hz)
        )  # fmt: skip
        return Growth(tuple(levels))

    def width(self, scale: int) -> int:
        """Channels at a scale, from 0."""
        return self.channels if scale else self.first_channels
