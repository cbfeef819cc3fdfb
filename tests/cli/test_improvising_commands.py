"""The commands of an instrument that learned from one recording, as a person meets them."""

import io
import json
import os
import sys
import threading
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from fixtures_command import Command
from timbrel.cli.main import run
from timbrel.instruments import folder
from timbrel.instruments.instrument import Instrument
from timbrel.signal import files
from timbrel.signal.files import Sound, write
from timbrel.tasks import improvise
from timbrel.tasks.train import train
from timbrel.tasks.workspace import Workspace

RATE, SECONDS = 8000, 3.0
STEP_16 = 2.0**-15
SETTINGS = ("training.steps=6", "training.previews=1")


def tones(channels: int = 1) -> Tensor:
    """Two tones, one of which comes and goes; softer in a second channel."""
    time = torch.arange(round(SECONDS * RATE)) / RATE
    beats = 0.5 + 0.5 * torch.sin(2 * torch.pi * 2 * time)
    row = 0.4 * torch.sin(2 * torch.pi * 330 * time)
    row += 0.2 * beats * torch.sin(2 * torch.pi * 495 * time)
    return torch.stack([row * 0.7**number for number in range(channels)])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, tiny_instrument: Instrument) -> Path:
    """Sounds, and a workspace: "idea" knows two tones, "kit" learned from a library."""
    root = tmp_path_factory.mktemp("home")
    write(root / "tones.wav", Sound(tones(), RATE))
    write(root / "wide.flac", Sound(tones(2), RATE))
    hiss = 0.01 * torch.randn(1, 2 * RATE, generator=torch.Generator().manual_seed(3))
    write(root / "noisy.wav", Sound(tones()[:, : 2 * RATE] + hiss, RATE))
    write(root / "silent.wav", Sound(torch.zeros(1, RATE), RATE))
    (root / "text.wav").write_text("no sound")
    workspace = Workspace(root / "ws")
    train(
        workspace,
        "single-tiny",
        name="idea",
        sounds=[root / "tones.wav"],
        settings=SETTINGS,
    )
    folder.save(workspace.instrument_folder("kit"), tiny_instrument, run_folder=None)
    return root


@pytest.fixture
def play(timbrel: Command, home: Path) -> Any:
    """Runs a command that makes sounds: its answer, and the sounds."""

    def command(*words: object, out: str = "o", seed: int = 0) -> list[Sound]:
        begin = ("--workspace", home / "ws", "--json", "--seed", seed)
        ended = timbrel(*begin, *words, "--out", out)
        assert ended.status == 0, ended.err
        assert ended.document["skipped"] == []
        paths = [Path(path) for path in ended.document["sounds"]]
        assert sorted(Path(out).glob("*.wav")) == paths
        for path in paths:
            assert files.probe(path).encoding == "PCM_24"
        return [files.read(path) for path in paths]

    return command


def told(out: str = "o") -> list[dict[str, Any]]:
    """What the sidecars say."""
    return [json.loads(path.read_text()) for path in sorted(Path(out).glob("*.json"))]


def assert_same(made: Tensor, original: Tensor) -> None:
    torch.testing.assert_close(made, original, atol=STEP_16, rtol=0)


MAKES: dict[str, tuple[tuple[object, ...], float]] = {
    "generate": (("generate", "idea", "--count", 1, "--seconds", 1.5), 1.5),
    "generate as long as the recording": (("generate", "idea", "--count", 1), SECONDS),
    "vary": (("vary", "idea", "--amount", 0.7), SECONDS),
    "vary a guide": (("vary", "idea", "--guide", "noisy.wav"), 2.0),
    "continue": (("continue", "idea", "--seconds", 1.25), SECONDS + 1.25),
    "inpaint": (("inpaint", "idea", "--hole", "1,1.5"), SECONDS),
    "inpaint another": (("inpaint", "idea", "--sound", "noisy.wav", "--hole", "1.5,2"), 2.0),
    "extend": (("extend", "idea", "noisy.wav", "--from", 1500), 2.0),
    "denoise": (("denoise", "idea", "noisy.wav"), 2.0),
}


def there(home: Path, words: tuple[object, ...]) -> tuple[object, ...]:
    """The words, with files where they are."""
    return tuple(home / str(w) if str(w).endswith((".wav", ".flac")) else w for w in words)


# --- all of them --------------------------------------------------------------------------------


@pytest.mark.parametrize("case", MAKES)
def test_length_rate_and_channels_are_as_asked_and_the_seed_decides(
    play: Any, home: Path, case: str
) -> None:
    """The first proposal has the same bytes alone; the second, and other seeds, are others."""
    words, seconds = MAKES[case]
    words, draws = there(home, words), words[0] != "denoise"
    made = play(*words, *(("--count", 2) if draws else ()), out="one", seed=7)
    for one in made:
        assert one.sample_rate == RATE
        assert one.samples.shape == (1, round(seconds * RATE))
        assert float(one.samples.square().mean().sqrt()) > 0.01
    first = sorted(Path("one").iterdir())[:2]
    assert [path.suffix for path in first] == [".json", ".wav"]
    play(*words, out="again", seed=7)
    again = sorted(Path("again").iterdir())
    assert [path.name for path in again] == [path.name for path in first]
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in first]
    others = made[1:] + play(*words, out="other", seed=8)
    assert len(others) == (2 if draws else 1)
    for other in others:
        assert torch.allclose(other.samples, made[0].samples, atol=STEP_16) is not draws


def test_sidecars_say_what_was_asked_of_which_sound(play: Any, home: Path) -> None:
    play("inpaint", "idea", "--hole", "2,2.5", "--hole", "1,1.5", "--count", 2, seed=5)
    said = told()
    assert [(one["ability"], one["seed"], one["number"]) for one in said] == [
        ("inpaint", 5, 0),
        ("inpaint", 5, 1),
    ]
    assert said[0]["settings"] == {"holes_s": [[1.0, 1.5], [2.0, 2.5]]}
    assert [parent["name"] for parent in said[0]["parents"]] == ["tones.wav"]
    play("vary", "idea", "--amount", 0.25, "--keep-start", 1, out="v")
    assert told("v")[0]["settings"] == {"amount": 0.25, "keep_s": 1.0}


def test_what_stands_there_is_kept_unless_forced(play: Any, timbrel: Command, home: Path) -> None:
    play("continue", "idea", "--seconds", 0.5)
    before = Path("o/0001-continued.wav").read_bytes()
    words = ("--workspace", home / "ws", "continue", "idea", "--seconds", 1, "--out", "o")
    refused = timbrel(*words)
    assert refused.status == 2
    assert "exists already" in refused.err
    assert "--force" in refused.err
    assert Path("o/0001-continued.wav").read_bytes() == before
    forced = timbrel(*words, "--force")
    assert forced.status == 0
    assert forced.out.split() == ["o/0001-continued.wav"]
    assert files.probe(Path("o/0001-continued.wav")).length_samples == 4 * RATE


# --- what is known stays ------------------------------------------------------------------------


def test_a_continuation_begins_with_the_recording(play: Any) -> None:
    (made,) = play("continue", "idea", "--seconds", 1)
    assert_same(made.samples[:, : 3 * RATE], tones())
    assert float(made.samples[:, 3 * RATE :].square().mean()) > 0


def test_a_variation_keeps_its_start_and_nothing_else(play: Any) -> None:
    (made,) = play("vary", "idea", "--keep-start", 1, "--amount", 1)
    assert_same(made.samples[:, :RATE], tones()[:, :RATE])
    assert not torch.allclose(made.samples[:, RATE:], tones()[:, RATE:], atol=0.01)


@pytest.mark.parametrize(
    "holes",
    [[(1.0, 1.3)], [(2.0, 2.2), (0.5, 0.75)], [(0.0, 0.4)], [(2.5, SECONDS)], [(0.2, 2.8)]],
    ids=["one", "two", "at the start", "at the end", "nearly all"],
)
def test_around_holes_the_recording_stays(play: Any, holes: list[tuple[float, float]]) -> None:
    words = [word for begin, end in holes for word in ("--hole", f"{begin},{end}")]
    (made,) = play("inpaint", "idea", *words)
    known = torch.ones(round(SECONDS * RATE), dtype=torch.bool)
    for begin, end in holes:
        known[round(begin * RATE) : round(end * RATE)] = False
    assert_same(made.samples[:, known], tones()[:, known])
    assert not torch.allclose(made.samples[:, ~known], tones()[:, ~known], atol=STEP_16)


def test_what_lies_in_a_hole_of_another_sound_is_not_heard(play: Any, home: Path) -> None:
    """A loud click in the hole leaves no trace, and the rest of the sound stays."""
    whole = tones()[:, : 2 * RATE].clone()
    hole = slice(RATE, RATE + 800)
    for number, peak in enumerate((0.0, 0.95)):
        torn = whole.clone()
        torn[:, hole] = peak * torch.rand(800, generator=torch.Generator().manual_seed(0))
        write(Path(f"torn{number}.wav"), Sound(torn, RATE))
    made = [
        play("inpaint", "idea", "--sound", f"torn{n}.wav", "--hole", "1,1.1", out=f"o{n}")[0]
        for n in range(2)
    ]
    for one in made:
        assert_same(one.samples[:, : hole.start], whole[:, : hole.start])
        assert_same(one.samples[:, hole.stop :], whole[:, hole.stop :])
    assert torch.equal(made[0].samples, made[1].samples)


def test_below_its_end_an_extended_sound_is_what_it_was(play: Any, home: Path) -> None:
    (made,) = play("extend", "idea", home / "noisy.wav", "--from", 1500)
    source = files.read(home / "noisy.wav").samples
    spectra = [torch.fft.rfft(one[0, 400:-400])[: 1300 * 2 - 130] for one in (made.samples, source)]
    error = (spectra[0] - spectra[1]).abs().square().sum() / spectra[1].abs().square().sum()
    assert 10 * float(torch.log10(error)) < -40


def test_of_noise_as_much_is_taken_as_was_said(play: Any, home: Path) -> None:
    """Far above the tones there is nothing but noise; a strength of 0 leaves all as it is."""
    level_db = []
    for strength in (0, 0.5, 1):
        out = f"o{strength}"
        (made,) = play("denoise", "idea", home / "noisy.wav", "--strength", strength, out=out)
        high = torch.fft.rfft(made.samples[0])[2000 * 2 :]
        level_db.append(10 * float(high.abs().square().mean().log10()))
        if not strength:
            assert_same(made.samples, files.read(home / "noisy.wav").samples)
    assert level_db[0] - level_db[1] > 3
    assert level_db[1] - level_db[2] > 3


def test_a_stereo_file_is_heard_by_a_mono_instrument(play: Any, home: Path) -> None:
    (made,) = play("denoise", "idea", home / "wide.flac", "--strength", 0)
    assert_same(made.samples, tones(2).mean(0, keepdim=True))
    (made,) = play("inpaint", "idea", "--sound", home / "wide.flac", "--hole", "1,1.2", out="i")
    assert_same(made.samples[:, :RATE], tones(2).mean(0, keepdim=True)[:, :RATE])


# --- without an end -----------------------------------------------------------------------------


def test_an_endless_piece_can_be_given_an_end(timbrel: Command, home: Path) -> None:
    """Of one seed it begins the same however long it goes on."""
    begin = ("--workspace", home / "ws", "--json", "generate", "idea", "--endless")
    asked = ((3, 2.5, "one.wav"), (3, 2.5, "again.wav"), (4, 1, "other.wav"), (3, 1.5, "part.flac"))
    for seed, seconds, name in asked:
        ended = timbrel(*begin, "--seed", seed, "--seconds", seconds, "--out", name)
        assert ended.status == 0
        assert ended.document == {"sounds": [name], "seconds": seconds, "skipped": []}
    one, other, part = (
        files.read(Path(name)).samples for name in ("one.wav", "other.wav", "part.flac")
    )
    assert one.shape == (1, round(2.5 * RATE))
    assert Path("one.wav").read_bytes() == Path("again.wav").read_bytes()
    assert not torch.allclose(one[:, :RATE], other, atol=STEP_16)
    torch.testing.assert_close(part, one[:, : round(1.5 * RATE)], atol=2**-22, rtol=0)


def test_stopped_by_the_keyboard_it_is_whole_up_to_there(
    timbrel: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless, given = improvise.stream, []

    def stopped(*words: Any, **more: Any) -> tuple[int, int, Iterator[Sound]]:
        rate, channels, parts = endless(*words, **more)

        def until() -> Iterator[Sound]:
            for _ in range(3):
                given.append(next(parts))
                yield given[-1]
            raise KeyboardInterrupt

        return rate, channels, until()

    monkeypatch.setattr(improvise, "stream", stopped)
    ended = timbrel("--workspace", home / "ws", "generate", "idea", "--endless", "--out", "a.wav")
    assert ended.status == 0
    assert "stopped" in ended.err
    assert ended.out.startswith("a.wav: ")
    whole = torch.cat([part.samples for part in given], dim=1)
    assert_same(files.read(Path("a.wav")).samples, whole.clamp(-1, 1))


class Player(threading.Thread):
    """Listens at the other end of a pipe until it has enough, and closes it."""

    def __init__(self, enough: int) -> None:
        super().__init__()
        self.enough, self.heard = enough, b""
        self.end, self.begin = os.pipe()

    def run(self) -> None:
        with open(self.end, "rb", buffering=0) as pipe:
            while len(self.heard) < self.enough and (more := pipe.read(4096)):
                self.heard += more


def played(monkeypatch: pytest.MonkeyPatch, enough: int, *words: object) -> tuple[int, bytes]:
    """Runs a command whose answer goes to a player: its status, and what was heard."""
    player = Player(enough)
    player.start()
    with open(player.begin, "w") as pipe, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", pipe)
        status = run([str(word) for word in words])
    player.join()
    return status, player.heard


def test_a_player_hears_it_until_it_is_closed(
    timbrel: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = ("--workspace", home / "ws", "--seed", 3, "generate", "idea", "--endless")
    status, heard = played(monkeypatch, 3 * 2 * RATE, *begin, "--out", "-")
    assert status == 0
    timbrel(*begin, "--seconds", 2.5, "--out", "file.wav")
    with wave.open(io.BytesIO(heard)) as reader:
        assert (reader.getnchannels(), reader.getframerate()) == (1, RATE)
        samples = np.frombuffer(reader.readframes(round(2.5 * RATE)), "<i2") / 2**15
    expected = files.read(Path("file.wav")).samples[0].numpy()
    np.testing.assert_allclose(samples, expected, atol=1.5 * STEP_16)


def test_a_player_can_be_given_an_end_too(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("generate", "idea", "--endless", "--seconds", 0.5, "--out", "-")
    status, heard = played(monkeypatch, 10**9, "--workspace", home / "ws", *words)
    assert status == 0
    assert len(heard) == 44 + round(0.5 * RATE) * 2


def test_a_terminal_is_no_player(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    words = ("--workspace", home / "ws", "generate", "idea", "--endless", "--out", "-")
    assert run([str(word) for word in words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "| aplay" in said.err
    assert "--out long.wav" in said.err


# --- wrong command lines ------------------------------------------------------------------------

# words, exit status, what the message says
WRONG: dict[str, tuple[tuple[object, ...], int, str]] = {
    "a hole outside": (("inpaint", "idea", "--hole", "2,9"), 2, "within the 3 s"),
    "a hole backwards": (("inpaint", "idea", "--hole", "2,1"), 2, "a hole from 2 to 1 s"),
    "half a hole": (("inpaint", "idea", "--hole", "2"), 2, "accepted: two moments in seconds"),
    "a hole of no numbers": (("inpaint", "idea", "--hole", "a,b"), 2, "such as 1.5,1.7"),
    "no hole": (("inpaint", "idea"), 2, "--hole START,END"),
    "nothing but a hole": (("inpaint", "idea", "--hole", "0,3"), 2, "a tenth of the sound"),
    "a hole outside another sound": (
        ("inpaint", "idea", "--sound", "noisy.wav", "--hole", "2,2.5"),
        2,
        "within the 2 s",
    ),
    "too far": (("vary", "idea", "--amount", 2), 2, "accepted: 0 (hardly) to 1 (wholly)"),
    "less than not at all": (("vary", "idea", "--amount", -0.1), 2, "an amount of -0.1"),
    "no amount": (("vary", "idea", "--amount", "nan"), 2, "an amount of nan"),
    "all of it kept": (
        ("vary", "idea", "--keep-start", 3),
        2,
        "accepted: more than 0, and less than all",
    ),
    "more than all of it kept": (("vary", "idea", "--keep-start", 9), 2, "9 s of a recording of 3"),
    "less than nothing kept": (("vary", "idea", "--keep-start", -1), 2, "-1 s of a recording"),
    "a guide and a start": (
        ("vary", "idea", "--keep-start", 1, "--guide", "noisy.wav"),
        2,
        "accepted: one or the other",
    ),
    "a phase and a start": (
        ("vary", "idea", "--keep-start", 1, "--phase", "zero"),
        2,
        "--phase with --keep-start; accepted: one or the other",
    ),
    "another phase": (("vary", "idea", "--phase", "heap"), 2, "heap_integration"),
    "negative seconds": (("continue", "idea", "--seconds", -1), 2, "accepted: 0.05 to 3600 s"),
    "no seconds": (("continue", "idea"), 2, "Missing option '--seconds'"),
    "seconds that are none": (("continue", "idea", "--seconds", "nan"), 2, "a piece of nan s"),
    "no proposals": (
        ("continue", "idea", "--seconds", 1, "--count", 0),
        2,
        "a count of 0; accepted: 1 to 10000",
    ),
    "pieces too long": (
        ("generate", "idea", "--count", 1, "--seconds", 1e9),
        2,
        "accepted: 0.05 to 3600 s; an endless one: --endless",
    ),
    "no number of pieces": (("generate", "idea", "--seconds", 1), 2, "accepted: --count N"),
    "a label": (
        ("generate", "idea", "--count", 1, "--label", "kick"),
        1,
        "accepted: --count and --seconds",
    ),
    "endless, and of no length": (
        ("generate", "idea", "--endless", "--seconds", -1),
        2,
        "a piece of -1 s; accepted: more than 0",
    ),
    "endless, of endless seconds": (
        ("generate", "idea", "--endless", "--seconds", "inf"),
        2,
        "a piece of inf s",
    ),
    "no number of seconds kept": (("vary", "idea", "--keep-start", "nan"), 2, "nan s of a record"),
    "endless, and counted": (
        ("generate", "idea", "--endless", "--count", 2),
        2,
        "--endless together with --count",
    ),
    "endless, without an ending": (("generate", "idea", "--endless"), 2, ".wav or .flac"),
    "endless, of a library": (("generate", "kit", "--endless"), 1, "'kit' cannot vary"),
    "nobody": (("vary", "idee"), 2, "did you mean 'idea'?"),
    "who learned from a library": (("vary", "kit"), 1, "'kit' cannot vary; accepted: generate"),
    "who cannot go on": (("continue", "kit", "--seconds", 1), 1, "'kit' cannot continue"),
    "who cannot clean": (("denoise", "kit", "noisy.wav"), 1, "'kit' cannot denoise"),
    "a missing file": (("denoise", "idea", "gone.wav"), 2, "accepted: a sound file"),
    "a missing guide": (("vary", "idea", "--guide", "gone.wav"), 2, "accepted: a sound file"),
    "a silent file": (("denoise", "idea", "silent.wav"), 1, "accepted: a sound that can be heard"),
    "a silent guide": (("vary", "idea", "--guide", "silent.wav"), 1, "silent.wav is silent"),
    "a file of text": (("extend", "idea", "text.wav", "--from", 1000), 1, "accepted: WAV"),
    "more than all noise": (
        ("denoise", "idea", "noisy.wav", "--strength", 2),
        2,
        "a strength of 2; accepted: 0 to 1",
    ),
    "nothing to extend": (("extend", "idea", "noisy.wav"), 2, "say by --from HZ where it ends"),
    "a sound of nothing": (("extend", "idea", "noisy.wav", "--from", 5), 2, "accepted: 100 to"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_makes_no_sense_is_told_and_makes_nothing(
    timbrel: Command, home: Path, case: str
) -> None:
    words, status, says = WRONG[case]
    ended = timbrel("--workspace", home / "ws", *there(home, words), "--out", "o")
    assert ended.status == status
    assert ended.err.startswith("timbrel: ")
    assert says in ended.err
    assert "Traceback" not in ended.err
    assert "unforeseen" not in ended.err
    assert ended.out == ""
    assert list(Path().iterdir()) == []


def test_sounds_go_into_a_folder(timbrel: Command, home: Path) -> None:
    Path("taken").write_text("a file")
    ended = timbrel("--workspace", home / "ws", "vary", "idea", "--out", "taken")
    assert ended.status == 2
    assert "accepted: a folder for the sounds" in ended.err
    assert Path("taken").read_text() == "a file"


def test_with_json_an_error_is_one_document(timbrel: Command, home: Path) -> None:
    begin = ("--workspace", home / "ws", "--json")
    error = timbrel(*begin, "vary", "idea", "--amount", 2, "--out", "o").document["error"]
    assert (error["kind"], error["exit_status"]) == ("UsageError", 2)
    assert error["accepted"] == "0 (hardly) to 1 (wholly)"
    ended = timbrel(*begin, "generate", "idea", "--endless", "--seconds", 1, "--out", "-")
    assert ended.status == 2
    assert ended.document["error"]["given"] == "--json with --out -"
