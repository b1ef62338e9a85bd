"""People: thinning keeps everybody, intervals leave out whole people."""

import numpy as np
import pandas as pd
import pytest

from emolib.errors import InputError
from emolib.evaluation.uncertainty import interval
from emolib.interpretation.people import at_most_each, combine, ratio, thin

FACES = pd.DataFrame({"person": ["a"] * 100 + ["b"] * 10, "place": [*range(100), *range(10)]})


def test_thin_keeps_everybody_and_takes_faces_evenly():
    kept = thin(FACES, 11)
    assert kept.groupby("person")["place"].apply(list).to_dict() == {
        "a": list(range(0, 100, 10)),
        "b": [0],
    }


def test_thin_with_room_for_all_changes_nothing():
    pd.testing.assert_frame_equal(thin(FACES, 500), FACES)


def test_thin_to_nothing_is_refused():
    with pytest.raises(InputError, match="cannot keep 0 faces"):
        thin(FACES, 0)


def test_at_most_each_limits_the_many_and_spares_the_few():
    counts = at_most_each(FACES, 20).groupby("person")["place"].agg(["size", "min", "max"])
    assert counts.loc["a", "size"] == 20 and counts.loc["b", "size"] == 10
    assert counts.loc["a", "max"] >= 94


def test_ratio_leaves_out_people_as_the_intervals_of_metrics_do():
    generator = np.random.default_rng(1)
    table = pd.DataFrame({"person": np.repeat(list("abcdef"), 20)})
    right = generator.random(120) < np.repeat(generator.uniform(0.2, 0.9, 6), 20)
    table = table.assign(track=table["person"], frame=np.arange(120), split="test", emotion="fear")
    table["predicted_emotion"] = np.where(right, "fear", "anger")
    expected = interval(table, "accuracy", confidence=0.9)
    found = ratio(right, 1, table["person"]).interval(0.9)
    np.testing.assert_allclose(found, expected)


def test_ratio_of_nothing_is_undefined():
    nothing = ratio([0, 0], [0, 0], ["a", "b"])
    assert np.isnan(nothing.value) and np.isnan(nothing.interval(0.95).low)


def test_combine_difference_of_an_estimate_with_itself_is_surely_zero():
    share = ratio([1, 0, 1], 1, ["a", "b", "c"])
    assert combine(np.subtract, share, share).interval(0.95) == (0, 0, 0)
