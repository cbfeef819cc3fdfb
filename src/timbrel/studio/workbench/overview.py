"""What there is: the workspace in a glance, and an instrument in full."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import timbrel
from timbrel.errors import LibraryError, NoLibraryError, TimbrelError
from timbrel.instruments import document
from timbrel.library.summary import summarise
from timbrel.signal import files
from timbrel.studio.workbench import commands, sounds
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.models.instruments import InstrumentDetail, SliderInfo
from timbrel.studio.workbench.models.workspace import Instrument, Library, State
from timbrel.synthesis import renders, slider_file
from timbrel.tasks import instruments, library, recorded
from timbrel.tasks.instruments import open_named
from timbrel.tasks.workspace import open_library

MOST_MOVED = 2  # descriptors that a slider's words name beside its own


def state(bench: Bench) -> State:
    """Tells what there is in the workspace.

    Args:
        bench: What the studio works with.

    Returns:
        Library, instruments, and how much was made.
    """
    root = bench.workspace.root
    return State(
        workspace=root.name,
        place=str(root),
        version=timbrel.__version__,
        library=_library(bench),
        instruments=[about(bench, facts) for facts in instruments.overview(bench.workspace)],
        device=bench.device,
        made=len(bench.history),
        reports=f"/reports/{bench.secret}/",
    )


def _library(bench: Bench) -> Library | None:
    try:
        version = open_library(bench.workspace).version
        found = bench.shelf.get(
            ("summary",), version, lambda: library.summarise(bench.workspace), lambda _: 10_000
        )
    except NoLibraryError:
        return None
    except LibraryError as error:
        found = summarise([])  # the page shows what is wrong where it shows the library
        found = replace(found, warnings=(str(error),))
    told = found.as_dict()
    del told["groups"]
    told["sample_rates"] = {str(rate): count for rate, count in told["sample_rates"].items()}
    told["warnings"] = list(told["warnings"])
    return Library(**told, command=commands.shown(bench.workspace.root, ["library"]))


def about(bench: Bench, facts: dict[str, Any]) -> Instrument:
    """Tells of an instrument as the list does.

    Args:
        bench: What the studio works with.
        facts: As `timbrel.instruments.folder.describe` gives them.

    Returns:
        The instrument.
    """
    if "problem" in facts:
        return Instrument(name=facts["name"], problem=str(facts["problem"]))
    try:
        return _about(bench, facts)
    except (TypeError, ValueError, OverflowError):
        said = f"the {document.DOCUMENT} of {facts['name']!r} is damaged; {document.ADVICE}."
        return Instrument(name=facts["name"], problem=said)


def _about(bench: Bench, facts: dict[str, Any]) -> Instrument:
    same = ("name", "title", "recipe", "family", "labels", "abilities", "sample_rate")
    folder = bench.workspace.instruments / facts["name"]
    counts = facts["sounds"] if isinstance(facts["sounds"], dict) else {}
    abilities = set(facts["abilities"])
    of_recordings = bool(abilities & {"vary", "inpaint", "continue"})
    return Instrument(
        **{name: facts[name] for name in same},
        duration_s=float(facts["duration_s"] or 0.0),
        sounds=sum(int(count) for count in counts.values()),
        of_recordings=of_recordings,
        has_map="map" in abilities,
        has_sliders=(folder / document.SLIDERS).is_file(),
        verdict=str(facts["training"].get("verdict", "")),
    )


def detail(bench: Bench, name: str) -> InstrumentDetail:
    """Tells all about an instrument.

    Args:
        bench: What the studio works with.
        name: Its name.

    Returns:
        The instrument with its card, sliders and recordings.

    Raises:
        UnknownNameError: When there is none.
        InstrumentError: When it is damaged.
    """
    facts = instruments.describe(bench.workspace, name)
    found = about(bench, facts)
    recordings, holes = _recordings(bench, found) if found.of_recordings else ([], [])
    return InstrumentDetail(
        about=found,
        card=facts["card"],
        sliders=_sliders(bench, found),
        recordings=recordings,
        holes=holes,
    )


def _sliders(bench: Bench, found: Instrument) -> list[SliderInfo] | None:
    folder = bench.workspace.existing_instrument(found.name)
    if not found.has_sliders:
        return None
    with suppress(TimbrelError):
        kept = slider_file.parsed(document.read_text(folder, document.SLIDERS), folder)
        return [
            SliderInfo(
                name=one.name,
                step=one.step,
                unit=one.unit,
                low=round(one.low, 1),
                high=round(one.high, 1),
                tells=_tells(one.descriptor, one.step, one.unit, one.moved),
                percent_monotone=100 * one.monotone,
            )
            for one in kept.sliders
        ]
    return None


def _tells(descriptor: str, step: float, unit: str, moved: dict[str, float]) -> str:
    others = sorted(
        ((name, steps) for name, steps in moved.items() if name != descriptor and abs(steps) >= 1),
        key=lambda item: -abs(item[1]),
    )[:MOST_MOVED]
    beside = ", ".join(f"{name} {steps:+.1f}" for name, steps in others)
    text = f"a step is {step:g} {unit} of {descriptor}"
    return f"{text}; its whole range also moves {beside}" if beside else text


def _recordings(bench: Bench, found: Instrument) -> tuple[list[str], list[tuple[float, float]]]:
    """The recordings as sounds, written out once; an instrument keeps them in its weights."""

    def taken() -> tuple[list[Path], recorded.Recordings, int]:
        instrument = open_named(bench.workspace, found.name, bench.device)
        kept, rate = recorded.inside(instrument), instrument.sample_rate
        folder = bench.workspace.cache / "studio" / "recordings" / instrument.fingerprint[:24]
        paths = [_written(folder, number, kept, rate) for number in range(len(kept.sounds))]
        return paths, kept, rate

    paths, kept, rate = bench.play(taken)
    holes = [(first / rate, end / rate) for first, end in kept.holes]
    return [sounds.place(bench, path) for path in paths], holes


def _written(folder: Path, number: int, kept: recorded.Recordings, rate: int) -> Path:
    name = renders.safe_name(Path(kept.names[number]).stem)
    path = folder / f"{number:02d}-{name}.wav"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        sound = files.Sound(kept.sounds[number].float(), rate, name)
        files.write(path, sound, encoding="pcm_24", on_clip="scale", force=True)
    return path
