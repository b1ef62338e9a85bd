import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emolib.annotator import exchange
from emolib.annotator.folders import journal_path
from emolib.annotator.importing import import_operations
from emolib.annotator.operations import Scene
from emolib.annotator.session import Session, read_state, visible_frames
from emolib.annotator.state import Interval, State, Trace
from emolib.annotator.tables import categorical_table, dimensional_table
from emolib.data.annotations import read_annotations
from emolib.errors import InputError

FRAMES = 300
WATCHED = {"do": "review", "kind": "watched", "coverage": 1.0, "seconds": 10.0}


@pytest.fixture
def corpus(tmp_path):
    folder = tmp_path / "corpus"
    (folder / "videos").mkdir(parents=True)
    (folder / "videos" / "clip.mp4").write_bytes(bytes(range(256)) * 40)
    return folder


def open_session(corpus, rater="ann", scene=None, tracks=("clip",)):
    scene = scene or Scene(FRAMES, {}, {})
    visible = {track: np.ones(FRAMES, dtype=bool) for track in tracks}
    return Session(corpus / "videos" / "clip.mp4", corpus, rater, scene, visible)


@pytest.fixture
def session(corpus):
    session = open_session(corpus)
    session.do(WATCHED)
    return session


def mark(name, start, end, emotion="happiness", track="clip", **more):
    fields = {"interval": name, "track": track, "start": start, "end": end, "emotion": emotion}
    return {"do": "add_interval", **fields, **more}


def spans(session):
    return sorted((one.start, one.end, one.emotion) for one in session.state.intervals.values())


def pieces(values, start=0.0, step=1 / 60, size=15, name="r1", track="clip"):
    """Return the operations that a recording of both dimensions sends."""
    operations, edges = [], range(0, len(values), size)
    for first in edges:
        part = values[first : first + size]
        begin = start + first * step
        samples = [[begin + i * step, v, a] for i, (v, a) in enumerate(part)]
        operations.append(
            {
                "do": "record",
                "recording": name,
                "track": track,
                "dimensions": ["valence", "arousal"],
                "start": begin,
                "end": start + (first + len(part)) * step,
                "samples": samples,
            }
        )
    return operations


def test_intervals_are_marked_changed_split_merged_and_deleted(session):
    session.do(mark("a", 10, 40))
    session.do({"do": "change_interval", "interval": "a", "end": 50, "emotion": "fear"})
    session.do({"do": "split_interval", "interval": "a", "at": 30, "right": "b"})
    assert spans(session) == [(10, 30, "fear"), (30, 50, "fear")]
    session.do({"do": "merge_intervals", "intervals": ["b", "a"]})
    assert spans(session) == [(10, 50, "fear")]
    session.do({"do": "delete_interval", "interval": "a"})
    assert spans(session) == []


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (mark("x", 10, 10), "holds no frame"),
        (mark("x", 290, 301), "holds no frame of this video, which has 300"),
        (mark("x", 1, 2, "contempt"), "'contempt' is none of neutral"),
        (mark("x", 1, 2, track="a/b"), "cannot be the name of a person"),
        (mark("there", 1, 2), "there is an interval 'there' already"),
        ({"do": "delete_interval", "interval": "gone"}, "is not there any more"),
        ({"do": "split_interval", "interval": "there", "at": 5, "right": "r"}, "cannot be split"),
        ({"do": "split_interval", "interval": "there", "at": 25, "right": "there"}, "already"),
        ({"do": "merge_intervals", "intervals": ["there"]}, "only two or more"),
        ({"do": "record", "recording": "r"}, "cannot be done"),
        ({"do": "dance"}, "unknown"),
        ({"do": "undo_all"}, "unknown"),
        (pieces([(0.0, 1.5)])[0], r"outside \[-1, 1\]"),
        (pieces([(0.0, float("nan"))])[0], "is no number"),
        ({"do": "correct_latency", "on": True}, "calibrate first"),
        ({"do": "review", "kind": "reviewed", "coverage": 1, "seconds": 1}, "finish marking"),
        ({"do": "note", "note": "n", "text": "  "}, "empty note"),
        ({"do": "redo"}, "nothing to redo"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence_and_changes_nothing(
    session, operation, message
):
    session.do(mark("there", 20, 30))
    before, size = session.state, journal_size(session)
    with pytest.raises(InputError, match=message):
        session.do(operation)
    assert session.state == before
    assert journal_size(session) == size


def journal_size(session):
    return journal_path(session.corpus, "clip", session.rater).stat().st_size


def test_nothing_is_marked_before_the_video_was_watched(corpus):
    session = open_session(corpus)
    with pytest.raises(InputError, match="watch the video from beginning to end first"):
        session.do(mark("a", 1, 2))
    assert session.view()["stage"] == "watch"
    session.do(WATCHED)
    session.do(mark("a", 1, 2))
    assert session.view()["stage"] == "mark"


def test_three_reviews_finish_a_video_and_are_the_pass_of_its_table(session):
    session.do(mark("a", 1, 2))
    session.do({"do": "review", "kind": "marked", "coverage": 1, "seconds": 60})
    for left in (3, 2, 1):
        assert (session.view()["stage"], session.view()["reviews_due"]) == ("refine", left)
        session.do({"do": "review", "kind": "reviewed", "coverage": 1, "seconds": 60})
    assert session.view()["stage"] == "done"
    assert categorical_table(session.state, "ann")["pass"].tolist() == [4]
    assert all(review.when for review in session.state.reviews)


def test_undo_and_redo_have_no_end_and_take_a_recording_as_one_step(session):
    for number in range(50):
        session.do(mark(f"i{number}", number, number + 1))
    for piece in pieces([(0.1, 0.2)] * 60):
        session.do(piece)
    full = session.state
    session.do({"do": "undo"})
    assert len(session.state.traces) == 0 and len(session.state.intervals) == 50
    for _ in range(50):
        session.do({"do": "undo"})
    assert not session.state.intervals
    for _ in range(51):
        session.do({"do": "redo"})
    assert same(session.state, full)
    session.do({"do": "undo"})
    session.do(mark("new", 100, 110))
    with pytest.raises(InputError, match="nothing to redo"):
        session.do({"do": "redo"})


def same(first: State, second: State) -> bool:
    traces = first.traces.keys() == second.traces.keys() and all(
        np.array_equal(first.traces[key].time, second.traces[key].time)
        and np.array_equal(first.traces[key].value, second.traces[key].value)
        and first.traces[key].stretches == second.traces[key].stretches
        for key in first.traces
    )
    return traces and first.put(traces={}) == second.put(traces={})


ACTIONS = st.one_of(
    st.tuples(st.just("add"), st.integers(0, 289), st.integers(1, 10)),
    st.tuples(st.just("change"), st.integers(0, 5), st.integers(1, 299)),
    st.tuples(st.just("delete"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("record"), st.integers(0, 8), st.integers(1, 40)),
    st.tuples(st.just("undo"), st.just(0), st.just(0)),
    st.tuples(st.just("redo"), st.just(0), st.just(0)),
)


@settings(max_examples=25)
@given(actions=st.lists(ACTIONS, max_size=15))
def test_a_session_that_is_opened_again_has_all_that_was_done(tmp_path_factory, actions):
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "videos").mkdir()
    (folder / "videos" / "clip.mp4").write_bytes(b"x")
    session = open_session(folder)
    session.do(WATCHED)
    names = []
    for number, (kind, first, second) in enumerate(actions):
        name = names[first % len(names)] if names else "none"
        try:
            if kind == "add":
                names.append(f"n{number}")
                session.do(mark(f"n{number}", first, first + second))
            elif kind == "change":
                session.do({"do": "change_interval", "interval": name, "end": second})
            elif kind == "delete":
                session.do({"do": "delete_interval", "interval": name})
            elif kind == "record":
                for piece in pieces([(0.0, second / 40)] * second, float(first), name=f"r{number}"):
                    session.do(piece)
            else:
                session.do({"do": kind})
        except InputError:
            pass
    again = open_session(folder)
    assert same(again.state, session.state)
    assert same(read_state(folder, "clip", "ann", FRAMES)[0], session.state)
    assert again.problems == []
    while True:  # back to the beginning, across sessions
        try:
            again.do({"do": "undo"})
        except InputError:
            break
    assert again.state == State()


def test_tables_are_what_the_pipeline_reads_to_the_frame(corpus):
    session = open_session(corpus, tracks=("clip_left", "clip_right"))
    session.do(WATCHED)
    frames = np.arange(FRAMES)
    edges = [(0, 1), (1, 2), (2, 64), (64, 111), (199, 300)]
    for number, (start, end) in enumerate(edges):
        session.do(mark(f"i{number}", start, end, track="clip_left"))
    values = [(np.sin(i / 9), np.cos(i / 7)) for i in range(90)]
    for piece in pieces(values, 1.0, track="clip_right"):
        session.do(piece)
    session.write()
    dimensional, categorical, problems = read_annotations(corpus)
    assert problems == []
    assert set(categorical["rater"]) == set(dimensional["rater"]) == {"ann"}
    times, held = frames / 30, np.zeros(FRAMES, dtype=int)
    for start, end in zip(categorical["start"], categorical["end"], strict=True):
        held += (times >= start) & (times < end)
    expected = np.zeros(FRAMES, dtype=int)
    for start, end in edges:
        expected[start:end] += 1
    assert np.array_equal(held, expected)
    assert dimensional["track"].unique().tolist() == ["clip_right"]
    assert np.allclose(dimensional["time"], 1.0 + np.arange(90) / 60, atol=1e-12)
    assert np.allclose(dimensional[["valence", "arousal"]], values, atol=1e-6)
    people = pd.read_csv(corpus / "people.csv")
    assert set(people["track"]) == {"clip_left", "clip_right"}
    assert pd.read_csv(corpus / "videos.csv").to_dict("records") == [{"video": "clip", "people": 2}]


def test_lists_keep_what_others_wrote_and_lose_tables_that_became_empty(corpus, session):
    session.do(mark("a", 1, 2))
    listed = pd.read_csv(corpus / "annotations.csv", dtype=str, keep_default_na=False)
    other = {name: "" for name in listed} | {"file": "theirs.csv", "track": "other"}
    pd.concat([pd.DataFrame([other]), listed]).to_csv(corpus / "annotations.csv", index=False)
    session.do({"do": "delete_interval", "interval": "a"})
    listed = pd.read_csv(corpus / "annotations.csv", dtype=str, keep_default_na=False)
    assert listed["file"].tolist() == ["theirs.csv"]
    assert not list((corpus / "annotations").glob("*.categorical.csv"))


def test_a_list_that_cannot_be_read_is_named_and_the_journal_keeps_the_change(corpus, session):
    (corpus / "people.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"people.csv: cannot be read"):
        session.do(mark("a", 1, 2))
    (corpus / "people.csv").unlink()
    assert spans(open_session(corpus)) == [(1, 2, "happiness")]


def test_dimensions_recorded_one_at_a_time_are_brought_together(session):
    def one(name, dimension, times, values):
        samples = [[t, v] for t, v in zip(times, values, strict=True)]
        fields = {"start": times[0], "end": times[-1], "samples": samples}
        return {"do": "record", "recording": name, "track": "clip", "dimensions": [dimension]} | (
            fields
        )

    session.do(one("v", "valence", [1.0, 2.0, 3.0], [0.0, 0.5, 1.0]))
    alone = dimensional_table(session.state, "ann")
    assert alone["valence"].tolist() == [0.0, 0.5, 1.0] and alone["arousal"].isna().all()
    session.do(one("a", "arousal", [1.5, 2.5, 4.0], [-1.0, 0.0, 0.3]))
    table = dimensional_table(session.state, "ann")
    assert table["time"].tolist() == [1.5, 2.0, 2.5, 3.0]
    assert np.allclose(table["valence"], [0.25, 0.5, 0.75, 1.0])
    assert np.allclose(table["arousal"], [-1.0, -0.5, 0.0, 0.1])


def test_a_stretch_is_recorded_again_and_nothing_else(session):
    for piece in pieces([(0.5, 0.5)] * 120):
        session.do(piece)
    for piece in pieces([(-0.5, -0.5)] * 30, 1.0, name="r2"):
        session.do(piece)
    trace = session.state.trace("clip", "valence")
    again = (trace.time >= 1.0 - 1e-9) & (trace.time < 1.5 - 1e-9)
    assert np.all(trace.value[again] == -0.5) and np.all(trace.value[~again] == 0.5)
    assert len(trace.time) == 120 and np.all(np.diff(trace.time) > 0)
    assert trace.stretches == ((0.0, 2.0, "hand"),)
    erase = {"do": "erase", "track": "clip", "dimensions": ["valence"], "start": 0.5, "end": 1.0}
    session.do(erase)
    assert session.state.trace("clip", "valence").stretches == ((0, 0.5, "hand"), (1, 2, "hand"))
    assert session.view()["traces"]["clip"]["covered"]["arousal"] == [[0.0, 2.0]]


def test_latency_is_subtracted_in_the_tables_and_never_in_the_journal(session):
    for piece in pieces([(0.5, 0.5)] * 60):
        session.do(piece)
    session.do({"do": "calibrate", "latency": 0.3, "spread": 0.02, "trials": 4})
    assert dimensional_table(session.state, "ann")["time"].iloc[0] == 0
    session.do({"do": "correct_latency", "on": True})
    times = dimensional_table(session.state, "ann")["time"]
    assert np.isclose(times.iloc[-1], 59 / 60 - 0.3) and times.iloc[0] >= 0
    assert session.state.trace("clip", "valence").time[0] == 0


def test_proposals_reach_a_table_only_when_taken_and_say_where_they_come_from(corpus):
    proposed = {name: Interval(name, "clip", 10, 40, "fear") for name in "pqr"}
    trace = Trace(np.arange(10) / 5, np.full(10, 0.25, np.float32), ((0.0, 1.8, ""),))
    scene = Scene(FRAMES, proposed, {("clip", name): trace for name in ("valence", "arousal")}, "R")
    session = open_session(corpus, scene=scene)
    session.do(WATCHED)
    assert categorical_table(session.state, "ann").empty
    assert len(session.view()["proposals"]["intervals"]) == 3
    session.do(mark("a", 10, 40, "fear", proposal="p"))
    session.do(mark("b", 12, 40, "fear", proposal="q"))
    session.do({"do": "change_interval", "interval": "a", "end": 41})
    session.do({"do": "dismiss_proposal", "proposal": "r"})
    session.do(mark("c", 50, 60))
    table = categorical_table(session.state, "ann")
    assert table["origin"].tolist() == ["proposal R, changed", "proposal R, changed", "hand"]
    assert session.view()["proposals"]["intervals"] == []
    session.do({"do": "accept_trace", "track": "clip", "start": 0.5, "end": 1.5})
    rated = dimensional_table(session.state, "ann")
    assert set(rated["origin"]) == {"proposal R"}
    assert rated["time"].min() >= 0.5 and rated["time"].max() <= 1.5
    with pytest.raises(InputError, match="nothing is proposed"):
        session.do({"do": "accept_trace", "track": "clip", "start": 5.0, "end": 6.0})


def test_faces_given_to_another_person_are_corrections_of_the_corpus(corpus, session):
    (corpus / "corrections.csv").write_text(
        "video,track,action,start,end,to,note\nother,other,reject,,,,by hand\n"
    )
    fields = {"track": "clip", "start": 30, "end": 60}
    session.do({"do": "reassign", "correction": "c1", "to": "clip_2", **fields})
    session.do({"do": "reject_faces", "correction": "c2", "track": "clip", "start": 90, "end": 91})
    table = pd.read_csv(corpus / "corrections.csv", keep_default_na=False)
    assert table["action"].tolist() == ["reject", "reassign", "reject"]
    assert table["note"].tolist() == ["by hand", "annotator ann", "annotator ann"]
    assert table["start"].tolist()[1:] == ["1.0", "3.0"]
    assert [track["name"] for track in session.view()["tracks"]] == ["clip", "clip_2"]
    session.do({"do": "undo"})
    session.do({"do": "undo"})
    assert len(pd.read_csv(corpus / "corrections.csv")) == 1


def test_two_windows_keep_each_others_work_and_say_so(corpus, session):
    other = open_session(corpus)
    session.do(mark("mine", 10, 20))
    told = other.do(mark("theirs", 30, 40))
    assert "another window, which made 1 change" in told[0]
    assert spans(other) == [(10, 20, "happiness"), (30, 40, "happiness")]
    assert session.sync() and spans(session) == spans(other)
    session.do({"do": "undo"})  # the own step, not the later one of the other window
    assert spans(session) == [(30, 40, "happiness")]
    session.do({"do": "delete_interval", "interval": "theirs"})
    with pytest.raises(InputError, match="another window may have deleted it"):
        other.do({"do": "change_interval", "interval": "theirs", "end": 45})
    assert same(open_session(corpus).state, other.state)


def test_raters_do_not_see_each_other(corpus, session):
    session.do(mark("a", 10, 20))
    other = open_session(corpus, "bob")
    other.do(WATCHED)
    assert spans(other) == []
    other.do(mark("a", 50, 60))
    assert spans(session) == [(10, 20, "happiness")]
    assert sorted(read_annotations(corpus)[1]["rater"]) == ["ann", "bob"]


def test_a_damaged_journal_keeps_what_can_be_read_and_says_where(corpus, session):
    session.do(mark("a", 10, 20))
    session.do(mark("b", 30, 40))
    path = journal_path(corpus, "clip", "ann")
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = b'{"do":"add_inter\xff\xfe\n'
    path.write_bytes(b"".join(lines) + b'{"do":"add_interval","id":"torn"')
    again = open_session(corpus)
    assert spans(again) == [(30, 40, "happiness")]
    assert [f"{path}:3: this line is damaged" in problem for problem in again.problems] == [True]
    again.do(mark("c", 50, 60))
    last = open_session(corpus)
    assert spans(last) == [(30, 40, "happiness"), (50, 60, "happiness")]
    assert len(last.problems) == 2  # the half line is a damaged one now


def test_an_operation_that_means_nothing_is_left_out_and_said(corpus, session):
    path = journal_path(corpus, "clip", "ann")
    with open(path, "a") as file:
        file.write(json.dumps({"do": "record", "id": "x", "samples": 3}) + "\n")
        file.write(json.dumps({"do": "review", "id": "y", "kind": "reviewed"}) + "\n")
    again = open_session(corpus)
    assert len(again.problems) == 2
    again.do(mark("a", 1, 2))


def test_the_journal_of_another_video_is_refused(corpus, session):
    video = corpus / "videos" / "clip.mp4"
    video.write_bytes(b"another one")
    with pytest.raises(InputError, match="is the journal of another video file"):
        open_session(corpus)


def test_a_folder_that_cannot_be_written_to_is_an_error_with_a_remedy(tmp_path, corpus):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="give the tool a corpus folder that you may write to"):
        Session(corpus / "videos" / "clip.mp4", tmp_path / "file", "ann", Scene(FRAMES, {}, {}), {})


@pytest.mark.parametrize("rater", ["", "a/b", "a b", "../x"])
def test_a_rater_needs_a_usable_name(corpus, rater):
    with pytest.raises(InputError, match="letters, digits"):
        open_session(corpus, rater)


WORKER = """
import sys
from pathlib import Path
import numpy as np
from emolib.annotator.operations import Scene
from emolib.annotator.session import Session
corpus = Path(sys.argv[1])
visible = {"clip": np.ones(300, dtype=bool)}
session = Session(corpus / "videos" / "clip.mp4", corpus, "ann", Scene(300, {}, {}), visible)
for number in range(10**6):
    fields = {"interval": f"{sys.argv[2]}{number}", "track": "clip", "emotion": "fear"}
    session.do({"do": "add_interval", "start": 1, "end": 2, **fields})
    print(number, flush=True)
"""


def test_what_was_confirmed_outlives_the_kill_of_two_windows(corpus, session):
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(corpus), name],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for name in "xy"
    ]
    confirmed = [[worker.stdout.readline() for _ in range(5)] for worker in workers]
    time.sleep(0.05)
    for worker in workers:
        worker.send_signal(signal.SIGKILL)
    for worker, lines in zip(workers, confirmed, strict=True):
        lines += worker.communicate()[0].splitlines()
    again = open_session(corpus)
    for name, lines in zip("xy", confirmed, strict=True):
        numbers = [int(line) for line in lines if line.strip()]
        assert numbers[:5] == list(range(5))
        assert {f"{name}{number}" for number in numbers} <= set(again.state.intervals)
    again.write()
    assert len(read_annotations(corpus)[1]) == len(again.state.intervals)


def test_visible_frames_come_from_faces_or_are_all():
    faces = pd.DataFrame(
        {
            "track": ["v_a", "v_a", "v_b", "w"],
            "video": ["v", "v", "v", "w"],
            "frame": [0, 2, 1, 0],
            "status": ["auto", "rejected", "corrected", "auto"],
        }
    )
    visible = visible_frames(faces, "v", 3)
    assert {track: seen.tolist() for track, seen in visible.items()} == {
        "v_a": [True, False, False],
        "v_b": [False, True, False],
    }
    assert visible_frames(None, "v", 2)["v"].all()


def test_coverage_counts_faces_of_every_person(corpus):
    session = open_session(corpus, tracks=("a", "b"))
    session.do(WATCHED)
    session.do(mark("i", 0, 150, track="a"))
    assert session.view()["coverage"]["categories"] == 0.25
    for piece in pieces([(0.0, 0.0)] * 300, track="b"):
        session.do(piece)
    assert session.view()["coverage"]["dimensions"] == pytest.approx(0.25, abs=0.01)


def test_what_is_exported_is_imported_again_as_one_step_of_undo(corpus, session, tmp_path):
    session.do(mark("a", 10, 41, "fear"))
    for piece in pieces([(0.1 * np.sin(i), 0.5) for i in range(90)]):
        session.do(piece)
    tables = dimensional_table(session.state, "ann"), categorical_table(session.state, "ann")
    for write in (exchange.export_csv, exchange.export_elan, exchange.export_webvtt):
        first, *_ = write(*tables, "clip.mp4", tmp_path)
        other = open_session(corpus, f"from{first.suffix[1:]}")
        other.do(WATCHED)
        before = other.state
        for operation in import_operations(exchange.import_annotations(first, video="clip.mp4")):
            other.do(operation)
        assert spans(other) == [(10, 41, "fear")]
        again = dimensional_table(other.state, "ann")
        pd.testing.assert_frame_equal(again, tables[0], rtol=0, atol=1e-6)
        other.do({"do": "undo"})
        assert same(other.state, before)
