"""Codes of sounds, mapped from disk, so that each step only copies a few rows."""

import hashlib
import mmap
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from timbrel.errors import TrainingError

_RELAX_BYTES = 64 * 2**20


@dataclass
class CodeStore:
    """The codes of many sounds, mapped from disk, not loaded.

    Attributes:
        codes: Codes of the front end, float16 [M, F, N].
        references: The amplitude each code is relative to, float32 [M].
        labels: Label numbers, int64 [M], -1 where unknown.
        ids: The library's id of each sound.
        skipped: Sounds that could not be prepared: (id, reason).
        fingerprint: What the codes depend on, hashed.
    """

    codes: NDArray[np.float16]
    references: NDArray[np.float32]
    labels: NDArray[np.int64]
    ids: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    fingerprint: str = ""
    mapping: mmap.mmap | None = field(default=None, repr=False)
    _read_bytes: int = field(default=0, repr=False)

    def __len__(self) -> int:
        return len(self.ids)

    def batch(self, rows: NDArray[np.int64] | Sequence[int]) -> Tensor:
        """Copies some codes into memory.

        Args:
            rows: Row numbers, [B].

        Returns:
            Codes as float32, [B, F, N].
        """
        codes = torch.from_numpy(self.codes[np.asarray(rows, np.int64)]).float()
        self._relax(codes.numel() * 2)
        return codes

    def labels_of(self, rows: NDArray[np.int64] | Sequence[int]) -> Tensor:
        """Gives the labels of some rows.

        Args:
            rows: Row numbers, [B].

        Returns:
            Label numbers as int64, [B].
        """
        return torch.from_numpy(self.labels[np.asarray(rows, np.int64)])

    def _relax(self, more_bytes: int) -> None:
        """Now and then gives mapped pages back, so that the process does not seem to grow."""
        self._read_bytes += more_bytes
        dont_need = getattr(mmap, "MADV_DONTNEED", None)
        if self.mapping is None or dont_need is None or self._read_bytes < _RELAX_BYTES:
            return
        self.mapping.madvise(dont_need)
        self._read_bytes = 0


@dataclass(frozen=True)
class TrainingData:
    """What a network learns from and what it is judged by.

    Attributes:
        train: The training split.
        validation: The validation split.
    """

    train: CodeStore
    validation: CodeStore

    def checked(self) -> "TrainingData":
        """Makes sure that there is something to learn from and to judge by.

        Returns:
            Itself.

        Raises:
            TrainingError: When a split is empty or the two do not fit together.
        """
        for name, store in (("training", self.train), ("validation", self.validation)):
            if len(store) == 0:
                raise TrainingError(
                    f"the {name} split holds no sound",
                    "at least one sound in each split",
                    "add sounds to the library with `timbrel scan`",
                )
        if self.train.codes.shape[1:] != self.validation.codes.shape[1:]:
            raise TrainingError(
                f"codes of shape {self.train.codes.shape[1:]} and "
                f"{self.validation.codes.shape[1:]} in one training",
                "splits that were prepared with the same recipe",
            )
        return self


def from_codes(
    codes: Tensor,
    *,
    references: Tensor | None = None,
    labels: Sequence[int] | None = None,
    ids: Sequence[str] | None = None,
) -> CodeStore:
    """Makes a store of codes that are in memory already, for experiments and tests.

    Args:
        codes: Codes, [M, F, N].
        references: The amplitude each code is relative to, [M]; 1 where left out.
        labels: Label numbers, [M]; -1 where left out.
        ids: Names, [M]; row numbers where left out.

    Returns:
        The store.

    Example:
        >>> len(from_codes(torch.zeros(3, 8, 4)))
        3
    """
    count = len(codes)
    references = torch.ones(count) if references is None else references
    array: NDArray[np.float16] = codes.detach().cpu().half().numpy()
    digest = hashlib.sha256(array.tobytes()).hexdigest()[:16]
    return CodeStore(
        codes=array,
        references=references.detach().cpu().float().numpy(),
        labels=np.asarray([-1] * count if labels is None else labels, np.int64),
        ids=tuple(str(n) for n in range(count)) if ids is None else tuple(ids),
        fingerprint=digest,
    )
