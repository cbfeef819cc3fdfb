"""Songs in pieces: what is learned from is the piece, and each piece is found again by its id."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
import torch

from timbrel import recipes
from timbrel.errors import TrainingError
from timbrel.evaluation.choosing import Choice
from timbrel.library import pieces
from timbrel.signal import files
from timbrel.signal.files import Sound
from timbrel.tasks import plan as plans
from timbrel.tasks.evaluate import evaluate_named
from timbrel.tasks.instruments import open_named
from timbrel.tasks.map import draw_map
from timbrel.tasks.pick import Wish, pick
from timbrel.tasks.plan import Plan
from timbrel.tasks.scan import scan
from timbrel.tasks.search import search_map
from timbrel.tasks.sounds import LibrarySounds
from timbrel.tasks.train import estimate, train
from timbrel.tasks.workspace import Workspace, open_library
from timbrel.training.budget import Budget
from timbrel.training.identity import same_or_refuse
from timbrel.training.waveforms import waveform

PIECE_S, SKIP_S, COUNT = 2.0, 1.0, 14  # pieces of a song
LOWEST_HZ = {"bass": 150.0, "lead": 1000.0, "voice": 2500.0}
STEP_HZ = 40.0
RATE_HZ = 8000
PIECES = ("pieces=true", f"duration_s={PIECE_S}", f"skip_s={SKIP_S}")
CHEAP = (
    f"sample_rate={RATE_HZ}",
    "front_end.hop_samples=256",
    "training.previews=1",
    "training.batch_size=4",
    "network.hidden_size=16",
    "phase.iterations=2",
)
SETTINGS = (*PIECES, *CHEAP)
PLAYED = ("weights.safetensors", "cloud.safetensors", "sounds.csv")


def hz_of(song: str, number: int) -> float:
    return LOWEST_HZ[song] + STEP_HZ * number


def write_song(path: Path, lowest_hz: float, *, count: int = COUNT, rate_hz: int = RATE_HZ) -> Path:
    """A second of nothing much, then a tone that rises by 40 Hz every 2 s, then half a second."""
    hz = [60.0] * int(SKIP_S * rate_hz)
    for number in range(count):
        hz += [lowest_hz + STEP_HZ * number] * int(PIECE_S * rate_hz)
    hz += [60.0] * (rate_hz // 2)
    tone = 0.5 * np.sin(2 * np.pi * np.cumsum(hz) / rate_hz)
    files.write(path, Sound(torch.from_numpy(tone).float()[None], rate_hz))
    return path


def loudest_hz(samples: torch.Tensor, rate_hz: int) -> float:
    spectrum = torch.fft.rfft(samples * torch.hann_window(len(samples))).abs()
    return float(spectrum.argmax()) * rate_hz / len(samples)


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three songs, one of them at another rate; no test changes them."""
    folder = tmp_path_factory.mktemp("songs")
    for song, lowest_hz in LOWEST_HZ.items():
        write_song(folder / f"{song}.wav", lowest_hz, rate_hz=11_025 if song == "lead" else RATE_HZ)
    return folder


@pytest.fixture(scope="module")
def scanned(songs: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with the songs and no instrument; no test changes it."""
    workspace = Workspace(tmp_path_factory.mktemp("ws"))
    scan(workspace, [songs])
    return workspace


@pytest.fixture(scope="module")
def trained(scanned: Workspace) -> Workspace:
    """The same workspace with an instrument "band" that learned from pieces."""
    train(scanned, "sample-vae-tiny", name="band", steps=12, settings=SETTINGS)
    return scanned


def planned(workspace: Workspace, recipe: str, *settings: str, seed: int = 0) -> Plan:
    made = recipes.override(recipes.find(recipe), settings)
    library = open_library(workspace)
    return plans.make(library, made, seed=seed, budget=Budget(), keep_groups=False)


def song_and_number(name: str) -> tuple[str, int]:
    """What "lead.wav 0:07" is: the song, and which of its pieces."""
    song, clock = name.split(" ")
    minutes, seconds = map(int, clock.split(":"))
    number = (60 * minutes + seconds - SKIP_S) / PIECE_S
    assert number == int(number)
    return song.removesuffix(".wav"), int(number)


def test_what_is_learned_is_that_part_of_the_file(scanned: Workspace, songs: Path) -> None:
    plan = planned(scanned, "sample-vae-tiny", *SETTINGS)
    names = {note.id: note.name for note in plan.sounds}
    assert len(names) == 3 * COUNT
    for part in ("train", "validation", "test"):
        for entry in plans.entries(plan, open_library(scanned), part):
            song, number = song_and_number(names[entry.id])
            heard = waveform(entry, plan.recipe)
            assert loudest_hz(heard, RATE_HZ) == pytest.approx(hz_of(song, number), abs=0.5)
            if song == "lead":  # heard at another rate
                continue
            whole = files.read(songs / f"{song}.wav").samples[0]
            begins = int((SKIP_S + number * PIECE_S) * RATE_HZ)
            assert torch.equal(heard, whole[begins : begins + 2 * RATE_HZ])  # and not faded


def test_the_pieces_of_a_song_never_come_apart(scanned: Workspace) -> None:
    for seed in range(6):
        places = defaultdict(set)
        for note in planned(scanned, "sample-vae-tiny", *SETTINGS, seed=seed).sounds:
            places[song_and_number(note.name)[0]].add(note.split)
        assert sorted(map(tuple, places.values())) == [("test",), ("train",), ("validation",)]


def test_a_long_song_is_not_held_out_for_short_ones(tmp_path: Path) -> None:
    folder = tmp_path / "songs"
    for hz, count in ((100.0, 3), (200.0, 40), (300.0, 3)):
        write_song(folder / f"{hz:g}.wav", hz, count=count, rate_hz=4000)
    workspace = Workspace(tmp_path / "ws")
    scan(workspace, [folder])
    for seed in range(6):
        plan = planned(workspace, "sample-vae-tiny", *SETTINGS, seed=seed)
        assert Counter(n.split for n in plan.sounds) == {"train": 40, "validation": 3, "test": 3}


def test_an_instrument_of_pieces_knows_them_by_name(trained: Workspace) -> None:
    band = open_named(trained, "band")
    splits = Counter(note.split for note in band.sounds)
    assert splits == {"train": COUNT, "validation": COUNT, "test": COUNT}
    assert len(band.cloud) == COUNT
    assert len({song_and_number(name)[0] for name in band.cloud.names}) == 1
    read = LibrarySounds(trained, band).read
    for note in band.sounds:
        sound = read(note.id)
        song, number = song_and_number(note.name)
        assert sound.duration_s == PIECE_S
        found_hz = loudest_hz(band.fit(sound)[0], band.sample_rate)
        assert found_hz == pytest.approx(hz_of(song, number), abs=0.5)


@pytest.mark.slow
def test_a_report_and_a_map_name_pieces(trained: Workspace, tmp_path: Path) -> None:
    choice = Choice(
        held_out=3, examples=2, generated_examples=1, slow=1, copied=2, morphs=1,
        morph_examples=0, per_label=4,
    )  # fmt: skip
    report = evaluate_named(trained, "band", out=tmp_path / "report", choice=choice)
    assert (report.counts.training, report.skipped) == (COUNT, ())
    held_out = next(n for n in open_named(trained, "band").sounds if n.split == "test")
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert page.count(f"{held_out.name.split()[0]} 0:") >= 2
    drawn = draw_map(trained, "band", projection="pca", out=tmp_path / "map.json")
    assert (drawn.sounds, drawn.added) == (COUNT, 0)
    said = json.loads((tmp_path / "map.json").read_text(encoding="utf-8"))["sounds"]
    page_of = draw_map(trained, "band", projection="pca", out=tmp_path / "map.html")
    assert (page_of.heard, page_of.skipped) == (COUNT, [])
    wanted = said[5]
    picked = pick(
        trained, "band", Wish(sounds=(wanted["name"],)), projection="pca", out=tmp_path / "5.wav"
    )
    assert picked.name == wanted["name"]
    first, *others = search_map(
        trained, "band", at=(wanted["x"], wanted["y"]), projection="pca", top=COUNT
    )
    assert f"{first.row.path.name} 0:{first.start_s:02.0f}" == wanted["name"]
    assert len({one.start_s for one in (first, *others)}) == COUNT


def test_a_song_that_came_later_is_mapped_in_pieces(
    songs: Path, trained: Workspace, tmp_path: Path
) -> None:
    shutil.copytree(trained.root, tmp_path / "own")
    own = Workspace(tmp_path / "own")
    write_song(tmp_path / "new" / "later.wav", 700.0, count=3)
    scan(own, [tmp_path / "new"])
    drawn = draw_map(own, "band", projection="pca", out=tmp_path / "map.html")
    assert (drawn.added, drawn.heard, drawn.left_off) == (3, COUNT + 3, [])
    again = draw_map(own, "band", projection="pca", out=tmp_path / "map.json")
    assert (again.added, again.sounds) == (3, COUNT + 3)


KILLED = """
import os, signal, sys
from pathlib import Path
from timbrel.tasks.train import train
from timbrel.tasks.workspace import Workspace

def killing(progress):
    if "train" in progress.stage and progress.done >= 5:
        os.kill(os.getpid(), signal.SIGKILL)

train(Workspace(Path(sys.argv[1])), "sample-vae-tiny", name="killed", steps=12,
      settings=sys.argv[2:], report=killing)
"""


@pytest.mark.slow
def test_a_killed_training_of_pieces_goes_on_to_the_same_end(trained: Workspace) -> None:
    command = [sys.executable, "-c", KILLED, str(trained.root), *SETTINGS]
    died = subprocess.run(command, env=dict(os.environ), capture_output=True, check=False)
    assert died.returncode == -9, died.stderr.decode()
    train(trained, None, name="killed", resume=True)
    folders = [trained.instrument_folder(name) for name in ("killed", "band")]
    one, other = ([(folder / file).read_bytes() for file in PLAYED] for folder in folders)
    assert one == other


def test_a_training_begun_before_there_were_pieces_goes_on_whole() -> None:
    kept = {"seed": 3, "training.optimiser": "adam"}
    same_or_refuse(kept, {**kept, "pieces": False, "skip_s": 0.0})
    with pytest.raises(TrainingError, match="pieces changed since this training began"):
        same_or_refuse(kept, {**kept, "pieces": True, "skip_s": 0.0})


@pytest.mark.slow
def test_an_estimate_counts_pieces(trained: Workspace) -> None:
    epoch = ("training.epochs=1", "training.batch_size=7")
    told = estimate(trained, "sample-vae-tiny", settings=[*SETTINGS, *epoch])
    assert told.prepare_seconds == 0  # these pieces are prepared
    assert told.steps == pytest.approx(2 * COUNT * 8 / 9 / 7, abs=1)
    fewer = estimate(trained, "sample-vae-tiny", settings=[*SETTINGS, *epoch, "skip_s=15"])
    assert fewer.prepare_seconds > 0
    assert fewer.steps == pytest.approx(2 * COUNT / 2 * 8 / 9 / 7, abs=1)


def test_one_long_recording_is_enough(tmp_path: Path) -> None:
    write_song(tmp_path / "one.flac", 200.0, count=30)
    workspace = Workspace(tmp_path / "ws")
    scan(workspace, [tmp_path])
    train(workspace, "sample-vae-tiny", name="one", steps=4, settings=SETTINGS)
    parts = [note.split for note in open_named(workspace, "one").sounds]
    assert Counter(parts) == {"train": 24, "validation": 3, "test": 3}
    changes = sum(one != other for one, other in zip(parts[1:], parts, strict=False))
    assert changes <= 3


def test_too_little_is_refused_in_pieces_too(scanned: Workspace) -> None:
    with pytest.raises(TrainingError, match=r"gives 6 pieces of 10 s.*20 or more.*duration_s"):
        planned(scanned, "sample-vae-tiny", "pieces=true", "duration_s=10")
    with pytest.raises(TrainingError, match="holds 3 sounds"):
        planned(scanned, "sample-vae-tiny")


def test_few_songs_are_enough_where_segments_of_them_are_learned_from(scanned: Workspace) -> None:
    """As S0's: three songs of half a minute hold 87 different seconds."""
    plan = planned(scanned, "dense-tiny", "duration_s=29")
    assert Counter(note.split for note in plan.sounds) == {"train": 1, "validation": 1, "test": 1}
    assert pieces.place(plan.sounds[0].id) == (plan.sounds[0].id, 0.0)
    with pytest.raises(TrainingError, match="holds 3 sounds"):
        planned(scanned, "dense-tiny", "duration_s=6")  # 18 seconds are too few


@pytest.mark.slow
@pytest.mark.data
def test_real_songs_give_some_hundred_pieces_and_are_held_out_alike(
    data: Path, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "ws")
    scan(workspace, [data / "songs"])
    held_out = []
    for seconds, counts in ((262_144 / 22_050, (250, 31, 23)), (24.0, (122, 15, 12))):
        settings = ("pieces=true", f"duration_s={seconds}", f"skip_s={5 * (seconds < 20)}")
        plan = planned(workspace, "sample-vae-tiny", *settings)
        splits = Counter(note.split for note in plan.sounds)
        assert tuple(splits[part] for part in ("train", "validation", "test")) == counts
        held_out.append({pieces.place(n.id)[0] for n in plan.sounds if n.split == "test"})
    assert held_out[0] == held_out[1]
    assert len(held_out[0]) == 4
