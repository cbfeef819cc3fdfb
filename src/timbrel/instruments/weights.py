"""Tensors of an instrument: safetensors only, compared with the network before they are read.

The header of a file is compared with the network built on torch's meta device, which allocates
nothing: a recipe that claims an enormous network is refused before a byte is reserved for it.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from timbrel.errors import InstrumentError
from timbrel.instruments.document import ADVICE, checked_file

Shapes = Mapping[str, tuple[int, ...]]


def named_once(network: nn.Module) -> dict[str, Tensor]:
    """Gives a network's own weights, each once: parts that share a tensor name it many times.

    Args:
        network: Any network.

    Returns:
        The weights themselves, not copies, by the first of their names.

    Example:
        >>> shared = nn.Linear(2, 3)
        >>> list(named_once(nn.Sequential(shared, nn.ReLU(), shared)))
        ['0.weight', '0.bias']
    """
    first: dict[int, tuple[str, Tensor]] = {}
    for name, tensor in network.state_dict(keep_vars=True).items():
        first.setdefault(id(tensor), (name, tensor))
    return dict(first.values())


def state_of(network: nn.Module) -> dict[str, Tensor]:
    """Copies a network's weights, each in memory of its own.

    Args:
        network: Any network.

    Returns:
        Tensors on the CPU by name.
    """
    return {
        name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, tensor in named_once(network).items()
    }


def write(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Writes tensors as safetensors.

    Args:
        path: Where to, in a folder that is being filled.
        tensors: Tensors on the CPU by name, finite.

    Raises:
        InstrumentError: When a tensor is not finite, or the disk takes no more.
    """
    _check_finite(tensors, path.name)
    try:
        save_file(dict(tensors), path)
    except SafetensorError as error:
        raise InstrumentError(f"cannot write {path} ({error})", advice="free some space") from None


def read(folder: Path, name: str, expected: Callable[[Shapes], None]) -> dict[str, Tensor]:
    """Reads a safetensors file of an instrument folder.

    Args:
        folder: The instrument folder.
        name: The file's name, one of `timbrel.instruments.document`.
        expected: Called with the shapes that the file's header declares, before any tensor is
            read; raises where they do not fit.

    Returns:
        Tensors on the CPU by name, all finite.

    Raises:
        InstrumentError: When the file is missing, damaged or does not fit.
    """
    path = checked_file(folder, name)
    try:
        with safe_open(path, framework="pt") as file:
            names = list(file.keys())
            expected({key: tuple(file.get_slice(key).get_shape()) for key in names})
            tensors = {key: file.get_tensor(key) for key in names}
    except (SafetensorError, OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        raise InstrumentError(f"{path} is damaged ({error})", advice=ADVICE) from None
    _check_finite(tensors, name)
    return tensors


def shapes_of(build: Callable[[], nn.Module]) -> dict[str, tuple[int, ...]]:
    """Says the shapes of a network's weights without allocating any of them.

    Args:
        build: Makes the network.

    Returns:
        Shapes by name.
    """
    with torch.device("meta"), torch.random.fork_rng(devices=[]):
        network = build()
    return {name: tuple(tensor.shape) for name, tensor in named_once(network).items()}


def check_shapes(declared: Shapes, network: Shapes) -> None:
    """Compares a file's header with the network that its recipe builds.

    Args:
        declared: Shapes in the file.
        network: Shapes of the network.

    Raises:
        InstrumentError: When a tensor is missing, foreign or of another shape.
    """
    for fault, names in (
        ("lack", network.keys() - declared.keys()),
        ("have a foreign", declared.keys() - network.keys()),
    ):
        if names:
            raise InstrumentError(f"the weights {fault} tensor {min(names)!r:.80}", advice=ADVICE)
    for name, shape in network.items():
        if declared[name] != shape:
            raise InstrumentError(
                f"the weights' tensor {name!r} has the shape {declared[name]}",
                f"{shape}, as the recipe's network has it",
                ADVICE,
            )


def load(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Puts weights into a network, each in the number format it was written in.

    Args:
        network: The network, its shapes checked.
        tensors: The weights.

    Raises:
        InstrumentError: When a number format differs.
    """
    own = named_once(network)
    for name, tensor in own.items():
        if tensors[name].dtype != tensor.dtype:
            raise InstrumentError(
                f"the weights' tensor {name!r} is {tensors[name].dtype}", f"{tensor.dtype}", ADVICE
            )
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(tensors[name])


def fingerprint(recipe: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> str:
    """Hashes what makes an instrument sound as it does: its recipe and its weights.

    Args:
        recipe: The resolved recipe as plain tables.
        tensors: The weights on the CPU.

    Returns:
        SHA-256 as hexadecimal digits.

    Example:
        >>> a = fingerprint({"name": "x"}, {"w": torch.zeros(2)})
        >>> a == fingerprint({"name": "x"}, {"w": torch.zeros(2)}), len(a)
        (True, 64)
    """
    digest = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        digest.update(f"{name}|{tensor.dtype}|{tuple(tensor.shape)}|".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _check_finite(tensors: Mapping[str, Tensor], where: str) -> None:
    for name, tensor in tensors.items():
        if not tensor.is_floating_point() or not tensor.numel():
            continue
        # The extremes tell: both are NaN where any value is, and nothing is allocated.
        if not all(map(math.isfinite, (float(end) for end in torch.aminmax(tensor)))):
            raise InstrumentError(
                f"the tensor {name!r} of {where} holds values that are no numbers", "finite values"
            )
