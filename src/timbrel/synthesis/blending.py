"""Between sounds: the latent, the detail and the code of a mixture."""

from dataclasses import dataclass

import torch
from torch import Tensor

from timbrel.instruments.instrument import Instrument
from timbrel.synthesis import keys
from timbrel.synthesis.aligned import Aligned, at_places
from timbrel.synthesis.mixtures import Curve, Mixture

# Below this angle the arc is a straight line to float32; near half a turn it is no single arc.
SMALLEST_SINE = 1e-4
POINTS = 16  # of a path at which an instrument of one latent a sound is asked, beside the breaks


@dataclass(frozen=True)
class Drawn:
    """What a mixture is drawn with.

    Attributes:
        seed: Seed of details and grain.
        grain: How much of a sound's roughness is drawn, 0 to 1.
        curve: The way between latents.
    """

    seed: int
    grain: float
    curve: Curve


def played(
    instrument: Instrument, met: Aligned, mixture: Mixture, drawn: Drawn, *, key: int | None
) -> tuple[Tensor, Tensor]:
    """Finds the code of a mixture.

    Args:
        instrument: Who plays.
        met: The sounds, aligned.
        mixture: How much of each is in it.
        drawn: What is drawn, and by which seed.
        key: The sound whose pitch it keeps, from 0; None for none.

    Returns:
        The latent [Z], on average over time, and the code [1, F, N].
    """
    latents = instrument.latent_of(met.codes)
    if "detail" in instrument.offers:
        latent = mixed(latents, mixture.mean(), "linear")  # details mix straight
        detail = _detail(instrument, met, drawn, key)
        return latent, instrument.code(
            latent[None], detail[None], seed=drawn.seed, grain=drawn.grain
        )
    latent = mixed(latents, mixture.mean(), drawn.curve)
    if mixture.stays:
        return latent, instrument.code(latent[None], seed=drawn.seed, grain=drawn.grain)
    return latent, _along(instrument, latents, met, _moments(met, mixture), drawn)


def mixed(latents: Tensor, weights: tuple[float, ...], curve: Curve = "linear") -> Tensor:
    """Finds the latent of a mixture.

    Args:
        latents: Latents of the sounds, [S, Z].
        weights: How much of each, S numbers that sum to 1.
        curve: How the way runs: around the origin for "spherical", else straight.

    Returns:
        The latent, [Z].

    Source:
        Of two: Shoemake 1985, "Animating rotation with quaternion curves", of the directions, with
        the lengths interpolated beside. Of more the mean direction, as Shoemake has none.

    Example:
        >>> mixed(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), (0.5, 0.5), "spherical")
        tensor([0.7071, 0.7071])
    """
    share = torch.tensor(weights, dtype=latents.dtype)
    if curve == "spherical":
        return _on_the_sphere(latents[share != 0], share[share != 0])
    return share @ latents


def _on_the_sphere(latents: Tensor, share: Tensor) -> Tensor:
    lengths = latents.norm(dim=1)
    if not float(lengths.min()) > 0:
        return share @ latents
    directions = latents / lengths[:, None]
    arc = _turned(directions, share) if len(share) == 2 else share @ directions
    if not float(arc.norm()) > SMALLEST_SINE:
        return share @ latents
    found: Tensor = (share @ lengths) * arc / arc.norm()
    return found


def _turned(directions: Tensor, share: Tensor) -> Tensor:
    """From one direction to another at an even pace; nothing where there is no single arc."""
    angle = torch.arccos(torch.clamp(directions[0] @ directions[1], -1.0, 1.0))
    sine = torch.sin(angle)
    if sine < SMALLEST_SINE:
        return torch.zeros_like(directions[0])
    arc: Tensor = (torch.sin(share * angle) @ directions) / sine
    return arc


def _detail(instrument: Instrument, met: Aligned, drawn: Drawn, key: int | None) -> Tensor:
    """The detail of a mixture, [K, L], at the pitch of one sound where that is asked for."""
    details = instrument.detail_of(met.codes)
    assert details is not None  # noqa: S101 - it offers them
    used = met.used
    if len(used) == 1:
        found = details[used[0]]
    else:
        weights = at_places(met.weights[used], _columns(instrument, met.codes, details.shape[2]))
        found = instrument.blend(details[used][:, None], weights, seed=drawn.seed)[0]
    if key is None:
        return found
    return keys.at_pitch(instrument, found, keys.of_detail(instrument, details[key], "the key"))


def _columns(instrument: Instrument, codes: Tensor, positions: int) -> Tensor:
    """The frames around which the positions of details lie, [L].

    Networks that keep time have a position for every so many frames of the whole code; others end
    where the last of the sounds does.
    """
    frames = codes.shape[2]
    if not instrument.keeps_time:
        heard = (codes.amax(dim=(0, 1)) > 0).nonzero()
        frames = int(heard[-1]) + 1 if len(heard) else frames
    return (torch.arange(positions) + 0.5) * frames / positions - 0.5


def _along(
    instrument: Instrument, latents: Tensor, met: Aligned, moments: list[int], drawn: Drawn
) -> Tensor:
    """The code of a mixture that changes over time, of an instrument of one latent a sound.

    It is asked at points of the path, and the frames between are mixed in dB.
    """
    codes: list[Tensor] = []
    for moment in moments:
        share = tuple(met.weights[:, moment].double().tolist())
        latent = mixed(latents, share, drawn.curve)
        codes.append(instrument.code(latent[None], seed=drawn.seed, grain=drawn.grain))
    frames = torch.arange(met.weights.shape[1], dtype=torch.float32)
    found = torch.zeros_like(codes[0])
    for number, code in enumerate(codes):
        tent = torch.zeros(1, len(codes))
        tent[0, number] = 1.0
        found += code * _tents(tent, moments, frames).to(code)
    return found


def _moments(met: Aligned, mixture: Mixture) -> list[int]:
    """Frames at which to ask: where the path has breakpoints, and evenly between them."""
    even = torch.linspace(mixture.times[0], mixture.times[-1], POINTS + 1)
    times = torch.cat([even, torch.tensor(mixture.times)])
    frames = torch.searchsorted(met.shares, times).clamp(max=len(met.shares) - 1)
    return sorted({0, len(met.shares) - 1, *frames.tolist()})


def _tents(tent: Tensor, moments: list[int], frames: Tensor) -> Tensor:
    """How much of one moment's code is in each frame: 1 at it, 0 at its neighbours."""
    at = torch.tensor(moments, dtype=torch.float32)
    after = torch.searchsorted(at, frames).clamp(1, len(at) - 1)
    part = ((frames - at[after - 1]) / (at[after] - at[after - 1])).clamp(0, 1)
    return torch.lerp(tent[0, after - 1], tent[0, after], part)
