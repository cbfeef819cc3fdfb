"""Copies are found whatever harmless was done to them, and what is no copy is not taken for one."""

import math

import numpy as np
import pytest
import torch
from originality_sounds import RATE, loop, low_and_high, music, noise

from timbrel.errors import UsageError
from timbrel.evaluation.originality.mixing import mixing
from timbrel.evaluation.originality.moments import GAP_S
from timbrel.evaluation.originality.montage import montage
from timbrel.evaluation.originality.originals import Original, held_against, original
from timbrel.signal.files import Sound
from timbrel.signal.phase.griffin_lim import GriffinLim
from timbrel.signal.resampling import resample
from timbrel.signal.stft import FrameSpec, magnitude

SECONDS = 9.0


@pytest.fixture(scope="module")
def recording() -> Sound:
    return music(SECONDS, seed=1)


@pytest.fixture(scope="module")
def known(recording: Sound) -> Original:
    return original([recording], sample_rate=16_000, seed=0)


@pytest.fixture(scope="module")
def repeating() -> Original:
    return original([loop(SECONDS, seed=2)], sample_rate=RATE, seed=0)


def test_the_recording_played_back_is_one_copied_run_and_nothing_new(
    recording: Sound, known: Original
) -> None:
    copies = held_against(known, recording).maps[0]
    assert copies.ratio > 0.98
    assert [run.length_s for run in copies.runs] == [pytest.approx(SECONDS, abs=0.1)]
    assert copies.novelty < 0.001
    assert np.abs(copies.places_s - copies.times_s).max() < 0.011


@pytest.mark.parametrize("sample_rate", [8000, 48_000])
def test_so_it_is_at_any_rate_and_with_two_channels(sample_rate: int) -> None:
    sound = music(4, seed=3, sample_rate=sample_rate)
    wide = Sound(torch.cat([sound.samples, 0.5 * sound.samples]), sample_rate)
    copies = held_against(original([wide], sample_rate=sample_rate, seed=0), wide).maps[0]
    assert copies.ratio > 0.98
    assert copies.longest_run_s == pytest.approx(4, abs=0.1)


def test_half_a_second_is_enough(recording: Sound, known: Original) -> None:
    part = Sound(recording.samples[:, 3 * RATE : 3 * RATE + RATE // 2], RATE)
    copies = held_against(known, part).maps[0]
    assert copies.ratio == 1
    assert copies.places_s[0] == pytest.approx(3, abs=0.05)
    alone = original([part], sample_rate=RATE, seed=0)
    assert held_against(alone, part).maps[0].ratio == 1
    assert math.isnan(alone.itself.ratio)  # there is no other passage


@pytest.mark.parametrize("offset_s", [0.5, 2.0037, 5.0061])
def test_a_part_is_found_at_its_place(recording: Sound, known: Original, offset_s: float) -> None:
    part = Sound(recording.samples[:, round(offset_s * RATE) :], RATE)
    copies = held_against(known, part).maps[0]
    assert copies.ratio > 0.98
    assert np.abs(copies.places_s - copies.times_s - offset_s).max() < 0.05


def louder(sound: Sound) -> Sound:
    return Sound(2 * sound.samples, sound.sample_rate)


def softer(sound: Sound) -> Sound:
    return Sound(sound.samples / 2, sound.sample_rate)


def through_another_rate(sound: Sound) -> Sound:
    """From 44.1 kHz to 16 kHz and back."""
    high = resample(sound.samples, from_hz=sound.sample_rate, to_hz=44_100)
    low = resample(high, from_hz=44_100, to_hz=16_000)
    return Sound(resample(low, from_hz=16_000, to_hz=44_100), 44_100)


def at_another_rate(sound: Sound) -> Sound:
    return Sound(resample(sound.samples, from_hz=sound.sample_rate, to_hz=44_100), 44_100)


def with_another_phase(sound: Sound) -> Sound:
    frames = FrameSpec(1024, 256)
    return Sound(
        GriffinLim(iterations=32).waveform(
            magnitude(sound.samples, frames), frames, length_samples=sound.samples.shape[1], seed=7
        ),
        sound.sample_rate,
    )


def under_hiss(sound: Sound) -> Sound:
    """30 dB below it."""
    hiss = noise(sound.duration_s, seed=5).samples * sound.samples.std() * 10 ** (-30 / 20)
    return Sound(sound.samples + hiss, sound.sample_rate)


def a_little_faster(sound: Sound) -> Sound:
    """By half a percent, as a tape might be."""
    samples = resample(sound.samples, from_hz=round(1.005 * RATE), to_hz=RATE)
    return Sound(samples, sound.sample_rate)


@pytest.mark.parametrize(
    "change",
    [louder, softer, through_another_rate, at_another_rate, with_another_phase, under_hiss,
     a_little_faster],
)  # fmt: skip
def test_a_harmlessly_changed_copy_is_a_copy_still(recording, known, change) -> None:  # type: ignore[no-untyped-def]
    copies = held_against(known, change(recording)).maps[0]
    assert copies.ratio > 0.95
    assert copies.longest_run_s > 0.7 * SECONDS
    assert copies.novelty < 0.02


@pytest.mark.parametrize("seed", [0, 1])
def test_the_cuts_of_a_montage_are_found(recording: Sound, known: Original, seed: int) -> None:
    made = montage(recording, seconds=12, seed=seed)
    copies = held_against(known, made.sound).maps[0]
    assert copies.ratio > 0.9
    assert copies.novelty < 0.05
    cuts_s = copies.times_s[copies.cuts][1:]
    long_enough = [
        (before, piece)
        for before, piece in zip(made.pieces, made.pieces[1:], strict=False)
        if min(before.length_s, piece.length_s) >= 0.5
    ]
    for before, piece in long_enough:
        if abs(before.from_s + before.length_s - piece.from_s) > 0.1:
            assert np.abs(cuts_s - piece.begins_s).min() < 0.11
    for piece in made.pieces:
        if piece.length_s >= 0.5:
            [run] = [
                run
                for run in copies.runs
                if abs(run.begins_s - piece.begins_s + piece.from_s - run.from_s) < 0.03
                and abs(run.begins_s - piece.begins_s) < 0.2
            ]
            assert run.length_s == pytest.approx(piece.length_s, abs=0.2)


def test_what_is_no_copy_is_not_taken_for_one(recording: Sound, known: Original) -> None:
    backwards = Sound(recording.samples.flip(1), RATE)
    others = {"noise": noise(6, seed=9), "music": music(6, seed=4), "backwards": backwards}
    for name, other in others.items():
        copies = held_against(known, other).maps[0]
        assert copies.ratio < 0.05, name
        assert copies.novelty > 0.5, name


def test_two_draws_of_one_noise_are_no_copies() -> None:
    found = original([noise(8, seed=0)], sample_rate=RATE, seed=0)
    assert held_against(found, noise(8, seed=1)).maps[0].ratio < 0.02
    assert found.itself.ratio < 0.02


def test_a_loop_repeats_itself_and_music_does_not(known: Original, repeating: Original) -> None:
    assert repeating.itself.ratio > 0.98
    assert repeating.itself.novelty < 0.01
    assert known.itself.ratio < 0.05
    assert known.itself.novelty > 0.5


def test_a_loop_played_back_is_one_run_and_not_a_random_choice_of_bars(
    repeating: Original,
) -> None:
    copies = held_against(repeating, loop(SECONDS, seed=2)).maps[0]
    assert copies.ratio > 0.98
    assert copies.longest_run_s > 0.9 * SECONDS


def test_what_lasts_longer_than_the_loop_goes_back_and_repeats(repeating: Original) -> None:
    copies = held_against(repeating, loop(2 * SECONDS, seed=2)).maps[0]
    assert copies.ratio > 0.98
    assert 2 <= len(copies.runs) <= 4


def test_low_and_high_of_different_places_are_mixed(recording: Sound, known: Original) -> None:
    later = Sound(recording.samples.roll(3 * RATE, 1), RATE)
    found = held_against(known, low_and_high(recording, later, at_hz=1580))
    mixed = mixing(found)
    assert mixed.share > 0.5
    assert found.maps[0].ratio < 0.3
    assert min(mixed.parts[0], mixed.parts[3]) > 0.8
    lowest, highest = found.maps[1], found.maps[4]
    assert np.median(np.abs(lowest.places_s - lowest.times_s)) < 0.05
    assert np.median(np.abs((highest.places_s - highest.times_s) % SECONDS - 6)) < 0.05


def test_copies_and_montages_are_not_mixed(recording: Sound, known: Original) -> None:
    for sound in (recording, under_hiss(recording), montage(recording, seconds=8, seed=3).sound):
        assert mixing(held_against(known, sound)).share < 0.03


def test_of_two_recordings_either_is_found(recording: Sound) -> None:
    second = music(5, seed=6)
    both = original([recording, second], sample_rate=RATE, seed=0)
    assert both.duration_s == pytest.approx(SECONDS + GAP_S + 5)
    copies = held_against(both, softer(second)).maps[0]
    assert copies.ratio > 0.98
    assert copies.places_s[0] == pytest.approx(SECONDS + GAP_S, abs=0.02)


def test_silence_is_neither_copied_nor_new(recording: Sound, known: Original) -> None:
    silent = held_against(known, Sound(torch.zeros(1, RATE), RATE))
    assert math.isnan(silent.maps[0].ratio)
    assert math.isnan(silent.maps[0].novelty)
    assert silent.maps[0].runs == ()
    assert math.isnan(mixing(silent).share)
    padded = torch.nn.functional.pad(recording.samples, (0, 4 * RATE))
    copies = held_against(known, Sound(padded, RATE)).maps[0]
    assert copies.ratio > 0.97
    assert copies.longest_run_s == pytest.approx(SECONDS, abs=0.2)


def test_silence_inside_of_a_recording_ends_no_run() -> None:
    gappy = music(6, seed=8)
    gappy.samples[:, 2 * RATE : 3 * RATE] = 0
    copies = held_against(original([gappy], sample_rate=RATE, seed=0), gappy).maps[0]
    assert copies.longest_run_s == pytest.approx(6, abs=0.1)


def test_the_same_seed_gives_the_same_numbers(recording: Sound, known: Original) -> None:
    again = original([recording], sample_rate=16_000, seed=0)
    assert again.yardstick == known.yardstick
    assert (
        montage(recording, seconds=3, seed=5).pieces == montage(recording, seconds=3, seed=5).pieces
    )
    assert (
        montage(recording, seconds=3, seed=5).pieces != montage(recording, seconds=3, seed=6).pieces
    )


@pytest.mark.parametrize(
    ("sound", "said"),
    [
        (Sound(torch.zeros(1, RATE // 4), RATE), "of 0.25 s"),
        (Sound(torch.zeros(1, 0), RATE), "of 0.00 s"),
        (Sound(torch.full((1, RATE), math.nan), RATE), "not finite"),
        (Sound(torch.ones(1, 4000), 4000), "at 4000 Hz"),
        (Sound(torch.ones(1, 8000 * 601), 8000), "of 601.00 s"),
    ],
)
def test_what_has_no_moments_is_refused(known: Original, sound: Sound, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        held_against(known, sound)
    with pytest.raises(UsageError, match=said):
        original([sound], sample_rate=8000, seed=0)
    with pytest.raises(UsageError, match=said):
        montage(sound, seconds=2, seed=0)


def test_no_recording_and_a_silent_one_are_refused(recording: Sound) -> None:
    with pytest.raises(UsageError, match="no recording"):
        original([], sample_rate=RATE, seed=0)
    with pytest.raises(UsageError, match="silence"):
        original([Sound(torch.zeros(1, RATE), RATE)], sample_rate=RATE, seed=0)
    long = Sound(torch.ones(1, 8000 * 301), 8000)
    with pytest.raises(UsageError, match="together"):
        original([long, long], sample_rate=8000, seed=0)
    with pytest.raises(UsageError, match="montage of nan s"):
        montage(recording, seconds=math.nan, seed=0)
