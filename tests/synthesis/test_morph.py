"""Morph: ends are reconstructions, the way between is even, mixtures are what their names say."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from fixtures_instrument import RATE_HZ, made_sounds
from timbrel.errors import SoundFileError, UnknownNameError, UsageError
from timbrel.instruments.instrument import Instrument
from timbrel.signal.files import Sound
from timbrel.signal.levels import peak_db
from timbrel.synthesis.blending import mixed
from timbrel.synthesis.mixtures import CURVES, Curve, planned, strangeness
from timbrel.synthesis.morph import morph
from timbrel.synthesis.reconstruct import reconstruct


@pytest.fixture(scope="module")
def four() -> list[Sound]:
    sounds, _ = made_sounds()
    return [
        Sound(sound[None], RATE_HZ, f"/home/someone/{number}.wav")
        for number, sound in enumerate(sounds[:4])
    ]


@pytest.mark.parametrize("curve", CURVES)
def test_the_ends_are_the_reconstructions(
    tiny_instrument: Instrument, four: list[Sound], curve: Curve
) -> None:
    first, *_, last = morph(tiny_instrument, four[:2], steps=3, curve=curve, seed=5)
    start, end = reconstruct(tiny_instrument, four[:2], seed=5)
    assert torch.equal(first.sound.samples, start.sound.samples)
    assert torch.equal(last.sound.samples, end.sound.samples)


@pytest.mark.parametrize(("count", "corners"), [(3, (0, 2, 5)), (4, (0, 2, 6, 8))])
def test_the_corners_are_the_reconstructions(
    tiny_instrument: Instrument, four: list[Sound], count: int, corners: Sequence[int]
) -> None:
    made = list(morph(tiny_instrument, four[:count], steps=3, seed=5))
    assert len(made) == {3: 6, 4: 9}[count]
    back = list(reconstruct(tiny_instrument, four[:count], seed=5))
    for corner, render in zip(corners, back, strict=True):
        assert torch.equal(made[corner].sound.samples, render.sound.samples)


def weights_of(provenance: dict[str, object]) -> list[float]:
    parents = provenance["parents"]
    assert isinstance(parents, list)
    return [parent["weight"] for parent in parents]


def test_squares_and_triangles_mix_by_their_place(
    tiny_instrument: Instrument, four: list[Sound]
) -> None:
    square = list(morph(tiny_instrument, four, steps=3))
    assert weights_of(square[4].provenance) == [0.25] * 4
    assert weights_of(square[1].provenance) == [0.5, 0.5, 0, 0]
    assert weights_of(square[3].provenance) == [0.5, 0, 0.5, 0]
    assert square[3].name == "morph-0004-A50-B0-C50-D0"
    triangle = [mixture.weights[0] for mixture in planned(3, steps=4)]
    assert triangle[:4] == [(1, 0, 0), (2 / 3, 1 / 3, 0), (1 / 3, 2 / 3, 0), (0, 1, 0)]
    assert (1 / 3, 1 / 3, 1 / 3) in [pytest.approx(each) for each in triangle]
    assert triangle[-1] == (0, 0, 1)


def test_levels_move_evenly_in_db(tiny_instrument: Instrument, four: list[Sound]) -> None:
    loud = Sound(four[0].samples, RATE_HZ, "loud")
    quiet = Sound(0.01 * four[0].samples, RATE_HZ, "quiet")
    levels_db = [
        peak_db(render.sound.samples) for render in morph(tiny_instrument, [loud, quiet], steps=5)
    ]
    assert np.diff(levels_db) == pytest.approx([-10.0] * 4, abs=0.1)
    path = [(0.0, (1, 0)), (1.0, (0, 1))]
    (render,) = morph(tiny_instrument, [loud, quiet], path=path)
    (alone,) = reconstruct(tiny_instrument, [loud])
    assert peak_db(render.sound.samples[:, :500]) == pytest.approx(
        peak_db(alone.sound.samples[:, :500]), abs=1.5
    )
    assert peak_db(render.sound.samples[:, -500:]) == pytest.approx(
        peak_db(alone.sound.samples[:, -500:]) - 40, abs=6
    )


def test_no_path_of_a_person_leaves_in_a_render(
    tiny_instrument: Instrument, four: list[Sound]
) -> None:
    for render in morph(tiny_instrument, four[:2], steps=2):
        assert [parent["name"] for parent in render.provenance["parents"]] == ["0.wav", "1.wav"]
        assert "someone" not in str(render.provenance)


def test_the_way_is_even_or_on_the_sphere() -> None:
    ends = torch.tensor([[3.0, 0.0], [0.0, 5.0]])
    assert torch.allclose(mixed(ends, (0.75, 0.25)), torch.tensor([2.25, 1.25]))
    half = mixed(ends, (0.5, 0.5), "spherical")
    assert half.norm() == pytest.approx(4.0)
    assert half[0] == pytest.approx(half[1])
    third = mixed(ends, (2 / 3, 1 / 3), "spherical")
    assert float(torch.atan2(third[1], third[0])) == pytest.approx(np.pi / 6)
    three = mixed(torch.eye(3), (1 / 3, 1 / 3, 1 / 3), "spherical")
    assert torch.allclose(three, torch.full((3,), 3**-0.5))


@pytest.mark.parametrize(
    ("start", "end"),
    [([1.0, 0.0], [2.0, 0.0]), ([1.0, 0.0], [-1.0, 0.0]), ([0.0, 0.0], [1.0, 1.0])],
)
def test_where_there_is_no_arc_the_way_is_straight(start: list[float], end: list[float]) -> None:
    ends = torch.tensor([start, end])
    straight = mixed(ends, (0.7, 0.3))
    assert torch.allclose(mixed(ends, (0.7, 0.3), "spherical"), straight, atol=1e-6)


def test_a_mixture_is_as_strange_as_it_is_far_from_any_sound() -> None:
    assert strangeness((0, 0, 1)) == 0
    steps = [strangeness((1 - place, place)) for place in (0.0, 0.1, 0.2, 0.5)]
    assert steps == sorted(steps)
    assert strangeness((0.25,) * 4) == strangeness((1.5, -0.5)) == 1


@pytest.mark.parametrize("count", [0, 1, 5])
def test_two_to_four_sounds(tiny_instrument: Instrument, four: list[Sound], count: int) -> None:
    with pytest.raises(UsageError, match=f"{count} sounds to morph; accepted: two to four"):
        morph(tiny_instrument, (four * 2)[:count], steps=3)


@pytest.mark.parametrize(("count", "steps"), [(2, 1), (2, 1001), (3, 101), (4, 101)])
def test_steps_out_of_range(
    tiny_instrument: Instrument, four: list[Sound], count: int, steps: int
) -> None:
    with pytest.raises(UsageError, match=f"{steps} steps; accepted: 2 to"):
        morph(tiny_instrument, four[:count], steps=steps)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "exactly one of them"),
        ({"steps": 3, "weights": [(0.5, 0.5)]}, "exactly one of them"),
        ({"weights": []}, "no weights"),
        ({"weights": [(0.5, 0.4)]}, r"sum to 0\.9 \(0\.5, 0\.4\); accepted: weights that sum to 1"),
        ({"weights": [(1.0,)]}, "1 weights for 2 sounds"),
        ({"weights": [(3.0, -2.0)]}, "the weight 3; accepted: -1 to 2"),
        ({"weights": [(float("nan"), 1.0)]}, "the weight nan"),
        ({"weights": [(0.5, 0.5)], "curve": "ease"}, "'ease' with weights"),
        ({"path": [(0.0, (1, 0))]}, "a path of 1 breakpoints"),
        ({"path": [(0.5, (1, 0)), (0.5, (0, 1))]}, r"at 0\.5 after one at 0\.5; accepted: asc"),
        ({"path": [(0.0, (1, 0)), (1.5, (0, 1))]}, r"at 1\.5; accepted: 0 \(the beginning\) to 1"),
        ({"path": [(0.0, (1, 0)), (1.0, (0, 2))]}, "sum to 2"),
        ({"steps": 2, "key": 3}, "the key of sound 3; accepted: 1 to 2"),
        ({"steps": 2, "key": 0}, "the key of sound 0"),
    ],
)
def test_what_does_not_fit_is_said(
    tiny_instrument: Instrument, four: list[Sound], asked: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        morph(tiny_instrument, four[:2], **asked)  # type: ignore[arg-type]


def test_thirds_with_few_digits_are_weights() -> None:
    (mixture,) = planned(3, weights=[(0.333, 0.333, 0.333)])
    assert sum(mixture.weights[0]) == pytest.approx(1)


def test_an_unknown_curve_or_energy(tiny_instrument: Instrument, four: list[Sound]) -> None:
    with pytest.raises(UnknownNameError, match="no curve 'circle'; accepted: ease, linear"):
        morph(tiny_instrument, four[:2], steps=2, curve="circle")  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="did you mean 'mean'"):
        morph(tiny_instrument, four[:2], steps=2, energy="men")


def test_silence_is_no_end(tiny_instrument: Instrument, four: list[Sound]) -> None:
    silence = Sound(torch.zeros(1, 100), RATE_HZ, "nothing.wav")
    with pytest.raises(SoundFileError, match=r"nothing\.wav is silent"):
        morph(tiny_instrument, [four[0], silence], steps=2)


def test_ease_tells_the_weights_that_the_latents_have(
    tiny_instrument: Instrument, four: list[Sound]
) -> None:
    one = Sound(four[0].samples, RATE_HZ, "one")
    tone = torch.sin(torch.arange(8000) * 0.3)[None] * four[0].samples.abs().amax()
    eased = list(morph(tiny_instrument, [one, Sound(tone, RATE_HZ)], steps=5, curve="ease"))
    assert weights_of(eased[1].provenance)[1] == 3 * 0.25**2 - 2 * 0.25**3
    assert eased[1].provenance["settings"]["weights"] == weights_of(eased[1].provenance)
