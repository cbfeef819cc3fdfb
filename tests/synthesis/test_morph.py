"""Morph: the ends are the reconstructions, the way between is even, squares have four corners."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from fixtures_instrument import RATE_HZ, made_sounds
from timbrel.errors import SoundFileError, UnknownNameError, UsageError
from timbrel.instruments.instrument import Instrument
from timbrel.signal.files import Sound
from timbrel.signal.levels import peak_db
from timbrel.synthesis.morph import CURVES, Curve, _Way, between, level_between, morph
from timbrel.synthesis.reconstruct import Heard, reconstruct


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


def test_the_corners_are_the_reconstructions(
    tiny_instrument: Instrument, four: list[Sound]
) -> None:
    square = list(morph(tiny_instrument, four, steps=3, seed=5))
    assert len(square) == 9
    corners = [square[0], square[2], square[6], square[8]]
    for corner, render in zip(corners, reconstruct(tiny_instrument, four, seed=5), strict=True):
        assert torch.equal(corner.sound.samples, render.sound.samples)
    middle = torch.stack([corner.latent for corner in corners]).mean(dim=0)
    assert torch.allclose(square[4].latent, middle, atol=1e-4)
    assert [parent["weight"] for parent in square[4].provenance["parents"]] == [0.25] * 4
    assert [parent["weight"] for parent in square[1].provenance["parents"]] == [0.5, 0.5, 0, 0]
    assert [parent["weight"] for parent in square[3].provenance["parents"]] == [0.5, 0, 0.5, 0]


def test_levels_move_evenly_in_db(tiny_instrument: Instrument, four: list[Sound]) -> None:
    loud = Sound(four[0].samples, RATE_HZ, "loud")
    quiet = Sound(0.01 * four[0].samples, RATE_HZ, "quiet")
    levels_db = [
        peak_db(render.sound.samples) for render in morph(tiny_instrument, [loud, quiet], steps=5)
    ]
    assert np.diff(levels_db) == pytest.approx([-10.0] * 4, abs=0.1)
    assert level_between(0.5, 2.0, 0.5) == pytest.approx(1.0)


def test_no_path_of_a_person_leaves_in_a_render(
    tiny_instrument: Instrument, four: list[Sound]
) -> None:
    for render in morph(tiny_instrument, four[:2], steps=2):
        assert [parent["name"] for parent in render.provenance["parents"]] == ["0.wav", "1.wav"]
        assert "someone" not in str(render.provenance)


def test_the_way_is_even_or_on_the_sphere() -> None:
    a, b = torch.tensor([3.0, 0.0]), torch.tensor([0.0, 5.0])
    for curve in CURVES:
        assert torch.equal(between(a, b, 0.0, curve), a)  # type: ignore[arg-type]
        assert torch.equal(between(a, b, 1.0, curve), b)  # type: ignore[arg-type]
    assert torch.allclose(between(a, b, 0.25), torch.tensor([2.25, 1.25]))
    half = between(a, b, 0.5, "spherical")
    assert half.norm() == pytest.approx(4.0)
    assert half[0] == pytest.approx(half[1])


@pytest.mark.parametrize(
    ("start", "end"),
    [([1.0, 0.0], [2.0, 0.0]), ([1.0, 0.0], [-1.0, 0.0]), ([0.0, 0.0], [1.0, 1.0])],
)
def test_where_there_is_no_arc_the_way_is_straight(start: list[float], end: list[float]) -> None:
    a, b = torch.tensor(start), torch.tensor(end)
    assert torch.allclose(between(a, b, 0.3, "spherical"), between(a, b, 0.3), atol=1e-6)


@pytest.mark.parametrize("count", [0, 1, 3, 5])
def test_two_or_four_sounds(tiny_instrument: Instrument, four: list[Sound], count: int) -> None:
    with pytest.raises(UsageError, match=f"{count} sounds to morph; accepted: two or four"):
        morph(tiny_instrument, (four * 2)[:count], steps=3)


@pytest.mark.parametrize(("count", "steps"), [(2, 1), (2, 1001), (4, 101)])
def test_steps_out_of_range(
    tiny_instrument: Instrument, four: list[Sound], count: int, steps: int
) -> None:
    with pytest.raises(UsageError, match=f"{steps} steps; accepted: 2 to"):
        morph(tiny_instrument, four[:count], steps=steps)


def test_an_unknown_curve(tiny_instrument: Instrument, four: list[Sound]) -> None:
    with pytest.raises(UnknownNameError, match="no curve 'circle'; accepted: ease, linear"):
        morph(tiny_instrument, four[:2], steps=2, curve="circle")  # type: ignore[arg-type]


def test_silence_is_no_end(tiny_instrument: Instrument, four: list[Sound]) -> None:
    silence = Sound(torch.zeros(1, 100), RATE_HZ, "nothing.wav")
    with pytest.raises(SoundFileError, match=r"nothing\.wav is silent"):
        morph(tiny_instrument, [four[0], silence], steps=2)


def test_ease_tells_the_weights_that_the_latents_have(
    tiny_instrument: Instrument, four: list[Sound]
) -> None:
    start, _, end = morph(tiny_instrument, [four[0], four[1]], steps=3, curve="ease")
    eased = list(morph(tiny_instrument, [four[0], four[1]], steps=5, curve="ease"))
    assert eased[1].provenance["parents"][1]["weight"] == 3 * 0.25**2 - 2 * 0.25**3
    for render in eased:
        weights = [parent["weight"] for parent in render.provenance["parents"]]
        even = render.provenance["settings"]["across"]
        assert weights[1] == pytest.approx(even)
        mixed = weights[0] * start.latent + weights[1] * end.latent
        torch.testing.assert_close(render.latent, mixed, atol=1e-4, rtol=1e-4)


def test_where_details_are_mixed_the_latent_is_that_of_the_mixture() -> None:
    class Mixing:
        """An instrument of which only the mixing of details is asked."""

        def blend(self, details: Tensor, weights: Tensor, *, seed: int) -> Tensor:
            return torch.einsum("sbkl,sl->bkl", details, weights)

    start = Heard(torch.tensor([1.0, 0.0]), 1.0, "", detail=torch.zeros(3, 2))
    end = Heard(torch.tensor([0.0, 1.0]), 1.0, "", detail=torch.ones(3, 2))
    for curve in CURVES:
        way = _Way(Mixing(), curve, 0)  # type: ignore[arg-type]
        assert torch.equal(way.at(start, end, 0.5).latent, torch.tensor([0.5, 0.5]))
    plain = _Way(Mixing(), "spherical", 0)  # type: ignore[arg-type]
    arc = plain.at(replace(start, detail=None), replace(end, detail=None), 0.5)
    assert arc.latent.norm() == pytest.approx(1.0)
