"""The workspace in a glance, and its jobs."""

from typing import Any, Literal

from pydantic import Field

from timbrel.studio.workbench.models.common import Fault, Told


class Moment(Told):
    """How far a job is."""

    stage: str
    done: float
    total: float
    seconds_left: float | None
    note: str


JobState = Literal["queued", "running", "done", "failed", "stopped"]

JobKind = Literal[
    "scan", "train", "estimate", "map", "sliders", "evaluate", "generate", "vary", "continue",
    "inpaint", "extend", "denoise", "duplicates", "listen",
]  # fmt: skip


class Job(Told):
    """A long piece of work, which is one command of the command line.

    Attributes:
        id: Its name.
        kind: What it does.
        title: What it does, in words.
        state: Where it stands.
        command: The command that it is, to be copied.
        progress: How far it is, None before it says so.
        position: How many jobs are before it in the queue; 0 where it runs or has ended.
        resumable: Whether `resume` goes on with it where it stopped.
        error: What went wrong, where it failed.
        result: What the command answered, where it is done.
        made: The sounds that it made, as they stand in the history.
        instrument: The instrument it is about, "" where none.
        created_s: When it was asked for, in s since 1970.
        started_s: When it began to run.
        ended_s: When it ended.
    """

    id: str
    kind: JobKind
    title: str
    state: JobState
    command: str
    progress: Moment | None = None
    position: int = 0
    resumable: bool = False
    error: Fault | None = None
    result: dict[str, Any] | None = None
    made: list[str] = Field(default_factory=list)
    instrument: str = ""
    created_s: float
    started_s: float | None = None
    ended_s: float | None = None


class Jobs(Told):
    """All jobs, the newest first."""

    jobs: list[Job]


class Instrument(Told):
    """An instrument in a list.

    Attributes:
        name: Its name.
        title: What its recipe makes.
        recipe: Its recipe.
        family: Its kind of model.
        abilities: What it can do, of DESIGN's words.
        sample_rate: In Hz.
        duration_s: Length that it hears and plays.
        labels: The labels that it knows.
        sounds: How many sounds it learned from.
        of_recordings: Whether it learned from a recording and not from a library.
        has_map: Whether it has a cloud of sounds that can be laid out.
        has_sliders: Whether its sliders were found.
        verdict: What its training came to, in plain words.
        problem: What is wrong with its folder, "" where nothing is.
    """

    name: str
    title: str = ""
    recipe: str = ""
    family: str = ""
    abilities: list[str] = Field(default_factory=list)
    sample_rate: int = 0
    duration_s: float = Field(0.0, allow_inf_nan=False)
    labels: list[str] = Field(default_factory=list)
    sounds: int = 0
    of_recordings: bool = False
    has_map: bool = False
    has_sliders: bool = False
    verdict: str = ""
    problem: str = ""


class Library(Told):
    """The library in sums; `timbrel library` tells the same."""

    count: int
    hours: float
    shortest_s: float
    longest_s: float
    labels: dict[str, int]
    sample_rates: dict[str, int]
    skipped: dict[str, int]
    warnings: list[str]
    command: str


class State(Told):
    """What there is: what the page shows first.

    Attributes:
        workspace: The name of the workspace's folder.
        place: Where it lies.
        version: The version of timbrel.
        library: The library in sums; None before the first scan.
        instruments: The instruments.
        device: What computes, such as "cpu".
        made: How many sounds are in the history.
        reports: What begins the address of every report.
    """

    workspace: str
    place: str
    version: str
    library: Library | None
    instruments: list[Instrument]
    device: str
    made: int
    reports: str
