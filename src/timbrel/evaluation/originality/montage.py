"""Montage: the plainest way to make something new of a recording, by scissors. A baseline."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.evaluation.originality.moments import SHORTEST_S, checked
from timbrel.signal.files import Sound

SHORTEST_PIECE_S, LONGEST_PIECE_S = 0.25, 2.0
SHORTEST_FADE_S, LONGEST_FADE_S = 0.02, 0.05


@dataclass(frozen=True)
class Piece:
    """A piece of a montage.

    Attributes:
        begins_s: Where it begins in the montage: the middle of its fade.
        from_s: What place of the recording is heard there.
        length_s: How long it is, up to the middle of the next fade.
    """

    begins_s: float
    from_s: float
    length_s: float


@dataclass(frozen=True, eq=False)
class Montage:
    """A montage, and where its pieces are from.

    Attributes:
        sound: What is heard.
        pieces: Its pieces in order.
    """

    sound: Sound
    pieces: tuple[Piece, ...]


def montage(recording: Sound, *, seconds: float, seed: int) -> Montage:
    """Cuts a recording into random pieces and pastes them together.

    Pieces of 0.25 to 2 s are drawn evenly from the whole recording, at no onset in particular, so
    that nothing of its rhythm is kept on purpose, and joined by crossfades of equal power of 20 to
    50 ms.

    Args:
        recording: What to cut.
        seconds: How long the montage shall be, half a second or more.
        seed: Seed of the pieces.

    Returns:
        The montage, with the recording's channels and rate.

    Raises:
        UsageError: When the recording or the montage is too short or too long, or the recording is
            not finite.

    Example:
        >>> noise = torch.randn(1, 32_000, generator=torch.Generator().manual_seed(0))
        >>> made = montage(Sound(noise, 16_000), seconds=3, seed=0)
        >>> made.sound.duration_s, made.pieces[0].begins_s
        (3.0, 0.0)
    """
    checked(recording, "the recording")
    if not (math.isfinite(seconds) and seconds >= SHORTEST_S):
        raise UsageError(f"a montage of {seconds} s", f"{SHORTEST_S:g} s or more")
    generator = torch.Generator().manual_seed(seed)
    rate, source = recording.sample_rate, recording.samples.float()
    out = source.new_zeros(len(source), round(seconds * rate))
    pieces: list[Piece] = []
    end, fade = 0, 0  # where the last piece begins to fade out, and for how long
    while end < out.shape[1]:
        size, after = _drawn(source.shape[1], rate, generator)
        start = int(torch.randint(0, source.shape[1] - size - after + 1, (1,), generator=generator))
        whole = source[:, start : start + size + after] * _envelope(size + after, fade, after)
        placed = out[:, end : end + size + after]
        placed += whole[:, : placed.shape[1]]
        middle = fade // 2
        length_s = min(size - middle + after // 2, out.shape[1] - end - middle) / rate
        pieces.append(Piece((end + middle) / rate, (start + middle) / rate, length_s))
        end, fade = end + size, after
    return Montage(Sound(out, rate), tuple(piece for piece in pieces if piece.length_s > 0))


def _drawn(available: int, rate: int, generator: torch.Generator) -> tuple[int, int]:
    """The length of a piece up to its fade, and of the fade, in samples."""
    piece, fade = torch.rand(2, generator=generator).tolist()
    fade_s = SHORTEST_FADE_S + fade * (LONGEST_FADE_S - SHORTEST_FADE_S)
    piece_s = SHORTEST_PIECE_S + piece * (LONGEST_PIECE_S - SHORTEST_PIECE_S)
    after = round(fade_s * rate)
    return min(round(piece_s * rate), available - after), after


def _envelope(length: int, fade_in: int, fade_out: int) -> Tensor:
    """Rises and falls by quarters of a sine, whose powers add up to one at a joint."""
    envelope = torch.ones(length)
    envelope[:fade_in] = torch.sin((torch.arange(fade_in) + 0.5) / max(fade_in, 1) * math.pi / 2)
    envelope[length - fade_out :] *= torch.cos(
        (torch.arange(fade_out) + 0.5) / max(fade_out, 1) * math.pi / 2
    )
    return envelope
