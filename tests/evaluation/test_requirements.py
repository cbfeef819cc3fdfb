"""What S1 asks of long sounds: songs of other songs are near, noise and short clips are far."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from timbrel.cli import judging
from timbrel.evaluation.assessment import Assessment, assess
from timbrel.evaluation.choosing import Choice
from timbrel.evaluation.comparison import Comparison, compare_instruments
from timbrel.evaluation.material import Entry, Made, Material
from timbrel.evaluation.page import comparison_page, page
from timbrel.evaluation.requirements import (
    Piece,
    Pieces,
    Requirements,
    load_sound_metrics,
    measured,
    required,
)
from timbrel.evaluation.results import as_json
from timbrel.evaluation.rows import Row
from timbrel.evaluation.steering import Steered, Steering, words
from timbrel.signal.files import Sound

RATE = 16_000
LENGTH_S = 4.5


def song(number: int) -> Sound:
    """Struck tones over a soft noise: its tempo, pitches and floor are its own."""
    rng = torch.Generator().manual_seed(number)
    draw = torch.rand(4, generator=rng)
    time_s = torch.arange(round(LENGTH_S * RATE)) / RATE
    beat_s = 0.4 + 0.15 * float(draw[0])
    hz = 200 * 2 ** (torch.randint(0, 12, (4,), generator=rng) / 12)
    step = (time_s / beat_s).long() % 4
    noise = torch.randn(len(time_s), generator=rng)
    fade = torch.exp(-(time_s % beat_s) / (0.05 + 0.1 * float(draw[1])))
    tone = torch.sin(2 * math.pi * hz[step] * time_s) + 0.3 * noise
    return Sound((0.3 * fade * tone + 10 ** (-3 - float(draw[2])) * noise)[None], RATE)


def hiss(number: int) -> Sound:
    rng = torch.Generator().manual_seed(number)
    return Sound(0.1 * torch.randn(1, round(LENGTH_S * RATE), generator=rng), RATE)


def read(id_: str) -> Sound:
    return song(int(id_.split("@")[0]))


def entries(first: int, count: int) -> list[Entry]:
    return [
        Entry(f"{number}@5000", f"{number}.ogg 0:05", "") for number in range(first, first + count)
    ]


def material(made: list[Sound], length_s: float = LENGTH_S) -> Material:
    return Material(
        held_out=entries(0, 5),
        training=entries(100, 12),
        read=read,
        reconstruct=None,
        round_trip=lambda sound: sound,
        generated=[Made(sound, f"made-{n}", "") for n, sound in enumerate(made)],
        generated_count=len(made),
        length_s=length_s,
        sample_rate=RATE,
    )


def judged(of: Material, choice: Choice | None = None) -> Assessment:
    chosen = choice or Choice(slow=0, copied=0, generated_examples=1)
    return assess(of, title="songs", facts={}, choice=chosen)


@pytest.fixture(scope="module")
def singing() -> Assessment:
    return judged(material([song(200 + number) for number in range(8)]))


@pytest.fixture(scope="module")
def hissing() -> Assessment:
    return judged(material([hiss(number) for number in range(8)]))


def requirements(found: Assessment) -> Requirements:
    assert found.report.requirements is not None
    return found.report.requirements


def test_other_songs_are_near_and_noise_is_far(singing: Assessment, hissing: Assessment) -> None:
    near, far = requirements(singing).distances, requirements(hissing).distances
    for requirement in ("R2", "R4"):
        assert near[requirement].value < 1.0
        assert far[requirement].low > 2 * near[requirement].high
    assert requirements(singing).counts == {"training": 12, "held_out": 5, "generated": 8}
    assert requirements(singing).songs == {"training": 12, "held_out": 5}


def test_sounds_without_a_beat_count_as_farthest(hissing: Assessment) -> None:
    drift = requirements(hissing).measures["tempo_drift"]
    assert drift.undefined["generated"] == 1
    assert drift.undefined["training"] < 0.2
    assert drift.distance.value > 4
    assert requirements(hissing).measures["beat_clarity"].generated.value < 0.1


def test_the_verdict_says_it_in_words(singing: Assessment, hissing: Assessment) -> None:
    good, bad = (" ".join(found.report.verdict) for found in (singing, hissing))
    assert "R1, length: its sounds can be heard for 4.5 s; S1 asks for ten seconds" in good
    assert "like songs" in good
    assert "unlike any song; farthest in" in bad


def test_an_instrument_of_short_sounds_is_not_asked_unless_beside_a_long_one() -> None:
    clips = [Sound(hiss(number).samples[:, :RATE], RATE) for number in range(4)]
    assert judged(material(clips, length_s=1.0)).report.requirements is None
    asked = Choice(slow=0, copied=0, generated_examples=1, long_from_s=0.0)
    found = requirements(judged(material(clips, length_s=1.0), asked))
    assert found.measures["audible_length"].training.value == pytest.approx(1, abs=0.05)
    assert found.measures["beat_clarity"].distance.value == 5
    assert found.distances["R2"].value > 3
    assert found.long_enough == 0


@pytest.fixture(scope="module")
def compared(singing: Assessment, hissing: Assessment) -> Comparison:
    return compare_instruments({"singer": singing, "kettle": hissing}, seed=0)


def rows(found: Comparison) -> dict[str, Row]:
    return {row.title: row for row in found.sections[0].rows}


def test_the_nearer_one_is_surely_nearer(compared: Comparison) -> None:
    shown = rows(compared)
    apart = [row for row in shown.values() if row.unit == "spreads"]
    assert [row.best for row in apart] == ["singer", "singer"]
    assert all(row.real is not None for row in apart)
    assert "singer is surely ahead in: R2" in compared.verdict[0]
    assert shown["R2 Beat clarity"].real is not None


def test_an_instrument_beside_itself_is_not_ahead(singing: Assessment) -> None:
    twins = compare_instruments({"one": singing, "other": replace(singing)}, seed=0)
    assert not any(row.best for row in rows(twins).values())


def test_the_pages_and_the_json_hold_it(singing: Assessment, compared: Comparison) -> None:
    alone = page(singing.report, [], [])
    assert "What S1 asks of long sounds" in alone
    assert "What comes back" not in alone
    assert alone.count("Beat clarity") == 1
    assert "singer" in comparison_page(compared, [], [])
    stored = json.loads(as_json(singing.report))
    assert stored["requirements"]["measures"]["tempo_drift"]["unit"] == "%"


def test_the_command_prints_it(singing: Assessment, capsys: pytest.CaptureFixture[str]) -> None:
    judging.show_report(singing.report, Path("reports/singer"))
    shown = capsys.readouterr().out
    assert "front end alone" not in shown
    assert "distance in spreads" in shown
    row = next(line for line in shown.splitlines() if "Beat clarity" in line)
    assert row.split()[0] == "R2"


def test_songs_are_drawn_whole_so_that_many_pieces_of_few_songs_say_little() -> None:
    names = list(load_sound_metrics())
    values = torch.randn(40, generator=torch.Generator().manual_seed(0)).tolist()
    pieces = [
        Piece(str(n // 10), dict.fromkeys(names, values[n // 10])) for n in range(len(values))
    ]
    unrelated = [replace(piece, source=str(n)) for n, piece in enumerate(pieces)]
    made = [Piece("made", dict.fromkeys(names, 0.0))] * 4

    def width(training: list[Piece]) -> float:
        found = required(Pieces(training, [], made), length_s=12.0, seed=0)
        assert found is not None
        mean = found.measures["noise_floor"].training
        return mean.high - mean.low

    assert width(pieces) > 2 * width(unrelated)


def test_level_stereo_rate_and_what_lies_beyond_the_length_do_not_count() -> None:
    sound = song(3)
    longer = torch.cat([sound.samples, hiss(1).samples], dim=1).repeat(2, 1)
    plain = measured(sound, source="a").values
    cut = measured(Sound(0.2 * longer, RATE), source="a", sample_rate=RATE, longest_s=LENGTH_S)
    assert cut.values == pytest.approx(plain, rel=1e-3, abs=1e-3, nan_ok=True)


def test_sliders_stand_beside_the_other_requirements(singing: Assessment) -> None:
    bright = Steered("brighter", "brightness", "octaves", 0.1, {"brightness": 9.0, "noise": 1}, 1.0)
    dense = Steered("denser", "density", "onsets/s", 0.5, {"density": -4.0, "loudness": 3}, 0.8)
    known = Steering((bright, dense), 20, {"tempo": "it has no beat"})
    assert dense.steps == 4
    assert dense.most_else == ("loudness", 0.75)
    assert (known.reach, known.steady) == (6.5, 0.9)
    said = words(known)
    assert "2 sliders (brighter, denser): 1 of them never audibly go back" in said
    assert "1 move nothing else by more than half as much" in said
    shown = page(replace(singing.report, steering=known), [], [])
    assert "How it is steered" in shown
    assert "No slider for tempo: it has no beat." in shown
    other = replace(singing, report=replace(singing.report, steering=known))
    both = compare_instruments({"steered": other, "not": singing}, seed=0)
    section = next(one for one in both.sections if one.title == "How they are steered")
    assert [list(row.values) for row in section.rows] == [["steered"]] * 4
    assert "How they are steered" in comparison_page(both, [], [])


def test_an_instrument_without_sliders_is_told_so() -> None:
    assert "nothing that can be heard" in words(Steering((), 20))
