"""Sentences on representations: they turn with the numbers, and say when something fails."""

import numpy as np
import pandas as pd
import pytest

from emolib.interpretation import dynamics_prose
from emolib.interpretation import svcca_prose as prose
from emolib.interpretation.dynamics import Dynamics
from emolib.interpretation.similarity import (
    OTHER_BACKBONE,
    SAME_KIND,
    SAME_NETWORK,
    UNTRAINED,
    Relations,
    between_kinds,
)


def checks(found=(1.0, 0.54), expected=(1.0, 0.55)):
    table = pd.DataFrame({"compared_with": ["itself", "half"], "expected": expected})
    table = table.assign(directions=10, svcca=found)
    last = {"compared_with": "itself on other faces", "directions": 10, "svcca": 0.3}
    return pd.concat([table, pd.DataFrame([last])], ignore_index=True)


def related(**values):
    """Return relations with these means; people move them by a hundredth."""
    names = {
        "seed": SAME_NETWORK, "layers": SAME_KIND, "untrained": UNTRAINED,
        "backbone": OTHER_BACKBONE, "cd": between_kinds("category", "dimensional"),
        "cc": between_kinds("category", "combined"), "dc": between_kinds("dimensional", "combined"),
    }  # fmt: skip
    values = {names[name]: value for name, value in values.items()}
    rows = [
        {"relation": name, "svcca": value, "low": value - 0.01, "high": value + 0.01,
         "other_faces": 0.2, "pairs": 3 if name == UNTRAINED else 54}
        for name, value in values.items()
    ]  # fmt: skip
    generator = np.random.default_rng(0)
    without = {name: value + generator.normal(0, 0.001, size=9) for name, value in values.items()}
    columns = ["relation", "svcca", "low", "high", "other_faces", "pairs"]
    return Relations(pd.DataFrame(rows, columns=columns), without)


def watched(**layers):
    rows = [
        {"epoch": epoch, "layer": name, "svcca": value, "branch": "shared"}
        for name, values in layers.items()
        for epoch, value in zip((0, 1, 2, 4), values, strict=True)
    ]
    return Dynamics(pd.DataFrame(rows), kept=2, deviation=0.0)


def test_checks_pass_or_are_said_to_fail():
    assert "in all 2 cases, to within 0.01" in prose.checks_sentence(checks())
    failed = prose.checks_sentence(checks(found=(0.7, 0.54)))
    assert "with itself it should be 1.00 and is 0.70" in failed
    assert "nothing below can be relied on" in failed
    assert "nothing can be checked" in prose.checks_sentence(checks().iloc[:0])


def test_worth_says_how_many_independent_faces_there_are():
    assert "the 2,000 faces are worth about 83 independent" in prose.worth_sentence(checks(), 2000)
    assert "as if all faces were strangers" in prose.worth_sentence(checks(), 60)
    assert prose.worth_sentence(checks().iloc[:0], 100) == "There is no chance level to give."


def test_layers_names_the_step_that_changes_most():
    pairs = pd.DataFrame(
        [("a", "b", 0.9, 0.2), ("a", "c", 0.4, 0.1), ("b", "c", 0.5, 0.3)],
        columns=["first", "second", "svcca", "other_faces"],
    )
    text = prose.layers_sentence(pairs, ["a", "b", "c"])
    assert "lowest between b and c, 0.50 (0.30 on other faces), and at most 0.90." in text
    assert "Between a and c, the ends of this path, it is 0.40 (0.10 on other faces)." in text
    assert "no two layers" in prose.layers_sentence(pairs, ["a"])
    assert "no two layers" in prose.layers_sentence(pairs.assign(svcca=np.nan), ["a", "b"])


def test_seeds_says_where_training_is_the_reason():
    table = pd.DataFrame(
        {"layer": ["LSTM", "scores"], "svcca": [0.8, 0.9], "low": [0.75, 0.85],
         "high": [0.84, 0.95], "directions": [10, 1], "untrained": [0.78, 0.4]}
    )  # fmt: skip
    text = prose.seeds_sentence(table)
    assert "highest in scores (0.90, 0.85 to 0.95; 1 direction) and lowest in LSTM (0.80, 0" in text
    assert "In scores that is more" in text
    overlapping = prose.seeds_sentence(table.assign(high=[0.86, 0.95]))
    assert "0.80 to 0.90 from layer to layer" in overlapping and "most in" not in overlapping
    assert "is 0.80 (LSTM). In no layer" in prose.seeds_sentence(table[:1])
    assert "In every layer that is more" in prose.seeds_sentence(table.assign(untrained=0.1))
    assert "In no layer is that more" in prose.seeds_sentence(table.assign(untrained=0.99))
    assert "no interval" in prose.seeds_sentence(table.assign(low=np.nan))
    assert "no run of the same network" in prose.seeds_sentence(table.assign(svcca=np.nan))


def test_backbones_are_held_against_random_ones():
    table = pd.DataFrame(
        {"backbones": ["A and B", "A and C", "A and A random"], "svcca": [0.7, 0.5, 0.45],
         "low": [0.6, 0.4, 0.4], "other_faces": 0.2}
    )  # fmt: skip
    text = prose.backbones_sentence(table)
    assert "2 pairs of trained backbones SVCCA is 0.50 to 0.70, and at most 0.45" in text
    assert "beyond its interval, in 1 of 2" in text
    assert "one backbone" in prose.backbones_sentence(table.iloc[2:])


def test_training_compares_seeds_with_untrained_networks():
    text = prose.training_sentence(related(seed=0.8, untrained=0.6), 0.95)
    assert "SVCCA of 0.80 (95% interval over people 0.79 to 0.81), 0.20 on other faces" in text
    assert "Two such LSTMs are more alike than two that were never trained (difference" in text
    assert "in SVCCA +0.20" in text and "Of the latter there are only 3 pairs," in text
    text = prose.training_sentence(related(seed=0.5, untrained=0.6), 0.95)
    assert "LSTMs are less alike" in text and "−0.10" in text
    assert "no network from two seeds" in prose.training_sentence(related(layers=0.5), 0.95)


def test_kinds_prefers_networks_of_other_layers_as_the_yardstick():
    text = prose.kinds_sentence(related(layers=0.8, seed=0.9, cd=0.6, cc=0.8), 0.95)
    assert "differ only behind the LSTM are more alike than a category-only and a dim" in text
    assert "not clearly more or less alike than a category-only and a combined one (diff" in text
    text = prose.kinds_sentence(related(layers=0.8, cd=0.6, cc=0.7, dc=0.75), 0.95)
    assert text.count("Two networks") == text.count("difference in SVCCA") == 1
    assert "a category-only and a combined one (+0.10, +0." in text
    text = prose.kinds_sentence(related(seed=0.9, dc=0.6), 0.95)
    assert text.startswith("Two networks that differ only in the seed are more alike")
    assert "lacks the networks" in prose.kinds_sentence(related(seed=0.9), 0.95)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"cc": 0.8, "dc": 0.6}, "more like that of a category-only network"),
        ({"cc": 0.6, "dc": 0.8}, "more like that of a dimensional-only network"),
        ({"cc": 0.7, "dc": 0.7}, "cannot be told whether"),
        ({"cc": 0.7}, "cannot be said here"),
    ],
)
def test_nearer_says_which_kind_combined_networks_resemble(values, expected):
    assert expected in prose.nearer_sentence(related(**values), 0.95)


def test_across_compares_backbones():
    text = prose.across_sentence(related(layers=0.8, backbone=0.5), 0.95)
    assert text.startswith("Two networks of one kind on one backbone are more alike")
    assert "no two backbones" in prose.across_sentence(related(layers=0.8), 0.95)


def test_dynamics_says_which_layer_settles_first():
    slow, fast, late = (0.1, 0.2, 0.95, 1), (0.1, 0.95, 0.99, 1), (0.1, 0.2, 0.3, 1)
    text = dynamics_prose.dynamics_sentence(watched(LSTM=fast, scores=slow, hidden=late))
    assert "an SVCCA of 0.10 to 0.10" in text
    assert "90% are gone between epochs 0 and 1 in LSTM; between epochs 1 and 2 in scores; " in text
    assert "between epochs 2 and 4, the last, in hidden." in text
    assert "nearest to the input settles first" in text
    assert "is not seen here" in dynamics_prose.dynamics_sentence(watched(LSTM=slow, scores=fast))
    assert "cannot be told" in dynamics_prose.dynamics_sentence(watched(LSTM=fast, scores=fast))
    assert "None has gone 90%" in dynamics_prose.dynamics_sentence(watched(LSTM=late, scores=late))
    assert dynamics_prose.dynamics_sentence(watched(LSTM=fast)).endswith("epochs 0 and 1 in LSTM.")
    assert "nothing to watch" in dynamics_prose.dynamics_sentence(watched(LSTM=(np.nan,) * 4))
    assert "backbone in the loop" in dynamics_prose.dynamics_sentence(None)


def test_repetition_says_whether_it_is_the_same_network():
    found = watched(LSTM=(0.1, 0.2, 0.3, 1))
    assert "to the last bit" in dynamics_prose.repetition_sentence(found)
    near, far = (Dynamics(found.table, 2, deviation) for deviation in (1e-6, 0.3))
    assert "up to 1e-06" in dynamics_prose.repetition_sentence(near)
    assert "another network" in dynamics_prose.repetition_sentence(far)
    assert dynamics_prose.repetition_sentence(None) == "Nothing was trained again."


def test_single_person_allows_no_conclusion():
    found = related(seed=0.8, untrained=0.6, layers=0.8, cd=0.5)
    alone = Relations(found.table, {name: of[:1] for name, of in found.without.items()})
    for sentence in (prose.training_sentence, prose.kinds_sentence):
        text = sentence(alone, 0.95)
        assert "cannot be said of a single person." in text and "nan" not in text
    table = pd.DataFrame(
        {"backbones": ["A and B", "A and A random"], "svcca": 0.5, "low": np.nan,
         "other_faces": 0.2}
    )  # fmt: skip
    assert "so nothing is concluded" in prose.backbones_sentence(table)
