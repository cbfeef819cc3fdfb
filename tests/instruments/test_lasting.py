"""Facts of lasting pieces: as long as asked, at the tempo asked, without seams."""

from typing import Any

import pytest
import torch
from torch import Tensor

from timbrel import plugins, recipes
from timbrel.errors import AbilityError, UsageError
from timbrel.families import DataFacts
from timbrel.instruments import cloud, lasting
from timbrel.instruments.cloud import SoundNote
from timbrel.instruments.instrument import Instrument, create
from timbrel.signal.tempo import track_beats
from timbrel.synthesis.takes import Take

RATE_HZ = 16_000


def _loops(count: int) -> Tensor:
    """Clicks of noise at tempi from 100 to 150 beats a minute over a soft tone, [count, T]."""
    generator = torch.Generator().manual_seed(0)
    time_s = torch.arange(6 * RATE_HZ) / RATE_HZ
    tempo = torch.linspace(100, 150, count)[:, None]
    passed = (time_s * tempo / 60) % 1.0
    noise = torch.randn(count, len(time_s), generator=generator)
    return 0.5 * noise * torch.exp(-25 * passed) + 0.02 * torch.sin(2 * torch.pi * 220 * time_s)


@pytest.fixture(scope="module")
def instrument() -> Instrument:
    """An instrument of long-form-tiny that has looked at loops and learned nothing more."""
    recipe = recipes.find("long-form-tiny")
    family, front_end = plugins.load("families", "long_flow"), recipe.front_end
    code, reference = front_end.encode(_loops(12), sample_rate=RATE_HZ)  # type: ignore[attr-defined]
    facts = DataFacts(*code.shape[1:], (), RATE_HZ)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = family.build(recipe.network, facts)
    family.start(network, code, torch.full((12,), -1))
    with torch.no_grad():
        latents = network.encode(code)
    notes = [SoundNote(f"id{n}", f"loop {n}.wav", "", "train") for n in range(12)]
    return create(
        "loops", recipe, facts, network, cloud.of(notes, latents, reference),
        sounds=tuple(notes), summary={}, library_fingerprint="library-9",
    )  # fmt: skip


def _play(instrument: Instrument, rows: list[int], **changes: Any) -> Tensor:
    times_s = torch.arange(len(rows)) * 4.0
    said = {"seconds": 5.0, "seed": 3, **changes}
    return lasting.play(instrument, instrument.cloud.latents[rows], times_s, **said)[0]


@pytest.mark.parametrize("seconds", [0.5, 5.0, 17.3])
def test_a_piece_is_as_long_as_asked(instrument: Instrument, seconds: float) -> None:
    sound = _play(instrument, [2], seconds=seconds)
    assert len(sound) == round(seconds * RATE_HZ)
    assert sound.abs().max() == pytest.approx(10 ** (-1 / 20), rel=1e-3)


def test_latents_tell_the_tempo_that_was_heard(instrument: Instrument) -> None:
    found = lasting.tempo_bpm(instrument, instrument.cloud.latents)
    asked = torch.linspace(100, 150, 12)
    octave = torch.exp2((asked / found).log2().round())
    assert (found * octave / asked - 1).abs().max() < 0.01


@pytest.mark.parametrize("bpm", [97.0, 128.0])
def test_a_piece_has_the_tempo_asked_for(instrument: Instrument, bpm: float) -> None:
    latents = lasting.at_tempo(instrument, instrument.cloud.latents[5:6], bpm)
    assert float(lasting.tempo_bpm(instrument, latents)) == pytest.approx(bpm, rel=1e-4)
    sound = lasting.play(instrument, latents, torch.zeros(1), seconds=16.0, seed=0)[0]
    found = track_beats(sound, RATE_HZ).tempo_bpm
    assert found * 2 ** round(torch.tensor(bpm / found).log2().item()) == pytest.approx(
        bpm, rel=0.01
    )


def test_the_same_seed_gives_the_same_bytes_and_another_another_piece(
    instrument: Instrument,
) -> None:
    first, again = _play(instrument, [0, 7]), _play(instrument, [0, 7])
    assert torch.equal(first, again)
    assert not torch.equal(first, _play(instrument, [0, 7], seed=4))


def test_a_path_begins_and_ends_at_its_latents(instrument: Instrument) -> None:
    path = lasting._path(
        instrument, instrument.cloud.latents[[0, 9]], torch.tensor([1.0, 3.0]), 200
    )
    position_s = 4 * 128 / RATE_HZ
    assert torch.equal(path[0, 0], instrument.cloud.latents[0])
    assert torch.allclose(path[0, -1], instrument.cloud.latents[9], atol=1e-5)
    middle = round(2.0 / position_s)
    assert torch.allclose(path[0, middle], instrument.cloud.latents[[0, 9]].mean(0), atol=0.1)


def test_what_cannot_be_played_is_refused(
    instrument: Instrument, tiny_instrument: Instrument
) -> None:
    latents = instrument.cloud.latents[:2]
    for seconds in (0.0, -1.0, float("nan"), 601.0):
        with pytest.raises(UsageError, match="up to 600 s"):
            lasting.play(instrument, latents[:1], torch.zeros(1), seconds=seconds, seed=0)
    with pytest.raises(UsageError, match="rising"):
        lasting.play(instrument, latents, torch.zeros(2), seconds=1.0, seed=0)
    with pytest.raises(UsageError, match="tempo of 10"):
        lasting.at_tempo(instrument, latents, 10.0)
    for bpm in (900.0, float("nan")):
        with pytest.raises(UsageError, match="20 to 400"):
            Take(tempo_bpm=bpm).check(instrument)
    assert not lasting.plays_long(tiny_instrument)
    for refused in (
        lambda: lasting.play(tiny_instrument, latents, torch.zeros(2), seconds=1.0, seed=0),
        lambda: lasting.tempo_bpm(tiny_instrument, latents),
    ):
        with pytest.raises(AbilityError, match="long-form"):
            refused()
