"""The phase that a person names beside an instrument: a method, or a trained instrument."""

from timbrel.instruments.instrument import Instrument
from timbrel.synthesis import phases
from timbrel.synthesis.phases import Phase
from timbrel.tasks.instruments import open_named
from timbrel.tasks.workspace import Workspace


def named(workspace: Workspace, name: str | None, player: Instrument) -> Phase | None:
    """Finds the phase of a name.

    Args:
        workspace: Where trained instruments stand.
        name: A phase method or an instrument; None for the player's own.
        player: The instrument that shall play with it.

    Returns:
        The phase; None leaves it to the player.

    Raises:
        UnknownNameError: When nothing of that name exists.
        UsageError: When it does not fit the player.
        AbilityError: When the instrument of that name finds no phases.
    """
    if name is None:
        return None
    return phases.resolve(
        name,
        player,
        instruments=workspace.instrument_names(),
        opened=lambda other: open_named(workspace, other, str(player.device)),
    )


def for_new_sounds(
    workspace: Workspace, name: str | None, player: Instrument, *, mixed: bool = False
) -> Phase | None:
    """Finds the phase of a name for sounds that are new; see `named`.

    Args:
        workspace: Where trained instruments stand.
        name: A phase method or an instrument; None for the player's own.
        player: The instrument that shall play with it.
        mixed: Whether they are mixtures of sounds that are at hand, as in a morph.

    Returns:
        The phase; None leaves it to the player.

    Raises:
        UsageError: When it must be taken from a sound, as `original` is, or does not fit.
    """
    phase = named(workspace, name, player)
    return None if phase is None else phase.for_new_sounds(mixed=mixed)
