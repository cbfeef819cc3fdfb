"""Kills real commands with -9 at drawn moments, a hundred times, and looks at what is left.

    python benchmarks/hardness/kills.py --out DIR [--only scan train render listen studio]

What was acknowledged before a kill must be there after it, and the same command (a training with
--resume, a render with --force) must end well, with the same result as one that was left alone.
Prints one row a job: kills, losses (acknowledged and gone), faults (anything else that is wrong:
a traceback, another result, half a file under its name), and what lay about when all was done.
Commands are forked from a process that has the imports done, and write far more often than they
do by themselves (checkpoints each 0.05 s, batches of 8 sounds), so that kills find them writing.
"""

import argparse
import hashlib
import json
import random
import shutil
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

import workplace
from workplace import Command

FAMILIES = {
    "catch_a_waveform": ("caw-tiny", 6),
    "conv_autoencoder": ("conv-tiny", 40),
    "deep_griffin_lim": ("deep-griffin-lim-tiny", 12),
    "dense_autoencoder": ("dense-tiny", 40),
    "fourier_vocoder": ("vocoder-tiny", 12),
    "latent_flow": ("one-shot-tiny", 15),
    "long_flow": ("long-form-tiny", 4),
    "pitched_autoencoder": ("morph-tiny", 8),
    "principal_components": ("pca-tiny", 10),
    "progressive_gan": ("growing-tiny", 6),
    "recording_flow": ("single-tiny", 5),
    "sample_vae": ("sample-vae-tiny", 30),
    "spectral_frame_autoencoder": ("frame-tiny", 30),
    "spectral_slice_autoencoder": ("slice-tiny", 15),
    "spectrogram_gan": ("specgan-tiny", 5),
    "wave_gan": ("wavegan-tiny", 5),
}
FROM_RECORDINGS = ("catch_a_waveform", "recording_flow")


@dataclass
class Tally:
    """What happened to one job."""

    job: str
    kills: int = 0
    losses: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    left: int = 0

    def must(self, holds: bool, words: str) -> None:
        """Notes a fault where something does not hold."""
        if not holds:
            self.faults.append(words)

    def kept(self, before: set[Any], after: set[Any]) -> None:
        """Notes what was there before and is gone."""
        self.losses += [str(one) for one in sorted(before - after, key=str)]

    def ended(self, command: Command, *statuses: int) -> None:
        """Waits for a command that must end with one of these statuses."""
        status = command.wait()
        said = command.said()
        self.must(status in (statuses or (0,)), f"status {status}: {said[-300:]}")
        self.must("Traceback" not in said and "unforeseen" not in said, said[-300:])

    def row(self) -> dict[str, Any]:
        """Gives the row of the table."""
        return {
            "job": self.job,
            "kills": self.kills,
            "losses": len(self.losses),
            "faults": len(self.faults),
            "left lying": self.left,
        }


@dataclass
class Place:
    """Where it all happens."""

    root: Path
    rng: random.Random

    def begin(self, *arguments: object) -> Command:
        """Begins a command."""
        return workplace.begin(arguments, self.root / "logs")

    def timed(self, tally: Tally, *arguments: object) -> float:
        """Runs a command to its end; s that it took."""
        command = self.begin(*arguments)
        tally.ended(command, 0, 3)
        return time.monotonic() - command.begun_s

    def killed(self, tally: Tally, longest_s: float, *arguments: object) -> bool:
        """Runs a command and kills it somewhere in that time."""
        command = self.begin(*arguments)
        hit = command.killed_at(self.rng.uniform(0.02, 1.0) * longest_s)
        tally.kills += hit
        if not hit:
            tally.ended(command, 0, 3)
        return hit


# ---- scan ----------------------------------------------------------------------------------------


def library(workspace: Path) -> list[list[str]]:
    """What a library holds: sounds and skipped files."""

    def rows() -> list[list[str]]:
        from timbrel.library.catalogue import open_catalogue

        catalogue = open_catalogue(workspace / "library", create=True)
        found = [[row.id, row.content_hash, row.label] for row in catalogue.rows()]
        return found + [[str(one.path), one.kind, ""] for one in catalogue.skipped()]

    return workplace.apart(rows) if (workspace / "library").exists() else []


def scans(place: Place, rounds: int = 4, kills: int = 5) -> Iterator[Tally]:
    """Kills scans; each workspace several times."""
    tally = Tally("scan")
    source = workplace.sounds(place.root / "pack", 80, 0.1)
    (source / "tone" / "bad.wav").write_bytes(b"RIFF")
    shutil.copy(source / "tone" / "tone 001.wav", source / "a copy.wav")
    alone = place.root / "alone"
    took_s = place.timed(tally, "--workspace", alone, "scan", source)
    for number in range(rounds):
        workspace, before = place.root / f"scan {number}", set()
        for _ in range(kills):
            place.killed(tally, took_s, "--workspace", workspace, "scan", source)
            after = {tuple(row) for row in library(workspace)}
            tally.kept(before, after)
            before = after
        place.timed(tally, "--workspace", workspace, "scan", source)
        tally.must(library(workspace) == library(alone), "another library than one left alone")
        tally.left += len(workplace.leftovers(workspace))
    yield tally


# ---- training ------------------------------------------------------------------------------------


def step_of(run: Path) -> int:
    """The step of the last checkpoint; -1 where none was kept."""
    from timbrel.training import checkpoints

    path = checkpoints.path_in(run)
    return int(checkpoints.load_table(path)["step"]) if path.is_file() else -1


def digest(folder: Path, *names: str) -> str:
    """Hashes files of a folder."""
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in names)).hexdigest()


def trainings(place: Place, kills: int = 3) -> Iterator[Tally]:
    """Kills trainings of each family."""
    base, setup = place.root / "base", Tally("")
    source = workplace.sounds(place.root / "sounds", 32)
    long = workplace.recording(place.root / "recordings" / "one.wav", 6.0)
    place.timed(setup, "--workspace", base, "scan", source, long)
    for family, (recipe, steps) in FAMILIES.items():
        yield training(place, Tally(f"train {family}"), base, long, recipe, steps, kills)


def training(
    place: Place, tally: Tally, base: Path, long: Path, recipe: str, steps: int, kills: int
) -> Tally:
    """Kills the training of one recipe, and lets it end."""
    family = tally.job.removeprefix("train ")
    sound = ("--sound", long) if family in FROM_RECORDINGS else ()
    alone, workspace = place.root / f"{recipe} alone", place.root / recipe
    for copy in (alone, workspace):
        shutil.copytree(base, copy)
    begin = ("train", recipe, "--name", "n", "--steps", steps, *sound)
    took_s = place.timed(tally, "--workspace", alone, *begin)
    run, made = workspace / "instruments" / ".n.training", workspace / "instruments" / "n"
    reached = -1
    for _ in range(3 * kills):  # some end before they are killed
        if tally.kills == kills:
            break
        if made.exists() and not run.exists():  # it was done before it was to be killed
            shutil.rmtree(made)
            reached = -1
        go_on = ("train", "--name", "n", "--resume") if run.exists() or made.exists() else begin
        place.killed(tally, took_s * 0.9, "--workspace", workspace, *go_on)
        if run.exists():
            if (now := step_of(run)) < reached:
                tally.losses.append(f"step {now} after step {reached}")
            reached = max(reached, step_of(run))
    if run.exists() or not made.exists():
        go_on = ("train", "--name", "n", "--resume") if run.exists() or made.exists() else begin
        place.timed(tally, "--workspace", workspace, *go_on)
    tally.must(made.exists() and not run.exists(), "no instrument")
    if made.exists():
        same = digest(made, "weights.safetensors") == digest(
            alone / "instruments" / "n", "weights.safetensors"
        )
        tally.must(same, "other weights than one left alone")
    tally.left += len(workplace.leftovers(workspace / "instruments"))
    for copy in (alone, workspace):
        shutil.rmtree(copy)
    return tally


# ---- rendering -----------------------------------------------------------------------------------


def instrument(place: Place) -> Path:
    """A workspace with an instrument to play."""
    workspace = place.root / "played"
    if not workspace.exists():
        setup = Tally("")
        source = workplace.sounds(place.root / "sounds", 32)
        place.timed(setup, "--workspace", workspace, "scan", source)
        train = ("train", "sample-vae-tiny", "--name", "tiny", "--steps", 20)
        place.timed(setup, "--workspace", workspace, *train, "--set", "phase.iterations=4")
        layout = ("map", "tiny", "--projection", "pca", "--out", place.root / "map.html")
        place.timed(setup, "--workspace", workspace, *layout)
    return workspace


def renderings(place: Place, kills: int = 6) -> Iterator[Tally]:
    """Kills generate and morph."""
    workspace = instrument(place)
    pack = sorted((place.root / "sounds").rglob("*.wav"))
    for job, arguments in {
        "generate": ("generate", "tiny", "--count", 60),
        "morph": ("morph", "tiny", pack[0], pack[20], "--steps", 40),
    }.items():
        tally = Tally(job)
        alone, out = place.root / f"{job} alone", place.root / f"{job} killed"
        command = ("--workspace", workspace, *arguments, "--out")
        took_s = place.timed(tally, *command, alone)
        for _ in range(kills):
            before = {path.name for path in out.glob("*.wav")}
            force = ("--force",) if any(out.glob("*")) else ()
            place.killed(tally, took_s, *command, out, *force)
            tally.kept(before, {path.name for path in out.glob("*.wav")})
            for path in out.glob("*.wav"):
                whole = path.read_bytes() == (alone / path.name).read_bytes()
                tally.must(whole, f"{path.name} is not whole")
                tally.must(path.with_suffix(".json").is_file(), f"{path.name} without sidecar")
        if any(out.glob("*.wav")):
            tally.ended(place.begin(*command, out), 2)  # refused, not overwritten
        place.timed(tally, *command, out, "--force")
        names = {path.name for path in alone.iterdir()}
        tally.must({p.name for p in out.glob("[!.]*")} == names, "other files than alone")
        same = all((out / name).read_bytes() == (alone / name).read_bytes() for name in names)
        tally.must(same, "other bytes than alone")
        tally.left += len(workplace.leftovers(out))
        yield tally


# ---- servers -------------------------------------------------------------------------------------


def asked(address: str, path: str, body: Any = None, method: str = "", **headers: str) -> Any:
    """Asks a server."""
    request = urllib.request.Request(
        f"{address}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"content-type": "application/json", **headers},
        method=method or ("GET" if body is None else "POST"),
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def address_of(command: Command) -> str:
    """Waits for the address of a server."""
    end_s = time.monotonic() + 120
    while time.monotonic() < end_s:
        try:
            return str(command.answer()["address"])
        except (OSError, ValueError):  # it has not said so yet
            time.sleep(0.02)
    raise AssertionError(f"it does not begin: {command.said()}")


def while_killed(
    place: Place, tally: Tally, command: Command, act: Callable[[], None], within_s: float
) -> None:
    """Acts again and again until the server is killed under it, some time after the first act."""
    once = threading.Event()

    def on_and_on() -> None:
        try:
            while True:
                act()
                once.set()
        except urllib.error.HTTPError as error:
            tally.must(False, f"{error.code} {error.read().decode()[:300]}")
        except (OSError, HTTPException, ValueError):  # the server is gone, in mid-answer perhaps
            return
        finally:
            once.set()

    worker = threading.Thread(target=on_and_on)
    worker.start()
    once.wait(120)
    time.sleep(place.rng.uniform(0.0, within_s))
    command.kill()
    worker.join()
    tally.kills += 1


def listenings(place: Place, kills: int = 5) -> Iterator[Tally]:
    """Kills the building and the serving of a listening test."""
    real = workplace.sounds(place.root / "real", 16)
    made = workplace.sounds(place.root / "made", 16)
    building = Tally("listen build")
    build = ("listen", "build")
    kinds = ("--kind", "questionnaire", "--real", real, "--system", f"one={made}", "--items", 12)
    took_s = place.timed(building, *build, place.root / "test", *kinds)
    for _ in range(kills):
        folder = place.root / "test killed"
        place.killed(building, took_s, *build, folder, *kinds)
        if folder.exists():
            names = {path.name for path in folder.iterdir()}
            whole = names == {path.name for path in (place.root / "test").iterdir()}
            building.must(whole, f"half a test: {names}")
            shutil.rmtree(folder)
    place.timed(building, *build, folder, *kinds)
    building.left += len([p for p in place.root.glob(".*.part")])
    yield building

    serving, test = Tally("listen serve"), place.root / "test"
    answers: dict[str, int] = {}
    for _ in range(kills + 1):
        server = place.begin("--json", "listen", "serve", test, "--port", 0)
        address = address_of(server)

        def act(address: str = address) -> None:
            token = asked(address, "api/listener", {})["token"]
            answers[token] = 0
            for number in range(12):
                said = {
                    "given": {"real": "real", "musicality": 4, "inspiring": "no"},
                    "plays": [2],
                    "seconds": 4.5,
                }
                path = f"api/pages/{number}"
                asked(address, path, said, "PUT", **{"x-listener": token})
                answers[token] = number + 1

        while_killed(place, serving, server, act, 3.0)
    server = place.begin("--json", "listen", "serve", test, "--port", 0)
    address = address_of(server)
    for token, count in answers.items():
        state = asked(address, "api/listener", **{"x-listener": token})
        if state["done"] < count:
            serving.losses.append(f"{state['done']} of {count}")
    server.kill()
    serving.must(len(answers) > kills, "no answers were given")
    tally_answers = sum(answers.values())
    serving.job += f" ({tally_answers} answers)"
    yield serving


def studios(place: Place, kills: int = 15) -> Iterator[Tally]:
    """Kills studios that are made to play and to scan."""
    workspace, tally = instrument(place), Tally("studio")
    arguments = ("--json", "--workspace", workspace, "studio", "--port", 0)
    names: dict[str, set[str]] = {}  # what each sound may be called
    jobs: set[str] = set()
    for number in range(kills + 1):
        studio = place.begin(*arguments)
        address = address_of(studio)
        for id_, allowed in names.items():
            try:
                now = asked(address, f"api/made/{id_}")["name"]
            except urllib.error.HTTPError:
                now = None
            if now not in allowed:
                tally.losses.append(f"{id_} is called {now}, not {' or '.join(allowed)}")
        listed = {job["id"] for job in asked(address, "api/jobs")["jobs"]}
        tally.kept(jobs, listed)
        if number == kills:
            studio.kill(with_children=True)
            break
        seeds = iter(range(1000 * number, 1000 * number + 1000))

        def act(address: str = address, seeds: Iterator[int] = seeds) -> None:
            seed = next(seeds)
            wish = {"at": [[0.5, round(seed % 997 / 997, 4)]], "projection": "pca"}
            id_ = asked(address, "api/instruments/tiny/pick", wish)["made"]["id"]
            names.setdefault(id_, {asked(address, f"api/made/{id_}")["name"]})
            names[id_].add(f"call {seed}")  # from now on it may be, once that is answered it must
            asked(address, f"api/made/{id_}", {"name": f"call {seed}", "starred": True}, "PATCH")
            names[id_] = {f"call {seed}"}
            if seed % 10 == 3:
                scan = {"kind": "scan", "path": str(place.root / "sounds")}
                jobs.add(asked(address, "api/jobs", scan)["id"])

        while_killed(place, tally, studio, act, 5.0)
    tally.must(len(names) > kills, f"only {len(names)} sounds were made")
    tally.job += f" ({len(names)} sounds, {len(jobs)} jobs)"
    tally.left += len(workplace.leftovers(workspace))
    yield tally


JOBS = {
    "scan": scans,
    "train": trainings,
    "render": renderings,
    "listen": listenings,
    "studio": studios,
}


def main() -> None:
    """Runs the jobs and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=list(JOBS), choices=list(JOBS))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    options.out = options.out.resolve()
    options.out.mkdir(parents=True, exist_ok=True)
    workplace.warm()
    rows = []
    for name in options.only:
        root = options.out / name
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        for tally in JOBS[name](Place(root, random.Random(f"{options.seed} {name}"))):
            rows.append(tally.row())
            print(json.dumps(rows[-1]), flush=True)
            for words in (*tally.losses, *tally.faults):
                print("   ", words, file=sys.stderr, flush=True)
    print(workplace.table(rows))
    print(f"{sum(row['kills'] for row in rows)} kills")


if __name__ == "__main__":
    main()
