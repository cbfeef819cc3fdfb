"""Morph trials: a few pairs of held-out sounds, morphed, judged, and kept to see and hear."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from torch.nn.functional import pad

from timbrel.errors import TimbrelError
from timbrel.evaluation.choosing import unlike_pairs
from timbrel.evaluation.examples import Example
from timbrel.evaluation.features import train_features
from timbrel.evaluation.hearing import Heard, Hearing
from timbrel.evaluation.material import Entry
from timbrel.evaluation.morph_table import Morphs, morphs_of
from timbrel.evaluation.morphs import WEIGHTS, Judged, Listener, Series, crossfade, judged
from timbrel.evaluation.results import Skipped
from timbrel.evaluation.sketches import sketch
from timbrel.progress import Tracker
from timbrel.signal.files import Sound
from timbrel.signal.levels import to_mono

PARTS = {0.25: "¼", 0.5: "½", 0.75: "¾"}


@dataclass
class MorphTrials:
    """What was morphed and judged so far.

    Attributes:
        judged: What was measured of each morph.
        crossfaded: The same of the crossfade of each pair.
        examples: The first pairs, to see and hear.
    """

    judged: list[Judged] = field(default_factory=list)
    crossfaded: list[Judged] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)


def judged_morphs(
    hearing: Hearing, entries: Sequence[Entry], learned: Heard
) -> tuple[Morphs | None, tuple[Example, ...]]:
    """Judges morphs between held-out sounds of different labels.

    Args:
        hearing: The material, how much of it, and where to note what cannot be judged.
        entries: The held-out sounds.
        learned: Training sounds, for the listener.

    Returns:
        The table, None where nothing could be morphed; and the first pairs to see and hear.
    """
    morph, choice = hearing.material.morph, hearing.choice
    pairs = unlike_pairs([one.label for one in entries], choice.morphs, choice.seed)
    if morph is None or not pairs:
        return None, ()
    listener = listener_of(learned, seed=choice.seed)
    trials = MorphTrials()
    tracker = Tracker("morphing held-out sounds", len(pairs), hearing.report)
    for first, second in pairs:
        tracker.advance()
        _try(hearing, (entries[first], entries[second]), listener, trials)
    if not trials.judged:
        return None, ()
    table = morphs_of(trials.judged, trials.crossfaded, weights=WEIGHTS, seed=choice.seed)
    return table, tuple(trials.examples)


def listener_of(learned: Heard, *, seed: int) -> Listener | None:
    """Trains a classifier on real sounds, to be asked where a sound lies between others.

    Args:
        learned: Training sounds with their labels.
        seed: Seed of its training.

    Returns:
        Sound -> its features; None where there are fewer than two labels.
    """
    if len({label for label in learned.labels if label}) < 2:
        return None
    known = train_features(learned.table, learned.labels, seed=seed)
    return lambda sound: known.of(sketch(sound)[None])[0].astype("float64")


def _try(
    hearing: Hearing, pair: tuple[Entry, Entry], listener: Listener | None, trials: MorphTrials
) -> None:
    first, second = pair
    title = f"{first.name} to {second.name}"
    morph = hearing.material.morph
    assert morph is not None  # noqa: S101 - asked before
    try:
        ends = hearing.material.read(first.id), hearing.material.read(second.id)
        made = series_of(title, morph(*ends), ends)
        found = judged(made, listener), judged(crossfade(made), listener)
    except TimbrelError as error:
        hearing.skipped.append(Skipped(title, str(error)))
        return
    trials.judged.append(found[0])
    trials.crossfaded.append(found[1])
    if len(trials.examples) < hearing.choice.morph_examples:
        labels = " to ".join(dict.fromkeys(one.label for one in pair if one.label))
        trials.examples.append(morph_example(made, ends, labels))


def series_of(
    title: str, sounds: Sequence[Sound], originals: tuple[Sound, Sound] | None = None
) -> Series:
    """Makes a series of what an instrument played.

    Args:
        title: Of what.
        sounds: The morph at `WEIGHTS`, all of one rate; the shorter ones end in silence.
        originals: The two sounds that its ends are reconstructions of.

    Returns:
        The series.
    """
    longest = max(sound.samples.shape[1] for sound in sounds)
    mono = (to_mono(sound.samples)[0] for sound in sounds)
    fitted = tuple(pad(one, (0, longest - len(one))) for one in mono)
    return Series(title, fitted, sounds[0].sample_rate, originals=originals)


def morph_example(made: Series, ends: Sequence[Sound], label: str) -> Example:
    """Shows a morph in a row, and beneath it the originals with the crossfade between them.

    Args:
        made: The morph.
        ends: The two original sounds.
        label: Both labels.

    Returns:
        The example: as many sounds as two rows of five hold.
    """
    rate, faded = made.sample_rate, crossfade(made)
    sounds: dict[str, Sound] = {"first, reconstructed": Sound(made.sounds[0][None], rate)}
    for weight, sound in list(zip(made.weights, made.sounds, strict=True))[1:-1]:
        sounds[f"morph, {PARTS.get(weight, weight)}"] = Sound(sound[None], rate)
    sounds["second, reconstructed"] = Sound(made.sounds[-1][None], rate)
    sounds["first, original"] = ends[0]
    for weight, sound in list(zip(faded.weights, faded.sounds, strict=True))[1:-1]:
        sounds[f"crossfade, {PARTS.get(weight, weight)}"] = Sound(sound[None], rate)
    sounds["second, original"] = ends[1]
    return Example(made.title, label, sounds)
