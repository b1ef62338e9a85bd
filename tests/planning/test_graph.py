"""The graph of a build, as Snakemake prints it, and what is made of it."""

import pandas as pd
import pytest

from emolib.errors import InputError
from emolib.planning import graph

DRAWN = """digraph snakemake_dag {
    graph[bgcolor=white, margin=0];
	0[label = "all", color = "0.02 0.6 0.85", style="rounded"];
	1[label = "book", style="rounded"];
	2[label = "chapter_dataset", style="rounded"];
	3[label = "chapter_claims", style="rounded"];
	4[label = "train", style="rounded,dashed"];
	5[label = "match", style="rounded"];
	1 -> 0
	2 -> 1
	3 -> 1
	5 -> 2
	5 -> 3
	4 -> 3
	5 -> 4
	2 -> 3
}
"""
LISTED = (
    "output_file\tdate\trule\tlog-file(s)\tstatus\tplan\n"
    "build/mine/tables/corpus.csv\t-\tchapter_dataset\t\tok\tno update\n"
    "build/mine/tables/claims.csv\t-\tchapter_claims\t\tok\tno update\n"
    "build/mine/numbers/claims.json\t-\tchapter_claims\t\tok\tno update\n"
    "build/mine/samples.parquet\t-\tmatch\t\tok\tno update\n"
)


@pytest.fixture
def steps(monkeypatch):
    """Return the steps of a build that Snakemake tells of."""
    printed = {"--rulegraph": DRAWN, "--summary": LISTED}
    monkeypatch.setattr(graph, "_ask", lambda config, folder, what, *more: printed[what])
    return graph.build_steps("mine.yaml")


def test_rule_graph_takes_chapters_together_and_leaves_the_target_out():
    assert graph.read_rule_graph(DRAWN) == {
        "book": {"chapters"},
        "chapters": {"match", "train"},
        "train": {"match"},
        "match": set(),
    }


def test_outputs_are_told_by_step_without_the_folder_of_the_build():
    made = graph.read_outputs(LISTED)
    assert made["match"] == ["samples.parquet"]
    assert made["chapters"] == ["tables/corpus.csv", "tables/claims.csv", "numbers/claims.json"]


def test_steps_stand_below_what_they_need_and_leave_out_what_follows(steps):
    assert list(steps["step"]) == ["match", "train", "chapters", "book"]
    assert list(steps["level"]) == [0, 1, 2, 3]
    assert list(steps["needs"]) == [[], ["match"], ["train"], ["chapters"]]
    assert list(steps["files"]) == [1, 0, 3, 0]
    assert steps["makes"].iloc[2] == "tables/corpus.csv, tables/claims.csv and 1 more"


def test_way_and_rows_say_the_same(steps):
    assert graph.way_sentence(steps) == (
        "The longest way goes through 4 steps: match, train, chapters, book."
    )
    assert graph.way_sentence(steps, "train").startswith("The longest way goes through 2 steps")
    assert list(graph.step_rows(steps)["needs"]) == ["–", "match", "train", "chapters"]


def test_a_step_that_nobody_described_is_shown_by_its_name(monkeypatch, steps):
    drawn = DRAWN.replace('"train"', '"polish"')
    printed = {"--rulegraph": drawn, "--summary": LISTED}
    monkeypatch.setattr(graph, "_ask", lambda config, folder, what, *more: printed[what])
    table = graph.build_steps("mine.yaml").set_index("step")
    assert table.at["polish", "does"] == "–"
    assert pd.api.types.is_integer_dtype(table["level"])


def test_configuration_that_snakemake_refuses_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="none.yaml: Snakemake cannot say what is made from what"):
        graph.build_steps("none.yaml", tmp_path)
