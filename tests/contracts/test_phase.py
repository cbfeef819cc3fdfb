"""What every phase method promises. A new file in the room is walked at once."""

from itertools import pairwise

import librosa
import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor

from timbrel import plugins
from timbrel.errors import UsageError
from timbrel.signal.phase import PhaseMethod, _iteration
from timbrel.signal.stft import FrameSpec, istft, magnitude, stft, window_power

ALL = plugins.names("signal.phase")
NAMES = [name for name in ALL if not plugins.load("signal.phase", name).needs_sound]
FRAMES = FrameSpec(512, 128)
LENGTH = 8000
Zero, GriffinLim, FastGriffinLim, Original = (
    plugins.load("signal.phase", name)
    for name in ("zero", "griffin_lim", "fast_griffin_lim", "original")
)


@pytest.fixture(params=NAMES)
def method(request) -> PhaseMethod:
    made = plugins.load("signal.phase", request.param)()
    assert made.name == request.param
    return made


def convergence(sound: Tensor, wanted: Tensor, frames: FrameSpec = FRAMES) -> Tensor:
    """Spectral convergence: what is wrong with the magnitudes, as a part of them, [B]."""
    wrong = (magnitude(sound, frames) - wanted).square().sum(dim=(1, 2))
    return (wrong / wanted.square().sum(dim=(1, 2))).sqrt()


@pytest.fixture
def sounds(torch_rng) -> Tensor:
    """A tone, a chirp, a click, a burst of noise, and a short burst of it."""
    time_s = torch.arange(LENGTH) / 16_000
    tone = torch.sin(2 * torch.pi * 440 * time_s)
    chirp = torch.sin(2 * torch.pi * (200 * time_s + 3000 * time_s**2))
    click = torch.zeros(LENGTH)
    click[3000] = 1
    noise = torch.randn(LENGTH, generator=torch_rng) * torch.exp(-8 * time_s)
    return torch.stack([tone, chirp, click, noise, noise * (time_s < 0.05)])


def test_the_room_has_the_promised_ones():
    assert {"zero", "griffin_lim", "fast_griffin_lim", "heap_integration"} <= set(NAMES)
    assert set(ALL) - set(NAMES) == {"original"}


@pytest.mark.parametrize("name", ALL)
def test_it_says_what_it_is(name):
    method = plugins.load("signal.phase", name)()
    assert method.title
    assert method.source
    for name, field in type(method).model_fields.items():
        assert field.description, name


def test_it_is_never_worse_than_zero_phase(method, sounds):
    wanted = magnitude(sounds, FRAMES)
    found = method.waveform(wanted, FRAMES, length_samples=LENGTH, seed=0)
    floor = Zero().waveform(wanted, FRAMES, length_samples=LENGTH, seed=0)
    assert found.dtype == torch.float32
    assert (convergence(found, wanted) <= convergence(floor, wanted) + 1e-6).all()


@pytest.mark.parametrize(("n_fft", "hop"), [(512, 128), (512, 100), (256, 128), (1024, 64)])
@pytest.mark.parametrize("length_samples", [1, 255, 4001])
def test_the_length_wanted_is_the_length_that_comes(method, n_fft, hop, length_samples, torch_rng):
    frames = FrameSpec(n_fft, hop)
    wanted = magnitude(torch.randn(2, length_samples, generator=torch_rng), frames)
    found = method.waveform(wanted, frames, length_samples=length_samples, seed=0)
    assert found.shape == (2, length_samples)
    assert found.isfinite().all()


def test_the_seed_is_honoured(method, sounds):
    wanted = magnitude(sounds, FRAMES)
    one, again, other = (
        method.waveform(wanted, FRAMES, length_samples=LENGTH, seed=seed) for seed in (1, 1, 2)
    )
    assert torch.equal(one, again)
    assert torch.equal(one, other) == method.deterministic


def test_torchs_own_generator_is_left_alone(method, sounds):
    before = torch.get_rng_state()
    method.waveform(magnitude(sounds, FRAMES), FRAMES, length_samples=LENGTH, seed=0)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_batch_is_its_sounds_one_by_one(method, sounds):
    wanted = magnitude(sounds, FRAMES)
    together = method.waveform(wanted, FRAMES, length_samples=LENGTH, seed=5)
    for k in range(len(sounds)):
        alone = method.waveform(wanted[k : k + 1], FRAMES, length_samples=LENGTH, seed=5)
        assert (alone[0] - together[k]).norm() <= 1e-3 * together[k].norm()


def test_silence_stays_silent(method):
    wanted = torch.zeros(2, FRAMES.bins, FRAMES.frame_count(LENGTH))
    assert method.waveform(wanted, FRAMES, length_samples=LENGTH, seed=0).abs().max() == 0


@pytest.mark.parametrize("level", [1e-12, 1e9])
def test_level_changes_nothing_but_the_level(method, sounds, level):
    wanted = magnitude(sounds, FRAMES)
    plain = method.waveform(wanted, FRAMES, length_samples=LENGTH, seed=0)
    scaled = method.waveform(wanted * level, FRAMES, length_samples=LENGTH, seed=0)
    assert (scaled / level - plain).norm() < 1e-2 * plain.norm()


def test_nothing_given_is_changed(method, sounds):
    wanted = magnitude(sounds, FRAMES)
    kept = wanted.clone()
    method.waveform(wanted, FRAMES, length_samples=LENGTH, seed=0)
    assert torch.equal(wanted, kept)


def test_a_spectrogram_that_does_not_fit_is_refused(method):
    with pytest.raises(UsageError, match="257, 63"):
        method.waveform(torch.ones(1, 257, 60), FRAMES, length_samples=LENGTH, seed=0)


@pytest.mark.parametrize("window", ["hann", "gaussian"])
def test_the_original_phase_gives_the_sound_back(window, sounds):
    frames = FrameSpec(512, 128, window)
    kept = Original().keeping(sounds)
    back = kept.waveform(magnitude(sounds, frames), frames, length_samples=LENGTH, seed=0)
    assert (back - sounds).norm() < 1e-5 * sounds.norm()


def test_the_original_phase_wants_its_own_sound(sounds):
    wanted = magnitude(sounds, FRAMES)
    with pytest.raises(UsageError, match="without the sound"):
        Original().waveform(wanted, FRAMES, length_samples=LENGTH, seed=0)
    with pytest.raises(UsageError, match="accepted: \\(5, 8000\\)"):
        Original().keeping(sounds[:2]).waveform(wanted, FRAMES, length_samples=LENGTH, seed=0)


def test_zero_phase_is_an_inverse_with_zero_phase(sounds):
    wanted = magnitude(sounds[3:4], FrameSpec(512, 160))
    ours = Zero().waveform(wanted, FrameSpec(512, 160), length_samples=LENGTH, seed=0)
    theirs = librosa.istft(wanted[0].numpy() + 0j, hop_length=160, n_fft=512, length=LENGTH)
    np.testing.assert_allclose(ours[0], theirs, atol=1e-5)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.99])
def test_each_round_is_librosas(sounds, momentum):
    # At this hop both libraries use the same number of frames, so sounds can be compared.
    frames = FrameSpec(512, 160)
    wanted = np.abs(librosa.stft(sounds[3].numpy(), n_fft=512, hop_length=160, pad_mode="constant"))
    theirs = librosa.griffinlim(
        wanted,
        n_iter=5,
        hop_length=160,
        n_fft=512,
        momentum=momentum,
        init=None,
        pad_mode="constant",
        length=LENGTH,
    )
    ours = _iteration.refine(
        torch.from_numpy(wanted.T.copy())[None],
        torch.ones(wanted.T.shape, dtype=torch.complex64),
        frames,
        iterations=5,
        momentum=momentum,
        weight=_weight(frames),
    )[0, 256 : 256 + LENGTH].numpy()
    assert np.linalg.norm(ours - theirs) < 1e-2 * np.linalg.norm(theirs)


def _weight(frames: FrameSpec) -> Tensor:
    weight = 1 / window_power(frames, frames.frame_count(LENGTH), device=torch.device("cpu"))
    weight[:256], weight[256 + LENGTH :] = 0, 0
    return weight


def test_without_momentum_every_round_is_nearer(sounds):
    wanted = magnitude(sounds, FRAMES)
    errors = []
    for iterations in (0, 1, 2, 4, 8, 16, 32):
        method = GriffinLim(iterations=iterations)
        found = method.waveform(wanted, FRAMES, length_samples=LENGTH, seed=0)
        errors.append(_inconsistency(found, wanted))
    for before, after in pairwise(errors):
        assert (after <= before * 1.0001).all()


def _inconsistency(sound: Tensor, wanted: Tensor) -> Tensor:
    """What Griffin & Lim prove to fall; a real sound's spectrum has its inner bins twice."""
    error = (magnitude(sound, FRAMES) - wanted).square()
    error[:, 1:-1] *= 2
    return error.sum(dim=(1, 2))


def test_momentum_helps(sounds):
    wanted = magnitude(sounds[:2], FRAMES)
    slow, fast = (
        method(iterations=32).waveform(wanted, FRAMES, length_samples=LENGTH, seed=0)
        for method in (GriffinLim, FastGriffinLim)
    )
    assert (convergence(fast, wanted) < convergence(slow, wanted)).all()


def test_the_right_phase_is_a_fixed_point(sounds):
    spectrum = stft(sounds[3:], FRAMES).transpose(1, 2)
    wanted = spectrum.abs()
    weight = 1 / window_power(FRAMES, spectrum.shape[1], device=torch.device("cpu"))
    weight[:256], weight[256 + LENGTH :] = 0, 0
    found = _iteration.refine(
        wanted[:1], torch.sgn(spectrum[0]), FRAMES, iterations=8, momentum=0.99, weight=weight
    )[0, 256 : 256 + LENGTH]
    assert (found - sounds[3]).norm() < 1e-4 * sounds[3].norm()


def test_work_in_pieces_is_work_at_once(sounds, monkeypatch):
    wanted = magnitude(sounds, FRAMES)
    once = FastGriffinLim().waveform(wanted, FRAMES, length_samples=LENGTH, seed=0)
    monkeypatch.setitem(_iteration._CELLS, "cpu", 257 * 10)
    pieces = FastGriffinLim().waveform(wanted, FRAMES, length_samples=LENGTH, seed=0)
    found, same = convergence(pieces, wanted), convergence(once, wanted)
    torch.testing.assert_close(found, same, atol=1e-3, rtol=0)
    assert (istft(stft(pieces, FRAMES), FRAMES, LENGTH) - pieces).norm() < 1e-4 * pieces.norm()


@pytest.mark.data
def test_it_converges_on_drums_as_librosa_does(data):
    ours, theirs = [], []
    for label in ("kick", "snare", "hi-hat", "tom", "cymbal", "metallic"):
        path = sorted((data / "drums" / label).glob("*.flac"))[0]
        sound = soundfile.read(path, dtype="float32", always_2d=True)[0][:32_000, 0]
        wanted = magnitude(torch.from_numpy(sound)[None], FRAMES)
        found = FastGriffinLim().waveform(wanted, FRAMES, length_samples=len(sound), seed=0)
        ours.append(float(convergence(found, wanted)))
        reference = librosa.griffinlim(
            np.abs(librosa.stft(sound, n_fft=512, hop_length=128, pad_mode="constant")),
            n_fft=512,
            hop_length=128,
            pad_mode="constant",
            length=len(sound),
            random_state=0,
        )
        theirs.append(float(convergence(torch.from_numpy(reference)[None], wanted)))
    assert np.mean(ours) == pytest.approx(np.mean(theirs), abs=0.01)
