"""The short-time Fourier transform, its inverse and its window, against scipy and librosa."""

import librosa
import numpy as np
import pytest
import scipy.signal
import torch

from timbrel.errors import UsageError
from timbrel.signal.stft import FrameSpec, istft, magnitude, power, stft
from timbrel.signal.windows import hann

FRAMINGS = [(512, 128), (1024, 256), (512, 256), (512, 7), (640, 111), (64, 1), (16, 8)]


@pytest.mark.parametrize("length_samples", [1, 4, 512, 513])
def test_window_is_scipys_periodic_hann(length_samples):
    wanted = scipy.signal.get_window("hann", length_samples, fftbins=True)
    np.testing.assert_allclose(hann(length_samples), wanted, atol=1e-7)


def test_a_changed_window_spoils_no_other():
    hann(64).zero_()
    assert hann(64).sum() == pytest.approx(32)


@pytest.mark.parametrize(("n_fft", "hop"), FRAMINGS)
@pytest.mark.parametrize("length_samples", [1, 100, 4000, 4096])
def test_back_and_forth_is_below_minus_100_db(n_fft, hop, length_samples, torch_rng):
    sound, frames = torch.randn(2, length_samples, generator=torch_rng), FrameSpec(n_fft, hop)
    back = istft(stft(sound, frames), frames, length_samples)
    assert back.shape == sound.shape
    assert (back - sound).norm() < 1e-5 * sound.norm()


@pytest.mark.parametrize(("n_fft", "hop"), FRAMINGS)
def test_spectra_are_librosas(n_fft, hop, rng):
    sound = rng.standard_normal(5000).astype(np.float32)
    theirs = librosa.stft(sound, n_fft=n_fft, hop_length=hop, pad_mode="constant")
    ours = stft(torch.from_numpy(sound)[None], FrameSpec(n_fft, hop))[0].numpy()
    shared = min(ours.shape[1], theirs.shape[1])
    assert abs(ours.shape[1] - theirs.shape[1]) <= 1
    error = np.abs(ours[:, :shared] - theirs[:, :shared]).max()
    assert error < 1e-5 * np.abs(theirs).max()


def test_scipy_turns_our_spectra_back_into_the_sound(torch_rng):
    sound = torch.randn(1, 4096, generator=torch_rng)
    # scipy wants the frame at the very end too, which the last hop's silence adds.
    spectrum = stft(torch.nn.functional.pad(sound, (0, 128)), FrameSpec(512, 128))[0].numpy()
    scale = hann(512).sum().item()
    _, back = scipy.signal.istft(spectrum / scale, window="hann", nperseg=512, noverlap=384)
    np.testing.assert_allclose(back[:4096], sound[0], atol=1e-5)


def test_inverse_of_any_spectrum_is_the_least_squares_one(torch_rng):
    spectrum = torch.randn(1, 257, 41, dtype=torch.complex64, generator=torch_rng)
    theirs = librosa.istft(spectrum[0].numpy(), hop_length=160, n_fft=512, length=6400)
    ours = istft(spectrum, FrameSpec(512, 160), 6400)[0]
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_s3_has_250_frames_of_two_seconds():
    assert FrameSpec(512, 128).frame_count(32_000) == 250
    assert FrameSpec(512, 128).frame_count(1) == 1
    assert FrameSpec(512, 256).frame_count(512) == 3


def test_power_and_magnitude_agree(torch_rng):
    sound, frames = torch.randn(2, 1000, generator=torch_rng), FrameSpec(128, 32)
    torch.testing.assert_close(power(sound, frames).sqrt(), magnitude(sound, frames))


def test_a_tone_of_amplitude_one_peaks_at_half_the_window_sum():
    time_s = torch.arange(16_000) / 16_000
    tone = torch.sin(2 * torch.pi * 1000 * time_s)[None]
    found = magnitude(tone, FrameSpec(512, 128))[0, :, 60]
    assert found.argmax() == 32
    assert found.max() == pytest.approx(hann(512).sum().item() / 2, rel=1e-3)


@pytest.mark.parametrize(("n_fft", "hop"), [(511, 128), (2, 1), (512, 0), (512, 257), (0, 0)])
def test_framing_that_loses_sound_is_refused(n_fft, hop):
    with pytest.raises(UsageError, match="accepted"):
        FrameSpec(n_fft, hop)


def test_empty_and_misshapen_input_is_refused():
    frames = FrameSpec(64, 16)
    with pytest.raises(UsageError, match="at least one sample"):
        stft(torch.zeros(1, 0), frames)
    with pytest.raises(UsageError, match="batch, samples"):
        stft(torch.zeros(100), frames)
    with pytest.raises(UsageError, match="33, 7"):
        istft(torch.zeros(1, 33, 8, dtype=torch.complex64), frames, 100)
