"""A library in a few numbers and plain words."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

FEW_SOUNDS = 50
FEW_OF_A_LABEL = 10
UNEQUAL = 10
CLIPPED_DB = -0.01
LONG_S = 10.0


@dataclass(frozen=True)
class LibrarySummary:
    """What a library holds.

    Attributes:
        count: Sounds.
        hours: Their length together.
        labels: Label -> sounds.
        sample_rates: Rate in Hz -> sounds.
        groups: How many groups (kits, instruments) there are.
        shortest_s: Length of the shortest sound in s.
        longest_s: Length of the longest sound in s.
        skipped: Kind of reason -> files that were skipped.
        warnings: What to know before training, in plain words.
    """

    count: int
    hours: float
    labels: dict[str, int]
    sample_rates: dict[int, int]
    groups: int
    shortest_s: float
    longest_s: float
    skipped: dict[str, int]
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Gives it as plain values, ready for JSON.

        Returns:
            Field name -> value.
        """
        return asdict(self)


def summarise(batches: Iterable[Any]) -> LibrarySummary:
    """Adds a library up, batch by batch.

    Args:
        batches: Arrow batches with the columns `label`, `duration_s`, `sample_rate`, `peak_db`,
            `group_name` and `kind`.

    Returns:
        The summary.
    """
    labels: Counter[str] = Counter()
    rates: Counter[int] = Counter()
    skipped: Counter[str] = Counter()
    groups: set[str] = set()
    lengths_s, clipped, long = _Lengths(), 0, 0
    for record in (record for batch in batches for record in batch.to_pylist()):
        if record["kind"]:
            skipped[record["kind"]] += 1
            continue
        labels[record["label"]] += 1
        rates[record["sample_rate"]] += 1
        groups.add(record["group_name"])
        lengths_s.add(record["duration_s"])
        clipped += record["peak_db"] >= CLIPPED_DB
        long += record["duration_s"] > LONG_S
    return LibrarySummary(
        count=sum(labels.values()),
        hours=lengths_s.total / 3600,
        labels=dict(sorted(labels.items())),
        sample_rates=dict(sorted(rates.items())),
        groups=len(groups - {""}),
        shortest_s=lengths_s.shortest if labels else 0.0,
        longest_s=lengths_s.longest,
        skipped=dict(sorted(skipped.items())),
        warnings=tuple(_warnings(labels, rates, clipped=clipped, long=long)),
    )


@dataclass
class _Lengths:
    total: float = 0.0
    shortest: float = float("inf")
    longest: float = 0.0

    def add(self, length_s: float) -> None:
        self.total += length_s
        self.shortest = min(self.shortest, length_s)
        self.longest = max(self.longest, length_s)


def _warnings(
    labels: Counter[str], rates: Counter[int], *, clipped: int, long: int
) -> Iterable[str]:
    count = sum(labels.values())
    if count < FEW_SOUNDS:
        yield f"there are only {count} sounds; an instrument needs at least {FEW_SOUNDS} to learn"
    if labels[""]:
        yield f"{labels['']} sounds have no label; put them into folders named by class"
    few = sorted(name for name, number in labels.items() if name and number < FEW_OF_A_LABEL)
    if few:
        yield f"fewer than {FEW_OF_A_LABEL} sounds of: {', '.join(few)}"
    named = [number for name, number in labels.items() if name]
    if named and max(named) > UNEQUAL * min(named):
        yield f"the largest label has more than {UNEQUAL} times the sounds of the smallest"
    if len(rates) > 1:
        yield f"sample rates differ ({', '.join(f'{rate} Hz' for rate in sorted(rates))})"
    if clipped > 0.05 * count:
        yield f"{clipped} sounds reach full scale and may be clipped"
    if long:
        yield f"{long} sounds are longer than {LONG_S:.0f} s; instruments hear their beginning only"
