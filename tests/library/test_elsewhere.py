"""A library whose table lies in a store of objects: the same answers, and clear words."""

import json
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from library_sounds import pack, strike, write
from moto.server import ThreadedMotoServer

from fixtures_command import Command, timbrel
from fixtures_store import KEY, SECRET, server, store
from timbrel.errors import ExistsError, LibraryError, UsageError
from timbrel.library import elsewhere, lease
from timbrel.library._database import lancedb
from timbrel.library.catalogue import Catalogue, open_catalogue
from timbrel.library.scan import scan

__all__ = ["server", "store", "timbrel"]


@pytest.fixture(autouse=True)
def nobody_else_makes_the_same_table(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "once" not in request.node.name:
        monkeypatch.setattr(lease, "_SETTLE_S", 0.0)


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    folder = pack(tmp_path / "pack", count=3)
    (folder / "torn.wav").write_bytes(b"RIFF")
    return folder


def rows_of(catalogue: Catalogue) -> list[dict[str, object]]:
    return sorted(catalogue.records("id <> ''"), key=lambda row: str(row["id"]))


def test_the_table_is_that_of_a_folder(tmp_path: Path, sounds: Path, store: str) -> None:
    here = open_catalogue(tmp_path / "here", create=True)
    there = open_catalogue(tmp_path / "there", create=True, address=store)
    for catalogue in (here, there):
        done = scan(sounds, catalogue, workers=1)
        assert (done.added, len(done.skipped)) == (6, 1)
    assert {path.name for path in (tmp_path / "there").iterdir()} == {
        ".writing",
        elsewhere.NOTE,
    }
    again = open_catalogue(tmp_path / "there")
    assert again.address == store
    assert rows_of(again) == rows_of(here)
    assert again.fingerprint() == here.fingerprint()


def test_what_changes_is_seen_by_all_who_share_it(tmp_path: Path, sounds: Path, store: str) -> None:
    one = open_catalogue(tmp_path / "one", create=True, address=store)
    scan(sounds, one, workers=1)
    other = open_catalogue(tmp_path / "other", create=True, address=store)
    assert scan(sounds, other, workers=1).unchanged == 6
    ids = [row.id for row in one.rows(label="kick")]
    other.relabel(ids[:2], "bass drum")
    assert one.labels() == {"bass drum": 2, "kick": 1, "snare": 3}
    (sounds / "snare" / "snare_000.wav").unlink()
    write(sounds / "snare" / "new.wav", strike(9))
    done = scan(sounds, other, workers=1)
    assert (done.added, done.removed) == (1, 1)
    one.compact(looked_up_from=1)
    assert one.count() == 6
    assert "bass drum" in other.labels()


def test_the_index_lies_there_as_well(tmp_path: Path, store: str, sounds: Path) -> None:
    there = open_catalogue(tmp_path / "there", create=True, address=store)
    scan(sounds, there, workers=1)
    [record, *_] = there.records("kind = ''")
    points = np.random.default_rng(0).standard_normal((1100, len(record["features"])))
    there.put(
        [
            {**record, "id": f"{n:032x}", "path": f"/pack/{n}.wav", "features": list(point)}
            for n, point in enumerate(points.astype(np.float32))
        ]
    )
    there.index_features(least=1000)
    index = open_catalogue(tmp_path / "there").indexed()
    assert index is not None
    assert index.without == 0
    found = there.near(points[7].astype(np.float32), count=2)
    assert found["path"][0].as_py() == "/pack/7.wav"


def test_two_machines_do_not_fill_it_at_once(tmp_path: Path, store: str) -> None:
    one = open_catalogue(tmp_path / "one", create=True, address=store)
    other = open_catalogue(tmp_path / "other", create=True, address=store)
    for first, second in ((one, other), (other, one)):
        with first.writing():
            with pytest.raises(LibraryError, match=r"another scan is filling .*drums; wait"):
                second.writing().__enter__()
            assert second.count() == 0  # readers may
    with one.writing(), pytest.raises(LibraryError, match="another scan"):  # nor one with itself
        open_catalogue(tmp_path / "one").writing().__enter__()


SCANS = """
import os, sys, time
from pathlib import Path
from timbrel.library import arrivals
from timbrel.library.catalogue import Catalogue, open_catalogue
from timbrel.library.scan import scan
arrivals._BATCH_ROWS = 1
real = Catalogue.put
def put(self, records):
    real(self, records)
    print(self.count(), flush=True)  # what is said here is kept
    time.sleep(0.2)
Catalogue.put = put
scan(Path(sys.argv[1]), open_catalogue(Path(sys.argv[2])), workers=1)
"""


def test_a_scan_that_was_killed_goes_on_at_once(tmp_path: Path, store: str, sounds: Path) -> None:
    one = open_catalogue(tmp_path / "one", create=True, address=store)
    command = [sys.executable, "-c", SCANS, str(sounds), str(tmp_path / "one")]
    kept = 0
    for _ in range(2):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout
            kept = int(process.stdout.readline())
            process.kill()
        assert one.count() >= kept
    other = open_catalogue(tmp_path / "other", create=True, address=store)
    with pytest.raises(LibraryError, match="another scan"):  # it cannot know that it was killed
        other.writing().__enter__()
    done = scan(sounds, one, workers=1)
    assert done.added + done.unchanged == 6
    assert done.unchanged >= kept >= 2
    here = open_catalogue(tmp_path / "here", create=True)
    scan(sounds, here, workers=1)
    assert rows_of(one) == rows_of(here)


def test_two_that_make_it_at_once_make_one(tmp_path: Path, store: str, sounds: Path) -> None:
    made: list[int] = []

    def makes(name: str) -> None:
        with suppress(LibraryError):  # the other is at it
            opened = open_catalogue(tmp_path / name, create=True, address=store)
            made.append(scan(sounds, opened, workers=1).added)

    threads = [threading.Thread(target=makes, args=(name,)) for name in ("one", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == open_catalogue(tmp_path / "a", create=True, address=store).count() == 6


def connected(store: str) -> Any:
    return lancedb().connect(store, read_consistency_interval=timedelta(0))


def test_of_many_that_try_at_once_one_gets_in(store: str) -> None:
    inside, entered, most = 0, 0, 0

    def tries() -> None:
        nonlocal inside, entered, most
        for _ in range(3):
            with suppress(LibraryError), lease.leased(connected(store), store):
                inside, entered = inside + 1, entered + 1
                most = max(most, inside)
                time.sleep(0.2)
                inside -= 1

    threads = [threading.Thread(target=tries) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert entered >= 1
    assert most == 1


def test_signs_of_life_keep_a_writer_alive(
    tmp_path: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "BEAT_S", 0.2)
    monkeypatch.setattr(lease, "SILENT_S", 3.0)
    one = open_catalogue(tmp_path / "one", create=True, address=store)
    other = open_catalogue(tmp_path / "other", create=True, address=store)
    with one.writing():
        time.sleep(4.0)
        with pytest.raises(LibraryError, match="another scan"):
            other.writing().__enter__()


WRITES: dict[str, Callable[[Catalogue, dict[str, Any]], None]] = {
    "put": lambda catalogue, row: catalogue.put([{**row, "label": "late"}]),
    "relabel": lambda catalogue, row: catalogue.relabel([row["id"]], "late"),
    "remove": lambda catalogue, row: catalogue.remove([row["id"]]),
    "compact": lambda catalogue, row: catalogue.compact(),
    "index_features": lambda catalogue, row: catalogue.index_features(least=1),
}


@pytest.mark.parametrize(
    "writes",
    [
        pytest.param(writes, id=name, marks=[] if name == "put" else [pytest.mark.slow])
        for name, writes in WRITES.items()
    ],
)
def test_a_writer_that_slept_and_was_taken_for_dead_writes_nothing(
    tmp_path: Path,
    store: str,
    sounds: Path,
    monkeypatch: pytest.MonkeyPatch,
    writes: Callable[[Catalogue, dict[str, Any]], None],
) -> None:
    one = open_catalogue(tmp_path / "one", create=True, address=store)
    scan(sounds, one, workers=1)
    row = next(one.records("kind = ''"))
    other = open_catalogue(tmp_path / "other", create=True, address=store)
    before = one.version
    with one.writing():
        one.relabel([], "")  # nothing to write
        monkeypatch.setattr(lease, "SILENT_S", -60.0)  # as if it had slept for long
        monkeypatch.setattr(lease, "BEAT_S", -1.0)
        with (
            other.writing(),
            pytest.raises(LibraryError, match=r"taken this one for dead .* what was written stays"),
        ):
            writes(one, row)
    assert other.version == before


def test_an_interrupted_writer_gives_the_right_back(
    tmp_path: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = open_catalogue(tmp_path / "one", create=True, address=store)
    with monkeypatch.context() as patch:
        patch.setattr(lease.Lease, "holds", interrupted)
        with pytest.raises(KeyboardInterrupt):
            one.writing().__enter__()
    with pytest.raises(KeyboardInterrupt), one.writing():
        raise KeyboardInterrupt
    with one.writing():
        pass


def interrupted(*_: object) -> bool:
    raise KeyboardInterrupt


def test_a_machine_that_sees_none_of_the_sounds_forgets_none(
    tmp_path: Path, store: str, sounds: Path
) -> None:
    one = open_catalogue(tmp_path / "one", create=True, address=store)
    scan(sounds, one, workers=1)
    shutil.move(sounds, tmp_path / "elsewhere")  # as a disk that is not mounted
    write(sounds / "mine.wav", strike(99))
    other = open_catalogue(tmp_path / "other", create=True, address=store)
    with pytest.raises(LibraryError, match=r"none of the 7 files .* none is forgotten"):
        scan(sounds, other, workers=1)
    assert one.labels() == {"": 1, "kick": 3, "snare": 3}
    (sounds / "mine.wav").unlink()
    shutil.copytree(tmp_path / "elsewhere", sounds, dirs_exist_ok=True)
    assert scan(sounds, other, workers=1).removed == 1


@pytest.mark.slow
def test_a_store_that_goes_away_is_told_without_its_password(
    tmp_path: Path, sounds: Path, store: str, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    del store
    own = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    own.start()
    host, port = own.get_host_and_port()
    urllib.request.urlopen(urllib.request.Request(f"http://{host}:{port}/passing", method="PUT"))
    monkeypatch.setenv("AWS_ENDPOINT", f"http://me:{SECRET}@{host}:{port}")
    there = open_catalogue(tmp_path / "there", create=True, address="s3://passing/a")
    scan(sounds, there, workers=1)
    own.stop()
    for work in (there.count, there.compact):
        reason = r"cannot be (read|written) \((the store does not answer|Connection refused)"
        with pytest.raises(LibraryError, match=reason) as told:
            work()
        assert SECRET not in str(told.value)
        assert "://" not in str(told.value)


def test_a_copy_lies_in_a_folder(tmp_path: Path, sounds: Path, store: str) -> None:
    there = open_catalogue(tmp_path / "there", create=True, address=store)
    scan(sounds, there, workers=1)
    (tmp_path / "copy").mkdir()
    there.copied(tmp_path / "copy")
    copy = open_catalogue(tmp_path / "copy")
    assert copy.address is None
    assert rows_of(copy) == rows_of(there)
    (tmp_path / "second").mkdir()
    copy.copied(tmp_path / "second")
    assert rows_of(open_catalogue(tmp_path / "second")) == rows_of(there)


def test_a_library_does_not_move(tmp_path: Path, sounds: Path, store: str) -> None:
    here = open_catalogue(tmp_path / "here", create=True)
    scan(sounds, here, workers=1)
    with pytest.raises(ExistsError, match="in that folder already; leave --catalogue out"):
        open_catalogue(tmp_path / "here", create=True, address=store)
    assert here.count() == 6
    open_catalogue(tmp_path / "there", create=True, address=store)
    with pytest.raises(ExistsError, match="lies at s3://sounds/drums already"):
        open_catalogue(tmp_path / "there", create=True, address="s3://sounds/others")
    assert open_catalogue(tmp_path / "there", create=True, address=store).count() == 0


def test_a_store_that_does_not_answer_is_named_and_keys_are_not(
    tmp_path: Path, sounds: Path, store: str, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    there = open_catalogue(tmp_path / "there", create=True, address=store)
    scan(sounds, there, workers=1)
    elsewhere.note(tmp_path / "empty", "s3://sounds/empty")
    with pytest.raises(LibraryError, match="no library in s3://sounds/empty; scan a folder"):
        open_catalogue(tmp_path / "empty")
    with pytest.raises(LibraryError, match=re.escape("s3://nowhere/a cannot be opened (NoSuchB")):
        open_catalogue(tmp_path / "nowhere", create=True, address="s3://nowhere/a")
    assert not (tmp_path / "nowhere").exists()  # a slip of the pen is not remembered
    monkeypatch.setenv("AWS_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(LibraryError, match=r"cannot be opened \(Connection refused\)") as refused:
        open_catalogue(tmp_path / "there")
    assert KEY not in str(refused.value)
    monkeypatch.setenv("AWS_ENDPOINT", server)
    assert open_catalogue(tmp_path / "there").count() == 6


@pytest.mark.parametrize(
    "address",
    ["s3://sounds", "s3://sounds/", "s3:///a", "http://sounds/a", "/sounds/a", "", "s3://sounds//a",
     "s3://sounds/../a", "s3://sounds/a b", "s3://sounds/a\nb", "S3://sounds/a", "s3://sounds/a#b"],
)  # fmt: skip
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(UsageError, match="s3://BUCKET/PLACE"):
        elsewhere.checked(address)


@pytest.mark.parametrize(
    "address", [f"s3://{KEY}:{SECRET}@b/a", f"s3://b/a?secret={SECRET}", f"s3://{KEY}:{SECRET}/b"]
)
def test_keys_in_an_address_are_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(UsageError, match="AWS_SECRET_ACCESS_KEY") as refused:
        elsewhere.checked(address)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", '{"catalogue": 3}', '{"catalogue": "/"}', "{", "\0", "[" * 100_000],
    ids=range(9),
)
def test_a_damaged_note_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / elsewhere.NOTE).write_text(text)
    with pytest.raises(LibraryError, match=r"elsewhere\.json cannot be used"):
        open_catalogue(tmp_path)
    assert (tmp_path / elsewhere.NOTE).read_text() == text


def test_what_is_noted_down_is_the_address_alone(tmp_path: Path, store: str) -> None:
    open_catalogue(tmp_path / "there", create=True, address=store)
    assert json.loads((tmp_path / "there" / elsewhere.NOTE).read_text()) == {"catalogue": store}


def test_a_command_puts_it_there_and_says_where(
    timbrel: Command, sounds: Path, store: str, tmp_path: Path
) -> None:
    assert timbrel("scan", sounds, "--catalogue", store).status == 3  # one file is torn
    told = timbrel("library", "--json").document
    assert (told["count"], told["catalogue"]) == (6, store)
    assert f"table: {store}" in timbrel("library").out
    assert f"table: {store}" in timbrel("scan", sounds).out
    [found, *_] = sorted(path for path in sounds.rglob("kick_*"))
    assert "kick_000.wav" in timbrel("search", found).out
    wrong = timbrel("scan", sounds, "--catalogue", str(tmp_path / "shelf"))
    assert wrong.status == 2
    assert timbrel("scan", sounds, "--workspace", "w", "--catalogue", "s3://none/a").status == 1
    assert not (tmp_path / "w").exists()
    assert "accepted: s3://BUCKET/PLACE" in wrong.err
    elsewhere_ = timbrel("scan", sounds, "--catalogue", f"{store}-2")
    assert elsewhere_.status == 2
    assert f"lies at {store} already" in elsewhere_.err


def test_of_a_refusal_only_the_code_is_told() -> None:
    body = f"<Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>{KEY}</AWSAccessKeyId>"
    assert elsewhere.core(ValueError(f'status: 403, body: Some("{body}")')) == (
        "SignatureDoesNotMatch"
    )
