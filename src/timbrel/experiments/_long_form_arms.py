"""The instruments of the experiment about long sounds: what each is trained by, and its figures."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from timbrel.errors import LibraryError, TimbrelError, UsageError
from timbrel.evaluation.requirements import Piece, Pieces, measured
from timbrel.evaluation.steering import Steered, Steering
from timbrel.experiments import Request, _judging
from timbrel.experiments._judging import Sounds
from timbrel.experiments._training import trained
from timbrel.instruments.instrument import Instrument
from timbrel.library.pieces import place
from timbrel.progress import Tracker
from timbrel.signal.files import Sound
from timbrel.synthesis.generate import generate
from timbrel.tasks.sliders import known_steering, sliders
from timbrel.tasks.workspace import Workspace, checked_name

REFERENCE = 800  # training sounds at most that sets are compared with
Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Arm:
    """One instrument of the experiment.

    Attributes:
        recipe: The name of its recipe, or a recipe file.
        settings: Changes to it, each ``key=value``.
    """

    recipe: str
    settings: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What the report calls it."""
        changes = f" ({' '.join(self.settings)})" if self.settings else ""
        return f"{Path(self.recipe).stem}{changes}"

    @property
    def name(self) -> str:
        """What its instrument is called."""
        said = "-".join([Path(self.recipe).stem, *self.settings])
        return checked_name("".join(c if c.isalnum() or c in "-_" else "-" for c in said))


def arms_of(told: Sequence[str]) -> tuple[Arm, ...]:
    """Reads which instruments are compared.

    Args:
        told: Of each its recipe, and changes to it behind it: "growing network.equalised=divided".

    Returns:
        The arms.

    Raises:
        UsageError: When there are none, one is named twice, or a change is no ``key=value``.

    Example:
        >>> [arm.name for arm in arms_of(["growing", "growing network.equalised=divided"])]
        ['growing', 'growing-network-equalised-divided']
    """
    words = [one.split() for one in told]
    if not words or not all(words):
        raise UsageError("no recipe to train", "such as --set 'recipes=[\"long-form\"]'")
    arms = tuple(Arm(recipe, tuple(settings)) for recipe, *settings in words)
    for arm in arms:
        odd = [one for one in arm.settings if "=" not in one]
        if odd:
            raise UsageError(f"{odd[0]!r} behind the recipe {arm.recipe}", "key=value")
    names = [arm.name for arm in arms]
    if len(set(names)) < len(names):
        raise UsageError("an instrument twice", "each recipe once, or with other settings")
    return arms


def train_arm(request: Request, workspace: Workspace, arm: Arm, minutes: float) -> Instrument:
    """Trains an instrument, unless an earlier run has.

    Args:
        request: Of the experiment.
        workspace: The experiment's own.
        arm: What to train.
        minutes: For how long.

    Returns:
        The instrument.
    """
    return trained(
        request, workspace, arm.recipe, name=arm.name, minutes=minutes, settings=arm.settings
    )


@dataclass(frozen=True)
class Judge:
    """Measures one instrument after the other.

    Attributes:
        request: Of the experiment.
        workspace: The experiment's own.
        made: How many sounds each makes.
        songs: How many pieces of songs are measured beside.
        sliders: How many sliders are looked for; 0 looks for none.
    """

    request: Request
    workspace: Workspace
    made: int
    songs: int
    sliders: int

    def figures(self, instrument: Instrument) -> Figures:
        """Measures made sounds, and songs as the instrument hears them.

        Args:
            instrument: Who plays.

        Returns:
            Plain values: ``pieces``, as `pieces_of` reads them; ``sets`` and ``unheard sets``,
            measure to value and ends of its interval; ``failed``, why it makes no sound, else "".
        """
        songs = {split: self.pieces(instrument, split) for split in ("train", "test")}
        found: dict[str, Any] = {
            "pieces": {split: self._songs(of) if of else [] for split, of in songs.items()},
            "sets": {},
            "unheard sets": {},
            "failed": "",
        }
        try:
            made = made_sounds(instrument, self.made, seed=self.request.seed)
        except TimbrelError as error:
            return {**found, "failed": str(error)}
        rate = instrument.sample_rate
        named = [(f"sound {n + 1}", Sound(one[None], rate)) for n, one in enumerate(made)]
        found["pieces"]["made"] = self._measured(named)
        return {**found, **self._sets(instrument, made, songs["test"])}

    def steering(self, instrument: Instrument) -> dict[str, Any]:
        """Finds sliders, and what they do.

        Args:
            instrument: Who is steered.

        Returns:
            Plain values, as `steering_of` reads them; nothing where it cannot be steered.
        """
        if not self.sliders:
            return {}
        device, report = self.request.device, self.request.report
        try:
            sliders(
                self.workspace, instrument.name, count=self.sliders, device=device, report=report
            )
        except TimbrelError as error:
            return {"failed": str(error)}
        found = known_steering(self.workspace, instrument)
        return asdict(found) if found else {}

    def pieces(self, instrument: Instrument, split: str) -> Sounds | None:
        """Reads pieces of songs as an instrument hears them.

        Args:
            instrument: Who hears.
            split: "train" or "test".

        Returns:
            The pieces; None where there are none.
        """
        try:
            return _judging.held_out(
                self.workspace, instrument, most=self.songs, seed=self.request.seed, split=split
            )
        except LibraryError:
            return None

    def _songs(self, of: Sounds) -> list[Any]:
        """Measures pieces, each told to be of its song."""
        songs = (place(id_)[0] for id_ in of.ids)
        sounds = (Sound(one[None], of.sample_rate) for one in of.waveforms)
        return self._measured(list(zip(songs, sounds, strict=True)))

    def _measured(self, sounds: Sequence[tuple[str, Sound]]) -> list[Any]:
        """Every measure of each sound; None where it is undefined."""
        tracker = Tracker("measuring", len(sounds), self.request.report)

        def each() -> Iterator[tuple[str, dict[str, float | None]]]:
            for source, sound in sounds:
                values = measured(sound, source=source).values
                tracker.advance()
                yield source, {n: v if math.isfinite(v) else None for n, v in values.items()}

        return list(each())

    def _sets(self, instrument: Instrument, made: Tensor, unheard: Sounds | None) -> dict[str, Any]:
        """Made sounds and unheard songs as sets, each beside what was learned from."""
        seed, rate = self.request.seed, instrument.sample_rate
        try:
            known = _judging.reference(
                self.workspace, instrument, most=REFERENCE, seed=seed, report=self.request.report
            )
        except UsageError:
            return {}
        # as many of either: most of these numbers grow as a set gets smaller
        count = min(len(made), len(unheard.waveforms)) if unheard else len(made)
        sets = {"sets": made, "unheard sets": unheard.waveforms if unheard else made[:0]}
        return {
            name: _judging.set_figures(some[:count], rate, known, seed=seed) if len(some) else {}
            for name, some in sets.items()
        }


def made_sounds(instrument: Instrument, count: int, *, seed: int) -> Tensor:
    """Lets an instrument make sounds.

    Args:
        instrument: Who plays.
        count: How many.
        seed: Seed of the draws.

    Returns:
        The sounds, [count, T].

    Raises:
        AbilityError: When it makes no sound.
    """
    renders = generate(instrument, count=count, seed=seed)
    return torch.cat([render.sound.samples for render in renders])


def pieces_of(figures: Figures) -> Pieces:
    """Reads what was measured of one instrument.

    Args:
        figures: What `Judge.figures` gave, or JSON kept of it.

    Returns:
        Made sounds, and songs beside them.
    """
    told = {
        name: [
            Piece(source, {n: math.nan if v is None else v for n, v in values.items()})
            for source, values in some
        ]
        for name, some in figures["pieces"].items()
    }
    return Pieces(told["train"], told["test"], told.get("made", []))


def steering_of(told: Figures) -> Steering | None:
    """Reads what the sliders of one instrument do.

    Args:
        told: What `Judge.steering` gave, or JSON kept of it.

    Returns:
        The sliders; None where none were looked for, or it cannot be steered.
    """
    if "sliders" not in told:
        return None
    each = tuple(Steered(**one) for one in told["sliders"])
    return Steering(each, told["seeds"], told["without"])
