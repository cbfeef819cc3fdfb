"""Completion: what is known stays to the sample, tones go on, and no joint clicks."""

import math

import pytest
import torch

from timbrel.errors import UsageError
from timbrel.experiments._recording_seams import click_db
from timbrel.signal.completion import completed, whole_frames, widened
from timbrel.signal.stft import FrameSpec, magnitude

RATE, FRAMES = 16_000, FrameSpec(1024, 256)
TIME = torch.arange(2 * RATE) / RATE


def known_but(begin_s, end_s):
    return ((begin_s > TIME) | (end_s <= TIME)).float()


def chord():
    return sum(
        torch.sin(2 * math.pi * hz * TIME + turn) / 3 for hz, turn in ((220, 0), (277, 1), (330, 2))
    )


def bursts(seed=0):
    """Strokes of noise, four a second."""
    draws = torch.Generator().manual_seed(seed)
    return torch.randn(len(TIME), generator=draws) * torch.exp(-20 * (TIME % 0.25))


def snr_db(truth, found, missing):
    error = ((truth - found) * missing).square().sum()
    return 10 * math.log10(float((truth * missing).square().sum() / error))


def test_a_hole_in_a_chord_is_filled_in_step():
    whole, known = chord(), known_but(0.9, 1.0)
    found = completed(whole * known, known, magnitude(whole[None], FRAMES)[0], FRAMES)
    assert snr_db(whole, found, 1 - known) > 25


@pytest.mark.parametrize("make", [chord, bursts])
def test_what_is_known_stays(make):
    whole, known = make(), known_but(0.9, 1.2)
    found = completed(whole * known, known, magnitude(whole[None], FRAMES)[0], FRAMES)
    torch.testing.assert_close(found * known, whole * known, atol=1e-6, rtol=0)


@pytest.mark.parametrize("end_s", [1.2, 2.0], ids=["a hole", "a continuation"])
def test_joints_do_not_click(end_s):
    """Where other magnitudes take over, hardly more stands out than anywhere in the sound."""
    whole, known = chord() + 0.01 * bursts(), known_but(0.9, end_s)
    other = torch.where(known > 0, whole, bursts(1))
    found = completed(whole * known, known, magnitude(other[None], FRAMES)[0], FRAMES)
    torn = whole * known + 0.3 * (1 - known)
    for moment in [0.9, end_s][: 2 if end_s < 2 else 1]:
        joint = round(moment * RATE)
        anywhere = max(click_db(bursts(1), place, RATE) for place in range(6000, 26_000, 1000))
        assert click_db(found, joint, RATE) < anywhere < click_db(torn, joint, RATE)


def test_frames_are_whole_that_hold_nothing_missing():
    known = known_but(0.5, 0.6)
    found = whole_frames(known, FRAMES)
    middles = torch.arange(len(found)) * FRAMES.hop_samples
    near = (middles > 0.5 * RATE - 512) & (middles < 0.6 * RATE + 512)
    assert not found[near].any()
    assert found[~near].all()


def test_high_frequencies_are_added_in_step_and_low_ones_stay():
    whole = bursts()
    spectrum = magnitude(whole[None], FRAMES)[0]
    bins = 200
    low = torch.fft.rfft(whole)
    low[int(len(low) * bins / FRAMES.bins) :] = 0
    dull = torch.fft.irfft(low, n=len(whole))
    found = magnitude(widened(dull, spectrum, FRAMES, known_bins=bins)[None], FRAMES)[0]
    dull = magnitude(dull[None], FRAMES)[0]
    torch.testing.assert_close(found[: bins - 8], dull[: bins - 8], atol=0.5, rtol=0.05)
    high = slice(bins + 8, None)
    gap_db = 20 * torch.log10(found[high].mean() / spectrum[high].mean())
    assert abs(float(gap_db)) < 3


def test_parts_that_do_not_fit_are_refused():
    with pytest.raises(UsageError, match=r"\[T\] and \[T\]"):
        completed(torch.zeros(10), torch.zeros(9), torch.zeros(513, 1), FRAMES)
