"""Multi-resolution spectral distance: spectrograms compared at several window lengths at once."""

import torch
from torch import Tensor

from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.metrics._spectra import checked_pair
from timbrel.signal.stft import FrameSpec, magnitude

# (window and FFT length, hop) in samples: fine in time, between, fine in frequency
RESOLUTIONS = ((512, 128), (1024, 256), (2048, 512))
SMALLEST_SHARE = 1e-4  # -80 dB of the reference's largest magnitude


def multi_resolution_spectral(reference: Tensor, test: Tensor, sample_rate: int) -> float:
    """Averages spectral convergence plus log-magnitude difference over three window lengths.

    At each resolution: the relative error of the magnitudes (what is loud decides) plus the mean
    absolute difference of their natural logarithms (what is quiet counts as much). Windows that
    are sure in time and windows that are sure in frequency both have their say. Magnitudes count
    down to 80 dB below the reference's largest.

    Args:
        reference: The sound as it should be, [T].
        test: The sound to judge, [T].
        sample_rate: Their rate in Hz; windows are given in samples.

    Returns:
        The distance, 0 for identical sounds.

    Raises:
        UsageError: When the pair cannot be compared.

    Source:
        Yamamoto, Song and Kim, "Parallel WaveGAN" (2020), equations 4 to 6, as a measure, with
        windows of 512, 1024 and 2048 samples and a floor relative to the reference.
    """
    pair = torch.stack(checked_pair(reference, test))
    distances = [_distance(pair, FrameSpec(n_fft=n, hop_samples=hop)) for n, hop in RESOLUTIONS]
    return sum(distances) / len(distances)


def _distance(pair: Tensor, frames: FrameSpec) -> float:
    a, b = magnitude(pair, frames)
    floor = SMALLEST_SHARE * a.amax()
    convergence = (a - b).norm() / a.norm()
    logarithmic = (a.clamp(min=floor).log() - b.clamp(min=floor).log()).abs().mean()
    return float(convergence + logarithmic)


METRIC = Metric(
    title="Multi-resolution spectral distance",
    unit="",
    higher_is_better=False,
    ideal=0.0,
    needs="pair",
    source="Yamamoto, Song and Kim 2020",
    compute=multi_resolution_spectral,
)
