"""Packs to take away: sounds, instruments for samplers, a card, and where all of it came from."""

import json
import secrets
import shutil
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi.responses import FileResponse

from timbrel import atomic
from timbrel.signal import files
from timbrel.studio.workbench import commands
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.faults import Gone
from timbrel.studio.workbench.models.made import Made, Pack, PackWish
from timbrel.synthesis import renders
from timbrel.tasks import export

ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The pack.", "content": {"application/zip": {}}}
}
MOST_KEPT = 20
EPOCH = (1980, 1, 1, 0, 0, 0)  # a pack of the same sounds has the same bytes


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
    work = root / f".{id_}"
    try:
        folder = work / name
        sounds = _sounds(bench, folder / "sounds", made, wish.audio)
        for format_name in dict.fromkeys(wish.formats):
            _instrument(folder, sounds, format_name)
        _about(folder, name, made, sounds)
        target = root / f"{id_}.zip"
        listed = _zipped(work, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    atomic.write_text(root / f"{id_}.json", json.dumps({"name": name}))
    kind = wish.formats[0] if wish.formats else "sfz"
    arguments = ["export", f"{name}/sounds", "--format", kind, "--out", f"{name}-{kind}"]
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


def _sounds(bench: Bench, folder: Path, made: Sequence[Made], audio: str) -> list[Path]:
    folder.mkdir(parents=True)
    taken: set[str] = set()
    paths = []
    for one in made:
        source = bench.history.file(one.id)
        path = folder / f"{_free(renders.safe_name(one.name), taken)}.{audio}"
        if source.suffix.lower() == path.suffix:
            shutil.copyfile(source, path)
        else:
            files.write(path, files.read(source), encoding="pcm_24", on_clip="scale")
        sidecar = source.with_suffix(".json")
        if sidecar.is_file():
            shutil.copyfile(sidecar, path.with_suffix(".json"))
        paths.append(path)
    return paths


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 2
    while free.casefold() in taken:
        free, number = f"{name}-{number}", number + 1
    taken.add(free.casefold())
    return free


def _instrument(folder: Path, sounds: Sequence[Path], format_name: str) -> None:
    export.sounds(sounds[0].parent, out=folder / format_name, format_name=format_name)


def _about(folder: Path, name: str, made: Sequence[Made], sounds: Sequence[Path]) -> None:
    rows = [
        {"file": f"sounds/{path.name}", **one.model_dump(exclude={"id", "sound"})}
        for one, path in zip(made, sounds, strict=True)
    ]
    text = json.dumps({"name": name, "sounds": rows}, ensure_ascii=False, indent=1)
    (folder / "provenance.json").write_text(text + "\n", encoding="utf-8")
    who = ", ".join(sorted({one.instrument for one in made}))
    lines = [
        f"{name}", "",
        f"{len(made)} sounds that timbrel made with {who}.",
        "Each sound has a sidecar of the same name: instrument, seed, settings, parents.",
        "provenance.json lists all of them with the command that makes each again.", "",
        *(f"{path.name}: {_parents(one)}" for one, path in zip(made, sounds, strict=True)),
    ]  # fmt: skip
    (folder / "README.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _parents(one: Made) -> str:
    named = [str(parent.get("name", "")) for parent in one.parents[:3]]
    return f"{one.kind}, seed {one.seed}" + (f", of {', '.join(named)}" if named else "")


def _zipped(work: Path, target: Path) -> list[str]:
    listed = []
    with atomic.new_file(target) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as pack:
        for path in sorted(work.rglob("*")):
            if path.is_file():
                inside = path.relative_to(work).as_posix()
                listed.append(inside)
                about = zipfile.ZipInfo(inside, EPOCH)
                about.compress_type = zipfile.ZIP_DEFLATED
                about.external_attr = 0o644 << 16
                with path.open("rb") as source, pack.open(about, "w") as entry:
                    shutil.copyfileobj(source, entry)
    return listed
