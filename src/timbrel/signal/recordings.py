"""Whether two sounds are one recording: re-encoded, trimmed, at another level or sample rate.

The sounds are laid on each other where their waveforms agree best. Where it is one recording, the
waveforms then agree in every band and the levels at every moment; where a drum was struck twice,
one or the other does not, however alike the strokes sound.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from timbrel.signal.sketches import RATE_HZ, Heard, Samples

FARTHEST_S = 0.2  # shift
SHORTEST_S = 0.2  # of agreement, where only parts of the sounds lie on each other
WHOLE = 0.9  # share of the energy that counts as all of a sound
LEAST_COHERENCE, LEAST_BAND_COHERENCE = 0.93, 0.7
LEAST_NARROW_COHERENCE = 0.985  # of a sound of one band, which says less
MOST_DB, MOST_ENVELOPE_DB = 0.8, 0.65  # where a lossy codec may be between the two
MOST_LOSSLESS_DB = 0.45  # where neither file is of one

_COARSE = 2  # shifts are looked for at half the rate
_FLAT_HZ = 200.0
_UNLIKELY = 0.3  # a correlation below this needs no closer look
_CERTAIN = 0.995
_WINDOW, _HOP = 1024, 256
_BANDS, _LOW_HZ, _HIGH_HZ = 24, 60.0, 15_000.0
_RANGE_DB, _LOUD_DB = 35.0, 30.0
_EVEN = 0.3  # exponent by which loud moments count less than their energy
_MOMENT_FRAMES = 4  # 32 ms
_NARROW = 0.02  # a band with less of the weight has nothing to say


@dataclass(frozen=True)
class Prepared:
    """A sound with what comparisons need of it again and again.

    Attributes:
        heard: The sound.
        plain: The same below 8 kHz, at half the rate.
        flat: The same with an even spectrum, so that all bands count in an alignment.
    """

    heard: Heard
    plain: Samples
    flat: Samples


@dataclass(frozen=True)
class Agreement:
    """How far two sounds, laid on each other, are the same.

    Attributes:
        shift_s: How much later the second begins in the first, in s.
        overlap_s: How long both are there, in s.
        share: The smaller share of a sound's energy that lies in the overlap, 0 to 1.
        coherence: Agreement of the waveforms over all bands, 0 to 1.
        band_coherence: The same in the worst band that counts.
        bands: How many bands count.
        difference_db: Of the levels, root mean square over moments and bands.
        envelope_db: Of the levels of whole moments, the largest.
    """

    shift_s: float
    overlap_s: float
    share: float
    coherence: float
    band_coherence: float
    bands: int
    difference_db: float
    envelope_db: float

    def same_recording(self, *, lossy: bool) -> bool:
        """Says whether that much agreement is found in copies only.

        Args:
            lossy: Whether one of the files is of a lossy format, which may differ more.

        Returns:
            Whether it is one recording.
        """
        enough = self.share >= WHOLE or self.overlap_s >= SHORTEST_S
        least = LEAST_COHERENCE if self.bands > 1 else LEAST_NARROW_COHERENCE
        most_db = (MOST_DB, MOST_ENVELOPE_DB) if lossy else (MOST_LOSSLESS_DB, MOST_LOSSLESS_DB)
        return (
            enough
            and self.coherence >= least
            and self.band_coherence >= LEAST_BAND_COHERENCE
            and self.difference_db <= most_db[0]
            and self.envelope_db <= most_db[1]
        )


def prepare(sound: Heard) -> Prepared:
    """Makes what comparisons need of a sound.

    Args:
        sound: From `timbrel.signal.sketches.heard`.

    Returns:
        The sound with it.
    """
    length = len(sound.samples)
    n_fft = _COARSE * next_fast_len(max(length, 2), real=True)
    spectrum = rfft(sound.samples, n_fft)[: n_fft // (2 * _COARSE) + 1]
    power = spectrum.real**2 + spectrum.imag**2
    width = max(3, int(_FLAT_HZ * n_fft / RATE_HZ) | 1)
    sums = np.cumsum(np.pad(power, (width // 2 + 1, width // 2), mode="edge"), dtype=np.float64)
    around = (sums[width:] - sums[:-width]) / width
    even = spectrum / np.sqrt(around + 1e-4 * around.max() + 1e-30)
    low = [irfft(part, n_fft // _COARSE)[: length // _COARSE] for part in (spectrum, even)]
    return Prepared(sound, low[0].astype(np.float32), low[1].astype(np.float32))


def agreement(one: Prepared, other: Prepared) -> Agreement | None:
    """Lays two sounds on each other and measures how far they are the same.

    Args:
        one: A sound.
        other: Another.

    Returns:
        The agreement where it is best, or None where the sounds have nothing in common.

    Source:
        Alignment by the normalised cross-correlation of whitened signals, after C. Knapp and
        G. Carter, "The generalized correlation method for estimation of time delay" (1976);
        agreement by the coherence of short-time spectra.

    Example:
        >>> from timbrel.signal.sketches import heard
        >>> rng = np.random.default_rng(1)
        >>> noise = (rng.standard_normal(16_000) * np.linspace(1, 0, 16_000)).astype(np.float32)
        >>> whole, cut = (prepare(heard(s, 32_000)) for s in (noise, 0.5 * noise[1600:]))
        >>> found = agreement(whole, cut)
        >>> round(found.shift_s, 3), round(found.coherence, 2), found.same_recording(lossy=False)
        (0.05, 1.0, True)
    """
    best: Agreement | None = None
    for shift in _shifts(one, other):
        found = _agreement_at(one.heard, other.heard, shift)
        if found is not None and (best is None or found.coherence > best.coherence):
            best = found
        if best is not None and best.coherence > _CERTAIN:
            break
    return best


def _shifts(one: Prepared, other: Prepared) -> list[int]:
    """Where the sounds may lie on each other, in samples, the likeliest first."""
    if min(len(one.plain), len(other.plain)) < _WINDOW // _COARSE:
        return []
    flat = _peaks(_correlation(one.flat, other.flat), 2)
    if not flat or flat[0][1] < _UNLIKELY:
        return []
    plain = _peaks(_correlation(one.plain, other.plain), 1)
    return list(dict.fromkeys(shift for shift, _ in [*flat, *plain]))


def _correlation(a: Samples, b: Samples) -> NDArray[np.float64]:
    """Normalised cross-correlation of what overlaps, for shifts of -`FARTHEST_S` to +."""
    farthest = round(FARTHEST_S * RATE_HZ / _COARSE)
    shifts = np.arange(-farthest, farthest + 1)
    n_fft = next_fast_len(max(len(a) + len(b), 2 * farthest + 2), real=True)
    products = irfft(rfft(a, n_fft) * np.conj(rfft(b, n_fft)), n_fft)[shifts]
    overlaps = np.minimum(len(a) - np.maximum(shifts, 0), len(b) - np.maximum(-shifts, 0))
    least = min(0.75 * SHORTEST_S * RATE_HZ / _COARSE, 0.6 * min(len(a), len(b)))
    energy_a, energy_b = _energies(a, shifts, overlaps), _energies(b, -shifts, overlaps)
    there = (overlaps >= least) & (energy_a > 1e-3) & (energy_b > 1e-3)
    scale = np.sqrt((a @ a) * (b @ b) * np.where(there, energy_a * energy_b, 1.0)) + 1e-20
    return np.asarray(np.where(there, np.abs(products) / scale, 0.0), dtype=np.float64)


def _energies(
    sound: Samples, shifts: NDArray[np.int64], overlaps: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The share of a sound's energy that lies under the other, for each shift."""
    sums = np.concatenate([[0.0], np.cumsum(sound.astype(np.float64) ** 2)])
    starts = np.clip(shifts, 0, len(sound))
    ends = np.clip(starts + overlaps, starts, len(sound))
    return np.asarray((sums[ends] - sums[starts]) / (sums[-1] + 1e-30))


def _peaks(correlation: NDArray[np.float64], count: int) -> list[tuple[int, float]]:
    """The highest peaks: shift in samples of the full rate, height."""
    left = correlation.copy()
    found = []
    for _ in range(count):
        at = int(left.argmax())
        if left[at] <= 0:
            break
        exact = at + _vertex(correlation[max(0, at - 1) : at + 2])
        found.append((round(_COARSE * (exact - len(left) // 2)), float(left[at])))
        left[max(0, at - 3) : at + 4] = 0
    return found


def _vertex(three: NDArray[np.float64]) -> float:
    """Where between -0.5 and 0.5 the parabola through three points has its top."""
    if len(three) < 3:
        return 0.0
    bend = three[0] - 2 * three[1] + three[2]
    return float(np.clip(0.5 * (three[0] - three[2]) / bend, -0.5, 0.5)) if bend < 0 else 0.0


def _agreement_at(one: Heard, other: Heard, shift: int) -> Agreement | None:
    a, b = one.samples[max(0, shift) :], other.samples[max(0, -shift) :]
    length = min(len(a), len(b))
    if length < _WINDOW:
        return None
    a, b = a[:length], b[:length]
    share = min(float(part @ part / (whole @ whole)) for part, whole in _wholes(a, b, one, other))
    cross, level_a, level_b = _cells(a, b, min(one.top_hz, other.top_hz))
    weight = (np.maximum(level_a, level_b) + _floor(level_a, level_b)) ** -_EVEN
    agreed = np.abs((cross * weight).sum(axis=0))
    possible = np.sqrt((level_a * weight).sum(axis=0) * (level_b * weight).sum(axis=0)) + 1e-30
    counting = possible > _NARROW * possible.sum()
    moments_a, moments_b = _moments(level_a), _moments(level_b)
    return Agreement(
        shift_s=shift / RATE_HZ,
        overlap_s=length / RATE_HZ,
        share=share,
        coherence=float(agreed.sum() / possible.sum()),
        band_coherence=float((agreed / possible)[counting].min()),
        bands=int(counting.sum()),
        difference_db=_difference_db(level_a, level_b)[0],
        envelope_db=_difference_db(moments_a, moments_b)[1],
    )


def _wholes(a: Samples, b: Samples, one: Heard, other: Heard) -> list[tuple[Samples, Samples]]:
    return [(a, one.samples), (b, other.samples)]


def _cells(
    a: Samples, b: Samples, top_hz: float
) -> tuple[NDArray[np.complex128], NDArray[np.float64], NDArray[np.float64]]:
    """Cross-spectrum and both power spectra in bands, [N, bands], at one level."""
    edges = _edges(top_hz)
    spectrum_a, spectrum_b = _spectrum(a), _spectrum(b)
    cross = _banded(spectrum_a * spectrum_b.conj(), edges)
    level_a = _banded(np.abs(spectrum_a) ** 2, edges)
    level_b = _banded(np.abs(spectrum_b) ** 2, edges)
    gain = level_a.sum() / (level_b.sum() + 1e-30)
    return cross * np.sqrt(gain), level_a, level_b * gain


def _edges(top_hz: float) -> NDArray[np.int64]:
    """The bins at which bands begin and end, even on the mel scale, below the lower rate's end."""
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (_LOW_HZ, _HIGH_HZ))
    edges_hz = 700 * (10 ** (np.linspace(low, high, _BANDS + 1) / 2595) - 1)
    within = edges_hz[edges_hz <= 0.92 * top_hz]
    return np.unique(np.round(within * _WINDOW / RATE_HZ).astype(np.int64))


def _spectrum(samples: Samples) -> NDArray[np.complex64]:
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP]
    n = np.arange(_WINDOW, dtype=np.float32)
    return np.asarray(rfft(frames * (0.5 - 0.5 * np.cos(2 * np.pi / _WINDOW * n)), axis=1))


def _banded(cells: NDArray, edges: NDArray[np.int64]) -> NDArray:  # type: ignore[type-arg]
    return np.add.reduceat(cells[:, : edges[-1]], edges[:-1], axis=1)


def _floor(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(max(a.max(), b.max()) * 10 ** (-_RANGE_DB / 10)) + 1e-30


def _moments(level: NDArray[np.float64]) -> NDArray[np.float64]:
    """Energy of all bands, `_MOMENT_FRAMES` together, [moments, 1]."""
    starts = np.arange(0, len(level), _MOMENT_FRAMES)
    return np.asarray(np.add.reduceat(level.sum(axis=1), starts)[:, None])


def _difference_db(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[float, float]:
    """Root mean square (the louder, the more it counts) and maximum, where either is loud."""
    floor = _floor(a, b)
    a_db, b_db = 10 * np.log10(a + floor), 10 * np.log10(b + floor)
    louder = np.maximum(a_db, b_db)
    above = louder - louder.max() + _LOUD_DB
    loud = above > 0
    apart = (a_db - b_db)[loud]
    apart = apart - np.median(apart)
    mean = np.average(apart**2, weights=above[loud])
    return float(np.sqrt(mean)), float(np.abs(apart).max())
