"""Training against the plain float32 loop of the same network: steps a second and final losses.

Run: python benchmarks/training.py [RECIPE] [--steps N] [--rounds N] [--threads N]

The plain loop is what one writes first: Adam as it comes, float32, a DataLoader over codes in
memory. Both see the same codes, batch size and number of steps, in turns, in one process; medians.
"""

import argparse
import copy
import os
import tempfile
import time
from pathlib import Path
from statistics import median

import torch
from torch.utils.data import DataLoader, TensorDataset

from timbrel import recipes
from timbrel.families import DataFacts
from timbrel.plugins import load
from timbrel.training.estimate import estimate
from timbrel.training.learner import Learner
from timbrel.training.loop import Budget, TrainingData, train
from timbrel.training.store import from_codes


def made_codes(count: int, bins: int, frames: int, seed: int) -> torch.Tensor:
    """Smooth decaying pictures, each from a few random numbers, so that there is much to learn."""
    generator = torch.Generator().manual_seed(seed)
    centre, decay, width = torch.rand(3, count, 1, 1, generator=generator)
    height = torch.linspace(0, 1, bins)[None, :, None]
    time_ = torch.linspace(0, 1, frames)[None, None, :]
    band = torch.exp(-(((height - centre) / (0.05 + 0.3 * width)) ** 2))
    noise = 0.05 * torch.rand(count, bins, frames, generator=generator)
    return (band * torch.exp(-8 * decay * time_) + noise).clamp(0, 1)


def plain(network, objective, codes, labels, *, batch_size, steps, rate):
    """The loop that one writes first."""
    optimiser = torch.optim.Adam(network.parameters(), lr=rate)
    loader = DataLoader(TensorDataset(codes, labels), batch_size, shuffle=True, drop_last=True)
    generator = torch.Generator().manual_seed(0)
    network.train()
    done = 0
    began_s = time.perf_counter()
    while done < steps:
        for code, label in loader:
            optimiser.zero_grad()
            losses = objective.losses(network, code, label, step=done, generator=generator)
            losses["loss"].backward()
            optimiser.step()
            done += 1
            if done == steps:
                break
    return time.perf_counter() - began_s


def ours(recipe, network, objective, data, *, steps):
    """The loop of timbrel, its validations and checkpoints included."""
    with tempfile.TemporaryDirectory() as folder:
        began_s = time.perf_counter()
        budget = Budget(steps=steps)
        train(recipe, network, objective, data, folder=Path(folder), budget=budget, seed=0)
        return time.perf_counter() - began_s


def score(recipe, network, objective, data):
    """Validation loss in float32, whatever it was trained in."""
    options = recipe.training.model_copy(update={"precision": "float32", "compile": False})
    learner = Learner(network, objective, options, seed=0, device=torch.device("cpu"))
    return learner.validate(data.validation)["loss"]


def main():
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", nargs="?", default="sample-vae-laptop")
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    wanted = parser.parse_args()
    torch.set_num_threads(wanted.threads)
    # Equal work: the plain loop holds its rate and does not validate, so neither may ours.
    equal = ["training.schedule=hold", f"training.validate_every_steps={wanted.steps}"]
    recipe = recipes.override(recipes.find(wanted.recipe), [*equal, *wanted.set])
    family = load("families", recipe.family)
    bins, frames = recipe.front_end.code_shape(recipe.length_samples)
    size = recipe.training.batch_size
    codes = made_codes(8 * size, bins, frames, 1)
    labels = torch.arange(len(codes)) % 4
    data = TrainingData(
        from_codes(codes, labels=labels.tolist()), from_codes(made_codes(64, bins, frames, 2))
    )
    torch.manual_seed(0)
    fresh = family.build(recipe.network, DataFacts(bins, frames, ("a", "b", "c", "d")))
    family.start(fresh, codes, labels)
    objective = family.objective(recipe.network)
    guess = estimate(recipe, fresh, objective, len(codes) + 64, budget=Budget(steps=wanted.steps))
    keys = {"batch_size": size, "steps": wanted.steps, "rate": recipe.training.learning_rate}
    times = {"plain": [], "timbrel": []}
    for _ in range(wanted.rounds):
        one, other = copy.deepcopy(fresh), copy.deepcopy(fresh)
        times["plain"].append(plain(one, objective, codes, labels, **keys))
        times["timbrel"].append(ours(recipe, other, objective, data, steps=wanted.steps))
    print(f"{wanted.recipe}, {wanted.steps} steps of {size} codes {bins} x {frames}")
    print(
        f"precision {recipe.training.precision}, {wanted.threads} threads, THP_MEM_ALLOC_ENABLE="
        f"{os.environ.get('THP_MEM_ALLOC_ENABLE', '0')}"
    )
    for name, seconds in times.items():
        print(f"{name:8} {median(seconds):7.2f} s  [{min(seconds):.2f} to {max(seconds):.2f}]")
    ratios = [a / b for a, b in zip(times["plain"], times["timbrel"], strict=True)]
    print(f"ratio    {median(ratios):7.2f}    [{min(ratios):.2f} to {max(ratios):.2f}]")
    print(f"estimate {guess.seconds - guess.prepare_seconds:7.2f} s for training")
    losses = [score(recipe, net, objective, data) for net in (fresh, one, other)]
    print("validation loss: start {:.4g}, plain {:.4g}, timbrel {:.4g}".format(*losses))


if __name__ == "__main__":
    main()
