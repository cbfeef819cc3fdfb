"""Duplicates: files of the library that hold the same recording, and which of them to keep.

Exact copies (the same samples) are known from the scan. Near copies are re-encoded, trimmed,
louder, softer or at another rate. They are found in two steps: sketches give the few pairs that may
be copies, then each pair is laid on each other and compared moment by moment.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from timbrel.errors import SoundFileError
from timbrel.library.arrivals import batched
from timbrel.library.candidates import near_pairs
from timbrel.library.catalogue import Catalogue
from timbrel.library.pool import cores
from timbrel.library.rows import Skipped, SoundRow, reason_of, sound_row
from timbrel.progress import Report, Tracker, silent
from timbrel.signal._opening import open_decoder
from timbrel.signal.recordings import Prepared, agreement, prepare
from timbrel.signal.sketches import HEARD_S, SIZE, VIEWS, Heard, heard, sketches

LOSSLESS = frozenset({"WAV", "WAVEX", "RF64", "W64", "AIFF", "AU", "CAF", "FLAC"})
_AS_LONG = 0.95  # of the longest: not trimmed, for codecs add and drop some ms
_READ_S = HEARD_S + 2.0
_BATCH = 256
_KEPT_SOUNDS = 96  # in memory while pairs are compared, some 2 MB each at most

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Group:
    """Files that hold the same recording.

    Attributes:
        rows: The files, in the order of their paths, two or more.
        keep: The one to keep: not trimmed, then without loss, then of the highest rate.
        exact: Whether all of them have the same samples.
    """

    rows: tuple[SoundRow, ...]
    keep: SoundRow
    exact: bool


@dataclass(frozen=True)
class _Sound:
    """What the search needs of a sound: its file, its id, and whether its format loses."""

    path: Path
    id: str
    lossy: bool


def duplicates(
    catalogue: Catalogue, *, threads: int | None = None, report: Report = silent
) -> tuple[list[Group], list[Skipped]]:
    """Groups the files that hold the same recording.

    Of sounds longer than `HEARD_S`, as much is compared. Two strokes of one drum are no
    duplicates, and a sound that stands in a mix with others is none of that mix.

    Args:
        catalogue: The library.
        threads: How many read and compare at a time, 1 or more; one a core where None.
        report: Where progress goes.

    Returns:
        Groups, the largest first; and the files that could not be read any more.
    """
    sounds = _sounds(catalogue)
    paths = [sound.path for sound in sounds]
    with ThreadPoolExecutor(threads or cores()) as pool:
        drawn, unread = _drawn(paths, pool, report)
        pairs = _verified(sounds, near_pairs(drawn), pool, report)
    skipped = [Skipped(paths[place], reason, "unreadable") for place, reason in unread]
    near = [[sounds[place].id for place in places] for places in _joined(len(sounds), pairs)]
    groups = [_group(rows) for rows in _with_copies(catalogue, near) if len(rows) > 1]
    return sorted(groups, key=lambda group: (-len(group.rows), group.rows[0].path)), skipped


def _sounds(catalogue: Catalogue) -> list[_Sound]:
    """All sounds, in the order of their paths."""
    found = [
        _Sound(Path(row["path"]), row["id"], row["format"] not in LOSSLESS)
        for batch in catalogue.batches(["id", "path", "format"], "kind = ''")
        for row in batch.to_pylist()
    ]
    return sorted(found, key=lambda sound: sound.path)


def _drawn(
    paths: Sequence[Path], pool: ThreadPoolExecutor, report: Report
) -> tuple[NDArray[np.float16], list[tuple[int, str]]]:
    """Sketches of all sounds, [M, VIEWS, SIZE], and which could not be read, with the reason."""
    drawn = np.full((len(paths), VIEWS, SIZE), np.nan, dtype=np.float16)
    unread = []
    results = _mapped(_sketched, paths, pool, Tracker("hearing sounds", len(paths), report))
    for place, result in enumerate(results):
        if isinstance(result, str):
            unread.append((place, result))
        else:
            drawn[place] = result
    return drawn, unread


def _sketched(path: Path) -> NDArray[np.float32] | str:
    try:
        return sketches(listen(path).samples)
    except SoundFileError as error:
        return reason_of(error, path)


def listen(path: Path) -> Heard:
    """Reads what of a sound is compared.

    Args:
        path: The file.

    Returns:
        The sound, its channels mixed; where they cancel each other, the first alone.

    Raises:
        SoundFileError: When it cannot be read.
    """
    with open_decoder(path) as decoder:
        rate = decoder.sample_rate
        blocks = list(decoder.blocks(0, round(_READ_S * rate)))
    samples = np.concatenate(blocks) if blocks else np.zeros((0, 1), np.float32)
    mono = samples.mean(axis=1)
    if np.square(mono).sum() < 1e-4 * np.square(samples).mean(axis=1).sum():
        mono = samples[:, 0]
    return heard(mono, rate)


def _mapped(
    work: Callable[[T], R], items: Iterable[T], pool: ThreadPoolExecutor, tracker: Tracker
) -> Iterator[R]:
    """Results in order; only a batch is under way at a time."""
    for some in batched(items, _BATCH):
        for result in pool.map(work, some):
            tracker.advance()
            yield result


def _verified(
    sounds: Sequence[_Sound],
    pairs: Sequence[tuple[int, int]],
    pool: ThreadPoolExecutor,
    report: Report,
) -> list[tuple[int, int]]:
    """The pairs that are copies. A file that has gone since it was heard is copy of none."""

    @lru_cache(maxsize=_KEPT_SOUNDS)
    def prepared(place: int) -> Prepared | None:
        try:
            return prepare(listen(sounds[place].path))
        except SoundFileError:
            return None

    def same(pair: tuple[int, int]) -> bool:
        one, other = prepared(pair[0]), prepared(pair[1])
        found = agreement(one, other) if one and other else None
        lossy = any(sounds[place].lossy for place in pair)
        return found is not None and found.same_recording(lossy=lossy)

    verdicts = _mapped(same, pairs, pool, Tracker("comparing sounds", len(pairs), report))
    return [pair for pair, yes in zip(pairs, verdicts, strict=True) if yes]


def _joined(count: int, pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Places joined by chains of pairs."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    links = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count))
    _, group_of = connected_components(links, directed=False)
    groups = defaultdict(list)
    for place in np.unique(ends):
        groups[int(group_of[place])].append(int(place))
    return list(groups.values())


def _with_copies(catalogue: Catalogue, near: Sequence[Sequence[str]]) -> Iterator[list[SoundRow]]:
    """Adds the skipped exact copies to the groups of near ones, and the groups of copies alone."""
    copies = defaultdict(list)
    for record in catalogue.records("kind = 'duplicate'"):
        copies[record["content_hash"]].append(sound_row(record))
    for ids in near:
        rows = catalogue.get(ids)
        yield [*rows, *(copy for row in rows for copy in copies.pop(row.content_hash, []))]
    firsts = catalogue.sounds_with(copies)
    for content_hash, rows in copies.items():
        first = firsts.get(content_hash)
        yield [*(catalogue.get([first[0]]) if first else []), *rows]


def _group(rows: Sequence[SoundRow]) -> Group:
    ordered = tuple(sorted(rows, key=lambda row: row.path))
    longest_s = max(row.duration_s for row in ordered)

    def worth(row: SoundRow) -> tuple[bool, bool, int, int]:
        whole = row.duration_s >= _AS_LONG * longest_s
        return whole, row.format in LOSSLESS, row.sample_rate, row.channels

    keep = max(ordered, key=worth)
    return Group(ordered, keep, len({row.content_hash for row in ordered}) == 1)
