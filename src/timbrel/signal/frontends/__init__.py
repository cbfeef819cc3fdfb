"""A front end is an encoding of sound that a network sees, with its inverse. One file each.

Each file declares ``FRONT_END``: a frozen `FrontEnd` class whose fields are its settings.
"""

from abc import abstractmethod
from typing import ClassVar, Protocol, runtime_checkable

from torch import Tensor

from timbrel.recipes import Options
from timbrel.signal.phase import GivesPhase
from timbrel.signal.stft import FrameSpec


class FrontEnd(Options):
    """An encoding of sound, with its inverse.

    A *code* is what a network sees: [B, F, N], spectral codes within 0..1, waveform codes within
    -1..1. Each code is relative to its sound's own maximum, the *reference* [B], which is kept
    beside it so that the inverse restores the level.

    Attributes:
        title: What it is called in lists.
        spectral: Whether the code is made of magnitudes, so that the inverse needs a phase method.
        source: Where the encoding comes from.
    """

    title: ClassVar[str]
    spectral: ClassVar[bool]
    source: ClassVar[str]

    @abstractmethod
    def code_shape(self, length_samples: int) -> tuple[int, int]:
        """Says the shape of the code of one sound.

        Args:
            length_samples: Length T of the sound.

        Returns:
            (F, N): bins and frames.
        """

    @abstractmethod
    def encode(self, sound: Tensor, *, sample_rate: int) -> tuple[Tensor, Tensor]:
        """Encodes sounds.

        Args:
            sound: Waveforms, [B, T].
            sample_rate: Their rate in Hz.

        Returns:
            The code [B, F, N] and its reference [B], a linear amplitude.
        """

    @abstractmethod
    def decode(
        self,
        code: Tensor,
        reference: Tensor,
        *,
        sample_rate: int,
        length_samples: int,
        phase: GivesPhase,
        seed: int,
    ) -> Tensor:
        """Turns codes back into sounds.

        Args:
            code: Codes as `encode` makes them, [B, F, N]; values outside its range are clipped.
            reference: The amplitude that the code is relative to, [B].
            sample_rate: Rate in Hz.
            length_samples: Length T of the sounds wanted.
            phase: The way from magnitudes to a waveform; a waveform front end ignores it.
            seed: Seed of anything drawn.

        Returns:
            Waveforms, [B, T].
        """


@runtime_checkable
class Framed(Protocol):
    """A front end whose codes have a frame each hop, whatever comes after it.

    Such a code may be cut, encoded or decoded up to any frame.
    """

    @property
    def frames(self) -> FrameSpec:
        """How sounds are framed."""
        ...


@runtime_checkable
class Segmented(Protocol):
    """A front end whose codes have a column for each so many samples, whatever is around them.

    Such a code may be cut, encoded or decoded up to any segment.

    Attributes:
        segment_samples: Length of a segment.
    """

    segment_samples: int
