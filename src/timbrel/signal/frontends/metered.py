"""Metered: a log-magnitude spectrogram, and below it the beat of each frame."""

import math
from typing import ClassVar, Literal

import torch
from pydantic import model_validator
from torch import Tensor

from timbrel.recipes import option
from timbrel.signal.bars import GROUP_BEATS, first_of_group
from timbrel.signal.frontends import FrontEnd, _codes
from timbrel.signal.frontends.log_magnitude import LogMagnitude
from timbrel.signal.phase import GivesPhase
from timbrel.signal.stft import FrameSpec
from timbrel.signal.tempo import track_beats
from timbrel.signal.windows import Window

UNKNOWN_BPM = 120.0  # where no beat is found; its clarity is 0 then


class Metered(FrontEnd):
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
    spectral: ClassVar[bool] = True
    source: ClassVar[str] = "Allen & Rabiner 1977; Ellis 2007"
    side_rows: ClassVar[int] = 3

    name: Literal["metered"] = option("metered", "Which front end.")
    n_fft: int = option(2048, "Length of the window.", unit="samples", low=16, high=65536)
    hop_samples: int = option(512, "Distance between frames.", unit="samples", low=1)
    window: Window = option("hann", "Shape of the window: hann or gaussian.")
    range_db: float = option(
        80.0, "How far below its maximum a sound is seen.", unit="dB", low=1, high=200
    )
    gate_db: float = option(
        1.0, "What is up to this far above the floor is silent.", unit="dB", low=0, high=40
    )

    @model_validator(mode="after")
    def _fits(self) -> "Metered":
        FrameSpec(self.n_fft, self.hop_samples, self.window)
        return self

    @property
    def frames(self) -> FrameSpec:
        """How sounds are framed."""
        return FrameSpec(self.n_fft, self.hop_samples, self.window)

    @property
    def _magnitudes(self) -> LogMagnitude:
        return LogMagnitude(**self.model_dump(exclude={"name"}))

    def code_shape(self, length_samples: int) -> tuple[int, int]:
        """See `FrontEnd.code_shape`."""
        return self.frames.bins + self.side_rows, self.frames.frame_count(length_samples)

    def encode(self, sound: Tensor, *, sample_rate: int) -> tuple[Tensor, Tensor]:
        """See `FrontEnd.encode`."""
        code, reference = self._magnitudes.encode(sound, sample_rate=sample_rate)
        frame_s = self.hop_samples / sample_rate
        rows = [
            _beat_rows(one, level, sample_rate, frame_s)
            for one, level in zip(sound, code, strict=True)
        ]
        heard = code.amax(dim=1, keepdim=True) > 0
        told = torch.stack(rows).to(code) if rows else code.new_zeros(0, 3, code.shape[2])
        return torch.cat([code, told * heard], dim=1), reference

    def decode(
        self,
        code: Tensor,
        reference: Tensor,
        *,
        sample_rate: int,
        length_samples: int,
        phase: GivesPhase,
        seed: int,
    ) -> Tensor:
        """See `FrontEnd.decode`; the rows of the beat are not heard."""
        _codes.check_code(code, self.code_shape(length_samples), length_samples)
        return self._magnitudes.decode(
            code[:, : self.frames.bins],
            reference,
            sample_rate=sample_rate,
            length_samples=length_samples,
            phase=phase,
            seed=seed,
        )


def _beat_rows(sound: Tensor, level: Tensor, sample_rate: int, frame_s: float) -> Tensor:
    """The three rows of one sound, [3, N]."""
    found = track_beats(sound.cpu(), sample_rate)
    known = math.isfinite(found.tempo_bpm)
    beat_s = 60.0 / (found.tempo_bpm if known else UNKNOWN_BPM)
    times_s = torch.arange(level.shape[1], dtype=torch.float64) * frame_s
    beats = (times_s - found.first_s) / beat_s + GROUP_BEATS  # a beat may fall before the sound
    place = (beats - first_of_group(level.cpu(), beats)) % GROUP_BEATS
    clarity = torch.full_like(place, found.clarity if known else 0.0)
    return torch.stack([place.floor() / GROUP_BEATS, place % 1.0, clarity]).float()


FRONT_END = Metered
