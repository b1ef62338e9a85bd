"""Emotion in new clips: video file in, a table row for every face and frame out.

The path is that of the corpus: the 30 fps stream, the detector, people told apart by their
coordinates, crops, the frozen backbone, the trained network over each track.
"""

import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from emolib.data.faces import extract_faces
from emolib.data.sequences import build_sequences
from emolib.errors import InputError
from emolib.labels import DIMENSIONS, EMOTIONS
from emolib.models.backbones import Backbone
from emolib.models.features import extract_features
from emolib.models.inspection import load_backbone_of
from emolib.models.judging import predict_sequences, prediction_batch
from emolib.models.training import Run, load_run
from emolib.storage import read_array, read_table, write_table

logger = logging.getLogger(__name__)

BOX_COLUMNS = ["track", "frame", "time", "x", "y", "w", "h", "confidence"]
TABLE_SUFFIXES = (".csv", ".parquet")


@dataclass(frozen=True)
class Outcome:
    """What became of one clip.

    Attributes
    ----------
    video : Path
        The clip.
    table : Path or None
        The table that was written; None if the clip could not be used.
    n_faces, n_tracks : int
        Rows of the table, and people in it.
    failed : str
        Why the clip could not be used; empty if it could.
    """

    video: Path
    table: Path | None
    n_faces: int = 0
    n_tracks: int = 0
    failed: str = ""

    def __str__(self) -> str:
        """Say it in one line."""
        if self.failed:
            return f"{self.video}: left out: {self.failed}"
        if not self.n_faces:
            return f"{self.video}: no face was found; {self.table} holds the header alone"
        people = "1 person" if self.n_tracks == 1 else f"{self.n_tracks} people"
        return f"{self.video}: {self.n_faces} faces of {people} -> {self.table}"


def predict_videos(
    videos: Sequence[str | Path],
    run_folder: str | Path,
    out: str | Path,
    *,
    overlay: bool = False,
    detector: str = "dlib",
    detect_every: int = 1,
    n_people: int | None = None,
) -> Iterator[Outcome]:
    """Predict the emotion of every face in every clip, one table a clip.

    Parameters
    ----------
    videos : sequence of path
        The clips.
    run_folder : path
        The folder of a trained run; it names the backbone and its weights.
    out : path
        A folder, which receives ``<clip>.csv``; or, for one clip, the table itself, whose suffix
        (.csv or .parquet) chooses the format.
    overlay : bool
        Whether to write ``<clip>_overlay.mp4`` beside the table.
    detector, detect_every
        See `emolib.data.faces.extract_faces`.
    n_people : int, optional
        How many people the clips show, where that is known.

    Yields
    ------
    Outcome
        One for each clip, in order. A clip that cannot be read fails alone.

    Raises
    ------
    InputError
        If the run, its weights or the combination of `out` and `videos` cannot be used.
    """
    tables = _table_paths([Path(video) for video in videos], Path(out))
    run = load_run(run_folder)
    backbone = load_backbone_of(run, run_folder)
    finding = {
        "detector": detector,
        "detect_every": detect_every,
        "crop_size": run.spec.crop_size,
        "n_people": n_people,
        "threads": len(os.sched_getaffinity(0)),
    }
    for video, table in tables.items():
        try:
            predictions = predict_video(video, run, backbone, **finding)
        except InputError as error:
            yield Outcome(video, None, failed=str(error))
            continue
        write_table(predictions, table)
        if overlay:
            from emolib.overlay import write_overlay

            write_overlay(video, predictions, table.with_name(f"{table.stem}_overlay.mp4"))
        yield Outcome(video, table, len(predictions), predictions["track"].nunique())


def predict_video(video: Path, run: Run, backbone: Backbone, **finding) -> pd.DataFrame:
    """Return the predictions for one clip; `finding` goes to `emolib.data.faces.extract_faces`.

    Returns
    -------
    pandas.DataFrame
        One row a face: track, frame (0-based, in the 30 fps stream), time (s), x, y, w, h (px),
        confidence (of the detector); then, as the kind of network has them, one
        ``probability_<emotion>`` each, ``emotion`` (the most probable), valence and arousal
        (clipped to [-1, 1]). Empty, with all columns, where no face was found.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        extract_faces(video, folder / "faces.parquet", folder, **finding)
        faces = read_table(folder / "faces.parquet")
        tables = [
            _predict_track(
                rows.reset_index(drop=True),
                read_array(folder / f"{track}.npy"),
                run,
                backbone,
            )
            for track, rows in tqdm(faces.groupby("track"), desc=f"{video.name}: people")
        ]
    if not tables:
        return pd.DataFrame(columns=BOX_COLUMNS + _output_columns(run.spec.kind))
    return pd.concat(tables).sort_values(["frame", "track"], ignore_index=True)


def _predict_track(faces, crops: np.ndarray, run: Run, backbone: Backbone) -> pd.DataFrame:
    settings = run.spec.features
    if run.spec.end_to_end:
        features = crops
    else:
        features = extract_features(
            crops, backbone, precision=settings.precision, batch_size=settings.batch_size
        )
    sequences = build_sequences(faces, run.spec.sequence_length, run.spec.max_gap)
    outputs = predict_sequences(run.model, features, sequences, prediction_batch(run.spec))
    table = faces[BOX_COLUMNS].copy()
    if "category" in outputs:
        for index, emotion in enumerate(EMOTIONS):
            table[f"probability_{emotion}"] = outputs["category"][:, index]
        table["emotion"] = np.array(EMOTIONS)[outputs["category"].argmax(axis=1)]
    if "dimensional" in outputs:
        # The output unit is linear; outside [-1, 1] there is no affect to report.
        table[list(DIMENSIONS)] = np.clip(outputs["dimensional"], -1, 1)
    return table


def _output_columns(kind: str) -> list[str]:
    category = [f"probability_{emotion}" for emotion in EMOTIONS] + ["emotion"]
    return {
        "category": category,
        "dimensional": list(DIMENSIONS),
        "combined": category + list(DIMENSIONS),
    }[kind]


def _table_paths(videos: list[Path], out: Path) -> dict[Path, Path]:
    if out.suffix in TABLE_SUFFIXES:
        if len(videos) > 1:
            raise InputError(f"{out}: one table cannot hold {len(videos)} clips; give a folder")
        return {videos[0]: out}
    if out.is_file():
        raise InputError(f"{out}: is a file; give a folder, or a name ending in .csv or .parquet")
    stems = [video.stem for video in videos]
    doubled = sorted({stem for stem in stems if stems.count(stem) > 1})
    if doubled:
        raise InputError(f"{doubled[0]}: two clips have this name; their tables would be one file")
    return {video: out / f"{video.stem}.csv" for video in videos}
