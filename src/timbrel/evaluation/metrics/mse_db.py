"""Mean squared error of dB spectrograms."""

from torch import Tensor

from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.metrics._spectra import decibel_pair


def mse_db(reference: Tensor, test: Tensor, sample_rate: int) -> float:
    """Measures the mean squared difference of two dB spectrograms, over all bins and frames.

    The spectrograms are those of `log_spectral_distance`; next to it, frames that are far off
    weigh more.

    Args:
        reference: The sound as it should be, [T].
        test: The sound to judge, [T].
        sample_rate: Their rate in Hz.

    Returns:
        The error in squared dB, 0 for identical sounds.

    Raises:
        UsageError: When the pair cannot be compared.

    Source:
        The MSE score that autoencoders of log-magnitude spectrograms are trained and reported
        with, as in Colonel, Curro and Keene, "Improving neural net auto encoders for music
        synthesis" (2017), here of the sounds and not of the codes.
    """
    a, b = decibel_pair(reference, test, sample_rate=sample_rate)
    return float((a - b).square().mean())


METRIC = Metric(
    title="Mean squared error of dB spectrograms",
    unit="dB²",
    higher_is_better=False,
    ideal=0.0,
    needs="pair",
    source="Colonel, Curro and Keene 2017",
    compute=mse_db,
)
