"""The recordings that a network learned from, kept inside it, for it goes on with them."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from timbrel.errors import TrainingError

MOST = 64  # recordings


class Recording(nn.Module):
    """The waveforms of one recording or of several, at the rate at which a network hears them.

    Until `take` has been called they are silent.

    Args:
        channels: C.
        length_samples: Length of all recordings together.

    Example:
        >>> recording = Recording(1, 5)
        >>> recording.take([torch.tensor([[0.0, 0.5]]), torch.tensor([[0.1, 0.2, 0.3]])])
        >>> [part.shape[1] for part in recording.parts()], float(recording.peak)
        ([2, 3], 0.5)
    """

    samples: Tensor
    ends: Tensor
    holes: Tensor
    peak: Tensor

    def __init__(self, channels: int, length_samples: int) -> None:
        super().__init__()
        ends = torch.zeros(MOST, dtype=torch.int64)
        ends[0] = length_samples
        self.register_buffer("samples", torch.zeros(channels, length_samples))
        self.register_buffer("ends", ends)
        self.register_buffer("holes", torch.zeros(MOST, 2, dtype=torch.int64))
        self.register_buffer("peak", torch.ones(()))

    @property
    def channels(self) -> int:
        """C, the number of channels."""
        return int(self.samples.shape[0])

    @property
    def length_samples(self) -> int:
        """Length of all recordings together."""
        return int(self.samples.shape[1])

    def take(self, sounds: Sequence[Tensor], holes: Sequence[tuple[int, int]] = ()) -> None:
        """Keeps recordings.

        Args:
            sounds: Waveforms, [C, T] each, together as long as there is room for.
            holes: Samples of all of them that nothing is learned from: first, and one after last.

        Raises:
            TrainingError: When there are too many, or they do not fit in.
        """
        if not 1 <= len(sounds) <= MOST:
            raise TrainingError(f"{len(sounds)} recordings", f"1 to {MOST}")
        whole = torch.cat(list(sounds), dim=1)
        if whole.shape != self.samples.shape:
            raise TrainingError(
                f"recordings of {tuple(whole.shape)} channels and samples",
                f"{tuple(self.samples.shape)}",
            )
        for first, end in holes:
            whole[:, first:end] = 0
        self.holes.zero_()
        if holes:
            self.holes[: len(holes)] = torch.tensor(list(holes))
        peak = whole.abs().max().clamp(min=1e-9)
        self.samples.copy_(whole)
        self.peak.copy_(peak)
        ends = torch.tensor([sound.shape[1] for sound in sounds]).cumsum(0)
        self.ends.zero_()
        self.ends[: len(ends)] = ends

    def known(self) -> Tensor:
        """Tells which samples of all recordings lie in no hole, 1 there, else 0, [T]."""
        known = torch.ones(self.length_samples, device=self.samples.device)
        for first, end in self.holes.tolist():
            known[first:end] = 0
        return known

    def holes_s(self, sample_rate: int) -> list[tuple[float, float]]:
        """Tells the holes in seconds of all recordings.

        Args:
            sample_rate: The rate of the samples in Hz.

        Returns:
            Where each begins and ends.
        """
        return [(a / sample_rate, b / sample_rate) for a, b in self.holes.tolist() if b > a]

    def sounds(self) -> list[Tensor]:
        """Gives the recordings one by one, as they are, [C, T] each."""
        ends = [0, *(int(end) for end in self.ends if end > 0)]
        return [self.samples[:, a:b] for a, b in pairwise(ends)]

    def parts(self) -> list[Tensor]:
        """Gives the recordings one by one, relative to the peak of all, [C, T] each."""
        return [sound / self.peak for sound in self.sounds()]
