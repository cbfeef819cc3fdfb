"""Pairs worth mixing: the least alike first, and notes of two pitches last."""

import pytest
import torch

from timbrel.errors import UsageError
from timbrel.instruments.instrument import Instrument
from timbrel.synthesis.pairs import pitches_apart, suggest


def test_pairs_are_the_least_correlated(tiny_instrument: Instrument) -> None:
    pairs = suggest(tiny_instrument, count=3)
    table = torch.corrcoef(tiny_instrument.cloud.latents)
    assert pairs[0].correlation == pytest.approx(float(table.min()), abs=1e-5)
    found = [pair.correlation for pair in pairs]
    assert found == sorted(found)


def test_pairs_of_one_pitch_come_before_all_others(tiny_instrument: Instrument) -> None:
    ids = tiny_instrument.cloud.ids
    # three notes a pitch, each of three pitches; the rest is unknown
    pitches = {id_: 60.0 + 5 * (number // 3) for number, id_ in enumerate(ids[:9])}
    pairs = suggest(tiny_instrument, count=len(ids) // 2, pitches=pitches)
    assert len(pairs) == len(ids) // 2
    apart = [
        None not in (one, other) and one != other
        for one, other in (
            (pair.first.pitch_semitones, pair.second.pitch_semitones) for pair in pairs
        )
    ]
    assert apart == sorted(apart)
    known = {m.id: m.pitch_semitones for pair in pairs for m in (pair.first, pair.second)}
    assert {id_: pitch for id_, pitch in known.items() if pitch is not None} == pitches


def test_where_all_pitches_differ_pairs_are_made_all_the_same(tiny_instrument: Instrument) -> None:
    pitches = {id_: float(number) for number, id_ in enumerate(tiny_instrument.cloud.ids)}
    with_pitches = suggest(tiny_instrument, count=4, pitches=pitches)
    assert [p.correlation for p in with_pitches] == [
        p.correlation for p in suggest(tiny_instrument, count=4)
    ]


def test_a_voice_a_little_off_is_the_same_note() -> None:
    assert not pitches_apart([60.0, 60.4]).any()
    assert pitches_apart([60.0, 60.6]).any()


def test_no_pairs_at_all_are_refused(tiny_instrument: Instrument) -> None:
    with pytest.raises(UsageError, match="0 pairs; accepted: 1 or more"):
        suggest(tiny_instrument, count=0)
