"""Pages: drafts become sounds with a stretch of time each, and get names that say nothing."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from timbrel.errors import UsageError
from timbrel.evaluation.listening import drafting
from timbrel.evaluation.listening.cutting import (
    Heard,
    cut_alone,
    cut_together,
    heard,
    longest_s,
)
from timbrel.evaluation.listening.description import (
    FORMAT_VERSION,
    ORIGINAL,
    Description,
    Source,
    Trial,
)
from timbrel.evaluation.listening.drafting import Draft
from timbrel.evaluation.listening.gathering import Candidate, paired
from timbrel.evaluation.listening.kinds import Kind
from timbrel.evaluation.listening.preparing import Stimulus
from timbrel.evaluation.listening.wishes import Wish
from timbrel.library.rows import Skipped
from timbrel.progress import Report, Tracker


@dataclass(frozen=True)
class Page:
    """A page with its sounds, before they are written.

    Attributes:
        group: The original's name, "" where a sound stands alone.
        sounds: What is judged, the original first until they have names.
        reference: The open reference; None where there is none.
    """

    group: str
    sounds: tuple[Stimulus, ...]
    reference: Stimulus | None = None

    @property
    def all(self) -> tuple[Stimulus, ...]:
        """Every sound that has a file."""
        return (*self.sounds, *((self.reference,) if self.reference else ()))


class Ears:
    """Hears each sound once, and remembers what could not be heard.

    Args:
        report: Told how many were heard.
    """

    def __init__(self, report: Report) -> None:
        self._known: dict[Path, Heard | Skipped] = {}
        self._tracker = Tracker("reading sounds", 0, report)

    def hear(self, candidate: Candidate) -> Heard | Skipped:
        """Hears a sound, or remembers it.

        Args:
            candidate: The sound.

        Returns:
            What was heard, or why nothing was.
        """
        if candidate.path not in self._known:
            self._known[candidate.path] = heard(candidate)
            self._tracker.advance()
        return self._known[candidate.path]

    def usable(self, candidate: Candidate) -> bool:
        """Tells whether a sound can be heard.

        Args:
            candidate: The sound.

        Returns:
            Whether it can.
        """
        return isinstance(self.hear(candidate), Heard)

    def of(self, draft: Draft) -> list[Heard]:
        """Tells what was heard of a page's sounds.

        Args:
            draft: A page of usable sounds.

        Returns:
            Each of them.
        """
        return [one for one in map(self.hear, draft.sounds) if isinstance(one, Heard)]

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What could not be heard."""
        return tuple(one for one in self._known.values() if isinstance(one, Skipped))


def drawn(
    wish: Wish, pools: Mapping[str, Sequence[Candidate]], ears: Ears
) -> tuple[list[Page], list[Skipped]]:
    """Draws the pages of a test and the stretch of each sound that is heard.

    Args:
        wish: What a person wants.
        pools: Source to its sounds.
        ears: Hears them.

    Returns:
        The pages, at least one, without names; and the sounds that belong to no group.

    Raises:
        UsageError: When no page can be made.
    """
    rng = np.random.default_rng(wish.seed)
    if wish.kind.grouped:
        return _together(wish, pools, ears, rng)
    return _alone(wish, pools, ears, rng), []


def _alone(
    wish: Wish, pools: Mapping[str, Sequence[Candidate]], ears: Ears, rng: np.random.Generator
) -> list[Page]:
    if wish.items < len(pools):
        raise UsageError(f"{wish.items} items for {len(pools)} sources", "a sound of each source")
    drafts = drafting.alone(wish.kind, pools, wish.items, ears.usable, rng)
    sounds = [one for draft in drafts for one in ears.of(draft)]
    for name in pools.keys() - {one.candidate.system for one in sounds}:
        raise UsageError(f"no sound of {name!r} can be used{_why(ears.skipped)}", "sounds")
    seconds = longest_s(sounds, wish.seconds)
    return [Page("", (Stimulus(one, cut_alone(one, seconds, rng), ()),)) for one in sounds]


def _together(
    wish: Wish, pools: Mapping[str, Sequence[Candidate]], ears: Ears, rng: np.random.Generator
) -> tuple[list[Page], list[Skipped]]:
    systems = [name for name in pools if name != ORIGINAL]
    pairs = paired(pools.get(ORIGINAL, ()), {name: pools[name] for name in systems})
    drafts = drafting.together(wish.kind, pairs.groups, systems, wish.items, ears.usable, rng)
    pages, skipped = [], list(pairs.skipped)
    for draft in drafts:
        group = ears.of(draft)
        cut = cut_together(group, wish.seconds, rng)
        if cut is None:
            path = group[-1].candidate.path
            skipped.append(Skipped(path, "has no moment in common with its original", "unpaired"))
        else:
            pages.append(Page(draft.group, tuple(Stimulus(one, cut, ()) for one in group)))
    if not pages:
        raise UsageError(
            f"nothing to set side by side{_why((*skipped, *ears.skipped))}",
            "versions that share their original's name, or renders whose sidecars name it"
            + (", of every system" if wish.kind.name == "mushra" else ""),
        )
    return pages, skipped


def _why(reasons: Sequence[Skipped]) -> str:
    return f" ({reasons[0].path.name}: {reasons[0].reason})" if reasons else ""


def secret_of(wish: Wish, pages: Sequence[Page]) -> str:
    """Gives what names are made of: nobody without the files themselves can work them out.

    Args:
        wish: What a person wants.
        pages: The pages.

    Returns:
        64 hexadecimal digits, the same for the same files, kind and seed.
    """
    sounds = sorted(one.heard.content for page in pages for one in page.all)
    told = "\n".join([wish.kind.name, str(wish.seed), *sounds])
    return hashlib.sha256(told.encode()).hexdigest()


def _name_of(secret: str, *parts: object) -> str:
    return hashlib.sha256("|".join([secret, *map(str, parts)]).encode()).hexdigest()[:32]


def named(pages: Sequence[Page], secret: str, kind: Kind) -> list[Page]:
    """Gives each sound of each page a name; what may be X in ABX gets a second one.

    Args:
        pages: The pages.
        secret: What names are made of.
        kind: The kind of test.

    Returns:
        The pages, the sounds of each in the order of their names, so that no place tells a source.
    """
    ways = ("", "twin") if kind.name == "abx" else ("",)

    def name(page: Page, number: int) -> Page:
        sounds = [
            replace(one, names=tuple(_name_of(secret, number, place, way) for way in ways))
            for place, one in enumerate(page.sounds)
        ]
        sounds.sort(key=lambda one: one.names)
        reference = page.reference
        if reference is not None:
            reference = replace(reference, names=(_name_of(secret, number, "reference"),))
        return replace(page, sounds=tuple(sounds), reference=reference)

    return [name(page, number) for number, page in enumerate(pages)]


def described(wish: Wish, pages: Sequence[Page], secret: str, *, lufs: float) -> Description:
    """Writes down what listeners may know of a test.

    Args:
        wish: What a person wants.
        pages: The pages, with names.
        secret: What names are made of.
        lufs: Loudness of all sounds, in LUFS.

    Returns:
        The description; its pages in an order that says nothing.
    """
    trials = [
        Trial(
            id=_name_of(secret, "page", number, repeat),
            sounds=tuple(one.names[0] for one in page.sounds),
            twins=tuple(one.names[1] for one in page.sounds if len(one.names) > 1),
            reference=page.reference.names[0] if page.reference else "",
        )
        for number, page in enumerate(pages)
        for repeat in range(wish.repeats)
    ]
    return Description(
        format_version=FORMAT_VERSION,
        id=_name_of(secret, "test"),
        kind=wish.kind.name,
        title=wish.title,
        per_listener=min(len(trials), wish.per_listener or len(trials)),
        longest_s=round(max(one.cut.duration_s for page in pages for one in page.all), 3),
        loudness_lufs=round(lufs, 2),
        trials=tuple(sorted(trials, key=lambda trial: trial.id)),
    )


def sources(pages: Sequence[Page]) -> dict[str, Source]:
    """Writes down which sound is what.

    Args:
        pages: The pages, with names.

    Returns:
        Sound's name to what it is, in the order of names.
    """
    found = {
        name: _source(one, page.group) for page in pages for one in page.all for name in one.names
    }
    return dict(sorted(found.items()))


def _source(one: Stimulus, group: str) -> Source:
    system = one.heard.candidate.system
    if one.anchor_hz:
        anchor = f"anchor {one.anchor_hz / 1000:g} kHz"
        return Source(system=anchor, role="anchor", name=file_name(one), group=group)
    role = "original" if one.is_original else "system"
    return Source.model_validate(
        {"system": system, "role": role, "name": file_name(one), "group": group}
    )


def file_name(one: Stimulus) -> str:
    """Gives the name of the file that a sound comes from, as text whatever it holds.

    Args:
        one: A sound.

    Returns:
        The name, without its folder.
    """
    return one.heard.candidate.path.name.encode("utf-8", "backslashreplace").decode()
