"""Tests of maps: removal of pixels, regions of change, shares within them, means over people."""

import numpy as np
import pandas as pd
import pytest

from emolib.evaluation.uncertainty import student_limits
from emolib.interpretation.faithfulness import areas, blind_map, removal_curves
from emolib.interpretation.people import person_means
from emolib.interpretation.pointing import (
    centre_map,
    edge_map,
    mass_share,
    points_into,
    region_of_change,
)

SIZE = 12
PATCH = np.s_[2:6, 3:7]
FACE, BLANK = np.full((SIZE, SIZE, 3), 200.0), np.zeros((SIZE, SIZE, 3))


def brightness_of_patch(faces):
    return faces[:, *PATCH].mean((1, 2, 3)) / 200


def perfect_map():
    found = np.zeros((SIZE, SIZE))
    found[PATCH] = 1
    return found


def test_removal_curves_by_hand():
    evidence = perfect_map()
    deletion, insertion = removal_curves(brightness_of_patch, FACE, BLANK, evidence, steps=9)
    # The patch is 16 of 144 pixels, a ninth: the first step takes all of it.
    np.testing.assert_allclose(deletion, [1] + [0] * 9)
    np.testing.assert_allclose(insertion, [0] + [1] * 9)
    np.testing.assert_allclose(areas(np.stack([deletion, insertion])), [0.5 / 9, 8.5 / 9])


def test_perfect_map_beats_every_blind_one():
    def gain(evidence):
        curves = removal_curves(brightness_of_patch, FACE, BLANK, evidence)
        deletion, insertion = areas(curves)
        return insertion - deletion

    perfect = gain(perfect_map())
    blind = [gain(blind_map(SIZE, seed)) for seed in range(20)]
    assert perfect > max(blind)
    assert abs(np.mean(blind)) < 0.3 < perfect
    assert gain(-perfect_map()) < min(blind)


def test_curves_start_and_end_at_face_and_blank_and_only_the_order_counts():
    evidence = np.random.default_rng(1).normal(size=(SIZE, SIZE))
    curves = removal_curves(brightness_of_patch, FACE, BLANK, evidence)
    np.testing.assert_allclose(curves[:, [0, -1]], [[1, 0], [0, 1]])
    np.testing.assert_array_equal(
        curves, removal_curves(brightness_of_patch, FACE, BLANK, np.exp(evidence))
    )


def test_blind_map_repeats_with_its_seed():
    np.testing.assert_array_equal(blind_map(9, 3), blind_map(9, 3))
    assert not np.array_equal(blind_map(9, 3), blind_map(9, 4))


def test_region_is_where_two_pictures_differ():
    first = np.full((48, 48, 3), 100, np.uint8)
    second = first.copy()
    second[10:20, 20:30] = 180
    region = region_of_change(first, second)
    assert region[11:19, 21:29].all()
    assert region.sum() <= 100
    assert region_of_change(first, first) is None
    assert region_of_change(first, first + np.uint8(3)) is None


def test_shares_of_a_map_by_hand():
    region = np.zeros((2, 2), bool)
    region[0, 0] = True
    assert mass_share(np.array([[-3.0, 1], [0, 0]]), region) == 0.75
    assert points_into(np.array([[-3.0, 1], [0, 0]]), region) == 1
    assert points_into(np.array([[0.0, 1], [0, 0]]), region) == 0
    assert np.isnan(mass_share(np.zeros((2, 2)), region))
    assert np.isnan(points_into(np.zeros((2, 2)), region))


def test_maps_that_know_nothing_have_the_share_of_the_area_on_average():
    region = region_of_change(*(np.random.default_rng(1).integers(0, 255, (2, 24, 24, 3))))
    shares = [mass_share(np.abs(blind_map(24, seed)), region) for seed in range(200)]
    assert np.mean(shares) == pytest.approx(region.mean(), abs=0.02)


def test_centre_and_edges():
    centre = centre_map(9)
    assert centre.argmax() == 40 and centre[4, 4] == 1
    face = np.zeros((8, 8, 3))
    face[:, 4:] = 100
    edges = edge_map(face)
    assert set(np.flatnonzero(edges.max(axis=0))) == {3, 4}


def test_person_means_by_hand():
    table = pd.DataFrame(
        {
            "method": ["a"] * 4 + ["b"],
            "person": ["x", "x", "y", "z", "x"],
            "gain": [0.2, 0.4, 0.6, np.nan, 1.0],
        }
    )
    found = person_means(table, ["method"], ["gain"], 0.9)
    low, high = student_limits(0.4, np.array([0.6, 0.3]), 0.9)
    first = found.iloc[0]
    assert first["estimate"] == pytest.approx(0.4)
    assert (first["low"], first["high"]) == pytest.approx((low, high))
    assert (first["faces"], first["people"]) == (3, 2)
    assert found["estimate"].iloc[1] == 1 and np.isnan(found["low"].iloc[1])


def test_person_means_of_nothing_are_undefined():
    table = pd.DataFrame({"method": ["a"], "person": ["x"], "gain": [np.nan]})
    found = person_means(table, ["method"], ["gain"], 0.9).iloc[0]
    assert np.isnan(found["estimate"]) and found["faces"] == 0


def test_person_means_of_shares_have_limits_between_0_and_1():
    table = pd.DataFrame({"method": "a", "person": ["x", "y"], "share": [0.0, 1.0]})
    found = person_means(table, ["method"], ["share"], 0.9).iloc[0]
    assert (found["low"], found["high"]) == (0, 1)
