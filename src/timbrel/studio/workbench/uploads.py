"""Files that are brought to the page: limited, and read by a process that may die.

A sent name is only ever a label: the file is called by a number and what is left of the name when
everything that a system or a shell might obey is gone.
"""

import json
import secrets
import shutil
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from timbrel import atomic
from timbrel.errors import UsageError
from timbrel.library.pool import Worker
from timbrel.library.rows import Refusal
from timbrel.signal.suffixes import SUFFIXES
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.faults import TooMuch
from timbrel.studio.workbench.models.library import Refused, Uploaded, Uploads
from timbrel.synthesis import renders

MOST_FILES = 2000
MOST_BYTES = 2 * 2**30  # of one upload
MOST_FILE_BYTES = 2**30
MOST_KEPT_BYTES = 20 * 2**30
PATIENCE_S = 60.0
DEEPEST = 8
LONGEST_NAME = 4096  # with its folders; of what is longer the end counts
LIST = ".files.json"
BROUGHT = "brought here"
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "maxItems": MOST_FILES,
                            "items": {"type": "string", "format": "binary"},
                        }
                    },
                }
            }
        },
    }
}


async def take(bench: Bench, request: Request) -> Uploads:
    """Takes files in.

    Args:
        bench: What the studio works with.
        request: A form whose field ``files`` holds one or more files.

    Returns:
        What became of each.

    Raises:
        UsageError: When the form is none, or holds no file.
        TooMuch: When it is too large.
    """
    sent = await _sent(request)
    try:
        folder = await run_in_threadpool(_folder, bench)
        try:
            kept, refused = await run_in_threadpool(_keep, folder, sent)
            files, unread = await run_in_threadpool(_read, folder, kept)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    finally:
        for file in sent:
            await file.close()
    if not files:
        shutil.rmtree(folder, ignore_errors=True)
    return Uploads(upload=folder.name, files=files, refused=[*refused, *unread])


async def _sent(request: Request) -> list[UploadFile]:
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:15]) > MOST_BYTES:
        raise TooMuch(f"an upload of {int(length) / 2**30:.1f} GB", f"up to {MOST_BYTES >> 30} GB")
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        raise UsageError("a request without a form", "multipart/form-data with files")
    parser = MultiPartParser(
        Headers({"content-type": kind}), _whole(request.stream()), max_files=MOST_FILES,
        max_fields=16,
    )  # fmt: skip
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError, ValueError) as error:
        said = getattr(error, "message", "") or "it is damaged"
        raise UsageError(f"a form that cannot be read ({said[:100]})", "files") from None
    sent = [value for name, value in form.multi_items() if isinstance(value, UploadFile)]
    if not sent:
        raise UsageError("a form without files", "one or more files in the field files")
    return sent


async def _whole(stream: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    try:
        async for part in stream:
            yield part
    except ClientDisconnect:
        raise MultiPartException("it was broken off") from None


def _folder(bench: Bench) -> Path:
    root = bench.workspace.studio / "uploads"
    root.mkdir(parents=True, exist_ok=True)
    if sum(f.stat().st_size for f in root.rglob("*") if f.is_file()) > MOST_KEPT_BYTES:
        raise TooMuch(
            f"the uploads take more than {MOST_KEPT_BYTES >> 30} GB",
            advice=f"delete what is not needed in {root}",
        )
    folder = root / f"{int(time.time()):x}{secrets.token_hex(4)}"
    folder.mkdir()
    return folder


def _keep(folder: Path, sent: list[UploadFile]) -> tuple[list[tuple[Path, str]], list[Refused]]:
    """Writes what looks like sounds; each in a folder for its label, as it was in its own."""
    kept: list[tuple[Path, str]] = []
    refused: list[Refused] = []
    for file in sent:
        shown = (file.filename or "unnamed")[-LONGEST_NAME:].encode("utf-8", "replace").decode()
        parts = PurePosixPath(shown.replace("\\", "/")).parts
        suffix = PurePosixPath(shown).suffix.lower()
        if suffix not in SUFFIXES:
            refused.append(Refused(name=shown, reason="it is no sound file", kind="foreign"))
            continue
        if (file.size or 0) > MOST_FILE_BYTES:
            limit = f"it is larger than {MOST_FILE_BYTES >> 30} GB"
            refused.append(Refused(name=shown, reason=limit, kind="large"))
            continue
        folders = [renders.safe_name(part) for part in parts[-DEEPEST:-1] if _is_name(part)]
        inside = folder.joinpath(BROUGHT, *folders)
        inside.mkdir(parents=True, exist_ok=True)
        path = _free(inside, renders.safe_name(PurePosixPath(shown).stem), suffix)
        with path.open("wb") as target:
            shutil.copyfileobj(file.file, target)
        kept.append((path, shown))
    return kept, refused


def _free(folder: Path, stem: str, suffix: str) -> Path:
    path, number = folder / f"{stem}{suffix}", 2
    while path.exists():
        path, number = folder / f"{stem}-{number}{suffix}", number + 1
    return path


def _is_name(part: str) -> bool:
    return part.strip("./\\ ") != ""


def _read(folder: Path, kept: list[tuple[Path, str]]) -> tuple[list[Uploaded], list[Refused]]:
    files: list[Uploaded] = []
    refused: list[Refused] = []
    listed: list[str] = []
    reader = Worker(PATIENCE_S)
    try:
        for path, shown in kept:
            (outcome,) = reader.analyse([path])
            if isinstance(outcome, Refusal):
                refused.append(Refused(name=shown, reason=outcome.reason, kind=outcome.kind))
                with suppress(OSError):
                    path.unlink()
                continue
            listed.append(path.relative_to(folder).as_posix())
            files.append(
                Uploaded(
                    sound=f"upload:{folder.name}-{len(listed)}",
                    name=PurePosixPath(shown.replace("\\", "/")).name,
                    duration_s=outcome.duration_s,
                    sample_rate=outcome.sample_rate,
                    channels=outcome.channels,
                )
            )
    finally:
        reader.close()
    atomic.write_text(folder / LIST, json.dumps(listed))
    return files, refused


def sound_path(bench: Bench, id_: str) -> Path | None:
    """Finds a sound of an upload.

    Args:
        bench: What the studio works with.
        id_: The upload's id, a hyphen, and the number of the sound in it.

    Returns:
        Its file; None where there is none of that id.
    """
    upload, _, number = id_.partition("-")
    folder = _known(bench, upload)
    try:
        listed = json.loads((folder / LIST).read_text(encoding="utf-8")) if folder else []
        return None if folder is None else folder / dict(enumerate(listed, 1))[int(number)]
    except (OSError, ValueError, LookupError):
        return None


def path_of(bench: Bench, upload: str) -> Path | None:
    """Finds the folder of an upload.

    Args:
        bench: What the studio works with.
        upload: Its id.

    Returns:
        The folder of its sounds; None where there is none of that id.
    """
    folder = _known(bench, upload)
    return None if folder is None else folder / BROUGHT


def _known(bench: Bench, upload: str) -> Path | None:
    root = bench.workspace.studio / "uploads"
    known = {path.name: path for path in root.iterdir()} if root.is_dir() else {}
    return known.get(upload)
