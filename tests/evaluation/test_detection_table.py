"""Detections against true boxes: hand-made frames."""

import pandas as pd
import pytest

from emolib.data.video import stream_length
from emolib.evaluation.detection import (
    detection_table,
    hole_table,
    resample_truth,
    track_table,
)


def boxes(rows):
    names = ["video", "track", "frame", "time", "x", "y", "w", "h"]
    return pd.DataFrame(rows, columns=names)


def test_resample_truth_repeats_the_frame_that_is_shown():
    truth = boxes([("v", "v", i, i / 15, 10.0 * i, 0.0, 10.0, 10.0) for i in range(3)])
    stream = resample_truth(truth)
    assert stream["frame"].tolist() == [0, 1, 2, 3, 4]
    assert stream["x"].tolist() == [0, 0, 10, 10, 20]


def test_detection_table_counts_found_missed_false_and_mixed_up():
    truth = boxes(
        [("v", "v_left", i, i / 30, 0.0, 0.0, 10.0, 10.0) for i in range(4)]
        + [("v", "v_right", i, i / 30, 50.0, 0.0, 10.0, 10.0) for i in range(4)]
    )
    faces = boxes(
        [
            ("v", "v_left", 0, 0.0, 0.0, 0.0, 10.0, 10.0),  # found, exactly
            ("v", "v_right", 0, 0.0, 55.0, 0.0, 10.0, 10.0),  # overlap 1/3: missed, and false
            ("v", "v_right", 1, 0.033, 0.0, 0.0, 10.0, 10.0),  # found, as the other person
            ("v", "v_right", 2, 0.067, 90.0, 0.0, 10.0, 10.0),  # false
        ]
    )
    row = detection_table(faces, truth).iloc[0]
    assert (row.true_faces, row.found, row.false_faces, row.wrong_person) == (8, 2, 2, 1)
    assert row.mean_iou == pytest.approx(1.0)


def test_detection_table_two_detections_of_one_face_count_one_false():
    truth = boxes([("v", "v", 0, 0.0, 0.0, 0.0, 10.0, 10.0)])
    faces = boxes([("v", "v", 0, 0.0, 0.0, 0.0, 10.0, 10.0), ("v", "v", 0, 0.0, 1.0, 0.0, 10, 10)])
    row = detection_table(faces, truth).iloc[0]
    assert (row.found, row.false_faces) == (1, 1)


def test_detection_table_video_without_detections_has_nan_iou():
    truth = boxes([("v", "v", 0, 0.0, 0.0, 0.0, 10.0, 10.0)])
    row = detection_table(truth.iloc[:0], truth).iloc[0]
    assert (row.found, row.false_faces) == (0, 0)
    assert pd.isna(row.mean_iou)


def test_detection_table_leaves_out_faces_without_a_place_and_rejected_ones():
    truth = boxes([("v", "v", i, i / 30, 0.0, 0.0, 10.0, 10.0) for i in range(3)])
    nowhere = float("nan")
    faces = boxes(
        [
            ("v", "v", 0, 0.0, 0.0, 0.0, 10.0, 10.0),
            ("v", "v", 1, 0.033, nowhere, nowhere, nowhere, nowhere),
            ("v", "v", 2, 0.067, 0.0, 0.0, 10.0, 10.0),
        ]
    ).assign(status=["auto", "auto", "rejected"])
    row = detection_table(faces, truth).iloc[0]
    assert (row.true_faces, row.found, row.false_faces) == (3, 1, 0)


def test_track_table_counts_holes_at_both_ends_and_leaves_out_the_rejected():
    frames = [*range(30, 60), *range(90, 120)]
    faces = boxes([("v", "v", i, i / 30, 0.0, 0.0, 10.0, 20.0) for i in frames])
    faces = faces.assign(
        confidence=2.0, status=["corrected"] * 10 + ["auto"] * 45 + ["rejected"] * 5
    )
    row = track_table(faces, {"v": 150}).iloc[0]
    assert (row.faces, row.corrected, row.rejected) == (55, 10, 5)
    assert row.covered == pytest.approx(55 / 150)
    assert row.longest_hole == pytest.approx(35 / 30)  # from the last face kept to the end
    assert (row["size"], row.confidence) == (15, 2)


def test_hole_table_lists_only_tracks_with_a_hole_and_rounds_none_to_whole():
    tracks = pd.DataFrame(
        {
            "track": ["b", "a", "c"],
            "covered": [0.998, 0.999, 1.0],
            "longest_hole": [0.07, 0.03, 0.0],
            "size": [99.6, float("nan"), 50.0],
        }
    )
    table = hole_table(tracks, 20)
    assert table["track"].tolist() == ["b", "a"]
    assert table["covered (%)"].tolist() == [99, 99]
    assert table["size (px)"].tolist() == [100, pd.NA]
    assert len(hole_table(tracks, 1)) == 1 and hole_table(tracks[2:], 20).empty


def test_last_picture_is_the_truth_until_the_stream_ends():
    # Three pictures at 15 a second last 0.2 s, six frames; the last is stamped at frame 4.
    truth = boxes([("v", "v", i, i / 15, 10.0 * i, 0.0, 10.0, 10.0) for i in range(3)])
    places = [0.0, 0.0, 10.0, 10.0, 20.0, 20.0]
    faces = boxes([("v", "v", i, i / 30, x, 0.0, 10.0, 10.0) for i, x in enumerate(places)])
    whole = detection_table(faces, truth).iloc[0]
    assert (whole.true_faces, whole.found, whole.false_faces) == (6, 6, 0)
    cut = detection_table(faces[:4], truth, {"v": stream_length(0.2)}).iloc[0]
    assert (cut.true_faces, cut.found) == (6, 4)
