"""Sliders: what an instrument can be steered by, found once and kept in its folder."""

from timbrel.errors import AbilityError
from timbrel.evaluation.steering import Steered
from timbrel.evaluation.steering import Steering as Told
from timbrel.instruments.instrument import Instrument
from timbrel.progress import Report, silent
from timbrel.synthesis import slider_file, slider_search
from timbrel.synthesis.sliders import Sliders, Steering, Wanted, checked_count, steering
from timbrel.tasks.instruments import open_named
from timbrel.tasks.workspace import Workspace

COUNT = 8


def sliders(
    workspace: Workspace,
    name: str,
    *,
    count: int | None = None,
    force: bool = False,
    device: str = "cpu",
    report: Report = silent,
) -> Sliders:
    """Gives the sliders of an instrument; the first time it finds them, which takes minutes.

    Args:
        workspace: The workspace.
        name: The instrument.
        count: How many at most, 1 to 16; they are found anew where another number was asked
            before and did not suffice. None takes what there is, or 8.
        force: Whether they are found anew.
        device: Where the network shall live.
        report: Where progress goes.

    Returns:
        The sliders.

    Raises:
        UnknownNameError: When there is no such instrument.
        AbilityError: When it does not generate.
        InstrumentError: When the file of its sliders is damaged and `force` is false.
        UsageError: When `count` is out of range.
    """
    wanted = COUNT if count is None else checked_count(count)
    instrument = open_named(workspace, name, device)
    instrument.require("generate")
    folder = workspace.existing_instrument(name)
    there = None
    if not force:
        there = slider_file.read(folder, instrument, latent_size=instrument.latent_size)
    if there is not None and (count is None or count <= there.asked):
        return there.first(count)
    found = slider_search.find(instrument, count=wanted, report=report)
    slider_file.write(folder, found)
    return found


def known_steering(workspace: Workspace, instrument: Instrument) -> Told | None:
    """Tells what the sliders of an instrument do, where they were found before.

    Args:
        workspace: The workspace.
        instrument: The instrument.

    Returns:
        What a report tells of them; None where none were looked for yet.

    Raises:
        InstrumentError: When their file is damaged.
    """
    if "generate" not in instrument.abilities:
        return None
    folder = workspace.existing_instrument(instrument.name)
    there = slider_file.read(folder, instrument, latent_size=instrument.latent_size)
    if there is None:
        return None
    told = (
        Steered(one.name, one.descriptor, one.unit, one.step, dict(one.moved), one.monotone)
        for one in there.sliders
    )
    return Told(tuple(told), there.seeds, dict(there.without))


def steered(workspace: Workspace, instrument: Instrument, wanted: Wanted) -> Steering | None:
    """Sets the sliders of an instrument.

    Args:
        workspace: The workspace.
        instrument: The instrument.
        wanted: What is asked of its sliders.

    Returns:
        What moves latents so; None where nothing is asked.

    Raises:
        AbilityError: When its sliders were not found yet.
        UnknownNameError: When there is no slider of a name.
        UsageError: When a value is beyond a slider's range.
    """
    if not wanted.any:
        return None
    folder = workspace.existing_instrument(instrument.name)
    there = slider_file.read(folder, instrument, latent_size=instrument.latent_size)
    if there is None:
        raise AbilityError(
            f"the sliders of {instrument.name!r} are not found yet",
            advice=f"find them once: timbrel sliders {instrument.name!r}",
        )
    return steering(there, wanted)
