"""The machine and the versions that a report was made with: no number stands without them."""

import os
import platform
from pathlib import Path

import torch

import timbrel

_CPU_INFO = Path("/proc/cpuinfo")


def machine_facts(device: torch.device) -> dict[str, str | int]:
    """Names what computes a report: the machine, its threads, and the versions as they are now.

    Args:
        device: Where the network lives.

    Returns:
        Names for people, each with its value.

    Example:
        >>> machine_facts(torch.device("cpu"))["device"]
        'cpu'
    """
    return {
        "machine": platform.machine(),
        "processor": processor(),
        "processor cores": os.cpu_count() or 1,
        "operating system": f"{platform.system()} {platform.release()}",
        "device": device_name(device),
        "threads": torch.get_num_threads(),
        "evaluated by timbrel": timbrel.__version__,
        "evaluated by torch": torch.__version__,
        "evaluated by Python": platform.python_version(),
    }


def processor(info: Path = _CPU_INFO) -> str:
    """Names the model of the processor.

    Args:
        info: Where Linux tells it.

    Returns:
        The model; where no one tells it, the kind, such as "x86_64".

    Example:
        >>> processor(Path("no such file")) != ""
        True
    """
    try:
        lines = info.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    told = (line.partition(":") for line in lines)
    models = (value.strip() for name, _, value in told if name.strip() in ("model name", "Model"))
    return next(models, "") or platform.processor() or platform.machine() or "unknown"


def device_name(device: torch.device) -> str:
    """Names a device, a graphics card with its model.

    Args:
        device: The device.

    Returns:
        Such as "cpu" or "cuda (NVIDIA H200)".

    Example:
        >>> device_name(torch.device("cpu"))
        'cpu'
    """
    if device.type == "cuda":
        return f"cuda ({torch.cuda.get_device_name(device)})"
    return device.type
