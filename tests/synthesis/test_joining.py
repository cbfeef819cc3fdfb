"""Joining: what is known stays, and what is made stands in the holes, wherever these are."""

import math
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import cast

import pytest
import torch
from torch import Tensor, nn

from timbrel import recipes
from timbrel.blocks.outline import Outline
from timbrel.blocks.recording import Recording
from timbrel.families import DataFacts
from timbrel.instruments import cloud, improvising, instrument, recorded
from timbrel.instruments.cloud import SoundNote
from timbrel.instruments.instrument import Instrument
from timbrel.recipes import Recipe
from timbrel.signal.files import Sound
from timbrel.signal.frontends import Framed
from timbrel.signal.stft import FrameSpec, stft
from timbrel.synthesis.heard import Heard, heard, own
from timbrel.synthesis.joining import FADE_S, _stretches, joined

SAMPLES, MAGNITUDES = "caw-tiny", "single-tiny"
SECONDS = 3.0

Holes = list[tuple[float, float]]
WHERE: dict[str, Holes] = {
    "one": [(1.0, 1.2)],
    "several": [(0.5, 0.6), (0.7, 0.75), (2.0, 2.3)],
    "at the start": [(0.0, 0.3)],
    "at the end": [(2.7, SECONDS)],
    "at both ends and between": [(0.0, 0.2), (1.5, 1.6), (2.8, SECONDS)],
    "nearly everywhere": [(0.1, 2.8)],
    "nowhere": [],  # the last
}


class Repeats(nn.Module):
    """A network that plays what it is told to follow, with noise and an offset on it."""

    def __init__(self, channels: int, length: int, roughness: float, offset: float) -> None:
        super().__init__()
        self.recording, self.roughness, self.offset = Recording(channels, length), roughness, offset

    def improvise(self, outline: Outline, generator: torch.Generator) -> Iterator[Tensor]:
        assert outline.code is not None
        noise = torch.randn(outline.code.shape, generator=generator)
        yield outline.code + self.roughness * noise + self.offset

    def inherit(self, other: object, code: Tensor) -> None:
        raise NotImplementedError

    def cleaned(self, code: Tensor) -> Tensor:
        raise NotImplementedError


def chord(rate: int, channels: int) -> Tensor:
    """Three tones that swell by 12 dB; a second channel is softer, and in other phases."""
    time = torch.arange(round(SECONDS * rate)) / rate
    swell = 4 ** (time / SECONDS - 1)
    rows = [
        sum(
            (torch.sin(2 * math.pi * hz * time + row * hz) for hz in (250, 610, 1130)),
            torch.zeros(()),
        )
        for row in range(channels)
    ]
    return 0.25 * torch.stack([swell * row * 0.5**number for number, row in enumerate(rows)])


@cache
def player(name: str, channels: int = 1, roughness: float = 0.0, offset: float = 0.0) -> Instrument:
    recipe: Recipe = recipes.find(name)
    samples = chord(recipe.sample_rate, channels)
    length = samples.shape[1]
    recipe = recipe.model_copy(update={"duration_s": SECONDS})
    network = Repeats(channels, length, roughness, offset)
    network.recording.take([samples])
    coded = recorded.coded(recipe, [samples])
    bins, frames = coded.codes[0].shape
    note = SoundNote("0", "chord.wav", "", "train")
    return instrument.create(
        "repeats",
        recipe,
        DataFacts(bins, frames, (), recipe.sample_rate, channels, length),
        network,
        cloud.of([note], torch.zeros(1, 0), torch.tensor([coded.reference])),
        sounds=(note,),
        summary={},
        library_fingerprint="",
    )


def known_but(holes: Holes, rate: int) -> Tensor:
    known = torch.ones(round(SECONDS * rate))
    for begin, end in holes:
        known[round(begin * rate) : round(end * rate)] = 0
    return known


def join(one: Instrument, source: Heard, holes: Holes, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Fills holes: the sound, and which samples were known."""
    known = known_but(holes, one.sample_rate)
    return joined(one, Outline(source.code.shape[1], source.code), source, known, seed=seed), known


def torn(source: Heard, holes: Holes) -> Heard:
    """The sound with noise in its holes, its code that of the whole: so nobody peeks."""
    samples = source.samples.clone()
    for begin, end in holes:
        part = samples[:, round(begin * source.sample_rate) : round(end * source.sample_rate)]
        part.copy_(torch.rand(part.shape, generator=torch.Generator().manual_seed(1)))
    return Heard(samples, source.sample_rate, source.code, source.gain, source.name)


def snr_db(truth: Tensor, found: Tensor) -> float:
    return 10 * math.log10(float(truth.square().sum() / (truth - found).square().sum()))


def far(known: Tensor, samples: int) -> Tensor:
    """Which samples lie farther than that from any hole."""
    missing = (known < 1).float()[None, None]
    width = 2 * samples + 1
    return torch.nn.functional.max_pool1d(missing, width, 1, samples)[0, 0] == 0


both = pytest.mark.parametrize("name", [SAMPLES, MAGNITUDES])
mono_and_stereo = pytest.mark.parametrize("channels", [1, 2])
wherever = pytest.mark.parametrize("where", WHERE)


# --- what is known ------------------------------------------------------------------------------


@both
@mono_and_stereo
@wherever
def test_what_is_known_stays(name: str, channels: int, where: str) -> None:
    """To the sample away from holes; beside them waveforms fade and magnitudes hardly round."""
    one = player(name, channels, roughness=0.1)
    source = own(one)
    made, known = join(one, source, WHERE[where])
    assert made.shape == source.samples.shape
    fade = round(FADE_S * one.sample_rate) if name == SAMPLES else 0
    stays = far(known, fade)
    torch.testing.assert_close(made[:, stays], source.samples[:, stays], atol=1e-6, rtol=0)
    untouched = far(known, 4 * 256 if name == MAGNITUDES else fade)
    assert torch.equal(made[:, untouched], source.samples[:, untouched])
    assert torch.equal(source.samples, own(one).samples)  # and so does what was given


@both
def test_the_seed_changes_what_is_made_and_nothing_else(name: str) -> None:
    one = player(name, roughness=0.1)
    source, holes = own(one), WHERE["several"]
    first, known = join(one, source, holes, seed=1)
    again, _ = join(one, source, holes, seed=1)
    other, _ = join(one, source, holes, seed=2)
    assert torch.equal(first, again)
    assert not torch.allclose(first[:, known < 1], other[:, known < 1], atol=1e-3)
    kept = far(known, round(FADE_S * one.sample_rate))
    torch.testing.assert_close(first[:, kept], other[:, kept], atol=1e-6, rtol=0)


# --- what is made -------------------------------------------------------------------------------


@mono_and_stereo
@wherever
def test_of_samples_the_holes_hold_what_was_made(channels: int, where: str) -> None:
    one = player(SAMPLES, channels, roughness=0.1)
    source = own(one)
    made, known = join(one, torn(source, WHERE[where]), WHERE[where])
    outline = Outline(source.code.shape[1], source.code)
    plays = improvising.code(one, outline, seed=0) * improvising.reference_of(one)
    torch.testing.assert_close(made[:, known < 1], plays[:, known < 1])


@mono_and_stereo
@pytest.mark.parametrize("where", list(WHERE)[:-1])
def test_where_waveforms_agree_a_fade_leaves_no_trace(channels: int, where: str) -> None:
    one = player(SAMPLES, channels)
    source = own(one)
    made, _ = join(one, torn(source, WHERE[where]), WHERE[where])
    torch.testing.assert_close(made, source.samples, atol=1e-5, rtol=0)


@pytest.mark.parametrize("where", list(WHERE)[:-1])
def test_where_waveforms_differ_the_joints_are_no_steps(where: str) -> None:
    """From what is known to something far beside it: gradually, over the 30 ms of a fade."""
    one = player(SAMPLES, offset=1.0)
    source, step = own(one), improvising.reference_of(one)
    made, known = join(one, source, WHERE[where])
    beside = (made - source.samples)[0]
    torch.testing.assert_close(beside[known < 1], torch.full_like(beside[known < 1], step))
    assert float(beside.diff().abs().max()) < step / 5


@mono_and_stereo
@pytest.mark.parametrize("where", list(WHERE)[:-1])
def test_of_magnitudes_a_chord_goes_on_through_its_holes(channels: int, where: str) -> None:
    """Each channel at its own level, and in step where it is known on both sides."""
    one = player(MAGNITUDES, channels)
    source = own(one)
    made, _ = join(one, torn(source, WHERE[where]), WHERE[where])
    for begin, end in WHERE[where]:
        hole = slice(round(begin * one.sample_rate), round(end * one.sample_rate))
        for truth, found in zip(source.samples[:, hole], made[:, hole], strict=True):
            louder = 10 * float((found.square().mean() / truth.square().mean()).log10())
            assert abs(louder) < 1
            if begin > 0 and end < SECONDS and end - begin < 0.5:
                assert snr_db(truth, found) > 15


@both
def test_what_is_made_is_as_loud_as_a_softer_sound(name: str) -> None:
    """A sound of its kind, 20 dB softer, is filled 20 dB softer."""
    one = player(name)
    source = own(one)
    soft = heard(one, Sound(source.samples / 10, one.sample_rate, "soft.wav"))
    made, known = join(one, soft, WHERE["one"])
    loud, _ = join(one, source, WHERE["one"])
    hole = known < 1
    level_db = 10 * float((made[:, hole].square().mean() / loud[:, hole].square().mean()).log10())
    assert level_db == pytest.approx(-20, abs=0.5)


def test_holes_far_apart_are_completed_each_for_itself() -> None:
    """One of them makes no difference to the other, as long as windows lie between them."""
    one = player(MAGNITUDES)
    source, frames = own(one), cast(Framed, one.front_end).frames
    early, late = (0.5, 0.6), (2.0, 2.3)
    two, _ = join(one, source, [early, late])
    alone, _ = join(one, source, [early])
    part = slice(0, round(1.2 * one.sample_rate))
    assert (late[0] - early[1]) * one.sample_rate > 7 * frames.n_fft
    assert torch.equal(two[:, part], alone[:, part])


@pytest.mark.parametrize("around", [0, 50, 700])
def test_stretches_begin_with_a_frame_and_hold_all_that_is_missing_once(around: int) -> None:
    known = torch.ones(3000)
    for first, end in ((100, 101), (130, 300), (900, 1400), (2999, 3000)):
        known[first:end] = 0
    stretches = _stretches(known, around, 64)
    covered = torch.zeros(3000)
    for first, end in stretches:
        assert first % 64 == 0
        covered[first:end] += 1
    assert covered.max() == 1
    assert covered[known < 1].all()
    assert covered[far(known, around + 64)].sum() == 0
    assert not covered[~far(known, around)].eq(0).any()
    assert all(later[0] > earlier[1] for earlier, later in pairwise(stretches))
    assert _stretches(torch.ones(3000), around, 64) == []
    assert _stretches(torch.zeros(3000), around, 64) == [(0, 3000)]


# --- two channels -------------------------------------------------------------------------------


def coherence(sound: Tensor) -> float:
    """How alike two channels are, weighed by power: 1 where one is the other, turned and scaled."""
    frames = FrameSpec(256, 64)
    left, right = stft(sound, frames)
    cross = (left * right.conj()).unfold(1, 8, 4).mean(-1).abs().sum()
    power = [part.abs().square().unfold(1, 8, 4).mean(-1) for part in (left, right)]
    return float(cross / (power[0] * power[1]).sqrt().sum())


@pytest.mark.parametrize("where", ["one", "at the end", "several"])
def test_what_is_filled_lies_between_the_channels_as_its_code_tells(where: str) -> None:
    """Noise that comes from one side, three samples later at the other ear."""
    one = player(MAGNITUDES, 2)
    rate = one.sample_rate
    noise = torch.randn(1, round(SECONDS * rate), generator=torch.Generator().manual_seed(3))
    sound = Sound(0.1 * torch.cat([noise, 0.7 * noise.roll(3, 1)]), rate)
    source = heard(one, sound)
    made, known = join(one, torn(source, WHERE[where]), WHERE[where])
    missing = known < 1
    assert coherence(sound.samples[:, missing]) > 0.95
    assert coherence(made[:, missing]) > 0.8
    louder_db = 20 * torch.log10(made[0, missing].norm() / made[1, missing].norm())
    assert abs(float(louder_db) - 20 * math.log10(1 / 0.7)) < 1.0


# --- what nobody may hear -----------------------------------------------------------------------


@both
@mono_and_stereo
def test_nothing_of_a_hole_is_heard(name: str, channels: int) -> None:
    """Neither in the code nor in the level, however loud it is there."""
    one = player(name, channels)
    whole = own(one).samples
    found = []
    for level in (0.0, 1.0, 30.0):
        samples = whole.clone()
        samples[:, 4000:5000] = level * torch.randn(
            1000, generator=torch.Generator().manual_seed(0)
        )
        holes = [(4000 / one.sample_rate, 5000 / one.sample_rate)]
        found.append(heard(one, Sound(samples, one.sample_rate), holes=holes))
    for other in found[1:]:
        assert torch.equal(other.code, found[0].code)
        assert torch.equal(other.samples, found[0].samples)
        assert other.gain == found[0].gain
