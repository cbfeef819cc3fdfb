"""What jobs are asked for, as commands.

Nothing that a client sends becomes an option or a path by itself: names are looked up, numbers are
numbers, and text stands behind an equals sign.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from timbrel import recipes
from timbrel.errors import UnknownNameError, UsageError
from timbrel.studio.workbench import commands, sounds, uploads
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.commands import optional
from timbrel.studio.workbench.faults import Gone
from timbrel.studio.workbench.journal import Plan
from timbrel.studio.workbench.models.wishes import (
    ContinueWish,
    DenoiseWish,
    DuplicatesWish,
    EstimateWish,
    EvaluateWish,
    ExtendWish,
    GenerateWish,
    InpaintWish,
    ListenWish,
    MapWish,
    ScanWish,
    SlidersWish,
    TrainWish,
    VaryWish,
    Wish,
)
from timbrel.studio.workbench.models.workspace import Job, JobKind
from timbrel.synthesis import renders
from timbrel.tasks.workspace import checked_name

DEMO = "demo-sounds"
TESTS = "listening-tests"


def begin(bench: Bench, wish: Wish) -> Job:
    """Adds a job to the queue.

    Args:
        bench: What the studio works with.
        wish: What is asked for.

    Returns:
        The job.

    Raises:
        TimbrelError: When it cannot be.
    """
    return bench.jobs.add(planned(bench, wish))


def planned(bench: Bench, wish: Wish) -> Plan:
    """Makes a command of what is asked for.

    Args:
        bench: What the studio works with.
        wish: What is asked for.

    Returns:
        The plan of the job.

    Raises:
        TimbrelError: When something that is named is not there, or cannot be.
    """
    return _PLANNERS[wish.kind](bench, wish)


def instrument(bench: Bench, name: str) -> str:
    """Checks the name of an instrument that stands in a command.

    Args:
        bench: What the studio works with.
        name: Its name.

    Returns:
        The name as its folder is called.

    Raises:
        UnknownNameError: When there is none.
        UsageError: When the name would be taken for an option.
    """
    found = bench.workspace.existing_instrument(name).name
    return _no_option(found)


def _no_option(name: str) -> str:
    if name.startswith("-"):
        raise UsageError(f"the name {name!r}", "a name that begins with a letter or digit")
    return name


def _plan(bench: Bench, kind: JobKind, title: str, arguments: Sequence[str], wish: Wish) -> Plan:
    """The plan of a command; what only some jobs have is added by `replace`."""
    root, seed = bench.workspace.root, getattr(wish, "seed", None)
    if any("\0" in argument for argument in arguments):
        raise UsageError("a text with a zero in it", "letters, digits and signs")
    return Plan(
        kind=kind,
        title=title,
        arguments=tuple(commands.whole(root, arguments, seed=seed)),
        command=commands.shown(root, arguments, seed=seed),
        wish=wish.model_dump(mode="json"),
    )


def _going_on(
    bench: Bench, arguments: Sequence[str], *, seed: int | None = None
) -> tuple[str, ...]:
    """The command that goes on; a training and a scan know their seed themselves."""
    return tuple(commands.whole(bench.workspace.root, arguments, seed=seed))


def _scan(bench: Bench, wish: ScanWish) -> Plan:
    given = [wish.path is not None, wish.upload is not None, wish.demo]
    if sum(given) != 1:
        raise UsageError("nothing to scan, or several things", "a path, an upload, or the demo")
    reader: list[str] = []
    if wish.demo:
        source, title = bench.workspace.root / DEMO, "Making and reading the demo library"
        reader = ["--reader", "demo"]
    elif wish.upload is not None:
        found = uploads.path_of(bench, wish.upload)
        if found is None:
            raise Gone(f"no upload {wish.upload!r}", advice="send the files again")
        source, title = found, "Reading the sounds that were sent"
    else:
        source = _named_by_person(wish.path or "")
        title = f"Reading {source.name}"
    arguments = ["scan", str(source), *reader]
    plan = _plan(bench, "scan", title, arguments, wish)
    return replace(plan, again=_going_on(bench, arguments), changes=("library",))


def _named_by_person(text: str) -> Path:
    """A path that a person typed: the one thing that a page may name on this machine's disk."""
    if not text.strip() or "\0" in text:
        raise UsageError(f"the path {text[:100]!r}", "a folder or a sound file")
    path = Path(text.strip())
    try:
        path = path.expanduser().absolute()
        there = path.exists()
    except (OSError, RuntimeError):  # a name too long, a home of nobody
        there = False
    if not there:
        raise UsageError(f"{path} does not exist", "a folder or a sound file on this machine")
    return path


def _train(bench: Bench, wish: TrainWish) -> Plan:
    name = _no_option(checked_name(wish.name))
    spent = [*optional("--minutes", wish.minutes), *optional("--steps", wish.steps)]
    again = ["train", "--resume", f"--name={name}"]
    if wish.resume:
        arguments = [*again, *spent]
    else:
        arguments = [
            "train", *_recipe(wish.recipe, wish.origin), f"--name={name}", *spent,
            *_recordings(bench, wish.sounds), *_holes(wish.holes),
            *([] if wish.origin is None else [f"--from={instrument(bench, wish.origin)}"]),
            *(f"--set={setting}" for setting in wish.settings),
            *(["--force"] if wish.force else []),
        ]  # fmt: skip
    _not_twice(bench, name)
    plan = _plan(bench, "train", f"Training {name}", arguments, wish)
    return replace(
        plan,
        again=_going_on(bench, again),
        instrument=name,
        kept=str(bench.workspace.training_folder(name)),
        changes=("instruments",),
    )


def _not_twice(bench: Bench, name: str) -> None:
    there = bench.jobs.running("train", name)
    if there is not None:
        raise UsageError(
            f"a training of {name!r} is {there.state} already", "another name", "wait, or stop it"
        )


def _recipe(name: str | None, origin: str | None = None) -> list[str]:
    if name is None:
        if origin is None:
            raise UsageError("no recipe", "a recipe, or an instrument to begin with")
        return []
    if name not in recipes.names():
        raise UnknownNameError("recipe", name, recipes.names())
    return [name]


def _recordings(bench: Bench, references: Sequence[str]) -> list[str]:
    return [
        part for one in references for part in ("--sound", str(sounds.path_of(bench, one)))
    ]  # fmt: skip


def _holes(holes: Sequence[tuple[float, float]]) -> list[str]:
    return [f"--hole={commands.exact(start)},{commands.exact(end)}" for start, end in holes]


def _estimate(bench: Bench, wish: EstimateWish) -> Plan:
    arguments = [
        "train", *_recipe(wish.recipe), "--estimate", *optional("--minutes", wish.minutes),
        *optional("--steps", wish.steps), *_recordings(bench, wish.sounds), *_holes(wish.holes),
        *([] if wish.origin is None else [f"--from={instrument(bench, wish.origin)}"]),
        *(f"--set={setting}" for setting in wish.settings),
    ]  # fmt: skip
    return _plan(bench, "estimate", f"Estimating {wish.recipe}", arguments, wish)


def _map(bench: Bench, wish: MapWish) -> Plan:
    name = instrument(bench, wish.instrument)
    out = bench.workspace.studio / "maps" / f"{renders.safe_name(name)}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    arguments = [
        "map", name, *([] if wish.projection == "umap" else ["--projection", wish.projection]),
        *(["--fresh"] if wish.fresh else []), "--out", str(out), "--force",
    ]  # fmt: skip
    plan = _plan(bench, "map", f"Laying out the map of {name}", arguments, wish)
    return replace(plan, instrument=name, changes=("instruments",))


def _sliders(bench: Bench, wish: SlidersWish) -> Plan:
    name = instrument(bench, wish.instrument)
    arguments = ["sliders", name, *(["--force"] if wish.force else [])]
    plan = _plan(bench, "sliders", f"Finding the sliders of {name}", arguments, wish)
    return replace(plan, instrument=name, changes=("instruments",))


def _evaluate(bench: Bench, wish: EvaluateWish) -> Plan:
    names = [instrument(bench, name) for name in wish.instruments]
    arguments = ["evaluate", *names, *optional("--per-label", wish.per_label), "--force"]
    plan = _plan(bench, "evaluate", f"Judging {', '.join(names)}", arguments, wish)
    return replace(plan, instrument=names[0], changes=("reports",))


def _making(bench: Bench, wish: Any, kind: JobKind, title: str, arguments: Sequence[str]) -> Plan:
    """A job that makes sounds, into a folder of its own."""
    name = instrument(bench, wish.instrument)
    called = renders.safe_name(f"{name}-{kind}-{bench.history.next_id()}")
    out = bench.workspace.renders / "studio" / called
    whole = [kind, name, *arguments, "--out", str(out)]
    plan = _plan(bench, kind, f"{title} {name}", whole, wish)
    return replace(
        plan,
        again=_going_on(bench, [*whole, "--force"], seed=wish.seed),
        instrument=name,
        out=str(out),
        changes=("made",),
    )


def _generate(bench: Bench, wish: GenerateWish) -> Plan:
    label = [] if wish.label is None else [f"--label={wish.label}"]
    arguments = [
        "--count", str(wish.count), *optional("--keep", wish.keep), *label,
        *optional("--seconds", wish.seconds), *optional("--tempo", wish.tempo_bpm),
        *commands.sliding(wish.sliders),
    ]  # fmt: skip
    return _making(bench, wish, "generate", f"Making {wish.count} sounds with", arguments)


def _vary(bench: Bench, wish: VaryWish) -> Plan:
    guide = [] if wish.guide is None else ["--guide", str(sounds.path_of(bench, wish.guide))]
    arguments = [
        "--amount", commands.exact(wish.amount), "--keep-start", commands.exact(wish.keep_s),
        *guide, "--count", str(wish.count),
    ]  # fmt: skip
    return _making(bench, wish, "vary", "Varying the recording of", arguments)


def _continue(bench: Bench, wish: ContinueWish) -> Plan:
    arguments = ["--seconds", commands.exact(wish.seconds), "--count", str(wish.count)]
    return _making(bench, wish, "continue", "Going on with the recording of", arguments)


def _inpaint(bench: Bench, wish: InpaintWish) -> Plan:
    sound = [] if wish.sound is None else ["--sound", str(sounds.path_of(bench, wish.sound))]
    arguments = [*_holes(wish.holes), *sound, "--count", str(wish.count)]
    return _making(bench, wish, "inpaint", "Filling holes with", arguments)


def _extend(bench: Bench, wish: ExtendWish) -> Plan:
    arguments = [str(sounds.path_of(bench, wish.sound)), *optional("--from", wish.known_hz)]
    return _making(bench, wish, "extend", "Adding high frequencies with", arguments)


def _denoise(bench: Bench, wish: DenoiseWish) -> Plan:
    arguments = [
        str(sounds.path_of(bench, wish.sound)),
        "--strength",
        commands.exact(wish.strength),
    ]
    return _making(bench, wish, "denoise", "Taking noise out with", arguments)


def _duplicates(bench: Bench, wish: DuplicatesWish) -> Plan:
    arguments = ["search", "--duplicates"]
    return _plan(bench, "duplicates", "Looking for copies in the library", arguments, wish)


def _listen(bench: Bench, wish: ListenWish) -> Plan:
    name = _no_option(checked_name(wish.name))
    folder = bench.workspace.root / TESTS / name
    if folder.exists():
        raise UsageError(f"there is a listening test {name!r} already", "another name")
    source = bench.workspace.studio / "listening" / renders.safe_name(name)
    systems = [
        f"--system={_no_equals(system)}={_gathered(bench, source / f'{number}', references)}"
        for number, (system, references) in enumerate(wish.systems.items())
    ]
    originals = [
        part for one in wish.originals for part in ("--real", str(sounds.path_of(bench, one)))
    ]  # fmt: skip
    arguments = [
        "listen", "build", str(folder), "--kind", wish.test, *systems, *originals,
        *optional("--items", wish.items), f"--title={name}",
    ]  # fmt: skip
    plan = _plan(bench, "listen", f"Building the listening test {name}", arguments, wish)
    return replace(plan, changes=("tests",))


def _no_equals(name: str) -> str:
    if "=" in name:
        raise UsageError(f"the system {name!r}", "a name without an equals sign")
    return checked_name(name)


def _gathered(bench: Bench, folder: Path, references: Sequence[str]) -> Path:
    """Copies sounds of one system into a folder: a test is built from folders."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for reference in references:
        path = sounds.path_of(bench, reference)
        shutil.copyfile(path, folder / path.name)
        sidecar = path.with_suffix(".json")
        if sidecar.is_file():
            shutil.copyfile(sidecar, folder / sidecar.name)
    return folder


_PLANNERS: dict[str, Callable[[Bench, Any], Plan]] = {
    "scan": _scan,
    "train": _train,
    "estimate": _estimate,
    "map": _map,
    "sliders": _sliders,
    "evaluate": _evaluate,
    "generate": _generate,
    "vary": _vary,
    "continue": _continue,
    "inpaint": _inpaint,
    "extend": _extend,
    "denoise": _denoise,
    "duplicates": _duplicates,
    "listen": _listen,
}
