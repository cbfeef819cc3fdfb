"""Real recordings: played back, re-encoded and pasted they are copies; other recordings are not."""

import io
from pathlib import Path

import pytest
import soundfile
import torch

from timbrel.evaluation.originality.montage import montage
from timbrel.evaluation.originality.originals import Original, held_against, original
from timbrel.signal.files import Sound, read

pytestmark = pytest.mark.data
NAMES = ("folk_lets_go_fishin", "solo_voice_vocadito14", "drumloop_hydrogen_demo3")
LONGEST_S = 10.0


@pytest.fixture(scope="module")
def recordings(data: Path) -> dict[str, Sound]:
    folder = data / "recordings"
    if not folder.is_dir():
        pytest.skip(f"NO RECORDINGS: {folder} is missing; set TIMBREL_DATA to test on them")
    return {name: read(folder / f"{name}.flac", duration_s=LONGEST_S) for name in NAMES}


@pytest.fixture(scope="module")
def known(recordings: dict[str, Sound]) -> dict[str, Original]:
    return {
        name: original([sound], sample_rate=16_000, seed=0) for name, sound in recordings.items()
    }


def as_vorbis(sound: Sound) -> Sound:
    """Through Ogg Vorbis, at a low quality."""
    part, mono = io.BytesIO(), sound.samples.mean(dim=0)
    level = (0.9 * mono / mono.abs().max()).numpy()
    soundfile.write(part, level, sound.sample_rate, format="OGG", compression_level=0.9)
    part.seek(0)
    back, rate = soundfile.read(part, dtype="float32")
    return Sound(torch.from_numpy(back)[None], rate)


@pytest.mark.parametrize("name", NAMES)
def test_copies_are_found(
    recordings: dict[str, Sound], known: dict[str, Original], name: str
) -> None:
    sound = recordings[name]
    played = held_against(known[name], sound).maps[0]
    assert played.ratio > 0.98
    assert played.longest_run_s > 0.85 * played.audible_s
    assert played.novelty < 0.001
    assert held_against(known[name], as_vorbis(sound)).maps[0].ratio > 0.95
    pasted = held_against(known[name], montage(sound, seconds=8, seed=1).sound).maps[0]
    assert pasted.ratio > 0.9
    assert pasted.novelty < 0.05


@pytest.mark.parametrize("name", NAMES)
def test_other_recordings_and_the_same_backwards_are_no_copies(
    recordings: dict[str, Sound], known: dict[str, Original], name: str
) -> None:
    backwards = Sound(recordings[name].samples.flip(1), recordings[name].sample_rate)
    for other in (backwards, *(sound for key, sound in recordings.items() if key != name)):
        assert held_against(known[name], other).maps[0].ratio < 0.05


def test_a_machines_loop_repeats_itself_and_a_song_does_not(known: dict[str, Original]) -> None:
    assert known["drumloop_hydrogen_demo3"].itself.ratio > 0.2
    assert known["folk_lets_go_fishin"].itself.ratio < 0.02
    assert known["folk_lets_go_fishin"].itself.novelty > 0.7
