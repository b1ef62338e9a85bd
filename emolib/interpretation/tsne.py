"""Maps of faces by t-SNE: what a network holds to be alike lies close together.

The three decisions behind a map stand apart, as in openTSNE: who counts as a neighbour of whom
(`neighbour_affinities`), where every face starts (`initial_positions`), and how the map is then
optimised (`Optimisation`). `fit_map` makes all three; each of them can be given to it instead.

Conventions
-----------
- Features are reduced to their first 50 principal components before anything else, which removes
  noise and makes distances cheap (van der Maaten and Hinton 2008, section 4.2). They are not
  scaled.
- The same features, seed and number of threads give the same map, to the last bit with one thread.
- Memory is that of the features given. Chapters draw as many faces as ``interpretation.tsne_faces``
  says, however large the corpus is.
- A map has no axes: only who is near whom means something, and distances between far groups do
  not.

References
----------
van der Maaten, L., and Hinton, G. (2008). Visualizing data using t-SNE. Journal of Machine Learning
Research 9, 2579-2605.
Policar, P. G., Strazar, M., and Zupan, B. (2024). openTSNE: A modular Python library for t-SNE
dimensionality reduction and embedding. Journal of Statistical Software 109(3), 1-30.
Kobak, D., and Berens, P. (2019). The art of using t-SNE for single-cell transcriptomics. Nature
Communications 10, 5416. Where to start, and how long a step to take.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from openTSNE import TSNEEmbedding, affinity, initialization
from sklearn.decomposition import PCA

from emolib.errors import InputError

COMPONENTS = 50
"""Principal components that a map is made from."""

PERPLEXITY = 30.0
"""About how many neighbours a face has; fewer where there are fewer than 90 faces."""

MOST_EXACT = 10_000
"""Faces up to which the nearest neighbours are searched exactly; beyond, Annoy finds most."""

FEWEST = 4
"""Faces below which there is no map."""


@dataclass(frozen=True)
class Optimisation:
    """How a map is optimised.

    Attributes
    ----------
    early_iterations : int
        Steps during which attraction is exaggerated, so that groups can form.
    early_exaggeration : float
        By which factor.
    iterations : int
        Steps after that. The learning rate is the number of faces over the exaggeration
        (Kobak and Berens 2019).
    n_jobs : int
        Threads.
    """

    early_iterations: int = 250
    early_exaggeration: float = 12.0
    iterations: int = 500
    n_jobs: int = 1


@dataclass(frozen=True)
class FaceMap:
    """A map, on which further faces can be placed.

    Attributes
    ----------
    positions : ndarray of float64 (n, 2)
        Where each face lies; the middle of the map is 0.
    reduced : ndarray of float32 (n, components)
        The principal components that the map was made from.
    reduction : PCA
        From features to principal components.
    embedding : TSNEEmbedding
        What openTSNE knows of the map.
    """

    positions: np.ndarray
    reduced: np.ndarray
    reduction: PCA
    embedding: TSNEEmbedding

    @property
    def variance_kept(self) -> float:
        """Share of the variance of the features that the principal components hold, in [0, 1]."""
        return float(self.reduction.explained_variance_ratio_.sum())

    @property
    def kl_divergence(self) -> float:
        """What the optimisation has left of the Kullback-Leibler divergence, in nats."""
        return float(self.embedding.kl_divergence)

    def place(self, features: np.ndarray, perplexity: float = 5.0) -> np.ndarray:
        """Place other faces on the map, each by itself; the map stays as it is.

        A face starts at the median of its 25 nearest faces of the map and is then optimised
        against the map alone (Policar et al. 2024).

        Parameters
        ----------
        features : ndarray (m, dimension)
            Of the same kind as those of the map.
        perplexity : float
            About how many faces of the map it is drawn to.

        Returns
        -------
        ndarray of float64 (m, 2)

        Raises
        ------
        InputError
            If the features are of another length or not finite.
        """
        features = _finite(features)
        if features.shape[1] != self.reduction.n_features_in_:
            raise InputError(
                f"features of length {features.shape[1]} on a map of features of length "
                f"{self.reduction.n_features_in_}; both must come from the same network"
            )
        if not len(features):
            return np.empty((0, 2))
        perplexity = min(perplexity, len(self.positions) / 3)
        # A copy, since placing moves the middle of the map to 0 and may round it on the way.
        embedding = TSNEEmbedding(
            np.array(self.embedding),
            self.embedding.affinities,
            random_state=self.embedding.random_state,
            **self.embedding.gradient_descent_params,
        )
        reduced = self.reduction.transform(features).astype(np.float32)
        return np.array(embedding.transform(reduced, perplexity=perplexity))


def fit_map(
    features: np.ndarray,
    *,
    seed: int,
    affinities: affinity.Affinities | None = None,
    initial: np.ndarray | None = None,
    optimisation: Optimisation | None = None,
) -> FaceMap:
    """Make a map of faces.

    Parameters
    ----------
    features : ndarray (n, dimension)
        Of each face; finite.
    seed : int
        Of what is random: an approximate search for components and neighbours, and the tiny
        distances by which the starting positions are jittered.
    affinities : openTSNE.affinity.Affinities or None
        Of the faces to each other; None takes `neighbour_affinities` of the principal components.
    initial : ndarray (n, 2) or None
        Where the faces start; None takes `initial_positions`.
    optimisation : Optimisation or None
        How to go on from there.

    Raises
    ------
    InputError
        If there are too few faces, or their features are not finite or all the same.
    """
    optimisation = optimisation or Optimisation()
    reduction, reduced = reduce_features(features, seed=seed)
    if affinities is None:
        affinities = neighbour_affinities(reduced, seed=seed, n_jobs=optimisation.n_jobs)
    if initial is None:
        initial = initial_positions(reduced, seed=seed)
    embedding = optimise(initial, affinities, optimisation, seed=seed)
    return FaceMap(np.array(embedding), reduced, reduction, embedding)


def reduce_features(
    features: np.ndarray, components: int = COMPONENTS, *, seed: int
) -> tuple[PCA, np.ndarray]:
    """Return the principal components of features, float32 (n, components), and how to get them.

    Raises
    ------
    InputError
        If there are too few faces, or their features are not finite or all the same.
    """
    features = _finite(features)
    if len(features) < FEWEST:
        raise InputError(f"{len(features)} faces; a map takes at least {FEWEST}")
    if (features == features[0]).all():
        raise InputError(f"the features of all {len(features)} faces are the same; so no map")
    reduction = PCA(min(components, *features.shape), random_state=seed)
    return reduction, reduction.fit_transform(features).astype(np.float32)


def neighbour_affinities(
    reduced: np.ndarray, perplexity: float = PERPLEXITY, *, seed: int, n_jobs: int = 1
) -> affinity.PerplexityBasedNN:
    """Return how strongly faces are drawn to each other: Gaussian, of a width of their own each.

    Parameters
    ----------
    reduced : ndarray (n, components)
        Between which Euclidean distances mean likeness.
    perplexity : float
        About how many neighbours a face has.
    seed : int
        Of the approximate search for neighbours.
    n_jobs : int
        Threads.
    """
    n = len(reduced)
    return affinity.PerplexityBasedNN(
        reduced,
        perplexity=min(perplexity, (n - 1) / 3),
        method="exact" if n <= MOST_EXACT else "approx",
        n_jobs=n_jobs,
        random_state=seed,
    )


def initial_positions(reduced: np.ndarray, *, seed: int) -> np.ndarray:
    """Return starting positions, (n, 2): the first two principal components, very small.

    They keep the large distances right, which t-SNE itself does not care about.
    """
    return initialization.pca(reduced.astype(np.float64), random_state=seed)


def optimise(
    initial: np.ndarray, affinities: affinity.Affinities, settings: Optimisation, *, seed: int
) -> TSNEEmbedding:
    """Return the map that starting positions and affinities lead to, its middle at 0."""
    embedding = TSNEEmbedding(
        initial,
        affinities,
        negative_gradient_method="auto",  # a tree below 10,000 faces, interpolation from there
        random_state=seed,
        n_jobs=settings.n_jobs,
    )
    embedding.optimize(
        settings.early_iterations,
        exaggeration=settings.early_exaggeration,
        momentum=0.5,
        inplace=True,
    )
    embedding.optimize(settings.iterations, momentum=0.8, inplace=True)
    embedding -= (embedding.max(axis=0) + embedding.min(axis=0)) / 2
    return embedding


def sample_faces(faces: pd.DataFrame, most: int, *, seed: int) -> np.ndarray:
    """Draw faces at random, each with the same chance, up to a number.

    Returns
    -------
    ndarray of int
        Positions in the table, increasing.
    """
    drawn = np.random.default_rng(seed).permutation(len(faces))[:most]
    return np.sort(drawn)


def one_face_per_video(faces: pd.DataFrame, most: int, *, seed: int) -> np.ndarray:
    """Draw one face of every video, from up to so many videos.

    Parameters
    ----------
    faces : DataFrame
        With ``video``.
    most : int
        Videos; which ones is drawn as well.
    seed : int
        Another one draws other faces.

    Returns
    -------
    ndarray of int
        Positions in the table, increasing.
    """
    shuffled = np.random.default_rng(seed).permutation(len(faces))
    first = ~faces["video"].iloc[shuffled].duplicated().to_numpy()
    return np.sort(shuffled[first][:most])


def _finite(features: np.ndarray) -> np.ndarray:
    features = np.asarray(features, np.float32)
    if features.ndim != 2:
        raise InputError(f"features of shape {features.shape}; a row per face is needed")
    if not np.isfinite(features).all():
        face = int(np.flatnonzero(~np.isfinite(features).all(axis=1))[0])
        raise InputError(f"the features of face {face} are not finite numbers")
    return features
