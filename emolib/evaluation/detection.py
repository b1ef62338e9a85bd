"""How well faces were found: by themselves, and against true boxes where a corpus has them."""

import numpy as np
import pandas as pd

IOU_THRESHOLD = 0.5
"""Overlap from which a detection counts as the true face (PASCAL VOC's convention)."""

COLUMNS = ["video", "true_faces", "found", "false_faces", "wrong_person", "mean_iou"]


def detection_table(faces: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Count found, false and mixed-up faces, video by video.

    Parameters
    ----------
    faces : pandas.DataFrame
        Detected faces: video, track, frame (of the constant-rate stream), x, y, w, h (px). Those
        without a place, because others cut them out, and those that a person rejected do not
        count.
    truth : pandas.DataFrame
        True faces: video, track, frame (of the file), time (s), x, y, w, h (px).

    Returns
    -------
    pandas.DataFrame
        One row a video: true_faces (in the constant-rate stream), found (overlap of at least
        `IOU_THRESHOLD` with a detection of the same frame), false_faces (detections that overlap
        no true face so far), wrong_person (found, but under another person's track), mean_iou
        (of the found).
    """
    faces = faces[faces["x"].notna()]
    if "status" in faces:
        faces = faces[faces["status"] != "rejected"]
    rows = [
        (video, *_count(faces[faces["video"] == video], true_faces))
        for video, true_faces in truth.groupby("video")
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def resample_truth(truth: pd.DataFrame, rate: float = 30.0) -> pd.DataFrame:
    """Give each frame of the constant-rate stream the true boxes of the frame it shows.

    Parameters
    ----------
    truth : pandas.DataFrame
        The true faces of one video, by frame of the file.
    rate : float
        Frames per second of the stream.

    Returns
    -------
    pandas.DataFrame
        The same columns; `frame` counts in the stream. Frame i shows the last frame of the file
        whose time is at most i / rate.
    """
    times = np.sort(truth["time"].unique())
    n_frames = int(np.floor((times[-1] - times[0]) * rate + 1e-6)) + 1
    stream_times = times[0] + np.arange(n_frames) / rate
    shown = times[np.searchsorted(times, stream_times + 1e-6, side="right") - 1]
    stream = pd.DataFrame({"time": shown, "stream_frame": np.arange(n_frames)})
    resampled = stream.merge(truth, on="time")
    return resampled.assign(frame=resampled["stream_frame"]).drop(columns="stream_frame")


def _count(faces: pd.DataFrame, truth: pd.DataFrame) -> tuple[int, int, int, int, float]:
    truth = resample_truth(truth)
    faces = faces[faces["frame"] <= truth["frame"].max()].reset_index(names="face")
    pairs = truth.reset_index(names="true").merge(faces, on="frame", suffixes=("_true", ""))
    pairs["iou"] = overlap(pairs)
    pairs = pairs[pairs["iou"] >= IOU_THRESHOLD].sort_values("iou", ascending=False)
    pairs = pairs.drop_duplicates("true").drop_duplicates("face")
    wrong = int((pairs["track"] != pairs["track_true"]).sum())
    return len(truth), len(pairs), len(faces) - len(pairs), wrong, float(pairs["iou"].mean())


def overlap(pairs: pd.DataFrame) -> pd.Series:
    """Return the intersection over union of (x, y, w, h) and (x_true, ...), row by row."""
    shared = 1.0
    for start, size in (("x", "w"), ("y", "h")):
        ends = pairs[start] + pairs[size], pairs[f"{start}_true"] + pairs[f"{size}_true"]
        low = np.maximum(pairs[start], pairs[f"{start}_true"])
        shared = shared * np.clip(np.minimum(*ends) - low, 0, None)
    union = pairs["w"] * pairs["h"] + pairs["w_true"] * pairs["h_true"] - shared
    return shared / union


def track_table(faces: pd.DataFrame, videos: pd.DataFrame, rate: float = 30.0) -> pd.DataFrame:
    """Say how well each track covers its video, the one with the longest hole first.

    Parameters
    ----------
    faces : pandas.DataFrame
        All faces: video, track, frame, w, h (px), confidence, status.
    videos : pandas.DataFrame
        ``video`` and ``duration`` (s).
    rate : float
        Frames per second of the stream.

    Returns
    -------
    pandas.DataFrame
        One row a track: ``track, faces`` (those that were not rejected), ``covered`` (their share
        of the frames of the video), ``longest_hole`` (s without a face, also at the start and the
        end), ``size`` (mean of width and height in px; NaN where others cut the faces out),
        ``confidence`` (mean, where a detector set the box), ``corrected`` and ``rejected``
        (faces).
    """
    durations = videos.set_index("video")["duration"]
    rows = []
    for (video, track), of_track in faces.groupby(["video", "track"], sort=False):
        kept = of_track[of_track["status"] != "rejected"]
        n_frames = max(round(durations[video] * rate), int(of_track["frame"].max()) + 1)
        holes = np.diff([-1, *kept["frame"], n_frames]) - 1
        rows.append(
            {
                "track": track,
                "faces": len(kept),
                "covered": len(kept) / n_frames,
                "longest_hole": float(holes.max() / rate),
                "size": float(kept[["w", "h"]].mean(axis=1).mean()),
                "confidence": float(kept["confidence"].mean()),
                "corrected": int((kept["status"] == "corrected").sum()),
                "rejected": len(of_track) - len(kept),
            }
        )
    table = pd.DataFrame(rows)
    return table.sort_values(["longest_hole", "track"], ascending=[False, True], ignore_index=True)
