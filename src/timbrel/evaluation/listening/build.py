"""Building: from folders of sounds to a listening test that serves itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import timbrel
from timbrel import atomic
from timbrel.evaluation.listening import description as documents
from timbrel.evaluation.listening import drafting, paging, preparing
from timbrel.evaluation.listening.bandwidth import ANCHORS_HZ, anchors_for
from timbrel.evaluation.listening.description import (
    FORMAT_VERSION,
    ORIGINAL,
    Description,
    Key,
    Prepared,
)
from timbrel.evaluation.listening.gathering import gathered
from timbrel.evaluation.listening.paging import Ears, Page
from timbrel.evaluation.listening.preparing import Likeness, Stimulus
from timbrel.evaluation.listening.wishes import Wish, checked, checked_folder
from timbrel.library.rows import Skipped
from timbrel.progress import Report, silent

_DULL_HZ = 2000.0
_SOFT_LUFS = -35.0
_APART = 1.15  # how far the bandwidths of systems may differ without a word about it


@dataclass(frozen=True)
class Built:
    """What was built.

    Attributes:
        description: What listeners may know.
        key: What they may not.
        skipped: Sounds that could not be used, each with its reason.
    """

    description: Description
    key: Key
    skipped: tuple[Skipped, ...]


def build(
    folder: Path,
    *,
    originals: Sequence[Path],
    systems: Mapping[str, Path],
    wish: Wish,
    force: bool = False,
    report: Report = silent,
) -> Built:
    """Builds a test: chooses sounds, makes them alike, hides what they are, writes the folder.

    Args:
        folder: Where it shall stand.
        originals: Folders and files of originals.
        systems: System to the folder of what it made.
        wish: What a person wants.
        force: Whether a test that nobody has answered is replaced.
        report: Told how far it is.

    Returns:
        What was built.

    Raises:
        ExistsError: When something stands there.
        UsageError: When there are too few sounds, or an option does not fit.
    """
    place = checked_folder(folder, force=force)
    drafting.check_sources(checked(wish).kind, originals=bool(originals), systems=len(systems))
    pools = {ORIGINAL: gathered(originals, ORIGINAL)} if originals else {}
    pools |= {name: gathered([path], name) for name, path in systems.items()}
    ears = Ears(report)
    pages, unpaired = paging.drawn(wish, pools, ears)
    like, ends = _alike(wish, pages, report)
    notes = [*_count_notes(wish, pages), *_bandwidth_notes(like, ends)]
    if wish.kind.name == "mushra":
        original_hz = like.original_hz or ends[ORIGINAL]
        notes += _anchor_notes(original_hz)
        pages = [_with_anchors(page, anchors_for(original_hz)) for page in pages]
    secret = paging.secret_of(wish, pages)
    pages = paging.named(pages, secret, wish.kind)
    stimuli = [one for page in pages for one in page.all]
    lufs, loudest = preparing.common_lufs(stimuli, like, report=report)
    description = paging.described(wish, pages, secret, lufs=lufs)
    key = Key(
        format_version=FORMAT_VERSION,
        test=description.id,
        sounds=paging.sources(pages),
        prepared=_prepared(wish, like, ends),
        notes=(*notes, *_loudness_notes(lufs, loudest)),
        timbrel_version=timbrel.__version__,
    )
    with atomic.new_folder(place, force=force) as part:
        (part / documents.SOUNDS).mkdir()
        preparing.write(part / documents.SOUNDS, stimuli, like, lufs, report=report)
        documents.write(part, description, key)
    return Built(description, key, (*ears.skipped, *unpaired))


def _alike(wish: Wish, pages: Sequence[Page], report: Report) -> tuple[Likeness, dict[str, float]]:
    """Decides what the sounds get in common, and measures where those of each source end."""
    stimuli = [one for page in pages for one in page.sounds]
    longest_s = max(one.cut.duration_s for one in stimuli)
    like = preparing.likeness(
        [one.heard for one in stimuli], pad_s=0.0 if wish.kind.grouped else longest_s
    )
    ends = preparing.bandwidths(stimuli, like, report=report)
    if wish.bandwidth == "match":
        like = replace(like, original_hz=preparing.matched_hz(ends))
    return like, ends


def _prepared(wish: Wish, like: Likeness, ends: Mapping[str, float]) -> Prepared:
    return Prepared(
        sample_rate=like.sample_rate,
        channels=like.channels,
        bandwidth=wish.bandwidth,
        original_bandwidth_hz=like.original_hz,
        bandwidths_hz={name: round(hz, 1) for name, hz in ends.items()},
        seed=wish.seed,
    )


def _with_anchors(page: Page, cutoffs: Sequence[int]) -> Page:
    original = page.sounds[0]
    anchors = (replace(original, anchor_hz=hz) for hz in cutoffs)
    return replace(page, sounds=(*page.sounds, *anchors), reference=original)


def _count_notes(wish: Wish, pages: Sequence[Page]) -> list[str]:
    if len(pages) >= wish.items:
        return []
    return [f"The test has {len(pages)} items, not {wish.items}: there are no more."]


def _bandwidth_notes(like: Likeness, ends: Mapping[str, float]) -> list[str]:
    made = {name: hz for name, hz in ends.items() if name != ORIGINAL}
    notes = []
    if like.original_hz is not None:
        notes.append(
            f"Originals were cut off at {like.original_hz:.0f} Hz, where the others end "
            f"(they reach {ends[ORIGINAL]:.0f} Hz)."
        )
        if like.original_hz < _DULL_HZ:
            notes.append("That is dull: --bandwidth keep leaves originals as they are.")
    if max(made.values()) > _APART * min(made.values()):
        told = ", ".join(f"{name} {hz:.0f} Hz" for name, hz in made.items())
        notes.append(f"Systems end at different frequencies, which can be heard: {told}.")
    return notes


def _anchor_notes(original_hz: float) -> list[str]:
    return [
        f"There is no anchor of {hz / 1000:g} kHz: the originals end at {original_hz:.0f} Hz."
        for hz in ANCHORS_HZ
        if hz not in anchors_for(original_hz)
    ]


def _loudness_notes(lufs: float, loudest: Stimulus) -> list[str]:
    if lufs > _SOFT_LUFS:
        return []
    name = paging.file_name(loudest)
    return [f"All sounds stand at {lufs:.1f} LUFS, which is soft: {name} would clip above."]
