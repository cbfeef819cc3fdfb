"""The options of the family `progressive_gan`."""

from typing import Literal

from pydantic import model_validator

from timbrel.families import Growth, Level
from timbrel.recipes import Options, option


class ProgressiveGanOptions(Options):
    """A generator and a critic of waveforms that grow together, level by level.

    Lists have one value a level, the lowest sampling rate first. Each level doubles the rate; the
    number of levels is that of `channels`.
    """

    latent_size: int = option(256, "Dimensions Z of the latent.", low=1, high=4096)
    first_channels: int = option(
        4, "Channels that the latent becomes before the first convolution.", low=1, high=256
    )
    channels: tuple[int, ...] = option(
        (256, 256, 128, 64, 64, 32, 32, 16, 16), "Channels of each level's convolutions."
    )
    kernel: int = option(25, "Taps of each convolution.", unit="samples", low=3, high=255)
    equalised: Literal["multiplied", "divided"] = option(
        "multiplied",
        "How weights of size one are scaled: multiplied by He's constant, or divided by it as S1 "
        "did by mistake (its full layers are then plain, as S1's).",
    )
    aliased: bool = option(
        False,
        "Whether lower rates are made by leaving samples out, as S1 says it did, so that high "
        "frequencies fold down.",
    )
    fade_sounds: bool = option(
        False, "Whether the real sounds' newest octave fades in as well; S1 did without."
    )
    critic_steps: int = option(2, "Steps of the critic to each of the generator.", low=1, high=20)
    penalty_weight: float = option(10.0, "Weight of the gradient penalty.", low=0, high=1000)
    drift_weight: float = option(
        0.002, "Weight of the square of real sounds' scores.", low=0, high=10
    )
    batch_sizes: tuple[int, ...] = option((16, 16, 8, 4, 8, 8, 4, 4, 4), "Sounds a step.")
    fade_epochs: tuple[float, ...] = option(
        (0, 7, 7, 7, 6, 5, 3, 3, 3),
        "Passes over the sounds while a level fades in; the first level has no fade.",
    )
    full_epochs: tuple[float, ...] = option(
        (14, 14, 14, 14, 12, 10, 4, 4, 4), "Passes over the sounds once a level stands alone."
    )
    time_shares: tuple[float, ...] = option(
        (1, 1, 1, 2, 3, 4, 5, 6, 7),
        "Each level's part of a budget in minutes, beside those of the others.",
    )
    stairs: bool = option(
        False, "Whether the fade rises once an epoch, as S1's, or with every step."
    )

    @model_validator(mode="after")
    def _fits(self) -> "ProgressiveGanOptions":
        lists = {
            name: getattr(self, name)
            for name in ("batch_sizes", "fade_epochs", "full_epochs", "time_shares")
        }
        for name, values in lists.items():
            if len(values) != len(self.channels):
                raise ValueError(
                    f"{len(values)} {name} and {len(self.channels)} channels: one of each a level"
                )
        if not self.channels or min(self.channels) < 1 or min(self.batch_sizes) < 1:
            raise ValueError("channels and batch_sizes: one level at least, and all 1 or more")
        if min(*self.fade_epochs, *self.full_epochs) < 0 or min(self.time_shares) <= 0:
            raise ValueError("epochs below 0, or time_shares that are not above 0")
        if self.fade_epochs[0]:
            raise ValueError("fade_epochs: the first level has nothing to fade from, give it 0")
        if not self.kernel % 2:
            raise ValueError(f"kernel {self.kernel}: an odd number keeps time in place")
        return self

    @property
    def growth(self) -> Growth:
        """How the network grows."""
        rows = zip(
            self.fade_epochs, self.full_epochs, self.batch_sizes, self.time_shares, strict=True
        )
        return Growth(tuple(Level(*row) for row in rows), stairs=self.stairs)
