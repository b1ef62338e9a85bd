"""Memory stays flat: training with a hundred times the faces, evaluation with thirty times."""

import json

import numpy as np
import pandas as pd
import pytest

from benchmarks import sparse
from benchmarks.subjects import scaling
from emolib.models.batches import TrackFeatures
from emolib.workspace import open_workspace


@pytest.mark.parametrize(
    ("stage", "few", "many"), [("train", 2_500, 250_000), ("evaluate", 10_000, 300_000)]
)
def test_peak_memory_is_flat_however_many_faces_there_are(stage, few, many):
    assert stage in scaling.FLAT
    peaks = [scaling.measure(stage, faces)["peak_mb"] for faces in (few, many)]
    assert peaks[1] <= scaling.LIMIT * peaks[0], peaks


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


def test_sizes_double_to_the_largest_and_every_stage_is_prepared_once():
    for stages in scaling.PREPARED:
        assert len({(scaling.SIZES[stage], scaling.STAGES[stage][0]) for stage in stages}) == 1
    assert sorted(sum(scaling.PREPARED, ())) == sorted(scaling.SIZES) == sorted(scaling.STAGES)
    for sizes in scaling.SIZES.values():
        assert [size / sizes[-4] for size in sizes[-4:]] == [1, 2, 4, 8]
    assert scaling.TABLES[-1] >= 100 * scaling.TABLES[0]


def test_a_table_held_in_memory_is_noticed():
    # The same ruler on a stage that does hold its tables: the check above can fail.
    small, large = (scaling.measure("chapters", faces)["peak_mb"] for faces in (10_000, 100_000))
    assert large > scaling.LIMIT * small


def test_sparse_build_is_trained_for_as_many_updates_at_every_size(tmp_path):
    for faces in (20_000, 200_000):
        folder = tmp_path / str(faces)
        folder.mkdir()
        workspace = sparse.sparse_build(folder, faces, updates=scaling.UPDATES)
        assert open_workspace(folder / "sparse.yaml").config == workspace.config
        per_epoch = np.ceil(sparse.SHARE * faces * 3 / 5 / 60 / 64)
        assert workspace.config.training.epochs * per_epoch == pytest.approx(12, abs=4)


def test_what_is_quick_counts_by_its_median(monkeypatch):
    seconds = {"plan": [1.0, 9.0, 2.0], "match": [5.0, 1.0, 1.0]}

    def run(step, stage, folder, faces):
        return (
            json.dumps({"seconds": seconds[stage].pop(0), "peak_mb": 3}) if step == "work" else ""
        )

    monkeypatch.setattr(scaling, "_run", run)
    quick, slow = scaling.measure_all(("plan", "match"), 10)
    assert (quick["seconds"], slow["seconds"]) == (2.0, 5.0)


def test_rows_of_the_benchmark_judge_memory_that_must_be_flat_and_growth(monkeypatch, tmp_path):
    def measured(stages, faces):
        power = {"match": 1.2, "tsne": 2.0}
        growth = {stage: 1 if stage in scaling.FLAT else faces for stage in stages}
        seconds = {stage: (faces / 1e5) ** power.get(stage, 1) for stage in stages}
        return [
            {"stage": stage, "faces": faces, "seconds": seconds[stage], "peak_mb": growth[stage]}
            for stage in stages
        ]

    monkeypatch.setattr(scaling, "measure_all", measured)
    rows = list(scaling.rows(5, output=tmp_path / "scaling.csv"))
    flat = [row for row in rows if row.unit == "times"]
    assert len(flat) == len(scaling.FLAT)
    assert all(row.values == [1.0] and row.goal.limit == scaling.LIMIT for row in flat)
    grown = {row.what.split()[2].strip(","): row.summary() for row in rows if row not in flat}
    assert set(grown) == set(scaling.SIZES)
    missed = {stage: row for stage, row in grown.items() if row["reached"] == "no"}
    assert list(missed) == ["match"] and missed["match"]["median"] == pytest.approx(1.2)
    assert grown["tsne"]["goal"] == "–" and grown["tsne"]["median"] == pytest.approx(2)
    table = pd.read_csv(tmp_path / "scaling.csv")
    assert list(table)[:4] == ["stage", "faces", "seconds", "peak_mb"]
    assert table["stage"].unique().tolist() == list(scaling.SIZES)
    assert len(table) == sum(map(len, scaling.SIZES.values()))
    assert table["processor"].nunique() == 1
