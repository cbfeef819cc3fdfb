"""Learning: what `train` does once it is clear what shall be learned from, and how."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from timbrel import atomic, plugins
from timbrel.errors import TrainingError
from timbrel.families import DataFacts, Family
from timbrel.instruments import cloud, document, folder
from timbrel.instruments import recorded as coding
from timbrel.instruments.instrument import Instrument, create, with_phases
from timbrel.instruments.offers import Improvises
from timbrel.instruments.phases import MeasuredPhases
from timbrel.library.rows import Skipped
from timbrel.progress import Progress, Report
from timbrel.tasks import phase_trials, recorded
from timbrel.tasks import plan as plans
from timbrel.tasks.instruments import open_named
from timbrel.tasks.plan import Plan
from timbrel.tasks.recorded import Recordings
from timbrel.tasks.resuming import reopened
from timbrel.tasks.run_folder import writing
from timbrel.tasks.workspace import Workspace, open_library
from timbrel.training import checkpoints, latents, loop, previews
from timbrel.training.data import Entry, prepare
from timbrel.training.hooks import Preview
from timbrel.training.identity import identity, same_or_refuse
from timbrel.training.items import Itself
from timbrel.training.recording_previews import RecordingPreviewer
from timbrel.training.store import CodeStore, TrainingData
from timbrel.training.summary import TrainingSummary
from timbrel.training.world import Alone, World

if TYPE_CHECKING:
    from torch import nn

START_SOUNDS = 2048  # that a fresh network may look at before its first step
START_BYTES = 2**30


@dataclass(frozen=True)
class Trained:
    """What a training made.

    Attributes:
        folder: The instrument's folder.
        summary: What training came to.
        skipped: Sounds of the library that could not be read any more.
    """

    folder: Path
    summary: TrainingSummary
    skipped: list[Skipped]


@dataclass(frozen=True)
class Learning:
    """A training under way: where, by what plan, and whom to ask and tell.

    Attributes:
        workspace: Whose library, and where the instrument shall stand.
        name: The instrument's name.
        plan: What it learns from, and how.
        device: Where the arithmetic happens.
        report: Where progress goes.
        should_stop: Asked between steps.
        recordings: What it learns from where that is no library.
        world: The workers that share each batch, as one of them sees them.
    """

    workspace: Workspace
    name: str
    plan: Plan
    device: str
    report: Report
    should_stop: Callable[[], bool]
    recordings: Recordings | None = None
    world: World = field(default_factory=Alone)

    @property
    def run(self) -> Path:
        """The folder of the training under way."""
        return self.workspace.training_folder(self.name)

    @property
    def family(self) -> Family:
        """The kind of model that learns."""
        return cast(Family, plugins.load("families", self.plan.recipe.family))


def learn(work: Learning, *, anew: bool, source: Path | None = None) -> Trained:
    """Trains and saves the instrument, of the best weights there are, however training ends.

    Args:
        work: What to do.
        anew: Whether to begin, in place of whatever was there before, or to go on.
        source: The instrument folder whose ended training goes on, where there is one.

    Returns:
        The instrument's folder, the summary, and the sounds that were left out.

    Raises:
        LibraryError: When sounds of the plan are gone from the library.
        TrainingError: When training cannot go on, or the disk takes no more.
    """
    data, skipped = _prepared(work)
    checkpoint = checkpoints.path_in(source or work.run)
    anew = work.world.told(lambda: anew or not checkpoint.is_file(), patient=True)
    if anew:
        work, data = _without_skipped(work, data)
    else:
        work.world.told(lambda: _check_same(work, data, skipped, checkpoint), patient=True)
    network = built(work, data, fresh=anew)
    with _run_folder(work, anew=anew, source=source):
        summary = _train(work, network, data)
    if work.world.first:  # the others need not wait, nor be there any more
        _finish(work, network, data, summary)
    return Trained(work.workspace.instrument_folder(work.name), summary, skipped)


def _finish(
    work: Learning, network: "nn.Module", data: TrainingData, summary: TrainingSummary
) -> None:
    """Makes and saves the instrument."""
    target = work.workspace.instrument_folder(work.name)
    instrument = _instrument(work, network, data, summary)
    instrument = with_phases(instrument, _measured_phases(work, data))
    folder.save(target, instrument, run_folder=work.run, force=True)
    if summary.stopped_because != "interrupted":
        atomic.discard(work.run)


def _without_skipped(work: Learning, data: TrainingData) -> tuple[Learning, TrainingData]:
    """What cannot be learned from is no part of the plan, so that it is not missed on resuming."""
    import numpy as np

    plan = work.plan.keeping({*data.train.ids, *data.validation.ids})
    numbers = plan.numbers()  # they move where all sounds of a label were left out
    train, validation = (
        replace(store, labels=np.array([numbers[id_] for id_ in store.ids], np.int64))
        for store in (data.train, data.validation)
    )
    return replace(work, plan=plan), TrainingData(train, validation)


def _check_same(
    work: Learning, data: TrainingData, skipped: Sequence[Skipped], checkpoint: Path
) -> None:
    """Refuses what cannot go on before anything is written."""
    if skipped:
        raise TrainingError(
            f"{len(skipped)} sounds that this training learned from cannot be used any more, "
            f"the first being {skipped[0].path}: {skipped[0].reason}",
            "the same sounds when resuming",
            "put them back, or train anew with --force",
        )
    kept = checkpoints.load_table(checkpoint)["identity"]
    same_or_refuse(kept, identity(work.plan.recipe, data, work.plan.seed))


@contextmanager
def _run_folder(work: Learning, *, anew: bool, source: Path | None) -> Iterator[None]:
    """Readies the training's folder, with the plan as it is now; the first worker alone does."""
    if not work.world.first:
        yield
    elif source is not None:
        with reopened(source, work.run, work.plan):
            if work.recordings is not None:
                recorded.write(work.recordings, work.run)
            yield
    else:
        with writing(work.run):
            _ready(work, anew=anew)
        yield


def _ready(work: Learning, *, anew: bool) -> None:
    if not anew:
        plans.write_settings(work.plan, work.run)
        return
    with atomic.new_folder(work.run, force=True) as part:
        plans.write(work.plan, part)
        if work.recordings is not None:
            recorded.write(work.recordings, part)


def _train(work: Learning, network: "nn.Module", data: TrainingData) -> TrainingSummary:
    recipe = work.plan.recipe
    return loop.train(
        recipe,
        network,
        work.family.objective(recipe.network),
        data,
        folder=work.run,
        budget=work.plan.budget,
        seed=work.plan.seed,
        device=work.device,
        report=work.report,
        resume=True,
        should_stop=work.should_stop,
        preview=_preview(work, data.validation),
        world=work.world,
    )


def _prepared(work: Learning) -> tuple[TrainingData, list[Skipped]]:
    """Lets the first worker prepare both splits, and the others find them prepared."""
    first: list[tuple[TrainingData, list[Skipped]]] = []
    work.world.told(lambda: first.append(_data(work)), patient=True)
    return first[0] if first else _data(work)


def _data(work: Learning) -> tuple[TrainingData, list[Skipped]]:
    """Prepares both splits; what cannot be read any more is named and left out."""
    if work.recordings is not None:
        store = recorded.store(work.recordings, work.plan.recipe)
        return TrainingData(store, store).checked(), []
    library = open_library(work.workspace)
    stores, skipped = [], []
    for part in ("train", "validation"):
        entries = plans.entries(work.plan, library, part)
        store = prepare(entries, work.plan.recipe, folder=work.workspace.cache, report=work.report)
        stores.append(store)
        skipped += _skipped(entries, store)
    return TrainingData(*stores).checked(), skipped


def _skipped(entries: Sequence[Entry], store: CodeStore) -> list[Skipped]:
    paths = {entry.id: entry.path for entry in entries}
    return [Skipped(paths[id_], reason, "unreadable") for id_, reason in store.skipped]


def built(work: Learning, data: TrainingData, *, fresh: bool) -> "nn.Module":
    """Builds the network; a fresh one may look at the sounds before it learns.

    Args:
        work: What is to be learned.
        data: What it is learned from.
        fresh: Whether nothing was learned yet.

    Returns:
        The network.

    Raises:
        UsageError: When it is to begin with what an instrument learned that is gone or unlike.
    """
    import torch

    recipe = work.plan.recipe
    bins, frames = data.train.shape
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(work.plan.seed)
        network = work.family.build(recipe.network, _facts(work, bins, frames))
        if fresh and work.recordings is not None:
            _network_hears(network, work.recordings)
        if fresh:
            work.report(Progress("looking at the sounds", 0, 1))
            shortened = bool(getattr(network, "any_length", False))
            if work.recordings is None:
                first = _first_look(data.train, work.plan.seed, shortened=shortened)
            else:
                first = Itself(data.train).batch([0])
            work.family.start(network, *first)
            if work.plan.origin:
                _inherit(network, work, first[0])
            work.report(Progress("looking at the sounds", 1, 1))
    return network


def _facts(work: Learning, bins: int, frames: int) -> DataFacts:
    recipe, recordings = work.plan.recipe, work.recordings
    if recordings is None:
        return DataFacts(bins, frames, work.plan.labels, recipe.sample_rate)
    channels = int(recordings.sounds[0].shape[0])
    bins, frames = coding.shape(recipe, channels)
    return DataFacts(bins, frames, (), recipe.sample_rate, channels, recipe.length_samples)


def _network_hears(network: "nn.Module", recordings: Recordings) -> None:
    if not isinstance(network, Improvises):
        raise TrainingError(f"a network of type {type(network).__name__}", "one that improvises")
    network.recording.take(recordings.sounds, recordings.holes)


def _inherit(network: "nn.Module", work: Learning, codes: Any) -> None:
    """Begins with the weights of the instrument that the plan names."""
    if not isinstance(network, Improvises):
        raise TrainingError(f"a network of type {type(network).__name__}", "one that improvises")
    network.inherit(open_named(work.workspace, work.plan.origin).network, codes[0])


def _first_look(store: CodeStore, seed: int, *, shortened: bool) -> Any:
    """Some codes [M, F, N] and their label numbers [M], drawn by seed, as many as memory allows."""
    import numpy as np

    frames = int(store.lengths.max()) if shortened else store.shape[1]
    code_bytes = 2 * store.shape[0] * frames
    most = min(START_SOUNDS, max(1, START_BYTES // code_bytes))
    rows = np.arange(len(store))
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
    return store.halves(rows, shortened=shortened), store.labels_of(rows)


def _preview(work: Learning, store: CodeStore) -> Preview | None:
    recipe = work.plan.recipe
    if not recipe.training.previews:
        return None
    if work.recordings is not None:
        channels = int(work.recordings.sounds[0].shape[0])
        return RecordingPreviewer(work.run / document.PREVIEWS, recipe, channels=channels)
    names = {note.id: note.name for note in work.plan.sounds}
    sounds = previews.chosen(
        store, recipe.training.previews, names=[names[id_] for id_ in store.ids]
    )
    decode = previews.decoder(recipe, seed=work.plan.seed)
    return previews.Previewer(
        work.run / document.PREVIEWS, sounds, decode=decode, sample_rate=recipe.sample_rate
    )


def _instrument(
    work: Learning, network: "nn.Module", data: TrainingData, summary: TrainingSummary
) -> Instrument:
    import torch

    placed = torch.zeros(len(data.train), 0)  # what does not hear sounds gives them no place
    if "encode" in work.family.abilities:
        work.report(Progress("placing the sounds", 0, 1))
        placed = torch.from_numpy(latents.encode_all(network, data.train))
        work.report(Progress("placing the sounds", 1, 1))
    plan = work.plan
    bins, frames = data.train.shape
    spent: dict[str, Any] = {
        "budget_minutes": plan.budget.minutes, "budget_steps": plan.budget.steps,
    }  # fmt: skip
    if plan.origin:
        spent["origin"] = plan.origin
    return create(
        work.name,
        plan.recipe,
        _facts(work, bins, frames),
        network.cpu(),
        cloud.of(plan.sounds, placed, torch.from_numpy(data.train.references)),
        sounds=plan.sounds,
        summary={**summary.as_dict(), **spent},
        library_fingerprint=plan.library_fingerprint,
    )


def _measured_phases(work: Learning, data: TrainingData) -> MeasuredPhases | None:
    work.report(Progress("measuring phase methods", 0, 1))
    recipe, store = work.plan.recipe, data.validation if len(data.validation) else data.train
    if work.recordings is not None:
        recipe, store = recorded.excerpt(work.recordings, recipe, most_s=phase_trials.MOST_SECONDS)
    found = phase_trials.measured(recipe, store, seed=work.plan.seed)
    work.report(Progress("measuring phase methods", 1, 1))
    return found
