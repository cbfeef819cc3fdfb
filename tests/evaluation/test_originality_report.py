"""Systems beside the baselines: tables, words, pictures and markup say what was measured."""

import io
import json
import math
from dataclasses import asdict

import numpy as np
import pytest
import torch
from originality_sounds import RATE, loop, low_and_high, music, noise
from PIL import Image

from timbrel.errors import UsageError
from timbrel.evaluation.originality.canvas import Picture, written
from timbrel.evaluation.originality.judging import Originality, judged, originality
from timbrel.evaluation.originality.map_pictures import copy_map_picture
from timbrel.evaluation.originality.montage import montage
from timbrel.evaluation.originality.pictures import pictures
from timbrel.evaluation.originality.plot_pictures import novelty_and_likeness
from timbrel.evaluation.originality.sections import copying
from timbrel.evaluation.originality.sound_pictures import mel_db, spectrum_db
from timbrel.evaluation.originality.tables import ITSELF, MONTAGE, groups, tables
from timbrel.evaluation.originality.words import verdict
from timbrel.evaluation.page import whole
from timbrel.progress import Progress
from timbrel.signal.files import Sound

SECONDS = 8.0


@pytest.fixture(scope="module")
def recording() -> Sound:
    return music(SECONDS, seed=1)


@pytest.fixture(scope="module")
def found(recording: Sound) -> Originality:
    later = Sound(recording.samples.roll(3 * RATE, 1), RATE)
    return originality(
        [recording],
        {
            "player": [recording],
            "scissors <1>": [montage(recording, seconds=5, seed=seed).sound for seed in (50, 51)],
            "layers": [low_and_high(recording, later, at_hz=1580)],
            "hiss": [noise(4, seed=1), Sound(torch.zeros(1, RATE), RATE)],
        },
        seed=0,
    )


@pytest.fixture(scope="module")
def drawn(found: Originality) -> dict[str, Picture]:
    return pictures(found)


def test_tables_hold_the_means_of_the_outputs(found: Originality) -> None:
    copies, likeness, apart = tables(found)
    assert copies.real == ITSELF
    ratio, longest = copies.rows[:2]
    assert list(ratio.values) == ["player", "scissors <1>", "layers", "hiss", MONTAGE]
    own = [one.copies.ratio for one in found.systems["scissors <1>"]]
    assert ratio.values["scissors <1>"].value == pytest.approx(np.mean(own))
    assert ratio.values["scissors <1>"].low <= np.mean(own) <= ratio.values["scissors <1>"].high
    assert ratio.values["player"].value > 0.98
    assert longest.values["player"].value == pytest.approx(SECONDS, abs=0.1)
    assert ratio.values[MONTAGE].value > 0.9
    assert ratio.values["hiss"].count == 1  # the silent output has no number
    assert ratio.real is not None
    assert ratio.real.value == found.reference.original.itself.ratio
    assert likeness.rows[0].values["player"].value < 0.01
    assert likeness.rows[0].values["hiss"].value > 2
    assert [row.title for row in likeness.rows[1:]] == [row.title for row in apart.rows]


def test_tables_are_ready_for_json(found: Originality) -> None:
    for one in tables(found):
        assert json.loads(json.dumps(asdict(one)))["title"] == one.title


def test_montages_are_as_long_as_outputs_and_at_least_three(found: Originality) -> None:
    assert [one.sound.duration_s for one in found.montages] == [5.0] * 3


def test_the_verdict_follows_from_the_figures(found: Originality) -> None:
    said = verdict(found)
    player, scissors, layers, hiss = (
        next(line for line in said if line.startswith(name)) for name in found.systems
    )
    assert player.endswith("it plays the recording back.")
    assert "copies 100 % of the time, in runs of up to 8.0 s" in player
    assert scissors.endswith("it mostly pastes pieces of the recording together.")
    assert "it does not copy" in hiss
    assert "copies 0 % of the time" in hiss
    assert "hardly repeats itself" in hiss
    share = found.systems["layers"][0].mixing.share
    assert f"In {100 * share:.0f} % of its moments low and high parts" in "".join(said)
    assert "mostly" not in layers
    assert any("being new is no merit" in line for line in said)
    assert not any("as a loop does" in line for line in said)


def test_a_loop_makes_the_verdict_doubtful() -> None:
    bars = loop(SECONDS, seed=2)
    part = Sound(bars.samples[:, : 3 * RATE], RATE)
    said = verdict(originality([bars], {"looper": [part], "player": [bars]}, seed=0))
    assert "no more than the recording repeats itself" in said[0]
    assert any(line.startswith("player") and "plays the recording back" in line for line in said)
    assert "as a loop does" in said[-1]


def test_a_silent_system_and_a_short_recording_are_said_so() -> None:
    short = music(1.2, seed=1)
    silent = Sound(torch.zeros(1, RATE), RATE)
    found = originality([short], {"mute": [silent], "player": [short]}, seed=0)
    said = " ".join(verdict(found))
    assert "mute is silent" in said
    assert "too short to be held against itself" in said
    assert "nan" not in said
    assert "nan" not in copying(found, {}, {})
    assert novelty_and_likeness(found)
    for one in (found.systems["mute"][0].copies, found.reference.original.itself):
        assert copy_map_picture(one, title="nothing", recording_s=1.2)


def test_pictures_are_as_wide_as_a_page_and_named(drawn: dict[str, Picture]) -> None:
    wanted = {"plot", "map-montage", "map-itself"}
    wanted |= {f"{kind}-{k}" for kind in ("map", "parts", "sound") for k in (1, 2, 3, 4)}
    assert set(drawn) == wanted
    for one in drawn.values():
        picture = Image.open(io.BytesIO(one.png))
        assert picture.width == one.width_px == 1056
        assert 400 < picture.height < 1000
        red, green, blue = picture.convert("RGB").getpixel((2, 2))
        assert min(red, green, blue) > 240  # a light ground


def copied_pixels(picture: Picture) -> int:
    """How many pixels have the colour of copied runs."""
    pixels = np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB")).astype(int)
    return int((np.abs(pixels - (0xB5, 0x36, 0x7A)).max(axis=2) < 12).sum())


def test_copies_are_seen_in_maps_and_noise_has_none(drawn: dict[str, Picture]) -> None:
    assert copied_pixels(drawn["map-1"]) > copied_pixels(drawn["map-4"]) + 10_000
    assert copied_pixels(drawn["map-montage"]) > copied_pixels(drawn["map-itself"]) + 10_000


def test_the_same_findings_give_the_same_picture(
    found: Originality, drawn: dict[str, Picture]
) -> None:
    assert novelty_and_likeness(found) == drawn["plot"].png


def test_the_section_escapes_names_and_shows_every_picture_that_has_a_path(
    found: Originality, drawn: dict[str, Picture]
) -> None:
    paths = {name: f"pictures/{name}.png" for name in drawn if name != "map-itself"}
    shown = copying(found, drawn, paths)
    assert "scissors &lt;1&gt;" in shown
    assert "<1>" not in shown
    assert shown.count("<img") == len(paths)
    assert shown.count("<table") == 4
    assert whole("Does it copy?", "a test", verdict(found), [shown])


def test_a_system_may_be_called_montage(recording: Sound) -> None:
    part = Sound(recording.samples[:, : 2 * RATE], RATE)
    found = originality([part], {MONTAGE: [part]}, seed=0)
    assert len(groups(found)) == 2


def test_progress_is_told_and_outputs_of_all_rates_are_taken(recording: Sound) -> None:
    seen: list[Progress] = []
    low = music(2, seed=3, sample_rate=8000)
    found = originality([recording], {"low": [low]}, seed=0, report=seen.append)
    assert found.reference.original.sample_rate == 8000
    assert [one.done for one in seen] == [1, 2, 3, 4]
    assert seen[-1].total == 4


def test_no_output_is_refused(recording: Sound) -> None:
    for systems in ({}, {"a": [recording], "b": []}):
        with pytest.raises(UsageError, match="no output of"):
            originality([recording], systems, seed=0)
    with pytest.raises(UsageError, match="no recording"):
        originality([], {"a": [recording]}, seed=0)
    with pytest.raises(UsageError, match=r"an output of 0\.10 s"):
        originality([recording], {"a": [Sound(torch.ones(1, 2205), RATE)]}, seed=0)


def test_numbers_of_one_output_are_those_of_its_map(found: Originality, recording: Sound) -> None:
    one = judged(recording, found.reference)
    assert one.numbers["copy_ratio"] == one.copies.ratio
    assert one.numbers["longest_run_s"] == one.copies.longest_run_s
    assert one.numbers["mixing"] == one.mixing.share
    assert math.isnan(found.itself["mixing"])


def test_spectrum_and_mel_picture_show_a_tone_where_it_is() -> None:
    tone = torch.sin(2 * math.pi * 1000 * torch.arange(RATE) / RATE)[None]
    centres_hz, level_db = spectrum_db(Sound(tone, RATE))
    assert centres_hz[level_db.argmax()] == pytest.approx(1000, rel=0.03)
    assert level_db.max() == 0
    assert level_db[np.abs(centres_hz - 4000).argmin()] < -60
    cells = mel_db(Sound(tone, RATE))
    assert cells.shape[0] == 96
    assert len(set(cells[:, 5:-5].argmax(axis=0))) == 1


def test_names_are_written_as_they_stand() -> None:
    assert written("a $1$\nb") == r"a \$1\$ b"
    assert len(written("x" * 99)) == 48
