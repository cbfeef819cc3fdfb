"""Packs to take away: sounds, instruments for samplers, a card, and where all of it came from."""

import json
import secrets
import time
from pathlib import Path
from typing import Any

from fastapi.responses import FileResponse

from timbrel import atomic
from timbrel.studio.workbench import commands
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.faults import Gone
from timbrel.studio.workbench.models.made import Pack, PackWish
from timbrel.synthesis import renders
from timbrel.tasks import pack

ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The pack.", "content": {"application/zip": {}}}
}
MOST_KEPT = 20


def make(bench: Bench, wish: PackWish) -> Pack:
    """Puts sounds into a pack.

    Args:
        bench: What the studio works with.
        wish: Which sounds, what kind of files, and for which samplers.

    Returns:
        The pack, ready to be downloaded.

    Raises:
        Gone: When one of the sounds is not there any more.
        TimbrelError: When the samplers' instruments cannot be made of these sounds.
    """
    made = [bench.history.one(id_) for id_ in dict.fromkeys(wish.ids)]
    name = renders.safe_name(wish.name)
    root = bench.workspace.studio / "packs"
    root.mkdir(parents=True, exist_ok=True)
    _make_room(root)
    id_ = f"{int(time.time()):x}{secrets.token_hex(3)}"
    target = root / f"{id_}.zip"
    entries = [
        pack.Entry(bench.history.file(one.id), one.name, one.model_dump(exclude={"id", "sound"}))
        for one in made
    ]
    listed = pack.entries_packed(
        entries, target, name=name, audio=wish.audio, samplers=wish.formats
    )
    atomic.write_text(root / f"{id_}.json", json.dumps({"name": name}))
    arguments = ["export", f"{name}/sounds", "--format", "pack", "--out", f"{name}.zip"]
    return Pack(
        id=id_,
        name=f"{name}.zip",
        address=f"/api/packs/{id_}",
        size_bytes=target.stat().st_size,
        files=listed,
        command=commands.shown(bench.workspace.root, arguments),
    )


def answer(bench: Bench, id_: str) -> FileResponse:
    """Answers with a pack.

    Args:
        bench: What the studio works with.
        id_: Its id.

    Returns:
        The pack.

    Raises:
        Gone: When there is none.
    """
    root = bench.workspace.studio / "packs"
    known = {path.stem: path for path in root.glob("*.zip")} if root.is_dir() else {}
    if id_ not in known:
        raise Gone(f"no pack {id_!r}", advice="make it again")
    told = json.loads((root / f"{id_}.json").read_text(encoding="utf-8"))
    return FileResponse(
        known[id_], media_type="application/zip", filename=f"{told['name']}.zip"
    )  # fmt: skip


def _make_room(root: Path) -> None:
    """The oldest packs leave: all that is in them can be packed again."""
    for path in sorted(root.glob("*.zip"))[: -MOST_KEPT or None]:
        for one in (path, path.with_suffix(".json")):
            one.unlink(missing_ok=True)
