"""Trained phases: from a library to an instrument that others play through."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from timbrel import plugins
from timbrel.errors import AbilityError, UnknownNameError, UsageError
from timbrel.instruments.instrument import Instrument
from timbrel.signal.files import read
from timbrel.signal.phase import GivesPhase
from timbrel.signal.stft import FrameSpec, magnitude
from timbrel.synthesis.phases import TrainedPhase, resolve
from timbrel.tasks.evaluate import evaluate_named
from timbrel.tasks.generate import generate
from timbrel.tasks.instruments import describe, open_named
from timbrel.tasks.morph import morph
from timbrel.tasks.reconstruct import reconstruct
from timbrel.tasks.train import estimate, train
from timbrel.tasks.workspace import Workspace

FRAMES = FrameSpec(512, 128)
SMALL = ("training.batch_size=4", "training.previews=1")


@pytest.fixture(scope="module")
def shelf(trained: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with an instrument and two that find phases for it."""
    import shutil

    root = tmp_path_factory.mktemp("shelf") / "ws"
    shutil.copytree(trained.root, root)
    workspace = Workspace(root)
    train(workspace, "vocoder-tiny", name="voice", steps=12, settings=SMALL)
    train(workspace, "deep-griffin-lim-tiny", name="deep", steps=60, settings=SMALL)
    return workspace


@pytest.fixture
def sound(sounds: Path) -> Path:
    return sounds / "tön" / "tön 00.wav"


def provenance(path: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return facts


@pytest.mark.parametrize("name", ["voice", "deep"])
def test_an_instrument_plays_through_another(
    shelf: Workspace, sound: Path, tmp_path: Path, name: str
) -> None:
    first, again = (
        reconstruct(shelf, "tiny", [sound], out=tmp_path / part, phase=name).paths[0]
        for part in ("a", "b")
    )
    assert first.read_bytes() == again.read_bytes()
    said = provenance(first)
    assert said["phase"] == name
    assert said["phase_fingerprint"] == describe(shelf, name)["fingerprint"]
    own = reconstruct(shelf, "tiny", [sound], out=tmp_path / "own").paths[0]
    assert provenance(own)["phase"] == describe(shelf, "tiny")["phases"]["best"]["name"]
    assert "phase_fingerprint" not in provenance(own)
    assert not torch.equal(read(own).samples, read(first).samples)


def test_new_sounds_are_played_through_it_too(
    shelf: Workspace, sound: Path, tmp_path: Path
) -> None:
    made = generate(shelf, "tiny", count=1, out=tmp_path / "new", phase="deep")
    assert provenance(made.paths[0])["phase"] == "deep"
    between = morph(shelf, "tiny", [sound, sound], steps=2, out=tmp_path / "m", phase="zero")
    assert {provenance(path)["phase"] for path in between.paths} == {"zero"}


def test_it_says_what_it_can_and_cannot(shelf: Workspace, sound: Path, tmp_path: Path) -> None:
    facts = describe(shelf, "voice")
    assert facts["abilities"] == ["phase"]
    assert "--phase voice" in facts["card"]
    assert list((shelf.instrument_folder("voice") / "previews").glob("1-step-*.wav"))
    with pytest.raises(AbilityError, match="cannot reconstruct; accepted: phase"):
        reconstruct(shelf, "voice", [sound], out=tmp_path / "a")
    with pytest.raises(AbilityError, match="cannot generate"):
        generate(shelf, "deep", count=1, out=tmp_path / "b")
    with pytest.raises(AbilityError, match="cannot generate; accepted: phase"):
        evaluate_named(shelf, "voice", out=tmp_path / "c")


def test_wrong_names_get_a_hint(shelf: Workspace, sound: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'voice'"):
        reconstruct(shelf, "tiny", [sound], out=tmp_path / "a", phase="voise")
    with pytest.raises(UnknownNameError, match="did you mean 'heap_integration'"):
        generate(shelf, "tiny", count=1, out=tmp_path / "b", phase="heap_integraton")
    with pytest.raises(AbilityError, match=r"'tiny' finds no phases.*timbrel train vocoder"):
        reconstruct(shelf, "tiny", [sound], out=tmp_path / "c", phase="tiny")
    assert not (tmp_path / "a").exists()


def test_the_original_phase_is_for_sounds_played_back(
    shelf: Workspace, sound: Path, tmp_path: Path
) -> None:
    kept = reconstruct(shelf, "tiny", [sound], out=tmp_path / "kept", phase="original").paths[0]
    none = reconstruct(shelf, "tiny", [sound], out=tmp_path / "none", phase="zero").paths[0]
    true = read(sound).samples

    def angle(path: Path) -> float:
        """How alike the waveform is to the sound, 1 where it differs in level alone."""
        return float(torch.cosine_similarity(read(path).samples, true))

    assert angle(kept) > abs(angle(none)) + 0.1
    with pytest.raises(UsageError, match="new"):
        generate(shelf, "tiny", count=1, out=tmp_path / "new", phase="original")


def test_other_frames_and_rates_are_refused(shelf: Workspace, sound: Path, tmp_path: Path) -> None:
    for name, setting in (("other", "network.n_fft=256"), ("slow", "sample_rate=8000")):
        settings = [*SMALL, setting]
        train(shelf, "deep-griffin-lim-tiny", name=name, steps=1, settings=settings, force=True)
    with pytest.raises(UsageError, match=r"512/128.*accepted: 256/128.*--set network.n_fft=512"):
        reconstruct(shelf, "tiny", [sound], out=tmp_path / "a", phase="other")
    with pytest.raises(UsageError, match=r"16000 Hz.*accepted: 8000 Hz"):
        reconstruct(shelf, "tiny", [sound], out=tmp_path / "b", phase="slow")
    wrapped = TrainedPhase(open_named(shelf, "other"))
    with pytest.raises(UsageError, match="trained for"):
        wrapped.waveform(torch.ones(1, 257, 10), FRAMES, length_samples=1280, seed=0)


def playing(player: Instrument, front_end: str) -> Instrument:
    """The same instrument, as if it played by another front end."""
    other = plugins.load("signal.frontends", front_end)()
    recipe = player.recipe.model_copy(update={"front_end": other})
    return dataclasses.replace(player, recipe=recipe)


def test_front_ends_without_such_spectra_are_refused(shelf: Workspace) -> None:
    tiny, names = open_named(shelf, "tiny"), shelf.instrument_names()

    def resolved(name: str, front_end: str) -> object:
        player = playing(tiny, front_end)
        return resolve(name, player, instruments=names, opened=lambda n: open_named(shelf, n))

    assert resolved("heap_integration", "cqt")
    with pytest.raises(UsageError, match="misses no phase"):
        resolved("heap_integration", "waveform")
    with pytest.raises(UsageError, match="short-time spectra"):
        resolved("voice", "cqt")


def convergence(phase: GivesPhase, true: torch.Tensor) -> float:
    """How far the magnitudes of what is played are from those wanted, 0 where they are the same."""
    wanted = magnitude(true, FRAMES)
    made = phase.waveform(wanted, FRAMES, length_samples=true.shape[1], seed=0)
    return float((magnitude(made, FRAMES) - wanted).norm() / wanted.norm())


@pytest.mark.parametrize("name", ["voice", "deep"])
def test_trained_phases_beat_no_phase(shelf: Workspace, sound: Path, name: str) -> None:
    player: Instrument = open_named(shelf, name)
    zero = plugins.load("signal.phase", "zero")()
    true = read(sound).samples
    if name == "voice":  # it hears mel bands, and plays its own magnitudes: compare on the same
        player.network.sharp = lambda wanted: (wanted, _said(player, wanted))  # type: ignore[assignment]
    assert convergence(TrainedPhase(player), true) < 0.7 * convergence(zero, true)


def _said(player: Instrument, wanted: torch.Tensor) -> Any:
    network: Any = player.network
    return type(network).sharp(network, wanted)[1]


def test_an_interrupted_training_ends_as_one_that_was_not(fresh: Workspace) -> None:
    asked = iter(range(1000))
    settings = [*SMALL, "training.previews=0"]
    run: Callable[..., object] = train
    run(
        fresh, "vocoder-tiny", name="stopped", steps=8, settings=settings,
        should_stop=lambda: next(asked) >= 4,
    )  # fmt: skip
    run(fresh, None, name="stopped", resume=True)
    run(fresh, "vocoder-tiny", name="whole", steps=8, settings=settings)
    stopped, whole = (open_named(fresh, name).network.state_dict() for name in ("stopped", "whole"))
    assert all(torch.equal(tensor, whole[key]) for key, tensor in stopped.items())


def test_an_estimate_is_made_of_such_a_recipe(fresh: Workspace) -> None:
    told = estimate(fresh, "deep-griffin-lim-tiny", steps=10, settings=SMALL)
    assert told.steps == 10
    assert told.seconds > 0
