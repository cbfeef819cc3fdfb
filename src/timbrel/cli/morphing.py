"""The command that moves between sounds: morph."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from timbrel.cli import mixes, output, playing, session
from timbrel.cli import seeds as typed_seeds
from timbrel.cli.arguments import Force, Instrument, MaybeOutFolder, PhaseName
from timbrel.errors import UsageError

if TYPE_CHECKING:
    from timbrel.synthesis.pairs import Member, Pair

STEPS = 8
Sounds = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="A B [C [D]]",
        help="Two sound files, the ends of a line; three, the corners of a triangle; or four, "
        "those of a square.",
    ),
]
StepsBetween = Annotated[
    int | None,
    typer.Option(metavar="K", help=f"Sounds along the line or side, ends included; else {STEPS}."),
]
Weights = Annotated[
    list[str] | None,
    typer.Option(
        metavar="W,W",
        help="In place of steps: how much of each sound, such as 0.3,0.7; of two sounds the "
        "second's share alone will do. Below 0 and above 1 goes beyond them. More than once if "
        "you like.",
    ),
]
InTime = Annotated[
    str | None,
    typer.Option(
        metavar="TIME:W ...",
        help='In place of steps: one sound that changes, "0:0 0.3:0 1:1" from A to B; times from '
        '0 to 1, of more sounds "0:1/0/0 1:0/0.5/0.5".',
    ),
]
Curve = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="The way between: linear, spherical, or ease (slow at both ends).",
    ),
]
Energy = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="How loud each moment is made: interpolated between the sounds, their mean, or off "
        "(as the instrument plays it); without it as suits the instrument.",
    ),
]
Key = Annotated[
    int | None,
    typer.Option(metavar="N", help="Keep the pitch of sound number N, from 1."),
]
Seeds = Annotated[
    str | None,
    typer.Option(
        metavar="SEED,SEED...",
        help="In place of sounds: from the sound of one seed to that of the next, along a sphere, "
        "such as 3,7.",
    ),
]
OnlyPairs = Annotated[
    bool,
    typer.Option(
        "--pairs",
        help="Suggest pairs of sounds that are worth mixing, and make nothing.",
        show_default=False,
    ),
]


def morph(
    context: typer.Context,
    instrument: Instrument,
    sounds: Sounds = None,
    steps: StepsBetween = None,
    weights: Weights = None,
    path: InTime = None,
    curve: Curve = "linear",
    energy: Energy = None,
    key: Key = None,
    seeds: Seeds = None,
    pairs: OnlyPairs = False,
    out: MaybeOutFolder = None,
    phase: PhaseName = None,
    force: Force = False,
) -> None:
    """Mixes two to four sounds, in steps, by weights or over time."""
    at = session.of(context)
    ends = sounds or []
    if pairs:
        _one_of({"--pairs": pairs, "--seeds": seeds})
        _pairs(at, instrument, ends)
        return
    if seeds is not None:
        beside = {"sounds": ends, "--weights": weights, "--path": path, "--energy": energy,
                  "--key": key, "--curve": None if curve == "linear" else curve}  # fmt: skip
        _one_of({"--seeds": seeds, **beside})
        _seeds(at, instrument, seeds, steps, out, phase, force)
        return
    if not 2 <= len(ends) <= 4:
        raise UsageError(f"{len(ends)} sounds to morph between", "two to four sounds: A B [C [D]]")
    _one_of({"--steps": steps, "--weights": weights, "--path": path})
    if out is None:
        raise UsageError("no folder for the sounds", "--out DIR")
    for end in ends:
        session.existing([end], "a sound file")
    chosen = [mixes.weights(each, len(ends)) for each in weights] if weights else None
    drawn = None if path is None else mixes.path(path, len(ends))
    from timbrel.tasks import morph as task

    with at.progress() as report:
        made = task.morph(
            at.workspace,
            instrument,
            ends,
            steps=STEPS if steps is None and chosen is None and drawn is None else steps,
            weights=chosen,
            path=drawn,
            curve=curve,
            energy=energy,
            key=key,
            out=out,
            seed=at.seed,
            device=at.device(),
            phase=phase,
            force=force,
            report=report,
        )
    playing.finish(at, made)


def _seeds(
    at: session.Session,
    instrument: str,
    seeds: str,
    steps: int | None,
    out: Path | None,
    phase: str | None,
    force: bool,
) -> None:
    if out is None:
        raise UsageError("no folder for the sounds", "--out DIR")
    through = typed_seeds.read(seeds, "--seeds")
    from timbrel.tasks import journeys as task

    with at.progress() as report:
        made = task.between_seeds(
            at.workspace,
            instrument,
            through,
            steps=STEPS if steps is None else steps,
            out=out,
            seed=at.seed,
            device=at.device(),
            phase=phase,
            force=force,
            report=report,
        )
    playing.finish(at, made)


def _one_of(options: dict[str, object]) -> None:
    said = [name for name, given in options.items() if given not in (None, [])]
    if len(said) > 1:
        raise UsageError(" together with ".join(said), "one of them")


def _pairs(at: session.Session, instrument: str, sounds: Sequence[Path]) -> None:
    if sounds:
        raise UsageError("--pairs together with sounds", "one or the other")
    from timbrel.tasks import morph as task

    with at.progress():
        found = task.suggest_pairs(at.workspace, instrument, seed=at.seed)
    at.finish({"pairs": found}, lambda: _show_pairs(found))


def _show_pairs(found: Sequence["Pair"]) -> None:
    rows = [[*_told(pair.first), *_told(pair.second), pair.correlation] for pair in found]
    output.table(["one", "label", "pitch", "other", "label", "pitch", "alike"], rows)


def _told(member: "Member") -> list[object]:
    pitch = member.pitch_semitones
    return [member.name, member.label, None if pitch is None else round(pitch, 1)]
