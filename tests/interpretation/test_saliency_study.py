"""Tables of many faces and sentences about them: shapes, planted results, nothing there."""

import numpy as np
import pandas as pd
import pytest

from emolib.interpretation import saliency_prose as prose
from emolib.interpretation import saliency_study as study
from emolib.interpretation.moments import Moment
from emolib.interpretation.people import person_means
from emolib.interpretation.saliency import METHODS
from tests.interpretation.toys import LENGTH, patch_region, red_faces, red_run


def moment(person, emotion="sadness", seed=1):
    return Moment(person, person, emotion, 9, np.arange(LENGTH) / 30, red_faces(seed=seed))


@pytest.fixture(scope="module")
def run():
    return red_run()


@pytest.fixture(scope="module")
def moments():
    return [moment("ann"), moment("bob", "fear", 2), moment("cem", "", 3)]


@pytest.fixture(scope="module")
def explained(run, moments):
    return study.explain_moments(run, moments, seed=1)


@pytest.fixture(scope="module")
def regions(moments):
    return {(each.track, each.frame): patch_region() for each in moments[:2]}


def test_faces_are_explained_by_their_category_or_else_the_given_one(explained):
    names = [each.answer.name for each in explained]
    assert names[:2] == ["sadness", "fear"]
    assert [each.label for each in explained] == ["sadness", "fear", f"{names[2]}, 0.1 s"]
    assert all(list(each.maps) == list(METHODS) for each in explained)
    assert 1 <= study.recognised(explained) <= 2
    assert study.completeness(explained) < 0.2


def test_longer_moments_are_cut_to_what_the_network_takes(run):
    longer = moment("ann")
    longer = Moment(
        "ann", "ann", "fear", 9, np.arange(6) / 30, np.concatenate([longer.crops[:2], longer.crops])
    )
    (found,) = study.explain_moments(run, [longer], ["gradient"])
    assert len(found.moment.crops) == len(found.answer.features) == LENGTH
    assert found.moment.times[-1] == 5 / 30


def test_surest_face_of_each_answer_is_shown(run, explained):
    again = study.explain_moments(run, [moment("dia", seed=7)], ["gradient"])
    sure = [float(x.answer.outcome(x.answer.face[None])[0]) for x in (explained[0], again[0])]
    best = study.one_per_answer([explained[0], *again])
    assert best == [[explained[0], again[0]][int(np.argmax(sure))]]


def test_dimensions_come_in_pairs(run, moments):
    found = study.explain_dimensions(run, moments[:2])
    assert [each.answer.name for each in found] == ["valence", "arousal"] * 2
    assert found[0].answer.kept is found[1].answer.kept
    maps = study.dimension_maps(found, "arousal")
    assert len(maps) == 2 and list(maps[0]) == list(METHODS)
    np.testing.assert_array_equal(maps[1]["occlusion"], found[3].maps["occlusion"])


def test_removal_is_better_than_blind_where_the_map_is_right(explained):
    rows = study.removal_rows(explained, 1)
    assert len(rows) == len(explained) * (len(METHODS) + 1)
    blind = rows[rows["method"] == "blind"]
    assert (blind["over_blind"] == 0).all()
    means = person_means(rows, ["method"], ["over_blind"], 0.9).set_index("method")["estimate"]
    assert (means[["gradient", "integrated gradients", "occlusion"]] > 0).all()


def test_randomised_weights_are_tried_for_every_face_and_step(explained):
    rows = study.randomisation_rows(explained[:2], 1)
    assert list(rows.columns[2:]) == list(study.CASCADE)
    assert len(rows) == 2 * len(METHODS)
    assert rows[study.CASCADE[-1]].mean() < rows[study.CASCADE[0]].mean()


def test_pointing_counts_faces_with_a_region_only(explained, regions):
    rows = study.pointing_rows(explained, regions)
    assert set(rows["person"]) == {"ann", "bob"}
    assert set(rows["answer"]) == {"category"}
    assert rows["area"].to_numpy() == pytest.approx(patch_region().mean())
    share = rows.set_index("method")["share"]
    assert share["gradient"].min() > share[study.CENTRE].max()
    assert (rows.loc[rows["method"] == study.EDGES, "over_edges"] == 0).all()
    less = (rows["share"] - rows["over_edges"]).round(9)
    assert less.groupby(rows["person"]).nunique().tolist() == [1, 1]
    assert study.region_of(explained[2], regions) is None


def test_frames_have_shares_that_sum_to_one(explained):
    rows = study.time_rows(explained)
    sums = rows.groupby(["person", "way"])["share"].sum()
    assert len(sums) == 9
    np.testing.assert_allclose(sums, 1, rtol=1e-5)


def test_printable_table_has_a_row_per_group_and_one_interval(explained, regions):
    rows = study.pointing_rows(explained, regions)
    means = person_means(rows, ["answer", "method"], study.POINTING, 0.9)
    table = study.printable(
        means, {"hit": "points", "share": "mass"}, "share", ["answer", "method"]
    )
    expected = ["answer", "method", "points", "mass", "low", "high", "faces", "people"]
    assert list(table) == expected
    assert len(table) == len(METHODS) + 2
    assert (table["low"] <= table["mass"]).all()


def test_without_a_network_everything_is_empty_and_says_so():
    assert study.explain_moments(None, [moment("ann")]) == []
    assert study.explain_dimensions(None, [moment("ann")]) == []
    assert study.dimension_maps([], "valence") == [] and study.one_per_answer([]) == []
    empty = {
        prose.removal_sentence: (study.removal_rows([], 1), ["method"], study.REMOVAL),
        prose.randomisation_sentence: (study.randomisation_rows([], 1), ["method"], study.CASCADE),
        prose.pointing_sentence: (
            study.pointing_rows([], {}),
            ["answer", "method"],
            study.POINTING,
        ),
    }
    for sentence, (rows, by, quantities) in empty.items():
        means = person_means(rows, by, quantities, 0.9)
        assert sentence(means, 0.9) in (prose.NOTHING, prose.UNKNOWN)
        assert study.printable(means, dict.fromkeys(quantities, ""), list(quantities)[0], by).empty
    assert prose.time_sentence(study.time_rows([])) == prose.NOTHING
    assert prose.completeness_sentence(study.completeness([])) == prose.NOTHING
    assert prose.faces_sentence([], 0, 0) == prose.NOTHING


def means(quantity, **limits):
    rows = [
        (method, quantity, (low + high) / 2, low, high) for method, (low, high) in limits.items()
    ]
    table = pd.DataFrame(rows, columns=["method", "quantity", "estimate", "low", "high"])
    return table.assign(faces=7, people=5)


def test_removal_sentence_turns_with_the_intervals():
    table = means("over_blind", gradient=(0.1, 0.3), occlusion=(-0.1, 0.1), blind=(0.0, 0.0))
    assert prose.removal_sentence(table, 0.9) == (
        "Better than the blind map is gradient; not to be told from it is occlusion (90% intervals "
        "over people)."
    )
    table = means("over_blind", gradient=(-0.3, -0.1), occlusion=(-0.3, -0.1))
    assert prose.removal_sentence(table, 0.9).startswith(
        "Worse than the blind map are gradient and occlusion ("
    )
    table = means("over_blind", gradient=(np.nan, np.nan)).assign(estimate=0.1)
    assert "single person" in prose.removal_sentence(table, 0.9)


def test_randomisation_sentence_names_what_fails():
    last = study.CASCADE[-1]
    table = means(last, gradient=(0.7, 0.9), occlusion=(-0.2, 0.0))
    found = prose.randomisation_sentence(table, 0.9)
    assert (
        "original map is (7 faces of 5 people, 90% intervals over people): gradient 0.80" in found
    )
    assert "(0.70 to 0.90) and occlusion −0.10 (−0.20 to 0.00)" in found
    assert "Gradient fails the check" in found and "No method fails" not in found
    table = means(last, gradient=(0.1, 0.3), occlusion=(-0.1, 0.2))
    found = prose.randomisation_sentence(table, 0.9)
    assert "No method fails the check" in found and "What remains of gradient is more" in found
    assert "remains of" not in prose.randomisation_sentence(means(last, occlusion=(-0.1, 0.2)), 0.9)
    found = prose.randomisation_sentence(means(last, gradient=(0.4, 0.6)), 0.9)
    assert "Of gradient it cannot be told" in found and "No method fails" not in found
    found = prose.randomisation_sentence(table.assign(low=np.nan, high=np.nan, people=1), 0.9)
    assert "7 faces of 1 person)" in found and "no method can be said to pass" in found


def test_networks_sentence_names_both_or_the_only_one():
    both = {"category": "A (category-only, seed 1)", "dimensional": "B (dimensional-only, seed 2)"}
    found = prose.networks_sentence(both, False)
    assert found.startswith("Maps of a category explain A (category-only, seed 1), and maps of")
    assert "explain B" not in found and "arousal B (dimensional-only, seed 2), each the" in found
    found = prose.networks_sentence(dict.fromkeys(both, "C (combined, seed 1)"), True)
    assert found == "All maps explain C (combined, seed 1), chosen for this page."
    found = prose.networks_sentence({"dimensional": "B"}, False)
    assert found.startswith("Maps of valence and arousal explain B, the network of its kind")
    assert prose.networks_sentence({}, False) == prose.NOTHING


def test_pointing_sentence_names_chance_and_the_blob():
    quantities = {"share": 0.4, "area": 0.2, "over_area": 0.2, "over_centre": -0.1}
    table = pd.concat(
        means(quantity, **dict.fromkeys(["gradient", study.CENTRE, study.EDGES], (at, at)))
        for quantity, at in (quantities | {"over_edges": -0.05}).items()
    ).assign(faces=3)
    found = prose.pointing_sentence(table, 0.9)
    assert found.startswith("The region takes up 20% of the picture on average (3 faces; 90%")
    assert "Lying there more than by chance is gradient." in found
    assert "Lying there less than a blob in the middle of the crop is gradient." in found
    assert "Lying there less than a map of the edges in it is gradient." in found
    assert "the shares of maps are: gradient −0.05 (−0.05 to −0.05)." in found
    assert "gradient is not shown to be better than a map that knows edges" in found
    better = table.assign(**{name: table[name].abs() for name in ("estimate", "low", "high")})
    assert "By this test" not in prose.pointing_sentence(better, 0.9)


def test_time_sentence_adds_up_the_last_half_second():
    table = pd.DataFrame(
        {"way": "occlusion", "before": [0, 3, 20] * 2, "share": [0.5, 0.3, 0.2, 0.3, 0.3, 0.4]}
    )
    assert "40% and 70% (occlusion)" in prose.time_sentence(table)


def test_faces_sentence_counts():
    found = prose.faces_sentence(["fear", "anger", "fear"], 1, 2)
    assert found.startswith("3 faces of 1 person are explained (2 of fear and 1 of anger)")


@pytest.mark.parametrize(("error", "words"), [(0.02, "close enough"), (0.4, "too much")])
def test_completeness_sentence_judges(error, words):
    assert words in prose.completeness_sentence(error)
