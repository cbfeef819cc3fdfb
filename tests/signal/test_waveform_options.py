"""Companding and min-max scaling of waveforms: S0's own formulas, and their inverses."""

import numpy as np
import pytest
import torch

from timbrel import plugins
from timbrel.signal.frontends.waveform import Waveform, companded, expanded

ZERO = plugins.load("signal.phase", "zero")()


def s0_mu_law_companded(x, mu=255):
    """As printed in S0, section 5.2.1."""
    x = np.clip(x, -1, 1)
    return np.sign(x) * (np.log1p(mu * np.abs(x)) / np.log1p(mu))


def s0_mu_law_decoding(y, mu=255):
    """As printed in S0, section 5.2.1."""
    return np.sign(y) * (1.0 / mu) * (np.power(1 + mu, np.abs(y)) - 1)


def through(front_end, sound):
    code, reference = front_end.encode(sound, sample_rate=4410)
    assert float(code.abs().max()) == pytest.approx(1, abs=1e-6)
    return front_end.decode(
        code, reference, sample_rate=4410, length_samples=sound.shape[1], phase=ZERO, seed=0
    )


def test_companding_is_s0s(rng):
    samples = np.concatenate([rng.uniform(-1.2, 1.2, 2000), [0.0, 1e-6, -1e-4, 1.0, -1.0]])
    theirs = s0_mu_law_companded(samples)
    np.testing.assert_allclose(companded(torch.from_numpy(samples), 255).numpy(), theirs)
    back = expanded(torch.from_numpy(theirs), 255).numpy()
    np.testing.assert_allclose(back, s0_mu_law_decoding(theirs), atol=1e-12)
    np.testing.assert_allclose(back, np.clip(samples, -1, 1), atol=1e-12)


@pytest.mark.parametrize("scaling", ["peak", "min_max"])
@pytest.mark.parametrize("mu", [0, 1, 255, 65_535])
def test_what_goes_in_comes_back(scaling, mu, torch_rng):
    sound = torch.randn(3, 5000, generator=torch_rng).exp() * torch.tensor([[0.1], [1.0], [1e-3]])
    sound -= sound.mean(dim=1, keepdim=True)  # lop-sided, and nothing constant
    back = through(Waveform(scaling=scaling, mu=mu), sound)
    error_db = 20 * torch.log10((back - sound).norm(dim=1) / sound.norm(dim=1))
    assert error_db.max() < -100


def test_min_max_fills_the_range_and_forgets_what_is_constant(torch_rng):
    sound = torch.randn(2, 4000, generator=torch_rng).exp()
    code, reference = Waveform(scaling="min_max").encode(sound, sample_rate=4410)
    torch.testing.assert_close(code.amin(dim=(1, 2)), -torch.ones(2))
    torch.testing.assert_close(code.amax(dim=(1, 2)), torch.ones(2))
    torch.testing.assert_close(reference, (sound.amax(1) - sound.amin(1)) / 2)
    back = through(Waveform(scaling="min_max"), sound)
    torch.testing.assert_close(back, sound - sound.mean(1, keepdim=True), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("options", [{"mu": 255}, {"scaling": "min_max", "mu": 255}])
def test_silence_stays_silence(options):
    code, reference = Waveform(**options).encode(torch.zeros(1, 100), sample_rate=4410)
    assert not code.any()
    assert reference > 0


def test_the_waveform_stays_what_it_was_where_nothing_is_asked(torch_rng):
    sound = torch.randn(2, 300, generator=torch_rng)
    code, reference = Waveform().encode(sound, sample_rate=4410)
    assert torch.equal(reference, sound.abs().amax(1))
    assert torch.equal(code[:, 0], sound / sound.abs().amax(1, keepdim=True))
