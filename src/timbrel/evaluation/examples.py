"""Examples: sounds to hear and see on a report's page, side by side."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from timbrel.errors import TimbrelError
from timbrel.evaluation.hearing import Neighbours
from timbrel.evaluation.material import Made
from timbrel.evaluation.reconstruction import Scored, Trial, Version
from timbrel.evaluation.results import Skipped
from timbrel.signal.files import Sound

CAPTIONS: dict[Version, str] = {
    "reconstruction": "reconstruction",
    "round_trip": "front end alone",
    "nearest": "nearest training sound",
}


@dataclass(frozen=True)
class Example:
    """A sound to hear and see on the page, with others beside it.

    Attributes:
        title: What it is.
        label: Its label.
        sounds: Caption to sound, in order.
        note: A line beneath it.
    """

    title: str
    label: str
    sounds: Mapping[str, Sound]
    note: str = ""


def reconstructed_example(judged: Trial, scores: Scored) -> Example:
    """Shows a held-out sound beside its versions.

    Args:
        judged: The sound and its versions.
        scores: Its scores.

    Returns:
        The example.
    """
    distance = {
        version: values["log_spectral_distance"] for version, values in scores.scores.items()
    }
    sounds = {"original": Sound(judged.original[None], judged.sample_rate)} | {
        f"{caption}, {distance[version]:.1f} dB away": Sound(
            judged.versions[version][None], judged.sample_rate
        )
        for version, caption in CAPTIONS.items()
    }
    return Example(
        judged.entry.name,
        judged.entry.label,
        sounds,
        f"{len(judged.original) / judged.sample_rate:.2f} s. Nearest training sound: "
        f"{scores.nearest}",
    )


def generated_examples(
    shown: Sequence[tuple[int, Made]],
    near: Neighbours,
    read: Callable[[str], Sound],
    skipped: list[Skipped],
) -> tuple[Example, ...]:
    """Shows generated sounds, each beside its nearest training sound, label by label.

    Args:
        shown: (number, sound) of those to show.
        near: The nearest training sound of each generated sound.
        read: Reads a training sound by its id.
        skipped: Where to note what cannot be read any more.

    Returns:
        The examples.
    """
    ordered = sorted(shown, key=lambda item: (item[1].label, item[0]))
    return tuple(_beside(made, near, number, read, skipped) for number, made in ordered)


def _beside(
    made: Made,
    near: Neighbours,
    number: int,
    read: Callable[[str], Sound],
    skipped: list[Skipped],
) -> Example:
    """The generated sound is shown even where its neighbour cannot be read any more."""
    nearest, distance_db = near.entries[number], float(near.distances_db[number])
    sounds, note = {"generated": made.sound}, f"Nearest training sound: {nearest.name}"
    try:
        caption = f"nearest training sound, {distance_db:.1f} dB away"
        sounds[caption] = read(nearest.id)
    except TimbrelError as error:
        skipped.append(Skipped(nearest.name, str(error)))
        note += f", {distance_db:.1f} dB away; it cannot be read any more"
    return Example(made.name, made.label, sounds, note)
