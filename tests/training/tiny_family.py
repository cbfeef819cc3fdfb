"""A family small enough to train in seconds, for the tests of the loop."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from timbrel.recipes import Options, Recipe, TrainingOptions
from timbrel.training.store import CodeStore, TrainingData, from_codes

BINS, FRAMES = 8, 6


class TinyOptions(Options):
    name: str = "tiny"


class TinyNetwork(nn.Module):
    """An autoencoder with all that makes resuming hard: dropout, noise, buffers, a tied weight."""

    def __init__(self, width: int = 16, dropout: float = 0.1) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.dropout = nn.Dropout(dropout)
        self.down = nn.Linear(4 * BINS * FRAMES, width)
        self.up = nn.Linear(width, BINS * FRAMES)
        self.scale = nn.Parameter(torch.ones(()))

    def encode(self, code: Tensor) -> Tensor:
        hidden = functional.gelu(self.norm(self.convolution(code[:, None])))
        return self.down(self.dropout(hidden.flatten(1)))

    def decode(self, latent: Tensor) -> Tensor:
        return torch.sigmoid(self.scale * self.up(latent)).reshape(-1, BINS, FRAMES)


class TinyObjective:
    """Squared error, with noise in the latent from the loop's generator."""

    def losses(self, network, code, label, *, step, generator):
        latent = network.encode(code)
        if network.training:
            noise = torch.randn(latent.shape, generator=generator, device=latent.device)
            latent = latent + 0.1 * noise
        error = functional.mse_loss(network.decode(latent).float(), code)
        size = latent.float().square().mean()
        return {"loss": error + 1e-4 * size, "error": error, "size": size}


def network(seed: int = 0, **settings) -> TinyNetwork:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return TinyNetwork(**settings)


def recipe(**training) -> Recipe:
    settings = {"batch_size": 16, "validate_every_steps": 10, "learning_rate": 3e-3} | training
    return Recipe(
        name="tiny",
        title="Tiny",
        about="For tests.",
        family="tiny",
        sample_rate=16_000,
        duration_s=0.1,
        front_end=TinyOptions(),
        phase=TinyOptions(),
        network=TinyOptions(),
        training=TrainingOptions(**settings),
    )


def store(count: int, seed: int, labels: int = 3) -> CodeStore:
    """Codes with a structure that a network can learn: each label has its own picture."""
    generator = torch.Generator().manual_seed(seed)
    pictures = torch.rand(labels, BINS, FRAMES, generator=torch.Generator().manual_seed(99))
    label = torch.arange(count) % labels
    codes = pictures[label] + 0.05 * torch.randn(count, BINS, FRAMES, generator=generator)
    return from_codes(codes.clamp(0, 1), labels=label.tolist())


def data(count: int = 60) -> TrainingData:
    return TrainingData(store(count, 1), store(20, 2))
