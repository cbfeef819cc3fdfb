"""Instruments of samples: a keyboard of a morph, a keyboard of sounds with pitches, or a kit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from timbrel.errors import SoundFileError, UsageError
from timbrel.exporting.folder import Export
from timbrel.exporting.layout import key_name, kit_keys, spread
from timbrel.exporting.notes import Layer, Pair
from timbrel.exporting.patch import HIGHEST_KEY, LOWEST_KEY, Patch, Region
from timbrel.exporting.samples import Sample, levelled

LONGEST_RELEASE_S = 25.0


@dataclass(frozen=True, eq=False)
class Part:
    """A sample of an instrument.

    Attributes:
        name: What its file is called, without an ending; harmless.
        sample: The sample.
        facts: Where it comes from, plain tables ready for JSON.
    """

    name: str
    sample: Sample
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.name}.wav"


@dataclass(frozen=True)
class Keyboard:
    """What an instrument shall cover.

    Attributes:
        lowest: The lowest key, 0 to 127.
        highest: The highest.
        every: Semitones from one sample to the next, 1 or more.
        layers: Velocity layers at most, 1 or more.
    """

    lowest: int = 36
    highest: int = 84
    every: int = 3
    layers: int = 3

    def keys(self) -> list[int]:
        """Says which keys get a sample of their own.

        Returns:
            Keys, rising.

        Raises:
            UsageError: When a number is out of its range.

        Example:
            >>> Keyboard(60, 67, every=3).keys()
            [60, 63, 66]
        """
        if not LOWEST_KEY <= self.lowest <= self.highest <= HIGHEST_KEY:
            raise UsageError(
                f"the keys {self.lowest} to {self.highest}",
                "--keys LOW-HIGH within 0-127, such as 36-84",
            )
        for option, number in (("--every", self.every), ("--layers", self.layers)):
            if number < 1:
                raise UsageError(f"{option} {number}", f"{option} of 1 or more")
        return list(range(self.lowest, self.highest + 1, self.every))


def keyboard(
    name: str, covered: Keyboard, layers: Sequence[Layer], parts: Mapping[Pair, Part]
) -> Export:
    """Lays the notes of a morph out, layer by layer, all equally loud.

    Args:
        name: What the instrument is called.
        covered: The keys that it shall have.
        layers: Its layers.
        parts: The sample of each pair; a pair without one is left out, its neighbours take over.

    Returns:
        The instrument, without a word about it yet.

    Raises:
        SoundFileError: When a layer has no sample.
    """
    regions: list[Region] = []
    for layer in layers:
        here = [parts[pair] for pair in layer.pairs if pair in parts]
        if not here:
            raise SoundFileError(f"no sound of the instrument {name!r} can be used")
        regions += _regions(here, covered.lowest, covered.highest, layer)
    return _export(Patch(name, tuple(regions)), _level(list(parts.values())))


def pitched(name: str, parts: Sequence[Part]) -> Export:
    """Lays sounds out by their pitches, each reaching halfway to the next, all equally loud.

    Args:
        name: What the instrument is called.
        parts: Samples, each of another key.

    Returns:
        The instrument, an octave beyond its lowest and highest sample.

    Raises:
        UsageError: When two sounds have the same key.
    """
    rising = sorted(parts, key=lambda part: part.sample.key)
    for one, other in pairwise(rising):
        if one.sample.key == other.sample.key:
            raise UsageError(
                f"{one.name} and {other.name} both sound at {key_name(one.sample.key)}",
                "one sound a key",
                "leave one out, or say --layout kit",
            )
    lowest = max(LOWEST_KEY, rising[0].sample.key - 12)
    highest = min(HIGHEST_KEY, rising[-1].sample.key + 12)
    return _export(Patch(name, tuple(_regions(rising, lowest, highest))), _level(rising))


def kit(name: str, parts: Sequence[Part]) -> Export:
    """Gives each sound a key of its own, from C2 up, played as it is and to its end.

    Args:
        name: What the instrument is called.
        parts: The samples; their keys do not count.

    Returns:
        The instrument.

    Raises:
        UsageError: When there are more sounds than keys.
    """
    keys = kit_keys(len(parts))
    placed = [
        replace(part, sample=replace(part.sample, key=key, tune_cents=0, loop=None))
        for key, part in zip(keys, parts, strict=True)
    ]
    regions = [
        Region(part.file, part.sample.sound.samples.shape[1], key, key, key)
        for key, part in zip(keys, placed, strict=True)
    ]
    longest_s = max(part.sample.sound.duration_s for part in placed)
    release_s = round(min(longest_s, LONGEST_RELEASE_S), 2)
    return _export(Patch(name, tuple(regions), max(release_s, 0.01), one_shots=True), placed)


def _regions(
    parts: Sequence[Part], lowest: int, highest: int, layer: Layer | None = None
) -> list[Region]:
    keys = spread([part.sample.key for part in parts], lowest, highest)
    velocities = {} if layer is None else {"softest": layer.softest, "loudest": layer.loudest}
    return [
        Region(
            part.file,
            part.sample.sound.samples.shape[1],
            root=part.sample.key,
            lowest=low,
            highest=high,
            tune_cents=part.sample.tune_cents,
            loop=part.sample.loop,
            **velocities,
        )
        for part, (low, high) in zip(parts, keys, strict=True)
    ]


def _level(parts: Sequence[Part]) -> list[Part]:
    turned = levelled([part.sample for part in parts])
    return [replace(part, sample=sample) for part, sample in zip(parts, turned, strict=True)]


def _export(patch: Patch, parts: Sequence[Part]) -> Export:
    said = [{"file": part.file, **_facts(part.sample), **part.facts} for part in parts]
    sounds = {part.file: part.sample.sound for part in parts}
    return Export(patch, sounds, provenance={"name": patch.name, "samples": said})


def _facts(sample: Sample) -> dict[str, Any]:
    loop = None if sample.loop is None else [sample.loop.start, sample.loop.end]
    return {
        "key": sample.key,
        "tune_cents": sample.tune_cents,
        "has_pitch": sample.has_pitch,
        "loop": loop,
    }
