"""ViSQOL beside PEAQ: its order of real degradations, and its absence."""

import sys
from pathlib import Path

import pytest
import torch

from timbrel.errors import UsageError
from timbrel.evaluation.metrics.visqol import METRIC, _model, visqol
from timbrel.signal.files import read

RATE = 48_000
needs_visqol = pytest.mark.skipif(bool(METRIC.missing), reason=f"visqol needs: {METRIC.missing}")


@pytest.mark.slow
@needs_visqol
@pytest.mark.data
def test_more_noise_in_music_has_a_lower_opinion(data: Path) -> None:
    music = read(data / "peaq" / "reference_mono.flac", duration_s=3.0).samples[0]
    noise = torch.randn(music.shape, generator=torch.Generator().manual_seed(0))
    tests = [music + 10 ** (level_db / 20) * noise for level_db in (-200, -70, -50, -30)]
    opinions = [visqol(music, test, RATE) for test in tests]
    assert opinions == sorted(opinions, reverse=True)
    assert opinions[0] == pytest.approx(METRIC.ideal, abs=0.01)
    assert opinions[0] - opinions[-1] > 1


@needs_visqol
def test_a_silent_test_has_no_opinion() -> None:
    tone = 0.3 * torch.sin(torch.arange(16_000) / 5)
    assert visqol(tone, torch.zeros_like(tone), 16_000) != visqol(tone, tone, 16_000)


def test_without_its_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "visqol", None)
    _model.cache_clear()
    try:
        with pytest.raises(UsageError, match=r"timbrel\[visqol\]"):
            visqol(torch.ones(800), torch.ones(800), 8000)
    finally:
        _model.cache_clear()
