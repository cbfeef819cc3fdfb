"""The history: every sound that was made here, how, and what a person thinks of it.

A journal of lines, each a new sound or a change to one; what a kill cut off at its end is passed
over. The sounds lie in the workspace's renders, each with its sidecar.
"""

import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from timbrel.signal import files
from timbrel.studio.workbench.faults import Gone
from timbrel.studio.workbench.models.made import Made, MadeChange, MadeSounds, Renaming
from timbrel.synthesis import renders

JOURNAL = "made.jsonl"
ORDERS: dict[str, Callable[[Made], Any]] = {
    "newest": lambda made: -made.created_s,
    "name": lambda made: made.name.casefold(),
    "duration": lambda made: made.duration_s,
    "distance": lambda made: (made.distance is None, made.distance or 0.0),
}
KINDS: dict[str, Callable[[Made], bool]] = {
    "all": lambda made: True,
    "starred": lambda made: made.starred,
    "kept": lambda made: not made.rejected,
    "rejected": lambda made: made.rejected,
}
_NUMBERED = re.compile(r".*-([0-9a-f]{6,12})(\.\w+)?")
_LABELLED = re.compile(r"\{(n|label|instrument|seed)\}")


class MadeHistory:
    """What was made in a workspace.

    Args:
        folder: Where the journal is.
        root: What the paths of the journal are relative to.
        changed: Called when something is not what it was.
    """

    def __init__(self, folder: Path, root: Path, changed: Callable[[], None]) -> None:
        self._path, self._root, self._changed = folder / JOURNAL, root, changed
        self._lock = threading.RLock()
        self._made: dict[str, Made] = {}
        self._files: dict[str, Path] = {}
        self._wishes: dict[str, dict[str, Any]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self._last = _last_id_among(root / "renders" / "studio")
        self._read()

    def __len__(self) -> int:
        """How many sounds there are."""
        return len(self._made)

    def next_id(self) -> str:
        """Gives an id that no sound has had, nor any that a kill kept out of the journal."""
        with self._lock:
            self._last += 1
            return f"{self._last:06x}"

    def add(
        self,
        path: Path,
        *,
        id_: str,
        kind: str,
        instrument: str,
        command: str,
        wish: dict[str, Any],
        name: str = "",
    ) -> Made:
        """Adds a sound that was made.

        Args:
            path: Its file, with a sidecar beside it.
            id_: Its id, of `next_id`.
            kind: What made it.
            instrument: Who made it.
            command: The command that makes it.
            wish: What was asked for, so that it can be made again.
            name: What it is called; "" for what its file is called.

        Returns:
            The sound as the page is told of it.
        """
        told = _sidecar(path)
        about = files.probe(path)
        made = Made(
            id=id_,
            sound=f"made:{id_}",
            name=name or path.stem,
            kind=kind,
            instrument=instrument,
            seed=int(told.get("seed", 0)),
            duration_s=about.duration_s,
            sample_rate=about.sample_rate,
            created_s=time.time(),
            command=command,
            parents=[p for p in told.get("parents", []) if isinstance(p, dict)][:16],
            settings=told.get("settings", {}),
            note=str(told.get("settings", {}).get("outside", "")),
        )
        with self._lock:
            self._write([{"new": made.model_dump(), "file": self._relative(path), "wish": wish}])
            self._keep(made, path, wish)
        self._changed()
        return made

    def one(self, id_: str) -> Made:
        """Gives one sound.

        Args:
            id_: Its id.

        Returns:
            The sound.

        Raises:
            Gone: When there is none.
        """
        with self._lock:
            if id_ not in self._made:
                raise Gone(f"no sound {id_!r} in the history", advice="look at the list")
            return self._made[id_]

    def file(self, id_: str) -> Path:
        """Finds the file of a sound.

        Args:
            id_: Its id.

        Returns:
            Its file.

        Raises:
            Gone: When there is none.
        """
        self.one(id_)
        return self._files[id_]

    def wish(self, id_: str) -> dict[str, Any]:
        """Gives what was asked for when a sound was made.

        Args:
            id_: Its id.

        Returns:
            What was asked for.

        Raises:
            Gone: When there is no such sound.
        """
        self.one(id_)
        return self._wishes[id_]

    def listed(
        self,
        *,
        start: int,
        count: int,
        words: str = "",
        only: str = "all",
        order: str = "newest",
        instrument: str = "",
    ) -> MadeSounds:
        """Gives some of the history.

        Args:
            start: How many are passed over.
            count: How many are given.
            words: All of these stand in a sound's name, instrument, kind or parents.
            only: all, starred, kept (what is not rejected) or rejected.
            order: newest, name, duration or distance.
            instrument: Only what this one made; "" for all.

        Returns:
            The sounds, and how many there are of the kind.
        """
        wanted = KINDS[only]
        parts = words.casefold().split()
        with self._lock:
            found = [
                made
                for made in self._made.values()
                if wanted(made) and _holds(made, parts) and instrument in ("", made.instrument)
            ]
        found.sort(key=lambda made: made.id, reverse=True)
        found.sort(key=ORDERS[order])
        return MadeSounds(total=len(found), made=found[start : start + count])

    def change(self, id_: str, wish: MadeChange) -> Made:
        """Stars, rejects or renames a sound.

        Args:
            id_: Its id.
            wish: What shall be; None leaves it.

        Returns:
            The sound as it is now.

        Raises:
            Gone: When there is none.
        """
        changes = wish.model_dump(exclude_none=True)
        if "name" in changes:
            changes["name"] = renders.safe_name(changes["name"])
        return self._changes({id_: changes})[0]

    def measured(self, distances: dict[str, float]) -> None:
        """Keeps how far sounds are from the library.

        Args:
            distances: Id -> distance; what is gone is passed over.
        """
        self._changes({i: {"distance": d} for i, d in distances.items() if i in self._made})

    def rename(self, wish: Renaming) -> MadeSounds:
        """Renames many sounds by a pattern.

        Args:
            wish: The sounds and the pattern.

        Returns:
            The sounds as they are now.

        Raises:
            Gone: When one of them is not there.
        """
        width = len(str(len(wish.ids)))
        names = {
            id_: renders.safe_name(_named(wish.pattern, self.one(id_), f"{number:0{width}d}"))
            for number, id_ in enumerate(wish.ids, start=1)
        }
        made = self._changes({id_: {"name": name} for id_, name in names.items()})
        return MadeSounds(total=len(made), made=made)

    def delete(self, ids: Sequence[str]) -> None:
        """Deletes sounds and their files.

        Args:
            ids: Their ids.

        Raises:
            Gone: When one of them is not there.
        """
        with self._lock:
            paths = [self.file(id_) for id_ in ids]
            self._write([{"gone": id_} for id_ in ids])
            for id_, path in zip(ids, paths, strict=True):
                for one in (path, path.with_suffix(".json")):
                    with suppress(OSError):
                        one.unlink()
                self._forget(id_)
        self._changed()

    def _changes(self, changes: dict[str, dict[str, Any]]) -> list[Made]:
        with self._lock:
            made = [self.one(id_).model_copy(update=some) for id_, some in changes.items()]
            self._write([{"id": id_, "change": some} for id_, some in changes.items()])
            self._made.update({one.id: one for one in made})
        self._changed()
        return made

    def _keep(self, made: Made, path: Path, wish: dict[str, Any]) -> None:
        self._made[made.id], self._files[made.id], self._wishes[made.id] = made, path, wish

    def _forget(self, id_: str) -> None:
        for table in (self._made, self._files, self._wishes):
            table.pop(id_, None)

    def _relative(self, path: Path) -> str:
        return path.resolve().relative_to(self._root.resolve()).as_posix()

    def _write(self, lines: Iterable[dict[str, Any]]) -> None:
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

    def _read(self) -> None:
        if not self._path.exists():
            return
        text = self._path.read_text(encoding="utf-8", errors="replace")
        if text and not text.endswith("\n"):  # a kill cut the last line off
            with self._path.open("a", encoding="utf-8") as file:
                file.write("\n")
        for line in text.split("\n"):  # and at no other sign that may stand in a name
            with suppress(ValueError, LookupError, TypeError, AttributeError, RecursionError):
                self._take(json.loads(line))

    def _take(self, line: dict[str, Any]) -> None:
        if "new" in line:
            made, path = Made.model_validate(line["new"]), self._root / line["file"]
            self._last = max(self._last, int(made.id, 16))
            if path.resolve().is_relative_to(self._root.resolve()) and path.is_file():
                self._keep(made, path, dict(line["wish"]))
        elif "gone" in line:
            self._forget(line["gone"])
        elif line["id"] in self._made:
            one = self._made[line["id"]]
            self._made[one.id] = Made.model_validate({**one.model_dump(), **line["change"]})


def _sidecar(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _holds(made: Made, words: Sequence[str]) -> bool:
    parents = " ".join(f"{p.get('name', '')} {p.get('label', '')}" for p in made.parents)
    text = f"{made.name} {made.instrument} {made.kind} {parents}".casefold()
    return all(word in text for word in words)


def _named(pattern: str, made: Made, number: str) -> str:
    label = next((str(p["label"]) for p in made.parents if p.get("label")), made.kind)
    parts = {
        "n": number, "label": label, "instrument": made.instrument, "seed": str(made.seed),
    }  # fmt: skip
    return _LABELLED.sub(lambda found: parts[found[1]], pattern)


def _last_id_among(folder: Path) -> int:
    """The highest id in the names of sounds and folders; a killed studio noted not all down."""
    names = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
    found = (_NUMBERED.fullmatch(name) for name in names)
    return max((int(one[1], 16) for one in found if one), default=0)
