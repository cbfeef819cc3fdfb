"""What a step sees: whole sounds, or slices of sounds where the network asks for those."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from timbrel.recipes import TrainingOptions
from timbrel.training.order import Balanced, Epochs, Order, order_of
from timbrel.training.store import CodeStore

VALIDATION_SOUNDS = 1024  # at most so many, evenly spread over the split
VALIDATION_SLICES = 8192
VALIDATION_FRAMES = 24_576  # that these slices hold at most
_WIDER = 4  # slices of a validation's batch to those of a step, which keeps what gradients need


class Items(Protocol):
    """What a network learns from, numbered from 0.

    Attributes:
        validated: How many a validation sees at most.
    """

    validated: int

    def __len__(self) -> int: ...

    def batch(self, numbers: NDArray[np.int64] | Sequence[int]) -> tuple[Tensor, Tensor]:
        """Copies some into memory.

        Args:
            numbers: Which, [B].

        Returns:
            Codes [B, F, N] and label numbers [B].
        """
        ...

    def order(self, options: TrainingOptions, seed: int) -> Order:
        """Says which ones each step sees.

        Args:
            options: The recipe's training settings.
            seed: The run's seed.

        Returns:
            The order.
        """
        ...

    def batch_size(self, options: TrainingOptions) -> int:
        """Says how many a validation sees at once.

        Args:
            options: The recipe's training settings.

        Returns:
            The number.
        """
        ...


class Sounds:
    """Whole sounds.

    Args:
        store: Their codes.
        shortened: Whether a batch ends where its longest sound does.
    """

    validated = VALIDATION_SOUNDS

    def __init__(self, store: CodeStore, *, shortened: bool) -> None:
        self.store, self.shortened = store, shortened

    def __len__(self) -> int:
        return len(self.store)

    def batch(self, numbers: NDArray[np.int64] | Sequence[int]) -> tuple[Tensor, Tensor]:
        """Copies some into memory; see `Items.batch`."""
        code = self.store.batch(numbers, shortened=self.shortened)
        return code, self.store.labels_of(numbers)

    def order(self, options: TrainingOptions, seed: int) -> Order:
        """Says which ones each step sees; see `Items.order`."""
        return order_of(
            self.store.labels,
            batch_size=options.batch_size,
            seed=seed,
            balance=options.balance_labels,
            lengths=self.store.lengths if self.shortened else None,
        )

    def batch_size(self, options: TrainingOptions) -> int:
        """Says how many a validation sees at once; see `Items.batch_size`."""
        return options.batch_size


class Slices:
    """Slices from all places of all sounds.

    Args:
        store: The codes.
        frames: Frames of a slice.

    Example:
        >>> import torch
        >>> from timbrel.training.store import from_codes
        >>> slices = Slices(from_codes(torch.ones(2, 8, 5)), 3)
        >>> len(slices), slices.batch([0, 5])[0].shape
        (6, torch.Size([2, 8, 3]))
    """

    def __init__(self, store: CodeStore, frames: int) -> None:
        self.store, self.frames = store, frames
        self.validated = validated_slices(frames)

    def __len__(self) -> int:
        return self.store.slice_count(self.frames)

    def batch(self, numbers: NDArray[np.int64] | Sequence[int]) -> tuple[Tensor, Tensor]:
        """Copies some into memory; see `Items.batch`."""
        code = self.store.slices(numbers, self.frames)
        return code, self.store.labels_of(self.store.sliced(numbers, self.frames)[0])

    def order(self, options: TrainingOptions, seed: int) -> Order:
        """Says which ones each step sees; see `Items.order`."""
        if not options.balance_labels:
            return Epochs(len(self), batch_size=options.batch_size, seed=seed)
        every = np.arange(len(self))
        labels = self.store.labels[self.store.sliced(every, self.frames)[0]]
        return Balanced(labels, batch_size=options.batch_size, seed=seed)

    def batch_size(self, options: TrainingOptions) -> int:
        """Says how many a validation sees at once; see `Items.batch_size`."""
        return _WIDER * options.batch_size


class Itself:
    """What a network learns from that holds its recordings: all of them, every time.

    Args:
        store: Their codes, in memory.

    Example:
        >>> import torch
        >>> from timbrel.training.store import of_recordings
        >>> both = Itself(of_recordings([torch.ones(8, 5), torch.ones(8, 3)], ids=("a", "b")))
        >>> len(both), both.batch([0])[0].shape
        (1, torch.Size([1, 8, 8]))
    """

    validated = 1

    def __init__(self, store: CodeStore) -> None:
        self.store = store
        self._code = torch.from_numpy(store.frames).t()[None]

    def __len__(self) -> int:
        return 1

    def batch(self, numbers: NDArray[np.int64] | Sequence[int]) -> tuple[Tensor, Tensor]:
        """Gives the codes of all recordings, one after the other, without copying them."""
        return self._code, torch.full((1,), -1)

    def order(self, options: TrainingOptions, seed: int) -> Order:
        """Says that each step sees all; see `Items.order`."""
        return Epochs(1, batch_size=1, seed=seed)

    def batch_size(self, options: TrainingOptions) -> int:
        """Says that a validation sees all; see `Items.batch_size`."""
        return 1


def validated_slices(frames: int) -> int:
    """Says how many slices a validation sees at most: fewer of longer ones.

    Args:
        frames: Frames of a slice.

    Returns:
        The number.

    Example:
        >>> validated_slices(3), validated_slices(16)
        (8192, 1536)
    """
    return max(1, min(VALIDATION_SLICES, VALIDATION_FRAMES // frames))


def items_of(store: CodeStore, network: nn.Module) -> Items:
    """Chooses what a network learns from.

    Args:
        store: The codes.
        network: The family's network; one with the attribute ``slice_frames`` learns from slices
            of so many frames, one with ``any_length`` from sounds that end where they end, and
            one with ``recording`` from what it holds.

    Returns:
        Slices or whole sounds.
    """
    if hasattr(network, "recording"):
        return Itself(store)
    frames = int(getattr(network, "slice_frames", 0))
    if frames:
        return Slices(store, frames)
    return Sounds(store, shortened=bool(getattr(network, "any_length", False)))


def validated(items: Items) -> list[int]:
    """Chooses what validation uses: all, or as many as there may be, evenly spread.

    Args:
        items: The validation split.

    Returns:
        Their numbers.

    Example:
        >>> import torch
        >>> from timbrel.training.store import from_codes
        >>> [len(validated(Slices(from_codes(torch.ones(n, 1, 10)), 1))) for n in (5, 5000)]
        [50, 8192]
    """
    return spread(len(items), items.validated)


def spread(count: int, most: int) -> list[int]:
    """Chooses some of many, evenly spread: neighbours are often parts of one song.

    Args:
        count: How many there are.
        most: How many to choose at most.

    Returns:
        Their numbers.

    Example:
        >>> spread(3, 8), spread(100, 4)
        ([0, 1, 2], [0, 25, 50, 75])
    """
    kept = min(count, most)
    return [place * count // kept for place in range(kept)]
