"""The pitch tracker on tones of known pitch, on noise, and on real notes."""

import json
import math
import random
from pathlib import Path

import librosa
import numpy as np
import pytest
import torch
from torch import Tensor

from timbrel.signal.files import Sound, read
from timbrel.signal.pitch import pitch_hz, steady_pitch, track_pitch
from timbrel.signal.units import cents, semitones_to_hz


def tone(hz: float, rate: int, seconds: float = 0.4, partials: int = 1) -> Tensor:
    time_s = torch.arange(round(seconds * rate), dtype=torch.float64) / rate
    heard = [k for k in range(1, partials + 1) if k * hz < 0.45 * rate]
    return sum((torch.sin(2 * math.pi * k * hz * time_s + k) / k for k in heard), torch.zeros(()))


@pytest.mark.parametrize("rate", [16_000, 44_100])
@pytest.mark.parametrize("hz", [30.0, 41.2, 110.0, 440.0, 1000.0, 2093.0, 4150.0])
@pytest.mark.parametrize("partials", [1, 8])
def test_a_tone_is_placed_to_a_tenth_of_a_cent(rate: int, hz: float, partials: int) -> None:
    found = pitch_hz(tone(hz, rate, partials=partials), rate)
    assert cents(hz, found) == pytest.approx(0, abs=0.1)


def test_a_missing_fundamental_is_heard() -> None:
    full = tone(200, 44_100, partials=6)
    assert pitch_hz(full - tone(200, 44_100), 44_100) == pytest.approx(200, rel=1e-4)


def test_level_channels_and_polarity_do_not_count() -> None:
    sound = tone(330, 22_050, partials=4)
    wanted = pitch_hz(sound, 22_050)
    assert pitch_hz(-0.001 * sound, 22_050) == pytest.approx(wanted)
    assert pitch_hz(torch.stack([sound, 0.5 * sound]), 22_050) == pytest.approx(wanted)


def test_a_glide_is_followed() -> None:
    rate = 16_000
    time_s = torch.arange(rate) / rate
    sound = torch.sin(2 * math.pi * (200 * time_s + 100 * time_s**2))
    track = track_pitch(sound, rate)
    # a frame compares 50 ms from its beginning with what follows within a few periods
    centre_s = torch.arange(len(track.hz)) * 0.02 + 0.03
    assert float(cents(200 + 200 * centre_s, track.hz).abs().max()) < 60
    assert float(track.clarity.min()) > 0.8


def test_noise_and_clicks_have_no_pitch() -> None:
    noise = torch.randn(16_000, generator=torch.Generator().manual_seed(1))
    click = torch.zeros(16_000)
    click[100:140] = torch.hann_window(40)
    assert math.isnan(pitch_hz(noise, 16_000))
    assert math.isnan(pitch_hz(noise.cumsum(0), 16_000)), "rumble"
    assert math.isnan(pitch_hz(click, 16_000))


@pytest.mark.parametrize("samples", [0, 1, 1000, 16_000])
def test_silence_and_what_is_too_short_have_no_pitch(samples: int) -> None:
    assert math.isnan(pitch_hz(torch.zeros(samples), 16_000))
    assert len(track_pitch(torch.zeros(2, samples), 16_000).hz) == 0


def test_a_click_at_the_very_end_has_no_pitch() -> None:
    late = torch.zeros(8000)
    late[-300:] = torch.randn(300, generator=torch.Generator().manual_seed(0))
    assert math.isnan(pitch_hz(late, 32_000))
    assert not track_pitch(late, 32_000).weight.isnan().any()


def test_a_noisy_tone_has_the_pitch_that_librosa_gives_it() -> None:
    rate = 22_050
    noise = 0.1 * torch.randn(rate, generator=torch.Generator().manual_seed(1))
    sound = tone(261.6, rate, 1.0, partials=5) + noise
    theirs = float(np.median(librosa.yin(sound.numpy(), fmin=60, fmax=2000, sr=rate)))
    assert cents(theirs, pitch_hz(sound, rate)) == pytest.approx(0, abs=10)


def partial_db(sound: Sound, hz: float) -> float:
    """The strength of what lies within 20 cents of a frequency, in the first two seconds."""
    samples = sound.samples[0, : 2 * sound.sample_rate].double().numpy()
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 2**16))
    low, high = (round(hz * 2 ** (c / 1200) * 2**16 / sound.sample_rate) for c in (-20, 20))
    return 20 * math.log10(float(spectrum[low : high + 1].max()) + 1e-9)


def sounds_where_it_is_labelled(sound: Sound, hz: float) -> bool:
    """Whether odd partials of the labelled pitch stand out, and odd ones of an octave below do not.

    Some instruments of NSynth sound an octave from their label: a four-foot organ stop, a bass
    with a lower oscillator.
    """
    partials = [partial_db(sound, k * hz) for k in (1, 2, 3, 4) if k * hz < sound.sample_rate / 2]
    between = max(partial_db(sound, k * hz / 2) for k in (1, 3))
    return max(partials[::2]) > max(partials) - 30 and between < max(partials) - 20


@pytest.mark.data
def test_real_notes_are_named(data: Path) -> None:
    labels = json.loads((data / "notes" / "examples.json").read_text())
    errors = []
    for name in random.Random(4).sample(sorted(labels), 45):
        sound = read(data / "notes" / "audio" / f"{name}.flac")
        hz = semitones_to_hz(float(labels[name]["pitch"]))
        if sound.duration_s > 0.5 and sounds_where_it_is_labelled(sound, hz):
            errors.append(cents(hz, pitch_hz(sound.samples, sound.sample_rate)))
    found = np.array(errors)
    named = found[~np.isnan(found)]
    assert len(found) >= 25
    assert len(named) >= 0.9 * len(found)
    assert np.median(np.abs(named)) < 10
    assert np.mean(np.abs(named) > 600) <= 0.1


def test_a_glide_is_followed_frame_by_frame() -> None:
    rate, seconds = 16_000, 2.0
    time_s = torch.arange(round(seconds * rate)) / rate
    semitones = 57 + 4 * time_s / seconds  # from A3 up a third
    hz = 440 * torch.exp2((semitones.double() - 69) / 12)
    sound = torch.sin(math.tau * torch.cumsum(hz, 0) / rate).float()
    found, clarity = steady_pitch(sound, rate, hop_s=0.1, count=20)
    wanted = 57 + 4 * torch.arange(20) * 0.1 / seconds
    assert (found - wanted)[1:-2].abs().max() < 0.05
    assert clarity.min() > 0.9


def test_a_noisy_end_keeps_the_pitch_of_the_note_before_it() -> None:
    rate = 16_000
    note = tone(220, rate, seconds=1.0, partials=6)
    third = tone(220 / 3, rate, seconds=0.2, partials=6)  # whose third partial is the note
    hum = 0.005 * tone(150, rate, seconds=1.0, partials=3)
    found, _ = steady_pitch(torch.cat([note, third, hum]).float(), rate, hop_s=0.05, count=44)
    assert (found - 57).abs().max() < 0.1


def test_noise_and_too_short_a_sound_have_no_steady_pitch() -> None:
    noise = torch.randn(8000, generator=torch.Generator().manual_seed(0))
    for sound in (noise, torch.ones(100), torch.zeros(8000)):
        semitones, clarity = steady_pitch(sound, 16_000, hop_s=0.01, count=5)
        assert semitones.isnan().all()
        assert not clarity.any()


def test_a_long_note_is_followed_to_its_end() -> None:
    rate = 16_000
    time_s = torch.arange(7 * rate) / rate
    hz = torch.where(time_s < 5, 220.0, 220.0 * 2 ** (0.5 / 12)).double()
    sound = torch.sin(math.tau * torch.cumsum(hz, 0) / rate).float()
    found, _ = steady_pitch(sound, rate, hop_s=0.5, count=13)
    assert found[2] == pytest.approx(57.0, abs=0.01)
    assert found[12] == pytest.approx(57.5, abs=0.01)
