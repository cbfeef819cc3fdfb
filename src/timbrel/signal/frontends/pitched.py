"""Pitched: a log-magnitude spectrogram, and below it the pitch of each frame."""

from typing import ClassVar, Literal

import torch
from pydantic import model_validator
from torch import Tensor
from torch.nn.functional import pad

from timbrel.recipes import option
from timbrel.signal.frontends import FrontEnd, _codes
from timbrel.signal.frontends.log_magnitude import LogMagnitude
from timbrel.signal.phase import GivesPhase
from timbrel.signal.pitch import steady_pitch
from timbrel.signal.stft import FrameSpec
from timbrel.signal.windows import Window


class Pitched(FrontEnd):
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
    spectral: ClassVar[bool] = True
    source: ClassVar[str] = "Allen & Rabiner 1977; de Cheveigné & Kawahara 2002"
    side_rows: ClassVar[int] = 3

    name: Literal["pitched"] = option("pitched", "Which front end.")
    n_fft: int = option(4096, "Length of the window.", unit="samples", low=16, high=65536)
    hop_samples: int = option(512, "Distance between frames.", unit="samples", low=1)
    window: Window = option("gaussian", "Shape of the window: hann or gaussian.")
    range_db: float = option(
        80.0, "How far below its maximum a sound is seen.", unit="dB", low=1, high=200
    )
    gate_db: float = option(
        1.0, "What is up to this far above the floor is silent.", unit="dB", low=0, high=40
    )

    @model_validator(mode="after")
    def _fits(self) -> "Pitched":
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
        hop_s = self.hop_samples / sample_rate
        rows = [_pitch_rows(one, sample_rate, hop_s, code.shape[2]) for one in sound]
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
        """See `FrontEnd.decode`; the rows of the pitch are not heard."""
        _codes.check_code(code, self.code_shape(length_samples), length_samples)
        return self._magnitudes.decode(
            code[:, : self.frames.bins],
            reference,
            sample_rate=sample_rate,
            length_samples=length_samples,
            phase=phase,
            seed=seed,
        )


def _pitch_rows(sound: Tensor, sample_rate: int, hop_s: float, count: int) -> Tensor:
    """The three rows of one sound, [3, N]."""
    semitones, clarity = steady_pitch(sound, sample_rate, hop_s=hop_s, count=count)
    known = semitones.isfinite()
    semitones = torch.where(known, semitones, 0.0).clamp(0, 127.99)
    note = semitones.floor()
    rows = torch.stack([note / 128, semitones - note, clarity])
    return pad(rows, (0, count - rows.shape[1]))


FRONT_END = Pitched
