"""An index of samples that is small and says the same as the table."""

import numpy as np
import pandas as pd
import pytest

from emolib.data import samples as module
from emolib.data.samples import INDEX, SampleFile
from emolib.data.sequences import build_sequences
from emolib.errors import InputError
from emolib.labels import SPLITS
from emolib.storage import table_writer


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Return a table of samples in chunks of seven rows, and the file."""
    monkeypatch.setattr("emolib.storage.ROWS", 7)
    rng, n = np.random.default_rng(0), 40
    table = pd.DataFrame(
        {"track": np.repeat(list("dcba"), 10), "person": "x", "row": np.tile(np.arange(10), 4),
         "time": np.tile(np.arange(10) / 30, 4), "split": np.repeat([*SPLITS, ""], 10),
         "emotion": rng.choice(["", "fear", "anger"], n), "valence": rng.uniform(-1, 1, n),
         "arousal": rng.uniform(-1, 1, n)}
    )  # fmt: skip
    with table_writer(tmp_path / "samples.parquet") as write:
        write(table)
    return table, tmp_path / "samples.parquet"


def usable(chunk):
    return chunk[(chunk["split"] != "") & (chunk["emotion"] != "")]


def test_index_holds_the_rows_that_are_kept_in_order(written):
    table, path = written
    index, expected = SampleFile(path, usable).index, usable(table).reset_index(drop=True)
    for name in ("track", "split", "emotion", "row", "time"):
        assert index[name].tolist() == expected[name].tolist(), name
    np.testing.assert_array_equal(index["valence"], expected["valence"].astype(np.float32))
    assert index["track"].cat.categories.tolist() == ["d", "c", "b"]
    np.testing.assert_array_equal(build_sequences(index, 4, 1.0), build_sequences(expected, 4, 1.0))


def test_index_takes_25_bytes_a_face_at_most(written):
    _, path = written
    index = SampleFile(path, lambda chunk: chunk).index
    held = sum(column.cat.codes.nbytes if hasattr(column, "cat") else column.nbytes
               for _, column in index.items())  # fmt: skip
    assert held / len(index) <= 25 and list(index) == list(INDEX)


def test_chunks_hold_every_column_of_what_is_kept(written):
    table, path = written
    chunks = list(SampleFile(path, usable).chunks())
    assert len(chunks) == 6
    pd.testing.assert_frame_equal(pd.concat(chunks), usable(table))


def test_digest_changes_with_any_value(written):
    table, path = written
    before = SampleFile(path, usable).digest()
    table.assign(person="y").to_parquet(path)
    assert SampleFile(path, usable).digest() != before


def test_missing_table_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="no such file; run `emolib match` first"):
        SampleFile(tmp_path / "samples.parquet", usable)


def test_more_names_than_a_byte_counts():
    many = [f"track{i}" for i in range(300)]
    table = pd.DataFrame({"track": many, "row": 0, "time": 0.0, "split": "test", "emotion": None,
                          "valence": np.nan, "arousal": np.nan})  # fmt: skip
    index = module.compact(table.iloc[i : i + 100] for i in range(0, 300, 100))
    assert index["track"].tolist() == many and set(index["emotion"]) == {""}
