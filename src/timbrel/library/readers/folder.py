"""Folders of sounds, as sample packs come: the folder that a file lies in is its label."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from timbrel.library.labels import Labels, read_manifest
from timbrel.library.readers import Found, Reader
from timbrel.signal.suffixes import SUFFIXES

WORKSPACE_MARK = ".timbrel-workspace"


def find(source: Path) -> Iterator[Found]:
    """Walks a folder and all below it, in alphabetical order.

    Hidden files and folders (a dot in front) are passed over; folders that are symbolic links are
    not followed, so that no loop and no foreign disk is walked. A workspace of timbrel below the
    source (it holds a file `.timbrel-workspace`) is passed over: its renders are no new sounds.
    A `manifest.csv` with a column `file` and columns `label` (or `cls`) and `group` (or `kit`,
    `instrument`) speaks for the folder that it lies in and all below.

    Args:
        source: A folder, or a single file of any name.

    Yields:
        Every file with the ending of a sound. The label is the name of its folder, "" for files
        that lie in the source itself. A folder that cannot be opened is yielded itself.
    """
    if source.is_dir():
        yield from _walk(source, "", ())
    else:
        yield Found(source)


def _walk(folder: Path, label: str, manifests: Sequence[Labels]) -> Iterator[Found]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        yield Found(folder)
        return
    if WORKSPACE_MARK in names:
        return
    manifest = read_manifest(folder) if "manifest.csv" in names else None
    if manifest:
        manifests = (*manifests, manifest)
    for name in names:
        path = folder / name
        if name.startswith("."):
            continue
        if path.suffix.lower() in SUFFIXES and not path.is_dir():
            yield _tagged(Found(path, label=label), manifests)
        elif path.is_dir() and not path.is_symlink():
            yield from _walk(path, name, manifests)


def _tagged(found: Found, manifests: Sequence[Labels]) -> Found:
    for manifest in manifests:
        found = manifest.applied_to(found)
    return found


READER = Reader(
    title="A folder of sounds",
    licence="Whatever the sounds came with",
    citation="",
    find=find,
)
