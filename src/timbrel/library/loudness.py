"""Loudness of a sound that arrives in pieces, so that an hour of it needs no hour in memory."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from timbrel.library._recursive import filtered

_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_OFFSET_LU = -0.691
_STEPS_A_SECOND = 10  # gating blocks of 400 ms begin every 100 ms
_STEPS_A_BLOCK = 4
_LOWEST_RATE_HZ = 8000  # the filters need room below half the rate
# gain in dB, quality and frequency in Hz, by which the filters of the standard fit every rate
_SHELF = (3.99984385397, 0.7071752369554193, 1681.9744509555319)
_BAND_EXPONENT = 0.499666774155
_LOW_CUT = (0.5003270373253953, 38.13547087613982)  # quality and frequency in Hz
_GAINS = (1.0, 1.0, 1.0, 1.41, 1.41)


@lru_cache(maxsize=16)
def _k_weighting(sample_rate: int) -> NDArray[np.float64]:
    """The two filters of BS.1770 (head, then low cut) as second-order sections, [2, 6]."""
    gain_db, quality, frequency_hz = _SHELF
    k = math.tan(math.pi * frequency_hz / sample_rate)
    high = 10 ** (gain_db / 20)
    band = high**_BAND_EXPONENT * k / quality
    first, *poles = _poles(k, quality)
    zeros = (
        (high + band + k * k) / first,
        2 * (k * k - high) / first,
        (high - band + k * k) / first,
    )
    head = (*zeros, 1.0, *poles)

    quality, frequency_hz = _LOW_CUT
    _, *poles = _poles(math.tan(math.pi * frequency_hz / sample_rate), quality)
    return np.array([head, (1.0, -2.0, 1.0, 1.0, *poles)])


def _poles(k: float, quality: float) -> tuple[float, float, float]:
    """What all coefficients are divided by, and a1 and a2 after that."""
    first = 1 + k / quality + k * k
    return first, 2 * (k * k - 1) / first, (1 - k / quality + k * k) / first


class LoudnessMeter:
    """Measures the integrated loudness of a sound that is given in pieces.

    A sound shorter than one gating block (400 ms) counts as if silence followed it.

    Args:
        sample_rate: Rate in Hz.
        channels: Number of channels, in the order L R C Ls Rs, or L R C LFE Ls Rs where there
            are six (the LFE does not count); more are mixed to one.

    A rate below 8 kHz is raised by repeating samples.

    Source:
        ITU-R BS.1770-4, annex 1; B. De Man, Evaluation of implementations of the EBU R128 loudness
        measurement (AES 145, 2018), as in pyloudnorm.

    Example:
        >>> meter = LoudnessMeter(48000, 1)
        >>> meter.push(np.sin(2 * np.pi * 997 / 48000 * np.arange(48000))[None])
        >>> round(meter.lufs(), 1)
        -3.0
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._repeats = -(-_LOWEST_RATE_HZ // sample_rate)
        self._rate, self._channels = sample_rate * self._repeats, channels
        self._filters = _k_weighting(self._rate)
        self._state = np.zeros((self._heard_channels(), 2, 2))
        self._heard_samples = 0
        self._step_energies: list[float] = []
        self._open_energy = 0.0

    def push(self, samples: NDArray[np.floating]) -> None:
        """Hears the next piece.

        Args:
            samples: The piece, [C, T], any length.
        """
        heard, self._state = filtered(self._filters, self._heard(samples), self._state)
        energies = (np.square(heard) * self._gains()[:, None]).sum(axis=0)
        self._add(energies)

    def _add(self, energies: NDArray[np.float64]) -> None:
        """Sorts weighted squares [T] into steps of 100 ms."""
        first = len(self._step_energies)
        last = (self._heard_samples + len(energies)) * _STEPS_A_SECOND // self._rate
        ends = [self._step_end(step) - self._heard_samples for step in range(first, last + 1)]
        start = 0
        for end in ends:
            if end > len(energies):
                break
            self._step_energies.append(self._open_energy + float(energies[start:end].sum()))
            self._open_energy, start = 0.0, end
        self._open_energy += float(energies[start:].sum())
        self._heard_samples += len(energies)

    def lufs(self) -> float:
        """Gives the loudness of all that was heard.

        Returns:
            Integrated loudness in LUFS; -inf where nothing passes the gate.
        """
        steps = np.array(self._step_energies)
        if len(steps) < _STEPS_A_BLOCK:
            blocks = np.array([steps.sum() + self._open_energy + self._ringing()])
        else:
            blocks = np.convolve(steps, np.ones(_STEPS_A_BLOCK), "valid")
        powers = blocks / (_STEPS_A_BLOCK / _STEPS_A_SECOND * self._rate)
        loud = powers[powers > _power(_ABSOLUTE_GATE_LUFS)]
        if not len(loud):
            return -math.inf
        gate = loud.mean() * 10 ** (_RELATIVE_GATE_LU / 10)
        return float(_OFFSET_LU + 10 * np.log10(loud[loud > gate].mean()))

    def _ringing(self) -> float:
        """The energy that the filters still give in the silence up to the end of one block."""
        missing = _STEPS_A_BLOCK * self._rate // _STEPS_A_SECOND - self._heard_samples
        silence = np.zeros((self._heard_channels(), max(0, missing)))
        rest, _ = filtered(self._filters, silence, self._state)
        return float((np.square(rest) * self._gains()[:, None]).sum())

    def _step_end(self, step: int) -> int:
        return (step + 1) * self._rate // _STEPS_A_SECOND

    def _heard_channels(self) -> int:
        if self._channels == 6:
            return 5
        return self._channels if self._channels <= len(_GAINS) else 1

    def _gains(self) -> NDArray[np.float64]:
        return np.array(_GAINS[: self._heard_channels()])

    def _heard(self, samples: NDArray[np.floating]) -> NDArray[np.float64]:
        if self._channels == 6:
            samples = samples[[0, 1, 2, 4, 5]]
        elif self._channels > len(_GAINS):
            samples = samples.mean(axis=0, keepdims=True)
        samples = samples.repeat(self._repeats, axis=1) if self._repeats > 1 else samples
        return samples.astype(np.float64)


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET_LU) / 10))
