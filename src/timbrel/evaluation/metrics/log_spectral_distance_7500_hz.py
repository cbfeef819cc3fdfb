"""Log-spectral distance up to 7,500 Hz: for systems of different bandwidth, compared fairly."""

from torch import Tensor

from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.metrics.log_spectral_distance import log_spectral_distance

# What a system at 16 kHz can pass: its Nyquist frequency less the slope of a resampling filter.
BAND_HZ = 7500.0


def log_spectral_distance_7500_hz(reference: Tensor, test: Tensor, sample_rate: int) -> float:
    """Measures the log-spectral distance of what lies at or below 7,500 Hz.

    Args:
        reference: The sound as it should be, [T].
        test: The sound to judge, [T].
        sample_rate: Their rate in Hz.

    Returns:
        The distance in dB, 0 where the two agree in this band.

    Raises:
        UsageError: When the pair cannot be compared.

    Source:
        As `log_spectral_distance`.
    """
    return log_spectral_distance(reference, test, sample_rate, max_hz=BAND_HZ)


METRIC = Metric(
    title="Log-spectral distance up to 7.5 kHz",
    unit="dB",
    higher_is_better=False,
    ideal=0.0,
    needs="pair",
    source="Gray and Markel 1976",
    compute=log_spectral_distance_7500_hz,
)
