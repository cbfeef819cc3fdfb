"""The iteration that Griffin-Lim and its fast variant share, made for small machines.

One round goes from sound to spectrum, keeps the phase, puts the wanted magnitude in place of the
one found, and goes back to sound. Three things make it quick and none of them changes the result:

- the transform is linear, so the momentum is applied to sounds instead of to spectra, which are
  four times as large, and no spectrum need be kept from one round to the next;
- frames are worked through in pieces that fit into a core's cache, in buffers that are used again;
- frames after a sound's last wanted magnitude stay silent in every round and are left out.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from timbrel.signal.stft import (
    FrameSpec,
    check_spectrogram,
    overlap_add,
    overlap_samples,
    window_power,
)

# Spectral cells worked on at once: about a core's second-level cache, or all that a GPU can take.
_CELLS = {"cpu": 150_000}
_CELLS_ELSEWHERE = 50_000_000
# Keeps a division by the magnitude of an empty cell finite; wanted magnitudes are about 1.
_TINY = 1e-30


class Held(NamedTuple):
    """Samples that are known, in padded waveforms.

    Attributes:
        samples: Padded waveforms, [B, overlap_samples].
        share: How far each sample is held, 0 to 1, [overlap_samples].
    """

    samples: Tensor
    share: Tensor


@torch.no_grad()
def find_waveform(
    magnitude: Tensor,
    frames: FrameSpec,
    *,
    iterations: int,
    momentum: float,
    length_samples: int,
    start: Tensor,
) -> Tensor:
    """Finds sounds for magnitudes, from a phase given; each as if it were alone in the batch.

    Args:
        magnitude: Linear magnitudes, non-negative, [B, F, N].
        frames: How the spectrogram was framed.
        iterations: Rounds, 0 or more.
        momentum: How far each round leaps ahead along the last step; 0 is plain Griffin-Lim.
        length_samples: Length T of the sounds wanted.
        start: The phase to begin with in turns, [N, F] for all sounds or [B, N, F].

    Returns:
        Waveforms, float32 [B, T].

    Raises:
        UsageError: When the spectrogram does not fit the framing and the length.
    """
    check_spectrogram(magnitude, frames, length_samples)
    # The method does not care for the level; at 1 nothing underflows.
    level = magnitude.detach().float().amax(dim=(1, 2)).clamp(min=_TINY)
    wanted = (magnitude.detach().float() / level[:, None, None]).transpose(1, 2).contiguous()
    weight = weight_of(frames, wanted.shape[1], length_samples, wanted.device)
    out = wanted.new_zeros(len(wanted), length_samples)
    for members, active in _groups(wanted):
        sound = refine(
            wanted[members, :active].contiguous(),
            _phasor(start if start.ndim == 2 else start[members], active).to(wanted.device),
            frames,
            iterations=iterations,
            momentum=momentum,
            weight=weight[: overlap_samples(frames, active)],
        )[:, frames.n_fft // 2 :][:, :length_samples]
        out[members, : sound.shape[1]] = sound
    return out.mul_(level[:, None])


def _phasor(turns: Tensor, active: int) -> Tensor:
    """Complex numbers of magnitude 1, of the first frames: [.., N, F] to [.., active, F]."""
    return torch.polar(torch.ones((), device=turns.device), turns[..., :active, :] * (2 * torch.pi))


def random_turns(frames: FrameSpec, frame_count: int, seed: int) -> Tensor:
    """Draws the phases to begin with, always on the CPU, so that every device gets the same.

    Args:
        frames: How the spectrogram was framed.
        frame_count: The number of frames N.
        seed: The seed.

    Returns:
        Phases in turns, 0..1, [N, F].
    """
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(frame_count, frames.bins, generator=generator)


def weight_of(
    frames: FrameSpec, frame_count: int, length_samples: int, device: torch.device
) -> Tensor:
    """Tells what undoes the overlapping windows inside of a sound, and silences all outside of it.

    Args:
        frames: How it is framed.
        frame_count: The number of frames N.
        length_samples: Length T of the sound.
        device: Where it shall live.

    Returns:
        What each sample of the overlapped frames is multiplied by, [overlap_samples].
    """
    weight = window_power(frames, frame_count, device=device).clamp(min=_TINY).reciprocal()
    begin = frames.n_fft // 2
    weight[:begin] = 0
    weight[begin + length_samples :] = 0
    return weight


def _groups(wanted: Tensor) -> Iterator[tuple[Tensor, int]]:
    """Groups sounds of like length, few enough for the cache: their indices and active frames."""
    active = _active_frames(wanted)
    order = active.argsort(descending=True)
    lengths = active[order].tolist()
    cells = _CELLS.get(wanted.device.type, _CELLS_ELSEWHERE) // wanted.shape[2]
    begin = 0
    while begin < len(lengths) and lengths[begin]:
        end = begin + max(1, cells // lengths[begin])
        yield order[begin:end], lengths[begin]
        begin = end


def _active_frames(wanted: Tensor) -> Tensor:
    """Counts the frames up to the last one that is not silent, for each sound."""
    places = torch.arange(1, wanted.shape[1] + 1, device=wanted.device)
    return ((wanted.amax(dim=2) > 0) * places).amax(dim=1)


def refine(
    wanted: Tensor,
    phasor: Tensor,
    frames: FrameSpec,
    *,
    iterations: int,
    momentum: float,
    weight: Tensor,
    held: Held | None = None,
) -> Tensor:
    """Makes sounds and their wanted magnitudes agree, round by round.

    Args:
        wanted: Wanted magnitudes with frames first, about 1 at most, [B, N, F].
        phasor: Complex numbers of magnitude 1, the phase to begin with, [N, F] or
            [B, N, F].
        frames: How the spectrogram is framed.
        iterations: Rounds, 0 or more.
        momentum: How far each round leaps ahead along the last step, 0..1.
        weight: What each sample of the overlapped frames is multiplied by, [overlap_samples].
        held: Samples that every round leaves as they are, if any.

    Returns:
        Padded waveforms, [B, overlap_samples].

    Source:
        Griffin & Lim, "Signal estimation from modified short-time Fourier transform", IEEE TASSP
        1984, section III; Perraudin, Balazs & Søndergaard, "A fast Griffin-Lim algorithm",
        WASPAA 2013, algorithm 2, where ``t + momentum * (t - t_before)`` is, but for a factor that
        the phase does not see, ``t - momentum / (1 + momentum) * t_before``.
    """
    rounds = _Rounds(wanted, frames, weight)
    now, before = _kept(rounds.begin(phasor), held), rounds.silence()
    for _ in range(iterations):
        # `before` becomes the point ahead of `now`, and then the next sound.
        torch.sub(now, before, alpha=momentum / (1 + momentum), out=before)
        now, before = _kept(rounds.once(before), held), now
    return now


def _kept(sound: Tensor, held: Held | None) -> Tensor:
    return sound if held is None else torch.lerp(sound, held.samples, held.share)


class _Rounds:
    """The buffers of one group of sounds, and one round with them."""

    def __init__(self, wanted: Tensor, frames: FrameSpec, weight: Tensor) -> None:
        self.wanted, self.frames, self.weight = wanted, frames, weight
        self.window = frames.taper(wanted.device)
        cells = _CELLS.get(wanted.device.type, _CELLS_ELSEWHERE)
        step = max(1, cells // (len(wanted) * frames.bins))
        count = wanted.shape[1]
        self.parts = [slice(k, min(k + step, count)) for k in range(0, count, step)]
        step = min(step, count)
        self.pieces = wanted.new_empty(len(wanted), step, frames.n_fft)
        self.squares = wanted.new_empty(len(wanted), step, frames.bins, 2)
        self.scale = wanted.new_empty(len(wanted), step, frames.bins)
        self.sum = self.silence()

    def silence(self) -> Tensor:
        return self.wanted.new_zeros(len(self.wanted), len(self.weight))

    def begin(self, phasor: Tensor) -> Tensor:
        out = self.silence()
        for part in self.parts:
            self._add(self.wanted[:, part] * phasor[..., part, :], part, out)
        return out.mul_(self.weight)

    def once(self, sound: Tensor) -> Tensor:
        view = sound.unfold(-1, self.frames.n_fft, self.frames.hop_samples)
        # Later parts still read what earlier ones would overwrite: the sum has its own buffer.
        self.sum.zero_()
        for part in self.parts:
            count = part.stop - part.start
            pieces = torch.mul(view[:, part], self.window, out=self.pieces[:, :count])
            spectrum = torch.fft.rfft(pieces)
            self._add(spectrum.mul_(self._scale(spectrum, part)), part, self.sum)
        return torch.mul(self.sum, self.weight, out=sound)

    def _scale(self, spectrum: Tensor, part: slice) -> Tensor:
        # wanted / |spectrum| in real arithmetic: complex magnitudes take five times as long.
        count = spectrum.shape[1]
        real = torch.view_as_real(spectrum)
        squares = torch.mul(real, real, out=self.squares[:, :count])
        scale = torch.add(squares[..., 0], squares[..., 1], out=self.scale[:, :count])
        return scale.add_(_TINY).rsqrt_().mul_(self.wanted[:, part])

    def _add(self, spectrum: Tensor, part: slice, out: Tensor) -> None:
        pieces = torch.fft.irfft(spectrum, n=self.frames.n_fft)
        hop = self.frames.hop_samples
        end = part.start * hop + overlap_samples(self.frames, pieces.shape[1])
        overlap_add(pieces, self.window, self.frames, out[:, part.start * hop : end])
