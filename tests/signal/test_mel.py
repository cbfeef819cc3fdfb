"""Mel filterbanks against librosa, and the way back against true spectra."""

import librosa
import numpy as np
import pytest
import torch

from timbrel.errors import UsageError
from timbrel.signal.mel import MelBands, filterbank, to_linear, to_mel
from timbrel.signal.stft import FrameSpec, power


@pytest.mark.parametrize("norm", ["slaney", "none"])
@pytest.mark.parametrize(
    ("sample_rate", "n_fft", "mels", "low_hz", "high_hz"),
    [
        (16_000, 512, 128, 0, 0),
        (44_100, 2048, 192, 20, 16_000),
        (8_000, 256, 40, 0, 0),
        (96_000, 4096, 160, 40, 0),
    ],
)
def test_weights_are_librosas(sample_rate, n_fft, mels, low_hz, high_hz, norm):
    theirs = librosa.filters.mel(
        sr=sample_rate,
        n_fft=n_fft,
        n_mels=mels,
        fmin=low_hz,
        fmax=high_hz or sample_rate / 2,
        norm="slaney" if norm == "slaney" else None,
    )
    ours = filterbank(MelBands(sample_rate, n_fft, mels, low_hz, high_hz, norm))
    np.testing.assert_allclose(ours, theirs, atol=1e-6 * theirs.max())


def test_a_changed_filterbank_spoils_no_other():
    bands = MelBands(16_000, 512, 20)
    filterbank(bands).zero_()
    assert filterbank(bands).sum() > 0


@pytest.mark.parametrize(("low_hz", "high_hz"), [(500, 400), (0, 9000), (8000, 0), (-1, 0)])
def test_bands_outside_of_the_spectrum_are_refused(low_hz, high_hz):
    with pytest.raises(UsageError, match="accepted"):
        MelBands(16_000, 512, 40, low_hz, high_hz)


def _noise_and_partials(torch_rng):
    time_s = torch.arange(16_000) / 16_000
    tones = sum(torch.sin(2 * torch.pi * 311 * k * time_s) / k for k in range(1, 12))
    noise = torch.randn(16_000, generator=torch_rng)
    return torch.stack([tones, noise, 0.1 * noise + tones]) * torch.exp(-4 * time_s)


def test_way_back_is_nearer_than_librosas_least_squares(torch_rng):
    true = power(_noise_and_partials(torch_rng), FrameSpec(512, 128))
    bands = MelBands(16_000, 512, 128)
    wanted = to_mel(true, bands)
    ours = to_linear(wanted, bands)
    theirs = torch.from_numpy(librosa.util.nnls(filterbank(bands).numpy(), wanted.numpy()))

    def error(found):
        return (found.sqrt() - true.sqrt()).norm() / true.sqrt().norm()

    assert error(ours) < error(theirs)
    assert (to_mel(ours, bands) - wanted).norm() < 0.02 * wanted.norm()


def test_way_back_is_never_negative_and_keeps_silence(torch_rng):
    bands = MelBands(16_000, 512, 40)
    wanted = torch.rand(2, 40, 9, generator=torch_rng)
    wanted[:, 20:] = 0
    wanted[1, :, 4] = 0
    found = to_linear(wanted, bands)
    silent_bins = filterbank(bands)[:20].sum(dim=0) == 0
    silent_bins[0] = False  # the lowest bin lies below all bands
    assert found.min() == 0
    assert found[:, silent_bins].abs().max() == 0
    assert found[1, :, 4].abs().max() == 0
    assert found[0, 5].min() > 0


def test_way_back_of_very_quiet_and_loud_bands_scales(torch_rng):
    bands = MelBands(16_000, 512, 128)
    wanted = torch.rand(1, 128, 5, generator=torch_rng)
    found = to_linear(wanted, bands)
    for scale in (1e-20, 1e15):
        torch.testing.assert_close(
            to_linear(wanted * scale, bands) / scale, found, rtol=1e-3, atol=0
        )
