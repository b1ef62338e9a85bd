"""Tests of `emolib.annotator.exchange`: what goes out comes back, and what is wrong is said."""

import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pympi
import pytest
import webvtt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emolib.annotator.exchange import (
    CATEGORICAL,
    DIMENSIONAL,
    export_csv,
    export_elan,
    export_webvtt,
    import_annotations,
)
from emolib.data.annotations.formats import read
from emolib.errors import InputError
from emolib.labels import EMOTIONS

VIDEO = "folder of videos/talk.mp4"
EXPORTS = (export_csv, export_elan, export_webvtt)
NO_TRACES = pd.DataFrame(columns=list(DIMENSIONAL)).astype(DIMENSIONAL)
NO_INTERVALS = pd.DataFrame(columns=list(CATEGORICAL)).astype(CATEGORICAL)

each_export = pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.__name__)


def intervals(*rows, track="talk", rater="anna", number=3, origin="hand"):
    """Return intervals from (first frame, frame after the last, emotion) each."""
    table = pd.DataFrame(rows, columns=["start", "end", "emotion"])
    table[["start", "end"]] = table[["start", "end"]] / 30
    table = table.assign(track=track, rater=rater, origin=origin, **{"pass": number})
    return table[list(CATEGORICAL)].astype(CATEGORICAL)


def traces(times, valence, arousal, track="talk", rater="anna", origin="hand"):
    columns = {"time": times, "valence": valence, "arousal": arousal}
    table = pd.DataFrame(columns).assign(track=track, rater=rater, origin=origin)
    return table[list(DIMENSIONAL)].astype(DIMENSIONAL)


INTERVALS = pd.concat(
    [
        intervals((7, 8, "fear"), (10, 100, "anger"), (100, 131, "neutral"), track="talk_left"),
        intervals((8, 53, "disgust"), origin="proposal vgg16-combined-1fc, changed"),
    ],
    ignore_index=True,
).sort_values(["track", "start"], ignore_index=True)
TRACES = pd.concat(
    [
        traces([0.0, 1 / 3, 0.7000000001], [0.1, -1.0, 1.0], [0.3, 1 / 7, -0.25]),
        traces([2.5, 5.0], [0.25, 0.5], [np.nan, np.nan], track="talk_left", origin="import a,b"),
    ],
    ignore_index=True,
)


@each_export
def test_what_goes_out_comes_back_whichever_file_is_given(export, tmp_path):
    files = [file for file in export(TRACES, INTERVALS, VIDEO, tmp_path) if file.suffix != ".xml"]
    for file in files if export is not export_elan else files[:1]:
        found = import_annotations(file, video=VIDEO, duration=6.0)
        pd.testing.assert_frame_equal(found.categorical, INTERVALS, check_exact=True)
        pd.testing.assert_frame_equal(found.dimensional, TRACES, check_exact=True)
        assert found.problems == []


EDGES = st.lists(st.integers(0, 400_000), min_size=2, max_size=12, unique=True).map(sorted)


@each_export
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edges=EDGES,
    emotions=st.lists(st.sampled_from(EMOTIONS), min_size=6, max_size=6),
    track=st.text("abc <>&éß1_.-", min_size=1, max_size=8).filter(lambda x: x.strip() == x),
    values=st.lists(st.floats(-1, 1), min_size=1, max_size=5),
)
def test_every_frame_and_every_digit_survive(export, tmp_path, edges, emotions, track, values):
    spans = list(zip(edges[:-1:2], edges[1::2], emotions, strict=False))
    given_intervals = intervals(*spans, track=track)
    times = np.cumsum(np.full(len(values), 0.1 + 1e-9))
    given_traces = traces(times, values, values[::-1], track=track)
    found = import_annotations(export(given_traces, given_intervals, VIDEO, tmp_path)[0])
    pd.testing.assert_frame_equal(found.categorical, given_intervals, check_exact=True)
    pd.testing.assert_frame_equal(found.dimensional, given_traces, check_exact=True)


@each_export
def test_intervals_alone_leave_no_file_of_traces(export, tmp_path):
    files = export(NO_TRACES, INTERVALS, VIDEO, tmp_path)
    assert len(files) == 1
    found = import_annotations(files[0])
    assert len(found.categorical) == len(INTERVALS)
    assert list(found.dimensional) == list(DIMENSIONAL)
    assert found.dimensional.empty


@each_export
def test_traces_alone_can_be_read(export, tmp_path):
    found = import_annotations(export(TRACES, NO_INTERVALS, VIDEO, tmp_path)[0])
    pd.testing.assert_frame_equal(found.dimensional, TRACES)
    assert found.categorical.empty


@each_export
@pytest.mark.parametrize(
    ("dimensional", "categorical", "problem"),
    [
        (NO_TRACES, NO_INTERVALS, "there is nothing to export"),
        (NO_TRACES, pd.concat([INTERVALS, intervals((1, 2, "fear"), rater="ben")]), "anna, ben"),
        (traces([0.0], [1.5], [0.0]), NO_INTERVALS, "valence 1.5 at 0 s is outside"),
        (NO_TRACES, intervals((1, 2, "joy")), "'joy' is none of neutral"),
        (NO_TRACES, intervals((2, 2, "fear")), "not after its start"),
    ],
)
def test_what_nobody_could_read_is_not_written(export, dimensional, categorical, problem, tmp_path):
    with pytest.raises(InputError, match=problem):
        export(dimensional, categorical, VIDEO, tmp_path)
    assert not list(tmp_path.iterdir())


def test_elan_overlapping_intervals_of_one_person_are_refused(tmp_path):
    categorical = intervals((0, 30, "fear"), (20, 40, "anger"))
    with pytest.raises(InputError, match=r"fear from 0.000 to 1.000 s and anger from 0.667"):
        export_elan(NO_TRACES, categorical, VIDEO, tmp_path)


# ELAN


def test_elan_document_is_what_our_own_reader_and_elan_expect(tmp_path):
    path = export_elan(TRACES, INTERVALS, tmp_path / VIDEO, tmp_path / "out")[0]
    annotations = read(path, "elan", tiers="talk_left", track="talk_left")
    frames = (annotations.categorical[["start", "end"]] * 30).round().astype(int)
    assert frames.to_numpy().tolist() == [[7, 8], [10, 100], [100, 131]]
    assert set(annotations.categorical["rater"]) == {"anna"}
    root = ElementTree.parse(path).getroot()
    media = root.find("HEADER/MEDIA_DESCRIPTOR").attrib
    assert media["MEDIA_URL"] == f"file://{tmp_path / VIDEO}"
    assert media["RELATIVE_MEDIA_URL"] == f"./../{VIDEO}"
    assert media["MIME_TYPE"] == "video/mp4"
    offered = [value.text for value in root.iter("CVE_VALUE")]
    assert offered == list(EMOTIONS)
    kinds = {one.get("LINGUISTIC_TYPE_ID"): one.attrib for one in root.iter("LINGUISTIC_TYPE")}
    tiers = {tier.get("TIER_ID"): tier.attrib for tier in root.iter("TIER")}
    kind = kinds[tiers["talk_left"]["LINGUISTIC_TYPE_REF"]]
    names = {one.get("CV_ID") for one in root.iter("CONTROLLED_VOCABULARY")}
    assert kind["CONTROLLED_VOCABULARY_REF"] in names
    assert tiers["talk_left"]["PARTICIPANT"] == "talk_left"
    assert tiers["talk_left"]["ANNOTATOR"] == "anna"
    times = [int(slot.get("TIME_VALUE")) for slot in root.iter("TIME_SLOT")]
    assert times == sorted(times)


def test_elan_draws_the_traces_from_tables_of_seconds(tmp_path):
    files = export_elan(TRACES, NO_INTERVALS, VIDEO, tmp_path)
    settings_file = tmp_path / "talk.anna_tsconf.xml"
    assert settings_file in files
    root = ElementTree.parse(settings_file).getroot()
    drawn = {}
    for source in root.iter("tracksource"):
        name = source.get("source-url").removeprefix("file://")
        rows = pd.read_csv(name, comment="#", header=None)
        for track in source.iter("track"):
            column = int(track.find("sample-position/pos").get("col"))
            times = rows[int(source.get("time-column"))]
            drawn[track.get("name")] = times.tolist(), rows[column].tolist()
    assert drawn == {
        "talk valence": ([0.0, 1 / 3, 0.7000000001], [0.1, -1.0, 1.0]),
        "talk arousal": ([0.0, 1 / 3, 0.7000000001], [0.3, 1 / 7, -0.25]),
        "talk_left valence": ([2.5, 5.0], [0.25, 0.5]),
    }
    linked = [link["LINK_URL"] for link in pympi.Eaf(files[0]).get_secondary_linked_files()]
    assert linked == [f"file://{file}" for file in files[1:]]


def test_elan_what_was_added_there_is_an_import(tmp_path):
    path = export_elan(NO_TRACES, INTERVALS, VIDEO, tmp_path)[0]
    document = pympi.Eaf(path)
    document.add_annotation("talk_left", 6000, 7000, "sadness")
    document.add_annotation("talk_left", 8000, 9000, "bored")
    document.to_file(path)
    found = import_annotations(path)
    added = found.categorical[found.categorical["emotion"] == "sadness"].iloc[0]
    assert (added["start"], added["origin"], added["pass"]) == (6.0, "import talk.anna.eaf", 1)
    assert len(found.problems) == 1
    assert "left out 1 labels 'bored'" in found.problems[0]


def foreign(path, **tiers):
    """Write an ELAN document as somebody else would: tier -> [(ms, ms, word)]."""
    document = pympi.Eaf()
    document.remove_tier("default")
    for tier, annotations in tiers.items():
        document.add_tier(tier)
        for annotation in annotations:
            document.add_annotation(tier, *annotation)
    document.to_file(path)
    return path


def test_elan_of_others_is_read_tier_by_tier(tmp_path):
    path = foreign(
        tmp_path / "other.eaf",
        Ben=[(0, 990, "happy"), (2000, 2010, "Angry"), (3000, 4000, "hm")],
        speech=[(0, 500, "hello")],
    )
    found = import_annotations(path, tiers={"Ben": "talk_left"}, rater="carl", offset=0.5)
    rows = found.categorical.to_dict("records")
    assert [(row["start"], row["end"], row["emotion"]) for row in rows] == [
        (0.5, 45 / 30, "happiness")
    ]
    assert rows[0]["track"] == "talk_left"
    assert (rows[0]["rater"], rows[0]["origin"]) == ("carl", "import other.eaf")
    assert re.search("left out 1 labels 'hm'", found.problems[0])
    assert re.search("left out 1 of 2 intervals that hold no frame", found.problems[1])


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            {},
            r"say which tier is about whom; it has 'Ben' \(1 of 1 annotations are emotions\), 'spe",
        ),
        ({"tiers": {"Eve": "talk"}}, "no tier 'Eve'; it has 'Ben'"),
        ({"tiers": {"speech": "talk"}}, "none of the seven emotions, but 'hello'"),
        ({"tiers": {"Ben": "a", "also": "a"}}, "'Ben' and 'also', pass 1: happiness from 0.000"),
        ({"tiers": {"Ben": "talk"}, "duration": 0.5}, "goes on until 2.00 s, and the video ends"),
    ],
)
def test_elan_document_that_does_not_fit_is_refused(options, problem, tmp_path):
    path = foreign(
        tmp_path / "other.eaf",
        Ben=[(0, 2000, "happy")],
        speech=[(0, 500, "hello")],
        also=[(500, 900, "sad")],
    )
    with pytest.raises(InputError, match=problem):
        import_annotations(path, **options)


def test_elan_missing_time_series_are_reported(tmp_path):
    files = export_elan(TRACES, INTERVALS, VIDEO, tmp_path)
    files[1].unlink()
    found = import_annotations(files[0])
    assert found.problems == [f"{files[0]}: the linked time series {files[1].name} is not there"]
    assert set(found.dimensional["track"]) == {"talk_left"}


# WebVTT


def test_webvtt_is_captions_that_a_player_shows(tmp_path):
    path = export_webvtt(NO_TRACES, INTERVALS, VIDEO, tmp_path)[0]
    captions = list(webvtt.read(path, strict=True))
    assert [(cue.start, cue.end, cue.voice, cue.text) for cue in captions][:2] == [
        ("00:00:00.233", "00:00:00.267", "talk_left", "fear"),
        ("00:00:00.267", "00:00:01.767", "talk", "disgust"),
    ]


def test_webvtt_of_others_needs_voices_or_a_track(tmp_path):
    path = tmp_path / "other.vtt"
    path.write_text(
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v eve>Joy\n\n00:03.000 --> 00:04.000\nsad\n"
    )
    with pytest.raises(InputError, match="caption 2 has no voice tag"):
        import_annotations(path)
    found = import_annotations(path, track="talk")
    assert found.categorical["emotion"].tolist() == ["happiness", "sadness"]
    assert set(found.categorical["origin"]) == {"import other.vtt"}


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.vtt", "hello", "not a WebVTT file"),
        ("a.vtt", "WEBVTT\n", "holds no annotation that can be used"),
        ("a.traces.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nsad\n", "cue 1 is not a sample"),
        (
            "a.traces.vtt",
            'WEBVTT\n\n00:01.000 --> 00:02.000\n{"track": "a", "time": 1, "valence": 2}\n',
            r"cue 1: valence 2 is outside \[-1, 1\]",
        ),
    ],
)
def test_webvtt_that_cannot_be_used_is_refused(name, text, problem, tmp_path):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=problem):
        import_annotations(tmp_path / name)


# Tables


def test_table_of_others_is_known_by_its_columns(tmp_path):
    path = tmp_path / "ben.csv"
    path.write_text("onset,offset,label\n1.01,2,happy\n2,3,bored\n")
    found = import_annotations(path, track="talk", duration=2.5)
    row = found.categorical.iloc[0]
    assert (row["start"], row["end"], row["rater"]) == (30 / 30, 60 / 30, "ben")
    assert "labels 'bored'" in found.problems[0]


def test_samples_before_and_after_the_video_are_left_out(tmp_path):
    path = tmp_path / "ben.csv"
    path.write_text("time,valence\n-0.1,0\n1,0.5\n2.4,0.5\n")
    found = import_annotations(path, track="talk", duration=2.0)
    assert found.dimensional["time"].tolist() == [1.0]
    assert found.dimensional["arousal"].isna().all()
    assert "left out 2 of 3 samples" in found.problems[0]


@pytest.mark.parametrize(
    ("text", "options", "problem"),
    [
        ("time,valence\n0,0\n", {}, "has no column 'track'; say whom it is about"),
        ("time,valence\n0,1.2\n", {"track": "a"}, r":2: valence 1.2 is outside \[-1, 1\]"),
        ("time,loudness\n0,1\n", {"track": "a"}, "has the columns time, loudness; needed are"),
        ("start,end,emotion\n2,1,sad\n", {"track": "a"}, ":2: ends at 1 s, not after its start"),
        ("start,end,emotion\n1,2,bored\n", {"track": "a"}, "first problem is: .*'bored'"),
        ("t,time,valence\n0,0,0\n", {"track": "a"}, "has 2 columns for time"),
        (
            "time,valence\n0,0\n9000,0\n",
            {"track": "a", "duration": 9.0},
            "until 9000.00 s, and the video ends at 9.00 s; are its times in milliseconds",
        ),
        ("time,valence\n0,0\n", {"tiers": {"a": "b"}}, "only ELAN documents have tiers"),
    ],
)
def test_table_that_cannot_be_used_is_refused(text, options, problem, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=problem):
        import_annotations(path, **options)


def test_file_about_another_video_is_reported(tmp_path):
    path = export_elan(NO_TRACES, INTERVALS, VIDEO, tmp_path)[0]
    found = import_annotations(path, video="other.mp4")
    assert found.problems == [
        f"{path}: says it is about 'talk.mp4', and is imported for 'other.mp4'"
    ]


def test_other_suffixes_are_refused(tmp_path):
    with pytest.raises(InputError, match="imported from .csv, .eaf, .vtt"):
        import_annotations(tmp_path / "a.xlsx")
