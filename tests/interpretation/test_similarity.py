"""Many representations at once: pairs, chance, people left out, relations, known answers."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from emolib.interpretation import similarity
from emolib.interpretation.similarity import (
    HALF_TRAINED,
    HALF_TRAINED_OTHER,
    OTHER_BACKBONE,
    OTHER_BOTH,
    SAME_KIND,
    SAME_NETWORK,
    UNTRAINED,
    UNTRAINED_OTHER,
    between_kinds,
    known_answers,
    pair_table,
    relation,
    relations,
    without_each_person,
)
from emolib.interpretation.svcca import linear_cka, pwcca, subspace, svcca

PEOPLE = np.repeat([f"person{number}" for number in range(8)], 30)


def parts(seed=0, noise=0.5, names="abcd"):
    """Return representations of a common signal under independent noise."""
    generator = np.random.default_rng(seed)
    signal = generator.normal(size=(len(PEOPLE), 5))
    return {
        name: subspace(
            signal @ generator.normal(size=(5, 5)) + noise * generator.normal(size=signal.shape),
            variance=1,
        )
        for name in names
    }


def test_pair_table_holds_each_pair_once_with_all_measures():
    found = parts()
    table = pair_table(found, PEOPLE)
    assert list(zip(table["first"], table["second"], strict=True)) == [
        *(("a", "b"), ("a", "c"), ("a", "d"), ("b", "c"), ("b", "d"), ("c", "d"))
    ]
    row = table.iloc[3]
    b, c = found["b"], found["c"]
    assert row["svcca"] == svcca(b, c)
    assert row["pwcca"] == pytest.approx((pwcca(b, c) + pwcca(c, b)) / 2)
    assert row["cka"] == linear_cka(b, c)
    assert (table["svcca"] > table["other_faces"] + 0.3).all()
    assert table["other_faces"].to_numpy() == pytest.approx(table["chance"].mean(), abs=0.05)


def test_pair_table_marks_a_constant_representation():
    found = parts(names="ab") | {"dead": subspace(np.ones((len(PEOPLE), 3)))}
    table = pair_table(found, PEOPLE)
    assert (
        table.loc[table["second"] == "dead"].drop(columns=["first", "second"]).isna().all(axis=None)
    )
    assert table.loc[0].notna().all()


def test_pair_table_of_one_is_empty():
    assert pair_table(parts(names="a"), PEOPLE).empty


def test_without_each_person_equals_comparing_the_others():
    found = parts(names="ab")
    values = without_each_person(found, PEOPLE, [("a", "b")])
    others = PEOPLE != "person3"
    literal = svcca(*(subspace(part.scores[others], variance=1) for part in found.values()))
    assert values.shape == (1, 8)
    assert values[0, 3] == pytest.approx(literal)


def members():
    rows = {
        "a": ("vgg16", "category", "n1", 1, True),
        "b": ("vgg16", "category", "n1", 2, True),
        "c": ("vgg16", "combined", "n2", 1, True),
        "d": ("vgg16", "", "", 9, False),
    }
    columns = list(similarity.MEMBER_COLUMNS)
    return pd.DataFrame.from_dict(rows, "index", columns=columns)


def test_relations_average_pairs_and_leave_people_out():
    found = parts()
    pairs = pair_table(found, PEOPLE)
    result = relations(pairs, members(), found, PEOPLE, 0.9)
    table = result.table.set_index("relation")
    assert list(table.index) == [SAME_NETWORK, between_kinds("combined", "category"), HALF_TRAINED]
    assert list(table["pairs"]) == [1, 2, 3]
    expected = pairs[pairs["second"] == "d"]["svcca"]
    assert table.loc[HALF_TRAINED, "svcca"] == pytest.approx(expected.mean())
    left_out = result.without[SAME_NETWORK]
    margin = stats.t.ppf(0.95, 7) * np.sqrt(7 * left_out.var())
    assert table.loc[SAME_NETWORK, "high"] - table.loc[SAME_NETWORK, "svcca"] == pytest.approx(
        margin
    )
    difference = result.difference(SAME_NETWORK, HALF_TRAINED, 0.9)
    assert difference.low < difference.estimate < difference.high
    assert result.difference(SAME_NETWORK, OTHER_BOTH, 0.9) is None


def test_relations_of_one_person_have_no_interval():
    found = parts()
    people = ["me"] * len(PEOPLE)
    result = relations(pair_table(found, people), members(), found, people, 0.9)
    assert result.table["svcca"].notna().all()
    assert result.table[["low", "high"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"seed": 2}, SAME_NETWORK),
        ({"network": "m"}, SAME_KIND),
        (
            {"network": "m", "kind": "dimensional"},
            "category-only and dimensional-only, same backbone",
        ),
        ({"network": "m", "backbone": "vgg19"}, OTHER_BACKBONE),
        ({"network": "m", "backbone": "vgg19", "kind": "combined"}, OTHER_BOTH),
        ({"trained": False}, HALF_TRAINED),
        ({"trained": False, "backbone": "vgg19"}, HALF_TRAINED_OTHER),
    ],
)
def test_relation_names_what_two_runs_share(changes, expected):
    run = {"backbone": "vgg16", "kind": "category", "network": "n", "seed": 1, "trained": True}
    assert relation(run, run | changes) == relation(run | changes, run) == expected


def test_relation_of_untrained_ones():
    run = {"backbone": "vgg16", "kind": "", "network": "", "seed": 1, "trained": False}
    assert relation(run, run | {"seed": 2}) == UNTRAINED
    assert relation(run, run | {"backbone": "xception"}) == UNTRAINED_OTHER


def test_known_answers_are_found():
    states = np.random.default_rng(2).normal(size=(len(PEOPLE), 8))
    table = known_answers(states, PEOPLE, most=6).set_index("compared_with")
    known = table.dropna(subset=["expected"])
    assert len(known) == 3 and (table["directions"] == 6).all()
    np.testing.assert_allclose(known["svcca"], known["expected"], atol=0.03)
    assert table["svcca"].iloc[0] == pytest.approx(1)
    assert known_answers(np.ones((40, 3)), PEOPLE[:40], most=3).empty
