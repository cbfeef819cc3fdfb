"""Two channels told by one: powers, directions and widths come back."""

import math

import pytest
import torch

from timbrel.errors import UsageError
from timbrel.signal import stereo
from timbrel.signal.stft import FrameSpec, power

RATE, FRAMES = 16_000, FrameSpec(1024, 256)


def noise(seed: int, seconds: float = 2.0) -> torch.Tensor:
    return torch.randn(round(seconds * RATE), generator=torch.Generator().manual_seed(seed))


def there_and_back(sound: torch.Tensor) -> torch.Tensor:
    middle = stereo.downmix(sound, FRAMES)
    rows = stereo.told(sound, FRAMES, sample_rate=RATE)
    return stereo.spread(middle, rows, FRAMES, sample_rate=RATE, seed=0)


def level_db(sound: torch.Tensor) -> float:
    return 10 * math.log10(float(sound.square().mean()) + 1e-20)


def coherence(sound: torch.Tensor) -> float:
    left, right = sound[:, 4000:-4000]
    return float((left * right).mean() / (left.square().mean() * right.square().mean()).sqrt())


@pytest.mark.parametrize("pan", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_a_panned_sound_comes_back_where_it_was(pan):
    source = noise(0)
    sound = torch.stack([(1 - pan) ** 0.5 * source, pan**0.5 * source])
    back = there_and_back(sound)
    for was, now in zip(sound, back, strict=True):
        if was.abs().max() > 0:
            assert level_db(now) == pytest.approx(level_db(was), abs=0.5)
        else:
            assert level_db(now) < level_db(source) - 40


@pytest.mark.parametrize("share", [0.0, 0.5, 0.8, 1.0])
def test_a_wide_sound_stays_as_wide(share):
    common, left, right = noise(1), noise(2), noise(3)
    sound = torch.stack([share**0.5 * common + (1 - share) ** 0.5 * own for own in (left, right)])
    assert coherence(there_and_back(sound)) == pytest.approx(coherence(sound), abs=0.12)


def test_opposite_signs_are_not_lost():
    source = noise(4)
    sound = torch.stack([source, -source])
    assert level_db(stereo.downmix(sound, FRAMES)) == pytest.approx(level_db(source), abs=0.3)
    assert coherence(there_and_back(sound)) == pytest.approx(-1.0, abs=0.05)


def test_the_middle_has_the_mean_power_of_both():
    sound = torch.stack([noise(5), 0.3 * noise(6)])
    middle = stereo.downmix(sound, FRAMES)
    assert level_db(middle) == pytest.approx(level_db(sound), abs=0.5)


def test_low_and_high_may_lie_apart():
    time = torch.arange(2 * RATE) / RATE
    low, high = torch.sin(2 * torch.pi * 300 * time), torch.sin(2 * torch.pi * 4000 * time)
    back = there_and_back(torch.stack([low, high]))
    at = [round(hz * FRAMES.n_fft / RATE) for hz in (300, 4000)]
    cells = power(back, FRAMES).mean(2)
    assert cells[0, at[0]] > 1000 * cells[1, at[0]]
    assert cells[1, at[1]] > 1000 * cells[0, at[1]]


def test_other_numbers_of_channels_are_refused():
    with pytest.raises(UsageError, match="two channels"):
        stereo.downmix(torch.zeros(3, 4000), FRAMES)
    with pytest.raises(UsageError, match="rows"):
        stereo.spread(noise(0), torch.zeros(5, 5), FRAMES, sample_rate=RATE, seed=0)
