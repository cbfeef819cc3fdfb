"""The network of `progressive_gan`: a generator and a critic that stand at the same level."""

import torch
from torch import Tensor, nn

from timbrel.errors import RecipeError
from timbrel.families import DataFacts
from timbrel.families.progressive_gan.config import ProgressiveGanOptions
from timbrel.families.progressive_gan.critic import Critic
from timbrel.families.progressive_gan.generator import Generator
from timbrel.signal.decimation import decimated, interpolated


class ProgressiveGan(nn.Module):
    """Makes waveforms from noise, and tells how real a waveform seems.

    It stands at a level, 1 ... `levels`; each level doubles the sampling rate. Whatever the level,
    what it makes has the full length: at a lower one the highest octaves are silent.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes: one row of N samples.

    Shape:
        decode: latent [B, Z] -> code [B, 1, N] within about -1..1

    Raises:
        RecipeError: When N is not the first level's length times 2^(levels - 1).
    """

    level: Tensor
    fade: Tensor
    memory_format = torch.channels_last

    def __init__(self, options: ProgressiveGanOptions, facts: DataFacts) -> None:
        super().__init__()
        self.options, self.levels = options, len(options.channels)
        self.sample_rate = facts.sample_rate
        longest = 2 ** (self.levels - 1)
        if facts.bins != 1 or facts.frames % longest or facts.frames < 64 * longest:
            raise RecipeError(
                f"codes of {facts.bins} x {facts.frames} values for {self.levels} levels",
                f"one row (the front end waveform) of a multiple of {longest} samples, "
                f"{64 * longest} or more",
                "change duration_s or the number of levels",
            )
        self.generator = Generator(options, facts.frames // longest)
        self.critic = Critic(options, facts.frames // longest)
        self.register_buffer("level", torch.tensor(self.levels))
        self.register_buffer("fade", torch.tensor(1.0))

    def grow(self, level: int, fade: float) -> None:
        """Sets where the network stands: its level, and the weight of it."""
        self.level.fill_(level)
        self.fade.fill_(fade)

    def factor(self, level: int) -> int:
        """How many samples of the full rate one sample of a level stands for."""
        return int(2 ** (self.levels - level))

    def decode(self, latent: Tensor) -> Tensor:
        """Makes codes of latents [B, Z], [B, 1, N]."""
        level = int(self.level)
        wave = self.generator(latent, level, float(self.fade))
        return interpolated(wave, self.factor(level))

    def early(self, latent: Tensor) -> Tensor:
        """Tells the first activations of latents [B, Z], [B, D]: where directions are found."""
        found: Tensor = self.generator.dense(latent)
        return found

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """Draws latents of even density between -1 and 1, [count, Z]."""
        drawn = torch.rand(
            count, self.options.latent_size, generator=generator, device=generator.device
        )
        return (2 * drawn - 1).to(self.level.device)

    def score(self, code: Tensor) -> Tensor:
        """Tells how real codes [B, 1, N] seem to the critic, [B]; higher is better.

        The critic sees how much the codes differ from each other, so that scores may be compared
        within one call, or between calls of one code each.
        """
        level = int(self.level)
        scores: Tensor = self.critic(decimated(code, self.factor(level)), level, float(self.fade))
        return scores


def build(options: ProgressiveGanOptions, facts: DataFacts) -> ProgressiveGan:
    """Builds the network that a recipe asks for.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes.

    Returns:
        A freshly initialised network, at its last level.

    Raises:
        RecipeError: When the levels do not divide the length.
    """
    return ProgressiveGan(options, facts)
