"""The sources' autoencoders: the loop one writes first against timbrel's own step.

    TIMBREL_DATA=... python benchmarks/autoencoders.py [dense conv] [--size laptop|s0] [--steps N]

The plain loop is float32 and Adam as it comes, with the layers as the source prints them. Ours is
the training loop's own step, with the recipe's optimiser and bfloat16. Both start from the same
weights and see the same segments of real songs in the same order, one after the other in one
process (the big ones do not fit into memory together), after two steps to warm up. Medians, of
processor time too, for that is less disturbed by what else a machine does. Both losses are in
float32, on segments of songs that neither learned from. ``--size s0`` takes 9 GB for `dense`, 14 GB
for `conv`. ``--seeds 3`` repeats all with other weights and orders, so that a difference between
losses can be told from chance.
"""

import argparse
import gc
import os
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

import soundfile
import torch
from torch import Tensor, nn

from timbrel import plugins, recipes
from timbrel.families import DataFacts
from timbrel.signal import files
from timbrel.training.learner import Learner

ROOT = Path(__file__).resolve().parents[1]
WARM_UP = 2
HELD_OUT = 160  # items that the final losses are measured on


@dataclass(frozen=True)
class Case:
    """A network in two ways of training it.

    Attributes:
        title: What the table calls it.
        recipe: The recipe that ours follows, already in its fastest numbers.
        plain: ours -> the network as one writes it first, with the same weights.
        plain_loss: (plain network, items) -> its loss, the same as that of ours.
        items: What a step sees, [M, F, k], shuffled.
        held_out: What the final losses are measured on, [M, F, k].
    """

    title: str
    recipe: recipes.Recipe
    plain: Callable[[Any], nn.Module]
    plain_loss: Callable[[nn.Module, Tensor], Tensor]
    items: Tensor
    held_out: Tensor


@dataclass(frozen=True)
class Outcome:
    """One way of training.

    Attributes:
        seconds: Of each step after the warm-up.
        processor: The same in processor time, of all threads together.
        start: Loss on what is held out before the first step.
        end: The same after the last.
    """

    seconds: list[float]
    processor: list[float]
    start: float
    end: float


# --- networks ----------------------------------------------------------------------------------


def dense(size: str, songs: list[Path]) -> Case:
    """S0's full layers."""
    recipe = faster(f"dense-{size}")

    def plain(ours: Any) -> nn.Module:
        return nn.Sequential(*ours.encoder, *ours.decoder)

    def loss(network: nn.Module, items: Tensor) -> Tensor:
        return nn.functional.mse_loss(network(items[:, :, 0]), items[:, :, 0])

    return Case(f"dense-{size}", recipe, plain, loss, *segments(recipe, songs))


def conv(size: str, songs: list[Path]) -> Case:
    """S0's convolutions, in one dimension where it is plain."""
    recipe = faster(f"conv-{size}")

    def loss(network: nn.Module, items: Tensor) -> Tensor:
        return nn.functional.mse_loss(network(items[:, None, :, 0])[:, 0], items[:, :, 0])

    return Case(f"conv-{size}", recipe, one_dimensional, loss, *segments(recipe, songs))


def one_dimensional(ours: Any) -> nn.Module:
    """Writes S0's convolutional model as it prints it."""
    first, second, third = (layer for layer in ours.encoder if isinstance(layer, nn.Conv2d))
    layers: list[nn.Module] = []
    for layer in (first, second, third):
        made = nn.Conv1d(layer.in_channels, layer.out_channels, 4, 2, 1)
        layers += [with_weights(made, layer), nn.ReLU()]
    layers += [nn.Flatten(), ours.narrow, nn.ReLU(), ours.widen, nn.ReLU()]
    layers.append(nn.Unflatten(1, (ours.inner[0], ours.inner[2])))
    for layer in (layer for layer in ours.decoder if isinstance(layer, nn.ConvTranspose2d)):
        odd = layer.output_padding[1]
        made = nn.ConvTranspose1d(layer.in_channels, layer.out_channels, 4, 2, 1, odd)
        layers += [with_weights(made, layer), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def with_weights(one: nn.Module, two: Any) -> nn.Module:
    """Gives a one-dimensional layer the weights of one over a single row."""
    one.load_state_dict({"weight": two.weight.detach()[:, :, 0], "bias": two.bias.detach()})
    return one


CASES = {"dense": dense, "conv": conv}


# --- sounds ------------------------------------------------------------------------------------


def faster(name: str) -> recipes.Recipe:
    """A recipe with what timbrel offers for speed, whatever its source used."""
    return recipes.override(recipes.find(name), ["training.precision=bfloat16"])


def segments(recipe: Any, songs: list[Path]) -> tuple[Tensor, Tensor]:
    """Columns of codes of real songs, [M, F, 1]: of most to learn from, of the last to judge."""
    codes = [code_of(recipe, song) for song in songs]
    apart = max(1, len(songs) // 5)
    learned, held = torch.cat(codes[:-apart]), torch.cat(codes[-apart:])
    return learned, held[:: max(1, len(held) // HELD_OUT)][:HELD_OUT]


def code_of(recipe: Any, song: Path) -> Tensor:
    """The columns of one song's code up to the recipe's length, [N, F, 1]."""
    sound = files.read(
        song, duration_s=recipe.duration_s, sample_rate=recipe.sample_rate, mono=True
    )
    code, _ = recipe.front_end.encode(sound.samples, sample_rate=recipe.sample_rate)
    return code[0].t()[:, :, None].contiguous()


def batches(items: Tensor, size: int, seed: int) -> Iterator[Tensor]:
    """Goes through items in a new order each time, forever."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        order = torch.randperm(len(items), generator=generator)
        for start in range(0, len(items) - size + 1, size):
            yield items[order[start : start + size]]


# --- the two ways ------------------------------------------------------------------------------


def fresh(case: Case, seed: int) -> Any:
    """Ours, untrained."""
    torch.manual_seed(seed)
    recipe: Any = case.recipe
    shape = recipe.front_end.code_shape(recipe.length_samples)
    return plugins.load("families", recipe.family).build(recipe.network, DataFacts(*shape))


def train_plain(case: Case, steps: int, seed: int) -> Outcome:
    """The loop that one writes first."""
    options = case.recipe.training
    network = case.plain(fresh(case, seed)).train()
    optimiser = torch.optim.Adam(
        network.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay
    )

    def step(items: Tensor, _number: int) -> None:
        optimiser.zero_grad()
        case.plain_loss(network, items).backward()
        optimiser.step()

    def judge() -> float:
        network.eval()
        parts = case.held_out.split(options.batch_size)
        with torch.no_grad():
            found = mean(float(case.plain_loss(network, part)) for part in parts)
        network.train()
        return found

    return timed(case, step, judge, steps=steps, seed=seed)


def train_ours(case: Case, steps: int, seed: int) -> Outcome:
    """The training loop's own step."""
    options = case.recipe.training
    objective = plugins.load("families", case.recipe.family).objective(case.recipe.network)
    device = torch.device("cpu")
    learner = Learner(fresh(case, seed), objective, options, seed=seed, device=device)
    labels = torch.full((options.batch_size,), -1)

    def step(items: Tensor, number: int) -> None:
        learner.step(items, labels, step=number, rate=options.learning_rate)

    def judge() -> float:
        learner.network.eval()
        generator = torch.Generator().manual_seed(0)
        parts = case.held_out.split(options.batch_size)
        with torch.no_grad():
            found = [
                objective.losses(
                    learner.network, part, labels[: len(part)], step=0, generator=generator
                )
                for part in parts
            ]
        return mean(float(losses["loss"]) for losses in found)

    return timed(case, step, judge, steps=steps, seed=seed)


def timed(
    case: Case,
    step: Callable[[Tensor, int], None],
    judge: Callable[[], float],
    *,
    steps: int,
    seed: int,
) -> Outcome:
    """Takes steps and their times; judges before and after, unmeasured."""
    start, seconds, processor = judge(), [], []
    source = batches(case.items, case.recipe.training.batch_size, seed)
    for number in range(WARM_UP + steps):
        items = next(source)
        began_s, used_s = time.perf_counter(), time.process_time()
        step(items, number)
        processor.append(time.process_time() - used_s)
        seconds.append(time.perf_counter() - began_s)
    return Outcome(seconds[WARM_UP:], processor[WARM_UP:], start, judge())


# --- the table ---------------------------------------------------------------------------------


def show(case: Case, steps: int, seeds: int) -> None:
    """Prints one network's table."""
    size = case.recipe.training.batch_size
    shape = tuple(case.items.shape[1:])
    print(
        f"\n{case.title}: {steps} steps of {size} items of shape {shape}, {len(case.items)} items"
    )
    outcomes: dict[str, list[Outcome]] = {"plain": [], "timbrel": []}
    for seed in range(seeds):
        for name, way in (("plain", train_plain), ("timbrel", train_ours)):
            outcomes[name].append(way(case, steps, seed))
            gc.collect()
            print(line(name, outcomes[name][-1], size), flush=True)
    ratios = [
        ratio(outcomes, lambda outcome: outcome.seconds),
        ratio(outcomes, lambda outcome: outcome.processor),
    ]
    print("ratio {:.2f}, of processor time {:.2f}".format(*ratios))
    if seeds > 1:
        ends = [[outcome.end for outcome in found] for found in outcomes.values()]
        apart = mean(b / a - 1 for a, b in zip(*ends, strict=True))
        spread = max(ends[0]) / min(ends[0]) - 1
        print(f"loss of timbrel {apart:+.2%} on average; seeds of plain differ by {spread:.2%}")


def ratio(outcomes: dict[str, list[Outcome]], what: Callable[[Outcome], list[float]]) -> float:
    """How much longer a step of the plain loop is, by medians over all seeds."""
    plain, ours = (
        median(second for outcome in found for second in what(outcome))
        for found in outcomes.values()
    )
    return plain / ours


def line(name: str, outcome: Outcome, size: int) -> str:
    """One way of training in one line."""
    middle = median(outcome.seconds)
    limits = f"[{min(outcome.seconds) * 1e3:.0f} to {max(outcome.seconds) * 1e3:.0f}]"
    return (
        f"{name:8} {middle * 1e3:7.0f} ms a step {limits}, {size / middle:6.1f} items/s; "
        f"loss {outcome.start:.4g} -> {outcome.end:.4g}"
    )


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=[], help=", ".join(CASES))
    parser.add_argument("--size", default="laptop")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    wanted = parser.parse_args()
    torch.set_num_threads(wanted.threads)
    folder = Path(os.environ.get("TIMBREL_DATA", ROOT.parent / "shared" / "data")) / "songs"
    songs = sorted(song for song in folder.glob("*.ogg") if soundfile.info(song).duration > 60)
    if not songs:
        parser.exit(0, f"no songs in {folder}: set TIMBREL_DATA\n")
    thp = os.environ.get("THP_MEM_ALLOC_ENABLE", "0")
    print(f"{wanted.threads} threads, THP_MEM_ALLOC_ENABLE={thp}, torch {torch.__version__}")
    for name in wanted.names or CASES:
        show(CASES[name](wanted.size, songs), wanted.steps, wanted.seeds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\npeak memory of the process {peak:.1f} GiB")


if __name__ == "__main__":
    main()
