"""Splits: which sounds train, which validate, which test; decided by content, label and a seed.

Within a label, sounds stand in the order of a hash of seed and content; the first tenth tests, the
next validates, the rest trains. So shares are exact, order of scanning does not matter, and adding
sounds moves few of the old ones.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from timbrel.errors import UsageError

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
_FEWEST = 3  # sounds of a label that give one to each split


@dataclass(frozen=True)
class SplitEntry:
    """What a split needs to know of a sound.

    Attributes:
        id: Its id.
        content_hash: Copies have the same.
        label: Its class, "" where unknown.
        group: Its kit or instrument, "" where unknown.
    """

    id: str
    content_hash: str
    label: str = ""
    group: str = ""


@dataclass(frozen=True)
class _Unit:
    """Sounds that go together."""

    entries: tuple[SplitEntry, ...]
    order: bytes

    @property
    def counts(self) -> Counter[str]:
        return Counter(entry.label for entry in self.entries)


def split(
    entries: Sequence[SplitEntry],
    *,
    seed: int = 0,
    fractions: tuple[float, float, float] = (0.8, 0.1, 0.1),
    keep_groups: bool = False,
) -> dict[str, Split]:
    """Splits sounds into training, validation and test, each label in the same shares.

    Sounds of the same content never come apart. A label with 3 or more different sounds that no
    other label shares has at least one in each split; one with fewer goes to training.

    Args:
        entries: The sounds; ids must differ.
        seed: Another seed gives another split.
        fractions: Shares of train, validation and test; they add up to 1.
        keep_groups: Whether sounds of one group (kit, instrument) stay together too. Shares are
            then as near as whole groups allow.

    Returns:
        Id -> split. The order of `entries` does not matter.

    Raises:
        UsageError: When the fractions are no shares.

    Example:
        >>> sounds = [SplitEntry(str(n), str(n), "kick") for n in range(10)]
        >>> sorted(split(sounds).values()).count("train")
        8
    """
    _check(fractions)
    units = _units(entries, seed, keep_groups)
    quotas = _Quotas(entries, fractions)
    single = [unit for unit in units if len(unit.counts) == 1]
    for unit in sorted(
        (unit for unit in units if len(unit.counts) > 1),
        key=lambda unit: (-len(unit.entries), unit.order),
    ):
        quotas.give(unit, quotas.neediest(unit))
    by_label = defaultdict(list)
    for unit in sorted(single, key=lambda unit: unit.order):
        by_label[unit.entries[0].label].append(unit)
    for label, members in by_label.items():
        _fill(label, members, quotas)
    return quotas.placed


def _check(fractions: Sequence[float]) -> None:
    if len(fractions) != 3 or min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-6:
        raise UsageError(f"fractions {tuple(fractions)}", "three shares that add up to 1")
    if fractions[0] == 0:
        raise UsageError("a share of 0 for training", "a share above 0")


def _units(entries: Sequence[SplitEntry], seed: int, keep_groups: bool) -> list[_Unit]:
    """What must stay together: copies, and where wanted groups; joined where they overlap."""
    leaders = _Leaders()
    for entry in entries:
        leaders.join(f"id {entry.id}", f"content {entry.content_hash or entry.id}")
        if keep_groups and entry.group:
            leaders.join(f"id {entry.id}", f"group {entry.group}")
    together = defaultdict(list)
    for entry in entries:
        together[leaders.of(f"id {entry.id}")].append(entry)
    return [_unit(members, seed) for members in together.values()]


def _unit(members: Iterable[SplitEntry], seed: int) -> _Unit:
    ordered = tuple(sorted(members, key=lambda entry: (entry.content_hash, entry.id)))
    text = f"{seed} {ordered[0].content_hash or ordered[0].id}"
    return _Unit(ordered, hashlib.blake2b(text.encode(), digest_size=8).digest())


class _Leaders:
    """Disjoint sets (union-find with path halving)."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def of(self, name: str) -> str:
        self._parent.setdefault(name, name)
        while self._parent[name] != name:
            self._parent[name] = self._parent[self._parent[name]]
            name = self._parent[name]
        return name

    def join(self, one: str, other: str) -> None:
        self._parent[self.of(one)] = self.of(other)


class _Quotas:
    """How many sounds of each label each split should have, and has so far."""

    def __init__(self, entries: Sequence[SplitEntry], fractions: Sequence[float]) -> None:
        self.placed: dict[str, Split] = {}
        totals = Counter(entry.label for entry in entries)
        shares = dict(zip(SPLITS, fractions, strict=True))
        self.held_out: list[Split] = [name for name in ("test", "validation") if shares[name] > 0]
        self._wanted = {label: _apportioned(total, shares) for label, total in totals.items()}
        self._given: dict[str, Counter[str]] = defaultdict(Counter)

    def give(self, unit: _Unit, name: Split) -> None:
        for entry in unit.entries:
            self.placed[entry.id] = name
            self._given[entry.label][name] += 1

    def left(self, label: str, name: Split) -> int:
        return self._wanted[label][name] - self._given[label][name]

    def neediest(self, unit: _Unit) -> Split:
        """The split that comes nearest to its shares with this unit."""

        def miss(name: Split) -> float:
            return sum(
                ((self.left(label, name) - count) ** 2 - self.left(label, name) ** 2)
                / max(1, self._wanted[label][name])
                for label, count in unit.counts.items()
            )

        return min(("train", *self.held_out), key=miss)


def _apportioned(total: int, shares: dict[Split, float]) -> dict[Split, int]:
    """Whole numbers for the shares; each split gets one as soon as there are three sounds."""
    wanted: dict[Split, int] = {"train": total, "validation": 0, "test": 0}
    for name in ("test", "validation"):
        if shares[name] > 0 and total >= _FEWEST:
            later = 1 if name == "validation" else 2
            wanted[name] = min(max(1, round(shares[name] * total)), wanted["train"] - later)
            wanted["train"] -= wanted[name]
    return wanted


def _fill(label: str, units: list[_Unit], quotas: _Quotas) -> None:
    """Gives the units of one label, in their order, to test and validation, the rest to train."""
    rest = units
    for served, name in enumerate(quotas.held_out):
        still_to_serve = len(quotas.held_out) - served
        chosen = _chosen(rest, quotas.left(label, name), len(rest) - still_to_serve)
        for unit in chosen:
            quotas.give(unit, name)
        taken = {unit.order for unit in chosen}
        rest = [unit for unit in rest if unit.order not in taken]
    for unit in rest:
        quotas.give(unit, "train")


def _chosen(units: list[_Unit], room: int, most: int) -> list[_Unit]:
    """The first units that fit, at most `most`; the smallest where there is room and none fits."""
    chosen: list[_Unit] = []
    left = room
    for unit in units:
        if len(chosen) < most and len(unit.entries) <= left:
            chosen.append(unit)
            left -= len(unit.entries)
    if chosen or room <= 0 or most <= 0:
        return chosen
    return [min(units, key=lambda unit: (len(unit.entries), unit.order))]
