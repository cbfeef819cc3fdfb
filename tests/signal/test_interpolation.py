"""Values between samples: those of others' cubics, mirrored at the ends, the same in pieces."""

import numpy as np
import pytest
import scipy.interpolate
import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.signal.interpolation import places, stretched, taken


def sound(length: int = 60, rows: int = 1) -> Tensor:
    draws = torch.Generator().manual_seed(2)
    return torch.randn(rows, length, generator=draws, dtype=torch.float64)


def spline(row: Tensor, place: Tensor) -> Tensor:
    """Pieces of cubics between samples of a mirrored sound, their slopes central differences."""
    around = np.pad(row.numpy(), 8, mode="symmetric")
    where = np.arange(-8, len(row) + 8)
    cubics = scipy.interpolate.CubicHermiteSpline(where, around, np.gradient(around))
    return torch.from_numpy(cubics(place.numpy()))


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0, 44_100 / 8000, 9.973])
def test_it_is_the_spline_of_scipy_from_end_to_end(ratio: float) -> None:
    row = sound()[0]
    length = round(60 * ratio)
    expected = spline(row, torch.arange(length, dtype=torch.float64) / ratio)
    torch.testing.assert_close(stretched(row, ratio, length), expected)


@pytest.mark.parametrize("factor", [2, 3, 7])
def test_inside_it_is_what_torch_makes_of_pictures(factor: int) -> None:
    """Only with its filter against aliases has torch's cubic the same -1/2; its ends differ."""
    row = sound()
    picture = row[:, None, None, :].expand(-1, -1, 4, -1)
    torchs = torch.nn.functional.interpolate(
        picture, size=(4, 60 * factor), mode="bicubic", antialias=True, align_corners=False
    )[0, 0, 1]
    place = (torch.arange(60 * factor, dtype=torch.float64) + 0.5) / factor - 0.5
    inside = slice(3 * factor, -3 * factor)
    torch.testing.assert_close(taken(row, place)[0, inside], torchs[inside])


def test_beyond_its_ends_a_sound_is_mirrored_again_and_again() -> None:
    row = torch.tensor([1.0, 2.0, 5.0])
    there = torch.arange(-7, 11, dtype=torch.float64)
    expected = torch.from_numpy(np.pad(row.numpy(), (7, 8), mode="symmetric"))
    assert torch.equal(taken(row, there), expected)


def test_samples_come_back_and_a_constant_stays_one() -> None:
    rows = sound(rows=3).float()
    assert torch.equal(stretched(rows, 4, 240)[:, ::4], rows)
    steady = stretched(torch.full((1, 9), 0.25), 3.7, 40)
    torch.testing.assert_close(steady, torch.full((1, 40), 0.25))


def test_parabolas_are_met_exactly_inside() -> None:
    time = torch.arange(20, dtype=torch.float64)
    place = torch.linspace(2, 17, 301, dtype=torch.float64)

    def parabola(at: Tensor) -> Tensor:
        return 0.3 * at.square() - 2 * at + 1

    torch.testing.assert_close(taken(parabola(time), place), parabola(place))


def test_of_twice_as_many_samples_the_error_is_an_eighth() -> None:
    """Keys' cubics err with the third power of the distance of samples."""
    errors = []
    for count in (32, 64, 128):
        place = torch.arange(8, count - 8, 0.01, dtype=torch.float64)
        wave = torch.sin(torch.arange(count, dtype=torch.float64) * 2 * torch.pi * 4 / count)
        truth = torch.sin(place * 2 * torch.pi * 4 / count)
        errors.append(float((taken(wave, place) - truth).abs().max()))
    assert errors[0] / errors[1] > 6
    assert errors[1] / errors[2] > 6


def test_pieces_are_those_of_the_whole() -> None:
    row, ratio = sound(), 44_100 / 16_000
    whole = stretched(row, ratio, 160)
    parts = [taken(row, places(first, first + 40, ratio)) for first in range(0, 160, 40)]
    assert torch.equal(torch.cat(parts, dim=-1), whole)


def test_far_along_a_long_sound_places_are_still_exact() -> None:
    """2**22 samples on, float32 would know of half samples only."""
    assert float(places(3 * 2**22 + 1, 3 * 2**22 + 2, 3.0)) == pytest.approx(
        2**22 + 1 / 3, abs=1e-8
    )
    time = torch.arange(2**22 + 4)
    wave = torch.sin(0.1 * time.double()).float()
    place = torch.tensor([2**22 + 0.3], dtype=torch.float64)
    assert float(taken(wave, place)) == pytest.approx(float(torch.sin(0.1 * place)), abs=1e-4)


def test_rows_are_stretched_each_for_itself() -> None:
    rows = sound(rows=6).reshape(2, 3, 60)
    both = stretched(rows, 1.7, 100)
    assert both.shape == (2, 3, 100)
    for one, alone in zip(both.reshape(6, 100), rows.reshape(6, 60), strict=True):
        torch.testing.assert_close(one, stretched(alone, 1.7, 100))


def test_one_sample_is_a_constant() -> None:
    assert torch.equal(stretched(torch.tensor([[0.5]]), 5, 4), torch.full((1, 4), 0.5))


def test_half_precision_stays_what_it_is() -> None:
    assert stretched(sound().half(), 2, 120).dtype == torch.float16


@pytest.mark.parametrize("ratio", [0.99, 0.0, -2.0])
def test_a_lower_rate_is_refused(ratio: float) -> None:
    with pytest.raises(UsageError, match="1 or more"):
        stretched(sound(), ratio, 10)
