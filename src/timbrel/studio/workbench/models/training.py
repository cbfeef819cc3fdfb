"""Recipes and trainings."""

from typing import Any, Literal

from timbrel.studio.workbench.models.common import Told


class Recipe(Told):
    """A recipe.

    Attributes:
        purpose: What it is for: one-shots, notes, songs, recording, phase, research or trial.
        recommended: Whether it is ours, and the first choice for its purpose.
        takes: What it learns from.
        about: A sentence or two about it.
    """

    name: str
    title: str
    about: str
    family: str
    sample_rate: int
    duration_s: float
    purpose: Literal["one-shots", "notes", "songs", "recording", "phase", "research", "trial"]
    recommended: bool
    takes: Literal["library", "recording"]


class Recipes(Told):
    """All recipes."""

    recipes: list[Recipe]


class RecipeDetail(Told):
    """A recipe in full."""

    toml: str
    networks: dict[str, int]
    command: str


class Warnings(Told):
    """What to know before training with a recipe on this library."""

    warnings: list[str]


class History(Told):
    """The course of a training; column by column, one entry a row of history.csv."""

    columns: dict[str, list[float | str | None]]


class Preview(Told):
    """A sound from the midst of a training: ``original``, or after so many steps."""

    sound: str
    number: int
    step: int | None


class Training(Told):
    """A training, running, stopped or ended.

    Attributes:
        name: The instrument's.
        recipe: Its recipe.
        job: The job that runs it, "" where none does.
        under_way: Whether it has not ended: it runs, or `resume` goes on with it.
        verdict: What it came to, in plain words; "" before that.
        history: Its course.
        previews: What was heard on the way.
        minutes: Its budget in minutes, None where it has none.
        steps: Its budget in steps, None where it has none.
    """

    name: str
    recipe: str
    job: str
    under_way: bool
    verdict: str
    history: History
    previews: list[Preview]
    minutes: float | None
    steps: int | None


class TrainingNames(Told):
    """The trainings there are: under way first."""

    trainings: list[dict[str, Any]]
