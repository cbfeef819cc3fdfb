"""The report's folder: complete, self-contained, harmless whatever names it shows."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from timbrel.errors import ExistsError, UsageError
from timbrel.evaluation.assessment import Assessment
from timbrel.evaluation.choosing import Choice
from timbrel.evaluation.examples import Example
from timbrel.evaluation.markup import number
from timbrel.evaluation.pictures import HEIGHT, WIDTH, compared, log_row, spectrogram_db
from timbrel.evaluation.report import checked_folder, read_report, side_by_side, write_report
from timbrel.evaluation.statistics import Interval
from timbrel.signal.files import Sound

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> ../../etc"


def tone(hz: float, rate: int, length: int = 8000) -> Sound:
    time_s = torch.arange(length, dtype=torch.float64) / rate
    return Sound((0.5 * torch.sin(2 * torch.pi * hz * time_s)).float()[None], rate)


@pytest.fixture(scope="module")
def found() -> Assessment:
    from test_assessment import MATERIAL, judged

    small = replace(MATERIAL, held_out=MATERIAL.held_out[:9], training=MATERIAL.training[:24])
    return judged(small, Choice(examples=2, generated_examples=2, slow=2, copied=3))


@pytest.fixture
def folder(found: Assessment, tmp_path: Path) -> Path:
    write_report(tmp_path / "report", found)
    return tmp_path / "report"


class Links(HTMLParser):
    """Collects what a page refers to, and its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name in {"href", "src"} and value]


def parsed(folder: Path) -> Links:
    links = Links()
    links.feed((folder / "index.html").read_text(encoding="utf-8"))
    return links


def test_all_that_the_page_shows_lies_beside_it(folder: Path) -> None:
    links = [link for link in parsed(folder).links if not link.startswith("data:")]
    assert len(links) == 1 + 2 * (2 * 4 + 2 * 2)
    for link in links:
        assert (folder / link).is_file(), link


def test_the_page_runs_nothing_and_loads_nothing_from_elsewhere(folder: Path) -> None:
    html = (folder / "index.html").read_text(encoding="utf-8")
    assert "default-src &#x27;none&#x27;" in html
    assert parsed(folder).tags.isdisjoint({"script", "iframe", "object", "link[rel=stylesheet]"})
    assert "style" not in parsed(folder).attributes
    assert not re.search(r"(https?:)?//", html.replace("</", ""))


def test_hostile_names_stay_text(found: Assessment, tmp_path: Path) -> None:
    example = Example(HOSTILE, HOSTILE, {HOSTILE: tone(440, 16_000)}, HOSTILE)
    report = replace(found.report, title=HOSTILE, facts={HOSTILE: HOSTILE}, verdict=(HOSTILE,))
    write_report(tmp_path / "r", Assessment(report, (example,), ()))
    links = parsed(tmp_path / "r")
    assert "script" not in links.tags
    assert "img" not in links.tags
    assert not any(name.startswith("on") for name in links.attributes)
    assert sorted(file.name for file in (tmp_path / "r" / "sounds").iterdir()) == [
        "held-out-01-0.wav"
    ]


def test_the_sounds_and_pictures_are_real(folder: Path) -> None:
    sound, rate = soundfile.read(folder / "sounds" / "held-out-01-0.wav")
    assert rate == 16_000
    assert len(sound) == 4000
    with Image.open(folder / "pictures" / "held-out-01-0.png") as picture:
        assert picture.size == (512, 256)


def test_the_json_holds_the_numbers(folder: Path, found: Assessment) -> None:
    table = read_report(folder)
    value = table["reconstruction"]["snr"]["means"]["all"]["reconstruction"]["value"]
    assert value == found.report.reconstruction["snr"].means["all"]["reconstruction"].value


def test_nothing_is_overwritten_unasked(folder: Path, found: Assessment) -> None:
    with pytest.raises(ExistsError):
        write_report(folder, found)
    (folder / "sounds" / "held-out-01-0.wav").unlink()
    write_report(folder, found, force=True)
    assert (folder / "sounds" / "held-out-01-0.wav").is_file()


def test_an_empty_folder_becomes_a_report_when_forced(found: Assessment, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ExistsError, match="--force"):
        checked_folder(tmp_path / "empty")
    write_report(tmp_path / "empty", found, force=True)
    assert read_report(tmp_path / "empty")["title"] == "drums"


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("song.wav", "the only copy", "'song.wav'"),
        ("report.json", "{}", "another format"),
        ("index.html", "a page of mine", "no report"),
    ],
)
def test_force_replaces_no_folder_but_a_report(
    found: Assessment, tmp_path: Path, file: str, content: str, said: str
) -> None:
    foreign = tmp_path / "mine"
    foreign.mkdir()
    (foreign / file).write_text(content)
    with pytest.raises(ExistsError, match=said):
        write_report(foreign, found, force=True)
    assert (foreign / file).read_text() == content


def test_a_report_with_something_added_is_not_replaced(folder: Path, found: Assessment) -> None:
    (folder / "notes.txt").write_text("what I heard")
    with pytest.raises(ExistsError, match=r"notes\.txt"):
        write_report(folder, found, force=True)
    assert (folder / "notes.txt").read_text() == "what I heard"


def test_the_current_folder_is_not_replaced(
    folder: Path, found: Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    for name in (".", "sounds/.."):
        with pytest.raises(ExistsError, match="current folder"):
            write_report(Path(name), found, force=True)
    assert (folder / "index.html").is_file()


def test_a_report_cannot_stand_in_a_file(found: Assessment, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for name in ("file", "file/report"):
        with pytest.raises(UsageError, match="is a file"):
            write_report(tmp_path / name, found, force=True)
    assert (tmp_path / "file").read_text() == "mine"


def test_through_a_link_the_report_is_replaced_and_not_the_link(
    folder: Path, found: Assessment, tmp_path: Path
) -> None:
    (tmp_path / "latest").symlink_to(folder)
    write_report(tmp_path / "latest", found, force=True)
    assert (tmp_path / "latest").is_symlink()
    assert read_report(folder)["title"] == "drums"


def test_a_folder_without_a_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no report"):
        read_report(tmp_path)
    (tmp_path / "report.json").write_text(json.dumps({"format": 99}))
    with pytest.raises(UsageError, match="another format"):
        read_report(tmp_path)


def test_two_reports_stand_side_by_side(folder: Path) -> None:
    one = read_report(folder)
    rows = side_by_side([one, {**one, "title": "other"}])
    assert rows["Log-spectral distance (dB), reconstruction"].keys() == {"drums", "other"}
    with pytest.raises(UsageError, match="one title"):
        side_by_side([one, one])
    counts = {**one["counts"], "labels": {"kick": 3}}
    with pytest.raises(UsageError, match="different held-out sounds"):
        side_by_side([one, {**one, "title": "other", "counts": counts}])


@pytest.mark.parametrize(("hz", "rate"), [(100, 44_100), (1000, 16_000), (10_000, 44_100)])
def test_a_tone_is_drawn_where_the_frequency_line_says(hz: float, rate: int) -> None:
    picture = spectrogram_db(tone(hz, rate), duration_s=8000 / rate)
    row = picture.mean(axis=1).argmax()
    assert abs(row / HEIGHT - log_row(hz)) < 0.04
    # Rows narrower than a bin lie between two; that costs a Hann window 1.4 dB at most.
    assert picture.max() > -1.5


def test_what_a_rate_cannot_hold_and_what_is_over_is_black() -> None:
    low, high = compared(
        {"long": tone(440, 44_100, 44_100), "short": tone(440, 8000, 4000)}, one_level=True
    )
    assert (high[: int(HEIGHT * log_row(4100))] == -80).all()
    assert (high[:, WIDTH * 17 // 32 :] == -80).all()
    assert (high[:, : WIDTH * 15 // 32].max(axis=0) > -20).all()
    assert (low.max(axis=0) > -20).all()


def test_quieter_versions_are_drawn_darker_on_one_scale() -> None:
    loud = tone(5000, 44_100)
    quiet = Sound(0.1 * loud.samples, 44_100)
    _, on_one_scale = compared({"a": loud, "b": quiet}, one_level=True)
    _, on_its_own = compared({"a": loud, "b": quiet}, one_level=False)
    assert on_one_scale.max() == pytest.approx(-20, abs=0.01)
    assert on_its_own.max() == 0


def test_a_silent_sound_is_drawn_black() -> None:
    assert (spectrogram_db(Sound(torch.zeros(1, 100), 8000), duration_s=1.0) == -80).all()


def test_numbers_have_real_minus_signs() -> None:
    assert number(Interval(-1.5, -2.0, -1.0, 3)) == "−1.50 <small>−2.00 to −1.00</small>"
    assert number(None) == "–"
    assert number(Interval(np.inf, 0, 1, 3)).startswith("–")
