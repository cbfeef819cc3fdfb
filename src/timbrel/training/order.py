"""Which sounds a step sees: a pure function of seed and step."""

from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from timbrel.training.seeds import derived

Indices = NDArray[np.int64]

EXCHANGED_STEPS = 8  # steps among which sounds are exchanged by length


class Order(Protocol):
    """Says which sounds each step sees."""

    batch_size: int

    def at(self, step: int) -> Indices:
        """Lists the sounds of one step.

        Args:
            step: Steps done before it.

        Returns:
            Row numbers, [batch_size].
        """
        ...


@lru_cache(maxsize=2)
def _shuffled(count: int, seed: int) -> Indices:
    return np.random.default_rng(seed).permutation(count)


class Epochs:
    """Every sound once an epoch, each epoch in a new order; batches run across the borders.

    ::

        epoch 0: 2 0 3 1 4   epoch 1: 4 1 0 2 3   epoch 2 ...
        steps:   |---| |-----------| |---| ...            (batch_size 2)

    Args:
        count: How many sounds there are, at least 1.
        batch_size: Sounds a step; no more than there are.
        seed: The run's seed.

    Example:
        >>> order = Epochs(5, batch_size=2, seed=0)
        >>> seen = [int(i) for step in range(5) for i in order.at(step)]
        >>> sorted(seen[:5]) == sorted(seen[5:]) == [0, 1, 2, 3, 4]
        True
    """

    def __init__(self, count: int, *, batch_size: int, seed: int) -> None:
        self.count, self.seed = count, seed
        self.batch_size = min(batch_size, count)

    def at(self, step: int) -> Indices:
        """Lists the sounds of one step; see `Order.at`."""
        position = np.arange(step * self.batch_size, (step + 1) * self.batch_size)
        epoch, place = np.divmod(position, self.count)
        rows = np.empty(self.batch_size, np.int64)
        for number in np.unique(epoch):
            here = epoch == number
            seed = derived(self.seed, "order", int(number))
            rows[here] = _shuffled(self.count, seed)[place[here]]
        return rows


class Balanced:
    """Each label equally often, whatever the number of its sounds; drawn with replacement.

    Args:
        labels: Label number of each sound, [M]; -1 (unknown) counts as a label of its own.
        batch_size: Sounds a step.
        seed: The run's seed.

    Example:
        >>> order = Balanced(np.array([0] * 99 + [1]), batch_size=8, seed=0)
        >>> rare = sum(int((order.at(step) == 99).sum()) for step in range(100))
        >>> 300 < rare < 500
        True
    """

    def __init__(self, labels: Indices, *, batch_size: int, seed: int) -> None:
        self.seed = seed
        self.batch_size = min(batch_size, len(labels))
        self._sorted = np.argsort(labels, kind="stable")
        _, self._starts, self._counts = np.unique(
            labels[self._sorted], return_index=True, return_counts=True
        )

    def at(self, step: int) -> Indices:
        """Lists the sounds of one step; see `Order.at`."""
        rng = np.random.default_rng(derived(self.seed, "balance", step))
        label = rng.integers(len(self._counts), size=self.batch_size)
        place = (rng.random(self.batch_size) * self._counts[label]).astype(np.int64)
        rows: Indices = self._sorted[self._starts[label] + place]
        return rows


class AlikeLengths:
    """The sounds of another order, exchanged among a few steps so that each sees like lengths.

    A batch is as long as its longest sound; sounds of like lengths together leave little silence
    to compute on.

    Args:
        order: Which sounds the steps see.
        lengths: Frames of each sound, [M].
        seed: The run's seed.

    Example:
        >>> order = AlikeLengths(Epochs(32, batch_size=4, seed=0), np.arange(32), seed=0)
        >>> [int(np.ptp(order.at(step))) for step in range(8)]
        [3, 3, 3, 3, 3, 3, 3, 3]
    """

    def __init__(self, order: Order, lengths: Indices, *, seed: int) -> None:
        self.order, self.lengths, self.seed = order, lengths, seed
        self.batch_size = order.batch_size

    def at(self, step: int) -> Indices:
        """Lists the sounds of one step; see `Order.at`."""
        block, place = divmod(step, EXCHANGED_STEPS)
        first = block * EXCHANGED_STEPS
        rows = np.concatenate([self.order.at(first + n) for n in range(EXCHANGED_STEPS)])
        alike = rows[np.argsort(self.lengths[rows], kind="stable")]
        rng = np.random.default_rng(derived(self.seed, "lengths", block))
        number = int(rng.permutation(EXCHANGED_STEPS)[place])
        chosen: Indices = alike[number * self.batch_size : (number + 1) * self.batch_size]
        return chosen


def order_of(
    labels: Indices,
    *,
    batch_size: int,
    seed: int,
    balance: bool,
    lengths: Indices | None = None,
) -> Order:
    """Chooses the order a recipe asks for.

    Args:
        labels: Label number of each sound, [M].
        batch_size: Sounds a step.
        seed: The run's seed.
        balance: Whether each label is drawn equally often.
        lengths: Frames of each sound, [M], where batches are as long as their longest sound.

    Returns:
        The order.
    """
    order: Order
    if balance:
        order = Balanced(labels, batch_size=batch_size, seed=seed)
    else:
        order = Epochs(len(labels), batch_size=batch_size, seed=seed)
    return order if lengths is None else AlikeLengths(order, lengths, seed=seed)
