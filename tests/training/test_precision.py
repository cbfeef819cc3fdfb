"""The number format of training: what was asked for, where the machine has it."""

import pytest
import torch

from timbrel.recipes import TrainingOptions
from timbrel.training import precision
from timbrel.training.precision import arithmetic, counts_in_bfloat16, precision_on

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("asked", "can", "used"),
    [
        ("float32", True, "float32"),
        ("float32", False, "float32"),
        ("bfloat16", True, "bfloat16"),
        ("bfloat16", False, "float32"),
    ],
)
def test_half_precision_only_where_it_was_asked_for_and_is_there(asked, can, used):
    options = TrainingOptions(precision=asked)
    assert precision_on(options, CPU, can=lambda _kind: can) == used


@pytest.mark.parametrize(
    ("text", "there"), [("flags : avx512f avx512_bf16 avx2", True), ("flags : avx512f avx2", False)]
)
def test_an_older_torch_reads_what_the_processor_says(monkeypatch, tmp_path, text, there):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    (tmp_path / "cpuinfo").write_text(text)
    monkeypatch.setattr(precision, "Path", lambda _path: tmp_path / "cpuinfo")
    assert bool({"avx512_bf16", "bf16"} & precision._instructions()) == there


def test_a_product_of_matrices_is_counted_as_is_said():
    options = TrainingOptions(precision="bfloat16")
    with arithmetic(options, CPU):
        product = torch.ones(4, 4) @ torch.ones(4, 4)
    expected = torch.bfloat16 if counts_in_bfloat16("cpu") else torch.float32
    assert product.dtype == expected
