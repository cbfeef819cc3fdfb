"""Fréchet distance on features of a classifier that learned this library's labels."""

from timbrel.evaluation.metrics import Judge, SetMetric, SoundSet
from timbrel.evaluation.metrics._frechet import frechet_to


def frechet_classifier(reference: SoundSet, seed: int) -> Judge:
    """Measures how far sounds are from real ones as a classifier of this library hears them.

    The classifier (`timbrel.evaluation.features`) learned to tell the labels of the library's own
    training sounds, up to 7.5 kHz; its last layer but one says what matters for that. No network
    from elsewhere has a say. Numbers of two libraries, or of two seeds, cannot be compared; nor can
    sets of different size: fewer sounds seem farther away.

    Args:
        reference: Real sounds that the classifier did not learn from.
        seed: Not used: nothing is drawn here.

    Returns:
        A judge that gives the squared distance; one is the mean variance of a feature.

    Raises:
        UsageError: When a set has fewer than two sounds, or no classifier could be trained.

    Source:
        Heusel et al., "GANs trained by a two time-scale update rule" (2017), with the library's own
        classifier in the place of Inception.
    """
    distance = frechet_to(reference.features)
    return lambda test: distance(test.features)


METRIC = SetMetric(
    title="Fréchet distance on features of the library's classifier",
    unit="",
    higher_is_better=False,
    ideal=0.0,
    needs="sets",
    source="Heusel et al. 2017",
    fitted=frechet_classifier,
)
