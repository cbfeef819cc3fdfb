"""What a killed experiment has done already: figures by name, each written whole or not at all."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from timbrel import atomic


@dataclass(frozen=True)
class Memory:
    """Figures of an experiment under way.

    Attributes:
        folder: Where they lie.
    """

    folder: Path

    def recall(self, name: str, find: Callable[[], Any]) -> Any:
        """Gives figures, found now or by an earlier run.

        Args:
            name: Their name; becomes a file's.
            find: Finds them; plain values that JSON can hold.

        Returns:
            The figures as JSON holds them, so that a run and a resumed one see the same.
        """
        path = self.folder / f"{name}.json"
        if not path.is_file():
            self.folder.mkdir(parents=True, exist_ok=True)
            atomic.write_text(path, json.dumps(find()))
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            path.unlink()
            return self.recall(name, find)
