"""Training from recordings: what is asked is checked, and a training is planned on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from timbrel import recipes
from timbrel.errors import UnknownNameError, UsageError
from timbrel.progress import Progress, Report, silent
from timbrel.recipes import Recipe
from timbrel.tasks import plan as plans
from timbrel.tasks import recorded
from timbrel.tasks.instruments import open_named
from timbrel.tasks.resuming import Resumed
from timbrel.tasks.workspace import Workspace
from timbrel.training.budget import Budget

if TYPE_CHECKING:
    from timbrel.training.estimate import Estimate


@dataclass(frozen=True)
class Source:
    """What a training is asked to learn from, where that is not the library.

    Attributes:
        sounds: Files of the recordings.
        holes: Where nothing is to be learned from, begin and end in seconds.
        origin: The instrument with whose weights it begins; None begins with none.
    """

    sounds: tuple[Path, ...] = ()
    holes: tuple[tuple[float, float], ...] = ()
    origin: str | None = None


def chosen(
    workspace: Workspace,
    recipe_name: str | None,
    settings: Sequence[str],
    source: Source,
    *,
    keep_groups: bool,
) -> Recipe:
    """Finds the recipe that was asked for, and refuses what it cannot learn from.

    Args:
        workspace: The workspace.
        recipe_name: A recipe's name or file; None takes that of the source's origin.
        settings: Changes to the recipe, each ``key=value``.
        source: What it is asked to learn from.
        keep_groups: Whether kits or instruments shall stay together in the split.

    Returns:
        The recipe.

    Raises:
        UsageError: When there is none, or it learns from something else.
    """
    recipe = _recipe(workspace, recipe_name, source)
    recipe = recipes.override(recipe, settings)
    if not recorded.learns_from_recordings(recipe):
        given = {"--sound": source.sounds, "--hole": source.holes, "--from": source.origin}
        if said := [option for option, value in given.items() if value]:
            raise UsageError(
                f"{' and '.join(said)} for the recipe {recipe.name!r}, which learns from the "
                "library",
                "a recipe that learns from one recording, such as single",
                f"leave {said[0]} out, or choose such a recipe",
            )
        return recipe
    if not source.sounds:
        raise UsageError(
            f"no recording for the recipe {recipe.name!r}",
            "--sound FILE, once for each recording",
        )
    if keep_groups:
        raise UsageError("--keep-groups for a recipe that learns from recordings", "nothing")
    return recipe


def _recipe(workspace: Workspace, name: str | None, source: Source) -> Recipe:
    if source.origin is None:
        if name is None:
            raise UsageError("no recipe", ", ".join(recipes.names()))
        return recipes.find(name)
    theirs = open_named(workspace, source.origin).recipe
    if name is not None and (asked := recipes.find(name)).name != theirs.name:
        raise UsageError(
            f"the recipe {asked.name!r} to begin with an instrument by {theirs.name!r}",
            f"the recipe {theirs.name!r}, or none",
        )
    try:
        room_s = recipes.find(theirs.name).duration_s
    except UnknownNameError:  # a recipe of somebody's own
        room_s = theirs.duration_s
    return theirs.model_copy(update={"duration_s": room_s})


def planned(
    workspace: Workspace,
    recipe: Recipe,
    source: Source,
    *,
    budget: Budget,
    seed: int,
    report: Report = silent,
) -> Resumed:
    """Reads the recordings and plans a training on them.

    Args:
        workspace: The workspace.
        recipe: A recipe that learns from recordings.
        source: The recordings.
        budget: Minutes or steps.
        seed: Seed of all that is drawn.
        report: Where it is told which recordings were cut.

    Returns:
        The plan and the recordings.

    Raises:
        UsageError: When there are too many, or a hole lies outside.
        SoundFileError: When one cannot be read or holds nothing to learn from.
        TrainingError: When the recipe cannot learn from them.
    """
    channels = None
    if source.origin is not None:
        channels = recorded.inside(open_named(workspace, source.origin)).sounds[0].shape[0]
    suited, recordings = recorded.read(source.sounds, recipe, holes=source.holes, channels=channels)
    for name in recordings.cut:
        whole_s = recipe.duration_s
        note = f"{name} is longer: only the first {whole_s:g} s of all are learned from"
        report(Progress("note", 0, 0, None, note))
    origin = source.origin or ""
    plan = plans.of_recordings(recordings, suited, seed=seed, budget=budget, origin=origin)
    return Resumed(plan, None, recordings)


def estimate(
    workspace: Workspace,
    recipe: Recipe,
    source: Source,
    *,
    budget: Budget,
    seed: int,
    device: str,
) -> "Estimate":
    """Says what a training would take, by trying a few steps; nothing is left behind.

    Args:
        workspace: The workspace.
        recipe: A recipe that learns from recordings.
        source: The recordings.
        budget: Minutes or steps.
        seed: Seed of all that is drawn.
        device: Where the arithmetic would happen.

    Returns:
        Time, memory and disk.

    Raises:
        UsageError: When there are too many recordings, or a hole lies outside.
        SoundFileError: When one cannot be read or holds nothing to learn from.
        TrainingError: When the recipe cannot learn from them.
    """
    from timbrel.tasks.learning import Learning, built
    from timbrel.training import estimate as estimates
    from timbrel.training.loop import never
    from timbrel.training.store import TrainingData

    on = planned(workspace, recipe, source, budget=budget, seed=seed)
    assert on.recordings is not None  # noqa: S101 - they were planned on
    work = Learning(workspace, "", on.plan, device, silent, never, on.recordings)
    store = recorded.store(on.recordings, on.plan.recipe)
    network = built(work, TrainingData(store, store).checked(), fresh=True)
    objective = work.family.objective(on.plan.recipe.network)
    return estimates.of_store(
        on.plan.recipe, network, objective, store, budget=budget, device=device
    )
