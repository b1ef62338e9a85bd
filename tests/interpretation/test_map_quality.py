"""What is near on a map: hand cases, a literal oracle, planted truth, chance."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from emolib.errors import InputError
from emolib.interpretation.map_quality import (
    EMOTION,
    EMOTION_OF_OTHERS,
    PERSON,
    QUESTIONS,
    Agreement,
    gain_difference,
    kept_neighbours,
    neighbour_agreement,
    shuffled_p_value,
    trustworthiness,
)
from emolib.labels import EMOTIONS

LINE = pd.DataFrame(
    {
        "track": ["a1", "a1", "a2", "b1", "b1", "c1"],
        "person": ["a", "a", "a", "b", "b", "c"],
        "time": [0.0, 1.0, 0.0, 0.0, 9.0, 0.0],
        "emotion": ["fear", "fear", "anger", "fear", "anger", "anger"],
        "valence": [0.0, 0.0, 1.0, -1.0, 0.5, 0.0],
        "arousal": 0.0,
    }
)
"""Six faces that lie on a line."""

AT = np.array([0, 1, 2.2, 3, 3.9, 5.5])[:, None] * [1.0, 0.0]


def corpus(seed, n=60, people=5):
    rng = np.random.default_rng(seed)
    person = rng.integers(0, people, n)
    return pd.DataFrame(
        {
            "track": [f"v{p}_{rng.integers(2)}" for p in person],
            "person": [f"p{p}" for p in person],
            "time": rng.uniform(0, 6, n),
            "emotion": rng.choice([*EMOTIONS[:3], ""], n),
            "valence": np.where(rng.uniform(size=n) < 0.1, np.nan, rng.uniform(-1, 1, n)),
            "arousal": rng.uniform(-1, 1, n),
        }
    )


def literal(faces, at, question, k, apart):
    """Return (found, expected) of every face that asks, one neighbour at a time."""
    rows = {}
    for i, asking in faces.iterrows():
        candidates = []
        for j, other in faces.iterrows():
            close = asking["track"] == other["track"]
            close &= abs(asking["time"] - other["time"]) < apart
            values = asking[question.column], other[question.column]
            unlabelled = any(pd.isna(value) or value == "" for value in values)
            known = question.strangers and asking["person"] == other["person"]
            if close or unlabelled or known:
                continue
            if question.column in ("valence", "arousal"):
                agrees = 1 - abs(values[0] - values[1]) / 2
            else:
                agrees = float(values[0] == values[1])
            candidates.append((np.linalg.norm(at[i] - at[j]), agrees))
        if candidates:
            nearest = sorted(candidates)[:k]
            rows[i] = [np.mean([x[1] for x in each]) for each in (nearest, candidates)]
    return pd.DataFrame(rows, index=["found", "expected"]).T


@settings(max_examples=10)
@given(seed=st.integers(0, 999), k=st.integers(1, 12), name=st.sampled_from(sorted(QUESTIONS)))
def test_neighbour_agreement_equals_the_literal_one(seed, k, name):
    faces = corpus(seed)
    at = np.random.default_rng(seed).normal(size=(len(faces), 2))
    (found,) = neighbour_agreement(
        faces, at, faces, at, questions={"": QUESTIONS[name]}, k=k, apart=1.5
    ).values()
    expected = literal(faces, at, QUESTIONS[name], k, apart=1.5)
    assert found.faces.sum() == len(expected)
    assert found.share == pytest.approx(expected["found"].mean())
    assert found.chance == pytest.approx(expected["expected"].mean())
    by_person = expected.groupby(faces["person"]).sum()
    np.testing.assert_allclose(found.found, by_person["found"])
    np.testing.assert_array_equal(found.people, by_person.index.to_numpy(str))


def test_neighbour_agreement_by_hand():
    answers = neighbour_agreement(LINE, AT, LINE, AT, k=1, apart=2.0)
    # The first two are one second apart on a track, so neither is the other's neighbour.
    person = answers[PERSON]
    assert dict(zip(person.people, person.found, strict=True)) == {
        "a": 2,
        "b": 1,
        "c": 0,
    }
    emotion = answers[EMOTION_OF_OTHERS]
    assert dict(zip(emotion.people, emotion.found, strict=True)) == {"a": 2, "b": 1, "c": 1}


def test_neighbour_agreement_consecutive_frames_are_no_neighbours():
    faces = LINE.assign(track="t", time=np.arange(6) / 30)
    answers = neighbour_agreement(faces, AT, faces, AT, k=2)
    assert answers[EMOTION].faces.sum() == 0 and np.isnan(answers[EMOTION].gain)
    assert np.isnan(answers[EMOTION].interval()).all()


def test_neighbour_agreement_of_random_positions_has_no_gain():
    faces = corpus(1, n=1500, people=30)
    at = np.random.default_rng(2).normal(size=(1500, 2))
    for name, answer in neighbour_agreement(faces, at, faces, at).items():
        gain, low, high = answer.interval(0.99)
        assert abs(gain) < 0.05 and low < 0 < high, name


def test_neighbour_agreement_finds_what_was_planted():
    faces = corpus(3, n=400, people=20).assign(emotion=np.resize(EMOTIONS, 400), valence=0.0)
    rng = np.random.default_rng(0)
    place = rng.normal(size=(7, 2))[np.resize(np.arange(7), 400)] * 50
    by_emotion = neighbour_agreement(*(faces, place + rng.normal(size=(400, 2))) * 2)
    assert by_emotion[EMOTION].gain == pytest.approx(1)
    assert by_emotion[EMOTION_OF_OTHERS].gain == pytest.approx(1)
    assert abs(by_emotion[PERSON].gain) < 0.1
    place = rng.normal(size=(20, 2))[pd.factorize(faces["person"])[0]] * 50
    by_person = neighbour_agreement(*(faces, place) * 2, k=5)
    assert by_person[PERSON].gain > 0.9 and abs(by_person[EMOTION].gain) < 0.2


def test_neighbour_agreement_constant_labels_leave_nothing_to_gain():
    faces = LINE.assign(emotion="fear")
    answer = neighbour_agreement(faces, AT, faces, AT)[EMOTION_OF_OTHERS]
    assert answer.share == answer.chance == 1 and np.isnan(answer.gain)


def test_neighbour_agreement_of_newcomers_asks_those_on_the_map():
    newcomers = LINE.iloc[[0]].assign(track="n", person="n", emotion="anger")
    answers = neighbour_agreement(newcomers, np.array([[4.6, 0]]), LINE, AT, k=2)
    assert answers[EMOTION].share == 1 and answers[EMOTION].chance == 0.5
    assert answers[PERSON].share == 0


def test_neighbour_agreement_needs_a_position_for_every_face():
    with pytest.raises(InputError, match="6 faces but 5 positions"):
        neighbour_agreement(LINE, AT[:5], LINE, AT)


def agreement(found, expected, people=None):
    found, expected = np.array(found, float), np.array(expected, float)
    people = np.array(people or [f"p{n}" for n in range(len(found))])
    return Agreement(people, np.full(len(found), 10), found, expected)


def test_agreement_gain_and_interval_by_hand():
    answer = agreement([6, 8, 7], [2, 2, 2])
    assert (answer.share, answer.chance) == (pytest.approx(0.7), pytest.approx(0.2))
    assert answer.gain == pytest.approx(15 / 24)
    left_out = np.array([11, 9, 10]) / 16
    np.testing.assert_allclose(answer.gains_without_each(), left_out)
    margin = stats.t.ppf(0.975, 2) * np.sqrt(2 * left_out.var())
    assert answer.interval(0.95)[1] == pytest.approx(15 / 24 - margin)
    assert answer.of(["p1"]).gain == pytest.approx(6 / 8)
    assert np.isnan(answer.of(["p1"]).interval().low)


def test_gain_difference_is_paired_by_person():
    a, b = agreement([6, 8, 7], [2, 2, 2]), agreement([4, 6, 5], [2, 2, 2])
    difference = gain_difference(a, b)
    assert difference.estimate == pytest.approx(0.25)
    # Everybody differs by the same amount, so nothing is uncertain.
    assert difference.low == pytest.approx(0.25) and difference.high == pytest.approx(0.25)
    fewer = gain_difference(a, b.of(["p0", "p2"]))
    assert fewer.estimate == pytest.approx(a.of(["p0", "p2"]).gain - b.of(["p0", "p2"]).gain)
    with pytest.raises(InputError, match="not in the same order"):
        gain_difference(a, agreement([1, 2, 3], [0, 0, 0], ["p2", "p1", "p0"]))


def test_shuffled_p_value_of_groups_is_small_and_of_nothing_is_uniform():
    rng = np.random.default_rng(5)
    labels = np.resize(["fear", "anger"], 40)
    grouped = rng.normal(size=(40, 2)) + 30 * (labels == "fear")[:, None]
    assert shuffled_p_value(labels, grouped, k=5, seed=0) == pytest.approx(1 / 1000)
    values = [
        shuffled_p_value(labels, rng.normal(size=(40, 2)), k=5, n_permutations=99, seed=seed)
        for seed in range(150)
    ]
    assert stats.kstest(values, "uniform").pvalue > 0.01
    assert shuffled_p_value(np.array(["fear"] * 3), np.eye(3)[:, :2], k=5, seed=0) == 1


def test_trustworthiness_is_one_for_the_map_itself_and_half_for_chance():
    features = np.random.default_rng(1).normal(size=(400, 2))
    assert trustworthiness(features, features, seed=0) == 1
    chance = np.random.default_rng(2).normal(size=(400, 2))
    assert trustworthiness(features, chance, seed=0) == pytest.approx(0.5, abs=0.05)
    sampled = trustworthiness(features, features * [1, 0.7], most=150, seed=0)
    assert 0.9 < sampled < 1
    assert trustworthiness(features[:6], features[:6], seed=0) == 1


def test_kept_neighbours_counts_those_found_again():
    at = np.arange(20.0)[:, None] * [1.0, 0.0]
    assert kept_neighbours(at, at, at, at, k=4) == 1
    assert kept_neighbours(at[:1], at, at[-1:], at, k=4) == 0
    assert kept_neighbours(at[:1], at, at[2:3] + 0.1, at, k=4) == 0.75
