r"""How alike two representations of the same faces are: SVCCA, PWCCA and CKA, with their chance.

A *representation* is the answers of a layer's units to n faces, a matrix of n rows. What is
compared are the subspaces that its columns span, so that it does not matter which unit encodes
what: `subspace` centres the columns and keeps the directions that hold most of the variance, and
the functions below compare two of these.

- **SVCCA** (Raghu et al. 2017, section 2): keep the singular directions that hold 99 % of the
  variance; the mean of the canonical correlations :math:`\rho_i` between what is kept.
- **PWCCA** (Morcos et al. 2018, on projection weighting): the mean weighted by how much of the
  first representation a canonical direction accounts for.
- **CKA** (Kornblith et al. 2019, section 3), with a linear kernel: weights directions by
  variance, so that a few strong ones decide.

All are in [0, 1], and none is 0 for representations that have nothing to do with each other. With
:math:`k_1` and :math:`k_2` independent Gaussian columns the squared correlations sum to
:math:`k_1 k_2 / (n - 1)` on average, and with :math:`k_1 + k_2 > n - 1` some are 1 whatever the
data; `chance_correlation` gives the mean to expect, and frames of a film, which resemble their
neighbours, are worth fewer faces than they are (`effective_faces`).

Public functions: `subspace`, `canonical_correlations`, `svcca`, `pwcca`, `linear_cka`,
`chance_correlation`, `effective_faces`, `other_faces`.

References
----------
Raghu, M., Gilmer, J., Yosinski, J., and Sohl-Dickstein, J. (2017). SVCCA: Singular Vector Canonical
Correlation Analysis for Deep Learning Dynamics and Interpretability. NIPS.
Morcos, A., Raghu, M., and Bengio, S. (2018). Insights on representational similarity in neural
networks with canonical correlation. NeurIPS.
Kornblith, S., Norouzi, M., Lee, H., and Hinton, G. (2019). Similarity of Neural Network
Representations Revisited. ICML.
Björck, Å., and Golub, G. H. (1973). Numerical methods for computing angles between linear
subspaces. Mathematics of Computation 27(123), 579-594.
Wachter, K. W. (1980). The limiting empirical measure of multiple discriminant ratios. Annals of
Statistics 8(5), 937-957.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special
from scipy.linalg import eigh

from emolib.errors import InputError

VARIANCE = 0.99
"""Share of the variance that SVCCA keeps (Raghu et al. 2017, section 2)."""

_RESOLUTION = 1e-11
"""A direction with a smaller share of the largest one's variance is rounding."""

_NODES = 2000
"""Of the integral over Wachter's law."""


@dataclass(frozen=True)
class Subspace:
    """What is kept of a representation.

    Attributes
    ----------
    scores : ndarray (n, k)
        The centred representation along each direction kept, largest variance first.
    basis : ndarray (n, k)
        Orthonormal columns that span the same.
    loadings : ndarray (k, d)
        Inner products of the basis with the centred units.
    explained : float
        Share of the variance that the directions hold, in [0, 1]; NaN where there is none.
    """

    scores: np.ndarray
    basis: np.ndarray
    loadings: np.ndarray
    explained: float

    @property
    def faces(self) -> int:
        """Number of faces, n."""
        return len(self.scores)

    @property
    def directions(self) -> int:
        """Number of directions kept, k."""
        return self.scores.shape[1]

    def of(self, faces: np.ndarray) -> "Subspace":
        """Return the same with its faces in another order, a permutation of 0 to n - 1."""
        return replace(self, scores=self.scores[faces], basis=self.basis[faces])


def subspace(
    activations: ArrayLike, *, variance: float = VARIANCE, most: int | None = None
) -> Subspace:
    """Centre a representation and keep its strongest directions.

    Parameters
    ----------
    activations : array_like (n, d)
        What d units answer to n faces.
    variance : float
        Keep the fewest directions that hold this share of the variance, in (0, 1]; with 1, all
        that are there.
    most : int or None
        But at most so many. Chance correlations grow with the number of directions.

    Returns
    -------
    Subspace
        Units that answer the same to every face add nothing; if all do, nothing is kept.

    Raises
    ------
    InputError
        If the array is not of that form, a value is not finite, or an option is out of range.
    """
    centred = _centred(activations)
    if not 0 < variance <= 1:
        raise InputError(f"variance is {variance}; give a share in (0, 1], such as {VARIANCE}")
    if most is not None and most < 1:
        raise InputError(f"most is {most}; at least one direction must be kept")
    faces, units = centred.shape
    wide = units > faces
    products = centred @ centred.T if wide else centred.T @ centred
    largest = min(len(products), most or len(products))
    squared, vectors = eigh(products, subset_by_index=(len(products) - largest, len(products) - 1))
    squared, vectors, total = squared[::-1], vectors[:, ::-1], np.trace(products)
    real = squared > _RESOLUTION * squared[0] if total > 0 else np.zeros(len(squared), bool)
    shares = np.cumsum(squared[real]) / max(total, np.finfo(float).tiny)
    kept = min(int(np.searchsorted(shares, variance - 1e-9)) + 1, int(real.sum()))
    vectors = vectors[:, :kept]
    scores = vectors * np.sqrt(squared[:kept]) if wide else centred @ vectors
    basis = np.linalg.qr(scores)[0]
    return Subspace(scores, basis, basis.T @ centred, float(shares[kept - 1]) if kept else np.nan)


def canonical_correlations(first: Subspace, second: Subspace) -> np.ndarray:
    """Return the canonical correlations of two representations, largest first.

    They are the cosines of the angles between the two subspaces (Björck and Golub 1973).

    Returns
    -------
    ndarray (min(k1, k2),)
        In [0, 1].

    Raises
    ------
    InputError
        If the two are not of the same faces, or have as many directions as there are faces, so
        that some correlation is 1 whatever they encode.
    """
    return np.clip(np.linalg.svd(_cosines(first, second), compute_uv=False), 0, 1)


def svcca(first: Subspace, second: Subspace) -> float:
    """Return the mean canonical correlation; NaN where one representation is constant.

    Errors are those of `canonical_correlations`.
    """
    correlations = canonical_correlations(first, second)
    return float(correlations.mean()) if len(correlations) else np.nan


def pwcca(first: Subspace, second: Subspace) -> float:
    r"""Return the projection-weighted mean of the canonical correlations.

    .. math:: \frac{\sum_i \alpha_i \rho_i}{\sum_i \alpha_i}, \quad
       \alpha_i = \sum_j |\langle h_i, x_j \rangle|

    with :math:`h_i` the canonical directions, as vectors over faces, and :math:`x_j` the centred
    units, both of the first representation (Morcos et al. 2018, on projection
    weighting). It is not symmetric. NaN where one representation is constant. Errors are those of
    `canonical_correlations`.
    """
    directions, correlations, _ = np.linalg.svd(_cosines(first, second), full_matrices=False)
    if not len(correlations):
        return np.nan
    weights = np.abs(directions.T @ first.loadings).sum(axis=1)
    return float(np.average(np.clip(correlations, 0, 1), weights=weights))


def linear_cka(first: Subspace, second: Subspace) -> float:
    r"""Return the linear centred kernel alignment of what is kept.

    .. math:: \|Y^T X\|_F^2 / (\|X^T X\|_F \|Y^T Y\|_F)

    (Kornblith et al. 2019, section 3). Directions that `subspace` left out hold so little
    variance that they would change it in the third digit at most. NaN where one representation is
    constant. Number of faces and of directions do not limit it.
    """
    _require_same_faces(first, second)
    x, y = first.scores, second.scores
    norms = np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y)
    return float(np.linalg.norm(x.T @ y) ** 2 / norms) if norms else np.nan


def chance_correlation(faces: float, first: int, second: int) -> float:
    r"""Return the mean canonical correlation to expect of independent Gaussian numbers.

    The squared correlations of k and l columns, :math:`k \le l`, in :math:`m = n - 1` degrees of
    freedom follow Wachter's law (1980) as these grow in proportion, with density

    .. math:: \frac{\sqrt{(\lambda_+ - \lambda)(\lambda - \lambda_-)}}
       {2 \pi \gamma_1 \lambda (1 - \lambda)}, \quad \lambda_\pm =
       \left(\sqrt{\gamma_1 (1 - \gamma_2)} \pm \sqrt{\gamma_2 (1 - \gamma_1)}\right)^2

    where :math:`\gamma_1 = k / m` and :math:`\gamma_2 = l / m`; what is returned is the mean of
    :math:`\sqrt\lambda`. For few columns it is a little too large: by 5 % for two and two, by 2 %
    for two and seven. With one column on a side it is exact, since :math:`\lambda` is then a Beta
    variable.

    Parameters
    ----------
    faces : float
        Their number n; need not be whole.
    first, second : int
        Numbers of directions; NaN is returned if one is 0.

    Raises
    ------
    InputError
        If there are more directions than degrees of freedom.
    """
    small, large = sorted((first, second))
    freedom = faces - 1
    if small == 0:
        return np.nan
    _require_enough(faces, first, second)
    if small == 1:
        halves = [(large + 1) / 2, freedom / 2, large / 2, (freedom + 1) / 2]
        return float(np.exp(special.gammaln(halves) @ [1, 1, -1, -1]))
    share, other = small / freedom, large / freedom
    ends = np.sqrt(share * (1 - other)), np.sqrt(other * (1 - share))
    low, high = (ends[0] - ends[1]) ** 2, (ends[0] + ends[1]) ** 2
    # With λ = centre + half cos θ the integrand is smooth, and the mean over θ is enough.
    angle = (np.arange(_NODES) + 0.5) * np.pi / _NODES
    centre, half = (low + high) / 2, (high - low) / 2
    squared = np.clip(centre + half * np.cos(angle), 1e-15, 1 - 1e-15)
    density = (half * np.sin(angle)) ** 2 / (2 * share * squared * (1 - squared))
    return float(np.mean(np.sqrt(squared) * density))


def effective_faces(correlation: float, faces: int, first: int, second: int) -> float:
    """Return how many independent faces would have that mean correlation by chance.

    Parameters
    ----------
    correlation : float
        What unrelated representations have on the faces at hand, such as with `other_faces`.
    faces : int
        Number of faces at hand; more are not returned.
    first, second : int
        Numbers of directions.

    Returns
    -------
    float
        At least ``first + second + 1``, the fewest that can be compared; NaN where the
        correlation is.
    """
    fewest = first + second + 1
    if np.isnan(correlation):
        return np.nan
    if chance_correlation(fewest, first, second) <= correlation:
        return float(fewest)
    if chance_correlation(faces, first, second) >= correlation:
        return float(faces)
    excess = lambda n: chance_correlation(n, first, second) - correlation  # noqa: E731
    return float(optimize.brentq(excess, fewest, faces, xtol=0.5))


def other_faces(people: ArrayLike, rng: np.random.Generator) -> np.ndarray:
    """Return a face of somebody else for every face, neighbours staying neighbours.

    What two representations have in common on mismatched faces, they have by chance; and since
    the frames of a film stay in their order, chance keeps what their resemblance does to it.
    People are put into a random order, and one side is shifted along the other.

    Parameters
    ----------
    people : array_like of str (n,)
        Whose face it is; the faces of each in the order of time.
    rng : numpy.random.Generator
        Decides about order and shift.

    Returns
    -------
    ndarray of int (n,)
        A permutation. No face meets one of the same person, unless somebody has more than half
        of the faces; then they are at least a quarter of all faces apart.
    """
    people = np.asarray(people)
    names = rng.permutation(np.unique(people))
    order = np.concatenate([np.flatnonzero(people == name) for name in names])
    longest = np.unique(people, return_counts=True)[1].max()
    least = longest if 2 * longest <= len(people) else len(people) // 4
    shift = rng.integers(least, len(people) - least, endpoint=True)
    partner = np.empty(len(people), int)
    partner[order] = np.roll(order, -shift)
    return partner


def _centred(activations: ArrayLike) -> np.ndarray:
    """Return the activations as float64 with mean 0, those of constant units exactly 0."""
    values = np.asarray(activations, np.float64)
    if values.ndim != 2 or not values.size:
        raise InputError(
            f"activations of shape {values.shape}; give a row a face and a column a unit, such as "
            "the mean of a map over its positions"
        )
    if not np.isfinite(values).all():
        face, unit = np.argwhere(~np.isfinite(values))[0]
        raise InputError(f"activations: unit {unit} answers {values[face, unit]} to face {face}")
    centred = values - values.mean(axis=0)
    centred[:, np.ptp(values, axis=0) == 0] = 0
    return centred


def _cosines(first: Subspace, second: Subspace) -> np.ndarray:
    _require_same_faces(first, second)
    _require_enough(first.faces, first.directions, second.directions)
    return first.basis.T @ second.basis


def _require_same_faces(first: Subspace, second: Subspace) -> None:
    if first.faces != second.faces:
        raise InputError(
            f"representations of {first.faces} and of {second.faces} faces; compare them on the "
            "same faces, in the same order"
        )


def _require_enough(faces: float, first: int, second: int) -> None:
    if faces - 1 < first + second:
        raise InputError(
            f"{faces:.0f} faces cannot compare {first} with {second} directions: some would "
            f"correlate perfectly whatever they encode; take at least {first + second + 1} faces "
            "(interpretation.svcca_faces), several times as many to be of use, or keep fewer "
            "directions (most)"
        )
