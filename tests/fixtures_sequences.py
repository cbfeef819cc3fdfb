"""A network of the kind that hears a sound as a sequence, for tests: its detail is the code itself.

It learns nothing and loses nothing, so that what a morph of it gets wrong is the morph's own fault.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from timbrel import plugins, recipes
from timbrel.blocks.sequences import mixed, pooled, stretched
from timbrel.families import DataFacts, Family
from timbrel.instruments import cloud, instrument
from timbrel.instruments.cloud import SoundNote
from timbrel.instruments.instrument import Instrument
from timbrel.recipes import Options, Recipe, option
from timbrel.signal.frontends import FrontEnd

CELLS = 4
RATE_HZ = 16_000
MAGNITUDES = {"name": "log_magnitude", "n_fft": 1024, "hop_samples": 256}


class ExactOptions(Options):
    """The options of the family of these tests."""

    lost: float = option(0.0, "How much quieter each frame comes back, of a code.", low=0, high=1)


class Exact(nn.Module):
    """Hears each frame as it is."""

    any_length = True
    slice_frames = 1

    def __init__(self, options: ExactOptions, facts: DataFacts) -> None:
        super().__init__()
        self.lost, self.frames = options.lost, facts.frames
        self.unused = nn.Parameter(torch.zeros(1))

    def detail(self, code: Tensor) -> Tensor:
        return code

    def encode(self, code: Tensor) -> Tensor:
        return pooled(self.detail(code), CELLS)

    def play(self, detail: Tensor) -> tuple[Tensor, None]:
        return (detail - self.lost * detail).clamp(-1, 1), None

    def draw(self, latent: Tensor, generator: torch.Generator) -> Tensor:
        return stretched(latent, CELLS, self.frames)

    def decode(self, latent: Tensor) -> Tensor:
        return self.play(self.draw(latent, torch.Generator()))[0]

    def blend(self, details: Tensor, weights: Tensor, generator: torch.Generator) -> Tensor:
        return mixed(details, weights)


class Pitched(Exact):
    """Has its pitch in the last row of its detail."""

    def detail(self, code: Tensor) -> Tensor:
        # as rough a pitch as can be: the number of the loudest bin, where there is any
        loudest = code.argmax(dim=1, keepdim=True).float()
        told = torch.where(code.amax(dim=1, keepdim=True) > 0, loudest, torch.nan)
        return torch.cat([code, told], dim=1)

    def encode(self, code: Tensor) -> Tensor:
        return pooled(code, CELLS)

    def draw(self, latent: Tensor, generator: torch.Generator) -> Tensor:
        code = stretched(latent, CELLS, self.frames)
        return torch.cat([code, code[:, :1]], dim=1)

    def play(self, detail: Tensor) -> tuple[Tensor, None]:
        return detail[:, :-1].clamp(0, 1), None

    def pitch(self, detail: Tensor) -> Tensor:
        return detail[:, -1]

    def at_pitch(self, detail: Tensor, semitones: Tensor) -> Tensor:
        """Moves each frame's loudest bin to the one wanted."""
        found = torch.zeros_like(detail)
        wanted = semitones.round().long()
        found[:, :-1].scatter_(1, wanted[:, None], detail[:, :-1].amax(dim=1, keepdim=True))
        found[:, -1] = semitones
        return found


def exact_recipe(name: str, *, waves: bool = False) -> Recipe:
    """A recipe of one of the families of these tests, "exact" or "exact_pitched"."""
    return recipes.parse(
        {
            "name": name,
            "title": "frames as they are",
            "about": "For tests.",
            "family": name,
            "sample_rate": RATE_HZ,
            "duration_s": 0.5,
            "front_end": {"name": "waveform"} if waves else MAGNITUDES,
            "phase": {"name": "fast_griffin_lim", "iterations": 16},
            "network": {"lost": 0.0},
            "training": {},
        }
    )


def family(kind: type[nn.Module], title: str) -> Family:
    """Declares a family of these tests."""
    return Family(
        title=title,
        config=ExactOptions,
        build=kind,
        objective=lambda _: NotImplemented,
        needs="sounds",
        abilities=frozenset({"encode", "decode", "detail"}),
        source="none",
    )


FAMILIES = {"exact": family(Exact, "frames"), "exact_pitched": family(Pitched, "pitched frames")}


def instrument_of(recipe: Recipe, *, lost: float = 0.0) -> Instrument:
    """Makes an instrument that has learned nothing, with a cloud of one sound."""
    front_end: Any = recipe.front_end
    assert isinstance(front_end, FrontEnd)
    shape = front_end.code_shape(recipe.length_samples)
    made: Family = plugins.load("families", recipe.family)
    options = ExactOptions(lost=lost)
    network = made.build(options, DataFacts(*shape, sample_rate=recipe.sample_rate))
    with torch.inference_mode():
        latent = network.encode(torch.zeros(1, *shape)).clone()  # type: ignore[operator]
    notes = (SoundNote("a", "a.wav", "", "train"),)
    return instrument.create(
        recipe.name,
        recipe,
        DataFacts(*shape, sample_rate=recipe.sample_rate),
        network,
        cloud.of(notes, latent, torch.ones(1)),
        sounds=notes,
        summary={},
        library_fingerprint="",
    )


@pytest.fixture(scope="module")
def exact_families() -> Iterator[None]:
    """Adds the families of these tests to those that there are."""
    load = plugins.load
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            plugins,
            "load",
            lambda room, name: FAMILIES[name] if name in FAMILIES else load(room, name),
        )
        yield
