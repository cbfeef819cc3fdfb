"""The commands that make and list instruments: recipes, train, instruments."""

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from timbrel.cli import completion, moments, output, session, whole
from timbrel.cli.arguments import (
    Cluster,
    Force,
    Holes,
    KeepGroups,
    Minutes,
    NewInstrument,
    OnlyEstimate,
    Origin,
    RecipeName,
    Recordings,
    Resume,
    Settings,
    Steps,
    Workers,
)
from timbrel.errors import UsageError
from timbrel.tasks.workspace import Workspace

if TYPE_CHECKING:
    from timbrel.tasks.recipes import RecipeDescription
    from timbrel.tasks.train import Trained
    from timbrel.tasks.worlds import Work
    from timbrel.training.estimate import Estimate

INTERRUPTED = 130


def recipes(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="A recipe's name, or a recipe file that ends in .toml; without it all are listed.",
            autocompletion=completion.recipes,
        ),
    ] = None,
) -> None:
    """Lists the recipes for training, or shows one in full."""
    at = session.of(context)
    from timbrel.tasks import recipes as task

    if name is None:
        with at.progress():
            lines = task.overview()
        rows = [[r.name, r.sample_rate, r.duration_s, r.title] for r in lines]
        at.finish(
            {"recipes": lines}, lambda: output.table(["recipe", "rate Hz", "s", "what it is"], rows)
        )
        return
    with at.progress():
        described = task.describe(name)
    at.finish(_recipe_document(described), lambda: _show_recipe(described))


def _recipe_document(described: "RecipeDescription") -> dict[str, Any]:
    from timbrel.recipes import as_table

    return {
        "name": described.recipe.name,
        "recipe": as_table(described.recipe),
        "toml": described.toml,
        "networks": described.networks,
    }


def _show_recipe(described: "RecipeDescription") -> None:
    output.line(described.toml)
    output.table(["part of the network", "parameters"], list(described.networks.items()))


def train(
    context: typer.Context,
    recipe: RecipeName = None,
    name: NewInstrument = None,
    sound: Recordings = None,
    hole: Holes = None,
    origin: Origin = None,
    minutes: Minutes = None,
    steps: Steps = None,
    settings: Settings = None,
    resume: Resume = False,
    estimate: OnlyEstimate = False,
    keep_groups: KeepGroups = False,
    force: Force = False,
    cluster: Cluster = None,
    workers: Workers = None,
) -> None:
    """Trains an instrument on the library, or on one recording.

    Ctrl-C stops early and keeps the instrument as good as it has become; --resume goes on.
    """
    at = session.of(context)
    sounds, changes = list(sound or []), list(settings or [])
    holes = [moments.span(one, "--hole") for one in hole or []]
    from timbrel.tasks import train as task

    if estimate:
        _refuse_beside(
            "--estimate",
            {
                "--name": name,
                "--resume": resume,
                "--force": force,
                "--cluster": cluster,
                "--workers": workers,
            },
        )
        with at.progress():
            told = task.estimate(
                at.workspace,
                recipe,
                sounds=sounds,
                holes=holes,
                origin=origin,
                minutes=minutes,
                steps=steps,
                settings=changes,
                device=at.device(),
                keep_groups=keep_groups,
                seed=at.seed,
            )
        at.finish(told.as_dict(), lambda: _show_estimate(told))
        return
    if name is None:
        raise UsageError("no name for the instrument", "--name INSTRUMENT")
    if resume:
        _refuse_beside("--resume", {"--keep-groups": keep_groups})
        _check_seed(at, name)
    if workers is not None and cluster is None:
        raise UsageError("--workers without --cluster", "--cluster ADDRESS --workers N")
    work = partial(
        task.train,
        at.workspace if cluster is None else Workspace(at.workspace.root.resolve()),
        recipe,
        name=name,
        sounds=sounds,
        holes=holes,
        origin=origin,
        minutes=minutes,
        steps=steps,
        settings=changes,
        keep_groups=keep_groups,
        seed=at.seed,
    )
    made = (
        _among_workers(at, work, name, resume=resume, force=force)
        if cluster is None
        else _on_cluster(at, work, name, (cluster, workers or 1), resume=resume, force=force)
    )
    if made is not None:
        _finish_training(at, name, made)


def _on_cluster(
    at: session.Session,
    work: "Work",
    name: str,
    where: tuple[str, int],
    *,
    resume: bool,
    force: bool,
) -> "Trained":
    from timbrel.tasks import cluster_training

    wanted = cluster_training.Wanted(*where, at.device_name, at.threads)
    with at.progress() as report:
        return cluster_training.train(
            work, at.workspace, name, wanted, resume=resume, force=force, report=report
        )


def _among_workers(
    at: session.Session, work: "Work", name: str, *, resume: bool, force: bool
) -> "Trained | None":
    """Trains alone or beside others that torchrun started; the first one alone tells of it."""
    from timbrel.tasks import worlds
    from timbrel.training.world import Told

    run, device = at.workspace.training_folder(name), at.device()
    try:
        with at.progress() as report:
            return worlds.train(
                work, run, os.environ, device, resume=resume, force=force, report=report
            )
    except Told as error:
        raise typer.Exit(error.exit_code) from None


_BESIDE = {
    "--estimate": "--estimate makes nothing: leave it out to train",
    "--resume": "a training goes on with the sounds and the split that it began with",
}


def _refuse_beside(option: str, others: Mapping[str, object]) -> None:
    """Refuses options that would be without effect: who says them expects one."""
    said = [name for name, given in others.items() if given not in (None, False)]
    if said:
        raise UsageError(f"{option} together with {' and '.join(said)}", advice=_BESIDE[option])


def _check_seed(at: session.Session, name: str) -> None:
    """A training that goes on keeps its seed; another one that was said would be without effect."""
    if not at.seed_given:
        return
    from timbrel.tasks.plan import read

    run = at.workspace.training_folder(name)
    if run.exists():
        begun = read(run).seed
    elif name in at.workspace.instrument_names():
        from timbrel.tasks.instruments import describe

        begun = int((describe(at.workspace, name).get("training") or {}).get("seed", 0))
    else:
        return  # there is nothing to go on with, which the training itself tells
    if begun != at.seed:
        raise UsageError(
            f"--seed {at.seed} to go on with a training of seed {begun}",
            f"--seed {begun}, or none",
            "or train under another name",
        )


def _finish_training(at: session.Session, name: str, trained: "Trained") -> None:
    skipped = session.left_out(trained.skipped)
    document = {
        "instrument": name,
        "folder": trained.folder,
        **trained.summary.as_dict(),
        "skipped": skipped,
    }
    stopped = trained.summary.stopped_because == "interrupted"
    at.finish(
        document,
        lambda: _show_training(name, trained),
        skipped=() if stopped else trained.skipped,
    )
    if stopped:
        output.aside(f"stopped early; go on with: timbrel train --resume --name {name!r}")
        raise typer.Exit(INTERRUPTED)


def _show_training(name: str, trained: "Trained") -> None:
    done = trained.summary
    sounds = "1 sound" if done.sounds == 1 else f"{done.sounds} sounds"
    output.line(
        f"instrument {name!r}: {done.steps} steps on {sounds} in "
        f"{output.duration(done.seconds)}, best loss {done.best_loss:.4g} at step {done.best_step}"
    )
    output.line(done.verdict)
    output.line(f"it lies in {trained.folder}")


def _show_estimate(told: "Estimate") -> None:
    output.line(
        f"time:   {output.duration(told.seconds)} for {told.steps} steps, "
        f"{output.duration(told.prepare_seconds)} of it to prepare the sounds"
    )
    output.line(f"memory: {output.size(told.memory_bytes)}")
    if told.card_bytes:
        output.line(f"        {output.size(told.card_bytes)} on the graphics card")
    output.line(f"disk:   {output.size(told.disk_bytes)}")


def instruments(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="An instrument's name; without it all are listed.",
            autocompletion=completion.instruments,
        ),
    ] = None,
    given: Annotated[
        Path | None,
        typer.Option("--add", metavar="FOLDER", help="Takes an instrument folder from elsewhere."),
    ] = None,
    repository: Annotated[
        str | None,
        typer.Option(
            "--pull", metavar="OWNER/NAME", help="Takes an instrument from the Hugging Face hub."
        ),
    ] = None,
    new_name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="What one that is taken shall be called."),
    ] = None,
    force: Force = False,
) -> None:
    """Lists instruments, shows a card, or takes one in."""
    at = session.of(context)
    if given is not None or repository is not None:
        whole.take(at, name, given, repository, new_name=new_name, force=force)
        return
    if new_name is not None or force:
        raise UsageError("--name or --force alone", "them beside --add FOLDER or --pull OWNER/NAME")
    from timbrel.tasks import instruments as task

    if name is None:
        with at.progress():
            found = task.overview(at.workspace)
        at.finish({"instruments": found}, lambda: _show_instruments(found))
        return
    with at.progress():
        facts = task.describe(at.workspace, name)
    at.finish(facts, lambda: output.line(facts["card"]))


def _show_instruments(found: Sequence[Mapping[str, Any]]) -> None:
    if not found:
        output.line("no instruments yet; make one with `timbrel train RECIPE --name NAME`")
        return
    rows = [
        [
            facts["name"],
            facts.get("recipe"),
            facts.get("sample_rate"),
            facts.get("duration_s"),
            facts.get("problem") or facts.get("abilities"),
        ]
        for facts in found
    ]
    output.table(["instrument", "recipe", "rate Hz", "s", "can"], rows)
