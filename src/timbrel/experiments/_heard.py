"""The instrument whose latents an experiment looks at: one by name, or one trained on the spot."""

from timbrel.experiments import Request
from timbrel.experiments import _material as material
from timbrel.experiments._training import trained
from timbrel.instruments.instrument import Instrument
from timbrel.recipes import Options, option
from timbrel.tasks.instruments import open_named
from timbrel.tasks.workspace import Workspace

QUICK = "quick"


class HeardOptions(Options):
    """Whose latents they are."""

    instrument: str = option(
        "", "An instrument of the workspace; where empty, one is trained on the sounds."
    )
    recipe: str = option("sample-vae-laptop", "The recipe of one that is trained.")
    training_minutes: float = option(
        3.0, "Minutes that one is trained.", unit="min", low=0.001, high=100_000
    )


def heard(request: Request, options: HeardOptions) -> Instrument:
    """Opens or trains the instrument.

    Args:
        request: What was asked for.
        options: Which instrument, or how to train one.

    Returns:
        The instrument; its cloud holds the latents.

    Raises:
        UnknownNameError: When there is no such instrument.
        AbilityError: When it has no map.
    """
    if options.instrument:
        instrument = open_named(Workspace(request.workspace), options.instrument, request.device)
    else:
        workspace = material.library(material.checked(request))
        instrument = trained(
            request, workspace, options.recipe, name=QUICK, minutes=options.training_minutes
        )
    instrument.require("map")
    return instrument
