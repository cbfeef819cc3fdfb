"""Splits: shares, copies and groups."""

from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timbrel.errors import UsageError
from timbrel.library.splits import SPLITS, SplitEntry, split

LABELS = st.sampled_from(["kick", "snare", "tom", ""])


@st.composite
def libraries(draw: st.DrawFn) -> list[SplitEntry]:
    """Libraries with copies (also under another label) and kits."""
    contents = draw(st.lists(st.tuples(LABELS, st.integers(0, 9)), min_size=1, max_size=60))
    entries = [
        SplitEntry(f"id{n}", f"hash{n}", label, f"kit{kit}" if kit < 6 else "")
        for n, (label, kit) in enumerate(contents)
    ]
    copied = draw(st.lists(st.tuples(st.sampled_from(entries), LABELS), max_size=10))
    copies = [
        SplitEntry(f"copy{n}", entry.content_hash, label, entry.group)
        for n, (entry, label) in enumerate(copied)
    ]
    return entries + copies


def own_contents(entries: list[SplitEntry]) -> dict[str, set[str]]:
    """Label -> the contents that no other label has."""
    labels = defaultdict(set)
    for entry in entries:
        labels[entry.content_hash].add(entry.label)
    own = defaultdict(set)
    for entry in entries:
        if len(labels[entry.content_hash]) == 1:
            own[entry.label].add(entry.content_hash)
    return own


@settings(max_examples=150, deadline=None)
@given(libraries(), st.integers(0, 5), st.booleans())
def test_copies_and_groups_stay_together(
    entries: list[SplitEntry], seed: int, keep_groups: bool
) -> None:
    placed = split(entries, seed=seed, keep_groups=keep_groups)
    assert set(placed) == {entry.id for entry in entries}
    assert set(placed.values()) <= set(SPLITS)
    sides = defaultdict(set)
    for entry in entries:
        sides[entry.content_hash].add(placed[entry.id])
        if keep_groups and entry.group:
            sides[entry.group].add(placed[entry.id])
    assert all(len(names) == 1 for names in sides.values())


@settings(max_examples=150, deadline=None)
@given(libraries(), st.integers(0, 5))
def test_a_label_of_three_sounds_is_in_every_split(entries: list[SplitEntry], seed: int) -> None:
    placed = split(entries, seed=seed)
    for label, contents in own_contents(entries).items():
        if len(contents) >= 3:
            assert {placed[entry.id] for entry in entries if entry.label == label} == set(SPLITS)


@settings(max_examples=60, deadline=None)
@given(libraries(), st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_scanning_does_not_matter(entries, random, keep_groups) -> None:
    before = split(entries, keep_groups=keep_groups)
    random.shuffle(entries)
    assert split(entries, keep_groups=keep_groups) == before


def sounds(count: int, label: str = "kick") -> list[SplitEntry]:
    return [SplitEntry(f"{label}{n}", f"{label}{n}", label) for n in range(count)]


@pytest.mark.parametrize("count", [3, 10, 95, 400])
def test_shares_are_exact_in_every_label(count: int) -> None:
    placed = split(sounds(count) + sounds(30, "snare"))
    got = Counter(name for key, name in placed.items() if key.startswith("kick"))
    tenth = max(1, round(count / 10))
    assert got == {"train": count - 2 * tenth, "validation": tenth, "test": tenth}


def test_adding_sounds_moves_few_of_the_old() -> None:
    before, after = split(sounds(500)), split(sounds(550))
    assert sum(before[name] != after[name] for name in before) <= 25


def test_another_seed_is_another_split_and_the_same_the_same() -> None:
    entries = sounds(100)
    assert split(entries, seed=1) == split(entries, seed=1)
    assert split(entries, seed=1) != split(entries, seed=2)


def test_kits_that_span_labels_stay_whole_and_shares_near() -> None:
    entries = [
        SplitEntry(f"{kit}-{label}-{n}", f"{kit}-{label}-{n}", label, f"kit{kit}")
        for kit in range(30)
        for label in ("kick", "snare")
        for n in range(5)
    ]
    counts = Counter(split(entries, keep_groups=True).values())
    assert counts == {"train": 240, "validation": 30, "test": 30}


def test_a_share_of_none_is_kept_empty() -> None:
    assert set(split(sounds(20), fractions=(0.9, 0.1, 0.0)).values()) == {"train", "validation"}


@pytest.mark.parametrize("fractions", [(0.8, 0.1, 0.2), (1.2, -0.1, -0.1), (0.0, 0.5, 0.5)])
def test_fractions_that_are_no_shares_are_refused(fractions: tuple[float, float, float]) -> None:
    with pytest.raises(UsageError, match=r"share"):
        split(sounds(5), fractions=fractions)
