"""Charts of a search: what they hold, what they say in words, and that they can be drawn."""

import altair as alt
import numpy as np
import pandas as pd
import pytest
import vl_convert

from emolib import plots

TITLES = {"learning_rate": "learning rate", "batch_size": "batch size", "dropout": "dropout",
          "loss_weighting": "loss weighting"}  # fmt: skip


def make_trials(n=12):
    generator = np.random.default_rng(1)
    trials = pd.DataFrame(
        {
            "trial": range(1, n + 1), "end": ["complete", "pruned"] * (n // 2),
            "loss": np.linspace(1.5, 1.1, n), "learning_rate": 10 ** generator.uniform(-5, -2, n),
            "batch_size": generator.choice([2, 4, 8], n), "dropout": 0.5,
            "loss_weighting": ["fixed", "learned"] * (n // 2),
        }
    )  # fmt: skip
    trials.loc[3, ["loss", "end"]] = np.nan, "diverged"
    return trials


def history():
    table = make_trials().dropna(subset=["loss"]).assign(study="a network", origin="search")
    table["lowest"] = table["loss"].where(table["end"] == "complete").cummin().ffill()
    table.loc[0, "origin"] = "the thesis"
    table.loc[5, "loss"] = 900.0
    return table


CHARTS = {
    "history": lambda: plots.search_history_chart(history()),
    "importance": lambda: plots.importance_chart(
        pd.DataFrame({"study": "s", "setting": ["dropout", "decay"], "importance": [0.8, 0.2]})
    ),
    "slices": lambda: plots.slice_chart(make_trials(), TITLES),
    "parallel": lambda: plots.parallel_chart(make_trials(), TITLES),
}


@pytest.mark.parametrize("make", CHARTS.values(), ids=CHARTS)
def test_chart_can_be_drawn_and_says_what_it_shows(make):
    spec = make().to_dict()
    assert any(digit in spec["description"] for digit in "0123456789")
    assert vl_convert.vegalite_to_svg(spec).count("<path") > 5


@pytest.mark.parametrize(
    "chart",
    [plots.search_history_chart(history()[:0]),
     plots.importance_chart(pd.DataFrame(columns=["study", "setting", "importance"])),
     plots.slice_chart(make_trials()[:0], TITLES), plots.parallel_chart(make_trials()[:0], TITLES)],
)  # fmt: skip
def test_chart_without_trials_says_so(chart):
    assert isinstance(chart, alt.Chart)
    assert vl_convert.vegalite_to_svg(chart.to_dict()).count("<text") == 1


def test_history_draws_what_is_far_off_at_the_upper_edge():
    spec = plots.search_history_chart(history()).to_dict()
    (rows,) = spec["datasets"].values()
    far = next(row for row in rows if row["loss"] == 900)
    assert far["shown"] < 2
    assert [row["given"] for row in rows].count("the thesis") == 1
    assert {row["beyond"] for row in rows} == {"", f"≥ {far['shown']:.3g}"}
    lines = plots.parallel_chart(make_trials().assign(loss=[1.0, 2.0] * 5 + [2.0, 9.0]), TITLES)
    ends = [row["text"] for table in lines.to_dict()["datasets"].values() for row in table
            if "text" in row and row["axis"] == "validation loss"]  # fmt: skip
    assert ends == ["1", "≥ 3"]


def test_slices_and_lines_show_the_settings_that_vary():
    spec = plots.slice_chart(make_trials(), TITLES).to_dict()
    axes = [panel["layer"][0]["encoding"]["x"] for panel in spec["concat"]]
    assert [axis["title"] for axis in axes] == ["learning rate", "batch size", "loss weighting"]
    assert axes[0]["scale"]["type"] == "log"


def test_lines_run_from_the_lowest_to_the_highest_value_of_each_setting():
    spec = plots.parallel_chart(make_trials(), TITLES).to_dict()
    rows = max(spec["datasets"].values(), key=len)
    places = pd.DataFrame(rows).groupby("axis")["place"].agg(["min", "max"])
    assert (places["min"] == 0).all() and (places["max"] == 1).all()
    assert len(places) == 4  # three settings and the loss
    best = pd.DataFrame(rows).query("group == 'best'")
    assert set(best["trial"]) == {11}  # the lowest of those that were not given up
