"""What a network may offer to the instrument that it becomes."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch
    from torch import Tensor

    from timbrel.blocks.outline import Outline
    from timbrel.blocks.recording import Recording
    from timbrel.signal.stft import FrameSpec


@runtime_checkable
class Encodes(Protocol):
    """A network that hears: from a code to a latent."""

    def encode(self, code: "Tensor") -> "Tensor":
        """Finds the latent of codes.

        Args:
            code: Codes of the front end, [B, F, N].

        Returns:
            Latents, [B, Z]; the same code gives the same latent.
        """
        ...


@runtime_checkable
class Decodes(Protocol):
    """A network that plays: from a latent to a code."""

    def decode(self, latent: "Tensor") -> "Tensor":
        """Finds the code of latents.

        Args:
            latent: Latents, [B, Z].

        Returns:
            Codes, [B, F, N].
        """
        ...


@runtime_checkable
class KnowsSpread(Protocol):
    """A network that also says how rough a sound is around what it decodes."""

    def decode_with_spread(self, latent: "Tensor") -> "tuple[Tensor, Tensor | None]":
        """Finds the code of latents, and its roughness.

        Args:
            latent: Latents, [B, Z].

        Returns:
            Codes [B, F, N], and the mean absolute deviation of each cell [B, F, N] in units of
            the code, or None where it knows of none.
        """
        ...


@runtime_checkable
class KnowsDetail(Protocol):
    """A network whose latent says what a sound is like, and not all there is to it.

    The rest is the *detail*, [B, K, L]: heard in a sound, or drawn for a latent.
    """

    def detail(self, code: "Tensor") -> "Tensor":
        """Finds the details of codes.

        Args:
            code: Codes of the front end, [B, F, N].

        Returns:
            Details, [B, K, L].
        """
        ...

    def draw(self, latent: "Tensor", generator: "torch.Generator") -> "Tensor":
        """Draws likely details.

        Args:
            latent: Latents, [B, Z].
            generator: Where all randomness comes from.

        Returns:
            Details, [B, K, L].
        """
        ...

    def blend(self, details: "Tensor", weights: "Tensor", generator: "torch.Generator") -> "Tensor":
        """Finds details between sounds, or beyond them.

        Args:
            details: Details of S sounds that are aligned in time, [S, B, K, L].
            weights: How much of each sound is in each position, [S, L]. Each position's weights
                sum to 1; they may be below 0 or above 1, which goes beyond the sounds. One
                sound alone is never asked for: its detail is played as it is.
            generator: Where all randomness comes from.

        Returns:
            Details, [B, K, L].
        """
        ...

    def play(self, detail: "Tensor") -> "tuple[Tensor, Tensor | None]":
        """Finds the code of details, and its roughness.

        Args:
            detail: Details, [B, K, L].

        Returns:
            Codes [B, F, N], and the mean absolute deviation of each cell [B, F, N], or None where
            it knows of none.
        """
        ...


@runtime_checkable
class KnowsPitch(Protocol):
    """A network whose details tell the pitch, and sound at another one."""

    def pitch(self, detail: "Tensor") -> "Tensor":
        """Tells the pitch of details.

        Args:
            detail: Details, [B, K, L].

        Returns:
            The pitch at each position in semitones (MIDI notes, 69 is 440 Hz), [B, L]; not a
            number where there is none.
        """
        ...

    def at_pitch(self, detail: "Tensor", semitones: "Tensor") -> "Tensor":
        """Gives details another pitch.

        Args:
            detail: Details, [B, K, L].
            semitones: The pitch at each position (MIDI notes), [B, L].

        Returns:
            Details, [B, K, L].
        """
        ...


@runtime_checkable
class PlaysLong(Protocol):
    """A network that knows of details and draws them of any length, as one piece.

    Attributes:
        position_frames: Frames of a code that one position of a detail stands for.
    """

    position_frames: int

    def compose(self, path: "Tensor", positions: int, generator: "torch.Generator") -> "Tensor":
        """Draws likely details along a path of latents.

        Args:
            path: The latent of each position, [B, L, Z], or one for all, [B, 1, Z].
            positions: L, any number.
            generator: Where all randomness comes from.

        Returns:
            Details, [B, K, L].
        """
        ...

    def lasting(self, detail: "Tensor") -> "tuple[Tensor, Tensor | None]":
        """Finds the code of details of any length, and its roughness, as `KnowsDetail.play` does.

        Args:
            detail: Details, [B, K, L].

        Returns:
            Codes and mean absolute deviations, [B, F, L * position_frames] each.
        """
        ...


@runtime_checkable
class KnowsTempo(Protocol):
    """A network whose latents tell a tempo, and can be given another."""

    def pace(self, latent: "Tensor") -> "Tensor":
        """Tells how fast the beat is.

        Args:
            latent: Latents, [B, Z].

        Returns:
            Beats a position of a detail, [B].
        """
        ...

    def at_pace(self, latent: "Tensor", pace: float) -> "Tensor":
        """Gives latents another tempo.

        Args:
            latent: Latents, [B, Z].
            pace: Beats a position.

        Returns:
            Latents, [B, Z].
        """
        ...


@runtime_checkable
class Samples(Protocol):
    """A network that draws latents from its own prior."""

    def sample(self, count: int, generator: "torch.Generator") -> "Tensor":
        """Draws latents.

        Args:
            count: How many.
            generator: Where all randomness comes from.

        Returns:
            Latents, [count, Z].
        """
        ...


@runtime_checkable
class Scores(Protocol):
    """A network whose critic tells how real codes seem."""

    def score(self, code: "Tensor") -> "Tensor":
        """Scores codes.

        Args:
            code: Codes of the front end, [B, F, N].

        Returns:
            Scores, [B]: higher is more real.
        """
        ...


@runtime_checkable
class FindsPhase(Protocol):
    """A network that finds waveforms for magnitudes, in the frames that it was trained for.

    Attributes:
        frames: These frames.
    """

    frames: "FrameSpec"

    def waveform(self, magnitude: "Tensor", *, length_samples: int, seed: int) -> "Tensor":
        """Finds waveforms.

        Args:
            magnitude: Linear magnitudes, non-negative, [B, F, N] of any length.
            length_samples: Length T of the waveforms.
            seed: Seed of anything drawn.

        Returns:
            Waveforms, [B, T], each as if it were alone.
        """
        ...


@runtime_checkable
class Improvises(Protocol):
    """A network that learned from one recording or a few, and plays pieces that follow them.

    Codes are those of `timbrel.instruments.recorded`, of one recording after the other.

    Attributes:
        recording: What it learned from.
    """

    recording: "Recording"

    def improvise(self, outline: "Outline", generator: "torch.Generator") -> "Iterator[Tensor]":
        """Makes a piece, stretch by stretch.

        Args:
            outline: How long it is and what it follows.
            generator: Where all randomness comes from.

        Returns:
            Codes, [F, N] each, one after the other; without an end where the outline has none.
        """
        ...

    def inherit(self, other: object, code: "Tensor") -> None:
        """Begins with what another network learned from other recordings.

        Args:
            other: A network of the same family; it is not changed.
            code: The code of this one's own recordings, which it holds already, [F, N].

        Raises:
            TrainingError: When the two do not fit together.
        """
        ...


@runtime_checkable
class Cleans(Protocol):
    """A network that tells the noise in a code from what it learned."""

    def cleaned(self, code: "Tensor") -> "Tensor":
        """Takes the noise out of a code.

        Args:
            code: A noisy sound's code, [F, N].

        Returns:
            The code without it, [F, N].
        """
        ...


OFFERS: dict[str, type] = {
    "encode": Encodes,
    "decode": Decodes,
    "sample": Samples,
    "phase": FindsPhase,
    "detail": KnowsDetail,
    "improvise": Improvises,
    "clean": Cleans,
}


def missing(network: object, offers: Collection[str]) -> list[str]:
    """Lists what a network is said to offer and does not.

    Args:
        network: The family's network.
        offers: What the family declares.

    Returns:
        The names that are missing, in alphabetical order.

    Example:
        >>> missing(object(), {"decode"})
        ['decode']
    """
    return [name for name in sorted(offers) if not isinstance(network, OFFERS.get(name, object))]
