"""One run of the training loop: its state, and what happens at each step."""

import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from timbrel.errors import TrainingError
from timbrel.families import Stage
from timbrel.progress import Progress
from timbrel.training import checkpoints
from timbrel.training.budget import Budget, Now
from timbrel.training.checkpoints import Checkpoint
from timbrel.training.constants import Constants
from timbrel.training.fitting import check_room, fitted
from timbrel.training.growth import Place, Timetable, forecast, spans_of
from timbrel.training.guard import Guard, nothing_learned
from timbrel.training.history import History
from timbrel.training.hooks import Hooks
from timbrel.training.identity import Identity
from timbrel.training.keeping import Kept, kept_in
from timbrel.training.learns import Learns
from timbrel.training.memory import forget_peak
from timbrel.training.precision import NOTE, Precision, precision_on
from timbrel.training.schedule import Plateau, learning_rate
from timbrel.training.store import TrainingData
from timbrel.training.summary import Ending
from timbrel.training.tallies import Best, Mean
from timbrel.training.teller import Teller
from timbrel.training.world import check_same, check_shared

CHECKPOINT_EVERY_S = 30.0
CHECKPOINT_BEST_EVERY_S = 5.0  # a new best is kept sooner


class Run(Kept):
    """The state of a training and its steps; `loop.train` drives it.

    Everything that decides about weights is in `step`, `place`, `plateau`, `guard`, `best`, `good`
    and the learner's own state, and all of that goes into a checkpoint.

    A network that grows goes along spans (`growth`), each with an order, a guard, a plateau and a
    best of its own; any other has one span that never ends.

    Args:
        learner: The network that learns.
        data: Both splits.
        folder: Where files go.
        budget: What may be spent.
        identity: What the training depends on.
        hooks: What it tells and asks the world.
    """

    def __init__(
        self,
        learner: Learns,
        data: TrainingData,
        *,
        folder: Path,
        budget: Budget,
        identity: Identity,
        hooks: Hooks,
    ) -> None:
        super().__init__(learner, learner.items(data.train), budget=budget, identity=identity)
        self.data, self.folder, self.hooks = data, folder, hooks
        self.world = learner.world
        spans = spans_of(learner.growth, len(self.items), self.options.batch_size)
        self.timetable = Timetable(spans, budget)
        self.now = Now()
        self.teller = Teller(hooks.report, budget)
        self.validation_s = 0.0
        self._kept_s = -math.inf
        self._new_best = False
        self._shown_step = -1
        self._stop = False

    # ---- beginning and end -------------------------------------------------------------------

    def begin(self, *, resume: bool) -> None:
        """Starts from nothing, or from the checkpoint where there is one.

        Args:
            resume: Whether to look for a checkpoint.
        """
        forget_peak(self.learner.device)
        if self.precision != self.options.precision:
            self._say("note", NOTE)
        check_same(self.world, self.identity)
        smallest = min(span.batch_size for span in self.timetable.spans)
        check_shared(self.world, min(smallest, len(self.items)), self.learner.parameters)
        kept = self.world.told(lambda: kept_in(self.folder) if resume else None)
        if kept is not None:
            self.take_up(*kept)
            self._kept_s = time.monotonic()
            self.history = self._history(keep_rows=kept[0].table["rows"])
            return
        self.history = self._history()
        self.learner.restore(
            self.world.told(lambda: {n: t.cpu() for n, t in self.learner.state().items()})
        )
        self.constants = Constants(self.learner.buffers())
        self._save(
            checkpoints.constants_path_in(self.folder),
            Checkpoint({}, {"constants": self.constants.tensors}),
        )
        self.good = self.constants.copied(self.learner.state())
        self._enter(0)
        self.keep()

    def _history(self, keep_rows: int = 0) -> History:
        return History(self.folder, keep_rows=keep_rows, on_disk=self.world.first)

    def go(self) -> Ending:
        """Steps until there is a reason to end.

        Returns:
            The reason.
        """
        while (ending := self._ending()) is None:
            self._advance()
            self._learn()
            if self._validation_due():
                self._validate()
            self._keep_if_due()
            self._tell()
        self.keep()
        return ending

    def _validation_due(self) -> bool:
        every = self.options.validate_every_steps
        if every:
            return self.step % every == 0
        return int(self.epochs_at(self.step)) > int(self.epochs_at(self.step - 1))

    def epochs_at(self, step: int) -> float:
        """Says how often every sound or slice was seen.

        Args:
            step: Steps done.

        Returns:
            Epochs.
        """
        since = step - self.place.began_step
        return self.place.epochs + since * self.order.batch_size / len(self.items)

    def close(self) -> None:
        """Judges the last weights too, unless they were judged, and leaves the best behind.

        This comes after the last checkpoint, so that a resumed training does not see it.
        """
        if self.validated_step != self.step and self.guard.healthy:
            self._validate()
        if self.step:
            self._show()
        self._tell(last=True)
        self.peak.look(self.learner.device)
        self.history.close()
        if not self.best.weights:
            raise TrainingError("the loss was never a number", "a network and sounds that fit")
        self.learner.finish(self.best.weights)

    # ---- growing -----------------------------------------------------------------------------

    @property
    def precision(self) -> Precision:
        """The numbers that it counts in on this machine."""
        return precision_on(self.options, self.learner.device)

    @property
    def stage(self) -> Stage:
        """Where the network stands."""
        return self.timetable.stage(self.place, step=self.step, elapsed_s=self.now.elapsed_s)

    def _advance(self) -> None:
        """Goes on to the next span where the one under way is over."""
        if self.timetable.over(self.place, step=self.step, elapsed_s=self.now.elapsed_s):
            if self._stand().fade >= 1.0:  # the end of a level
                self._show()
            self._enter(self.place.span + 1)

    def _enter(self, span: int) -> None:
        """Begins a span: what was judged and counted before holds no longer."""
        before = self.timetable.spans[self.place.span].level
        size = self.timetable.spans[span].batch_size
        new = span == 0 or self.timetable.spans[span].level != before
        epochs = self.epochs_at(self.step) if span else 0.0
        size = size if new else self.place.batch_size
        step_bytes = 0 if new else self.place.step_bytes
        expected = forecast(self.learner.growth, self.timetable.spans, self.place, span)
        self.place = Place(span, self.step, self.now.elapsed_s, epochs, size, step_bytes)
        self.order = self.ordered()
        self._stand()
        if new:
            self._begin_level(expected)
        if span:
            self.plateau, self.guard = Plateau(), Guard(rollbacks=self.guard.rollbacks)
            self.best.loss = math.inf  # its weights are kept until there are better ones
        self._validate()
        self.place.began_s = self.now.elapsed_s  # spans share the time of steps

    def _begin_level(self, expected: float) -> None:
        free = self.world.told(lambda: self.hooks.free(self.learner.device))
        stage = self.stage
        where = f"level {stage.level} of {stage.levels}" if stage.levels > 1 else "this network"
        check_room(expected, free, where)
        self.learner.begin_level()
        self.health.begin_level()
        sound_bytes = self.learner.sound_bytes(*self.items.batch([0]))
        if sound_bytes is None:
            return
        fit = fitted(
            self.place.batch_size,
            sound_bytes=sound_bytes,
            fixed_bytes=3 * sum(p.nbytes for p in self.learner.parameters),
            free=free,
            where=where,
        )
        self._say("memory", fit.told)
        self.place.step_bytes = fit.needed_bytes
        if fit.batch_size < self.place.batch_size:
            self.place.batch_size = fit.batch_size
            check_shared(self.world, fit.batch_size, self.learner.parameters)
            self.order = self.ordered()
            self.history.add(self._row({}, event=fit.told))

    def _stand(self) -> Stage:
        """Tells the network where it stands."""
        stage = self.stage
        self.learner.stand(stage)
        self.teller.stage = stage
        return stage

    # ---- one step ----------------------------------------------------------------------------

    def _ending(self) -> Ending | None:
        last = self.place.span == len(self.timetable.spans) - 1
        patience = self.options.patience_validations if last else 0
        self.now, wished = self.world.told(lambda: (self._looked(), self._wished()))
        if not self.learner.parameters:
            return "fitted"
        if wished:
            return "interrupted"
        if spent := self.budget.spent(step=self.step, now=self.now):
            return spent
        if patience and self.plateau.stale >= patience:
            return "patience"
        return "diverged" if self.guard.exhausted else None

    def _looked(self) -> Now:
        return Now(self.clock.elapsed_s, self.validation_s)

    def _wished(self) -> bool:
        try:
            return self._stop or self.hooks.should_stop()
        except KeyboardInterrupt:
            return True

    def _learn(self) -> None:
        self._stand()
        rows = self.order.at(self.step - self.place.began_step)
        code, label = self.items.batch(self.world.part(rows))
        parts = self.learner.step(code, label, step=self.step, rate=self._rate())
        self.step += 1
        if self.guard.exploded(parts["loss"]):
            self._roll_back(parts["loss"])
        else:
            self.mean.add(parts)

    def _rate(self) -> float:
        fraction = self.budget.fraction(step=self.step, elapsed_s=self.now.elapsed_s)
        return learning_rate(
            self.options,
            step=self.step,
            fraction=fraction,
            cuts=self.plateau.cuts,
            scale=self.guard.scale,
        )

    def _roll_back(self, loss: float) -> None:
        """Takes back the last good state and goes on more slowly; the steps count on."""
        self.guard.rolled_back()
        self.learner.restore(self.good)
        self.mean = Mean()
        event = f"loss {loss:.4g}: back to step {self.good_step}, rate x {self.guard.scale:g}"
        self.history.add(self._row({}, event=event))
        if self.guard.exhausted and self.best.step == 0:
            raise nothing_learned(self.guard, self.options.learning_rate)

    # ---- validation --------------------------------------------------------------------------

    def _validate(self) -> None:
        began_s = time.monotonic()
        self._stand()
        with self.learner.judged():
            parts = self.learner.validate(self.data.validation)
            loss = parts["loss"]
            if loss < self.best.loss:
                self.best = Best(self.step, loss)  # first, so that there are never two copies
                self.best.weights = self.constants.copied(self.learner.weights())
                self._new_best = True
        self.validation_s = time.monotonic() - began_s
        self.now = self.world.told(self._looked)
        self.validated_step = self.step
        if math.isfinite(loss):
            self._take_in(parts)
        elif self.step:
            self._roll_back(loss)

    def _take_in(self, parts: Mapping[str, float]) -> None:
        event = self.health.see({name: self.mean.of(name) for name in self.mean.sums}, parts)
        self.history.add(self._row(parts, event=event))
        if event:
            self._say("warning", event)
        self.mean = Mean()
        self.teller.validation_loss = parts["loss"]
        if self.step:
            self.plateau.see(parts["loss"], patience=self.options.plateau_patience)
        self.validations += 1
        if self.guard.healthy:
            self.good = {}  # first, so that there are never two copies in memory
            self.good, self.good_step = self.constants.copied(self.learner.state()), self.step
        # Previews at the 1st, 2nd, 4th, 8th ... validation: most changes at the start.
        if self.validations & (self.validations - 1) == 0:
            self._show()

    def _show(self) -> None:
        if self.hooks.preview is not None and self._shown_step != self.step:
            self._shown_step = self.step
            with self.learner.judged() as network:
                self.hooks.preview(network, self.step)

    def _row(self, parts: Mapping[str, float], *, event: str) -> dict[str, Any]:
        row = {
            "step": self.step,
            "seconds": round(self.now.elapsed_s, 3),
            "epoch": self.epochs_at(self.step),
            "event": event,
            "learning_rate": self._rate(),
            "steps_per_s": round(self.teller.steps_per_s, 3),
        }
        if self.timetable.levels > 1:
            stage = self.stage
            row |= {"level": stage.level, "fade": stage.fade, "batch_size": stage.batch_size}
            row["step_bytes"] = self.place.step_bytes
        row |= {f"train_{name}": self.mean.of(name) for name in self.mean.sums}
        return row | {f"validation_{name}": value for name, value in parts.items()}

    # ---- keeping and taking up ---------------------------------------------------------------

    def _keep_if_due(self) -> None:
        since_s = time.monotonic() - self._kept_s
        if since_s >= (CHECKPOINT_BEST_EVERY_S if self._new_best else CHECKPOINT_EVERY_S):
            self.keep()

    def keep(self) -> None:
        """Writes a checkpoint."""
        self.peak.look(self.learner.device)
        kept = Checkpoint(self.table(), self.tensors())
        self._save(checkpoints.path_in(self.folder), kept)
        self._kept_s, self._new_best = time.monotonic(), False

    def _save(self, path: Path, checkpoint: Checkpoint) -> None:
        if self.world.first:
            checkpoints.save(path, checkpoint)

    def _say(self, stage: str, note: str) -> None:
        """Reports what a user should know besides how far it is."""
        self.hooks.report(Progress(stage, 0, 0, None, note))

    def _tell(self, *, last: bool = False) -> None:
        loss = self.mean.of("loss") if self.mean.count else self.teller.validation_loss or math.nan
        try:
            self.teller.tell(step=self.step, elapsed_s=self.clock.elapsed_s, loss=loss, last=last)
        except KeyboardInterrupt:
            self._stop = True
