"""Charts of the agreement of raters: valid, of the right numbers, and empty where nothing is."""

import altair as alt
import numpy as np
import pandas as pd
import pytest

from emolib import plots

PAIRS = pd.DataFrame(
    [
        ("v1", "ann", "ben", 0.5, np.nan, 0.2),
        ("all videos", "ann", "ben", 0.61, np.nan, 0.3),
    ],
    columns=["video", "first", "second", "kappa", "ccc_valence", "ccc_arousal"],
)
INTERVALS = pd.DataFrame(
    [("ann", 0.0, 2.0, "fear"), ("ben", 0.0, 1.5, "fear")],
    columns=["rater", "start", "end", "emotion"],
)
TRACES = pd.DataFrame(
    {"rater": ["ann", "ann", "ben"], "time": [0, 2, 1], "valence": [0.0, 0.5, 0.1], "arousal": 0.2}
)
DIFFERENCES = pd.DataFrame(
    [
        ("a", "emotion", 1.5, 2.0, 0.5, "fear", "", np.nan),
        ("a", "valence", 0.5, 0.75, 0.25, "0.10", "0.40", 0.3),
    ],
    columns=[
        *("track", "content", "start", "end", "seconds", "first_said", "second_said", "difference")
    ],
)


def datasets(chart):
    return [row for rows in chart.to_dict()["datasets"].values() for row in rows]


def test_agreement_chart_shows_what_is_defined():
    chart = plots.agreement_chart(PAIRS, "all videos")
    assert {row["value"] for row in datasets(chart)} == {0.5, 0.61, 0.2, 0.3}
    assert "categories (kappa) 0.61" in chart.to_dict()["description"]


def test_agreement_chart_of_several_pairs_names_them():
    more = pd.concat([PAIRS, PAIRS.assign(second="carl")])
    axis = plots.agreement_chart(more, "all videos").to_dict()["layer"][0]["encoding"]["y"]
    assert axis["field"] == "pair"


def test_rater_timeline_marks_the_differences():
    chart = plots.rater_timeline(INTERVALS, TRACES, DIFFERENCES)
    description = chart.to_dict()["description"]
    assert "0.5 s in emotion, 0.2 s in valence, 0.0 s in arousal" in description
    marked = [row for row in datasets(chart) if row.get("rater") == "differ"]
    assert [(row["start"], row["end"]) for row in marked] == [(1.5, 2.0)]
    assert len(chart.vconcat) == 3


def test_rater_timeline_leaves_out_what_nobody_rated():
    chart = plots.rater_timeline(INTERVALS, TRACES.assign(arousal=np.nan), DIFFERENCES)
    assert len(chart.vconcat) == 2


@pytest.mark.parametrize(
    "chart",
    [
        plots.agreement_chart(PAIRS.head(0), "all videos"),
        plots.rater_timeline(INTERVALS.head(0), TRACES.head(0), DIFFERENCES.head(0)),
    ],
)
def test_nothing_to_show_is_said(chart):
    assert isinstance(chart, alt.Chart)
    assert "0 results" in chart.to_dict()["description"]
