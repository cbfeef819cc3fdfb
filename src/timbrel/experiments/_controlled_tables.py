"""The tables and the verdict of a controlled experiment, each word of it from the numbers."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from timbrel.experiments import _findings as findings
from timbrel.experiments._contrasts import Contrast, Variable, contrast, mean_cell, seeds_cell
from timbrel.experiments._controlled import Arm, Design, Held, Measured, Terms, Trial
from timbrel.experiments._findings import Cell, Column, Table

MEGABYTE = 1e6
FITTED = "fitted"  # how a network ends that learns nothing by steps
Courses = Mapping[str, Mapping[str, Any]]


def conditions(held: Held, terms: Terms, *, sounds: int, seed: int) -> Table:
    """Makes the table of what was held equal.

    Args:
        held: What is equal in all recipes.
        terms: The terms of all trainings.
        sounds: How many sounds the library holds.
        seed: The first seed.

    Returns:
        A row a condition.
    """
    last = seed + terms.seeds - 1
    rows = {
        "Sounds": f"the same {sounds}, and for each seed the same split (checked)",
        "Seeds": f"{seed} to {last}, of split, network and order" if terms.seeds > 1 else f"{seed}",
        "Training": terms.said(),
        **{key: json.dumps(value, ensure_ascii=False) for key, value in held.equal.items()},
    }
    return Table(
        "What was held equal",
        "Checked before anything was trained; recipes that differ in more than they may are "
        "refused.",
        (Column("In all arms"),),
        {name: [findings.words(said)] for name, said in rows.items()},
    )


def differences(held: Held, arms: Sequence[Arm]) -> Table:
    """Makes the table of the independent variable.

    Args:
        held: What differs.
        arms: The arms.

    Returns:
        A row a setting, a column an arm.
    """
    rows = {
        key: [findings.words(_value(row[arm.name])) for arm in arms]
        for key, row in {"recipe": {arm.name: arm.recipe for arm in arms}, **held.differs}.items()
    }
    return Table(
        "What differs: the independent variable",
        "– stands for a setting that a recipe does not have.",
        tuple(Column(arm.name) for arm in arms),
        rows,
    )


def _value(value: Any) -> str:
    return "–" if value is None else json.dumps(value, ensure_ascii=False)


def results(
    title: str,
    note: str,
    variables: Sequence[Variable],
    trials: Sequence[Trial],
    measured: Mapping[str, Measured],
) -> Table:
    """Makes the table of the dependent variables.

    Args:
        title: Its heading.
        note: What to know of it.
        variables: The columns.
        trials: The trials.
        measured: What was measured of each.

    Returns:
        A row an arm: means over seeds, with their intervals.
    """
    columns = tuple(Column(one.title, one.better, one.digits) for one in variables)
    rows = {
        arm.name: [mean_cell(trials, measured, arm, one.key) for one in variables]
        for arm in arms_of(trials)
    }
    return Table(
        title, f"{note} n is the number of trainings; intervals are over them.", columns, rows
    )


def arms_of(trials: Sequence[Trial]) -> list[Arm]:
    """Lists the arms of trials, each once, in their order.

    Args:
        trials: The trials.

    Returns:
        The arms.
    """
    return list(dict.fromkeys(trial.arm for trial in trials))


def costs(trials: Sequence[Trial], courses: Courses) -> Table:
    """Makes the table of what training took, which S0 recorded as well.

    Args:
        trials: The trials.
        courses: How each went.

    Returns:
        A row an arm.
    """
    columns = (
        Column("Parameters", digits=0), Column("Seconds an epoch", "lower", 2),
        Column("Peak memory (MB)", "lower", 0), Column("Epochs", digits=1),
        Column("Best epoch", digits=1), Column("Seconds", digits=0), Column("Converged"),
    )  # fmt: skip
    rows = {arm.name: _cost(arm, trials, courses) for arm in arms_of(trials)}
    return Table(
        "What training took",
        "Peak memory is that of the graphics card, or without one of the whole process, in which "
        "earlier trainings count too. A training has converged where it was ended by patience and "
        "not by its budget.",
        columns,
        rows,
    )


def _cost(arm: Arm, trials: Sequence[Trial], courses: Courses) -> list[Cell]:
    own = [courses[one.name] for one in trials if one.arm == arm]
    peaks = [one["memory_bytes"] / MEGABYTE for one in own]
    means = ("epochs", "best_epoch", "seconds")
    return [
        findings.single(own[0]["parameters"], count=0),
        seeds_cell([one["epoch_seconds"] for one in own]),
        findings.single(max(peaks), count=0),
        *(seeds_cell([one[name] for one in own]) for name in means),
        findings.words(f"{sum(map(converged, own))} of {len(own)}"),
    ]


def converged(course: Mapping[str, Any]) -> bool:
    """Says whether a training ended because nothing was gained any more.

    Args:
        course: How it went.

    Returns:
        Whether it did; networks that are fitted without steps have.
    """
    return course["stopped_because"] in ("patience", FITTED)


def contrasts(
    variables: Sequence[Variable],
    trials: Sequence[Trial],
    measured: Mapping[str, Measured],
    *,
    unit: str,
) -> dict[tuple[str, str], Contrast]:
    """Compares every arm with the first one.

    Args:
        variables: Which variables.
        trials: The trials.
        measured: What was measured of each.
        unit: What one value belongs to, for people.

    Returns:
        (name of an arm, key of a variable) to the difference from the first arm, where there is
        one.
    """
    first, *others = arms_of(trials)
    found = {
        (arm.name, one.key): contrast(trials, measured, one, (first, arm), unit=unit)
        for arm in others
        for one in variables
    }
    return {key: value for key, value in found.items() if value is not None}


def verdict(
    design: Design,
    terms: Terms,
    found: Mapping[tuple[str, str], Contrast],
    courses: Courses,
) -> str:
    """Writes the paragraph that answers the question, from the numbers alone.

    Args:
        design: What was compared.
        terms: The terms of all trainings.
        found: The differences from the first arm.
        courses: How each training went.

    Returns:
        One paragraph.
    """
    first = design.arms[0].name
    told = [_told(arm.name, first, found) for arm in design.arms[1:]]
    return " ".join([*told, ended(courses, terms)])


def _told(name: str, first: str, found: Mapping[tuple[str, str], Contrast]) -> str:
    own = [one for (arm, _), one in found.items() if arm == name]
    better = [_each(one) for one in own if one.gain > 0]
    worse = [_each(one) for one in own if one.gain < 0]
    level = [_each(one) for one in own if one.gain == 0]
    if not own:
        return f"Nothing that {name} and {first} were measured by has a value for both."
    parts = [f"better in {'; '.join(better)}"] if better else []
    parts += [f"worse in {'; '.join(worse)}"] if worse else []
    parts += [f"not told apart in {'; '.join(level)}"] if level else []
    head = "" if better else "not better: "
    return f"Against {first}, {name} is {head}{', and '.join(parts)}."


def _each(one: Contrast) -> str:
    return f"{one.variable.title} {one.said()}"


def ended(courses: Courses, terms: Terms) -> str:
    """Says honestly how many trainings had converged.

    Args:
        courses: How each training went.
        terms: Their terms.

    Returns:
        One sentence.
    """
    learned = [one for one in courses.values() if one["stopped_because"] != FITTED]
    count, done = len(learned), sum(map(converged, learned))
    if not count:
        return "All networks were fitted, without steps."
    if done == count:
        return f"All {count} trainings had converged."
    which = "none" if not done else f"{done}"
    return (
        f"Of {count} trainings {which} had converged when they ended ({terms.said()}): the order "
        "may change with longer training."
    )
