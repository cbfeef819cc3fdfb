"""The network of `spectrogram_gan`: pictures of sounds from noise, and the critic of pictures."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from timbrel.errors import RecipeError
from timbrel.families import DataFacts
from timbrel.families.spectrogram_gan.config import SpectrogramGanOptions
from timbrel.families.spectrogram_gan.layers import Larger, Smaller, dense
from timbrel.families.spectrogram_gan.scale import BinScale

LEAK = 0.2


class PictureGenerator(nn.Module):
    """A full layer to a small picture, then transposed convolutions, ReLU between, tanh last.

    Args:
        options: The recipe's network table.
        start: Height and width of the small picture.

    Shape:
        latent [B, Z] -> picture [B, 1, H, W] within -1..1

    Source:
        Donahue, McAuley & Puckette 2019, table 5.
    """

    def __init__(self, options: SpectrogramGanOptions, start: tuple[int, int]) -> None:
        super().__init__()
        self.start = (*start, options.channels[0])
        self.project = dense(options.latent_size, start[0] * start[1] * options.channels[0])
        widths = pairwise((*options.channels, 1))
        self.layers = nn.ModuleList(Larger(*pair, options.kernel) for pair in widths)

    def forward(self, latent: Tensor) -> Tensor:
        """Makes pictures."""
        picture = self.project(latent).unflatten(1, self.start).permute(0, 3, 1, 2)
        for layer in self.layers:
            picture = layer(functional.relu(picture))
        made: Tensor = picture.float().tanh()
        return made


class PictureCritic(nn.Module):
    """Strided convolutions, leaky ReLU after each, a full layer last.

    Args:
        options: The recipe's network table.
        start: Height and width of the smallest picture.

    Shape:
        picture [B, 1, H, W] -> scores [B]

    Source:
        Donahue, McAuley & Puckette 2019, table 6.
    """

    def __init__(self, options: SpectrogramGanOptions, start: tuple[int, int]) -> None:
        super().__init__()
        widths = pairwise((1, *reversed(options.channels)))
        self.layers = nn.ModuleList(Smaller(*pair, options.kernel) for pair in widths)
        self.judge = dense(start[0] * start[1] * options.channels[0], 1)

    def forward(self, picture: Tensor) -> Tensor:
        """Scores pictures: higher where one seems real, float32 [B]."""
        for layer in self.layers:
            picture = functional.leaky_relu(layer(picture), LEAK)
        scores: Tensor = self.judge(picture.permute(0, 2, 3, 1).flatten(1))
        return scores[:, 0].float()


class SpectrogramGan(nn.Module):
    """Makes spectrograms from noise; hears none.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes.

    Shape:
        decode: latent [B, Z] -> code [B, F, N] within 0..1
        score: code [B, F, N] -> [B]

    Source:
        Donahue, McAuley & Puckette 2019, "Adversarial audio synthesis", ICLR, section 3.1.
    """

    memory_format = torch.channels_last

    def __init__(self, options: SpectrogramGanOptions, facts: DataFacts) -> None:
        super().__init__()
        self.latent_size, self.shape = options.latent_size, (facts.bins, facts.frames)
        start = _start_shape(len(options.channels), facts)
        self.drawn = start[0] * 2 ** len(options.channels), start[1] * 2 ** len(options.channels)
        self.scale = BinScale(self.drawn[0], options.clip)
        self.generator = PictureGenerator(options, start)
        self.critic = PictureCritic(options, start)

    def pictures(self, code: Tensor) -> Tensor:
        """Shows codes [B, F, N] as the networks see them, [B, 1, H, W] within -1..1."""
        return self.scale.normalised(self._seen(code))[:, None]

    def decode(self, latent: Tensor) -> Tensor:
        """Makes the codes of latents [B, Z], [B, F, N]; what no picture shows is silent."""
        code = self.scale.restored(self.generator(latent)[:, 0])
        above, after = (whole - seen for whole, seen in zip(self.shape, self.drawn, strict=True))
        return functional.pad(code, (0, after, 0, above))

    def measure(self, codes: Tensor) -> None:
        """Finds the mean and the spread of each bin of codes [M, F, N]."""
        self.scale.measure(self._seen(codes))

    def _seen(self, code: Tensor) -> Tensor:
        return code[:, : self.drawn[0], : self.drawn[1]]

    def early(self, latent: Tensor) -> Tensor:
        """Tells the first activations of latents [B, Z], [B, D]: where directions are found."""
        found: Tensor = self.generator.project(latent)
        return found

    def score(self, code: Tensor) -> Tensor:
        """Tells how real the critic takes codes [B, F, N] to be, [B]."""
        scores: Tensor = self.critic(self.pictures(code))
        return scores

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """Draws latents from the prior, uniform within -1..1, [count, Z]."""
        shape = (count, self.latent_size)
        return 2 * torch.rand(shape, generator=generator, device=generator.device) - 1


def start(network: nn.Module, codes: Tensor, labels: Tensor) -> None:
    """Tells a fresh network the mean and the spread of each bin.

    Args:
        network: What `build` made.
        codes: Some hundreds to thousands of the library's codes, [M, F, N].
        labels: Their label numbers, [M]; each sound counts the same.
    """
    if isinstance(network, SpectrogramGan):
        network.measure(codes)


def build(options: SpectrogramGanOptions, facts: DataFacts) -> SpectrogramGan:
    """Builds the network that a recipe asks for.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes.

    Returns:
        A freshly initialised network.

    Raises:
        RecipeError: When so many layers cannot make a picture of that shape.
    """
    return SpectrogramGan(options, facts)


def _start_shape(layers: int, facts: DataFacts) -> tuple[int, int]:
    """The small picture's height and width; a bin or frame beyond a multiple is left out."""
    factor = 2**layers
    sizes = [size - (size % factor == 1) for size in (facts.bins, facts.frames)]
    if any(size < factor or size % factor for size in sizes):
        raise RecipeError(
            f"a spectrogram of {facts.bins} bins and {facts.frames} frames for {layers} layers",
            f"multiples of {factor}, or one more",
            "take another duration_s, hop_samples, number of bands, or other network.channels",
        )
    return sizes[0] // factor, sizes[1] // factor
