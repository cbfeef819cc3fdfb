"""Judge morphs: how good are the morphs of instruments, on the same pairs of sounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from timbrel.evaluation.morph_trials import series_of
from timbrel.evaluation.morphs import WEIGHTS, Judged, Listener, Series, crossfade, judged
from timbrel.instruments.instrument import Instrument
from timbrel.progress import Report, Tracker, silent
from timbrel.signal.files import Sound
from timbrel.synthesis.morph import morph
from timbrel.synthesis.phases import Phase


@dataclass(frozen=True)
class PairOfSounds:
    """Two sounds to morph between.

    Attributes:
        title: What the pair is called.
        first: Where a morph begins.
        second: Where it ends.
    """

    title: str
    first: Sound
    second: Sound


@dataclass(frozen=True)
class JudgedPair:
    """A pair, morphed by one instrument, and what was measured of it.

    Attributes:
        series: The morph, at weights 0, ¼, ½, ¾ and 1.
        morph: What was measured of it.
        crossfade: The same of the crossfade of its ends.
    """

    series: Series
    morph: Judged
    crossfade: Judged


def played(
    instrument: Instrument,
    first: Sound,
    second: Sound,
    *,
    energy: str | None = None,
    seed: int = 0,
    phase: Phase | None = None,
) -> list[Sound]:
    """Plays the way from one sound to another as it is judged.

    Args:
        instrument: Who plays.
        first: The sound at weight 0.
        second: The sound at weight 1.
        energy: What the energy of each frame is made to be, as `morph` takes it.
        seed: Seed of the phase method.
        phase: The way from magnitudes to a waveform; None takes the instrument's own.

    Returns:
        The morph at weights 0, ¼, ½, ¾ and 1 of the second sound.

    Raises:
        AbilityError: When the instrument cannot morph.
        SoundFileError: When a sound is empty, silent, or holds values that are no numbers.
    """
    steps = len(WEIGHTS)
    renders = morph(instrument, [first, second], steps=steps, energy=energy, seed=seed, phase=phase)
    return [render.sound for render in renders]


def judge_morphs(
    instruments: Mapping[str, Instrument],
    pairs: Sequence[PairOfSounds],
    *,
    listener: Listener | None = None,
    seed: int = 0,
    phase: Phase | None = None,
    report: Report = silent,
) -> dict[str, list[JudgedPair]]:
    """Judges the morphs of instruments on the same pairs.

    Args:
        instruments: Name to instrument.
        pairs: The pairs.
        listener: What an independent classifier makes of a sound; None where there is none.
        seed: Seed of the phase method.
        phase: The way from magnitudes to a waveform; None takes each instrument's own.
        report: Told how far it is.

    Returns:
        Name to what was measured of each pair, in their order.

    Raises:
        AbilityError: When an instrument cannot morph.
        SoundFileError: When a sound cannot be heard.
        UsageError: When an instrument plays a parent as silence.
    """
    tracker = Tracker("morphing", len(instruments) * len(pairs), report)
    found: dict[str, list[JudgedPair]] = {}
    for name, instrument in instruments.items():
        found[name] = []
        for pair in pairs:
            sounds = played(instrument, pair.first, pair.second, seed=seed, phase=phase)
            series = series_of(pair.title, sounds, (pair.first, pair.second))
            found[name].append(judged_pair(series, listener))
            tracker.advance(note=name)
    return found


def judged_pair(series: Series, listener: Listener | None) -> JudgedPair:
    """Judges a morph and the crossfade of its ends.

    Args:
        series: The morph.
        listener: What an independent classifier makes of a sound; None where there is none.

    Returns:
        What was measured of both.
    """
    return JudgedPair(series, judged(series, listener), judged(crossfade(series), listener))
