"""Reads lists of who is in which part of a corpus, such as those that come with a corpus."""

import warnings
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from emolib.data.matching import N_NAMED, some
from emolib.data.splits import independent_groups
from emolib.errors import InputError

_NAMED_BY = ("track", "video", "person")


def listed_people(samples: pd.DataFrame, lists: Mapping[str, Path]) -> dict[str, str]:
    """Assign people to the parts that name them.

    A list is a text file with a name on each line; empty lines and lines that begin with ``#``
    are skipped. A name is that of a track, else of a video, else of a person. Who is named by one
    track or video is in that part with all of them.

    Parameters
    ----------
    samples : DataFrame
        ``track``, ``video``, ``person``; one row per face.
    lists : mapping of str to Path
        The file of each part.

    Returns
    -------
    dict of str to str
        The part of every person who is named, in the order of names.

    Raises
    ------
    InputError
        If a list cannot be read, none of its names is in the corpus, or somebody, or people who
        share a video, are in two lists; names up to five, each with file and line.

    Warns
    -----
    UserWarning
        If names have no face in the corpus (lists name all of a corpus, and one may hold less),
        or people of the corpus are in no list, and so in no part.
    """
    tracks = samples[list(_NAMED_BY)].drop_duplicates()
    entries = [_entries(tracks, part, path) for part, path in lists.items()]
    return _parts(tracks, pd.concat(entries, ignore_index=True))


def published_people(samples: pd.DataFrame, people: pd.DataFrame) -> dict[str, str]:
    """Assign people to the parts that a corpus comes in.

    Parameters
    ----------
    samples : DataFrame
        As in `listed_people`.
    people : DataFrame
        ``track`` and ``part``, which is empty where the corpus does not say.

    Returns
    -------
    dict of str to str
        As `listed_people`.

    Raises
    ------
    InputError
        If the corpus says nothing, or has somebody, or people who share a video, in two parts.

    Warns
    -----
    UserWarning
        If people of the corpus are in no part.
    """
    tracks = samples[list(_NAMED_BY)].drop_duplicates()
    entries = tracks.merge(people[["track", "part"]], on="track")
    entries = entries[entries["part"] != ""]
    if entries.empty:
        raise InputError(
            "the corpus does not come in parts, so split.lists cannot be 'corpus'; leave it out, "
            "or name a list for each part"
        )
    return _parts(tracks, entries.assign(where="track " + entries["track"]))


def _parts(tracks: pd.DataFrame, entries: pd.DataFrame) -> dict[str, str]:
    """Return the part of each person named by entries: ``person``, ``part`` and ``where``."""
    people, groups = independent_groups(tracks)
    _refuse_conflicts(entries, entries["person"].map(dict(zip(people, groups, strict=True))))
    parts = dict(zip(entries["person"], entries["part"], strict=True))
    missing = [person for person in people if person not in parts]
    if missing:
        warnings.warn(
            f"{len(missing)} of {len(people)} people are in no list, and so in no part: "
            f"{some(missing)}",
            stacklevel=3,
        )
    return {person: parts[person] for person in people if person in parts}


def _entries(tracks: pd.DataFrame, part: str, path: Path) -> pd.DataFrame:
    """Return whom a list names: ``person``, ``part``, and ``where``: file, line and name."""
    names = _read_names(path)
    rows, unknown = [], []
    for name, line in names.items():
        named = _people_named(tracks, name)
        rows += [(person, part, f"{path}:{line}, {name!r}") for person in named]
        if not named:
            unknown.append(name)
    if not rows:
        raise InputError(
            f"{path}: none of its {len(names)} names ({some(unknown)}) is a track, a video or a "
            f"person of this corpus, such as {tracks['track'].min()!r}; is it another corpus's?"
        )
    if unknown:
        warnings.warn(
            f"{path}: {len(unknown)} of {len(names)} names have no face in this corpus: "
            f"{some(unknown)}",
            stacklevel=4,
        )
    return pd.DataFrame(rows, columns=["person", "part", "where"])


def _read_names(path: Path) -> dict[str, int]:
    """Return the names in a list, each with its first line."""
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: cannot be read as a list ({error}); give a text file with the name of a "
            "track, a video or a person on each line"
        ) from error
    names: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        name = line.strip()
        if name and not name.startswith("#"):
            names.setdefault(name, number)
    if not names:
        raise InputError(f"{path}: names nobody; every part needs a track, a video or a person")
    return names


def _people_named(tracks: pd.DataFrame, name: str) -> list[str]:
    for column in _NAMED_BY:
        rows = tracks[tracks[column] == name]
        if len(rows):
            return sorted(rows["person"].unique())
    return []


def _refuse_conflicts(entries: pd.DataFrame, group: pd.Series) -> None:
    """Refuse lists that put a group of people, which must stay together, into several parts."""
    torn = entries[entries.groupby(group)["part"].transform("nunique") > 1]
    described = [
        " and ".join(
            f"{row.person} into {row.part} ({row.where})"
            for row in rows.drop_duplicates("part").itertuples()
        )
        for _, rows in torn.groupby(group)
    ]
    if described:
        more = f"; and {len(described) - N_NAMED} more" if len(described) > N_NAMED else ""
        raise InputError(
            f"split.lists puts {'; '.join(described[:N_NAMED])}{more}: one person, or people who "
            "share a video, cannot be in two parts; correct the lists, or split by shares"
        )
