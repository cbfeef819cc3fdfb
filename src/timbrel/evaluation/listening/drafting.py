"""Drafting: which sounds stand on which page of a test, evenly drawn from all sources."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

import numpy as np

from timbrel.errors import UsageError
from timbrel.evaluation.listening.description import ORIGINAL
from timbrel.evaluation.listening.gathering import Candidate
from timbrel.evaluation.listening.kinds import Kind

MOST_ITEMS = 500
Item = TypeVar("Item")


@dataclass(frozen=True)
class Draft:
    """One page to be.

    Attributes:
        sounds: What is judged, the original first where it is among them.
        group: The original's name, "" where a sound stands alone.
    """

    sounds: tuple[Candidate, ...]
    group: str = ""


def check_sources(kind: Kind, *, originals: bool, systems: int) -> None:
    """Makes sure that there is enough to ask about.

    Args:
        kind: The kind of test.
        originals: Whether there are originals.
        systems: How many systems there are.

    Raises:
        UsageError: When the kind needs more than that.
    """
    if kind.name in ("questionnaire", "abx", "mushra") and not originals:
        raise UsageError(f"no --real for {kind.name}", "--real FILE or FOLDER: the originals")
    if not systems:
        raise UsageError("no --system", "--system NAME=FOLDER: the sounds that something made")
    if kind.name == "preference" and systems + originals < 2:
        raise UsageError("one system alone for preference", "--real as well, or a second --system")


def alone(
    kind: Kind,
    pools: Mapping[str, Sequence[Candidate]],
    items: int,
    usable: Callable[[Candidate], bool],
    rng: np.random.Generator,
) -> list[Draft]:
    """Draws sounds that are heard alone.

    Args:
        kind: The kind of test; in a questionnaire half of the pages are originals.
        pools: Source to its sounds.
        items: How many pages there shall be.
        usable: Whether a sound can be taken; asked of no more sounds than needed.
        rng: Draws them.

    Returns:
        The pages; fewer where a source has too few sounds.
    """
    drafts = []
    for source, quota in _quotas(kind, list(pools), items).items():
        taken = 0
        for candidate in _shuffled(pools[source], rng):
            if taken == quota:
                break
            if usable(candidate):
                drafts.append(Draft((candidate,)))
                taken += 1
    return drafts


def _quotas(kind: Kind, sources: Sequence[str], items: int) -> dict[str, int]:
    """How many sounds each source gives; what cannot be shared evenly goes to the first ones."""
    if kind.name == "questionnaire":
        systems = [source for source in sources if source != ORIGINAL]
        originals = items // 2
        return {ORIGINAL: originals, **_evenly(systems, items - originals)}
    return _evenly(sources, items)


def _evenly(sources: Sequence[str], items: int) -> dict[str, int]:
    share, over = divmod(items, len(sources))
    return {source: share + (place < over) for place, source in enumerate(sources)}


def together(
    kind: Kind,
    groups: Mapping[str, Mapping[str, Candidate]],
    systems: Sequence[str],
    items: int,
    usable: Callable[[Candidate], bool],
    rng: np.random.Generator,
) -> list[Draft]:
    """Draws pages on which versions of one sound stand together.

    Args:
        kind: "abx" sets each system beside the original, "preference" each source beside each
            other, "mushra" all systems beside the original, for which a group must be complete.
        groups: Original's name to source to sound.
        systems: All systems.
        items: How many pages there shall be.
        usable: Whether a sound can be taken.
        rng: Draws them.

    Returns:
        The pages, of each pair of sources as many as of any other, as far as there are.
    """
    decks = [
        _shuffled(
            [Draft(tuple(group[name] for name in wanted), original)
             for original, group in groups.items() if set(wanted) <= set(group)],
            rng,
        )
        for wanted in _wanted(kind, groups, systems)
    ]  # fmt: skip
    drafts: list[Draft] = []
    while any(decks) and len(drafts) < items:
        for deck in decks:
            while deck:
                draft = deck.pop(0)
                if all(usable(one) for one in draft.sounds):
                    drafts.append(draft)
                    break
    return drafts[:items]


def _wanted(
    kind: Kind, groups: Mapping[str, Mapping[str, Candidate]], systems: Sequence[str]
) -> list[tuple[str, ...]]:
    if kind.name == "abx":
        return [(ORIGINAL, system) for system in systems]
    if kind.name == "mushra":
        return [(ORIGINAL, *systems)]
    has_originals = any(ORIGINAL in group for group in groups.values())
    return list(combinations([*([ORIGINAL] if has_originals else []), *systems], 2))


def _shuffled(items: Sequence[Item], rng: np.random.Generator) -> list[Item]:
    return [items[place] for place in rng.permutation(len(items))]
