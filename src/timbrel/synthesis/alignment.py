"""Alignment in time: onset on onset, attack on attack, end on end, and nothing cut.

Each sound has three landmarks: its onset, the peak of its attack, its end. A morph has its own
between them, and every sound is stretched piece by piece until its landmarks lie there::

    one sound    . . o P - - - - e . . . .
    another      . . . . . o - - P - - - e
    half-way     . . . . o - P - - - e . .
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from timbrel.synthesis.mixtures import Mixture

ONSET_DB = 30.0  # below the maximum: where a sound begins
ATTACK_DB = 3.0  # below the maximum: where its attack is over, but for the rest of its rise
END_DB = 60.0  # below the maximum: where it ends
_GAP_FRAMES = 1e-3  # that landmarks are apart at least


@dataclass(frozen=True)
class Landmarks:
    """Three moments of a sound, in frames.

    Attributes:
        onset: Its first frame within 30 dB of its loudest.
        peak: The peak of its attack: where it first comes within 3 dB of its loudest frame, and
            then rises no more.
        end: Its last frame within 60 dB of its loudest.
    """

    onset: float
    peak: float
    end: float

    def share(self, frames: Tensor) -> Tensor:
        """Says where frames lie between onset and end.

        Args:
            frames: Frame numbers, [N].

        Returns:
            0 (onset or before) to 1 (end or after), [N].

        Example:
            >>> Landmarks(2, 3, 6).share(torch.tensor([0.0, 4.0, 9.0]))
            tensor([0.0000, 0.5000, 1.0000])
        """
        return ((frames - self.onset) / max(self.end - self.onset, _GAP_FRAMES)).clamp(0, 1)


def landmarks(energy: Tensor) -> Landmarks:
    """Finds the landmarks of a sound.

    Args:
        energy: The energy of each frame, linear, [N].

    Returns:
        Its onset, attack and end; of silence the first and the last frame.

    Example:
        >>> landmarks(torch.tensor([0.0, 0.1, 0.4, 1.0, 0.1, 1e-5, 1e-8]))
        Landmarks(onset=1, peak=3, end=5)
    """
    loudest = float(energy.max())
    if not loudest > 0:
        return Landmarks(0, 0, len(energy) - 1)
    onset = _first(energy >= loudest * 10 ** (-ONSET_DB / 10))
    peak = _first(energy >= loudest * 10 ** (-ATTACK_DB / 10))
    while peak + 1 < len(energy) and energy[peak + 1] > energy[peak]:
        peak += 1
    end = len(energy) - 1 - _first((energy >= loudest * 10 ** (-END_DB / 10)).flip(0))
    return Landmarks(onset, peak, end)


def meeting(marks: Sequence[Landmarks], mixture: Mixture, count: int) -> Landmarks:
    """Finds the landmarks of a mixture: the weighted means of the sounds'.

    Along a path in time the onset is that of its beginning, and attack and end follow it as its
    weights there say.

    Args:
        marks: The landmarks of the sounds.
        mixture: How much of each sound is in it.
        count: How many frames N there are; the landmarks lie within them.

    Returns:
        The landmarks, in ascending order.
    """
    attack = [float(one.share(torch.tensor([one.peak]))) for one in marks]
    begin, middle, last = mixture.at(torch.tensor([0.0, sum(attack) / len(attack), 1.0])).T.tolist()
    onset = _mean(begin, [one.onset for one in marks])
    peak = onset + _mean(middle, [one.peak - one.onset for one in marks])
    end = onset + _mean(last, [one.end - one.onset for one in marks])
    onset = min(max(onset, 0.0), count - 1.0)
    end = min(max(end, onset), count - 1.0)
    return Landmarks(onset, min(max(peak, onset), end), end)


def positions(source: Landmarks, target: Landmarks, count: int) -> Tensor:
    """Says which frame of a sound each frame of a morph takes.

    Args:
        source: The sound's landmarks.
        target: The morph's.
        count: How many frames N both have.

    Returns:
        Frame numbers with fractions, [N]; below 0 and above N - 1 is silence.

    Example:
        >>> positions(Landmarks(0, 1, 4), Landmarks(1, 2, 4), 6)
        tensor([-1.0000,  0.0000,  1.0000,  2.5000,  4.0000,  5.0000])
    """
    wanted, found = [target.onset, target.peak, target.end], [source.onset, source.peak, source.end]
    last = count - 1.0
    # before the onset and after the end: as much silence as there is, or as is missing
    before = (0.0, 0.0) if source.onset > 0 and target.onset > 0 else (wanted[0] - 1, found[0] - 1)
    after = (last, last) if max(source.end, target.end) < last else (wanted[2] + 1, found[2] + 1)
    wanted, found = [before[0], *wanted, after[0]], [before[1], *found, after[1]]
    # a sound without an attack has two landmarks in one frame; the morph's must still ascend
    ascending = np.maximum.accumulate(np.array(wanted)) + _GAP_FRAMES * np.arange(-1, 4) / 3
    frames = np.arange(count, dtype=np.float64)
    at = np.interp(frames, ascending, found)
    at = np.where(frames < ascending[0], found[0] + (frames - ascending[0]), at)
    at = np.where(frames > ascending[-1], found[-1] + (frames - ascending[-1]), at)
    return torch.from_numpy(at.round(2)).float()


def moved(code: Tensor, at: Tensor, *, side_rows: int = 0) -> Tensor:
    """Takes the frames of a code at other places, in dB between two where need be.

    Args:
        code: A spectral code, 0 being silence, [F, N].
        at: Which frame each new frame takes, as `positions` gives them, [N'].
        side_rows: How many of the last rows are no magnitudes; those are taken from the nearest
            frame.

    Returns:
        The code, [F, N'].

    Example:
        >>> moved(torch.tensor([[0.2, 0.6, 1.0]]), torch.tensor([-1.0, 0.5, 2.0]))
        tensor([[0.0000, 0.4000, 1.0000]])
    """
    count = code.shape[1]
    silenced = pad(code, (1, 1))
    place = (at + 1).clamp(0, count + 1).to(code.device)
    low = place.floor().long().clamp(max=count)
    between = torch.lerp(silenced[:, low], silenced[:, low + 1], (place - low).to(code))
    if side_rows:
        between[-side_rows:] = silenced[-side_rows:, place.round().long()]
    return between


def in_seconds(marks: Landmarks, seconds_per_frame: float) -> Landmarks:
    """Gives landmarks in seconds.

    Args:
        marks: Landmarks in frames.
        seconds_per_frame: How long a frame is, in seconds.

    Returns:
        The same in seconds.
    """
    in_s = (round(each * seconds_per_frame, 6) for each in (marks.onset, marks.peak, marks.end))
    return replace(marks, **dict(zip(("onset", "peak", "end"), in_s, strict=True)))


def _first(true: Tensor) -> int:
    return int(true.to(torch.uint8).argmax())


def _mean(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, values, strict=True))
