"""Morph: two to four sounds in any mixture, the same throughout or changing over time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from timbrel.instruments.instrument import Instrument
from timbrel.signal.files import Sound
from timbrel.synthesis import aligned, blending, energies, keys
from timbrel.synthesis.aligned import Aligned, Source
from timbrel.synthesis.alignment import in_seconds
from timbrel.synthesis.energies import Target
from timbrel.synthesis.mixtures import (
    CURVES,
    Breakpoint,
    Curve,
    Mixture,
    planned,
    strangeness,
)
from timbrel.synthesis.phases import Phase
from timbrel.synthesis.reconstruct import hear, played_back
from timbrel.synthesis.renders import Origin, Parent, Render, checked_seed, told

__all__ = ["CURVES", "Curve", "morph", "names"]


def morph(  # noqa: PLR0913 - each a setting of its own
    instrument: Instrument,
    sounds: Sequence[Sound],
    *,
    steps: int | None = None,
    weights: Sequence[Sequence[float]] | None = None,
    path: Sequence[Breakpoint] | None = None,
    curve: Curve = "linear",
    energy: str | None = None,
    key: int | None = None,
    seed: int = 0,
    phase: Phase | None = None,
) -> Iterator[Render]:
    """Moves between sounds, or beyond them; exactly one of `steps`, `weights` and `path` is given.

    Args:
        instrument: Who plays.
        sounds: Two to four sounds.
        steps: Renders along the line between two sounds, ends included; along the side of a
            triangle of three, row by row; or of a square of four.
        weights: For each render a weight for each sound, -1 to 2; they sum to 1.
        path: One render that changes over time: breakpoints of a share of its length, 0 (onset)
            to 1 (end), and the weights there.
        curve: "linear" keeps the pace; "ease" leaves and arrives slowly; "spherical" goes around
            the origin at the sounds' own distance from it (straight where the instrument knows of
            details).
        energy: What the energy of each frame is made to be: "interpolated" (between the sounds',
            in dB), "mean" (S4's: the plain mean of the sounds', whatever the weights) or "off";
            None as the instrument does unless told.
        key: The number of the sound whose pitch all renders keep, from 1.
        seed: Seed of what is drawn, the same for each render, so that only the sound changes.
        phase: The way from magnitudes to a waveform; None takes the instrument's own.

    Returns:
        The renders, made as they are asked for. Where a single sound is all there is in one, it is
        bit for bit that sound's reconstruction; between them grain is drawn, where the instrument
        knows of it, the more the farther from any one sound. Levels move evenly in dB. Sounds of
        spectral instruments are aligned by onset, attack and end; nothing is cut.

    Raises:
        AbilityError: When the instrument cannot.
        SoundFileError: When a sound is empty, silent, or holds values that are no numbers; or when
            its pitch cannot be told and a key is asked for.
        UsageError: When the sounds, steps, weights, path, key or energy do not fit.
        UnknownNameError: When there is no such curve or energy correction.

    Source:
        Langer 2023, sections 4.4.1 and 4.5: embeddings interpolated value by value.
    """
    instrument.require("morph")
    checked_seed(seed)
    mixtures = planned(len(sounds), steps=steps, weights=weights, path=path, curve=curve)
    target = energies.chosen(instrument, energy)
    if keys.checked(key, len(sounds)) and not keys.knows_pitch(instrument):
        sounds = keys.transposed(sounds, key or 1)
    sources = [
        aligned.source(instrument, hear(instrument, sound, energy=target != "off"))
        for sound in sounds
    ]
    settings = {"curve": curve, "energy": target, "key": key}
    key_sound = key - 1 if key is not None and keys.knows_pitch(instrument) else None
    made = _Morph(instrument, sources, curve, target, key_sound)
    origin = Origin("", "morph", seed, settings=settings, phase=phase)
    return (made.render(mixture, origin) for mixture in mixtures)


def names(
    count: int,
    *,
    steps: int | None = None,
    weights: Sequence[Sequence[float]] | None = None,
    path: Sequence[Breakpoint] | None = None,
) -> list[str]:
    """Says what the renders of a morph will be called: their weights stand in their names.

    Args:
        count: How many sounds.
        steps: As `morph` takes them.
        weights: As `morph` takes them.
        path: As `morph` takes it.

    Returns:
        Their names, in order.

    Example:
        >>> names(2, weights=[(0.25, 0.75)])
        ['morph-0001-A25-B75']
    """
    mixtures = planned(count, steps=steps, weights=weights, path=path)
    return [mixture.name for mixture in mixtures]


@dataclass(frozen=True, eq=False)
class _Morph:
    """One morph's sounds and settings, of which render after render is made."""

    instrument: Instrument
    sources: Sequence[Source]
    curve: Curve
    target: Target
    key: int | None  # the sound whose pitch the network shall keep, from 0

    def render(self, mixture: Mixture, origin: Origin) -> Render:
        shares = mixture.mean()
        alone = mixture.used[0] if len(mixture.used) == 1 else None
        met = aligned.meet(self.instrument, self.sources, mixture)
        origin = replace(
            origin,
            name=mixture.name,
            parents=[
                Parent(source.heard.name, share)
                for source, share in zip(self.sources, shares, strict=True)
            ],
            settings={**origin.settings, **_said(mixture), "alignment": self._moments(met)},
            grain=origin.grain * strangeness(shares),
        )
        if alone is not None and self.key in (None, alone):
            return played_back(self.instrument, self.sources[alone].heard, origin)
        return self._mixed(mixture, met, origin)

    def _mixed(self, mixture: Mixture, met: Aligned, origin: Origin) -> Render:
        drawn = blending.Drawn(origin.drawn_by, origin.grain, self.curve)
        latent, code = blending.played(self.instrument, met, mixture, drawn, key=self.key)
        louder = torch.ones(1)
        if self.target != "off":
            energy = self.instrument.energy_of(met.codes[met.used])
            wanted = energies.wanted(energy, met.weights[met.used], self.target)
            code, louder = self.instrument.with_energy(code, wanted[None])
        phase = origin.phase
        if phase is not None and met.at is not None:
            fitted = torch.cat([self.sources[k].heard.fitted for k in met.used])
            phase = phase.between(fitted, met.at[met.used], met.weights[met.used])
        reference = self._reference(mixture)
        samples = self.instrument.sounded(
            code,
            louder * (reference if mixture.stays else 1.0),
            seed=origin.drawn_by,
            phase=None if phase is None else phase.gives,
        )
        if not mixture.stays:
            samples = samples * self._levels(met)
        return told(self.instrument, samples, latent, reference, origin)

    def _reference(self, mixture: Mixture) -> float:
        """The level of a mixture: on average over time, evenly in dB."""
        return float(_level(self._log_references(), torch.tensor([mixture.mean()]).T)[0])

    def _levels(self, met: Aligned) -> Tensor:
        """The level of each sample of a mixture that changes over time, [1, T]."""
        level = _level(self._log_references(), met.weights)
        samples = (torch.arange(self.instrument.length_samples) + 0.5) / met.frame_samples - 0.5
        return aligned.at_places(level[None], samples)

    def _log_references(self) -> Tensor:
        references = [source.heard.reference for source in self.sources]
        return torch.tensor(references, dtype=torch.float64).log()

    def _moments(self, met: Aligned) -> dict[str, float] | None:
        if met.marks is None:
            return None
        in_s = in_seconds(met.marks, met.frame_samples / self.instrument.sample_rate)
        return {"onset_s": in_s.onset, "attack_s": in_s.peak, "end_s": in_s.end}


def _level(log_references: Tensor, weights: Tensor) -> Tensor:
    """Amplitudes [N] of weights [S, N], evenly in dB."""
    return (log_references[:, None] * weights.double()).sum(dim=0).exp().float()


def _said(mixture: Mixture) -> dict[str, Any]:
    if len(mixture.times) == 1:
        return {"weights": list(mixture.weights[0])}
    moments = zip(mixture.times, mixture.weights, strict=True)
    return {"path": [[time, list(weights)] for time, weights in moments]}
