"""How well faces were found: by themselves, and against true boxes where a corpus has them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

IOU_THRESHOLD = 0.5
"""Overlap from which a detection counts as the true face (PASCAL VOC's convention)."""

COLUMNS = ["video", "true_faces", "found", "false_faces", "wrong_person", "mean_iou"]


def detection_table(
    faces: pd.DataFrame, truth: pd.DataFrame, lengths: Mapping[str, int] | None = None
) -> pd.DataFrame:
    """Count found, false and mixed-up faces, video by video.

    Parameters
    ----------
    faces : pandas.DataFrame
        Detected faces: video, track, frame (of the constant-rate stream), x, y, w, h (px). Those
        without a place, because others cut them out, and those that a person rejected do not
        count.
    truth : pandas.DataFrame
        True faces in every picture of a file: video, track, frame (of the file), time (s), x, y, w,
        h (px).
    lengths : mapping of str to int, optional
        Frames of the constant-rate stream of each video, the last of which show its last picture.
        By default the stream ends with that picture's stamp or with the last detected face,
        whichever is later, so that no detection goes unjudged.

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
    lengths = {} if lengths is None else lengths
    rows = [
        (video, *_count(faces[faces["video"] == video], true_faces, lengths.get(video, 0)))
        for video, true_faces in truth.groupby("video")
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def resample_truth(truth: pd.DataFrame, rate: float = 30.0, n_frames: int = 0) -> pd.DataFrame:
    """Give each frame of the constant-rate stream the true boxes of the frame it shows.

    Parameters
    ----------
    truth : pandas.DataFrame
        The true faces of one video, by frame of the file.
    rate : float
        Frames per second of the stream.
    n_frames : int
        Frames of the stream; never fewer than there are up to the stamp of the last picture.

    Returns
    -------
    pandas.DataFrame
        The same columns; `frame` counts in the stream. Frame i shows the last frame of the file
        whose time is at most i / rate.
    """
    times = np.sort(truth["time"].unique())
    n_frames = max(int(np.floor((times[-1] - times[0]) * rate + 1e-6)) + 1, n_frames)
    stream_times = times[0] + np.arange(n_frames) / rate
    shown = times[np.searchsorted(times, stream_times + 1e-6, side="right") - 1]
    stream = pd.DataFrame({"time": shown, "stream_frame": np.arange(n_frames)})
    resampled = stream.merge(truth, on="time")
    return resampled.assign(frame=resampled["stream_frame"]).drop(columns="stream_frame")


def _count(
    faces: pd.DataFrame, truth: pd.DataFrame, n_frames: int
) -> tuple[int, int, int, int, float]:
    seen = int(faces["frame"].max()) + 1 if len(faces) else 0
    truth = resample_truth(truth, n_frames=max(n_frames, seen))
    faces = faces.reset_index(names="face")
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


def track_table(
    faces: pd.DataFrame, lengths: Mapping[str, int], rate: float = 30.0
) -> pd.DataFrame:
    """Say how well each track covers its video, the one with the longest hole first.

    Parameters
    ----------
    faces : pandas.DataFrame
        All faces: video, track, frame, w, h (px), confidence, status.
    lengths : mapping of str to int
        Frames of the constant-rate stream of each video (`emolib.data.video.stream_length`).
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
    rows = []
    for (video, track), of_track in faces.groupby(["video", "track"], sort=False):
        kept = of_track[of_track["status"] != "rejected"]
        n_frames = max(lengths[video], int(of_track["frame"].max()) + 1)
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


def hole_table(tracks: pd.DataFrame, most: int) -> pd.DataFrame:
    """List the tracks that go without a face somewhere, as a page shows them.

    Parameters
    ----------
    tracks : pandas.DataFrame
        See `track_table`.
    most : int
        Tracks at most, those with the longest holes first.

    Returns
    -------
    pandas.DataFrame
        Shares in whole percent, rounded down, so that 100 says that nothing lacks; sizes in whole
        px.
    """
    listed = tracks[tracks["longest_hole"] > 0].head(most)
    listed = listed.assign(
        covered=np.floor(listed["covered"] * 100).astype("Int64"),
        size=listed["size"].round().astype("Int64"),
    )
    names = {"covered": "covered (%)", "longest_hole": "longest hole (s)", "size": "size (px)"}
    return listed.rename(columns=names)
