"""The constant-Q transform: an exact inverse, the right bins, and a phase found for magnitudes."""

import math

import pytest
import torch
from torch import Tensor

from timbrel import plugins
from timbrel.errors import UsageError
from timbrel.signal.constant_q import ConstantQ
from timbrel.signal.stft import FrameSpec

BANDS = ConstantQ(168, 24, 16)
RATE = 16_000
Cqt = plugins.load("signal.frontends", "cqt")


def method(name: str, **options):
    return plugins.load("signal.phase", name)(**options)


def tones(*frequencies_hz: float) -> Tensor:
    time_s = torch.arange(RATE, dtype=torch.float64) / RATE
    parts = [torch.sin(2 * torch.pi * hz * time_s) for hz in frequencies_hz]
    return torch.stack(parts).sum(dim=0).float()[None]


def error_db(found: Tensor, wanted: Tensor) -> float:
    return 20 * math.log10(float((found - wanted).norm() / wanted.norm()))


@pytest.mark.parametrize("length_samples", [1, 100, 4001, 16_000])
@pytest.mark.parametrize(("bins", "octave", "hop"), [(168, 24, 16), (96, 12, 9), (200, 48, 32)])
def test_the_inverse_is_exact(bins, octave, hop, length_samples, torch_rng):
    bands = ConstantQ(bins, octave, hop)
    sound = torch.randn(2, length_samples, generator=torch_rng)
    spectrum = bands.forward(sound)
    assert spectrum.shape == (2, bins, bands.frame_count(length_samples))
    assert error_db(bands.inverse(spectrum, length_samples), sound) < -100


def test_the_frame_is_tight(torch_rng):
    # <Tx, Tx> = c <x, x> for every x, which makes the inverse the best one there is.
    noise = torch.randn(1, 4000, generator=torch_rng)
    ratios = []
    for sound in (noise, noise.diff(dim=1), noise * torch.linspace(1, 0, 4000) ** 4):
        spectrum = torch.view_as_real(BANDS.forward(sound)).square().sum()
        ratios.append(float(spectrum / sound.square().sum()))
    # Half the rate and zero have no twin among the negative frequencies.
    assert ratios == pytest.approx([ratios[0]] * 3, rel=0.01)


@pytest.mark.parametrize("octaves_below", [1, 2, 4])
def test_a_tone_is_loudest_in_its_own_bin_at_its_own_level(octaves_below):
    spectrum = BANDS.forward(0.5 * tones(RATE / 2 / 2**octaves_below)).abs()[0, :, 500]
    assert spectrum.argmax() == 167 - 24 * octaves_below
    assert spectrum.max() == pytest.approx(0.5 * math.sqrt(2 / 3), rel=0.01)
    assert spectrum.argsort(descending=True)[1:3].sub(spectrum.argmax()).abs().tolist() == [1, 1]


def test_codes_and_kept_phase_give_the_sound_back():
    sound = tones(261.6, 523.2, 3000)
    front_end = Cqt(range_db=160, gate_db=0)
    code, reference = front_end.encode(sound, sample_rate=RATE)
    kept = method("original").keeping(sound)
    back = front_end.decode(
        code, reference, sample_rate=RATE, length_samples=RATE, phase=kept, seed=0
    )
    assert error_db(back, sound) < -100


def test_heap_integration_finds_more_than_griffin_lim_and_rounds_help():
    sound = tones(261.6, 523.2, 3000) * torch.linspace(1, 0, RATE)
    wanted = BANDS.forward(sound).abs()
    errors_db = []
    for one in (
        method("heap_integration", iterations=8),
        method("heap_integration"),
        method("griffin_lim", iterations=8),
        method("zero"),
    ):
        found = one.waveform_in(wanted, BANDS, length_samples=RATE, seed=0)
        errors_db.append(error_db(BANDS.forward(found).abs(), wanted))
    assert errors_db == sorted(errors_db)
    assert errors_db[0] < -20


def test_what_cannot_be_inverted_is_refused():
    with pytest.raises(UsageError, match="1 to 18"):
        Cqt(hop_samples=19)
    sound = torch.randn(1, 2000)
    code, reference = Cqt().encode(sound, sample_rate=RATE)

    class Trained:
        def waveform(self, magnitude, frames: FrameSpec, *, length_samples, seed):
            raise AssertionError

    with pytest.raises(UsageError, match="Trained with the front end cqt"):
        Cqt().decode(
            code, reference, sample_rate=RATE, length_samples=2000, phase=Trained(), seed=0
        )
    with pytest.raises(UsageError, match="without the sound"):
        Cqt().decode(
            code,
            reference,
            sample_rate=RATE,
            length_samples=2000,
            phase=method("original"),
            seed=0,
        )
