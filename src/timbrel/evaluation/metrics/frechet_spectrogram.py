"""Fréchet distance on statistics of log-spectrograms: level and movement of each band."""

from timbrel.evaluation.metrics import Judge, SetMetric, SoundSet
from timbrel.evaluation.metrics._frechet import frechet_to


def frechet_spectrogram(reference: SoundSet, seed: int) -> Judge:
    """Measures how far sounds are from real ones by pooled statistics of their spectrograms.

    Mean and standard deviation over time of 32 mel bands from 40 Hz to 16 kHz, over two seconds
    from the onset; 1 is 80 dB. It needs no labels and hears the whole band: sounds of a low sample
    rate are far from real ones of a high rate. Sets of different size cannot be compared: fewer
    sounds seem farther away.

    Args:
        reference: Real sounds.
        seed: Not used: nothing is drawn.

    Returns:
        A judge that gives the squared distance, in squares of 80 dB.

    Raises:
        UsageError: When a set has fewer than two sounds.

    Source:
        Dowson and Landau (1982); the idea of Kilgour et al., "Fréchet audio distance" (2019), on
        plain statistics in the place of a network's features.
    """
    distance = frechet_to(reference.statistics)
    return lambda test: distance(test.statistics)


METRIC = SetMetric(
    title="Fréchet distance on spectrogram statistics",
    unit="",
    higher_is_better=False,
    ideal=0.0,
    needs="sets",
    source="Dowson and Landau 1982; Kilgour et al. 2019",
    fitted=frechet_spectrogram,
)
