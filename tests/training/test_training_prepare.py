"""Prepared codes: what the front end makes of each sound, once, whatever happens in between."""

import json
import re
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from timbrel import plugins, recipes
from timbrel.errors import TrainingError
from timbrel.signal import files, levels
from timbrel.signal.files import Sound
from timbrel.training import data as data_module
from timbrel.training.data import Entry, fingerprint, prepare
from timbrel.training.store import from_codes
from timbrel.training.waveforms import waveform

RATE_HZ = 22_050


@pytest.fixture
def recipe():
    return recipes.find("sample-vae-tiny")


def make_sounds(folder: Path, count: int, seconds: float = 0.3) -> list[Entry]:
    folder.mkdir(exist_ok=True)
    entries = []
    time_s = torch.arange(round(seconds * RATE_HZ)) / RATE_HZ
    for number in range(count):
        tone = 0.5 * torch.sin(2 * torch.pi * (200 + 40 * number) * time_s) * torch.exp(-5 * time_s)
        path = folder / f"{number:03d}.wav"
        files.write(path, Sound(tone[None], RATE_HZ, ""))
        entries.append(Entry(f"id{number}", path, number % 3, f"hash{number}"))
    return entries


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.glob("*/*"))}


def test_rows_are_what_the_front_end_says(tmp_path, recipe):
    entries = make_sounds(tmp_path / "sounds", 20)
    store = prepare(entries, recipe, folder=tmp_path / "cache")
    assert store.shape == recipe.front_end.code_shape(recipe.length_samples)
    assert store.frames.shape == (store.lengths.sum(), store.shape[0])
    assert store.frames.dtype == np.float16
    assert store.ids == tuple(entry.id for entry in entries)
    assert store.labels.tolist() == [entry.label for entry in entries]
    for row in (0, 7, 19):
        sound = files.read(entries[row].path, sample_rate=recipe.sample_rate, mono=True)
        fitted = levels.fit_length(sound.samples, recipe.length_samples)
        code, reference = recipe.front_end.encode(fitted, sample_rate=recipe.sample_rate)
        assert torch.allclose(store.batch([row]), code, atol=1e-3)
        assert store.references[row] == pytest.approx(reference.item(), rel=1e-4)


def test_a_long_sound_is_faded_at_its_end(tmp_path, recipe):
    [entry] = make_sounds(tmp_path / "sounds", 1, seconds=2.0)
    heard = waveform(entry, recipe)
    assert isinstance(heard, torch.Tensor)
    assert heard.shape == (recipe.length_samples,)
    assert abs(heard[-1]) < 1e-4


def test_a_second_time_nothing_is_read(tmp_path, recipe, monkeypatch):
    entries = make_sounds(tmp_path / "sounds", 5)
    first = prepare(entries, recipe, folder=tmp_path / "cache")
    for entry in entries:
        entry.path.unlink()
    second = prepare(entries, recipe, folder=tmp_path / "cache")
    assert np.array_equal(first.frames, second.frames)
    assert second.fingerprint == first.fingerprint


def test_the_fingerprint_follows_content_and_front_end_but_not_labels(tmp_path, recipe):
    entries = make_sounds(tmp_path / "sounds", 3)
    before = fingerprint(entries, recipe)
    relabelled = [Entry(e.id, e.path, 0, e.content_hash) for e in entries]
    changed = [*entries[:2], Entry("id2", entries[2].path, 0, "other")]
    assert fingerprint(relabelled, recipe) == before
    assert fingerprint(changed, recipe) != before
    assert fingerprint(entries, recipes.override(recipe, ["front_end.mels=64"])) != before
    assert fingerprint(entries, recipes.override(recipe, ["duration_s=0.4"])) != before


def test_without_a_hash_the_file_itself_tells(tmp_path, recipe):
    [entry] = make_sounds(tmp_path / "sounds", 1)
    plain = [Entry(entry.id, entry.path)]
    before = fingerprint(plain, recipe)
    files.write(entry.path, Sound(torch.zeros(1, 99) + 0.1, RATE_HZ, ""), force=True)
    assert fingerprint(plain, recipe) != before
    entry.path.unlink()
    assert fingerprint(plain, recipe) != before


def test_sounds_that_cannot_be_used_are_named(tmp_path, recipe):
    entries = make_sounds(tmp_path / "sounds", 20)
    entries[3].path.unlink()
    entries[4].path.write_bytes(b"no sound")
    _write_nan(entries[5].path)
    store = prepare(entries, recipe, folder=tmp_path / "cache")
    assert len(store) == 17
    assert [name for name, _ in store.skipped] == ["id3", "id4", "id5"]
    assert "no numbers" in store.skipped[2][1]
    assert "id6" in store.ids
    row = store.ids.index("id6")
    alone = prepare([entries[6]], recipe, folder=tmp_path / "other")
    assert torch.allclose(store.batch([row]), alone.batch([0]), atol=1e-3)


def _write_nan(path: Path) -> None:
    import soundfile

    soundfile.write(path, np.full(500, np.nan, np.float32), RATE_HZ, subtype="FLOAT")


def test_sounds_beyond_all_measure_and_late_ones_are_named(tmp_path, recipe):
    entries = make_sounds(tmp_path / "sounds", 4)
    noise = torch.randn(1, 5000, generator=torch.Generator().manual_seed(1))
    files.write(entries[1].path, Sound(1e20 * noise, RATE_HZ), encoding="float_32", force=True)
    late = torch.cat([torch.zeros(1, 3 * RATE_HZ), 0.1 * noise], dim=1)
    files.write(entries[2].path, Sound(late, RATE_HZ), force=True)
    store = prepare(entries, recipe, folder=tmp_path / "cache")
    assert store.ids == ("id0", "id3")
    reasons = dict(store.skipped)
    assert re.fullmatch(r"its samples reach [\d.]+e\+20; accepted up to 1e\+06", reasons["id1"])
    assert reasons["id2"] == f"it is silent in its first {recipe.duration_s:g} s"


def test_nothing_usable_gives_an_empty_store(tmp_path, recipe):
    store = prepare([Entry("x", tmp_path / "x.wav")], recipe, folder=tmp_path / "cache")
    assert len(store) == 0
    assert len(store.skipped) == 1


@pytest.mark.parametrize("cut", ["codes", "rows", "both", "nothing", "garbage"])
def test_after_a_kill_it_goes_on_and_gives_the_same_bytes(tmp_path, recipe, cut):
    entries = make_sounds(tmp_path / "sounds", 50)
    prepare(entries, recipe, folder=tmp_path / "whole")
    prepare(entries, recipe, folder=tmp_path / "cache")
    [folder] = (tmp_path / "cache").iterdir()
    (folder / "complete.json").unlink()
    codes, rows = folder / "codes.f16", folder / "rows.jsonl"
    if cut in ("codes", "both"):
        codes.write_bytes(codes.read_bytes()[: 20 * codes.stat().st_size // 50 + 77])
    if cut in ("rows", "both"):
        rows.write_bytes(rows.read_bytes()[: rows.stat().st_size // 2])
    if cut == "garbage":
        rows.write_bytes(rows.read_bytes()[:400] + b"\x00\xff\n{")
    prepare(entries, recipe, folder=tmp_path / "cache")
    assert content(tmp_path / "cache") == content(tmp_path / "whole")


def test_work_done_before_a_kill_is_not_done_again(tmp_path, recipe, monkeypatch):
    entries = make_sounds(tmp_path / "sounds", 60)
    monkeypatch.setattr(data_module, "_KEEP_EVERY_S", 0.0)

    class Killed(BaseException):
        pass

    def report(progress):
        if progress.done >= 32:
            raise Killed

    with pytest.raises(Killed):
        prepare(entries, recipe, folder=tmp_path / "cache", report=report)
    seen = []
    prepare(entries, recipe, folder=tmp_path / "cache", report=lambda p: seen.append(p.done))
    assert seen[0] == 32
    assert seen[-1] == 60


@pytest.mark.slow
def test_killed_for_real(tmp_path, recipe):
    make_sounds(tmp_path / "sounds", 60)
    script = f"""
        import os, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from pathlib import Path
        import test_training_prepare as these
        from timbrel import recipes
        from timbrel.training import data
        data._KEEP_EVERY_S = 0.0
        def report(progress):
            if progress.done >= 40:
                os.kill(os.getpid(), 9)
        entries = these.make_sounds(Path({str(tmp_path / "again")!r}), 60)
        data.prepare(entries, recipes.find("sample-vae-tiny"),
                     folder=Path({str(tmp_path / "cache")!r}), report=report)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False)
    assert done.returncode == -9
    entries = make_sounds(tmp_path / "again2", 60)
    prepare(entries, recipe, folder=tmp_path / "cache")
    prepare(entries, recipe, folder=tmp_path / "whole")
    assert content(tmp_path / "cache") == content(tmp_path / "whole")


@pytest.mark.parametrize("damage", ["cut", "doubled", "gone", "shuffled"])
def test_a_damaged_cache_is_made_anew(tmp_path, recipe, damage):
    entries = make_sounds(tmp_path / "sounds", 5)
    prepare(entries, recipe, folder=tmp_path / "cache")
    before = content(tmp_path / "cache")
    [codes] = (tmp_path / "cache").glob("*/codes.f16")
    rows = codes.with_name("rows.jsonl")
    if damage == "cut":
        codes.write_bytes(codes.read_bytes()[:-10])
    elif damage == "doubled":
        codes.write_bytes(codes.read_bytes() * 2)
        rows.write_bytes(rows.read_bytes() * 2)
    elif damage == "shuffled":
        rows.write_text("".join(reversed(rows.read_text().splitlines(keepends=True))))
    else:
        codes.unlink()
    prepare(entries, recipe, folder=tmp_path / "cache")
    assert content(tmp_path / "cache") == before


def test_two_that_prepare_the_same_sounds_do_not_meet(tmp_path, recipe):
    """The second begins in the middle of the first, waits, and finds the store complete."""
    entries = make_sounds(tmp_path / "sounds", 40)
    whole = prepare(entries, recipe, folder=tmp_path / "whole")
    stages, second = [], []

    def run():
        store = prepare(entries, recipe, folder=tmp_path / "cache", report=lambda p: waits(p.stage))
        second.append(store)

    def waits(stage):
        stages.append(stage)
        waiting.set()

    waiting, other = threading.Event(), threading.Thread(target=run)

    def report(progress):
        if progress.done == 16:
            other.start()
            waiting.wait(60)

    first = prepare(entries, recipe, folder=tmp_path / "cache", report=report)
    other.join(60)
    assert np.array_equal(first.frames, whole.frames)
    assert np.array_equal(second[0].frames, whole.frames)
    assert set(stages) == {"waiting for another training to prepare the same sounds"}
    assert content(tmp_path / "cache") == content(tmp_path / "whole")


@pytest.mark.parametrize("killed", [False, True])
def test_a_sound_that_is_back_is_learned_from(tmp_path, recipe, killed):
    """A drive that was away for a moment leaves no mark, not even on a store that is in use."""
    entries = make_sounds(tmp_path / "sounds", 40)
    away = entries[20].path.rename(tmp_path / "away.wav")
    first = prepare(entries, recipe, folder=tmp_path / "cache")
    assert [name for name, _ in first.skipped] == ["id20"]
    before = first.frames.copy()
    assert prepare(entries, recipe, folder=tmp_path / "cache").skipped == first.skipped
    if killed:
        [complete] = (tmp_path / "cache").glob("*/complete.json")
        complete.unlink()
        first = None
    away.rename(entries[20].path)
    again = prepare(entries, recipe, folder=tmp_path / "cache")
    prepare(entries, recipe, folder=tmp_path / "whole")
    assert again.skipped == ()
    assert content(tmp_path / "cache") == content(tmp_path / "whole")
    assert first is None or np.array_equal(first.frames, before)


def test_what_is_left_out_does_not_change_what_a_training_depends_on(tmp_path, recipe):
    entries = make_sounds(tmp_path / "sounds", 5)
    entries[2].path.unlink()
    some = prepare(entries, recipe, folder=tmp_path / "cache")
    kept = prepare([*entries[:2], *entries[3:]], recipe, folder=tmp_path / "cache")
    assert some.fingerprint == kept.fingerprint
    assert some.fingerprint != fingerprint(entries, recipe)


def test_a_cache_that_cannot_be_written(tmp_path, recipe):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(TrainingError, match="free some space"):
        prepare(make_sounds(tmp_path / "s", 2), recipe, folder=tmp_path / "file")


def test_reading_gives_mapped_pages_back(tmp_path, recipe, monkeypatch):
    entries = make_sounds(tmp_path / "sounds", 5)
    store = prepare(entries, recipe, folder=tmp_path / "cache")
    before = store.batch([1, 3])
    monkeypatch.setattr("timbrel.training.store._RELAX_BYTES", 1)
    for _ in range(3):
        assert torch.equal(store.batch([1, 3]), before)
    assert store._read_bytes == 0


def test_a_store_of_codes_in_memory():
    codes = torch.rand(4, 3, 2)
    store = from_codes(codes, labels=[1, 0, 1, 0], ids=["a", "b", "c", "d"])
    assert torch.allclose(store.batch([2]), codes[2:3], atol=1e-3)
    assert store.labels_of([2, 1]).tolist() == [1, 0]
    assert store.fingerprint != from_codes(codes + 1).fingerprint


def test_the_journal_is_json(tmp_path, recipe):
    prepare(make_sounds(tmp_path / "sounds", 2), recipe, folder=tmp_path / "cache")
    [rows] = (tmp_path / "cache").glob("*/rows.jsonl")
    assert [json.loads(line)["id"] for line in rows.read_text().splitlines()] == ["id0", "id1"]


# ---- long sounds -------------------------------------------------------------------------------


@pytest.mark.parametrize("front_end", ["log_magnitude", "rfft"])
def test_long_sounds_are_encoded_few_at_once_and_to_their_own_length(tmp_path, recipe, front_end):
    """A recipe that hears a minute prepares songs as well as notes, and pads neither."""
    [long] = make_sounds(tmp_path / "long", 1, seconds=20.0)
    entries = [*make_sounds(tmp_path / "sounds", 8), replace(long, id="long", content_hash="x")]
    recipe = recipe.model_copy(
        update={"duration_s": 60.0, "front_end": plugins.load("signal.frontends", front_end)()}
    )
    seen = []
    encode = type(recipe.front_end).encode

    def watched(self, sound, *, sample_rate):
        seen.append(tuple(sound.shape))
        return encode(self, sound, sample_rate=sample_rate)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(recipe.front_end), "encode", watched)
        patch.setattr(data_module, "CHUNK_BYTES", 3 * 4 * recipe.length_samples)
        store = prepare(entries, recipe, folder=tmp_path / "cache")
    assert [count for count, _ in seen] == [3, 3, 3]
    assert max(samples for _, samples in seen[:2]) < recipe.sample_rate
    for row, entry in enumerate(entries):
        whole = levels.fit_length(waveform(entry, recipe), recipe.length_samples)
        code, reference = recipe.front_end.encode(whole[None], sample_rate=recipe.sample_rate)
        assert torch.allclose(store.batch([row]), code, atol=1e-3)
        assert store.references[row] == pytest.approx(reference.item(), rel=1e-4)


@pytest.mark.parametrize("chunk", [1, 3])
def test_long_sounds_survive_a_kill_too(tmp_path, recipe, monkeypatch, chunk):
    monkeypatch.setattr(data_module, "CHUNK_BYTES", chunk * 4 * recipe.length_samples)
    entries = make_sounds(tmp_path / "sounds", 8)
    prepare(entries, recipe, folder=tmp_path / "whole")
    prepare(entries, recipe, folder=tmp_path / "cache")
    [folder] = (tmp_path / "cache").iterdir()
    (folder / "complete.json").unlink()
    lines = (folder / "rows.jsonl").read_text().splitlines(keepends=True)
    (folder / "rows.jsonl").write_text("".join(lines[:5]))
    seen = []
    prepare(entries, recipe, folder=tmp_path / "cache", report=lambda p: seen.append(p.done))
    assert seen[0] == 5 // chunk * chunk
    assert content(tmp_path / "cache") == content(tmp_path / "whole")
