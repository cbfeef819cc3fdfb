"""Maps: positions on the unit square, written and read whole, foreign files refused."""

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mapping_clouds import cloud, mapped
from safetensors.numpy import save_file

from timbrel.errors import ExistsError, InstrumentError, UnknownNameError, UsageError
from timbrel.mapping.layout import FACTS, FORMAT, SoundMap, lay_out, normalise, open_map, save
from timbrel.progress import Progress

TWO = {
    **{name: ["a", "b"] for name in ("ids", "labels", "names")},
    **{"projection": "pca", "seed": 0, "instrument": "drums", "library_sounds": 2},
}


def test_both_axes_are_filled_and_nothing_is_off_the_map(rng: np.random.Generator) -> None:
    positions = normalise(rng.normal(size=(500, 2)) * [1, 1000] + [50, -7])
    assert positions.min(axis=0) == pytest.approx([0.04, 0.04], abs=1e-6)
    assert positions.max(axis=0) == pytest.approx([0.96, 0.96], abs=1e-6)


def test_a_stray_does_not_squeeze_the_rest_and_order_is_kept(rng: np.random.Generator) -> None:
    values = np.sort(rng.normal(size=(400, 2)), axis=0)
    values[-1] = 1e6
    positions = normalise(values)
    assert np.ptp(positions[:-1], axis=0).min() > 0.5
    assert (np.diff(positions, axis=0) > 0).all()
    assert positions.max() <= 0.96 + 1e-6


@pytest.mark.parametrize("count", [1, 2, 5])
def test_sounds_all_alike_lie_in_the_middle(count: int) -> None:
    made = mapped(np.ones((count, 3), dtype=np.float32), ("kick",) * count)
    assert (made.positions == 0.5).all()


def test_one_far_sound_among_many_alike() -> None:
    latents = np.zeros((300, 2), dtype=np.float32)
    latents[7] = 1e4
    assert np.isfinite(mapped(latents, ("a",) * 300).positions).all()


def test_a_map_comes_back_from_its_file(sound_map: SoundMap, tmp_path: Path) -> None:
    path = tmp_path / "maps" / "drums.map"
    save(sound_map, path)
    back = open_map(path)
    for name in ("positions", "latents"):
        assert np.array_equal(getattr(back, name), getattr(sound_map, name))
    for name in FACTS:
        assert getattr(back, name) == getattr(sound_map, name)
    assert (back.seed, back.library_sounds) == (3, 400)


def test_equal_maps_are_equal_files(sound_map: SoundMap, tmp_path: Path) -> None:
    for count in range(6):
        save(sound_map, tmp_path / f"{count}.map")
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1


def test_nothing_is_overwritten_unasked(sound_map: SoundMap, tmp_path: Path) -> None:
    path = tmp_path / "drums.map"
    path.write_text("mine")
    with pytest.raises(ExistsError, match="--force"):
        save(sound_map, path)
    assert path.read_text() == "mine"
    save(sound_map, path, force=True)
    assert len(open_map(path)) == len(sound_map)


@pytest.mark.parametrize(
    "content", [b"", b"not a map", b"\xff" * 64, b"\x08" + bytes(7) + b"{}{}{}{}"]
)
def test_a_foreign_file_is_refused_in_one_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "foreign.map"
    path.write_bytes(content)
    with pytest.raises(InstrumentError) as caught:
        open_map(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InstrumentError, match=r"nothing\.map"):
        open_map(tmp_path / "nothing.map")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ids": ["only one"]}, "ids"),
        ({"labels": None}, "cannot be read"),
        ({"seed": "3"}, "cannot be read"),
        ({"library_sounds": float("inf")}, "cannot be read"),
    ],
)
def test_a_changed_map_is_refused(
    change: dict[str, object], reason: str, sound_map: SoundMap, tmp_path: Path
) -> None:
    path = tmp_path / "changed.map"
    arrays = {"positions": sound_map.positions[:2], "latents": sound_map.latents[:2]}
    save_file(arrays, path, metadata={FORMAT: json.dumps({**TWO, **change})})
    with pytest.raises(InstrumentError, match=reason):
        open_map(path)


@pytest.mark.parametrize("text", ["[[[", "[]", "7", "[" * 100_000, '"ids"'])
def test_a_map_whose_facts_are_no_table_is_refused(
    text: str, sound_map: SoundMap, tmp_path: Path
) -> None:
    arrays = {"positions": sound_map.positions[:2], "latents": sound_map.latents[:2]}
    save_file(arrays, tmp_path / "odd.map", metadata={FORMAT: text})
    with pytest.raises(InstrumentError, match="cannot be read"):
        open_map(tmp_path / "odd.map")
    save_file(arrays, tmp_path / "other.map", metadata={"format": text})
    with pytest.raises(InstrumentError, match="not a map"):
        open_map(tmp_path / "other.map")


def test_a_map_with_any_byte_changed_is_opened_or_refused(
    sound_map: SoundMap, rng: np.random.Generator, tmp_path: Path
) -> None:
    save(replace(sound_map, ids=("a",) * 400), tmp_path / "whole.map")
    whole = (tmp_path / "whole.map").read_bytes()
    head = whole.find(b"projection") + 100
    for place in rng.integers(0, head, 300).tolist():
        changed = bytearray(whole)
        changed[place] = rng.integers(0, 256)
        (tmp_path / "changed.map").write_bytes(bytes(changed))
        with suppress(InstrumentError):
            open_map(tmp_path / "changed.map")


def test_a_folder_is_no_map(tmp_path: Path) -> None:
    with pytest.raises(InstrumentError):
        open_map(tmp_path)


def test_positions_off_the_map_are_refused(sound_map: SoundMap, tmp_path: Path) -> None:
    path = tmp_path / "off.map"
    positions = np.array([[0.5, np.nan], [0.1, 0.2]], dtype=np.float32)
    save_file(
        {"positions": positions, "latents": sound_map.latents[:2]},
        path,
        metadata={FORMAT: json.dumps(TWO)},
    )
    with pytest.raises(InstrumentError, match="off the map"):
        open_map(path)


def test_what_cannot_be_laid_out_is_said() -> None:
    with pytest.raises(UsageError, match="no sounds"):
        mapped(np.empty((0, 4)), ())
    with pytest.raises(InstrumentError, match="finite"):
        mapped(np.array([[np.nan, 1.0]]), ("a",))
    with pytest.raises(InstrumentError, match="shape"):
        mapped(np.ones((3, 4)), ("a", "b"))
    with pytest.raises(UnknownNameError, match=r"did you mean 'umap'"):
        mapped(np.ones((3, 4)), ("a",) * 3, projection="umpa")


def test_progress_is_told_and_tensors_are_taken(rng: np.random.Generator) -> None:
    torch = pytest.importorskip("torch")
    latents, _ = cloud(rng, 20)
    seen: list[Progress] = []
    names = [str(index) for index in range(20)]
    made = lay_out(
        torch.from_numpy(latents), projection="pca", seed=0, ids=names, labels=names, names=names,
        instrument="drums", report=seen.append,
    )  # fmt: skip
    assert np.array_equal(made.latents, latents)
    assert [moment.done for moment in seen] == [0, 1]
    assert "20 sounds by PCA" in seen[0].stage
    assert [moment.note for moment in seen] == ["", ""]
