"""What the demo sounds are: facts that an ear, a tuner or another library would state of them."""

import hashlib

import librosa
import numpy as np
import pytest
from scipy.signal import butter, hilbert, lfilter, sosfiltfilt

from timbrel.library.demo_sounds import LONGEST_S, SAMPLE_RATE, SHORTEST_S, Samples
from timbrel.library.demo_sounds.kit import KITS, Kit, Strike, make_kit
from timbrel.library.demo_sounds.metals import cymbal, hi_hat_open
from timbrel.library.demo_sounds.modes import bent, modal
from timbrel.library.demo_sounds.noise import band, grains, ring
from timbrel.library.demo_sounds.oscillators import times
from timbrel.library.demo_sounds.strings import karplus_strong
from timbrel.library.demo_sounds.voices import VOICES, Plan, make

PER_LABEL = 64
HEARD = 32  # of each label: four of each kit
Library = dict[str, list[Samples]]


@pytest.fixture(scope="module")
def library() -> Library:
    """Half of the demo library of seed 0."""
    return {label: [make(Plan(label, n)) for n in range(HEARD)] for label in VOICES}


def every(library: Library) -> list[Samples]:
    return [sound for sounds in library.values() for sound in sounds]


def cents(a_hz: float, b_hz: float) -> float:
    return float(1200 * np.log2(a_hz / b_hz))


def partial_near(sound: Samples, hz: float) -> float:
    """The strongest partial within half a semitone of a frequency, by a zero-padded FFT."""
    n_fft = 2**20
    magnitude = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), n_fft))
    bins = np.arange(len(magnitude)) * SAMPLE_RATE / n_fft
    near = np.flatnonzero(np.abs(np.log2(np.maximum(bins, 1e-9) / hz)) < 0.5 / 12)
    return float(bins[near[np.argmax(magnitude[near])]])


def hz_between(sound: Samples, start_s: float, stop_s: float) -> float:
    """The median momentary frequency of what lies below 400 Hz."""
    low = sosfiltfilt(butter(4, 400, fs=SAMPLE_RATE, output="sos"), sound)
    hz = np.diff(np.unwrap(np.angle(hilbert(low)))) * SAMPLE_RATE / (2 * np.pi)
    return float(np.median(hz[round(start_s * SAMPLE_RATE) : round(stop_s * SAMPLE_RATE)]))


def decay_s(sound: Samples) -> float:
    """The time until all but a hundredth of the energy is over (Schroeder, -20 dB)."""
    left = np.cumsum(sound[::-1] ** 2)[::-1]
    return float(np.flatnonzero(left > 0.01 * left[0])[-1] / SAMPLE_RATE)


def log_mel(sound: Samples) -> Samples:
    """Decibels below its own maximum, [mels, frames]."""
    mel = librosa.feature.melspectrogram(y=sound, sr=SAMPLE_RATE, n_mels=40)
    return np.asarray(librosa.power_to_db(mel, ref=np.max, top_db=80))


def test_there_are_fourteen_labels_and_enough_sounds() -> None:
    assert list(VOICES) == sorted(VOICES)
    assert len(VOICES) == 14
    assert {"hi-hat", "mallet_drum", "plucked", "struck"} < set(VOICES)


def test_every_sound_is_finite_and_of_a_length_and_level_to_work_with(library: Library) -> None:
    for sound in every(library):
        assert np.isfinite(sound).all()
        assert SHORTEST_S <= len(sound) / SAMPLE_RATE <= LONGEST_S
        assert -12 <= 20 * np.log10(np.abs(sound).max()) <= -1


def test_no_sound_has_an_offset(library: Library) -> None:
    assert max(abs(float(sound.mean())) for sound in every(library)) < 3e-4  # -70 dBFS


def test_no_sound_ends_in_a_click(library: Library) -> None:
    for sound in every(library):
        last_ms = np.abs(sound[-44:])
        assert sound[-1] == 0
        assert last_ms.max() < 0.02 * np.abs(sound).max()  # 34 dB below the peak


def test_no_two_sounds_are_alike(library: Library) -> None:
    sounds = every(library)
    assert len({hashlib.sha256(sound.tobytes()).digest() for sound in sounds}) == len(sounds) == 448


def test_nearest_sounds_differ_in_spectrum_or_time(library: Library) -> None:
    for sounds in library.values():
        spectra = np.stack([_statistics(sound) for sound in sounds])
        distance = np.sqrt(((spectra[:, None] - spectra[None]) ** 2).mean(-1))
        np.fill_diagonal(distance, np.inf)
        assert distance.min() > 0.3  # dB, root mean square over 40 bands
        assert np.median(distance.min(1)) > 1.5


def test_a_plan_gives_one_sound_and_another_seed_another() -> None:
    for label in VOICES:
        assert np.array_equal(make(Plan(label, 5)), make(Plan(label, 5)))
        other = make(Plan(label, 5, seed=1))
        assert not np.array_equal(make(Plan(label, 5)), other)


def test_a_nearest_neighbour_tells_the_labels_apart(library: Library) -> None:
    labels = np.repeat(list(library), 24)
    features = np.stack([_statistics(s) for sounds in library.values() for s in sounds[:24]])
    features = (features - features.mean(0)) / features.std(0)
    distance = ((features[:, None] - features[None]) ** 2).sum(-1)
    np.fill_diagonal(distance, np.inf)
    right = labels[distance.argmin(1)] == labels
    assert right.mean() >= 0.8
    for label in library:
        assert right[labels == label].mean() >= 0.6, label


def _statistics(sound: Samples) -> Samples:
    db = log_mel(sound)
    length_db = 20 * np.log2(len(sound) / SAMPLE_RATE)
    return np.concatenate([db[:, :6].mean(1), db.mean(1), db.std(1), [length_db]])


def test_a_kick_is_low_and_falls(library: Library) -> None:
    for sound in library["kick"]:
        early_hz, late_hz = hz_between(sound, 0.002, 0.02), hz_between(sound, 0.08, 0.16)
        assert 25 < late_hz < 120
        assert early_hz > 1.1 * late_hz


@pytest.mark.parametrize("label", ["mallet_drum", "plucked", "struck"])
def test_a_note_has_the_pitch_of_its_label(library: Library, label: str) -> None:
    for number, sound in enumerate(library[label]):
        pitch = Plan(label, number).pitch_semitones
        assert pitch is not None
        hz = float(librosa.midi_to_hz(pitch))
        assert abs(cents(partial_near(sound, hz), hz)) < 5


def test_a_plucked_note_is_heard_at_its_pitch_and_not_at_an_octave(library: Library) -> None:
    for number, sound in enumerate(library["plucked"][:24]):
        hz = librosa.midi_to_hz(Plan("plucked", number).pitch_semitones)
        heard = librosa.yin(sound, fmin=60, fmax=1000, sr=SAMPLE_RATE, frame_length=4096)
        assert abs(cents(float(np.median(heard[2:12])), hz)) < 20


def test_pitches_are_many() -> None:
    for label in ("mallet_drum", "plucked", "struck"):
        assert len({Plan(label, number).pitch_semitones for number in range(PER_LABEL)}) >= 20


def test_a_hi_hat_lies_above_5_khz(library: Library) -> None:
    for sound in library["hi-hat"]:
        power = np.abs(np.fft.rfft(sound)) ** 2
        hz = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
        assert (power * hz).sum() / power.sum() > 5000


def test_a_cymbal_outlasts_an_open_hi_hat_and_that_a_closed_one() -> None:
    def strikes() -> list[Strike]:
        kit = make_kit(0, seed=0)
        return [Strike(kit, np.random.default_rng(n)) for n in range(12)]

    closed = [decay_s(hi_hat_open(strike, 0.0)) for strike in strikes()]
    opened = [decay_s(hi_hat_open(strike, 1.0)) for strike in strikes()]
    crashed = [decay_s(cymbal(strike)) for strike in strikes()]
    assert max(closed) < min(opened)
    assert max(closed) < min(crashed)
    assert np.median(opened) < np.median(crashed)


def test_a_cymbal_loses_its_highs_first(library: Library) -> None:
    for sound in library["cymbal"]:
        lows, highs = band(sound, 0, 3000), band(sound, 8000)
        assert decay_s(highs) < 1.1 * decay_s(lows)


def test_a_clap_is_several_bursts_before_its_tail(library: Library) -> None:
    share = [np.sum(s[: round(0.1 * SAMPLE_RATE)] ** 2) / np.sum(s**2) for s in library["clap"]]
    assert min(share) > 0.6


def test_a_kit_tunes_its_drums() -> None:
    def struck_hz(semitones: float) -> float:
        kit = Kit(0, semitones, brightness=1, decay=1, drive=0, room=0, room_s=0.1)
        return Strike(kit, np.random.default_rng(1)).hz(100, 200)

    assert struck_hz(12) == pytest.approx(2 * struck_hz(0))


def test_kits_differ_and_share_the_sounds_evenly() -> None:
    assert len({make_kit(number, seed=0) for number in range(KITS)}) == KITS
    counts = np.bincount([Plan("tom", number).kit_number for number in range(PER_LABEL)])
    assert counts.tolist() == [8] * KITS


def test_modes_are_the_sum_of_their_sines() -> None:
    hz, strength, decays = np.array([123.4, 2345.6]), np.array([1.0, 0.3]), np.array([0.2, 0.05])
    t = np.arange(10_007)[:, None] / SAMPLE_RATE
    expected = (strength * 10 ** (-3 * t / decays) * np.sin(2 * np.pi * hz * t)).sum(1)
    assert np.abs(modal(hz, strength, decays, 10_007) - expected).max() < 1e-9
    steady = bent(hz / 100, strength, decays, np.full(10_007, 100.0))
    assert np.abs(steady - expected).max() < 1e-9


def test_modes_above_the_sample_rate_do_not_fold_back() -> None:
    assert not modal([30_000.0], 1.0, 1.0, 1000).any()


@pytest.mark.parametrize("hz", [41.2, 110.0, 440.0, 987.8])
def test_a_string_is_in_tune_within_a_cent_and_rings_as_long_as_asked(hz: float) -> None:
    pluck = np.zeros(2 * SAMPLE_RATE)
    pluck[:20] = np.hanning(20)
    string = karplus_strong(pluck, hz=hz, decay_s=1.5, dullness=0.1)
    assert abs(cents(partial_near(string, hz), hz)) < 1
    tone = string * np.exp(-2j * np.pi * hz * np.arange(len(string)) / SAMPLE_RATE)
    beats = [np.abs(tone[s : s + 11_025].mean()) for s in (11_025, 55_125)]  # 1 s apart
    assert 20 * np.log10(beats[0] / beats[1]) == pytest.approx(60 / 1.5, rel=0.03)


def test_a_string_is_the_recursion_that_scipy_computes(rng: np.random.Generator) -> None:
    pluck = rng.standard_normal(3000)
    impulse = np.eye(1, 3000)[0]
    response = karplus_strong(impulse, hz=1000.0, decay_s=0.5, dullness=0.05)
    first_echo = response[1:60]  # all taps of the loop: the second echo begins near 2 * 44.1
    expected = lfilter([1.0], np.concatenate([[1.0], -first_echo]), pluck)
    string = karplus_strong(pluck, hz=1000.0, decay_s=0.5, dullness=0.05)
    assert np.abs(string - expected).max() < 1e-9


def test_a_resonator_rings_at_its_frequency_for_its_time() -> None:
    sound = ring(np.eye(1, 22_050)[0], 1000.0, 0.2)
    assert abs(cents(partial_near(sound, 1000.0), 1000.0)) < 1
    early, late = np.abs(sound[:882]).max(), np.abs(sound[4410:5292]).max()  # 0.1 s apart
    assert 20 * np.log10(early / late) == pytest.approx(30, abs=0.5)


def test_grains_come_at_their_rate(rng: np.random.Generator) -> None:
    t = times(2.0)
    hits = grains(
        Strike(make_kit(0, seed=0), rng), t, rate_hz=np.full(len(t), 900.0), loudness=t * 0 + 1
    )
    assert np.count_nonzero(hits) == pytest.approx(1800, abs=5 * np.sqrt(1800))
