"""Fuzzes what else comes from strangers: recipes, instrument folders, libraries, listening tests.

    python benchmarks/hardness/fuzz_documents.py --out DIR [--runs 20000] [--seed 1]

Each run damages one file of a good folder and opens it. The damage knows the format: in JSON a
value is lost, doubled or becomes something odd (huge, nested, no number, a path that climbs); in
TOML likewise by line; safetensors get another header; databases lose or change bytes. Only
timbrel's own errors may come out, in one line, within 20 s and 2 GB. Runs happen in forked
processes, so that a crash is seen, counted and kept. One JSON line a subject: runs, accepted,
refused, faults, crashes.
"""

import argparse
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import struct
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import workplace

RECIPES = ("sample-vae-tiny", "single-tiny", "morph-tiny", "wavegan-tiny")
LIMIT_S, ROOM_BYTES = 20, 2 << 30
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 0.5, -0.0, 1e-320, 1e308, 2**31, 2**53, 2**63, 2**70),
    *(10**400, float("nan"), float("inf"), "", " ", "../../../etc/passwd", "/etc/passwd", "\x00"),
    *("a\nb", "<script>alert(1)</script>", "\u202egpj.wav", "\ud800", "x" * 100_000, "1e999"),
    *([], {}, [[]], [None], {"": {}}, [1] * 10_000, {str(n): n for n in range(5000)}),
)


# ---- damage --------------------------------------------------------------------------------------


def odd_json(text: str, rng: random.Random) -> bytes:
    """Damages a JSON document in one place or some; it mostly stays JSON."""
    table = json.loads(text)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        _odd_value(table, rng)
    text = json.dumps(table, ensure_ascii=rng.random() < 0.5)
    way = rng.random()
    if way < 0.05:
        deep = rng.choice((500, 5000, 200_000))
        text = text.replace("null", "[" * deep + "]" * deep, 1) if "null" in text else "[" * deep
    elif way < 0.1:
        text = text.replace("{", '{"format_version": 1e9, ' * rng.randrange(1, 4), 1)
    elif way < 0.15:
        text = text[: rng.randrange(len(text))]
    elif way < 0.2:
        return odd_bytes(text.encode("utf-8", "surrogatepass"), rng)
    return text.encode("utf-8", "surrogatepass")


def _odd_value(node: Any, rng: random.Random) -> None:
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return
        key = rng.choice(keys)
        child = node[key]
        if isinstance(child, dict | list) and child and rng.random() < 0.8:
            node = child
            continue
        way = rng.random()
        if way < 0.15:
            del node[key]
        elif way < 0.25 and isinstance(node, dict):
            node[rng.choice(("", "__class__", "soul", str(key) + " ", "constructor"))] = child
        elif way < 0.4 and isinstance(child, int | float):
            node[key] = rng.choice((child + 1, child - 1, -child, child * 1000, child / 2))
        else:
            node[key] = rng.choice(ODD)
        return


def odd_toml(text: str, rng: random.Random) -> bytes:
    """Damages a TOML document by its lines."""
    lines = text.splitlines()
    for _ in range(rng.choice((1, 1, 2, 4))):
        at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        way = rng.random()
        if way < 0.6 and "=" in lines[at]:
            odd = rng.choice((*ODD, float("-inf"), [[1, 2], 3], {"name": "zero"}))
            name = lines[at].split("=")[0]
            lines[at] = (
                f"{name}= {json.dumps(odd).replace('Infinity', 'inf').replace('NaN', 'nan')}"
            )
        elif way < 0.7:
            del lines[at]
        elif way < 0.8:
            lines.insert(other, lines[at])
        elif way < 0.9:
            lines[at], lines[other] = lines[other], lines[at]
        else:
            lines[at] = lines[at][: rng.randrange(len(lines[at]) + 1)]
        lines = lines or [""]
    content = "\n".join(lines).encode("utf-8", "surrogatepass")
    return odd_bytes(content, rng) if rng.random() < 0.1 else content


def odd_bytes(content: bytes, rng: random.Random) -> bytes:
    """Damages bytes: some change, some go, some come."""
    raw = bytearray(content)
    way = rng.random()
    if way < 0.2:
        return bytes(raw[: rng.randrange(len(raw) + 1)])
    if way < 0.3:
        return bytes(raw) + rng.randbytes(rng.randrange(1, 64))
    if way < 0.4:
        at = rng.randrange(len(raw) + 1)
        return bytes(raw[:at] + raw[at + rng.randrange(1, 64) :])
    for _ in range(rng.choice((1, 2, 8, 64))):
        if raw:
            at = rng.choice((rng.randrange(len(raw)), rng.randrange(min(len(raw), 128))))
            raw[at] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
    return bytes(raw)


def odd_safetensors(content: bytes, rng: random.Random) -> bytes:
    """Damages the header of a safetensors file, or its length, or what follows."""
    (length,) = struct.unpack_from("<Q", content)
    header, rest = content[8 : 8 + length].decode(), content[8 + length :]
    way = rng.random()
    if way < 0.15:
        claimed = rng.choice((0, 1, length - 1, length + 1, 10**8, 2**32, 2**63 - 1, 2**64 - 1))
        return struct.pack("<Q", claimed) + content[8:]
    if way < 0.3:
        return odd_bytes(content, rng)
    if way < 0.5:  # a tensor of 100 GB, a type that there is not, places that overlap
        table = json.loads(header)
        name = rng.choice([key for key in table if key != "__metadata__"])
        odd = {
            "shape": rng.choice(([25 * 10**9], [2**32, 2**32], [-1], [], [0], [2**63], [1.5])),
            "dtype": rng.choice(("F64", "BOOL", "F8_E4M3", "I64", "object", "U16", "BF16")),
            "data_offsets": rng.choice(([0, 10**11], [5, 0], [0, 0], [2**63, 2**63], [0])),
        }
        field = rng.choice(list(odd))
        table[name][field] = odd[field]
        made = json.dumps(table).encode()
    else:
        made = odd_json(header, rng)
    return struct.pack("<Q", len(made)) + made + rest


# ---- subjects ------------------------------------------------------------------------------------


def refit(folder: Path) -> None:
    """Makes the checksums right again, as a forger would."""
    try:
        table = json.loads((folder / "instrument.json").read_text())
        for name in table["checksums"]:
            content = (folder / name).read_bytes()
            table["checksums"][name] = hashlib.sha256(content).hexdigest()
        (folder / "instrument.json").write_text(json.dumps(table))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return


def open_recipe(path: Path) -> None:
    """Opens a recipe as `train` does."""
    from timbrel import recipes
    from timbrel.tasks.recipes import describe

    recipe = recipes.find(str(path))
    if recipe.length_samples < 200_000:
        describe(str(path))


def open_instrument(folder: Path) -> None:
    """Opens an instrument, all of it."""
    from timbrel.instruments import folder as folders

    folders.describe(folder)
    folders.read_card(folder)
    folders.open_instrument(folder)


def open_library(folder: Path) -> None:
    """Opens a library and reads all of it."""
    from timbrel.library.catalogue import open_catalogue

    catalogue = open_catalogue(folder)
    catalogue.count()
    list(catalogue.rows())
    catalogue.skipped()
    catalogue.summary()
    catalogue.fingerprint()


def open_test(folder: Path) -> None:
    """Opens a listening test with its key and its answers."""
    from timbrel.evaluation.listening import judgements
    from timbrel.evaluation.listening.description import read_key
    from timbrel.tasks import listen

    test = listen.open_test(folder)
    found = test.results.everybody()
    judgements.screened(
        test.description.kind,
        judgements.judgements(found, read_key(folder, test.description)),
    )


Damage = Callable[[bytes, random.Random], bytes]


def textual(damage: Callable[[str, random.Random], bytes]) -> Damage:
    """Damage of texts as damage of bytes."""
    return lambda content, rng: damage(content.decode(), rng)


def damage_of(path: Path) -> Damage:
    """The damage that fits a file."""
    if path.suffix == ".json":
        return textual(odd_json)
    if path.suffix == ".toml":
        return textual(odd_toml)
    return odd_safetensors if path.suffix == ".safetensors" else odd_bytes


class Subject:
    """A good folder or file, and how it is opened."""

    def __init__(self, good: Path, opened: Callable[[Path], None], *, forged: bool = False) -> None:
        self.good, self.opened, self.forged = good, opened, forged
        self.files = [good] if good.is_file() else sorted(p for p in good.rglob("*") if p.is_file())
        self.files = [p for p in self.files if p.stat().st_size and p.suffix != ".wav"]

    def damaged(self, place: Path, rng: random.Random) -> Path:
        """A copy with one file damaged."""
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        copy = place / self.good.name
        if self.good.is_file():
            shutil.copyfile(self.good, copy)
        else:
            shutil.copytree(self.good, copy, copy_function=_linked)
        path = rng.choice(self.files)
        target = copy if self.good.is_file() else copy / path.relative_to(self.good)
        content = path.read_bytes()
        target.unlink()
        if rng.random() > 0.02:
            target.write_bytes(damage_of(path)(content, rng))
        if self.forged and rng.random() < 0.5:
            refit(copy)
        return copy


def _linked(one: str, other: str) -> None:
    """Hard links are quick; what is damaged is unlinked before. Documents are rewritten: copies."""
    if one.endswith(".json"):
        shutil.copyfile(one, other)
    else:
        os.link(one, other)


# ---- running -------------------------------------------------------------------------------------


def runs(subject: Subject, name: str, first: int, end: int, out: Path, report: int) -> None:
    """Does runs in this process; after each it says so through a pipe."""
    from timbrel.errors import TimbrelError

    if name != "library":  # lance reserves address space without using it
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + ROOM_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for number in range(first, end):
        os.write(report, struct.pack("<Qc", number, b"?"))
        copy = subject.damaged(out / "now" / name, random.Random(f"{name} {number}"))
        signal.alarm(LIMIT_S)
        outcome = b"a"
        try:
            subject.opened(copy)
        except TimbrelError as error:
            outcome = b"r"
            if "\n" in str(error):
                outcome = _fault(out, name, number, "more than one line: " + str(error))
        except BaseException:
            outcome = _fault(out, name, number, traceback.format_exc())
        signal.alarm(0)
        os.write(report, struct.pack("<Qc", number, outcome))


def _fault(out: Path, name: str, number: int, words: str) -> bytes:
    kind = hashlib.blake2b(
        "".join(words.splitlines()[-3:]).encode("utf-8", "replace"), digest_size=4
    )
    path = out / f"{name}-{kind.hexdigest()}.txt"
    if not path.exists():
        path.write_text(f"run {number}\n{words}", errors="backslashreplace")
    return b"f"


def fuzzed(subject: Subject, name: str, first: int, count: int, out: Path) -> dict[str, Any]:
    """Does the runs of a subject in processes that may crash."""
    tally = {"subject": name, "runs": 0, "accepted": 0, "refused": 0, "faults": 0, "crashes": 0}
    names = {b"a": "accepted", b"r": "refused", b"f": "faults"}
    number, end, start_s = first, first + count, time.monotonic()
    while number < end:
        receive, send = os.pipe()
        sys.stdout.flush()
        process = os.fork()
        if process == 0:
            os.close(receive)
            with (out / "log.txt").open("ab") as log:
                os.dup2(log.fileno(), 2)
                os.dup2(log.fileno(), 1)
            runs(subject, name, number, min(end, number + 500), out, send)
            os._exit(0)
        os.close(send)
        under_way = None
        with os.fdopen(receive, "rb") as pipe:
            while len(said := pipe.read(9)) == 9:
                number, outcome = struct.unpack("<Qc", said)
                under_way = number if outcome == b"?" else None
                if outcome != b"?":
                    tally["runs"] += 1
                    tally[names[outcome]] += 1
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        if under_way is not None:
            tally["crashes"] += 1
            tally["runs"] += 1
            (out / f"{name}-crash-{under_way}.txt").write_text(
                f"run {under_way}, status {status}\n"
            )
        number += 1
    return {**tally, "seconds": round(time.monotonic() - start_s)}


def good_ones(place: Path) -> dict[str, Subject]:
    """Makes what will be damaged, with the command line."""
    from timbrel import recipes

    logs, ws = place / "logs", place / "ws"
    if not (ws / "instruments" / "tiny").exists():
        sounds = workplace.sounds(place / "sounds", 24, 0.2)
        (sounds / "bad.wav").write_bytes(b"RIFF")
        for arguments in (
            ("--workspace", ws, "scan", sounds),
            ("--workspace", ws, "train", "sample-vae-tiny", "--name", "tiny", "--steps", 4,
             "--set", "phase.iterations=4", "--set", "network.hidden_size=8"),
            ("listen", "build", place / "test", "--kind", "mos", "--real", sounds / "tone",
             "--system", f"one={sounds / 'noise'}", "--items", 4),
        ):  # fmt: skip
            command = workplace.begin(arguments, logs)
            if command.wait() not in (0, 3):
                sys.exit(command.said())
        shutil.rmtree(ws / "instruments" / "tiny" / "checkpoints", ignore_errors=True)
        shutil.rmtree(ws / "instruments" / "tiny" / "previews", ignore_errors=True)
        workplace.apart(lambda: _answered(place / "test"))
        for name in RECIPES:
            (place / f"{name}.toml").write_text(recipes.as_toml(recipes.find(name)))
    subjects = {f"recipe {name}": Subject(place / f"{name}.toml", open_recipe) for name in RECIPES}
    return {
        **subjects,
        "instrument": Subject(ws / "instruments" / "tiny", open_instrument, forged=True),
        "library": Subject(ws / "library", open_library),
        "listening test": Subject(place / "test", open_test),
    }


def _answered(folder: Path) -> str:
    from timbrel.studio.listening.sitting import sit
    from timbrel.tasks import listen

    test = listen.open_test(folder)
    for _ in range(3):
        token = test.results.enlist()
        for place in range(3):
            page = sit(test, token).page(place)
            plays = [1] * len(page["sounds"])
            sit(test, token).answer(place, {"quality": "4"}, plays=plays, seconds=2.0)
    return token


def main() -> None:
    """Fuzzes the subjects and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=20_000, help="of all subjects together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*")
    options = parser.parse_args()
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    workplace.warm()
    subjects = good_ones(out / "good")
    chosen = [name for name in subjects if not options.only or name.split()[0] in options.only]
    rows = []
    for name in chosen:
        count = options.runs // len(chosen)
        rows.append(fuzzed(subjects[name], name, options.seed * 10**7, count, out))
        print(json.dumps(rows[-1]), flush=True)
    print(workplace.table(rows))


if __name__ == "__main__":
    main()
