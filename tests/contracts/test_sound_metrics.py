"""What every metric of one sound promises: level and polarity do not count, and odd sounds."""

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor

from timbrel import plugins
from timbrel.cli.completion import metrics as completed
from timbrel.errors import UsageError
from timbrel.evaluation.metrics import SoundMetric
from timbrel.evaluation.pairs import load_metrics
from timbrel.evaluation.requirements import load_sound_metrics

METRICS = load_sound_metrics()
NAMES = sorted(METRICS)
RATE = 22_050


@pytest.fixture(scope="module")
def beaten() -> Tensor:
    """Four seconds of a soft tone, with a burst of noise every half second."""
    time_s = torch.arange(4 * RATE) / RATE
    noise = torch.randn(len(time_s), generator=torch.Generator().manual_seed(3))
    bursts = noise * torch.exp(-(time_s % 0.5) / 0.05)
    return 0.05 * torch.sin(2 * math.pi * 220 * time_s) + 0.2 * bursts + 1e-4 * noise


def same(value: float, other: float) -> bool:
    return value == pytest.approx(other, rel=1e-3, abs=1e-3, nan_ok=True)


def test_all_that_s1_asks_for_is_measured() -> None:
    assert {metric.requirement for metric in METRICS.values()} == {"R1", "R2", "R4"}


@pytest.mark.parametrize("name", NAMES)
def test_level_and_polarity_do_not_count(name: str, beaten: Tensor) -> None:
    value = METRICS[name].compute(beaten, RATE)
    assert math.isfinite(value)
    assert same(METRICS[name].compute(-0.1 * beaten, RATE), value)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_sound_has_the_same_number_and_is_left_alone(name: str, beaten: Tensor) -> None:
    before = beaten.clone()
    first, second = (METRICS[name].compute(beaten, RATE) for _ in range(2))
    assert first == second
    assert torch.equal(beaten, before)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rate", [8_000, 48_000])
def test_silence_a_single_sample_and_a_faint_tone_are_no_trouble(name: str, rate: int) -> None:
    for sound in (
        torch.zeros(3 * rate),
        torch.ones(1),
        torch.zeros(100),
        1e-20 * torch.ones(2 * rate),
    ):
        assert not math.isinf(METRICS[name].compute(sound, rate))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "sound",
    [torch.ones(1, 8), torch.ones(0), torch.full((8,), math.nan), torch.full((8,), math.inf)],
    ids=["not [T]", "empty", "NaN", "infinite"],
)
def test_what_is_no_sound_is_refused(name: str, sound: Tensor) -> None:
    with pytest.raises(UsageError):
        METRICS[name].compute(sound, RATE)


@pytest.mark.parametrize("name", NAMES)
def test_the_declaration_is_complete_and_on_the_page(name: str) -> None:
    declared = plugins.load("evaluation.metrics", name)
    assert isinstance(declared, SoundMetric)
    assert declared.title
    assert declared.source
    assert declared.needs == "sound"
    assert declared.compute.__name__ == name
    page = Path(__file__).parents[2] / "docs" / "evaluation.md"
    assert f"`{name}`" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_compare_does_not_offer_what_takes_no_pair(name: str) -> None:
    assert name not in load_metrics()
    assert name not in completed("")
    assert "odg" in completed("")
    with pytest.raises(UsageError, match="one sound alone"):
        load_metrics([name])
