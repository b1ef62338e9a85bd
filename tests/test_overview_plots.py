"""Charts of the first pages: where a face stands, where a click leads, what is said in words."""

import numpy as np
import pandas as pd
import pytest

from emolib import plots
from emolib.errors import InputError

CROPS = np.full((3, 72, 72, 3), 200, dtype=np.uint8)
RATED = pd.DataFrame(
    {
        "emotion": ["fear", "anger", "fear"],
        "person": ["a", "a", "b"],
        "valence": [-0.95, 0.0, 1.0],
        "arousal": [0.6, 0.05, 1.0],
        "column": [0, 2, 4],
        "line": [3, 2, 4],
    }
)
SCORES = pd.DataFrame(
    [
        ("vgg16-category-1fc", "A", "category", "macro_f1", 0.5, 0.4, 0.6),
        ("vgg16-combined-1fc", "A", "combined", "macro_f1", 0.6, np.nan, np.nan),
        ("vgg16-combined-1fc", "A", "combined", "ccc_valence", -0.1, -0.2, 0.0),
    ],
    columns=["key", "network", "kind", "metric", "estimate", "low", "high"],
)
TITLES = {"macro_f1": "macro F1", "ccc_valence": "CCC valence"}

CHARTS = {
    "face_plane": lambda: plots.face_plane(RATED, CROPS, 5),
    "network_chart": lambda: plots.network_chart(SCORES, TITLES),
}


def rows(chart, column):
    """Return the table of a chart that has a column."""
    tables = chart.to_dict()["datasets"].values()
    return pd.DataFrame(next(table for table in tables if column in table[0]))


def test_face_plane_puts_each_face_into_the_cell_of_its_rating():
    table = rows(CHARTS["face_plane"](), "image")
    for name, low, high in (("valence", "left", "right"), ("arousal", "bottom", "top")):
        inside = (table[low] - 0.02 <= table[name]) & (table[name] <= table[high] + 0.02)
        assert inside.all(), table
    assert table["image"].str.startswith("data:image/jpeg;base64,").all()
    assert not (table["right"].iloc[1] > table["left"].iloc[2])


def test_face_plane_says_how_many_faces_of_whom_and_of_what():
    described = CHARTS["face_plane"]().to_dict()["description"]
    assert "3 faces of 2 people" in described and "2 of fear, 1 of anger" in described


def test_face_plane_without_a_face_says_so_and_refuses_other_numbers_of_crops():
    assert "0 results" in plots.face_plane(RATED[:0], CROPS[:0], 5).to_dict()["description"]
    with pytest.raises(InputError, match="1 crops of 3 faces"):
        plots.face_plane(RATED, CROPS[:1], 5)


def test_network_chart_marks_what_is_reached_without_a_look_at_a_face():
    trivial = pd.DataFrame(
        {"metric": ["macro_f1", "macro_f1", "ccc_valence"], "estimate": [0.05, 0.13, 0.0]}
    )
    chart = plots.network_chart(SCORES, TITLES, trivial)
    assert rows(chart, "said")["said"].tolist() == ["", "trivial 0.13"]
    assert "never looks at a face gets macro F1 0.13" in chart.to_dict()["description"]
    assert "never looks" not in CHARTS["network_chart"]().to_dict()["description"]


def test_network_chart_leads_to_the_line_of_each_network():
    chart = CHARTS["network_chart"]()
    table = rows(chart, "link")
    assert list(table["link"]) == [f"#network-{key}" for key in SCORES["key"]]
    marks = [layer for layer in chart.to_dict()["layer"] if "href" in layer["encoding"]]
    assert len(marks) == 2 and {mark["encoding"]["href"]["field"] for mark in marks} == {"link"}


def test_network_chart_says_the_range_and_the_best_of_each_score():
    described = CHARTS["network_chart"]().to_dict()["description"]
    assert "macro F1 from 0.50 to 0.60 (A, combined)" in described
    assert "CCC valence from −0.10 to −0.10" in described
    assert "0 results" in plots.network_chart(SCORES[:0], TITLES).to_dict()["description"]
