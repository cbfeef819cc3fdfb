"""What an instrument that learned from a recording makes of it: new pieces, variations, more."""

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from timbrel.blocks.outline import Outline
from timbrel.errors import AbilityError, UsageError
from timbrel.instruments import improvising
from timbrel.instruments.instrument import Instrument
from timbrel.signal.files import Sound
from timbrel.signal.spans import checked_holes
from timbrel.synthesis.heard import Heard, heard, own
from timbrel.synthesis.joining import joined
from timbrel.synthesis.proposals import Proposals
from timbrel.synthesis.renders import Origin, Render, told

SHORTEST_S = 0.05
AMOUNT = 0.5


def generated(
    instrument: Instrument, *, seconds: float | None, proposals: Proposals
) -> Iterator[Render]:
    """Makes new pieces.

    Args:
        instrument: Who plays.
        seconds: How long each is; None makes them as long as the recordings.
        proposals: How many, and of which seed.

    Returns:
        The renders, at the level of the recordings, made as they are asked for.

    Raises:
        AbilityError: When the instrument cannot.
        UsageError: When the length or the count is out of range.
    """
    length = _length(instrument, seconds)
    settings = {} if seconds is None else {"seconds": seconds}
    outline = Outline(improvising.frames_of(instrument, length))

    def made(origin: Origin) -> Render:
        return _played(instrument, outline, origin, length)

    return map(made, list(proposals.origins(instrument, "generate", dict(settings), "")))


def varied(
    instrument: Instrument,
    *,
    amount: float = AMOUNT,
    keep_s: float = 0.0,
    guide: Sound | None = None,
    proposals: Proposals,
) -> Iterator[Render]:
    """Makes variations of the recording, or of another sound: a guide whose structure is followed.

    Args:
        instrument: Who plays.
        amount: How far they depart from it: 0 hardly, 1 wholly.
        keep_s: How much of the recording's beginning stays as it is, in seconds; then comes
            something that the recording does not have, as an extra section.
        guide: Another sound to follow; None varies the recording itself.
        proposals: How many, and of which seed.

    Returns:
        The renders, made as they are asked for.

    Raises:
        AbilityError: When the instrument cannot.
        UsageError: When amount or length are out of range.
        SoundFileError: When the guide cannot be heard.
    """
    if not 0 <= amount <= 1:
        raise UsageError(f"an amount of {amount:g}", "0 (hardly) to 1 (wholly)")
    if guide is not None and keep_s:
        raise UsageError("--keep-start with a guide", "one or the other")
    if keep_s and proposals.phase is not None:
        raise UsageError(
            "--phase with --keep-start",
            "one or the other: phases go on from what is kept",
        )
    source = own(instrument) if guide is None else heard(instrument, guide)
    kept = _beginning(source, keep_s)
    settings: dict[str, object] = {"amount": amount}
    settings |= {"keep_s": keep_s} if keep_s else {}
    settings |= {} if guide is None else {"guide": guide.source}
    outline = Outline(
        source.code.shape[1],
        source.code,
        amount=amount,
        kept=None if kept is None else source.in_frames(instrument, kept),
        foreign=guide is not None,
    )

    def made(origin: Origin) -> Render:
        if kept is not None:
            return _joined(instrument, outline, origin, source, kept)
        return _played(instrument, outline, origin, source.samples.shape[1], source.gain)

    return map(made, list(proposals.origins(instrument, "vary", settings, source.name)))


def continued(instrument: Instrument, *, seconds: float, proposals: Proposals) -> Iterator[Render]:
    """Goes on where the recording ends.

    Args:
        instrument: Who plays.
        seconds: How long it goes on.
        proposals: How many, and of which seed.

    Returns:
        The renders, each the last recording and what follows it, made as they are asked for.

    Raises:
        AbilityError: When the instrument cannot.
        UsageError: When the length or the count is out of range.
    """
    more = _length(instrument, seconds)
    source = own(instrument, last=True).longer(instrument, more)
    known = torch.ones(source.samples.shape[1])
    known[-more:] = 0
    settings: dict[str, object] = {
        "seconds": seconds,
        "joint_s": (len(known) - more) / instrument.sample_rate,
    }
    origins = list(proposals.origins(instrument, "continue", settings, source.name))
    return _around(instrument, source, known, origins)


def inpainted(
    instrument: Instrument,
    *,
    holes: Sequence[tuple[float, float]],
    sound: Sound | None = None,
    proposals: Proposals,
) -> Iterator[Render]:
    """Fills holes of the recording, or of another sound of its kind.

    Args:
        instrument: Who plays.
        holes: Where each begins and ends, in seconds.
        sound: Another sound with holes; None takes the recording itself.
        proposals: How many, and of which seed.

    Returns:
        The renders: outside of the holes the sound as it is.

    Raises:
        AbilityError: When the instrument cannot, or not in another sound.
        UsageError: When a hole lies outside, or nothing would be left.
        SoundFileError: When the sound cannot be heard.
    """
    if sound is not None and not instrument.front_end.spectral:
        raise AbilityError(
            f"{instrument.name!r} fills holes of its own recording only",
            "an instrument of the recipe single, or the recording that it learned from",
        )
    if sound is None:
        first = improvising.recording_of(instrument).sounds()[0]
        holes = checked_holes(holes, first.shape[1] / instrument.sample_rate)
        source = own(instrument, holes=holes)
    else:
        holes = checked_holes(holes, sound.duration_s)
        source = heard(instrument, sound, holes=holes)
    settings: dict[str, object] = {"holes_s": [list(hole) for hole in holes]}
    known = torch.ones(source.samples.shape[1])
    for begin_s, end_s in holes:
        begin, end = (round(moment * instrument.sample_rate) for moment in (begin_s, end_s))
        known[begin:end] = 0
    origins = list(proposals.origins(instrument, "inpaint", settings, source.name))
    return _around(instrument, source, known, origins)


def _around(
    instrument: Instrument, source: Heard, known: Tensor, origins: Sequence[Origin]
) -> Iterator[Render]:
    """Fills what is not known of a source."""
    outline = Outline(
        source.code.shape[1],
        source.code,
        kept=source.in_frames(instrument, known),
        first_frame=source.first_frame,
    )
    return (_joined(instrument, outline, origin, source, known) for origin in origins)


def _joined(
    instrument: Instrument, outline: Outline, origin: Origin, source: Heard, known: Tensor
) -> Render:
    samples = joined(instrument, outline, source, known, seed=origin.drawn_by)
    return told(instrument, samples, torch.zeros(0), None, origin)


def _played(
    instrument: Instrument, outline: Outline, origin: Origin, length: int, gain: float = 1.0
) -> Render:
    samples = improvising.play(
        instrument,
        outline,
        length_samples=length,
        seed=origin.drawn_by,
        phase=None if origin.phase is None else origin.phase.gives,
    )
    return told(instrument, samples * gain, torch.zeros(0), None, origin)


def _beginning(source: Heard, keep_s: float) -> Tensor | None:
    """Which samples of a source stay: those of its beginning."""
    if not keep_s:
        return None
    length = source.samples.shape[1]
    count = round(keep_s * source.sample_rate) if math.isfinite(keep_s) else 0
    if not 0 < count < length:
        raise UsageError(
            f"{keep_s:g} s of a recording of {length / source.sample_rate:.3g} s",
            "more than 0, and less than all of it",
        )
    kept = torch.zeros(length)
    kept[:count] = 1
    return kept


def _length(instrument: Instrument, seconds: float | None) -> int:
    if seconds is None:
        return improvising.recording_of(instrument).length_samples
    most = improvising.MOST_S
    if not (math.isfinite(seconds) and SHORTEST_S <= seconds <= most):
        raise UsageError(
            f"a piece of {seconds:g} s",
            f"{SHORTEST_S:g} to {most:g} s",
            "an endless one: --endless",
        )
    return round(seconds * instrument.sample_rate)
