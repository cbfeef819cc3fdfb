"""A metric says how near, how good or how varied sounds are, as a number. One file each.

Each file declares ``METRIC``: a `Metric` takes a pair of sounds, a `SetMetric` two sets of them, a
`SoundMetric` one sound alone. ``needs`` tells which of the three it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Table = NDArray[np.float32]


@dataclass(frozen=True)
class Metric:
    """The declaration of a metric that takes a pair of sounds.

    Attributes:
        title: What it is called in lists.
        unit: Unit of the number ("dB"), or "" for a ratio.
        higher_is_better: Its direction.
        ideal: The value for identical sounds (may be infinite).
        needs: "pair" (reference and test).
        source: The paper it follows.
        compute: (reference [T], test [T], sample_rate) -> number; not a number where the metric
            is undefined for this pair (no pitch, too short).
        extra: The optional extra of timbrel that it needs installed, "" for none.
        slow: Whether it takes longer than a tenth of a second a pair: reports then measure a part
            of the sounds by it, and say which part.
        packages: What it imports of that extra: where one is missing the metric is unavailable.
        lacking: Tells what else is to be installed that is no Python package, "" for nothing.
        undefined_where: For which pairs it is not a number, as "no pitch in one of the sounds".
    """

    title: str
    unit: str
    higher_is_better: bool
    ideal: float
    needs: Literal["pair"]
    source: str
    compute: Callable[[Tensor, Tensor, int], float]
    extra: str = ""
    slow: bool = False
    packages: tuple[str, ...] = ()
    lacking: Callable[[], str] | None = None
    undefined_where: str = ""

    @property
    def missing(self) -> str:
        """What to install before it can be asked; "" where all is there."""
        if any(find_spec(name) is None for name in self.packages):
            return f'pip install "timbrel[{self.extra}]"'
        return self.lacking() if self.lacking else ""


Requirement = Literal["R1", "R2", "R4"]


@dataclass(frozen=True)
class SoundMetric:
    """The declaration of a metric that takes one sound alone.

    Such a number says what a sound is like, not how good it is: made sounds are put beside real
    ones by it.

    Attributes:
        title: What it is called in lists.
        unit: Unit of the number ("dB"), or "" for a ratio.
        higher_is_better: Its direction; None where only being like real sounds is good.
        ideal: The best value there is; None where there is no such.
        needs: "sound".
        requirement: Which requirement of S1 it speaks of: R1 length, R2 long-term coherence, R4
            freedom from noise.
        source: The paper it follows.
        compute: (sound [T], sample_rate) -> number; not a number where it is undefined.
        undefined_where: For which sounds it is not a number.
    """

    title: str
    unit: str
    higher_is_better: bool | None
    ideal: float | None
    needs: Literal["sound"]
    requirement: Requirement
    source: str
    compute: Callable[[Tensor, int], float]
    undefined_where: str = ""


@dataclass(frozen=True)
class SoundSet:
    """What a set metric sees of a set of sounds: one row a sound, and no audio.

    A row takes a few kilobytes, whatever the sound's length, so a set of thousands is small.
    `timbrel.evaluation.sound_sets` makes them.

    Attributes:
        pictures: Log-spectrograms shrunk to 16 bands times 32 moments, in dB, [Q, 512].
        statistics: Level and movement of each band of a log-spectrogram, [Q, D].
        features: What a classifier of this library's sounds makes of them, [Q, D]; D is 0 where
            none can be trained.
    """

    pictures: Table
    statistics: Table
    features: Table

    def __len__(self) -> int:
        """Counts the sounds."""
        return len(self.pictures)

    def take(self, rows: NDArray[np.int64]) -> "SoundSet":
        """Takes some of the sounds, in any order, also more than once.

        Args:
            rows: Their numbers.

        Returns:
            A set of these.
        """
        return SoundSet(self.pictures[rows], self.statistics[rows], self.features[rows])


Judge = Callable[[SoundSet], float]


@dataclass(frozen=True)
class SetMetric:
    """The declaration of a metric that takes two sets of sounds: real ones, and those to judge.

    What depends on the real sounds alone (clusters, covariances) is found once by `fitted`; the
    judge that it gives can then be asked about many sets, as an interval needs.

    Attributes:
        title: What it is called in lists.
        unit: Unit of the number, or "" where it has none.
        higher_is_better: Its direction.
        ideal: The value where both sets are the same.
        needs: "sets" (reference and test).
        source: The paper it follows.
        fitted: (reference, seed) -> (test -> number).
        extra: The optional extra of timbrel that it needs installed, "" for none.
    """

    title: str
    unit: str
    higher_is_better: bool
    ideal: float
    needs: Literal["sets"]
    source: str
    fitted: Callable[[SoundSet, int], Judge]
    extra: str = ""

    def compute(self, reference: SoundSet, test: SoundSet, *, seed: int = 0) -> float:
        """Compares two sets.

        Sets are compared fairly only where they are equally large: most of these numbers grow as
        the set to judge gets smaller.

        Args:
            reference: Real sounds.
            test: The sounds to judge.
            seed: Seed of what is drawn.

        Returns:
            The number.

        Raises:
            UsageError: When a set is too small, or lacks what the metric looks at.
        """
        return self.fitted(reference, seed)(test)
