"""Metered: a log-magnitude spectrogram, and below it the beat of each frame."""

import math
from typing import ClassVar, Literal

import torch
from torch import Tensor

from timbrel.recipes import option
from timbrel.signal.bars import GROUP_BEATS, first_of_group
from timbrel.signal.frontends._sided import Sided
from timbrel.signal.tempo import track_beats

UNKNOWN_BPM = 120.0  # where no beat is found; its clarity is 0 then


class Metered(Sided):
    """Magnitudes in dB below the maximum, as 0..1, and three rows that tell the beat.

    ::

        rows 0 .. F'-1   magnitudes, as the front end log_magnitude gives them
        row  F'          which beat of a group of sixteen it is, rounded down, over 16
        row  F' + 1      how far that beat has passed, 0 to 1
        row  F' + 2      how clear the beat is, 0 (none) to 1 (a machine's)

    The beat is the steady one that fits the whole sound best. It is told in two rows because codes
    are kept in half precision. Silent frames have no beat.
    """

    title: ClassVar[str] = "log-magnitude spectrogram and beat"
    source: ClassVar[str] = "Allen & Rabiner 1977; Ellis 2007"
    side_rows: ClassVar[int] = 3

    name: Literal["metered"] = option("metered", "Which front end.")

    def rows(self, sound: Tensor, level: Tensor, *, sample_rate: int) -> Tensor:
        """Tells the beat; see the class."""
        found = track_beats(sound.cpu(), sample_rate)
        known = math.isfinite(found.tempo_bpm)
        beat_s = 60.0 / (found.tempo_bpm if known else UNKNOWN_BPM)
        index = torch.arange(level.shape[1], dtype=torch.float64)
        # a beat may fall before the sound
        passed = (index * (self.hop_samples / sample_rate) - found.first_s) / beat_s + GROUP_BEATS
        place = (passed - first_of_group(level.cpu(), passed)) % GROUP_BEATS
        clarity = torch.full_like(place, found.clarity if known else 0.0)
        return torch.stack([place.floor() / GROUP_BEATS, place % 1.0, clarity]).float()


FRONT_END = Metered
