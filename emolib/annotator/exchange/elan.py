"""ELAN documents, with traces as linked time series.

A person is a tier, named and given as PARTICIPANT; the rater is its ANNOTATOR. A controlled
vocabulary offers the seven emotions. A tier below it says for each interval in which pass it was
made and where it came from; what is added in ELAN has no such remark.

ELAN has no tier for what varies continuously: it draws time series from files that the document
links, as ``<document>_tsconf.xml`` tells it to (the elements of that file are those that ELAN
writes itself). It skips lines of a time series that begin with ``#``, and takes times with a
decimal point for seconds.
"""

import mimetypes
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pympi

from emolib.annotator.exchange.contents import (
    CATEGORICAL,
    DIMENSIONAL,
    Found,
    Work,
    check_overlaps,
    checked,
    joined,
)
from emolib.annotator.exchange.plain import read_one
from emolib.annotator.exchange.remarks import read_remark, remark
from emolib.annotator.exchange.time_series import SERIES_ENDING, file_url, write_series
from emolib.data.annotations.formats.elan import check_origin, parse_document, tier_intervals
from emolib.data.annotations.formats.gathering import Gathering
from emolib.data.annotations.formats.rating import add_intervals
from emolib.data.annotations.vocabulary import emotion_name
from emolib.errors import InputError
from emolib.labels import EMOTIONS
from emolib.storage import atomic_path

EMOTION_TYPE = "emotion"
"""Linguistic type of the tiers of people."""

REMARK_TYPE = "pass and origin"
"""Linguistic type of the tiers below them."""

VOCABULARY = "emotions"
LANGUAGE = "und"  # the words are names, in no language


def export_elan(
    dimensional: pd.DataFrame, categorical: pd.DataFrame, video: str | Path, folder: str | Path
) -> list[Path]:
    """Write an ELAN document, and time series that it links; times of intervals in whole ms.

    Parameters
    ----------
    dimensional, categorical, video, folder
        As for `emolib.annotator.exchange.export_csv`.

    Returns
    -------
    list of Path
        What was written, the document first.

    Raises
    ------
    InputError
        If the tables cannot be exported, or intervals of a person overlap, which a tier cannot.
    """
    work = checked(dimensional, categorical)
    path = Path(folder) / f"{work.name(video)}.eaf"
    path.parent.mkdir(parents=True, exist_ok=True)
    document = _new_document(Path(video), path.parent)
    for track in work.tracks:
        _add_person(document, work, track)
    _order_slots(document)
    document.properties = [("lastUsedAnnotationId", document.maxaid)]
    series = write_series(work.dimensional, path)
    for file in series:
        kind = "text/xml" if file.suffix == ".xml" else "unknown"  # as ELAN itself writes
        document.add_secondary_linked_file(file_url(file), f"./{file.name}", kind)
    with atomic_path(path) as temporary:
        document.to_file(str(temporary))
    return [path, *series]


def read_elan_document(
    path: Path, *, tiers: Mapping[str, str] | None, offset: float | None
) -> Found:
    """Read the tiers of people, and the time series beside them if the tool wrote those.

    Parameters
    ----------
    path : Path
        The document.
    tiers : mapping of str to str or None
        The tiers to read and the tracks they are about; None takes those of the type `EMOTION_TYPE`
        with the vocabulary of the tool, and of each the PARTICIPANT.
    offset : float or None
        Whether the reader of the document knows where its medium begins.

    Raises
    ------
    InputError
        If it is no such document, a tier is not there, or intervals of a person overlap.
    """
    document = parse_document(path)
    check_origin(path, document, offset)
    own = _own_tiers(document)
    chosen = own if tiers is None else dict(tiers)
    if not chosen and not _series_of(path, document):
        raise InputError(f"{path}: say which tier is about whom; {_described(path, document)}")
    gathering = Gathering("elan", {})
    tables = []
    for tier, track in chosen.items():
        if tier not in document.tiers:
            raise InputError(f"{path}: no tier {tier!r}; {_described(path, document)}")
        tables.append(_tier_rows(gathering, path, document, tier, track))
    categorical = joined(tables, CATEGORICAL)
    for (track, number), rows in categorical.groupby(["track", "pass"]):
        names = " and ".join(repr(tier) for tier, of in chosen.items() if of == track)
        place = f"{path}: tier {names}, pass {number}"
        check_overlaps(
            rows, place, "a person shows one emotion at a time: choose a tier, or mend it"
        )
    dimensional = []
    for file in _series_of(path, document):
        if file.is_file():
            dimensional.append(read_one(file, track=None).dimensional)
        else:
            gathering.problems.append(f"{path}: the linked time series {file.name} is not there")
    media = [Path(medium["MEDIA_URL"]).name for medium in document.media_descriptors]
    return Found(
        joined(dimensional, DIMENSIONAL),
        categorical,
        gathering.problems,
        media[0] if media else "",
    )


def _new_document(video: Path, folder: Path) -> pympi.Eaf:
    document = pympi.Eaf(author="emolib")
    document.remove_tier("default")
    document.remove_linguistic_type("default-lt")
    document.add_linked_file(
        file_url(video),
        "./" + Path(os.path.relpath(video.resolve(), folder.resolve())).as_posix(),
        mimetypes.guess_type(video.name)[0] or "unknown",
    )
    document.add_language(LANGUAGE, "http://cdb.iso.org/lg/CDB-00130975-001", "undetermined (und)")
    document.add_controlled_vocabulary(VOCABULARY)
    document.add_cv_description(VOCABULARY, LANGUAGE, "the seven categories of emolib")
    for number, emotion in enumerate(EMOTIONS, 1):
        document.add_cv_entry(VOCABULARY, f"cve{number}", [(emotion, LANGUAGE, None)])
    document.add_linguistic_type(EMOTION_TYPE)
    document.linguistic_types[EMOTION_TYPE]["CONTROLLED_VOCABULARY_REF"] = VOCABULARY
    document.add_linguistic_type(REMARK_TYPE, "Symbolic_Association", timealignable=False)
    return document


def _add_person(document: pympi.Eaf, work: Work, track: str) -> None:
    below = f"{track} {REMARK_TYPE}"
    people = {"part": track, "ann": work.rater}
    document.add_tier(track, EMOTION_TYPE, **people)
    document.add_tier(below, REMARK_TYPE, parent=track, **people)
    rows = work.categorical[work.categorical["track"] == track]
    remedy = "an ELAN tier holds one at a time: mend the overlap, or export one pass"
    check_overlaps(rows, f"{track}", remedy)
    for row in rows.to_dict("records"):
        start, end = (round(row[name] * 1000) for name in ("start", "end"))
        document.add_annotation(track, start, end, row["emotion"])
        said = remark(row["pass"], row["origin"])
        document.add_ref_annotation(below, track, (start + end) // 2, said)


def _order_slots(document: pympi.Eaf) -> None:
    """Give the time slots numbers in the order of time, over all tiers."""
    ordered = sorted(document.timeslots, key=document.timeslots.get)
    names = {old: f"ts{number}" for number, old in enumerate(ordered, 1)}
    document.timeslots = {names[old]: document.timeslots[old] for old in ordered}
    for aligned, *_ in document.tiers.values():
        for name, (start, end, *rest) in aligned.items():
            aligned[name] = (names[start], names[end], *rest)


def _own_tiers(document: pympi.Eaf) -> dict[str, str]:
    """Return the tiers of people in a document that the tool wrote, and whom they are about."""
    kind = document.linguistic_types.get(EMOTION_TYPE, {})
    if kind.get("CONTROLLED_VOCABULARY_REF") != VOCABULARY:
        return {}
    own = document.get_tier_ids_for_linguistic_type(EMOTION_TYPE)
    return {tier: document.tiers[tier][2].get("PARTICIPANT") or tier for tier in own}


def _tier_rows(
    gathering: Gathering, path: Path, document: pympi.Eaf, tier: str, track: str
) -> pd.DataFrame:
    starts, ends, words, _ = tier_intervals(path, document, tier)
    if words and not any(map(emotion_name, words)):
        raise InputError(
            f"{path}: tier {tier!r} holds none of the seven emotions, but "
            f"{', '.join(map(repr, sorted(set(words))[:5]))}; is it another tier?"
        )
    said = _remarks(document, tier, len(words))
    passes = np.array([number for number, _ in said], dtype=np.int64)
    places = [f"tier {tier!r} annotation {number}" for number in range(1, len(words) + 1)]
    rater = document.tiers[tier][2].get("ANNOTATOR", "")
    add_intervals(gathering, path, places, track, rater, starts, ends, words, passes)
    rows = gathering.categorical[-1]
    return rows.assign(origin=[said[row][1] for row in rows.index])


def _remarks(document: pympi.Eaf, tier: str, count: int) -> list[tuple[int, str]]:
    """Return pass and origin of each annotation of a tier, in its order."""
    said = {}
    for _, references, attributes, _ in document.tiers.values():
        own = attributes["LINGUISTIC_TYPE_REF"] == REMARK_TYPE
        if own and attributes.get("PARENT_REF") == tier:
            said |= {reference: text for reference, text, *_ in references.values()}
    found = [read_remark(said.get(name, "")) for name in document.tiers[tier][0]]
    return found + [read_remark("")] * (count - len(found))


def _series_of(path: Path, document: pympi.Eaf) -> list[Path]:
    """Return the linked time series that the tool wrote, beside the document if it was moved."""
    names = [Path(link["LINK_URL"]).name for link in document.linked_file_descriptors]
    return [path.with_name(name) for name in names if name.endswith(SERIES_ENDING)]


def _described(path: Path, document: pympi.Eaf) -> str:
    """Say which tiers a document has, and how many of their words are emotions."""
    parts = []
    for tier in document.tiers:
        words = [value[2] for value in document.tiers[tier][0].values()]
        words += [value[1] for value in document.tiers[tier][1].values()]
        known = sum(emotion_name(word or "") is not None for word in words)
        parts.append(f"{tier!r} ({known} of {len(words)} annotations are emotions)")
    return f"it has {', '.join(parts) or 'no tier'}"
