"""PEAQ's parts against published values and against loops written from the standard's text."""

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from timbrel.errors import UsageError
from timbrel.evaluation.peaq import (
    averages,
    bands,
    ear,
    extent,
    grading,
    loudness,
    patterns,
    spectra,
)
from timbrel.evaluation.peaq.detection import detection
from timbrel.evaluation.peaq.harmonics import error_harmonics

RATE = bands.SAMPLE_RATE
Array = NDArray[np.float64]


def sine(hz: float, *, level_db: float = 0.0) -> Array:
    """One second at full scale less `level_db`, cut into frames."""
    time_s = np.arange(RATE) / RATE
    return ear.framed((10 ** (level_db / 20) * np.sin(2 * np.pi * hz * time_s))[None])[:, :-1]


def excited(frames: Array) -> ear.Excitation:
    return ear.excitation(ear.band_powers(ear.power_spectra(frames) * bands.ear_weight()))


@pytest.mark.parametrize(
    ("band", "low", "centre", "high"),
    [
        (0, 80.0, 91.708, 103.445),
        (1, 103.445, 115.216, 127.023),
        (30, 974.336, 995.408, 1016.797),
        (54, 2486.169, 2532.456, 2579.551),
        (107, 16775.035, 17077.504, 17385.42),
        (108, 17385.42, 17690.045, 18000.0),
    ],
)
def test_bands_are_those_of_the_standards_table_6(
    band: int, low: float, centre: float, high: float
) -> None:
    edges = bands.edges_hz()
    assert len(edges[0]) == 109
    assert [edge[band] for edge in edges] == pytest.approx([low, centre, high], abs=3e-3)


def test_every_bin_between_the_edges_belongs_to_bands_as_a_whole() -> None:
    shares = bands.grouping().sum(axis=1)
    inside = slice(math.ceil(80 / 23.4375 + 0.5), math.floor(18_000 / 23.4375 - 0.5))
    assert shares[inside] == pytest.approx(1)
    assert not shares[: inside.start - 1].any()
    assert not shares[inside.stop + 2 :].any()


def test_a_sine_of_full_scale_is_at_92_db() -> None:
    """The standard's calibration: 1019.5 Hz, whose strongest bin counts."""
    strongest = ear.power_spectra(sine(1019.5)).max(axis=-1)
    assert 10 * np.log10(strongest) == pytest.approx(92, abs=0.05)


def sone(hz: float, *, level_db: float) -> float:
    return float(loudness.loudness_sone(excited(sine(hz, level_db=level_db)).lasting)[0, -1])


def test_loudness_grows_with_level_and_is_highest_near_3_khz() -> None:
    levels = [sone(1000, level_db=level_db) for level_db in (-90, -60, -30, 0)]
    assert levels == sorted(levels)
    assert levels[0] < 0.05
    assert sone(3000, level_db=-60) > 2 * max(sone(100, level_db=-60), sone(15_000, level_db=-60))


def spread_by_loops(powers: Array) -> Array:
    """Equations 15 to 20: each band's two slopes, drawn in dB, added up to the power 0.4."""
    _, centre_hz, _ = bands.edges_hz()
    total = np.zeros(109)
    for j in range(109):
        level_db = 10 * math.log10(powers[j])
        upper = -24 - 230 / centre_hz[j] + 0.2 * level_db
        slopes = [10 ** ((0.25 * (k - j) * (27 if k < j else upper)) / 10) for k in range(109)]
        for k in range(109):
            total[k] += (powers[j] * slopes[k] / sum(slopes)) ** 0.4
    return total**2.5


def test_spreading_is_what_the_equations_say(rng: np.random.Generator) -> None:
    powers = 10 ** rng.uniform(-1, 8, 109)
    expected = spread_by_loops(powers) / spread_by_loops(np.ones(109))
    assert ear.spread(powers[None])[0] == pytest.approx(expected, rel=1e-9)


def test_a_tone_excites_higher_bands_more_than_lower_ones_and_louder_ones_more_so() -> None:
    def reach_db(level_db: float) -> float:
        pattern = excited(sine(1000, level_db=level_db)).at_once[0, 5]
        top = int(pattern.argmax())
        return float(10 * np.log10(pattern[top + 12] / pattern[top - 12]))

    assert reach_db(0) > reach_db(-40) > 0


def test_excitation_lasts_for_32_ms_in_the_lowest_band_and_8_ms_in_the_highest() -> None:
    burst = np.full((1, 3, 109), 1e-9)
    burst[0, 0] = 1e6
    lasting = ear.excitation(burst).lasting
    kept = np.exp(-1024 / 48_000 / np.array([0.032, 0.00812]))
    assert (lasting[0, 1] / lasting[0, 0])[[0, -1]] == pytest.approx(kept * (1 - kept), rel=0.02)


def test_adaptation_takes_out_a_gain_and_keeps_a_difference_of_shape() -> None:
    pattern = np.geomspace(1e3, 1e5, 109) * np.ones((1, 200, 1))
    ours, theirs = patterns.adapted(pattern, 0.25 * pattern)
    assert theirs[0, -1] == pytest.approx(ours[0, -1], rel=1e-6)
    other = pattern * np.where(np.arange(200) % 2, 2.0, 0.5)[None, :, None]
    ours, theirs = patterns.adapted(pattern, other)
    assert np.abs(np.log(theirs[0, -2:] / ours[0, -2:])).max() > 0.15


def test_a_steady_sound_has_no_modulation_and_a_beating_one_has() -> None:
    steady = np.full((1, 300, 109), 1e5)
    beating = steady * np.where(np.arange(300) % 2, 4.0, 1.0)[None, :, None]
    assert patterns.modulation(steady).depth[0, -1].max() < 1e-6
    assert patterns.modulation(beating).depth[0, -1].min() > 1


def test_noise_is_louder_the_more_is_added_and_silent_where_nothing_is() -> None:
    ours = np.full((1, 60, 109), 1e6)
    still = patterns.modulation(ours)
    values = [
        loudness.noise_loudness(ours, ours * (1 + added), still, still)[0, -1]
        for added in (0.0, 0.01, 0.1, 1.0)
    ]
    assert values[0] == 0
    assert values == sorted(set(values))


def harmonics_by_loops(reference: Array, test: Array) -> float:
    """Section 4.8: the correlation lag by lag, its transform bin by bin."""
    d = np.log(test / reference)
    lags = [
        np.dot(d[:256], d[i : i + 256])
        / math.sqrt(np.dot(d[:256], d[:256]) * np.dot(d[i : i + 256], d[i : i + 256]))
        for i in range(256)
    ]
    window = [math.sqrt(8 / 3) * (0.5 - 0.5 * math.cos(2 * math.pi * i / 255)) for i in range(256)]
    seen = [(lag - np.mean(lags)) * w / 256 for lag, w in zip(lags, window, strict=True)]
    power = [
        abs(sum(x * np.exp(-2j * np.pi * k * i / 256) for i, x in enumerate(seen))) ** 2
        for k in range(129)
    ]
    rises = [power[k] for k in range(1, 129) if power[k] > power[k - 1]]
    return max(rises, default=0.0)


def test_error_harmonics_are_what_the_text_says(rng: np.random.Generator) -> None:
    reference, test = 10 ** rng.uniform(0, 6, (2, bands.BINS))
    expected = harmonics_by_loops(reference[:512], test[:512])
    assert error_harmonics(reference, test) == pytest.approx(expected, rel=1e-9)


def test_an_error_with_partials_has_more_harmonic_structure_than_one_without(
    rng: np.random.Generator,
) -> None:
    reference = 10 ** rng.uniform(3, 4, bands.BINS)
    comb = reference * (1 + 50 * (np.arange(bands.BINS) % 16 == 0))
    noise = reference * 10 ** rng.uniform(0, 1, bands.BINS)
    assert error_harmonics(reference, comb) > 5 * error_harmonics(reference, noise)
    assert error_harmonics(reference, reference) == 0


def test_identical_patterns_are_never_told_apart_and_6_db_in_a_band_always_are() -> None:
    ours = np.full((1, 4, 109), 1e6)
    probability, steps = detection(ours, ours)
    assert not probability.any()
    assert not steps.any()
    theirs = ours.copy()
    theirs[:, :, 50] *= 4
    probability, steps = detection(ours, theirs)
    assert probability == pytest.approx(1)
    assert (steps > 5).all()


def test_the_better_ear_decides() -> None:
    ours = np.full((2, 1, 109), 1e6)
    theirs = ours.copy()
    theirs[1] *= 2
    for side in (0, 1):
        assert detection(ours[[side]], theirs[[side]])[0] <= detection(ours, theirs)[0]
    assert detection(ours, theirs)[1] == detection(ours[[1]], theirs[[1]])[1]


def test_bandwidth_is_found_where_noise_ends(rng: np.random.Generator) -> None:
    """16 kHz for the reference, 10 kHz for the test."""
    powers = 10 ** rng.uniform(5, 6, (2, 1, 5, bands.BINS))
    hz = np.arange(bands.BINS) * RATE / bands.FRAME_SAMPLES
    powers[0, ..., hz > 16_000] = powers[1, ..., hz > 10_000] = 1e-3
    reference, test = spectra.bandwidths(powers[0], powers[1])
    assert reference * 23.4375 == pytest.approx(16_000, abs=24)
    assert test * 23.4375 == pytest.approx(10_000, abs=24)


def test_the_sound_begins_and_ends_where_five_samples_sum_to_200_of_32768() -> None:
    frames = np.zeros((2, 9, bands.FRAME_SAMPLES))
    frames[0, 2, 100:105] = frames[1, 6, 5:10] = 40.1 / 32768
    frames[0, 8, 5:10] = frames[0, 0, 5:10] = 39.9 / 32768
    assert extent.sounding(extent.sounds(frames)) == slice(2, 7)


def test_a_burst_weighs_more_in_the_windowed_average_than_in_the_mean() -> None:
    values = np.ones((1, 50))
    values[0, 20:24] = 100
    assert averages.windowed(values) > 1.5 * averages.mean(values)


def tones(seconds: float, *, sample_rate: int = RATE) -> torch.Tensor:
    """Plucked partials up to 12 kHz, four a second, with a little noise, [1, T]."""
    time_s = torch.arange(int(seconds * sample_rate)) / sample_rate
    decay = torch.exp(-8 * (time_s % 0.25))
    partials = [torch.sin(2 * math.pi * 440 * n * time_s) / n for n in range(1, 28)]
    hiss = torch.randn(len(time_s), generator=torch.Generator().manual_seed(1))
    return 0.2 * (decay * (sum(partials) + 0.1 * hiss))[None]


def grade(reference: torch.Tensor, test: torch.Tensor, *, sample_rate: int = RATE) -> float:
    return grading.grade(reference, test, sample_rate=sample_rate).objective_difference


def test_the_same_sound_has_about_the_highest_grade_that_the_network_gives() -> None:
    assert grade(tones(5), tones(5)) == pytest.approx(0.2, abs=0.03)


@pytest.mark.parametrize("seconds", [0.05, 0.6, 2.0])
def test_short_sounds_are_repeated_until_they_can_be_graded(
    seconds: float, torch_rng: torch.Generator
) -> None:
    sound = tones(seconds)
    assert grade(sound, sound) == pytest.approx(0.2, abs=0.05)
    assert grade(sound, sound + 0.05 * torch.randn(sound.shape, generator=torch_rng)) < -2


def test_much_noise_is_graded_worse_than_some(torch_rng: torch.Generator) -> None:
    """Where noise up to 24 kHz hides the reference's bandwidth, the others still tell."""
    sound = tones(5)
    noise = torch.randn(sound.shape, generator=torch_rng)
    grades = [grade(sound, sound + level * noise) for level in (0.0001, 0.001, 0.01, 0.1, 1.0)]
    assert grades == sorted(grades, reverse=True)
    assert grades[-1] < -3.8


def test_a_dull_sound_can_be_graded() -> None:
    """It stands out of 16-bit noise below 8.1 kHz only."""
    steps = torch.randint(-1, 2, (1, 5 * RATE), generator=torch.Generator().manual_seed(3)) / 32768
    time_s = torch.arange(5 * RATE) / RATE
    dull = (
        0.2 * torch.sin(2 * math.pi * 220 * time_s)[None] * torch.exp(-4 * (time_s % 0.5)) + steps
    )
    assert grade(dull, dull) > 0.1
    assert -0.5 < grade(dull, 0.98 * dull) < 0.2


def test_a_short_sound_before_a_long_silence_can_be_graded() -> None:
    sound = torch.nn.functional.pad(tones(0.1), (0, 4 * RATE))
    assert grade(sound, 0.9 * sound) > -0.5


def test_shorter_pairs_joined_are_one_pair() -> None:
    sound = tones(6)
    test = sound + 0.001 * torch.randn(sound.shape, generator=torch.Generator().manual_seed(2))
    parts = list(zip(sound.split(50_000, dim=-1), test.split(50_000, dim=-1), strict=True))
    whole = grading.grade(sound, test, sample_rate=RATE)
    assert grading.joined(parts, sample_rate=RATE) == whole


def test_a_flipped_phase_is_not_heard() -> None:
    assert grade(tones(5), -tones(5)) == pytest.approx(grade(tones(5), tones(5)), abs=1e-6)


@pytest.mark.parametrize(
    ("reference", "test"),
    [
        (tones(5), torch.zeros(1, 5 * RATE)),
        (1e-4 * tones(5), 1e-4 * tones(5)),
        (torch.zeros(1, 100), torch.zeros(1, 100)),
    ],
    ids=["a silent test", "a very soft pair", "silence"],
)
def test_what_the_standard_has_no_value_for_is_not_a_number(
    reference: torch.Tensor, test: torch.Tensor
) -> None:
    assert math.isnan(grade(reference, test))


@pytest.mark.parametrize(
    ("pair", "sample_rate"),
    [
        ((torch.ones(8), torch.ones(8)), RATE),
        ((torch.ones(1, 8), torch.ones(1, 9)), RATE),
        ((torch.ones(3, 8), torch.ones(3, 8)), RATE),
        ((torch.ones(1, 0), torch.ones(1, 0)), RATE),
        ((torch.ones(1, 8), torch.full((1, 8), math.inf)), RATE),
        ((torch.ones(1, 8), torch.ones(1, 8)), 0),
    ],
    ids=["no channels", "lengths", "three channels", "empty", "infinite", "no rate"],
)
def test_what_cannot_be_graded_is_refused(
    pair: tuple[torch.Tensor, torch.Tensor], sample_rate: int
) -> None:
    with pytest.raises(UsageError):
        grading.grade(*pair, sample_rate=sample_rate)


def test_no_pairs_and_pairs_of_two_kinds_are_refused() -> None:
    with pytest.raises(UsageError, match="or none"):
        grading.joined([], sample_rate=RATE)
    mono, stereo = torch.ones(1, 8), torch.ones(2, 8)
    with pytest.raises(UsageError, match="different channels"):
        grading.joined([(mono, mono), (stereo, stereo)], sample_rate=RATE)
