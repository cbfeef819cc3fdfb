"""The command that shows what an instrument can be steered by, and how sliders are typed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from timbrel.cli import output, session
from timbrel.cli.arguments import Instrument
from timbrel.errors import UsageError

if TYPE_CHECKING:
    from timbrel.synthesis.sliders import Sliders, Wanted

SliderValues = Annotated[
    list[str] | None,
    typer.Option(
        "--slider",
        metavar="NAME=VALUE",
        help="Move every sound, such as brighter=+2: by two just audible steps; more than once if "
        "you like. `timbrel sliders INSTRUMENT` lists them.",
    ),
]
Locks = Annotated[
    list[str] | None,
    typer.Option(
        "--lock",
        metavar="NAME",
        help="Give every sound the same place on a slider: its middle, or what --slider says.",
    ),
]


def wanted(values: Sequence[str] | None, locks: Sequence[str] | None) -> "Wanted":
    """Reads what a person asks of sliders.

    Args:
        values: Such as "brighter=+2".
        locks: Names.

    Returns:
        The same as values.

    Raises:
        UsageError: When one is not written so, or a slider is set twice.

    Example:
        >>> wanted(["brighter=+2"], ["denser"]).values
        {'brighter': 2.0}
    """
    from timbrel.synthesis.sliders import Wanted, plain_name

    read: dict[str, float] = {}
    for text in values or []:
        name, sign, value = text.rpartition("=")
        number = _number(value) if sign else None
        if not name.strip() or number is None:
            raise UsageError(f"--slider {text}", "a name and a number, such as brighter=+2")
        if plain_name(name) in read:
            raise UsageError(f"--slider {name} more than once", "one value for each slider")
        read[plain_name(name)] = number
    return Wanted(read, tuple(plain_name(name) for name in locks or []))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def sliders(
    context: typer.Context,
    instrument: Instrument,
    count: Annotated[
        int | None,
        typer.Option(metavar="K", help="How many at most, 1 to 16.", show_default="8"),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Find them anew.", show_default=False)
    ] = False,
) -> None:
    """Shows the named sliders of an instrument; finds them first, which takes minutes.

    They are found by listening to what directions of its latent space do, without any labels.
    """
    at = session.of(context)
    from timbrel.tasks import sliders as task

    with at.progress() as report:
        found = task.sliders(
            at.workspace, instrument, count=count, force=force, device=at.device(), report=report
        )
    at.finish(_document(instrument, found), lambda: _show(found))


def _document(instrument: str, found: "Sliders") -> dict[str, object]:
    kept = {"move", "read"}
    return {
        "instrument": instrument,
        "checked_on_seeds": found.seeds,
        "sliders": [slider.model_dump(exclude=kept) for slider in found.sliders],
        "without": found.without,
    }


def _show(found: "Sliders") -> None:
    headings = ["slider", "from", "to", "steady", "strictly", "cross-talk", "a unit is",
                "moves, over its range, in just audible steps"]  # fmt: skip
    rows = [
        [
            slider.name,
            round(slider.low, 1),
            round(slider.high, 1),
            _per_cent(slider.monotone),
            _per_cent(slider.strictly),
            round(slider.cross_talk, 2),
            f"{slider.step:g} {slider.unit}",
            ", ".join(f"{name} {steps:+.1f}" for name, steps in _most(slider.moved)),
        ]
        for slider in found.sliders
    ]
    if rows:
        output.table(headings, rows)
        output.line(
            f"steady: share of {found.seeds} fresh seeds that never go audibly back; cross-talk: "
            "the largest change of another descriptor, as a share of its own"
        )
    for name, why in found.without.items():
        output.line(f"no slider for {name}: {why}")


def _most(moved: dict[str, float]) -> list[tuple[str, float]]:
    """The descriptors that move audibly, the most moved first."""
    ordered = sorted(moved.items(), key=lambda one: -abs(one[1]))
    return [one for one in ordered if abs(one[1]) >= 1]


def _per_cent(share: float) -> str:
    return f"{100 * share:.0f} %"
