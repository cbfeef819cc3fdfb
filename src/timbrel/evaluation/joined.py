"""Joined: the objective difference grade of many sounds, end to end as one."""

from collections.abc import Sequence

from torch import Tensor

from timbrel.evaluation.peaq import grading
from timbrel.evaluation.reconstruction import VERSIONS, Trial, Version
from timbrel.evaluation.results import Joined
from timbrel.signal.resampling import resample


def joined_grades(kept: Sequence[Trial]) -> Joined | None:
    """Grades sounds joined end to end: short ones are heard once, and all at one level.

    Args:
        kept: Held-out sounds with their versions.

    Returns:
        A grade for each version; None where there are no sounds.

    Raises:
        UsageError: When a sound is silent or not finite.
    """
    if not kept:
        return None
    rate = max(trial.sample_rate for trial in kept)

    def at_rate(sound: Tensor, trial: Trial) -> Tensor:
        return resample(sound, from_hz=trial.sample_rate, to_hz=rate)[None]

    values: dict[Version, float] = {}
    for version in VERSIONS:
        pairs = [(at_rate(t.original, t), at_rate(t.versions[version], t)) for t in kept]
        values[version] = grading.joined(pairs, sample_rate=rate).objective_difference
    return Joined("Objective difference grade, joined", "ODG grade", len(kept), values)
