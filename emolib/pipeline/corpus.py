"""From a corpus to tables of its videos and its annotations."""

import math
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from emolib.config import FolderCorpus
from emolib.data.annotations import read_annotations
from emolib.data.video import list_videos, probe
from emolib.errors import InputError
from emolib.pipeline.reporting import corpus_table, processes, report_problems
from emolib.storage import file_hash, read_table, value_hash, write_array, write_record, write_table
from emolib.workspace import Workspace

CORPUS_TABLES = ("videos.csv", "people.csv", "annotations.csv")


def simulate(workspace: Workspace, jobs: int | None = None) -> None:
    """Write the simulated corpus of a workspace.

    Raises
    ------
    InputError
        If the configuration names a corpus of the user's own.
    """
    from emolib.simulation.corpus import write_corpus

    corpus = workspace.config.corpus
    if isinstance(corpus, FolderCorpus):
        raise InputError(f"{corpus.path}: this corpus is yours; only kind 'simulated' is made here")
    write_corpus(
        workspace.corpus,
        n_videos=corpus.n_videos,
        n_pairs=corpus.n_pairs,
        duration=corpus.duration,
        seed=corpus.seed,
        jobs=processes(jobs),
    )


def ingest(workspace: Workspace) -> pd.DataFrame:
    """Probe every video of the corpus and write ``videos.parquet``, one row a usable video.

    Beside it goes ``times/<video>.npy``, float64: the stamps of the decoded pictures in s, the
    first being 0, and the end of the last one.
    """
    rows, problems = [], []
    for path in tqdm(list_videos(workspace.corpus / "videos"), desc="videos", unit="video"):
        try:
            facts = probe(path)
        except InputError as error:
            problems.append((path.name, str(error)))
            continue
        write_array(facts.pop("bounds"), workspace.times / f"{facts['video']}.npy")
        rows.append(facts)
    report_problems(workspace, "ingest", problems)
    if not rows:
        raise InputError(f"{workspace.corpus / 'videos'}: none of the videos can be read")
    videos = pd.DataFrame(rows)
    videos["people"] = videos["video"].map(_expected_people(workspace.corpus)).astype("Int64")
    videos = videos.assign(image_rate=math.nan, tracks=[[] for _ in rows], crops="")
    write_table(videos, workspace.videos)
    write_record(
        workspace.videos,
        {"sha256": dict(zip(videos.video, videos.sha256, strict=True))},
    )
    return videos


def unify_annotations(workspace: Workspace) -> None:
    """Read every annotation file into ``dimensional.parquet`` and ``categorical.parquet``."""
    dimensional, categorical, problems = read_annotations(workspace.corpus)
    report_problems(
        workspace, "annotations", [("annotations.csv", problem) for problem in problems]
    )
    write_table(dimensional, workspace.dimensional)
    write_table(categorical, workspace.categorical)
    manifest = workspace.corpus / "annotations.csv"
    files = [workspace.corpus / name for name in read_table(manifest)["file"]]
    source = {
        "manifest": file_hash(manifest),
        "files": value_hash({str(path): file_hash(path) for path in files if path.is_file()}),
    }
    write_record(workspace.dimensional, source)
    write_record(workspace.categorical, source)


def _expected_people(corpus: Path) -> pd.Series:
    """Return how many people each video of ``videos.csv`` is said to show, by video."""
    path = corpus / "videos.csv"
    table = corpus_table(path, ("video", "people"))
    for video, people in zip(table["video"], table["people"], strict=True):
        if people and not people.isdigit():
            raise InputError(
                f"{path}: video {video} has {people!r} people; give a whole number, or nothing "
                "where it is not known"
            )
    return pd.to_numeric(table.set_index("video")["people"].replace("", None))
