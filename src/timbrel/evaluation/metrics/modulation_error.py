"""Modulation error: how differently the bands of two sounds move, whatever moment they move at."""

import torch
from torch import Tensor

from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.metrics._spectra import checked_pair
from timbrel.signal.mel import MelBands, to_mel
from timbrel.signal.resampling import resample
from timbrel.signal.stft import FrameSpec, power

SAMPLE_RATE = 16_000
FRAMES = FrameSpec(n_fft=256, hop_samples=40)  # 16 ms; envelopes at 400 Hz
BANDS = MelBands(sample_rate=SAMPLE_RATE, n_fft=256, mels=24, low_hz=50.0, high_hz=7500.0)
COMPRESSION = 0.3  # of amplitudes, as the inner ear's
RATE_EDGES_HZ = (2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
FLOOR_DB = -40.0  # the shallowest modulation that counts
HEARD_DB = 50.0  # bands so far below the reference's strongest do not count
_SHORTEST_TRANSFORM = 800  # 2 s: half a hertz


def modulation_depths(sound: Tensor, sample_rate: int) -> tuple[Tensor, Tensor]:
    """Measures how deeply each band of a sound is modulated, by the rate of the modulation.

    Envelopes of 24 mel bands (50 to 7,500 Hz) are compressed by the power 0.3; their variance
    within each octave of modulation rates (2 to 64 Hz) is put in relation to their squared mean.
    The windows of 16 ms weaken the fastest by 2 dB.

    Args:
        sound: A sound, [T].
        sample_rate: Its rate in Hz.

    Returns:
        Depths in dB, [bands, octaves], -40 where there is no modulation, and the level of each
        band in dB, [bands].

    Source:
        McDermott and Simoncelli, "Sound texture perception via statistics of the auditory
        periphery" (2011): modulation power of compressed envelopes, here with mel bands in place of
        a gammatone bank and octaves cut out of a Fourier transform in place of modulation filters.

    Example:
        >>> steady, _ = modulation_depths(torch.sin(2.7 * torch.arange(16_000)), 16_000)
        >>> steady.shape
        torch.Size([24, 5])
    """
    heard = resample(sound.float(), from_hz=sample_rate, to_hz=SAMPLE_RATE)
    bands = to_mel(power(heard[None], FRAMES), BANDS)[0].double().clamp(min=0)
    envelopes = bands ** (COMPRESSION / 2)
    mean = envelopes.mean(dim=1, keepdim=True)
    relative = envelopes / mean.clamp(min=1e-12)
    depths = _octaves(relative - relative.mean(dim=1, keepdim=True))
    levels_db = 10 * torch.log10(bands.mean(dim=1).clamp(min=1e-20))
    return (10 * torch.log10(depths.clamp(min=10 ** (FLOOR_DB / 10)))), levels_db


def _octaves(movement: Tensor) -> Tensor:
    """The variance of each row [bands, N] within each octave, [bands, octaves]."""
    frames = movement.shape[1]
    size = max(frames, _SHORTEST_TRANSFORM)
    spectrum = 2 * torch.fft.rfft(movement, size).abs().square() / (frames * size)
    rates_hz = torch.fft.rfftfreq(size, FRAMES.hop_samples / SAMPLE_RATE)
    octave = torch.bucketize(rates_hz, torch.tensor(RATE_EDGES_HZ), right=True)
    inside = range(1, len(RATE_EDGES_HZ))
    return torch.stack([spectrum[:, octave == k].sum(dim=1) for k in inside], dim=1)


def modulation_error(reference: Tensor, test: Tensor, sample_rate: int) -> float:
    """Measures the root mean squared difference of modulation depths, over bands and rates.

    It hears whether a texture trembles, crackles or is still, and not when: two draws of one noise
    are close. Level does not count.

    Args:
        reference: The sound as it should be, [T].
        test: The sound to judge, [T].
        sample_rate: Their rate in Hz; what lies above 7.5 kHz does not count.

    Returns:
        The difference in dB of `modulation_depths`, 0 or more, over the bands within 50 dB of the
        reference's strongest.

    Raises:
        UsageError: When the pair cannot be compared.

    Source:
        McDermott and Simoncelli 2011, as `modulation_depths`.

    Example:
        >>> noise = torch.randn(16_000, generator=torch.Generator().manual_seed(0))
        >>> round(modulation_error(noise, 0.5 * noise, 16_000), 3)
        0.0
    """
    reference, test = checked_pair(reference, test)
    wanted, levels_db = modulation_depths(reference, sample_rate)
    got, _ = modulation_depths(test, sample_rate)
    heard = levels_db > levels_db.max() - HEARD_DB
    return float((wanted - got)[heard].square().mean().sqrt())


METRIC = Metric(
    title="Modulation error",
    unit="dB",
    higher_is_better=False,
    ideal=0.0,
    needs="pair",
    source="McDermott and Simoncelli 2011",
    compute=modulation_error,
)
