"""What instruments that learned from a recording make: vary, continue, inpaint, extend, denoise."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from timbrel.errors import UsageError
from timbrel.instruments import improvising
from timbrel.instruments.instrument import Instrument
from timbrel.progress import Report, silent
from timbrel.signal import files
from timbrel.signal.files import Sound
from timbrel.synthesis import improvisations, proposals, repairs
from timbrel.synthesis.proposals import Proposals
from timbrel.synthesis.renders import Render, checked_seed
from timbrel.tasks import phases, rendering
from timbrel.tasks.instruments import open_named
from timbrel.tasks.rendering import Rendered
from timbrel.tasks.workspace import Workspace

Make = Callable[[Instrument, Proposals], Iterable[Render]]


@dataclass(frozen=True)
class Asked:
    """Who shall make how many sounds, and where they go.

    Attributes:
        workspace: The workspace.
        name: The instrument.
        out: Where the renders go.
        count: How many proposals, 1 to 10,000.
        seed: Seed of all that is drawn.
        device: Where the network shall live.
        phase: A phase method, or an instrument that finds phases; None takes the instrument's own.
        force: Whether files of the same names are replaced.
        report: Where progress goes.
    """

    workspace: Workspace
    name: str
    out: Path
    count: int = 1
    seed: int = 0
    device: str = "cpu"
    phase: str | None = None
    force: bool = False
    report: Report = silent


def generate(asked: Asked, *, seconds: float | None = None) -> Rendered:
    """Makes new pieces.

    Args:
        asked: Who makes how many.
        seconds: How long each is; None makes them as long as the recordings.

    Returns:
        The renders' paths.

    Raises:
        UnknownNameError: When there is no such instrument.
        AbilityError: When it did not learn from a recording.
        UsageError: When length or count are out of range.
        ExistsError: When a file stands there and `force` is false.
    """

    def make(player: Instrument, wanted: Proposals) -> Iterable[Render]:
        return improvisations.generated(player, seconds=seconds, proposals=wanted)

    return _made(asked, "generate", make)


def vary(
    asked: Asked,
    *,
    amount: float = improvisations.AMOUNT,
    keep_s: float = 0.0,
    guide: Path | None = None,
) -> Rendered:
    """Makes variations of the recording that an instrument learned from, or of a guide.

    Args:
        asked: Who makes how many.
        amount: How far they depart from it: 0 hardly, 1 wholly.
        keep_s: How much of the beginning stays, in seconds.
        guide: Another sound whose structure is followed; None varies the recording itself.

    Returns:
        The renders' paths.

    Raises:
        UnknownNameError: When there is no such instrument.
        AbilityError: When it did not learn from a recording.
        UsageError: When amount, length or count are out of range.
        SoundFileError: When the guide cannot be read.
        ExistsError: When a file stands there and `force` is false.
    """
    led = None if guide is None else files.read(guide.expanduser())

    def make(player: Instrument, wanted: Proposals) -> Iterable[Render]:
        return improvisations.varied(
            player, amount=amount, keep_s=keep_s, guide=led, proposals=wanted
        )

    return _made(asked, "vary", make)


def carry_on(asked: Asked, *, seconds: float) -> Rendered:
    """Goes on where the recording ends that an instrument learned from: the command `continue`.

    Args:
        asked: Who makes how many.
        seconds: How long it goes on.

    Returns:
        The renders' paths: each the recording and what follows.

    Raises:
        UnknownNameError: When there is no such instrument.
        AbilityError: When it did not learn from a recording.
        UsageError: When the length or the count is out of range.
        ExistsError: When a file stands there and `force` is false.
    """

    def make(player: Instrument, wanted: Proposals) -> Iterable[Render]:
        return improvisations.continued(player, seconds=seconds, proposals=wanted)

    return _made(asked, "continue", make)


def inpaint(
    asked: Asked, *, holes: Sequence[tuple[float, float]] = (), sound: Path | None = None
) -> Rendered:
    """Fills holes of a recording.

    Args:
        asked: Who makes how many.
        holes: Where each begins and ends, in seconds; none takes those that it was trained around.
        sound: Another sound of its kind; None takes the recording that it learned from.

    Returns:
        The renders' paths.

    Raises:
        UnknownNameError: When there is no such instrument.
        AbilityError: When it did not learn from a recording.
        UsageError: When a hole lies outside of the sound.
        SoundFileError: When the sound cannot be read.
        ExistsError: When a file stands there and `force` is false.
    """
    heard = None if sound is None else files.read(sound.expanduser())

    def make(player: Instrument, wanted: Proposals) -> Iterable[Render]:
        where = holes
        if not where and heard is None:
            where = improvising.recording_of(player).holes_s(player.sample_rate)
            if not where:
                raise UsageError(
                    f"no hole, and {player.name!r} was trained around none", "--hole START,END"
                )
        return improvisations.inpainted(player, holes=where, sound=heard, proposals=wanted)

    return _made(asked, "inpaint", make)


def extend(asked: Asked, sound: Path, *, known_hz: float | None = None) -> Rendered:
    """Adds the high frequencies that a sound lacks.

    Args:
        asked: Who makes how many.
        sound: The sound.
        known_hz: Up to which frequency it is whole; None takes nearly half its rate.

    Returns:
        The renders' paths.

    Raises:
        UnknownNameError: When there is no such instrument.
        AbilityError: When it did not learn from a recording.
        UsageError: When nothing is missing.
        SoundFileError: When the sound cannot be read.
        ExistsError: When a file stands there and `force` is false.
    """
    heard = files.read(sound.expanduser())

    def make(player: Instrument, wanted: Proposals) -> Iterable[Render]:
        return repairs.extended(player, heard, known_hz=known_hz, proposals=wanted)

    return _made(asked, "extend_bandwidth", make)


def denoise(asked: Asked, sound: Path, *, strength: float = 1.0) -> Rendered:
    """Takes steady noise out of a sound.

    Args:
        asked: Who makes it; one is made.
        sound: The sound.
        strength: How much of the noise is taken, 0 to 1.

    Returns:
        The render's path.

    Raises:
        UnknownNameError: When there is no such instrument.
        AbilityError: When it cannot.
        UsageError: When the strength is out of range.
        SoundFileError: When the sound cannot be read.
        ExistsError: When a file stands there and `force` is false.
    """
    heard = files.read(sound.expanduser())

    def make(player: Instrument, wanted: Proposals) -> Iterable[Render]:
        return repairs.denoised(player, heard, strength=strength, proposals=wanted)

    return _made(asked, "denoise", make)


def stream(
    workspace: Workspace, name: str, *, seed: int = 0, device: str = "cpu"
) -> tuple[int, int, Iterator[Sound]]:
    """Plays a piece without an end.

    Args:
        workspace: The workspace.
        name: The instrument.
        seed: Seed of all that is drawn.
        device: Where the network shall live.

    Returns:
        The rate in Hz, the number of channels, and the sound, stretch by stretch.

    Raises:
        UnknownNameError: When there is no such instrument.
        AbilityError: When it did not learn from a recording.
    """
    instrument = open_named(workspace, name, device)
    instrument.require("vary")
    checked_seed(seed)
    rate = instrument.sample_rate
    parts = improvising.stream(instrument, seed=seed)
    return rate, instrument.facts.channels, (Sound(part, rate, name) for part in parts)


def _made(asked: Asked, ability: str, make: Make) -> Rendered:
    if asked.out.exists() and not asked.out.is_dir():
        raise UsageError(f"{asked.out} is a file", "a folder for the sounds")
    instrument = open_named(asked.workspace, asked.name, asked.device)
    instrument.require(ability)
    phase = phases.for_new_sounds(asked.workspace, asked.phase, instrument)
    made = make(instrument, Proposals(asked.count, asked.seed, phase))
    names = proposals.names(ability, asked.count)
    paths = rendering.write(
        made, out=asked.out, names=names, force=asked.force, stage="making sounds",
        report=asked.report,
    )  # fmt: skip
    return Rendered(paths)
