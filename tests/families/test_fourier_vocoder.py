"""The family fourier_vocoder: turns of phase, phases from turns, and what is learned."""

import math
from typing import Any

import numpy as np
import pytest
import scipy.stats
import torch

from timbrel import plugins, recipes
from timbrel.blocks.critics import SpectrogramCritic
from timbrel.blocks.crops import random_crops
from timbrel.errors import RecipeError, TrainingError
from timbrel.families import DataFacts
from timbrel.families.fourier_vocoder import FAMILY, spectra
from timbrel.families.fourier_vocoder.integration import integrated
from timbrel.losses.phase import turn_surprise
from timbrel.signal.mel import MelBands, to_mel
from timbrel.signal.stft import FrameSpec, istft, magnitude, stft

FRAMES = FrameSpec(512, 128)
RATE_HZ = 16_000


def network(recipe_name: str, *settings: str) -> Any:
    recipe = recipes.override(recipes.find(recipe_name), settings)
    family = plugins.load("families", recipe.family)
    with torch.random.fork_rng():
        torch.manual_seed(4)
        return family.build(recipe.network, DataFacts(1, 8000, (), recipe.sample_rate))


def parameters(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def tones(length_samples: int = 8000) -> torch.Tensor:
    """A decaying chord, [1, T]."""
    time = torch.arange(length_samples) / RATE_HZ
    partials = [torch.sin(2 * math.pi * hz * time) / n for n, hz in enumerate((220, 510, 1333), 1)]
    return (torch.stack(partials).sum(dim=0) * torch.exp(-3 * time))[None] / 2


@pytest.mark.parametrize(
    ("name", "count"),
    [("vocoder", 2_523_040), ("vocoder-mel", 2_534_801), ("vocoder-mel-s3", 2_075_025)],
)
def test_recipes_are_as_large_as_their_cards_say(name: str, count: int) -> None:
    assert parameters(network(name)) == count


def test_a_tone_turns_at_its_own_pace() -> None:
    hz = 1010.0
    sound = torch.sin(2 * math.pi * hz * torch.arange(8000) / RATE_HZ)[None]
    nearest = round(hz * 512 / RATE_HZ)
    turn = spectra.time_difference(stft(sound, FRAMES), FRAMES)[0, nearest, 20:40]
    beside_hz = hz - nearest * RATE_HZ / 512
    wanted = 2 * math.pi * beside_hz * 128 / RATE_HZ
    assert torch.allclose(turn.angle(), torch.tensor(wanted), atol=1e-3)


def test_a_click_in_the_middle_of_a_frame_does_not_turn_along_frequency() -> None:
    sound = torch.zeros(1, 4000)
    sound[0, 10 * 128] = 1.0
    turn = spectra.frequency_difference(stft(sound, FRAMES))[0, :, 10]
    assert torch.allclose(turn, torch.ones_like(turn), atol=1e-4)


def test_the_slopes_of_magnitudes_tell_most_of_the_turns() -> None:
    spectrum = stft(tones(), FRAMES)
    loud = spectrum.abs()[0] > 0.05 * spectrum.abs().max()
    code = spectra.to_code(spectrum.abs(), spectrum.abs().amax(dim=(1, 2)), 80.0)
    guess, _ = spectra.guessed_turns(code, 80.0, FRAMES)
    true = spectra.time_difference(spectrum, FRAMES)
    error = (guess[0, :, 1:] * true[0].conj()).angle().abs()[loud[:, 1:]]
    assert error.median() < 0.15  # radians; a blind guess is wrong by pi / 2


def test_true_turns_give_the_true_sound() -> None:
    sound = tones()
    spectrum = stft(sound, FRAMES)
    time = torch.zeros_like(spectrum)
    time[..., 1:] = spectra.time_difference(spectrum, FRAMES)
    along = spectra.frequency_difference(spectrum)
    wanted = spectrum.abs()
    phasor = integrated(wanted[0], time[0], along[0], FRAMES, seed=0)
    made = istft(wanted * phasor, FRAMES, sound.shape[1])
    error = (magnitude(made, FRAMES) - wanted).norm() / wanted.norm()
    assert error < 0.03


def test_surprise_is_that_of_von_mises_distributions(rng: np.random.Generator) -> None:
    centre, certain, seen = rng.uniform(-3, 3, 50), rng.uniform(0.1, 30, 50), rng.uniform(-3, 3, 50)
    wanted = -scipy.stats.vonmises.logpdf(seen, certain, loc=centre) - math.log(2 * math.pi)
    predicted = torch.from_numpy(certain * np.exp(1j * centre))
    turn = torch.from_numpy(np.exp(1j * seen))
    weight = torch.from_numpy(rng.uniform(0.1, 1, 50))
    found = float(turn_surprise(predicted, turn, weight))
    assert found == pytest.approx(np.average(wanted, weights=weight.numpy()), abs=1e-6)


def test_magnitudes_spread_from_mel_bands_are_heard_as_they_were() -> None:
    bands = MelBands(RATE_HZ, 512, 128)
    once = spectra.smooth_magnitude(magnitude(tones(), FRAMES), bands)
    twice = spectra.smooth_magnitude(once, bands)
    error = (to_mel(twice.square(), bands) - to_mel(once.square(), bands)).norm()
    assert error < 0.02 * to_mel(once.square(), bands).norm()


def test_a_code_and_its_magnitude_are_the_same() -> None:
    wanted = magnitude(tones(), FRAMES)
    reference = wanted.amax(dim=(1, 2))
    code = spectra.to_code(wanted, reference, 80.0)
    again = spectra.to_magnitude(code, reference, 80.0)
    assert torch.allclose(again, wanted.clamp(min=float(reference) * 1e-4), rtol=1e-4)


def learned(steps: int, *settings: str) -> tuple[list[float], Any]:
    """Losses of a few steps on one sound."""
    recipe = recipes.override(recipes.find("vocoder-tiny"), settings)
    built, objective = network("vocoder-tiny", *settings), FAMILY.objective(recipe.network)
    optimiser = torch.optim.Adam(built.parameters(), lr=3e-3)
    losses = []
    for step in range(steps):
        generator = torch.Generator().manual_seed(step % 4)
        parts = objective.losses(
            built, tones().expand(4, 1, -1), torch.zeros(4), step=step, generator=generator
        )
        optimiser.zero_grad()
        parts["loss"].backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.append(float(parts["time"] + parts["frequency"] + parts["magnitude"]))
    return losses, built


@pytest.mark.parametrize("weight", [0.0, 0.2])
def test_it_learns_with_and_without_a_critic(weight: float) -> None:
    losses, built = learned(24, f"network.critic_weight={weight}")
    assert sum(losses[-4:]) < sum(losses[:4]) - 0.5
    assert (built.critic is None) == (weight == 0)


def test_a_critic_has_no_place_where_magnitudes_are_kept() -> None:
    built = network("vocoder-tiny", "network.mels=0", "network.critic_weight=1.0")
    assert built.critic is None
    assert built.sharpen is None


def test_fooling_leaves_the_critic_alone_and_telling_apart_the_fakes() -> None:
    critic = SpectrogramCritic(4)
    fake = torch.rand(1, 33, 16, requires_grad=True)
    judged = critic.losses(real=torch.rand(1, 33, 16), fake=fake)
    judged.fooling.backward()  # type: ignore[no-untyped-call]
    assert all(weight.grad is None for weight in critic.parameters())
    assert fake.grad is not None
    assert fake.grad.abs().max() > 0
    fake.grad = None
    judged.telling_apart.backward()  # type: ignore[no-untyped-call]
    assert fake.grad is None
    assert all(weight.grad is not None for weight in critic.parameters())


def test_crops_come_from_where_there_is_something_to_hear() -> None:
    sound = torch.zeros(64, 10_000)
    sound[:, :500] = 1.0
    crops = random_crops(sound, 1000, lead_samples=100, generator=torch.Generator().manual_seed(0))
    assert crops.shape == (64, 1000)
    assert (crops.abs().amax(dim=1) > 0).float().mean() > 0.9
    assert len({int((crop > 0).sum()) for crop in crops}) > 5
    short = random_crops(
        sound[:, :300], 1000, lead_samples=0, generator=torch.Generator().manual_seed(0)
    )
    assert torch.equal(short[:, :300], sound[:, :300])


def test_it_learns_from_waveforms_alone() -> None:
    with pytest.raises(RecipeError, match="waveform"):
        FAMILY.build(recipes.find("vocoder-tiny").network, DataFacts(128, 50))
    objective = FAMILY.objective(recipes.find("vocoder-tiny").network)
    with pytest.raises(TrainingError, match="FourierVocoder"):
        objective.losses(
            torch.nn.Linear(1, 1), torch.zeros(1, 1, 9), torch.zeros(1),
            step=0, generator=torch.Generator(),
        )  # fmt: skip


def test_frames_that_lose_parts_of_a_sound_are_refused() -> None:
    with pytest.raises(Exception, match="hop of 400"):
        recipes.override(recipes.find("vocoder"), ["network.hop_samples=400", "network.n_fft=512"])
