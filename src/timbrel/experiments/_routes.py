"""Routes: ways of a sound through an encoding and back that the reconstruction experiment takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor

from timbrel import plugins
from timbrel.signal.frontends import FrontEnd
from timbrel.signal.levels import fit_length
from timbrel.signal.phase import GivesPhase
from timbrel.signal.resampling import resample
from timbrel.signal.stft import FrameSpec, magnitude

Render = Callable[[Tensor, int, int], Tensor]
AT_ONCE = 8


@dataclass(frozen=True)
class Route:
    """One row of the table.

    Attributes:
        name: What it is called.
        render: (sounds [B, T], rate in Hz, seed) -> the same sounds after the route, [B, T].
        s3: S3's mean ODG and fingerprint similarity of the same route, where S3 has it.
    """

    name: str
    render: Render
    s3: tuple[float, float] | None = None


def phase_method(name: str, **settings: Any) -> GivesPhase:
    """Makes a phase method.

    Args:
        name: A plug-in of `signal.phase`.
        **settings: Its settings.

    Returns:
        The method.
    """
    return cast(GivesPhase, plugins.load("signal.phase", name)(**settings))


def through_stft(frames: FrameSpec, phase: GivesPhase) -> Render:
    """Keeps the magnitudes of the short-time Fourier transform and finds their phase.

    Args:
        frames: How sounds are framed.
        phase: The phase method.

    Returns:
        The way there and back.
    """

    def render(sound: Tensor, _sample_rate: int, seed: int) -> Tensor:
        kept = magnitude(sound, frames)
        return phase.waveform(kept, frames, length_samples=sound.shape[1], seed=seed)

    return render


def through_original_phase(frames: FrameSpec) -> Render:
    """Keeps magnitudes and phase: what the transform alone costs.

    Args:
        frames: How sounds are framed.

    Returns:
        The way there and back.
    """
    original = plugins.load("signal.phase", "original")()

    def render(sound: Tensor, sample_rate: int, seed: int) -> Tensor:
        kept = original.keeping(sound)
        return through_stft(frames, kept)(sound, sample_rate, seed)

    return render


def through_front_end(name: str, settings: Mapping[str, Any], phase: GivesPhase) -> Render:
    """Encodes by a front end, as an instrument hears, and decodes again.

    Args:
        name: A plug-in of `signal.frontends`.
        settings: Its settings.
        phase: The phase method.

    Returns:
        The way there and back.
    """
    front_end = cast(FrontEnd, plugins.load("signal.frontends", name)(**settings))

    def render(sound: Tensor, sample_rate: int, seed: int) -> Tensor:
        code, reference = front_end.encode(sound, sample_rate=sample_rate)
        return front_end.decode(
            code,
            reference,
            sample_rate=sample_rate,
            length_samples=sound.shape[1],
            phase=phase,
            seed=seed,
        )

    return render


def at_rate(rate_hz: int, render: Render | None = None) -> Render:
    """Takes a route at another sample rate; without one, only what that rate's band leaves.

    Args:
        rate_hz: The rate in Hz.
        render: The route at that rate.

    Returns:
        The way there and back.
    """

    def rendered(sound: Tensor, sample_rate: int, seed: int) -> Tensor:
        low = resample(sound, from_hz=sample_rate, to_hz=rate_hz)
        low = low if render is None else render(low, rate_hz, seed)
        back = resample(low, from_hz=rate_hz, to_hz=sample_rate)
        return fit_length(back, sound.shape[1], fade_samples=0)

    return rendered


def rendered(
    route: Route, sounds: Sequence[Tensor], *, sample_rate: int, seed: int
) -> list[Tensor]:
    """Takes sounds through a route, those of one length together.

    Args:
        route: The route.
        sounds: The sounds, [T] each.
        sample_rate: Their rate in Hz.
        seed: Seed of what the route draws.

    Returns:
        The sounds after it, in their order.
    """
    after: list[Tensor] = []
    with torch.inference_mode():
        for start, end in _runs(sounds):
            batch = torch.stack(list(sounds[start:end]))
            after += list(route.render(batch, sample_rate, seed).clone())
    return after


def _runs(sounds: Sequence[Tensor]) -> list[tuple[int, int]]:
    """Cuts a list into runs of equal length, none longer than a batch."""
    runs, start = [], 0
    for place in range(1, len(sounds) + 1):
        full = place - start == AT_ONCE
        if place == len(sounds) or full or len(sounds[place]) != len(sounds[start]):
            runs.append((start, place))
            start = place
    return runs
