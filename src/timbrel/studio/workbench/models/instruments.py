"""An instrument in full, its map, and what it is asked to play at once."""

from pydantic import Field

from timbrel.studio.workbench.models.common import (
    Asked,
    Hole,
    Label,
    Point,
    Projection,
    Reference,
    Seed,
    Sliding,
    Told,
    Weight,
)
from timbrel.studio.workbench.models.workspace import Instrument


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


class PickWish(Asked):
    """A sound of the map: of points, of sounds, or of a mix of both."""

    at: list[Point] = Field(default_factory=list, max_length=16)
    sounds: list[Reference] = Field(default_factory=list, max_length=16)
    weights: list[Weight] | None = Field(None, max_length=32)
    projection: Projection = "umap"
    seed: Seed = 0


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
