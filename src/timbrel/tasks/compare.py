"""Compare: two sound files by the metrics that take a pair."""

from collections.abc import Sequence
from pathlib import Path

from timbrel.evaluation import pairs
from timbrel.signal import files


def compare(
    reference: Path, test: Path, *, metrics: Sequence[str] | None = None
) -> dict[str, float]:
    """Compares a sound file with a reference.

    Args:
        reference: The sound as it should be.
        test: The sound to judge; it is brought to the reference's rate and length.
        metrics: Names of metrics; None takes all.

    Returns:
        Metric name to number; `timbrel.evaluation.pairs.load_metrics` tells units and directions.

    Raises:
        SoundFileError: When a file cannot be read.
        UnknownNameError: When there is no such metric.
        UsageError: When the pair cannot be compared.
    """
    pairs.load_metrics(metrics)  # a misspelt name shows before long files are read
    wanted, heard = (files.read(path.expanduser()) for path in (reference, test))
    return pairs.compare(wanted, heard, metrics=metrics)
