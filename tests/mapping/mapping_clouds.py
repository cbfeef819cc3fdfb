"""Clouds of latents that look like an instrument's: classes with their own spread."""

import numpy as np

from timbrel.mapping.layout import SoundMap, lay_out


def cloud(
    rng: np.random.Generator, count: int = 400, size: int = 16, classes: int = 5
) -> tuple[np.ndarray, np.ndarray]:
    """Latents [count, size] of classes that lie apart, each along three directions of its own."""
    centres = rng.normal(0, 2, (classes, size))
    directions = rng.normal(0, 0.5, (classes, size, 3))
    which = rng.integers(0, classes, count)
    along = np.einsum("mzd,md->mz", directions[which], rng.normal(0, 1, (count, 3)))
    latents = centres[which] + along + rng.normal(0, 0.3, (count, size))
    return latents.astype(np.float32), which


def mapped(latents: np.ndarray, labels: tuple[str, ...], projection: str = "pca") -> SoundMap:
    ids = tuple(f"id{index}" for index in range(len(latents)))
    names = tuple(f"{label}_{index}.wav" for index, label in enumerate(labels))
    return lay_out(
        latents, projection=projection, seed=3, ids=ids, labels=labels, names=names,
        instrument="drums",
    )  # fmt: skip
