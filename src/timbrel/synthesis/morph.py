"""Morph: from one sound to another, or over a square between four."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import torch
from torch import Tensor

from timbrel.errors import UnknownNameError, UsageError
from timbrel.instruments.instrument import Instrument
from timbrel.signal.files import Sound
from timbrel.synthesis.phases import Phase
from timbrel.synthesis.reconstruct import Heard, hear
from timbrel.synthesis.renders import SEEDS, Origin, Parent, Render, checked_seed, play

Curve = Literal["linear", "spherical", "ease"]
CURVES: tuple[str, ...] = get_args(Curve)
MOST_STEPS = {2: 1000, 4: 100}
# Below this angle the arc is a straight line to float32; near half a turn it is no single arc.
SMALLEST_SINE = 1e-4


def morph(
    instrument: Instrument,
    sounds: Sequence[Sound],
    *,
    steps: int,
    curve: Curve = "linear",
    seed: int = 0,
    phase: Phase | None = None,
) -> Iterator[Render]:
    """Moves between sounds: along a line between two, over a square between four.

    Args:
        instrument: Who plays.
        sounds: Two sounds, the ends; or four, the corners of a square, row by row.
        steps: Renders along a line or a side, ends included: 2 to 1000, of a square 2 to 100.
        curve: "linear" keeps the pace; "spherical" goes around the origin at the ends' own
            distance from it (straight where the instrument knows of details); "ease" leaves and
            arrives slowly.
        seed: Seed of the phase method, the same for each step, so that only the sound changes.
        phase: The way from magnitudes to a waveform; None takes the instrument's own.

    Returns:
        ``steps`` or ``steps * steps`` renders, made as they are asked for. The ends have exactly
        the latents and levels that `reconstruct` gives them; the grain is drawn, as in all new
        sounds, where the instrument knows of it. Levels move evenly in dB.

    Raises:
        AbilityError: When the instrument cannot.
        SoundFileError: When a sound is empty, silent, or holds values that are no numbers.
        UsageError: When the sounds are not two or four, or `steps` is out of range.
        UnknownNameError: When there is no such curve.
    """
    instrument.require("morph")
    checked_seed(seed)
    if len(sounds) not in MOST_STEPS:
        raise UsageError(f"{len(sounds)} sounds to morph", "two or four sounds")
    if not 2 <= steps <= MOST_STEPS[len(sounds)]:
        raise UsageError(f"{steps} steps", f"2 to {MOST_STEPS[len(sounds)]} steps")
    if curve not in CURVES:
        raise UnknownNameError("curve", curve, CURVES)
    heard = [hear(instrument, sound) for sound in sounds]
    return _renders(instrument, heard, steps, curve, Origin("", "morph", seed, phase=phase))


def names(sounds: int, steps: int) -> list[str]:
    """Says what the renders of a morph will be called.

    Args:
        sounds: Two or four.
        steps: Renders along a line or a side.

    Returns:
        Their names, in order.
    """
    count = steps * steps if sounds == 4 else steps
    return [f"morph-{number + 1:04d}" for number in range(count)]


def between(start: Tensor, end: Tensor, place: float, curve: Curve = "linear") -> Tensor:
    """Finds the latent at a place of the path from one to another.

    Args:
        start: The latent at place 0, [Z].
        end: The latent at place 1, [Z].
        place: Where on the path, 0 to 1; the ends are met exactly.
        curve: How the path runs: around the origin for "spherical", else straight.

    Returns:
        The latent, [Z].

    Source:
        Shoemake 1985, "Animating rotation with quaternion curves", of the directions, with the
        lengths interpolated beside.

    Example:
        >>> between(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]), 0.5, "spherical")
        tensor([0.7071, 0.7071])
    """
    if place in (0.0, 1.0):
        return start if place == 0.0 else end
    if curve == "spherical":
        return _on_the_sphere(start, end, place)
    return torch.lerp(start, end, place)


def level_between(start: float, end: float, place: float) -> float:
    """Finds the level at a place between two, evenly in dB.

    Args:
        start: A linear amplitude above 0.
        end: Another.
        place: Where between them, 0 to 1.

    Returns:
        A linear amplitude.

    Example:
        >>> round(level_between(0.01, 1.0, 0.5), 6)
        0.1
    """
    if place in (0.0, 1.0):
        return start if place == 0.0 else end
    return math.exp((1 - place) * math.log(start) + place * math.log(end))


def _on_the_sphere(start: Tensor, end: Tensor, place: float) -> Tensor:
    lengths = start.norm(), end.norm()
    if not min(lengths) > 0:
        return torch.lerp(start, end, place)
    a, b = start / lengths[0], end / lengths[1]
    angle = torch.arccos(torch.clamp(a @ b, -1.0, 1.0))
    sine = torch.sin(angle)
    if sine < SMALLEST_SINE:
        return torch.lerp(start, end, place)
    direction = (torch.sin((1 - place) * angle) * a + torch.sin(place * angle) * b) / sine
    length = (1 - place) * lengths[0] + place * lengths[1]
    return torch.mul(direction, length)


@dataclass(frozen=True)
class _Way:
    """How an instrument goes from one sound to another."""

    instrument: Instrument
    curve: Curve
    seed: int

    def at(self, start: Heard, end: Heard, place: float) -> Heard:
        detail = self._detail(start, end, place)
        # details mix straight, and the latent is theirs
        curve: Curve = self.curve if detail is None else "linear"
        latent = between(start.latent, end.latent, place, curve)
        level = level_between(start.reference, end.reference, place)
        return Heard(latent, level, "", detail)

    def _detail(self, start: Heard, end: Heard, place: float) -> Tensor | None:
        if start.detail is None or end.detail is None:
            return None
        if place in (0.0, 1.0):
            return start.detail if place == 0.0 else end.detail
        most = max(start.detail.shape[1], end.detail.shape[1])
        ends = [
            torch.nn.functional.pad(one, (0, most - one.shape[1]), mode="replicate")
            for one in (start.detail, end.detail)
        ]
        weights = torch.tensor([[1 - place], [place]]).expand(2, most)
        return self.instrument.blend(torch.stack(ends)[:, None], weights, seed=self.seed * SEEDS)[0]


def _renders(
    instrument: Instrument, heard: Sequence[Heard], steps: int, curve: Curve, origin: Origin
) -> Iterator[Render]:
    rows, way = steps if len(heard) == 4 else 1, _Way(instrument, curve, origin.seed)
    for number, name in enumerate(names(len(heard), steps)):
        down = _paced(number // steps / max(rows - 1, 1), curve)
        across = _paced(number % steps / (steps - 1), curve)
        left, right = (_side(way, heard, side, down) for side in (0, 1))
        here = way.at(left, right, across)
        here_from = replace(
            origin,
            name=name,
            parents=_parents(heard, down, across),
            settings={"curve": curve, "steps": steps, "across": across, "down": down},
        )
        yield play(instrument, here.latent, here.reference, here_from, detail=here.detail)


def _paced(place: float, curve: Curve) -> float:
    """Where on the path an evenly counted step lies: "ease" leaves and arrives slowly."""
    return place * place * (3 - 2 * place) if curve == "ease" else place


def _side(way: _Way, heard: Sequence[Heard], side: int, down: float) -> Heard:
    """The point of the left (0) or right (1) side of the square; the end itself on a line."""
    return heard[side] if len(heard) == 2 else way.at(heard[side], heard[side + 2], down)


def _parents(heard: Sequence[Heard], down: float, across: float) -> list[Parent]:
    """Gives each end or corner its weight by the place on the path."""
    # The corners:  0 - 1   "across" runs to the right,
    #               |   |   "down" from the upper row to the lower;
    #               2 - 3   a line is the upper row alone.
    columns, rows = (1 - across, across), (1 - down, down)
    weights = [row * column for row in rows for column in columns]
    return [Parent(one.name, weight) for one, weight in zip(heard, weights, strict=False)]
