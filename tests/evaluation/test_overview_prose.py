"""Sentences of the first pages, by hand: one and several, none and all."""

import numpy as np
import pandas as pd

from emolib.evaluation import overview_prose as prose
from emolib.evaluation.comparisons import BEST_PAIR, MEAN_OF_PAIRS

LOWER, OPEN, HIGHER = (-0.3, -0.1, 0.01), (-0.1, 0.1, 0.8), (0.1, 0.3, 0.01)


def pairs(metric, **found):
    rows = [(name, metric, *limits) for name, limits in found.items()]
    return pd.DataFrame(rows, columns=["pair", "metric", "low", "high", "p_holm"])


def several(metric, mean, best, *single):
    found = {f"pair {number}": limits for number, limits in enumerate(single)}
    return pairs(metric, **found, **{MEAN_OF_PAIRS: mean, BEST_PAIR: best})


def test_answer_of_a_mean_says_what_single_pairs_say():
    tables = {
        "macro_f1": several("macro_f1", LOWER, OPEN, LOWER, OPEN, LOWER),
        "ccc_valence": several("ccc_valence", OPEN, OPEN, OPEN, OPEN, OPEN),
    }
    said = prose.answer_sentence(tables, 0.95)
    assert said.startswith("No. Beside")
    assert "are, in the mean of the 3 pairs, worse in macro F1 and not certain" in said
    assert "macro F1 is lower for 2 and undecided for 1; CCC valence is undecided for all 3" in said
    assert said.endswith("the combined network differs for certain from the single one in none of "
                         "these.")  # fmt: skip
    turned = {"macro_f1": several("macro_f1", HIGHER, HIGHER, HIGHER, (0.1, 0.3, 0.2))}
    said = prose.answer_sentence(turned, 0.95)
    assert said.startswith("Yes.") and "higher for 1 and undecided for 1" in said
    assert said.endswith("the combined network is higher in macro F1.")


def test_answer_of_the_only_pair_has_no_mean():
    said = prose.answer_sentence({"accuracy": pairs("accuracy", only=HIGHER)}, 0.95)
    assert said.endswith("those that learn both are better in total accuracy.")


def leader(**changed):
    row = {"metric": "ccc_valence", "network": "A", "networks": 3, "people": 9, "value": 0.5}
    row |= {"low": 0.4, "high": 0.6, "rank": 3, "trivial": 0.0, "below": 0, "alike": 2}
    return pd.DataFrame([row | {"above": 0, "highest": 0.0} | changed])


def test_leader_that_others_are_ahead_of_is_hardly_the_best():
    said = prose.leader_sentence(leader(), "it", "test", 0.95)
    assert "validation chooses A, by CCC valence; on the 9 test people" in said
    assert "(95% interval 0.40 to 0.60), where the best predictor that never looks" in said
    assert "number 3 of 3 on these people, and the highest in none of the draws of them" in said
    assert said.endswith("which is the best stays open, and hardly is it this one.")
    said = prose.leader_sentence(leader(rank=2, highest=0.3), "it", "test", 0.95)
    assert "in 30% of the draws" in said and said.endswith(": which is the best stays open.")
    unknown = leader(highest=np.nan, trivial=np.nan, people=1)
    said = prose.leader_sentence(unknown, "it", "test", 0.95)
    assert "draws" not in said and "never looks" not in said and "the 1 test person it" in said
    two = pd.concat([leader(trivial=0.1), leader(metric="ccc_arousal", highest=0.999)])
    said = prose.leader_sentence(two, "it", "test", 0.95)
    assert "by the mean of CCC valence and CCC arousal" in said and "more than 99%" in said
    assert "reaches 0.10 in CCC valence and 0.00 in CCC arousal." in said


def advantage(*limits, metric="macro_f1"):
    rows = [(f"N{i}", metric, "train prior", 0.13, *limit) for i, limit in enumerate(limits)]
    columns = ["network", "metric", "baseline", "baseline_value", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def test_trivial_sentence_names_whoever_is_not_above():
    above, open_, below = (0.1, 0.2), (-0.1, 0.2), (-0.2, -0.1)
    said = prose.trivial_sentence(advantage(above, open_, open_, below), "test")
    assert said == (
        "In macro F1 the best of them on the test people, train prior, reaches 0.13: 1 of 4 "
        "networks is certainly above that; N1 and N2 are not to be told from it; N3 is below it."
    )
    assert "no network is certainly above" in prose.trivial_sentence(advantage(open_), "test")
    both = pd.concat([advantage(above), advantage(above, metric="accuracy")])
    assert prose.trivial_sentence(both, "test") == (
        "In macro F1 and total accuracy the best of them on the test people, train prior, reaches "
        "0.13: the one network is certainly above that."
    )
    assert "no network" in prose.trivial_sentence(advantage(), "test")


def test_networks_that_give_both_are_counted():
    assert prose.both_sentence([]) == "No network of this build gives both."
    assert prose.both_sentence(["A"]).startswith("One network gives both")
    assert prose.both_sentence(["A", "B"]).startswith("2 networks give both")
