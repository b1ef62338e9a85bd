"""Intervals of emotions from ELAN documents (``.eaf``), one tier or several.

The value of an annotation is the word for the emotion. Times are in milliseconds of the media;
slots without a time are set evenly between their neighbours of the same tier, as ELAN shows them.
An annotation that refers to another has the interval of that one. The document is parsed by
``pympi`` (Lubbers and Torreira 2013). Tables exported as text are read by
`emolib.data.annotations.formats.elan_tab`.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pympi

from emolib.data.annotations.formats import Format
from emolib.data.annotations.formats.elan_tab import is_elan_tab, read_elan_tab
from emolib.data.annotations.formats.gathering import Gathering
from emolib.data.annotations.formats.rating import add_intervals
from emolib.data.annotations.formats.text import first_lines
from emolib.data.annotations.tables import Annotations
from emolib.errors import InputError

MILLISECOND = 0.001


def read_elan(
    path: str | Path,
    *,
    tiers: str | Sequence[str],
    track: str | None = None,
    rater: str | None = None,
    offset: float | None = None,
) -> Annotations:
    """Read tiers of emotions.

    Parameters
    ----------
    path : str or Path
        The document.
    tiers : str or sequence of str
        The names of the tiers to read. All are of one track: of a document about several people,
        read the tiers of each by themselves.
    track : str, optional
        Whom they are of; else the name of the file without its suffix.
    rater : str, optional
        Who rated; else the annotator that a tier states, or else the name of the tier.
    offset : float, optional
        What is added to all times, in s. It is demanded where the document gives a medium another
        origin than 0, since only its maker knows which medium is meant.
    """
    path = Path(path)
    tiers = [tiers] if isinstance(tiers, str) else list(tiers)
    options = {"tiers": ", ".join(tiers), "track": track, "rater": rater, "offset": offset}
    gathering = Gathering("elan", options)
    document = parse_document(path)
    check_origin(path, document, offset)
    interpolated = 0
    for tier in tiers:
        if tier not in document.tiers:
            listed = ", ".join(map(repr, document.tiers))
            raise InputError(f"{path}: no tier {tier!r}; it has {listed}")
        starts, ends, words, filled = tier_intervals(path, document, tier)
        interpolated += filled
        name = rater or document.tiers[tier][2].get("ANNOTATOR") or tier
        places = [f"tier {tier!r} annotation {number}" for number in range(1, len(words) + 1)]
        starts, ends = starts + (offset or 0.0), ends + (offset or 0.0)
        add_intervals(gathering, path, places, track or path.stem, name, starts, ends, words)
    gathering.use(path)
    return gathering.annotations(interpolated_slots=interpolated)


def parse_document(path: Path) -> pympi.Eaf:
    """Read a document.

    Raises
    ------
    InputError
        If there is no such file, or it is another kind of file.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        return pympi.Eaf(path, suppress_version_warning=True)
    # The parser raises bare exceptions, and KeyError for attributes that are missing.
    except Exception as error:
        raise InputError(f"{path}: not an ELAN document: {error}") from error


def check_origin(path: Path, document: pympi.Eaf, offset: float | None) -> None:
    """Refuse a document whose media begin at another time than 0, unless an offset is given."""
    origins = {medium.get("TIME_ORIGIN", "0") for medium in document.media_descriptors}
    if offset is None and origins - {"0"}:
        raise InputError(
            f"{path}: a medium begins at another time than 0 (TIME_ORIGIN "
            f"{', '.join(sorted(origins))} ms); give offset, what is to be added in s"
        )


def tier_intervals(
    path: Path, document: pympi.Eaf, tier: str
) -> tuple[np.ndarray, np.ndarray, list[str], int]:
    """Return starts and ends in s, words, and how many slots were interpolated.

    Annotations with times of their own come first, in the order of the document.
    """
    aligned, references = document.tiers[tier][:2]
    found = [(slots[0], slots[1], tier, slots[2]) for slots in aligned.values()]
    parents = [_aligned_parent(path, document, name) for name in references]
    if len(set(parents)) < len(parents):
        raise InputError(
            f"{path}: tier {tier!r} divides annotations of another tier without giving times; "
            "read a tier that has times of its own"
        )
    for (parent_tier, parent), reference in zip(parents, references.values(), strict=True):
        slots = document.tiers[parent_tier][0][parent]
        found.append((slots[0], slots[1], parent_tier, reference[1]))
    times, filled = {}, 0
    for name in {item[2] for item in found}:
        times[name], count = _slot_times(path, document, name)
        filled += count
    starts = np.array([times[name][start] for start, _, name, _ in found], dtype=float)
    ends = np.array([times[name][end] for _, end, name, _ in found], dtype=float)
    return starts, ends, [item[3].strip() for item in found], filled


def _aligned_parent(path: Path, document: pympi.Eaf, annotation: str) -> tuple[str, str]:
    """Return tier and name of the annotation with times that this one refers to."""
    seen = set()
    while annotation in document.annotations and annotation not in seen:
        seen.add(annotation)
        tier = document.annotations[annotation]
        aligned, references = document.tiers[tier][:2]
        if annotation in aligned:
            return tier, annotation
        annotation = references[annotation][0]
    raise InputError(f"{path}: annotation {annotation!r} is referred to, but leads to no times")


def _slot_times(path: Path, document: pympi.Eaf, tier: str) -> tuple[dict[str, float], int]:
    """Return the time in s of every slot of a tier, and how many of them had none."""
    used = {slot for annotation in document.tiers[tier][0].values() for slot in annotation[:2]}
    for slot in used - set(document.timeslots):
        raise InputError(f"{path}: tier {tier!r} uses time slot {slot!r}, which is not listed")
    slots = [slot for slot in document.timeslots if slot in used]  # in the order of time
    valued = [place for place, slot in enumerate(slots) if document.timeslots[slot] is not None]
    if slots and {0, len(slots) - 1} - set(valued):
        raise InputError(f"{path}: the first or last time slot of tier {tier!r} has no time")
    known = [document.timeslots[slots[place]] * MILLISECOND for place in valued]
    times = np.interp(np.arange(len(slots)), valued, known) if slots else []
    return dict(zip(slots, times, strict=True)), len(slots) - len(valued)


def _matches(path: Path) -> bool:
    return any("<ANNOTATION_DOCUMENT" in line for line in first_lines(path, 5, {".eaf"}))


FORMATS = (
    Format(
        "elan",
        "ELAN document (.eaf): intervals of emotion words in the tiers that are named",
        read_elan,
        _matches,
    ),
    Format(
        "elan-tab",
        "ELAN tab-delimited export: intervals of emotion words; columns and times as options say",
        read_elan_tab,
        is_elan_tab,
    ),
)
