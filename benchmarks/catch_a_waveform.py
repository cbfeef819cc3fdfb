"""Catch-A-Waveform: an epoch of a scale as one writes it first against timbrel's own; and a piece.

    TIMBREL_DATA=... python benchmarks/catch_a_waveform.py [2000 8000 piece] [--steps N]

An epoch is one step of the critic and one of the generator on 20 s of a real recording, and the
draw of all scales below. The plain way is float32, `Conv1d` with torch's weight norm and
`BatchNorm1d`, automatic differentiation's own second derivatives, nothing frozen while the other
learns; what comes from below is drawn for each player, and found anew without noise each epoch, as
the published code does. Ours is the training loop's own step, in float32 and, where asked for by
``--bfloat16``, in bfloat16. All begin with the same weights and see the same noise, in turns, in
one process, after one epoch each to warm up; medians, of processor time too. The losses stand side
by side. `piece` makes 20 s at 16 kHz, through all sixteen scales.
"""

import argparse
import copy
import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from timbrel import plugins, recipes
from timbrel.blocks.outline import Outline
from timbrel.families import DataFacts, Stage
from timbrel.losses.spectrograms import spectrogram_distance
from timbrel.signal import files
from timbrel.training.adversarial import AdversarialLearner
from timbrel.training.seeds import derived

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 20.0
RECORDING = "jazz_vibe_ace.flac"
LEAK, EMPHASIS = 0.2, 0.97
Outcome = tuple[float, float]


class Player(nn.Module):
    """A generator or a critic in plain torch, with the weights of one of ours."""

    def __init__(self, ours: Any, options: Any, *, critic: bool) -> None:
        super().__init__()
        *dilations, last = options.dilations
        self.critic, self.reach = critic, options.reach
        self.convolutions = nn.ModuleList(
            taken(block.convolution, dilation)
            for block, dilation in zip(ours.blocks, dilations, strict=True)
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(len(block.norm.weight)) for block in ours.blocks)
        for norm, block in zip(self.norms, ours.blocks, strict=True):
            norm.load_state_dict(block.norm.state_dict(), strict=False)
        self.last = taken(ours.last, last)
        if not critic:
            same = options.kernel // 2
            self.filter, self.gate = (taken(part, 1, same) for part in (ours.filter, ours.gate))
            self.output = taken(ours.output, 1)

    def forward(self, noisy: Tensor, coarse: Tensor | None = None) -> Tensor:
        """Makes a signal [B, 1, L] of one and its noise, or scores one."""
        if not self.critic:
            noisy = functional.pad(noisy, (self.reach, self.reach))
        hidden = noisy
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            hidden = functional.leaky_relu(norm(convolution(hidden)), LEAK)
        hidden = self.last(hidden)
        if not self.critic:
            hidden = self.output(self.filter(hidden).tanh() * self.gate(hidden).sigmoid())
        made = hidden - EMPHASIS * functional.pad(hidden[..., :-1], (1, 0))
        return made if coarse is None else made + coarse


def taken(ours: Any, dilation: int, padding: int = 0) -> nn.Module:
    """A 1-D convolution with the weights of one of ours."""
    outputs, channels, _, kernel = ours.direction.shape
    plain = nn.Conv1d(channels, outputs, kernel, dilation=dilation, padding=padding)
    made = weight_norm(plain)
    with torch.no_grad():
        made.parametrizations.weight.original0.copy_(ours.size[:, :, 0])
        made.parametrizations.weight.original1.copy_(ours.direction[:, :, 0])
        plain.bias.copy_(ours.bias)
    return made


class Plainly:
    """The epoch that one writes first."""

    def __init__(self, pyramid: Any, options: Any, training: Any, scale: int) -> None:
        self.pyramid, self.options, self.scale = pyramid, options, scale
        below = pyramid.generator[: scale + 1]
        self.generators = [Player(one, options, critic=False) for one in below]
        for one in self.generators[:scale]:
            one.eval()
        self.critic = Player(pyramid.critic[scale], options, critic=True)
        betas = (training.beta_1, training.beta_2)
        self.optimisers = [
            torch.optim.Adam(player.parameters(), lr=training.learning_rate, betas=betas)
            for player in (self.critic, self.generators[scale])
        ]
        self.draws = torch.Generator()
        self.real = pyramid.real(scale)[0][:, :, 0].contiguous()

    def epoch(self, number: int) -> Outcome:
        """Takes a step of each player and gives their losses."""
        found = []
        for which, losses in enumerate((self.critic_loss, self.generator_loss)):
            seed = derived(0, "loss" if which else "critic", number)
            self.draws.manual_seed(seed)
            self.optimisers[which].zero_grad()
            loss = losses()
            loss.backward()
            self.optimisers[which].step()
            found.append(float(loss.detach()))
        return found[0], found[1]

    def critic_loss(self) -> Tensor:
        """Wasserstein's, with the penalty of slopes."""
        generator = self.generators[self.scale]
        coarse = self.coarse(noisy=True)
        with torch.no_grad():
            fake = generator(coarse + self.noise(self.scale, coarse), coarse)
        share = torch.rand((), generator=self.draws)
        between = torch.lerp(fake, self.real, share).requires_grad_()
        scores = self.critic(self.real).mean(), self.critic(fake).mean()
        (slope,) = torch.autograd.grad(self.critic(between).sum(), between, create_graph=True)
        penalty = (slope.norm(2, dim=1) - 1).square().mean()
        return scores[1] - scores[0] + self.options.penalty_weight * penalty

    def generator_loss(self) -> Tensor:
        """What the critic says, and how far off the recording comes back."""
        generator = self.generators[self.scale]
        coarse, returned = self.coarse(noisy=True), self.coarse(noisy=False)
        fake = generator(coarse + self.noise(self.scale, coarse), coarse)
        back = generator(returned, returned)
        far = spectrogram_distance(back[0], self.real[0])
        return self.options.spectrograms_weight * far - self.critic(fake).mean()

    @torch.no_grad()
    def coarse(self, *, noisy: bool) -> Tensor:
        """What comes from below, [1, 1, L]."""
        lengths = self.pyramid._lengths(0, self.scale)
        signal = torch.zeros(1, 1, lengths[0])
        for below in range(self.scale):
            if below:
                signal = self.raised(signal, below, lengths[below])
            if noisy:
                noise = self.noise(below, signal)
            elif below:
                noise = torch.zeros_like(signal)
            else:
                noise = self.pyramid.first(0, 0, signal[:, :, None])[:, :, 0]
            signal = self.generators[below](signal + noise, signal)
        return self.raised(signal, self.scale, lengths[self.scale])

    def raised(self, signal: Tensor, scale: int, length: int) -> Tensor:
        """Brings a signal to the rate above."""
        return self.pyramid.raised(signal[:, :, None], scale, length)[:, :, 0].contiguous()

    def noise(self, scale: int, signal: Tensor) -> Tensor:
        """Draws a scale's noise."""
        return self.pyramid.noise_sizes[scale] * torch.randn(signal.shape, generator=self.draws)


class Ours:
    """The training loop's own step."""

    def __init__(self, pyramid: Any, objective: Any, training: Any, stage: Stage) -> None:
        self.learner = AdversarialLearner(
            pyramid, objective, training, seed=0, device=torch.device("cpu")
        )
        self.learner.stand(stage)
        self.rate = training.learning_rate

    def epoch(self, number: int) -> Outcome:
        """Takes a step of each player and gives their losses."""
        nothing = torch.zeros(1)
        told = self.learner.step(nothing, nothing, step=number, rate=self.rate)
        return told["critic_loss"], told["generator_loss"]


def built(path: Path, upto: int) -> tuple[Any, Any, Any]:
    """An untrained pyramid up to a rate with its recording, its objective and its recipe."""
    recipe: Any = recipes.find("caw-s2")
    rates = [rate for rate in recipe.network.rates_hz if rate <= upto]
    network = recipe.network.model_copy(update={"rates_hz": tuple(rates)})
    sound = files.read(path, duration_s=SECONDS, sample_rate=upto, mono=True).samples
    torch.manual_seed(0)
    family = plugins.load("families", recipe.family)
    facts = DataFacts(1, sound.shape[1], (), upto, 1, sound.shape[1])
    pyramid = family.build(network, facts).to(memory_format=torch.channels_last)
    pyramid.recording.take([sound])
    pyramid.noise_sizes.copy_(torch.tensor([1.0, *[0.01] * (len(rates) - 1)]))
    return pyramid, family.objective(network), recipe


def compare(path: Path, rate: int, steps: int, *, halves: bool) -> None:
    """Prints one scale's table."""
    pyramid, objective, recipe = built(path, rate)
    scale = len(pyramid.rates_hz) - 1
    stage = Stage(scale + 1, scale + 1, 1.0, 1)
    pyramid.grow(scale + 1, 1.0)
    ways: dict[str, Any] = {"plain": Plainly(pyramid, recipe.network, recipe.training, scale)}
    for precision in ["float32", *["bfloat16"] * halves]:
        training = recipe.training.model_copy(update={"precision": precision})
        own = copy.deepcopy(pyramid)
        ways[f"timbrel {precision}"] = Ours(own, copy.deepcopy(objective), training, stage)
    seconds: dict[str, list[Outcome]] = {name: [] for name in ways}
    print(f"\nthe scale of {rate} Hz, {pyramid.real(scale)[0].shape[-1]} samples, an epoch")
    for number in range(steps + 1):
        parts = []
        for name, way in ways.items():
            (critic, generator), took = timed(way.epoch, number)
            seconds[name].append(took)
            parts.append(
                f"{name} {took[0]:.2f} s ({took[1]:.2f} s of processor), "
                f"critic {critic:+.4f}, generator {generator:+.4f}"
            )
        print(f"epoch {number}{' (not counted)' * (not number)}: " + "; ".join(parts), flush=True)
    for name, found in list(seconds.items())[1:]:
        pair = (
            median(one[which] for one in seconds["plain"][1:])
            / median(one[which] for one in found[1:])
            for which in (0, 1)
        )
        print("{}: ratio of medians {:.2f}, of processor time {:.2f}".format(name, *pair))


def timed(work: Callable[..., Any], *given: Any) -> tuple[Any, Outcome]:
    """Does it, and tells the seconds, and those of the processor."""
    began_s, used_s = time.perf_counter(), time.process_time()
    found = work(*given)
    return found, (time.perf_counter() - began_s, time.process_time() - used_s)


@torch.no_grad()
def piece(path: Path, repeats: int = 2) -> None:
    """Prints how long a piece of 20 s takes through all scales."""
    pyramid, _, _ = built(path, 16_000)
    pyramid.grow(16, 1.0)
    pyramid.eval()
    outline = Outline(round(SECONDS * 16_000))
    print(f"\na piece of {SECONDS:g} s at 16 kHz, sixteen scales")
    for number in range(repeats + 1):
        made, took = timed(lambda: list(pyramid.improvise(outline, torch.Generator())))
        length = sum(part.shape[1] for part in made)
        first = " (not counted)" * (not number)
        print(f"{took[0]:.2f} s ({took[1]:.2f} s of processor), {length} samples{first}")


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=[], help="rates in Hz, or piece")
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--bfloat16", action="store_true", help="ours in bfloat16 as well")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    wanted = parser.parse_args()
    torch.set_num_threads(wanted.threads)
    folder = Path(os.environ.get("TIMBREL_DATA", ROOT.parent / "shared" / "data"))
    path = folder / "recordings" / RECORDING
    if not path.exists():
        parser.exit(0, f"no {path}: set TIMBREL_DATA\n")
    thp = os.environ.get("THP_MEM_ALLOC_ENABLE", "0")
    print(f"{wanted.threads} threads, THP_MEM_ALLOC_ENABLE={thp}, torch {torch.__version__}")
    for name in wanted.names or ("2000", "8000", "piece"):
        if name == "piece":
            piece(path)
        else:
            compare(path, int(name), wanted.steps, halves=wanted.bfloat16)


if __name__ == "__main__":
    main()
