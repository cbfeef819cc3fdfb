"""Shell completion: commands, recipes, instruments of the workspace asked for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = "from timbrel.cli.main import main; import sys; sys.argv = ['timbrel']; main()"


def _completed(line: str, folder: Path) -> list[str]:
    words = {
        "_TIMBREL_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        capture_output=True, text=True, check=False, cwd=folder, env={**os.environ, **words},
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("timbrel rec", ["recipes", "reconstruct"]),
        ("timbrel train sample-vae-t", ["sample-vae-tiny"]),
        ("timbrel generate dru", ["drums"]),
        ("timbrel --workspace other map be", ["bells"]),
        ("timbrel map drums --projection u", ["umap"]),
        ("timbrel compare --metric sn", ["snr"]),
        ("timbrel scan --reader ns", ["nsynth"]),
    ],
)
def test_names_are_completed(tmp_path: Path, line: str, expected: list[str]) -> None:
    (tmp_path / "timbrel-workspace/instruments/drums").mkdir(parents=True)
    (tmp_path / "other/instruments/bells").mkdir(parents=True)
    assert sorted(_completed(line, tmp_path)) == expected


def test_the_completion_script_is_shown() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE.replace("['timbrel']", "['timbrel', '--show-completion']")],
        capture_output=True, text=True, check=False,
        env={**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1", "SHELL": "bash"},
    )  # fmt: skip
    assert "Traceback" not in done.stderr
