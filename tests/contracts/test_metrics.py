"""What every metric promises: the ideal for identical sounds, its direction, its rules."""

import math

import pytest
import torch
from torch import Tensor

from timbrel import plugins
from timbrel.errors import UsageError
from timbrel.evaluation.metrics import Metric

NAMES = [
    name
    for name in plugins.names("evaluation.metrics")
    if plugins.load("evaluation.metrics", name).needs == "pair"
]
SAMPLE_RATE = 22_050
# Models of listeners: their grades for the same sound differ a little, and level counts.
LISTENERS = {"odg": 0.25, "visqol": 0.01}
# They hear one aspect of a sound, so noise or a turn in time can leave it as it was.
ONE_ASPECT = {
    "fingerprint_similarity",
    "grain_error",
    "loudness_error",
    "modulation_error",
    "pitch_error",
}


def metric(name: str) -> Metric:
    loaded = plugins.load("evaluation.metrics", name)
    assert isinstance(loaded, Metric)
    if loaded.missing:
        pytest.skip(f"{name} needs: {loaded.missing}")
    return loaded


@pytest.fixture
def struck() -> Tensor:
    """A decaying tone with a noisy attack, half a second, peak about 0.5."""
    time_s = torch.arange(SAMPLE_RATE // 2) / SAMPLE_RATE
    noise = torch.randn(len(time_s), generator=torch.Generator().manual_seed(3))
    tone = torch.sin(2 * math.pi * 330 * time_s) * torch.exp(-6 * time_s)
    return 0.4 * tone + 0.1 * noise * torch.exp(-60 * time_s)


def with_noise(sound: Tensor, level: float) -> Tensor:
    return sound + level * torch.randn(len(sound), generator=torch.Generator().manual_seed(4))


def badness(judge: Metric, reference: Tensor, test: Tensor) -> float:
    value = judge.compute(reference, test, SAMPLE_RATE)
    return -value if judge.higher_is_better else value


def test_the_usual_metrics_are_there() -> None:
    assert {"log_spectral_distance", "mse_db", "snr", "multi_resolution_spectral"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_identical_sounds_have_the_ideal_value(name: str, struck: Tensor) -> None:
    value = metric(name).compute(struck, struck.clone(), SAMPLE_RATE)
    assert value == pytest.approx(metric(name).ideal, rel=0, abs=LISTENERS.get(name, 0))


# ViSQOL's opinion of half a second is no order; of real music it is, see test_visqol.
@pytest.mark.parametrize("name", [n for n in NAMES if n not in ONE_ASPECT | {"visqol"}])
def test_more_noise_is_worse(name: str, struck: Tensor) -> None:
    levels = [0.001, 0.01, 0.1]
    scores = [badness(metric(name), struck, with_noise(struck, level)) for level in levels]
    assert scores == sorted(scores)
    assert len(set(scores)) == 3
    assert scores[0] > badness(metric(name), struck, struck)


@pytest.mark.parametrize("name", sorted(ONE_ASPECT))
def test_much_noise_is_worse_even_for_one_aspect(name: str, struck: Tensor) -> None:
    noisy = badness(metric(name), struck, with_noise(struck, 0.05))
    assert noisy > badness(metric(name), struck, struck)


@pytest.mark.parametrize(
    "name", [n for n in NAMES if n not in ONE_ASPECT - {"grain_error", "modulation_error"}]
)
def test_another_sound_is_worse_than_a_slightly_changed_one(name: str, struck: Tensor) -> None:
    other = struck.flip(0)
    assert badness(metric(name), struck, 0.97 * struck) < badness(metric(name), struck, other)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LISTENERS])
def test_a_pair_louder_by_any_factor_scores_the_same(name: str, struck: Tensor) -> None:
    noisy = with_noise(struck, 0.01)
    loud = metric(name).compute(2 * struck, 2 * noisy, SAMPLE_RATE)
    assert loud == pytest.approx(metric(name).compute(struck, noisy, SAMPLE_RATE), rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_a_silent_test_sound_and_a_very_short_one_have_finite_scores_or_none(
    name: str, struck: Tensor
) -> None:
    compute = metric(name).compute
    assert not math.isinf(compute(struck, torch.zeros_like(struck), SAMPLE_RATE))
    assert not math.isinf(compute(struck[:9], -struck[:9], SAMPLE_RATE))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "pair",
    [
        (torch.ones(8), torch.ones(9)),
        (torch.ones(1, 8), torch.ones(1, 8)),
        (torch.zeros(8), torch.ones(8)),
        (torch.ones(0), torch.ones(0)),
        (torch.ones(8), torch.full((8,), math.nan)),
    ],
    ids=["lengths differ", "not [T]", "silent reference", "empty", "NaN"],
)
def test_pairs_that_cannot_be_compared_are_refused(name: str, pair: tuple[Tensor, Tensor]) -> None:
    with pytest.raises(UsageError):
        metric(name).compute(*pair, SAMPLE_RATE)


@pytest.mark.parametrize("name", NAMES)
def test_the_declaration_is_complete(name: str) -> None:
    declared = metric(name)
    assert declared.title
    assert declared.source
    assert declared.needs == "pair"
    assert declared.compute.__name__ == name
