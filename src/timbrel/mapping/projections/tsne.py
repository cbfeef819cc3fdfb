"""t-SNE: each sound next to those most like it; distances between clusters mean nothing."""

import numpy as np

from timbrel.mapping.projections import FloatArray, Projection, _large, umap
from timbrel.recipes import Options, option

START_WIDTH = 1e-4  # standard deviation of the first positions, as the method asks for
FEWEST_ITERATIONS = 250  # of which a quarter of a thousand are early exaggeration in scikit-learn


class TsneOptions(Options):
    """Settings of t-SNE."""

    perplexity: float = option(
        30.0, "About how many sounds count as near to one; small shows detail.", low=2, high=500
    )
    iterations: int = option(1000, "Steps of the descent.", low=FEWEST_ITERATIONS, high=20_000)


DEFAULT = TsneOptions()


def fit(latents: FloatArray, seed: int = 0, options: TsneOptions = DEFAULT) -> FloatArray:
    """Lays latents out by t-SNE, starting from their principal components.

    From 15,000 sounds on, 8,000 of them are laid out, and the others placed among them.

    Args:
        latents: [M, Z], M from 4 on, not all alike.
        seed: Of what it draws; the same seed gives the same map.
        options: Perplexity and iterations; the perplexity is at most a third of the sounds.

    Returns:
        Positions [M, 2].

    Raises:
        UsageError: With fewer than 4 sounds, or when all latents are alike.

    Source:
        Van der Maaten and Hinton, "Visualizing data using t-SNE", 2008; the descent after Van der
        Maaten, "Accelerating t-SNE using tree-based algorithms", 2014.
    """
    latents = np.asarray(latents, dtype=np.float32)
    umap.check(latents, "a t-SNE")
    if len(latents) < _large.LARGE:
        return _laid_out(latents, seed, options)
    reduced = _large.reduced(latents)
    return _large.by_landmarks(reduced, seed, lambda drawn: _laid_out(drawn, seed, options))


def _laid_out(latents: FloatArray, seed: int, options: TsneOptions) -> FloatArray:
    from sklearn.manifold import TSNE

    first = umap.start(latents, seed)
    width = max(float(first.std(axis=0).max()), float(np.finfo(np.float32).tiny))
    first = first / width * START_WIDTH
    model = TSNE(
        perplexity=min(options.perplexity, (len(latents) - 1) / 3),
        max_iter=options.iterations,
        init=first.astype(np.float32),
        learning_rate="auto",
        random_state=seed,
    )
    return np.asarray(model.fit_transform(latents), dtype=np.float32)


PROJECTION = Projection(
    title="t-SNE",
    source="Van der Maaten and Hinton 2008",
    fit=fit,
    options=TsneOptions,
)
