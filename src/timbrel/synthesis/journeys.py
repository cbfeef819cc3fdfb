"""Between seeds: sounds along a sphere through the sounds of several seeds, or one long piece.

The sound of a seed is the first that `generate` makes of it. On the way from one to the next the
latent keeps its distance from the middle of the cloud (or of the prior), so that what lies between
is as likely as what it lies between.
"""

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.instruments import lasting
from timbrel.instruments.instrument import Instrument, normalised
from timbrel.synthesis import generate as generating
from timbrel.synthesis.blending import mixed
from timbrel.synthesis.neighbours import Neighbours
from timbrel.synthesis.phases import Phase
from timbrel.synthesis.priors import Prior, drawn, prior_of
from timbrel.synthesis.renders import Origin, Render, checked_seed, play, told
from timbrel.synthesis.takes import SHORTEST_S, Take, along

MOST_SEEDS, MOST_STEPS = 64, 1000
OVERLAP_S = 1.0  # of two sounds that are joined, at most
OVERLAP = 0.25  # of a sound, at most
_A_LEG = 8  # latents from one seed to the next that a lasting piece goes straight between
_MOST = 0.5  # of a sound's energy


def checked_seeds(seeds: Sequence[int]) -> tuple[int, ...]:
    """Checks the seeds of a way.

    Args:
        seeds: Two or more.

    Returns:
        The same.

    Raises:
        UsageError: When there are too few or too many, or one is no seed.
    """
    if not 2 <= len(seeds) <= MOST_SEEDS:
        raise UsageError(f"a way through {len(seeds)} seeds", f"2 to {MOST_SEEDS}, such as 3,7,11")
    return tuple(checked_seed(seed) for seed in seeds)


def between(
    instrument: Instrument,
    seeds: Sequence[int],
    *,
    steps: int,
    seed: int = 0,
    phase: Phase | None = None,
) -> Iterator[Render]:
    """Makes sounds along the way from seed to seed, evenly, ends included.

    Args:
        instrument: Who plays.
        seeds: Two seeds or more.
        steps: How many sounds, 2 to 1,000.
        seed: Seed of what is drawn beside the latent; it is the same for all, so that nothing but
            the latent changes.
        phase: The way from magnitudes to a waveform; None takes the instrument's own.

    Returns:
        The renders, each with a peak of -1 dBFS, made as they are asked for.

    Raises:
        AbilityError: When the instrument does not generate.
        UsageError: When the seeds or the steps do not fit.
    """
    if not 2 <= steps <= MOST_STEPS:
        raise UsageError(f"{steps} steps", f"2 to {MOST_STEPS}")
    latents = way(instrument, checked_seeds(seeds), steps)
    checked_seed(seed)
    settings = {"seeds": list(seeds), "steps": steps}
    origins = (
        Origin(name, "morph", seed, settings=settings, phase=phase) for name in names(seeds, steps)
    )
    return (
        play(instrument, latent, None, origin)
        for latent, origin in zip(latents, origins, strict=True)
    )


def names(seeds: Sequence[int], steps: int) -> list[str]:
    """Says what the sounds of `between` will be called.

    Args:
        seeds: The seeds.
        steps: How many sounds.

    Returns:
        Their names, in order.

    Example:
        >>> names((3, 7), 3)
        ['seeds-0001-3', 'seeds-0002-3-7', 'seeds-0003-7']
    """
    found = []
    for number in range(steps):
        place = number * (len(seeds) - 1) / (steps - 1)
        ends = dict.fromkeys((seeds[math.floor(place)], seeds[math.ceil(place)]))
        found.append(f"seeds-{number + 1:04d}-{'-'.join(map(str, ends))}")
    return found


def journey(
    instrument: Instrument,
    seeds: Sequence[int],
    *,
    take: Take,
    seed: int = 0,
    phase: Phase | None = None,
) -> Render:
    """Makes one long piece on the way from seed to seed.

    An instrument that plays for as long as is asked draws the piece at once. Of others sounds
    along the way are joined by equal-power crossfades; a sound that begins with a stroke begins at
    once.

    Args:
        instrument: Who plays.
        seeds: Two seeds or more.
        take: Sliders, length and tempo; without a length each seed gets the time of a sound.
        seed: Seed of what is drawn beside the latent.
        phase: The way from magnitudes to a waveform; None takes the instrument's own.

    Returns:
        The render, with a peak of -1 dBFS.

    Raises:
        AbilityError: When the instrument does not generate, or knows of no tempo.
        UsageError: When the seeds or the length do not fit.
    """
    seconds = check_journey(instrument, seeds, take, seed)
    settings = {**take.settings(), "journey": list(seeds), "seconds": seconds}
    origin = Origin(journey_name(seeds), "generate", seed, settings=settings, phase=phase)
    if lasting.plays_long(instrument):
        latents = way(instrument, seeds, (len(seeds) - 1) * _A_LEG + 1)
        moved = torch.stack([take.latent(instrument, latent) for latent in latents])
        return along(instrument, moved, origin, seconds=seconds)
    return _joined(instrument, seeds, take, origin, seconds)


def check_journey(instrument: Instrument, seeds: Sequence[int], take: Take, seed: int) -> float:
    """Checks what is asked of a journey.

    Args:
        instrument: Who shall play.
        seeds: Two seeds or more.
        take: Sliders, length and tempo.
        seed: Seed of what is drawn beside the latent.

    Returns:
        How long the piece is, in seconds.

    Raises:
        AbilityError: When the instrument does not generate, or knows of no tempo.
        UsageError: When the seeds or the length do not fit.
    """
    instrument.require("generate")
    checked_seeds(seeds)
    checked_seed(seed)
    Take(tempo_bpm=take.tempo_bpm).check(instrument)
    seconds = len(seeds) * instrument.recipe.duration_s if take.seconds is None else take.seconds
    if not (math.isfinite(seconds) and SHORTEST_S <= seconds <= lasting.MOST_S):
        raise UsageError(f"a piece of {seconds:g} s", f"{SHORTEST_S:g} to {lasting.MOST_S:g} s")
    return seconds


def journey_name(seeds: Sequence[int]) -> str:
    """Says what a journey will be called.

    Args:
        seeds: Its seeds.

    Returns:
        Its name.

    Example:
        >>> journey_name((3, 7, 11))
        'journey-3-7-11'
    """
    return f"journey-{'-'.join(map(str, seeds))}"


def way(instrument: Instrument, seeds: Sequence[int], count: int) -> Tensor:
    """Finds latents along the way from seed to seed, evenly.

    Args:
        instrument: Who shall play them.
        seeds: Two seeds or more.
        count: How many, 2 or more, the first and the last seed's own among them.

    Returns:
        Latents, [count, Z].

    Source:
        Shoemake 1985, "Animating rotation with quaternion curves"; see
        `timbrel.synthesis.blending.mixed`.
    """
    instrument.require("generate")
    ends = torch.stack([latent_of(instrument, seed) for seed in seeds])
    prior = prior_of(instrument)
    middle = instrument.cloud.latents.mean(dim=0) if instrument.cloud.plays else torch.zeros(1)
    return on_sphere(ends, count, prior, middle)


def on_sphere(ends: Tensor, count: int, prior: Prior, middle: Tensor) -> Tensor:
    """Finds points along the way through some, at even steps of the angle from each to the next.

    Args:
        ends: Latents, [M, Z], M at least 2.
        count: How many points, 2 or more.
        prior: How latents become the values in which the sphere is round.
        middle: The middle of the sphere, [Z].

    Returns:
        Latents, [count, Z].

    Example:
        >>> ends = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
        >>> on_sphere(ends, 3, Prior(), torch.zeros(2))[1]
        tensor([0.7071, 0.7071])
    """
    around = prior.inward(ends) - middle
    points = []
    for number in range(count):
        leg, rest = divmod(number * (len(ends) - 1), count - 1)
        share = rest / (count - 1)
        pair = around[[leg, min(leg + 1, len(ends) - 1)]]
        points.append(pair[0] if not rest else mixed(pair, (1 - share, share), "spherical"))
    return prior.outward(torch.stack(points) + middle)


def latent_of(instrument: Instrument, seed: int) -> Tensor:
    """Finds the latent of a seed: that of the first sound that `generate` makes of it.

    Args:
        instrument: Any instrument that generates.
        seed: The seed.

    Returns:
        The latent, [Z].
    """
    if not instrument.cloud.plays:
        return drawn(instrument, seed=seed, number=0)
    kin, rows = Neighbours(instrument.cloud), generating.labelled(instrument.cloud, None)
    return generating.draw(kin, rows, seed=seed, number=0).latent


def _joined(
    instrument: Instrument, seeds: Sequence[int], take: Take, origin: Origin, seconds: float
) -> Render:
    rate, each = instrument.sample_rate, instrument.length_samples
    overlap = round(min(OVERLAP_S, OVERLAP * each / rate) * rate)
    length = round(seconds * rate)
    count = max(2, math.ceil((length - each) / (each - overlap)) + 1)
    latents = [take.latent(instrument, one) for one in way(instrument, seeds, count)]
    sounds = (play(instrument, latent, None, origin).sound.samples[0] for latent in latents)
    whole = joined(sounds, hop_samples=each - overlap, length_samples=length)
    return told(instrument, normalised(whole[None]), latents[0], None, origin)


def joined(sounds: Iterator[Tensor], *, hop_samples: int, length_samples: int) -> Tensor:
    """Joins sounds by equal-power crossfades.

    Args:
        sounds: Sounds of one length, [T] each; only one is in memory at a time.
        hop_samples: From the beginning of each to the next one's; the rest of it overlaps.
        length_samples: Length of the piece; the last sound fades out there.

    Returns:
        The piece, [length_samples].

    Example:
        >>> ones = iter([torch.ones(4), torch.ones(4)])
        >>> whole = joined(ones, hop_samples=2, length_samples=6)
        >>> whole.shape
        torch.Size([6])
    """
    whole = torch.zeros(length_samples)
    for number, sound in enumerate(sounds):
        begin = number * hop_samples
        heard = sound[: max(0, length_samples - begin)].clone()
        overlap = len(sound) - hop_samples
        shares = (torch.arange(overlap) + 0.5) / max(overlap, 1) * (math.pi / 2)
        if number and not _strikes(sound, overlap):
            heard[:overlap] *= torch.sin(shares)[: len(heard)]
        fade = min(overlap, len(heard))
        heard[len(heard) - fade :] *= torch.cos(shares)[overlap - fade :]
        whole[begin : begin + len(heard)] += heard
    return whole


def _strikes(sound: Tensor, overlap: int) -> bool:
    """Whether most of a sound is over before a fade would let it in: a stroke, not a stretch."""
    return float(sound[:overlap].square().sum()) > _MOST * float(sound.square().sum())
