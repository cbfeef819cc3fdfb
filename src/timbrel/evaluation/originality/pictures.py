"""The pictures of "does it copy?": one of all systems, and three of each system's first output."""

from __future__ import annotations

import math
from collections.abc import Iterator

from timbrel.evaluation.originality.canvas import Picture, shortened
from timbrel.evaluation.originality.judging import Judged, Originality
from timbrel.evaluation.originality.map_pictures import copy_map_picture, part_maps_picture
from timbrel.evaluation.originality.moments import BANDS, LOW_HZ, PARTS, top_hz
from timbrel.evaluation.originality.plot_pictures import novelty_and_likeness
from timbrel.evaluation.originality.sound_pictures import beside_the_recording
from timbrel.evaluation.originality.tables import MONTAGE, PART_NAMES
from timbrel.signal.units import hz_to_mel, mel_to_hz

PLOT_NOTE = (
    "Upwards is new, leftwards is like the recording. A montage is like it and not new, noise is"
    " new and not like it; the star is what the recording's own next passage would be."
)
MAP_NOTE = (
    "Each moment of the output stands over the moment of the recording that it is most like. Lines"
    " are copied runs, upright lines joints; dots are nearest moments that are no copies."
)
ITSELF_NOTE = (
    "Each moment of the recording, and the most like it a second and more away: lines are passages"
    " that repeat."
)
PARTS_NOTE = (
    "The same for four parts of the spectrum alone. Where they are copies of different moments, the"
    " sound is new although none of its parts is."
)
SOUND_NOTE = "Both at one peak and with the same axes, as S2 shows originals and generated sounds."


def pictures(found: Originality) -> dict[str, Picture]:
    """Draws what was found.

    Args:
        found: What was found.

    Returns:
        Name to picture, in the order of the page; names are safe as file names: "plot",
        "map-1", "parts-1", "sound-1" of the first system's first output and so on, "map-montage"
        and "map-itself".
    """
    return dict(_drawn(found))


def _drawn(found: Originality) -> Iterator[tuple[str, Picture]]:
    yield "plot", Picture("New, and like the recording", PLOT_NOTE, novelty_and_likeness(found))
    recording_s = found.reference.original.duration_s
    for number, (name, outputs) in enumerate(found.systems.items(), start=1):
        yield from _of_output(found, number, name, outputs[0])
    yield (
        "map-montage",
        Picture(
            "Cut and pasted: a montage, for comparison", MAP_NOTE,
            copy_map_picture(
                found.montages[0].copies, title=MONTAGE, recording_s=recording_s,
                mixed=found.montages[0].mixing.mixed,
            ),
        ),
    )  # fmt: skip
    yield (
        "map-itself",
        Picture(
            "The recording against itself", ITSELF_NOTE,
            copy_map_picture(
                found.reference.original.itself, title="The recording against itself",
                recording_s=recording_s, across="in the recording, s",
            ),
        ),
    )  # fmt: skip


def _of_output(
    found: Originality, number: int, name: str, one: Judged
) -> Iterator[tuple[str, Picture]]:
    recording_s, title = found.reference.original.duration_s, f"{shortened(name, 33)}, first output"
    yield (
        f"map-{number}",
        Picture(
            f"Cut and pasted? {name}", MAP_NOTE,
            copy_map_picture(
                one.copies, title=title, recording_s=recording_s, mixed=one.mixing.mixed
            ),
        ),
    )  # fmt: skip
    yield (
        f"parts-{number}",
        Picture(
            f"Low and high apart: {name}", PARTS_NOTE,
            part_maps_picture(
                one.parts, one.mixing, title=title, recording_s=recording_s,
                names=part_names(found.reference.original.sample_rate),
            ),
        ),
    )  # fmt: skip
    first = found.reference.recordings[0]
    yield (
        f"sound-{number}",
        Picture(
            f"Beside the recording: {name}", SOUND_NOTE,
            beside_the_recording(first, one.sound, title=title),
        ),
    )  # fmt: skip


def part_names(sample_rate: int) -> tuple[str, ...]:
    """Says what the parts of a sound are.

    Args:
        sample_rate: The lowest rate of all sounds that are compared, in Hz.

    Returns:
        Names with their frequencies, from low to high.

    Example:
        >>> part_names(44_100)[0].splitlines()
        ['lowest', '30–740 Hz']
    """
    low, high = hz_to_mel(LOW_HZ), hz_to_mel(top_hz(sample_rate))
    step = (high - low) / (PARTS * BANDS + 1)
    edges = [LOW_HZ, *(mel_to_hz(low + step * BANDS * part) for part in range(1, PARTS))]
    edges.append(top_hz(sample_rate))
    return tuple(
        f"{name}\n{_round(edges[part])}–{_round(edges[part + 1])} Hz"
        for part, name in enumerate(PART_NAMES)
    )


def _round(hz: float) -> str:
    """Two significant digits, with thousands apart."""
    step = 10 ** max(0, math.floor(math.log10(hz)) - 1)
    return f"{round(hz / step) * step:,.0f}"
