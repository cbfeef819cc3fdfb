"""Grain as a graph: the roughness of sounds, drawn back; see `timbrel.instruments.grain`."""

from typing import Any

import numpy as np

from timbrel.exporting.graphs.writing import Writer
from timbrel.instruments.instrument import FRAMES_AT_ONCE

_LEAST = 1e-6


def grained(
    write: Writer, front_end: Any, *, code: str, spread: str, white: str, amount: str
) -> str:
    """Draws the grain of codes.

    Args:
        write: The graph.
        front_end: The spectral front end as a graph.
        code: Smooth codes, [B, F, N].
        spread: How rough each cell is, [B, F, N].
        white: White noise of spread 1, [B, T].
        amount: How much of the grain is drawn, 0 to 1, [B].

    Returns:
        Codes, [B, F, N].

    Source:
        As `timbrel.instruments.grain.drawn`, each sound as if it were alone.
    """
    kept = _kept(write, front_end, code)
    noise = front_end.white(write, _cut(write, front_end, white, kept))
    counted = _counted(write, front_end, kept)
    frames = write("ReduceSum", counted, write.ints(2), keepdims=1)

    def mean(value: str) -> str:
        total = write("ReduceSum", write("Mul", value, counted), write.ints(2), keepdims=1)
        return write("Div", total, frames)

    noise = write("Sub", noise, mean(noise))
    natural = write.clipped(mean(write("Abs", noise)), _LEAST)
    share = write("Div", write("Min", spread, natural), natural)
    rough = write("Mul", write("Mul", share, noise), write("Unsqueeze", amount, write.ints(1, 2)))
    heard = write("Greater", code, write.number(0.0))
    return write.clipped(write("Where", heard, write("Add", code, rough), code), 0.0, 1.0)


def _kept(write: Writer, front_end: Any, code: str) -> str:
    """How many frames of noise are drawn: up to the end of a sound, in whole blocks, [B, 1, 1]."""
    frames, count = front_end.framing.frames, front_end.framing.count
    number = write.constant(np.arange(1, count + 1, dtype=np.float32))
    sounding = write("Greater", write.largest(code, 1), write.number(0.0))
    heard = write("Cast", sounding, to=1)
    last = write.largest(write("Mul", heard, number), 2)
    reach = write("Add", last, write.number(frames.n_fft // frames.hop_samples))
    blocks = write("Ceil", write("Div", reach, write.number(FRAMES_AT_ONCE)))
    return write("Mul", blocks, write.number(FRAMES_AT_ONCE))


def _cut(write: Writer, front_end: Any, white: str, kept: str) -> str:
    """The noise up to there and silence after it, for a front end goes by the loudest moment."""
    framing = front_end.framing
    number = write.constant(np.arange(framing.length, dtype=np.float32))
    end = write(
        "Mul", write("Squeeze", kept, write.ints(2)), write.number(framing.frames.hop_samples)
    )
    return write("Where", write("Less", number, end), white, write.number(0.0))


def _counted(write: Writer, front_end: Any, kept: str) -> str:
    """Which frames count in the mean of the noise, 1 there, else 0: all that hold any of it."""
    framing = front_end.framing
    number = write.constant(np.arange(1, framing.count + 1, dtype=np.float32))
    extra = framing.frames.frame_count(framing.frames.hop_samples) - 1
    end = write("Add", kept, write.number(extra))
    return write("Cast", write("LessOrEqual", number, end), to=1)
