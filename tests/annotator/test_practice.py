import pandas as pd
import pytest

from emolib.annotator import prose
from emolib.annotator.practice import choose_video, practice_folder, video_files
from emolib.annotator.tasks import TASK_COLUMNS
from emolib.errors import InputError
from emolib.evaluation.formatting import format_table

PEOPLE = pd.DataFrame(
    {
        "track": ["b", "a_left", "a_right"],
        "video": ["b", "a", "a"],
        "person": ["eve", "ann", "ben"],
        "part": "",
    }
)


@pytest.fixture
def videos(tmp_path):
    (tmp_path / "corpus").mkdir()
    for name in ("b.mp4", "a.avi"):
        (tmp_path / "corpus" / name).write_bytes(name.encode())
    return pd.DataFrame(
        {
            "video": ["b", "a", "pictures"],
            "path": ["corpus/b.mp4", "corpus/a.avi", "corpus/pictures"],
            "sha256": ["2", "1", "3"],
        }
    )


def test_practice_folder_links_to_videos_and_lists_people(videos, tmp_path):
    folder = practice_folder(tmp_path / "annotate", videos, PEOPLE, tmp_path, 5)
    assert {name: path.read_bytes() for name, path in video_files(folder).items()} == {
        "a": b"a.avi",
        "b": b"b.mp4",
    }
    assert set(pd.read_csv(folder / "people.csv")["track"]) == {"a_left", "a_right", "b"}


def test_practice_folder_keeps_what_was_annotated(videos, tmp_path):
    folder = practice_folder(tmp_path / "annotate", videos, PEOPLE, tmp_path, 1)
    assert list(video_files(folder)) == ["a"]
    (folder / "people.csv").write_text("track,video,person\na_left,a,somebody\n")
    assert practice_folder(tmp_path / "annotate", videos, PEOPLE, tmp_path, 1) == folder
    assert "somebody" in (folder / "people.csv").read_text()
    changed = videos.assign(sha256=["2", "9", "3"])
    assert practice_folder(tmp_path / "annotate", changed, PEOPLE, tmp_path, 1) != folder


def test_corpus_of_pictures_has_nothing_to_annotate(videos, tmp_path):
    folder = practice_folder(tmp_path / "annotate", videos.tail(1), PEOPLE, tmp_path, 5)
    assert video_files(folder) == {}
    assert "needs video files" in prose.tasks_sentence(prose.NO_TASKS, "ann")
    assert prose.tasks_table(prose.NO_TASKS).empty


def test_first_unfinished_video_is_opened(tmp_path):
    files = {name: tmp_path / name for name in "abcd"}
    rows = [("a", True, 3, "broken"), ("b", True, 3, ""), ("c", True, 2, ""), ("d", False, 0, "")]
    tasks = pd.DataFrame(rows, columns=["video", "marked", "reviews", "problem"])
    assert choose_video(files, tasks) == files["c"]
    assert choose_video(files, tasks.head(2)) == files["b"]
    assert choose_video(files, tasks.head(1)) is None
    assert choose_video({}, prose.NO_TASKS) is None
    assert choose_video(files, tasks, "a") == files["a"]
    with pytest.raises(InputError, match="no video 'e'; there are a, b, c, d"):
        choose_video(files, tasks, "e")


def test_missing_folder_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        video_files(tmp_path / "nowhere")


def test_tasks_are_told_in_words():
    row = {"video": "a", "duration": 90.0, "watched": True, "marked": True, "reviews": 3}
    more = {"coverage_categories": 0.256, "coverage_dimensions": 0.0, "notes": 0, "problem": ""}
    changed = pd.Timestamp("2026-01-02 03:04:05", tz="UTC")
    tasks = pd.DataFrame(
        [
            {**row, **more, "last_change": changed},
            {**row, **more, "video": "b", "reviews": 2, "last_change": pd.NaT},
        ]
    ).astype(TASK_COLUMNS)
    assert "begun 1 and finished 1" in prose.tasks_sentence(tasks, "ann")
    assert prose.tasks_sentence(tasks[:1], "ann") == (
        "There is 1 video, 1.5 minutes in all; ann has finished it."
    )
    fresh = tasks.assign(last_change=pd.NaT, reviews=0)
    assert "ann has begun none of them." in prose.tasks_sentence(fresh, "ann")
    assert "ann has not begun it." in prose.tasks_sentence(fresh[:1], "ann")
    begun = prose.tasks_sentence(tasks.assign(reviews=0), "ann")
    assert "begun 1 and finished none of them." in begun
    table = prose.tasks_table(tasks)
    assert table["with category (%)"].tolist() == [26, 26]
    assert table["last change"].tolist() == ["2026-01-02 03:04", "never"]
    assert table["watched"].tolist() == ["yes", "yes"]
    assert "problem" not in table
    broken = tasks.assign(problem=["", "no video"], coverage_categories=[0.256, None])
    printed = format_table(prose.tasks_table(broken), decimals=1)
    assert printed["Problem"].tolist() == ["", "no video"]
    assert printed["With category (%)"].tolist() == ["26", "–"]
