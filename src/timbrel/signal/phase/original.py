"""Original phase: that of the sound itself, kept. The ceiling to measure others against."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.recipes import option
from timbrel.signal.phase import PhaseMethod, Transform
from timbrel.signal.stft import FrameSpec, istft, stft


@dataclass(frozen=True, eq=False)
class KeptPhase:
    """The phase of sounds that are at hand.

    Attributes:
        sound: The sounds, [B, T].
    """

    sound: Tensor

    def waveform(
        self, magnitude: Tensor, frames: FrameSpec, *, length_samples: int, seed: int
    ) -> Tensor:
        """See `PhaseMethod.waveform`; the magnitudes must be those of as many, as long sounds."""
        self._check(magnitude, length_samples)
        # the magnitudes of a sound may have been cut where its silence begins
        phase = stft(self.sound[:, :length_samples].to(magnitude.device), frames).angle()
        return istft(torch.polar(magnitude.float(), phase), frames, length_samples)

    def waveform_in(
        self, magnitude: Tensor, transform: Transform, *, length_samples: int, seed: int
    ) -> Tensor:
        """See `ServesTransforms.waveform_in`."""
        self._check(magnitude, length_samples)
        phase = transform.forward(self.sound.to(magnitude.device)).angle()
        return transform.inverse(torch.polar(magnitude.float(), phase), length_samples)

    def _check(self, magnitude: Tensor, length_samples: int) -> None:
        count, length = self.sound.shape
        if count != len(magnitude) or length < length_samples:
            raise UsageError(
                f"the phase of sounds of shape {(count, length)}",
                f"{(len(magnitude), length_samples)}, or longer",
            )


class Original(PhaseMethod):
    """The phase of the sound that the magnitudes are of, where that sound is at hand."""

    title: ClassVar[str] = "original phase"
    iterative: ClassVar[bool] = False
    deterministic: ClassVar[bool] = True
    needs_sound: ClassVar[bool] = True
    source: ClassVar[str] = "Rebnord 2022, chapter 7"

    name: Literal["original"] = option("original", "Which phase method.")

    def keeping(self, sound: Tensor) -> KeptPhase:
        """Keeps the phase of sounds for magnitudes of theirs.

        Args:
            sound: Waveforms, [B, T].

        Returns:
            What gives magnitudes [B, F, N] of B such sounds their phase.

        Example:
            >>> sound, frames = torch.randn(1, 1000), FrameSpec(64, 16)
            >>> kept = Original().keeping(sound)
            >>> wanted = stft(sound, frames).abs()
            >>> back = kept.waveform(wanted, frames, length_samples=1000, seed=0)
            >>> torch.allclose(back, sound, atol=1e-5)
            True
        """
        return KeptPhase(sound)

    def waveform(
        self, magnitude: Tensor, frames: FrameSpec, *, length_samples: int, seed: int
    ) -> Tensor:
        """See `PhaseMethod.waveform`; without the sound there is no phase to keep.

        Raises:
            UsageError: Always: `keeping` takes the sound.
        """
        raise _no_sound()

    def waveform_in(
        self, magnitude: Tensor, transform: Transform, *, length_samples: int, seed: int
    ) -> Tensor:
        """See `ServesTransforms.waveform_in`.

        Raises:
            UsageError: Always, as `waveform`.
        """
        raise _no_sound()


def _no_sound() -> UsageError:
    return UsageError(
        "the phase method 'original' without the sound whose phase it keeps",
        "a sound that is played back, as in reconstruct",
        "choose another phase method for sounds that are new",
    )


PHASE = Original
