"""Objectives: sums of units, opposites, and heads that are left out."""

import numpy as np
import pytest
from keras import ops

from emolib.errors import InputError
from emolib.interpretation.objectives import (
    Objective,
    objective_table,
    objective_values,
    unit,
    unit_objectives,
    weight_matrices,
)
from emolib.labels import DIMENSIONS, EMOTIONS

SCORES = {
    "category": np.arange(14, dtype=np.float32).reshape(2, 7),
    "dimensional": np.array([[0.5, -0.25], [1.0, 2.0]], np.float32),
}


def test_objectives_add_and_multiply():
    both = 2 * unit("fear") + unit("valence") - 0.5 * (unit("fear") + unit("arousal"))
    assert both.weights == {"fear": 1.5, "valence": 1.0, "arousal": -0.5}


def test_value_is_the_weighted_sum_of_each_items_own_objective():
    objectives = [unit("sadness") - 2 * unit("valence"), -unit("arousal")]
    values = objective_values(SCORES, weight_matrices(objectives, SCORES))
    np.testing.assert_allclose(ops.convert_to_numpy(values), [2 - 2 * 0.5, -2.0])


def test_head_that_no_objective_names_is_not_asked():
    matrices = weight_matrices([unit("fear"), unit("anger")], SCORES)
    assert list(matrices) == ["category"]
    values = objective_values({"category": SCORES["category"]}, matrices)
    np.testing.assert_array_equal(ops.convert_to_numpy(values), [4, 10])


def test_every_unit_of_a_network_has_an_objective():
    names = [*EMOTIONS, *(f"{name} {way}" for name in DIMENSIONS for way in ("up", "down"))]
    assert list(unit_objectives(["dimensional", "category"])) == names
    assert list(unit_objectives(["category"])) == list(EMOTIONS)


def test_table_holds_scores_and_opposites_of_dimensions():
    table = objective_table(SCORES)
    np.testing.assert_array_equal(table[list(EMOTIONS)], SCORES["category"])
    np.testing.assert_array_equal(table["valence down"], -SCORES["dimensional"][:, 0])
    np.testing.assert_array_equal(table["arousal up"], SCORES["dimensional"][:, 1])


def test_unknown_or_lacking_unit_is_refused():
    with pytest.raises(InputError, match="unknown unit 'joy'; known are neutral"):
        Objective({"joy": 1.0})
    with pytest.raises(InputError, match="no unit 'valence' in a network with category"):
        weight_matrices([unit("valence")], ["category"])
