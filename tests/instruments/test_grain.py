"""Grain: the roughness of noise comes back, tones stay tones, and silence stays silent."""

from typing import cast

import pytest
import torch
from torch import Tensor

from fixtures_instrument import RATE_HZ
from timbrel.instruments.grain import drawn
from timbrel.instruments.instrument import Instrument
from timbrel.recipes import Recipe
from timbrel.signal.frontends import FrontEnd


def _roughness(code: Tensor) -> float:
    """How far cells stray from the mean of their bin: 4.3 dB for white noise."""
    return float((code - code.mean(dim=2, keepdim=True)).abs().mean()) * 80


def _flat(recipe: Recipe, value: float) -> Tensor:
    bins, frames = cast(FrontEnd, recipe.front_end).code_shape(recipe.length_samples)
    return torch.full((1, bins, frames), value)


def test_a_smooth_noise_gets_the_roughness_of_white_noise(tiny_instrument: Instrument) -> None:
    recipe = tiny_instrument.recipe
    white = torch.randn(1, recipe.length_samples, generator=torch.Generator().manual_seed(1))
    real, _ = cast(FrontEnd, recipe.front_end).encode(white, sample_rate=RATE_HZ)
    smooth = _flat(recipe, 0.7)
    rough = drawn(
        smooth, _flat(recipe, 4.3 / 80), recipe, recipe.length_samples, amount=1.0, seed=3
    )
    assert _roughness(smooth) == 0
    assert abs(_roughness(rough) / _roughness(real) - 1) < 0.1


def test_no_sound_gets_rougher_than_noise(tiny_instrument: Instrument) -> None:
    recipe = tiny_instrument.recipe
    smooth = _flat(recipe, 0.7)
    sure = drawn(smooth, _flat(recipe, 4.3 / 80), recipe, recipe.length_samples, amount=1.0, seed=3)
    lost = drawn(smooth, _flat(recipe, 40 / 80), recipe, recipe.length_samples, amount=1.0, seed=3)
    assert _roughness(lost) < 1.1 * _roughness(sure)


def test_grain_keeps_silence_silent_and_obeys_its_amount_and_seed(
    tiny_instrument: Instrument,
) -> None:
    recipe = tiny_instrument.recipe
    spread = _flat(recipe, 3 / 80)
    assert (
        drawn(_flat(recipe, 0.0), spread, recipe, recipe.length_samples, amount=1.0, seed=0).max()
        == 0
    )
    smooth = _flat(recipe, 0.5)
    half, whole = (
        drawn(smooth, spread, recipe, recipe.length_samples, amount=a, seed=0) for a in (0.5, 1.0)
    )
    torch.testing.assert_close(whole - smooth, 2 * (half - smooth), atol=1e-4, rtol=1e-3)
    assert torch.equal(
        whole, drawn(smooth, spread, recipe, recipe.length_samples, amount=1.0, seed=0)
    )
    assert not torch.equal(
        whole, drawn(smooth, spread, recipe, recipe.length_samples, amount=1.0, seed=1)
    )


def test_an_instrument_draws_the_grain_its_network_knows_of(
    tiny_instrument: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    instrument = tiny_instrument
    latent = instrument.cloud.latents[:1]
    plain = instrument.decode(latent, grain=1.0)
    assert torch.equal(plain, instrument.decode(latent))  # a network that knows of none

    def decode_with_spread(latent: Tensor) -> tuple[Tensor, Tensor]:
        code = instrument.network.decode(latent)
        return code, torch.full_like(code, 4 / 80)

    monkeypatch.setattr(instrument.network, "decode_with_spread", decode_with_spread, raising=False)
    assert torch.equal(plain, instrument.decode(latent, grain=0.0))
    assert not torch.equal(plain, instrument.decode(latent, grain=1.0))
