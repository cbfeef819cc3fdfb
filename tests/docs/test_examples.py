"""Every example of the pages and of the code runs as it stands."""

import doctest
import importlib
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import timbrel

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def _blocks() -> list[tuple[str, str]]:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [
        (f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, found.start()) + 2}", found.group(1))
        for page in pages
        if page.is_file()
        for text in [page.read_text(encoding="utf-8")]
        for found in _BLOCK.finditer(text)
    ]


def _modules() -> list[str]:
    found = pkgutil.walk_packages(timbrel.__path__, "timbrel.")
    return [module.name for module in found if not module.name.endswith("__main__")]


@pytest.mark.parametrize(("where", "code"), [pytest.param(*b, id=b[0]) for b in _blocks()])
def test_block_of_a_page_runs(
    where: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(code, where, "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize("name", _modules())
def test_examples_of_a_module_are_true(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tried = doctest.testmod(importlib.import_module(name))
    assert tried.failed == 0


def test_python_m_timbrel_is_timbrel() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "timbrel", "--version"],
        capture_output=True, text=True, check=True, env=dict(os.environ),
    )  # fmt: skip
    assert done.stdout.startswith("timbrel ")
