"""The same recording is known again whatever was done to its level, rate, place and format."""

import io
import math
from collections.abc import Callable

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor
from torch.nn import functional

from timbrel.signal.fingerprints import (
    BANDS,
    Fingerprint,
    copied_run_ms,
    fingerprint,
    fingerprint_distance,
    squared_differences,
)
from timbrel.signal.resampling import resample

RATE = 44_100


def struck(seed: int, hz: float, seconds: float) -> Tensor:
    """A drum: a falling tone and decaying noise."""
    time_s = torch.arange(round(RATE * seconds)) / RATE
    noise = torch.randn(len(time_s), generator=torch.Generator().manual_seed(seed))
    pitch_hz = hz * (1 + 0.5 * torch.exp(-30 * time_s))
    tone = torch.sin(2 * math.pi * torch.cumsum(pitch_hz, 0) / RATE)
    decay = torch.exp(-4 * time_s / seconds)
    return 0.4 * decay * tone + 0.2 * decay.sqrt() * decay * noise


def reencoded(sound: Tensor, container: str, codec: str) -> Tensor:
    file = io.BytesIO()
    soundfile.write(file, sound.numpy(), RATE, format=container, subtype=codec)
    file.seek(0)
    return torch.from_numpy(soundfile.read(file, dtype="float32")[0])


def at_22_050_hz_and_back(sound: Tensor) -> Tensor:
    return resample(resample(sound, from_hz=RATE, to_hz=22_050), from_hz=22_050, to_hz=RATE)


CHANGES: dict[str, Callable[[Tensor], Tensor]] = {
    "nothing": lambda sound: sound,
    "6 dB quieter": lambda sound: sound / 2,
    "MP3": lambda sound: reencoded(sound, "MP3", "MPEG_LAYER_III"),
    "Ogg Vorbis": lambda sound: reencoded(sound, "OGG", "VORBIS"),
    "22,050 Hz and back": at_22_050_hz_and_back,
    "10 ms later": lambda sound: functional.pad(sound, (RATE // 100, 0)),
    "turned polarity": lambda sound: -sound,
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("seconds", [0.1, 0.3, 1.0])
def test_a_changed_copy_is_the_same_for_its_whole_length(change: str, seconds: float) -> None:
    sound = struck(1, 180, seconds)
    original = fingerprint(sound, RATE)
    changed = fingerprint(CHANGES[change](sound), RATE)
    assert copied_run_ms(changed, original) > 0.8 * original.audible_ms
    assert fingerprint_distance(changed, original) < 0.2


@pytest.mark.parametrize("seconds", [0.05, 0.3, 1.0])
@pytest.mark.parametrize(("seed", "hz"), [(1, 240.0), (2, 240.0)], ids=["pitch", "pitch and noise"])
def test_another_pitch_is_another_sound(seconds: float, seed: int, hz: float) -> None:
    one, other = (
        fingerprint(struck(1, 180, seconds), RATE),
        fingerprint(struck(seed, hz, seconds), RATE),
    )
    assert copied_run_ms(one, other) < 0.3 * one.audible_ms
    assert fingerprint_distance(one, other) > 0.25


@pytest.mark.parametrize("hz", [60.0, 100.0, 200.0, 1000.0])
def test_a_low_tone_a_tone_higher_is_another_sound(hz: float) -> None:
    """200 cents: the 6.7 to 120 Hz by which two tuned kicks or bass notes differ."""
    time_s = torch.arange(RATE) / RATE
    decay = torch.exp(-5 * time_s)
    one, other = (
        fingerprint(decay * torch.sin(2 * math.pi * f * time_s), RATE) for f in (hz, hz * 1.1225)
    )
    assert copied_run_ms(one, other) < 0.1 * one.audible_ms
    assert fingerprint_distance(one, other) > 0.25


def test_another_draw_of_the_same_noise_is_another_sound() -> None:
    noise = torch.randn(2, RATE // 2, generator=torch.Generator().manual_seed(0))
    one, other = fingerprint(noise[0], RATE), fingerprint(noise[1], RATE)
    assert copied_run_ms(one, other) == 0
    assert fingerprint_distance(one, other) > 0.35


@pytest.mark.parametrize("seconds", [0.05, 0.1])
def test_a_very_short_sound_is_known_again(seconds: float) -> None:
    sound, other = struck(3, 200, seconds), struck(4, 300, seconds)
    original = fingerprint(sound, RATE)
    copy = fingerprint(0.3 * functional.pad(sound, (500, 100)), RATE)
    assert fingerprint_distance(copy, original) < 0.2
    assert fingerprint_distance(fingerprint(other, RATE), original) > 0.3


def test_a_stretch_of_another_sound_is_found_with_its_length() -> None:
    """A quarter of a second of a recording, quieter, inside other material."""
    noise = torch.randn(3, 2 * RATE, generator=torch.Generator().manual_seed(0))
    quarter = RATE // 4
    mixed = torch.cat([noise[0, :quarter], noise[1, RATE : RATE + quarter] / 2, noise[2, :quarter]])
    run_ms = copied_run_ms(fingerprint(mixed, RATE), fingerprint(noise[1], RATE))
    # windows that reach beyond the stretch cost up to 80 ms
    assert 170 <= run_ms < 260


def test_a_stretch_whose_gain_drifts_is_no_copy() -> None:
    """Two kicks of one pitch but of other decay: each frame alone could be the other's."""
    time_s = torch.arange(RATE) / RATE
    tone = torch.sin(2 * math.pi * 60 * time_s)
    short, long = tone * torch.exp(-8 * time_s), tone * torch.exp(-4 * time_s)
    run_ms = copied_run_ms(fingerprint(short, RATE), fingerprint(long, RATE))
    assert run_ms < 250


def test_both_orders_agree() -> None:
    one = fingerprint(struck(1, 180, 0.4), RATE)
    other = fingerprint(reencoded(struck(1, 180, 0.4), "OGG", "VORBIS"), RATE)
    assert copied_run_ms(one, other) == pytest.approx(copied_run_ms(other, one), abs=8)
    assert fingerprint_distance(one, other) == pytest.approx(
        fingerprint_distance(other, one), abs=0.01
    )


def test_silence_is_like_nothing() -> None:
    silence = fingerprint(torch.zeros(2, 4000), RATE)
    sound = fingerprint(struck(1, 180, 0.2), RATE)
    assert silence.audible_ms == 0
    for pair in [(silence, sound), (sound, silence), (silence, silence)]:
        assert copied_run_ms(*pair) == 0
        assert fingerprint_distance(*pair) == 1


def test_frame_differences_are_those_of_a_plain_loop(rng: np.random.Generator) -> None:
    a, b = rng.uniform(-40, 0, (5, BANDS)), rng.uniform(-40, 0, (3, BANDS))
    found = squared_differences(torch.from_numpy(a), torch.from_numpy(b))
    for i in range(5):
        for j in range(3):
            assert float(found[i, j]) == pytest.approx(np.mean((a[i] - b[j]) ** 2))


def test_the_longest_run_is_that_of_a_plain_loop() -> None:
    """Every shift tried one after the other, in plain Python, without smoothing's help."""
    generator = torch.Generator().manual_seed(5)
    bands = -40 * torch.rand(60, BANDS, generator=generator)
    other = -40 * torch.rand(40, BANDS, generator=generator)
    other[10:30] = bands[22:42]
    steady = torch.zeros(60)
    a, b = Fingerprint(bands, steady), Fingerprint(other, steady[:40])
    # 20 frames of 2 ms are 10 of 4 ms; smoothing over five loses two at either end
    assert copied_run_ms(a, b) == pytest.approx(6 * 4.0)
