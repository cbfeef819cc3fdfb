"""Units of hearing: decibels, semitones, cents and mel, each with its way back.

Every function takes a float or a tensor and gives back the same kind, element by element.
"""

import math
from typing import TypeVar

import torch
from torch import Tensor

Value = TypeVar("Value", float, Tensor)

A4_HZ = 440.0
A4_SEMITONES = 69.0

# Slaney's mel: a straight line up to 1000 Hz (15 mel), then 27 steps for each factor of 6.4.
_MEL_PER_HZ = 3.0 / 200.0
_CORNER_HZ = 1000.0
_CORNER_MEL = _CORNER_HZ * _MEL_PER_HZ
_LOG_STEP = math.log(6.4) / 27.0


def _exp(value: Value) -> Value:
    return value.exp() if isinstance(value, Tensor) else math.exp(value)


def _log(value: Value) -> Value:
    if isinstance(value, Tensor):
        return value.log()
    return math.log(value) if value > 0 else (-math.inf if value == 0 else math.nan)


def db_to_amplitude(level_db: Value) -> Value:
    """Turns a level into a linear amplitude, where 0 dB is 1.

    Args:
        level_db: A level in dB; -inf is silence.

    Returns:
        The amplitude, of the same shape.

    Example:
        >>> round(db_to_amplitude(-6.0), 4)
        0.5012
    """
    return _exp(level_db * (math.log(10.0) / 20.0))


def amplitude_to_db(amplitude: Value, floor_db: float = -math.inf) -> Value:
    """Turns a linear amplitude into a level, never below a floor.

    Args:
        amplitude: An amplitude; its sign is ignored.
        floor_db: The lowest level given, in dB; -inf leaves silence at -inf.

    Returns:
        The level in dB, of the same shape; NaN stays NaN.

    Example:
        >>> round(amplitude_to_db(0.5), 2), amplitude_to_db(0.0, floor_db=-80.0)
        (-6.02, -80.0)
    """
    level_db = _log(abs(amplitude)) * (20.0 / math.log(10.0))
    if isinstance(level_db, Tensor):
        return level_db.clamp_min(floor_db)
    return level_db if math.isnan(level_db) else max(level_db, floor_db)


def semitones_to_hz(pitch_semitones: Value) -> Value:
    """Turns a MIDI pitch into a frequency, equally tempered, A4 = 69 = 440 Hz.

    Args:
        pitch_semitones: A pitch in semitones; fractions are allowed.

    Returns:
        The frequency in Hz, of the same shape.

    Example:
        >>> round(semitones_to_hz(60.0), 3)
        261.626
    """
    return A4_HZ * _exp((pitch_semitones - A4_SEMITONES) * (math.log(2.0) / 12.0))


def hz_to_semitones(frequency_hz: Value) -> Value:
    """Turns a frequency into a MIDI pitch, the inverse of `semitones_to_hz`.

    Args:
        frequency_hz: A frequency in Hz, above 0; 0 gives -inf.

    Returns:
        The pitch in semitones, of the same shape.

    Example:
        >>> round(hz_to_semitones(880.0), 6)
        81.0
    """
    return A4_SEMITONES + _log(frequency_hz / A4_HZ) * (12.0 / math.log(2.0))


def cents(a_hz: Value, b_hz: Value) -> Value:
    """Says how far b lies above a, in hundredths of a semitone.

    Args:
        a_hz: The frequency compared with, in Hz, above 0.
        b_hz: The frequency compared, in Hz, above 0.

    Returns:
        The interval in cents; negative where b is lower.

    Example:
        >>> round(cents(440.0, 441.0), 2)
        3.93
    """
    return _log(b_hz / a_hz) * (1200.0 / math.log(2.0))


def hz_to_mel(frequency_hz: Value) -> Value:
    """Turns a frequency into mel, Slaney's scale: even up to 1 kHz, logarithmic above.

    Args:
        frequency_hz: A frequency in Hz, 0 or above.

    Returns:
        The place on the mel scale, of the same shape.

    Source:
        M. Slaney, Auditory Toolbox, Interval Research 1998-010; librosa's default.

    Example:
        >>> round(hz_to_mel(1000.0), 6)
        15.0
    """
    if isinstance(frequency_hz, Tensor):
        above = _CORNER_MEL + (frequency_hz.clamp_min(_CORNER_HZ) / _CORNER_HZ).log() / _LOG_STEP
        return torch.where(frequency_hz < _CORNER_HZ, frequency_hz * _MEL_PER_HZ, above)
    if frequency_hz < _CORNER_HZ:
        return frequency_hz * _MEL_PER_HZ
    return _CORNER_MEL + math.log(frequency_hz / _CORNER_HZ) / _LOG_STEP


def mel_to_hz(mel: Value) -> Value:
    """Turns mel into a frequency, the inverse of `hz_to_mel`.

    Args:
        mel: A place on Slaney's mel scale, 0 or above.

    Returns:
        The frequency in Hz, of the same shape.

    Example:
        >>> round(mel_to_hz(15.0), 6)
        1000.0
    """
    if isinstance(mel, Tensor):
        above = _CORNER_HZ * ((mel.clamp_min(_CORNER_MEL) - _CORNER_MEL) * _LOG_STEP).exp()
        return torch.where(mel < _CORNER_MEL, mel / _MEL_PER_HZ, above)
    if mel < _CORNER_MEL:
        return mel / _MEL_PER_HZ
    return _CORNER_HZ * math.exp((mel - _CORNER_MEL) * _LOG_STEP)
