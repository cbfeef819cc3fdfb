"""The work of the experiment about one recording: what it trains, and what it remembers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from timbrel import recipes
from timbrel.errors import AbilityError, TimbrelError, TrainingError, UsageError
from timbrel.experiments import Request
from timbrel.experiments._long_form_arms import Arm
from timbrel.experiments._memory import Memory
from timbrel.experiments._recording_materials import (
    Holes,
    halves,
    placed_holes,
    repaired,
)
from timbrel.experiments._recording_options import OneRecordingOptions
from timbrel.experiments._shelf import Shelf
from timbrel.experiments._takes import Take
from timbrel.experiments._training import trained
from timbrel.instruments.instrument import Instrument
from timbrel.signal import files
from timbrel.signal.files import Sound
from timbrel.signal.spans import silenced
from timbrel.tasks.instruments import describe
from timbrel.tasks.recorded import learns_from_recordings
from timbrel.tasks.workspace import Workspace

Role = Literal["whole", "holes", "half"]
Rows = dict[str, dict[str, list[float]]]
REFUSALS = (TrainingError, AbilityError, UsageError)  # of one instrument; the others go on


@dataclass(frozen=True)
class Found:
    """What was measured of one part of one recording.

    Attributes:
        rows: Row to numbers, one a draw; a row without numbers is an instrument that cannot.
        heard: Captions, and files on the shelf.
        said: Sentences.
        pictures: Captions, and files on the shelf.
    """

    rows: Rows
    heard: Sequence[Sequence[str]] = ()
    said: Sequence[str] = ()
    pictures: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Work:
    """What one run shares.

    Attributes:
        request: What was asked for.
        options: How much is done.
        arms: The instruments' recipes.
        failed: Who (an instrument and what of it was asked) and which recording to why it was not
            done.
    """

    request: Request
    options: OneRecordingOptions
    arms: tuple[Arm, ...]
    failed: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def memory(self) -> Memory:
        """Figures that an earlier run has found."""
        return Memory(self.request.kept / "figures")

    @property
    def shelf(self) -> Shelf:
        """Sounds and pictures that an earlier run has made."""
        return Shelf(self.request.kept / "shelf")

    def learned(self, arm: Arm, take: Take, role: Role) -> Instrument:
        """Trains an instrument on a recording, or opens what an earlier run has trained.

        Args:
            arm: By which recipe.
            take: On which recording.
            role: On the whole of it, around holes, or on its first half.

        Returns:
            The instrument.

        Raises:
            TrainingError: When it cannot learn from this recording.
        """
        name = self.name_of(arm, take, role)
        sound, holes = self._material(take, role)
        path = self.request.kept / "material" / f"{take.key}-{role}.wav"
        if not path.is_file():
            files.write(path, sound, encoding="float_32")
        return trained(
            self.request,
            Workspace(self.request.kept),
            arm.recipe,
            name=name,
            minutes=self.options.minutes,
            settings=arm.settings,
            sounds=[path],
            holes=holes,
        )

    def players(self, take: Take, role: Role) -> dict[Arm, Instrument]:
        """Trains all instruments on a recording; those that cannot learn from it are named.

        Args:
            take: The recording.
            role: On what of it.

        Returns:
            Recipe to instrument.
        """
        found = {}
        for arm in self.arms:
            try:
                found[arm] = self.learned(arm, take, role)
            except REFUSALS as error:
                self.note(f"{arm.title} (training)", take, error)
        return found

    def note(self, who: str, take: Take, error: TimbrelError) -> None:
        """Notes what could not be done, for the verdict.

        Args:
            who: An instrument and what of it was asked.
            take: Of which recording.
            error: Why not.
        """
        self.failed[who, take.name] = reason(error)

    def trainings(self, arm: Arm, takes: Sequence[Take]) -> list[Mapping[str, object]]:
        """Tells what trainings of a recipe came to.

        Args:
            arm: The recipe.
            takes: The recordings.

        Returns:
            The summaries of those that were made.
        """
        workspace = Workspace(self.request.kept)
        there = set(workspace.instrument_names())
        names = (self.name_of(arm, take, role) for take in takes for role in get_args(Role))
        return [describe(workspace, name)["training"] for name in names if name in there]

    def name_of(self, arm: Arm, take: Take, role: Role) -> str:
        """Says what an instrument is called.

        Args:
            arm: By which recipe it is trained.
            take: On which recording.
            role: On what of it.

        Returns:
            The name.
        """
        return f"{take.key}-{role}-{self.arms.index(arm) + 1}-{Path(arm.recipe).stem[:24]}"

    def _material(self, take: Take, role: Role) -> tuple[Sound, Holes]:
        if role == "whole":
            return take.sound, []
        sound = repaired(take, self.options.repaired_at)
        if role == "half":
            first, _ = halves(sound)
            return first, []
        holes = self.holes(take)
        return Sound(silenced(sound.samples, holes, sound.sample_rate), sound.sample_rate), holes

    def holes(self, take: Take) -> Holes:
        """Says where the holes of a recording are.

        Args:
            take: The recording.

        Returns:
            Where each begins and ends, in seconds, in the order of the settings' lengths.

        Raises:
            UsageError: When the recording is too short for them.
        """
        sound = repaired(take, self.options.repaired_at)
        return placed_holes(sound, self.options.holes_ms, seed=self.request.seed)


def reason(error: TimbrelError) -> str:
    """Says why something could not be done, without advice for a command line.

    Args:
        error: What was raised.

    Returns:
        What was given, and what is accepted.

    Example:
        >>> reason(UsageError("a recording of 1 s", "2 s or more", "say --sound FILE"))
        'a recording of 1 s; accepted: 2 s or more'
    """
    return "; accepted: ".join(part for part in (error.given, error.accepted) if part)


def checked(arms: Sequence[Arm]) -> None:
    """Refuses recipes that do not learn from one recording, before anything is trained.

    Args:
        arms: The instruments' recipes.

    Raises:
        UsageError: When one of them learns from a library, or a setting does not fit.
        UnknownNameError: When there is no such recipe.
    """
    for arm in arms:
        recipe = recipes.override(recipes.find(arm.recipe), arm.settings)
        if not learns_from_recordings(recipe):
            raise UsageError(
                f"the recipe {arm.recipe}, which learns from a library",
                "recipes that learn from one recording, such as single and caw-s2",
            )
