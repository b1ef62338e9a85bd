"""Filming a moment again: the same picture, and one that differs where action units act."""

import av
import numpy as np
import pandas as pd
import pytest

from emolib.data.crops import crop_face
from emolib.errors import InputError
from emolib.interpretation.pointing import moved_region
from emolib.simulation.corpus import write_corpus
from emolib.simulation.restage import open_restaging


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    write_corpus(folder, n_videos=3, n_pairs=1, duration=4.0, seed=11, progress=False)
    return folder


def picture(corpus, video, number):
    with av.open(str(corpus / "videos" / f"{video}.mp4")) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index == number:
                return frame.to_ndarray(format="rgb24")
    raise AssertionError("no such picture")


def truth(corpus):
    files = sorted((corpus / "truth").glob("*.parquet"))
    return pd.concat(pd.read_parquet(file).assign(video=file.stem) for file in files)


def test_picture_filmed_again_is_that_of_the_video(corpus):
    restaging = open_restaging(corpus)
    for row in truth(corpus).groupby("track").nth(40).itertuples():
        again, at_rest = restaging.pictures(row.track, row.time + 0.001)
        original = picture(corpus, row.video, row.frame)
        assert again.shape == at_rest.shape == original.shape
        box = (row.x, row.y, row.w, row.h)
        faces = [crop_face(np.ascontiguousarray(x), box, 72).ravel() for x in (again, original)]
        assert np.corrcoef(*faces)[0, 1] > 0.97


def test_only_the_face_of_the_person_changes_and_more_the_more_it_shows(corpus):
    restaging = open_restaging(corpus)
    table = truth(corpus)
    units = [name for name in table if name.startswith("au")]
    table["shown"] = table[units].abs().sum(axis=1)
    pair = table[table["track"].str.contains("_left")]
    row = pair.loc[pair.reset_index(drop=True)["shown"].idxmax() == np.arange(len(pair))].iloc[0]
    again, at_rest = restaging.pictures(row["track"], row["time"])
    columns = np.flatnonzero((again != at_rest).any(axis=(0, 2)))
    other = table[(table["track"] == row["track"].replace("left", "right"))].iloc[0]
    assert len(columns) and columns.max() < other["x"] + 0.3 * other["w"]


def test_region_lies_within_the_face_and_is_a_small_part(corpus):
    restaging, table = open_restaging(corpus), truth(corpus)
    row = table.sort_values("au12").iloc[-1]
    region = moved_region(
        restaging, row["track"], row["time"], (row["x"], row["y"], row["w"], row["h"]), 72
    )
    assert 0.005 < region.mean() < 0.5


def test_what_cannot_be_filmed_again_is_refused(corpus, tmp_path):
    restaging = open_restaging(corpus)
    with pytest.raises(InputError, match="no track 'video99'"):
        restaging.pictures("video99", 0.0)
    with pytest.raises(InputError, match="9.0 s is not within its 4.0 s"):
        restaging.pictures(truth(corpus)["track"].iloc[0], 9.0)
    with pytest.raises(InputError, match="holds no simulated corpus"):
        open_restaging(tmp_path)
