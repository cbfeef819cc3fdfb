"""Joining: what is made takes its place in what is known, so that nothing tells where."""

from typing import cast

import torch
from torch import Tensor
from torch.nn.functional import max_pool1d

from timbrel.blocks.outline import Outline
from timbrel.instruments import improvising, recorded
from timbrel.instruments.instrument import Instrument
from timbrel.signal import stereo
from timbrel.signal.completion import completed
from timbrel.signal.frontends import Framed
from timbrel.synthesis.heard import Heard
from timbrel.synthesis.seams import merged, shares

FADE_S = 0.03
_AROUND = 3  # windows of what is known, to either side, that a completion looks at


def joined(
    instrument: Instrument,
    outline: Outline,
    source: Heard,
    known: Tensor,
    *,
    seed: int,
) -> Tensor:
    """Makes what is missing of a sound, and puts it in.

    Args:
        instrument: Who plays.
        outline: What is wanted.
        source: The sound.
        known: Which of its samples are known, 0 or 1, [T].
        seed: Seed of all that is drawn.

    Returns:
        The sound, [C, T], where it is known as it was.
    """
    code = improvising.code(instrument, outline, seed=seed)
    reference = improvising.reference_of(instrument) * source.gain
    fade = round(FADE_S * instrument.sample_rate)
    if not instrument.front_end.spectral:
        made = code[:, : len(known)] * reference
        return merged(source.samples, made, shares(known, fade))
    out = source.samples.clone()
    magnitudes = reference * recorded.channel_magnitudes(
        instrument.recipe, code, channels=instrument.facts.channels
    )
    frames = cast(Framed, instrument.front_end).frames
    for first, end in _stretches(known, _AROUND * frames.n_fft, frames.hop_samples):
        part = slice(first, end)
        count, begin = frames.frame_count(end - first), first // frames.hop_samples
        begun = None
        if len(out) == 2:
            told = _as_long(code[:, begin : begin + count], count)
            begun = _spread(instrument, out[:, part] * known[part], known[part], told, reference)
        for channel in range(len(out)):
            wanted = _as_long(magnitudes[channel, :, begin : begin + count], count)
            out[channel, part] = completed(
                out[channel, part],
                known[part],
                wanted,
                frames,
                begun=None if begun is None else begun[channel],
            )
    return out


def _as_long(told: Tensor, count: int) -> Tensor:
    """What is told of some frames, of as many; the last one holds on."""
    return told[:, torch.arange(count).clamp(max=told.shape[1] - 1)]


def _spread(
    instrument: Instrument, sound: Tensor, known: Tensor, code: Tensor, reference: float
) -> Tensor:
    """Makes the middle of two channels whole and spreads it, so that both have phases in step."""
    recipe, frames = instrument.recipe, cast(Framed, instrument.front_end).frames
    wanted = reference * recorded.magnitudes(recipe, code[: frames.bins])
    missing = (1 - known)[None, None]
    # near what is missing a downmix is not what it would be
    apart = 1 - max_pool1d(missing, frames.n_fft + 1, 1, frames.n_fft // 2)[0, 0]
    middle = completed(stereo.downmix(sound, frames), apart, wanted, frames)
    return recorded.spread(recipe, middle, code, seed=0)


def _stretches(known: Tensor, around: int, hop: int) -> list[tuple[int, int]]:
    """Stretches with all that is missing and what is known around it, each from a frame on."""
    missing = (known < 1).int()
    steps = torch.nn.functional.pad(missing, (1, 1)).diff()
    firsts = (steps == 1).nonzero()[:, 0].tolist()
    ends = (steps == -1).nonzero()[:, 0].tolist()
    found: list[tuple[int, int]] = []
    for first, end in zip(firsts, ends, strict=True):
        low, high = max(0, (first - around) // hop * hop), min(len(known), end + around)
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], high)
        else:
            found.append((low, high))
    return found
