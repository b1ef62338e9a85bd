"""Maps: planted groups stay together, newcomers find their neighbours, a seed repeats a map."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from emolib.errors import InputError
from emolib.interpretation import tsne
from emolib.interpretation.map_quality import kept_neighbours

QUICK = tsne.Optimisation(early_iterations=100, iterations=150)


def planted(seed, groups=4, each=25, dimension=80, spread=1.0, distance=12.0):
    """Return features in groups whose centres are far apart, and the group of each."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(groups, dimension))
    centres *= distance / np.linalg.norm(centres, axis=1, keepdims=True)
    group = np.repeat(np.arange(groups), each)
    return centres[group] + rng.normal(
        0, spread / np.sqrt(dimension), (len(group), dimension)
    ), group


def nearest_group(positions, at, group):
    return group[cdist(positions, at).argmin(axis=1)]


@pytest.fixture(scope="module")
def trained():
    """Return planted features, their groups, which are on the map, and the map."""
    features, group = planted(seed=3, groups=5, each=40)
    old = np.arange(len(group)) % 4 > 0
    return features, group, old, tsne.fit_map(features[old], seed=1, optimisation=QUICK)


@settings(max_examples=6)
@given(seed=st.integers(0, 10_000), groups=st.integers(2, 6))
def test_fit_map_keeps_planted_groups_together(seed, groups):
    features, group = planted(seed, groups)
    at = tsne.fit_map(features, seed=seed, optimisation=QUICK).positions
    distance = cdist(at, at)
    np.fill_diagonal(distance, np.inf)
    assert (group[distance.argmin(axis=1)] == group).all()
    same = group[:, None] == group
    assert np.median(distance[same]) < 0.5 * np.median(distance[~same])


def test_fit_map_shows_no_groups_where_there_are_none():
    features = np.random.default_rng(0).normal(size=(120, 30))
    group = np.random.default_rng(1).integers(0, 3, 120)
    at = tsne.fit_map(features, seed=1, optimisation=QUICK).positions
    distance = cdist(at, at)
    np.fill_diagonal(distance, np.inf)
    assert np.mean(group[distance.argmin(axis=1)] == group) < 0.55


def test_fit_map_repeats_exactly_with_a_seed_and_not_with_another(trained):
    features, _, old, made = trained
    again = tsne.fit_map(features[old], seed=1, optimisation=QUICK)
    np.testing.assert_array_equal(made.positions, again.positions)
    np.testing.assert_array_equal(made.place(features[~old]), again.place(features[~old]))
    other = tsne.fit_map(features[old], seed=2, optimisation=QUICK)
    assert not np.array_equal(made.positions, other.positions)


def test_fit_map_has_its_middle_at_zero_and_knows_what_it_left_out(trained):
    *_, made = trained
    low, high = made.positions.min(axis=0), made.positions.max(axis=0)
    np.testing.assert_allclose(low, -high, atol=1e-9)
    assert made.reduced.shape == (150, tsne.COMPONENTS)
    assert 0.9 < made.variance_kept < 1 and 0 < made.kl_divergence < 2


def test_place_puts_people_held_out_beside_their_neighbours(trained):
    features, group, old, made = trained
    at = made.place(features[~old])
    assert at.shape == (50, 2)
    assert (nearest_group(at, made.positions, group[old]) == group[~old]).all()
    reduced = made.reduction.transform(features[~old])
    kept = kept_neighbours(reduced, made.reduced, at, made.positions, k=10)
    assert kept > 3 * 10 / old.sum()


def test_place_of_a_face_that_is_on_the_map_finds_its_place(trained):
    features, _, old, made = trained
    at = made.place(features[old])
    moved = np.linalg.norm(at - made.positions, axis=1)
    assert np.median(moved) < 0.05 * np.ptp(made.positions)


def test_place_treats_every_face_by_itself_and_leaves_the_map_alone(trained):
    features, _, old, made = trained
    before = made.positions.copy(), np.array(made.embedding)
    together = made.place(features[~old])
    np.testing.assert_allclose(made.place(features[~old][7:8])[0], together[7], atol=1e-6)
    np.testing.assert_array_equal(made.positions, before[0])
    np.testing.assert_array_equal(np.array(made.embedding), before[1])
    assert made.place(features[:0]).shape == (0, 2)


def test_fit_map_takes_affinities_and_starting_positions_of_others():
    features, _ = planted(seed=5, groups=3, each=20)
    _, reduced = tsne.reduce_features(features, seed=1)
    affinities = tsne.neighbour_affinities(reduced, perplexity=8, seed=1)
    initial = tsne.initial_positions(reduced, seed=1)[:, ::-1].copy()
    still = tsne.Optimisation(early_iterations=0, iterations=0)
    made = tsne.fit_map(
        features, seed=1, affinities=affinities, initial=initial, optimisation=still
    )
    middle = (initial.max(axis=0) + initial.min(axis=0)) / 2
    np.testing.assert_allclose(made.positions, initial - middle, atol=1e-12)
    assert made.embedding.affinities is affinities


def test_neighbour_affinities_are_symmetric_and_sum_to_one():
    affinities = tsne.neighbour_affinities(np.random.default_rng(0).normal(size=(20, 5)), seed=0)
    matrix = affinities.P.toarray()
    np.testing.assert_allclose(matrix, matrix.T)
    assert matrix.sum() == pytest.approx(1) and (matrix.diagonal() == 0).all()


@pytest.mark.parametrize("n", [tsne.FEWEST, 7, 20])
def test_fit_map_works_for_few_faces(n):
    made = tsne.fit_map(np.random.default_rng(n).normal(size=(n, 9)), seed=0, optimisation=QUICK)
    assert made.positions.shape == (n, 2) and np.isfinite(made.positions).all()
    assert np.isfinite(made.place(np.zeros((2, 9)))).all()


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (np.zeros((3, 5)), "3 faces; a map takes at least 4"),
        (np.ones((9, 5)), "all 9 faces are the same"),
        (np.array([[0.0, 1], [1, np.nan], [2, 3], [3, 4]]), "features of face 1 are not finite"),
        (np.zeros(5), "a row per face"),
    ],
)
def test_fit_map_unusable_features_are_one_sentence(features, message):
    with pytest.raises(InputError, match=message):
        tsne.fit_map(features, seed=0)


def test_place_refuses_features_of_another_network(trained):
    with pytest.raises(InputError, match="length 7 on a map of features of length 80"):
        trained[-1].place(np.zeros((2, 7)))


def test_sample_faces_draws_each_once_and_repeats():
    faces = pd.DataFrame({"video": list("aabbbcc")})
    drawn = tsne.sample_faces(faces, 4, seed=1)
    assert len(set(drawn)) == 4 and (np.diff(drawn) > 0).all()
    np.testing.assert_array_equal(drawn, tsne.sample_faces(faces, 4, seed=1))
    assert list(tsne.sample_faces(faces, 99, seed=1)) == list(range(7))


def test_one_face_per_video_takes_one_of_each_and_another_with_another_seed():
    faces = pd.DataFrame({"video": np.repeat(list("abcde"), 50)})
    draws = [tsne.one_face_per_video(faces, 99, seed=seed) for seed in range(3)]
    assert all(list(faces["video"].iloc[rows]) == list("abcde") for rows in draws)
    assert len({tuple(rows) for rows in draws}) == 3
    assert len(tsne.one_face_per_video(faces, 2, seed=0)) == 2
