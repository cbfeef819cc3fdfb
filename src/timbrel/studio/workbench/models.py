"""What the page and the server say to each other: every request and answer, with its limits.

Names are looked up, never joined to a path. A sound is named by where it is known:
``library:ID``, ``made:ID``, ``upload:ID`` or ``training:ID``.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

MOST_SEED = 2**32 - 1
MOST_IDS = 100_000

Reference = Annotated[str, Field(pattern=r"^(library|made|upload|training):[0-9a-z-]{1,64}$")]
Id = Annotated[str, Field(pattern=r"^[0-9a-z]{1,32}$")]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Label = Annotated[str, Field(max_length=120)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=-2, le=3, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=36_000, allow_inf_nan=False)]
Minutes = Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]
Seed = Annotated[int, Field(ge=0, le=MOST_SEED)]
Point = tuple[Share, Share]
Hole = tuple[Seconds, Seconds]
Projection = Literal["umap", "tsne", "pca"]


class Asked(BaseModel):
    """The base of all that the page sends."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    """The base of all that the server answers."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _readable(cls, told: Any) -> Any:
        return readable(told)


def readable(value: Any) -> Any:
    r"""Makes texts such that an answer can say them: a stranger's file may hold half a letter.

    Args:
        value: Texts, in lists and mappings or not.

    Returns:
        The same, with a question mark for what is no letter.

    Example:
        >>> readable(["a\udcff", 1])
        ['a?', 1]
    """
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {readable(key): readable(entry) for key, entry in value.items()}
    return [readable(entry) for entry in value] if isinstance(value, list) else value


class Fault(Told):
    """What went wrong: what was given, what is accepted, what to do next.

    Attributes:
        text: All of it in one line.
        given: What was wrong.
        accepted: What would have been accepted, "" where that does not help.
        advice: What to do next, "" where there is nothing.
    """

    text: str
    given: str = ""
    accepted: str = ""
    advice: str = ""


class FaultAnswer(Told):
    """The answer to a request that failed."""

    error: Fault


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


# ---- what jobs are asked for


class ScanWish(Asked):
    """Adds sounds to the library: of a path, of an upload, or those that timbrel makes itself."""

    kind: Literal["scan"]
    path: str | None = Field(None, max_length=4096)
    upload: Id | None = None
    demo: bool = False


class TrainWish(Asked):
    """Trains an instrument on the library, or on recordings; `resume` goes on with one."""

    kind: Literal["train"]
    name: Name
    recipe: Name | None = None
    minutes: Minutes | None = None
    steps: int | None = Field(None, ge=1, le=10**9)
    sounds: list[Reference] = Field(default_factory=list, max_length=64)
    holes: list[Hole] = Field(default_factory=list, max_length=64)
    origin: Name | None = None
    settings: list[Annotated[str, Field(max_length=200)]] = Field(
        default_factory=list, max_length=64
    )
    seed: Seed = 0
    resume: bool = False
    force: bool = False


class EstimateWish(Asked):
    """Says what a training would take."""

    kind: Literal["estimate"]
    recipe: Name
    minutes: Minutes | None = None
    steps: int | None = Field(None, ge=1, le=10**9)
    sounds: list[Reference] = Field(default_factory=list, max_length=64)
    holes: list[Hole] = Field(default_factory=list, max_length=64)
    origin: Name | None = None
    settings: list[Annotated[str, Field(max_length=200)]] = Field(
        default_factory=list, max_length=64
    )


class MapWish(Asked):
    """Lays the map of an instrument out, with the library's new sounds on it."""

    kind: Literal["map"]
    instrument: Name
    projection: Projection = "umap"
    seed: Seed = 0
    fresh: bool = False


class SlidersWish(Asked):
    """Finds the named sliders of an instrument, which takes minutes."""

    kind: Literal["sliders"]
    instrument: Name
    force: bool = False


class EvaluateWish(Asked):
    """Judges instruments; several are compared in one report."""

    kind: Literal["evaluate"]
    instruments: list[Name] = Field(min_length=1, max_length=8)
    per_label: int | None = Field(None, ge=2, le=10_000)
    seed: Seed = 0


class Sliding(Asked):
    """What is asked of an instrument's sliders."""

    values: dict[Name, Annotated[float, Field(ge=-1000, le=1000, allow_inf_nan=False)]] = Field(
        default_factory=dict, max_length=16
    )
    locked: list[Name] = Field(default_factory=list, max_length=16)


class GenerateWish(Asked):
    """Makes many sounds, and keeps the best of them where `keep` is given."""

    kind: Literal["generate"]
    instrument: Name
    count: int = Field(ge=1, le=10_000)
    keep: int | None = Field(None, ge=1, le=10_000)
    label: Label | None = None
    seconds: Seconds | None = None
    tempo_bpm: float | None = Field(None, ge=1, le=1000)
    sliders: Sliding = Sliding()
    seed: Seed = 0


class VaryWish(Asked):
    """Makes variations of the recording that an instrument learned."""

    kind: Literal["vary"]
    instrument: Name
    amount: Share = 0.5
    keep_s: Seconds = 0.0
    guide: Reference | None = None
    count: int = Field(1, ge=1, le=64)
    seed: Seed = 0


class ContinueWish(Asked):
    """Goes on where the recording ends."""

    kind: Literal["continue"]
    instrument: Name
    seconds: Seconds
    count: int = Field(1, ge=1, le=64)
    seed: Seed = 0


class InpaintWish(Asked):
    """Fills holes; without any, those that the instrument was trained around."""

    kind: Literal["inpaint"]
    instrument: Name
    holes: list[Hole] = Field(default_factory=list, max_length=64)
    sound: Reference | None = None
    count: int = Field(1, ge=1, le=64)
    seed: Seed = 0


class ExtendWish(Asked):
    """Adds the high frequencies that a sound lacks."""

    kind: Literal["extend"]
    instrument: Name
    sound: Reference
    known_hz: float | None = Field(None, gt=0, le=200_000)
    seed: Seed = 0


class DenoiseWish(Asked):
    """Takes steady noise out of a sound."""

    kind: Literal["denoise"]
    instrument: Name
    sound: Reference
    strength: Share = 1.0
    seed: Seed = 0


class DuplicatesWish(Asked):
    """Looks for files that hold the same recording."""

    kind: Literal["duplicates"]


class ListenWish(Asked):
    """Builds a listening test: what instruments make, beside the library's own sounds."""

    kind: Literal["listen"]
    name: Name
    test: Literal["questionnaire", "mos", "abx", "mushra", "preference"] = "preference"
    systems: dict[Name, list[Reference]] = Field(min_length=1, max_length=8)
    originals: list[Reference] = Field(default_factory=list, max_length=1000)
    items: int | None = Field(None, ge=1, le=1000)
    seed: Seed = 0


Wish = Annotated[
    ScanWish | TrainWish | EstimateWish | MapWish | SlidersWish | EvaluateWish | GenerateWish
    | VaryWish | ContinueWish | InpaintWish | ExtendWish | DenoiseWish | DuplicatesWish
    | ListenWish,
    Field(discriminator="kind"),
]  # fmt: skip


# ---- the workspace and its library


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


class LibrarySound(Told):
    """A sound of the library, as a row of the table."""

    sound: str
    name: str
    folder: str
    label: str
    group: str
    duration_s: float
    sample_rate: int
    channels: int
    format: str
    peak_db: float
    loudness_lufs: float | None
    pitch_semitones: float | None
    pitch: str


Order = Literal[
    "name", "label", "duration_s", "pitch_semitones", "loudness_lufs", "peak_db", "sample_rate",
    "group", "format", "folder",
]  # fmt: skip


class LibrarySounds(Told):
    """Some rows of the table, and how many there are in all."""

    total: int
    start: int
    sounds: list[LibrarySound]
    command: str


class Refused(Told):
    """A file that could not be used, and why."""

    name: str
    reason: str
    kind: str = ""


class RefusedFiles(Told):
    """Files that the library does not hold, and why."""

    total: int
    files: list[Refused]


class Labelling(Asked):
    """New labels for sounds of the library: for those listed, or for all that a search finds."""

    sounds: list[Reference] = Field(default_factory=list, max_length=MOST_IDS)
    words: str = Field("", max_length=200)
    label_is: Label | None = None
    every: bool = False
    label: Label


class Labelled(Told):
    """How many sounds got another label."""

    changed: int
    command: str


Aspect = Literal["all", "timbre", "pitch", "length", "loudness"]


class Likeness(Asked):
    """A search for sounds that sound like one."""

    sound: Reference
    top: int = Field(24, ge=1, le=500)
    by: dict[Aspect, Weight] = Field(default={"all": 1.0}, min_length=1)
    label: Label | None = None


class Match(Told):
    """A sound that sounds like the one asked for."""

    sound: LibrarySound
    distance: float
    aspects: dict[str, float]


class Matches(Told):
    """What a search found, the nearest first."""

    matches: list[Match]
    command: str


class Uploaded(Told):
    """A file that was taken in."""

    sound: str
    name: str
    duration_s: float
    sample_rate: int
    channels: int


class Uploads(Told):
    """What became of the files that were sent."""

    upload: str
    files: list[Uploaded]
    refused: list[Refused]


class Peaks(Told):
    """A sound's outline: the largest magnitude in each of some stretches, 0 to 1."""

    duration_s: float
    sample_rate: int
    channels: int
    peaks: list[float]


# ---- instruments and what they make


class SliderInfo(Told):
    """A slider: what it is called, and what it moves.

    Attributes:
        name: Its name.
        step: How far one just audible step is in its unit.
        low: How far it goes down, in steps.
        high: How far it goes up, in steps.
        tells: What one step does, in words.
        percent_monotone: For how many of the seeds that it was checked on it moves the right way.
    """

    name: str
    step: float
    unit: str
    low: float
    high: float
    tells: str
    percent_monotone: float


class InstrumentDetail(Told):
    """All about an instrument.

    Attributes:
        about: The facts of the list.
        card: Its card, Markdown.
        sliders: Its sliders; None before they were found.
        recordings: The recordings it learned from, as sounds of `training:`.
        holes: Where nothing was learned from them, in seconds.
        previews: What was heard while it learned.
        folder: The address where reports of it lie, "" before there is one.
    """

    about: Instrument
    card: str
    sliders: list[SliderInfo] | None
    recordings: list[str]
    holes: list[Hole]


class Sign(Told):
    """A name that stands on the map."""

    text: str
    x: float
    y: float
    count: int


class Map(Told):
    """The map of an instrument; column by column, one entry a sound.

    Attributes:
        ready: Whether it is laid out; where it is not, a job `map` does it and the rest is empty.
        positions: x and y of each sound, float32 little-endian in base64, [M, 2], 0 to 1, y up.
        sounds: ``library:ID`` of each.
        names: What each is called.
        groups: The names of the colours.
        heading: What the groups are.
        colours: The colour of each group, #rrggbb.
        group: The group of each sound.
        starts_s: Where each begins in its file.
        duration_s: How long each file is, None where the library does not know it any more.
        pitch_semitones: Its pitch, None where unknown.
        loudness_lufs: Its loudness, None where unknown.
        added: How many of the last came later than the instrument.
        spacing: How far neighbours lie apart, in sides of the map.
    """

    ready: bool
    positions: str = ""
    sounds: list[str] = Field(default_factory=list)
    names: list[str] = Field(default_factory=list)
    groups: list[str] = Field(default_factory=list)
    heading: str = ""
    colours: list[str] = Field(default_factory=list)
    group: list[int] = Field(default_factory=list)
    signs: list[Sign] = Field(default_factory=list)
    starts_s: list[float] = Field(default_factory=list)
    duration_s: list[float | None] = Field(default_factory=list)
    pitch_semitones: list[float | None] = Field(default_factory=list)
    loudness_lufs: list[float | None] = Field(default_factory=list)
    added: int = 0
    spacing: float = 0.0


class Made(Told):
    """A sound that was made, as it stands in the history.

    Attributes:
        id: Its name in the history.
        sound: ``made:ID``.
        name: What it is called; its file is called so.
        kind: What made it: pick, path, generate, morph, vary ...
        instrument: Who made it.
        seed: Its seed.
        duration_s: Its length.
        sample_rate: Its rate in Hz.
        created_s: When it was made, in s since 1970.
        starred: Whether it is to be kept.
        rejected: Whether it is of no use.
        command: The command that makes it.
        parents: What it was made of, the heaviest first.
        note: What was asked for and could not be, "" mostly.
        settings: The settings it was made with.
        distance: How far it is from the library's nearest sound, in units of hearing: 1 is
            clearly another timbre; None where that was not measured.
    """

    id: str
    sound: str
    name: str
    kind: str
    instrument: str
    seed: int
    duration_s: float
    sample_rate: int
    created_s: float
    starred: bool = False
    rejected: bool = False
    command: str
    parents: list[dict[str, Any]] = Field(default_factory=list)
    note: str = ""
    settings: dict[str, Any] = Field(default_factory=dict)
    distance: float | None = None


class MadeSounds(Told):
    """Some of the history, the newest first, and how many there are in all."""

    total: int
    made: list[Made]


class PickWish(Asked):
    """A sound of the map: of points, of sounds, or of a mix of both."""

    at: list[Point] = Field(default_factory=list, max_length=16)
    sounds: list[Reference] = Field(default_factory=list, max_length=16)
    weights: list[Weight] | None = Field(None, max_length=32)
    projection: Projection = "umap"
    seed: Seed = 0


class Neighbour(Told):
    """A sound of the library near a new one.

    Attributes:
        sound: The library's sound.
        distance: How far it sounds from the new one, in units of hearing.
        copy_: Whether the new one is so near that it may be taken for a copy.
    """

    sound: LibrarySound
    distance: float
    copied: bool


class Picked(Told):
    """A new sound of the map.

    Attributes:
        made: The sound.
        at: Where it lies.
        note: What was asked for and could not be, "" mostly.
    """

    made: Made
    at: Point
    note: str


class PathWish(Asked):
    """A way over the map, heard as one sound that changes."""

    points: list[Point] = Field(min_length=2, max_length=256)
    steps: int = Field(8, ge=2, le=64)
    seconds: float | None = Field(None, ge=0.1, le=600)
    projection: Projection = "umap"
    seed: Seed = 0


class PlayWish(Asked):
    """A few sounds at once: what a press of a key asks for."""

    count: int = Field(1, ge=1, le=16)
    label: Label | None = None
    seconds: float | None = Field(None, ge=0.05, le=600)
    tempo_bpm: float | None = Field(None, ge=1, le=1000)
    sliders: Sliding = Sliding()
    seed: Seed = 0


class MorphWish(Asked):
    """A sound between two to four sounds."""

    sounds: list[Reference] = Field(min_length=2, max_length=4)
    weights: list[Weight] | None = Field(None, min_length=2, max_length=4)
    steps: int | None = Field(None, ge=2, le=16)
    seed: Seed = 0


class MadeNow(Told):
    """What was made at once."""

    made: list[Made]


class Neighbours(Told):
    """The library's sounds nearest to one, and whether it is a copy of one of them."""

    neighbours: list[Neighbour]
    copied: bool
    text: str


class CopiedRun(Told):
    """A stretch of a sound that is a stretch of the recording."""

    begins_s: float
    from_s: float
    length_s: float


class Copies(Told):
    """Which moments of a sound are moments of the recording; one entry a moment.

    Attributes:
        times_s: When each moment is.
        places_s: Where its counterpart is in the recording.
        copied: Whether it is the counterpart itself, up to gain.
        audible: Whether it is not silent.
        runs: The copied stretches.
        copied_percent: Of the audible moments; None for silence.
        novelty: How new the sound is, 0 to 1; None for silence.
    """

    times_s: list[float]
    places_s: list[float]
    copied: list[bool]
    audible: list[bool]
    runs: list[CopiedRun]
    copied_percent: float | None
    novelty: float | None


class MadeChange(Asked):
    """A change to a sound of the history."""

    starred: bool | None = None
    rejected: bool | None = None
    name: str | None = Field(None, min_length=1, max_length=96)


class Ids(Asked):
    """Sounds of the history."""

    ids: list[Id] = Field(min_length=1, max_length=MOST_IDS)


class Renaming(Asked):
    """New names for sounds of the history.

    Attributes:
        ids: The sounds, in the order in which they are numbered.
        pattern: The name; ``{n}`` is the number, ``{label}`` the label of the heaviest parent,
            ``{instrument}`` and ``{seed}`` what they say.
    """

    ids: list[Id] = Field(min_length=1, max_length=10_000)
    pattern: str = Field(min_length=1, max_length=80)


class MadeAgain(Told):
    """What came of making a sound again.

    Attributes:
        made: The new sound; None where a job makes it.
        same: Whether its samples are those of the first, to the last bit.
        job: The job that makes it again, where it was made by one.
    """

    made: Made | None = None
    same: bool | None = None
    job: Job | None = None


class PackWish(Asked):
    """A pack to take away.

    Attributes:
        ids: The sounds of the history that are in it.
        name: What it is called.
        audio: The kind of sound file.
        formats: For which samplers it holds an instrument.
    """

    ids: list[Id] = Field(min_length=1, max_length=1000)
    name: Name
    audio: Literal["wav", "flac"] = "wav"
    formats: list[Literal["sfz", "decentsampler"]] = Field(default_factory=list, max_length=2)


class Pack(Told):
    """A pack, ready to be downloaded."""

    id: str
    name: str
    address: str
    size_bytes: int
    files: list[str]
    command: str


# ---- recipes and trainings


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


# ---- judging


class ReportInfo(Told):
    """A report; its address is opened as it stands."""

    name: str
    title: str
    created_s: float
    address: str
    verdict: list[str]


class Reports(Told):
    """The reports, the newest first."""

    reports: list[ReportInfo]


class TestInfo(Told):
    """A listening test.

    Attributes:
        address: Where it is served now, "" where it is not.
        listeners: How many have begun it.
        answers: How many answers there are.
        findings: What they say so far, in plain words.
        command: The command that serves it.
    """

    name: str
    title: str
    kind: str
    items: int
    listeners: int
    answers: int
    findings: list[str]
    address: str
    command: str


class Tests(Told):
    """The listening tests."""

    tests: list[TestInfo]
