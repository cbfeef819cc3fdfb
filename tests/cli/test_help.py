"""Help: every command tells what it does, and nothing heavy is imported for it."""

import subprocess
import sys

import pytest

from fixtures_command import Command
from timbrel import __version__
from timbrel.cli.main import VERBS

HEAVY = {
    *("torch", "numpy", "lancedb", "matplotlib", "scipy", "sklearn"),
    *("umap", "pyarrow", "librosa", "rich", "soundfile", "fastapi", "uvicorn"),
}
PROMISED = (
    *("scan", "library", "search", "recipes", "train", "instruments", "reconstruct"),
    *("generate", "sliders", "morph", "vary", "continue", "inpaint", "extend", "denoise"),
    *("map", "pick", "evaluate", "compare", "experiment", "listen", "studio", "export"),
    "demo",
)


def test_the_commands_are_those_that_were_promised() -> None:
    assert [name for name, _, _ in VERBS] == list(PROMISED)


@pytest.mark.parametrize("name", PROMISED)
def test_each_command_has_help_and_an_example(timbrel: Command, name: str) -> None:
    ended = timbrel(name, "--help")
    assert ended.status == 0
    assert f"Example: timbrel {name} " in " ".join(ended.out.split())
    assert "..." not in timbrel("--help").out.split(f" {name} ")[1].splitlines()[0]


def test_each_option_has_a_sentence() -> None:
    from typer.main import get_command

    from timbrel.cli.main import app

    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        for option in command.params:
            assert getattr(option, "help", "-"), f"{name} {option.name} says nothing"


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from timbrel.cli.main import run\n"
        "for words in (['--help'], *([verb, '--help'] for verb in sys.argv[1:])): run(words)\n"
        "print('loaded', *[name for name in sys.modules if '.' not in name])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *PROMISED], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "typer" in loaded
    assert loaded & HEAVY == set()


def test_version(timbrel: Command) -> None:
    assert timbrel("--version").out == f"timbrel {__version__}\n"
