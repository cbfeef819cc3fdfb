"""What every front end promises. A new file in the room is walked at once."""

import math

import librosa
import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch import Tensor

from timbrel import plugins
from timbrel.errors import TimbrelError, UsageError
from timbrel.signal.frontends import Framed, FrontEnd
from timbrel.signal.phase import GivesPhase

NAMES = plugins.names("signal.frontends")
RATE = 16_000
FAST = plugins.load("signal.phase", "fast_griffin_lim")()


@pytest.fixture(params=NAMES)
def front_end(request) -> FrontEnd:
    made = plugins.load("signal.frontends", request.param)()
    assert made.name == request.param
    return made


def original_phase(sound: Tensor) -> GivesPhase:
    """A phase method that knows the answer, so that only the front end can be at fault."""
    return plugins.load("signal.phase", "original")().keeping(sound)


def decode(front_end, code, reference, *, length_samples, rate=RATE, phase=FAST, seed=0):
    return front_end.decode(
        code, reference, sample_rate=rate, length_samples=length_samples, phase=phase, seed=seed
    )


def tone(frequency_hz: float, rate: int = RATE, seconds: float = 1.0) -> Tensor:
    time_s = torch.arange(round(rate * seconds), dtype=torch.float64) / rate
    return (0.5 * torch.sin(2 * math.pi * frequency_hz * time_s)).float()[None]


def frequency_hz(sound: Tensor, rate: int = RATE) -> float:
    """The highest peak of one long spectrum, by a parabola through its logarithm."""
    n_fft = 16 * len(sound)
    window = torch.hann_window(len(sound), dtype=torch.float64)
    spectrum = torch.fft.rfft(sound.double() * window, n=n_fft).abs()
    peak = int(spectrum.argmax())
    left, middle, right = spectrum[peak - 1 : peak + 2].log().tolist()
    return (peak + 0.5 * (left - right) / (left - 2 * middle + right)) * rate / n_fft


def cents(a_hz: float, b_hz: float) -> float:
    return abs(1200 * math.log2(a_hz / b_hz))


def one_shots(torch_rng) -> Tensor:
    time_s = torch.arange(RATE // 2) / RATE
    noise = torch.randn(3, RATE // 2, generator=torch_rng)
    sounds = noise * torch.exp(-12 * time_s) * torch.tensor([[1.0], [0.01], [0.3]])
    sounds[1] += 0.2 * torch.sin(2 * torch.pi * 300 * time_s)
    return sounds


def test_the_room_has_the_promised_ones():
    assert {"waveform", "rfft", "log_magnitude", "log_mel", "cqt"} <= set(NAMES)


def test_it_says_what_it_is(front_end):
    assert front_end.title
    assert front_end.source
    for name, field in type(front_end).model_fields.items():
        assert field.description, name


def test_codes_have_the_shape_and_range_promised(front_end, torch_rng):
    sound = one_shots(torch_rng)
    code, reference = front_end.encode(sound, sample_rate=RATE)
    assert tuple(code.shape[1:]) == front_end.code_shape(sound.shape[1])
    assert code.dtype == reference.dtype == torch.float32
    lowest = 0 if front_end.spectral else -1
    assert code.min() >= lowest
    torch.testing.assert_close(code.abs().amax(dim=(1, 2)), torch.ones(3))
    assert (reference > 0).all()


def test_the_code_does_not_depend_on_the_level(front_end, torch_rng):
    sound = one_shots(torch_rng)
    code, reference = front_end.encode(sound, sample_rate=RATE)
    quiet_code, quiet_reference = front_end.encode(sound * 1e-3, sample_rate=RATE)
    torch.testing.assert_close(quiet_code, code, atol=1e-4, rtol=0)
    torch.testing.assert_close(quiet_reference, reference * 1e-3)


def test_the_level_comes_back(front_end, torch_rng):
    sound = one_shots(torch_rng)
    code, reference = front_end.encode(sound, sample_rate=RATE)
    back = decode(front_end, code, reference, length_samples=sound.shape[1])
    level_db = 20 * torch.log10(back.norm(dim=1) / sound.norm(dim=1))
    assert level_db.abs().max() < 1.5


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 96_000])
def test_440_hz_comes_back_within_a_cent_where_the_phase_is_known(front_end, rate):
    sound = tone(440, rate)
    code, reference = front_end.encode(sound, sample_rate=rate)
    back = decode(
        front_end,
        code,
        reference,
        length_samples=sound.shape[1],
        rate=rate,
        phase=original_phase(sound),
    )
    assert cents(frequency_hz(back[0], rate), 440) < 1


def test_440_hz_comes_back_within_ten_cents_where_the_phase_is_found(front_end):
    sound = tone(440)
    code, reference = front_end.encode(sound, sample_rate=RATE)
    back = decode(front_end, code, reference, length_samples=sound.shape[1])
    assert cents(frequency_hz(back[0]), 440) < 10


@pytest.mark.parametrize("length_samples", [1, 2, 127, 129, 4096, 5001])
def test_the_length_wanted_is_the_length_that_comes(front_end, length_samples, torch_rng):
    sound = torch.randn(2, length_samples, generator=torch_rng)
    code, reference = front_end.encode(sound, sample_rate=RATE)
    assert tuple(code.shape[1:]) == front_end.code_shape(length_samples)
    back = decode(front_end, code, reference, length_samples=length_samples)
    assert back.shape == sound.shape
    assert back.isfinite().all()


def test_silence_stays_digital_silence(front_end):
    code, reference = front_end.encode(torch.zeros(2, 3000), sample_rate=RATE)
    assert code.abs().max() == 0
    assert (reference > 0).all()
    assert decode(front_end, code, reference, length_samples=3000).abs().max() == 0


def test_silence_after_a_sound_stays_digital_silence(front_end, torch_rng):
    sound = torch.zeros(1, RATE)
    sound[0, :1000] = torch.randn(1000, generator=torch_rng)
    code, reference = front_end.encode(sound, sample_rate=RATE)
    # The lowest bins of a constant-Q transform ring on for half a second; a transform of all of
    # a segment rounds in all of it (-120 dB).
    loudest = {"cqt": 0.02, "rfft": 1e-6}.get(front_end.name, 0)
    back = decode(front_end, code, reference, length_samples=RATE)
    # a frame that the sound's last sample is in reaches a whole window further
    window = front_end.frames.n_fft if isinstance(front_end, Framed) else 0
    assert back[0, max(4000, 1000 + window) :].abs().max() <= loudest


def test_a_batch_is_its_sounds_one_by_one(front_end, torch_rng):
    sound = one_shots(torch_rng)
    code, reference = front_end.encode(sound, sample_rate=RATE)
    back = decode(front_end, code, reference, length_samples=sound.shape[1], seed=3)
    for k in range(len(sound)):
        one, level = front_end.encode(sound[k : k + 1], sample_rate=RATE)
        torch.testing.assert_close(one[0], code[k], atol=5e-5, rtol=0)
        alone = decode(front_end, code[k : k + 1], level, length_samples=sound.shape[1], seed=3)
        assert (alone[0] - back[k]).norm() <= 1e-3 * back[k].norm()


def test_the_same_seed_gives_the_same_bytes(front_end, torch_rng):
    sound = one_shots(torch_rng)
    code, reference = front_end.encode(sound, sample_rate=RATE)
    first, again = (decode(front_end, code, reference, length_samples=8000) for _ in range(2))
    assert torch.equal(first, again)


def test_codes_in_half_precision_and_out_of_range_are_welcome(front_end, torch_rng):
    code, reference = front_end.encode(one_shots(torch_rng), sample_rate=RATE)
    wild = code.half() * 1.2
    clipped = (code.half() * 1.2).float().clamp(0 if front_end.spectral else -1, 1)
    torch.testing.assert_close(
        decode(front_end, wild, reference.half().float(), length_samples=8000),
        decode(front_end, clipped, reference.half().float(), length_samples=8000),
    )


def test_nothing_given_is_changed(front_end, torch_rng):
    sound = one_shots(torch_rng)
    kept = sound.clone()
    code, reference = front_end.encode(sound, sample_rate=RATE)
    code_kept, reference_kept = code.clone(), reference.clone()
    decode(front_end, code, reference, length_samples=8000)
    assert torch.equal(sound, kept)
    assert torch.equal(code, code_kept)
    assert torch.equal(reference, reference_kept)


@pytest.mark.parametrize(
    "sound",
    [torch.zeros(1, 0), torch.full((1, 500), torch.nan), torch.full((1, 500), torch.inf)],
    ids=["empty", "nan", "infinite"],
)
def test_what_is_no_sound_is_refused(front_end, sound):
    with pytest.raises(UsageError):
        front_end.encode(sound, sample_rate=RATE)


def test_a_code_of_another_shape_is_refused(front_end):
    bins, count = front_end.code_shape(4000)
    with pytest.raises(UsageError, match="accepted"):
        decode(front_end, torch.zeros(1, bins, count + 1), torch.ones(1), length_samples=4000)


@pytest.mark.parametrize("name", ["log_magnitude", "log_mel"])
@pytest.mark.parametrize("hop", [16, 100, 128, 200, 256])
def test_any_hop_and_rate_bring_the_sound_back(name, hop, torch_rng):
    sound = one_shots(torch_rng)[:, :3001]
    front_end = plugins.load("signal.frontends", name)(n_fft=512, hop_samples=hop)
    for rate in (8_000, 22_050, 96_000):
        code, reference = front_end.encode(sound, sample_rate=rate)
        back = decode(
            front_end,
            code,
            reference,
            rate=rate,
            length_samples=3001,
            phase=original_phase(sound),
        )
        error_db = 20 * torch.log10((back - sound).norm() / sound.norm())
        # Magnitudes lose only what is below the floor; mel bands lose all detail inside a band.
        assert error_db < (-60 if name == "log_magnitude" else -2)


def test_log_mel_is_librosas(torch_rng):
    sound = one_shots(torch_rng)
    code, reference = plugins.load("signal.frontends", "log_mel")().encode(sound, sample_rate=RATE)
    for k in range(3):
        theirs = librosa.feature.melspectrogram(
            y=sound[k].numpy(), sr=RATE, n_fft=512, hop_length=128, n_mels=128, pad_mode="constant"
        )
        theirs_db = librosa.power_to_db(theirs, ref=np.max, amin=1e-20, top_db=80)
        ours_db = code[k].numpy() * 80 - 80
        np.testing.assert_allclose(ours_db, theirs_db[:, : ours_db.shape[1]], atol=2e-3)
        assert reference[k] == pytest.approx(math.sqrt(theirs.max()), rel=1e-4)


def test_log_magnitude_is_librosas(torch_rng):
    sound = one_shots(torch_rng)[:1]
    front_end = plugins.load("signal.frontends", "log_magnitude")()
    code, reference = front_end.encode(sound, sample_rate=RATE)
    theirs = np.abs(librosa.stft(sound[0].numpy(), n_fft=1024, hop_length=256, pad_mode="constant"))
    theirs_db = librosa.amplitude_to_db(theirs, ref=np.max, amin=1e-10, top_db=80)
    ours_db = code[0].numpy() * 80 - 80
    np.testing.assert_allclose(ours_db, theirs_db[:, : ours_db.shape[1]], atol=2e-3)
    assert reference[0] == pytest.approx(theirs.max(), rel=1e-5)


def test_s3s_code_is_128_by_250():
    front_end = plugins.load("signal.frontends", "log_mel")(n_fft=512, hop_samples=128, mels=128)
    assert front_end.code_shape(32_000) == (128, 250)


@pytest.mark.parametrize("name", ["log_magnitude", "log_mel"])
@pytest.mark.parametrize(("gate_db", "heard"), [(0.0, True), (2.0, False)])
def test_the_gate_silences_what_is_just_above_the_floor(name, gate_db, heard):
    front_end = plugins.load("signal.frontends", name)(gate_db=gate_db)
    code = torch.zeros(1, *front_end.code_shape(4000))
    code[..., 0] = 1
    code[..., -4:] = 1.5 / 80
    back = decode(front_end, code, torch.ones(1), length_samples=4000)
    assert (back[0, -200:].abs().max() > 0) == heard


@pytest.mark.parametrize("name", ["log_magnitude", "log_mel"])
def test_settings_that_do_not_fit_are_refused(name):
    kind = plugins.load("signal.frontends", name)
    with pytest.raises(UsageError, match="hop"):
        kind(n_fft=512, hop_samples=300)
    with pytest.raises(ValidationError):
        kind(n_fft=1)


def test_bands_that_do_not_fit_the_rate_are_refused():
    kind = plugins.load("signal.frontends", "log_mel")
    with pytest.raises(UsageError, match="low_hz"):
        kind(low_hz=500, high_hz=400)
    with pytest.raises(TimbrelError, match="high_hz"):
        kind(high_hz=10_000).encode(torch.zeros(1, 1000), sample_rate=RATE)
