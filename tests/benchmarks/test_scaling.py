"""Memory stays flat: training and evaluation with a hundred times the faces."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import sparse
from benchmarks.subjects import scaling
from emolib.models.batches import TrackFeatures
from emolib.workspace import open_workspace


@pytest.mark.parametrize("stage", scaling.FLAT)
def test_peak_memory_is_flat_from_one_to_a_hundred_times_the_faces(stage):
    few, _, many = (faces // 2 for faces in scaling.TABLES)
    assert many == 100 * few
    peaks = {faces: scaling.measure(stage, faces)["peak_mb"] for faces in (few, many)}
    assert peaks[many] <= scaling.LIMIT * peaks[few], peaks


def test_features_of_a_sparse_build_take_hardly_any_disk(tmp_path):
    workspace = sparse.sparse_build(tmp_path, 20_000, width=4096)
    files = list(workspace.features("vgg16").glob("*.npy"))
    assert sum(file.stat().st_size for file in files) > 20_000 * 4096 * 2
    assert sum(file.stat().st_blocks * 512 for file in files) < 20_000 * 4096 * 2 / 20
    samples = workspace.load("samples")
    assert len(samples) == 20_000 and samples["person"].nunique() == sparse.PEOPLE
    assert samples.groupby("person")["split"].nunique().max() == 1
    read = TrackFeatures(samples, workspace.features("vgg16"), memory_bound=0)
    assert not read[np.array([0, 19_999])].any()


def test_a_table_held_in_memory_is_noticed():
    # The same ruler on a stage that does hold its tables: the check above can fail.
    small, large = (scaling.measure("chapters", faces)["peak_mb"] for faces in scaling.TABLES[:2])
    assert large > scaling.LIMIT * small


def test_sparse_build_is_trained_for_as_many_updates_at_every_size(tmp_path):
    for faces in (20_000, 200_000):
        folder = tmp_path / str(faces)
        folder.mkdir()
        workspace = sparse.sparse_build(folder, faces, updates=scaling.UPDATES)
        assert open_workspace(folder / "sparse.yaml").config == workspace.config
        per_epoch = np.ceil(sparse.SHARE * faces * 3 / 5 / 60 / 64)
        assert workspace.config.training.epochs * per_epoch == pytest.approx(12, abs=4)


def test_rows_of_the_benchmark_judge_only_what_must_be_flat(monkeypatch, tmp_path):
    def measured(stage, faces):
        growth = 1 if stage in scaling.FLAT else faces
        return {"stage": stage, "faces": faces, "seconds": faces / 1e5, "peak_mb": 40.0 * growth}

    monkeypatch.setattr(scaling, "measure", measured)
    rows = list(scaling.rows(5, output=tmp_path / "scaling.csv"))
    flat = [row for row in rows if row.unit == "times"]
    assert len(rows) == len(scaling.SIZES) and len(flat) == len(scaling.FLAT)
    assert all(row.values == [1.0] and row.goal.limit == scaling.LIMIT for row in flat)
    table = pd.read_csv(tmp_path / "scaling.csv")
    assert list(table)[:4] == ["stage", "faces", "seconds", "peak_mb"]
    assert len(table) == 3 * len(scaling.SIZES) and table["processor"].nunique() == 1
