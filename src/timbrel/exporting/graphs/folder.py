"""The folder of an instrument as ONNX: what a program without Python needs, and what it must know.

*.onnx       the graphs
model.json   what each takes and gives, in which order they run; how it was checked
play.py      a player of some lines, for numpy and onnxruntime
cloud.npz    latents of the training sounds, where there are any: new sounds begin there
card.md      the instrument's card
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from timbrel.exporting.graphs import host
from timbrel.exporting.graphs.building import Bundle
from timbrel.exporting.place import checked_folder
from timbrel.instruments.cloud import Cloud

MODEL, PLAYER, CLOUD, CARD = "model.json", "play.py", "cloud.npz", "card.md"
FORMAT_VERSION = 1


def checked_place(folder: Path, *, force: bool) -> Path:
    """Makes sure that an export may stand in a folder; nothing but such an export is replaced.

    Args:
        folder: Where it shall stand.
        force: Whether an export that stands there is replaced.

    Returns:
        The folder, absolute.

    Raises:
        ExistsError: When something is there, and `force` is false or it is no export.
        UsageError: When a file lies in the way.
    """
    return checked_folder(folder, force=force, own=_own)


def _own(place: Path) -> set[str]:
    """Files that an export here names as its own."""
    try:
        told = json.loads((place / MODEL).read_text(encoding="utf-8"))
        graphs = {str(graph["file"]) for graph in told["graphs"].values()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return set()
    return {*graphs, MODEL, PLAYER, CLOUD, CARD}


def fill(
    folder: Path, bundle: Bundle, *, facts: Mapping[str, Any], cloud: Cloud, card: str
) -> None:
    """Writes an export into an empty folder.

    Args:
        folder: The folder.
        bundle: The graphs.
        facts: What is known of the instrument, plain tables.
        cloud: Latents of its training sounds.
        card: Its card.
    """
    for graph in bundle.graphs:
        (folder / f"{graph.name}.onnx").write_bytes(graph.model.SerializeToString())
    (folder / CARD).write_text(card, encoding="utf-8")
    shutil.copyfile(Path(host.__file__), folder / PLAYER)
    if cloud.plays:
        labels = np.array([label or "" for label in cloud.labels], dtype=np.str_)
        np.savez(folder / CLOUD, latents=cloud.latents.float().numpy(), labels=labels)
    write_model(folder, bundle, facts=facts, cloud=cloud)


def write_model(folder: Path, bundle: Bundle, *, facts: Mapping[str, Any], cloud: Cloud) -> None:
    """Writes `model.json`.

    Args:
        folder: The folder.
        bundle: The graphs.
        facts: What is known of the instrument, and how the export was checked.
        cloud: Latents of the instrument's training sounds.
    """
    told = {
        "format_version": FORMAT_VERSION,
        **facts,
        "graphs": {
            graph.name: {
                "file": f"{graph.name}.onnx",
                "inputs": [asdict(port) for port in graph.inputs],
                "outputs": [asdict(port) for port in graph.outputs],
            }
            for graph in bundle.graphs
        },
        "sizes": bundle.sizes,
        "ways": {name: asdict(way) for name, way in bundle.ways.items()},
        "cloud": {"file": CLOUD} if cloud.plays else None,
        "notes": list(bundle.notes),
    }
    text = json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False)
    (folder / MODEL).write_text(text + "\n", encoding="utf-8")
