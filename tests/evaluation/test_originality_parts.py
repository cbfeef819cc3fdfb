"""Differences and ways beside plain implementations of their definitions; memory stays bounded."""

import itertools

import numpy as np
import pytest
import torch
from originality_sounds import RATE, music

from timbrel.evaluation.originality.copy_maps import CopyMap, Yardstick, put_together, traced
from timbrel.evaluation.originality.differences import along, nearest_windows, width_of
from timbrel.evaluation.originality.mixing import mixing
from timbrel.evaluation.originality.moments import CONTEXT, STRIDE, Moments, hear, monaural
from timbrel.evaluation.originality.tracing import CUT_COST, NEW_COST, SURE, Trace

YARDSTICK = Yardstick((2.0,) * 5, (4.0,) * 5)


@pytest.fixture(scope="module")
def heard() -> tuple[Moments, Moments]:
    sound = monaural(music(2.5, seed=1))
    sound[16_000:24_000] = 0
    other = monaural(music(1.5, seed=2))
    return (
        hear(other, sample_rate=RATE, stride=STRIDE),
        hear(sound, sample_rate=RATE, stride=1),
    )


def plain(output: Moments, recording: Moments) -> np.ndarray:
    """The definition, window by window: [MAPS, N, frames]."""
    found = np.full((5, len(output.audible), width_of(recording)), np.inf)
    for w, v in itertools.product(range(len(output)), range(len(recording))):
        if not (output.heard[w] and recording.heard[v]):
            continue
        shapes = (output.shapes_db[:, w] - recording.shapes_db[:, v]).double().square().sum(dim=1)
        means = (output.means_db[:, w] - recording.means_db[:, v]).double().square()
        cells = (output.cells[:, w] + recording.cells[:, v]).double() / 2
        size = output.shapes_db.shape[2]
        one = np.array([(shapes + size * means).sum() / cells.sum(), *(shapes / cells)])
        for k in range(CONTEXT):
            into = found[:, w + k, v + STRIDE * k]
            np.minimum(into, one, out=into)
    return found


def test_differences_are_those_of_the_definition(heard: tuple[Moments, Moments]) -> None:
    output, recording = heard
    found = torch.cat(list(nearest_windows(output, recording)), dim=1).numpy()
    wanted = plain(output, recording)
    assert found.shape == wanted.shape
    assert np.isinf(wanted[0]).any()
    np.testing.assert_allclose(found, wanted, atol=2e-3, rtol=1e-4)


def test_one_place_is_measured_as_all_places_are(heard: tuple[Moments, Moments]) -> None:
    output, recording = heard
    whole = torch.cat(list(nearest_windows(output, recording)), dim=1)
    places = torch.randint(
        0, whole.shape[2], (whole.shape[1],), generator=torch.Generator().manual_seed(0)
    )
    rows = torch.arange(whole.shape[1])
    torch.testing.assert_close(
        along(output, recording, places), whole[:, rows, places], atol=2e-3, rtol=1e-4
    )


def test_what_lies_near_is_left_out_of_a_recording_against_itself() -> None:
    sound = monaural(music(3, seed=3))
    part = hear(sound[16_000:], sample_rate=RATE, stride=STRIDE)
    whole = hear(sound, sample_rate=RATE, stride=1)
    rows = torch.cat(list(nearest_windows(part, whole, apart_s=0.5, first_s=1.0)), dim=1)[0]
    away = (torch.arange(rows.shape[0])[:, None] * STRIDE + 100 - torch.arange(rows.shape[1])).abs()
    assert torch.isinf(rows[away < 50]).all()
    assert torch.isfinite(rows[away >= 60]).float().mean() > 0.5
    all_of_it = torch.cat(list(nearest_windows(part, whole)), dim=1)[0]
    # but for the first moment, which hears in the whole what was cut off here
    assert float(all_of_it.amin(dim=1)[1:].max()) < 0.01


def test_a_long_recording_is_worked_on_in_blocks() -> None:
    count = 30_000  # five minutes
    recording = Moments(
        torch.zeros(4, count, 2), torch.zeros(4, count), torch.ones(4, count),
        torch.ones(count, dtype=torch.bool), torch.ones(count + 35, dtype=torch.bool),
        torch.ones(4, count + 35, dtype=torch.bool),
    )  # fmt: skip
    output = Moments(
        torch.zeros(4, 400, 2), torch.zeros(4, 400), torch.ones(4, 400),
        torch.ones(400, dtype=torch.bool), torch.ones(407, dtype=torch.bool),
        torch.ones(4, 407, dtype=torch.bool),
    )  # fmt: skip
    sizes = [tuple(block.shape) for block in nearest_windows(output, recording)]
    assert sum(rows for _, rows, _ in sizes) == 407
    assert max(rows * width for _, rows, width in sizes) < 2_000_000


def cheapest(nearness: np.ndarray) -> float:
    """The cost of the cheapest of all ways through a small recording, each tried."""
    beyond = np.maximum(nearness - SURE, 0)
    cost = np.where(nearness < 1, beyond, np.minimum(beyond + NEW_COST, 2.5))
    rows, width = cost.shape
    return min(
        sum(cost[row, place] for row, place in enumerate(way))
        + CUT_COST * sum(b != a + STRIDE for a, b in itertools.pairwise(way))
        for way in itertools.product(range(width), repeat=rows)
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_way_is_the_cheapest_of_all(seed: int) -> None:
    nearness = np.random.default_rng(seed).uniform(0, 2.5, (4, 12)).astype(np.float32)
    trace = Trace(12)
    trace.add(nearness[:1])
    trace.add(nearness[1:])
    places, _ = trace.way()
    beyond = np.maximum(nearness - SURE, 0)
    cost = np.where(nearness < 1, beyond, np.minimum(beyond + NEW_COST, 2.5))
    own = sum(cost[row, place] for row, place in enumerate(places))
    own += CUT_COST * sum(b != a + STRIDE for a, b in itertools.pairwise(places))
    assert own == pytest.approx(cheapest(nearness), abs=1e-5)
    assert trace.nearest().tolist() == nearness.argmin(axis=1).tolist()


def of(distances_db: list[float], *, cuts: list[int], silent: tuple[int, ...] = ()) -> CopyMap:
    count = len(distances_db)
    return CopyMap(
        times_s=np.arange(count) * 0.05,
        places_s=np.arange(count) * 0.05,
        distances_db=np.array(distances_db),
        cuts=np.isin(np.arange(count), cuts),
        audible=~np.isin(np.arange(count), silent),
        threshold_db=2.0,
        new_db=4.0,
    )


def test_numbers_of_a_map_are_those_of_their_definitions() -> None:
    copies = of([0, 0, 0, 3, 3, 3, 0, 0, 5, 2.5], cuts=[0, 7])
    assert copies.ratio == 0.5
    assert copies.novelty == pytest.approx((3 * 0.5 + 1 + 0.25) / 10)
    assert [run.length_s for run in copies.runs] == pytest.approx([0.15, 0.05, 0.05])
    assert [run.begins_s for run in copies.runs] == pytest.approx([0, 0.3, 0.35])
    assert copies.longest_run_s == pytest.approx(0.15)
    assert copies.mean_run_s == pytest.approx(0.25 / 3)


def test_a_tenth_of_a_second_and_silence_end_no_run() -> None:
    assert [r.length_s for r in of([0, 3, 3, 0], cuts=[0]).runs] == pytest.approx([0.2])
    assert len(of([0, 3, 3, 3, 0], cuts=[0]).runs) == 2
    quiet = of([0, np.inf, np.inf, np.inf, np.inf, 0], cuts=[0], silent=(1, 2, 3, 4))
    assert [run.length_s for run in quiet.runs] == pytest.approx([0.3])
    assert quiet.ratio == 1


def test_maps_put_together_have_a_cut_between_them() -> None:
    both = put_together([of([0, 0], cuts=[0]), of([0, 0, 5], cuts=[0])])
    assert len(both.runs) == 2
    assert both.ratio == pytest.approx(0.8)


def test_parts_copied_from_one_moment_are_not_mixed(heard: tuple[Moments, Moments]) -> None:
    sound = monaural(music(2, seed=5))
    found = traced(
        hear(sound, sample_rate=RATE, stride=STRIDE),
        hear(sound, sample_rate=RATE, stride=1),
        YARDSTICK,
    )
    assert found.together.max() < 0.1
    assert mixing(found).share == 0
    assert mixing(found).copied.all()
