"""An exported instrument, played by an independent sampler (sfizz) and read by a second reader."""

from pathlib import Path

import numpy as np
import pytest
import sfz_reader
from sampler_sounds import PLAYED_HZ, Sampler, heard_cents, hz_of, note

from timbrel.exporting import build, folder
from timbrel.exporting.build import Keyboard, Part
from timbrel.exporting.notes import Note, layers
from timbrel.exporting.samples import prepared

OFF = {48: 17.0, 55: -33.0, 60: 8.4, 67: -4.0, 74: 41.0}  # cents that each sample is off its key
HELD_S = 6.0  # three times as long as the samples


@pytest.fixture(scope="module")
def keyboard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five detuned notes, each of another level, as one SFZ instrument."""
    parts = []
    for number, (key, cents) in enumerate(OFF.items()):
        sound = note(key + cents / 100)
        quieter = type(sound)(sound.samples * 0.5**number, sound.sample_rate)
        parts.append(Part(f"note {key}", prepared(quieter, key)))
    export = build.pitched("Fünf Töne", parts)
    return folder.write(tmp_path_factory.mktemp("keyboard") / "made", export, "sfz")


@pytest.fixture(scope="module")
def sampler(keyboard: Path) -> Sampler:
    return Sampler(keyboard)


@pytest.mark.parametrize("key", [36, 48, 50, 51, 52, 60, 63, 64, 71, 74, 80, 86])
@pytest.mark.parametrize("velocity", [40, 120])
def test_each_key_is_in_tune_within_five_cents(sampler: Sampler, key: int, velocity: int) -> None:
    played = sampler.play(key, velocity, HELD_S)
    early, late = played[: PLAYED_HZ // 2 * 3], played[PLAYED_HZ * 3 :]
    assert abs(heard_cents(early, PLAYED_HZ, key)) < 5, "before the loop"
    assert abs(heard_cents(late, PLAYED_HZ, key)) < 5, "in the loop"


def test_the_ear_of_this_test_hears_a_detuned_note() -> None:
    sound = note(60.1)
    heard = heard_cents(sound.samples[0].double().numpy(), sound.sample_rate, 60)
    assert heard == pytest.approx(10, abs=0.5)


def test_a_held_note_goes_on_without_a_click(sampler: Sampler) -> None:
    """Between the harmonics there is nothing: a click would be there, and lasts one frame."""
    played = sampler.play(60, 100, HELD_S)[PLAYED_HZ // 2 : -PLAYED_HZ // 10]
    frames = np.lib.stride_tricks.sliding_window_view(played, 4096)[::512] * np.blackman(4096)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    bins = np.arange(power.shape[1]) * PLAYED_HZ / 4096 / hz_of(60)
    between = (np.abs(bins - np.round(bins)) > 0.3) & (bins > 0.5) & (bins < 40)
    residue = power[:, between].sum(axis=1)
    assert residue.max() < 4 * np.median(residue)
    level_db = 10 * np.log10(power.sum(axis=1))
    assert level_db.max() - level_db.min() < 0.5, "it does not pump either"


def test_a_note_fades_when_its_key_is_let_go(sampler: Sampler) -> None:
    played = sampler.play(60, 100, 1.0, rest_s=1.5)
    assert np.abs(played[: PLAYED_HZ // 2]).max() > 0.01
    assert np.abs(played[-PLAYED_HZ // 2 :]).max() < 1e-4


def test_all_keys_are_equally_loud(sampler: Sampler) -> None:
    levels = [20 * np.log10(np.std(sampler.play(key, 100, 1.5))) for key in OFF]
    assert max(levels) - min(levels) < 2.0, "in K-weighted loudness they are the same"


def test_it_covers_its_keyboard_and_nothing_else(sampler: Sampler, keyboard: Path) -> None:
    assert sampler.keys == list(range(36, 87))
    regions = sfz_reader.read(keyboard)
    covered = [k for one in regions for k in range(one.whole("lokey"), one.whole("hikey") + 1)]
    assert sorted(covered) == list(range(36, 87))


def test_the_second_reader_finds_loops_and_tuning(keyboard: Path) -> None:
    regions = sfz_reader.read(keyboard)
    assert [one.whole("pitch_keycenter") for one in regions] == list(OFF)
    for one, cents in zip(regions, OFF.values(), strict=True):
        assert one.opcodes["loop_mode"] == "loop_continuous"
        assert one.whole("tune") == pytest.approx(-cents, abs=1.5)


def _layer_note(side: str, key: int, velocity: int) -> Note:
    return Note(f"{side}{key}{velocity}", Path(side), side, side, float(key), velocity)


def test_harder_strokes_play_their_own_layer(tmp_path: Path) -> None:
    """Soft layers are fifths higher here, so that the ear can tell which one is played."""
    sides = [[_layer_note(side, 60, v) for v in (30, 60, 110)] for side in ("a", "b")]
    chosen = layers(*sides, [60], 3)
    parts = {
        pair: Part(f"layer {n}", prepared(note(60 + 7 * (2 - n)), 60 + 7 * (2 - n)))
        for n, layer in enumerate(chosen)
        for pair in layer.pairs
    }
    parts = {
        pair: Part(part.name, type(part.sample)(part.sample.sound, 60, 0, part.sample.loop))
        for pair, part in parts.items()
    }
    export = build.keyboard("layers", Keyboard(55, 65), chosen, parts)
    sampler = Sampler(folder.write(tmp_path / "made", export, "sfz"))
    for velocity, fifths in ((10, 2), (45, 2), (46, 1), (85, 1), (86, 0), (127, 0)):
        played = sampler.play(60, velocity, 1.0)
        assert abs(heard_cents(played, PLAYED_HZ, 60 + 7 * fifths)) < 5, velocity


def test_a_kit_plays_each_sound_as_it_is(tmp_path: Path) -> None:
    given = [note(key, decay=6.0, rate=PLAYED_HZ) for key in (41, 66, 90)]
    parts = [Part(f"hit {n}", prepared(sound, 60)) for n, sound in enumerate(given)]
    sampler = Sampler(folder.write(tmp_path / "kit", build.kit("kit", parts), "sfz"))
    assert sampler.keys == [36, 37, 38]
    for key, part in zip(sampler.keys, parts, strict=True):
        played = sampler.play(key, 127, 0.05, rest_s=2.5)  # tapped, and still played to its end
        original = part.sample.sound.samples[0].double().numpy()
        likeness = [
            np.corrcoef(played[late + 500 : late + len(original)], original[500:])[0, 1]
            for late in range(4)  # samples; the first 10 ms are the sampler's own fade
        ]
        assert max(likeness) > 0.9999


def test_a_sample_alone_tells_a_sampler_its_key_and_loop(keyboard: Path, tmp_path: Path) -> None:
    """Without a word about either in the SFZ file, sfizz takes both from the WAV file."""
    sample = keyboard.parent / "samples" / "note 60.wav"
    alone = tmp_path / "alone.sfz"
    alone.write_text(f"<region> sample={sample} pitch_keycenter=sample tune=-8\n", "utf-8")
    played = Sampler(alone).play(64, 100, HELD_S)[3 * PLAYED_HZ :]
    assert np.abs(played[-PLAYED_HZ:]).max() > 0.01, "it is looped"
    assert abs(heard_cents(played, PLAYED_HZ, 64)) < 5, "its key is known"
