"""Class shares implied by recalls and totals, against shares that are known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emolib.errors import InputError
from emolib.evaluation import implied
from emolib.labels import EMOTIONS


def results_of(shares, recalls):
    """Return what a thesis would print of classifiers with these recalls: two decimals."""
    recalls = np.asarray(recalls, float)
    table = pd.DataFrame(np.round(recalls, 2), columns=implied.RECALLS)
    table["accuracy"] = np.round(recalls @ np.asarray(shares), 2)
    return table.assign(network=[f"n{number}" for number in range(len(table))])


@st.composite
def planted(draw):
    seed = draw(st.integers(0, 2**32 - 1))
    generator = np.random.default_rng(seed)
    shares = generator.dirichlet(np.full(len(EMOTIONS), draw(st.sampled_from([0.3, 1, 5]))))
    rows = draw(st.integers(1, 12))
    return shares, results_of(shares, generator.uniform(0, 1, (rows, len(EMOTIONS))))


@given(planted())
@settings(max_examples=25)
def test_true_shares_lie_within_their_bounds(corpus):
    shares, results = corpus
    assert implied.consistent(results)
    for emotion, share in zip(EMOTIONS, shares, strict=True):
        low, high = implied.bounds(results, [emotion])
        assert low - 1e-7 <= share <= high + 1e-7
    low, high = implied.bounds(results, EMOTIONS[:2])
    assert low - 1e-7 <= shares[:2].sum() <= high + 1e-7


@given(planted())
@settings(max_examples=15)
def test_another_row_never_loosens_a_bound(corpus):
    _, results = corpus
    low, high = implied.bounds(results, ["fear"])
    fewer = implied.bounds(results[:1], ["fear"])
    assert fewer[0] - 1e-7 <= low and high <= fewer[1] + 1e-7


def test_bounds_are_those_of_a_grid_of_shares():
    # Literal search: recalls 1 for anger, 0.5 for fear, 0 else; total 0.6; only three categories.
    recalls = np.zeros((2, len(EMOTIONS)))
    recalls[0, [3, 4]] = 1, 0.5
    recalls[1] = [1, 1, 1, 0, 0, 1, 1]  # nobody shows any of the others
    results = results_of(np.eye(len(EMOTIONS))[3] * 0.2 + np.eye(len(EMOTIONS))[4] * 0.8, recalls)
    allowed = []
    for anger in np.linspace(0, 1, 201):
        for fear in np.linspace(0, 1 - anger, 201):
            other = 1 - anger - fear
            # The extremes of a rounded recall of 0.00 are 0 and 0.005, of 1.00 are 0.995 and 1.
            least = (0.995 * anger + 0.495 * fear, 0.995 * other)
            most = (anger + 0.505 * fear + 0.005 * other, other + 0.005 * (anger + fear))
            totals = (0.6, 0.0)
            if all(
                low <= total + 0.005 + 1e-9 and high >= total - 0.005 - 1e-9
                for low, high, total in zip(least, most, totals, strict=True)
            ):
                allowed.append(anger)
    low, high = implied.bounds(results, ["anger"])
    assert low == pytest.approx(min(allowed), abs=0.01)
    assert high == pytest.approx(max(allowed), abs=0.01)


def test_a_misprinted_row_is_the_one_that_conflicts():
    generator = np.random.default_rng(1)
    shares = generator.dirichlet(np.full(len(EMOTIONS), 3))
    results = results_of(shares, generator.uniform(0, 1, (10, len(EMOTIONS))))
    assert implied.smallest_conflicts(results) == [()]
    results.loc[4, "accuracy"] += 0.2
    assert not implied.consistent(results)
    assert implied.smallest_conflicts(results) == [("n4",)]
    with pytest.raises(InputError, match="set smallest_conflicts aside"):
        implied.bounds(results, ["fear"])
    kept = implied.without(results, ["n4"])
    assert list(kept["network"]) == [f"n{number}" for number in range(10) if number != 4]


def test_rows_impossible_by_themselves_are_told():
    results = results_of(np.eye(len(EMOTIONS))[0], [np.full(len(EMOTIONS), 0.5)] * 2)
    results["accuracy"] = [0.5, 0.9]  # equal recalls cannot give both; the second is impossible
    assert implied.smallest_conflicts(results) == [("n1",)]
    results["accuracy"] = 0.9
    with pytest.raises(InputError, match="no row is consistent by itself"):
        implied.smallest_conflicts(results)


def test_total_bounds_hold_the_total_of_a_network_that_took_no_part():
    generator = np.random.default_rng(2)
    shares = generator.dirichlet(np.full(len(EMOTIONS), 1))
    recalls = generator.uniform(0, 1, (12, len(EMOTIONS)))
    low, high = implied.total_bounds(results_of(shares, recalls[1:]), np.round(recalls[0], 2))
    assert low <= recalls[0] @ shares <= high
    assert high - low < 0.1


def test_least_distance_is_zero_for_equal_and_known_for_disjoint_splits():
    identity = np.eye(len(EMOTIONS))
    certain = results_of(identity[0], identity)
    assert implied.least_distance(certain, certain) == pytest.approx(0, abs=1e-9)
    # Every share is known to within rounding, so all faces but some per cent differ.
    assert implied.least_distance(certain, results_of(identity[1], identity)) > 0.97
    mixed = results_of(0.7 * identity[0] + 0.3 * identity[1], identity)
    assert 0.25 < implied.least_distance(certain, mixed) <= 0.3
    impossible = certain.assign(accuracy=0.9)
    with pytest.raises(InputError, match="contradict each other"):
        implied.least_distance(certain, impossible)
