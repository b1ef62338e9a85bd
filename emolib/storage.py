"""Files that are either whole or absent, and the record of what each was made from.

Every output is written under a temporary name in its own folder and renamed, so that a killed
process leaves no half file; `emolib.leftovers` finds what it does leave. Beside an artefact ``x``
stands ``x.inputs.json``: the parameters, input hashes, package version and, where the work is long,
the hash of the code it was made with (`emolib.sources.code_hash`). A stage calls `is_current`
before it works and `write_record` after. A file that is replaced loses its record at that moment.
Where a record vouches for several files, `forget` it before the first of them is changed.

A table with a row for every face may be larger than memory: `table_writer` writes it in pieces of
`GROUP` rows and `read_chunks` reads it in chunks of `ROWS`, whatever its length.
"""

import errno
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from emolib import __version__
from emolib.errors import InputError
from emolib.leftovers import temporary_beside

GROUP = 2**15
"""Rows of a Parquet table that are written together: 4 MB of a table of samples."""

ROWS = 2**14
"""Rows that are read at a time."""

READ = "emolib.storage.read"
"""Audit event of a file that Arrow opens for reading, of which Python would not tell."""


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; rename it to `path` when the block succeeds.

    The temporary name keeps the suffix, because encoders and writers choose a format by it. When
    the block raises, the temporary file is removed and `path` is left as it was. An `OSError` that
    tells of a full disk names `path`.
    """
    path = Path(path)
    temporary = temporary_beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        _to_disk(temporary)
        forget(path)
        os.replace(temporary, path)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise _full(path) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `folder`; put it in its place when the block succeeds.

    A folder that was there before is replaced as a whole, and is there until then.

    Raises
    ------
    InputError
        If the disk is full.
    """
    temporary = temporary_beside(folder)
    former = temporary_beside(folder.with_name(f"{folder.name}-former"))
    try:
        temporary.mkdir(parents=True)
        yield temporary
        for file in temporary.rglob("*"):
            _to_disk(file)
        # Deleted where it stands, it could be killed half-way and still look finished.
        if folder.exists():
            folder.rename(former)
        temporary.rename(folder)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise InputError(
            f"{folder}: the disk is full and this could not be written; free some space and "
            "try again (what was there before is unchanged)"
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(former, ignore_errors=True)


def write_table(table: pd.DataFrame, path: str | Path) -> Path:
    """Write a table as Parquet, CSV (6 significant digits) or JSON Lines, by suffix."""
    path = Path(path)
    with atomic_path(path) as temporary:
        if path.suffix == ".parquet":
            table.to_parquet(temporary, index=False, row_group_size=GROUP)
        elif path.suffix == ".csv":
            table.to_csv(temporary, index=False, float_format="%.6g")
        else:
            raise InputError(f"{path}: unknown table suffix {path.suffix!r}; use .parquet or .csv")
    return path


def read_table(
    path: str | Path, remedy: str = "run `make data` first", columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Read a table written by `write_table`, or some of its columns.

    `remedy` completes the error when the file is absent.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path}: no such file; {remedy}")
    if path.suffix == ".parquet":
        sys.audit(READ, os.fspath(path))
        return pd.read_parquet(path, columns=columns and list(columns))
    return pd.read_csv(path, usecols=columns)


@contextmanager
def table_writer(path: str | Path) -> Iterator[Callable[[pd.DataFrame], None]]:
    """Yield a function that adds rows to a Parquet table, which is then written in bounded memory.

    The columns and types are those of the first rows. The table appears under its name when the
    block succeeds, and not at all when it raises.

    Raises
    ------
    InputError
        If nothing was written.
    """
    pieces: list[pa.Table] = []
    file: pq.ParquetWriter | None = None

    def write(rows: pd.DataFrame) -> None:
        nonlocal file
        table = pa.Table.from_pandas(rows, preserve_index=False)
        file = file or pq.ParquetWriter(temporary, table.schema)
        pieces.append(table.cast(file.schema))
        if sum(map(len, pieces)) >= GROUP:
            flush()

    def flush() -> None:
        file.write_table(pa.concat_tables(pieces), row_group_size=GROUP)
        pieces.clear()

    with atomic_path(path) as temporary:
        try:
            yield write
            if file is None:
                raise InputError(f"{path}: a table without any row was to be written")
            if pieces:
                flush()
        finally:
            if file is not None:
                file.close()


def read_chunks(
    path: str | Path, columns: Sequence[str] | None = None, remedy: str = "run `make data` first"
) -> Iterator[pd.DataFrame]:
    """Yield a Parquet table in order, `ROWS` rows at a time, numbered as in the whole table.

    A table without rows is yielded once, for its columns.

    Parameters
    ----------
    path : str or Path
        The table.
    columns : sequence of str or None
        Those to read; None: all.
    remedy : str
        Completes the error when the table is absent.
    """
    if not Path(path).exists():
        raise InputError(f"{path}: no such file; {remedy}")
    start = 0
    sys.audit(READ, os.fspath(path))
    with pq.ParquetFile(path, pre_buffer=False) as file:
        columns = None if columns is None else list(columns)
        for batch in file.iter_batches(ROWS, columns=columns, use_threads=False):
            chunk = pa.Table.from_batches([batch]).to_pandas(use_threads=False)
            chunk.index = pd.RangeIndex(start, start + len(chunk))
            start += len(chunk)
            yield chunk
        if not start:
            yield file.read(columns).to_pandas()


def count_rows(path: str | Path) -> int:
    """Return how many rows a Parquet table has, without reading them."""
    return pq.read_metadata(path).num_rows


def write_json(value: Any, path: str | Path) -> Path:
    """Write JSON with sorted keys, NumPy scalars and arrays included."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(value, indent=2, sort_keys=True, default=_plain) + "\n")
    return Path(path)


def read_json(path: str | Path) -> Any:
    """Read a JSON file."""
    return json.loads(Path(path).read_text())


def write_array(array: np.ndarray, path: str | Path) -> Path:
    """Write an array as ``.npy``."""
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        try:
            np.save(file, array, allow_pickle=False)
        except OSError as error:
            if error.errno is None:  # NumPy says how much it could not write, and not why
                raise _full(path) from error
            raise
    return Path(path)


def read_array(path: str | Path) -> np.ndarray:
    """Open a ``.npy`` file as a read-only memory map."""
    return np.load(path, mmap_mode="r", allow_pickle=False)


def file_hash(path: str | Path) -> str:
    """Return the SHA-256 of a file as hexadecimal text, reading it in blocks."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def value_hash(value: Any, length: int = 12) -> str:
    """Return a short SHA-256 of any JSON-like value, independent of key order."""
    text = json.dumps(value, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def record_path(path: str | Path) -> Path:
    """Return where the record of an artefact lies: ``<path>.inputs.json``."""
    path = Path(path)
    return path.with_name(path.name + ".inputs.json")


def write_record(path: str | Path, inputs: Mapping[str, Any]) -> None:
    """Record what `path` was made from, with the version of the package."""
    write_json({"emolib": __version__, **inputs}, record_path(path))


def forget(path: str | Path) -> None:
    """Remove the record of `path`, before something that it vouches for is changed."""
    record_path(path).unlink(missing_ok=True)


def is_current(path: str | Path, inputs: Mapping[str, Any]) -> bool:
    """Return whether `path` exists and was made from exactly these inputs by this version."""
    record = record_path(path)
    if not (Path(path).exists() and record.exists()):
        return False
    expected = json.loads(json.dumps({"emolib": __version__, **inputs}, default=_plain))
    return read_json(record) == expected


def _to_disk(path: Path) -> None:
    """Have a file written out, or its name could be there after a power cut and its content not."""
    if path.is_file():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _full(path: str | Path) -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "model_dump"):
        return value.model_dump()
    raise TypeError(f"cannot write {type(value).__name__} as JSON")
