"""Which scales suit a recording: what it decides before training begins."""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor

from timbrel.errors import TrainingError
from timbrel.families.catch_a_waveform.config import CatchAWaveformOptions
from timbrel.recipes import Recipe
from timbrel.signal import resampling

_LONGEST_TRANSFORM = 1024  # half of the longest that the distance of spectrograms takes
_QUIET_FIRST = 2  # scales that are left out where none has enough energy


def suited(recipe: Recipe, sounds: Sequence[Tensor], sample_rate: int) -> Recipe:
    """Fits a recipe to recordings: no rate above theirs, no scale nearly silent or too short.

    Args:
        recipe: The recipe.
        sounds: The recordings, [C, T] each.
        sample_rate: Their rate in Hz.

    Returns:
        The recipe, with the scales that will be trained.

    Raises:
        TrainingError: When the recordings are too short for any scale.

    Source:
        Greshler, Shaham & Michaeli 2021: the first scale is the lowest whose mean energy passes
        0.0025. That too short ones are left out is ours: the method's own code breaks off there.
    """
    options = cast(CatchAWaveformOptions, recipe.network)
    rate = min(recipe.sample_rate, sample_rate)
    rates = [one for one in options.rates_hz if one <= rate]
    rates += [rate] if not rates or rates[-1] != rate else []
    peak = max(float(sound.abs().max()) for sound in sounds)
    whole = torch.cat(list(sounds), dim=1) / max(peak, 1e-9)
    loud = _loud_enough(whole, sample_rate, rates, options.least_energy)
    shortest = min(sound.shape[1] for sound in sounds) / sample_rate
    least = 2 * options.reach + 2
    if options.likeness == "spectrograms":
        least = max(least, _LONGEST_TRANSFORM + 1)
    long = [one for one in loud if shortest * one >= least]
    if not long:
        raise TrainingError(
            f"a recording of {shortest:.2g} s, of which a network of {options.layers} layers sees "
            f"{least / rate:.2g} s at once even at {rate} Hz",
            f"{least / rate:.2g} s or more",
            "take a longer recording, or fewer layers: --set network.layers=6",
        )
    network = options.model_copy(update={"rates_hz": tuple(long)})
    return recipe.model_copy(update={"network": network, "sample_rate": rate})


def _loud_enough(whole: Tensor, sample_rate: int, rates: list[int], least: float) -> list[int]:
    """The rates from the first on that holds enough of the energy."""
    for number, rate in enumerate(rates):
        lower = resampling.resample(whole, from_hz=sample_rate, to_hz=rate)
        if float(lower.square().mean()) >= least:
            return rates[number:]
    return rates[min(_QUIET_FIRST, len(rates) - 1) :]
