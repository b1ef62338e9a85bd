"""Sentences about published results and verdicts turn when the numbers turn."""

import numpy as np
import pandas as pd
import pytest

from emolib.evaluation import audit, claims, claims_prose, published
from emolib.evaluation.formatting import format_table
from emolib.models.networks import NETWORKS

NAMES = ["a", "b", "c", "d"]


def ledger(**columns):
    table = pd.DataFrame(
        {
            "name": NAMES,
            "claim": [
                "Learning both helps",
                "VGG-19 is best",
                "Layers do not help",
                "Sixty beat eighty",
            ],
            "opposite": ["", "", "Layers help", ""],
            "rests_on": ["judged on 1 person per rare category", "", "", ""],
            "drawn": [False, True, True, False],
            "where": "5.3",
            "test": "total accuracy, one minus other",
            "smallest": 0.02,
            "denies": [False, False, True, False],
            "effect": [0.1, -0.02, 0.01, np.nan],
            "low": [0.05, -0.1, -0.03, np.nan],
            "high": [0.15, 0.06, 0.04, np.nan],
            "p_holm": [0.01, 0.9, 0.4, np.nan],
            "published_validation": [0.16, 0.02, 0.01, np.nan],
            "published_test": [-0.1, 0.03, np.nan, np.nan],
            "verdict": ["supported", "not supported", "undecided", "not tested"],
            "reason": ["", "", "", "it needs longer videos"],
        }
    )
    return table.assign(**columns)


def test_paragraph_says_every_verdict_in_words():
    assert claims_prose.paragraph(ledger(), NAMES) == (
        "This build supports that learning both helps (+0.10, +0.05 to +0.15; judged on 1 person "
        "per rare category). "
        "It speaks against the claim that VGG-19 is best (−0.02, −0.10 to +0.06). "
        "It leaves open whether layers help (+0.01, −0.03 to +0.04). "
        "It does not test whether sixty beat eighty: it needs longer videos."
    )


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("supported", "This build supports that learning both helps"),
        ("not supported", "This build speaks against the claim that learning both helps"),
        ("undecided", "This build leaves open whether learning both helps"),
        ("not tested", "This build does not test whether learning both helps: no run."),
    ],
)
def test_paragraph_turns_with_the_verdict(verdict, said):
    reason = "no run" if verdict == "not tested" else ""
    assert said in claims_prose.paragraph(ledger(verdict=verdict, reason=reason), ["a"])


def test_paragraph_joins_claims_of_one_verdict_and_of_one_reason():
    text = claims_prose.paragraph(ledger(verdict="undecided"), ["a", "c"])
    assert text.count("This build") == 1
    assert "; whether layers help" in text
    assert "that layers do not help" in claims_prose.paragraph(ledger(verdict="supported"), ["c"])
    text = claims_prose.paragraph(ledger(verdict="not tested", reason="no run"), NAMES[:2])
    assert text == (
        "This build does not test whether learning both helps and whether VGG-19 is best: no run."
    )


def test_paragraph_without_interval_says_so():
    text = claims_prose.paragraph(ledger(verdict="undecided", low=np.nan, high=np.nan), ["a"])
    assert "(+0.10, without an interval; judged on" in text and "nan" not in text


def test_topics_hold_every_claim_once():
    named = [name for names in claims_prose.TOPICS.values() for name in names]
    assert sorted(named) == sorted(claim.name for claim in claims.CLAIMS)


def test_tally_counts_verdicts():
    assert claims_prose.tally_sentence(ledger(verdict="undecided")) == (
        "Of 4 claims four are undecided in this build."
    )
    assert "one is supported, one is not supported" in claims_prose.tally_sentence(ledger())


def test_printed_sentence_follows_the_signs():
    assert "+0.16 on validation and −0.10 on test: it changes its sign" in (
        claims_prose.printed_sentence(ledger(), "a")
    )
    assert "keeps its sign" in claims_prose.printed_sentence(ledger(), "b")
    assert "prints no number" in claims_prose.printed_sentence(ledger(), "d")


def test_untested_claims_are_named_with_their_reason():
    assert claims_prose.untested_sentence(ledger()) == "Not tested: d (it needs longer videos)."
    assert claims_prose.untested_sentence(ledger(verdict="undecided")) == (
        "No claim was left untested."
    )


def test_tables_of_the_book_hold_every_claim():
    printed = format_table(claims_prose.ledger_rows(ledger()))
    assert len(printed) == 4
    assert printed["Verdict"].tolist() == [
        "supported (judged on 1 person per rare category)",
        "not supported",
        "undecided",
        "not tested",
    ]
    assert "the claims “b” and “c”: " in claims_prose.drawn_sentence(ledger())
    methods = claims_prose.method_rows(ledger())
    assert methods["benefit"].tolist() == ["asserted", "asserted", "denied", "asserted"]


@pytest.fixture(scope="module", name="sentences")
def _sentences():
    return claims_prose.audit_sentences()


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ("gain", "0.363 to 0.528 on validation and 0.325 to 0.262 on test"),
        ("gain", "0.47 (VGG16+LSTM+2FC) to 0.59 (VGG19+LSTM+1FC)"),
        ("gain", "0.51 (VGG19+LSTM+1FC); over it the gain is 16% instead of 26%"),
        ("gain", "does not carry over"),
        ("selection", "picked on validation, VGG19+LSTM+1FC (0.51), has 0.30 on test, where"),
        ("selection", "(0.59), has 0.29 on test, and no other has more there"),
        ("shares", "76% to 80% on validation"),
        ("shares", "which these bounds exclude"),
        ("shift", "Between validation and test it is at least 23%"),
        ("conflicts", "every printed row of train and test"),
        (
            "conflicts",
            "VGG16+LSTM+2FC, category-only (printed 0.47, its recalls give 0.50 to 0.54)",
        ),
        ("trivial", "0.38 to 0.43 on test, where one of them is clearly above"),
        ("recognised", "happiness or surprise"),
        ("concordance", "between −0.15 and 0.07"),
    ],
)
def test_audit_sentences_quote_the_tables(sentences, about, said):
    assert said in sentences[about]


def test_audit_sentences_turn_with_their_tables():
    selection = audit.selection_table().assign(p=0.001, rank_correlation=0.9)
    assert "says something about" in claims_prose.selection_sentence(selection)
    recognised = audit.recognised_table().replace({"happiness": 0, "surprise": 0}, 3)
    assert "Every category is recognised" in claims_prose.recognised_sentence(recognised)
    totals = {"test": audit.consistency_table("test")}
    said = claims_prose.conflict_sentence(totals, audit.implied_gain())
    assert said.startswith("Some class shares satisfy every printed row of test. If the recalls")


def test_networks_and_kinds_are_called_as_in_the_rest_of_the_book():
    for name, spec in NETWORKS.items():
        assert published.display(name) == spec.display
    rows = claims_prose.selection_rows(audit.selection_table()).set_index("kind")
    assert rows.loc["category-only", "picked"] == "VGG19+LSTM+1FC"
    assert rows.loc["all", "picked"] == "VGG19+LSTM+1FC, combined"
    named = claims_prose.with_names(audit.selection_scores())["network"]
    assert named.is_unique and named[0] == "VGG16+LSTM+1FC, category-only"


def test_truth_values_are_printed_as_words():
    table = claims_prose.yes_or_no(pd.DataFrame({"agrees": [True, False], "low": [0.1, 0.2]}))
    assert table["agrees"].tolist() == ["yes", "no"] and table["low"].tolist() == [0.1, 0.2]
