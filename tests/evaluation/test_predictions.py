"""The predictions table: selection of rows and the checks on them."""

import numpy as np
import pytest

from emolib.errors import InputError
from emolib.evaluation.predictions import emotion_codes, labelled, predicts, select_split


def test_labelled_returns_truth_beside_prediction(simulate):
    predictions = simulate(people=2, faces=3)
    predictions.loc[0, "valence"] = np.nan
    rows = labelled(predictions, "valence")
    assert list(rows.columns) == ["track", "frame", "person", "truth", "prediction"]
    assert len(rows) == 5
    np.testing.assert_array_equal(rows["prediction"], predictions["predicted_valence"][1:])


@pytest.mark.parametrize("column", ["person", "predicted_arousal"])
def test_labelled_missing_value_is_refused(simulate, column):
    predictions = simulate(people=1, faces=4)
    predictions[column] = predictions[column].where(predictions["frame"] != 2)
    with pytest.raises(InputError, match="1 of 4 faces labelled with arousal have no"):
        labelled(predictions, "arousal")


@pytest.mark.parametrize("column", ["split", "person", "emotion"])
def test_labelled_missing_column_is_refused(simulate, column):
    with pytest.raises(InputError, match=f"no column {column}"):
        labelled(simulate().drop(columns=column), "emotion")


def test_select_split_absent_split_is_refused(simulate):
    predictions = simulate(splits=("train", "test"))
    assert set(select_split(predictions, "train")["split"]) == {"train"}
    with pytest.raises(InputError, match="'validation'; splits present: test, train"):
        select_split(predictions, "validation")


def test_emotion_codes_missing_label_is_refused():
    with pytest.raises(InputError, match="1 labels are not among the seven emotions: None"):
        emotion_codes(["fear", None])


def test_predicts_depends_on_the_column(simulate):
    predictions = simulate().drop(columns="predicted_emotion")
    assert predicts(predictions, "valence") and not predicts(predictions, "emotion")
