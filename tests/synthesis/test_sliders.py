"""Sliders: found where a made-up network is known to have them, and nowhere else."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from fixtures_steered import BRIGHT, SIZE, TAIL, steered_family, steered_instrument, steered_recipe
from timbrel.errors import InstrumentError, UnknownNameError, UsageError
from timbrel.instruments import document
from timbrel.instruments.instrument import Instrument
from timbrel.signal.descriptors import NAMES, describe
from timbrel.synthesis import slider_file
from timbrel.synthesis.directions import basis_of
from timbrel.synthesis.generate import generate
from timbrel.synthesis.slider_search import find, longest
from timbrel.synthesis.sliders import Sliders, Wanted, steering
from timbrel.synthesis.slopes import fitted
from timbrel.synthesis.takes import Take
from timbrel.synthesis.walks import Walk

__all__ = ["steered_family"]


@pytest.fixture(scope="module")
def known(steered_family: None) -> Instrument:
    return steered_instrument(steered_recipe())


@pytest.fixture(scope="module")
def found(known: Instrument) -> Sliders:
    return find(known, count=2)


def bright(instrument: Instrument, latent: torch.Tensor) -> float:
    return describe(instrument.decode(latent[None]), instrument.sample_rate)["brightness"]


def taken(instrument: Instrument, sliders: Sliders, wanted: Wanted, count: int = 8) -> torch.Tensor:
    take = Take(steering(sliders, wanted))
    return torch.stack([one.latent for one in generate(instrument, count=count, take=take)])


# --- finding -----------------------------------------------------------------------------------


def along(move: Sequence[float], latent: int) -> float:
    """The cosine between a slider and one latent."""
    return move[latent] / float(np.linalg.norm(move))


def test_brightness_is_found_along_the_latent_that_it_is(found: Sliders) -> None:
    slider = found.sliders[found.named("brighter")]
    assert along(slider.move, BRIGHT) > 0.9
    assert slider.monotone == 1.0
    # a tilt leaves less above the peak to be quiet, so that loudness is moved a little with it
    others = {name: abs(steps) for name, steps in slider.moved.items() if name != "loudness"}
    assert others.pop("brightness") > 4 * max(others.values())


def test_the_tail_is_found_beside_it(found: Sliders) -> None:
    assert along(found.sliders[found.named("longer-tail")].move, TAIL) > 0.9


def test_what_nothing_moves_has_no_slider(found: Sliders) -> None:
    assert {"pitch", "density", "tempo"} <= found.without.keys()
    assert not {slider.descriptor for slider in found.sliders} & found.without.keys()


def test_a_unit_is_a_just_audible_step(found: Sliders, known: Instrument) -> None:
    slider = found.sliders[found.named("brighter")]
    low, high = (
        taken(known, found, Wanted({"brighter": end}), count=20)
        for end in (slider.low, slider.high)
    )
    gained = [bright(known, b) - bright(known, a) for a, b in zip(low, high, strict=True)]
    steps = np.median(gained) / (slider.high - slider.low)
    assert steps == pytest.approx(slider.step, rel=0.45)  # seeds differ: a tilt saturates
    assert min(gained) > 0


def test_early_activations_tell_the_directions(known: Instrument) -> None:
    ways = basis_of(known, most=2).moves.abs()
    assert ways.argmax(dim=1).tolist() == [BRIGHT, TAIL]
    assert ways.max(dim=1).values.min() > 0.98


def test_a_walk_that_goes_back_is_no_slider() -> None:
    at = np.linspace(-1.5, 1.5, 7)
    walk = np.full((12, 7, len(NAMES)), np.nan)
    walk[:, :, 0] = -4 * np.abs(at)  # loudness turns in the middle
    assert longest(Walk(at, walk), allowed=0) is None
    walk[:, :, 0], walk[:, :, 1] = 0.0, -4 * at
    whole = longest(Walk(at, walk), allowed=1)
    assert whole == (NAMES.index("brightness"), -1.0, -1.5, 1.5)
    assert longest(Walk(at, walk), allowed=1, sought=0) is None
    walk[:, :, 0] = -3.5 * at  # now loudness moves nearly as much
    assert longest(Walk(at, walk), allowed=1) is None
    walk[:, :, 0], walk[:2, 5:, 1] = 0.0, 9.0  # two seeds of twelve go back beyond the half
    assert longest(Walk(at, walk), allowed=1) == (NAMES.index("brightness"), -1.0, -0.5, 1.5)
    assert longest(Walk(at, walk), allowed=2) == whole


def test_small_ways_back_add_up_to_an_audible_one() -> None:
    steps = np.zeros((1, 5, len(NAMES)))
    steps[0, :, 0] = [0.0, 5.0, 4.2, 3.4, 6.0]  # two steps back that nobody hears alone
    steps[0, :, 1] = [0.0, 5.0, 4.2, 5.0, 6.0]
    audible, strict = Walk(np.arange(5.0), steps).forward()
    assert (audible[0], audible[1]) == (0.0, 1.0)
    assert (strict[0], strict[1]) == (0.0, 0.0)


def test_what_changes_nothing_has_no_slope() -> None:
    moves = np.random.default_rng(0).standard_normal((80, 4))
    assert fitted(moves, np.zeros((80, 2))) == {}
    assert fitted(moves[:, :0], np.ones((80, 2))) == {}


def test_slopes_forgive_wild_changes_and_missing_ones(rng: np.random.Generator) -> None:
    moves, slope = rng.standard_normal((80, 4)), np.array([0.0, 3.0, -1.0, 0.0])
    changes = np.stack([moves @ slope, np.full(80, np.nan), rng.standard_normal(80)], axis=1)
    changes[:4, 0] = np.nan
    slopes = fitted(moves, changes)
    assert slopes[0] == pytest.approx(slope, abs=0.1)
    assert 1 not in slopes


# --- moving ------------------------------------------------------------------------------------


def test_a_locked_slider_is_the_same_for_every_sound(found: Sliders, known: Instrument) -> None:
    free, locked = taken(known, found, Wanted()), taken(known, found, Wanted({}, ("brighter",)))
    read = torch.tensor(found.sliders[found.named("brighter")].read)
    assert (free @ read).std() > 1  # in just audible steps
    assert (locked @ read).abs().max() < 1e-3
    assert torch.allclose((free - locked)[:, 0], torch.zeros(len(free)), atol=0.5)
    both = taken(known, found, Wanted({"brighter": 3.0}, ("brighter", "longer tail")))
    tail = torch.tensor(found.sliders[found.named("longer tail")].read)
    assert torch.allclose(both @ read, torch.full((len(both),), 3.0), atol=1e-3)
    assert (both @ tail).std() < 1e-3


def test_an_even_prior_is_never_left(steered_family: None, found: Sliders) -> None:
    even = steered_instrument(steered_recipe(even=True))
    basis = basis_of(even, most=SIZE)
    assert basis.prior.bounds == (-1.0, 1.0)
    far = basis.prior.outward(basis.prior.inward(torch.full((SIZE,), 0.9)) + 40 * basis.moves[0])
    assert far.abs().max() <= 1
    within = torch.rand(50, SIZE) * 1.98 - 0.99
    assert torch.allclose(basis.prior.outward(basis.prior.inward(within)), within, atol=1e-5)


def test_the_render_says_what_was_asked(found: Sliders, known: Instrument) -> None:
    take = Take(steering(found, Wanted({"brighter": 1.0}, ("longer tail",))), seconds=0.1)
    render = next(generate(known, count=1, take=take))
    asked = {"sliders": {"brighter": 1.0}, "locked": ["longer tail"], "seconds": 0.1}
    assert asked.items() <= render.provenance["settings"].items()
    assert render.sound.samples.shape == (1, 800)


def test_a_misspelt_slider_is_told_from_one_out_of_range(found: Sliders) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'brighter'"):
        steering(found, Wanted({"brigter": 1.0}))
    with pytest.raises(UnknownNameError, match="louder"):
        steering(found, Wanted({}, ("louder",)))
    for value in (1000.0, float("nan"), float("-inf")):
        with pytest.raises(UsageError, match=r"accepted: -.* to \+"):
            steering(found, Wanted({"brighter": value}))


# --- the file ----------------------------------------------------------------------------------


def test_the_file_gives_back_what_was_written(
    tmp_path: Path, found: Sliders, known: Instrument
) -> None:
    assert slider_file.read(tmp_path, known, latent_size=SIZE) is None
    slider_file.write(tmp_path, found)
    assert slider_file.read(tmp_path, known, latent_size=SIZE) == found


def forged(found: Sliders, **changes: Any) -> str:
    return json.dumps({**found.model_dump(mode="json"), **changes})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"format_version": 99}, "newer timbrel"),
        ({"format_version": "x"}, "damaged"),
        ({"fingerprint": "another"}, "another instrument's"),
        ({"origin": [0.0]}, "another instrument's"),
        ({"origin": [float("inf")] * SIZE}, "finite number"),
        ({"sliders": "none"}, "damaged"),
        ({"surprise": 1}, "damaged"),
    ],
)
def test_a_forged_file_is_refused(
    tmp_path: Path, found: Sliders, known: Instrument, changes: dict[str, Any], told: str
) -> None:
    (tmp_path / document.SLIDERS).write_text(forged(found, **changes))
    with pytest.raises(InstrumentError, match=told):
        slider_file.read(tmp_path, known, latent_size=SIZE)


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, "null", "\x00", '{"format_version": true}']
)
def test_a_file_of_nonsense_is_refused(tmp_path: Path, known: Instrument, text: str) -> None:
    (tmp_path / document.SLIDERS).write_text(text)
    with pytest.raises(InstrumentError, match="find them anew"):
        slider_file.read(tmp_path, known, latent_size=SIZE)


def test_a_link_is_not_followed(tmp_path: Path, found: Sliders, known: Instrument) -> None:
    slider_file.write(tmp_path, found)
    (tmp_path / document.SLIDERS).rename(tmp_path / "elsewhere")
    (tmp_path / document.SLIDERS).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InstrumentError, match="no plain file"):
        slider_file.read(tmp_path, known, latent_size=SIZE)
