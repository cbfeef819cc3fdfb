"""The network of `wave_gan`: a generator of waveforms and the critic that mirrors it."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from timbrel.errors import RecipeError
from timbrel.families import DataFacts
from timbrel.families.wave_gan.config import WaveGanOptions
from timbrel.families.wave_gan.layers import START_SAMPLES, STRIDE, Longer, Shorter, dense
from timbrel.families.wave_gan.shuffle import drawn_shifts, shifted

LEAK = 0.2


class WaveGenerator(nn.Module):
    """A full layer to 16 positions, then transposed convolutions, ReLU between them, tanh last.

    Args:
        options: The recipe's network table.

    Shape:
        latent [B, Z] -> code [B, 1, T] within -1..1

    Source:
        Donahue, McAuley & Puckette 2019, table 3; S1, figure 4.3.
    """

    def __init__(self, options: WaveGanOptions) -> None:
        super().__init__()
        self.first = options.channels[0]
        self.project = dense(options.latent_size, START_SAMPLES * self.first)
        widths = pairwise((*options.channels, 1))
        self.layers = nn.ModuleList(Longer(*pair, options.kernel) for pair in widths)

    def forward(self, latent: Tensor) -> Tensor:
        """Makes codes."""
        signal = self.project(latent).unflatten(1, (START_SAMPLES, 1, self.first))
        signal = signal.permute(0, 3, 2, 1)  # channels last in memory
        for layer in self.layers:
            signal = layer(functional.relu(signal))
        made: Tensor = signal[:, :, 0].float().tanh()
        return made


class WaveCritic(nn.Module):
    """Strided convolutions, leaky ReLU after each, a shift between two, a full layer last.

    Args:
        options: The recipe's network table.

    Shape:
        code [B, 1, T] -> scores [B]

    Source:
        Donahue, McAuley & Puckette 2019, table 4.
    """

    def __init__(self, options: WaveGanOptions) -> None:
        super().__init__()
        widths = pairwise((1, *reversed(options.channels)))
        self.layers = nn.ModuleList(Shorter(*pair, options.kernel) for pair in widths)
        self.judge = dense(START_SAMPLES * options.channels[0], 1)
        self.phase_shuffle = options.phase_shuffle

    def forward(self, code: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Scores codes.

        Args:
            code: Codes, [B, 1, T].
            generator: Where the shifts come from; nothing is shifted without one.

        Returns:
            Scores, higher where a code seems real, float32 [B].
        """
        signal = code[:, :, None]
        for number, layer in enumerate(self.layers):
            if number and generator and self.phase_shuffle:
                shifts = drawn_shifts(len(signal), self.phase_shuffle, generator)
                signal = shifted(signal, shifts)
            signal = functional.leaky_relu(layer(signal), LEAK)
        scores: Tensor = self.judge(signal.permute(0, 3, 2, 1).flatten(1))
        return scores[:, 0].float()


class WaveGan(nn.Module):
    """Makes waveforms from noise; hears none.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes and their rate.

    Shape:
        decode: latent [B, Z] -> code [B, 1, T] within -1..1
        score: code [B, 1, T] -> [B]

    Source:
        Donahue, McAuley & Puckette 2019, "Adversarial audio synthesis", ICLR; S1 section 4.5.
    """

    memory_format = torch.channels_last

    def __init__(self, options: WaveGanOptions, facts: DataFacts) -> None:
        super().__init__()
        self.latent_size, self.sample_rate = options.latent_size, facts.sample_rate
        self.generator = WaveGenerator(options)
        self.critic = WaveCritic(options)

    def decode(self, latent: Tensor) -> Tensor:
        """Makes the codes of latents [B, Z], [B, 1, T]."""
        made: Tensor = self.generator(latent)
        return made

    def early(self, latent: Tensor) -> Tensor:
        """Tells the first activations of latents [B, Z], [B, D]: where directions are found."""
        found: Tensor = self.generator.project(latent)
        return found

    def score(self, code: Tensor) -> Tensor:
        """Tells how real the critic takes codes [B, 1, T] to be, [B]; nothing is shifted."""
        scores: Tensor = self.critic(code)
        return scores

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """Draws latents from the prior, uniform within -1..1, [count, Z]."""
        shape = (count, self.latent_size)
        return 2 * torch.rand(shape, generator=generator, device=generator.device) - 1


def build(options: WaveGanOptions, facts: DataFacts) -> WaveGan:
    """Builds the network that a recipe asks for.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes and their rate.

    Returns:
        A freshly initialised network.

    Raises:
        RecipeError: When the codes are no waveforms of the length that so many layers make.
    """
    length = START_SAMPLES * STRIDE ** len(options.channels)
    if (facts.bins, facts.frames) != (1, length):
        raise RecipeError(
            f"a code of {facts.bins} x {facts.frames} for {len(options.channels)} layers",
            f"1 x {length}: {START_SAMPLES} samples, lengthened four times a layer",
            f"take the front end waveform and duration_s = {length / facts.sample_rate:g}, "
            "or other network.channels",
        )
    return WaveGan(options, facts)
