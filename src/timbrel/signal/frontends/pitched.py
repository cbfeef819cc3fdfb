"""Pitched: a log-magnitude spectrogram, and below it the pitch of each frame."""

from typing import ClassVar, Literal

import torch
from torch import Tensor
from torch.nn.functional import pad

from timbrel.recipes import option
from timbrel.signal.frontends._sided import Sided
from timbrel.signal.pitch import steady_pitch
from timbrel.signal.windows import Window


class Pitched(Sided):
    """Magnitudes in dB below the maximum, as 0..1, and three rows that tell the pitch.

    ::

        rows 0 .. F'-1   magnitudes, as the front end log_magnitude gives them
        row  F'          the pitch as a MIDI note, rounded down, over 128; 0 where there is none
        row  F' + 1      what it is above that note, in semitones
        row  F' + 2      how clear it is, 0 (noise) to 1 (a steady tone)

    The pitch is in two rows because codes are kept in half precision, which alone would be off
    by some cents. Silent frames have no pitch.
    """

    title: ClassVar[str] = "log-magnitude spectrogram and pitch"
    source: ClassVar[str] = "Allen & Rabiner 1977; de Cheveigné & Kawahara 2002"
    side_rows: ClassVar[int] = 3

    name: Literal["pitched"] = option("pitched", "Which front end.")
    n_fft: int = option(4096, "Length of the window.", unit="samples", low=16, high=65536)
    window: Window = option("gaussian", "Shape of the window: hann or gaussian.")

    def rows(self, sound: Tensor, level: Tensor, *, sample_rate: int) -> Tensor:
        """Tells the pitch; see the class."""
        hop_s, count = self.hop_samples / sample_rate, level.shape[1]
        semitones, clarity = steady_pitch(sound, sample_rate, hop_s=hop_s, count=count)
        known = semitones.isfinite()
        semitones = torch.where(known, semitones, 0.0).clamp(0, 127.99)
        note = semitones.floor()
        rows = torch.stack([note / 128, semitones - note, clarity])
        return pad(rows, (0, count - rows.shape[1]))


FRONT_END = Pitched
