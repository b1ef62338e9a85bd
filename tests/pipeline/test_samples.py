"""Tests of `emolib.pipeline.samples`: raters, lag and parts as a configuration asks for them."""

import cv2
import numpy as np
import pandas as pd
import pytest

from emolib import pipeline
from emolib.config import load_config
from emolib.data.matching import match
from emolib.errors import InputError
from emolib.storage import read_json, record_path, write_array, write_table
from emolib.workspace import Workspace

LAG = 0.4
PEOPLE = [f"p{number}" for number in range(9)]
SECONDS = 12


def movement(times, phase):
    return (np.sin(1.1 * times + phase) + np.sin(2.7 * times - 2 * phase)) / 2


def bar(valence, arousal):
    """Return a crop whose bar turns with valence, and which is longer where arousal is high."""
    crop = np.full((32, 32, 3), 90, np.uint8)
    reach = np.array([np.cos(valence), np.sin(valence)]) * (8 + 4 * arousal)
    ends = [tuple(int(16 * x) for x in 16 + sign * reach) for sign in (-1, 1)]
    cv2.line(crop, *ends, (200, 200, 200), 3, cv2.LINE_AA, 4)
    return crop


@pytest.fixture
def workspace(tmp_path):
    """Return a function that makes a workspace with matched people, given more settings."""
    (tmp_path / "corpus").mkdir()
    base = "corpus: {kind: folder, path: corpus}\nemotions: [neutral, happiness]\n"

    def make(settings=""):
        config = tmp_path / "mine.yaml"
        config.write_text(base + settings)
        return Workspace(load_config(config), tmp_path / "build")

    fill(make())
    return make


def fill(workspace):
    faces, traces, intervals = [], [], []
    times = np.arange(0, SECONDS, 1 / 15)
    generator = np.random.default_rng(0)
    for number, name in enumerate(PEOPLE):
        phase = 1.7 * number
        shown = [movement(times, phase), movement(times, phase + 9)]
        write_array(
            np.array([bar(v, a) for v, a in zip(*shown, strict=True)]),
            workspace.crops / f"{name}.npy",
        )
        faces.append(pd.DataFrame({"track": name, "video": name, "person": name, "time": times}))
        stamps = np.sort(generator.uniform(0, SECONDS, 25 * SECONDS))
        late = stamps - LAG
        traces.append(
            pd.DataFrame(
                {
                    "track": name,
                    "time": stamps,
                    "valence": movement(late, phase),
                    "arousal": movement(late, phase + 9),
                }
            )
        )
        half = SECONDS / 2
        intervals.append(
            pd.DataFrame(
                {
                    "track": name,
                    "start": [0.0, half],
                    "end": [half, float(SECONDS)],
                    "emotion": ["neutral", "happiness"],
                }
            )
        )
    faces = pd.concat(faces, ignore_index=True)
    faces["frame"] = (faces["time"] * 30).round().astype(int)
    faces = faces.assign(x=0.0, y=0.0, w=9.0, h=9.0, confidence=1.0, status="auto")
    write_table(faces, workspace.faces)
    write_table(pd.concat(traces).assign(rater="r"), workspace.dimensional)
    write_table(pd.concat(intervals).assign(rater="r", **{"pass": 1}), workspace.categorical)
    people = pd.DataFrame({"track": PEOPLE, "video": PEOPLE, "person": PEOPLE, "part": ""})
    write_table(people, workspace.people)


def part_of(samples):
    return samples.groupby("person")["split"].first().to_dict()


def test_an_estimated_lag_is_that_of_the_raters_and_leaves_the_split_as_it_was(workspace):
    without = pipeline.match_and_split(workspace())
    made = workspace("matching: {lag: estimate, max_lag: 1.0}\n")
    samples = pipeline.match_and_split(made)
    table = pd.read_parquet(made.samples.with_name("lag.parquet"))
    lag = table.loc[table["chosen"], "lag"].item()
    assert abs(lag - LAG) <= 0.15
    assert part_of(samples) == part_of(without)
    assert read_json(record_path(made.samples))["lag"] == lag
    expected, _ = match(
        made.load("faces"), made.load("dimensional"), made.load("categorical"),
        max_distance=0.1, lag=lag,
    )  # fmt: skip
    np.testing.assert_array_equal(samples["valence"], expected["valence"])
    assert not samples["valence"].equals(without["valence"])


def test_a_lag_is_estimated_without_those_who_validate_or_test(workspace):
    made = workspace("matching: {lag: estimate, max_lag: 1.0}\n")
    samples = pipeline.match_and_split(made)
    table = pd.read_parquet(made.samples.with_name("lag.parquet"))
    for person, part in part_of(samples).items():
        if part != "train":  # whatever they look like
            write_array(np.zeros((180, 32, 32, 3), np.uint8), made.crops / f"{person}.npy")
    pipeline.match_and_split(made)
    again = pd.read_parquet(made.samples.with_name("lag.parquet"))
    pd.testing.assert_frame_equal(table, again)


def test_tables_of_settings_that_are_no_longer_asked_for_go(workspace):
    made = workspace("matching: {lag: estimate, max_lag: 1.0}\nraters: {fuse: mean}\n")
    pipeline.match_and_split(made)
    names = ("lag.parquet", "raters.parquet")
    assert all(made.samples.with_name(name).exists() for name in names)
    pipeline.match_and_split(workspace())
    assert not any(made.samples.with_name(name).exists() for name in names)


def test_no_lag_changes_who_is_in_which_part(workspace):
    splits = [
        part_of(pipeline.match_and_split(workspace(f"matching: {{lag: {lag}}}\n")))
        for lag in (0, 0.4, 5)
    ]
    assert splits[0] == splits[1] == splits[2]


def two_raters(workspace):
    dimensional, categorical = workspace.load("dimensional"), workspace.load("categorical")
    other = dimensional.assign(rater="s", valence=dimensional["valence"] / 2)
    write_table(pd.concat([dimensional, other]), workspace.dimensional)
    moved = categorical.assign(rater="s", start=categorical["start"] + 1.0)
    write_table(pd.concat([categorical, moved]), workspace.categorical)


def test_several_raters_are_fused_where_the_configuration_says_so(workspace):
    plain = pipeline.match_and_split(workspace())
    made = workspace("raters: {fuse: mean}\n")
    two_raters(made)
    samples = pipeline.match_and_split(made)
    np.testing.assert_allclose(samples["valence"], plain["valence"] * 0.75)
    first = samples[samples["track"] == "p0"]
    unnamed = first.loc[first["emotion"] == "", "time"]
    # For a second, at the start and in the middle, only one rater of two names an emotion.
    assert ((unnamed < 1.0) | ((unnamed >= 6.0) & (unnamed < 7.0))).all() and len(unnamed) == 30
    raters = pd.read_parquet(made.samples.with_name("raters.parquet"))
    assert raters["rater"].tolist() == ["r", "s", "r", "s"] and set(raters["weight"]) == {1.0}


def test_several_raters_who_are_not_fused_are_an_error_that_says_how(workspace):
    made = workspace()
    two_raters(made)
    with pytest.raises(InputError, match="annotated 2 times .* set raters.fuse to mean or ewe"):
        pipeline.match_and_split(made)


def test_folds_test_everybody_once(workspace):
    tested = []
    for fold in range(3):
        samples = pipeline.match_and_split(workspace(f"split: {{folds: 3, fold: {fold}}}\n"))
        tested += [person for person, part in part_of(samples).items() if part == "test"]
    assert sorted(tested) == PEOPLE


LISTS = "split: {lists: {train: train.txt, validation: validation.txt, test: test.txt}}\n"


def write_lists(workspace, **people):
    for part, names in people.items():
        (workspace.corpus / f"{part}.txt").write_text("\n".join(names))


def test_lists_are_files_of_the_corpus(workspace):
    made = workspace(LISTS)
    write_lists(made, train=PEOPLE[:4], validation=PEOPLE[4:6], test=PEOPLE[6:8])
    with pytest.warns(UserWarning, match="in no list, and so in no part: p8"):
        samples = pipeline.match_and_split(made)
    parts = ["train"] * 4 + ["validation"] * 2 + ["test"] * 2 + [""]
    assert part_of(samples) == dict(zip(PEOPLE, parts, strict=True))
    balance = pd.read_parquet(made.balance).set_index("split")
    assert balance["n_people"].to_dict() == {"train": 4, "validation": 2, "test": 2, "all": 8}


def test_a_part_without_labelled_faces_is_refused(workspace):
    made = workspace(LISTS)
    write_lists(made, train=PEOPLE[:4], validation=PEOPLE[4:8], test=PEOPLE[8:])
    categorical = made.load("categorical")
    write_table(categorical[categorical["track"] != "p8"], made.categorical)
    with pytest.raises(InputError, match="nobody in test has a face with both"):
        pipeline.match_and_split(made)


def test_parts_of_the_corpus_are_taken_where_the_configuration_says_so(workspace):
    made = workspace("split: {lists: corpus}\n")
    people = made.load("people")
    parts = ["test", "validation", "train"] * 3
    write_table(people.assign(part=parts), made.people)
    samples = pipeline.match_and_split(made)
    assert part_of(samples) == dict(zip(PEOPLE, parts, strict=True))


def test_a_category_that_nobody_shows_is_named_with_those_that_there_are(workspace):
    made = workspace("emotions: [neutral, fear, happiness]\n")
    with pytest.raises(InputError, match=r"asks for fear, .* there is: \[neutral, happiness\]"):
        pipeline.match_and_split(made)
