"""Facts of the single projections; what all promise stands in tests/contracts."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from timbrel.errors import UsageError
from timbrel.mapping.projections import pca, umap


def test_pca_agrees_with_scikit_learn_up_to_sign(rng: np.random.Generator) -> None:
    latents = (rng.normal(size=(200, 8)) * np.arange(1, 9)).astype(np.float32)
    theirs = PCA(2, svd_solver="full").fit_transform(latents.astype(float))
    assert np.abs(pca.fit(latents)) == pytest.approx(np.abs(theirs), abs=1e-4)


def test_pca_keeps_its_signs_when_the_sounds_change_their_order(rng: np.random.Generator) -> None:
    latents = (rng.normal(size=(50, 8)) * np.arange(1, 9)).astype(np.float32)
    assert pca.fit(latents[::-1])[::-1] == pytest.approx(pca.fit(latents), abs=1e-4)


def test_umap_keeps_neighbours_that_pca_folds_onto_each_other(rng: np.random.Generator) -> None:
    centres = np.eye(20) * 10  # twenty classes at equal distances: two axes cannot show them
    which = np.repeat(np.arange(20), 15)
    latents = (centres[which] + rng.normal(size=(300, 20)) * 0.5).astype(np.float32)
    assert agreement(umap.fit(latents), which) > 0.97
    assert agreement(pca.fit(latents), which) < 0.9


def agreement(positions: np.ndarray, which: np.ndarray) -> float:
    distances = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return float((which[distances.argmin(axis=1)] == which).mean())


def test_another_seed_gives_another_umap(rng: np.random.Generator) -> None:
    latents = rng.normal(size=(60, 4)).astype(np.float32)
    assert not np.array_equal(umap.fit(latents, 1), umap.fit(latents, 2))


def test_umap_says_when_there_is_too_little(rng: np.random.Generator) -> None:
    with pytest.raises(UsageError, match=r"UMAP of 3 sounds.*at least 4.*pca"):
        umap.fit(rng.normal(size=(3, 4)).astype(np.float32))
    with pytest.raises(UsageError, match=r"alike.*pca"):
        umap.fit(np.ones((9, 4), dtype=np.float32))
