"""Facts of the family `pitched_autoencoder` and of the front end it hears through."""

import math

import pytest
import torch
from torch import Tensor

from timbrel import recipes
from timbrel.errors import RecipeError
from timbrel.families import DataFacts
from timbrel.families.pitched_autoencoder import FAMILY, painter, pitch_rows
from timbrel.families.pitched_autoencoder.network import PitchedAutoencoder
from timbrel.signal.frontends.pitched import Pitched
from timbrel.signal.phase.heap_integration import HeapIntegration
from timbrel.signal.pitch import pitch_hz

RATE = 16_000
FRONT_END = Pitched(n_fft=1024, hop_samples=256)
PHASE = HeapIntegration(iterations=8)
TIME_S = torch.arange(RATE) / RATE


def harmonics(hz: float, seconds: float = 1.0) -> Tensor:
    time_s = torch.arange(round(seconds * RATE)) / RATE
    parts = [torch.sin(math.tau * hz * k * time_s) / k for k in range(1, 9)]
    return (torch.stack(parts).sum(0) / 4)[None]


@pytest.fixture(scope="module")
def network() -> PitchedAutoencoder:
    recipe = recipes.find("morph-tiny")
    bins, frames = FRONT_END.code_shape(RATE)
    torch.manual_seed(0)
    made = FAMILY.build(recipe.network, DataFacts(bins, frames, (), RATE))
    assert isinstance(made, PitchedAutoencoder)
    return made.eval()


def detail_of(network: PitchedAutoencoder, sound: Tensor) -> Tensor:
    with torch.no_grad():
        return network.detail(FRONT_END.encode(sound, sample_rate=RATE)[0])


def heard_hz(network: PitchedAutoencoder, detail: Tensor) -> float:
    with torch.no_grad():
        code = network.play(detail)[0]
    sound = FRONT_END.decode(
        code, torch.ones(1), sample_rate=RATE, length_samples=RATE, phase=PHASE, seed=0
    )
    return pitch_hz(sound[0], RATE)


@pytest.mark.parametrize("hz", [82.4, 440.0, 1318.5])
def test_the_front_end_tells_the_pitch_within_two_cents_in_half_precision(hz: float) -> None:
    code, _ = FRONT_END.encode(harmonics(hz), sample_rate=RATE)
    told = pitch_rows.parted(code.half().float()).semitones[0, 4:-4]
    assert (told - (69 + 12 * math.log2(hz / 440))).abs().max() < 0.02


def test_noise_has_no_clear_pitch_and_silence_none() -> None:
    noise = torch.randn(1, RATE, generator=torch.Generator().manual_seed(0))
    sound = torch.cat([noise, torch.zeros(1, RATE)], dim=1)
    part = pitch_rows.parted(FRONT_END.encode(sound, sample_rate=RATE)[0])
    assert part.clarity[0, :60].max() < 0.6
    assert not part.clarity[0, 70:].any()


def test_the_rows_of_the_pitch_are_not_heard() -> None:
    code, reference = FRONT_END.encode(harmonics(220.0), sample_rate=RATE)
    other = code.clone()
    other[:, -3:] = 0
    heard = [
        FRONT_END.decode(c, reference, sample_rate=RATE, length_samples=RATE, phase=PHASE, seed=0)
        for c in (code, other)
    ]
    assert torch.equal(*heard)


def test_a_painted_lobe_is_the_transform_of_the_window() -> None:
    code, _ = FRONT_END.encode(torch.sin(math.tau * 2000 * TIME_S)[None], sample_rate=RATE)
    middle = code[0, :-3, 30]
    off_bins = torch.arange(-2, 3)
    measured_db = 80 * (middle[128 + off_bins] - middle[128])
    assert torch.allclose(measured_db, -painter.LOBE_DB * off_bins.square(), atol=0.2)


def test_a_note_is_played_at_its_own_pitch_even_by_a_fresh_network(
    network: PitchedAutoencoder,
) -> None:
    cents = 1200 * math.log2(heard_hz(network, detail_of(network, harmonics(220.0))) / 220)
    assert abs(cents) < 5


def test_half_way_between_two_pitches_is_one_note_at_the_pitch_between(
    network: PitchedAutoencoder,
) -> None:
    ends = torch.stack([detail_of(network, harmonics(hz)) for hz in (220.0, 220.0 * 1.5)])
    weights = torch.full((2, ends.shape[3]), 0.5)
    half = network.blend(ends, weights, torch.Generator())
    cents = 1200 * math.log2(heard_hz(network, half) / (220 * 1.5**0.5))
    assert abs(cents) < 5


def test_who_has_no_pitch_has_no_say_in_it(network: PitchedAutoencoder) -> None:
    noise = torch.randn(1, RATE, generator=torch.Generator().manual_seed(0))
    note = detail_of(network, harmonics(330.0))
    ends = torch.stack([note, detail_of(network, noise * 0.1)])
    ends[1, :, -1] = 0
    half = network.blend(ends, torch.full((2, note.shape[2]), 0.5), torch.Generator())
    assert torch.allclose(half[:, -2], note[:, -2])


def test_a_note_can_be_given_another_pitch(network: PitchedAutoencoder) -> None:
    note = detail_of(network, harmonics(220.0))
    moved = network.at_pitch(note, network.pitch(note) + 7)
    cents = 1200 * math.log2(heard_hz(network, moved) / (220 * 2 ** (7 / 12)))
    assert abs(cents) < 5


def test_a_sound_in_company_is_heard_as_alone(network: PitchedAutoencoder) -> None:
    sounds = torch.cat([harmonics(220.0), harmonics(150.0)])
    sounds[0, RATE // 2 :] = 0
    code, _ = FRONT_END.encode(sounds, sample_rate=RATE)
    short = code[:1, :, : int((code[0].amax(0) > 0).nonzero()[-1]) + 1]
    with torch.no_grad():
        assert torch.allclose(network.encode(code)[:1], network.encode(short), atol=1e-4)


def test_a_steady_note_is_known_by_its_one_vector(network: PitchedAutoencoder) -> None:
    steady = detail_of(network, harmonics(220.0))
    with torch.no_grad():
        latent = network.encode(FRONT_END.encode(harmonics(220.0), sample_rate=RATE)[0])
        drawn = network.draw(latent, torch.Generator())
    assert drawn.shape == steady.shape
    assert torch.allclose(network.pitch(drawn), network.pitch(steady), atol=0.05)
    assert (drawn - steady)[:, :, 3:-3].abs().max() < 0.2


def test_vectors_of_a_long_and_a_short_sound_are_drawn_as_each_alone(
    network: PitchedAutoencoder,
) -> None:
    sounds = torch.cat([harmonics(220.0), harmonics(150.0)])
    sounds[0, RATE // 2 :] = 0
    with torch.no_grad():
        latent = network.encode(FRONT_END.encode(sounds, sample_rate=RATE)[0])
        together = network.play(network.draw(latent, torch.Generator()))[0]
        alone = network.decode(latent)
    ends = [int((code.amax(0) > 0).nonzero()[-1]) + 1 for code in together]
    assert ends[0] < 0.6 * ends[1]
    assert torch.allclose(together, alone, atol=1e-4)


@pytest.mark.parametrize(
    "settings",
    [
        ["network.strip_frames=1", "network.blocks=0", "network.noise=0.0"],
        ["network.strip_frames=3", "network.slice_frames=9", "network.features=1"],
    ],
)
def test_any_settings_hear_play_and_learn(settings: list[str]) -> None:
    recipe = recipes.override(recipes.find("morph-tiny"), settings)
    code, _ = FRONT_END.encode(harmonics(220.0), sample_rate=RATE)
    torch.manual_seed(0)
    network = FAMILY.build(recipe.network, DataFacts(code.shape[1], code.shape[2], (), RATE))
    excerpts = code[:, :, 9 : 9 + network.slice_frames]  # type: ignore[misc]
    parts = FAMILY.objective(recipe.network).losses(
        network, excerpts, torch.zeros(1), step=0, generator=torch.Generator().manual_seed(0)
    )
    assert parts["loss"].isfinite()
    assert parts["loss"].requires_grad
    network.eval()
    assert isinstance(network, PitchedAutoencoder)
    with torch.no_grad():
        assert network.play(network.detail(code))[0].shape == code.shape


def test_silence_stays_silent(network: PitchedAutoencoder) -> None:
    sound = harmonics(220.0)
    sound[:, RATE // 2 :] = 0
    code, _ = FRONT_END.encode(sound, sample_rate=RATE)
    with torch.no_grad():
        played = network.play(network.detail(code))[0]
    assert torch.equal(played.amax(dim=1) > 0, code.amax(dim=1) > 0)


def test_frames_keep_their_level(network: PitchedAutoencoder) -> None:
    fading = harmonics(220.0) * torch.linspace(1, 0.01, RATE)
    code, _ = FRONT_END.encode(fading, sample_rate=RATE)
    with torch.no_grad():
        level = network.facts_of(code)[1].level[0]
    amplitude = 1 - 0.99 * 256 * torch.tensor([10.0, 50.0]) / RATE
    fall_db = 20 * math.log10(amplitude[0] / amplitude[1])
    assert abs(80 * float(level[10] - level[50]) - fall_db) < 0.5


def test_learning_lowers_the_error() -> None:
    recipe = recipes.find("morph-tiny")
    code = torch.cat(
        [FRONT_END.encode(harmonics(hz), sample_rate=RATE)[0][:, :, 8:24] for hz in (110.0, 300.0)]
    )
    torch.manual_seed(0)
    network = FAMILY.build(recipe.network, DataFacts(code.shape[1], 16, (), RATE))
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    objective, losses = FAMILY.objective(recipe.network), []
    for step in range(40):
        parts = objective.losses(
            network, code, torch.zeros(2), step=step, generator=torch.Generator().manual_seed(step)
        )
        optimiser.zero_grad()
        parts["loss"].backward()
        optimiser.step()
        losses.append(float(parts["loss"].detach()))
    assert losses[-1] < 0.5 * losses[0]


def test_codes_without_a_pitch_are_refused() -> None:
    recipe = recipes.find("morph-tiny")
    with pytest.raises(RecipeError, match="front end pitched"):
        FAMILY.build(recipe.network, DataFacts(513, 100, (), RATE))


@pytest.mark.parametrize("frames", [5, 2])
def test_excerpts_hold_two_whole_strips_at_least(frames: int) -> None:
    recipe = recipes.override(recipes.find("morph-tiny"), [f"network.slice_frames={frames}"])
    with pytest.raises(RecipeError, match="strips"):
        FAMILY.build(recipe.network, DataFacts(516, 100, (), RATE))
