"""The pieces of the experiment about one recording: baselines, holes, seams, recordings."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.signal import lfilter

from timbrel.errors import LibraryError, SoundFileError, UnknownNameError, UsageError
from timbrel.evaluation.metrics.log_spectral_distance import log_spectral_distance
from timbrel.evaluation.metrics.snr import snr
from timbrel.experiments import Request
from timbrel.experiments import _takes as recordings
from timbrel.experiments._made_songs import song
from timbrel.experiments._recording_materials import (
    halves,
    placed_holes,
    repaired,
)
from timbrel.experiments._recording_seams import click_db, figures, level_change_db, own
from timbrel.experiments._repair_baselines import gated, predicted, straight_line
from timbrel.experiments._shelf import Shelf
from timbrel.experiments._takes import Take, takes
from timbrel.signal import files, levels
from timbrel.signal.files import Sound
from timbrel.signal.spans import silenced

RATE = 16_000


def time_s(seconds: float = 1.0) -> torch.Tensor:
    return torch.arange(round(seconds * RATE)) / RATE


def noise(count: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def made_song() -> Sound:
    return song(120.0, np.random.default_rng(0))


# ---- baselines ---------------------------------------------------------------------------------


def test_a_straight_line_is_all_that_a_ramp_needs() -> None:
    ramp = torch.linspace(-1, 1, 1000)
    holed = silenced(ramp, [(0.2, 0.7)], 1000)
    torch.testing.assert_close(straight_line(holed, 200, 700), ramp)


def test_tones_are_predicted_across_a_hole_and_a_line_is_not_enough() -> None:
    chord = sum(torch.sin(2 * math.pi * hz * time_s()) for hz in (220, 277, 330))
    first, end = 8000, 8800
    holed = silenced(chord, [(0.5, 0.55)], RATE)
    back = predicted(holed, first, end, sample_rate=RATE)
    line = straight_line(holed, first, end)
    assert torch.equal(back[:first], chord[:first])
    assert torch.equal(back[end:], chord[end:])
    within = slice(first, end)
    assert snr(chord[within], back[within], RATE) > 20
    assert snr(chord[within], line[within], RATE) < 3


def test_what_cannot_be_predicted_fades_into_silence() -> None:
    """Of white noise nothing is known; the best guess is nothing, and no resonance blows up."""
    sound = noise(RATE)
    holed = silenced(sound, [(0.3, 0.7)], RATE)
    back = predicted(holed, round(0.3 * RATE), round(0.7 * RATE), sample_rate=RATE)
    middle = back[round(0.45 * RATE) : round(0.55 * RATE)]
    assert middle.std() < 0.1 * sound.std()
    assert back.abs().max() <= sound.abs().max()


def test_a_known_resonance_is_found() -> None:
    """A filter of two poles rings on as it must: r^n cos(wn)."""
    radius, turn = 0.999, 2 * math.pi * 500 / RATE
    coefficients = [1.0, -2 * radius * math.cos(turn), radius**2]
    click = np.zeros(RATE)
    click[0] = 1.0
    ringing = torch.from_numpy(lfilter([1.0], coefficients, click)).float()
    holed = silenced(ringing, [(0.05, 0.06)], RATE)
    back = predicted(holed, 800, 960, sample_rate=RATE)
    assert snr(ringing[800:960], back[800:960], RATE) > 15


def test_silence_around_a_hole_gives_silence() -> None:
    assert not predicted(torch.zeros(RATE), 4000, 5000, sample_rate=RATE).any()


def test_a_gate_takes_noise_and_leaves_what_is_loud() -> None:
    bursts = torch.sin(2 * math.pi * 800 * time_s(3)) * (torch.sin(2 * math.pi * time_s(3)) > 0)
    level = bursts.square().mean().sqrt() * 10 ** (-10 / 20)
    noisy = bursts + level * noise(len(bursts))
    assert snr(bursts, gated(noisy), RATE) > snr(bursts, noisy, RATE) + 8
    assert snr(bursts, gated(bursts), RATE) > 15


# ---- distances within -------------------------------------------------------------------------


def test_a_distance_counts_where_and_when_it_is_asked_for() -> None:
    sound = noise(RATE)
    spectrum = torch.fft.rfft(sound)
    spectrum[len(spectrum) // 2 :] *= 0.5
    duller = torch.fft.irfft(spectrum, n=len(sound))
    assert log_spectral_distance(sound, duller, RATE, min_hz=4300) == pytest.approx(6.02, abs=0.3)
    assert log_spectral_distance(sound, duller, RATE, max_hz=3700) < 0.3
    later = torch.cat([sound[:8000], sound[8000:] / 2])
    halved = log_spectral_distance(sound, later, RATE, within_s=(0.6, 0.9))
    assert halved == pytest.approx(6.02, abs=0.01)
    assert log_spectral_distance(sound, later, RATE, within_s=(0.1, 0.4)) == 0
    assert log_spectral_distance(sound, later, RATE, within_s=(0.8, 0.8001)) > 6, (
        "one frame at least"
    )
    assert log_spectral_distance(sound, later, RATE, within_s=(0.9999, 1.0)) > 6
    whole = log_spectral_distance(sound, later, RATE, within_s=(0.0, 1.0))
    assert whole == log_spectral_distance(sound, later, RATE)


# ---- holes and halves -------------------------------------------------------------------------


def test_holes_lie_apart_where_something_sounds_and_a_seed_decides_where() -> None:
    loud = torch.zeros(1, 12 * RATE)
    for begin in (1, 6, 10):
        loud[:, begin * RATE : (begin + 1) * RATE] = 0.1 * noise(RATE)
    sound = Sound(loud, RATE)
    holes = placed_holes(sound, [50, 200, 750], seed=0)
    assert [round(1000 * (end - begin)) for begin, end in holes] == [50, 200, 750]
    for number, (begin, end) in enumerate(holes):
        assert 4 * number + 0.25 <= begin < end <= 4 * number + 3.75
        part = sound.samples[:, round(begin * RATE) : round(end * RATE)]
        assert levels.rms_db(part) > levels.rms_db(sound.samples) - 20
    assert placed_holes(sound, [50, 200, 750], seed=0) == holes
    assert placed_holes(sound, [50, 200, 750], seed=1) != holes


@pytest.mark.parametrize("lengths", [[], [0.5], [50.0, 1600.0], [100.0] * 9])
def test_holes_that_do_not_fit_are_refused(lengths: list[float]) -> None:
    with pytest.raises(UsageError, match="holes"):
        placed_holes(Sound(noise(4 * RATE)[None], RATE), lengths, seed=0)


def test_repairs_are_heard_in_one_channel_and_never_above_their_rate() -> None:
    wide = Take("wide", "wide-0", Sound(noise(2 * 22_050 * 5).view(2, -1), 22_050))
    heard = repaired(wide, RATE)
    assert (heard.sample_rate, heard.samples.shape[0]) == (RATE, 1)
    assert repaired(wide, 44_100).sample_rate == 22_050
    first, second = halves(heard)
    assert first.samples.shape == second.samples.shape
    assert torch.equal(torch.cat([first.samples, second.samples], dim=1), heard.samples)


# ---- seams ------------------------------------------------------------------------------------


def test_the_recordings_own_moments_rank_evenly(made_song: Sound) -> None:
    known = own(made_song, seed=0)
    rate, count = made_song.sample_rate, made_song.samples.shape[1]
    moments = np.random.default_rng(9).integers(rate, count - rate, 300).tolist()
    found = [figures(known, known.samples, moment) for moment in moments]
    for name in ("click", "level"):
        ranks = [one[f"{name} rank"] for one in found]
        assert np.mean(ranks) == pytest.approx(50, abs=5)
        assert np.mean([one[f"{name} beyond"] for one in found]) == pytest.approx(0.05, abs=0.04)


def test_a_cut_stands_out_and_what_goes_on_does_not() -> None:
    swell = 1 + 0.5 * torch.sin(2 * math.pi * 0.7 * time_s(6))
    tones = swell * sum(torch.sin(2 * math.pi * hz * time_s(6)) for hz in (220, 331, 497))
    known, middle = own(Sound(tones[None], RATE), seed=0), 3 * RATE + 123
    assert figures(known, tones, middle)["click rank"] < 95
    torn = torch.cat([tones[:middle], tones[middle + 40 :]])
    assert figures(known, torn, middle)["click rank"] > 99.9
    assert click_db(torn, middle, RATE) > click_db(tones, middle, RATE) + 20
    assert figures(known, torn, middle)["level beyond"] == 0, "nothing became louder"


def test_a_step_of_level_is_measured_and_silence_is_no_infinity() -> None:
    sound = noise(2 * RATE)
    louder = torch.cat([sound[:RATE], 10 * sound[RATE:]])
    assert level_change_db(louder, RATE, RATE, softest_db=-60) == pytest.approx(20, abs=0.5)
    silent = torch.cat([sound[:RATE], torch.zeros(RATE)])
    assert level_change_db(silent, RATE, RATE, softest_db=-60) == pytest.approx(60, abs=0.5)
    assert level_change_db(torch.zeros(2 * RATE), RATE, RATE, softest_db=-60) == 0


# ---- recordings -------------------------------------------------------------------------------


def request_for(folder: Path, **changes: object) -> Request:
    given = {"data": (), "workspace": folder / "ws", "kept": folder / "kept", **changes}
    return Request(**given)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, seed in (("one", 1), ("two", 2)):
        sound = Sound(0.1 * noise(6 * 8000, seed)[None], 8000)
        files.write(tmp_path / "sounds" / f"{name}.wav", sound)
    return tmp_path / "sounds"


def test_recordings_are_chosen_by_name_and_cut(folder: Path) -> None:
    request = request_for(folder, data=(folder,))
    assert [one.name for one in takes(request, (), seconds=25)] == ["one", "two"]
    (two,) = takes(request, ("two.wav",), seconds=4.5)
    assert (two.name, two.sound.duration_s) == ("two", 4.5)
    with pytest.raises(UnknownNameError, match="did you mean 'two'"):
        takes(request, ("tow",), seconds=25)


def test_a_key_is_of_the_samples(folder: Path) -> None:
    request = request_for(folder, data=(folder,))
    before = [one.key for one in takes(request, (), seconds=25)]
    files.write(folder / "one.wav", Sound(0.1 * noise(6 * 8000, 3)[None], 8000), force=True)
    after = [one.key for one in takes(request, (), seconds=25)]
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_without_folders_the_environment_names_them_or_a_song_is_made(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TIMBREL_DATA", raising=False)
    with pytest.raises(UsageError, match="--data FOLDER, or TIMBREL_DATA"):
        takes(request_for(tmp_path), (), seconds=25)
    (made,) = takes(request_for(tmp_path, makes_sounds=True), (), seconds=25)
    assert made.sound.duration_s == 6
    folder.rename(tmp_path / "recordings")
    monkeypatch.setenv("TIMBREL_DATA", str(tmp_path))
    assert [one.name for one in takes(request_for(tmp_path), ("one",), seconds=25)] == ["one"]
    with pytest.raises(UnknownNameError, match="drumloop"):
        takes(request_for(tmp_path), (), seconds=25)


def test_what_nothing_can_be_learned_from_is_refused(folder: Path, tmp_path: Path) -> None:
    for name, samples in (("brief", noise(8000)), ("silent", torch.zeros(48_000))):
        files.write(folder / f"{name}.wav", Sound(0.1 * samples[None], 8000))
    request = request_for(tmp_path, data=(folder,))
    with pytest.raises(UsageError, match=r"brief\.wav of 1 s; accepted: 4 s"):
        takes(request, ("brief",), seconds=25)
    with pytest.raises(UsageError, match=r"silent\.wav"):
        takes(request, ("silent",), seconds=25)
    (folder / "bad.wav").write_bytes(b"RIFF")
    with pytest.raises(SoundFileError):
        takes(request, ("bad",), seconds=25)
    with pytest.raises(LibraryError):
        takes(request_for(tmp_path, data=(tmp_path / "none",)), (), seconds=25)


def test_a_sample_pack_is_too_many_recordings(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "MOST", 1)
    with pytest.raises(UsageError, match="--set 'recordings="):
        takes(request_for(folder, data=(folder,)), (), seconds=25)


def test_a_shelf_gives_back_what_was_put_on_it(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    names = [shelf.keep(f"s{n}", Sound(0.1 * noise(1000, n)[None], 8000)) for n in range(5)]
    shown = shelf.exhibit("five", "of them", [(name, name) for name in names])
    assert shown.in_fives
    assert [one.sample_rate for one in shown.sounds.values()] == [8000] * 5
    picture = shelf.keep_picture("p", b"\x89PNG....")
    assert shelf.pictures([("a caption", picture)])[0].png == b"\x89PNG...."


@pytest.mark.data
def test_prediction_is_a_baseline_worth_beating_on_real_music(data: Path) -> None:
    """Holes of 50 ms in an orchestra: nearer than silence and than a line, by spectrum and SNR."""
    path = data / "recordings" / "orchestra_brahms_hungarian5.flac"
    if not path.is_file():
        pytest.skip(f"NO RECORDINGS: {path} is missing; set TIMBREL_DATA to test on them")
    sound = files.read(path, mono=True, sample_rate=RATE, duration_s=12).samples[0]
    apart, ratios = [], []
    for first in range(RATE, 11 * RATE, RATE):
        end, place = first + 800, (first / RATE, first / RATE + 0.05)
        holed = silenced(sound, [place], RATE)
        ways = [holed, straight_line(holed, first, end)]
        ways.append(predicted(holed, first, end, sample_rate=RATE))
        apart.append([log_spectral_distance(sound, way, RATE, within_s=place) for way in ways])
        ratios.append([snr(sound[first:end], way[first:end], RATE) for way in ways])
    silence_db, line_db, predicted_db = np.mean(apart, axis=0)
    assert predicted_db < min(silence_db, line_db) - 2
    assert np.mean(ratios, axis=0)[2] > 2
