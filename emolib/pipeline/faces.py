"""From videos to faces."""

from pathlib import Path

import joblib
import pandas as pd
from tqdm import tqdm

from emolib.data.detection import detector as find_detector
from emolib.data.faces import extract_faces
from emolib.errors import InputError
from emolib.pipeline.reporting import processes, report_problems
from emolib.sources import code_hash
from emolib.storage import file_hash, is_current, record_path, write_record, write_table
from emolib.workspace import Workspace


def extract_all_faces(workspace: Workspace, jobs: int | None = None) -> pd.DataFrame:
    """Find and cut out the faces of every video; write ``faces.parquet`` and ``crops/``."""
    videos = workspace.load("videos")
    settings = workspace.config.faces
    find_detector(settings.detector)  # one that cannot be had is no fault of a video
    tasks = [
        joblib.delayed(_faces_of_video)(
            row.path,
            row.sha256,
            None if pd.isna(row.people) else int(row.people),
            settings,
            workspace.folder,
        )
        for row in videos.itertuples()
    ]
    results = joblib.Parallel(n_jobs=processes(jobs), return_as="generator")(tasks)
    tables, problems = [], []
    for row, (table, problem) in zip(
        videos.itertuples(),
        tqdm(results, total=len(tasks), desc="faces", unit="video"),
        strict=True,
    ):
        if problem:
            problems.append((row.video, problem))
        elif table.empty:
            problems.append((row.video, "no face was found"))
        else:
            tables.append(table)
    report_problems(workspace, "faces", problems)
    if not tables:
        raise InputError(f"{workspace.videos}: no face was found in any of {len(videos)} videos")
    faces = pd.concat(tables, ignore_index=True)
    write_table(faces, workspace.faces)
    write_record(workspace.faces, {"videos": file_hash(workspace.videos), "faces": settings})
    return faces


def _faces_of_video(path, sha256, n_people, settings, folder: Path):
    """Return (face table, "") or (None, what went wrong) of one video, from disk if unchanged."""
    table_path = folder / "faces" / f"{Path(path).stem}.parquet"
    code = code_hash("emolib.data.faces")
    inputs = {"video": sha256, "faces": settings, "people": n_people, "code": code}
    if not is_current(table_path, inputs):
        # From here on the crops may be others than the record says, should this be killed.
        record_path(table_path).unlink(missing_ok=True)
        try:
            extract_faces(
                path,
                table_path,
                folder / "crops",
                detector=settings.detector,
                detect_every=settings.detect_every,
                crop_size=settings.crop_size,
                n_people=n_people,
                progress=False,  # the bar of all videos is enough
            )
        except InputError as error:
            return None, str(error)
        write_record(table_path, inputs)
    return pd.read_parquet(table_path), ""
