"""Instruments that learn from one recording: trained, killed, resumed, played."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from timbrel.errors import (
    AbilityError,
    SoundFileError,
    TimbrelError,
    TrainingError,
    UsageError,
)
from timbrel.instruments import improvising
from timbrel.signal import files, resampling
from timbrel.signal.files import Sound
from timbrel.tasks import improvise
from timbrel.tasks.improvise import Asked
from timbrel.tasks.instruments import describe, open_named
from timbrel.tasks.train import estimate, train
from timbrel.tasks.workspace import Workspace
from timbrel.training import checkpoints

RATE = 4000
SMALL = ("network.rates_hz=[1000, 2000, 4000]", "network.layers=4", "training.previews=1")


def recording(path: Path, *, seconds=3.0, rate=RATE, channels=1, seed=0) -> Path:
    """Plucked notes over a drone, a little different in each channel."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(seconds * rate)) / rate
    sound = 0.3 * np.sin(2 * np.pi * 110 * time_s)
    for begin in np.arange(0, seconds, 0.25):
        hz, since = rng.choice([220, 275, 330, 440]), time_s - begin
        sound += 0.5 * np.where(since >= 0, np.exp(-8 * since), 0) * np.sin(2 * np.pi * hz * since)
    rows = np.stack([sound * (1 - 0.3 * number) for number in range(channels)])
    files.write(path, Sound(torch.from_numpy(rows).float(), rate), on_clip="scale", force=True)
    return path


def learn(workspace: Workspace, *sounds: Path, name="idea", **more):
    settings = more.pop("settings", ())
    return train(
        workspace, "caw-tiny", name=name, sounds=sounds, settings=(*SMALL, *settings), **more
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Workspace:
    folder = tmp_path_factory.mktemp("recordings")
    workspace = Workspace(folder / "workspace")
    learn(workspace, recording(folder / "one.wav"), steps=9)
    learn(workspace, recording(folder / "wide.wav", channels=2), name="wide", steps=9)
    return workspace


def read(path: Path) -> Sound:
    return files.read(path)


# --- training -----------------------------------------------------------------------------------


def test_an_instrument_holds_its_recording_and_says_so(home):
    instrument = open_named(home, "idea")
    assert [note.name for note in instrument.sounds] == ["one.wav"]
    assert {"generate", "vary", "continue", "inpaint"} <= instrument.abilities
    recorded = improvising.recording_of(instrument)
    original = read(home.root.parent / "one.wav").samples
    assert torch.equal(recorded.samples, original)
    facts = describe(home, "idea")
    assert facts["duration_s"] == pytest.approx(3.0)
    assert facts["training"]["levels"] == 3


def test_no_library_is_needed_and_none_is_made(home):
    assert not (home.root / "library").exists()


@pytest.mark.parametrize(
    ("names", "settings", "error", "says"),
    [
        ((), (), UsageError, "--sound FILE"),
        (("silent.wav",), (), SoundFileError, "is silent"),
        (("short.wav",), (), SoundFileError, "0.5 s or more"),
        (("nan.wav",), (), SoundFileError, "no numbers"),
        (("missing.wav",), (), SoundFileError, "missing.wav"),
        (("brief.wav",), ("network.layers=10",), TrainingError, "longer recording"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(tmp_path, names, settings, error, says):
    bad = {
        "silent.wav": torch.zeros(1, 8000),
        "short.wav": torch.randn(1, 1000) * 0.1,
        "nan.wav": torch.full((1, 8000), float("nan")),
        "brief.wav": torch.randn(1, 2400) * 0.1,
    }
    for name, samples in bad.items():
        soundfile.write(tmp_path / name, samples[0].numpy(), RATE, subtype="FLOAT")
    with pytest.raises(error, match=says):
        learn(Workspace(tmp_path / "w"), *(tmp_path / n for n in names), settings=settings)
    assert not Workspace(tmp_path / "w").instrument_folder("idea").exists()


def test_recordings_are_refused_for_what_learns_from_a_library(tmp_path):
    with pytest.raises(UsageError, match="learns from the library"):
        train(Workspace(tmp_path), "pca-tiny", name="x", sounds=[recording(tmp_path / "a.wav")])


def test_several_recordings_of_unlike_rates_and_channels_are_learned_together(tmp_path):
    one = recording(tmp_path / "one.wav", seconds=2.0)
    two = recording(tmp_path / "two.wav", seconds=1.5, rate=8000, channels=2, seed=1)
    workspace = Workspace(tmp_path / "w")
    learn(workspace, one, two, steps=6)
    instrument = open_named(workspace, "idea")
    parts = improvising.recording_of(instrument).parts()
    assert [tuple(part.shape) for part in parts] == [(2, 8000), (2, 6000)]


def test_magnitudes_of_several_recordings_in_stereo_are_learned_and_played(tmp_path):
    sounds = [
        recording(tmp_path / f"{n}.wav", seconds=2 + n, rate=8000, channels=2, seed=n)
        for n in (0, 1)
    ]
    workspace = Workspace(tmp_path / "w")
    train(workspace, "single-tiny", name="idea", sounds=sounds, steps=2)
    assert len(open_named(workspace, "idea").phases.trials) > 1
    asked = Asked(workspace, "idea", tmp_path / "o")
    (path,) = improvise.carry_on(asked, seconds=0.5).paths
    assert read(path).samples.shape == (2, 3 * 8000 + 4000)


@pytest.mark.slow
def test_a_longer_recording_is_cut_and_that_is_said(tmp_path):
    told = []
    workspace = Workspace(tmp_path / "w")
    learn(
        workspace, recording(tmp_path / "long.wav", seconds=12.0), steps=6,
        report=lambda p: told.append(p.note),
    )  # fmt: skip
    assert "long.wav is longer: only the first 10 s of all are learned from" in told
    assert open_named(workspace, "idea").recipe.duration_s == pytest.approx(10.0)


FOLLOWED = """
import sys
sys.path.insert(0, {tests!r})
import test_recordings as tests
from pathlib import Path
from timbrel.tasks.workspace import Workspace
from timbrel.training import run
import torch
torch.set_num_threads(1)
run.CHECKPOINT_EVERY_S = run.CHECKPOINT_BEST_EVERY_S = {every_s}
for name in {names!r}:
    workspace = Workspace(Path({folder!r}) / name)
    going = workspace.training_folder("idea").exists()
    if going:
        (Path({folder!r}) / "one.wav").unlink()
        tests.learn(workspace, resume=True, steps=24)
    else:
        tests.learn(workspace, Path({folder!r}) / "one.wav", steps=24)
"""


def process(folder: Path, *names: str, every_s: float) -> "subprocess.Popen[bytes]":
    script = FOLLOWED.format(
        tests=str(Path(__file__).parent), names=names, folder=str(folder), every_s=every_s
    )
    return subprocess.Popen([sys.executable, "-c", script])


@pytest.mark.slow
def test_killed_inside_a_scale_it_goes_on_to_the_same_bytes(tmp_path):
    """Killed by -9 within the second of three scales; its file is not needed any more."""
    recording(tmp_path / "one.wav")
    run = Workspace(tmp_path / "parts").training_folder("idea")
    path = checkpoints.path_in(run)
    killed = process(tmp_path, "parts", every_s=0.0)
    while killed.poll() is None and not 8 < _step(path) < 16:
        time.sleep(0.005)
    killed.kill()
    killed.wait()
    assert 8 < _step(path) < 24
    assert process(tmp_path, "whole", "parts", every_s=30.0).wait() == 0
    whole, parts = (
        (Workspace(tmp_path / name).instrument_folder("idea") / "weights.safetensors").read_bytes()
        for name in ("whole", "parts")
    )
    assert whole == parts


def _step(path: Path) -> int:
    """The step of a checkpoint that may be replaced while it is read."""
    try:
        return int(checkpoints.load_table(path)["step"])
    except (TrainingError, RuntimeError, OSError):
        return -1


def test_an_ended_training_goes_on_with_a_larger_budget(home):
    before = open_named(home, "wide").summary["steps"]
    learn(home, name="wide", resume=True, steps=12, settings=())
    after = open_named(home, "wide")
    assert (before, after.summary["steps"]) == (9, 12)
    assert improvising.recording_of(after).channels == 2


def test_stopped_after_the_first_scale_it_plays_at_that_rate(tmp_path):
    asked = iter(range(10**6))
    workspace = Workspace(tmp_path / "w")
    learn(workspace, recording(tmp_path / "one.wav"), steps=24, should_stop=lambda: next(asked) > 5)
    instrument = open_named(workspace, "idea")
    assert instrument.summary["level"] == 1
    (path,) = improvise.generate(Asked(workspace, "idea", tmp_path / "o"), seconds=2.0).paths
    made = read(path)
    assert made.samples.shape == (1, 2 * RATE)
    spectrum = torch.fft.rfft(made.samples[0]).abs()
    assert spectrum[1100:].max() < 0.05 * spectrum.max()  # nothing above 550 Hz


# --- from another instrument --------------------------------------------------------------------


def weights_of(workspace: Workspace, name: str) -> dict[str, torch.Tensor]:
    network = open_named(workspace, name).network
    return {key: value for key, value in network.state_dict().items() if "recording" not in key}


def test_an_instrument_begins_with_the_weights_of_another(home, tmp_path):
    still = ("training.learning_rate=0", "training.learning_rate_end=0")
    wide = recording(tmp_path / "two.wav", seconds=2.0, rate=8000, channels=2, seed=1)
    sounds = {"sounds": [wide], "settings": still, "steps": 6}
    trained = train(home, None, name="heir", origin="idea", **sounds)
    theirs, own = weights_of(home, "idea"), weights_of(home, "heir")
    learned = [key for key in own if "weight" in key and "running" not in key]
    assert learned
    assert all(torch.equal(own[key], theirs[key]) for key in learned)
    heir = open_named(home, "heir")
    assert improvising.recording_of(heir).samples.shape == (1, 2 * RATE)
    assert describe(home, "heir")["training"]["origin"] == "idea"
    assert trained.summary.steps == 6


@pytest.mark.parametrize(
    ("recipe", "more", "says"),
    [
        ("single-tiny", {}, "to begin with an instrument by 'caw-tiny'"),
        (None, {"origin": "nobody"}, "nobody"),
        (None, {"settings": ("network.layers=3",)}, "no scale alike"),
        (None, {"sounds": ()}, "--sound FILE"),
    ],
)
def test_what_does_not_fit_is_no_beginning(home, tmp_path, recipe, more, says):
    given = {"origin": "idea", "sounds": [recording(tmp_path / "a.wav")], "steps": 3, **more}
    with pytest.raises(TimbrelError, match=says):
        train(home, recipe, name="heir 2", **given)
    assert not home.instrument_folder("heir 2").exists()


# --- before it begins ---------------------------------------------------------------------------


@pytest.mark.parametrize("recipe", ["caw-tiny", "single-tiny"])
def test_an_estimate_leaves_nothing_behind_and_knows_the_steps(tmp_path, recipe):
    workspace = Workspace(tmp_path / "w")
    told = estimate(workspace, recipe, sounds=[recording(tmp_path / "a.wav", rate=8000)], steps=6)
    assert told.steps == 6
    assert told.seconds > 0
    assert told.disk_bytes > 3 * 8000 * 2
    assert not workspace.root.exists()


# --- playing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["idea", "wide"])
def test_all_that_it_can_has_the_length_and_channels_asked_for(home, tmp_path, name):
    channels = 2 if name == "wide" else 1
    asked = Asked(home, name, tmp_path / "o", count=2)
    made = {
        "generate": (improvise.generate(asked, seconds=1.7), 1.7),
        "vary": (improvise.vary(asked, amount=0.4), 3.0),
        "continue": (improvise.carry_on(asked, seconds=1.0), 4.0),
        "inpaint": (improvise.inpaint(asked, holes=[(1.0, 1.1), (2.0, 2.4)]), 3.0),
    }
    for rendered, seconds in made.values():
        assert len(rendered.paths) == 2
        sounds = [read(path) for path in rendered.paths]
        assert all(one.samples.shape == (channels, round(seconds * RATE)) for one in sounds)
        assert not torch.equal(sounds[0].samples, sounds[1].samples)


def test_the_same_seed_makes_the_same_bytes_however_many_are_asked_for(home, tmp_path):
    one = improvise.generate(Asked(home, "idea", tmp_path / "a", count=1, seed=3), seconds=1.0)
    two = improvise.generate(Asked(home, "idea", tmp_path / "b", count=2, seed=3), seconds=1.0)
    assert one.paths[0].read_bytes() == two.paths[0].read_bytes()


def test_what_is_around_a_hole_stays_as_it_was(home, tmp_path):
    (path,) = improvise.inpaint(Asked(home, "idea", tmp_path / "o"), holes=[(1.0, 1.3)]).paths
    original = improvising.recording_of(open_named(home, "idea"))
    whole = original.samples[0]
    made = read(path).samples[0]
    fade = round(0.03 * RATE)
    for part in (slice(0, RATE - fade), slice(round(1.3 * RATE) + fade, None)):
        torch.testing.assert_close(made[part], whole[part], atol=1e-6, rtol=0)
    assert not torch.allclose(made[RATE : round(1.3 * RATE)], whole[RATE : round(1.3 * RATE)])


def test_a_continuation_begins_with_the_recording(home, tmp_path):
    (path,) = improvise.carry_on(Asked(home, "idea", tmp_path / "o"), seconds=1.0).paths
    original = improvising.recording_of(open_named(home, "idea"))
    kept = 3 * RATE - round(0.03 * RATE)
    expected = original.samples[:, :kept]
    torch.testing.assert_close(read(path).samples[:, :kept], expected, atol=1e-6, rtol=0)


def test_a_variation_keeps_the_start(home, tmp_path):
    asked = Asked(home, "idea", tmp_path / "o")
    (path,) = improvise.vary(asked, amount=1.0, keep_s=1.0).paths
    original = improvising.recording_of(open_named(home, "idea"))
    kept = RATE - round(0.03 * RATE)
    expected = original.samples[:, :kept]
    torch.testing.assert_close(read(path).samples[:, :kept], expected, atol=1e-6, rtol=0)


def test_a_guide_of_another_rate_and_length_is_followed(home, tmp_path):
    guide = recording(tmp_path / "guide.wav", seconds=1.25, rate=8000, channels=2, seed=9)
    (path,) = improvise.vary(Asked(home, "idea", tmp_path / "o"), guide=guide).paths
    assert read(path).samples.shape == (1, round(1.25 * RATE))


def test_low_frequencies_stay_where_high_ones_are_added(home, tmp_path):
    dull = recording(tmp_path / "dull.wav", rate=2000, seconds=2.0, seed=4)
    (path,) = improvise.extend(Asked(home, "idea", tmp_path / "o"), dull).paths
    made, source = read(path).samples[0], read(dull).samples[0]
    lower = resampling.resample(made[None], from_hz=RATE, to_hz=2000)[0]
    spectra = [torch.fft.rfft(one[200:-200])[: 3 * 4000 // 16] for one in (lower, source)]
    error = (spectra[0] - spectra[1]).abs().square().sum() / spectra[1].abs().square().sum()
    assert 10 * torch.log10(error) < -25


def test_an_endless_piece_comes_in_parts_that_never_end(home):
    rate, channels, parts = improvise.stream(home, "wide", seed=1)
    some = [next(parts) for _ in range(3)]
    assert (rate, channels) == (RATE, 2)
    assert all(part.samples.shape[0] == 2 and part.samples.shape[1] > 0 for part in some)
    assert not torch.equal(some[1].samples, some[2].samples)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda a: improvise.vary(a, amount=1.5), "amount of 1.5"),
        (lambda a: improvise.vary(a, amount=1.0, keep_s=9.0), "9 s of a recording of 3 s"),
        (lambda a: improvise.carry_on(a, seconds=0.0), "a piece of 0 s"),
        (lambda a: improvise.inpaint(a, holes=[(2.0, 9.0)]), "within the 3 s"),
        (lambda a: improvise.inpaint(a, holes=[(1.0, 2.0), (1.5, 2.5)]), "apart"),
        (lambda a: improvise.inpaint(a, holes=[]), "--hole START,END"),
        (lambda a: improvise.generate(a, seconds=1e9), "to 3600 s"),
    ],
)
def test_what_makes_no_sense_is_refused(home, tmp_path, wrong, says):
    with pytest.raises(UsageError, match=says):
        wrong(Asked(home, "idea", tmp_path / "o"))
    assert not (tmp_path / "o").exists()


def test_noise_is_no_matter_of_this_family(home, tmp_path):
    with pytest.raises(AbilityError, match="cannot denoise"):
        improvise.denoise(Asked(home, "idea", tmp_path / "o"), recording(tmp_path / "a.wav"))
