"""What networks make of codes: S0's errors, in the units of the sound and not of the code."""

import math
from collections.abc import Sequence
from typing import Literal, cast

import torch
from torch import Tensor, nn

from timbrel.experiments._judging import Sounds
from timbrel.instruments.instrument import Instrument
from timbrel.instruments.offers import Decodes, Encodes, KnowsDetail
from timbrel.signal.frontends import FrontEnd

ERRORS = ("mse", "mae", "rmse", "snr_db")
Unit = Literal["sounds", "segments"]


def through(network: nn.Module, code: Tensor) -> Tensor:
    """Sends codes through a network and back, with all the detail that it knows of.

    Args:
        network: A network that encodes and decodes.
        code: Codes, [B, F, N].

    Returns:
        What came back, [B, F, N].
    """
    if isinstance(network, KnowsDetail):
        return network.play(network.detail(code))[0]
    return cast(Decodes, network).decode(cast(Encodes, network).encode(code))


def code_errors(instrument: Instrument, of: Sounds, *, unit: Unit) -> dict[str, list[float]]:
    """Measures what a network loses of codes, without phase method or anything else behind it.

    Args:
        instrument: Whose network.
        of: The sounds, as the instrument hears them.
        unit: Whether one value belongs to a whole sound up to its end, or to a column of its code
            (a segment) that is not silent.

    Returns:
        mse, mae, rmse, snr_db, each a value a unit: in dB² and dB of spectral codes, in the units
        of the coefficients or samples themselves of others.

    Source:
        Metsälä 2024 (S0), section 5.3, equations 9 and 10.
    """
    found: dict[str, list[float]] = {name: [] for name in ERRORS}
    for waveform in of.waveforms:
        for before, after in pieces(*codes(instrument, waveform), unit):
            for name, value in errors(before, after).items():
                found[name].append(value)
    return found


def codes(instrument: Instrument, waveform: Tensor) -> tuple[Tensor, Tensor]:
    """Gives the code of a sound and what the network makes of it, in the units of the sound.

    Args:
        instrument: The instrument.
        waveform: The sound, [T].

    Returns:
        Both codes [F, N], up to the sound's end: dB above the floor where the front end is
        spectral, else coefficients or samples at their own level.
    """
    front_end = cast(FrontEnd, instrument.recipe.front_end)
    network, was_training = instrument.network.eval(), instrument.network.training
    with torch.inference_mode():
        code, reference = front_end.encode(
            waveform[None].to(instrument.device), sample_rate=instrument.sample_rate
        )
        after = through(network, code)[..., : code.shape[2]]
    network.train(was_training)
    scale = float(getattr(front_end, "range_db", 0.0)) or float(reference)
    rows = code.shape[1] - int(getattr(front_end, "side_rows", 0))  # such as those of a pitch
    heard = (code[0] != 0).any(0).nonzero()
    last = int(heard[-1]) + 1 if len(heard) else 1
    before, back = (scale * one[0, :rows, :last].float().cpu() for one in (code, after))
    return before, back


def pieces(before: Tensor, after: Tensor, unit: Unit) -> Sequence[tuple[Tensor, Tensor]]:
    """Divides a pair of codes into what is measured one by one.

    Args:
        before: A code, [F, N].
        after: What became of it, [F, N].
        unit: "sounds" or "segments".

    Returns:
        Pairs of equal shape; silent segments are left out.
    """
    if unit == "sounds":
        return [(before, after)]
    return [(x, y) for x, y in zip(before.t(), after.t(), strict=True) if x.any()]


def errors(before: Tensor, after: Tensor) -> dict[str, float]:
    """Computes S0's four errors of one pair.

    Args:
        before: As it should be, any shape.
        after: What became of it, the same shape.

    Returns:
        mse, mae, rmse, and snr_db, 10 log10 of the energy of `before` over that of the difference.

    Example:
        >>> found = errors(torch.tensor([3.0, 4.0]), torch.tensor([3.0, 3.5]))
        >>> found["mse"], found["mae"], round(found["snr_db"], 2)
        (0.125, 0.25, 20.0)
    """
    apart = (after - before).double()
    mse, energy = float(apart.square().mean()), float(before.double().square().mean())
    snr_db = 10 * math.log10(energy / mse) if mse > 0 and energy > 0 else math.nan
    return {"mse": mse, "mae": float(apart.abs().mean()), "rmse": math.sqrt(mse), "snr_db": snr_db}
