"""Checkpoints: one safetensors file, tensors and JSON together, written whole or not at all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from timbrel import atomic
from timbrel.errors import TrainingError

FORMAT = 1
_KEY = "timbrel"


@dataclass(frozen=True)
class Checkpoint:
    """All that a training depends on at one moment.

    Attributes:
        table: Plain values: step, time, schedule, guard, what the training is.
        tensors: Tensors by group ("now", "good", "best") and name.
    """

    table: dict[str, Any]
    tensors: dict[str, dict[str, Tensor]]


def path_in(folder: Path) -> Path:
    """Says where the checkpoint of a training stands.

    Args:
        folder: The training's folder.

    Returns:
        The file.
    """
    return folder / "checkpoints" / "last.safetensors"


def constants_path_in(folder: Path) -> Path:
    """Says where what training does not change is kept, beside the checkpoint.

    Args:
        folder: The training's folder.

    Returns:
        The file.
    """
    return folder / "checkpoints" / "constants.safetensors"


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Writes a checkpoint; until it is whole, the one before it stays.

    Args:
        path: The file.
        checkpoint: What to keep.

    Raises:
        TrainingError: When it cannot be written, for instance on a full disk.
    """
    flat = {
        f"{group}/{name}": tensor
        for group, tensors in checkpoint.tensors.items()
        for name, tensor in tensors.items()
    }
    table = json.dumps({"format": FORMAT, **checkpoint.table})
    try:
        with atomic.new_file(path) as part:
            save_file(_apart(flat), part, metadata={_KEY: table})
    except (OSError, SafetensorError) as error:
        raise TrainingError(
            f"cannot write the checkpoint {path} ({error})",
            "a folder with free space",
            "free some space and resume: the checkpoint before it is whole",
        ) from None


def _apart(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Makes tensors storable: in plain layout, on the processor, none sharing another's memory."""
    seen: set[int] = set()
    stored = {}
    for name, tensor in tensors.items():
        plain = tensor.detach().cpu().contiguous()
        stored[name] = plain.clone() if plain.data_ptr() in seen else plain
        seen.add(plain.data_ptr())
    return stored


def load(path: Path) -> Checkpoint:
    """Reads a checkpoint. Nothing in the file can run code.

    Args:
        path: The file.

    Returns:
        What was kept.

    Raises:
        TrainingError: When the file is damaged, foreign or of a newer format.
    """
    table, flat = _read(path, with_tensors=True)
    return Checkpoint(table, _grouped(flat))


def load_table(path: Path) -> dict[str, Any]:
    """Reads the plain values of a checkpoint and none of its tensors.

    Args:
        path: The file.

    Returns:
        The table.

    Raises:
        TrainingError: When the file is damaged, foreign or of a newer format.
    """
    return _read(path, with_tensors=False)[0]


def _read(path: Path, *, with_tensors: bool) -> tuple[dict[str, Any], dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            table = json.loads((file.metadata() or {})[_KEY])
            names = file.keys() if with_tensors else []
            flat = {name: file.get_tensor(name) for name in names}
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise TrainingError(
            f"the checkpoint {path} cannot be read ({type(error).__name__}: {error})",
            "a checkpoint that timbrel wrote",
            "remove it and train anew",
        ) from None
    if table.pop("format", None) != FORMAT:
        raise TrainingError(
            f"the checkpoint {path} has another format", f"format {FORMAT}", "train anew"
        )
    return table, flat


def _grouped(flat: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    groups: dict[str, dict[str, Tensor]] = {}
    for key, tensor in flat.items():
        group, _, name = key.partition("/")
        groups.setdefault(group, {})[name] = tensor
    return groups
