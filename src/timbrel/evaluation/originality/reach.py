"""Reach: up to which frequency an output sounds where its recording does.

Copies are looked for in shapes of all bands at once. An output that lacks the upper ones, such as
that of a network whose training ended at a low rate, is unlike the recording there, and what it
copies below is not found. So its reach is told beside.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from timbrel.evaluation.originality.moments import LOW_HZ, SAMPLE_RATE, monaural, top_hz
from timbrel.signal.files import Sound
from timbrel.signal.mel import MelBands, filterbank
from timbrel.signal.stft import FrameSpec, stft
from timbrel.signal.units import hz_to_mel, mel_to_hz

BANDS = 48
LACKING_DB = 30.0  # below the recording's level, a band is not there
FAINT_DB = 60.0  # below its loudest band, one of the recording does not count
_FRAMES = FrameSpec(1024, 512)
_TINY = 1e-12


def bands_db(sounds: Sequence[Sound], *, sample_rate: int) -> Tensor:
    """Measures the mean levels of bands.

    Args:
        sounds: One sound or a few, half a second or longer.
        sample_rate: The lowest rate of all sounds that are compared, in Hz.

    Returns:
        Levels in dB, beside the sound's own mean power, [48].
    """
    heard = torch.cat([monaural(one) for one in sounds])
    heard = heard / heard.square().mean().sqrt().clamp(min=1e-9)
    bands = MelBands(SAMPLE_RATE, _FRAMES.n_fft, BANDS, LOW_HZ, top_hz(sample_rate))
    power = stft(heard[None], _FRAMES)[0].abs().square().mean(1)
    return 10 * torch.log10((filterbank(bands) @ power).clamp(min=_TINY))


def reached_hz(output_db: Tensor, recording_db: Tensor, *, sample_rate: int) -> tuple[float, float]:
    """Says up to which frequencies an output and its recording sound.

    Args:
        output_db: The output's band levels, [48].
        recording_db: The recording's.
        sample_rate: The lowest rate of all sounds that are compared, in Hz.

    Returns:
        The upper edge of the highest band in which the output is less than 30 dB below its
        recording, and that of the recording's own highest, in Hz; 0 where there is none.

    Example:
        >>> level = torch.zeros(48)
        >>> dull = torch.where(torch.arange(48) < 24, level, level - 80)
        >>> [round(one) for one in reached_hz(dull, level, sample_rate=16_000)]
        [1677, 7200]
    """
    heard = recording_db > recording_db.max() - FAINT_DB
    there = heard & (output_db > recording_db - LACKING_DB)
    low, high = hz_to_mel(LOW_HZ), hz_to_mel(top_hz(sample_rate))
    found = []
    for bands in (there, heard):
        last = int(bands.nonzero().max()) + 1 if bool(bands.any()) else 0
        found.append(mel_to_hz(low + (high - low) * (last + 1) / (BANDS + 1)) if last else 0.0)
    return found[0], min(found[1], top_hz(sample_rate))
