"""Takes: how a latent is played: moved by sliders, for how long, at which tempo."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from timbrel.errors import AbilityError, UsageError
from timbrel.instruments import lasting
from timbrel.instruments.instrument import Instrument, normalised
from timbrel.signal import levels
from timbrel.synthesis.renders import FADE_S, Origin, Render, play, told
from timbrel.synthesis.sliders import Steering

SHORTEST_S = 0.05


@dataclass(frozen=True)
class Take:
    """How latents are played.

    Attributes:
        steering: Sliders that every latent is moved by; None leaves it as it is.
        seconds: How long the sound shall be, in seconds; None leaves it to the instrument.
        tempo_bpm: Its tempo in beats a minute; None leaves it to the latent.
    """

    steering: Steering | None = None
    seconds: float | None = None
    tempo_bpm: float | None = None

    def settings(self) -> dict[str, object]:
        """Says what is asked, as a render's settings do.

        Returns:
            Plain values; nothing of what is not asked.

        Example:
            >>> Take(seconds=30).settings()
            {'seconds': 30}
        """
        asked = {"seconds": self.seconds, "tempo_bpm": self.tempo_bpm}
        steered = {} if self.steering is None else self.steering.wanted.told()
        return {**steered, **{name: value for name, value in asked.items() if value is not None}}

    def check(self, instrument: Instrument) -> None:
        """Refuses what an instrument cannot.

        Args:
            instrument: Who shall play.

        Raises:
            AbilityError: When it plays no longer than it heard, or knows of no tempo.
            UsageError: When the length is no length, or the tempo no tempo.
        """
        if self.tempo_bpm is not None:
            lasting.at_tempo(instrument, torch.zeros(0, instrument.latent_size), self.tempo_bpm)
        if self.seconds is None:
            return
        if not (math.isfinite(self.seconds) and SHORTEST_S <= self.seconds <= lasting.MOST_S):
            raise UsageError(
                f"a sound of {self.seconds:g} s", f"{SHORTEST_S:g} to {lasting.MOST_S:g} s"
            )
        longest_s = instrument.recipe.duration_s
        if self.seconds > longest_s and not lasting.plays_long(instrument):
            raise AbilityError(
                f"the instrument {instrument.name!r} plays {longest_s:g} s and no longer",
                f"--seconds up to {longest_s:g}",
                "a --journey through several seeds joins its sounds to a longer piece; an "
                "instrument of the recipe long-form plays for as long as is asked",
            )

    def latent(self, instrument: Instrument, latent: Tensor) -> Tensor:
        """Moves a latent as is asked.

        Args:
            instrument: Who shall play it.
            latent: The latent, [Z].

        Returns:
            The latent, [Z].
        """
        moved = latent if self.steering is None else self.steering.moved(latent)
        if self.tempo_bpm is None:
            return moved
        return lasting.at_tempo(instrument, moved[None], self.tempo_bpm)[0]

    def play(self, instrument: Instrument, latent: Tensor, origin: Origin) -> Render:
        """Plays one latent.

        Args:
            instrument: Who plays.
            latent: The latent as it was drawn, [Z].
            origin: How it came to be made.

        Returns:
            The render, with a peak of -1 dBFS.
        """
        moved = self.latent(instrument, latent)
        if self.seconds is None:
            return play(instrument, moved, None, origin)
        if lasting.plays_long(instrument):
            return along(instrument, moved[None], origin, seconds=self.seconds)
        whole = play(instrument, moved, None, origin).sound.samples
        length, fade = (round(s * instrument.sample_rate) for s in (self.seconds, FADE_S))
        cut = normalised(levels.fit_length(whole, length, fade_samples=fade))
        return told(instrument, cut, moved, None, origin)


def along(instrument: Instrument, latents: Tensor, origin: Origin, *, seconds: float) -> Render:
    """Plays one lasting piece along a path of latents, evenly from its beginning to its end.

    Args:
        instrument: Who plays for as long as is asked.
        latents: The latents of the path, [M, Z].
        origin: How it came to be made.
        seconds: How long it is.

    Returns:
        The render; its latent is that of its beginning.
    """
    samples = lasting.play(
        instrument,
        latents,
        torch.linspace(0, seconds, len(latents), dtype=torch.float64),
        seconds=seconds,
        seed=origin.drawn_by,
        grain=origin.grain,
        phase=None if origin.phase is None else origin.phase.gives,
    )
    return told(instrument, samples, latents[0], None, origin)
