"""Preparing data: each sound is read and encoded once; what was done survives a kill.

A store is a folder of the cache, named by the fingerprint of all that the codes depend on::

    <fingerprint>/codes.f16       rows [F, N] as float16, one after the other
                  rows.jsonl      a line per sound: its id and reference, or why it was left out
                  complete.json   written last: how many sounds there are, and the shape of a code
"""

import hashlib
import json
import mmap
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from timbrel import atomic
from timbrel.errors import SoundFileError, TrainingError
from timbrel.progress import Report, Tracker, silent
from timbrel.recipes import Recipe
from timbrel.signal import files, levels
from timbrel.signal.frontends import FrontEnd
from timbrel.training.store import CodeStore, TrainingData

__all__ = ["CodeStore", "Entry", "TrainingData", "fingerprint", "prepare"]

FORMAT = 1  # raised whenever the same sounds would give other codes

CHUNK_SOUNDS = 16  # encoded at once: small enough for the processor's cache
_MARGIN_S = 0.05  # read beyond the length, so that a longer sound is faded and not just cut
_READERS = 4
_KEEP_EVERY_S = 1.0


@dataclass(frozen=True)
class Entry:
    """A sound to learn from.

    Attributes:
        id: Its id in the library.
        path: Its file.
        label: The number of its label, -1 where unknown.
        content_hash: Hash of its samples; empty where unknown, then size and time of the file
            tell whether it changed.
    """

    id: str
    path: Path
    label: int = -1
    content_hash: str = ""


@dataclass(frozen=True)
class _Job:
    entries: Sequence[Entry]
    recipe: Recipe
    folder: Path

    @property
    def shape(self) -> tuple[int, int]:
        return _front_end(self.recipe).code_shape(self.recipe.length_samples)

    @property
    def row_bytes(self) -> int:
        return 2 * self.shape[0] * self.shape[1]

    @property
    def codes(self) -> Path:
        return self.folder / "codes.f16"

    @property
    def rows(self) -> Path:
        return self.folder / "rows.jsonl"

    @property
    def complete(self) -> Path:
        return self.folder / "complete.json"


def fingerprint(entries: Sequence[Entry], recipe: Recipe) -> str:
    """Hashes all that codes depend on: front end, rate, length, and each sound's content.

    Args:
        entries: The sounds, in order.
        recipe: The recipe.

    Returns:
        Sixteen hexadecimal digits.
    """
    front_end = recipe.front_end.model_dump(mode="json")
    head = [FORMAT, type(recipe.front_end).__name__, front_end, recipe.sample_rate]
    digest = hashlib.sha256(json.dumps([*head, recipe.duration_s], sort_keys=True).encode())
    for entry in entries:
        digest.update(f"\0{entry.id}\0{entry.content_hash or _state_of(entry.path)}".encode())
    return digest.hexdigest()[:16]


def _state_of(path: Path) -> str:
    try:
        state = path.stat()
    except OSError:
        return "missing"
    return f"{state.st_size} {state.st_mtime_ns}"


def prepare(
    entries: Sequence[Entry], recipe: Recipe, *, folder: Path, report: Report = silent
) -> CodeStore:
    """Encodes sounds once and opens the result; a second call with the same sounds only opens.

    It may be killed at any moment: the next call goes on after the last chunk that was kept.
    Memory does not grow with the number of sounds. Sounds that cannot be read any more, or that
    hold values that are no numbers, are left out and named in `CodeStore.skipped`.

    Args:
        entries: The sounds, in the order of the rows.
        recipe: Front end, rate and length.
        folder: The cache that holds the store's own folder.
        report: Where progress goes.

    Returns:
        The codes, mapped from disk.

    Raises:
        TrainingError: When the cache cannot be written.
    """
    job = _Job(entries, recipe, folder / fingerprint(entries, recipe))
    try:
        if not job.complete.is_file():
            _encode_all(job, report)
        return _opened(job)
    except OSError as error:
        raise TrainingError(
            f"cannot keep prepared sounds in {job.folder} ({error.strerror or error})",
            "a folder with free space",
            "free some space and start again: what is prepared stays prepared",
        ) from None


def _encode_all(job: _Job, report: Report) -> None:
    job.folder.mkdir(parents=True, exist_ok=True)
    done = _recover(job)
    tracker = Tracker("preparing sounds", len(job.entries), report, done=0.0)
    tracker.advance(done)
    with ExitStack() as stack:
        journal = _Journal(
            codes=stack.enter_context(job.codes.open("ab")),
            rows=stack.enter_context(job.rows.open("ab")),
        )
        for chunk, sounds in _read_ahead(job, done):
            journal.add(*_encoded(job.recipe, chunk, sounds))
            tracker.advance(len(chunk))
        journal.keep()
    facts = {"sounds": len(job.entries), "shape": list(job.shape)}
    atomic.write_text(job.complete, json.dumps(facts))


@dataclass
class _Journal:
    """Appends codes first and their lines later, so that a line always has its code on disk."""

    codes: BinaryIO
    rows: BinaryIO
    waiting: str = ""
    kept_s: float = field(default_factory=time.monotonic)

    def add(self, codes: NDArray[np.float16], lines: Sequence[dict[str, Any]]) -> None:
        self.codes.write(codes.tobytes())
        self.waiting += _as_lines(lines)
        if time.monotonic() - self.kept_s > _KEEP_EVERY_S:
            self.keep()

    def keep(self) -> None:
        _sync(self.codes)
        self.rows.write(self.waiting.encode())
        _sync(self.rows)
        self.waiting, self.kept_s = "", time.monotonic()


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _as_lines(lines: Sequence[dict[str, Any]]) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)


def _recover(job: _Job) -> int:
    """Cuts both files back to the last chunk that is whole in both; says how many sounds that is.

    Whole chunks, because encoding the same chunks anew gives the same bytes.
    """
    lines = _journal(job)
    stored = job.codes.stat().st_size // job.row_bytes if job.codes.is_file() else 0
    done = len(lines) if len(lines) == len(job.entries) else 0
    done = done or len(lines) // CHUNK_SOUNDS * CHUNK_SOUNDS
    while done and _kept(lines[:done]) > stored:
        done = max(0, (done - 1) // CHUNK_SOUNDS * CHUNK_SOUNDS)
    job.codes.touch()
    os.truncate(job.codes, _kept(lines[:done]) * job.row_bytes)
    atomic.write_text(job.rows, _as_lines(lines[:done]))
    return done


def _kept(lines: Sequence[dict[str, Any]]) -> int:
    return sum("reference" in line for line in lines)


def _journal(job: _Job) -> list[dict[str, Any]]:
    """Reads the journal up to the first line that is not whole."""
    lines: list[dict[str, Any]] = []
    if not job.rows.is_file():
        return lines
    for text in job.rows.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]:
        try:
            lines.append(json.loads(text))
        except json.JSONDecodeError:
            break
    return lines


def _read_ahead(job: _Job, done: int) -> Iterator[tuple[Sequence[Entry], list[Tensor | str]]]:
    """Gives chunk after chunk of sounds, while threads read the chunk after it."""
    starts = range(done, len(job.entries), CHUNK_SOUNDS)
    with ThreadPoolExecutor(_READERS, thread_name_prefix="read") as pool:
        waiting: tuple[Sequence[Entry], list[Future[Tensor | str]]] | None = None
        for start in starts:
            chunk = job.entries[start : start + CHUNK_SOUNDS]
            ahead = (chunk, [pool.submit(_waveform, entry, job.recipe) for entry in chunk])
            if waiting:
                yield waiting[0], [future.result() for future in waiting[1]]
            waiting = ahead
        if waiting:
            yield waiting[0], [future.result() for future in waiting[1]]


def _waveform(entry: Entry, recipe: Recipe) -> Tensor | str:
    """Reads one sound at the recipe's rate and length, [T]; or says why that cannot be done."""
    duration_s = recipe.duration_s + _MARGIN_S
    try:
        sound = files.read(
            entry.path, duration_s=duration_s, sample_rate=recipe.sample_rate, mono=True
        )
    except SoundFileError as error:
        return str(error)
    samples = sound.samples[0]
    if samples.numel() == 0:
        return "it is empty"
    if not levels.is_finite(samples):
        return "it holds values that are no numbers"
    return levels.fit_length(samples, recipe.length_samples)


def _encoded(
    recipe: Recipe, chunk: Sequence[Entry], sounds: Sequence[Tensor | str]
) -> tuple[NDArray[np.float16], list[dict[str, Any]]]:
    """Encodes one chunk: rows of codes, and the journal's line of each sound."""
    good = [sound for sound in sounds if isinstance(sound, Tensor)]
    if not good:
        lines = [_left_out(e, s) for e, s in zip(chunk, sounds, strict=True)]
        return np.zeros(0, np.float16), lines
    with torch.no_grad():
        front_end = _front_end(recipe)
        codes, references = front_end.encode(torch.stack(good), sample_rate=recipe.sample_rate)
    amplitudes = iter(references.tolist())
    lines = [
        {"id": entry.id, "reference": next(amplitudes)}
        if isinstance(sound, Tensor)
        else _left_out(entry, sound)
        for entry, sound in zip(chunk, sounds, strict=True)
    ]
    return codes.to(torch.float16).contiguous().numpy(), lines


def _left_out(entry: Entry, reason: Tensor | str) -> dict[str, Any]:
    return {"id": entry.id, "skipped": str(reason)}


def _front_end(recipe: Recipe) -> FrontEnd:
    if not isinstance(recipe.front_end, FrontEnd):
        raise TrainingError(f"{type(recipe.front_end).__name__} as front end", "a front end")
    return recipe.front_end


def _opened(job: _Job) -> CodeStore:
    lines = _journal(job)
    count = _kept(lines)
    if len(lines) != len(job.entries) or job.codes.stat().st_size != count * job.row_bytes:
        raise TrainingError(
            f"the prepared sounds in {job.folder} are damaged",
            advice=f"remove {job.folder} and start again",
        )
    codes, mapping = _mapped(job, count)
    labels = [e.label for e, line in zip(job.entries, lines, strict=True) if "reference" in line]
    return CodeStore(
        codes=codes,
        references=np.array([x["reference"] for x in lines if "reference" in x], np.float32),
        labels=np.array(labels, np.int64),
        ids=tuple(line["id"] for line in lines if "reference" in line),
        skipped=tuple((x["id"], x["skipped"]) for x in lines if "skipped" in x),
        fingerprint=job.folder.name,
        mapping=mapping,
    )


def _mapped(job: _Job, count: int) -> tuple[NDArray[np.float16], mmap.mmap | None]:
    if count == 0:
        return np.zeros((0, *job.shape), np.float16), None
    with job.codes.open("rb") as file:
        mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return np.frombuffer(mapping, np.float16).reshape(count, *job.shape), mapping
