"""New pieces of a recording: are they like it, and are they copies of it?"""

from collections.abc import Mapping, Sequence
from typing import Any

from timbrel.evaluation.originality.judging import Originality, originality
from timbrel.evaluation.originality.pictures import pictures
from timbrel.evaluation.originality.words import verdict
from timbrel.experiments._long_form_arms import Arm
from timbrel.experiments._recording_work import REFUSALS, Found, Work, reason
from timbrel.experiments._takes import Take
from timbrel.instruments.instrument import Instrument
from timbrel.progress import Tracker
from timbrel.signal.files import Sound
from timbrel.tasks.judge_originality import LONGEST_S, audible, new_pieces

MONTAGE, ITSELF = "Montage", "The recording itself"
SHOWN_S = 10.0  # of each sound on the page
DRAWN = ("plot", "map", "sound", "map-itself")  # of what evaluation draws


def pieces(work: Work, take: Take) -> Found:
    """Lets all instruments make new pieces of a recording, and judges them beside each other.

    Args:
        work: What is done; what an instrument refuses is noted there.
        take: The recording.

    Returns:
        Numbers of each piece, of montages and of the recording itself; what to say, see and hear.
    """
    players = work.players(take, "whole")
    if not players:
        return Found({})
    able = "-".join(str(work.arms.index(arm) + 1) for arm in players)
    told = work.memory.recall(f"{take.key}-pieces-{able}", lambda: _figures(work, take, players))
    for name, why in told["failed"].items():
        work.failed[f"{name} (pieces)", take.name] = why
    return Found(told["rows"], told["heard"], told["said"], told["pictures"])


def _figures(work: Work, take: Take, players: Mapping[Arm, Instrument]) -> dict[str, Any]:
    systems, failed = dict[str, list[Sound]](), dict[str, str]()
    for arm, instrument in players.items():
        try:
            systems[arm.title] = _made(work, instrument, take)
        except REFUSALS as error:
            failed[arm.title] = reason(error)
    if not systems:
        return {"rows": {}, "said": [], "pictures": [], "heard": [], "failed": failed}
    request = work.request
    found = originality([audible(take.sound)], systems, seed=request.seed, report=request.report)
    rows = {**found.systems, MONTAGE: found.montages}
    return {
        "rows": {
            **{name: columns([o.numbers for o in outputs]) for name, outputs in rows.items()},
            ITSELF: columns([found.itself]),
        },
        "said": verdict(found),
        "pictures": _drawn(work, take, found),
        "heard": _heard(work, take, found),
        "failed": failed,
    }


def _made(work: Work, instrument: Instrument, take: Take) -> list[Sound]:
    count, seconds = work.options.pieces, min(take.sound.duration_s, LONGEST_S)
    tracker = Tracker("making new pieces", count, work.request.report)
    return new_pieces(instrument, count, seconds=seconds, seed=work.request.seed, tracker=tracker)


def _drawn(work: Work, take: Take, found: Originality) -> list[tuple[str, str]]:
    return [
        (f"{take.name}: {one.caption}", work.shelf.keep_picture(f"{take.key}-{name}", one.png))
        for name, one in pictures(found).items()
        if name in DRAWN or (name[-1].isdigit() and name.split("-")[0] in DRAWN)
    ]


def _heard(work: Work, take: Take, found: Originality) -> list[tuple[str, str]]:
    sounds = {"the recording": take.sound}
    for name, outputs in found.systems.items():
        for number, one in enumerate(outputs[: work.options.heard], start=1):
            sounds[f"{name}, piece {number}"] = one.sound
    sounds[MONTAGE.lower()] = found.montages[0].sound
    return [
        (caption, work.shelf.keep(f"{take.key}-piece-{place}", beginning(sound)))
        for place, (caption, sound) in enumerate(sounds.items())
    ]


def columns(each: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    """Turns numbers of draws into draws of numbers.

    Args:
        each: The numbers of each draw, at least one.

    Returns:
        Number's key to its values.

    Example:
        >>> columns([{"a": 1.0}, {"a": 2.0}])
        {'a': [1.0, 2.0]}
    """
    return {key: [numbers[key] for numbers in each] for key in each[0]}


def beginning(sound: Sound) -> Sound:
    """Cuts a sound to what is heard of it on the page.

    Args:
        sound: Any sound.

    Returns:
        Its first ten seconds.
    """
    return Sound(sound.samples[:, : round(SHOWN_S * sound.sample_rate)], sound.sample_rate)
