"""The experiment about one recording: what it says of known figures, and a whole run."""

import json
from pathlib import Path

import pytest

from timbrel.errors import RecipeError, UnknownNameError, UsageError
from timbrel.experiments._contrasts import Variable
from timbrel.experiments._findings import Table
from timbrel.experiments._long_form_arms import arms_of
from timbrel.experiments._recording_options import OneRecordingOptions
from timbrel.experiments._recording_outcome import Outcome, draws_apart
from timbrel.experiments._recording_tables import tables
from timbrel.experiments._recording_words import verdict
from timbrel.experiments._recording_work import Rows
from timbrel.experiments._running import run
from timbrel.instruments import improvising
from timbrel.progress import Progress
from timbrel.tasks.instruments import open_named
from timbrel.tasks.workspace import Workspace

TAKES = ("drums", "strings", "voice")
LSD = Variable("lsd 50", "log-spectral distance", digits=1, unit="dB")


def piece(unlikeness: float, copied: float, novelty: float) -> dict[str, list[float]]:
    """Two pieces around known figures."""
    return {
        "unlikeness": [unlikeness - 0.1, unlikeness + 0.1],
        "novelty": [novelty, novelty],
        "copy_ratio": [copied, copied],
        "longest_run_s": [copied, copied],
        "mean_run_s": [float("nan")] * 2,
        "mixing": [0.0, 0.0],
    }


def pieces(take: int) -> Rows:
    return {
        "ours": piece(0.8 + 0.1 * take, 0.0, 0.9),
        "theirs": piece(2.4 + 0.05 * take, 0.5, 0.3),
        "Montage": piece(0.5, 0.97, 0.02),
        "The recording itself": piece(1.0, 0.1, 0.8),
    }


def holes(take: int) -> Rows:
    wander = 0.3 * take
    return {
        "ours": {"lsd 50": [6 + wander, 6.2 + wander], "snr 50": [1.0, 1.0]},
        "theirs": {"lsd 50": [14 + wander], "snr 50": [-1.0]},
        "Silence": {"lsd 50": [20 + wander], "snr 50": [0.0]},
        "A straight line": {"lsd 50": [18 + wander], "snr 50": [-2.0]},
        "Linear prediction": {"lsd 50": [9 + 1.1 * wander], "snr 50": [4.0]},
    }


def noise(take: int) -> Rows:
    return {
        "ours": {"gain": [3.0 + 2 * (-1) ** take], "lsd": [8.0]},
        "theirs": {},
        "The noise left in": {"gain": [0.0], "lsd": [20.0]},
        "Spectral gating": {"gain": [2.5 - 2 * (-1) ** take], "lsd": [12.0]},
    }


def seams(take: int) -> Rows:
    def joint(rank: float, beyond: float) -> dict[str, list[float]]:
        found = {"click": [1.0], "click rank": [rank], "click beyond": [beyond], "level": [2.0]}
        return {**found, "level rank": [50.0 + take], "level beyond": [0.0]}

    return {
        "ours": joint(50 + take, 0.0),
        "theirs": joint(98 + take / 2, 1.0),
        "A cut without a fade": joint(90, 0.8),
        "The recording itself": joint(50, 0.05),
    }


def outcome(takes: tuple[str, ...] = TAKES) -> Outcome:
    parts = {"pieces": pieces, "holes": holes, "noise": noise, "seams": seams}
    return Outcome(
        options=OneRecordingOptions(holes_ms=(50,)),
        arms=arms_of(["ours", "theirs"]),
        takes=takes,
        parts={
            name: {take: rows(number) for number, take in enumerate(takes)}
            for name, rows in parts.items()
        },
        said={takes[0]: ["Sentences."]},
        trainings={"ours": [{"parameters": 10, "steps": 4, "seconds": 120.0}]},
        failed={("theirs (bandwidth)", take): "no band" for take in takes},
    )


def test_means_are_of_recordings_with_students_interval() -> None:
    cell = outcome().cell("pieces", "ours", "unlikeness")
    assert (cell.value, cell.count) == (pytest.approx(0.9), 3)
    assert cell.low == pytest.approx(0.9 - 4.3027 * 0.1 / 3**0.5, abs=1e-3)
    assert outcome().cell("pieces", "theirs", "copy_ratio").value == pytest.approx(50)
    assert outcome().cell("pieces", "ours", "mean_run_s").value is None


def test_no_interval_holds_what_cannot_be() -> None:
    found = outcome()
    for row in found.rows("seams"):
        cell = found.cell("seams", row, "click rank")
        assert cell.low is not None
        assert cell.high is not None
        assert 0 <= cell.low <= cell.high <= 100


def test_of_one_recording_draws_are_compared() -> None:
    alone = outcome(TAKES[:1])
    cell = alone.cell("pieces", "ours", "unlikeness")
    assert (cell.value, cell.count) == (pytest.approx(0.8), 2)
    apart = alone.contrast("holes", ("Linear prediction", "ours"), LSD)
    assert apart is not None
    assert apart.basis == "2 draws of one recording"
    assert apart.interval.value == pytest.approx(6.1 - 9)
    one = alone.contrast("holes", ("Silence", "theirs"), LSD)
    assert one is not None
    assert one.word == "not told apart", "a single draw has no interval"
    assert draws_apart([1.0, 2.0], [4.0, 8.0]) == [3.0, 6.0]


def test_recordings_are_paired() -> None:
    apart = outcome().contrast("holes", ("Linear prediction", "ours"), LSD)
    assert apart is not None
    assert apart.basis == "3 recordings"
    assert apart.interval.high < 0
    assert apart.gain == 1


def test_the_verdict_says_what_the_figures_say() -> None:
    said = verdict(outcome())
    ours, theirs, beside = said[:3]
    assert "0.90 times as far" in ours
    assert "like it as a whole" in ours
    assert "0 % copied (a montage 97 %, the recording against itself 10 %)" in ours
    assert "so that being new is no merit" in theirs
    assert "50 % copied" in theirs
    assert beside.startswith("ours beside theirs, as new pieces: surely nearer")
    whole = " ".join(said)
    assert "of 50 ms surely better than linear prediction" in whole
    assert "of 50 ms surely worse than linear prediction" in whole
    assert "surely better than the noise left in" not in whole, "its gains are 5, 1 and 5 dB"
    assert "not told apart from spectral gating" in whole
    assert "theirs cannot take noise out of a sound." in said
    assert "Seams of ours: a click does not surely stand out" in whole
    assert "Seams of theirs: a click surely stands out" in whole
    assert said[-1] == ("Not done by theirs (bandwidth), for drums, strings, voice: no band."), (
        "one sentence for all"
    )


def titled(made: tuple[Table, ...], title: str) -> Table:
    return next(one for one in made if one.title == title)


def test_tables_have_a_row_for_whoever_was_asked() -> None:
    made = tables(outcome())
    assert titled(made, "The trainings").rows["ours"][3].value == 2.0
    assert list(titled(made, "New pieces").rows) == [
        "ours", "theirs", "Montage", "The recording itself",
    ]  # fmt: skip
    cleaned = titled(made, "Noise at 10 dB")
    assert cleaned.rows["theirs"][0].text == "cannot"
    assert cleaned.best(cleaned.columns[0]) == "ours"
    near = titled(made, "Holes: log-spectral distance")
    assert near.best(near.columns[0]) == "ours"
    assert titled(made, "New pieces of drums").note.startswith("Sentences.")
    assert len([one for one in made if one.title.startswith("New pieces of")]) == 3
    alone = tables(outcome(TAKES[:1]))
    assert not [one for one in alone if one.title.startswith("New pieces of")], "one is enough"


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        (['recipes=["sample-vae-tiny"]'], UsageError, "learns from a library"),
        (["recipes=[]"], UsageError, "no recipe"),
        (['recipes=["single_tiny"]'], UnknownNameError, "single"),
        (['recipes=["single-tiny network.temp=1"]'], RecipeError, "temperature"),
        (['parts=["tones"]'], RecipeError, "pieces"),
        (["minute=1"], RecipeError, "minutes"),
        (["pieces=1"], RecipeError, "pieces"),
    ],
)
def test_settings_that_make_no_experiment_are_refused_before_anything_is_trained(
    tmp_path: Path, settings: list[str], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        run(Workspace(tmp_path), "one-recording", scale="smoke", settings=settings)
    assert not (tmp_path / "experiments").exists()


@pytest.mark.slow
def test_a_recording_becomes_instruments_repairs_and_a_report(tmp_path: Path) -> None:
    """Stopped after the first part, it goes on, and the whole is found again at once."""

    def stop(moment: Progress) -> None:
        if moment.note == "pieces of a made song":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Workspace(tmp_path), "one-recording", scale="smoke", report=stop)
    (kept,) = (tmp_path / "experiments").iterdir()
    before = times_of(kept / "instruments")
    assert len(before) == 2, "of both recipes, on the whole recording"
    done = run(Workspace(tmp_path), "one-recording", scale="smoke")
    after = times_of(kept / "instruments")
    assert len(after) == 6, "on the whole, around holes, and on half of it"
    assert before.items() <= after.items(), "not trained anew"
    around = open_named(Workspace(kept), next(name for name in after if "-holes-1-" in name))
    recording = improvising.recording_of(around)
    lengths_s = [end - begin for begin, end in recording.holes_s(around.sample_rate)]
    assert lengths_s == pytest.approx([0.05, 0.4], abs=1e-3)
    assert not recording.samples[:, recording.known() == 0].any(), "nothing of them was heard"
    report = json.loads((done.folder / "report.json").read_text(encoding="utf-8"))
    rows = {one["title"]: one["rows"] for one in report["tables"]}
    assert list(rows["New pieces"]) == [
        "single-tiny",
        "caw-tiny",
        "Montage",
        "The recording itself",
    ]
    assert rows["New pieces"]["Montage"]["Copied (%)"]["value"] > 80
    assert rows["Holes: sample by sample"]["Silence"]["50 ms: SNR (dB)"]["value"] == 0
    assert rows["Noise at 10 dB"]["caw-tiny"]["SNR gain (dB)"]["text"] == "cannot"
    assert rows["Noise at 10 dB"]["The noise left in"]["SNR gain (dB)"]["value"] == 0
    extended = rows["Bandwidth from 2 to 4 kHz"]
    added = {name: row["LSD above 1 kHz (dB)"]["value"] for name, row in extended.items()}
    assert added["single-tiny"] < added["Plain resampling"], "anything is nearer than nothing"
    own = rows["Seams"]["The recording itself"]
    assert own["Click: rank (%)"]["value"] == pytest.approx(50, abs=8)
    assert report["facts"]["sounds"] == "a made song"
    assert len(report["sounds"]) == 5
    figures = times_of(kept / "figures")
    again = run(Workspace(tmp_path), "one-recording", scale="smoke", force=True)
    assert times_of(kept / "figures") == figures
    assert again.findings.tables == done.findings.tables
    assert again.findings.verdict == done.findings.verdict


def times_of(folder: Path) -> dict[str, int]:
    return {one.name: one.stat().st_mtime_ns for one in folder.glob("[!.]*")}
