"""The folder: what is saved comes back; what is damaged, foreign or hostile is refused."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from fixtures_instrument import linear_instrument, tiny_recipe
from timbrel.errors import ExistsError, InstrumentError, UsageError
from timbrel.instruments import document, weights
from timbrel.instruments.folder import describe, open_instrument, read_card, save
from timbrel.instruments.instrument import Instrument

FILES = {"instrument.json", "weights.safetensors", "cloud.safetensors", "sounds.csv", "card.md"}


@pytest.fixture
def saved(tiny_instrument: Instrument, tmp_path: Path) -> Path:
    save(tmp_path / "tiny", tiny_instrument, run_folder=None)
    return tmp_path / "tiny"


def change(folder: Path, **facts: Any) -> None:
    """Rewrites facts of `instrument.json`."""
    path = folder / "instrument.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | facts))


def forge(folder: Path) -> None:
    """Makes fingerprint and checksums right again, as a forger would."""
    path = folder / "instrument.json"
    said = json.loads(path.read_text())
    tensors = load_file(folder / "weights.safetensors")
    said["fingerprint"] = weights.fingerprint(said["recipe"], tensors)
    said["checksums"] = {n: document.checksum(folder / n) for n in sorted(FILES) if "." in n}
    path.write_text(json.dumps(said))


def test_what_is_saved_comes_back(tiny_instrument: Instrument, saved: Path) -> None:
    again = open_instrument(saved)
    assert {path.name for path in saved.iterdir()} == FILES
    assert again.recipe == tiny_instrument.recipe
    assert again.facts == tiny_instrument.facts
    assert again.sounds == tiny_instrument.sounds
    assert again.splits["v0"] == "validation"
    assert again.fingerprint == tiny_instrument.fingerprint
    assert again.library_fingerprint == "library-7"
    assert again.cloud.ids == tiny_instrument.cloud.ids
    assert "v0" not in again.cloud.ids
    assert torch.equal(again.cloud.latents, tiny_instrument.cloud.latents)
    assert torch.equal(again.cloud.references, tiny_instrument.cloud.references)
    latent = again.cloud.latents[:2]
    assert torch.equal(again.decode(latent, seed=3), tiny_instrument.decode(latent, seed=3))


def test_the_same_instrument_is_the_same_bytes(tiny_instrument: Instrument, saved: Path) -> None:
    other = saved.with_name("elsewhere") / "tiny"
    save(other, tiny_instrument, run_folder=None)
    for name in FILES:
        assert (saved / name).read_bytes() == (other / name).read_bytes(), name


def test_another_recipe_or_other_weights_have_another_fingerprint(
    tiny_instrument: Instrument,
) -> None:
    smaller = linear_instrument(tiny_recipe(latent_size=5))
    assert smaller.fingerprint != tiny_instrument.fingerprint
    assert linear_instrument(tiny_recipe()).fingerprint == tiny_instrument.fingerprint


def test_nothing_is_replaced_unasked(tiny_instrument: Instrument, saved: Path) -> None:
    before = (saved / "instrument.json").stat().st_mtime_ns
    with pytest.raises(ExistsError, match="--force"):
        save(saved, tiny_instrument, run_folder=None)
    assert (saved / "instrument.json").stat().st_mtime_ns == before
    save(saved, tiny_instrument, run_folder=None, force=True)
    assert open_instrument(saved).name == "tiny"


def test_force_never_replaces_what_is_no_instrument(
    tiny_instrument: Instrument, tmp_path: Path
) -> None:
    (tmp_path / "songs").mkdir()
    (tmp_path / "songs" / "only-copy.wav").write_bytes(b"precious")
    with pytest.raises(ExistsError, match="no instrument"):
        save(tmp_path / "songs", tiny_instrument, run_folder=None, force=True)
    assert (tmp_path / "songs" / "only-copy.wav").read_bytes() == b"precious"


def test_a_failed_save_leaves_nothing(
    tiny_instrument: Instrument, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(document, "write", full)
    with pytest.raises(InstrumentError, match=r"No space left on device.*free some space"):
        save(tmp_path / "tiny", tiny_instrument, run_folder=None)
    assert list(tmp_path.iterdir()) == []


def test_weights_that_are_no_numbers_are_not_saved(linear_family: None, tmp_path: Path) -> None:
    broken = linear_instrument(tiny_recipe())
    with torch.no_grad():
        broken.network.get_parameter("mean")[0] = torch.nan
    with pytest.raises(InstrumentError, match="no numbers"):
        save(tmp_path / "tiny", broken, run_folder=None)
    assert list(tmp_path.iterdir()) == []


def test_what_training_left_is_copied(tiny_instrument: Instrument, tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "previews").mkdir(parents=True)
    (run / "checkpoints").mkdir()
    (run / "history.csv").write_text("step,loss\n1,2.0\n")
    (run / "previews" / "0001.wav").write_bytes(b"RIFF")
    (run / "checkpoints" / "last.safetensors").write_bytes(b"state")
    (run / "checkpoints" / ".0123abcd.part.safetensors").write_bytes(b"half")  # of a kill
    save(tmp_path / "tiny", tiny_instrument, run_folder=run)
    assert (tmp_path / "tiny" / "history.csv").read_text() == "step,loss\n1,2.0\n"
    assert (tmp_path / "tiny" / "previews" / "0001.wav").read_bytes() == b"RIFF"
    assert (tmp_path / "tiny" / "checkpoints" / "last.safetensors").read_bytes() == b"state"
    assert [path.name for path in (tmp_path / "tiny" / "checkpoints").iterdir()] == [
        "last.safetensors"
    ]
    assert (run / "history.csv").exists()


def test_describe_says_what_it_is(saved: Path) -> None:
    said = describe(saved)
    assert said["name"] == "tiny"
    assert said["abilities"] == ["generate", "map", "morph", "reconstruct"]
    assert said["labels"] == ["noise", "tone"]
    assert said["sounds"] == {"train": 30, "validation": 1}
    assert said["sample_rate"] == 16_000
    assert said["duration_s"] == 0.5
    assert said["training"]["best_loss"] is None
    assert said["training"]["steps"] == 3
    json.dumps(said, allow_nan=False)


def test_describe_and_card_need_no_torch(saved: Path) -> None:
    code = (
        "import sys, pathlib; from timbrel.instruments.folder import describe, read_card; "
        f"p = pathlib.Path({str(saved)!r}); describe(p); read_card(p); "
        "sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_renamed_folder_is_an_instrument_of_that_name(saved: Path) -> None:
    renamed = saved.rename(saved.with_name("große trommel"))
    assert open_instrument(renamed).name == describe(renamed)["name"] == "große trommel"


@pytest.mark.parametrize("name", sorted(FILES - {"card.md"}))
def test_a_missing_file_is_named(saved: Path, name: str) -> None:
    (saved / name).unlink()
    with pytest.raises(InstrumentError, match=name):
        open_instrument(saved)


@pytest.mark.parametrize("name", sorted(FILES))
def test_links_are_not_followed(saved: Path, name: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (saved / name).rename(outside)
    (saved / name).symlink_to(outside)
    with pytest.raises(InstrumentError, match="no plain file"):
        read_card(saved) if name == "card.md" else open_instrument(saved)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_does_not_hang_it(saved: Path) -> None:
    (saved / "weights.safetensors").unlink()
    os.mkfifo(saved / "weights.safetensors")
    with pytest.raises(InstrumentError, match="no plain file"):
        open_instrument(saved)


def test_an_enormous_file_is_not_read(saved: Path) -> None:
    with (saved / "instrument.json").open("r+b") as file:
        file.truncate(1 << 34)
    with pytest.raises(InstrumentError, match="MB at most"):
        open_instrument(saved)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "damaged"),
        ("[]", "no instrument"),
        ("{}", "no instrument"),
        ('{"format_version": true}', "no instrument"),
        ('{"format_version": 1}', "damaged at"),
        ('{"format_version": 99, "soul": "x"}', "newer timbrel"),
        ('{"format_version": 1, "sample_rate": NaN}', "no number"),
        ("[" * 100_000, "damaged"),
        ('{"format_version": ' + "9" * 5000 + "}", "damaged"),
        ("\ufeff{}", "damaged"),
    ],
)
def test_a_document_that_is_none_is_refused(saved: Path, text: str, reason: str) -> None:
    (saved / "instrument.json").write_text(text, encoding="utf-8")
    for read in (open_instrument, describe):
        with pytest.raises(InstrumentError, match=reason):
            read(saved)


def test_bytes_that_are_no_text_are_refused(saved: Path) -> None:
    (saved / "instrument.json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(InstrumentError, match="UTF-8"):
        describe(saved)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "nowhere", tmp_path / "file", tmp_path):
        with pytest.raises(InstrumentError, match=r"no instrument|has no instrument\.json"):
            open_instrument(path)


def recipe_change(**changes: Any) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        said = json.loads((folder / "instrument.json").read_text())
        change(folder, recipe=said["recipe"] | changes)

    return damage


def swap_weights(**tensors: torch.Tensor | None) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        old = load_file(folder / "weights.safetensors") | tensors
        save_file(
            {name: t for name, t in old.items() if t is not None}, folder / "weights.safetensors"
        )

    return damage


def swap_cloud(**tensors: torch.Tensor) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        old = load_file(folder / "cloud.safetensors")
        save_file(old | tensors, folder / "cloud.safetensors")

    return damage


def sounds_line(old: str, new: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        text = (folder / "sounds.csv").read_text(encoding="utf-8")
        assert old in text
        (folder / "sounds.csv").write_text(text.replace(old, new), encoding="utf-8")

    return damage


FORGERIES: list[tuple[Callable[[Path], None], str]] = [
    (recipe_change(family="os"), "no family 'os'"),
    (recipe_change(family="../../evil"), "no family"),
    (recipe_change(front_end={"name": "os.path"}), "no front end"),
    (
        recipe_change(front_end={"name": "log_magnitude", "n_fft": 256, "hop_samples": 64}),
        "contradicts",
    ),
    (recipe_change(phase={"name": "zero", "soul": 1}), "no setting 'soul'"),
    (recipe_change(sample_rate=8000), "contradicts"),
    (recipe_change(sample_rate=10**15), "768000"),
    (recipe_change(duration_s=1e300), "duration_s"),
    (recipe_change(network={"latent_size": 10**9}), "shape"),
    (recipe_change(network={"latent_size": 10**30}), "latent_size"),
    (recipe_change(network={"latent_size": 12}), "shape"),
    (recipe_change(training=[]), "training"),
    (swap_weights(mean=None), "lack tensor 'mean'"),
    (swap_weights(backdoor=torch.zeros(3)), "foreign tensor 'backdoor'"),
    (swap_weights(mean=torch.zeros(3)), "shape"),
    (swap_weights(mean=torch.full((257 * 63,), torch.nan)), "no numbers"),
    (swap_weights(mean=torch.zeros(257 * 63, dtype=torch.float64)), "float64"),
    (swap_weights(mean=torch.zeros(257 * 63, dtype=torch.bool)), "bool"),
    (swap_cloud(latents=torch.zeros(30, 7)), "cloud"),
    (swap_cloud(latents=torch.zeros(29, 24)), "cloud"),
    (swap_cloud(latents=torch.zeros(24)), "cloud"),
    (swap_cloud(latents=torch.full((30, 24), torch.inf)), "no numbers"),
    (swap_cloud(references=torch.zeros(2, 30)), "fit together"),
    (swap_cloud(more=torch.zeros(1)), "cloud"),
    (sounds_line("id,name,label,split", "id,name"), "other columns"),
    (sounds_line("id3,", "id4,"), "twice"),
    (sounds_line(",train", ",everything"), "sounds.csv"),
    (sounds_line("noise,train", "choir,train"), "'choir'"),
    (sounds_line("tone 0.wav", '"tone 0'), "sounds.csv"),
    (sounds_line("tone 0.wav", "x" * 200_000), "field"),
]


@pytest.mark.parametrize(("damage", "reason"), FORGERIES)
def test_a_forged_folder_is_refused_with_the_reason(
    saved: Path, damage: Callable[[Path], None], reason: str
) -> None:
    damage(saved)
    forge(saved)
    with pytest.raises(InstrumentError, match=reason):
        open_instrument(saved)


@pytest.mark.parametrize("name", ["weights.safetensors", "cloud.safetensors"])
@pytest.mark.parametrize("header_bytes", [None, 10**8, 2**63])
def test_a_header_that_promises_100_gb_is_refused_at_once(
    saved: Path, name: str, header_bytes: int | None
) -> None:
    """Either of a tensor or of itself; nothing is allocated for it."""
    content = (saved / name).read_bytes()
    length = int.from_bytes(content[:8], "little")
    table = json.loads(content[8 : 8 + length])
    first = next(key for key in table if key != "__metadata__")
    table[first] |= {"shape": [25 * 10**9], "data_offsets": [0, 10**11]}
    header = json.dumps(table).encode()
    promised = (header_bytes or len(header)).to_bytes(8, "little")
    (saved / name).write_bytes(promised + header + content[8 + length :])
    said = json.loads((saved / "instrument.json").read_text())
    sums = {name: document.checksum(saved / name)}
    change(saved, checksums=said["checksums"] | sums)
    with pytest.raises(InstrumentError):
        open_instrument(saved)


def test_a_forger_who_changes_nothing_is_let_in(saved: Path) -> None:
    forge(saved)
    assert open_instrument(saved).name == "tiny"


def test_a_changed_recipe_is_noticed(saved: Path) -> None:
    recipe_change(phase={"name": "zero"})(saved)
    with pytest.raises(InstrumentError, match="were changed"):
        open_instrument(saved)


def test_pickles_are_not_opened(saved: Path) -> None:
    torch.save({"mean": torch.zeros(3)}, saved / "weights.safetensors")
    with pytest.raises(InstrumentError, match=r"weights\.safetensors is damaged"):
        open_instrument(saved)


def test_hostile_names_come_back_as_they_are(linear_family: None, tmp_path: Path) -> None:
    label = '../"a,b"\nc=<script>│\x07'
    one = linear_instrument(tiny_recipe())
    notes = tuple(
        type(note)(note.id, f"{label}{n}", note.label, note.split)
        for n, note in enumerate(one.sounds)
    )
    object.__setattr__(one, "sounds", notes)
    save(tmp_path / "x", one, run_folder=None)
    assert open_instrument(tmp_path / "x").sounds == notes


def test_a_name_that_is_no_unicode_is_written_all_the_same(
    linear_family: None, tmp_path: Path
) -> None:
    one = linear_instrument(tiny_recipe())
    first, *rest = one.sounds
    undecodable = os.fsdecode(b"kick\xff.wav")
    object.__setattr__(
        one, "sounds", (type(first)(first.id, undecodable, first.label, first.split), *rest)
    )
    save(tmp_path / "x", one, run_folder=None)
    assert open_instrument(tmp_path / "x").sounds[0].name == "kick?.wav"


def test_an_unknown_device_is_a_wrong_argument(saved: Path) -> None:
    with pytest.raises(UsageError, match="no device 'organ'"):
        open_instrument(saved, device="organ")


def test_it_can_be_moved_and_copied(saved: Path, tmp_path: Path) -> None:
    shutil.copytree(saved, tmp_path / "elsewhere" / "copy")
    assert open_instrument(tmp_path / "elsewhere" / "copy").name == "copy"
