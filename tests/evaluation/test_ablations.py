"""Ablations against their build: which faces, by whose labels, and what is said of it."""

import numpy as np
import pandas as pd
import pytest

from emolib.errors import InputError
from emolib.evaluation import ablations, ablations_prose, published
from emolib.evaluation.ablations import BUILD, OWN, Ablated
from emolib.evaluation.results import Network
from emolib.evaluation.uncertainty import difference_interval, holm, permutation_test


def answers(emotions, predicted, valence=0.5, first=0, **more):
    """Return predictions for faces of two people, numbered from `first`."""
    n = len(emotions)
    table = pd.DataFrame(
        {
            "track": [f"t{i % 2}" for i in range(n)], "person": [f"p{i % 2}" for i in range(n)],
            "video": "v", "frame": np.arange(first, first + n), "time": 0.0, "split": "test",
            "emotion": emotions, "predicted_emotion": predicted,
            "valence": valence, "arousal": 0.1,
        }
    )  # fmt: skip
    return table.assign(**more)


def compared(build, ablated, title="changed"):
    sides = (Network(side, "category", "vgg16", 1) for side in (build, ablated))
    return Ablated("mine", title, "VGG16+LSTM+1FC", *sides)


def test_only_faces_that_both_answered_are_judged():
    # The build answers faces 0 to 3 (accuracy 1/2), the ablation 2 to 5; common are 2 and 3.
    build = answers(["fear"] * 4, ["anger", "anger", "fear", "fear"])
    ablated = answers(["fear"] * 4, ["anger", "fear", "fear", "fear"], first=2)
    table = ablations.ablation_table([compared(build, ablated)], ["accuracy"], "test", seed=1)
    row = table.iloc[0]
    assert (row["faces"], row["build"], row["ablated"]) == (2, 1.0, 0.5)
    assert row["difference"] == -0.5
    assert list(table.columns) == list(ablations.COLUMNS)


def test_common_faces_need_not_be_in_the_same_order():
    build = answers(["fear", "anger"], ["fear", "anger"])
    ablated = answers(["fear", "anger"], ["fear", "anger"]).iloc[::-1]
    table = ablations.ablation_table([compared(build, ablated)], ["accuracy"], "test", seed=1)
    assert (table["build"].item(), table["ablated"].item()) == (1, 1)


def test_other_labels_judge_both_networks_in_turn():
    truth = np.array([0.1, 0.2, 0.3, 0.4])
    build = answers(["fear"] * 4, ["fear"] * 4, truth, predicted_valence=truth)
    late = answers(["fear"] * 4, ["fear"] * 4, truth + 0.1, predicted_valence=truth + 0.1)
    metrics = ["accuracy", "mse_valence"]
    table = ablations.ablation_table([compared(build, late)], metrics, "test", seed=1)
    # Emotions are the same by both, so that they are judged once.
    assert list(zip(table["labels"], table["metric"], strict=True)) == [
        (BUILD, "accuracy"), (BUILD, "mse_valence"), (OWN, "mse_valence"),
    ]  # fmt: skip
    np.testing.assert_allclose(table["difference"], [0, 0.01, -0.01], atol=1e-12)
    pairs = ablations.chart_rows(table)["pair"].tolist()
    assert pairs == ["changed", "changed, labels of the build", "changed, its own labels"]


def test_a_label_that_the_judge_lacks_judges_nobody():
    build = answers(["fear", "", "fear"], ["fear"] * 3)
    ablated = answers(["fear", "anger", "fear"], ["fear"] * 3)
    table = ablations.ablation_table([compared(build, ablated)], ["accuracy"], "test", seed=1)
    assert table.set_index("labels")["faces"].to_dict() == {BUILD: 2, OWN: 3}


def test_networks_without_a_common_face_are_refused():
    build, ablated = answers(["fear"], ["fear"]), answers(["fear"], ["fear"], first=9)
    with pytest.raises(InputError, match="mine: it shares no labelled face of test"):
        ablations.ablation_table([compared(build, ablated)], ["accuracy"], "test", seed=1)


def test_table_agrees_with_intervals_and_tests_of_its_parts(simulate, with_predictions_of):
    truth = simulate(people=6)
    sides = [[with_predictions_of(truth, seed, skill) for seed in (1, 2)] for skill in (0.5, 0.8)]
    each = compared(*sides)
    metrics = ["accuracy", "ccc_valence"]
    table = ablations.ablation_table([each], metrics, "test", n_permutations=99, seed=3)
    for row in table.itertuples():
        found = difference_interval(sides[1], sides[0], row.metric)
        assert (row.difference, row.low, row.high) == pytest.approx(tuple(found))
        test = permutation_test(sides[1], sides[0], row.metric, n_permutations=99, seed=3)
        assert row.p == test.p
    np.testing.assert_array_equal(table["p_holm"], holm(table["p"]))


def test_no_ablation_gives_tables_without_rows_and_a_sentence():
    table = ablations.ablation_table([], ["accuracy"], "test", seed=1)
    assert table.empty and list(table.columns) == list(ablations.COLUMNS)
    assert ablations.chart_rows(table).empty and ablations_prose.result_rows(table).empty
    settings = pd.DataFrame(columns=["name", "ablation", "setting", "thesis", "build", "ablated"])
    assert ablations_prose.finding_rows(table, settings, 0.95).empty
    assert ablations_prose.change_rows(settings).empty
    assert ablations_prose.tally_sentence(table, 0.95) == ablations_prose.NONE
    assert ablations_prose.trained_sentence([]) == ablations_prose.NONE
    assert "no other length" in ablations_prose.length_sentence(table, settings, 0.95)


def test_chart_rows_name_the_network_only_where_there_are_several():
    rows = {"ablation": "late", "labels": BUILD, "metric": "accuracy"}
    table = pd.DataFrame(
        [
            {"name": "one", "network": "A", "kind": "combined", **rows},
            {"name": "two", "network": "A", "kind": "combined", **rows},
            {"name": "two", "network": "A", "kind": "category", **rows},
        ]
    )
    pairs = ablations.chart_rows(table)["pair"].tolist()
    assert pairs == ["late", "late: A, combined", "late: A, category"]


def result(low, high, metric="accuracy", p_holm=0.01, **more):
    values = {"name": "mine", "ablation": "late", "network": "A", "kind": "combined"}
    values |= {"labels": BUILD, "metric": metric, "difference": (low + high) / 2}
    return values | {"low": low, "high": high, "p_holm": p_holm} | more


def settings(thesis="0", build="0", ablated="1", setting="matching.lag"):
    columns = ["name", "ablation", "setting", "thesis", "build", "ablated"]
    return pd.DataFrame([("mine", "late", setting, thesis, build, ablated)], columns=columns)


def found(*results, **values):
    table = pd.DataFrame(list(results))
    return ablations_prose.finding_rows(table, settings(**values), 0.95).iloc[0]


def test_finding_follows_interval_and_corrected_p():
    row = found(
        result(0.1, 0.3, "macro_f1"), result(-0.3, -0.1, "ccc_valence"),
        result(-0.1, 0.1, "ccc_arousal"), result(0.1, 0.3, "accuracy", p_holm=0.2),
    )  # fmt: skip
    assert row["finding"] == (
        "Higher in macro F1 (+0.20); lower in CCC valence (−0.20); different by the interval, but "
        "not by the corrected p-value, in total accuracy (+0.20); not to be told from the build "
        "in CCC arousal (+0.00)."
    )


def test_finding_tells_labels_and_networks_apart():
    row = found(result(0.1, 0.3), result(-0.3, -0.1, labels=OWN))
    assert row["finding"] == (
        "By the labels of the build: higher in total accuracy (+0.20). "
        "By its own labels: lower in total accuracy (−0.20)."
    )
    row = found(result(0.1, 0.3), result(0.1, 0.3, network="B"))
    assert row["finding"].startswith("A, combined: higher") and ". B, combined" in row["finding"]


@pytest.mark.parametrize(
    ("interval", "values", "said"),
    [
        ((0.1, 0.3), {}, "The way of the thesis is the worse one here."),
        ((-0.3, -0.1), {}, "The way of the thesis is the better one here."),
        ((0.1, 0.3), {"build": "1", "ablated": "0"}, "The way of the thesis is the better one"),
        ((-0.1, 0.1), {}, "Whether the way of the thesis costs anything cannot be told"),
        ((0.1, 0.3), {"p_holm": 0.2}, "Whether the way of the thesis costs anything cannot"),
        ((np.nan, np.nan), {}, "Whether the way of the thesis costs anything cannot be told"),
        ((0.1, 0.3), {"thesis": "2"}, "Neither side does what the thesis does"),
    ],
)
def test_meaning_depends_on_which_side_does_as_the_thesis(interval, values, said):
    row = result(*interval, p_holm=values.pop("p_holm", 0.01))
    assert found(row, **values)["for the thesis"].startswith(said)


def test_meaning_of_contrary_findings_is_neither():
    row = found(result(0.1, 0.3), result(-0.3, -0.1, "macro_f1"))
    assert "better in one respect and worse in another" in row["for the thesis"]


def test_length_sentence_tells_of_ablations_that_change_the_length_alone():
    length = settings("60", "30", "80", "training.sequence_length")
    mine = pd.DataFrame([result(0.1, 0.3, ablation="sequences of 80 frames")])
    assert ablations_prose.length_sentence(mine, length, 0.95) == (
        "Beside sequences of 30 frames, this build tried others. Sequences of 80 frames: higher in "
        "total accuracy (+0.20)."
    )
    with_more = pd.concat([length, settings()])
    assert "no other length" in ablations_prose.length_sentence(mine, with_more, 0.95)


def test_change_rows_say_what_the_thesis_does_where_it_is_known():
    rows = ablations_prose.change_rows(settings())
    assert "as if raters took no time" in rows["what the thesis does"].item()
    rows = ablations_prose.change_rows(settings(setting="training.ccc"))
    assert rows["what the thesis does"].item() == "–"


def test_tally_names_the_ablations_that_matter():
    table = pd.DataFrame([result(0.1, 0.3), result(-0.1, 0.1, name="b", ablation="random")])
    assert ablations_prose.tally_sentence(table, 0.95).startswith("Of the 2 things")
    assert ablations_prose.tally_sentence(table, 0.95).endswith("agree on: late.")
    assert "none makes a difference" in ablations_prose.tally_sentence(table[1:], 0.95)


def test_trained_sentence_gathers_what_was_trained_alike():
    side = Network([answers(["fear"], ["fear"])] * 2, "combined")
    both = [Ablated(name, name, "A", side, side) for name in ("x", "y")]
    assert "A, combined, with 2 seeds (x and y)." in ablations_prose.trained_sentence(both)


def test_scale_sentence_warns_of_features_of_another_size_only():
    scales = pd.DataFrame(
        {"ablation": ["scaling", "random"], "backbone": "vgg16", "ratio": [90.0, 0.8]}
    )
    sentence = ablations_prose.scale_sentence(scales)
    assert "is 90.0 for scaling and 0.8 for random. What is lost or gained by scaling" in sentence
    assert "What is lost" not in ablations_prose.scale_sentence(scales[1:])
    assert "0.2 for small. What is lost" in ablations_prose.scale_sentence(
        pd.DataFrame({"ablation": ["small"], "backbone": "vgg16", "ratio": [0.2]})
    )
    assert "No ablation" in ablations_prose.scale_sentence(scales[:0])


def test_unused_sentence_counts_faces_that_lack_a_category():
    printed = published.counts()
    left_out = printed["faces"] - printed["faces with a category"]
    samples = answers(["fear", "", None, ""], ["fear"] * 4, [0.1, 0.2, 0.3, np.nan])
    sentence = ablations_prose.unused_sentence(samples)
    assert f"The thesis had {left_out:,} such faces" in sentence
    assert "2 of 3 faces with valence and arousal (67%)" in sentence
    assert "every face with" in ablations_prose.unused_sentence(samples[:1])


def test_lag_sentence_names_each_place_or_says_how_to_ask():
    table = pd.DataFrame({"lag": [0.0, 0.3], "score": [-0.1, 0.25], "chosen": [False, True]})
    sentence = ablations_prose.lag_sentence({"the build": table})
    assert "For the build, ratings" in sentence and "0.3 s late" in sentence
    assert "0.25, and −0.10 without a lag" in sentence
    assert "“lag: estimate” under “matching” asks" in ablations_prose.lag_sentence({})
