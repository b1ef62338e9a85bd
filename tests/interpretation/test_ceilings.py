"""Ceilings: planted relations whose best possible prediction is known."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from emolib.errors import InputError
from emolib.interpretation.ceilings import (
    BALANCED,
    CATEGORY_SCORES,
    MAJORITY,
    NEAREST,
    NEIGHBOURS,
    best_possible_accuracy,
    category_ceiling,
    category_ceiling_table,
    cover_hart,
    dimension_ceiling,
    dimension_ceiling_table,
    explained_variance,
    gain_over_guessing,
)

DISTANCE = 0.6  # between the means of two categories, whose valence has a deviation of 0.3


def planted(n=900, people=30, share=0.5, distance=DISTANCE, seed=0):
    generator = np.random.default_rng(seed)
    fear = generator.random(n) < share
    return pd.DataFrame(
        {
            "track": "t",
            "frame": np.arange(n),
            "person": np.repeat([f"p{i:02d}" for i in range(people)], n // people),
            "emotion": np.where(fear, "fear", "anger"),
            "valence": generator.normal(0, 0.3, n) + distance * (fear - 0.5),
            "arousal": generator.normal(0, 0.3, n),
        }
    )


def test_category_ceiling_reaches_the_known_best_and_stays_below_its_bound():
    best = stats.norm.cdf(DISTANCE / 2 / 0.3)
    tables = category_ceiling(planted())
    scores = category_ceiling_table(tables, confidence=0.95).set_index(["told_by", "metric"])
    reached = scores.loc[(NEIGHBOURS, "accuracy")]
    assert reached["low"] <= best <= reached["high"]
    possible = best_possible_accuracy(tables[NEAREST])
    assert best - 0.02 <= possible.value <= best + 0.06
    assert gain_over_guessing(tables, confidence=0.95).low > 0.2
    assert set(scores.index.get_level_values("metric")) == set(CATEGORY_SCORES)


def test_category_ceiling_balanced_finds_the_rare_category():
    scores = category_ceiling_table(category_ceiling(planted(share=0.1)), confidence=0.95)
    recall = scores[scores["metric"] == "balanced_accuracy"].set_index("told_by")["estimate"]
    assert recall[MAJORITY] == 0.5
    assert recall[BALANCED] > recall[NEIGHBOURS] + 0.1


def test_category_ceiling_sees_nothing_of_a_persons_own_faces():
    faces = planted(distance=0)
    # Everybody has a place and a category of their own; it tells nothing of strangers.
    code = pd.factorize(faces["person"])[0]
    faces["valence"] = code / 30
    faces["emotion"] = np.where(np.random.default_rng(3).random(30)[code] < 0.5, "fear", "anger")
    accuracy = (lambda t: (t["predicted_emotion"] == t["emotion"]).mean())(
        category_ceiling(faces)[NEIGHBOURS]
    )
    assert accuracy < 0.75


def test_dimension_ceiling_explains_the_planted_share_of_variance():
    truth = (DISTANCE / 2) ** 2 / ((DISTANCE / 2) ** 2 + 0.3**2)
    by_category, mean = dimension_ceiling(planted())
    valence = explained_variance(by_category, mean, "valence").interval(0.95)
    assert valence.low <= truth <= valence.high
    arousal = explained_variance(by_category, mean, "arousal").interval(0.95)
    assert abs(arousal.estimate) < 0.02


def test_dimension_ceiling_table_has_both_scores_of_both_dimensions():
    table = dimension_ceiling_table(planted(), confidence=0.95)
    assert len(table) == 4 and table.notna().all(axis=None)


def test_dimension_ceiling_category_that_others_lack_takes_a_finite_value():
    faces = planted(n=90, people=3)
    faces.loc[faces["person"] == "p00", "emotion"] = "disgust"
    by_category, _ = dimension_ceiling(faces)
    assert by_category["predicted_valence"].abs().max() < 1


@pytest.mark.parametrize(
    ("accuracy", "categories", "best"), [(1.0, 7, 1.0), (0.5, 2, 0.5), (0.82, 2, 0.9)]
)
def test_cover_hart_by_hand(accuracy, categories, best):
    # With two categories R = 2 R* (1 - R*): an error of 0.1 gives 0.18.
    assert cover_hart(np.float64(accuracy), categories) == pytest.approx(best)


def test_ceilings_of_one_person_are_refused():
    with pytest.raises(InputError, match="one person only"):
        category_ceiling(planted(people=1))
