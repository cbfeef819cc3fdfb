"""Facts of bars: where groups of beats begin."""

import pytest
import torch

from timbrel.signal.bars import first_of_group


@pytest.mark.parametrize("first", [0, 3, 7, 13])
def test_a_group_begins_where_what_sounds_changes(first: int) -> None:
    beats = torch.arange(1600) / 20 + 0.37
    harmony = ((beats - first) // 16).long() % 3
    level = torch.nn.functional.one_hot(harmony, 3).t().float()
    level += 0.05 * torch.rand(3, 1600, generator=torch.Generator().manual_seed(0))
    assert first_of_group(level, beats) == first


def test_bars_are_found_where_only_bars_change() -> None:
    beats = torch.arange(1600) / 20
    harmony = ((beats - 2) // 4).long() % 4
    level = torch.nn.functional.one_hot(harmony, 4).t().float()
    assert first_of_group(level, beats) % 4 == 2


def test_too_short_a_sound_begins_at_once() -> None:
    assert first_of_group(torch.rand(3, 40), torch.arange(40) / 20) == 0
    assert first_of_group(torch.rand(3, 0), torch.zeros(0)) == 0
