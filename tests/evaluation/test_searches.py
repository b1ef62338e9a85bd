"""Tables and sentences about a search, by hand."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from emolib.evaluation import search_prose, searches
from emolib.evaluation.searches import Searched

NETWORK = "VGG16+LSTM+1FC, combined"
SETTINGS = pd.DataFrame(
    [("dropout", "0.5 to 0.8", "0.5", "0.5", "0.61")],
    columns=["setting", "tried", "thesis", "build", "best"],
)


def study(losses=(1.3, 1.4, 1.2, 1.5, np.nan), ends="ccccd", importance=()):
    names = {"c": "complete", "p": "pruned", "d": "diverged"}
    n = len(losses)
    trials = pd.DataFrame(
        {
            "trial": range(1, n + 1), "number": range(n),
            "origin": ["this build", "the thesis", *["search"] * (n - 2)],
            "end": [names[end] for end in ends], "loss": losses, "epochs": 5, "seconds": 30.0,
            "worker": ["a:1", "a:1", *["b:2"] * (n - 2)],
            "dropout": np.linspace(0.5, 0.8, n), "loss_weighting": "fixed",
        }
    )  # fmt: skip
    table = pd.DataFrame(importance, columns=["setting", "importance"])
    return Searched(NETWORK, trials, pd.DataFrame(), table, SETTINGS, ())


def comparison(difference, low, high, p):
    columns = ["ablation", "metric", "difference", "low", "high", "p_holm"]
    row = ("combined 1FC, the thesis", "ccc_valence", difference, low, high, p)
    return pd.DataFrame([row], columns=columns)


def test_best_is_the_complete_trial_of_lowest_loss():
    assert study().best["trial"] == 3
    assert study(losses=(1.3, 1.4, 0.1, 1.5, np.nan), ends="ccpcd").best["trial"] == 1


def test_history_keeps_the_lowest_of_complete_trials_and_drops_those_without_a_loss():
    rows = searches.history_rows([study(losses=(1.3, 1.4, 0.1, 1.2, np.nan), ends="ccpcd")])
    assert list(rows["trial"]) == [1, 2, 3, 4]
    assert list(rows["lowest"]) == [1.3, 1.3, 1.3, 1.2]
    assert set(rows["study"]) == {NETWORK}


def test_trials_that_compete_are_those_given_and_the_best():
    rows = searches.trial_rows([study()])
    assert list(rows["setting"]) == ["this build", "the thesis", "best found"]
    assert list(rows["validation loss"]) == [1.3, 1.4, 1.2]


def test_settings_are_printed_by_their_names():
    rows = searches.setting_rows([study()])
    assert list(rows) == ["network", "setting", "tried", "the thesis", "this build", "best found"]
    assert list(rows["setting"]) == ["dropout"]


@pytest.mark.parametrize(
    "rows",
    [searches.setting_rows, searches.trial_rows, searches.history_rows, searches.importance_rows],
)
def test_build_without_a_search_has_empty_tables(rows):
    assert rows([]).empty


def test_build_without_a_search_says_how_to_ask_for_one():
    assert "“search: {networks:" in search_prose.tried_sentence([])
    said = search_prose.findings([])
    assert [key for key, sentence in said.items() if sentence] == ["tried", "pruning"]


def test_tried_counts_how_trials_ended():
    sentence = search_prose.tried_sentence([study(ends="ccppd")])
    assert sentence.startswith(
        f"{NETWORK}: 5 trials (2 trained to the end, 2 given up early and 1 "
    )
    assert search_prose.time_sentence([study()]) == (
        "They took 2.5 minutes of computing, done by 2 processes."
    )


def test_found_says_when_nothing_drawn_is_better():
    better = search_prose.found_sentence([study()])
    assert "trial 3 of 5" in better and "1.300 with the setting of this build" in better
    nothing = search_prose.found_sentence([study(losses=(1.1, 1.4, 1.2, 1.5, np.nan))])
    assert "no setting that was drawn did better" in nothing and "1.400 of the thesis" in nothing


def test_importance_names_what_explains_much_or_says_that_nobody_knows():
    known = search_prose.importance_sentence([study(importance=[("dropout", 0.7), ("decay", 0.1)])])
    assert known.endswith("dropout (70%), which 2 trials of 2 settings can only hint at.")
    many = study(np.linspace(1.4, 1.2, 12), "c" * 12, importance=[("dropout", 0.7), ("decay", 0.1)])
    assert search_prose.importance_sentence([many]).endswith("most goes to dropout (70%).")
    assert "too few settings" in search_prose.importance_sentence([study()])


def test_edge_is_named_where_the_best_lies_there():
    losses = [1.3, 1.4, *np.linspace(1.2, 0.9, 30)]
    sentence = search_prose.edge_sentence([study(losses, "c" * 32)])
    assert f"Of {NETWORK}, the best dropout (0.8) lies at the edge of what was drawn" in sentence
    losses[15] = 0.1
    assert search_prose.edge_sentence([study(losses, "c" * 32)]).startswith("No best value")


def test_edge_of_a_list_is_its_smallest_or_largest_number():
    def said(best, values=(2, 4, 8)):
        each = study([1.3, 1.4, *[1.2] * 6], "c" * 8)
        each.trials["batch_size"] = [best, 2, *values, *values][:8]
        each.trials["dropout"] = 0.5  # set, and not drawn
        each.trials.loc[0, "loss"] = 1.0
        return search_prose.edge_sentence([each])

    assert "the best batch size (8, the largest of 3) lies at the edge" in said(8)
    assert "(1, the smallest of 4)" in said(1)
    assert "(4, the larger of 2)" in said(4, (2, 4) * 2)
    assert said(4).startswith("No best value")


def test_giving_up_is_told_as_the_study_did_it():
    each = dataclasses.replace(study(), unpruned=5)
    assert "When 5 have been trained to the end, others are given up" in (
        search_prose.pruning_sentence([each])
    )
    assert "but the first 5 are" in search_prose.left_out_sentence([each])
    assert search_prose.pruning_sentence([study()]).endswith("once, to the end.")
    assert search_prose.left_out_sentence([study()]) == ""


def test_outcome_turns_with_the_numbers():
    def said(*numbers):
        return search_prose.outcome_sentence(comparison(*numbers), 0.95)

    assert "better in CCC valence (combined 1FC, the thesis, +0.20)" in said(0.2, 0.1, 0.3, 0.01)
    assert "worse in CCC valence (combined 1FC, the thesis, −0.20)" in said(-0.2, -0.3, -0.1, 0.01)
    both = pd.concat([comparison(0.2, 0.1, 0.3, 0.01), comparison(0.2, -0.1, 0.3, 0.01)])
    assert search_prose.outcome_sentence(both.reset_index(drop=True), 0.95).endswith(
        "+0.20); 1 of 2 comparisons leave it open."
    )
    assert "nothing that is better beyond doubt" in said(0.2, 0.1, 0.3, 0.2)
    assert "nothing that is better beyond doubt" in said(0.2, -0.1, 0.3, 0.01)


def test_optimism_sets_both_gains_side_by_side_in_each_metric():
    tables = [comparison(0.2, 0.1, 0.3, 0.01), comparison(-0.01, -0.1, 0.1, 0.9)]
    sentence = search_prose.optimism_sentence(*tables)
    assert sentence.startswith("Beside the one other setting, the best gains on the validation")
    assert sentence.endswith("test people +0.20 and −0.01 in CCC valence.")
    more = [pd.concat([table, table.assign(ablation="b", difference=0.0)]) for table in tables]
    sentence = search_prose.optimism_sentence(*more)
    assert "mean over 2 other settings" in sentence and "+0.10 and −0.01 in CCC" in sentence
    assert "without an interval" in sentence
