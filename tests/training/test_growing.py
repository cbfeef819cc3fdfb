"""Networks that grow: where they stand at each step, and that an interruption changes nothing."""

import itertools
import math
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
import tiny_game as game
import torch
from test_training_resume import assert_same_state, without_times

from timbrel import plugins, recipes
from timbrel.errors import TrainingError
from timbrel.families import DataFacts, Growth, Level, Stage
from timbrel.training import checkpoints
from timbrel.training.budget import Budget, Clock
from timbrel.training.estimate import estimate
from timbrel.training.growth import Place, Timetable, risen, spans_of
from timbrel.training.loop import train
from timbrel.training.store import TrainingData, from_codes

SETTINGS = {"ema_decay": 0.9, "validate_every_steps": 4, "plateau_patience": 1}
FREE_BYTES = 40_000  # enough for a step of the tiny game on 4 sounds, not on 8
STAIRS = Growth(tuple(Level(3 * (n > 0), 2, 8) for n in range(3)), stairs=True)


def run(folder, *, steps=None, minutes=None, stop_at=None, growth=game.GROWTH, **more):
    asked = iter(range(10**9))
    keys = {"resume", "report", "free", "preview"}
    arguments = {key: more.pop(key) for key in keys & {*more}}
    network, objective = game.network(), game.TinyGameObjective(growth)
    summary = train(
        game.recipe(**(SETTINGS | more)),
        network,
        objective,
        game.data(),
        folder=folder,
        budget=Budget(steps=steps, minutes=minutes),
        seed=3,
        should_stop=lambda: stop_at is not None and next(asked) >= stop_at,
        **arguments,
    )
    return summary, network, objective


# ---- the timetable -----------------------------------------------------------------------------


def walked(growth: Growth, budget: Budget, count: int = 24, *, step_s: float = 0.0) -> list[Stage]:
    """The stages of all steps, each of which takes some seconds, as the loop goes along them."""
    timetable, place, stages = Timetable(spans_of(growth, count, 0), budget), Place(), []
    step = 0
    while step < (budget.steps or 10**9) and step * step_s < (budget.seconds or 1e18):
        now = {"step": step, "elapsed_s": step * step_s}
        if timetable.over(place, **now):
            place = Place(place.span + 1, step, step * step_s)
        stages.append(timetable.stage(place, **now))
        step += 1
    return stages


def counted(stages: list[Stage]) -> dict[tuple[int, bool], int]:
    counts: dict[tuple[int, bool], int] = {}
    for stage in stages:
        key = stage.level, stage.fade < 1
        counts[key] = counts.get(key, 0) + 1
    return counts


def test_epochs_are_kept_to_the_step():
    spans = spans_of(game.GROWTH, 24, 0)
    stages = walked(game.GROWTH, Budget(steps=sum(span.steps for span in spans)))
    assert counted(stages) == {
        (1, False): 6,
        (2, True): 3,
        (2, False): 3,
        (3, True): 6,
        (3, False): 12,
    }
    assert [stage.level for stage in stages] == sorted(stage.level for stage in stages)


@pytest.mark.parametrize("factor", [2, 5])
def test_a_budget_in_steps_stretches_all_spans_alike(factor):
    planned = sum(span.steps for span in spans_of(game.GROWTH, 24, 0))
    plain = counted(walked(game.GROWTH, Budget(steps=planned)))
    longer = counted(walked(game.GROWTH, Budget(steps=factor * planned)))
    assert longer == {key: factor * count for key, count in plain.items()}


@pytest.mark.parametrize("steps", range(5, 30))
def test_no_span_is_skipped_however_few_the_steps(steps):
    counts = counted(walked(game.GROWTH, Budget(steps=steps)))
    assert len(counts) == 5
    assert sum(counts.values()) == steps


def test_minutes_are_shared_by_shares_of_the_time():
    counts = counted(walked(game.GROWTH, Budget(minutes=1), step_s=0.01))
    seconds = [0.01 * sum(n for (level, _), n in counts.items() if level == k) for k in (1, 2, 3)]
    assert seconds == pytest.approx([15, 15, 30], abs=0.05)


@pytest.mark.parametrize("step_s", [7, 12, 29, 100])
def test_long_steps_skip_no_span_and_end_where_the_time_ends(step_s):
    every = [(1, False), (2, True), (2, False), (3, True), (3, False)]
    counts = counted(walked(game.GROWTH, Budget(minutes=1), step_s=step_s))
    assert list(counts) == every[: len(counts)]
    assert sum(counts.values()) == math.ceil(60 / step_s)
    assert len(counts) == min(5, math.ceil(60 / step_s))


def test_a_fade_rises_evenly_from_step_to_step_or_once_an_epoch():
    spans = spans_of(STAIRS, 24, 0)
    stages = walked(STAIRS, Budget(steps=sum(span.steps for span in spans)))
    fade = [stage.fade for stage in stages if stage.level == 2]
    assert fade == pytest.approx([1 / 6] * 3 + [3 / 6] * 3 + [5 / 6] * 3 + [1] * 6)
    smooth = [risen(n / 9, stairs=0, middle=1 / 18) for n in range(9)]
    assert smooth == pytest.approx([(n + 0.5) / 9 for n in range(9)])


def test_a_last_level_without_epochs_is_refused():
    with pytest.raises(TrainingError, match="last level"):
        spans_of(Growth((Level(0, 1, 4), Level(0, 0, 4))), 8, 0)


# ---- a training --------------------------------------------------------------------------------


def test_the_network_is_told_where_it_stands_and_each_player_has_its_turns(tmp_path):
    summary, network, objective = run(tmp_path)
    assert summary.steps == 30
    assert (summary.level, summary.levels, summary.stopped_because) == (3, 3, "steps")
    turns = [who for who, step, *_ in objective.seen if step == 5][-3:]
    assert turns == ["critic", "critic", "generator"]
    batches = {level: size for who, _, level, _, size in objective.seen if size > 1}
    assert batches == {1: 8, 2: 8, 3: 4}
    assert (int(network.level), float(network.fade)) == (3, 1.0)
    assert {"level", "fade", "batch_size", "train_critic_penalty"} <= set(summary.history[-1])
    assert summary.history[-1]["epoch"] == pytest.approx(7)
    assert "last of its 3 levels" in summary.verdict


def test_the_best_is_that_of_the_last_level_alone(tmp_path):
    summary, _, _ = run(tmp_path)
    last = [row for row in summary.history if row["level"] == 3 and row["fade"] == 1]
    assert summary.best_loss == min(row["validation_loss"] for row in last)


def test_a_training_that_ends_early_plays_at_its_level(tmp_path):
    summary, network, _ = run(tmp_path, stop_at=10)
    assert (summary.level, summary.stopped_because) == (2, "interrupted")
    assert int(network.level) == 2
    assert "level 2 of 3" in summary.verdict
    assert "--resume" in summary.verdict


def test_each_level_s_end_is_shown(tmp_path):
    shown = []
    run(tmp_path, preview=lambda network, step: shown.append((step, int(network.level))))
    assert {(6, 1), (12, 2), (30, 3)} <= set(shown)


def test_minutes_reach_the_last_level(tmp_path, monkeypatch):
    ticks = itertools.count()  # a clock that every look at it moves on by 10 ms
    monkeypatch.setattr(Clock, "elapsed_s", property(lambda _: 0.01 * next(ticks)))
    summary, _, objective = run(tmp_path, minutes=0.1)
    assert (summary.level, summary.stopped_because) == (3, "minutes")
    steps = [level for who, _, level, *_ in objective.seen if who == "generator"]
    assert steps.count(3) == pytest.approx(2 * steps.count(1), rel=0.4)


@pytest.mark.parametrize("stop_at", [7, 14])  # inside the fades of levels 2 and 3
def test_interrupted_inside_a_fade_or_not_at_all(tmp_path, stop_at):
    whole, one, _ = run(tmp_path / "whole")
    run(tmp_path / "parts", stop_at=stop_at)
    parts, other, _ = run(tmp_path / "parts", resume=True)
    assert parts.best_loss == whole.best_loss
    ours, theirs = one.state_dict(), other.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert_same_state(tmp_path / "whole", tmp_path / "parts")
    assert without_times(tmp_path / "whole") == without_times(tmp_path / "parts")


def test_a_larger_budget_never_takes_a_level_back(tmp_path):
    first, _, _ = run(tmp_path, stop_at=20)
    assert first.level == 3
    second, _, objective = run(tmp_path, steps=60, resume=True)
    assert second.steps == 60
    assert min(level for _, _, level, *_ in objective.seen) == 3


FADING = ["network.fade_epochs=[0, 6, 1, 1]", "network.full_epochs=[1, 1, 1, 1]"]
FOLLOWED = """
    import sys
    sys.path.insert(0, {tests!r})
    from pathlib import Path
    from timbrel.training import run as run_module
    run_module.CHECKPOINT_EVERY_S = run_module.CHECKPOINT_BEST_EVERY_S = {every_s}
    import test_growing as these
    for name in {names!r}:
        these.growing_tiny(Path({folder!r}) / name)
"""


def growing_tiny(folder: Path) -> None:
    """Trains the recipe of that name, with a long fade of level 2, or goes on with it."""
    recipe = recipes.override(recipes.find("growing-tiny"), FADING)
    family = plugins.load("families", recipe.family)
    length = recipe.length_samples
    torch.manual_seed(0)
    network = family.build(recipe.network, DataFacts(1, length, (), recipe.sample_rate))
    pitches = torch.linspace(10, 300, 24)[:, None]
    codes = torch.sin(pitches * torch.arange(length) / length * 2 * torch.pi)[:, None]
    train(
        recipe,
        network,
        family.objective(recipe.network),
        TrainingData(from_codes(codes[:20]), from_codes(codes[20:])),
        folder=folder,
        budget=Budget(steps=30),
        seed=1,
        resume=True,
    )


def _process(folder: Path, *names: str, every_s: float) -> subprocess.Popen[bytes]:
    """A process of its own, alike in threads and all else that decides about the last bit."""
    tests = str(Path(__file__).parent)
    script = FOLLOWED.format(tests=tests, every_s=every_s, names=names, folder=str(folder))
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)])


@pytest.mark.slow
def test_killed_inside_a_fade(tmp_path):
    """Killed by -9 as soon as a checkpoint lies inside the long fade of level 2."""
    path = checkpoints.path_in(tmp_path / "parts")
    process = _process(tmp_path, "parts", every_s=0.0)
    while process.poll() is None and _span(path) < 1:
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert _span(path) == 1
    assert _process(tmp_path, "parts", "whole", every_s=30.0).wait() == 0
    assert_same_state(tmp_path / "parts", tmp_path / "whole")
    assert without_times(tmp_path / "parts") == without_times(tmp_path / "whole")
    assert checkpoints.load_table(path)["place"]["span"] == 6


def _span(path: Path) -> int:
    return checkpoints.load_table(path)["place"]["span"] if path.is_file() else -1


# ---- memory ------------------------------------------------------------------------------------


def test_a_batch_too_large_for_memory_is_halved_and_says_so(tmp_path):
    told = []
    summary, _, objective = run(
        tmp_path, report=lambda p: told.append((p.stage, p.note)), free=lambda device: FREE_BYTES
    )
    sizes = {level: size for who, step, level, _, size in objective.seen if size > 1}
    said = [note for stage, note in told if stage == "memory"]
    assert sizes == {1: 4, 2: 4, 3: 4}
    assert summary.batch_size == 4
    assert "level 1 of 3: a step on 8 sounds needs about" in said[0]
    assert "0.04 MB are free, so it learns from 4 at a time" in said[0]
    assert said[0] in [row["event"] for row in summary.history]
    assert "level 3 of 3: a step on 4 sounds takes about" in said[2]
    needed = {row["level"]: row["step_bytes"] for row in summary.history}
    assert all(0 < needed[level] <= 0.9 * FREE_BYTES for level in (1, 2, 3))


def test_a_smaller_batch_stays_when_resumed_where_memory_is_free(tmp_path):
    run(tmp_path / "whole", free=lambda device: FREE_BYTES)
    run(tmp_path / "parts", free=lambda device: FREE_BYTES, stop_at=20)
    run(tmp_path / "parts", resume=True)
    assert_same_state(tmp_path / "whole", tmp_path / "parts")


def test_where_not_even_one_sound_fits_nothing_is_tried(tmp_path):
    with pytest.raises(TrainingError, match="level 1 of 3: a step on one sound needs about"):
        run(tmp_path, free=lambda device: 1000)


def test_an_estimate_counts_the_steps_of_all_levels():
    waveform = plugins.load("signal.frontends", "waveform")()
    sizes = {"sample_rate": 1000, "duration_s": game.SAMPLES / 1000, "front_end": waveform}
    recipe = game.recipe(**SETTINGS).model_copy(update=sizes)
    told = estimate(
        recipe, game.network(), game.TinyGameObjective(), 27, budget=Budget(), threads=1
    )
    assert told.steps == 30
    assert told.seconds > 30 * told.step_seconds > 0
