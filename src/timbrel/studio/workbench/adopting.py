"""What jobs made, taken into the history; and how far each is from the library, by and by."""

import logging
import queue
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from timbrel.errors import TimbrelError
from timbrel.studio.workbench.jobs import Plan
from timbrel.tasks import search

if TYPE_CHECKING:
    from timbrel.studio.workbench.bench import Bench

LOG = logging.getLogger("timbrel.studio")
MOST_MEASURED = 10_000  # that wait
PAUSE_S = 0.1


def adopt(bench: "Bench", plan: Plan, answer: dict[str, Any]) -> Sequence[str]:
    """Takes the sounds that a job made into the history.

    Args:
        bench: What the studio works with.
        plan: The job.
        answer: What its command answered.

    Returns:
        Their ids.
    """
    if not plan.out:
        return []
    paths = [Path(text) for text in answer.get("sounds", []) if isinstance(text, str)]
    made = []
    for path in paths:
        with suppress(TimbrelError, OSError):
            one = bench.history.add(
                path,
                id_=bench.history.next_id(),
                kind=plan.kind,
                instrument=plan.instrument,
                command=plan.command,
                wish=plan.wish,
            )
            made.append(one.id)
    bench.measuring.ask(made)
    return made


class Measuring:
    """Measures how far new sounds are from the library, in a thread of its own.

    Args:
        bench: What the studio works with.
    """

    def __init__(self, bench: "Bench") -> None:
        self._bench = bench
        self._waiting: queue.Queue[str] = queue.Queue(MOST_MEASURED)
        threading.Thread(target=self._run, name="measuring", daemon=True).start()

    def ask(self, ids: Sequence[str]) -> None:
        """Asks for sounds to be measured; beyond some thousands, the last are not.

        Args:
            ids: Their ids in the history.
        """
        for id_ in ids:
            with suppress(queue.Full):
                self._waiting.put_nowait(id_)

    def _run(self) -> None:
        while True:
            id_ = self._waiting.get()
            while self._bench.player.is_asked:  # what is clicked goes before what can wait
                time.sleep(PAUSE_S)
            try:
                path = self._bench.history.file(id_)
                nearest = search.search(self._bench.workspace, path, top=1)
                self._bench.history.measured({id_: nearest[0].distance})
            except (TimbrelError, OSError):
                continue  # the sound is gone, or there is no library
            except Exception:  # one sound must not end the measuring of all
                LOG.exception("a sound could not be measured")
