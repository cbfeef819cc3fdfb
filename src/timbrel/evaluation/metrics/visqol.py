"""ViSQOL: the opinion score that listeners would give, by the similarity of two spectrograms."""

import logging
from functools import cache
from math import ceil, nan
from threading import Lock
from typing import Any

import numpy as np
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.metrics._spectra import checked_pair
from timbrel.signal.resampling import resample

SAMPLE_RATE = 48_000
# What is compared are patches of 0.96 s.
SHORTEST_S = 2.0

# The package's parallel loops may not be entered from two threads at once.
_ONE_AT_A_TIME = Lock()


def visqol(reference: Tensor, test: Tensor, sample_rate: int) -> float:
    """Predicts the mean opinion score of a sound, 1 (bad) to 4.73 (the same), by ViSQOL v3.

    Patches of a spectrogram of 32 bands are looked for nearby in the other one, so a shift in time
    costs little, and the level of the whole does not count. Pairs shorter than two seconds are
    repeated end to end until they are that long.

    Args:
        reference: The sound as it should be, [T].
        test: The sound to judge, [T].
        sample_rate: Their rate in Hz; the model works at 48 kHz.

    Returns:
        The mean opinion score, listening quality objective (MOS-LQO), of the audio mode; not a
        number where no part of the two can be compared.

    Raises:
        UsageError: When the pair cannot be compared, or the package is not installed.

    Source:
        Chinen et al., "ViSQOL v3: an open source production ready objective speech and audio
        metric" (2020).
    """
    pair = checked_pair(reference, test)
    model = _model()
    times = ceil(SHORTEST_S * sample_rate / len(reference))
    long = (sound.repeat(times) if times > 1 else sound for sound in pair)
    ours, theirs = (resample(sound, from_hz=sample_rate, to_hz=SAMPLE_RATE) for sound in long)
    try:
        with _ONE_AT_A_TIME, np.errstate(all="ignore"):
            result = model.measure_from_arrays(ours.numpy(), theirs.numpy(), SAMPLE_RATE)
    except ValueError:  # too little of the two is alike to compare any patch
        return nan
    return float(result.moslqo)


@cache
def _model() -> Any:
    try:
        from visqol import VisqolApi
    except ImportError:
        raise UsageError(
            "ViSQOL without the package that computes it",
            advice="install it with: pip install 'timbrel[visqol]', which needs a C++ compiler",
        ) from None
    logging.getLogger("visqol").setLevel(logging.ERROR)
    model = VisqolApi()
    model.create(mode="audio")
    return model


METRIC = Metric(
    title="ViSQOL audio quality",
    unit="MOS-LQO",
    higher_is_better=True,
    ideal=4.732,
    needs="pair",
    source="Chinen et al. 2020",
    compute=visqol,
    extra="visqol",
    slow=True,
    packages=("visqol",),
)
