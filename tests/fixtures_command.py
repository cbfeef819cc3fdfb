"""The tool as a person meets it: arguments in, an exit status, stdout and stderr out."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from timbrel.cli.main import run


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout; NaN and Infinity are no JSON."""

        def refused(word: str) -> None:
            raise ValueError(f"{word} is no JSON")

        return json.loads(self.out, parse_constant=refused)


Command = Callable[..., Ended]


@pytest.fixture
def timbrel(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Runs the tool in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TIMBREL_WORKSPACE", raising=False)

    def command(*arguments: object) -> Ended:
        capsys.readouterr()
        status = run([str(one) for one in arguments])
        said = capsys.readouterr()
        return Ended(status, said.out, said.err)

    return command
