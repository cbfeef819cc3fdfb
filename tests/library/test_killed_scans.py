"""Scans and reading processes that are killed: nothing is lost, nothing is there twice."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from library_sounds import pack, strike, write

from timbrel.errors import LibraryError
from timbrel.library import arrivals, pool, worker
from timbrel.library.arrivals import Job
from timbrel.library.catalogue import Catalogue, open_catalogue
from timbrel.library.pool import analyse_all
from timbrel.library.readers import Found
from timbrel.library.rows import Facts, Refusal
from timbrel.library.scan import scan

pytestmark = pytest.mark.usefixtures("readers_of_their_own")

SCAN = """
import sys
from pathlib import Path
from timbrel.library import arrivals
from timbrel.library.catalogue import open_catalogue
from timbrel.library.scan import scan
arrivals._BATCH_ROWS = 4
arrivals._COMPACT_EVERY = 3
catalogue = open_catalogue(Path(sys.argv[2]), create=True)
scan(Path(sys.argv[1]), catalogue, workers=1, report=lambda moment: print(moment.done, flush=True))
"""


def content(catalogue: Catalogue) -> tuple[list[tuple[str, str, str]], list[tuple[Path, str]]]:
    rows = [(row.id, row.content_hash, row.label) for row in catalogue.rows()]
    return rows, [(skipped.path, skipped.kind) for skipped in catalogue.skipped()]


def test_a_scan_killed_again_and_again_ends_like_one_left_alone(tmp_path: Path) -> None:
    source = pack(tmp_path / "pack", count=30)
    write(source / "a" / "copy.wav", strike(3, pitch_hz=100))
    (source / "kick" / "bad.wav").write_bytes(b"RIFF")
    alone = open_catalogue(tmp_path / "alone", create=True)
    scan(source, alone, workers=1)
    for files_read in (0, 20, 50):
        command = [sys.executable, "-c", SCAN, str(source), str(tmp_path / "killed")]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert process.stdout
        for _ in range(files_read):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    killed = open_catalogue(tmp_path / "killed", create=True)
    before = killed.count()
    scan(source, killed, workers=1)
    assert before > 0
    assert content(killed) == content(alone)
    assert killed.fingerprint() == alone.fingerprint()


def test_ctrl_c_keeps_what_was_read(tmp_path: Path, catalogue: Catalogue) -> None:
    source = pack(tmp_path / "pack", count=5)

    def stop(moment):
        if moment.done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(source, catalogue, workers=1, report=stop)
    assert catalogue.count() == 6
    assert scan(source, catalogue, workers=1).added == 4


def deadly_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str) -> None:
    """Replaces the reading process by one that comes to harm at files named so."""
    script = tmp_path / "deadly.py"
    script.write_text(
        "import os, time\n"
        "from timbrel.library import analysis, worker\n"
        "real = analysis.analyse\n"
        "def analyse(path):\n"
        f"    if 'deadly' in path.name: {harm}\n"
        "    return real(path)\n"
        "analysis.analyse = analyse\n"
        "worker.main()\n"
    )
    real = subprocess.Popen

    def popen(command, **options):
        return real([sys.executable, str(script)], **options)

    monkeypatch.setattr(pool.subprocess, "Popen", popen)


@pytest.mark.parametrize(
    "harm", ["os.abort()", pytest.param("time.sleep(1000)", marks=pytest.mark.slow)]
)
def test_a_file_that_kills_its_reader_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    deadly_worker(tmp_path, monkeypatch, harm)
    names = ["a.wav", "b.wav", "deadly.wav", "c.wav"]
    jobs = [Job(Found(write(tmp_path / name, strike(n))), 0, 0) for n, name in enumerate(names)]
    outcomes = list(analyse_all(jobs, workers=1, patience_s=5.0 if "sleep" in harm else 120.0))
    assert [job.path.name for job, _ in outcomes] == names
    kinds = Counter(type(outcome) for _, outcome in outcomes)
    assert kinds == {Facts: 3, Refusal: 1}
    assert isinstance(outcomes[2][1], Refusal)
    assert "crashed" in outcomes[2][1].reason


def test_a_reader_that_never_starts_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "__name__", "no_such_module")
    job = Job(Found(write(tmp_path / "a.wav", strike(1))), 0, 0)
    with pytest.raises(LibraryError, match=r"does not start .*no_such_module"):
        list(analyse_all([job], workers=1))


def test_a_reader_ends_with_its_scan(tmp_path: Path) -> None:
    reader = pool.Worker()
    assert isinstance(reader.analyse([write(tmp_path / "a.wav", strike(1))])[0], Facts)
    assert reader._process
    number = reader._process.pid
    os.kill(number, 0)
    reader._process.stdin.close()  # as when the scan is killed
    assert reader._process.wait(timeout=30) == 0
    reader.close()


def test_a_batch_waits_for_no_more_than_some_seconds(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "_BATCH_S", 0.0)
    waiting = arrivals.Arrivals(catalogue)
    time.sleep(0.01)
    waiting.put(Job(Found(tmp_path / "x.wav"), 1, 1), Refusal("empty", "nothing"))
    assert [skipped.kind for skipped in catalogue.skipped()] == ["empty"]
