"""Generate: new sounds."""

from pathlib import Path

from timbrel.progress import Report, silent
from timbrel.synthesis import generate as synthesis
from timbrel.synthesis import renders
from timbrel.synthesis.sliders import Wanted
from timbrel.synthesis.takes import Take
from timbrel.tasks import phases, rendering, sliders
from timbrel.tasks.instruments import open_named
from timbrel.tasks.rendering import Rendered
from timbrel.tasks.workspace import Workspace


def generate(  # noqa: PLR0913 - one argument an option of the command
    workspace: Workspace,
    name: str,
    *,
    count: int,
    label: str | None = None,
    out: Path,
    seed: int = 0,
    device: str = "cpu",
    from_prior: bool = False,
    wanted: Wanted | None = None,
    seconds: float | None = None,
    tempo_bpm: float | None = None,
    phase: str | None = None,
    force: bool = False,
    report: Report = silent,
) -> Rendered:
    """Makes new sounds, the silence at their ends cut off where no length is asked for.

    Args:
        workspace: The workspace.
        name: The instrument.
        count: How many, 1 to 10,000.
        label: The label they shall have; None for all that the instrument knows.
        out: Where the renders go.
        seed: Seed of the draws and of the phase method.
        device: Where the network shall live.
        from_prior: Whether to draw from the network's own prior: farther from the library, and
            without labels. Instruments without a cloud always do.
        wanted: What is asked of the instrument's sliders, as `timbrel.tasks.sliders` finds them.
        seconds: How long each sound shall be; None leaves it to the instrument.
        tempo_bpm: The tempo that they shall have, where the instrument knows of one.
        phase: A phase method, or an instrument that finds phases; None takes the instrument's own.
        force: Whether files of the same names are replaced.
        report: Where progress goes.

    Returns:
        The renders' paths.

    Raises:
        UnknownNameError: When there is no such instrument or label.
        UsageError: When the count is out of range, or a label is asked of the prior.
        AbilityError: When the instrument cannot, or its sliders were not found yet.
        ExistsError: When a file stands there and `force` is false.
    """
    instrument = open_named(workspace, name, device)
    made = synthesis.generate(
        instrument,
        count=count,
        label=label,
        seed=seed,
        from_prior=from_prior,
        phase=phases.for_new_sounds(workspace, phase, instrument),
        take=Take(sliders.steered(workspace, instrument, wanted or Wanted()), seconds, tempo_bpm),
    )
    names = synthesis.names(instrument, count=count, label=label, seed=seed, from_prior=from_prior)
    paths = rendering.write(
        made if seconds is not None else map(renders.trim, made),
        out=out, names=names, force=force, stage="making sounds", report=report,
    )  # fmt: skip
    return Rendered(paths)
