"""Compare: two sound files by the metrics that take a pair."""

import math
from collections.abc import Mapping, Sequence
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
        Metric name to number, not a number where it is undefined for this pair; without names,
        metrics whose extra is not installed are left out.
        `timbrel.evaluation.pairs.load_metrics` tells units and directions.

    Raises:
        SoundFileError: When a file cannot be read.
        UnknownNameError: When there is no such metric.
        UsageError: When the pair cannot be compared.
    """
    pairs.load_metrics(metrics)  # a misspelt name shows before long files are read
    wanted, heard = (files.read(path.expanduser()) for path in (reference, test))
    return pairs.compare(wanted, heard, metrics=metrics)


def undefined(found: Mapping[str, float]) -> dict[str, str]:
    """Says why metrics have no value for a pair.

    Args:
        found: What `compare` gave.

    Returns:
        Name of each metric without a value to the reason.
    """
    loaded = pairs.load_metrics([name for name, value in found.items() if math.isnan(value)])
    return {
        name: metric.undefined_where or "it has no value for these sounds"
        for name, metric in loaded.items()
    }


def unavailable(found: Mapping[str, float]) -> dict[str, str]:
    """Says which metrics could not be asked.

    Args:
        found: What `compare` gave.

    Returns:
        Title of each metric that is missing among these and needs something installed, to what.
    """
    return {
        metric.title: metric.missing
        for name, metric in pairs.load_metrics().items()
        if metric.missing and name not in found
    }
