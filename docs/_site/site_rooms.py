"""The pages of all plug-ins that are one file: metrics, phase methods, readers and their kin."""

import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from site_tables import cell, settings_table

from timbrel import plugins
from timbrel.experiments import typed_name


@dataclass(frozen=True)
class Room:
    """How the pages of a plug-in room look.

    Attributes:
        room: Its name in `timbrel.plugins`.
        title: What its overview is called.
        about: What stands in its overview, before the list.
        facts: declaration -> the lines of a list, each a fact.
        said: declaration -> the parts of the page below the facts.
    """

    room: str
    title: str
    about: str
    facts: Callable[[Any], list[str]]
    said: Callable[[str, Any], list[str]]


def room_pages(folder: str, room: Room) -> dict[str, str]:
    """Writes the pages of a room: its overview, and one a plug-in.

    Args:
        folder: Where they go, such as "reference/metrics".
        room: The room.

    Returns:
        Path to Markdown.
    """
    names = plugins.names(room.room)
    declared = {name: plugins.load(room.room, name) for name in names}
    rows = [
        f"| [`{n}`]({n}.md) | {cell(_title(one))} | {cell(_source(one))} |"
        for n, one in declared.items()
    ]
    listing = "\n".join(["| name | what it is | source |", "|---|---|---|", *rows])
    pages = {f"{folder}/index.md": f"# {room.title}\n\n{room.about}\n\n{listing}\n"}
    for name, one in declared.items():
        facts = "\n".join(f"- {fact}" for fact in room.facts(one))
        parts = [f"# `{name}`", f"**{_title(one)}.**", facts, *room.said(name, one)]
        pages[f"{folder}/{name}.md"] = "\n\n".join(part for part in parts if part) + "\n"
    return pages


def _title(declared: Any) -> str:
    title = str(declared.title)
    return title[0].upper() + title[1:]


def _source(declared: Any) -> str:
    return str(
        getattr(declared, "source", "") or getattr(declared, "citation", "") or "timbrel's own"
    )


def _object(module: str, name: str) -> str:
    return f"::: {module}.{name}\n    options:\n      heading_level: 3\n"


def _opening(module: str) -> str:
    """The paragraphs with which a plug-in's file begins."""
    return str(importlib.import_module(module).__doc__ or "").strip()


def _number(value: float | None) -> str:
    return "none" if value is None else "infinite" if math.isinf(value) else f"{value:g}"


NEEDS = {
    "pair": "a pair of sounds: a reference and a test",
    "sets": "two sets of sounds: real ones, and those to judge",
    "sound": "one sound alone",
}
BETTER = {True: "higher is better", False: "lower is better", None: "like real sounds is good"}


def _metric_facts(metric: Any) -> list[str]:
    facts = [
        f"Takes {NEEDS[metric.needs]}.",
        f"Unit: {metric.unit or 'none'}; {BETTER[metric.higher_is_better]}; "
        f"ideal: {_number(metric.ideal)}.",
        f"Source: {metric.source}.",
    ]
    if getattr(metric, "requirement", ""):
        facts.append(f"Speaks of requirement {metric.requirement} of S1.")
    if getattr(metric, "undefined_where", ""):
        facts.append(f"Is not a number where: {metric.undefined_where}.")
    if getattr(metric, "extra", ""):
        facts.append(f"Needs `pip install 'timbrel[{metric.extra}]'`.")
    if getattr(metric, "slow", False):
        facts.append("Slow: a report measures a part of the sounds by it, and says which part.")
    return facts


def _metric_said(name: str, metric: Any) -> list[str]:
    module = f"timbrel.evaluation.metrics.{name}"
    function = metric.fitted if metric.needs == "sets" else metric.compute
    asked = f"```sh\ntimbrel compare original.wav copy.wav --metric {name}\n```"
    where = getattr(function, "__name__", "")
    own = where and not where.startswith("_") and hasattr(importlib.import_module(module), where)
    return [
        _opening(module),
        asked if metric.needs == "pair" else "It stands in the reports of `timbrel evaluate`.",
        "## From Python",
        _object(module, where) if own else f"```text\n{module}.METRIC\n```",
    ]


def _phase_facts(phase: Any) -> list[str]:
    return [
        "Improves step by step." if phase.iterative else "Finds its answer at once.",
        "Draws nothing: the seed does not matter."
        if phase.deterministic
        else "Begins at a random phase.",
        *(["Needs the sound itself: it serves only to play back."] if phase.needs_sound else []),
        f"Source: {phase.source}.",
    ]


def _phase_said(name: str, phase: Any) -> list[str]:
    module = f"timbrel.signal.phase.{name}"
    asked = f"```sh\ntimbrel reconstruct drums kick.wav --phase {name} --out heard\n```"
    return [_opening(module), asked, "## Settings", settings_table(phase, leave_out=["name"]),
            "## From Python", _object(module, phase.__name__)]  # fmt: skip


def _frontend_facts(front_end: Any) -> list[str]:
    spectral = "Made of magnitudes: the way back needs a phase method."
    return [
        spectral if front_end.spectral else "Keeps the phase: the way back needs no phase method.",
        f"Source: {front_end.source}.",
    ]


def _frontend_said(name: str, front_end: Any) -> list[str]:
    module = f"timbrel.signal.frontends.{name}"
    return [_opening(module), "## Settings", settings_table(front_end, leave_out=["name"]),
            "## From Python", _object(module, front_end.__name__)]  # fmt: skip


def _projection_said(name: str, projection: Any) -> list[str]:
    module = f"timbrel.mapping.projections.{name}"
    asked = f"```sh\ntimbrel map drums --projection {name} --out drums.html\n```"
    return [_opening(module), asked, "## Settings", settings_table(projection.options),
            "## From Python", _object(module, "fit")]  # fmt: skip


def _reader_said(name: str, _: Any) -> list[str]:
    module = f"timbrel.library.readers.{name}"
    asked = f"```sh\ntimbrel scan FOLDER --reader {name}\n```"
    return [_opening(module), asked, "## From Python", _object(module, "find")]


def _format_facts(form: Any) -> list[str]:
    source = f"<{form.source}>" if form.source.startswith("http") else form.source
    return [f"File: `{form.suffix}`, its samples in `{form.samples}`.", f"Source: {source}."]


def _format_said(name: str, _: Any) -> list[str]:
    asked = f"```sh\ntimbrel export kicks --format {name} --out kick-kit\n```"
    return [_opening(f"timbrel.exporting.formats.{name}"), asked]


def _experiment_said(name: str, experiment: Any) -> list[str]:
    parts = [experiment.about, f"```sh\ntimbrel experiment {typed_name(name)} --scale smoke\n```"]
    for scale, what in experiment.scales.items():
        parts += [f"## At the scale `{scale}`: {what.duration}", settings_table(what.settings)]
    return [*parts, "More: [the experiments](../../experiments.md)."]


ROOMS = {
    "reference/metrics": Room(
        "evaluation.metrics", "Metrics",
        "A metric is a number that says how near, how good or how varied sounds are. "
        "[Reports](../../evaluation.md) tell how they are used. "
        "To add one: [Extend](../../extending/metric.md).",
        _metric_facts, _metric_said,
    ),
    "reference/phase": Room(
        "signal.phase", "Phase methods",
        "A phase method is a way from magnitudes to a waveform "
        "([more](../../frontends_and_phase.md)). "
        "To add one: [Extend](../../extending/phase_method.md).",
        _phase_facts, _phase_said,
    ),
    "reference/frontends": Room(
        "signal.frontends", "Front ends",
        "A front end is an encoding of sound that a network sees, with its inverse "
        "([more](../../frontends_and_phase.md)).",
        _frontend_facts, _frontend_said,
    ),
    "reference/projections": Room(
        "mapping.projections", "Projections",
        "A projection lays a library out in two dimensions ([more](../../mapping.md)).",
        lambda one: [f"Source: {one.source}.", *([one.note] if one.note else [])], _projection_said,
    ),
    "reference/readers": Room(
        "library.readers", "Readers",
        "A reader knows how a data set is laid out and what it says of its sounds "
        "([more](../../library.md)). To add one: [Extend](../../extending/reader.md).",
        lambda one: [
            f"Licence of the sounds: {one.licence}.",
            *([f"Cite: {one.citation}."] if one.citation else []),
        ],
        _reader_said,
    ),
    "reference/formats": Room(
        "exporting.formats", "Formats for samplers",
        "A format is a kind of file that a sampler opens ([more](../../exporting.md)).",
        _format_facts, _format_said,
    ),
    "reference/experiments": Room(
        "experiments", "Experiments",
        "An experiment asks one question of the sources again and ends in a report "
        "([more](../../experiments.md); [what came of them](../../results.md)).",
        lambda one: [f"Source: {one.source}.", f"Needs {one.needs}."], _experiment_said,
    ),
}  # fmt: skip
