"""Judging reconstructions of held-out sounds, one by one and as a set, as S3's table 7.3 does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from timbrel import plugins
from timbrel.errors import LibraryError, TimbrelError, UsageError
from timbrel.evaluation.glimpses import Glimpse, glimpse
from timbrel.evaluation.metrics import SetMetric
from timbrel.evaluation.pairs import load_metrics
from timbrel.evaluation.sound_sets import Known, know
from timbrel.evaluation.statistics import set_interval
from timbrel.instruments.cloud import SoundNote
from timbrel.instruments.instrument import Instrument
from timbrel.progress import Report, Tracker
from timbrel.signal.files import Sound
from timbrel.signal.phase import GivesPhase
from timbrel.tasks.sounds import LibrarySounds
from timbrel.tasks.workspace import Workspace

PAIRS = ("odg", "fingerprint_similarity", "log_spectral_distance")
SETS = ("ndb", "frechet_classifier", "frechet_spectrogram")
AT_ONCE = 16


@dataclass(frozen=True)
class Sounds:
    """Held-out sounds, as an instrument hears them.

    Attributes:
        names: What a person calls them.
        labels: Their labels.
        waveforms: One channel, the instrument's rate and length, [Q, T].
        sample_rate: The rate in Hz.
        ids: What the library knows them by.
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    waveforms: Tensor
    sample_rate: int
    ids: tuple[str, ...] = ()


def held_out(
    workspace: Workspace, instrument: Instrument, *, most: int, seed: int, split: str = "test"
) -> Sounds:
    """Draws sounds of one split, held-out ones as a rule, each label in its share.

    Args:
        workspace: Whose library.
        instrument: Who was trained on it.
        most: How many at most.
        seed: Seed of the drawing.
        split: "train", "validation" or "test".

    Returns:
        The sounds; what cannot be read any more is passed over.

    Raises:
        LibraryError: When none of them can be read.
    """
    notes = _drawn([n for n in instrument.sounds if n.split == split], most, seed)
    read = LibrarySounds(workspace, instrument).read
    kept: list[tuple[SoundNote, Tensor]] = []
    for note in notes:
        try:
            kept.append((note, instrument.fit(read(note.id))[0]))
        except TimbrelError:
            continue
    if not kept:
        raise LibraryError(
            f"no sound of the {split} split can be read", advice="scan the library again"
        )
    return Sounds(
        tuple(note.name for note, _ in kept),
        tuple(note.label for note, _ in kept),
        torch.stack([sound for _, sound in kept]),
        instrument.sample_rate,
        tuple(note.id for note, _ in kept),
    )


def _drawn(notes: Sequence[SoundNote], most: int, seed: int) -> list[SoundNote]:
    """Draws evenly along the sounds in the order of their labels, so that shares are kept."""
    shuffled = [notes[row] for row in np.random.default_rng(seed).permutation(len(notes))]
    ordered = sorted(shuffled, key=lambda note: note.label)
    places = np.linspace(0, len(ordered) - 1, min(most, len(ordered))).round().astype(int)
    return [ordered[place] for place in np.unique(places)]


def reference(
    workspace: Workspace, instrument: Instrument, *, most: int, seed: int, report: Report
) -> Known:
    """Hears training sounds, to compare sets with.

    Args:
        workspace: Whose library.
        instrument: Who was trained on it.
        most: How many training sounds at most.
        seed: Seed of drawing and classifier.
        report: Where progress goes.

    Returns:
        What sets of sounds are compared with.
    """
    notes = _drawn([n for n in instrument.sounds if n.split == "train"], most, seed)
    read = LibrarySounds(workspace, instrument).read
    tracker = Tracker("hearing training sounds", len(notes), report)
    heard: list[tuple[SoundNote, Glimpse]] = []
    for note in notes:
        tracker.advance()
        try:
            sound = instrument.fit(read(note.id))
        except TimbrelError:
            continue
        heard.append((note, glimpse(Sound(sound, instrument.sample_rate))))
    return know([one for _, one in heard], [note.label for note, _ in heard], seed=seed)


def set_figures(sounds: Tensor, rate_hz: int, known: Known, *, seed: int) -> dict[str, Any]:
    """Compares a set of sounds with real ones.

    Args:
        sounds: The sounds, [Q, T].
        rate_hz: Their rate.
        known: The real ones.
        seed: Seed of bins and intervals.

    Returns:
        Name of a set metric to its value and the ends of its 95 % interval; a metric that is
        undefined here is left out.
    """
    made = known.set_of([glimpse(Sound(one[None], rate_hz)) for one in sounds])
    figures = {}
    for name in SETS:
        metric: SetMetric = plugins.load("evaluation.metrics", name)
        try:
            judge = metric.fitted(known.reference, seed)
            found = set_interval(lambda rows: judge(made.take(rows)), len(made), seed=seed)  # noqa: B023 - called at once
        except UsageError:
            continue
        figures[name] = [found.value, found.low, found.high]
    return figures


def pair_figures(of: Sounds, after: Tensor, report: Report) -> dict[str, list[float]]:
    """Compares sounds with what became of them, one by one.

    Args:
        of: The originals.
        after: What became of each, [Q, T].
        report: Where progress goes.

    Returns:
        Name of a metric to its value for each sound; not a number where it is undefined.
    """
    metrics = {name: one for name, one in load_metrics(PAIRS).items() if not one.missing}
    tracker = Tracker("comparing with the originals", len(of.waveforms), report)
    figures: dict[str, list[float]] = {name: [] for name in metrics}
    for one, other in zip(of.waveforms, after, strict=True):
        for name, metric in metrics.items():
            figures[name].append(metric.compute(one, other, of.sample_rate))
        tracker.advance()
    return figures


def reconstructed(instrument: Instrument, of: Sounds, *, seed: int) -> Tensor:
    """Sends sounds through an instrument and back, by the phase method of its recipe.

    Args:
        instrument: The instrument.
        of: The sounds.
        seed: Seed of its phase method.

    Returns:
        What came back, [Q, T].
    """
    parts = []
    for batch in torch.split(of.waveforms, AT_ONCE):
        latent, level = instrument.encode(batch)
        detail, phase = instrument.detail(batch), recipe_phase(instrument)
        parts.append(instrument.decode(latent, level, detail=detail, seed=seed, phase=phase))
    return torch.cat(parts)


def recipe_phase(instrument: Instrument) -> GivesPhase:
    """Gives the phase method that the recipe names, and not the best one for this instrument.

    Args:
        instrument: The instrument.

    Returns:
        The same method for all instruments of a recipe, so that only their networks differ.
    """
    return cast(GivesPhase, instrument.recipe.phase)
