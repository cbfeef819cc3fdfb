"""Features: what a small classifier, trained on a library's own labels, makes of sounds.

A Fréchet distance needs a smooth space in which sounds of one kind lie together. Elsewhere that is
a large network trained on millions of pictures or on speech; here it is a small one trained in
seconds on the library itself: two convolutions over sketches, then 32 features, then the labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from timbrel.errors import UsageError
from timbrel.evaluation.sketches import FLOOR_DB, MELS, MOMENTS, Sketches

SIZE = 32
EPOCHS = 30
BATCH = 64
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-3
DROPOUT = 0.3


@dataclass(frozen=True)
class Features:
    """A trained classifier, of which only the last layer but one is asked.

    Attributes:
        network: From sketches to features.
        scale: What features are divided by, so that their mean variance over what was learned from
            is one.
    """

    network: nn.Module
    scale: float

    def of(self, sketches: Sketches) -> NDArray[np.float32]:
        """Gives the features of sounds.

        Args:
            sketches: Sketches of the sounds, [Q, 640].

        Returns:
            Their features, [Q, 32].
        """
        with torch.inference_mode():
            found = self.network(_input(sketches)) / self.scale
        return cast(NDArray[np.float32], found.numpy())


def train_features(sketches: Sketches, labels: Sequence[str], *, seed: int) -> Features:
    """Trains a classifier to tell labels, for what it looks at.

    Args:
        sketches: Sketches of real sounds, [M, 640].
        labels: The label of each; sounds without one are left out.
        seed: Seed of weights, order and dropout: the same seed gives the same features.

    Returns:
        The features.

    Raises:
        UsageError: When there are fewer than two labels.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> low, high = rng.normal(-40, 3, (20, 640)), rng.normal(-20, 3, (20, 640))
        >>> sketches = np.concatenate([low, high]).astype(np.float32)
        >>> train_features(sketches, ["low"] * 20 + ["high"] * 20, seed=0).of(sketches).shape
        (40, 32)
    """
    names = sorted({label for label in labels if label})
    if len(names) < 2:
        raise UsageError(f"{len(names)} label(s)", "at least 2", "sort the sounds into folders")
    asked = [row for row, label in enumerate(labels) if label]
    shown = _input(sketches[asked])
    wanted = torch.tensor([names.index(labels[row]) for row in asked])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        body, head = _body(), nn.Linear(SIZE, len(names))
        _learn(nn.Sequential(body, nn.Dropout(DROPOUT), head), shown, wanted)
    body.eval()
    with torch.inference_mode():
        scale = float(body(shown).var(dim=0).mean().sqrt())
    return Features(body, scale or 1.0)


def _input(sketches: Sketches) -> Tensor:
    """Sketches as pictures whose values lie between -1 and 1."""
    return torch.from_numpy(sketches).reshape(-1, 1, MELS, MOMENTS) / (FLOOR_DB / 2) + 1


def _body() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2, padding=1),
        nn.ELU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.ELU(),
        nn.Flatten(),
        nn.Dropout(DROPOUT),
        nn.Linear(32 * (MELS // 4) * (MOMENTS // 4), SIZE),
        nn.Tanh(),
    )


def _learn(network: nn.Module, shown: Tensor, wanted: Tensor) -> None:
    """Trains for a fixed number of passes; draws from torch's own generator."""
    network.train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    for _ in range(EPOCHS):
        for rows in torch.split(torch.randperm(len(shown)), BATCH):
            optimizer.zero_grad()
            torch.autograd.backward(cross_entropy(network(shown[rows]), wanted[rows]))
            optimizer.step()
