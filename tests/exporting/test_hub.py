"""Instruments that travel: to a folder in the hub's layout, to the hub itself, and back."""

import json
import shutil
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest

from fixtures_command import Command
from fixtures_graphs import drawn_instrument
from timbrel.errors import InstrumentError
from timbrel.instruments import folder
from timbrel.tasks import hub
from timbrel.tasks.workspace import Workspace

SECRET = "hf_theSecretOfThisTestNobodyMaySee"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the instrument `waves`."""
    root = tmp_path_factory.mktemp("hub")
    folder.save(root / "instruments" / "waves", drawn_instrument("pca-tiny")[0], run_folder=None)
    return root


@pytest.fixture
def travelling(kept: Path, timbrel: Command) -> Path:
    """The instrument as a folder of the hub."""
    ended = timbrel("--workspace", kept, "export", "waves", "--format", "hub", "--out", "there",
                    "--license", "cc-by-4.0")  # fmt: skip
    assert ended.status == 0, ended.err
    return Path("there")


def test_a_folder_of_the_hub_is_taken_back_and_sounds_the_same(
    kept: Path, travelling: Path, timbrel: Command
) -> None:
    ended = timbrel("--workspace", "new", "--json", "instruments", "--add", travelling,
                    "--name", "again")  # fmt: skip
    assert ended.status == 0, ended.err
    before = folder.describe(kept / "instruments" / "waves")
    assert ended.document["name"] == "again"
    assert ended.document["fingerprint"] == before["fingerprint"]
    opened = folder.open_instrument(Path("new/instruments/again"))
    assert opened.cloud.latents.equal(drawn_instrument("pca-tiny")[0].cloud.latents)
    again = timbrel("--workspace", "new", "instruments", "--add", travelling, "--name", "again")
    assert again.status == 2
    assert "the instrument again exists already" in again.err
    forced = ("--name", "again", "--force")
    assert timbrel("--workspace", "new", "instruments", "--add", travelling, *forced).status == 0


def test_the_folder_is_laid_out_as_the_hub_wants(travelling: Path) -> None:
    head, card = (travelling / "README.md").read_text(encoding="utf-8")[4:].split("---\n", 1)
    assert head.splitlines()[:3] == [
        "library_name: timbrel", "pipeline_tag: audio-to-audio", 'license: "cc-by-4.0"',
    ]  # fmt: skip
    assert "- principal-components" in head
    assert card.startswith("# ")
    config = json.loads((travelling / "config.json").read_text(encoding="utf-8"))
    assert config["library_name"] == "timbrel"
    assert config["sample_rate"] == folder.describe(travelling)["sample_rate"]
    loaded = huggingface_hub.ModelCard.load(travelling / "README.md").data.to_dict()
    assert loaded["license"] == "cc-by-4.0"
    assert not list(travelling.glob("*.wav"))


@pytest.mark.parametrize("fault", ["weights", "link", "half a letter", "recipe", "missing"])
def test_a_hostile_folder_is_not_taken(travelling: Path, timbrel: Command, fault: str) -> None:
    if fault == "weights":
        with (travelling / "weights.safetensors").open("r+b") as file:
            file.seek(-8, 2)
            file.write(b"\x00\x00\x80\x3f" * 2)
    elif fault == "link":
        shutil.move(travelling / "weights.safetensors", "elsewhere")
        (travelling / "weights.safetensors").symlink_to(Path("elsewhere").resolve())
    elif fault == "half a letter":
        path = travelling / "instrument.json"
        told = path.read_text(encoding="utf-8")
        version = json.dumps(json.loads(told)["timbrel_version"])
        path.write_text(told.replace(version, '"\\ud800"', 1), encoding="utf-8")
    elif fault == "recipe":
        path = travelling / "instrument.json"
        told = json.loads(path.read_text(encoding="utf-8"))
        told["recipe"]["sample_rate"] = 10**9
        path.write_text(json.dumps(told), encoding="utf-8")
    else:
        (travelling / "cloud.safetensors").unlink()
    ended = timbrel("--workspace", "new", "instruments", "--add", travelling)
    assert ended.status == 1
    assert "Traceback" not in ended.err
    assert not Path("new/instruments").exists()


def test_nothing_but_an_export_is_replaced(kept: Path, timbrel: Command) -> None:
    Path("mine").mkdir()
    Path("mine/config.json").write_text('{"library_name": "other"}')
    Path("file").touch()
    for name, said in (("mine", "holds 'config.json'"), ("file", "file is a file")):
        ended = timbrel("--workspace", kept, "export", "waves", "--format", "hub", "--out", name,
                        "--force")  # fmt: skip
        assert (ended.status, said in ended.err) == (2, True), ended.err
    assert Path("mine/config.json").read_text() == '{"library_name": "other"}'


def test_without_a_network_it_says_so_and_keeps_secrets(
    kept: Path, timbrel: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setenv("HF_TOKEN", SECRET)
    pulled = timbrel("--workspace", "new", "instruments", "--pull", "me/waves")
    pushed = timbrel("--workspace", kept, "export", "waves", "--format", "hub", "--out", "there",
                     "--push", "me/waves")  # fmt: skip
    for ended, what in ((pulled, "cannot pull me/waves"), (pushed, "not pushed to me/waves")):
        assert ended.status == 1
        assert what in ended.err
        assert SECRET not in ended.out + ended.err
        assert len(ended.err.strip().splitlines()) == 1
    assert Path("there/README.md").is_file()  # what was written stays


class _Shelf:
    """The hub at its boundary: what is sent lies in a folder."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def create_repo(self, repository: str, *, private: bool, exist_ok: bool) -> None:
        assert private
        assert exist_ok

    def upload_folder(self, *, repo_id: str, folder_path: str, allow_patterns: list[str]) -> None:
        for name in allow_patterns:
            if (Path(folder_path) / name).is_file():
                (self.place / repo_id).mkdir(parents=True, exist_ok=True)
                shutil.copy(Path(folder_path) / name, self.place / repo_id / name)

    def model_info(self, repository: str, *, files_metadata: bool) -> Any:
        assert files_metadata
        files = [
            huggingface_hub.hf_api.RepoSibling(rfilename=path.name, size=path.stat().st_size)
            for path in (self.place / repository).iterdir()
        ]
        return type("Info", (), {"siblings": files, "sha": "looked-at"})()

    def fetched(
        self, repository: str, *, revision: str, local_dir: str, allow_patterns: list[str]
    ) -> None:
        assert revision == "looked-at"
        shutil.copytree(self.place / repository, local_dir)


def test_what_was_pushed_is_pulled(
    kept: Path, timbrel: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shelf = _Shelf(tmp_path / "hub")
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: shelf)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", shelf.fetched)
    pushed = timbrel("--workspace", kept, "--json", "export", "waves", "--format", "hub",
                     "--out", "there", "--push", "me/waves")  # fmt: skip
    assert pushed.document["pushed"] == "me/waves"
    pulled = timbrel("--workspace", "new", "--json", "instruments", "--pull", "me/waves")
    assert pulled.status == 0, pulled.err
    assert pulled.document["name"] == "waves"
    monkeypatch.setitem(hub.document.LARGEST_BYTES, "weights.safetensors", 1000)
    with pytest.raises(InstrumentError, match=r"weights\.safetensors of me/waves is too large"):
        hub.pull(Workspace(Path("new")), "me/waves", force=True)


@pytest.mark.parametrize("name", ["../up", "a/b/c", "https://x.org/a", ""])
def test_a_repository_is_owner_and_name(timbrel: Command, name: str) -> None:
    ended = timbrel("--workspace", "new", "instruments", "--pull", name)
    assert ended.status == 2
    assert "accepted: OWNER/NAME" in ended.err
