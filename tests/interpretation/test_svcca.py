"""SVCCA and its relatives: invariances, literal implementations, chance, dead units, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.linalg import eigh
from sklearn.cross_decomposition import CCA

from emolib.errors import InputError
from emolib.interpretation.svcca import (
    canonical_correlations,
    chance_correlation,
    effective_faces,
    linear_cka,
    other_faces,
    pwcca,
    subspace,
    svcca,
)


def draw(faces, *units, seed=3):
    generator = np.random.default_rng(seed)
    return [generator.normal(size=(faces, each)) for each in units]


def related(faces=300, seed=5):
    """Return two representations that share two of their four and five dimensions."""
    shared, own, other = draw(faces, 2, 2, 3, seed=seed)
    mix, mix2 = draw(4, 4, seed=1)[0], draw(5, 5, seed=2)[0]
    noisy = shared + 0.5 * draw(faces, 2, seed=9)[0]
    return np.hstack([shared, own]) @ mix, np.hstack([noisy, other]) @ mix2


def everything(activations):
    return subspace(activations, variance=1)


def literal_correlations(x, y):
    """Solve the generalised eigenproblem of canonical correlation, as textbooks state it."""
    x, y = x - x.mean(0), y - y.mean(0)
    between = x.T @ y
    within = np.linalg.inv(y.T @ y)
    squared = eigh(between @ within @ between.T, x.T @ x, eigvals_only=True)[::-1]
    return np.sqrt(np.clip(squared[: min(x.shape[1], y.shape[1])], 0, 1))


def literal_pwcca(x, y):
    """Morcos et al. (2018), projection weighting, unit by unit."""
    x, y = x - x.mean(0), y - y.mean(0)
    squared, a = eigh(x.T @ y @ np.linalg.inv(y.T @ y) @ y.T @ x, x.T @ x)
    squared, a = squared[::-1], a[:, ::-1]
    total = weighted = 0.0
    for i in range(min(x.shape[1], y.shape[1])):
        direction = x @ a[:, i]
        weight = sum(abs(direction @ x[:, j]) for j in range(x.shape[1]))
        total, weighted = total + weight, weighted + weight * np.sqrt(squared[i])
    return weighted / total


def test_correlations_equal_the_eigenproblem_of_textbooks():
    x, y = related()
    found = canonical_correlations(everything(x), everything(y))
    np.testing.assert_allclose(found, literal_correlations(x, y), atol=1e-9)


def test_correlations_equal_those_of_scikit_learn():
    x, y = related()
    variates = CCA(n_components=4, max_iter=5000, tol=1e-12).fit_transform(x, y)
    expected = [np.corrcoef(a, b)[0, 1] for a, b in zip(*map(np.transpose, variates), strict=True)]
    found = canonical_correlations(everything(x), everything(y))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_pwcca_equals_its_equation_and_depends_on_the_order():
    x, y = related()
    there, back = pwcca(everything(x), everything(y)), pwcca(everything(y), everything(x))
    assert there == pytest.approx(literal_pwcca(x, y), abs=1e-9)
    assert back == pytest.approx(literal_pwcca(y, x), abs=1e-9)
    assert abs(there - back) > 1e-3


def test_cka_equals_its_definition_by_kernels():
    x, y = related()
    centring = np.eye(len(x)) - 1 / len(x)
    k, m = centring @ x @ x.T @ centring, centring @ y @ y.T @ centring
    expected = np.trace(k @ m) / np.sqrt(np.trace(k @ k) * np.trace(m @ m))
    assert linear_cka(everything(x), everything(y)) == pytest.approx(expected)


@given(st.integers(0, 1000))
def test_cca_ignores_invertible_linear_maps_and_shifts(seed):
    (x,), (mix, shift) = draw(80, 6, seed=seed), draw(6, 6, 1, seed=seed + 1)
    mapped = everything(x @ (mix + 3 * np.eye(6)) + shift.T)
    assert svcca(everything(x), mapped) == pytest.approx(1, abs=1e-6)
    assert pwcca(everything(x), mapped) == pytest.approx(1, abs=1e-6)


def test_cka_ignores_rotation_but_not_every_linear_map():
    (x,) = draw(80, 6)
    rotation = np.linalg.qr(draw(6, 6)[0])[0]
    assert linear_cka(everything(x), everything(x @ rotation * 7)) == pytest.approx(1)
    assert linear_cka(everything(x), everything(x * [9, 1, 1, 1, 1, 1])) < 0.9


def test_svcca_is_symmetric_and_between_the_extremes():
    x, y = (subspace(each) for each in related())
    assert svcca(x, y) == pytest.approx(svcca(y, x))
    assert 0 < svcca(x, y) < 1


def test_subspace_keeps_the_fewest_directions_that_hold_the_variance():
    values = draw(500, 4)[0]
    values = np.linalg.qr(values - values.mean(0))[0] * np.sqrt([90, 8, 1.5, 0.5])
    found = subspace(values, variance=0.98)
    assert (found.directions, found.explained) == (2, pytest.approx(0.98))
    assert subspace(values, variance=0.981).directions == 3
    assert subspace(values, variance=1).directions == 4
    np.testing.assert_allclose(np.var(found.scores, axis=0) * 500, [90, 8])
    np.testing.assert_allclose(found.basis.T @ found.basis, np.eye(2), atol=1e-12)


def test_subspace_most_limits_the_directions():
    found = subspace(draw(100, 30)[0], most=5)
    assert found.directions == 5
    assert 0.16 < found.explained < 0.5


@pytest.mark.parametrize("most", [None, 7])
def test_subspace_of_more_units_than_faces_is_that_of_few(most):
    low = draw(60, 9)[0]
    wide = low @ draw(9, 200)[0]
    found = subspace(wide, variance=1, most=most)
    assert found.directions == (most or 9)
    centred = wide - wide.mean(0)
    _, values, _ = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(
        np.linalg.norm(found.scores, axis=0), values[: found.directions], rtol=1e-6
    )
    np.testing.assert_allclose(found.loadings, found.basis.T @ centred)
    if most is None:
        assert svcca(found, everything(low)) == pytest.approx(1)


def test_dead_and_repeated_units_change_nothing():
    x, y = related()
    padded = np.hstack([x, x[:, :2], x @ [[1], [2], [0], [1]], np.full((len(x), 3), 0.1)])
    assert everything(padded).directions == 4
    np.testing.assert_allclose(
        canonical_correlations(everything(padded), everything(y)),
        canonical_correlations(everything(x), everything(y)),
    )


def test_dead_layer_has_no_similarity():
    dead = subspace(np.full((50, 4), 0.3, np.float32))
    alive = subspace(draw(50, 3)[0])
    assert dead.directions == 0 and np.isnan(dead.explained)
    assert np.isnan([svcca(dead, alive), pwcca(alive, dead), pwcca(dead, alive)]).all()
    assert np.isnan([linear_cka(dead, alive), chance_correlation(50, 0, 3)]).all()


def test_half_precision_activations_are_compared_in_double():
    x = (1000 + draw(400, 3)[0]).astype(np.float16)
    assert svcca(everything(x), everything(x.astype(float))) == pytest.approx(1)


@pytest.mark.parametrize(("faces", "first", "second"), [(60, 5, 12), (200, 30, 30), (120, 1, 9)])
def test_independent_numbers_correlate_as_theory_says(faces, first, second):
    draws = [draw(faces, first, second, seed=seed) for seed in range(200)]
    found = np.array([canonical_correlations(*map(everything, each)) for each in draws])
    of_squares = (found**2).sum(axis=1)
    error = of_squares.std() / np.sqrt(len(draws))
    assert abs(of_squares.mean() - first * second / (faces - 1)) < 4 * error
    error = found.mean(axis=1).std() / np.sqrt(len(draws))
    expected = chance_correlation(faces, first, second)
    assert abs(found.mean() - expected) < 4 * error + 0.005 * expected


def test_chance_follows_a_law_whose_mean_square_is_known():
    # With many faces, the correlations of k and k columns tend to a quarter circle of radius 2√γ.
    quarter_circle = 8 / (3 * np.pi) * np.sqrt(1e-5)
    assert chance_correlation(1e7 + 1, 100, 100) == pytest.approx(quarter_circle, rel=1e-3)
    assert chance_correlation(201, 100, 100) == pytest.approx(2 / np.pi, rel=1e-3)
    one_column = stats.beta(3 / 2, 97 / 2).expect(np.sqrt)
    assert chance_correlation(101, 1, 3) == pytest.approx(one_column)
    assert chance_correlation(300, 4, 9) == chance_correlation(300, 9, 4)


def test_effective_faces_inverts_chance_within_its_limits():
    chance = chance_correlation(137, 12, 20)
    assert effective_faces(chance, 2000, 12, 20) == pytest.approx(137, abs=1)
    assert effective_faces(0.999, 2000, 12, 20) == 33
    assert effective_faces(0.001, 2000, 12, 20) == 2000
    assert np.isnan(effective_faces(np.nan, 2000, 12, 20))


def test_other_faces_are_of_somebody_else_and_stay_in_order():
    people = np.repeat(list("bacd"), [5, 9, 7, 8])
    for seed in range(20):
        partner = other_faces(people, np.random.default_rng(seed))
        assert sorted(partner) == list(range(29))
        assert (people[partner] != people).all()
        assert (np.diff(partner) == 1).mean() > 0.6


def test_other_faces_of_one_person_are_of_another_time():
    partner = other_faces(["a"] * 40, np.random.default_rng(0))
    assert sorted(partner) == list(range(40))
    assert (np.abs(partner - np.arange(40)) >= 10).all()


def test_other_faces_raise_chance_where_frames_resemble_their_neighbours():
    people = np.repeat(np.arange(20), 60)
    x, y = (np.repeat(each, 20, axis=0) for each in draw(60, 4, 4))
    x, y = (each + 0.05 * noise for each, noise in zip((x, y), draw(1200, 4, 4), strict=True))
    first = subspace(x)
    rng = np.random.default_rng(1)
    values = [svcca(first, subspace(y[other_faces(people, rng)])) for _ in range(30)]
    assert np.mean(values) > 3 * chance_correlation(1200, 4, 4)
    assert 50 < effective_faces(np.mean(values), 1200, 4, 4) < 120


def test_too_few_faces_are_refused_with_the_remedy():
    x, y = draw(20, 12, 8)
    with pytest.raises(InputError, match="at least 21 faces .*svcca_faces.* fewer directions"):
        svcca(everything(x), everything(y))
    with pytest.raises(InputError, match="at least 21 faces"):
        chance_correlation(20, 12, 8)
    assert svcca(everything(x), everything(y[:, :7])) == pytest.approx(1, abs=0.5)


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (np.zeros((3, 2, 2)), {}, "row a face"),
        (np.zeros((0, 2)), {}, "row a face"),
        ([[1.0, np.nan]], {}, "unit 1 answers nan to face 0"),
        (np.eye(3), {"variance": 99}, "variance is 99"),
        (np.eye(3), {"most": 0}, "most is 0"),
    ],
)
def test_subspace_refuses_what_is_no_representation(values, options, message):
    with pytest.raises(InputError, match=message):
        subspace(values, **options)


@pytest.mark.parametrize("measure", [svcca, pwcca, linear_cka])
def test_measures_refuse_other_faces(measure):
    x, y = draw(30, 3)[0], draw(31, 3)[0]
    with pytest.raises(InputError, match="30 and of 31 faces"):
        measure(subspace(x), subspace(y))
