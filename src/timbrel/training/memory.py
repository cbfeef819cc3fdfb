"""How much memory the process takes at most while something happens."""

import sys
import threading
from pathlib import Path
from types import TracebackType

import torch

_STATM = Path("/proc/self/statm")
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


def resident_bytes() -> int:
    """Reads how much memory the process takes now; where nobody tells, the most it ever took.

    Returns:
        Bytes.
    """
    import resource

    if _STATM.exists():
        return int(_STATM.read_text().split()[1]) * resource.getpagesize()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
