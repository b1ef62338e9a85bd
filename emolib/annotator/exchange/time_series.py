"""Traces as time series that ELAN draws: a table for each person, and how to draw them all."""

from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd

from emolib.labels import DIMENSION_RANGE, DIMENSIONS
from emolib.storage import atomic_path

SERIES_ENDING = ".timeseries.csv"
"""End of the name of a table of valence and arousal beside an ELAN document."""

PROVIDER = (
    "mpi.eudico.client.annotator.timeseries.csv.CSVServiceProvider"  # ELAN's reader of tables
)
LINES = {"valence": "0,114,178", "arousal": "213,94,0"}  # red, green, blue
COLUMNS = ("time", *DIMENSIONS, "track", "rater", "origin")


def write_series(dimensional: pd.DataFrame, document: Path) -> list[Path]:
    """Write the traces of a document, numbers in full; nothing for a table without rows.

    Returns
    -------
    list of Path
        A table for each person, and the file that tells ELAN how to draw them.
    """
    tables = {}
    for track, rows in dimensional.groupby("track"):
        name = f"{document.stem}.{track}{SERIES_ENDING}".replace("/", "_")
        tables[track] = document.with_name(name)
        with atomic_path(tables[track]) as temporary, temporary.open("w", newline="") as file:
            file.write(f"#{','.join(COLUMNS)}\n")  # ELAN skips lines that begin so
            rows[list(COLUMNS)].to_csv(file, index=False, header=False)
    if not tables:
        return []
    root = ElementTree.Element("timeseries", date=_now(), version="1.0")
    for track, path in tables.items():
        rows = dimensional[dimensional["track"] == track]
        _add_source(root, path, track, [name for name in DIMENSIONS if rows[name].notna().any()])
    ElementTree.indent(root)
    settings = document.with_name(f"{document.stem}_tsconf.xml")
    with atomic_path(settings) as temporary:
        ElementTree.ElementTree(root).write(temporary, encoding="UTF-8", xml_declaration=True)
    return [*tables.values(), settings]


def file_url(path: str | Path) -> str:
    """Return the address of a file as ELAN writes and reads it: without escapes."""
    return f"file://{Path(path).resolve().as_posix()}"


def _add_source(root: ElementTree.Element, path: Path, track: str, rated: list[str]) -> None:
    source = ElementTree.SubElement(
        root,
        "tracksource",
        {
            "sample-type": "Discontinuous Rate",
            "source-url": file_url(path),
            "time-column": str(COLUMNS.index("time")),
        },
    )
    ElementTree.SubElement(source, "property", key="provider", value=PROVIDER)
    low, high = DIMENSION_RANGE
    for name in rated:
        line = ElementTree.SubElement(source, "track", derivative="0", name=f"{track} {name}")
        ElementTree.SubElement(line, "property", key="detect-range", value="false")
        position = ElementTree.SubElement(line, "sample-position")
        ElementTree.SubElement(position, "pos", row="0", col=str(COLUMNS.index(name)))
        ElementTree.SubElement(line, "description").text = f"{name} of {track}"
        ElementTree.SubElement(line, "units")
        ElementTree.SubElement(line, "range", min=str(low), max=str(high))
        ElementTree.SubElement(line, "color").text = LINES[name]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
