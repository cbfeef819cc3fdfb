"""The sounds of a morph, heard and brought to one time."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from timbrel.instruments.instrument import Instrument
from timbrel.signal.frontends import Framed
from timbrel.synthesis import alignment
from timbrel.synthesis.alignment import Landmarks
from timbrel.synthesis.mixtures import Mixture
from timbrel.synthesis.reconstruct import Heard

_QUIET = 1e-3  # of a waveform's peak: what counts as its end


@dataclass(frozen=True, eq=False)
class Source:
    """One sound of a morph.

    Attributes:
        heard: What the instrument hears.
        marks: Its landmarks.
    """

    heard: Heard
    marks: Landmarks


@dataclass(frozen=True, eq=False)
class Aligned:
    """All sounds of a morph at the times that one mixture has.

    Attributes:
        codes: The codes, [S, F, N].
        shares: Where each frame lies between onset and end, 0 to 1, [N].
        weights: How much of each is in each frame, [S, N].
        used: The sounds that are in it at all.
        frame_samples: How long a frame is, in samples.
        at: Which frame of each sound each frame takes, [S, N]; None where sounds are not moved.
        marks: The landmarks that they meet at; None where sounds are not moved.
    """

    codes: Tensor
    shares: Tensor
    weights: Tensor
    used: list[int]
    frame_samples: float
    at: Tensor | None = None
    marks: Landmarks | None = None


def source(instrument: Instrument, heard: Heard) -> Source:
    """Finds what a morph must know of a sound.

    Args:
        instrument: Who hears.
        heard: What it hears of the sound.

    Returns:
        The same, with its landmarks.
    """
    code = heard.code
    if instrument.front_end.spectral:
        return Source(heard, alignment.landmarks(instrument.energy_of(code[None])[0]))
    loud = (code.abs().amax(dim=0) > _QUIET).nonzero()
    return Source(heard, Landmarks(0, 0, int(loud[-1]) if len(loud) else 0))


def meet(instrument: Instrument, sources: Sequence[Source], mixture: Mixture) -> Aligned:
    """Brings sounds to the times of a mixture of them.

    Args:
        instrument: Who heard them.
        sources: The sounds.
        mixture: How much of each sound is in it.

    Returns:
        The sounds, aligned where their codes are spectral; waveforms stay where they are.
    """
    codes = torch.stack([each.heard.code for each in sources])
    count = codes.shape[2]
    frame_samples = _frame_samples(instrument, count)
    frames = torch.arange(count, dtype=torch.float32)
    if not instrument.front_end.spectral:
        end = max(sources[k].marks.end for k in mixture.used)
        shares = Landmarks(0, 0, end).share(frames)
        return Aligned(codes, shares, mixture.at(shares), list(mixture.used), frame_samples)
    marks = alignment.meeting([each.marks for each in sources], mixture, count)
    at = torch.stack([alignment.positions(each.marks, marks, count) for each in sources])
    moved = [
        alignment.moved(code, places, side_rows=instrument.side_rows)
        for code, places in zip(codes, at, strict=True)
    ]
    shares, codes = marks.share(frames), torch.stack(moved)
    return Aligned(codes, shares, mixture.at(shares), list(mixture.used), frame_samples, at, marks)


def at_places(rows: Tensor, places: Tensor) -> Tensor:
    """Reads rows between their values, straight; beyond their ends the ends hold.

    Args:
        rows: [S, N].
        places: Where to read, in numbers of columns with fractions, [M].

    Returns:
        [S, M].

    Example:
        >>> at_places(torch.tensor([[0.0, 10.0]]), torch.tensor([-1.0, 0.25, 3.0]))
        tensor([[ 0.0000,  2.5000, 10.0000]])
    """
    last = rows.shape[1] - 1
    place = places.clamp(0, last)
    low = place.floor().long().clamp(max=max(last - 1, 0))
    return torch.lerp(rows[:, low], rows[:, (low + 1).clamp(max=last)], place - low)


def _frame_samples(instrument: Instrument, count: int) -> float:
    front_end = instrument.front_end
    if isinstance(front_end, Framed):
        return float(front_end.frames.hop_samples)
    return instrument.length_samples / count
