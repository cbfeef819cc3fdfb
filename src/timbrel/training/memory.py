"""How much memory the process takes at most while something happens."""

import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import torch

_STATM = Path("/proc/self/statm")
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"
_EVERY_S = 0.002


class MemoryWatch:
    """Watches the process's memory, and a graphics card's, within a ``with`` block.

    Args:
        device: The device whose memory is watched beside the process's own.

    Attributes:
        peak_bytes: The largest resident memory seen.
        card_bytes: The largest memory allocated on the card, 0 without one.

    Example:
        >>> with MemoryWatch(torch.device("cpu")) as watch:
        ...     _ = torch.zeros(1000)
        >>> watch.peak_bytes > 0
        True
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.peak_bytes = resident_bytes()
        self.card_bytes = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._done.wait(_EVERY_S):
            self.peak_bytes = max(self.peak_bytes, resident_bytes())

    def __enter__(self) -> "MemoryWatch":
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.device)
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()
        self.peak_bytes = max(self.peak_bytes, resident_bytes())
        if self.device.type == "cuda":
            self.card_bytes = int(torch.cuda.max_memory_allocated(self.device))


@dataclass
class Peak:
    """The most memory that a training took, carried over from run to run.

    Attributes:
        memory_bytes: The most that the process took.
        card_bytes: The most on the graphics card.
    """

    memory_bytes: int = 0
    card_bytes: int = 0

    def look(self, device: torch.device) -> None:
        """Takes in the most since `forget_peak`.

        Args:
            device: Where the arithmetic happens.
        """
        self.memory_bytes = max(self.memory_bytes, high_water_bytes())
        if device.type == "cuda":
            allocated = int(torch.cuda.max_memory_allocated(device))
            self.card_bytes = max(self.card_bytes, allocated)


def resident_bytes() -> int:
    """Reads how much memory the process takes now; where nobody tells, the most it ever took.

    Returns:
        Bytes.
    """
    import resource

    if _STATM.exists():
        return int(_STATM.read_text().split()[1]) * resource.getpagesize()
    return _most_ever_bytes()


def forget_peak(device: torch.device) -> None:
    """Lets `Peak.look` begin anew, where the system allows it (Linux).

    Args:
        device: Whose memory is forgotten beside the process's own.
    """
    with suppress(OSError):
        _CLEAR.write_text(_RESET_PEAK)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)


def high_water_bytes() -> int:
    """Reads the most memory that the process took, as the system itself counts it.

    Returns:
        Bytes, since `forget_peak` where the system allows that, else since the process began.

    Example:
        >>> high_water_bytes() > 0
        True
    """
    with suppress(OSError, ValueError, IndexError):
        told = _STATUS.read_text().partition("VmHWM:")[2].split()
        return int(told[0]) * 1024
    return _most_ever_bytes()


def _most_ever_bytes() -> int:
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
