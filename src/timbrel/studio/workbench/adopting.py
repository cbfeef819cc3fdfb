"""What jobs made, taken into the history; and how far each is from the library, by and by."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from timbrel.errors import TimbrelError
from timbrel.studio.workbench.history import MadeHistory
from timbrel.studio.workbench.journal import Plan
from timbrel.tasks import search
from timbrel.tasks.workspace import Workspace

LOG = logging.getLogger("timbrel.studio")
MOST_MEASURED = 10_000  # that wait
PAUSE_S = 0.1


def adopt(history: MadeHistory, plan: Plan, answer: dict[str, Any]) -> Sequence[str]:
    """Takes the sounds that a job made into the history.

    Args:
        history: Where they are kept.
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
            one = history.add(
                path,
                id_=history.next_id(),
                kind=plan.kind,
                instrument=plan.instrument,
                command=plan.command,
                wish=plan.wish,
            )
            made.append(one.id)
    return made


class Measuring:
    """Measures how far new sounds are from the library, in a thread of its own.

    Args:
        history: Where sounds and distances are kept.
        workspace: Whose library.
        is_asked: Says whether somebody waits for a sound, who goes first.
    """

    def __init__(
        self, history: MadeHistory, workspace: Workspace, is_asked: Callable[[], bool]
    ) -> None:
        self._history, self._workspace, self._is_asked = history, workspace, is_asked
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
            while self._is_asked():  # what is clicked goes before what can wait
                time.sleep(PAUSE_S)
            try:
                path = self._history.file(id_)
                nearest = search.search(self._workspace, path, top=1)
                self._history.measured({id_: nearest[0].distance})
            except (TimbrelError, OSError):
                continue  # the sound is gone, or there is no library
            except Exception:  # one sound must not end the measuring of all
                LOG.exception("a sound could not be measured")
