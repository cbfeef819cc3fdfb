"""Preparing data: each sound is read and encoded once; what was done survives a kill.

A store is a folder of the cache, named by the fingerprint of all that the codes depend on::

    <fingerprint>/codes.f16       frames [N', F] of each sound as float16, one after the other
                  rows.jsonl      a line per sound: its id, reference and number N' of frames up
                                  to its end, or why it was left out
                  complete.json   written last: how many sounds there are, and the shape of a code
                  lock            held by the process that fills or opens the store

A store is only a cache: a damaged one is made anew, and so is one whose unreadable sounds can be
read again. Files that another training may have mapped are never changed, only replaced.
"""

import hashlib
import json
import mmap
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

from timbrel import atomic
from timbrel.errors import LibraryError, TrainingError
from timbrel.library import lock
from timbrel.progress import Progress, Report, Tracker, silent
from timbrel.recipes import Recipe
from timbrel.signal.frontends import Framed, FrontEnd, Segmented
from timbrel.training.store import CodeStore, TrainingData, without_silence
from timbrel.training.waveforms import Entry, Heard, LeftOut, chunks, waveform

__all__ = ["CodeStore", "Entry", "TrainingData", "fingerprint", "prepare"]

FORMAT = 3  # raised whenever the same sounds would give other codes

CHUNK_SOUNDS = 16  # encoded at once: small enough for the processor's cache
CHUNK_BYTES = 2**25  # of sound, for long sounds: codes and what they are made of take ten times it
_KEEP_EVERY_S = 1.0
_ASK_AGAIN_S = 0.2


@dataclass(frozen=True)
class _Job:
    entries: Sequence[Entry]
    recipe: Recipe
    folder: Path

    @property
    def shape(self) -> tuple[int, int]:
        return _shape(self.recipe)

    @property
    def chunk(self) -> int:
        """How many sounds are encoded at once: always as many, whenever this is resumed."""
        return max(1, min(CHUNK_SOUNDS, CHUNK_BYTES // (4 * self.recipe.length_samples)))

    def bytes_of(self, lines: Sequence[dict[str, Any]]) -> int:
        """What the codes of some sounds take on disk."""
        return 2 * self.shape[0] * sum(int(line.get("frames", 0)) for line in lines)

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
    head += [recipe.duration_s, *(["pieces"] if recipe.pieces else [])]
    digest = hashlib.sha256(json.dumps(head, sort_keys=True).encode())
    for entry in entries:
        digest.update(f"\0{entry.id}\0{entry.content_hash or _state_of(entry.path)}".encode())
        digest.update(f"\0{entry.start_s}".encode() if entry.start_s else b"")
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

    It may be killed at any moment: the next call goes on after the last chunk that was kept. Of
    two processes that want the same store one fills it and the other waits. Memory does not grow
    with the number of sounds; where a recipe hears minutes of each, fewer are encoded at once.
    Sounds that cannot be read any more, that are silent within the recipe's length, or that hold
    values that are no numbers or beyond all measure, are left out and named in
    `CodeStore.skipped`; those that could not be read are tried again by each call.

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
        job.folder.mkdir(parents=True, exist_ok=True)
        with _alone(job, report):
            if job.complete.is_file() and not _still_good(job):
                _clear(job)
            if not job.complete.is_file():
                _encode_all(job, report)
            return _opened(job)
    except OSError as error:
        raise TrainingError(
            f"cannot keep prepared sounds in {job.folder} ({error.strerror or error})",
            "a folder with free space",
            "free some space and start again: what is prepared stays prepared",
        ) from None


@contextmanager
def _alone(job: _Job, report: Report) -> Iterator[None]:
    """Holds the store's lock; waits for as long as another process holds it."""
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(lock.exclusive(job.folder / "lock"))
                break
            except LibraryError:
                report(Progress("waiting for another training to prepare the same sounds", 0, 0))
                time.sleep(_ASK_AGAIN_S)
        yield


def _still_good(job: _Job) -> bool:
    """Whether a complete store is whole, and what could not be read still cannot be read."""
    lines = _journal(job)
    return _fits(job, lines) and _first_back(job, lines) == len(lines)


def _fits(job: _Job, lines: Sequence[dict[str, Any]]) -> bool:
    size = job.codes.stat().st_size if job.codes.is_file() else -1
    whole = len(lines) == len(job.entries) and size == job.bytes_of(lines)
    return whole and _own(job, lines) == len(lines)


def _own(job: _Job, lines: Sequence[dict[str, Any]]) -> int:
    """How many lines from the first on are about the sounds that they should be about."""
    for number, (entry, line) in enumerate(zip(job.entries, lines, strict=False)):
        if line.get("id") != entry.id:
            return number
    return min(len(job.entries), len(lines))


def _clear(job: _Job) -> None:
    for path in (job.codes, job.rows, job.complete):  # the codes first: without them none is whole
        path.unlink(missing_ok=True)


def _encode_all(job: _Job, report: Report) -> None:
    done = _recover(job)
    tracker = Tracker("preparing sounds", len(job.entries), report, done=0.0)
    tracker.advance(done)
    with ExitStack() as stack:
        journal = _Journal(
            codes=stack.enter_context(job.codes.open("ab")),
            rows=stack.enter_context(job.rows.open("ab")),
        )
        for chunk, sounds in chunks(job.entries, job.recipe, start=done, size=job.chunk):
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
    lines = lines[: _own(job, lines)]
    lines = lines[: _first_back(job, lines)]
    stored = job.codes.stat().st_size if job.codes.is_file() else 0
    done = len(lines) if len(lines) == len(job.entries) else 0
    done = done or len(lines) // job.chunk * job.chunk
    while done and job.bytes_of(lines[:done]) > stored:
        done = max(0, (done - 1) // job.chunk * job.chunk)
    job.codes.touch()
    os.truncate(job.codes, job.bytes_of(lines[:done]))
    atomic.write_text(job.rows, _as_lines(lines[:done]))
    return done


def _first_back(job: _Job, lines: Sequence[dict[str, Any]]) -> int:
    """The first sound that could not be read and now can: from its chunk on, all is made anew."""
    for number, (entry, line) in enumerate(zip(job.entries, lines, strict=False)):
        if "unreadable" in line and isinstance(waveform(entry, job.recipe), Tensor):
            return number
    return len(lines)


def _journal(job: _Job) -> list[dict[str, Any]]:
    """Reads the journal up to the first line that is not whole."""
    lines: list[dict[str, Any]] = []
    if not job.rows.is_file():
        return lines
    for text in job.rows.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]:
        try:
            lines.append(dict(json.loads(text)))
        except (ValueError, TypeError):
            break
    return lines


def _encoded(
    recipe: Recipe, chunk: Sequence[Entry], sounds: Sequence[Heard]
) -> tuple[NDArray[np.float16], list[dict[str, Any]]]:
    """Encodes one chunk: rows of codes, and the journal's line of each sound."""
    good = [sound for sound in sounds if isinstance(sound, Tensor)]
    codes, references = torch.zeros(0, *_shape(recipe)), torch.zeros(0)
    if good:
        with torch.no_grad():
            front_end = _front_end(recipe)
            heard = _together(good, front_end, recipe.length_samples)
            codes, references = front_end.encode(heard, sample_rate=recipe.sample_rate)
    frames, lengths = without_silence(codes.to(torch.float16).numpy())
    kept = iter(zip(references.tolist(), lengths.tolist(), strict=True))
    lines = [
        _left_out(entry, sound) if isinstance(sound, LeftOut) else _told(entry, *next(kept))
        for entry, sound in zip(chunk, sounds, strict=True)
    ]
    return frames, lines


def _together(sounds: Sequence[Tensor], front_end: FrontEnd, length_samples: int) -> Tensor:
    """Makes sounds equally long: no longer than they are heard, where that changes no frame."""
    heard = max(_heard_samples(sound) for sound in sounds)
    if isinstance(front_end, Framed):
        frames = front_end.frames
        count = frames.frame_count(heard + frames.n_fft // 2)
        length_samples = min(length_samples, count * frames.hop_samples)
    elif isinstance(front_end, Segmented):
        length_samples = heard
    return torch.stack([pad(sound, (0, length_samples - len(sound))) for sound in sounds])


def _heard_samples(sound: Tensor) -> int:
    """The length of a sound up to its last sample that is not 0, at least 1."""
    last = int((sound != 0).flip(0).to(torch.uint8).argmax())
    return max(1, len(sound) - last)


def _told(entry: Entry, reference: float, frames: int) -> dict[str, Any]:
    return {"id": entry.id, "reference": reference, "frames": frames}


def _left_out(entry: Entry, sound: LeftOut) -> dict[str, Any]:
    return {"id": entry.id, "skipped" if sound.was_read else "unreadable": sound.reason}


def _shape(recipe: Recipe) -> tuple[int, int]:
    return _front_end(recipe).code_shape(recipe.length_samples)


def _front_end(recipe: Recipe) -> FrontEnd:
    if not isinstance(recipe.front_end, FrontEnd):
        raise TrainingError(f"{type(recipe.front_end).__name__} as front end", "a front end")
    return recipe.front_end


def _opened(job: _Job) -> CodeStore:
    lines = _journal(job)
    pairs = list(zip(job.entries, lines, strict=True))
    kept = [(entry, line) for entry, line in pairs if "reference" in line]
    frames, mapping = _mapped(job, job.bytes_of(lines))
    # Named by what is in it: left-out sounds are no part of what a training depends on.
    name = fingerprint([entry for entry, _ in kept], job.recipe)
    return CodeStore(
        frames=frames,
        lengths=np.array([line["frames"] for _, line in kept], np.int64),
        shape=job.shape,
        references=np.array([line["reference"] for _, line in kept], np.float32),
        labels=np.array([entry.label for entry, _ in kept], np.int64),
        ids=tuple(entry.id for entry, _ in kept),
        skipped=tuple((e.id, reason) for e, line in pairs if (reason := _reason(line))),
        fingerprint=name if len(kept) < len(pairs) else job.folder.name,
        mapping=mapping,
    )


def _reason(line: dict[str, Any]) -> str:
    return str(line.get("skipped") or line.get("unreadable") or "")


def _mapped(job: _Job, size: int) -> tuple[NDArray[np.float16], mmap.mmap | None]:
    if size == 0:
        return np.zeros((0, job.shape[0]), np.float16), None
    with job.codes.open("rb") as file:
        mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return np.frombuffer(mapping, np.float16).reshape(-1, job.shape[0]), mapping
