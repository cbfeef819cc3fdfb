"""Fills a small disk under each job and looks at what the job says and leaves.

    python benchmarks/hardness/full_disk.py --out DIR      (as root: it mounts a tmpfs of 24 MB)

For each job the disk has so much room that it is used up in the middle, several times over, from
none at all on. The job must end with status 1 and one clear line, what was there before must be
whole, and once there is room the same command must end well. A table of rows: job, tries, how many
of them met a full disk, faults.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import workplace
from kills import address_of, asked, digest, library
from workplace import Command

DISK_MB = 24


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A file system of its own with room for 24 MB."""
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(place)], check=True
    )
    try:
        yield place
    finally:
        for _ in range(50):
            if subprocess.run(["umount", str(place)], check=False).returncode == 0:
                break
            time.sleep(0.1)


class Disk:
    """The small disk, of which all but some room can be filled."""

    def __init__(self, root: Path, logs: Path) -> None:
        self.root, self.logs, self._ballast = root, logs, root / "ballast"

    def leave(self, room_kb: int) -> None:
        """Fills the disk up to so much room."""
        self.empty()
        free = os.statvfs(self.root).f_bavail * os.statvfs(self.root).f_frsize
        with self._ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, free - room_kb * 1024))

    def empty(self) -> None:
        """Gives all room back."""
        self._ballast.unlink(missing_ok=True)

    def run(self, *arguments: object) -> Command:
        """Runs a command to its end."""
        command = workplace.begin(arguments, self.logs)
        command.wait()
        return command


class Row:
    """What happened to one job."""

    def __init__(self, job: str) -> None:
        self.job, self.tries, self.full, self.faults = job, 0, 0, list[str]()

    def must(self, holds: bool, words: str) -> None:
        """Notes a fault where something does not hold."""
        if not holds:
            self.faults.append(words)
            print("   ", self.job, words, file=sys.stderr, flush=True)

    def failed_well(self, command: Command) -> bool:
        """Whether it met the full disk; then it must say so."""
        self.tries += 1
        if command.status in (0, 3):
            return False
        self.full += 1
        said = command.said()
        self.must(command.status == 1, f"status {command.status}: {said[-300:]}")
        line = said.strip().splitlines()[-1] if said.strip() else ""
        clear = line.startswith("timbrel: ") and any(
            word in said.lower() for word in ("space", "room", "full", "disk")
        )
        self.must(clear and "unforeseen" not in said and "Traceback" not in said, line[-400:])
        return True

    def well(self, command: Command) -> None:
        """Notes a fault where a command with room failed."""
        self.must(command.status in (0, 3), f"with room: {command.status} {command.said()[-300:]}")

    def as_dict(self) -> dict[str, Any]:
        """Gives the row of the table."""
        return {
            "job": self.job,
            "tries": self.tries,
            "met a full disk": self.full,
            "faults": len(self.faults),
        }


def scans(disk: Disk, given: Path) -> Iterator[Row]:
    """Scans more into a library."""
    row, alone, workspace = Row("scan"), given / "alone", disk.root / "ws"
    more = given / "more"
    disk.run("--workspace", alone, "scan", given / "sounds", more)
    for room_kb in (0, 8, 64, 160, 400):
        shutil.rmtree(workspace, ignore_errors=True)
        disk.empty()
        row.well(disk.run("--workspace", workspace, "scan", given / "sounds"))
        before = library(workspace)
        disk.leave(room_kb)
        if row.failed_well(disk.run("--workspace", workspace, "scan", more)):
            kept = [one for one in library(workspace) if one in before]
            row.must(kept == before, "what the library held is gone")
            told = disk.run("--workspace", workspace, "library")
            row.must(told.status in (0, 3), f"the library cannot be told: {told.said()[-200:]}")
        disk.empty()
        row.well(disk.run("--workspace", workspace, "scan", more))
        row.must(library(workspace) == library(alone), "another library in the end")
    yield row
    shutil.rmtree(workspace)


def trainings(disk: Disk, given: Path) -> Iterator[Row]:
    """Trains an instrument."""
    for recipe, steps in (("sample-vae-tiny", 20), ("wavegan-tiny", 4)):
        row, workspace = Row(f"train {recipe}"), disk.root / "ws"
        train = ("train", recipe, "--name", "n", "--steps", steps)
        alone = given / f"alone {recipe}"
        shutil.copytree(given / "base", alone)
        disk.run("--workspace", alone, *train)
        size_kb = sum(p.stat().st_size for p in alone.rglob("*") if p.is_file()) // 1024
        for share in (0.0, 0.1, 0.4, 0.7):
            disk.empty()
            shutil.rmtree(workspace, ignore_errors=True)
            shutil.copytree(given / "base", workspace)
            disk.leave(round(share * size_kb))
            ended = disk.run("--workspace", workspace, *train)
            if row.failed_well(ended):
                row.must(not (workspace / "instruments" / "n").exists(), "half an instrument")
                disk.empty()
                begun = (workspace / "instruments" / ".n.training").exists()
                go_on = ("train", "--name", "n", "--resume") if begun else train
                row.well(disk.run("--workspace", workspace, *go_on))
            made = workspace / "instruments" / "n"
            row.must(made.exists(), "no instrument with room")
            if made.exists():
                same = digest(made, "weights.safetensors") == digest(
                    alone / "instruments" / "n", "weights.safetensors"
                )
                row.must(same, "other weights than with room")
            left = workplace.leftovers(workspace / "instruments")
            row.must(not left, f"left lying: {left}")
        yield row
        shutil.rmtree(workspace)


def longer(disk: Disk, given: Path) -> Iterator[Row]:
    """An instrument that is trained longer stays whole while the disk is full."""
    row, workspace = Row("train --resume of an instrument"), disk.root / "ws"
    for room_kb in (0, 100, 600):
        disk.empty()
        shutil.rmtree(workspace, ignore_errors=True)
        shutil.copytree(given / "played", workspace)
        before = digest(workspace / "instruments" / "tiny", "weights.safetensors", "card.md")
        disk.leave(room_kb)
        go_on = ("--workspace", workspace, "train", "--name", "tiny", "--resume", "--steps", 40)
        if row.failed_well(disk.run(*go_on)):
            now = digest(workspace / "instruments" / "tiny", "weights.safetensors", "card.md")
            row.must(now == before, "the instrument is another")
        disk.empty()
        ended = disk.run(*go_on)
        if ended.status == 2:  # it had been done
            ended = disk.run("--workspace", workspace, "instruments", "tiny")
        row.well(ended)
    yield row
    shutil.rmtree(workspace)


def renderings(disk: Disk, given: Path) -> Iterator[Row]:
    """Makes sounds and a map."""
    pack = sorted((given / "sounds").rglob("*.wav"))
    for job, arguments in {
        "generate": ("generate", "tiny", "--count", 12),
        "morph": ("morph", "tiny", pack[0], pack[20], "--steps", 8),
        "map": ("map", "tiny", "--projection", "pca"),
    }.items():
        row = Row(job)
        name = "m.html" if job == "map" else "out"
        command = ("--workspace", given / "played", *arguments, "--out")
        for room_kb in (0, 12, 60, 100):
            disk.empty()
            shutil.rmtree(disk.root / "r", ignore_errors=True)
            (disk.root / "r").mkdir()
            disk.leave(room_kb)
            out = disk.root / "r" / name
            if row.failed_well(disk.run(*command, out)):
                for path in out.glob("*.wav"):
                    row.must(path.with_suffix(".json").is_file(), "a sound without its sidecar")
                row.must(job != "map" or not out.exists(), "half a page")
                row.must(not workplace.leftovers(disk.root / "r"), "half a file")
            disk.empty()
            row.well(disk.run(*command, out, "--force"))
        yield row


def listenings(disk: Disk, given: Path) -> Iterator[Row]:
    """Builds a listening test and serves it."""
    row = Row("listen build")
    kinds = ("--kind", "questionnaire", "--real", given / "sounds")
    build = ("listen", "build", disk.root / "test", *kinds, "--system", f"one={given / 'more'}")
    for room_kb in (0, 16, 200):
        shutil.rmtree(disk.root / "test", ignore_errors=True)
        disk.leave(room_kb)
        if row.failed_well(disk.run(*build, "--items", 12)):
            row.must(not (disk.root / "test").exists(), "half a test")
        disk.empty()
        ended = disk.run(*build, "--items", 12)
        row.must(ended.status in (0, 2), ended.said())
    row.must((disk.root / "test" / "test.json").exists(), "no test with room")
    yield row
    row, token = Row("listen serve"), ""
    server = workplace.begin(
        ("--json", "listen", "serve", disk.root / "test", "--port", 0), disk.logs
    )
    address, kept = address_of(server), 0
    said = {"given": {"real": "real", "musicality": 4, "inspiring": "no"}, "plays": [2],
            "seconds": 4.5}  # fmt: skip
    for number in range(8):
        if number in (0, 3):
            disk.leave(0)
        try:
            row.tries += 1
            if not token:
                token = asked(address, "api/listener", {})["token"]
            path = f"api/pages/{kept}"
            asked(address, path, said, "PUT", **{"x-listener": token})
            kept += 1
        except urllib.error.HTTPError as error:
            row.full += 1
            told = error.read().decode()
            row.must(error.code in (500, 503, 507) and "Traceback" not in told, told[:300])
            disk.empty()
    done = asked(address, "api/listener", **{"x-listener": token})["done"]
    row.must(done == kept > 2, f"{done} answers of {kept}")
    server.kill()
    yield row
    shutil.rmtree(disk.root / "test")


def studios(disk: Disk, given: Path) -> Iterator[Row]:
    """Has a studio make sounds."""
    row, workspace = Row("studio"), disk.root / "ws"
    disk.empty()
    shutil.copytree(given / "played", workspace)
    arguments = ("--json", "--workspace", workspace, "studio", "--port", 0)
    studio = workplace.begin(arguments, disk.logs)
    address, names = address_of(studio), dict[str, str]()
    for seed in range(12):
        if seed in (2, 5, 8):
            disk.leave((0, 8, 30)[seed // 3])
        try:
            row.tries += 1
            if seed % 3 == 2 and seed < 9:
                scan = {"kind": "scan", "path": str(given / "more")}
                if seed == 8:
                    asked(address, "api/jobs", scan)
            wish = {"at": [[0.5, round(seed % 997 / 997, 4)]], "projection": "pca"}
            made = asked(address, "api/instruments/tiny/pick", wish)["made"]
            names[made["id"]] = made["name"]
        except urllib.error.HTTPError as error:
            row.full += 1
            told = error.read().decode()
            row.must("Traceback" not in told and "pace" in told, f"{error.code} {told[:300]}")
            disk.empty()
    disk.empty()
    studio.kill(with_children=True)
    studio = workplace.begin(arguments, disk.logs)
    address = address_of(studio)
    for id_, name in names.items():
        row.must(asked(address, f"api/made/{id_}")["name"] == name, "a sound is gone")
    row.must(len(names) > 4, f"only {len(names)} sounds")
    studio.kill(with_children=True)
    yield row
    shutil.rmtree(workspace)


JOBS = {
    "scan": scans,
    "train": trainings,
    "resume": longer,
    "render": renderings,
    "listen": listenings,
    "studio": studios,
}


def main() -> None:
    """Runs the jobs and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=list(JOBS), choices=list(JOBS))
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("SKIPPED: only root may mount a small disk")
    given = options.out.resolve()
    shutil.rmtree(given, ignore_errors=True)
    given.mkdir(parents=True)
    workplace.warm()
    workplace.sounds(given / "sounds", 24)
    shutil.copytree(workplace.sounds(given / "half", 40) / "tone", given / "more")
    shutil.rmtree(given / "half")
    with small_disk(given / "disk") as root:
        disk = Disk(root, given / "logs")
        disk.run("--workspace", given / "base", "scan", given / "sounds")
        shutil.copytree(given / "base", given / "played")
        disk.run("--workspace", given / "played", "train", "sample-vae-tiny", "--name", "tiny",
                 "--steps", 20, "--set", "phase.iterations=4")  # fmt: skip
        disk.run("--workspace", given / "played", "map", "tiny", "--projection", "pca", "--out",
                 given / "map.html")  # fmt: skip
        rows = []
        for name in options.only:
            for row in JOBS[name](disk, given):
                rows.append(row.as_dict())
                print(json.dumps(rows[-1]), flush=True)
    print(workplace.table(rows))


if __name__ == "__main__":
    main()
