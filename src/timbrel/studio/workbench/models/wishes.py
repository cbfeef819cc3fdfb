"""What jobs are asked for, a kind each."""

from typing import Annotated, Literal

from pydantic import Field

from timbrel.studio.workbench.models.common import (
    Asked,
    Hole,
    Id,
    Label,
    Minutes,
    Name,
    Projection,
    Reference,
    Seconds,
    Seed,
    Share,
    Sliding,
)


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
