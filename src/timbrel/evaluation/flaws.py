"""Flaws: what makes a made sound not worth keeping, whatever else is good about it."""

from collections.abc import Sequence

from torch import Tensor

from timbrel.signal.levels import is_finite

SILENT_DB = -80.0  # half of what lies between the highest and the lowest sample, in dBFS
FLAT_SHARE = 0.01  # of the samples, that are no more than a limit
FLAT = 1e-4  # of the peak, that two samples at a limit may differ
FLAT_RUN = 3  # samples in a row at the peak that make a limit
END_S = 0.02
END_DB = -30.0  # the end against the peak, above which a sound breaks off

SILENT, NOT_FINITE, CLIPPED = "silent", "not a number", "clipped"
BREAKS_OFF = "breaks off"


def flaw(sound: Tensor) -> str:
    """Names the first thing that is wrong with a sound.

    Args:
        sound: A sound, [T] or [C, T].

    Returns:
        "not a number", "silent" or "clipped"; "" where nothing is wrong.

    Example:
        >>> import torch
        >>> tone = torch.sin(torch.arange(4000) * 0.05)
        >>> flaw(tone), flaw(0 * tone), flaw((9 * tone).clamp(-1, 1))
        ('', 'silent', 'clipped')
    """
    if not sound.numel() or not is_finite(sound):
        return NOT_FINITE
    peak = float(sound.abs().max())
    if float(sound.max() - sound.min()) / 2 < 10 ** (SILENT_DB / 20):
        return SILENT
    return CLIPPED if flat_share(sound, peak) > FLAT_SHARE else ""


def flat_share(sound: Tensor, peak: float) -> float:
    """Measures how much of a sound lies on its limit: the mark of a clipped wave.

    Args:
        sound: A sound, [T] or [C, T].
        peak: Its peak, linear, above 0.

    Returns:
        The share of the samples that stand at the peak with two neighbours that do too, 0 to 1.

    Example:
        >>> import torch
        >>> flat_share(torch.tensor([0.0, 1, 1, 1, 1, 0, -1, 0]), 1.0)
        0.25
    """
    at_peak = (sound.abs() >= peak * (1 - FLAT)).float()
    runs = at_peak.unfold(-1, FLAT_RUN, 1).prod(dim=-1) if sound.shape[-1] >= FLAT_RUN else at_peak
    return float(runs.sum() / sound.numel())


def breaks_off(sound: Tensor, sample_rate: int) -> bool:
    """Tells whether a sound stops before it has ended.

    Args:
        sound: A sound, [T] or [C, T], not empty.
        sample_rate: Its rate in Hz.

    Returns:
        Whether its last 20 ms come within 30 dB of its peak.

    Example:
        >>> import torch
        >>> struck = torch.exp(-torch.arange(16_000) / 1000.0)
        >>> breaks_off(struck, 16_000), breaks_off(struck[:2000], 16_000)
        (False, True)
    """
    end = sound[..., -max(1, round(END_S * sample_rate)) :]
    return bool(end.abs().max() > sound.abs().max() * 10 ** (END_DB / 20))


def all_end(endings: Sequence[bool]) -> bool:
    """Tells whether real sounds end, so that one that breaks off is a fault.

    Args:
        endings: Of each real sound, whether it breaks off.

    Returns:
        Whether no more than one in twenty does; pieces of songs break off, drums do not.

    Example:
        >>> all_end([False] * 40 + [True]), all_end([True, False]), all_end([])
        (True, False, False)
    """
    return bool(endings) and sum(endings) <= len(endings) / 20
