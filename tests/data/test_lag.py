"""Tests of `emolib.data.lag` on ratings whose lag is planted."""

import warnings

import cv2
import numpy as np
import pandas as pd
import pytest

from emolib.data import lag as lag_module
from emolib.data.lag import LAG_COLUMNS, chosen_lag, estimate_lag
from emolib.errors import InputError
from emolib.evaluation.metrics import ccc
from emolib.storage import write_array


def movement(times, phase):
    """Return a smooth signal in [-1, 1] that does not repeat itself within a minute."""
    return (np.sin(1.1 * times + phase) + np.sin(2.7 * times - 2 * phase)) / 2


def draw(valence, arousal, size=32):
    """Return a crop in which one bar turns with valence and another with arousal."""
    crop = np.full((size, size, 3), 90, np.uint8)
    for middle, value in ((size // 4, valence), (3 * size // 4, arousal)):
        reach = np.array([np.cos(value), np.sin(value)]) * size / 5
        start, end = (np.array([middle, size // 2]) + sign * reach for sign in (-1, 1))
        ends = [tuple(int(x) for x in 16 * point) for point in (start, end)]  # sixteenths of px
        cv2.line(crop, *ends, (200, 200, 200), 3, cv2.LINE_AA, 4)
    return crop


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """Return a function that makes faces, their ratings at a lag, and a folder of crops."""
    crops = tmp_path_factory.mktemp("crops")
    tables = []
    for number in range(5):
        times = np.arange(0, 12, 1 / 15)
        valence, arousal = movement(times, number), movement(times, number + 10)
        track = f"track{number}"
        pictures = [draw(v, a) for v, a in zip(valence, arousal, strict=True)]
        write_array(np.array(pictures), crops / f"{track}.npy")
        tables.append(
            pd.DataFrame(
                {"track": track, "person": track, "time": times, "row": np.arange(len(times))}
            )
        )
    faces = pd.concat(tables, ignore_index=True)

    def ratings(lags, seed=0):
        generator = np.random.default_rng(seed)
        traces = []
        for number, lag in enumerate(np.broadcast_to(lags, 5)):
            times = np.sort(generator.uniform(0, 12, 240))
            noise = generator.normal(0, 0.02, (2, 240))
            trace = {"track": f"track{number}", "time": times}
            for i, name in enumerate(("valence", "arousal")):
                trace[name] = movement(times - lag, number + 10 * i) + noise[i] + number / 10
            traces.append(pd.DataFrame(trace))
        return pd.concat(traces, ignore_index=True)

    return faces, ratings, crops


OPTIONS = {"max_distance": 0.1, "max_lag": 1.0, "n_faces": 600}


@pytest.mark.parametrize("planted", [0.0, 0.3, 0.7])
def test_estimate_lag_recovers_the_planted_one(plant, planted):
    faces, ratings, crops = plant
    table = estimate_lag(faces, ratings(planted), crops, **OPTIONS)
    assert list(table.columns) == list(LAG_COLUMNS)
    assert table["lag"].tolist() == pytest.approx(np.arange(11) / 10)
    assert abs(chosen_lag(table) - planted) <= 0.15
    best = table.loc[table["chosen"]].iloc[0]
    assert table["chosen"].sum() == 1 and best["score"] == table["score"].max() > 0.5
    assert best["score"] == pytest.approx((best["ccc_valence"] + best["ccc_arousal"]) / 2)


def test_estimate_lag_of_raters_who_differ_is_between_theirs(plant):
    faces, ratings, crops = plant
    table = estimate_lag(faces, ratings([0.2, 0.25, 0.3, 0.35, 0.4]), crops, **OPTIONS)
    assert abs(chosen_lag(table) - 0.3) <= 0.15


def test_estimate_lag_same_seed_gives_the_same_table(plant):
    faces, ratings, crops = plant
    first, second, other = (
        estimate_lag(faces, ratings(0.3), crops, **OPTIONS | {"n_faces": 300}, seed=seed)
        for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first, second)
    assert not first["score"].equals(other["score"])


def test_estimate_lag_uses_the_row_of_the_crop_and_not_the_place_in_the_table(plant):
    faces, ratings, crops = plant
    kept = faces.sample(frac=0.9, random_state=0)  # in another order, and some left out
    table = estimate_lag(kept, ratings(0.3), crops, **OPTIONS)
    assert table["score"].max() > 0.5 and abs(chosen_lag(table) - 0.3) <= 0.15


def test_estimate_lag_a_dimension_that_nobody_rated_is_undefined(plant):
    faces, ratings, crops = plant
    table = estimate_lag(faces, ratings(0.3).assign(arousal=np.nan), crops, **OPTIONS)
    assert table["ccc_arousal"].isna().all()
    assert table["score"].equals(table["ccc_valence"].rename("score"))
    still = estimate_lag(faces, ratings(0.3).assign(arousal=0.1), crops, **OPTIONS)
    assert still["ccc_arousal"].isna().all() and abs(chosen_lag(still) - 0.3) <= 0.15


def test_estimate_lag_longer_than_was_tried_warns(plant):
    faces, ratings, crops = plant
    with pytest.warns(UserWarning, match="longest lag that was tried, 0.3 s; set matching.max_lag"):
        estimate_lag(faces, ratings(0.8), crops, **OPTIONS | {"max_lag": 0.3})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimate_lag(faces, ratings(0.3), crops, **OPTIONS)


def test_estimate_lag_without_people_or_without_a_sign_of_them_raises(plant):
    faces, ratings, crops = plant
    alone = faces[faces["person"] == "track0"]
    with pytest.raises(InputError, match=r"faces of 1 people .*; set matching.lag to a number"):
        estimate_lag(alone, ratings(0.3), crops, **OPTIONS)
    with pytest.raises(InputError, match="only 0 faces of 0 people"):
        estimate_lag(faces, ratings(0.3), crops, **OPTIONS | {"max_lag": 20.0})
    with pytest.raises(InputError, match="at no lag can ratings be predicted"):
        estimate_lag(faces, ratings(0.3).assign(valence=0.1, arousal=0.2), crops, **OPTIONS)


def test_faces_are_drawn_evenly_from_people():
    people = pd.Series(["a"] * 100 + ["b"] * 3 + ["c"] * 50)
    drawn = lag_module._draw(people, 23, np.random.default_rng(0))
    assert people.iloc[drawn].value_counts().to_dict() == {"a": 10, "b": 3, "c": 10}
    assert len(set(drawn)) == 23
    everybody = lag_module._draw(people, 1000, np.random.default_rng(0))
    assert everybody.tolist() == list(range(153))


def test_concordance_is_that_of_the_metrics():
    generator = np.random.default_rng(0)
    truth = generator.normal(size=(50, 4)) * [1, 2, 0.1, 0]
    prediction = truth + generator.normal(size=(50, 4)) + 0.3
    found = lag_module._concordance(truth, prediction)
    for column in range(3):
        assert found[column] == pytest.approx(ccc(truth[:, column], prediction[:, column]))
    assert np.isnan(found[3])
