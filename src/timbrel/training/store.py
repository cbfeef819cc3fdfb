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
_FAULT_BYTES = 2**16  # what the system maps around a place that is read


@dataclass
class CodeStore:
    """The codes of many sounds, mapped from disk, not loaded.

    Silence after a sound's end is not kept: each sound has as many frames as it needs.

    Attributes:
        frames: The frames of all sounds, one sound after the other, float16 [sum of lengths, F].
        lengths: Frames of each sound up to its last that is not silent, int64 [M].
        shape: (F, N), the shape of a whole code.
        references: The amplitude each code is relative to, float32 [M].
        labels: Label numbers, int64 [M], -1 where unknown.
        ids: The library's id of each sound.
        skipped: Sounds that could not be prepared: (id, reason).
        fingerprint: What the codes depend on, hashed.
    """

    frames: NDArray[np.float16]
    lengths: NDArray[np.int64]
    shape: tuple[int, int]
    references: NDArray[np.float32]
    labels: NDArray[np.int64]
    ids: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    fingerprint: str = ""
    mapping: mmap.mmap | None = field(default=None, repr=False)
    _read_bytes: int = field(default=0, repr=False)
    _ends: NDArray[np.int64] = field(init=False, repr=False)
    _slice_ends: dict[int, NDArray[np.int64]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.ids)

    def __post_init__(self) -> None:
        self._ends = np.cumsum(self.lengths)

    def batch(
        self, rows: NDArray[np.int64] | Sequence[int] | range, *, shortened: bool = False
    ) -> Tensor:
        """Copies some codes into memory.

        Args:
            rows: Row numbers, [B].
            shortened: Whether the codes end where the longest of them does, and not at N.

        Returns:
            Codes as float32, [B, F, N], silent after each sound's end.
        """
        return self.halves(rows, shortened=shortened).float()

    def halves(
        self, rows: NDArray[np.int64] | Sequence[int] | range, *, shortened: bool = False
    ) -> Tensor:
        """Copies some codes into memory as they are kept.

        Args:
            rows: Row numbers, [B].
            shortened: Whether the codes end where the longest of them does, and not at N.

        Returns:
            Codes as float16, [B, F, N], silent after each sound's end.
        """
        numbers = np.asarray(rows, np.int64)
        longest = max(1, int(self.lengths[numbers].max(initial=0)))
        bins, frames = self.shape
        shape = (len(numbers), bins, longest if shortened else frames)
        codes = torch.zeros(shape, dtype=torch.float16)
        for code, row in zip(codes, numbers.tolist(), strict=True):
            code[:, : self.lengths[row]] = torch.from_numpy(self._of(row)).t()
        self._relax(int(self.lengths[numbers].sum()) * bins * 2)
        return codes

    def _of(self, row: int) -> NDArray[np.float16]:
        end = int(self._ends[row])
        # copied, because what is mapped cannot be written to, and torch would warn
        return self.frames[end - int(self.lengths[row]) : end].copy()

    def slice_count(self, frames: int) -> int:
        """Counts the slices of all sounds: one from each frame on that has enough after it.

        Args:
            frames: Frames k of a slice, at least 1.

        Returns:
            The number; a sound of n frames has n - k + 1 slices, and at least one.

        Example:
            >>> from_codes(torch.ones(2, 8, 5)).slice_count(3)
            6
        """
        ends = self._ends_of_slices(frames)
        return int(ends[-1]) if len(ends) else 0

    def _ends_of_slices(self, frames: int) -> NDArray[np.int64]:
        if frames not in self._slice_ends:
            self._slice_ends[frames] = np.cumsum(np.maximum(1, self.lengths - frames + 1))
        return self._slice_ends[frames]

    def sliced(
        self, numbers: NDArray[np.int64] | Sequence[int], frames: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Says where slices lie.

        Args:
            numbers: Numbers of slices, sound by sound and from first to last, [B].
            frames: Frames k of a slice.

        Returns:
            The row of each slice's sound [B], and the frame of it that the slice begins with [B].

        Example:
            >>> rows, places = from_codes(torch.ones(2, 8, 5)).sliced([2, 3], 3)
            >>> rows.tolist(), places.tolist()
            ([0, 1], [2, 0])
        """
        ends, wanted = self._ends_of_slices(frames), np.asarray(numbers, np.int64)
        rows = np.searchsorted(ends, wanted, side="right")
        places = wanted - ends[rows] + np.maximum(1, self.lengths[rows] - frames + 1)
        return rows.astype(np.int64), places

    def slices(self, numbers: NDArray[np.int64] | Sequence[int], frames: int) -> Tensor:
        """Copies some slices into memory.

        Args:
            numbers: Numbers of slices, sound by sound and from first to last, [B].
            frames: Frames k of a slice.

        Returns:
            Codes as float32, [B, F, k], silent after a sound's end.
        """
        rows, places = self.sliced(numbers, frames)
        within = places[:, None] + np.arange(frames)
        lengths = self.lengths[rows][:, None]
        if len(self.frames) == 0:
            return torch.zeros(len(rows), self.shape[0], frames)
        first = (self._ends[rows] - self.lengths[rows])[:, None]
        code = np.take(self.frames, first + within, axis=0, mode="clip")  # a copy, [B, k, F]
        code[within >= lengths] = 0
        self._relax(len(rows) * max(_FAULT_BYTES, 2 * self.shape[0] * frames))
        return (
            torch.from_numpy(code)
            .transpose(1, 2)
            .to(torch.float32, memory_format=torch.contiguous_format)
        )

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
        if self.train.shape != self.validation.shape:
            raise TrainingError(
                f"codes of shape {self.train.shape} and {self.validation.shape} in one training",
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
    frames, lengths = without_silence(array)
    return CodeStore(
        frames=frames,
        lengths=lengths,
        shape=(array.shape[1], array.shape[2]),
        references=references.detach().cpu().float().numpy(),
        labels=np.asarray([-1] * count if labels is None else labels, np.int64),
        ids=tuple(str(n) for n in range(count)) if ids is None else tuple(ids),
        fingerprint=digest,
    )


def of_recordings(
    codes: Sequence[Tensor], *, ids: Sequence[str], reference: float = 1.0
) -> CodeStore:
    """Makes a store of recordings' codes, each as long as it is, silence and all.

    Args:
        codes: Codes, [F, N] each.
        ids: Their names.
        reference: The amplitude that they are relative to.

    Returns:
        The store, in memory.

    Example:
        >>> store = of_recordings([torch.zeros(2, 5), torch.ones(2, 3)], ids=("a", "b"))
        >>> store.lengths.tolist()
        [5, 3]
    """
    arrays = [code.detach().cpu().half().numpy() for code in codes]
    frames = np.ascontiguousarray(np.concatenate([array.T for array in arrays]))
    lengths = np.array([array.shape[1] for array in arrays], np.int64)
    digest = hashlib.sha256(frames.tobytes() + lengths.tobytes()).hexdigest()[:16]
    return CodeStore(
        frames=frames,
        lengths=lengths,
        shape=(arrays[0].shape[0], int(lengths.max())),
        references=np.full(len(arrays), reference, np.float32),
        labels=np.full(len(arrays), -1, np.int64),
        ids=tuple(ids),
        fingerprint=digest,
    )


def without_silence(
    codes: NDArray[np.float16],
) -> tuple[NDArray[np.float16], NDArray[np.int64]]:
    """Cuts the silence off the ends of codes: frames that are 0 in all bins.

    Args:
        codes: [M, F, N].

    Returns:
        The frames that are left, one sound after the other, [sum of lengths, F], and how many
        each sound has, [M].

    Example:
        >>> codes = np.zeros((2, 3, 5), np.float16)
        >>> codes[1, 0, 2] = 1.0
        >>> frames, lengths = without_silence(codes)
        >>> frames.shape, lengths.tolist()
        ((3, 3), [0, 3])
    """
    count = codes.shape[2]
    heard = (codes != 0).any(axis=1)
    lengths = np.where(heard.any(axis=1), count - heard[:, ::-1].argmax(axis=1), 0)
    parts = [code[:, :length].T for code, length in zip(codes, lengths.tolist(), strict=True)]
    frames = np.concatenate(parts) if parts else np.zeros((0, codes.shape[1]), np.float16)
    return np.ascontiguousarray(frames), lengths.astype(np.int64)
