"""Pictures and charts of maps: the right colours and numbers, something to say of nothing."""

import numpy as np
import pandas as pd
import pytest

from emolib import plots
from emolib.plots.saliency import AGAINST, FOR, NOTHING, TRUE

FACE = np.full((40, 40, 3), 128, np.uint8)
MEANS = pd.DataFrame(
    {
        "method": ["a", "b", "a", "b"],
        "quantity": ["share", "share", "hit", "hit"],
        "estimate": [0.4, 0.3, 0.5, np.nan],
        "low": [0.3, np.nan, 0.4, np.nan],
        "high": [0.5, np.nan, 0.6, np.nan],
    }
)
TIMES = pd.DataFrame(
    {"way": "occlusion", "before": [0, 1, 2], "estimate": [0.5, 0.3, 0.2], "low": 0.1, "high": 0.6}
)


def nearest(pixel):
    colours = {"for": FOR, "against": AGAINST, "true": TRUE, "grey": (153, 153, 153)}
    return min(colours, key=lambda name: np.abs(np.subtract(colours[name], pixel, dtype=int)).sum())


def test_map_is_orange_above_zero_blue_below_and_grey_where_it_is_nothing():
    importance = np.zeros((40, 40))
    importance[5:15, 5:15], importance[25:35, 25:35] = 1, -1
    picture = plots.map_picture(FACE, importance)
    assert picture.shape == FACE.shape and picture.dtype == np.uint8
    assert [nearest(picture[at]) for at in ((10, 10), (30, 30), (10, 30))] == [
        "for", "against", "grey",
    ]  # fmt: skip


def test_map_of_nothing_leaves_the_face_grey():
    picture = plots.map_picture(FACE, np.zeros((40, 40)))
    assert (picture == picture[0, 0]).all()


def test_region_is_green_and_none_leaves_the_face_grey():
    region = np.zeros((40, 40), bool)
    region[:20] = True
    picture = plots.region_picture(FACE, region)
    assert nearest(picture[5, 5]) == "true" and nearest(picture[35, 5]) == "grey"
    assert (plots.region_picture(FACE, None) == picture[35, 5]).all()


def test_columns_are_face_maps_and_truth_where_it_is_known():
    maps = [{"one": np.eye(40), "two": np.eye(40)}] * 2
    assert list(plots.map_columns([FACE] * 2, maps)) == ["face", "one", "two"]
    columns = plots.map_columns([FACE] * 2, maps, [None, np.eye(40) > 0])
    assert list(columns) == ["face", "one", "two", "truth"]
    assert {len(pictures) for pictures in columns.values()} == {2}
    assert plots.map_columns([], []) == {}


def test_grid_shows_every_picture_and_names_what_repeats_once():
    columns = plots.map_columns([FACE] * 3, [{"integrated gradients": np.eye(40)}] * 3)
    chart = plots.picture_grid(["fear", "fear", "anger, 0.1 s"], columns)
    spec = chart.to_dict()
    (rows,) = spec["datasets"].values()
    assert len(rows) == 6 and all(row["image"].startswith("data:image") for row in rows)
    assert "Grid of 3 faces (fear, anger, 0.1 s)" in spec["description"]
    assert len(set(row["key"] for row in rows)) == 3


def test_check_chart_shows_means_intervals_and_reference():
    chart = plots.check_chart(MEANS, {"share": "mass", "hit": "points"}, {"share": 0.2})
    spec = chart.to_dict()
    (rows,) = spec["datasets"].values()
    assert [(row["title"], row["method"]) for row in rows] == [
        ("mass", "a"), ("mass", "b"), ("points", "a"),
    ]  # fmt: skip
    assert [row["reference"] for row in rows] == [0.2, 0.2, None]
    assert "mass, a 0.40" in spec["description"]
    assert spec["spec"]["width"] * 2 + 150 < plots.style.PAGE


def test_time_chart_counts_back_from_the_face():
    spec = plots.time_chart(TIMES).to_dict()
    (rows,) = spec["datasets"].values()
    assert [row["seconds"] for row in rows] == pytest.approx([0, -1 / 30, -2 / 30], abs=1e-4)
    assert "occlusion 50%" in spec["description"]


@pytest.mark.parametrize(
    "chart",
    [
        plots.picture_grid([], {}),
        plots.check_chart(MEANS[:0], {"share": "mass"}),
        plots.time_chart(TIMES[:0]),
    ],
)
def test_charts_of_nothing_say_so(chart):
    assert NOTHING in chart.to_dict()["description"]
    assert (
        "nobody"
        in plots.check_chart(MEANS[:0], {}, lacking="nobody knows").to_dict()["description"]
    )
