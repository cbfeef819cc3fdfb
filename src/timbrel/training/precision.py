"""Which number format the heavy arithmetic of a training is done in, on this machine."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from pathlib import Path
from typing import Literal

import torch

from timbrel.recipes import TrainingOptions

Precision = Literal["float32", "bfloat16"]

NOTE = (
    "this machine does not count in bfloat16 itself, and imitating it takes several times as long: "
    "counting in float32 instead"
)


def precision_on(
    options: TrainingOptions, device: torch.device, *, can: Callable[[str], bool] | None = None
) -> Precision:
    """Says in which numbers a recipe's arithmetic is done.

    A recipe that asks for bfloat16 gets it where the machine has instructions for it. Elsewhere
    each operation would be imitated at a quarter of float32's speed or less, so float32 is used.

    Args:
        options: The recipe's training settings.
        device: Where the arithmetic happens.
        can: Says whether a kind of device counts in bfloat16; None asks this machine.

    Returns:
        The format.

    Example:
        >>> precision_on(TrainingOptions(precision="bfloat16"), torch.device("cpu"),
        ...              can=lambda kind: False)
        'float32'
    """
    if options.precision == "float32":
        return "float32"
    return "bfloat16" if (can or counts_in_bfloat16)(device.type) else "float32"


def arithmetic(options: TrainingOptions, device: torch.device) -> AbstractContextManager[object]:
    """Does what is inside in the numbers that `precision_on` says.

    Args:
        options: The recipe's training settings.
        device: Where the arithmetic happens.

    Returns:
        A context for forward passes.
    """
    if precision_on(options, device) == "bfloat16":
        return torch.autocast(device.type, torch.bfloat16)
    return nullcontext()


@cache
def counts_in_bfloat16(kind: str) -> bool:
    """Asks this machine whether it has instructions for bfloat16.

    Args:
        kind: The kind of device: "cpu", "cuda" or "mps".

    Returns:
        Whether it has.
    """
    if kind == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if kind == "cpu":
        return bool({"avx512_bf16", "amx_bf16", "bf16"} & _instructions())
    return False


def _instructions() -> set[str]:
    """The names of the processor's instruction sets, as far as they can be asked for."""
    capabilities = getattr(torch.cpu, "get_capabilities", None)  # torch 2.10 and later
    if capabilities is not None:
        return {name for name, there in capabilities().items() if there is True}
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:  # another system
        return set()
    return set(text.split())
