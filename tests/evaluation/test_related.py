"""What others published: the shipped numbers, and the sentences that turn with them."""

import re
from pathlib import Path

import pandas as pd
import pytest

from emolib.evaluation import published, related

ROOT = Path(__file__).parents[2]
KEYS = ["challenge", "year", "task"]

PRINTED = [
    ("fan2016", "accuracy", 0.5902),
    ("fan2016", "accuracy", 0.538),
    ("kahou2013", "accuracy", 0.4103),
    ("kahou2016", "accuracy", 0.4767),
    ("knyazev2018", "accuracy", 0.6003),
    ("li2019", "accuracy", 0.6278),
    ("ouyang2017", "accuracy", 0.4047),
    ("vielzeuf2018", "accuracy", 0.6064),
    ("zhou2019", "accuracy", 0.6248),
    ("chen2017", "ccc_arousal", 0.675),
    ("chen2017", "ccc_valence", 0.756),
    ("chen2017", "ccc_arousal", 0.375),
    ("xia2018", "ccc_arousal", 0.282),
    ("zhang2021", "ccc_valence", 0.463),
    ("zhang2021", "ccc_arousal", 0.190),
    ("praveen2022", "ccc_arousal", 0.363),
    ("phan2022", "macro_f1", 0.286),
    ("zhang2023", "macro_f1", 0.4121),
    ("zhang2023", "ccc_mean", 0.6372),
    ("zhang2023b", "ccc_mean", 0.5342),
    ("praveen2024", "ccc_arousal", 0.619),
    ("rajasekhar2025", "ccc_valence", 0.561),
    ("ryumina2026", "ccc_mean", 0.658),
    ("yu2026", "macro_f1", 0.5029),
    ("mao2023", "accuracy", 0.6377),
    ("roy2024", "accuracy", 0.7239),
]
"""Read in the abstracts by eye, or in section 2.3 of the thesis: source, metric, value."""


def results(*rows):
    columns = ["year", "corpus", "place", "metric", "value", "split", "source"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(
        challenge="ABAW",
        task="valence and arousal",
        system=table["source"],
        place_source="",
        where="abstract",
        hand="first",
        printed=table["value"].map(str),
    )


TOY = results(
    (2021, "A", "2", "ccc_valence", 0.4, "test", "one"),
    (2021, "A", "2", "ccc_arousal", 0.2, "test", "one"),
    (2021, "A", "", "ccc_valence", 0.5, "test", "two"),
    (2021, "A", "baseline", "ccc_valence", 0.1, "test", "one"),
    (2022, "A", "baseline", "ccc_valence", 0.3, "test", "three"),
    (2023, "A", "1", "ccc_valence", 0.9, "validation", "four"),
)


@pytest.mark.parametrize(("source", "metric", "value"), PRINTED)
def test_number_is_what_its_source_prints(source, metric, value):
    rows = published.related()
    found = rows.loc[(rows["source"] == source) & (rows["metric"] == metric), "value"]
    assert value in list(found)


def test_shipped_every_source_is_in_the_bibliography_and_cited_in_the_chapter():
    rows = published.related()
    sources = set(rows["source"]) | set(rows["place_source"]) - {""}
    assert sources == {source for source, *_ in PRINTED}
    bibliography = (ROOT / "book" / "references.bib").read_text()
    keys = set(re.findall(r"^@\w+\{(\w+),", bibliography, flags=re.MULTILINE))
    chapter = (ROOT / "notebooks" / "related.md").read_text()
    book = chapter + (ROOT / "book" / "introduction.md").read_text()
    cited = {key for keys in re.findall(r"\{cite:[pt]\}`([^`]+)`", book) for key in keys.split(",")}
    assert sources <= keys and sources <= cited


def test_shipped_cells_are_of_known_kinds():
    rows = published.related()
    assert set(rows["metric"]) == set(related.METRICS)
    assert set(rows["split"]) == {"test", "validation", "not stated"}
    assert set(rows["hand"]) == {"first", "second"}
    assert rows["place"].isin(["", related.BASELINE, *"12345"]).all()
    assert (rows.loc[rows["place"] == related.BASELINE, "hand"] == "second").all()
    assert rows["value"].between(0, 1).all()
    assert not rows.duplicated(["source", "metric", "corpus", "system"]).any()
    assert not rows.isna().any(axis=None)


def test_shipped_results_belong_to_rounds():
    rows, rounds = published.related(), published.rounds()
    assert not rounds.duplicated().any()
    ranked = rows.loc[rows["challenge"] != "", KEYS].drop_duplicates()
    assert len(ranked.merge(rounds, on=KEYS)) == len(ranked)
    assert rows["year"].between(2013, 2026).all()


def test_best_by_year_leaves_validation_out_and_keeps_baselines_apart():
    best = related.best_by_year(TOY)
    valence = best[best["metric"] == "ccc_valence"]
    assert valence[["year", "value", "baseline"]].values.tolist() == [
        [2021, 0.5, False],
        [2021, 0.1, True],
        [2022, 0.3, True],
    ]
    mean = best[best["metric"] == "ccc_mean"]
    assert mean["source"].tolist() == ["one"]
    assert mean["value"].item() == pytest.approx(0.3)


def test_coverage_counts_neither_baselines_nor_validation():
    rounds = pd.DataFrame({"challenge": "ABAW", "year": [2021, 2022, 2023]})
    table = related.coverage(rounds.assign(task="valence and arousal"), TOY)
    assert table["known"].tolist() == [True, False, False]
    assert table["winner"].tolist() == [False, False, False]
    said = related.gap_sentence(table)
    assert said.startswith("Of 3 rounds, 1 has a number here of a system on test people")
    assert "it is not the winner's. No such number could be verified for ABAW val" in said
    assert said.endswith("arousal 2022 and 2023.")
    assert "verified" not in related.gap_sentence(table[table["known"]])
    won = table.assign(known=True, winner=[True, True, False])
    assert "3 have a number" in related.gap_sentence(won)
    assert related.gap_sentence(won).endswith(", 2 of them the winner's.")
    assert "none have a number" in related.gap_sentence(table.assign(known=False))


def test_rows_cite_the_source_of_number_and_place():
    toy = TOY.assign(place_source=["", "two", "", "", "", ""], hand="second")
    rows = related.result_rows(toy).sort_index()
    assert rows["source"][0] == "{cite:t}`one`"
    assert list(rows["place"][:3]) == ["2", "2 ({cite:t}`two`)", "–"]
    assert rows["where"][0] == "abstract, second hand"
    assert rows["year"][0] == "2021"


def test_count_sentence_counts():
    said = related.count_sentence(TOY.assign(hand=["first"] * 4 + ["second"] * 2))
    assert said.startswith("It holds 6 numbers from 4 publications: 4 were read")
    assert "2 in one that reports" in said and "1 of all were measured on validation" in said


def test_sentences_turn_with_the_numbers():
    best = related.best_by_year(TOY)
    moved = related.baseline_sentence(best, "A")
    assert " moved (CCC of valence between 0.10 and 0.30, 2 years known), so part" in moved
    steady = best.assign(value=best["value"].where(~best["baseline"], 0.15))
    assert "hardly moved (CCC of valence between 0.15 and 0.15" in related.baseline_sentence(
        steady, "A"
    )
    assert "Too few" in related.baseline_sentence(best, "B")
    assert related.best_sentence(best, "A").endswith(
        "on A, those of validation people left out, are CCC of valence 0.50 (2021), CCC of "
        "arousal 0.20 (2021) and CCC, mean of both 0.30 (2021)."
    )
    unnamed = best.assign(split="not stated")
    assert "0.50 (2021, people not stated)" in related.best_sentence(unnamed, "A")
    assert related.best_sentence(best, "B") == "No number is known here for B."
