"""Pairs: two sounds compared by every metric that takes a pair."""

from collections.abc import Sequence

from timbrel import plugins
from timbrel.errors import UnknownNameError, UsageError
from timbrel.evaluation.metrics import Metric
from timbrel.signal.files import Sound
from timbrel.signal.levels import fit_length, to_mono
from timbrel.signal.resampling import resample


def compare(
    reference: Sound, test: Sound, *, metrics: Sequence[str] | None = None
) -> dict[str, float]:
    """Compares a sound with a reference.

    Both are mixed to one channel; the test sound is brought to the reference's rate and length
    (silence where it is shorter, cut where it is longer). Levels stay as they are.

    Args:
        reference: The sound as it should be.
        test: The sound to judge.
        metrics: Names of metrics; None takes all.

    Returns:
        Metric to number, not a number where it is undefined for this pair; see `load_metrics` for
        their units and directions. Without names, metrics whose extra is not installed are left
        out.

    Raises:
        UnknownNameError: When there is no such metric.
        UsageError: When the reference is silent, or a sound is empty or not finite.

    Example:
        >>> import torch
        >>> tone = Sound(torch.sin(torch.arange(8000.0))[None], 16_000)
        >>> compare(tone, tone, metrics=["log_spectral_distance"])
        {'log_spectral_distance': 0.0}
    """
    rate = reference.sample_rate
    wanted = to_mono(reference.samples)[0]
    heard = resample(to_mono(test.samples)[0], from_hz=test.sample_rate, to_hz=rate)
    heard = fit_length(heard, len(wanted), fade_samples=0)
    return {
        name: metric.compute(wanted, heard, rate)
        for name, metric in load_metrics(metrics).items()
        if metrics is not None or not metric.missing
    }


def load_metrics(names: Sequence[str] | None = None) -> dict[str, Metric]:
    """Imports metrics that take a pair.

    Args:
        names: Which ones; None takes all.

    Returns:
        Name to metric, in the order given, else alphabetical; those too whose extra is missing.

    Raises:
        UnknownNameError: When there is no such metric.
        UsageError: When a metric of that name takes one sound alone, or two sets of sounds.
    """
    room = "evaluation.metrics"
    for name in names or ():
        if name not in plugins.names(room):
            raise UnknownNameError("metric", name, load_metrics())
    asked = plugins.names(room) if names is None else names
    loaded = {name: plugins.load(room, name) for name in asked}
    others = [name for name, metric in loaded.items() if metric.needs != "pair"]
    if others and names is not None:
        raise UsageError(
            f"the metric {others[0]!r}, which takes {_TAKES[loaded[others[0]].needs]}",
            ", ".join(load_metrics()),
            "evaluate shows it for an instrument",
        )
    return {name: metric for name, metric in loaded.items() if name not in others}


_TAKES = {"sets": "two sets of sounds", "sound": "one sound alone"}
