"""The family deep_griffin_lim: Griffin-Lim where its network is silent, better where it learned."""

import math
from typing import Any

import pytest
import torch

from timbrel import plugins, recipes
from timbrel.errors import RecipeError, TrainingError, UsageError
from timbrel.families import DataFacts
from timbrel.families.deep_griffin_lim import FAMILY
from timbrel.families.deep_griffin_lim.network import with_phase_of
from timbrel.signal.stft import FrameSpec, istft, magnitude, stft

FRAMES = FrameSpec(512, 128)
TINY = recipes.find("deep-griffin-lim-tiny")


def built(name: str = "deep-griffin-lim-tiny") -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(4)
        return plugins.load("families", "deep_griffin_lim").build(
            recipes.find(name).network, DataFacts(1, 8000)
        )


def chord(*partials_hz: float) -> torch.Tensor:
    """A decaying chord, [1, T]."""
    time = torch.arange(8000) / 16_000
    waves = [torch.sin(2 * math.pi * hz * time) for hz in partials_hz]
    return (torch.stack(waves).sum(dim=0) * torch.exp(-4 * time))[None] / len(waves)


@pytest.mark.parametrize("name", ["deep-griffin-lim", "deep-griffin-lim-s3"])
def test_recipes_are_as_large_as_the_card_says(name: str) -> None:
    assert sum(parameter.numel() for parameter in built(name).parameters()) == 18_850


def test_a_fresh_network_is_griffin_lim() -> None:
    network, sound = built(), chord(220, 660)
    wanted = magnitude(sound, FRAMES)
    found = network.waveform(wanted, length_samples=8000, seed=3)
    # Griffin & Lim by hand, from the phase that the network begins with
    generator = torch.Generator().manual_seed(3)
    turns = torch.rand(wanted.shape[1:], generator=generator)
    spectrum = wanted * torch.polar(torch.ones_like(turns), turns * (2 * math.pi))
    for _ in range(network.rounds):
        sound = istft(with_phase_of(spectrum, wanted), FRAMES, 8000)
        spectrum = stft(sound, FRAMES)
    by_hand = istft(with_phase_of(spectrum, wanted), FRAMES, 8000)
    assert torch.allclose(found, by_hand, atol=1e-4)


def test_a_spectrum_that_fits_stays() -> None:
    network, sound = built(), chord(220, 660)
    spectrum = stft(sound, FRAMES)
    plain, better = network.both(spectrum, spectrum.abs(), 8000)
    assert torch.allclose(plain, spectrum, atol=1e-3)
    assert torch.equal(plain, better)


def test_a_cell_without_phase_gets_one() -> None:
    spectrum = torch.tensor([[[0j, 3 + 4j]]])
    assert torch.allclose(
        with_phase_of(spectrum, torch.full((1, 1, 2), 5.0)), torch.tensor([[[5 + 0j, 3 + 4j]]])
    )


def test_what_it_learns_beats_griffin_lims_own_round() -> None:
    network, objective = built(), FAMILY.objective(TINY.network)
    optimiser = torch.optim.Adam(network.parameters(), lr=5e-3)
    noise = torch.randn(10, 1, 8000, generator=torch.Generator().manual_seed(1))
    sounds = torch.stack([chord(200 + 37 * n, 700 + 90 * n) for n in range(10)]) + 0.2 * noise
    for step in range(60):
        generator = torch.Generator().manual_seed(step)
        parts = objective.losses(
            network, sounds[:8], torch.zeros(8), step=step, generator=generator
        )
        optimiser.zero_grad()
        parts["loss"].backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    with torch.no_grad():
        judged = objective.losses(
            network, sounds[8:], torch.zeros(2), step=0, generator=torch.Generator().manual_seed(0)
        )
    assert judged["loss"] < 0.995 * judged["griffin_lim"]


def test_the_seed_decides() -> None:
    network, wanted = built(), magnitude(chord(300, 500), FRAMES)
    first, again, other = (
        network.waveform(wanted, length_samples=8000, seed=seed) for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_wrong_settings_and_networks_are_refused() -> None:
    with pytest.raises(RecipeError, match="waveform"):
        FAMILY.build(TINY.network, DataFacts(128, 50))
    with pytest.raises(UsageError, match="noise from 20 to 12 dB"):
        recipes.override(TINY, ["network.lowest_snr_db=20.0"])
    with pytest.raises(TrainingError, match="DeepGriffinLim"):
        FAMILY.objective(TINY.network).losses(
            torch.nn.Linear(1, 1), torch.zeros(1, 1, 9), torch.zeros(1),
            step=0, generator=torch.Generator(),
        )  # fmt: skip
