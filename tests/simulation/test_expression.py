from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emolib.labels import EMOTIONS
from emolib.simulation.action_units import INDEX
from emolib.simulation.cast import Character
from emolib.simulation.expression import (
    RATE,
    REGIONS,
    approach,
    label_faults,
    ornstein_uhlenbeck,
    sample_times,
    simulate_affect,
)
from emolib.simulation.identity import limited, sample_manner
from emolib.simulation.movement import interpolate, simulate_movement
from emolib.simulation.plan import plan_corpus

SAD = Character(3, "sadness", "anger")


@pytest.fixture(scope="module")
def thesis_size():
    videos, faults = plan_corpus(55, 4, 15.0, 2018, EMOTIONS)
    assert faults == []
    return [role.affect for video in videos for role in video.roles]


@given(st.integers(0, 500), st.floats(4, 40))
def test_segments_cover_the_video_without_overlap(seed, duration):
    affect = simulate_affect(SAD, duration, seed)
    assert affect.segments[0].start == 0
    assert affect.segments[-1].end == duration
    for before, after in zip(affect.segments, affect.segments[1:], strict=False):
        assert before.start < before.end == after.start
    assert affect.valence_arousal.shape == (len(sample_times(duration)), 2)
    assert np.abs(affect.valence_arousal).max() <= 1


def test_labels_lie_within_their_segments():
    affect = simulate_affect(SAD, 30, 1)
    times = np.arange(0, 30, 0.01)
    labels = affect.emotions(times)
    expected = []
    for time in times:
        within = [s for s in affect.segments if s.start + 0.15 <= time < s.end - 0.15]
        expected.append(within[0].emotion if within else "")
    assert labels.tolist() == expected
    assert {"neutral", "sadness"} <= set(labels)


def test_person_is_independent_of_the_others_and_repeatable():
    first, again = (simulate_affect(SAD, 10, 5, attempt=2) for _ in range(2))
    assert first.segments == again.segments
    np.testing.assert_array_equal(first.valence_arousal, again.valence_arousal)
    assert simulate_affect(SAD, 10, 5, attempt=3).segments != first.segments


def test_approach_agrees_with_a_loop():
    target = np.random.default_rng(0).standard_normal((50, 2))
    followed, value = [], target[0]
    keep = np.exp(-1 / (RATE * 0.14))
    for wanted in target:
        value = keep * value + (1 - keep) * wanted
        followed.append(value)
    np.testing.assert_allclose(approach(target, 0.14), followed)


def test_ornstein_uhlenbeck_has_unit_variance_and_its_time_constant():
    drift = ornstein_uhlenbeck(np.random.default_rng(0), (2000, 400), 0.5)
    np.testing.assert_allclose(drift[[0, 30, 1999]].std(axis=1), 1, atol=0.12)
    lag = int(0.5 * RATE)
    correlation = np.mean(drift[:-lag] * drift[lag:])
    assert correlation == pytest.approx(np.exp(-1), abs=0.04)


def test_thesis_size_has_the_stated_labels(thesis_size):
    times = sample_times(15.0)
    shown = [affect.emotions(times) for affect in thesis_size]
    pooled = np.concatenate(shown)
    people = Counter(emotion for labels in shown for emotion in set(labels))
    assert 0.55 <= np.mean(pooled != "") <= 0.70
    assert 0.80 <= np.isin(pooled, ("neutral", "sadness")).sum() / (pooled != "").sum() <= 0.88
    assert min(people[emotion] for emotion in EMOTIONS) >= 6
    assert np.mean([affect.valence_arousal[:, 1] < 0 for affect in thesis_size]) < 0.15


def test_emotions_lie_in_their_regions(thesis_size):
    targets = {emotion: [] for emotion in EMOTIONS}
    for affect in thesis_size:
        for segment in affect.segments:
            if segment.emotion:
                targets[segment.emotion].append(segment.target)
    for emotion, regions in REGIONS.items():
        drawn = np.array(targets[emotion])
        mean = sum(region.share * np.array(region.mean) for region in regions)
        np.testing.assert_allclose(drawn.mean(axis=0), mean, atol=0.25, err_msg=emotion)


def test_rare_regions_are_visited():
    values = []
    for person in range(5):
        character = Character(person, "anger", "fear")
        for segment in simulate_affect(character, 40, 7).segments:
            if segment.emotion == "anger":
                values.append(segment.target[0])
    positive = np.mean(np.array(values) > 0)
    assert 0 < positive < 0.35


def test_label_faults_name_the_missing_emotion():
    affects = [simulate_affect(Character(i, "sadness", "sadness"), 10, 1) for i in range(5)]
    faults = label_faults(affects, 10, ("neutral", "sadness", "fear"))
    assert faults == ["fear is shown by 0 of 5 people; 2 are wanted"]


def test_corpus_of_one_theme_fails_the_imbalance_of_the_thesis():
    affects = [simulate_affect(Character(i, "sadness", "sadness"), 8, 1) for i in range(59)]
    assert any("of labelled time" in fault for fault in label_faults(affects, 8, EMOTIONS))


def test_interpolate_is_linear_and_holds_the_ends():
    series = np.array([[0.0], [1.0], [3.0]])
    times = np.array([-1, 0, 0.5, 1.5, 2, 9]) / RATE
    np.testing.assert_allclose(interpolate(times, series)[:, 0], [0, 0, 0.5, 2, 3, 3])


def test_movement_follows_the_emotion():
    smiles, labels = [], []
    for person in range(4):
        affect = simulate_affect(Character(person, "happiness", "happiness"), 30, 3)
        manner = sample_manner(np.random.default_rng(person), rest=0.0)
        movement = simulate_movement(affect, manner, 30, 3, person)
        np.testing.assert_array_equal(movement.action_units, limited(movement.action_units))
        smiles.append(movement.action_units[:, INDEX[12]])
        labels.append(affect.emotions(sample_times(30)))
    smile, label = np.concatenate(smiles), np.concatenate(labels)
    assert smile[label == "happiness"].mean() > smile[label == "neutral"].mean() + 0.25


def test_people_blink_a_quarter_to_half_a_time_a_second():
    manner = sample_manner(np.random.default_rng(0), rest=0.0)
    affect = simulate_affect(Character(0, "fear", "fear"), 240, 3)
    closed = simulate_movement(affect, manner, 240, 3, 0).action_units[:, INDEX[43]] > 0.75
    assert 0.2 * 240 < np.count_nonzero(np.diff(closed.astype(int)) == 1) < 0.55 * 240


def test_gain_and_rest_shape_what_is_shown():
    manner = sample_manner(np.random.default_rng(2), rest=0.2)
    assert 0.5 <= manner.gain <= 1.6
    assert manner.resting[INDEX[26]] == 0
    np.testing.assert_allclose(manner.shown(np.zeros(17)), limited(manner.resting))
    assert manner.shown(np.full(17, -9.0)).min() == pytest.approx(-0.3)
    assert manner.shown(np.full(17, -9.0))[INDEX[43]] == 0
    assert manner.shown(np.full(17, 9.0)).max() == pytest.approx(1.25)
