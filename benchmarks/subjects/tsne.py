"""Maps of faces: `emolib.interpretation.tsne` against scikit-learn's t-SNE.

Two maps of the same faces are never the same numbers, so what must agree is what maps are for:
ours has to be at least as trustworthy as the peer's, less what the sampling of faces for the
measurement leaves open. A map of thousands of faces takes half a minute and needs no warming up;
the larger size takes minutes and is raced once, whatever `repeats` says.
"""

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

from benchmarks.harness import Row, at_least, race, speedup
from emolib.interpretation.map_quality import trustworthiness
from emolib.interpretation.tsne import COMPONENTS, PERPLEXITY, Optimisation, fit_map

SEED = 2018
FACES, DIMENSION = 10_000, 2048
LARGER = 30_000
PEOPLE, EMOTIONS = 60, 7
NOTE = (
    "Both sides use one thread and as many steps. Ours interpolates the forces between faces on a "
    "grid from 10,000 faces on, which costs as much as the peer's tree there, and less beyond."
)
TOLERANCE = 0.001
"""Of trustworthiness: differences between faces sampled for it are of this order."""


def rows(
    repeats: int,
    faces: int = FACES,
    dimension: int = DIMENSION,
    larger: int | None = LARGER,
    n_jobs: int = 1,
) -> Iterator[Row]:
    """Compare the time for a corpus of `faces`, and how it grows to `larger` (None leaves it out).

    Both sides reduce to 50 principal components, use the same perplexity, the same number of steps
    and `n_jobs` threads.
    """
    seconds = {}
    for n in (faces, larger) if larger else (faces,):
        made = maps(features(n, dimension), n_jobs)
        seconds[n] = race(made, agree(n, dimension), 1 if n > faces else repeats, warm_up=False)
        what = f"map of {n:,} faces with {dimension:,} features"
        yield speedup(what, seconds[n], "scikit-learn", at_least(1), NOTE)
    if larger:
        yield growth(seconds, faces, larger)


def growth(seconds: dict[int, pd.DataFrame], faces: int, larger: int) -> Row:
    """Return how many times as much the peer's time grows as ours does."""
    grown = seconds[larger].median() / seconds[faces].median()
    what = (
        f"growth of the time from {faces:,} to {larger:,} faces (ours: {grown.iloc[0]:.1f} times)"
    )
    ratio = grown["scikit-learn"] / grown["emolib"]
    return Row(what, "scikit-learn", "times the growth", [ratio], at_least(1), NOTE)


@cache
def features(faces: int, dimension: int) -> np.ndarray:
    """Return what a backbone might make of faces: person, expression, position, and noise."""
    rng = np.random.default_rng(SEED)
    person, emotion = rng.integers(PEOPLE, size=faces), rng.integers(EMOTIONS, size=faces)
    factors = np.column_stack(
        [
            rng.normal(size=(PEOPLE, 20))[person] * 3,
            rng.normal(size=(EMOTIONS, 8))[emotion] * 2 * rng.uniform(size=(faces, 1)),
            rng.normal(size=(faces, 6)),
        ]
    )
    hidden = np.maximum(factors @ rng.normal(size=(factors.shape[1], dimension)), 0)
    return (hidden + rng.normal(size=hidden.shape)).astype(np.float32)


def maps(table: np.ndarray, n_jobs: int) -> dict[str, Callable[[], np.ndarray]]:
    """Return what makes a map of features on each side."""
    settings = Optimisation(n_jobs=n_jobs)

    def ours() -> np.ndarray:
        with threadpool_limits(n_jobs):
            return fit_map(table, seed=SEED, optimisation=settings).positions

    def peer() -> np.ndarray:
        components = min(COMPONENTS, *table.shape)
        perplexity = min(PERPLEXITY, (len(table) - 1) / 3)
        steps = settings.early_iterations + settings.iterations
        # Its gradient takes every core that OpenMP offers, whatever `n_jobs` says.
        with threadpool_limits(n_jobs):
            reduced = PCA(components, random_state=SEED).fit_transform(table).astype(np.float32)
            return TSNE(
                perplexity=perplexity, max_iter=steps, n_jobs=n_jobs, random_state=SEED
            ).fit_transform(reduced)

    return {"emolib": ours, "scikit-learn": peer}


def agree(faces: int, dimension: int) -> Callable[[np.ndarray, np.ndarray], None]:
    """Return what requires our map to be at least as trustworthy as the peer's."""

    def at_least_as_trustworthy(ours: np.ndarray, peer: np.ndarray) -> None:
        table = features(faces, dimension)
        own, other = (trustworthiness(table, at, seed=SEED) for at in (ours, peer))
        assert own >= other - TOLERANCE, (
            f"trustworthiness of {faces:,} faces: {own:.4f}, scikit-learn {other:.4f}"
        )

    return at_least_as_trustworthy
