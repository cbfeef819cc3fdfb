"""Training against the plain float32 loop of the same network: steps a second and final losses.

Run: python benchmarks/training.py [RECIPE] [--steps N] [--threads N] [--set KEY=VALUE]

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


class Plain:
    """The loop that one writes first, a step at a time."""

    def __init__(self, network, objective, codes, labels, *, batch_size, rate):
        self.network, self.objective = network.train(), objective
        self.optimiser = torch.optim.Adam(network.parameters(), lr=rate)
        dataset = TensorDataset(codes, labels)
        self.loader = DataLoader(dataset, batch_size, shuffle=True, drop_last=True)
        self.batches = iter(self.loader)
        self.generator = torch.Generator().manual_seed(0)
        self.seconds = []

    def step(self):
        """One step, timed."""
        began_s = time.perf_counter()
        batch = next(self.batches, None)
        if batch is None:
            self.batches = iter(self.loader)
            batch = next(self.batches)
        self.optimiser.zero_grad()
        losses = self.objective.losses(self.network, *batch, step=0, generator=self.generator)
        losses["loss"].backward()
        self.optimiser.step()
        self.seconds.append(time.perf_counter() - began_s)


def side_by_side(recipe, network, objective, data, plain, *, steps):
    """Trains with timbrel; between two of its steps comes one of the plain loop."""
    seconds = []
    began_s = [None]

    def between():
        if began_s[0] is not None:
            seconds.append(time.perf_counter() - began_s[0])
        if len(plain.seconds) < steps:
            plain.step()
        began_s[0] = time.perf_counter()
        return False

    with tempfile.TemporaryDirectory() as folder:
        keys = {"folder": Path(folder), "budget": Budget(steps=steps), "seed": 0}
        train(recipe, network, objective, data, should_stop=between, **keys)
    return seconds[-steps:]


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
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    wanted = parser.parse_args()
    torch.set_num_threads(wanted.threads)
    # Equal work: the plain loop holds its rate and validates not at all.
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
    one, other = copy.deepcopy(fresh), copy.deepcopy(fresh)
    keys = {"batch_size": size, "rate": recipe.training.learning_rate}
    plain = Plain(one, objective, codes, labels, **keys)
    ours = side_by_side(recipe, other, objective, data, plain, steps=wanted.steps)
    print(f"{wanted.recipe}, {wanted.steps} steps of {size} codes {bins} x {frames}")
    thp = os.environ.get("THP_MEM_ALLOC_ENABLE", "0")
    print(f"{recipe.training.precision}, {wanted.threads} threads, THP_MEM_ALLOC_ENABLE={thp}")
    for name, seconds in (("plain", plain.seconds), ("timbrel", ours)):
        spread = f"[{min(seconds) * 1e3:.1f} to {max(seconds) * 1e3:.1f}]"
        print(f"{name:8} {median(seconds) * 1e3:8.1f} ms a step {spread}")
    ratios = [a / b for a, b in zip(plain.seconds, ours, strict=False)]
    print(f"ratio    {median(plain.seconds) / median(ours):8.2f} (of pairs {median(ratios):.2f})")
    print(f"estimate {guess.step_seconds * 1e3:8.1f} ms a step")
    losses = [score(recipe, net, objective, data) for net in (fresh, one, other)]
    print("validation loss: start {:.4g}, plain {:.4g}, timbrel {:.4g}".format(*losses))


if __name__ == "__main__":
    main()
