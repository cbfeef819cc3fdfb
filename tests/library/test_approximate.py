"""The library's index: nearly as good as comparing all sounds, and valid whatever happens to it."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from library_sounds import pack
from numpy.typing import NDArray

from timbrel.errors import UnknownNameError, UsageError
from timbrel.library import approximate
from timbrel.library.arrivals import Job, record_of
from timbrel.library.catalogue import Catalogue, open_catalogue
from timbrel.library.features import FEATURE_NAMES
from timbrel.library.readers import Found
from timbrel.library.rows import Facts, Refusal
from timbrel.library.scan import scan
from timbrel.library.similarity import Index
from timbrel.progress import Progress

SOUNDS, LABELS = 3000, 5
BUILD = """
import sys
from pathlib import Path
from timbrel.library.catalogue import open_catalogue
catalogue = open_catalogue(Path(sys.argv[1]))
print("building", flush=True)
catalogue.index_features(least=1000)
print("built", flush=True)
"""


def vectors(count: int, seed: int) -> NDArray[np.float32]:
    """Features in sixty heaps, as sounds of a kind lie, [M, D]."""
    heaps = np.random.default_rng(0).standard_normal((60, len(FEATURE_NAMES)))
    rng = np.random.default_rng(seed)
    spread = 0.3 * rng.standard_normal((count, len(FEATURE_NAMES)))
    return (heaps[rng.integers(60, size=count)] + spread).astype(np.float32)


def facts(vector: NDArray[np.float32], name: str = "") -> Facts:
    return Facts(name.rjust(32, "0"), 1.0, 44_100, 1, "WAV", -1.0, -20.0, vector)


def fill(catalogue: Catalogue, features: NDArray[np.float32], first: int = 0) -> None:
    jobs = [
        Job(Found(Path(f"/pack/{n:06d}.wav"), f"label {n % LABELS}"), 1, 1)
        for n in range(first, first + len(features))
    ]
    found = zip(jobs, features, strict=True)
    catalogue.put([record_of(job, facts(vector, job.path.stem)) for job, vector in found])


def number(path: Path) -> int:
    return int(path.stem)


def exact(features: NDArray[np.float32], wanted: NDArray[np.float32]) -> list[int]:
    """Ten nearest, by numpy."""
    return np.argsort(np.linalg.norm(features - wanted, axis=1))[:10].tolist()


def recall(
    catalogue: Catalogue, features: NDArray[np.float32], asked: NDArray[np.float32]
) -> float:
    hits = [
        len(
            {number(one.row.path) for one in approximate.nearest(catalogue, facts(vector), top=10)}
            & {*exact(features, vector)}
        )
        for vector in asked
    ]
    return float(np.mean(hits)) / 10


@pytest.fixture(scope="module")
def features() -> NDArray[np.float32]:
    return vectors(SOUNDS, 1)


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory, features: NDArray[np.float32]) -> Catalogue:
    """A library with an index, and files that could not be used, which have no features."""
    catalogue = open_catalogue(tmp_path_factory.mktemp("indexed") / "library", create=True)
    fill(catalogue, features)
    jobs = [Job(Found(Path(f"/pack/bad {n}.wav")), 1, 1) for n in range(50)]
    catalogue.put([record_of(job, Refusal("empty", "holds no sound")) for job in jobs])
    catalogue.index_features(least=SOUNDS)
    return catalogue


def test_nine_and_a_half_of_the_ten_nearest_are_found(
    indexed: Catalogue, features: NDArray[np.float32]
) -> None:
    assert recall(indexed, features, vectors(40, 2)) >= 0.95


def test_its_distances_are_exact_and_say_how_they_were_found(
    indexed: Catalogue, features: NDArray[np.float32]
) -> None:
    wanted = features[7] + np.float32(0.01)
    found = approximate.nearest(indexed, facts(wanted), top=12, by={"all": 4.0, "pitch": 0.0})
    assert number(found[0].row.path) == 7
    assert len(found) == 12
    assert all(one.approximate for one in found)
    for one in found:
        distance = np.linalg.norm(features[number(one.row.path)] - wanted)
        assert one.aspects["all"] == pytest.approx(distance, rel=1e-4)
        assert one.distance == pytest.approx(2 * distance, rel=1e-4)
    whole = Index(indexed).nearest(facts(wanted), top=12)
    assert not any(one.approximate for one in whole)
    assert {one.row.id for one in found} >= {one.row.id for one in whole[:10]}


def test_what_could_not_be_used_is_never_found(indexed: Catalogue) -> None:
    nothing = np.zeros(len(FEATURE_NAMES), np.float32)
    assert not any("bad" in one.row.path.name for one in approximate.nearest(
        indexed, facts(nothing), top=100
    ))  # fmt: skip


def test_a_label_narrows_it(indexed: Catalogue, features: NDArray[np.float32]) -> None:
    found = approximate.nearest(indexed, facts(features[3]), top=10, label="label 3")
    assert {one.row.label for one in found} == {"label 3"}
    allowed = np.arange(SOUNDS) % LABELS == 3
    there = np.flatnonzero(allowed)[exact(features[allowed], features[3])]
    assert len({number(one.row.path) for one in found} & {*there.tolist()}) >= 9
    with pytest.raises(UnknownNameError, match="did you mean 'label 3'"):
        approximate.nearest(indexed, facts(features[3]), top=1, label="labell 3")


def test_it_answers_by_all_features_only(indexed: Catalogue, catalogue: Catalogue) -> None:
    assert approximate.can_answer(indexed, {"all": 2.0, "pitch": 0.0})
    assert not approximate.can_answer(indexed, {"timbre": 1.0})
    assert not approximate.can_answer(indexed, {"all": 1.0, "pitch": 0.5})
    assert not approximate.can_answer(catalogue, {"all": 1.0})
    with pytest.raises(UsageError, match="top = 0"):
        approximate.nearest(indexed, facts(vectors(1, 1)[0]), top=0)


def test_it_stays_valid_as_sounds_come_go_and_change(
    catalogue: Catalogue, features: NDArray[np.float32]
) -> None:
    fill(catalogue, features[:1500])
    catalogue.index_features(least=1501)
    assert catalogue.indexed() is None  # too few as yet
    catalogue.index_features(least=1500)
    fill(catalogue, features[1500:2000], 1500)
    index = catalogue.indexed()
    assert index
    assert (index.drawn_for, index.within, index.without) == (1500, 1500, 500)
    assert recall(catalogue, features[:2000], features[1500:1520]) >= 0.95

    gone = [row.id for row in catalogue.rows(where="path LIKE '%/00000_.wav'")]
    catalogue.remove(gone)
    moved = [row.id for row in catalogue.rows(where="path LIKE '%/00001_.wav'")]
    catalogue.relabel(moved, "new")
    catalogue.compact()
    index = catalogue.indexed()
    assert index
    assert index.without == 0  # put into the cells that there are
    assert index.drawn_for == 1500
    near_gone = approximate.nearest(catalogue, facts(features[4]), top=50)
    assert min(number(one.row.path) for one in near_gone) > 9
    near_moved = approximate.nearest(catalogue, facts(features[14]), top=50, label="new")
    assert {one.row.id for one in near_moved} == {*moved}
    assert near_moved[0].distance == pytest.approx(0, abs=1e-4)


def test_its_cells_are_drawn_anew_for_four_times_as_many_and_dropped_for_few(
    catalogue: Catalogue,
) -> None:
    told: list[Progress] = []
    many = vectors(4400, 3)
    fill(catalogue, many[:1100])
    catalogue.index_features(least=1000, report=told.append)
    assert [moment.stage for moment in told] == ["indexing 1100 sounds for search"]
    fill(catalogue, many[1100:], 1100)
    for _ in range(2):  # the second has nothing to do
        catalogue.index_features(least=1000, report=told.append)
    index = catalogue.indexed()
    assert index
    assert (index.drawn_for, index.within, index.without) == (4400, 4400, 0)
    assert [moment.stage for moment in told][1:] == ["indexing 4400 sounds for search"]
    assert recall(catalogue, many, vectors(20, 4)) >= 0.95
    catalogue.index_features(least=5000)
    assert catalogue.indexed() is None


def test_killed_while_it_is_made_it_leaves_the_library_whole(
    tmp_path: Path, features: NDArray[np.float32]
) -> None:
    catalogue = open_catalogue(tmp_path / "library", create=True)
    fill(catalogue, features)
    before = catalogue.fingerprint()
    command = [sys.executable, "-c", BUILD, str(tmp_path / "library")]
    for wait_s in (0.05, 0.2, 0.6):
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout
        assert process.stdout.readline() == b"building\n"
        time.sleep(wait_s)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        again = open_catalogue(tmp_path / "library")
        assert again.count() == SOUNDS
        found = again.near(features[5], count=3)
        assert found["path"][0].as_py() == "/pack/000005.wav"
    catalogue = open_catalogue(tmp_path / "library")
    catalogue.index_features(least=1000)
    assert catalogue.fingerprint() == before
    assert recall(catalogue, features, vectors(20, 5)) >= 0.95


@pytest.mark.usefixtures("readers_of_their_own")
def test_a_scan_makes_it_when_the_library_passes_the_limit(
    tmp_path: Path, catalogue: Catalogue, features: NDArray[np.float32]
) -> None:
    source = pack(tmp_path / "pack", count=2)
    fill(catalogue, features[:1200])
    scan(source, catalogue, workers=1, indexed_from=1300)
    assert catalogue.indexed() is None
    stages: list[str] = []
    (source / "kick" / "000.wav").unlink(missing_ok=True)
    scan(
        source,
        catalogue,
        workers=1,
        indexed_from=1201,
        report=lambda moment: stages.append(moment.stage),
    )
    assert stages[-1].startswith("indexing 120")
    index = catalogue.indexed()
    assert index
    assert index.within == catalogue.count()
    assert approximate.can_answer(catalogue, {"all": 1.0})
