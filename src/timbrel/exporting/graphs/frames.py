"""Spectrograms and Griffin-Lim as graphs: what `timbrel.signal` computes, but for rounding."""

import numpy as np
import torch

from timbrel.exporting.graphs.fourier import Fourier, Pair
from timbrel.exporting.graphs.writing import Writer
from timbrel.signal.phase._iteration import weight_of
from timbrel.signal.stft import FrameSpec

_TINY = 1e-30


class Framing:
    """Cuts sounds into frames, transforms them, and goes back.

    Args:
        frames: How sounds are framed.
        length_samples: Length T of the sounds.
    """

    def __init__(self, frames: FrameSpec, length_samples: int) -> None:
        self.frames, self.length = frames, length_samples
        self.count = frames.frame_count(length_samples)
        self.fourier = Fourier(frames.n_fft)
        self._reach = -(-frames.n_fft // frames.hop_samples)  # hops that a frame reaches over
        self._taper = frames.taper(torch.device("cpu")).numpy()

    def power(self, write: Writer, sound: str) -> str:
        """Gives the squared magnitudes of sounds [B, T], [B, N, F]."""
        hop, left = self.frames.hop_samples, self.frames.n_fft // 2
        right = (self.count - 1 + self._reach) * hop - left - self.length
        padded = write("Pad", sound, write.ints(0, left, 0, right))
        return self.fourier.ordered(write, _square(write, self._spectra(write, padded)))

    def found(
        self, write: Writer, magnitude: str, turns: str, *, iterations: int, momentum: float
    ) -> str:
        """Finds sounds for magnitudes by rounds of fast Griffin-Lim.

        Args:
            write: The graph.
            magnitude: Linear magnitudes, [B, N, F].
            turns: The phases to begin with in turns, [B or 1, N, F].
            iterations: Rounds, 0 or more.
            momentum: How far each round leaps ahead; 0 is plain Griffin-Lim.

        Returns:
            Waveforms, [B, T].

        Source:
            As `timbrel.signal.phase._iteration`.
        """
        level = write.clipped(write.largest(magnitude, 1, 2), _TINY)
        wanted = self.fourier.tabled(write, write("Div", magnitude, level))
        angle = write("Mul", self.fourier.tabled(write, turns), write.number(2 * np.pi))
        parts = [write("Mul", wanted, write(name, angle)) for name in ("Cos", "Sin")]
        weight = self._weight(write)
        now = write("Mul", self._added(write, (parts[0], parts[1])), weight)

        def once(inner: Writer, taken: list[str]) -> list[str]:
            leap = inner.number(momentum / (1 + momentum))
            ahead = inner("Sub", taken[0], inner("Mul", taken[1], leap))
            spectra = self._spectra(inner, ahead)
            size = inner("Add", _square(inner, spectra), inner.number(_TINY))
            scale = inner("Div", wanted, inner("Sqrt", size))
            scaled = [inner("Mul", part, scale) for part in spectra]
            return [inner("Mul", self._added(inner, (scaled[0], scaled[1])), weight), taken[0]]

        if iterations:
            nothing = write("Mul", now, write.number(0.0))
            now = write.repeated(iterations, [now, nothing], once)[0]
        begin = self.frames.n_fft // 2
        sound = write.cut(now, begin, begin + self.length, axis=1)
        return write("Mul", sound, write("Squeeze", level, write.ints(2)))

    def _spectra(self, write: Writer, padded: str) -> Pair:
        """Spectra of padded waveforms [B, hops of them], as tables."""
        blocks = write.reshaped(padded, 0, -1, self.frames.hop_samples)
        parts = [write.cut(blocks, k, k + self.count, axis=1) for k in range(self._reach)]
        pieces = write("Concat", *parts, axis=2)
        if self._reach * self.frames.hop_samples > self.frames.n_fft:
            pieces = write.cut(pieces, 0, self.frames.n_fft, axis=2)
        windowed = write("Mul", pieces, write.constant(self._taper))
        return self.fourier.forward(write, windowed)

    def _added(self, write: Writer, spectra: Pair) -> str:
        """Spectra as tables -> windowed frames added up, [B, hops of them]."""
        hop, reach = self.frames.hop_samples, self._reach
        pieces = self.fourier.inverse(write, *spectra)
        pieces = write("Mul", pieces, write.constant(self._taper))
        total = ""
        for k in range(reach):
            part = write.cut(pieces, k * hop, min((k + 1) * hop, self.frames.n_fft), axis=2)
            short = (k + 1) * hop - self.frames.n_fft
            pads = write.ints(0, k, 0, 0, reach - 1 - k, max(0, short))
            part = write("Pad", part, pads)
            total = write("Add", total, part) if total else part
        return write.reshaped(total, 0, -1)

    def _weight(self, write: Writer) -> str:
        weight = weight_of(self.frames, self.count, self.length, torch.device("cpu"))
        return write.constant(weight.numpy())


def _square(write: Writer, spectra: Pair) -> str:
    return write("Add", *(write("Mul", part, part) for part in spectra))
