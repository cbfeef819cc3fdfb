"""The short-time Fourier transform and its exact inverse: batched, centred, padded with zeros.

Frame k looks at the sound around sample ``k * hop``; what lies outside of the sound counts as
silence, so a one-shot that begins with its attack is not mirrored to the left of it::

      zeros |  sound                              | zeros
    [  frame 0  ]                                          centre 0
         [  frame 1  ]                                     centre hop
              ...                [ frame N-1 ]             centre (N-1) * hop
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad

from timbrel.errors import UsageError
from timbrel.signal.windows import Window, gaussian_width, window

# Spectral cells whose transforms stay in a core's second-level cache.
_CACHED_CELLS = 150_000


@dataclass(frozen=True)
class FrameSpec:
    """How a sound is cut into frames, each under a window of ``n_fft`` samples.

    Attributes:
        n_fft: Length of the window and of the transform in samples, even, at least 4.
        hop_samples: Distance between two frames in samples, 1 to ``n_fft // 2``.
        window: "hann", or "gaussian".

    Example:
        >>> FrameSpec(512, 128).frame_count(32_000)
        250
    """

    n_fft: int
    hop_samples: int
    window: Window = "hann"

    def __post_init__(self) -> None:
        if self.n_fft < 4 or self.n_fft % 2:
            raise UsageError(f"a window of {self.n_fft} samples", "an even number from 4 upwards")
        if not 1 <= self.hop_samples <= self.n_fft // 2:
            raise UsageError(
                f"a hop of {self.hop_samples} samples for a window of {self.n_fft}",
                f"1 to {self.n_fft // 2}",
                "with a longer hop parts of the sound would be lost",
            )

    @property
    def bins(self) -> int:
        """The number of frequency bins F."""
        return self.n_fft // 2 + 1

    def taper(self, device: torch.device) -> Tensor:
        """Gives the window that each frame is multiplied by.

        Args:
            device: Where it shall live.

        Returns:
            The window, float32 [n_fft].
        """
        return window(self.window, self.n_fft, device=device)

    def phase_slopes(self, over_time: Tensor, over_frequency: Tensor) -> tuple[Tensor, ...]:
        """Tells the slopes of the phase; see `timbrel.signal.phase.HasSlopes`.

        Source:
            Průša, Balazs & Søndergaard, "A noniterative method for reconstruction of phase from
            STFT magnitude", IEEE/ACM TASLP 2017, equations 16 and 17.
        """
        ratio = self.hop_samples * self.n_fft / gaussian_width(self.window, self.n_fft)
        own = torch.arange(self.bins, dtype=torch.float64) * self.hop_samples / self.n_fft
        # Half a turn a bin, because the transform counts from a frame's beginning.
        along_frequency = 0.5 - over_time / (ratio * math.tau)
        return over_frequency * (ratio / math.tau), along_frequency, own

    def frame_count(self, length_samples: int) -> int:
        """Says how many frames a sound has: one for each hop that begins inside of it.

        Where the hop is longer than a quarter of the window, one more frame follows the end,
        because the last samples would otherwise be seen only by the edge of a window.

        Args:
            length_samples: Length T of the sound, at least 1.

        Returns:
            The number of frames N.
        """
        if length_samples < 1:
            raise UsageError(f"a sound of {length_samples} samples", "at least one sample")
        return -(-length_samples // self.hop_samples) + (4 * self.hop_samples > self.n_fft)


def cut(sound: Tensor, frames: FrameSpec) -> Tensor:
    """Cuts sounds into overlapping frames, without a window.

    Args:
        sound: Waveforms, [B, T].
        frames: How to cut.

    Returns:
        The frames, [B, N, n_fft]: a view of one padded copy, not to be written to.

    Raises:
        UsageError: When there is no sound to cut.
    """
    if sound.ndim != 2:
        raise UsageError(f"sounds of shape {tuple(sound.shape)}", "[batch, samples]")
    count = frames.frame_count(sound.shape[1])
    left = frames.n_fft // 2
    right = (count - 1) * frames.hop_samples + left - sound.shape[1]
    return pad(sound, (left, right)).unfold(-1, frames.n_fft, frames.hop_samples)


def overlap_samples(frames: FrameSpec, frame_count: int) -> int:
    """Says how many samples overlapping frames cover, in whole hops.

    Args:
        frames: How the frames were cut.
        frame_count: The number of frames N.

    Returns:
        The length in samples; the sound begins at sample ``n_fft // 2`` of it.
    """
    return (frame_count - 1 - (-frames.n_fft // frames.hop_samples)) * frames.hop_samples


def overlap_add(pieces: Tensor, taper: Tensor, frames: FrameSpec, out: Tensor) -> None:
    """Windows overlapping frames and adds them up where they came from.

    A frame is as long as some hops, so the first hop of frame k goes to block k, its second to
    block k + 1 and so on: one strided addition for each of these, not one for each frame.

    Args:
        pieces: Frames, [B, N, n_fft].
        taper: What each frame is multiplied by, [n_fft].
        frames: How they were cut.
        out: What to add them to, [B, overlap_samples].
    """
    hop, count = frames.hop_samples, pieces.shape[1]
    blocks = out.view(len(out), -1, hop)
    for block, start in enumerate(range(0, frames.n_fft, hop)):
        part = pieces[..., start : start + hop]
        into = blocks[:, block : block + count, : part.shape[-1]]
        into.addcmul_(part, taper[start : start + hop])


def window_power(frames: FrameSpec, frame_count: int, *, device: torch.device) -> Tensor:
    """Sums the squares of all overlapping windows: what analysis and synthesis multiply a sound by.

    Args:
        frames: How the frames were cut.
        frame_count: The number of frames N.
        device: Where to put it.

    Returns:
        The sum at each sample, [overlap_samples].
    """
    taper = frames.taper(device)
    out = torch.zeros(1, overlap_samples(frames, frame_count), device=device)
    overlap_add(taper.expand(1, frame_count, -1), taper, frames, out)
    return out[0]


def stft(sound: Tensor, frames: FrameSpec) -> Tensor:
    """Transforms sounds into spectra, centred and padded with zeros.

    Args:
        sound: Waveforms, float32 [B, T].
        frames: How to cut them.

    Returns:
        Complex spectra, [B, F, N].

    Source:
        Allen & Rabiner, "A unified approach to short-time Fourier analysis and synthesis",
        Proc. IEEE 1977.

    Example:
        >>> stft(torch.zeros(2, 1000), FrameSpec(64, 16)).shape
        torch.Size([2, 33, 63])
    """
    windowed = cut(sound, frames) * frames.taper(sound.device)
    spectrum: Tensor = torch.fft.rfft(windowed)
    return spectrum.transpose(1, 2)


def istft(spectrum: Tensor, frames: FrameSpec, length_samples: int) -> Tensor:
    """Turns spectra back into sounds: the least-squares inverse, exact for spectra of `stft`.

    Args:
        spectrum: Complex spectra, [B, F, N].
        frames: How they were framed.
        length_samples: Length T of the sounds wanted.

    Returns:
        Waveforms, [B, T].

    Raises:
        UsageError: When N is not the number of frames of such a sound.

    Source:
        Griffin & Lim, "Signal estimation from modified short-time Fourier transform",
        IEEE TASSP 1984, equation 6.

    Example:
        >>> sound, frames = torch.randn(1, 1000), FrameSpec(64, 16)
        >>> torch.allclose(istft(stft(sound, frames), frames, 1000), sound, atol=1e-5)
        True
    """
    check_spectrogram(spectrum, frames, length_samples)
    pieces: Tensor = torch.fft.irfft(spectrum.transpose(1, 2), n=frames.n_fft)
    count = pieces.shape[1]
    out = pieces.new_zeros(len(pieces), overlap_samples(frames, count))
    overlap_add(pieces, frames.taper(out.device), frames, out)
    inside = slice(frames.n_fft // 2, frames.n_fft // 2 + length_samples)
    return out[:, inside] / window_power(frames, count, device=out.device)[inside]


def power(sound: Tensor, frames: FrameSpec) -> Tensor:
    """Gives the squared magnitudes of `stft`, in real arithmetic and so more quickly.

    Args:
        sound: Waveforms, float32 [B, T].
        frames: How to cut them.

    Returns:
        Power, [B, F, N].
    """
    squares = torch.view_as_real(stft(sound, frames).transpose(1, 2)).square()
    return (squares[..., 0] + squares[..., 1]).transpose(1, 2)


def magnitude(sound: Tensor, frames: FrameSpec) -> Tensor:
    """Gives the magnitudes of `stft`.

    Args:
        sound: Waveforms, float32 [B, T].
        frames: How to cut them.

    Returns:
        Magnitudes, [B, F, N].
    """
    return stft(sound, frames).abs()


def in_small_batches(work: Callable[[Tensor], Tensor], sound: Tensor, frames: FrameSpec) -> Tensor:
    """Works on a few sounds at a time, whose spectra fit into a core's cache.

    Args:
        work: What to do with some of the sounds, [b, T] to [b, ...].
        sound: Waveforms, [B, T].
        frames: How `work` cuts them, which tells how large their spectra are.

    Returns:
        What `work` gave, [B, ...].
    """
    if sound.device.type != "cpu" or sound.ndim != 2:
        return work(sound)
    cells = frames.bins * frames.frame_count(sound.shape[1])
    parts = torch.split(sound, max(1, _CACHED_CELLS // cells))
    return torch.cat([work(part) for part in parts])


def check_spectrogram(spectrum: Tensor, frames: FrameSpec, length_samples: int) -> None:
    """Makes sure that a spectrogram fits its framing and the length wanted.

    Args:
        spectrum: Spectra or magnitudes, [B, F, N].
        frames: How they were framed.
        length_samples: Length T of the sounds wanted.

    Raises:
        UsageError: When it does not.
    """
    wanted = (frames.bins, frames.frame_count(length_samples))
    if spectrum.ndim != 3 or tuple(spectrum.shape[1:]) != wanted:
        raise UsageError(
            f"a spectrogram of shape {tuple(spectrum.shape)}",
            f"(any, {wanted[0]}, {wanted[1]}) for {length_samples} samples",
        )
