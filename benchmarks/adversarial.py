"""Adversarial training of waveforms: the step one writes first against timbrel's own.

    TIMBREL_DATA=... python benchmarks/adversarial.py [growing wavegan clip] [--level 9] [--steps N]

The plain way is float32, `Conv1d` and `ConvTranspose1d`, repetition and average pooling as they
come, automatic differentiation's own second derivatives, real and made sounds scored apart, nothing
frozen while the other learns, Adam as it comes. Ours is the training loop's own step in bfloat16.
Both start from the same weights and see the same pieces of real songs, latents and places of the
penalty, in turns, in one process, after one step each to warm up; medians, of processor time too,
for that is less disturbed by what else a machine does. The losses of each step stand side by side;
ours in float32 tells how much of their difference is rounding (``--float32``).

`growing` is S1's network at a level (by itself the seventh, a quarter of the length; ``--level 9``
is the last, 5 GB), two critic steps and one of the generator. `wavegan` is one step of each.
`clip` makes one sound of 11.9 s.
"""

import argparse
import copy
import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import soundfile
import torch
from torch import Tensor, nn
from torch.nn import functional

from timbrel import plugins, recipes
from timbrel.families import DataFacts, Stage
from timbrel.families.wave_gan.shuffle import drawn_shifts, shifted
from timbrel.signal import files
from timbrel.training.adversarial import AdversarialLearner
from timbrel.training.seeds import derived

ROOT = Path(__file__).resolve().parents[1]
LEAK = 0.2


# --- S1's network and WaveGAN as one writes them first -----------------------------------------


class Equalised(nn.Module):
    """A 1-D convolution whose weights are scaled as it works."""

    def __init__(self, ours: Any) -> None:
        super().__init__()
        self.weight = nn.Parameter(ours.weight.detach()[:, :, 0].clone(), requires_grad=True)
        self.bias = nn.Parameter(ours.bias.detach().clone())
        self.scale = ours.scale

    def forward(self, signal: Tensor) -> Tensor:
        """Convolves [B, C, L]."""
        padding = self.weight.shape[-1] // 2
        return functional.conv1d(signal, self.weight * self.scale, self.bias, padding=padding)


def pairs(blocks: Any) -> nn.ModuleList:
    """The two convolutions of each level."""
    return nn.ModuleList(
        nn.ModuleList([Equalised(block.first), Equalised(block.second)]) for block in blocks
    )


class GrowingGenerator(nn.Module):
    """S1's generator of fully grown levels."""

    def __init__(self, ours: Any) -> None:
        super().__init__()
        self.dense, self.shape = copy.deepcopy(ours.dense), ours.shape
        self.blocks, self.outputs = pairs(ours.blocks), nn.ModuleList(map(Equalised, ours.outputs))

    def forward(self, latent: Tensor, level: int, fade: float = 1.0) -> Tensor:
        """Makes waveforms [B, 1, T]."""
        signal = self.dense(latent).view(-1, *self.shape).transpose(1, 2)
        for number, block in enumerate(self.blocks[:level]):
            signal = functional.interpolate(signal, scale_factor=2) if number else signal
            for layer in block:
                signal = layer(signal)
                norm = signal.square().mean(1, keepdim=True).add(1e-8).rsqrt()
                signal = functional.leaky_relu(signal * norm, LEAK)
        return torch.tanh(self.outputs[level - 1](signal))


class GrowingCritic(nn.Module):
    """S1's critic of fully grown levels."""

    def __init__(self, ours: Any) -> None:
        super().__init__()
        self.inputs, self.blocks = nn.ModuleList(map(Equalised, ours.inputs)), pairs(ours.blocks)
        self.dense = copy.deepcopy(ours.dense)

    def forward(self, wave: Tensor, level: int, fade: float = 1.0, groups: int = 1) -> Tensor:
        """Scores waveforms [B, 1, T], each group by itself."""
        return torch.cat([self.score(part, level) for part in wave.chunk(groups)])

    def score(self, wave: Tensor, level: int) -> Tensor:
        """Scores one group."""
        signal = functional.leaky_relu(self.inputs[level - 1](wave), LEAK)
        for block in list(self.blocks[1:level])[::-1]:
            signal = functional.avg_pool1d(rectified(block, signal), 2)
        deviation = (signal.var(0, correction=0) + 1e-8).sqrt().mean()
        signal = torch.cat([signal, deviation.expand(len(signal), 1, signal.shape[2])], 1)
        signal = rectified(self.blocks[0], signal)
        return self.dense(signal.transpose(1, 2).flatten(1)).squeeze(1)


def rectified(block: Any, signal: Tensor) -> Tensor:
    """A level's two convolutions."""
    for layer in block:
        signal = functional.leaky_relu(layer(signal), LEAK)
    return signal


class WaveGenerator(nn.Module):
    """WaveGAN's generator."""

    def __init__(self, ours: Any) -> None:
        super().__init__()
        self.project, self.first = copy.deepcopy(ours.project), ours.first
        self.layers = nn.ModuleList(
            taken(nn.ConvTranspose1d(*layer.weight.shape[:2], 25, 4, padding=10), layer)
            for layer in ours.layers
        )

    def forward(self, latent: Tensor) -> Tensor:
        """Makes waveforms [B, 1, T]."""
        signal = self.project(latent).view(len(latent), -1, self.first).transpose(1, 2)
        for layer in self.layers:
            signal = layer(functional.relu(signal))[..., :-1]
        return signal.tanh()


class WaveCritic(nn.Module):
    """WaveGAN's critic."""

    def __init__(self, ours: Any) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            taken(nn.Conv1d(layer.weight.shape[1], layer.weight.shape[0], 25, 4), layer)
            for layer in ours.layers
        )
        self.judge, self.phase_shuffle = copy.deepcopy(ours.judge), ours.phase_shuffle

    def forward(self, code: Tensor, generator: torch.Generator) -> Tensor:
        """Scores waveforms [B, 1, T]."""
        signal = code
        for number, layer in enumerate(self.layers):
            if number:
                shifts = drawn_shifts(len(signal), self.phase_shuffle, generator)
                signal = shifted(signal, shifts)
            signal = functional.leaky_relu(layer(functional.pad(signal, (10, 11))), LEAK)
        return self.judge(signal.transpose(1, 2).flatten(1))[:, 0]


def taken(plain: nn.Module, ours: Any) -> nn.Module:
    """Gives a 1-D layer the weights of one of ours."""
    weights = {"weight": ours.weight.detach()[:, :, 0], "bias": ours.bias.detach()}
    plain.load_state_dict(weights)
    return plain


PLAIN = {
    "growing-s1": (GrowingGenerator, GrowingCritic),
    "wavegan": (WaveGenerator, WaveCritic),
}


# --- the two ways ------------------------------------------------------------------------------


@dataclass
class Outcome:
    """One way of training: what its steps took, and the losses of both players."""

    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    critic: list[float] = field(default_factory=list)
    generator: list[float] = field(default_factory=list)


Step = Callable[[Tensor, int], tuple[float, float]]


def plain_step(network: Any, objective: Any, options: Any, stage: Stage) -> Step:
    """The loop that one writes first: (codes, number) -> the losses of both players."""
    betas = (options.beta_1, options.beta_2)
    optimisers = [
        torch.optim.Adam(player.parameters(), lr=options.learning_rate, betas=betas)
        for player in (network.critic, network.generator)
    ]
    draws = torch.Generator()

    def turn(losses: Any, optimiser: Any, code: Tensor, number: int, seed: int) -> float:
        draws.manual_seed(seed)
        label = torch.full((len(code),), -1)
        optimiser.zero_grad()
        loss = losses(network, code, label, stage=stage, step=number, generator=draws)["loss"]
        loss.backward()
        optimiser.step()
        return float(loss.detach())

    def step(code: Tensor, number: int) -> tuple[float, float]:
        times = objective.critic_steps
        for one in range(times):
            seed = derived(0, "critic", number * times + one)
            critic = turn(objective.critic_losses, optimisers[0], code, number, seed)
        seed = derived(0, "loss", number)
        return critic, turn(objective.generator_losses, optimisers[1], code, number, seed)

    return step


def our_step(network: Any, objective: Any, options: Any, stage: Stage) -> Step:
    """The training loop's own step."""
    device = torch.device("cpu")
    learner = AdversarialLearner(network, objective, options, seed=0, device=device)
    learner.stand(stage)

    def step(code: Tensor, number: int) -> tuple[float, float]:
        label = torch.full((len(code),), -1)
        told = learner.step(code, label, step=number, rate=options.learning_rate)
        return told["critic_loss"], told["generator_loss"]

    return step


def compare(name: str, level: int, batch: int, steps: int, songs: list[Path], exact: bool) -> None:
    """Prints one network's table."""
    ours, objective, recipe = built(name)
    plain = copy.deepcopy(ours)
    plain.generator, plain.critic = (
        way(part) for way, part in zip(PLAIN[name], (ours.generator, ours.critic), strict=True)
    )
    levels = getattr(ours, "levels", 1)
    stage = Stage(level if levels > 1 else 1, levels, 1.0, batch)
    precision = "float32" if exact else "bfloat16"
    options = recipe.training.model_copy(update={"precision": precision})
    ways = {
        "plain": plain_step(plain, objective, options, stage),
        "timbrel": our_step(ours, objective, options, stage),
    }
    where = f" at level {stage.level}" if levels > 1 else ""
    print(
        f"\n{name}{where}: batch {batch}, {objective.critic_steps} critic steps and 1, {precision}"
    )
    codes = pieces(recipe, songs, batch * (steps + 1))
    outcomes = {way: Outcome() for way in ways}
    for number, code in enumerate(codes.split(batch)):
        for way, step in ways.items():
            take(step, code, number, outcomes[way])
        print(told(number, outcomes), flush=True)
    ratios = [
        median(getattr(outcomes["plain"], what)[1:])
        / median(getattr(outcomes["timbrel"], what)[1:])
        for what in ("seconds", "processor")
    ]
    print("ratio of medians {:.2f}, of processor time {:.2f}".format(*ratios))


def built(name: str) -> tuple[Any, Any, Any]:
    """A network, untrained, its objective and its recipe."""
    recipe: Any = recipes.find(name)
    if name == "wavegan":
        recipe = recipes.override(recipe, ["network.critic_steps=1"])
    torch.manual_seed(0)
    family = plugins.load("families", recipe.family)
    shape = recipe.front_end.code_shape(recipe.length_samples)
    facts = DataFacts(*shape, sample_rate=recipe.sample_rate)
    return family.build(recipe.network, facts), family.objective(recipe.network), recipe


def pieces(recipe: Any, songs: list[Path], count: int) -> Tensor:
    """Codes of pieces of songs, one song after the other, [count, 1, T]."""
    made: list[Tensor] = []
    for number in range(count):
        skipped_s = 5.0 + number // len(songs) * recipe.duration_s
        song, rate = songs[number % len(songs)], recipe.sample_rate
        sound = files.read(
            song, duration_s=skipped_s + recipe.duration_s, sample_rate=rate, mono=True
        )
        part = sound.samples[:, -recipe.length_samples :]
        made.append(recipe.front_end.encode(part, sample_rate=rate)[0])
    return torch.cat(made)


def take(step: Step, code: Tensor, number: int, outcome: Outcome) -> None:
    """Takes one step and its time."""
    began_s, used_s = time.perf_counter(), time.process_time()
    critic, generator = step(code, number)
    outcome.processor.append(time.process_time() - used_s)
    outcome.seconds.append(time.perf_counter() - began_s)
    outcome.critic.append(critic)
    outcome.generator.append(generator)


def told(number: int, outcomes: dict[str, Outcome]) -> str:
    """One step of both ways in one line."""
    parts = [
        f"{way} {found.seconds[-1]:6.2f} s ({found.processor[-1]:6.2f} s of processor), "
        f"critic {found.critic[-1]:+.4f}, generator {found.generator[-1]:+.4f}"
        for way, found in outcomes.items()
    ]
    return f"step {number}{' (not counted)' if not number else ''}: " + "; ".join(parts)


# --- one sound ---------------------------------------------------------------------------------


@torch.no_grad()
def clip(repeats: int = 5) -> None:
    """Prints how long one sound of S1's network takes."""
    network, _, _ = built("growing-s1")
    plain = GrowingGenerator(network.generator)
    network = network.eval().to(memory_format=torch.channels_last)
    latent = network.sample(1, torch.Generator().manual_seed(0))
    ways: dict[str, Callable[[], Tensor]] = {
        "plain": lambda: plain(latent, 9),
        "timbrel": lambda: network.decode(latent),
        "timbrel in bfloat16": lambda: halfway(network, latent),
    }
    print("\none sound of 11.9 s")
    true = plain(latent, 9)
    for name, way in ways.items():
        found, seconds = way(), []
        for _ in range(repeats):
            began_s = time.perf_counter()
            way()
            seconds.append(time.perf_counter() - began_s)
        apart = 20 * float(torch.log10((found - true).norm() / true.norm() + 1e-12))
        print(f"{name:20} {median(seconds):.3f} s; difference from plain {apart:.0f} dB")


def halfway(network: Any, latent: Tensor) -> Tensor:
    """Makes a sound in bfloat16."""
    with torch.autocast("cpu", torch.bfloat16):
        return network.decode(latent)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=[], help="growing, wavegan, clip")
    parser.add_argument("--level", type=int, default=7)
    parser.add_argument("--batch", type=int, default=0, help="0: 4 for growing, 16 for wavegan")
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--float32", action="store_true", help="ours in float32, to see rounding")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    wanted = parser.parse_args()
    torch.set_num_threads(wanted.threads)
    folder = Path(os.environ.get("TIMBREL_DATA", ROOT.parent / "shared" / "data")) / "songs"
    songs = sorted(song for song in folder.glob("*.ogg") if soundfile.info(song).duration > 60)
    if not songs:
        parser.exit(0, f"no songs in {folder}: set TIMBREL_DATA\n")
    thp = os.environ.get("THP_MEM_ALLOC_ENABLE", "0")
    print(f"{wanted.threads} threads, THP_MEM_ALLOC_ENABLE={thp}, torch {torch.__version__}")
    for name in wanted.names or ("growing", "wavegan", "clip"):
        if name == "clip":
            clip()
            continue
        known, batch = {"growing": ("growing-s1", 4), "wavegan": ("wavegan", 16)}[name]
        size = wanted.batch or batch
        compare(known, wanted.level, size, wanted.steps, songs, exact=wanted.float32)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\npeak memory of the process {peak:.1f} GiB")


if __name__ == "__main__":
    main()
