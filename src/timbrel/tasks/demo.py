"""Demo: all of it once, on sounds that timbrel makes itself."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from timbrel import atomic
from timbrel.errors import ExistsError, UsageError
from timbrel.evaluation.choosing import Choice
from timbrel.library.demo_sounds.folder import path_of, synthesise
from timbrel.library.demo_sounds.voices import Plan
from timbrel.progress import Progress, Report, silent
from timbrel.tasks.demo_page import DemoResult, page_of
from timbrel.tasks.evaluate import evaluate_named, report_folder
from timbrel.tasks.generate import generate
from timbrel.tasks.instruments import describe
from timbrel.tasks.map import draw_map
from timbrel.tasks.morph import morph
from timbrel.tasks.pick import Wish, pick
from timbrel.tasks.scan import scan
from timbrel.tasks.train import train
from timbrel.tasks.workspace import Workspace

RECIPE = "sample-vae-laptop"
INSTRUMENT = "demo"
SOUNDS = 16
PER_LABEL = 64
STEPS = 8
POINT = (0.5, 0.5)
_MARK = "demo.json"


@dataclass
class _Demo:
    """One run of the demo."""

    folder: Path
    minutes: float
    per_label: int
    recipe: str
    projection: str
    seed: int
    device: str
    force: bool
    report: Report
    made_before: list[str]

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.folder / "workspace")

    @property
    def sounds(self) -> Path:
        return self.folder / "sounds"

    def has(self, path: Path, what: str) -> bool:
        """Whether something is there and stays; it is noted then."""
        there = path.exists() and not self.force
        if there:
            self.made_before.append(what)
        return there


def demo(  # noqa: PLR0913 - one argument a setting
    folder: Path,
    *,
    minutes: float = 1.0,
    per_label: int = PER_LABEL,
    recipe: str = RECIPE,
    projection: str = "umap",
    seed: int = 0,
    device: str = "cpu",
    force: bool = False,
    report: Report = silent,
) -> DemoResult:
    """Makes sounds, learns from them, and shows what comes of it.

    A second run goes on where the first was stopped and keeps what is there.

    Args:
        folder: A new folder, an empty one, or one of an earlier demo.
        minutes: Minutes of training.
        per_label: Sounds of each of the 14 kinds to learn from.
        recipe: What is trained.
        projection: How the map is laid out.
        seed: Seed of all that is drawn.
        device: Where the arithmetic happens.
        force: Whether what an earlier demo made is made again.
        report: Where progress goes.

    Returns:
        Where everything is.

    Raises:
        ExistsError: When the folder holds something else, or a demo with other settings.
        UsageError: When a setting is out of range.
        KeyboardInterrupt: When training was interrupted; a second run goes on.
    """
    work = _Demo(folder, minutes, per_label, recipe, projection, seed, device, force, report, [])
    _claim(work)
    _make_library(work)
    verdict = _train(work)
    _draw(work)
    new, steps, picked = _play(work)
    _judge(work)
    page = folder / "index.html"
    result = DemoResult(
        folder=folder,
        workspace=work.workspace.root,
        page=page,
        map_picture=folder / "map.png",
        map_page=folder / "map.html",
        report_page=report_folder(work.workspace, INSTRUMENT) / "index.html",
        sounds=new,
        morph=steps,
        picked=picked,
        instrument=INSTRUMENT,
        verdict=verdict,
        made_before=work.made_before,
    )
    atomic.write_text(page, page_of(result))
    return result


def _claim(work: _Demo) -> None:
    """Marks the folder, so that no one's own folder is written into."""
    folder, mark = work.folder, work.folder / _MARK
    facts = {
        "minutes": work.minutes,
        "sounds_per_label": work.per_label,
        "recipe": work.recipe,
        "projection": work.projection,
        "seed": work.seed,
    }
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", "a folder for the demo")
    if mark.is_file():
        if _read(mark) != facts and not work.force:
            raise ExistsError(
                f"{folder} holds a demo with other settings",
                advice="choose another folder, or make it anew with --force",
            )
    elif folder.exists() and any(folder.iterdir()):
        raise ExistsError(f"{folder} holds something that is no demo", "a new or an empty folder")
    atomic.write_text(mark, json.dumps(facts, indent=1) + "\n")


def _read(mark: Path) -> Any:
    try:
        return json.loads(mark.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _make_library(work: _Demo) -> None:
    synthesise(work.sounds, per_label=work.per_label, seed=work.seed, report=work.report)
    scan(work.workspace, [work.sounds], report=work.report)


def _train(work: _Demo) -> str:
    instrument = work.workspace.instrument_folder(INSTRUMENT)
    unfinished = work.workspace.training_folder(INSTRUMENT).exists() and not work.force
    if unfinished or not work.has(instrument, "the instrument"):
        trained = train(
            work.workspace,
            work.recipe,
            name=INSTRUMENT,
            minutes=work.minutes,
            resume=unfinished,
            force=work.force,
            seed=work.seed,
            device=work.device,
            report=work.report,
        )
        if trained.summary.stopped_because == "interrupted":
            raise KeyboardInterrupt
    return str(describe(work.workspace, INSTRUMENT)["training"].get("verdict", ""))


def _draw(work: _Demo) -> None:
    for name, what in (("map.png", "the map"), ("map.html", "the map's page")):
        out = work.folder / name
        if not work.has(out, what):
            draw_map(
                work.workspace,
                INSTRUMENT,
                projection=work.projection,
                out=out,
                seed=work.seed,
                device=work.device,
                force=work.force,
                report=work.report,
            )


def _play(work: _Demo) -> tuple[list[Path], list[Path], Path]:
    new = _folder_of(work, "new", SOUNDS, "the new sounds")
    steps = _folder_of(work, "morph", STEPS, "the morph")
    picked = work.folder / "pick" / "middle.wav"
    common: dict[str, Any] = {"seed": work.seed, "device": work.device, "report": work.report}
    if not new:
        out = work.folder / "new"
        new = generate(
            work.workspace, INSTRUMENT, count=SOUNDS, out=out, force=True, **common
        ).paths
    if not steps:
        ends = [path_of(work.sounds, Plan(kind, 0, work.seed)) for kind in ("kick", "snare")]
        out = work.folder / "morph"
        steps = morph(
            work.workspace, INSTRUMENT, ends, steps=STEPS, out=out, force=True, **common
        ).paths
    if not work.has(picked, "the sound of the map's middle"):
        pick(
            work.workspace,
            INSTRUMENT,
            Wish(at=(POINT,)),
            projection=work.projection,
            out=picked,
            force=True,
            **common,
        )
    return new, steps, picked


def _folder_of(work: _Demo, name: str, count: int, what: str) -> list[Path]:
    """The sounds of a folder, where all of them are there and stay."""
    found = sorted((work.folder / name).glob("*.wav"))
    whole = len(found) == count and not work.force
    if whole:
        work.made_before.append(what)
    return found if whole else []


def _judge(work: _Demo) -> None:
    if work.has(report_folder(work.workspace, INSTRUMENT), "the report"):
        return
    work.report(Progress("judging", 0, 0))
    few = Choice(
        held_out=56, training=400, examples=6, generated_examples=8, slow=12, copied=12,
        morphs=2, morph_examples=1, seed=work.seed,
    )  # fmt: skip
    evaluate_named(
        work.workspace,
        INSTRUMENT,
        seed=work.seed,
        device=work.device,
        force=work.force,
        choice=few,
        report=work.report,
    )
