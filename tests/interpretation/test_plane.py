"""The plane: quadrants by hand, contours of a known density, drawn faces."""

import numpy as np
import pandas as pd
import pytest

from emolib.interpretation.plane import (
    density_contours,
    face_of_each_cell,
    quadrant_table,
    sample_faces,
)


def faces(n=2000, people=20, emotion="fear", mean=(-0.2, 0.3), spread=0.2, seed=0):
    values = np.random.default_rng(seed).normal(mean, spread, (n, 2))
    return pd.DataFrame(values, columns=["valence", "arousal"]).assign(
        person=np.repeat([f"{emotion}{i}" for i in range(people)], n // people), emotion=emotion
    )


def test_quadrant_table_by_hand():
    table = pd.DataFrame(
        {
            "person": ["a", "a", "b", "b"],
            "emotion": "fear",
            "valence": [-0.5, -0.5, 0.5, 0.0],
            "arousal": [0.5, 0.1, 0.5, 0.5],
        }
    )
    (row,) = quadrant_table(table, confidence=0.95).to_dict("records")
    assert (row["first"], row["second"], row["third"], row["on an axis"]) == (0.25, 0.5, 0, 0.25)
    assert row["fullest"] == "second" and 0 <= row["low"] <= 0.5 <= row["high"] <= 1


def test_density_contours_enclose_their_share_of_a_gaussian():
    lines = density_contours(faces(), shares=(0.5,))
    # Half of a round Gaussian lies within 1.177 standard deviations; the kernel widens that a bit.
    radius = np.hypot(lines["valence"] + 0.2, lines["arousal"] - 0.3)
    assert radius.mean() == pytest.approx(1.177 * 0.2, rel=0.15)


def test_density_contours_weigh_people_alike():
    long = faces(n=3000, people=1, mean=(0.6, 0.6), spread=0.05).assign(person="talker")
    lines = density_contours(pd.concat([faces(), long]), shares=(0.5,))
    assert lines["valence"].median() < 0.1


@pytest.mark.parametrize("spread", [0, (0.2, 0)])
def test_density_contours_of_a_point_or_a_line_are_none(spread):
    assert density_contours(faces(spread=spread)).empty


def test_density_contours_of_few_faces_are_none():
    assert density_contours(faces(n=6, people=3)).empty


def test_sample_faces_takes_everybody_once_before_anybody_twice():
    both = pd.concat([faces(n=200), faces(n=20, people=2, emotion="neutral")])
    drawn = sample_faces(both, 30, seed=0)
    counts = drawn.groupby(["emotion", "person"]).size()
    assert counts["fear"].tolist().count(1) == 10 and counts["fear"].tolist().count(2) == 10
    assert counts["neutral"].tolist() == [10, 10]
    assert drawn["emotion"].iloc[0] == "neutral"


def test_face_of_each_cell_draws_one_face_a_cell_of_as_many_people_as_possible():
    table = pd.DataFrame(
        {
            "person": ["a", "a", "b", "a", "c"],
            "valence": [-1.0, -0.99, -0.95, 1.0, 0.0],
            "arousal": [-1.0, -0.99, -0.95, 1.0, 0.0],
        }
    )
    drawn = face_of_each_cell(table, cells=3, seed=0)
    assert list(zip(drawn["column"], drawn["line"], strict=True)) == [(0, 0), (1, 1), (2, 2)]
    assert list(drawn["person"]) == ["b", "c", "a"]  # a is needed where nobody else is
    assert face_of_each_cell(table[:0], cells=3, seed=0).empty


def test_face_of_each_cell_faces_lie_in_their_cells():
    drawn = face_of_each_cell(faces(), cells=13, seed=1)
    assert not drawn.duplicated(["column", "line"]).any()
    for name, place in (("valence", "column"), ("arousal", "line")):
        low = -1 + drawn[place] * 2 / 13
        assert ((low - 1e-9 <= drawn[name]) | (drawn[place] == 0)).all()
        assert ((drawn[name] <= low + 2 / 13 + 1e-9) | (drawn[place] == 12)).all()
