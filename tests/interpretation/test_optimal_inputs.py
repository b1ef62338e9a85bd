"""Optimal inputs of a toy network: they beat its real faces, repeat, and are judged as shown."""

import numpy as np
import pandas as pd
import pytest

from emolib.errors import InputError
from emolib.interpretation import activation_tables as tables
from emolib.interpretation import optimal_inputs, real_faces
from emolib.interpretation.keyframes import KeyframeScores
from emolib.interpretation.objectives import objective_table, unit_objectives
from emolib.interpretation.optimal_inputs import FILM, WAYS

UNITS = list(unit_objectives(["category", "dimensional"]))


@pytest.fixture(scope="module", name="real")
def _real(toy_run, tmp_path_factory):
    """Return real faces of two people: nearly plain pictures of any brightness."""
    folder, rng, tables = tmp_path_factory.mktemp("crops"), np.random.default_rng(1), []
    for person, split in (("a", "train"), ("b", "test")):
        plain = rng.uniform(118, 137, (18, 1, 1, 3)) + rng.normal(0, 5, (18, 16, 16, 3))
        np.save(folder / f"{person}.npy", plain.astype(np.uint8))
        faces = {"track": person, "person": person, "split": split}
        faces |= {"time": np.arange(18) / 30, "row": np.arange(18)}
        tables.append(pd.DataFrame(faces))
    faces = pd.concat(tables, ignore_index=True)
    return optimal_inputs.show_real_faces(toy_run, faces, folder, seed=1, most_computed=6)


@pytest.fixture(scope="module", name="stills")
def _stills(toy_run, real):
    return optimal_inputs.optimal_stills(toy_run, real, steps=40, seed=1, precision="float32")


def test_real_faces_are_shown_still_and_moving(real):
    assert len(real.stills) == len(real.faces) == len(real.pictures) == 36
    assert len(real.films) == 6 and list(real.films) == UNITS
    train = (real.faces["split"] == "train").to_numpy()
    np.testing.assert_allclose(real.mean_face, real.pictures[train].mean(axis=0))


def test_every_unit_is_maximised_in_every_way(stills):
    assert set(zip(stills.table["unit"], stills.table["way"], strict=True)) == {
        (unit, way) for unit in UNITS for way in WAYS
    }
    assert stills.pictures.shape == (len(stills.table), 1, 16, 16, 3)
    assert stills.pictures.dtype == np.uint8


def test_pictures_exceed_real_faces(stills):
    trained = stills.table[stills.table["way"] != "shuffled"]
    assert trained["exceeds"].mean() > 0.8


def test_reached_is_what_the_shown_picture_reaches(toy_run, stills):
    chosen = (stills.table["way"] != "shuffled").to_numpy()
    answers = KeyframeScores(toy_run, "float32").evaluate(stills.pictures[chosen])
    own = objective_table(answers).to_numpy()
    table = stills.table[chosen].reset_index(drop=True)
    expected = [own[row, UNITS.index(unit)] for row, unit in enumerate(table["unit"])]
    np.testing.assert_allclose(table["activation"], expected, rtol=1e-4, atol=1e-5)


def test_scale_is_that_of_real_faces(real, stills):
    row = stills.table[stills.table["unit"] == "fear"].iloc[0]
    median, high = np.percentile(real.stills["fear"], [50, 99])
    assert row["relative"] == pytest.approx((row["activation"] - median) / (high - median))
    assert row["exceeds"] == (row["activation"] > high)
    assert row["kept"] == pytest.approx(
        (row["moved"] - median) / (row["activation"] - median), nan_ok=True
    )


def test_control_is_held_against_what_it_says_itself(stills):
    rows = stills.table[stills.table["unit"] == "fear"].set_index("way")
    assert rows.loc["shuffled", "high"] != rows.loc["pixels", "high"]
    assert rows["wins"].isin([0, 1]).all()
    assert stills.table.loc[stills.table["unit"] == "valence up", "wins"].isna().all()


def test_same_seed_gives_the_same_pictures(toy_run, real):
    options = {"steps": 2, "ways": ("noise, seed 1", "mean face"), "precision": "float32"}
    first, again, other = (
        optimal_inputs.optimal_stills(toy_run, real, seed=seed, **options) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.pictures, again.pictures)
    assert (first.pictures != other.pictures).any()


def test_films_have_different_frames_and_are_held_against_films(toy_run, real):
    films = optimal_inputs.optimal_films(
        toy_run, real, frames=3, steps=20, seed=1, precision="float32"
    )
    assert films.pictures.shape == (len(UNITS), 3, 16, 16, 3)
    assert (films.pictures[:, 0] != films.pictures[:, 2]).any(axis=(1, 2, 3)).all()
    assert (films.table["way"] == FILM).all()
    answers = KeyframeScores(toy_run, "float32").evaluate(films.pictures[:, ::-1])
    np.testing.assert_allclose(
        films.table["backwards"], np.diag(objective_table(answers)), rtol=1e-4, atol=1e-5
    )
    reference = real_faces.percentiles(real.films)
    np.testing.assert_allclose(films.table["high"], reference["high"])
    table, pictures = tables.film_sheet({"combined": films})
    assert table["row"].unique().tolist() == UNITS and len(pictures) == 3 * len(UNITS)
    assert tables.film_sheet({"a": films, "b": films})[0]["row"].iloc[0] == "a: neutral"


def test_film_longer_than_a_sequence_is_refused(toy_run, real):
    with pytest.raises(InputError, match="frames=7: a film has 1 to 6"):
        optimal_inputs.optimal_films(toy_run, real, frames=7, steps=1, seed=1)


def test_sheet_shows_each_way_and_the_favourite_faces(real, stills):
    table, pictures = tables.still_sheet(stills, real)
    assert len(table) == len(pictures) == len(UNITS) * (len(WAYS) + 3)
    chosen = ((table["row"] == "fear") & (table["column"] == "real 1")).to_numpy()
    best = int(real.stills["fear"].argmax())
    np.testing.assert_array_equal(pictures[chosen][0], real.pictures[best])
    assert table["column"].unique().tolist() == [
        *("noise 1", "noise 2", "mean face", "pixels", "shuffled", "real 1", "real 2", "real 3")
    ]


def test_tables_hold_every_kind_in_order(stills):
    reached = tables.reached_table({"category": stills}, {"combined": stills, "category": stills})
    assert reached["kind"].unique().tolist() == ["category-only", "combined"]
    assert len(reached) == 3 * len(stills.table)
    printed = tables.printed_table(tables.reached_table({"combined": stills}))
    assert printed["unit"].tolist() == UNITS
    own = stills.table[(stills.table["unit"] == "fear")].set_index("way")["activation"]
    row = printed[printed["unit"] == "fear"].iloc[0]
    assert row["noise (mean)"] == pytest.approx((own["noise, seed 1"] + own["noise, seed 2"]) / 2)
    assert row["mean face"] == own["mean face"]


def test_tables_of_no_network_are_empty():
    assert tables.reached_table({}, {}).empty
    assert tables.printed_table(tables.reached_table({})).empty
    table, pictures = tables.film_sheet({})
    assert table.empty and len(pictures) == 0
    assert tables.likeness({}).empty


def test_likeness_tells_units_from_seeds():
    rng = np.random.default_rng(1)
    patterns = {"fear": rng.normal(size=(8, 8, 3)), "anger": rng.normal(size=(8, 8, 3))}
    table = pd.DataFrame(
        [(unit, way) for way in ("noise, seed 1", "noise, seed 2", "pixels") for unit in patterns],
        columns=["unit", "way"],
    )
    pictures = [
        np.clip(128 + 40 * (patterns[unit] + 0.3 * rng.normal(size=(8, 8, 3))), 0, 255)
        for unit in table["unit"]
    ]
    found = optimal_inputs.OptimalInputs(table, np.array(pictures)[:, None].astype(np.uint8))
    (row,) = tables.likeness({"combined": found}).itertuples()
    assert row.same_unit > 0.8 and abs(row.other_units) < 0.3
    assert row.low <= row.same_unit <= row.high and (row.apart, row.units) == (2, 2)
    alike = optimal_inputs.OptimalInputs(table, found.pictures[[0] * len(table)])
    assert tables.likeness({"combined": alike})["apart"].tolist() == [0]
