"""The facts of the machine that stand in each report."""

import os
from pathlib import Path

import pytest
import torch

import timbrel
from timbrel.evaluation.machine import machine_facts, processor

LINUX = "processor\t: 0\nmodel name\t: Quick Chip 9\nprocessor\t: 1\nmodel name\t: Other\n"
BOARD = "processor\t: 0\nBogoMIPS\t: 108.00\n\nModel\t\t: Little Board 4\n"


def test_machine_threads_and_versions_are_named() -> None:
    torch.set_num_threads(1)
    facts = machine_facts(torch.device("cpu"))
    assert facts["threads"] == 1
    assert facts["processor cores"] == os.cpu_count()
    assert facts["evaluated by timbrel"] == timbrel.__version__
    assert facts["evaluated by torch"] == torch.__version__
    assert all(facts.values())


@pytest.mark.parametrize(("content", "name"), [(LINUX, "Quick Chip 9"), (BOARD, "Little Board 4")])
def test_the_processor_is_the_one_that_linux_names(tmp_path: Path, content: str, name: str) -> None:
    (tmp_path / "cpuinfo").write_text(content, encoding="utf-8")
    assert processor(tmp_path / "cpuinfo") == name


def test_a_processor_that_no_one_names_has_its_kind(tmp_path: Path) -> None:
    assert processor(tmp_path / "none") == processor(tmp_path)
    assert processor(tmp_path / "none")
