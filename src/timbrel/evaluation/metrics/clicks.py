"""Clicks: jumps in a waveform that no sound around them explains, as at bad seams."""

import torch
from torch import Tensor
from torch.nn.functional import max_pool1d, pad

from timbrel.evaluation.metrics import SoundMetric
from timbrel.evaluation.metrics._alone import checked

CLICK_S = 0.001  # all that a click lasts, before and after its peak
AROUND_S = 0.03  # in which nothing else jumps as far
TIMES = 6.0  # as far as anything around it
FAINT = 1e-3  # of the sound's peak; smaller jumps are no clicks


def clicks(sound: Tensor, sample_rate: int) -> float:
    """Counts the clicks of a sound: single jumps, with nothing of their kind around them.

    A jump is a large second difference: six times as large as any between 1 ms and 30 ms before and
    after it. The attack of a drum goes on after its first millisecond, the edges of a saw-tooth
    come again: neither is a click.

    Args:
        sound: A sound, [T].
        sample_rate: Its rate in Hz.

    Returns:
        How many there are, 0 or more; those within 30 ms of the ends are not looked for.

    Raises:
        UsageError: When the sound is empty or not finite.

    Source:
        After Godsill and Rayner, "Digital audio restoration" (1998), section 5.3: a click is an
        outlier of what prediction leaves. Here the prediction is a straight line.

    Example:
        >>> tone = torch.sin(torch.arange(16_000) * 0.05)
        >>> broken = tone.clone()
        >>> broken[8_000:] *= -0.5
        >>> clicks(tone, 16_000), clicks(broken, 16_000)
        (0.0, 1.0)
    """
    heard = checked(sound)
    near, far = round(CLICK_S * sample_rate), round(AROUND_S * sample_rate)
    if len(heard) < 2 * far + 3:
        return 0.0
    jump = heard.double().diff(n=2).abs()
    largest = _largest_before(jump, far - near)
    around = torch.maximum(_later(largest, near), _earlier(largest, far))
    places = jump == max_pool1d(jump[None], 2 * near + 1, 1, near)[0]
    found = places & (jump > TIMES * around) & (jump > FAINT * heard.abs().max())
    return float(found[far : len(found) - far].sum())


def _largest_before(jump: Tensor, count: int) -> Tensor:
    """The largest of the last `count` values at each place, itself among them, [T]."""
    return max_pool1d(pad(jump, (count - 1, 0))[None], count, 1)[0]


def _later(values: Tensor, count: int) -> Tensor:
    """What stood `count` places before, [T]."""
    return pad(values, (count, 0))[: len(values)]


def _earlier(values: Tensor, count: int) -> Tensor:
    """What stands `count` places after, [T]."""
    return pad(values, (0, count))[count:]


METRIC = SoundMetric(
    title="Clicks",
    unit="",
    higher_is_better=False,
    ideal=0.0,
    needs="sound",
    requirement="R4",
    source="after Godsill and Rayner 1998",
    compute=clicks,
)
