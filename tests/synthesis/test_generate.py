"""Generate: same seed, same bytes; labels hold; draws stay inside the cloud."""

import itertools

import numpy as np
import pytest
import torch

from fixtures_instrument import linear_instrument, made_sounds, tiny_recipe
from timbrel.errors import AbilityError, UnknownNameError, UsageError
from timbrel.instruments.cloud import Cloud
from timbrel.instruments.instrument import Instrument
from timbrel.signal.levels import peak_db
from timbrel.synthesis.generate import draw, generate, labelled
from timbrel.synthesis.neighbours import Neighbours
from timbrel.synthesis.renders import Render


def cloud(latents: torch.Tensor, labels: list[str]) -> Cloud:
    ids = tuple(str(n) for n in range(len(labels)))
    return Cloud(latents, ids, tuple(labels), ids, torch.ones(len(labels)))


def two_clusters(rng: np.random.Generator, count: int = 40) -> Cloud:
    """Kicks around -10, snares around +10 in each of 8 dimensions."""
    labels = ["kick", "snare"] * (count // 2)
    centres = torch.tensor([-10.0, 10.0]).repeat(count // 2)[:, None]
    noise = torch.from_numpy(rng.standard_normal((count, 8))).float()
    return cloud(centres + noise, labels)


def flatness(sound: torch.Tensor) -> float:
    """Spectral flatness: near 0 for a tone, near 1 for white noise."""
    power = torch.fft.rfft(sound).abs().square() + 1e-9
    return float(power.log().mean().exp() / power.mean())


def same(one: Render, other: Render) -> bool:
    return torch.equal(one.sound.samples, other.sound.samples) and (
        one.provenance == other.provenance
    )


def test_the_same_seed_gives_the_same_sounds(tiny_instrument: Instrument) -> None:
    torch.manual_seed(1)
    first = list(generate(tiny_instrument, count=3, seed=7))
    torch.manual_seed(2)
    assert all(map(same, first, generate(tiny_instrument, count=3, seed=7)))
    assert not any(map(same, first, generate(tiny_instrument, count=3, seed=8)))


def test_a_sound_of_a_seed_does_not_depend_on_how_many(tiny_instrument: Instrument) -> None:
    few, many = generate(tiny_instrument, count=2), generate(tiny_instrument, count=5)
    assert all(itertools.starmap(same, zip(few, many, strict=False)))


def test_sounds_of_a_label_sound_like_it(tiny_instrument: Instrument) -> None:
    sounds, labels = made_sounds()
    noises = [sound for sound, label in zip(sounds, labels, strict=True) if label == "noise"]
    border = min(map(flatness, noises)) / 3
    for render in generate(tiny_instrument, count=6, label="tone"):
        assert flatness(render.sound.samples[0]) < border
    for render in generate(tiny_instrument, count=6, label="noise"):
        assert flatness(render.sound.samples[0]) > border


def test_a_render_says_how_it_was_made(tiny_instrument: Instrument) -> None:
    render = next(generate(tiny_instrument, count=1, label="noise", seed=3))
    said = render.provenance
    assert said["instrument"] == "tiny"
    assert said["instrument_fingerprint"] == tiny_instrument.fingerprint
    assert (said["ability"], said["seed"]) == ("generate", 3)
    assert said["settings"] == {"label": "noise", "from_prior": False}
    assert said["number"] == 0
    assert {parent["label"] for parent in said["parents"]} == {"noise"}
    assert sum(parent["weight"] for parent in said["parents"]) == pytest.approx(1)
    assert all(parent["id"] in tiny_instrument.cloud.ids for parent in said["parents"])
    assert peak_db(render.sound.samples) == pytest.approx(-1.0, abs=1e-3)


def test_draws_of_a_label_stay_in_its_cluster(rng: np.random.Generator) -> None:
    clusters = two_clusters(rng)
    rows = labelled(clusters, "snare")
    for number in range(200):
        drawn = draw(Neighbours(clusters), rows, seed=1, number=number)
        assert {clusters.labels[row] for row in drawn.parents} == {"snare"}
        assert 7 < drawn.latent.mean() < 13
        assert sum(drawn.weights) == pytest.approx(1)


def test_without_a_label_all_of_the_cloud_is_drawn_from(rng: np.random.Generator) -> None:
    clusters = two_clusters(rng)
    rows = labelled(clusters, None)
    firsts = [draw(Neighbours(clusters), rows, seed=1, number=n).parents[0] for n in range(400)]
    assert len(set(firsts)) == len(clusters)  # 40 sounds: each missed with (39/40)^400 < 5e-5
    assert sum(clusters.labels[row] == "kick" for row in firsts) == pytest.approx(200, abs=45)


def test_draws_are_new_but_near(rng: np.random.Generator) -> None:
    clusters = two_clusters(rng)
    gaps = torch.cdist(clusters.latents, clusters.latents) + torch.eye(len(clusters)) * 99
    kin = Neighbours(clusters)
    drawn = torch.stack([draw(kin, (0, 1, 2), seed=0, number=n).latent for n in range(100)])
    to_nearest = torch.cdist(drawn, clusters.latents).min(dim=1).values
    assert to_nearest.min() > 0
    assert to_nearest.median() < gaps.min(dim=1).values.max()


def test_nearest_are_of_the_same_label_in_order() -> None:
    line = cloud(
        torch.tensor([[0.0], [1.0], [1.5], [3.0], [9.0], [9.1]]), ["a", "b", "a", "a", "a", "a"]
    )
    assert Neighbours(line).of(0, 4)[0] == (0, 2, 3, 4)
    assert Neighbours(line).of(5, 4)[0] == (5, 4, 3, 2)
    assert Neighbours(line).of(1, 4)[0] == (1,)


def test_far_neighbours_have_little_part_in_a_draw() -> None:
    # two notes and their softer takes: a mixture of both notes would be no note
    pairs = cloud(torch.tensor([[0.0], [1.0], [50.0], [51.0]]), ["note"] * 4)
    kin = Neighbours(pairs)
    latents = torch.cat([draw(kin, (0, 1, 2, 3), seed=0, number=n).latent for n in range(200)])
    nearest = torch.cdist(latents[:, None], pairs.latents).min(dim=1).values
    assert nearest.quantile(0.9) < 10  # a tenth of the spread of all four, 2.9, as noise


def test_equal_sounds_are_no_trouble() -> None:
    equal = cloud(torch.zeros(5, 3), ["a"] * 5)
    assert Neighbours(equal).of(3, 4)[0][0] == 3
    assert torch.equal(draw(Neighbours(equal), (3,), seed=0, number=0).latent, torch.zeros(3))


@pytest.mark.parametrize("labels", [["a", "b", "b"], ["a"]])
def test_a_label_with_one_sound_is_varied_a_little(labels: list[str]) -> None:
    few = cloud(torch.arange(len(labels) * 4.0).view(len(labels), 4), labels)
    drawn = draw(Neighbours(few), (0,), seed=0, number=0)
    assert drawn.parents == (0,)
    assert 0 < (drawn.latent - few.latents[0]).abs().max() < 2


def test_an_unknown_label_lists_what_there_is(tiny_instrument: Instrument) -> None:
    with pytest.raises(UnknownNameError, match=r"no label .tome. .did you mean .tone.*noise"):
        generate(tiny_instrument, count=1, label="tome")


def test_an_unlabelled_library_has_no_labels() -> None:
    for label in ("kick", ""):
        with pytest.raises(UnknownNameError, match="none exist yet"):
            labelled(cloud(torch.zeros(2, 3), ["", ""]), label)


@pytest.mark.parametrize("count", [0, -1, 10_001])
def test_a_count_out_of_range_is_refused_at_once(tiny_instrument: Instrument, count: int) -> None:
    with pytest.raises(UsageError, match="1 to 10000"):
        generate(tiny_instrument, count=count)


@pytest.mark.parametrize("seed", [-1, 2**61, 2**63])
def test_a_seed_out_of_range_is_refused_at_once(tiny_instrument: Instrument, seed: int) -> None:
    with pytest.raises(UsageError, match="seed"):
        generate(tiny_instrument, count=1, seed=seed)


def test_the_prior_is_drawn_from_when_asked(tiny_instrument: Instrument) -> None:
    first = list(generate(tiny_instrument, count=2, seed=4, from_prior=True))
    more = list(generate(tiny_instrument, count=200, seed=4, from_prior=True))
    assert all(map(same, first, more[:2]))
    assert first[0].provenance["parents"] == []
    latents = torch.stack([render.latent for render in more])  # 4,800 draws of N(0, 1)
    assert float(latents.mean()) == pytest.approx(0, abs=0.06)
    assert float(latents.std()) == pytest.approx(1, abs=0.05)


def test_the_prior_knows_no_labels(tiny_instrument: Instrument) -> None:
    with pytest.raises(UsageError, match="'tone' with draws from the prior"):
        generate(tiny_instrument, count=1, label="tone", from_prior=True)


def test_what_has_neither_cloud_nor_prior_says_so(
    linear_family: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = linear_instrument(tiny_recipe())
    object.__setattr__(one, "offers", frozenset({"encode", "decode"}))
    with pytest.raises(AbilityError, match="no prior"):
        generate(one, count=1, from_prior=True)
    empty = cloud(torch.zeros(0, 24), [])
    object.__setattr__(one, "cloud", empty)
    object.__setattr__(one, "offers", frozenset({"decode", "sample"}))
    drawn = list(generate(one, count=1))  # without a cloud the prior is all there is
    assert all(map(same, drawn, generate(one, count=1, from_prior=True)))
    object.__setattr__(one, "offers", frozenset({"decode"}))
    with pytest.raises(AbilityError):
        generate(one, count=1)
