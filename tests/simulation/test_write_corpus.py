import hashlib
import shutil

import av
import numpy as np
import pandas as pd
import pytest

from emolib.errors import InputError
from emolib.labels import EMOTIONS
from emolib.simulation import corpus as writer
from emolib.simulation.action_units import ACTION_UNITS
from emolib.simulation.corpus import write_corpus
from emolib.simulation.plan import plan_corpus

SETTINGS = {"n_videos": 3, "n_pairs": 1, "duration": 4.0, "seed": 11, "progress": False}
SIZES = {1: (320, 240), 2: (480, 270)}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    write_corpus(folder, **SETTINGS)
    return folder


def fingerprints(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def read_dimensional(folder, row):
    """Read an annotation file by the manifest alone; return seconds, valence and arousal."""
    text = (folder / row.file).read_text().splitlines()
    separator = "," if row.delimiter == "comma" else None
    cells = [line.split(separator) for line in text]
    names = row.columns.split() if row.columns else cells.pop(0)
    values = np.array(cells, float).T
    table = dict(zip(names, values, strict=True))
    times = table.get("time", table.get("timestamp")) / {"s": 1, "ms": 1000}[row.time_unit]
    return times, table["valence"] / row.scale, table["arousal"] / row.scale


def manifest_rows(folder, content):
    table = pd.read_csv(folder / "annotations.csv", keep_default_na=False)
    return list(table[table["content"] == content].itertuples())


def truth_of(folder, track):
    table = pd.read_parquet(folder / "truth" / f"{track.split('_')[0]}.parquet")
    return table[table["track"] == track]


def test_interrupted_run_resumes_to_the_same_files(corpus, tmp_path, monkeypatch):
    made = []
    original = writer.shoot

    def interrupted(*arguments):
        if made:
            raise KeyboardInterrupt
        made.append(arguments)
        return original(*arguments)

    monkeypatch.setattr(writer, "shoot", interrupted)
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / "video99.mp4").write_text("of an earlier corpus")
    with pytest.raises(KeyboardInterrupt):
        write_corpus(tmp_path, **SETTINGS)
    assert not (tmp_path / "README.md").exists()
    before = (tmp_path / "videos" / "video01.mp4").stat().st_mtime_ns
    monkeypatch.setattr(writer, "shoot", original)
    write_corpus(tmp_path, **SETTINGS, jobs=2)
    assert (tmp_path / "videos" / "video01.mp4").stat().st_mtime_ns == before
    assert fingerprints(tmp_path) == fingerprints(corpus)


def test_complete_corpus_is_not_made_again(corpus, monkeypatch):
    before = fingerprints(corpus)
    written = (corpus / "README.md").stat().st_mtime_ns
    monkeypatch.setattr(writer, "shoot", lambda *_: pytest.fail("nothing is missing"))
    write_corpus(corpus, **SETTINGS)
    assert fingerprints(corpus) == before
    assert (corpus / "README.md").stat().st_mtime_ns == written


def test_lost_file_is_made_again(corpus, monkeypatch):
    made = []

    def pretend(folder, video, *_):
        made.append(video.name)
        return writer.truth_path(folder, video)

    monkeypatch.setattr(writer, "shoot", pretend)
    lost = corpus / "annotations" / f"{pd.read_csv(corpus / 'people.csv')['track'][0]}_emotions.csv"
    content = lost.read_bytes()
    lost.unlink()
    write_corpus(corpus, **SETTINGS)
    lost.write_bytes(content)
    assert made == ["video01"]


def test_corpus_that_was_killed_while_it_changed_is_made_again_when_it_changes_back(
    corpus, tmp_path, monkeypatch
):
    """A video of the other people must not pass for the one that its record tells of."""
    made, folder = [], tmp_path / "corpus"
    shutil.copytree(corpus, folder)

    def killed(folder, video, *_):
        (folder / "videos" / f"{video.name}.mp4").write_text("of other people")
        raise KeyboardInterrupt

    def pretend(folder, video, *_):
        made.append(video.name)
        return writer.truth_path(folder, video)

    monkeypatch.setattr(writer, "shoot", killed)
    with pytest.raises(KeyboardInterrupt):
        write_corpus(folder, **SETTINGS, rest=0.2)
    monkeypatch.setattr(writer, "shoot", pretend)
    write_corpus(folder, **SETTINGS)
    assert "video01" in made


def test_manifest_names_every_annotation_file(corpus):
    listed = set(pd.read_csv(corpus / "annotations.csv")["file"])
    present = {str(path.relative_to(corpus)) for path in (corpus / "annotations").iterdir()}
    assert listed == present
    tracks = pd.read_csv(corpus / "people.csv")["track"]
    assert len(listed) == 2 * len(tracks) == 8


def test_people_and_videos_agree(corpus):
    videos, people = pd.read_csv(corpus / "videos.csv"), pd.read_csv(corpus / "people.csv")
    assert people.groupby("video").size().to_dict() == dict(
        zip(videos["video"], videos["people"], strict=True)
    )
    assert sorted(videos["people"]) == [1, 1, 2]
    assert people["person"].is_unique
    pair = people[people.duplicated("video", keep=False)]
    assert [track.split("_")[1] for track in pair["track"]] == ["left", "right"]


def test_videos_decode_to_the_frames_of_the_truth(corpus):
    for row in pd.read_csv(corpus / "videos.csv").itertuples():
        truth = pd.read_parquet(corpus / "truth" / f"{row.video}.parquet")
        with av.open(str(corpus / row.file)) as container:
            stream = container.streams.video[0]
            times = [frame.time for frame in container.decode(stream)]
            assert (stream.width, stream.height) == SIZES[row.people]
            assert not container.streams.audio
        np.testing.assert_allclose(times, truth["time"].unique(), atol=1e-3)
        assert len(truth) == row.people * len(times)


def test_truth_boxes_lie_inside_the_frame_and_apart(corpus):
    for row in pd.read_csv(corpus / "videos.csv").itertuples():
        truth = pd.read_parquet(corpus / "truth" / f"{row.video}.parquet")
        width, height = SIZES[row.people]
        assert truth["x"].min() >= 0 and (truth["x"] + truth["w"]).max() <= width
        assert truth["y"].min() >= 0 and (truth["y"] + truth["h"]).max() <= height
        if row.people == 2:
            sides = [truth[truth["track"].str.endswith(side)] for side in ("_left", "_right")]
            units = sides[0]["w"].to_numpy() / 2.13
            gap = (sides[1]["x"].to_numpy() - sides[0]["x"].to_numpy()) / units
            assert gap.min() > 1.6


def test_one_pair_is_close_and_frame_rates_are_mixed():
    videos, _ = plan_corpus(20, 3, 4, 0, EMOTIONS)
    assert sum(len(video.roles) == 2 for video in videos) == 3
    assert [len(video.roles) for video in videos if video.close] == [2]
    rates = [round(float(video.frame_rate), 2) for video in videos]
    assert {rate: rates.count(rate) for rate in rates} == {24: 5, 25: 5, 29.97: 5, 30: 5}


def test_truth_holds_action_units_and_labels(corpus):
    for track in pd.read_csv(corpus / "people.csv")["track"]:
        truth = truth_of(corpus, track)
        shown = truth[[f"au{unit}" for unit in ACTION_UNITS]]
        assert shown.min().min() >= -0.3001 and shown.max().max() <= 1.2501
        assert set(truth["emotion"]) <= {"", *EMOTIONS}
        assert truth[["valence", "arousal"]].abs().max().max() <= 1


def test_annotations_follow_the_truth_with_a_lag(corpus):
    rows = manifest_rows(corpus, "dimensional")
    assert {(row.delimiter, row.time_unit, row.scale) for row in rows} == {
        ("comma", "s", 1),
        ("whitespace", "ms", 1000),
        ("comma", "ms", 1),
    }
    for row in rows:
        times, valence, arousal = read_dimensional(corpus, row)
        truth = truth_of(corpus, row.track)
        steps = np.diff(times)
        assert 1 / 45 < steps.min() < steps.max() < 0.2 and steps.std() > 0.005
        for rated, name in ((valence, "valence"), (arousal, "arousal")):
            assert np.abs(rated).max() <= 1
            errors = {
                lag: np.abs(np.interp(times - lag, truth["time"], truth[name]) - rated).mean()
                for lag in (-0.3, 0.0, 0.3)
            }
            assert errors[0.3] < 0.08
            assert errors[0.3] < errors[-0.3]


def test_intervals_are_ordered_and_agree_with_the_truth(corpus):
    for row in manifest_rows(corpus, "categorical"):
        table = pd.read_csv(corpus / row.file)
        assert list(table.columns) == ["start", "end", "emotion"]
        assert (table["start"] < table["end"]).all()
        assert (table["start"].to_numpy()[1:] > table["end"].to_numpy()[:-1]).all()
        truth = truth_of(corpus, row.track)
        for interval in table.itertuples():
            inner = truth[truth["time"].between(interval.start + 0.1, interval.end - 0.1)]
            assert set(inner["emotion"]) <= {interval.emotion}


def test_readme_says_simulated_and_how(corpus):
    text = (corpus / "README.md").read_text()
    assert "SIMULATED" in text and "seed: 11" in text
    assert "Shortcoming: " in text


def test_shortcoming_of_labels_is_logged(corpus, caplog):
    write_corpus(corpus, **SETTINGS)
    assert "people; 2 are wanted" in caplog.text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_videos": 2, "n_pairs": 0}, "n_videos is 2"),
        ({"n_videos": 3, "n_pairs": 4}, "n_pairs is 4"),
        ({"n_pairs": -1}, "n_pairs is -1"),
        ({"duration": 3.9}, "duration is 3.9"),
        ({"duration": float("nan")}, "duration is nan"),
        ({"emotions": ("neutral", "joy")}, "unknown emotion 'joy'"),
        ({"emotions": ("happiness", "fear")}, "start from neutral"),
        ({"emotions": ("neutral",)}, "at least one other"),
        ({"emotions": ()}, "empty"),
    ],
)
def test_write_corpus_bad_setting_raises(tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        write_corpus(tmp_path, **changes)
    assert not any(tmp_path.iterdir())
