"""How good is a morph: series whose answers are known, from synthesis and from real notes."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.evaluation.cleanness import contrast_db, tremor_db
from timbrel.evaluation.morph_features import inharmonicity, spectral_envelope
from timbrel.evaluation.morph_lines import line_of
from timbrel.evaluation.morphs import WEIGHTS, Judged, Series, crossfade, judged
from timbrel.evaluation.one_sound import onsets_s, second_pitch
from timbrel.signal import files, resampling
from timbrel.signal.files import Sound

RATE_HZ = 16_000
DARK = (1, 0.5, 0.3, 0.2, 0.12, 0.08, 0.05, 0.03)
BRIGHT = (0.3, 0.6, 1, 0.8, 0.7, 0.5, 0.5, 0.4)


def note(
    hz: float, partials: tuple[float, ...], *, decay: float = 3.0, onset_s: float = 0.0,
    stiffness: float = 0.0,
) -> Tensor:  # fmt: skip
    """A struck string of one second with known partials."""
    time_s = (torch.arange(RATE_HZ, dtype=torch.float64) / RATE_HZ - onset_s).clamp(min=0)
    orders = torch.arange(1, len(partials) + 1, dtype=torch.float64)
    places_hz = hz * orders * (1 + stiffness * orders**2).sqrt()
    phases = 6.28 * torch.rand(len(orders), generator=torch.Generator().manual_seed(0))
    waves = torch.sin(2 * math.pi * places_hz[:, None] * time_s + phases[:, None])
    rise = (time_s / 0.005).clamp(max=1)
    sound = (torch.tensor(partials, dtype=torch.float64)[:, None] * waves).sum(dim=0)
    return (0.2 * sound * rise * torch.exp(-decay * time_s)).float()


def between(weight: float, low_hz: float = 220, high_hz: float = 330) -> Tensor:
    """What a perfect morph plays: pitch, partials and decay each on their way."""
    partials = tuple(a ** (1 - weight) * b**weight for a, b in zip(DARK, BRIGHT, strict=True))
    hz = low_hz ** (1 - weight) * high_hz**weight
    return note(hz, partials, decay=2 + 6 * weight)


def series(*sounds: Tensor) -> Series:
    return Series("a to b", sounds, RATE_HZ)


PERFECT = series(*(between(weight) for weight in WEIGHTS))


def with_noise(level: float) -> Series:
    noise = level * torch.randn(RATE_HZ, generator=torch.Generator().manual_seed(1))
    first, *inner, last = PERFECT.sounds
    return series(first, *(sound + noise for sound in inner), last)


@pytest.fixture(scope="module")
def perfect() -> Judged:
    return judged(PERFECT)


@pytest.fixture(scope="module")
def faded() -> Judged:
    return judged(crossfade(PERFECT))


def test_a_perfect_morph_is_between_one_sound_and_clean(perfect: Judged) -> None:
    found = perfect.numbers
    assert found["forward"] == 1
    assert found["largest_step"] < 0.35
    assert abs(found["middle"] - 0.5) < 0.1
    assert found["second_pitch"] < 0.02
    assert found["one_onset"] == 1
    assert abs(found["contrast_lost_db"]) < 1
    assert perfect.lines["inharmonicity"] is None, "both parents are in tune"


def test_a_crossfade_of_two_pitches_is_between_but_two_notes(
    perfect: Judged, faded: Judged
) -> None:
    assert faded.numbers["forward"] > 0.9
    assert faded.numbers["second_pitch"] > 0.1 > 5 * perfect.numbers["second_pitch"]
    assert faded.numbers["largest_step"] > perfect.numbers["largest_step"] + 0.1


def test_a_crossfade_of_one_pitch_is_one_note() -> None:
    alike = crossfade(series(*(between(weight, 220, 220) for weight in WEIGHTS)))
    assert judged(alike).numbers["second_pitch"] < 0.02


@pytest.mark.parametrize("ratio", [2 ** (1 / 12), 5 / 4, math.sqrt(2), 3 / 2, 2 ** (9 / 12)])
@pytest.mark.parametrize("low_hz", [82.4, 220.0, 622.0])
def test_a_second_note_is_found_at_any_interval(low_hz: float, ratio: float) -> None:
    a, b = note(low_hz, DARK), note(low_hz * ratio, DARK)
    alone = max(second_pitch(x, low_hz, low_hz * ratio) for x in (a, b))
    assert second_pitch(a + b, low_hz, low_hz * ratio) > alone + 0.2


def test_a_stiff_string_is_one_note_and_its_inharmonicity_is_told() -> None:
    soft, stiff = note(110, DARK), note(110, DARK, stiffness=1e-3)
    assert second_pitch(stiff, 110, 110) < 0.05
    assert float(inharmonicity(stiff)[0]) > float(inharmonicity(soft)[0]) + 4


def test_noise_in_the_middle_is_less_clean_the_more_the_less(perfect: Judged) -> None:
    lost = [judged(with_noise(level)).numbers["contrast_lost_db"] for level in (3e-4, 3e-3, 3e-2)]
    assert perfect.numbers["contrast_lost_db"] + 3 < lost[0] < lost[1] - 3 < lost[2] - 6


def test_a_trembling_middle_gains_tremor(perfect: Judged) -> None:
    shaken = 1 + 0.3 * torch.sin(2 * math.pi * 30 * torch.arange(RATE_HZ) / RATE_HZ)
    first, *inner, last = PERFECT.sounds
    found = judged(series(first, *(sound * shaken for sound in inner), last))
    assert found.numbers["tremor_gained_db"] > perfect.numbers["tremor_gained_db"] + 3


def test_two_onsets_a_tenth_of_a_second_apart_are_heard_as_two() -> None:
    late = note(220, BRIGHT, onset_s=0.1)
    assert judged(crossfade(series(*[note(220, DARK)] * 4, late))).numbers["one_onset"] == 0
    times_s = onsets_s(note(220, DARK) + late)
    assert len(times_s) == 2
    assert times_s[1] - times_s[0] == pytest.approx(0.1, abs=0.015)


def test_a_jump_is_told_by_its_steps() -> None:
    first, last = PERFECT.sounds[0], PERFECT.sounds[-1]
    found = judged(series(first, first, last, last, last)).numbers
    assert found["forward"] == 0.25
    assert found["largest_step"] == pytest.approx(1, abs=1e-6)


def test_a_way_through_noise_is_far_off_the_line(perfect: Judged) -> None:
    noise = 0.1 * torch.randn(RATE_HZ, generator=torch.Generator().manual_seed(2))
    first, *_, last = PERFECT.sounds
    lost = judged(series(first, noise, noise, noise, last))
    for found, is_lost in ((perfect, False), (lost, True)):
        line = found.lines["spectral_envelope"]
        assert line is not None
        assert (line.astray > 0.5) is (found.numbers["largest_step"] > 1) is is_lost


def test_a_louder_middle_is_off_its_level_by_as_much(perfect: Judged) -> None:
    alike = series(*[PERFECT.sounds[0]] * 5)
    louder = replace(alike, sounds=(alike.sounds[0], *[2 * alike.sounds[0]] * 3, alike.sounds[0]))
    assert judged(louder).numbers["off_level_lu"] == pytest.approx(6.02, abs=0.05)
    assert judged(louder).numbers["contrast_lost_db"] == pytest.approx(0, abs=1e-3)
    assert math.isnan(judged(louder).numbers["forward"]), "the parents are alike in everything"


def test_the_other_way_round_is_as_good(perfect: Judged) -> None:
    back = judged(series(*PERFECT.sounds[::-1])).numbers
    for name in ("forward", "largest_step", "second_pitch", "one_onset", "off_level_lu"):
        assert back[name] == pytest.approx(perfect.numbers[name], abs=1e-6)


def test_at_44100_hz_it_is_as_good(perfect: Judged) -> None:
    finer = tuple(resampling.resample(x, from_hz=RATE_HZ, to_hz=44_100) for x in PERFECT.sounds)
    found = judged(Series("a to b", finer, 44_100)).numbers
    for name, close in (("forward", 0.01), ("second_pitch", 0.02), ("contrast_lost_db", 1.0)):
        assert found[name] == pytest.approx(perfect.numbers[name], abs=close)


def test_silence_after_the_sounds_changes_nothing(perfect: Judged) -> None:
    longer = series(*(torch.nn.functional.pad(x, (0, 5 * RATE_HZ)) for x in PERFECT.sounds))
    found = judged(longer).numbers
    for name in ("forward", "largest_step", "middle", "astray", "second_pitch", "one_onset"):
        assert found[name] == pytest.approx(perfect.numbers[name], abs=0.02)


def test_parents_that_come_back_as_they_were_are_not_off_their_originals() -> None:
    first, *inner, last = (Sound(x[None], RATE_HZ) for x in PERFECT.sounds)
    true = replace(PERFECT, originals=(first, last))
    assert judged(true).numbers["parents_off_db"] == pytest.approx(0, abs=1e-3)
    assert judged(replace(true, originals=(first, inner[1]))).numbers["parents_off_db"] > 3


def test_a_listener_is_asked_where_there_is_one() -> None:
    def weighs(sound: Sound) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.asarray([float(sound.samples[0, 4000:].abs().mean()), 1.0])

    line = judged(PERFECT, weighs).lines["listener"]
    assert line is None, "its parents are alike to it"
    line = judged(PERFECT, lambda sound: 1e3 * weighs(sound)).lines["listener"]
    assert line is not None
    assert line.forward == 1


def test_a_glide_alone_hardly_moves_the_spectral_envelope() -> None:
    soft, sharp = (tuple(order**-slope for order in range(1, 31)) for slope in (2.0, 1.0))
    low, high = (spectral_envelope(note(hz, soft)) for hz in (220, 247))
    other = spectral_envelope(note(220, sharp))
    assert np.abs(low - high).mean() < 0.25 * np.abs(low - other).mean()


def test_measures_of_one_sound_do_not_know_its_level() -> None:
    sound = PERFECT.sounds[2]
    for measure in (contrast_db, tremor_db, lambda x: second_pitch(x, 220, 330)):
        assert measure(sound / 8) == pytest.approx(measure(sound), abs=0.01)


def test_a_line_of_parents_that_are_the_same_is_none() -> None:
    assert line_of([np.ones(2)] * 3, (0, 0.5, 1)) is None
    assert line_of([np.ones(1), np.full(1, np.nan), np.zeros(1)], (0, 0.5, 1)) is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (replace(PERFECT, weights=(0.0, 0.5, 0.25, 0.75, 1.0)), "rising from 0 to 1"),
        (replace(PERFECT, sounds=PERFECT.sounds[:4]), "one a weight"),
        (series(torch.zeros(RATE_HZ), *PERFECT.sounds[1:]), "silence"),
        (series(*PERFECT.sounds[:4], torch.full((RATE_HZ,), math.nan)), "no numbers"),
    ],
)
def test_what_is_no_series_is_told(wrong: Series, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        judged(wrong)


@pytest.mark.data
def test_real_notes_crossfaded_are_one_note_only_at_one_pitch(data: Path) -> None:
    def read(name: str) -> Tensor:
        sound = files.read(data / "notes" / "audio" / f"{name}.flac", mono=True).samples[0]
        return torch.nn.functional.pad(sound, (0, 45_000 - len(sound))) / sound.abs().max()

    table = json.loads((data / "notes" / "examples.json").read_text(encoding="utf-8"))

    def named(family: str, pitch: int) -> str:
        fits = (
            k for k, v in table.items()
            if v["instrument_family_str"] == family and v["pitch"] == pitch
        )  # fmt: skip
        return str(min(fits))

    alike = [("guitar", 48, "brass", 48), ("string", 57, "keyboard", 57)]
    unlike = [("guitar", 50, "brass", 43), ("brass", 45, "synth_lead", 48)]
    found = [
        judged(crossfade(series(*[read(named(a, p))] * 4, read(named(b, q))))).numbers
        for a, p, b, q in (*alike, *unlike)
    ]
    assert max(one["second_pitch"] for one in found[:2]) < 0.03
    assert min(one["second_pitch"] for one in found[2:]) > 0.1
