"""Lasting pieces: an instrument plays for as long as is asked, along a path of latents.

Only some networks can (`timbrel.instruments.offers.PlaysLong`): the whole piece is drawn at
once, so that there is nothing to join and no seam.
"""

import math
from typing import cast

import torch
from torch import Tensor
from torch.nn.functional import pad

from timbrel.errors import AbilityError, UsageError
from timbrel.instruments.grain import drawn
from timbrel.instruments.hearing import playing
from timbrel.instruments.instrument import Instrument, normalised
from timbrel.instruments.offers import KnowsTempo, PlaysLong
from timbrel.signal import levels
from timbrel.signal.frontends import Framed
from timbrel.signal.phase import GivesPhase

MOST_S = 600.0
SLOWEST_BPM, FASTEST_BPM = 20.0, 400.0
_GRAIN_SAMPLES = 2**20  # of which the grain is drawn at once
_GRAIN_SEEDS = 1_000_003  # between the seeds of two stretches


def plays_long(instrument: Instrument) -> bool:
    """Says whether an instrument plays for as long as is asked.

    Args:
        instrument: Any instrument.

    Returns:
        Whether `play` works.
    """
    return isinstance(instrument.network, PlaysLong) and isinstance(instrument.front_end, Framed)


def knows_tempo(instrument: Instrument) -> bool:
    """Says whether the latents of an instrument tell a tempo.

    Args:
        instrument: Any instrument.

    Returns:
        Whether `tempo_bpm` and `at_tempo` work.
    """
    return plays_long(instrument) and isinstance(instrument.network, KnowsTempo)


def tempo_bpm(instrument: Instrument, latents: Tensor) -> Tensor:
    """Tells the tempo of latents.

    Args:
        instrument: Whose latents they are.
        latents: [B, Z].

    Returns:
        Beats a minute, [B].

    Raises:
        AbilityError: When its latents tell of none.
    """
    network = _with_tempo(instrument)
    with playing(instrument.network):
        pace = network.pace(latents.to(instrument.device)).cpu().clone()
    return pace * 60.0 / _position_s(instrument)


def at_tempo(instrument: Instrument, latents: Tensor, bpm: float) -> Tensor:
    """Gives latents another tempo.

    Args:
        instrument: Whose latents they are.
        latents: [B, Z].
        bpm: Beats a minute, 20 to 400.

    Returns:
        Latents, [B, Z].

    Raises:
        AbilityError: When its latents tell of none.
        UsageError: When the tempo is out of range.
    """
    network = _with_tempo(instrument)
    if not SLOWEST_BPM <= bpm <= FASTEST_BPM:
        raise UsageError(
            f"a tempo of {bpm:g} beats a minute", f"{SLOWEST_BPM:g} to {FASTEST_BPM:g}"
        )
    with playing(instrument.network):
        pace = bpm / 60.0 * _position_s(instrument)
        return network.at_pace(latents.to(instrument.device), pace).cpu().clone()


def play(
    instrument: Instrument,
    latents: Tensor,
    times_s: Tensor,
    *,
    seconds: float,
    seed: int,
    grain: float = 1.0,
    phase: GivesPhase | None = None,
) -> Tensor:
    """Plays one piece along a path of latents.

    Args:
        instrument: Who plays.
        latents: The latents that the path goes through, in straight lines, [M, Z], M at least 1.
        times_s: When it is at each, rising, [M]; before the first and after the last it stays.
        seconds: How long the piece is, up to 600 s.
        seed: Seed of all that is drawn.
        grain: How much of the sound's roughness is drawn, 0 to 1.
        phase: The way from magnitudes to a waveform; None takes the instrument's own.

    Returns:
        The waveform with a peak of -1 dBFS, [1, T].

    Raises:
        AbilityError: When it plays no longer than it heard, or makes no numbers of these latents.
        UsageError: When the length or the path does not fit.
    """
    network = _long(instrument)
    _check(instrument, latents, times_s, seconds)
    length_samples = round(seconds * instrument.sample_rate)
    frames = instrument.front_end.code_shape(length_samples)[1]
    positions = -(-frames // network.position_frames)
    path = latents[None] if len(latents) == 1 else _path(instrument, latents, times_s, positions)
    generator = torch.Generator(instrument.device).manual_seed(seed)
    with playing(instrument.network):
        detail = network.compose(path.to(instrument.device), positions, generator)
        code, spread = network.lasting(detail)
        code = code[:, :, :frames].float()
        if not levels.is_finite(code):
            raise AbilityError(f"{instrument.name!r} makes no sound of this path")
        if grain and spread is not None:
            code = _grained(instrument, code, spread[:, :, :frames], grain=grain, seed=seed)
        sound = instrument.front_end.decode(
            code,
            torch.ones(1, device=code.device),
            sample_rate=instrument.sample_rate,
            length_samples=length_samples,
            phase=instrument.phase if phase is None else phase,
            seed=seed,
        )
    return normalised(sound.cpu().clone())


def _grained(
    instrument: Instrument, code: Tensor, spread: Tensor, *, grain: float, seed: int
) -> Tensor:
    """Draws the grain stretch by stretch: noise has no memory, so nothing is heard of it."""
    stretch, parts = instrument.front_end.code_shape(_GRAIN_SAMPLES)[1], []
    for number, first in enumerate(range(0, code.shape[2], stretch)):
        count = min(stretch, code.shape[2] - first)
        smooth, rough = (
            pad(x[:, :, first : first + count], (0, stretch - count)) for x in (code, spread)
        )
        # a seed a stretch, so that no noise is heard twice; the first has the piece's own
        own = seed + number * _GRAIN_SEEDS
        told = drawn(smooth, rough, instrument.recipe, _GRAIN_SAMPLES, amount=grain, seed=own)
        parts.append(told[:, :, :count])
    return torch.cat(parts, dim=2)


def _path(instrument: Instrument, latents: Tensor, times_s: Tensor, positions: int) -> Tensor:
    """The latent at each position, [1, L, Z]."""
    at = torch.arange(positions) * _position_s(instrument)
    after = torch.searchsorted(times_s.double(), at.double()).clamp(1, len(times_s) - 1)
    begin, end = times_s[after - 1], times_s[after]
    share = ((at - begin) / (end - begin)).clamp(0, 1).float()
    return torch.lerp(latents[after - 1], latents[after], share[:, None])[None]


def _check(instrument: Instrument, latents: Tensor, times_s: Tensor, seconds: float) -> None:
    if not (math.isfinite(seconds) and 0 < seconds <= MOST_S):
        raise UsageError(f"a piece of {seconds:g} s", f"more than 0, up to {MOST_S:g} s")
    size = instrument.latent_size
    if latents.ndim != 2 or not len(latents) or latents.shape[1] != size:
        raise UsageError(f"latents of shape {tuple(latents.shape)}", f"[M, {size}], M at least 1")
    if not levels.is_finite(latents):
        raise UsageError("a latent with values that are no numbers", "finite latents")
    if times_s.shape != latents.shape[:1] or bool((times_s.diff() <= 0).any()):
        raise UsageError("times of a path that do not rise", f"{len(latents)} rising times")


def _long(instrument: Instrument) -> PlaysLong:
    if not plays_long(instrument):
        raise AbilityError(
            f"the instrument {instrument.name!r} plays {instrument.recipe.duration_s:g} s and no "
            "longer",
            "an instrument of the recipe long-form",
        )
    return cast(PlaysLong, instrument.network)


def _with_tempo(instrument: Instrument) -> KnowsTempo:
    if not knows_tempo(instrument):
        raise AbilityError(
            f"the instrument {instrument.name!r} knows of no tempo",
            "an instrument of the recipe long-form",
        )
    return cast(KnowsTempo, instrument.network)


def _position_s(instrument: Instrument) -> float:
    hop = cast(Framed, instrument.front_end).frames.hop_samples
    frames = cast(PlaysLong, instrument.network).position_frames
    return frames * hop / instrument.sample_rate
