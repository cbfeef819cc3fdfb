"""The energy that the frames of a morph shall have, from that of its sounds."""

from typing import Literal, get_args

import torch
from torch import Tensor

from timbrel.errors import UnknownNameError, UsageError
from timbrel.instruments.instrument import Instrument

Target = Literal["interpolated", "mean", "off"]
TARGETS: tuple[str, ...] = get_args(Target)
FLOOR_DB = -80.0  # what a silent frame counts as between two sounds


def chosen(instrument: Instrument, energy: str | None) -> Target:
    """Says how an instrument corrects energies: as asked for, or as it does unless told.

    Instruments that hear frame by frame, as S4's, correct them; others play what they make.

    Args:
        instrument: Who plays.
        energy: "interpolated", "mean" or "off"; None for the instrument's own way.

    Returns:
        One of the three.

    Raises:
        UnknownNameError: When it is none of them.
        UsageError: When the instrument's codes are no frames of magnitudes.
    """
    if energy is None:
        return "interpolated" if instrument.keeps_time and instrument.knows_energy else "off"
    if energy not in TARGETS:
        raise UnknownNameError("energy correction", energy, TARGETS)
    if energy != "off" and not instrument.knows_energy:
        raise UsageError(
            f"the energy correction {energy!r} for {instrument.name!r}",
            "instruments that play frames of magnitudes",
            f"it plays a {instrument.front_end.title}: leave --energy out",
        )
    return "mean" if energy == "mean" else "off" if energy == "off" else "interpolated"


def wanted(energy: Tensor, weights: Tensor, target: Target) -> Tensor:
    """Finds the energies that the frames of a mixture shall have.

    Args:
        energy: Energies of the sounds' frames, aligned, relative to each one's own reference,
            [S, N].
        weights: How much of each sound is in each frame, [S, N].
        target: "interpolated": weighted in dB, so that what fades half-way between two fades half
            as fast; no louder than the loudest frame of the sounds. "mean": their plain mean,
            whatever the weights.

    Returns:
        The energies, [N]; a frame that is silent in all sounds is silent.

    Source:
        Langer 2023, section 4.5.2: "the energy sums of the two input samples were taken and
        averaged", which is "mean".

    Example:
        >>> pair = torch.tensor([[1.0, 1.0], [0.01, 0.0]])
        >>> wanted(pair, torch.full((2, 2), 0.5), "mean")
        tensor([0.5050, 0.5000])
        >>> 10 * wanted(pair, torch.full((2, 2), 0.5), "interpolated").log10()
        tensor([-10., -40.])
    """
    if target == "mean":
        return energy.mean(dim=0)
    level_db = 10 * energy.clamp(min=10 ** (FLOOR_DB / 10)).log10()
    mixed_db = (weights * level_db).sum(dim=0).clamp(max=float(level_db.max()))
    audible = (energy > 0).any(dim=0) & (mixed_db > FLOOR_DB)
    return torch.where(audible, torch.pow(10.0, mixed_db / 10), 0.0)
