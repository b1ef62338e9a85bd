"""Sentences of the results chapters, on hand-made tables."""

import pandas as pd
import pytest

from emolib.evaluation import results_prose


class Trivial:
    """A predictor of some targets."""

    def __init__(self, *targets):
        self.targets = targets

    def predicts(self, target):
        return target in self.targets


TRIVIAL = {
    "majority class": Trivial("emotion"),
    "train prior": Trivial("emotion"),
    "train mean": Trivial("valence", "arousal"),
}
ABOVE, OPEN, BELOW = (0.1, 0.2), (-0.1, 0.1), (-0.3, -0.1)


def advantages(**limits):
    rows = [
        {"metric": metric, "low": low, "high": high}
        for metric, pairs in limits.items()
        for low, high in pairs
    ]
    return pd.DataFrame(rows, columns=["metric", "low", "high"])


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (
            {"macro_f1": [ABOVE] * 2, "accuracy": [ABOVE] * 2},
            "Judged by macro F1 and by total accuracy on the test people, all 2 networks are ahead "
            "of the best trivial predictor, with intervals that exclude 0.",
        ),
        (
            {"macro_f1": [ABOVE] * 2, "ccc_valence": [ABOVE] * 2},
            "Judged by macro F1 on the test people, all 2 networks are ahead of the best trivial "
            "predictor, with intervals that exclude 0. Judged by CCC valence, all 2 networks are "
            "ahead of the trivial predictor, with intervals that exclude 0.",
        ),
        (
            {"mse_valence": [ABOVE, OPEN, BELOW, BELOW]},
            "Judged by MSE valence on the test people, of 4 networks 2 are ahead of the trivial "
            "predictor, with intervals that exclude 0; 1 is not to be told from it; 1 is behind "
            "it, with an interval that excludes 0.",
        ),
        (
            {"ccc_arousal": [OPEN] * 3, "mse_arousal": [OPEN] * 3},
            "Judged by CCC arousal and by MSE arousal on the test people, none of the 3 networks "
            "is to be told from the trivial predictor.",
        ),
        (
            {"accuracy": [BELOW]},
            "Judged by total accuracy on the test people, the one network is behind the best "
            "trivial predictor, with an interval that excludes 0.",
        ),
        ({}, "This build trained no network that could be judged on the test people."),
    ],
)
def test_advantage_sentences_count_what_the_intervals_say(limits, said):
    assert results_prose.advantage_sentences(advantages(**limits), TRIVIAL, "test") == said


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.0404, 0.056], "0.039 in arousal, lower than that of all 2 networks (0.040 to 0.056)"),
        ([0.02, 0.03], "not lower than that of any of the 2 networks (0.020 to 0.030)"),
        ([0.02, 0.05], "lower than that of 1 of the 2 networks"),
        ([0.0404], "lower than that of the one network (0.040)"),
    ],
)
def test_error_sentence_says_who_makes_less(values, said):
    table = advantages(mse_arousal=[OPEN] * len(values), ccc_arousal=[ABOVE] * len(values))
    table = table.assign(value=values * 2, baseline_value=0.0386)
    sentence = results_prose.error_sentence(table, TRIVIAL, "validation")
    assert said in sentence
    assert "to be told from" in sentence and "CCC" not in sentence
    assert "no network" in results_prose.error_sentence(table[:0], TRIVIAL, "validation")


def leading(networks, *alike, metrics=("macro_f1",), low=0.5):
    rows = [
        {"metric": metric, "network": "A", "networks": networks, "people": 18, "value": 0.6,
         "low": low, "high": 0.7, "alike": count, "above": 0}
        for metric, count in zip(metrics, alike, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows)


CCC = ("ccc_valence", "ccc_arousal")


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (leading(6, 2), "belongs to A; of the 5 others, 2 cannot be told from it there."),
        (
            leading(6, 0),
            "all 5 others are certainly below it there, where it was picked, which favours it.",
        ),
        (leading(6, 5), "none of the 5 others can be told from it there."),
        (leading(2, 1), "the one other cannot be told from it there."),
        (leading(1, 0), "The one network is A; its score on the validation people is 0.60."),
        (leading(6, 5, 3, metrics=CCC), "5 in CCC valence and 3 in CCC arousal cannot be told"),
        (leading(6, 5, 5, metrics=CCC), "from it there in CCC valence and CCC arousal."),
        (leading(6, 2).assign(value=float("nan")), "Validation defines no score, so the first"),
    ],
)
def test_choice_sentence_says_how_open_the_choice_is(chosen, said):
    sentence = results_prose.choice_sentence(chosen, leading(6, 0), "score", "test", 0.95)
    assert said in sentence
    assert sentence.endswith(
        "On the 18 test people it reaches macro F1 0.60 (95% interval over people 0.50 to 0.70)."
    )


def test_choice_sentence_says_what_lacks():
    nothing = results_prose.choice_sentence(
        leading(6, 0)[:0], leading(6, 0)[:0], "score", "test", 0.95
    )
    assert "trained no network" in nothing
    one = leading(6, 0, low=float("nan")).assign(people=1)
    sentence = results_prose.choice_sentence(leading(6, 0), one, "score", "test", 0.95)
    assert sentence.endswith(
        "On the one test person it reaches macro F1 0.60 (no interval can be given)."
    )


@pytest.mark.parametrize(
    ("people", "said"),
    [
        (
            [9, 1, 1, 2, 2],
            "Fear and anger are shown by one test person each, joy and calm by two each: ",
        ),
        ([9, 1, 5, 5, 5], "Fear is shown by one test person: "),
        ([9, 4, 2, 5, 5], "Anger is shown by two test people: "),
        ([9, 4, 5, 0, 5], "Each category that is shown has at least 4 test people."),
        ([0, 0, 0, 0, 0], "Nobody among the test people shows a category."),
    ],
)
def test_few_people_sentence_names_the_categories(people, said):
    names = ["neutral", "fear", "anger", "joy", "calm", "macro average"]
    table = pd.DataFrame({"emotion": names, "people": [*people, 9]})
    assert results_prose.few_people_sentence(table, "test").startswith(said)
