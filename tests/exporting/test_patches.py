"""Patches and layouts: every key and velocity has exactly one sample."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timbrel.errors import SoundFileError, UsageError
from timbrel.exporting import layout
from timbrel.exporting.notes import velocity_of
from timbrel.exporting.patch import Loop, Patch, Region, checked

KEYS = st.lists(st.integers(0, 127), min_size=1, max_size=20, unique=True).map(sorted)


@given(KEYS, st.integers(0, 127), st.integers(0, 127))
def test_each_key_goes_to_the_nearest_sample(roots: list[int], one: int, other: int) -> None:
    lowest, highest = sorted((one, other))
    spread = layout.spread(roots, lowest, highest)
    for key in range(min(lowest, roots[0]), max(highest, roots[-1]) + 1):
        owners = [n for n, (low, high) in enumerate(spread) if low <= key <= high]
        assert len(owners) == 1
        assert abs(roots[owners[0]] - key) == min(abs(root - key) for root in roots)


@given(st.lists(st.integers(1, 15), min_size=1, max_size=6, unique=True).map(sorted))
def test_layers_share_all_velocities(centres: list[int]) -> None:
    ranges = layout.velocity_ranges([8.0 * centre for centre in centres])
    assert [v for low, high in ranges for v in range(low, high + 1)] == list(range(1, 128))


@given(st.lists(st.integers(1, 127), min_size=1, max_size=30, unique=True), st.integers(1, 9))
def test_layers_hold_all_velocities_in_order(velocities: list[int], most: int) -> None:
    bands = layout.bands(sorted(velocities), most)
    assert [v for band in bands for v in band] == sorted(velocities)
    assert len(bands) == min(most, len(velocities))
    assert max(map(len, bands)) - min(map(len, bands)) <= 1


def test_a_kit_fits_the_keyboard_or_says_so() -> None:
    assert layout.kit_keys(128) == list(range(128))
    with pytest.raises(UsageError, match="129 sounds for 128 keys"):
        layout.kit_keys(129)


WHOLE = Region("a.wav", 1000, root=60, lowest=0, highest=127, loop=Loop(10, 999))


@pytest.mark.parametrize(
    "regions",
    [
        (),
        (replace(WHOLE, loop=Loop(10, 1000)),),
        (replace(WHOLE, loop=Loop(20, 20)),),
        (replace(WHOLE, highest=128),),
        (replace(WHOLE, softest=0),),
        (replace(WHOLE, loudest=100),),
        (replace(WHOLE, highest=60), replace(WHOLE, lowest=62)),
        (replace(WHOLE, highest=60), replace(WHOLE, lowest=60)),
        (replace(WHOLE, loudest=64), replace(WHOLE, softest=64)),
    ],
)
def test_what_no_sampler_could_play_is_refused(regions: tuple[Region, ...]) -> None:
    assert checked(Patch("whole", (WHOLE,)))
    with pytest.raises(SoundFileError):
        checked(Patch("broken", regions))


@pytest.mark.parametrize(
    ("name", "pitch", "velocity"),
    [
        ("reed_acoustic_022-060-127", 60, 127),
        ("reed_acoustic_022-060-025-r2", 60, 25),
        ("reed_acoustic_022-060-127", 61, None),  # the name is about another pitch
        ("reed_acoustic_022-060-000", 60, None),
        ("take-060-200", 60, None),
        ("rhodes C4 ff", 60, None),
    ],
)
def test_velocities_are_read_from_names_like_those_of_nsynth(
    name: str, pitch: int, velocity: int | None
) -> None:
    assert velocity_of(name, float(pitch)) == velocity
