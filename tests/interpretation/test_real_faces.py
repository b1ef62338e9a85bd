"""Real faces: stretches of film, activations like the network's own, percentiles, favourites."""

import numpy as np
import pandas as pd
import pytest

from emolib.errors import InputError
from emolib.interpretation import real_faces
from emolib.labels import EMOTIONS

FACES = pd.DataFrame(
    {
        "track": ["a"] * 7 + ["b"] * 2,
        "person": ["a"] * 7 + ["b"] * 2,
        "time": [*np.arange(7) / 30, 0.0, 1 / 30],
        "row": [*range(7), 0, 1],
    }
)
FEATURES = np.random.default_rng(1).normal(size=(5, 6, 8)).astype(np.float16)


def test_stretches_hold_neighbours_and_repeat_the_last_face_of_a_short_one():
    windows = real_faces.sample_windows(FACES, 3, max_gap=0.1, most=10, seed=1)
    rows = windows["row"].to_numpy().reshape(-1, 3).tolist()
    assert rows == [[0, 1, 2], [3, 4, 5], [6, 6, 6], [0, 1, 1]]
    assert windows["track"].tolist() == ["a"] * 9 + ["b"] * 3


def test_stretches_are_drawn_by_seed_and_kept_in_order():
    drawn = [real_faces.sample_windows(FACES, 1, 0.1, 4, seed)["row"].tolist() for seed in (1, 1)]
    assert drawn[0] == drawn[1] and len(drawn[0]) == 4
    others = real_faces.sample_windows(FACES, 1, 0.1, 4, 2)
    assert others.index.tolist() == [0, 1, 2, 3] and others["row"].tolist() != drawn[0]


def test_activation_of_a_film_is_the_score_after_its_last_frame(toy_run):
    found = real_faces.activations(toy_run, FEATURES)
    scores = toy_run.scores.predict(FEATURES.astype(np.float32), verbose=0)
    np.testing.assert_allclose(found[list(EMOTIONS)], scores["category"][:, -1], rtol=1e-4)
    np.testing.assert_allclose(
        found["arousal down"], -scores["dimensional"][:, -1, 1], rtol=1e-4, atol=1e-6
    )


def test_activation_of_a_still_is_that_of_the_frame_repeated(toy_run):
    still = real_faces.activations(toy_run, FEATURES[:, :1])
    repeated = real_faces.activations(toy_run, np.repeat(FEATURES[:, :1], 6, axis=1))
    pd.testing.assert_frame_equal(still, repeated)


def test_no_face_to_compare_with_is_an_error(toy_run):
    with pytest.raises(InputError, match="no real faces"):
        real_faces.activations(toy_run, FEATURES[:0])


def test_percentiles_are_those_of_every_unit():
    values = pd.DataFrame({"fear": np.arange(101.0), "valence down": -np.arange(101.0)})
    table = real_faces.percentiles(values).set_index("unit")
    assert table.loc["fear"].tolist() == [1, 50, 99, 100, 101]
    assert table.loc["valence down", ["low", "median", "high"]].tolist() == [-99, -50, -1]


def test_favourites_are_of_different_people_first():
    faces = pd.DataFrame({"person": ["a", "a", "b", "c", "a"]})
    values = pd.Series([5.0, 9.0, 1.0, 7.0, 8.0])
    assert real_faces.strongest(values, faces, 3) == [1, 3, 2]
    assert real_faces.strongest(values, faces, 4) == [1, 3, 2, 4]
    assert len(real_faces.strongest(values, faces, 9)) == 5
