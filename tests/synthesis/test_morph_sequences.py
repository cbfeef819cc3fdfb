"""Morphs of instruments that hear frame by frame; exact ones, so that the morph is judged."""

import math
from collections.abc import Sequence
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from fixtures_sequences import RATE_HZ, exact_families, exact_recipe, instrument_of
from timbrel.errors import SoundFileError, UsageError
from timbrel.instruments.instrument import Instrument
from timbrel.signal.files import Sound
from timbrel.signal.pitch import pitch_hz
from timbrel.signal.stft import FrameSpec, magnitude
from timbrel.signal.units import cents
from timbrel.synthesis.morph import morph
from timbrel.synthesis.phases import resolve
from timbrel.synthesis.reconstruct import reconstruct

__all__ = ["exact_families"]
LINE = [(0.0, (1.0, 0.0)), (1.0, (0.0, 1.0))]


@pytest.fixture(scope="module")
def exact(exact_families: None) -> Instrument:
    """Hears and plays frames as they are."""
    return instrument_of(exact_recipe("exact"))


@pytest.fixture(scope="module")
def quieter(exact_families: None) -> Instrument:
    """Plays each cell a fifth of the range of dB too low: what S4's correction is for."""
    return instrument_of(exact_recipe("exact"), lost=0.2)


@pytest.fixture(scope="module")
def pitched(exact_families: None) -> Instrument:
    """Knows the pitch of each frame, and plays at others."""
    return instrument_of(exact_recipe("exact_pitched"))


def note(
    hz: float, partials: Sequence[float], *, begin_s: float = 0.02, decay: float = 4.0
) -> Sound:
    """A note of some partials, each an amplitude; it begins suddenly and decays."""
    time_s = torch.arange(RATE_HZ // 2) / RATE_HZ - begin_s
    wave = sum(
        (
            level * torch.sin(2 * math.pi * hz * number * time_s + number)
            for number, level in enumerate(partials, start=1)
        ),
        torch.zeros(1),
    )
    shape = torch.where(time_s >= 0, torch.exp(-decay * time_s.clamp(min=0)), 0.0)
    return Sound(0.3 * (wave * shape)[None], RATE_HZ, f"{hz:g}.wav")


DARK = note(440.0, (1.0, 0.1, 0.01), decay=12.0)
BRIGHT = note(440.0, (0.05, 0.3, 1.0), begin_s=0.1, decay=3.0)


def level_db(sound: Tensor, hz: float) -> float:
    """How loud a frequency is in a sound [T], below its loudest."""
    spectrum = torch.fft.rfft(sound * torch.hann_window(len(sound))).abs()
    at = round(hz * len(sound) / RATE_HZ)
    return float(20 * (spectrum[at - 3 : at + 4].max() / spectrum.max()).log10())


def brightness_db(sound: Tensor) -> float:
    return level_db(sound, 3 * 440.0) - level_db(sound, 440.0)


@pytest.mark.parametrize("energy", [None, "mean", "off"])
@pytest.mark.parametrize("phase", [None, "sources", "heap_integration"])
def test_the_ends_are_the_reconstructions_bit_for_bit(
    quieter: Instrument, energy: str | None, phase: str | None
) -> None:
    named = None if phase is None else resolve(phase, quieter, opened=lambda _: quieter)
    made = morph(quieter, [DARK, BRIGHT], steps=2, energy=energy, seed=3, phase=named)
    on = None if energy is None else energy != "off"
    back = reconstruct(quieter, [DARK, BRIGHT], seed=3, phase=named, energy=on)
    for end, whole in zip(made, back, strict=True):
        assert torch.equal(end.sound.samples, whole.sound.samples)


def test_a_path_that_stays_at_one_sound_is_its_reconstruction(exact: Instrument) -> None:
    (made,) = morph(exact, [DARK, BRIGHT], path=[(0.0, (0, 1)), (1.0, (0, 1))])
    (back,) = reconstruct(exact, [BRIGHT])
    assert torch.equal(made.sound.samples, back.sound.samples)


@pytest.mark.parametrize("weights", [(0.3, 0.7), (-0.5, 1.5)])
@pytest.mark.parametrize("energy", ["interpolated", "mean", "off"])
def test_a_sound_mixed_with_itself_is_its_reconstruction(
    quieter: Instrument, weights: tuple[float, float], energy: str
) -> None:
    (made,) = morph(quieter, [DARK, DARK], weights=[weights], energy=energy)
    (back,) = reconstruct(quieter, [DARK], energy=energy != "off")
    off = made.sound.samples - back.sound.samples
    assert float(off.square().mean()) < 1e-5 * float(back.sound.samples.square().mean())


def test_the_correction_gives_each_frame_the_energy_it_had(quieter: Instrument) -> None:
    fitted = quieter.fit(BRIGHT)
    latent, _ = quieter.encode(fitted)
    wanted = quieter.energy(fitted)
    assert wanted is not None
    code = quieter.code(latent, quieter.detail(fitted))
    corrected, louder = quieter.with_energy(code, wanted)
    found = quieter.energy_of(corrected) * louder[:, None] ** 2
    loud = wanted > 1e-5 * wanted.max()
    assert int(loud.sum()) > 10
    assert (10 * (found / wanted)[loud].log10()).abs().max() < 0.1
    before = 10 * (quieter.energy_of(code) / wanted)[loud].log10()
    assert before.abs().max() > 5  # it had something to do
    silent = wanted == 0
    assert silent.any()
    assert not corrected[0, :, silent[0]].any()


@pytest.mark.parametrize(("energy", "dip_db"), [("interpolated", -10.0), ("mean", -2.97)])
def test_a_corrected_morph_has_the_energy_between(
    quieter: Instrument, energy: str, dip_db: float
) -> None:
    """One sound is even, the other is 20 dB softer for a while: half-way, 10 or all but 3 dB."""
    even = note(440.0, (1.0, 0.3), decay=0.0)
    dipped = even.samples.clone()
    dipped[:, 3000:6000] *= 0.1
    (made,) = morph(quieter, [even, Sound(dipped, RATE_HZ)], weights=[(0.5, 0.5)], energy=energy)
    power = made.sound.samples.square()
    found_db = 10 * (power[:, 4000:5000].mean() / power[:, 1200:2200].mean()).log10()
    assert float(found_db) == pytest.approx(dip_db, abs=0.3)


def test_brightness_lies_between_and_goes_beyond(exact: Instrument) -> None:
    weights = [(1 - w, w) for w in (-0.3, 0.0, 0.25, 0.5, 0.75, 1.0, 1.3)]
    sounds = [note(440.0, (1.0, 0.1, 0.03)), note(440.0, (0.1, 0.3, 1.0), begin_s=0.1)]
    made = [render.sound.samples[0] for render in morph(exact, sounds, weights=weights)]
    found = [brightness_db(each) for each in made]
    assert all(after > before for before, after in pairwise(found))


def spectrum_db(sound: Tensor, part: slice) -> Tensor:
    """The spectrum of a part of a sound, in dB, down to -60 below its loudest."""
    cut = sound[..., part] * torch.hann_window(sound[..., part].shape[-1])
    power = torch.fft.rfft(cut).abs().square()
    return 10 * (power / power.max()).clamp(min=1e-6).log10()


def distance_db(one: Tensor, other: Tensor, part: slice) -> float:
    return float((spectrum_db(one, part) - spectrum_db(other, part)).square().mean().sqrt())


@pytest.mark.parametrize("kind", ["sequence", "vector"])
def test_a_path_begins_as_one_sound_and_ends_as_the_other(
    exact: Instrument, tiny_instrument: Instrument, kind: str
) -> None:
    instrument = {"sequence": exact, "vector": tiny_instrument}[kind]
    sounds = [note(440.0, (1.0, 0.1), decay=2.0), note(1100.0, (0.3, 1.0), decay=2.0)]
    one, other = (render.sound.samples[0] for render in reconstruct(instrument, sounds))
    (made,) = morph(instrument, sounds, path=LINE)
    sound, third = made.sound.samples[0], len(one) // 3
    first, last = slice(third // 8, third), slice(2 * third, len(one))
    assert distance_db(sound, one, first) < distance_db(sound, other, first) - 1
    assert distance_db(sound, other, last) < distance_db(sound, one, last) - 1


def test_an_eased_path_stays_longer_at_its_ends(exact: Instrument) -> None:
    sounds = [note(440.0, (1.0, 0.1), decay=2.0), note(440.0, (0.1, 1.0), decay=2.0)]
    early = slice(RATE_HZ // 20, RATE_HZ // 8)
    one = next(reconstruct(exact, sounds)).sound.samples[0]
    straight, eased = (
        next(morph(exact, sounds, path=LINE, curve=curve)).sound.samples[0]
        for curve in ("linear", "ease")
    )
    assert distance_db(eased, one, early) < distance_db(straight, one, early)


def test_unequal_sounds_begin_and_end_between_and_begin_once(exact: Instrument) -> None:
    short = note(440.0, (1.0, 0.2), begin_s=0.02, decay=40.0)
    long = note(440.0, (0.2, 1.0), begin_s=0.18, decay=15.0)
    (made,) = morph(exact, [short, long], weights=[(0.5, 0.5)])
    moments = made.provenance["settings"]["alignment"]
    # the frames of the onset see it coming: half a window, 32 ms, early
    assert moments["onset_s"] == pytest.approx(0.1 - 0.024, abs=0.016)
    level = made.sound.samples[0].unfold(0, 80, 80).square().mean(dim=1).sqrt()
    begun_s = int((level > 0.2 * level.max()).to(torch.uint8).argmax()) * 80 / RATE_HZ
    assert begun_s == pytest.approx(0.1, abs=0.03)
    rises = [after > 2 * before for before, after in pairwise(level[level > 0.1 * level.max()])]
    assert sum(rises) <= 2  # one attack, not one for each sound


@pytest.mark.parametrize("key", [1, 2])
def test_the_key_is_the_pitch_of_all_steps(exact: Instrument, key: int) -> None:
    sounds = [note(440.0, (1.0, 0.5, 0.3)), note(523.25, (0.4, 1.0, 0.2))]
    wanted = (440.0, 523.25)[key - 1]
    for render in morph(exact, sounds, steps=3, key=key):
        found = pitch_hz(render.sound.samples[0], RATE_HZ)
        assert abs(cents(wanted, found)) < 10
        assert render.provenance["settings"]["key"] == key
    kept = list(morph(exact, sounds, steps=2, key=key))[key - 1]
    back = list(reconstruct(exact, sounds))[key - 1]
    assert torch.equal(kept.sound.samples, back.sound.samples)


def test_a_network_that_knows_pitches_keeps_the_key_itself(pitched: Instrument) -> None:
    # 15.625 Hz a bin: pure tones in the middle of bins 24 and 40
    sounds = [note(24 * 15.625, (1.0,), decay=1.0), note(40 * 15.625, (1.0,), decay=1.0)]
    for render in morph(pitched, sounds, weights=[(0.5, 0.5), (1.0, 0.0)], key=2):
        peak = magnitude(render.sound.samples, FrameSpec(1024, 256)).mean(dim=2)[0].argmax()
        assert int(peak) == 40
    kept = next(morph(pitched, sounds, weights=[(0.0, 1.0)], key=2))
    (back,) = reconstruct(pitched, sounds[1:])
    assert torch.equal(kept.sound.samples, back.sound.samples)


def test_what_has_no_pitch_gives_no_key(exact: Instrument) -> None:
    noise = torch.randn(1, RATE_HZ // 2, generator=torch.Generator().manual_seed(1))
    sounds = [DARK, Sound(0.1 * noise, RATE_HZ, "wind.wav")]
    with pytest.raises(SoundFileError, match=r"wind\.wav has no pitch .* leave --key out"):
        morph(exact, sounds, steps=2, key=1)


def test_the_phases_of_the_sources_are_better_than_none(exact: Instrument) -> None:
    """A sound moved in time keeps its magnitudes: its own phases, run on, fit them."""
    late = note(440.0, (1.0, 0.5, 0.3), begin_s=0.15, decay=10.0)
    early = note(440.0, (1.0, 0.5, 0.3), begin_s=0.02, decay=10.0)
    found = []
    for name in ("sources", "zero"):
        phase = resolve(name, exact, opened=lambda _: exact)
        (render,) = morph(exact, [early, late], weights=[(0.5, 0.5)], phase=phase)
        assert render.provenance["phase"] == name
        found.append(render.sound.samples)
    own = note(440.0, (1.0, 0.5, 0.3), begin_s=0.085, decay=10.0)
    wanted = magnitude(own.samples, FrameSpec(1024, 256))
    off = [
        float((magnitude(each, FrameSpec(1024, 256)) - wanted).norm() / wanted.norm())
        for each in found
    ]
    assert off[0] < 0.5 * off[1]
    assert off[0] < 0.25


def test_new_sounds_without_sources_have_no_phases_of_them(exact: Instrument) -> None:
    phase = resolve("sources", exact, opened=lambda _: exact)
    assert phase.for_new_sounds(mixed=True) is phase
    with pytest.raises(UsageError, match="'sources' is for `morph` and `reconstruct`"):
        phase.for_new_sounds()


def test_waveforms_have_no_energies_and_are_mixed_as_they_are(exact_families: None) -> None:
    waves = instrument_of(exact_recipe("exact", waves=True))
    (made,) = morph(waves, [DARK, BRIGHT], weights=[(0.5, 0.5)])
    assert made.provenance["settings"]["energy"] == "off"
    assert made.provenance["settings"]["alignment"] is None
    peaks = [each.samples.abs().max() for each in (DARK, BRIGHT)]
    mean = (
        0.5 * (DARK.samples / peaks[0] + BRIGHT.samples / peaks[1]) * (peaks[0] * peaks[1]) ** 0.5
    )
    assert torch.allclose(made.sound.samples, mean, atol=1e-4)
    (along,) = morph(waves, [DARK, BRIGHT], path=LINE)
    assert torch.allclose(along.sound.samples[0, -20:], BRIGHT.samples[0, -20:], atol=1e-3)
    assert not torch.allclose(along.sound.samples[0, :2000], BRIGHT.samples[0, :2000], atol=1e-3)
    with pytest.raises(UsageError, match="it plays a waveform: leave --energy out"):
        morph(waves, [DARK, BRIGHT], steps=2, energy="mean")
