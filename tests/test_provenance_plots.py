"""Charts of how a build comes about: what they hold and where they draw it."""

import pandas as pd

from emolib import plots

STEPS = pd.DataFrame(
    [("ingest", 0, []), ("faces", 1, ["ingest"]), ("labels", 1, ["ingest"]),
     ("match", 2, ["faces", "labels"]), ("features", 2, ["faces"]),
     ("train", 3, ["match", "features"])],
    columns=["step", "level", "needs"],
).assign(does="does something", files=2)  # fmt: skip
READS = pd.DataFrame(
    [("claims", "samples", 1), ("claims", "runs", 12), ("tsne", "features", 9)],
    columns=["chapter", "stage", "files"],
)
STAGES = ("faces", "samples", "features", "runs")
CHARTS = {
    "steps": lambda: plots.step_chart(STEPS),
    "reads": lambda: plots.reads_chart(READS, STAGES),
}


def rows(chart, column):
    """Return the table of a chart that has a column."""
    tables = map(pd.DataFrame, chart.to_dict()["datasets"].values())
    return next(table for table in tables if column in table)


def test_steps_stand_below_what_they_need_and_few_lines_cross():
    places = rows(CHARTS["steps"](), "step").set_index("step")
    # Features need the faces alone, which stand on the left, and so do they.
    assert places.at["faces", "x"] < places.at["labels", "x"]
    assert places.at["features", "x"] < places.at["match", "x"]
    assert (places["bottom"] < places["level"] + 1).all()
    assert places["left"].min() >= 0 and places["right"].max() <= 1


def test_lines_lead_from_every_need_to_the_step_below_it():
    lines = rows(CHARTS["steps"](), "above")
    assert len(lines) == STEPS["needs"].map(len).sum()
    assert (lines["above"] < lines["below"]).all()


def test_steps_are_told_in_words():
    description = CHARTS["steps"]().to_dict()["description"]
    assert "the 6 steps" in description and "train needs match and features" in description


def test_reads_are_told_in_words_and_show_stages_in_their_order():
    spec = CHARTS["reads"]().to_dict()
    assert "claims: samples, runs; tsne: features" in spec["description"]
    assert spec["encoding"]["x"]["sort"] == ["samples", "features", "runs"]


def test_reads_of_nothing_say_so():
    assert "No chapter" in plots.reads_chart(READS[:0], STAGES).to_dict()["description"]
