"""generate --keep: the best of many are written, with the reason; no copies, nothing broken."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from fixtures_command import Command, timbrel
from timbrel.errors import AbilityError, ExistsError, UsageError
from timbrel.evaluation.keeping import CRITIC, DATA, OTHERS
from timbrel.instruments.instrument import Instrument
from timbrel.signal.files import read
from timbrel.synthesis.renders import Origin, Render, told
from timbrel.tasks import keep
from timbrel.tasks.generate import generate
from timbrel.tasks.instruments import open_named
from timbrel.tasks.sounds import LibrarySounds
from timbrel.tasks.workspace import Workspace

__all__ = ["timbrel"]


def test_the_kept_are_those_that_all_would_have_been(trained: Workspace, tmp_path: Path) -> None:
    everything = generate(trained, "tiny", count=12, out=tmp_path / "all", seed=4)
    made = generate(trained, "tiny", count=12, keep=3, out=tmp_path / "kept", seed=4)
    assert made.chosen is not None
    assert len(made.paths) == 3
    for path, why in zip(made.paths, made.chosen.kept, strict=True):
        same = everything.paths[why.number]
        assert path.name == same.name
        assert torch.equal(read(path).samples, read(same).samples)
        sidecar = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        assert sidecar["kept"]["reason"] == why.reason
        assert sidecar["number"] == why.number
    table = json.loads((tmp_path / "kept" / "kept.json").read_text(encoding="utf-8"))
    assert [one["number"] for one in table["kept"]] == [one.number for one in made.chosen.kept]
    assert table["of"] == 12
    assert table["criteria"] == [DATA, OTHERS]
    assert CRITIC in table["missing"], "it has no critic, which is said"


def test_the_command_tells_of_each_and_of_all_as_values(
    trained: Workspace, timbrel: Command, tmp_path: Path
) -> None:
    asked = ("generate", "tiny", "--count", 5, "--keep", 2, "--out")
    plain = timbrel("--workspace", trained.root, *asked, tmp_path / "a")
    assert plain.status == 0
    assert "2 of 5 kept" in plain.out
    assert "not ranked by critic: the instrument has no critic" in plain.out
    told = timbrel("--workspace", trained.root, "--json", *asked, tmp_path / "b").document
    assert len(told["sounds"]) == len(told["choice"]["kept"]) == 2
    assert all(one["reason"] in plain.out for one in told["choice"]["kept"])
    wrong = timbrel("--workspace", trained.root, *asked, "c", "--journey", "1,2")
    assert wrong.status == 2
    assert "--keep" in wrong.err


def test_what_cannot_be_kept_is_refused_before_anything_is_made(
    trained: Workspace, tmp_path: Path
) -> None:
    for kept in (0, 5):
        with pytest.raises(UsageError, match="of --count 4"):
            generate(trained, "tiny", count=4, keep=kept, out=tmp_path / "out")
    (tmp_path / "kept.json").touch()
    with pytest.raises(ExistsError, match=r"kept\.json"):
        generate(trained, "tiny", count=4, keep=2, out=tmp_path)
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_made_is_refused_before_the_library_is_heard(
    trained: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keep, "choose", lambda *_, **__: pytest.fail("it was listened to"))
    with pytest.raises(AbilityError, match="no longer"):
        generate(trained, "tiny", count=4, keep=2, out=tmp_path, seconds=99)
    with pytest.raises(UsageError, match="count of 20000"):
        generate(trained, "tiny", count=20_000, keep=2, out=tmp_path)


@pytest.fixture
def instrument(trained: Workspace) -> Instrument:
    return open_named(trained, "tiny", "cpu")


def player(instrument: Instrument, sounds: Sequence[Tensor | None]) -> keep.Draw:
    """Plays given sounds; None is one that cannot be made."""

    def one(number: int) -> Render:
        samples = sounds[number]
        if samples is None:
            raise AbilityError("it makes no sound of this latent")
        origin = Origin(f"{number}", "generate", 0, number)
        return told(instrument, samples, torch.zeros(instrument.latent_size), None, origin)

    def draw(numbers: Sequence[int]) -> Iterator[Render]:
        return map(one, numbers)

    return draw


def tones(count: int, rate_hz: int) -> list[Tensor]:
    time_s = torch.arange(rate_hz // 2) / rate_hz
    return [
        (0.5 * torch.sin(6.2832 * (300 + 170 * n) * time_s) * torch.exp(-9 * time_s))[None]
        for n in range(count)
    ]


def test_broken_sounds_and_copies_are_left_out(trained: Workspace, instrument: Instrument) -> None:
    first = next(note for note in instrument.sounds if note.split == "train")
    copy = instrument.fit(LibrarySounds(trained, instrument).read(first.id))
    good = tones(3, instrument.sample_rate)
    sounds = [copy, None, 0 * good[0], (20 * good[0]).clamp(-1, 1), good[0], good[1], good[2]]
    found = keep.choose(trained, instrument, player(instrument, sounds), count=7, kept=7)
    reasons = {one.number: one.reason for one in found.left_out}
    assert reasons[0].startswith("a near copy of ")
    assert "no sound of this latent" in reasons[1]
    assert (reasons[2], reasons[3]) == ("silent", "clipped")
    assert {one.number for one in found.kept} == {4, 5, 6}
    assert found.typical_db is not None


def test_a_critic_ranks_where_there_is_one(trained: Workspace, instrument: Instrument) -> None:
    class Critical(torch.nn.Module):
        """Plays as the network does, and likes what lies at positive latents."""

        def __init__(self, network: Any) -> None:
            super().__init__()
            self.network = network

        def decode(self, latent: Tensor) -> Tensor:
            code: Tensor = self.network.decode(latent)
            return code

        def score(self, code: Tensor) -> Tensor:
            return code.mean(dim=(1, 2))

    critical = replace(instrument, network=Critical(instrument.network))
    draw = player(critical, tones(4, instrument.sample_rate))
    found = keep.choose(trained, critical, draw, count=4, kept=2)
    assert found.criteria == (CRITIC, DATA, OTHERS)
    assert all(one.score is not None for one in found.kept)


def test_stretches_of_long_sounds_are_found_wherever_they_lie(
    trained: Workspace, instrument: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A training sound, turned by a third of its length, is told by its fingerprints alone."""
    monkeypatch.setattr(keep, "LONG_S", 0.1)
    monkeypatch.setattr("timbrel.evaluation.crowd.NEAR_COPY_DB", 0.0)
    first = next(note for note in instrument.sounds if note.split == "train")
    copy = instrument.fit(LibrarySounds(trained, instrument).read(first.id))
    good = tones(2, instrument.sample_rate)
    turned = copy.roll(copy.shape[1] // 3, dims=1)
    found = keep.choose(trained, instrument, player(instrument, [turned, *good]), count=3, kept=3)
    assert [one.number for one in found.left_out] == [0]
    assert " s of it are " in found.left_out[0].reason


def test_without_the_library_only_difference_ranks(instrument: Instrument, tmp_path: Path) -> None:
    draw = player(instrument, tones(4, instrument.sample_rate))
    found = keep.choose(Workspace(tmp_path), instrument, draw, count=4, kept=2)
    assert found.criteria == (OTHERS,)
    assert set(found.missing) == {CRITIC, DATA}
    assert len(found.kept) == 2


def test_nothing_worth_keeping_is_an_error_that_says_why(
    trained: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keep, "flaw", lambda _: "silent")
    with pytest.raises(AbilityError, match=r"none of 3 sounds .* \(3 silent\)"):
        generate(trained, "tiny", count=3, keep=2, out=tmp_path / "out")


def test_sounds_that_break_off_are_left_out_where_real_ones_end(
    trained: Workspace, instrument: Instrument
) -> None:
    good = tones(2, instrument.sample_rate)
    cut = 0.5 * torch.sin(torch.arange(instrument.length_samples) * 0.2)[None]
    library = keep._library(trained, instrument, 0, lambda _: None)
    candidates = keep._candidates(
        instrument, replace(library, ends=True), player(instrument, [cut, *good])(range(3)), 3,
        lambda _: None,
    )  # fmt: skip
    assert [one.flaw for one in candidates] == ["breaks off", "", ""]
