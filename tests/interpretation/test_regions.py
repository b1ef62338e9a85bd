"""Regions: planted numbers of them, in people whose frames are alike."""

import numpy as np
import pandas as pd
import pytest
from sklearn.mixture import GaussianMixture

from emolib.errors import InputError
from emolib.interpretation import regions
from emolib.interpretation.regions import (
    choose_components,
    find_regions,
    merge_components,
    planned_regions,
    region_centres,
    region_table,
    with_planned,
)

PLANTED = {
    1: ([(0.5, 0.4)], [1.0]),
    2: ([(-0.45, 0.4), (0.4, 0.3)], [0.7, 0.3]),
    3: ([(-0.5, 0.5), (0.5, 0.5), (0.0, -0.4)], [0.4, 0.3, 0.3]),
}
SPREAD = 0.14


def planted(number, people=12, episodes=3, frames=15, seed=0):
    means, shares = map(np.array, PLANTED[number])
    generator = np.random.default_rng(seed)
    n = people * episodes
    centres = means[generator.choice(len(means), n, p=shares)]
    centres = np.repeat(centres + generator.normal(0, 0.8 * SPREAD, (n, 2)), frames, axis=0)
    values = centres + generator.normal(0, 0.6 * SPREAD, centres.shape)
    return values, np.repeat([f"p{i:02d}" for i in range(people)], episodes * frames)


@pytest.mark.parametrize("number", PLANTED)
@pytest.mark.parametrize("seed", [1, 2])
def test_find_regions_finds_the_planted_number(number, seed):
    found = find_regions(*planted(number, seed=seed), seed=0)
    assert found.number == number and found.people == 12
    if number > 1:
        assert found.low > 0


def test_find_regions_describes_them():
    table = find_regions(*planted(2, people=30), seed=0).table
    np.testing.assert_allclose(table["share"], [0.7, 0.3], atol=0.15)
    np.testing.assert_allclose(table[["valence", "arousal"]], PLANTED[2][0], atol=0.1)


def test_find_regions_takes_no_episode_for_a_region_where_the_bayesian_criterion_does():
    values, person = planted(1, people=6, episodes=1, frames=60)
    by_criterion = [GaussianMixture(k, n_init=3, random_state=0).fit(values) for k in (1, 2, 3, 4)]
    assert np.argmin([each.bic(values) for each in by_criterion]) > 0
    assert find_regions(values, person, seed=0).number == 1


def test_find_regions_one_bent_region_is_one():
    generator = np.random.default_rng(0)
    angle = generator.uniform(0, np.pi / 2, 900)
    bent = 0.5 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    values = bent + generator.normal(0, 0.06, bent.shape)
    found = find_regions(values, np.repeat(np.arange(30).astype(str), 30), seed=0)
    assert found.number == 1


def test_find_regions_too_few_people_count_nothing():
    found = find_regions(*planted(1, people=3), seed=0)
    assert found.number == 0 and found.table.empty and np.isnan(found.gain)


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
def test_find_regions_constant_ratings_are_one_region():
    found = find_regions(np.zeros((50, 2)), np.repeat(list("abcde"), 10), seed=0)
    assert found.number == 1


def test_choose_components_prefers_few_within_one_standard_error():
    generator = np.random.default_rng(0)
    base = generator.normal(0, 1, (20, 1))
    gains = np.array([0.0, 1.0, 1.01, 0.9]) + generator.normal(0, 0.1, (20, 4))
    assert choose_components(base + gains) == 2


def mixture(distance):
    parts = GaussianMixture(2)
    parts.weights_, parts.means_ = np.array([0.5, 0.5]), np.array([[0.0, 0], [distance, 0]])
    parts.covariances_ = parts.precisions_ = parts.precisions_cholesky_ = np.stack([np.eye(2)] * 2)
    return parts


@pytest.mark.parametrize(("distance", "number"), [(0.5, 1), (2.0, 1), (2.7, 1), (3.1, 2), (6, 2)])
def test_merge_components_by_distance(distance, number):
    assert len(set(merge_components(mixture(distance)))) == number


def test_dip_is_the_lowest_share_between_peaks():
    assert regions._dip(np.array([0.5, 1.0, 0.2, 0.4, 0.1])) == pytest.approx(0.5)
    assert regions._dip(np.array([0.1, 0.5, 1.0, 0.9])) == 1


def test_planned_regions_are_those_of_the_thesis():
    names = ("neutral", "happiness", "fear", "sadness", "anger", "disgust", "surprise")
    assert [planned_regions(name) for name in names] == [None, 1, 1, 2, 2, 2, 2]


@pytest.fixture(scope="module", name="table_and_found")
def _table_and_found():
    tables = []
    for emotion, number, people in (("fear", 1, 8), ("surprise", 2, 12), ("anger", 1, 2)):
        values, person = planted(number, people)
        table = pd.DataFrame(values, columns=["valence", "arousal"])
        tables.append(table.assign(person=person, emotion=emotion))
    return region_table(pd.concat(tables), seed=0, confidence=0.95)


def test_region_table_has_a_row_for_every_category_that_occurs(table_and_found):
    table, found = table_and_found
    assert list(table["emotion"]) == ["anger", "fear", "surprise"] == list(found)
    assert table["regions"].tolist() == [pd.NA, 1, 2]
    assert table["where"].iloc[0] == "–" and table["where"].iloc[2].count(" at ") == 2
    assert len(region_centres(found)) == 3


def test_with_planned_only_where_somebody_planned(table_and_found):
    table, _ = table_and_found
    assert with_planned(table, False) is table
    assert with_planned(table, True)["planned"].tolist() == [2, 1, 2]


def test_region_table_without_a_category_is_refused():
    nobody = pd.DataFrame(columns=["person", "emotion", "valence", "arousal"])
    with pytest.raises(InputError, match="no face has a category"):
        region_table(nobody, seed=0, confidence=0.95)
