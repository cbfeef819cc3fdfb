"""timbrel's Adam against torch's own, to the bit, and without torch's compiler."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from timbrel.training.adam import Adam


def network() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.ELU(), nn.Flatten(), nn.Linear(4 * 6 * 6, 3), nn.Linear(3, 1)
    ).to(memory_format=torch.channels_last)


@pytest.mark.parametrize("decoupled", [False, True])
@pytest.mark.parametrize("weight_decay", [0.0, 0.01])
def test_each_step_is_that_of_torch(decoupled: bool, weight_decay: float) -> None:
    one, other = network(), network()
    ours = Adam(one.parameters(), betas=(0.5, 0.9), weight_decay=weight_decay, decoupled=decoupled)
    kind = torch.optim.AdamW if decoupled else torch.optim.Adam
    theirs = kind(other.parameters(), betas=(0.5, 0.9), weight_decay=weight_decay, fused=True)
    for step in range(6):
        rate = 0.01 / (step + 1)
        for group in theirs.param_groups:
            group["lr"] = rate
        ours.forget_gradients()
        theirs.zero_grad()
        sounds = torch.randn(5, 1, 8, 8, generator=torch.Generator().manual_seed(step))
        used = slice(None) if step % 2 else slice(0, 4)  # some weights without a gradient
        for net in (one, other):
            net[used](sounds).square().mean().backward()
        ours.step(rate)
        theirs.step()
    for mine, its in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(mine, its)
        for name, value in theirs.state[its].items():
            assert torch.equal(ours.state[mine][name], value)
            assert ours.state[mine][name].stride() == value.stride()


def test_weights_of_two_number_types_move_together() -> None:
    weights = [nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2, dtype=torch.float64))]
    for weight in weights:
        weight.grad = torch.ones_like(weight)
    Adam(weights).step(0.5)
    assert [weight[0].item() for weight in weights] == pytest.approx([0.5, 0.5])


def test_the_first_step_of_a_training_imports_no_compiler() -> None:
    code = (
        "import sys, torch; from timbrel.recipes import find;"
        "from timbrel.training.mover import Mover; p = torch.nn.Parameter(torch.ones(4));"
        "m = Mover([p], find('one-shot').training);"
        "m.move((p ** 2).sum(), 0.1);"
        "print('torch._dynamo' in sys.modules, float(p[0]) < 1)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "True"]
