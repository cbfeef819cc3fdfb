"""Which phase method an instrument plays with: the best of those measured after its training."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from timbrel import plugins
from timbrel.errors import InstrumentError, reason_line
from timbrel.recipes import Options, option

if TYPE_CHECKING:
    from timbrel.signal.phase import PhaseMethod


class PhaseTrial(Options):
    """What one phase method came to."""

    method: dict[str, Any] = option(..., "The method with its settings.")
    log_spectral_distance_db: float = option(
        ..., "How far the sound's own code is from the code wanted.", unit="dB", low=0
    )
    seconds_per_second: float = option(
        ..., "Processor time for a second of sound.", unit="s", low=0
    )


class MeasuredPhases(Options):
    """Phase methods side by side on the same sounds."""

    best: dict[str, Any] = option(..., "The method that the instrument plays with.")
    trials: tuple[PhaseTrial, ...] = option(..., "All that were measured.")
    sounds: int = option(..., "How many sounds they were measured on.", low=1)
    slowest_seconds_per_second: float = option(
        ..., "What takes longer is not chosen.", unit="s", low=0
    )


def method_of(table: Mapping[str, Any]) -> "PhaseMethod":
    """Makes a phase method from its settings as they stand in a folder.

    Args:
        table: Its ``name`` and settings.

    Returns:
        The method.

    Raises:
        InstrumentError: When there is no such method, or its settings do not fit.

    Example:
        >>> method_of({"name": "griffin_lim", "iterations": 8}).iterations
        8
    """
    try:
        made: PhaseMethod = plugins.load("signal.phase", str(table.get("name", ""))).model_validate(
            dict(table)
        )
    except Exception as error:  # a stranger's table can be wrong in more ways than can be listed
        reason = reason_line(error)
        raise InstrumentError(f"the measured phase method does not fit ({reason})") from None
    return made


def what_sounds(recipe: Mapping[str, Any], measured: MeasuredPhases | None) -> dict[str, Any]:
    """Joins the tables that decide how an instrument sounds, for its fingerprint.

    Args:
        recipe: The resolved recipe as plain tables.
        measured: The phases measured; None where there are none, as in older folders.

    Returns:
        One table.
    """
    return {**recipe, **({"best_phase": measured.best} if measured else {})}
