"""Echoes: what a recording becomes by changes that leave it the same recording to every ear.

An echo has its magnitudes scattered by 20 %, its phase found anew, and comes half a frame late, as
a copy might that went through a file format or a network. How far it is from the recording tells
below which distance a moment is a copy; how far two draws of one noise are from each other, which
are not copies, tells what this distance must not reach.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from timbrel.evaluation.originality.differences import MAPS, along, nearest_windows
from timbrel.evaluation.originality.moments import FRAMES, SAMPLE_RATE, STRIDE, hear
from timbrel.signal.phase.fast_griffin_lim import FastGriffinLim
from timbrel.signal.stft import FrameSpec, magnitude

LATE_SAMPLES = FRAMES.hop_samples // 2
SCATTER = 0.2
ITERATIONS = 16
EXCERPTS, EXCERPT_S = 10, 2.0
NOISE_S, MORE_NOISE_S = 5, 25
_TRANSFORM = FrameSpec(n_fft=1024, hop_samples=256)


def echo(sound: Tensor, *, seed: int) -> Tensor:
    """Makes the echo of a sound.

    Args:
        sound: Samples at 16 kHz, [T].
        seed: Seed of scatter and phase.

    Returns:
        The echo, 5 ms late, [T].

    Example:
        >>> tone = torch.sin(torch.arange(16_000) * 0.3)
        >>> echo(tone, seed=0).shape
        torch.Size([16000])
    """
    magnitudes = magnitude(sound[None], _TRANSFORM)
    generator = torch.Generator().manual_seed(seed)
    scattered = magnitudes * (1 + SCATTER * torch.randn(magnitudes.shape, generator=generator))
    found = FastGriffinLim(iterations=ITERATIONS).waveform(
        scattered.clamp(min=0), _TRANSFORM, length_samples=len(sound), seed=seed
    )[0]
    return torch.cat([found.new_zeros(LATE_SAMPLES), found[:-LATE_SAMPLES]])


def echo_differences(sound: Tensor, *, sample_rate: int, seed: int) -> Tensor:
    """Measures how far the moments of a recording are from those of its echo.

    Args:
        sound: The recording, samples at 16 kHz, [T]; of a long one, 20 s spread evenly over it.
        sample_rate: As `hear`.
        seed: Seed of the echo.

    Returns:
        Root mean squared differences in dB of the whole and of each part, [MAPS, N]; silence
        is left out.
    """
    found = []
    for number, part in enumerate(_excerpts(sound)):
        own = hear(part, sample_rate=sample_rate, stride=1)
        later = hear(echo(part, seed=seed + number), sample_rate=sample_rate, stride=STRIDE)
        moments = torch.arange(len(later.audible))
        measured = along(later, own, moments * STRIDE)
        found.append(measured[:, later.audible & torch.isfinite(measured[0])])
    whole = torch.cat(found, dim=1) if found else torch.zeros(MAPS, 0)
    return whole.sqrt()


def _excerpts(sound: Tensor) -> Iterator[Tensor]:
    size = round(EXCERPT_S * SAMPLE_RATE)
    if len(sound) <= EXCERPTS * size:
        yield sound
        return
    for start in torch.linspace(0, len(sound) - size, EXCERPTS).long().tolist():
        if bool(sound[start : start + size].abs().max() > 0):
            yield sound[start : start + size]


def noise_differences(*, sample_rate: int, seed: int) -> Tensor:
    """Measures how far the moments of a white noise are from the nearest ones of another.

    Args:
        sample_rate: As `hear`.
        seed: Seed of both.

    Returns:
        Root mean squared differences in dB of the whole and of each part, [MAPS, N].
    """
    noise = torch.randn(
        (NOISE_S + MORE_NOISE_S) * SAMPLE_RATE, generator=torch.Generator().manual_seed(seed)
    )
    one, other = noise[: NOISE_S * SAMPLE_RATE], noise[NOISE_S * SAMPLE_RATE :]
    rows = nearest_windows(
        hear(one, sample_rate=sample_rate, stride=STRIDE),
        hear(other, sample_rate=sample_rate, stride=1),
    )
    return torch.cat([squares.amin(dim=2).sqrt() for squares in rows], dim=1)
