"""Shares of the faces that led to an answer: literal, complete, planted."""

import numpy as np
import pytest

from emolib.interpretation.answers import ask, features_of
from emolib.interpretation.gradients import value_and_gradient
from emolib.interpretation.through_time import frame_weights, maps_through_time, share_table
from emolib.labels import EMOTIONS
from tests.interpretation.toys import red_faces, red_run, vgg_run


@pytest.fixture(scope="module")
def run():
    return vgg_run()


@pytest.fixture(scope="module")
def crops():
    return np.random.default_rng(2).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)


def test_maps_through_time_are_the_gradient_of_the_whole_network(run, crops):
    answer = ask(run, crops, "anger")
    unit = EMOTIONS.index("anger")
    _, expected = value_and_gradient(
        lambda x: run.pixel_scores(x)["category"][:, -1, unit], crops[None].astype(np.float32)
    )
    expected = np.abs(expected[0]).sum(-1)
    found = maps_through_time(answer, crops)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5 * expected.max())


def test_integrated_gradients_of_frames_sum_to_the_difference_from_blanks(run, crops):
    answer = ask(run, crops, "fear")
    weights = frame_weights(answer)["integrated gradients"]
    blanks = np.repeat(features_of(run, answer.blank[None]), 3, axis=0)
    scores = np.asarray(answer.score_of_sequences(np.stack([answer.features, blanks])))
    np.testing.assert_allclose(weights.sum(), scores[0] - scores[1], rtol=1e-3, atol=1e-4)


def test_occlusion_of_frames_is_the_literal_one(run, crops):
    answer = ask(run, crops, "fear")
    blank = features_of(run, answer.blank[None])[0]
    whole = np.asarray(answer.score_of_sequences(answer.features[None]))[0]
    for frame, found in enumerate(frame_weights(answer)["occlusion"]):
        covered = answer.features.copy()
        covered[frame] = blank
        expected = whole - np.asarray(answer.score_of_sequences(covered[None]))[0]
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_all_ways_find_the_one_face_that_matters():
    crops = red_faces()
    crops[[0, 1, 3]] = 120  # nothing to see
    crops[3, 0, 0] = 121  # a blank needs no more than a face
    weights = frame_weights(ask(red_run(), crops, "sadness"), crops)
    assert list(weights) == ["gradient", "integrated gradients", "occlusion"]
    assert {way: int(np.abs(of).argmax()) for way, of in weights.items()} == dict.fromkeys(
        weights, 2
    )


def test_share_table_counts_frames_back_from_the_last():
    weights = {"occlusion": np.array([1.0, -3.0]), "gradient": np.zeros(2)}
    table = share_table(weights, np.array([0.5, 0.6]), person="x")
    assert table["way"].unique().tolist() == ["occlusion"]
    assert table["before"].tolist() == [3, 0]
    assert table["share"].tolist() == [0.25, 0.75]
    assert table["person"].tolist() == ["x", "x"]
    assert share_table({"gradient": np.zeros(2)}, np.array([0, 1])).empty
