"""What makes a training the same training, so that only that one is resumed."""

import hashlib
from collections.abc import Mapping
from typing import Any

from timbrel import recipes
from timbrel.errors import TrainingError
from timbrel.recipes import Recipe
from timbrel.training.store import CodeStore, TrainingData

# Settings that may change from run to run: how long it learns and what is shown.
_FREE = ("steps", "epochs", "previews")

# Settings that trainings of an earlier version could not say, and what those did.
_BEFORE = {"training.optimiser": "adamw", "pieces": False, "skip_s": 0.0}

Identity = dict[str, Any]


def identity(recipe: Recipe, data: TrainingData, seed: int) -> Identity:
    """Lists what a training depends on, apart from its budget.

    Args:
        recipe: Its recipe.
        data: What it learns from and is judged by.
        seed: Its seed.

    Returns:
        Plain values by a name that a message can use.
    """
    table = recipes.as_table(recipe)
    training = {k: v for k, v in table.pop("training").items() if k not in _FREE}
    flat = {f"training.{k}": v for k, v in training.items()}
    for key, value in table.items():
        inner = value if isinstance(value, dict) else None
        flat |= {f"{key}.{k}": v for k, v in inner.items()} if inner else {key: value}
    return {**flat, "seed": seed, "the sounds": [_hash(data.train), _hash(data.validation)]}


def _hash(store: CodeStore) -> str:
    digest = hashlib.sha256(store.fingerprint.encode())
    digest.update(store.labels.tobytes())
    digest.update("\0".join(store.ids).encode())
    return digest.hexdigest()[:16]


def same_or_refuse(kept: Mapping[str, Any], now: Identity) -> None:
    """Makes sure that a checkpoint belongs to the training that resumes.

    Args:
        kept: The identity in the checkpoint.
        now: The identity of this run.

    Raises:
        TrainingError: When they differ; the message names the first difference.
    """
    kept = {**_BEFORE, **kept}
    for name in [*now, *kept]:
        if kept.get(name) != now.get(name):
            raise TrainingError(
                f"{name} changed since this training began ({_shown(kept.get(name))} then, "
                f"{_shown(now.get(name))} now)",
                "the same recipe, sounds and seed when resuming",
                "set it back, or train under a new name",
            )


def _shown(value: Any) -> str:
    return repr(value) if not isinstance(value, list) else "/".join(map(str, value))
