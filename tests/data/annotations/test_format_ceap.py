"""Tests of the CEAP-360VR format, on files written here in its layout."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from emolib.data.annotations.formats import ceap
from emolib.errors import InputError

NAMES = {
    "Raw": ("TimeStamp_Xvalue_Yvalue", "X_Value", "Y_Value"),
    "Trans": ("TimeStamp_Valence_Arousal", "Valence", "Arousal"),
    "Frame": ("TimeStamp_Valence_Arousal", "Valence", "Arousal"),
}


def document(stage, videos, participant="P10"):
    listed, first, second = NAMES[stage]
    lists = [
        {
            "VideoID": video,
            listed: [{"TimeStamp": t, first: x, second: y} for t, x, y in samples],
        }
        for video, samples in videos.items()
    ]
    entry = {"ParticipantID": participant, f"Video_Annotation_{stage}Data": lists}
    return json.dumps({f"ContinuousAnnotation_{stage}Data": [entry]}, indent=4)


def test_transformed_runs_from_one_to_nine_with_five_as_neutral(write_text):
    samples = [(0.108, 5, 5), (0.2, 1, 9), (0.3, 7, 4)]
    found = ceap.read_ceap(write_text("a.json", document("Trans", {"V1": samples})))
    assert found.dimensional["valence"].tolist() == [0.0, -1.0, 0.5]
    assert found.dimensional["arousal"].tolist() == [0.0, 1.0, -0.25]
    assert found.dimensional["time"].tolist() == [0.108, 0.2, 0.3]
    assert found.provenance["stage"] == "Trans" and not found.problems


def test_raw_disc_is_stretched_onto_the_square(write_text):
    samples = [(0, 0, 0), (1, 0.5, 0), (2, -0.6, 0.8), (3, 0, -1.003), (4, 0.9, 0.9)]
    found = ceap.read_ceap(write_text("a.json", document("Raw", {"V1": samples}))).dimensional
    np.testing.assert_allclose(found["valence"], [0, 0.5, -0.75, 0, 1])
    np.testing.assert_allclose(found["arousal"], [0, 0, 1, -1, 1])


@given(arrays(float, (5, 2), elements=st.floats(-1, 1)))
def test_disc_to_square_keeps_direction_and_puts_the_circle_on_the_edge(positions):
    square = ceap.disc_to_square(positions)
    assert np.abs(square).max() <= 1
    assert np.all(square * positions >= 0)
    lengths = np.hypot(*positions.T)
    far = lengths > 1e-3
    edge = ceap.disc_to_square(positions[far] / lengths[far, None])
    np.testing.assert_allclose(np.abs(edge).max(axis=1), 1)


def test_every_video_is_a_track_and_the_participant_the_rater(write_text):
    path = write_text("a.json", document("Trans", {"V1": [(0, 5, 5)], "V2": [(0, 9, 9)], "V3": []}))
    found = ceap.read_ceap(path).dimensional
    assert found["track"].tolist() == ["V1", "V2"] and set(found["rater"]) == {"P10"}


def test_frame_writes_the_participant_without_its_letter(write_text):
    frame = write_text("a.json", document("Frame", {"V1": [(0.0, 5, 5), (0.033, 5, 5)]}, "10"))
    raw = write_text("b.json", document("Raw", {"V1": [(0, 0, 0)]}, "P10"))
    raters = {rater for path in (frame, raw) for rater in ceap.read_ceap(path).dimensional["rater"]}
    assert raters == {"P10"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", r"a\.json:1: not JSON"),
        ("[]", "holds no JSON object"),
        ("{}", "holds none of ContinuousAnnotation_RawData"),
        (document("Trans", {"V1": [(0, 5, 9.5)]}), r"a\.json:V1 sample 1: Arousal 9\.5 is outside"),
        (document("Raw", {"V1": [(0, 0, 0), (1, 1.2, 0)]}), r":V1 sample 2: X_Value 1\.2 is outs"),
        (document("Raw", {"V1": [(0, 0, float("nan"))]}), "V1 sample 1: .* are not all numbers"),
        (document("Trans", {"V1": [(0, 5, "x")]}), "not laid out as CEAP-360VR"),
        (document("Trans", {}).replace("ParticipantID", "Id"), "not laid out .* 'ParticipantID'"),
    ],
)
def test_bad_file_raises(write_text, text, problem):
    with pytest.raises(InputError, match=problem):
        ceap.read_ceap(write_text("a.json", text))


def test_matches_its_own_layout_only(write_text, tmp_path):
    matches = ceap.FORMATS[0].matches
    for stage in NAMES:
        assert matches(write_text(f"{stage}.json", document(stage, {})))
    assert not matches(write_text("other.json", "{}")) and not matches(tmp_path)


def test_real_stages_agree(sample_data):
    folder = sample_data / "ceap360vr"
    raw, transformed, frame = (
        ceap.read_ceap(folder / stage / f"P10_Annotation_{short}Data.json").dimensional
        for stage, short in [("Raw", "Raw"), ("Transformed", "Trans"), ("Frame", "Frame")]
    )
    assert len(raw) == len(transformed) == 3998 and len(frame) == 1500 + 7 * 1800
    assert raw[["track", "time", "rater"]].equals(transformed[["track", "time", "rater"]])
    for name in ("valence", "arousal"):
        np.testing.assert_allclose(raw[name], transformed[name], atol=0.0005 / 4)
        assert transformed[name].between(-1, 1).all()
    assert frame.groupby("track")["time"].min().eq(0).all()
    assert set(frame["rater"]) == set(raw["rater"]) == {"P10"}
