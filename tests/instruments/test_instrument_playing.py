"""Hearing and playing: lengths, levels, pitches, and clear answers to what cannot be heard."""

from dataclasses import replace

import pytest
import torch

from fixtures_instrument import DURATION_S, RATE_HZ, linear_instrument, made_sounds, tiny_recipe
from fixtures_recipes import is_light
from timbrel import plugins, recipes
from timbrel.errors import AbilityError, InstrumentError, SoundFileError, UsageError
from timbrel.families import DataFacts
from timbrel.instruments import abilities, cloud, instrument
from timbrel.instruments.cloud import SoundNote
from timbrel.instruments.folder import open_instrument, save
from timbrel.instruments.instrument import Instrument
from timbrel.signal.files import Sound
from timbrel.signal.levels import peak_db, rms_db

LENGTH = round(RATE_HZ * DURATION_S)
SHORT_S = 0.25


def tone(frequency_hz: float, rate: int = RATE_HZ, seconds: float = DURATION_S) -> Sound:
    time_s = torch.arange(round(rate * seconds)) / rate
    return Sound(0.5 * torch.sin(2 * torch.pi * frequency_hz * time_s)[None], rate, "tone.wav")


def main_frequency_hz(samples: torch.Tensor) -> float:
    """The peak of the spectrum, refined by a parabola through its logarithm."""
    window = torch.hann_window(len(samples))
    level = torch.log(torch.fft.rfft(samples * window, n=8 * len(samples)).abs() + 1e-12)
    top = int(level.argmax())
    left, middle, right = level[top - 1 : top + 2].tolist()
    return (top + 0.5 * (left - right) / (left - 2 * middle + right)) * RATE_HZ / (8 * len(samples))


@pytest.mark.parametrize("seconds", [0.01, 0.5, 3.0])
@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
def test_any_sound_is_made_fit(tiny_instrument: Instrument, rate: int, seconds: float) -> None:
    stereo = tone(440.0, rate, seconds).samples.repeat(2, 1)
    assert tiny_instrument.fit(Sound(stereo, rate, "")).shape == (1, LENGTH)


def test_fitting_keeps_pitch_and_level(tiny_instrument: Instrument) -> None:
    fitted = tiny_instrument.fit(tone(1000.0, 44_100, 2.0))
    assert main_frequency_hz(fitted[0]) == pytest.approx(1000.0, abs=0.5)
    assert peak_db(fitted) == pytest.approx(-6.02, abs=0.1)


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (torch.zeros(1, 0), "kick.wav is empty"),
        (torch.zeros(1, 800), "kick.wav is silent in its first 0.5 s"),
        (torch.full((1, 800), torch.nan), "no numbers"),
        (torch.full((2, 800), torch.inf), "no numbers"),
        (torch.full((1, 800), 1e20), r"kick.wav reach 1e\+20; accepted: up to 1e\+06"),
        (torch.cat([torch.zeros(1, LENGTH + 400), torch.ones(1, 400)], dim=1), "silent"),
    ],
)
def test_what_cannot_be_heard_is_said(
    tiny_instrument: Instrument, samples: torch.Tensor, reason: str
) -> None:
    with pytest.raises(SoundFileError, match=reason):
        tiny_instrument.fit(Sound(samples, RATE_HZ, "kick.wav"))


def test_a_sound_it_learned_comes_back(tiny_instrument: Instrument) -> None:
    sounds, _ = made_sounds()
    latent, reference = tiny_instrument.encode(sounds[:1])
    back = tiny_instrument.decode(latent, reference)
    assert back.shape == (1, LENGTH)
    assert main_frequency_hz(back[0]) == pytest.approx(440.0, abs=3.0)
    start = slice(0, LENGTH // 4)
    assert rms_db(back[:, start]) == pytest.approx(rms_db(sounds[:1, start]), abs=1.5)


def test_a_louder_sound_has_the_same_latent(tiny_instrument: Instrument) -> None:
    sounds, _ = made_sounds()
    quiet, low = tiny_instrument.encode(0.1 * sounds)
    loud, high = tiny_instrument.encode(sounds)
    assert torch.allclose(quiet, loud, atol=2e-2)
    assert torch.allclose(high, 10 * low, rtol=1e-4)


def test_without_a_reference_the_peak_is_minus_one_db(tiny_instrument: Instrument) -> None:
    for sound in tiny_instrument.decode(tiny_instrument.cloud.latents[:4]):
        assert peak_db(sound) == pytest.approx(-1.0, abs=1e-3)


def test_silence_stays_silent() -> None:
    assert torch.equal(instrument.normalised(torch.zeros(2, 5)), torch.zeros(2, 5))


def test_the_same_seed_plays_the_same_bytes(tiny_instrument: Instrument) -> None:
    latent = tiny_instrument.cloud.latents[:2]
    torch.manual_seed(1)
    first = tiny_instrument.decode(latent, seed=5)
    torch.manual_seed(2)
    state = torch.get_rng_state()
    assert torch.equal(tiny_instrument.decode(latent, seed=5), first)
    assert torch.equal(torch.get_rng_state(), state)


def test_latents_can_be_trained_on(tiny_instrument: Instrument) -> None:
    latent, _ = tiny_instrument.encode(made_sounds()[0][:1])
    weight = torch.ones(tiny_instrument.latent_size, requires_grad=True)
    (latent @ weight).sum().backward()  # type: ignore[no-untyped-call]
    assert weight.grad is not None


def test_playing_leaves_the_network_as_it_was(linear_family: None) -> None:
    one = linear_instrument(tiny_recipe())
    one.network.train()
    one.decode(one.cloud.latents[:1])
    assert one.network.training


@pytest.mark.parametrize(
    "latent",
    [torch.zeros(24), torch.zeros(1, 23), torch.zeros(1, 1, 24), torch.full((1, 24), torch.nan)],
)
def test_wrong_latents_are_refused(tiny_instrument: Instrument, latent: torch.Tensor) -> None:
    with pytest.raises(UsageError, match="latent"):
        tiny_instrument.decode(latent)


def test_a_latent_of_which_no_sound_comes_is_refused(linear_family: None) -> None:
    one = linear_instrument(tiny_recipe())
    with torch.no_grad():
        one.network.get_parameter("mean").fill_(torch.nan)
    with pytest.raises(AbilityError, match="'tiny' makes no sound of this latent"):
        one.decode(one.cloud.latents[:1])


def test_what_it_cannot_do_is_said(tiny_instrument: Instrument) -> None:
    assert tiny_instrument.abilities == {"reconstruct", "generate", "morph", "map"}
    tiny_instrument.require("morph")
    with pytest.raises(AbilityError, match="'tiny' cannot inpaint; accepted: generate, map, morph"):
        tiny_instrument.require("inpaint")


@pytest.mark.parametrize(
    ("offers", "has_cloud", "able"),
    [
        ({"encode", "decode"}, False, {"reconstruct", "morph", "map"}),
        ({"encode", "decode"}, True, {"reconstruct", "morph", "map", "generate"}),
        ({"decode", "sample"}, False, {"generate"}),
        ({"encode"}, True, set()),
    ],
)
def test_abilities_follow_from_the_network(
    offers: set[str], has_cloud: bool, able: set[str]
) -> None:
    assert abilities.derive(offers, has_cloud=has_cloud) == able


def test_a_network_that_lacks_what_its_family_says_is_refused(linear_family: None) -> None:
    one = linear_instrument(tiny_recipe())
    with pytest.raises(InstrumentError, match="does not decode"):
        instrument.create(
            "x",
            one.recipe,
            one.facts,
            torch.nn.Linear(1, 1),
            one.cloud,
            sounds=one.sounds,
            summary={},
            library_fingerprint="",
        )


def test_a_cloud_holds_training_sounds_alone() -> None:
    notes = [SoundNote("a", "a", "", "train"), SoundNote("b", "b", "", "test")]
    assert cloud.of(notes, torch.zeros(1, 3), torch.ones(1)).ids == ("a",)
    with pytest.raises(InstrumentError, match="fit together"):
        cloud.of(notes, torch.zeros(2, 3), torch.ones(2))


def _heard(network: torch.nn.Module, facts: DataFacts) -> torch.Tensor:
    """The latent of one code; none where the network hears no sounds."""
    encode = getattr(network, "encode", None)
    if encode is None:
        return torch.zeros(1, 0)
    with torch.inference_mode():
        return torch.as_tensor(encode(torch.rand(1, facts.bins, facts.frames))).clone()


@pytest.mark.parametrize("name", [name for name in recipes.names() if is_light(name)])
def test_every_shipped_recipe_makes_an_instrument_that_comes_back(
    name: str, tmp_path: pytest.TempPathFactory
) -> None:
    recipe = recipes.find(name)
    if recipe.name.startswith("slice-"):  # it plays each slice alone, and many take long
        recipe = recipe.model_copy(update={"duration_s": SHORT_S})
    shape = recipe.front_end.code_shape(recipe.length_samples)  # type: ignore[attr-defined]
    facts = DataFacts(
        *shape, sample_rate=recipe.sample_rate, channels=1, length_samples=recipe.length_samples
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(20)
        network = plugins.load("families", recipe.family).build(recipe.network, facts).eval()
    # The smallest library there is: one sound without a label.
    latents = _heard(network, facts)
    notes = (SoundNote("a", "a.wav", "", "train"),)
    new = instrument.create(
        name,
        recipe,
        facts,
        network,
        cloud.of(notes, latents, torch.ones(1)),
        sounds=notes,
        summary={},
        library_fingerprint="",
    )
    folder = tmp_path / name  # type: ignore[operator]
    save(folder, new, run_folder=None)
    again = open_instrument(folder)
    own = {id(tensor): tensor.nbytes for tensor in network.state_dict(keep_vars=True).values()}
    told = 50_000 + 250 * len(own)  # of each tensor its name, shape and place
    assert (folder / "weights.safetensors").stat().st_size < sum(own.values()) + told
    assert again.fingerprint == new.fingerprint
    if "decode" in new.offers:
        with torch.inference_mode():
            if not latents.shape[1]:  # it hears nothing: what it plays is drawn
                latents = network.sample(1, torch.Generator().manual_seed(0))  # type: ignore[operator]
            assert torch.equal(again.network.decode(latents), network.decode(latents))  # type: ignore[operator]


def test_an_instrument_without_weights_lives_where_its_buffers_do(
    tiny_instrument: Instrument,
) -> None:
    network = torch.nn.Module()
    network.register_buffer("mean", torch.zeros(1, device="meta"))
    assert replace(tiny_instrument, network=network).device == torch.device("meta")
