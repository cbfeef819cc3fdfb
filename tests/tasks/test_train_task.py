"""Train: from a library to an instrument, whatever happens in between."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conftest import SETTINGS
from task_sounds import make_sounds
from timbrel.errors import (
    ExistsError,
    LibraryError,
    RecipeError,
    TrainingError,
    UnknownNameError,
    UsageError,
)
from timbrel.library import lock
from timbrel.tasks.instruments import describe, open_named
from timbrel.tasks.scan import scan
from timbrel.tasks.train import estimate, train
from timbrel.tasks.workspace import Workspace

Train = Callable[..., Any]
SAME = ("weights.safetensors", "cloud.safetensors", "sounds.csv")


def played(workspace: Workspace, name: str = "tiny") -> list[bytes]:
    """What decides how an instrument sounds."""
    return [(workspace.instrument_folder(name) / file).read_bytes() for file in SAME]


def stop_after(calls: int) -> Callable[[], bool]:
    asked = iter(range(10**9))
    return lambda: next(asked) >= calls


def test_an_instrument_knows_its_sounds_and_how_it_was_made(trained: Workspace) -> None:
    instrument = open_named(trained, "tiny")
    assert Counter(instrument.splits.values()) == {"train": 24, "validation": 4, "test": 4}
    assert instrument.labels == ("noise", "tön")
    assert Counter(instrument.cloud.labels) == {"noise": 12, "tön": 12}
    assert set(instrument.cloud.ids) == {i for i, s in instrument.splits.items() if s == "train"}
    assert instrument.summary["steps"] == instrument.summary["budget_steps"] == 20
    folder = trained.instrument_folder("tiny")
    assert (folder / "history.csv").is_file()
    assert list((folder / "previews").glob("*.wav"))
    assert not trained.training_folder("tiny").exists()


def test_the_same_seed_gives_the_same_bytes(fresh: Workspace, train_tiny: Train) -> None:
    for name, seed in (("one", 3), ("two", 3), ("three", 4)):
        train_tiny(fresh, name=name, seed=seed, steps=4)
    assert played(fresh, "one") == played(fresh, "two")
    assert played(fresh, "one") != played(fresh, "three")


def test_a_stopped_training_plays_and_goes_on_as_if_never_stopped(
    fresh: Workspace, train_tiny: Train, trained: Workspace
) -> None:
    stopped = train_tiny(fresh, steps=20, should_stop=stop_after(7))
    assert stopped.summary.stopped_because == "interrupted"
    assert describe(fresh, "tiny")["training"]["steps"] == stopped.summary.steps < 20
    with pytest.raises(ExistsError, match="--resume"):
        train_tiny(fresh)
    done = train(fresh, None, name="tiny", resume=True)  # recipe, seed and budget are known
    assert (done.summary.steps, done.summary.stopped_because) == (20, "steps")
    assert played(fresh) == played(trained)
    assert not fresh.training_folder("tiny").exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from timbrel.tasks.train import train
from timbrel.tasks.workspace import Workspace

def killing(progress):
    if "train" in progress.stage and progress.done >= 5:
        os.kill(os.getpid(), signal.SIGKILL)

train(Workspace(Path(sys.argv[1])), "sample-vae-tiny", name="tiny", steps=20,
      settings=sys.argv[2:], report=killing)
"""


def test_a_killed_training_goes_on_to_the_same_end(
    fresh: Workspace, train_tiny: Train, trained: Workspace
) -> None:
    command = [sys.executable, "-c", KILLED, str(fresh.root), *SETTINGS]
    died = subprocess.run(command, env=dict(os.environ), capture_output=True, check=False)
    assert died.returncode == -9, died.stderr.decode()
    assert fresh.instrument_names() == []
    with pytest.raises(ExistsError, match="was interrupted"):
        train_tiny(fresh)
    train_tiny(fresh, steps=20, resume=True)
    assert played(fresh) == played(trained)


def test_a_resumed_training_keeps_its_sounds_when_the_library_grows(
    fresh: Workspace, train_tiny: Train, trained: Workspace, tmp_path: Path, sounds: Path
) -> None:
    train_tiny(fresh, steps=20, should_stop=stop_after(5))
    more = tmp_path / "more" / "bell"
    more.mkdir(parents=True)
    for path in sorted((sounds / "tön").glob("*0[1-4].wav")):
        content = bytearray(path.read_bytes())
        content[-2000:] = bytes(2000)  # another sound: its end is silent
        (more / path.name).write_bytes(content)
    assert scan(fresh, [more.parent]).added == 4
    train_tiny(fresh, steps=20, resume=True)
    assert played(fresh) == played(trained)


def test_a_resumed_training_whose_sounds_are_gone_says_so(
    tmp_path: Path, train_tiny: Train
) -> None:
    folder, workspace = make_sounds(tmp_path / "sounds", count=24), Workspace(tmp_path / "ws")
    scan(workspace, [folder])
    train_tiny(workspace, steps=20, should_stop=stop_after(4))
    shutil.rmtree(folder / "noise")
    scan(workspace, [folder])
    with pytest.raises(LibraryError, match="not in the library any more"):
        train_tiny(workspace, resume=True)


def test_an_ended_training_goes_on_with_a_bigger_budget(
    fresh: Workspace, train_tiny: Train, trained: Workspace
) -> None:
    shutil.copytree(trained.instruments, fresh.instruments)
    for budget in ({"steps": 20}, {"steps": None}):
        with pytest.raises(UsageError, match="20 steps that it has had"):
            train_tiny(fresh, resume=True, **budget)
    done = train_tiny(fresh, resume=True, steps=24)
    assert done.summary.steps == 24
    assert describe(fresh, "tiny")["sounds"] == describe(trained, "tiny")["sounds"]


def test_a_resume_that_is_refused_leaves_the_instrument_finished(
    fresh: Workspace, train_tiny: Train, trained: Workspace
) -> None:
    shutil.copytree(trained.instruments, fresh.instruments)
    before = sorted(fresh.instruments.rglob("*"))
    refused: list[tuple[type[Exception], dict[str, Any]]] = [
        (UsageError, {"settings": (), "device": "cuda:99"}),
        (TrainingError, {"settings": ["training.learning_rate=0.5"]}),
        (RecipeError, {"settings": ["training.batch=3"]}),
    ]
    for error, options in refused:
        with pytest.raises(error):
            train_tiny(fresh, resume=True, steps=24, **options)
        assert sorted(fresh.instruments.rglob("*")) == before
    with pytest.raises(UsageError, match="by 'sample-vae-tiny'"):
        train(fresh, "sample-vae-s3", name="tiny", steps=24, resume=True)
    assert sorted(fresh.instruments.rglob("*")) == before


def test_a_budget_given_on_resuming_is_kept(fresh: Workspace, train_tiny: Train) -> None:
    train_tiny(fresh, steps=6, should_stop=stop_after(2))
    train_tiny(fresh, steps=9, resume=True, should_stop=stop_after(2))
    assert train(fresh, None, name="tiny", resume=True).summary.steps == 9


def test_an_instrument_whose_training_skipped_sounds_is_trained_longer(
    tmp_path: Path, train_tiny: Train
) -> None:
    """All sounds of a label are gone when training begins, and back when it goes on."""
    folder, workspace = make_sounds(tmp_path / "sounds", count=28), Workspace(tmp_path / "ws")
    (folder / "bell").mkdir()
    for number in range(4):
        (folder / "noise" / f"noise 0{number}.wav").rename(folder / "bell" / f"{number}.wav")
    scan(workspace, [folder])
    (folder / "bell").rename(tmp_path / "away")
    done = train_tiny(workspace, steps=2)
    assert done.skipped
    (tmp_path / "away").rename(folder / "bell")
    train_tiny(workspace, steps=4, resume=True, should_stop=stop_after(1))
    again = train_tiny(workspace, steps=4, resume=True)
    assert (again.summary.steps, again.skipped) == (4, [])


def test_half_a_training_folder_does_not_replace_an_instrument(
    fresh: Workspace, train_tiny: Train, trained: Workspace
) -> None:
    shutil.copytree(trained.instruments, fresh.instruments)
    shutil.copytree(fresh.instrument_folder("tiny"), fresh.training_folder("tiny"))
    (fresh.training_folder("tiny") / "checkpoints" / "last.safetensors").unlink()
    steps = []
    train_tiny(
        fresh, steps=24, resume=True,
        report=lambda p: steps.append(p.done) if p.stage == "training" else None,
    )  # fmt: skip
    assert min(steps) > 20


def test_a_training_killed_while_it_tidies_up_is_over(
    fresh: Workspace, train_tiny: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(path: Path, **_: object) -> None:
        if path.suffix == ".gone":
            raise Killed(path)
        shutil.rmtree(path, ignore_errors=True)

    with monkeypatch.context() as patch:
        patch.setattr("timbrel.atomic.shutil", SimpleNamespace(rmtree=killed))
        with pytest.raises(Killed):
            train_tiny(fresh, steps=1)
    assert not fresh.training_folder("tiny").exists()
    with pytest.raises(ExistsError, match="train it longer by --resume"):
        train_tiny(fresh, steps=1)


def test_half_written_checkpoints_are_swept_away(fresh: Workspace, train_tiny: Train) -> None:
    train_tiny(fresh, steps=4, should_stop=stop_after(1))
    left = fresh.training_folder("tiny") / "checkpoints" / ".0123abcd.part.safetensors"
    left.write_bytes(b"half")
    train_tiny(fresh, steps=4, resume=True, should_stop=stop_after(1))
    assert not left.exists()


def test_nothing_is_replaced_unasked(fresh: Workspace, train_tiny: Train) -> None:
    train_tiny(fresh, steps=2)
    before = played(fresh)
    with pytest.raises(ExistsError, match="--force"):
        train_tiny(fresh, steps=2)
    assert played(fresh) == before
    train_tiny(fresh, steps=2, seed=9, force=True)
    assert played(fresh) != before


def test_a_folder_that_is_no_instrument_is_not_replaced_even_by_force(
    fresh: Workspace, train_tiny: Train
) -> None:
    mine = fresh.instruments / "tiny" / "song.txt"
    mine.parent.mkdir(parents=True)
    mine.touch()
    with pytest.raises(ExistsError, match="is no instrument"):
        train_tiny(fresh, force=True)
    assert mine.exists()


def test_a_resume_that_does_not_fit_is_refused(fresh: Workspace, train_tiny: Train) -> None:
    with pytest.raises(UsageError, match="no training of 'tiny'"):
        train_tiny(fresh, resume=True)
    train_tiny(fresh, steps=20, should_stop=stop_after(3))
    with pytest.raises(UsageError, match="by 'sample-vae-tiny'"):
        train(fresh, "sample-vae-s3", name="tiny", resume=True)
    with pytest.raises(TrainingError, match="learning_rate"):
        train(fresh, None, name="tiny", resume=True, settings=["training.learning_rate=0.5"])
    with pytest.raises(UsageError, match="one of them"):
        train_tiny(fresh, resume=True, force=True)


def test_a_damaged_plan_is_refused(fresh: Workspace, train_tiny: Train) -> None:
    train_tiny(fresh, steps=20, should_stop=stop_after(3))
    (fresh.training_folder("tiny") / "plan.json").write_text("{")
    with pytest.raises(TrainingError, match="--force"):
        train_tiny(fresh, resume=True)


def test_two_trainings_of_one_name_do_not_meet(fresh: Workspace, train_tiny: Train) -> None:
    fresh.instruments.mkdir()
    with (
        lock.exclusive(fresh.instruments / ".tiny.lock"),
        pytest.raises(TrainingError, match="another process"),
    ):
        train_tiny(fresh)


def test_what_a_killed_save_left_is_swept_away(fresh: Workspace, train_tiny: Train) -> None:
    left = fresh.instruments / "..tiny.training.0123abcd.part"
    other = fresh.instruments / ".other.0123abcd.part"
    for folder in (left, other):
        folder.mkdir(parents=True)
    train_tiny(fresh, steps=1)
    assert not left.exists()
    assert other.exists()


def test_too_few_sounds_are_refused_with_the_number_needed(
    tmp_path: Path, train_tiny: Train
) -> None:
    workspace = Workspace(tmp_path / "ws")
    scan(workspace, [make_sounds(tmp_path / "sounds", count=10)])
    with pytest.raises(TrainingError, match=r"10 sounds.*20 or more"):
        train_tiny(workspace)
    assert not workspace.training_folder("tiny").exists()


def test_wrong_commands_leave_nothing_behind(fresh: Workspace, tmp_path: Path) -> None:
    wrong: list[tuple[type[Exception], dict[str, Any]]] = [
        (UsageError, {"name": "../x"}),
        (UsageError, {"steps": 0}),
        (UsageError, {"minutes": -1.0}),
        (RecipeError, {"settings": ["training.batch=3"]}),
    ]
    for error, options in wrong:
        with pytest.raises(error):
            train(fresh, "sample-vae-tiny", **{"name": "tiny", **options})
    with pytest.raises(UnknownNameError):
        train(fresh, "sample-vae-huge", name="tiny")
    with pytest.raises(UsageError, match="no recipe"):
        train(fresh, None, name="tiny")
    assert not fresh.instruments.exists()
    with pytest.raises(LibraryError, match="timbrel scan"):
        train(Workspace(tmp_path / "none"), "sample-vae-tiny", name="tiny")


def test_files_that_vanished_are_named_and_left_out(tmp_path: Path, train_tiny: Train) -> None:
    folder, workspace = make_sounds(tmp_path / "sounds", count=24), Workspace(tmp_path / "ws")
    scan(workspace, [folder])
    gone = folder / "noise" / "noise 05.wav"
    gone.write_bytes(b"RIFF")
    done = train_tiny(workspace, steps=2)
    names = {note.name for note in open_named(workspace, "tiny").sounds}
    in_test = gone.name in names  # nobody reads the test split here
    assert [one.path for one in done.skipped] == ([] if in_test else [gone])


def test_sounds_without_or_with_rare_labels_are_learned_too(
    tmp_path: Path, train_tiny: Train
) -> None:
    made, workspace = make_sounds(tmp_path / "made", count=28), Workspace(tmp_path / "ws")
    loose = tmp_path / "loose"
    for number, path in enumerate(sorted(made.rglob("*.wav"))):
        folder = loose / f"only {number}" if number % 2 else loose
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder)
    scan(workspace, [loose])
    train_tiny(workspace, steps=2)
    instrument = open_named(workspace, "tiny")
    assert min(Counter(instrument.splits.values()).values()) >= 2
    assert len(instrument.labels) == 14
    assert "" in instrument.cloud.labels


def test_an_estimate_leaves_nothing_behind(fresh: Workspace) -> None:
    before = sorted(fresh.root.rglob("*"))
    told = estimate(fresh, "sample-vae-tiny", steps=6, settings=SETTINGS)
    assert told.steps == 6
    assert min(told.seconds, told.memory_bytes, told.disk_bytes, told.prepare_seconds) > 0
    assert sorted(fresh.root.rglob("*")) == before


def test_an_estimate_knows_what_is_prepared_already(trained: Workspace) -> None:
    told = estimate(trained, "sample-vae-tiny", steps=6, settings=SETTINGS)
    assert told.prepare_seconds == 0
