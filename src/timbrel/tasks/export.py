"""Export: a morph, or renders that are there, as an instrument that a sampler plays."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import timbrel
from timbrel import plugins
from timbrel.errors import SoundFileError, UnknownNameError, UsageError
from timbrel.exporting import build, folder, readme
from timbrel.exporting.build import Keyboard, Part
from timbrel.exporting.folder import Export
from timbrel.exporting.layout import kit_keys
from timbrel.exporting.notes import Layer, Pair, layers, semitones_of
from timbrel.exporting.patch import HIGHEST_KEY, LOWEST_KEY
from timbrel.exporting.samples import Sample, prepared
from timbrel.instruments.instrument import Instrument
from timbrel.library.rows import Skipped, reason_of
from timbrel.progress import Report, Tracker, silent
from timbrel.signal import levels
from timbrel.signal.files import Sound
from timbrel.signal.pitch import pitch_hz
from timbrel.synthesis import morph as synthesis
from timbrel.synthesis import renders
from timbrel.synthesis.phases import Phase
from timbrel.tasks import export_sources, phases, rendering
from timbrel.tasks.instruments import open_named
from timbrel.tasks.workspace import Workspace, open_library

LAYOUTS = ("kit", "keyboard")


@dataclass(frozen=True)
class Exported:
    """What was exported.

    Attributes:
        path: The file that a sampler opens.
        samples: How many samples it has.
        looped: How many of them are looped.
        layers: How many velocity layers it has.
        lowest: Its lowest key, a MIDI note number.
        highest: Its highest key.
        untuned: Files of samples in which no pitch was heard near their key.
        skipped: Sounds that could not be used.
    """

    path: Path
    samples: int
    looped: int
    layers: int
    lowest: int
    highest: int
    untuned: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


@dataclass(frozen=True)
class Morph:
    """Which morph is exported.

    Attributes:
        sides: Two labels or groups of the library with a comma between.
        weight: The share of the second, 0 to 1; down to -1 and up to 2 go beyond.
        seed: Seed of the phase method.
        phase: A phase method, or an instrument that finds phases; None takes the instrument's own.
    """

    sides: str
    weight: float = 0.5
    seed: int = 0
    phase: str | None = None


def morph(  # noqa: PLR0913 - one argument an option of the command
    workspace: Workspace,
    name: str,
    wish: Morph,
    *,
    out: Path,
    format_name: str,
    keyboard: Keyboard,
    device: str = "cpu",
    force: bool = False,
    report: Report = silent,
) -> Exported:
    """Exports the morph of two groups of the library's pitched sounds, key by key.

    Args:
        workspace: The workspace.
        name: The instrument that morphs.
        wish: Which morph.
        out: The folder that the export becomes.
        format_name: A plug-in of `exporting.formats`.
        keyboard: Keys and layers.
        device: Where the network shall live.
        force: Whether an export that stands there is replaced.
        report: Where progress goes.

    Returns:
        What was made.

    Raises:
        UnknownNameError: When there is no such instrument, label, group or format.
        AbilityError: When the instrument cannot morph.
        UsageError: When a number is out of its range, or the two share no part of the keyboard.
        SoundFileError: When no sound can be used, or the export does not read back.
        ExistsError: When something is there that may not be replaced.
    """
    keys = keyboard.keys()
    if not -1 <= wish.weight <= 2:
        raise UsageError(
            f"--weight {wish.weight:g}", "from 0, the first, to 1, the second; beyond them -1 to 2"
        )
    _check_place(out, format_name, force)
    instrument = open_named(workspace, name, device)
    instrument.require("morph")
    first, second = export_sources.two_sides(open_library(workspace), wish.sides)
    chosen = layers(first.notes, second.notes, keys, keyboard.layers)
    player = _Player(instrument, wish, phases.for_new_sounds(workspace, wish.phase, instrument))
    parts, skipped = _parts(player, chosen, report)
    title = renders.safe_name(f"{first.name} {second.name} {100 * wish.weight:g}")
    facts = {
        "instrument": instrument.name,
        "instrument_fingerprint": instrument.fingerprint,
        "morph": [first.name, second.name],
        "weight": wish.weight,
        "seed": wish.seed,
    }
    export = build.keyboard(title, keyboard, chosen, parts)
    return _write(out, export, format_name, facts, force=force, skipped=skipped)


@dataclass(frozen=True)
class _Player:
    """Who plays the notes, and how."""

    instrument: Instrument
    wish: Morph
    phase: Phase | None

    def sample(self, pair: Pair) -> Sample:
        """The morph of two notes at their key."""
        sounds = [
            export_sources.read_at(self.instrument, note, pair.key)
            for note in (pair.first, pair.second)
        ]
        made = renders.trim(self._morphed(sounds)).sound
        if levels.is_silent(made.samples):
            raise SoundFileError(f"the morph of {pair.first.path} and {pair.second.path} is silent")
        return prepared(made, pair.key)

    def _morphed(self, sounds: Sequence[Sound]) -> renders.Render:
        """One sound between two."""
        weights = [(1 - self.wish.weight, self.wish.weight)]
        made = synthesis.morph(
            self.instrument, sounds, weights=weights, seed=self.wish.seed, phase=self.phase
        )
        return next(made)


def _parts(
    player: _Player, chosen: Sequence[Layer], report: Report
) -> tuple[dict[Pair, Part], list[Skipped]]:
    """One sample a pair; pairs with a sound that cannot be used are left out, and told."""
    parts: dict[Pair, Part] = {}
    skipped: dict[Path, Skipped] = {}
    wanted = {pair: number for number, one in reversed([*enumerate(chosen)]) for pair in one.pairs}
    tracker = Tracker("morphing", len(wanted), report)
    for pair, layer in sorted(wanted.items(), key=lambda item: (item[0].key, item[1])):
        try:
            name = f"key-{pair.key:03d}" + (f"-layer-{layer + 1}" if len(chosen) > 1 else "")
            parts[pair] = Part(name, player.sample(pair), _sources(pair, player.wish))
        except SoundFileError as error:
            both = (pair.first, pair.second)
            named = [note for note in both if str(note.path) in error.given] or both
            for note in named:
                reason = reason_of(error, note.path)
                skipped[note.path] = Skipped(note.path, reason, "unreadable")
        tracker.advance()
    return parts, list(skipped.values())


def _sources(pair: Pair, wish: Morph) -> dict[str, Any]:
    notes = [(pair.first, 1 - wish.weight), (pair.second, wish.weight)]
    return {
        "sources": [note.path.name for note, _ in notes],
        "parents": [{"id": note.id, "label": note.label, "weight": share} for note, share in notes],
    }


def sounds(
    given: Path,
    *,
    out: Path,
    format_name: str,
    layout: str | None = None,
    force: bool = False,
    report: Report = silent,
) -> Exported:
    """Exports sounds that are there, such as renders, as a keyboard or a kit.

    Args:
        given: A folder of sounds.
        out: The folder that the export becomes.
        format_name: A plug-in of `exporting.formats`.
        layout: "keyboard" lays them out by their pitches; "kit" gives each a key of its own,
            from C2 up; None takes the keyboard where all have pitches, no two at one key.
        force: Whether an export that stands there is replaced.
        report: Where progress goes.

    Returns:
        What was made.

    Raises:
        UnknownNameError: When there is no such format or layout.
        UsageError: When there is no sound, more than there are keys, or two at one key.
        SoundFileError: When no sound can be used, or the export does not read back.
        ExistsError: When something is there that may not be replaced.
    """
    if layout is not None and layout not in LAYOUTS:
        raise UnknownNameError("layout", layout, LAYOUTS)
    _check_place(out, format_name, force)
    parts, skipped = _read(rendering.named([given]), report)
    title = renders.safe_name(given.expanduser().resolve().name)
    export = _laid_out(title, parts, layout)
    return _write(out, export, format_name, {}, force=force, skipped=skipped)


def _read(paths: Sequence[Path], report: Report) -> tuple[list[Part], list[Skipped]]:
    """Each sound as it is, its key the nearest to its pitch."""
    parts, skipped = list[Part](), list[Skipped]()
    tracker = Tracker("reading sounds", len(paths), report)
    for path in paths:
        if len(parts) > HIGHEST_KEY - LOWEST_KEY:  # refused before thousands are in memory
            kit_keys(len(paths) - len(skipped))
        try:
            sample = _as_it_is(rendering.heard(path))
            parts.append(Part(_free_name(path.stem, parts), sample, {"sources": [path.name]}))
        except SoundFileError as error:
            skipped.append(Skipped(path, reason_of(error, path), "unreadable"))
        tracker.advance(note=path.name)
    if not parts:
        raise SoundFileError(f"none of {len(paths)} sounds can be used", advice=skipped[0].reason)
    return parts, skipped


def _free_name(stem: str, parts: Sequence[Part]) -> str:
    """A harmless name that no other sound has, whatever a system thinks of capitals."""
    taken = {part.name.casefold() for part in parts}
    name, number = renders.safe_name(stem), 2
    while name.casefold() in taken:
        name, number = f"{renders.safe_name(stem)}-{number}", number + 1
    return name


def _as_it_is(sound: Sound) -> Sample:
    hz = pitch_hz(sound.samples, sound.sample_rate)
    key = -1 if math.isnan(hz) else min(max(round(semitones_of(hz)), LOWEST_KEY), HIGHEST_KEY)
    peak_db = levels.peak_db(sound.samples)
    samples = sound.samples / max(1.0, levels.peak(sound.samples))
    return Sample(replace(sound, samples=samples), key, has_pitch=peak_db > -math.inf and key >= 0)


def _laid_out(title: str, parts: Sequence[Part], layout: str | None) -> Export:
    keys = [part.sample.key for part in parts if part.sample.has_pitch]
    whole = len(keys) == len(parts) == len(set(keys))
    if layout == "kit" or (layout is None and not whole):
        return build.kit(title, parts)
    without = [part.name for part in parts if not part.sample.has_pitch]
    if without:
        raise UsageError(
            f"{without[0]} has no clear pitch", "sounds with pitches", "say --layout kit"
        )
    ready = [replace(part, sample=prepared(part.sample.sound, part.sample.key)) for part in parts]
    return build.pitched(title, ready)


def _check_place(out: Path, format_name: str, force: bool) -> None:
    plugins.load("exporting.formats", format_name)
    folder.checked_place(out, force=force)


def _write(
    out: Path,
    export: Export,
    format_name: str,
    facts: Mapping[str, Any],
    *,
    force: bool,
    skipped: list[Skipped],
) -> Exported:
    """Writes an export with all that is known of it."""
    patch = export.patch
    provenance = {"made_by": f"timbrel {timbrel.__version__}", **facts, **export.provenance}
    whole = replace(export, provenance=provenance, about=readme.about(patch, provenance))
    path = folder.write(out, whole, format_name, force=force)
    return Exported(
        path,
        samples=len(export.sounds),
        looped=len({region.sample for region in patch.regions if region.loop}),
        layers=len({region.softest for region in patch.regions}),
        lowest=min(region.lowest for region in patch.regions),
        highest=max(region.highest for region in patch.regions),
        untuned=[one["file"] for one in provenance["samples"] if not one["has_pitch"]],
        skipped=skipped,
    )
