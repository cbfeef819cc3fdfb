"""S4's autoencoders of slices: the loop one writes first against timbrel's own step.

    TIMBREL_DATA=... python benchmarks/spectral_autoencoders.py [single] [--size laptop|s4]

What is compared, and how, stands in `autoencoders.py`. The plain network is S4's as its text says
it, frequency first and time last, on slices of real notes. The plain loop knows nothing of
THP_MEM_ALLOC_ENABLE=1, which the command line sets: for the whole difference run this with and
without it, and take timbrel's line of the one and the plain line of the other.
"""

import argparse
import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from autoencoders import HELD_OUT, ROOT, Case, faster, show
from timbrel import recipes
from timbrel.blocks.slices import audible, cut
from timbrel.signal import files

STRIDES = ("single", "double", "triple")
NOTES = 48  # of the folder, evenly spread; the last sixth judges


class Plain(nn.Module):
    """The same layers with the same weights, each with its axes the other way round."""

    def __init__(self, ours: Any) -> None:
        super().__init__()
        self.unit_db = ours.unit_db
        self.layers = nn.Sequential(*turned(ours.layers.encoder), *turned(ours.layers.decoder))

    def forward(self, slices: Tensor) -> Tensor:
        """Passes slices [B, F, k] through the bottleneck, in dB."""
        return self.layers(self.decibels(slices)[:, None])[:, 0]

    def decibels(self, slices: Tensor) -> Tensor:
        """Says what slices of a code stand for."""
        return (slices - 1) * self.unit_db


def turned(layers: Any) -> nn.Sequential:
    """Copies layers with time and frequency exchanged."""
    return nn.Sequential(*(turned_one(layer) for layer in layers))


def turned_one(layer: Any) -> nn.Module:
    """Copies one of them."""
    if isinstance(layer, nn.Sequential):
        return turned(layer)
    if isinstance(layer, nn.BatchNorm2d):
        return nn.BatchNorm2d(layer.num_features)
    if not isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        return type(layer)()
    sizes = {"stride": layer.stride[::-1], "padding": layer.padding[::-1]}
    if isinstance(layer, nn.ConvTranspose2d):
        sizes["output_padding"] = layer.output_padding[::-1]
    made = type(layer)(layer.in_channels, layer.out_channels, layer.kernel_size[::-1], **sizes)
    weights = {"weight": layer.weight.detach().transpose(2, 3), "bias": layer.bias.detach()}
    made.load_state_dict(weights)
    return made


def case(size: str, strides: str, notes: list[Path], settings: list[str]) -> Case:
    """One of S4's networks and its slices."""
    name = f"slice-{size}-{strides}"
    # as the source takes its decibels: a plain loop does not measure its library first
    recipe = recipes.override(faster(name), ["network.scaling=none", *settings])

    def loss(network: Any, items: Tensor) -> Tensor:
        return nn.functional.mse_loss(network(items), network.decibels(items))

    slices = [cut(audible(code_of(recipe, note)), 3) for note in notes]
    apart = len(slices) // 6
    held = torch.cat(slices[-apart:])
    every = max(1, len(held) // HELD_OUT)
    return Case(name, recipe, Plain, loss, torch.cat(slices[:-apart]), held[::every][:HELD_OUT])


def code_of(recipe: Any, note: Path) -> Tensor:
    """The code of one note, [F, N]."""
    sound = files.read(note, duration_s=recipe.duration_s, sample_rate=recipe.sample_rate)
    return recipe.front_end.encode(sound.samples[:1], sample_rate=recipe.sample_rate)[0][0]


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("strides", nargs="*", default=["single"], help=", ".join(STRIDES))
    parser.add_argument("--size", default="laptop", choices=("laptop", "s4"))
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    wanted = parser.parse_args()
    torch.set_num_threads(wanted.threads)
    data = Path(os.environ.get("TIMBREL_DATA", ROOT.parent / "shared" / "data"))
    notes = sorted((data / "nsynth_gm" / "audio").glob("*.flac"))
    if not notes:
        parser.exit(0, f"no notes in {data}: set TIMBREL_DATA\n")
    spread = notes[:: max(1, len(notes) // NOTES)][:NOTES]
    thp = os.environ.get("THP_MEM_ALLOC_ENABLE", "0")
    print(f"{wanted.threads} threads, THP_MEM_ALLOC_ENABLE={thp}, torch {torch.__version__}")
    for strides in wanted.strides:
        show(case(wanted.size, strides, spread, wanted.set), wanted.steps, wanted.seeds)


if __name__ == "__main__":
    main()
