"""Between seeds: along a sphere, ends as they are; pieces joined without a dip or a bump."""

import math

import pytest
import torch

from fixtures_steered import steered_family, steered_instrument, steered_recipe
from timbrel.errors import AbilityError, UsageError
from timbrel.instruments.instrument import Instrument
from timbrel.signal.levels import peak_db
from timbrel.synthesis.generate import generate
from timbrel.synthesis.journeys import between, joined, journey, latent_of, names, on_sphere
from timbrel.synthesis.priors import Prior, even_bounds
from timbrel.synthesis.takes import Take

__all__ = ["steered_family"]


@pytest.fixture(scope="module")
def known(steered_family: None) -> Instrument:
    return steered_instrument(steered_recipe(even=True))


def test_the_sphere_is_gone_along_at_an_even_pace() -> None:
    ends = torch.tensor([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]])
    points = on_sphere(ends, 9, Prior(), torch.zeros(3))
    assert torch.allclose(points.norm(dim=1), torch.full((9,), 2.0))
    angles = torch.nn.functional.cosine_similarity(points[:-1], points[1:]).acos()
    assert torch.allclose(angles, torch.full((8,), math.pi / 8), atol=1e-3)
    assert torch.equal(points[[0, 4, 8]], ends)


def test_through_the_normal_quantile_an_even_prior_is_never_left(known: Instrument) -> None:
    latents = torch.stack([one.latent for one in between(known, (3, 7, 11), steps=9)])
    assert latents.abs().max() <= 1
    for place, seed in ((0, 3), (4, 7), (8, 11)):
        assert torch.allclose(latents[place], latent_of(known, seed), atol=1e-4)
        first = next(generate(known, count=1, seed=seed))
        assert torch.equal(latent_of(known, seed), first.latent)


def test_half_way_between_opposite_draws_is_no_crash() -> None:
    ends = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    assert bool(torch.isfinite(on_sphere(ends, 3, Prior(), torch.zeros(2))).all())


def test_in_a_cloud_the_sphere_lies_around_its_middle(tiny_instrument: Instrument) -> None:
    middle = tiny_instrument.cloud.latents.mean(dim=0)
    one, half, other = (
        float((each.latent - middle).norm()) for each in between(tiny_instrument, (1, 2), steps=3)
    )
    assert half == pytest.approx((one + other) / 2, rel=1e-3)


def test_noises_are_joined_at_one_power(torch_rng: torch.Generator) -> None:
    sounds = iter(torch.randn(6, 16_000, generator=torch_rng))
    whole = joined(sounds, hop_samples=12_000, length_samples=70_000)
    power = whole[:64_000].view(-1, 2000).square().mean(dim=1)
    assert (10 * power.log10()).abs().max() < 0.8  # of 0 dB; a straight crossfade dips by 3
    assert len(whole) == 70_000
    assert whole[-1].abs() < 0.05  # it fades out


def test_a_stroke_that_follows_keeps_its_attack() -> None:
    stroke = torch.exp(-torch.arange(8000) / 400)
    whole = joined(iter([stroke, stroke]), hop_samples=6000, length_samples=14_000)
    assert whole[6000] == pytest.approx(1.0, abs=0.01)


def test_a_journey_is_one_piece_of_the_length_asked_for(known: Instrument) -> None:
    render = journey(known, (3, 7, 11), take=Take(seconds=1.5), seed=2)
    assert render.sound.samples.shape == (1, 12_000)
    assert peak_db(render.sound.samples) == pytest.approx(-1.0, abs=1e-3)
    settings = render.provenance["settings"]
    assert (settings["journey"], settings["seconds"]) == ([3, 7, 11], 1.5)
    again = journey(known, (3, 7, 11), take=Take(seconds=1.5), seed=2)
    assert torch.equal(render.sound.samples, again.sound.samples)
    assert float(render.sound.samples[:, -2000:].abs().max()) > 0  # to its end


def test_without_a_length_each_seed_gets_the_time_of_a_sound(known: Instrument) -> None:
    assert journey(known, (1, 2), take=Take()).sound.samples.shape == (1, 4000)


def test_names_tell_the_seeds() -> None:
    assert names((3, 7, 11), 5) == [
        "seeds-0001-3", "seeds-0002-3-7", "seeds-0003-7", "seeds-0004-7-11", "seeds-0005-11",
    ]  # fmt: skip


@pytest.mark.parametrize("seeds", [(), (3,), tuple(range(65)), (1, -1)])
def test_seeds_that_make_no_way_are_refused(known: Instrument, seeds: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="seed"):
        journey(known, seeds, take=Take())


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf"), 601.0])
def test_lengths_that_are_none_are_refused(known: Instrument, seconds: float) -> None:
    with pytest.raises(UsageError, match=r"accepted: 0\.05 to 600 s"):
        journey(known, (1, 2), take=Take(seconds=seconds))
    with pytest.raises(UsageError, match=r"accepted: 0\.05 to 600 s"):
        generate(known, count=1, take=Take(seconds=seconds))


def test_who_plays_no_longer_and_no_tempo_says_what_to_do(known: Instrument) -> None:
    with pytest.raises(AbilityError, match=r"plays 0\.25 s and no longer.*--journey"):
        generate(known, count=1, take=Take(seconds=3.0))
    with pytest.raises(AbilityError, match="knows of no tempo"):
        generate(known, count=1, take=Take(tempo_bpm=120.0))
    with pytest.raises(AbilityError, match="knows of no tempo"):
        journey(known, (1, 2), take=Take(tempo_bpm=120.0))


def test_even_and_normal_priors_are_told_apart(torch_rng: torch.Generator) -> None:
    assert even_bounds(torch.rand(4096, generator=torch_rng) * 2 - 1) == (-1.0, 1.0)
    assert even_bounds(torch.randn(4096, generator=torch_rng)) is None
    assert even_bounds(torch.zeros(10)) is None
