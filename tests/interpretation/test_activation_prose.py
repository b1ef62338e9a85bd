"""Sentences on optimal inputs turn with the numbers."""

import numpy as np
import pandas as pd

from emolib.interpretation import activation_prose as prose
from emolib.interpretation.activation_tables import reached_table
from emolib.interpretation.optimal_inputs import RealFaces


def rows(**columns):
    table = {"kind": "combined", "unit": "fear", "way": "pixels", "exceeds": True, "kept": 0.9}
    table |= {"wins": 1.0, "activation": 0.5, "median": 0.0, "backwards": np.nan}
    table |= {"relative": 2.0} | columns
    count = max(np.size(values) for values in table.values())
    return pd.DataFrame({name: np.resize(values, count) for name, values in table.items()})


def test_inputs_that_do_not_exceed_real_faces_are_named():
    assert prose.reached_sentence(rows()).startswith("All 1 still pictures activate their unit")
    told = prose.reached_sentence(rows(exceeds=[True, False], unit=["fear", "anger"]))
    assert told.startswith("1 of 2 still pictures")
    assert told.endswith("Not beyond it: combined anger, pixel by pixel.")
    one = prose.reached_sentence(
        rows(way=["noise, seed 1", "noise, seed 2"], exceeds=[True, False])
    )
    assert one.endswith("Not beyond it: combined fear, from noise, seed 2.")
    films = prose.reached_sentence(rows(way="film", exceeds=False), film=True)
    assert "moving real faces" in films and films.endswith("Not beyond it: combined fear.")


def test_long_lists_end():
    table = pd.concat([rows(kind=str(n), exceeds=False) for n in range(15)])
    assert prose.reached_sentence(table).endswith("; and 3 more.")


def test_control_that_exceeds_as_well_says_what_that_means():
    table = rows(way=["shuffled", "noise, seed 1"], relative=[3.0, 1.2])
    told = prose.control_sentence(table)
    assert "is no sign that" in told and "go to 3.0" in told and "from noise to 1.2" in told
    told = prose.control_sentence(rows(way="shuffled", exceeds=False))
    assert told.startswith("Only 0 of 1") and "no more often" in told
    told = prose.control_sentence(rows(way=["shuffled", "noise, seed 1"], exceeds=[False, True]))
    assert "takes more than the architecture" in told


def test_pictures_that_do_not_survive_a_movement_are_called_tricks():
    table = rows(kept=[0.9, 0.1], way=["mean face", "pixels"])
    told = prose.robustness_sentence(table)
    assert "made of waves keep 90%" in told and "made pixel by pixel keep 10%" in told
    assert "1 of these 2 loses more than 50%, all of them made pixel by pixel" in told
    told = prose.robustness_sentence(rows(kept=0.1, way=["mean face", "noise, seed 1"]))
    assert "2 of these 2 lose more than 50%, none of them made pixel by pixel" in told
    assert "none of these 1 loses more" in prose.robustness_sentence(rows())
    assert "nothing can be said" in prose.robustness_sentence(rows(kept=np.nan))


def test_answers_are_compared_with_what_was_sought():
    assert "for all 1 pictures" in prose.answer_sentence(rows())
    told = prose.answer_sentence(rows(wins=[1.0, 0.0], unit=["fear", "anger"]))
    assert told.endswith("1 of 2 pictures; not always so for combined anger.")


def test_valence_out_of_its_range_is_told_with_its_sign():
    table = rows(wins=np.nan, unit="valence down", activation=1.5)
    assert "1 of 1 leave the range" in prose.range_sentence(table)
    assert "−1.50 for valence" in prose.range_sentence(table)
    inside = prose.range_sentence(rows(wins=np.nan, unit="arousal up", activation=0.5))
    assert inside.startswith("No answer") and "+0.50 for arousal" in inside


def test_likeness_says_how_many_units_pictures_tell_apart():
    table = pd.DataFrame({"kind": ["a", "b"], "same_unit": [0.8, 0.3], "other_units": [-0.1, 0.3]})
    table = table.assign(low=0.2, high=0.9, apart=[4, 0], units=4)
    told = prose.likeness_sentence(table)
    assert "is 0.80 (0.20 to 0.90 over units) and −0.10 (a); 0.30 (" in told
    assert "For 4 of 8 units" in told and told.endswith("those units apart, and not the others.")
    told = prose.likeness_sentence(table[:1])
    assert "For every unit" in told and told.endswith("noises tried, pictures tell units apart.")
    told = prose.likeness_sentence(table[1:])
    assert "For none of 4 units" in told and "at least as much" in told


def test_films_that_work_backwards_as_well_do_not_show_a_movement():
    told = prose.order_sentence(rows(way="film", activation=2.0, backwards=[0.4, 0.8]))
    assert "films keep 30%" in told and "half of which are between 25% and 35%" in told
    assert told.endswith("and 2 keep less than 80%: order matters for most of them.")
    told = prose.order_sentence(rows(way="film", activation=2.0, backwards=[1.9, 1.9]))
    assert told.endswith("and none keeps less than 80%: order hardly matters for most of them.")
    told = prose.order_sentence(rows(way="film", activation=2.0, backwards=[-0.2, 1.9]))
    assert "1 keeps less" in told and told.endswith("matters for some and hardly for others.")
    told = prose.order_sentence(rows(way="film", activation=2.0, backwards=1.0))
    assert "the one film keeps 50%" in told and "matters" not in told
    assert "No film" in prose.order_sentence(rows())


def test_nothing_to_say_of_no_network():
    empty = reached_table({})
    for told in prose.reached_sentences(empty).values():
        assert told.startswith("No") or "no network" in told or "nothing can be said" in told
    assert "no network" in prose.real_faces_sentence({})
    assert "cannot be compared" in prose.likeness_sentence(pd.DataFrame(columns=["same_unit"]))


def test_real_faces_of_a_clip_are_said_to_be_unlabelled():
    faces = pd.DataFrame({"person": ["a", "a", "b"]})
    real = RealFaces(faces, np.zeros((3, 1, 1, 3)), pd.DataFrame(index=range(3)), faces)
    told = prose.real_faces_sentence({"combined": real}, "folder/mine.mp4")
    assert "the video mine.mp4, which has no labels: 3 held still" in told
    assert "of 2 people" in told and "are rough" in told
