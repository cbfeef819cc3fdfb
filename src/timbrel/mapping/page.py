"""A map as one page: hovering names a sound, clicking plays it. It needs no network and no server.

Names come from strangers' files, so nothing of them is ever read as markup or script: the page's
policy allows the two inline pieces that ship with timbrel, by their hashes, and nothing else.
"""

import json
import re
import shlex
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from timbrel import atomic, plugins
from timbrel.mapping.layout import ROOM, SoundMap, refuse_existing
from timbrel.mapping.names import Groups, LabelName, by_label, counted, shown
from timbrel.mapping.palette import style
from timbrel.progress import Report, Tracker, silent

LIMIT_BYTES = 40_000_000
PLACES = 65_535  # steps along each side of the map
THREADS = 4
AHEAD = 16  # sounds that are made while others are written
KINDS = {b"RIFF": "audio/wav", b"fLaC": "audio/flac", b"OggS": "audio/ogg"}


@dataclass(frozen=True)
class PageSummary:
    """What a page holds.

    Attributes:
        sounds: Sounds on the map.
        heard: How many of them the page can play.
        size_bytes: Size of the page.
        missing: Ids of the sounds that had room and could not be had.
    """

    sounds: int
    heard: int
    size_bytes: int
    missing: tuple[str, ...] = ()


def write_page(
    sound_map: SoundMap,
    path: Path,
    *,
    audio: Callable[[str], bytes | None],
    groups: Groups | None = None,
    settings: Sequence[str] = (),
    limit_bytes: int = LIMIT_BYTES,
    force: bool = False,
    report: Report = silent,
) -> PageSummary:
    """Writes a map as one self-contained HTML page.

    Args:
        sound_map: The map.
        path: Where the page shall stand.
        audio: Gives the sound of an id as the bytes of a WAV, FLAC or Ogg file, or None where
            there is none. Asked once for each sound until the page is full, label by label in
            turn, so that each label can be heard; from several threads at once, and for a few
            sounds more than there is room for.
        groups: What sounds are told apart by; None for their labels.
        settings: Settings of the projection that a pick from this map must name, ``key=value``.
        limit_bytes: The most that sounds may take in the page; the page says how many are silent.
        force: Whether an existing file is replaced.
        report: Where to tell progress.

    Returns:
        How many sounds the page holds and plays, and its size.

    Raises:
        ExistsError: When the file exists and `force` is false.
    """
    refuse_existing(path, force=force)
    groups = groups or by_label(sound_map)
    sounds, missing = _embedded(sound_map, audio, limit_bytes, report)
    page = _page(sound_map, groups, sounds, settings).encode("utf-8", errors="replace")
    with atomic.new_file(path) as part:
        part.write_bytes(page)
    return PageSummary(len(sound_map), len(sounds), len(page), missing)


def _embedded(
    sound_map: SoundMap,
    audio: Callable[[str], bytes | None],
    limit_bytes: int,
    report: Report,
) -> tuple[dict[int, str], tuple[str, ...]]:
    """Elements by index, until the first that finds no room; and the ids that gave no sound."""
    tracker = Tracker("putting sounds into the page", len(sound_map), report)
    sounds: dict[int, str] = {}
    missing: list[str] = []
    used_bytes = 0
    order = _in_turn(sound_map.labels)
    with closing(_contents(audio, [sound_map.ids[index] for index in order])) as contents:
        for index, content in zip(order, contents, strict=True):
            tracker.advance()
            kind = KINDS.get((content or b"")[:4])
            if content is None or kind is None:
                missing.append(sound_map.ids[index])
                continue
            used_bytes += 4 * -(-len(content) // 3)
            if used_bytes > limit_bytes:
                break
            sounds[index] = _element(index, kind, content)
    return sounds, tuple(missing)


def _contents(
    audio: Callable[[str], bytes | None], ids: Sequence[str]
) -> Generator[bytes | None, None, None]:
    """Asks for sounds a few ahead, in threads, and gives them in order."""
    waiting: deque[Future[bytes | None]] = deque()
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            for id_ in ids:
                waiting.append(pool.submit(audio, id_))
                if len(waiting) > AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for late in waiting:
                late.cancel()


def _element(index: int, kind: str, content: bytes) -> str:
    text = b64encode(content).decode("ascii")
    return f'<script type="text/plain" id="sound-{index}" data-kind="{kind}">{text}</script>'


def _in_turn(labels: tuple[str, ...]) -> list[int]:
    """Indices such that each label's first sound comes first, then each label's second ..."""
    seen: dict[str, int] = {}
    ranks = []
    for label in labels:
        ranks.append(seen.get(label, 0))
        seen[label] = ranks[-1] + 1
    return sorted(range(len(labels)), key=lambda index: (ranks[index], index))


def _page(
    sound_map: SoundMap, groups: Groups, sounds: Mapping[int, str], settings: Sequence[str]
) -> str:
    look, script = _shipped("page.css"), _shipped("page.js")
    title = plugins.load(ROOM, sound_map.projection).title
    count = len(sound_map)
    said = f"{counted(sound_map)}. Laid out by {title}. {_heard(len(sounds), count)}"
    parts = {
        "policy": _policy(look, script),
        "title": escape(f"{shown(sound_map.instrument, 60)}: a map of {count:,} sounds"),
        "note": escape(said),
        "style": look,
        "script": script,
        "heading": escape(groups.heading),
        "data": _data(sound_map, groups, sounds, settings),
        "sounds": "\n".join(sounds[index] for index in sorted(sounds)),
    }
    # One pass, so that a name which looks like a placeholder stays a name.
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _shipped("page.html"))


def _heard(heard: int, count: int) -> str:
    if heard == count:
        return "Every sound can be heard."
    if not heard:
        return "The page holds no sounds to hear."
    return f"{heard:,} can be heard here; {count - heard:,} are silent (drawn faint)."


def _shipped(name: str) -> str:
    return (files("timbrel.mapping") / name).read_text(encoding="utf-8")


def _policy(look: str, script: str) -> str:
    style_hash, script_hash = (_hash(text) for text in (look, script))
    return (
        f"default-src 'none'; style-src '{style_hash}'; script-src '{script_hash}'; "
        "media-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii")


def _data(
    sound_map: SoundMap, groups: Groups, sounds: Mapping[int, str], settings: Sequence[str]
) -> str:
    """What the script reads: numbers as base64 of little-endian integers, names as they are."""
    heard = np.zeros(len(sound_map), dtype=np.uint8)
    heard[list(sounds)] = 1
    labels = [
        {"label": name.label, "shown": shown(name.label), "count": name.count,
         **vars(style(index, name.label))}
        for index, name in enumerate(groups.names)
    ]  # fmt: skip
    rank = {name.label: index for index, name in enumerate(groups.names)}
    table = {
        "command": _command(sound_map, settings),
        "labels": labels,
        "signs": [_sign(sign, rank[sign.label]) for sign in groups.signs if sign.label],
        "places": _packed(np.rint(sound_map.positions.astype(float) * PLACES), "<u2"),
        "own": _packed(groups.own, "<u2"),
        "heard": _packed(heard, "u1"),
        "names": [shown(name, 80) for name in sound_map.names],
    }
    return _as_script_data(table)


def _sign(sign: LabelName, own: int) -> dict[str, float]:
    sizes = {key: round(getattr(sign, key), 5) for key in ("x", "y", "width", "height")}
    return {"own": own, **sizes}


def _packed(values: NDArray[Any], kind: str) -> str:
    return b64encode(values.astype(kind).tobytes()).decode("ascii")


def _command(sound_map: SoundMap, settings: Sequence[str]) -> str:
    """What makes the sound of a point of this very map, but for the point and the file."""
    name, projection = shlex.quote(sound_map.instrument), shlex.quote(sound_map.projection)
    changed = "".join(f" --set {shlex.quote(setting)}" for setting in settings)
    return f"timbrel pick {name} --projection {projection}{changed} --seed {sound_map.seed}"


def _as_script_data(value: object) -> str:
    """JSON in which nothing can end or open an element, whatever the names say."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return re.sub(r"[<>&]", lambda found: f"\\u{ord(found[0]):04x}", text)
