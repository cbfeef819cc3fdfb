"""How an instrument plays that learned from a recording: pieces of any length, or endless."""

from collections.abc import Iterator
from typing import cast

import torch
from torch import Tensor

from timbrel.blocks.outline import Outline
from timbrel.blocks.recording import Recording
from timbrel.errors import AbilityError, UsageError
from timbrel.instruments import recorded
from timbrel.instruments.hearing import playing
from timbrel.instruments.instrument import Instrument
from timbrel.instruments.offers import Improvises
from timbrel.signal import levels
from timbrel.signal.completion import completed
from timbrel.signal.frontends import Framed
from timbrel.signal.phase import GivesPhase

MOST_S = 3600.0
_KEPT_WINDOWS = 4  # of a stream that has been played, so that what follows joins it


def improvises(instrument: Instrument) -> bool:
    """Says whether an instrument learned from a recording and plays pieces that follow it.

    Args:
        instrument: Any instrument.

    Returns:
        Whether it does.
    """
    return "improvise" in instrument.offers and isinstance(instrument.network, Improvises)


def recording_of(instrument: Instrument) -> Recording:
    """Gives the recordings that an instrument learned from.

    Args:
        instrument: The instrument.

    Returns:
        The recordings.

    Raises:
        AbilityError: When it learned from none.
    """
    return _network(instrument).recording


def reference_of(instrument: Instrument) -> float:
    """Says which amplitude the codes are relative to that an instrument makes.

    Args:
        instrument: The instrument.

    Returns:
        A linear amplitude.
    """
    return float(instrument.cloud.references.max())


def frames_of(instrument: Instrument, length_samples: int) -> int:
    """Says how many frames of a code a sound has.

    Args:
        instrument: Whose code.
        length_samples: Length T of the sound.

    Returns:
        N.
    """
    return instrument.front_end.code_shape(length_samples)[1]


def code(instrument: Instrument, outline: Outline, *, seed: int) -> Tensor:
    """Makes the code of a piece.

    Args:
        instrument: Who plays.
        outline: What is wanted, of a length.
        seed: Seed of all that is drawn.

    Returns:
        The code, [F, N].

    Raises:
        AbilityError: When it learned from no recording, or makes no numbers of this.
        UsageError: When the piece has no length.
    """
    if outline.frames < 1:
        raise UsageError("a piece without an end", "a length")
    network, parts, count = _network(instrument), [], 0
    with playing(instrument.network):
        for part in network.improvise(outline, _generator(instrument, seed)):
            parts.append(part.float().cpu().clone())
            count += part.shape[1]
            if count >= outline.frames:
                break
    made = torch.cat(parts, dim=1)[:, : outline.frames]
    if not levels.is_finite(made):
        raise AbilityError(f"{instrument.name!r} makes no sound of this")
    return made


def play(
    instrument: Instrument,
    outline: Outline,
    *,
    length_samples: int,
    seed: int,
    phase: GivesPhase | None = None,
) -> Tensor:
    """Plays a piece.

    Args:
        instrument: Who plays.
        outline: What is wanted.
        length_samples: Length T of the piece.
        seed: Seed of all that is drawn.
        phase: The way from magnitudes to a waveform; None takes the instrument's own.

    Returns:
        The sound at the level of its recordings, [C, T].

    Raises:
        AbilityError: When it learned from no recording, or makes no numbers of this.
    """
    return recorded.sounded(
        instrument.recipe,
        code(instrument, outline, seed=seed),
        reference_of(instrument),
        channels=instrument.facts.channels,
        length_samples=length_samples,
        phase=instrument.phase if phase is None else phase,
        seed=seed,
    )


def stream(instrument: Instrument, *, seed: int) -> Iterator[Tensor]:
    """Plays a piece without an end, stretch by stretch, in memory that does not grow.

    Args:
        instrument: Who plays.
        seed: Seed of all that is drawn.

    Yields:
        Sounds, [C, T'] each, one after the other.

    Raises:
        AbilityError: When it learned from no recording.
    """
    parts = _network(instrument).improvise(Outline(0), _generator(instrument, seed))
    with playing(instrument.network):
        if not instrument.front_end.spectral:
            reference = reference_of(instrument)
            for part in parts:
                yield part.float().cpu() * reference
            return
        joiner = _Joiner(instrument, seed)
        for part in parts:
            yield joiner.more(part.float().cpu())


class _Joiner:
    """Makes stretches of magnitudes sound, each so that it joins the one before."""

    def __init__(self, instrument: Instrument, seed: int) -> None:
        self.instrument, self.seed = instrument, seed
        self.frames = cast(Framed, instrument.front_end).frames
        self.kept = -(-_KEPT_WINDOWS * self.frames.n_fft // self.frames.hop_samples)
        self.code: Tensor | None = None  # of what is kept, and what has not been played yet
        self.middle = torch.zeros(0)  # samples of it that have been played

    def more(self, part: Tensor) -> Tensor:
        code = part if self.code is None else torch.cat([self.code, part], dim=1)
        count, hop = code.shape[1], self.frames.hop_samples
        bins = self.frames.bins
        whole = recorded.magnitudes(self.instrument.recipe, code[:bins])
        length = count * hop
        # the last frames will change with what follows them: they are played with the next part
        end = max(len(self.middle), length - self.frames.n_fft)
        known = torch.zeros(length)
        known[: len(self.middle)] = 1
        sound = torch.zeros(length)
        sound[: len(self.middle)] = self.middle
        if len(self.middle):
            middle = completed(sound, known, whole * self._reference, self.frames)
        else:
            middle = self._first(code, length)
        played = self._spread(middle, code, len(self.middle), end)
        first = max(0, end // hop - self.kept)
        self.code, self.middle = code[:, first:], middle[first * hop : end]
        return played

    @property
    def _reference(self) -> float:
        return reference_of(self.instrument)

    def _first(self, code: Tensor, length: int) -> Tensor:
        return recorded.sounded(
            self.instrument.recipe,
            code[: self.frames.bins],
            self._reference,
            channels=1,
            length_samples=length,
            phase=self.instrument.phase,
            seed=self.seed,
        )[0]

    def _spread(self, middle: Tensor, code: Tensor, begin: int, end: int) -> Tensor:
        if self.instrument.facts.channels == 1:
            return middle[None, begin:end]
        recipe = self.instrument.recipe
        return recorded.spread(recipe, middle, code, seed=self.seed)[:, begin:end]


def _network(instrument: Instrument) -> Improvises:
    if not improvises(instrument):
        raise AbilityError(
            f"the instrument {instrument.name!r} did not learn from a recording",
            "an instrument of the recipes single or caw-s2",
        )
    return cast(Improvises, instrument.network)


def _generator(instrument: Instrument, seed: int) -> torch.Generator:
    return torch.Generator(instrument.device).manual_seed(seed)
