"""Information: planted distributions whose mutual information is known."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.feature_selection import mutual_info_classif

from emolib.interpretation.information import (
    BOTH,
    Information,
    category_entropy,
    information_table,
    local_entropy,
    local_information,
    measure_information,
    share_difference,
)
from emolib.interpretation.people import Estimate
from emolib.labels import EMOTIONS

NAMES = EMOTIONS[:3]
PRIOR = np.array([0.5, 0.2, 0.3])
MEANS = np.array([[0.0, 0.05], [0.5, 0.4], [-0.5, 0.4]])
SPREAD = np.array([[0.25, 0.2], [0.15, 0.15], [0.2, 0.15]])


def integrated_information(columns):
    """Return the mutual information of the planted mixture, integrated on a grid, in bits."""
    axes = [np.linspace(-2, 2, 401)] * len(columns)
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    densities = np.stack(
        [stats.norm(MEANS[c, columns], SPREAD[c, columns]).pdf(grid).prod(-1) for c in range(3)]
    )
    joint = np.tensordot(PRIOR, densities, 1)
    weights = PRIOR.reshape(-1, *[1] * len(columns)) * densities
    ratio = np.divide(densities, joint, out=np.ones_like(densities), where=densities > 1e-300)
    return float((weights * np.log2(ratio)).sum() * 0.01 ** len(columns))


def planted(people=50, episodes=5, frames=10, within=0.3, seed=0):
    """Return faces in episodes: the frames of one are alike, the whole follows the mixture."""
    generator = np.random.default_rng(seed)
    n = people * episodes
    category = np.repeat(generator.choice(3, n, p=PRIOR), frames)
    centres = np.repeat(generator.standard_normal((n, 2)), frames, axis=0)
    noise = generator.standard_normal((n * frames, 2))
    standard = np.sqrt(1 - within) * centres + np.sqrt(within) * noise
    values = MEANS[category] + SPREAD[category] * standard
    return pd.DataFrame(
        {
            "person": np.repeat([f"p{i}" for i in range(people)], episodes * frames),
            "emotion": np.array(NAMES)[category],
            "valence": values[:, 0],
            "arousal": values[:, 1],
        }
    )


@pytest.fixture(scope="module", name="found")
def _found():
    return measure_information(planted(), seed=1)


def test_information_of_a_planted_mixture_is_within_its_interval(found):
    for name, columns in ((BOTH, [0, 1]), ("valence", [0]), ("arousal", [1])):
        estimate, low, high = found.shared[name].interval(0.95)
        truth = integrated_information(columns)
        assert low <= truth <= high, (name, truth, low, high)
        assert abs(estimate - truth) < 0.15


def test_information_entropies_of_a_planted_mixture_are_within_their_intervals(found):
    truth = -(PRIOR * np.log2(PRIOR)).sum()
    _, low, high = found.category.interval(0.95)
    assert low <= truth <= high
    left = truth - integrated_information([0, 1])
    _, low, high = found.category_left.interval(0.95)
    assert low <= left <= high
    # h(X | C) of Gaussians is known in closed form.
    gaussians = (PRIOR * np.log2(2 * np.pi * np.e * SPREAD.prod(axis=1))).sum()
    _, low, high = found.plane_left.interval(0.95)
    assert low <= gaussians <= high


def test_information_intervals_hold_the_truth_in_most_corpora():
    truth, held = integrated_information([0, 1]), 0
    for seed in range(20):
        faces = planted(people=30, episodes=3, frames=6, seed=100 + seed)
        _, low, high = measure_information(faces, seed=0).told.interval(0.95)
        held += low <= truth <= high
    assert held >= 17


def test_information_without_relation_is_zero_though_frames_of_an_episode_are_alike():
    faces = planted(people=40, episodes=4, frames=10, within=0.01)
    generator = np.random.default_rng(2)
    faces["emotion"] = np.repeat(generator.choice(NAMES, 160), 10)  # an episode keeps a category
    values = faces[["valence", "arousal"]].to_numpy()
    honest = measure_information(faces, seed=0).told.interval(0.99)
    assert honest.low <= 0 <= honest.high
    # As if every face were a stranger, the neighbours are frames of the same episode.
    naive = local_information(faces["emotion"], values, np.arange(len(faces)), 3).mean()
    assert naive > 1


def test_local_information_equals_scikit_learn_where_everybody_has_one_face():
    faces = planted(people=400, episodes=1, frames=1)
    values = faces[["valence"]].to_numpy()
    ours = local_information(faces["emotion"], values, np.arange(400), 3).mean()
    theirs = mutual_info_classif(values, faces["emotion"], n_neighbors=3, random_state=0)[0]
    assert ours == pytest.approx(theirs / np.log(2), abs=1e-6)


def test_local_information_of_a_category_that_nobody_else_shows_is_undefined():
    terms = local_information(["fear", "anger", "anger"], [[0], [1], [2]], ["a", "b", "c"])
    assert np.isnan(terms[0]) and np.isfinite(terms[1:]).all()


def test_local_entropy_of_a_square_is_its_area():
    values = np.random.default_rng(0).uniform(-1, 1, (1500, 2))
    assert local_entropy(values, np.arange(1500)).mean() == pytest.approx(2, abs=0.1)


def test_category_entropy_is_freed_of_the_bias_of_few_people():
    generator = np.random.default_rng(0)
    prior = np.array([0.4, 0.2, 0.15, 0.1, 0.05, 0.05, 0.05])
    plain, corrected = [], []
    for _ in range(200):
        category = np.repeat(generator.choice(7, 15, p=prior), 50)  # 15 people, one each
        shares = np.bincount(category) / len(category)
        plain.append(stats.entropy(shares, base=2))
        corrected.append(category_entropy(category, np.repeat(np.arange(15), 50)).value)
    truth = stats.entropy(prior, base=2)
    assert np.mean(plain) < truth - 0.2
    assert abs(np.mean(corrected) - truth) < 0.12


def test_information_of_rounded_ratings_is_that_of_the_table_they_form():
    faces = planted()
    rounded = faces.assign(**faces[["valence", "arousal"]].round(1))
    found = measure_information(rounded, seed=1)
    assert found.told.value == pytest.approx(integrated_information([0, 1]), abs=0.15)


def test_information_names_the_categories_it_must_leave_out():
    faces = planted(people=6)
    alone = faces.assign(emotion=np.where(faces["person"] == "p0", "disgust", faces["emotion"]))
    assert measure_information(alone, seed=0).left_out == ("disgust",)


def test_information_of_one_category_is_undefined_not_an_error():
    found = measure_information(planted(people=5).assign(emotion="fear"), seed=0)
    assert np.isnan(found.told.value) and np.isnan(found.categories_left.value)


def test_information_table_counts_the_categories_left(found):
    table = information_table(found, confidence=0.95).set_index("known")
    assert list(table.index) == ["nothing", "valence", "arousal", BOTH]
    assert table["categories left"].is_monotonic_decreasing or table.loc[BOTH].iloc[-1] == min(
        table["categories left"]
    )
    assert table.loc["nothing", "categories left"] == pytest.approx(2**found.category.value)


def test_share_difference_is_over_the_people_of_either_side():
    def told(share, people):
        left_out = share + 0.01 * np.arange(len(people))
        shared = {BOTH: Estimate(share, left_out)}
        whole = Estimate(1.0, np.ones(len(people)))
        return Information(whole, whole, shared, {}, (), tuple(people))

    found = share_difference(told(0.5, "abd"), told(0.2, "acd"))
    assert found.value == pytest.approx(0.3)
    # In the order a, b, c, d; b and c change nothing on the side where they do not count.
    np.testing.assert_allclose(found.left_out, [0.3, 0.31, 0.29, 0.3])
