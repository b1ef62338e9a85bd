"""From a corpus to tables of its videos and its annotations."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from emolib.data.annotations import read_sources
from emolib.data.corpora import Corpus
from emolib.data.corpora import describe as describe_corpus
from emolib.data.corpora.folder import TABLES
from emolib.data.video import probe
from emolib.errors import InputError
from emolib.labels import DIMENSIONS
from emolib.pipeline.reporting import processes, report_problems
from emolib.sources import code_hash
from emolib.storage import (
    file_hash,
    forget,
    is_current,
    read_array,
    read_json,
    value_hash,
    write_array,
    write_json,
    write_record,
    write_table,
)
from emolib.workspace import Workspace

IMPLAUSIBLE = 0.1
"""Largest valence or arousal of a whole corpus, at most 1, below which its scale is in doubt."""

logger = logging.getLogger(__name__)


def simulate(workspace: Workspace, jobs: int | None = None) -> None:
    """Write the simulated corpus of a workspace.

    Raises
    ------
    InputError
        If the configuration names a corpus of the user's own.
    """
    from emolib.simulation.corpus import write_corpus

    corpus = workspace.config.corpus
    if not workspace.simulated:
        raise InputError(f"{corpus.path}: this corpus is yours; only kind 'simulated' is made here")
    write_corpus(
        workspace.corpus,
        n_videos=corpus.n_videos,
        n_pairs=corpus.n_pairs,
        duration=corpus.duration,
        seed=corpus.seed,
        jobs=processes(jobs),
    )


def describe(workspace: Workspace) -> Corpus:
    """Look at the corpus of a workspace and say where its parts are.

    Raises
    ------
    InputError
        If it is not there, or holds nothing to use.
    """
    if workspace.simulated:
        return describe_corpus("folder", path=workspace.corpus)
    corpus = workspace.config.corpus
    return describe_corpus(corpus.kind, **corpus.model_dump(exclude={"kind"}))


def corpus_files(workspace: Workspace) -> dict[str, list[str]]:
    """Return the files of a corpus of one's own that ``videos`` and ``annotations`` depend on."""
    corpus, section = describe(workspace), workspace.config.corpus
    lists = [path for _, path in section if isinstance(path, Path) and path.is_file()]
    if section.kind == "folder":
        lists += [section.path / name for name in TABLES]
    if section.added_annotations is not None:
        lists.append(section.added_annotations / "annotations.csv")
    files = {
        "videos": [*lists, *map(Path, corpus.videos["path"])],
        "annotations": [*lists, *(source.path for source in corpus.sources)],
    }
    return {
        name: sorted({str(path) for path in paths if path.exists()})
        for name, paths in files.items()
    }


def ingest(workspace: Workspace) -> pd.DataFrame:
    """Probe every video of the corpus and write ``videos.parquet``, one row a usable video.

    Beside it go ``people.parquet`` (track, video, person, part), ``corpus.json`` (what is known
    about the corpus as a whole) and ``stamps/<video>.npy``, float64: the stamps of the decoded
    pictures in s, the first being 0, and the end of the last one. A video that was probed before
    and has not changed since, by size and date, is not decoded again.
    """
    corpus = describe(workspace)
    rows, problems = [], list(corpus.problems)
    for row in tqdm(list(corpus.videos.itertuples(index=False)), desc="videos", unit="video"):
        try:
            rows.append(_probed(row, workspace.stamps) | row._asdict())
        except InputError as error:
            problems.append((Path(row.path).name, str(error)))
    report_problems(workspace, "ingest", problems)
    if not rows:
        raise InputError(
            f"{workspace.corpus}: none of its {len(corpus.videos)} videos can be read; the first "
            f"problem is: {problems[0][1]}"
        )
    videos = pd.DataFrame(rows).astype({"people": "Int64", "image_rate": "float64"})
    write_table(corpus.people, workspace.people)
    write_json(corpus.facts, workspace.folder / "corpus.json")
    write_table(videos, workspace.videos)
    write_record(
        workspace.videos,
        {"sha256": dict(zip(videos.video, videos.sha256, strict=True))},
    )
    return videos


def _probed(row, folder: Path) -> dict[str, Any]:
    """Return the facts about a video, and write the stamps of its pictures."""
    path, facts_path = Path(row.path), folder / f"{row.video}.json"
    files = sorted(path.iterdir()) if path.is_dir() else [path] if path.is_file() else []
    inputs = {
        "path": str(path),
        "image_rate": str(row.image_rate),  # as text, since NaN equals nothing
        "files": value_hash([[f.name, f.stat().st_size, f.stat().st_mtime_ns] for f in files]),
        "code": code_hash("emolib.data.video"),
    }
    if not is_current(facts_path, inputs):
        facts = probe(path, row.image_rate)
        forget(facts_path)  # it vouches for the stamps too
        write_array(facts.pop("bounds"), folder / f"{row.video}.npy")
        write_json(facts, facts_path)
        write_record(facts_path, inputs)
    return read_json(facts_path)


def unify_annotations(workspace: Workspace) -> None:
    """Read all annotations into ``dimensional.parquet`` and ``categorical.parquet``."""
    corpus = describe(workspace)
    dimensional, categorical, problems = read_sources(corpus.sources, _Bounds(workspace))
    report_problems(workspace, "annotations", problems)
    if dimensional.empty and categorical.empty:
        first = problems[0][1] if problems else "there are none"
        raise InputError(
            f"{workspace.corpus}: none of its annotations can be used; the first problem is: "
            f"{first}"
        )
    _doubt_scale(workspace, dimensional)
    write_table(dimensional, workspace.dimensional)
    write_table(categorical, workspace.categorical)
    files = {str(source.path): source.path for source in corpus.sources}
    inputs = {
        "sources": value_hash([[source.format, source.options] for source in corpus.sources]),
        "files": value_hash({name: file_hash(p) for name, p in files.items() if p.is_file()}),
        "videos": file_hash(workspace.videos),
    }
    write_record(workspace.dimensional, inputs)
    write_record(workspace.categorical, inputs)


def _doubt_scale(workspace: Workspace, dimensional: pd.DataFrame) -> None:
    """Warn where all values are so near 0 that they were probably divided by too much."""
    largest = dimensional[list(DIMENSIONS)].abs().max(axis=None)  # without what was not rated
    if 0 < largest <= IMPLAUSIBLE:
        logger.warning(
            "%s: no valence or arousal of %d exceeds %.3g, of a range from -1 to 1; were they "
            "divided by a scale that is too large?",
            workspace.corpus,
            len(dimensional),
            largest,
        )


class _Bounds(Mapping):
    """When pictures of videos are shown, by video and by track, from disk when asked for."""

    def __init__(self, workspace: Workspace):
        videos = list(workspace.load("videos")["video"])
        tracks = workspace.load("people").set_index("track")["video"]
        self._videos = dict(zip(videos, videos, strict=True)) | {
            track: video for track, video in tracks.items() if video in set(videos)
        }
        self._folder = workspace.stamps

    def __getitem__(self, name: str) -> np.ndarray:
        return read_array(self._folder / f"{self._videos[name]}.npy")

    def __iter__(self) -> Iterator[str]:
        return iter(self._videos)

    def __len__(self) -> int:
        return len(self._videos)
