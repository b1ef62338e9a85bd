from collections import Counter

import numpy as np
import pytest

from emolib.labels import EMOTIONS
from emolib.simulation.action_units import INDEX
from emolib.simulation.crops import simulate_crops


@pytest.fixture(scope="module")
def people():
    return list(simulate_crops(4, 35, seed=5))


def test_crops_have_stated_shapes_and_ranges(people):
    for number, (crops, action_units, emotion, person) in enumerate(people):
        assert person == number
        assert crops.shape == (35, 72, 72, 3) and crops.dtype == np.uint8
        assert action_units.shape == (35, 17) and action_units.dtype == np.float32
        assert action_units.min() >= -0.3 and action_units.max() <= 1.25
        assert set(emotion) <= {"", *EMOTIONS}


def test_person_does_not_depend_on_where_the_run_began(people):
    (crops, action_units, emotion, person), *_ = simulate_crops(1, 35, seed=5, first_person=2)
    assert person == 2
    np.testing.assert_array_equal(crops, people[2][0])
    np.testing.assert_array_equal(action_units, people[2][1])
    np.testing.assert_array_equal(emotion, people[2][2])


def test_seed_changes_people(people):
    (crops, *_), *_ = simulate_crops(1, 35, seed=6)
    assert np.abs(crops.astype(int) - people[0][0]).mean() > 5


def test_prototypes_are_two_fifths_and_balanced(people):
    counts = Counter(emotion for *_, labels, _ in people for emotion in labels)
    assert counts.pop("") == 4 * 21
    assert set(counts.values()) == {8}


def test_labelled_crops_show_their_prototype(people):
    labels = np.concatenate([emotion for *_, emotion, _ in people])
    action_units = np.concatenate([shown for _, shown, *_ in people])
    for emotion, unit in {"happiness": 12, "sadness": 15, "anger": 4, "surprise": 26}.items():
        with_it = action_units[labels == emotion, INDEX[unit]].mean()
        without = action_units[labels == "neutral", INDEX[unit]].mean()
        assert with_it > without + 0.2, emotion


def test_action_units_are_nearly_independent():
    action_units = np.concatenate([shown for _, shown, *_ in simulate_crops(3, 80, 8, size=32)])
    correlation = np.corrcoef(action_units.T) - np.eye(17)
    assert np.abs(correlation).max() < 0.65
    assert np.abs(correlation).mean() < 0.2


def test_size_is_respected():
    crops, *_ = next(simulate_crops(1, 2, seed=1, size=48))
    assert crops.shape == (2, 48, 48, 3)
