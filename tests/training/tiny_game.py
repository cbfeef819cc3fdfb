"""An adversarial family small enough to train in seconds: it grows by three levels, if asked to."""

import tiny_family as tiny
import torch
from torch import Tensor, nn
from torch.nn import functional

from timbrel.families import Growth, Level
from timbrel.training.store import TrainingData, from_codes

LATENT, SAMPLES = 4, 64
GROWTH = Growth((Level(0, 2, 8, 1.0), Level(1, 1, 8, 1.0), Level(1, 2, 4, 2.0)))


class Generator(nn.Module):
    """Latents to [B, 1, SAMPLES], coarse at low levels."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(LATENT, SAMPLES >> (2 - n)) for n in range(3))

    def at(self, latent: Tensor, level: int) -> Tensor:
        made = self.layers[level - 1](latent)
        return functional.interpolate(made[:, None], SAMPLES, mode="nearest")


class TinyGame(nn.Module):
    """A network as `AdversarialObjective` asks for it."""

    def __init__(self) -> None:
        super().__init__()
        self.generator, self.critic = Generator(), nn.Sequential(
            nn.Flatten(), nn.Linear(SAMPLES, 16), nn.GELU(), nn.Dropout(0.1), nn.Linear(16, 1)
        )  # fmt: skip
        self.register_buffer("level", torch.tensor(3))
        self.register_buffer("fade", torch.tensor(1.0))

    def grow(self, level: int, fade: float) -> None:
        self.level.fill_(level)
        self.fade.fill_(fade)

    def decode(self, latent: Tensor) -> Tensor:
        level = int(self.level)
        made = self.generator.at(latent, level)
        if level > 1 and self.fade < 1:
            made = torch.lerp(self.generator.at(latent, level - 1), made, self.fade)
        return torch.tanh(made)

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        return torch.randn(count, LATENT, generator=generator, device=generator.device)

    def score(self, code: Tensor) -> Tensor:
        return self.critic(code)[:, 0]


class TinyGameObjective:
    """Wasserstein distance with a gradient penalty; the tests look at what it was told."""

    critic_steps = 2

    def __init__(self, growth: Growth | None = GROWTH) -> None:
        self.growth = growth
        self.seen: list[tuple] = []

    def _made(self, network, code, generator):
        return network.decode(network.sample(len(code), generator)).float()

    def critic_losses(self, network, code, label, *, stage, step, generator):
        self.seen.append(("critic", step, stage.level, stage.fade, len(code)))
        fake = self._made(network, code, generator)
        assert not fake.requires_grad
        mix = torch.rand(len(code), 1, 1, generator=generator)
        between = torch.lerp(code, fake, mix).requires_grad_(True)
        (slope,) = torch.autograd.grad(network.score(between).sum(), between, create_graph=True)
        penalty = 10 * (slope.flatten(1).norm(dim=1) - 1).square().mean()
        real, fake = network.score(code).mean(), network.score(fake).mean()
        return {"loss": fake - real + penalty, "real": real, "fake": fake, "penalty": penalty}

    def generator_losses(self, network, code, label, *, stage, step, generator):
        self.seen.append(("generator", step, stage.level, stage.fade, len(code)))
        assert not any(p.requires_grad for p in network.critic.parameters())
        return {"loss": -network.score(self._made(network, code, generator)).mean()}

    def validation_losses(self, network, code, label, *, stage, generator):
        assert not torch.is_grad_enabled()
        spectra = [
            torch.fft.rfft(some[:, 0]).abs().mean(0).clamp(min=1e-4).log10() * 20
            for some in (code, self._made(network, code, generator))
        ]
        return {"loss": (spectra[0] - spectra[1]).abs().mean()}


def network(seed: int = 0) -> TinyGame:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return TinyGame()


def data(count: int = 24) -> TrainingData:
    generator = torch.Generator().manual_seed(1)
    time = torch.arange(SAMPLES) / SAMPLES
    pitch = 1 + 3 * torch.rand(count + 12, 1, generator=generator)
    codes = torch.sin(2 * torch.pi * pitch * time)[:, None]
    return TrainingData(from_codes(codes[:count]), from_codes(codes[count:]))


recipe = tiny.recipe
