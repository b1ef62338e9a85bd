"""Files are whole or absent, and remember what they were made from."""

import errno
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from emolib import storage
from emolib.errors import InputError
from emolib.leftovers import remove_leftovers


def test_atomic_path_failure_leaves_the_old_file_and_no_rest(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError), storage.atomic_path(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["table.csv"]


@pytest.mark.parametrize("name", ["array.npy", "table.parquet", "table.csv"])
def test_writing_to_a_full_disk_leaves_the_old_file_and_no_rest(tmp_path, monkeypatch, name):
    path = tmp_path / name
    # NumPy gives no number, pandas no file name.
    reason = ("9 requested and 3 written",) if path.suffix == ".npy" else (errno.ENOSPC, "full")

    def full(*arguments, **options):
        raise OSError(*reason)

    def write(value):
        if path.suffix == ".npy":
            storage.write_array(np.full(3, value), path)
        else:
            storage.write_table(pd.DataFrame({"value": [value]}), path)

    write(1)
    written = {name: path.read_bytes()}
    monkeypatch.setattr(np, "save", full)
    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(OSError, match="No space left") as error:
        write(2)
    assert (error.value.errno, error.value.filename) == (errno.ENOSPC, str(path))
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == written


def test_another_failure_of_the_system_is_not_taken_for_a_full_disk(tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(np, "save", refuse)
    with pytest.raises(OSError, match="Permission denied"):
        storage.write_array(np.zeros(1), tmp_path / "array.npy")


def test_whole_folder_replaces_the_old_one_at_once_and_leaves_nothing_else(tmp_path):
    for content in ("old", "new"):
        with storage.whole_folder(tmp_path / "run") as folder:
            (folder / content).touch()
            there = [path.name for path in tmp_path.glob("run/*")]
            assert there == ([] if content == "old" else ["old"])
    assert [path.name for path in tmp_path.rglob("*")] == ["run", "new"]


def test_folder_is_never_half_deleted_under_its_name(tmp_path, monkeypatch):
    """Killed while the old folder is deleted, it is the new one, whatever is left of the old."""
    with storage.whole_folder(tmp_path / "run") as folder:
        (folder / "old").touch()
    monkeypatch.setattr(storage.shutil, "rmtree", lambda *arguments, **options: None)
    with storage.whole_folder(tmp_path / "run") as folder:
        (folder / "new").touch()
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["new"]


def test_file_that_is_replaced_loses_its_record(tmp_path):
    """Or, were the next step killed, it would pass for what it was made from before."""
    path = storage.write_array(np.zeros(1), tmp_path / "x.npy")
    storage.write_record(path, {"seed": 1})
    storage.write_array(np.ones(1), path)
    assert not storage.is_current(path, {"seed": 1})


def test_what_a_killed_process_was_writing_is_found_by_the_next(tmp_path):
    script = "import os, sys; from emolib import storage\n"
    script += "with storage.atomic_path(sys.argv[1]) as path: path.touch(); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", script, tmp_path / "x.npy"], check=False)
    assert len(list(tmp_path.iterdir())) == 1
    assert len(remove_leftovers(tmp_path)) == 1
    assert not list(tmp_path.iterdir())


def test_atomic_path_keeps_the_suffix_and_makes_the_folder(tmp_path):
    path = tmp_path / "new" / "clip.mp4"
    with storage.atomic_path(path) as temporary:
        assert temporary.suffix == ".mp4"
        temporary.write_text("whole")
    assert path.read_text() == "whole"


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_table_round_trip(tmp_path, suffix):
    table = pd.DataFrame({"track": ["a", "b"], "valence": [0.25, -1.0], "frame": [0, 7]})
    path = storage.write_table(table, tmp_path / f"table{suffix}")
    pd.testing.assert_frame_equal(storage.read_table(path), table)


def test_write_table_unknown_suffix_names_the_known_ones(tmp_path):
    with pytest.raises(InputError, match="use .parquet or .csv"):
        storage.write_table(pd.DataFrame(), tmp_path / "table.xls")


def test_read_table_absent_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="no such file; run `make data` first"):
        storage.read_table(tmp_path / "absent.parquet")


def test_array_round_trip_is_a_read_only_memory_map(tmp_path):
    array = np.arange(12, dtype=np.float16).reshape(3, 4)
    opened = storage.read_array(storage.write_array(array, tmp_path / "array.npy"))
    assert isinstance(opened, np.memmap)
    assert not opened.flags.writeable
    np.testing.assert_array_equal(opened, array)


def test_value_hash_ignores_key_order_and_sees_every_value():
    assert storage.value_hash({"a": 1, "b": 2}) == storage.value_hash({"b": 2, "a": 1})
    assert storage.value_hash({"a": 1}) != storage.value_hash({"a": 2})


def test_is_current_only_for_the_same_inputs_and_an_existing_file(tmp_path):
    path = tmp_path / "x.npy"
    inputs = {"sha256": "abc", "settings": {"rate": np.float64(30)}, "folder": tmp_path}
    assert not storage.is_current(path, inputs)
    storage.write_array(np.zeros(1), path)
    assert not storage.is_current(path, inputs)
    storage.write_record(path, inputs)
    assert storage.is_current(path, inputs)
    assert not storage.is_current(path, inputs | {"sha256": "abd"})
    path.unlink()
    assert not storage.is_current(path, inputs)


def test_is_current_another_version_of_the_package_is_not(tmp_path, monkeypatch):
    path = storage.write_array(np.zeros(1), tmp_path / "x.npy")
    storage.write_record(path, {"a": 1})
    monkeypatch.setattr(storage, "__version__", "0.0.0")
    assert not storage.is_current(path, {"a": 1})


def test_table_written_in_pieces_is_the_whole_table(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "GROUP", 4)
    monkeypatch.setattr(storage, "ROWS", 3)
    table = pd.DataFrame({"name": list("abcdefghij"), "value": np.arange(10.0)})
    with storage.table_writer(tmp_path / "a.parquet") as write:
        for start in range(0, 10, 2):
            write(table.iloc[start : start + 2])
        assert not (tmp_path / "a.parquet").exists()
    pd.testing.assert_frame_equal(storage.read_table(tmp_path / "a.parquet"), table)
    chunks = list(storage.read_chunks(tmp_path / "a.parquet"))
    assert len(chunks) > 3 and max(map(len, chunks)) <= 3
    pd.testing.assert_frame_equal(pd.concat(chunks), table)
    (one, *_) = storage.read_chunks(tmp_path / "a.parquet", ["value"])
    assert list(one) == ["value"]
    assert storage.count_rows(tmp_path / "a.parquet") == 10


def test_table_of_which_a_piece_fails_is_not_there(tmp_path):
    with pytest.raises(ZeroDivisionError), storage.table_writer(tmp_path / "a.parquet") as write:
        write(pd.DataFrame({"value": [1.0]}))
        raise ZeroDivisionError
    with (
        pytest.raises(InputError, match="without any row"),
        storage.table_writer(tmp_path / "a.parquet"),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_table_without_rows_is_read_for_its_columns(tmp_path):
    storage.write_table(pd.DataFrame({"value": np.zeros(0)}), tmp_path / "a.parquet")
    (chunk,) = storage.read_chunks(tmp_path / "a.parquet")
    assert list(chunk) == ["value"] and chunk.empty
    with pytest.raises(InputError, match="no such file; run `make data` first"):
        next(storage.read_chunks(tmp_path / "b.parquet"))
