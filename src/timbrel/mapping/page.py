"""A map as one page: hovering names a sound, clicking plays it. It needs no network and no server.

Names come from strangers' files, so nothing of them is ever read as markup or script: the page's
policy allows the two inline pieces that ship with timbrel, by their hashes, and nothing else.
"""

import json
import re
import shlex
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from importlib.resources import files
from pathlib import Path

from timbrel import atomic, plugins
from timbrel.mapping.layout import ROOM, SoundMap, refuse_existing
from timbrel.mapping.names import label_names, shown
from timbrel.mapping.palette import style
from timbrel.progress import Report, Tracker, silent

LIMIT_BYTES = 40_000_000
KINDS = {b"RIFF": "audio/wav", b"fLaC": "audio/flac", b"OggS": "audio/ogg"}


@dataclass(frozen=True)
class PageSummary:
    """What a page holds.

    Attributes:
        sounds: Sounds on the map.
        heard: How many of them the page can play.
        size_bytes: Size of the page.
    """

    sounds: int
    heard: int
    size_bytes: int


def write_page(
    sound_map: SoundMap,
    path: Path,
    *,
    audio: Callable[[str], bytes | None],
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
            turn, so that each label can be heard.
        limit_bytes: The most that sounds may take in the page; the page says how many are silent.
        force: Whether an existing file is replaced.
        report: Where to tell progress.

    Returns:
        How many sounds the page holds and plays, and its size.

    Raises:
        ExistsError: When the file exists and `force` is false.
    """
    refuse_existing(path, force=force)
    sounds = dict(_embedded(sound_map, audio, limit_bytes, report))
    page = _page(sound_map, sounds).encode("utf-8", errors="replace")
    with atomic.new_file(path) as part:
        part.write_bytes(page)
    return PageSummary(len(sound_map), len(sounds), len(page))


def _embedded(
    sound_map: SoundMap,
    audio: Callable[[str], bytes | None],
    limit_bytes: int,
    report: Report,
) -> Iterator[tuple[int, str]]:
    """The sounds that find room, each as (index, element), until the first that does not."""
    tracker = Tracker("putting sounds into the page", len(sound_map), report)
    used_bytes = 0
    for index in _in_turn(sound_map.labels):
        content = audio(sound_map.ids[index])
        tracker.advance()
        kind = KINDS.get((content or b"")[:4])
        if content is None or kind is None:
            continue
        used_bytes += 4 * -(-len(content) // 3)
        if used_bytes > limit_bytes:
            return
        text = b64encode(content).decode("ascii")
        yield (
            index,
            f'<script type="text/plain" id="sound-{index}" data-kind="{kind}">{text}</script>',
        )


def _in_turn(labels: tuple[str, ...]) -> list[int]:
    """Indices such that each label's first sound comes first, then each label's second ..."""
    seen: dict[str, int] = {}
    ranks = []
    for label in labels:
        ranks.append(seen.get(label, 0))
        seen[label] = ranks[-1] + 1
    return sorted(range(len(labels)), key=lambda index: (ranks[index], index))


def _page(sound_map: SoundMap, sounds: Mapping[int, str]) -> str:
    look, script = _shipped("page.css"), _shipped("page.js")
    title = plugins.load(ROOM, sound_map.projection).title
    count = len(sound_map)
    parts = {
        "policy": _policy(look, script),
        "title": escape(f"{shown(sound_map.instrument, 60)}: a map of {count:,} sounds"),
        "note": escape(f"Laid out by {title}. {_heard(len(sounds), count)}"),
        "style": look,
        "script": script,
        "data": _data(sound_map, sounds),
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


def _data(sound_map: SoundMap, sounds: Mapping[int, str]) -> str:
    names = label_names(sound_map)
    rank = {name.label: index for index, name in enumerate(names)}
    places = sound_map.positions.astype(float).round(5).tolist()
    rows = [
        [*places[index], rank[label], shown(sound_map.names[index], 80), id_, int(index in sounds)]
        for index, (id_, label) in enumerate(zip(sound_map.ids, sound_map.labels, strict=True))
    ]
    labels = [
        {**vars(name), "shown": shown(name.label), **vars(style(index, name.label))}
        for index, name in enumerate(names)
    ]
    return _as_script_data(
        {"command": shlex.quote(sound_map.instrument), "sounds": rows, "labels": labels}
    )


def _as_script_data(value: object) -> str:
    """JSON in which nothing can end or open an element, whatever the names say."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return re.sub(r"[<>&]", lambda found: f"\\u{ord(found[0]):04x}", text)
