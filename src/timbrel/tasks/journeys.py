"""Between seeds: morphs along a sphere, and one long piece through several."""

from collections.abc import Sequence
from pathlib import Path

from timbrel.progress import Report, silent
from timbrel.synthesis import journeys as synthesis
from timbrel.synthesis import renders
from timbrel.synthesis.sliders import Wanted
from timbrel.synthesis.takes import Take
from timbrel.tasks import phases, rendering, sliders
from timbrel.tasks.instruments import open_named
from timbrel.tasks.rendering import Rendered
from timbrel.tasks.workspace import Workspace


def journey(  # noqa: PLR0913 - one argument an option of the command
    workspace: Workspace,
    name: str,
    seeds: Sequence[int],
    *,
    seconds: float | None = None,
    tempo_bpm: float | None = None,
    wanted: Wanted | None = None,
    out: Path,
    seed: int = 0,
    device: str = "cpu",
    phase: str | None = None,
    force: bool = False,
    report: Report = silent,
) -> Rendered:
    """Makes one long piece on the way from seed to seed.

    Args:
        workspace: The workspace.
        name: The instrument.
        seeds: Two seeds or more.
        seconds: How long it is; None gives each seed the time of a sound.
        tempo_bpm: Its tempo, where the instrument knows of one.
        wanted: What is asked of the instrument's sliders.
        out: Where the render goes.
        seed: Seed of what is drawn beside the latents.
        device: Where the network shall live.
        phase: A phase method, or an instrument that finds phases; None takes the instrument's own.
        force: Whether a file of the same name is replaced.
        report: Where progress goes.

    Returns:
        The render's path.

    Raises:
        UnknownNameError: When there is no such instrument or slider.
        UsageError: When seeds, length or tempo do not fit.
        AbilityError: When the instrument cannot.
        ExistsError: When a file stands there and `force` is false.
    """
    instrument = open_named(workspace, name, device)
    steering = sliders.steered(workspace, instrument, wanted or Wanted())
    take = Take(steering, seconds, tempo_bpm)
    heard = phases.for_new_sounds(workspace, phase, instrument)
    synthesis.check_journey(instrument, seeds, take, seed)
    made = (
        synthesis.journey(instrument, seeds, take=take, seed=seed, phase=heard) for _ in range(1)
    )
    paths = rendering.write(
        made, out=out, names=[synthesis.journey_name(seeds)], force=force,
        stage="making a piece", report=report,
    )  # fmt: skip
    return Rendered(paths)


def between_seeds(  # noqa: PLR0913 - one argument an option of the command
    workspace: Workspace,
    name: str,
    seeds: Sequence[int],
    *,
    steps: int,
    out: Path,
    seed: int = 0,
    device: str = "cpu",
    phase: str | None = None,
    force: bool = False,
    report: Report = silent,
) -> Rendered:
    """Makes sounds along the way from seed to seed, the silence at their ends cut off.

    Args:
        workspace: The workspace.
        name: The instrument.
        seeds: Two seeds or more.
        steps: How many sounds, ends included.
        out: Where the renders go.
        seed: Seed of what is drawn beside the latents.
        device: Where the network shall live.
        phase: A phase method, or an instrument that finds phases; None takes the instrument's own.
        force: Whether files of the same names are replaced.
        report: Where progress goes.

    Returns:
        The renders' paths.

    Raises:
        UnknownNameError: When there is no such instrument.
        UsageError: When seeds or steps do not fit.
        AbilityError: When the instrument cannot.
        ExistsError: When a file stands there and `force` is false.
    """
    instrument = open_named(workspace, name, device)
    heard = phases.for_new_sounds(workspace, phase, instrument)
    made = synthesis.between(instrument, seeds, steps=steps, seed=seed, phase=heard)
    paths = rendering.write(
        map(renders.trim, made), out=out, names=synthesis.names(seeds, steps), force=force,
        stage="morphing", report=report,
    )  # fmt: skip
    return Rendered(paths)
