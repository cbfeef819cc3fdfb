"""What of an instrument is judged: its held-out sounds, and how many it shall generate."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from timbrel.errors import UsageError
from timbrel.evaluation.choosing import Choice, drawn
from timbrel.evaluation.material import Entry, Made
from timbrel.evaluation.requirements import LEAST_S
from timbrel.instruments.instrument import Instrument
from timbrel.library.pieces import place
from timbrel.synthesis.generate import generate

GENERATED_A_LABEL = 16  # at least
GENERATED_LONG = 64  # at most, of long sounds


def entries_of(instrument: Instrument, split: str) -> list[Entry]:
    """Lists the sounds of a split, as an instrument knows them.

    Args:
        instrument: The instrument.
        split: "train", "validation" or "test".

    Returns:
        Its sounds, or pieces of sounds.
    """
    return [Entry(n.id, n.name, n.label) for n in instrument.sounds if n.split == split]


def held_out_of_all(instruments: Sequence[Instrument]) -> dict[str, list[Entry]]:
    """Finds the sounds that none of some instruments learned from or was chosen by.

    Where they learned from pieces of longer sounds, it is these sounds that are held out of all,
    and each instrument has its own pieces of them.

    Args:
        instruments: One or more.

    Returns:
        Instrument to its held-out sounds, the same for all where they learned from whole sounds.

    Raises:
        UsageError: When there is no such sound.
    """
    own = {one.name: entries_of(one, "test") for one in instruments}
    learned = {
        _source(note.id) for one in instruments for note in one.sounds if note.split != "test"
    }
    sources = _shared({_source(entry.id) for entry in entries} for entries in own.values())
    ids = _shared({entry.id for entry in entries} for entries in own.values())
    free = sources - learned
    if not free and not ids:
        raise UsageError(
            "instruments without a held-out sound in common",
            "instruments of one library and one split",
            "train them again on the library as it is now",
        )
    return {
        name: [e for e in entries if (_source(e.id) in free if free else e.id in ids)]
        for name, entries in own.items()
    }


def _source(id_: str) -> str:
    """The sound that a sound is a piece of, or itself."""
    return place(id_)[0]


def _shared(sets: Iterable[set[str]]) -> set[str]:
    return set.intersection(*sets)


def generated_counts(
    instrument: Instrument, held_out: Sequence[Entry], choice: Choice
) -> dict[str, int]:
    """Says how many sounds of each label an instrument shall generate to be judged.

    As many as there are held-out ones of it, so that both can be compared as sets, and at least 16,
    so that how often they are recognised is worth saying; of sounds of four seconds and more, 64
    at most.

    Args:
        instrument: The instrument.
        held_out: The held-out sounds.
        choice: How much is judged: how many held-out sounds, or how many generated of each label.

    Returns:
        Label to count, "" where the instrument knows no labels; nothing where it cannot generate.
    """
    if "generate" not in instrument.abilities:
        return {}
    judged = Counter(entry.label for entry in drawn(held_out, choice.held_out, choice.seed))
    known = instrument.cloud.labels if instrument.cloud.plays else ()
    labels = sorted({label for label in known if label})
    wanted = {k: judged[k] for k in labels} if labels else {"": judged.total()}
    most = GENERATED_LONG if length_s(instrument) >= LEAST_S else choice.held_out
    return {k: choice.per_label or max(min(n, most), GENERATED_A_LABEL) for k, n in wanted.items()}


def generated_sounds(
    instrument: Instrument, counts: Mapping[str, int], seed: int
) -> Iterator[Made]:
    """Makes sounds of each label, as they are asked for.

    Args:
        instrument: The instrument.
        counts: Label to how many, "" for any.
        seed: Seed of the sounds.

    Yields:
        The sounds.
    """
    for label, count in counts.items():
        for render in generate(instrument, count=count, label=label or None, seed=seed):
            yield Made(render.sound, render.name, label)


def length_s(instrument: Instrument) -> float:
    """Tells how long an instrument plays.

    Args:
        instrument: The instrument.

    Returns:
        The length of its sounds in seconds.
    """
    return instrument.length_samples / instrument.sample_rate
