"""The stage of training: which faces, which data, what is recorded, what is redone."""

import numpy as np
import pandas as pd
import pytest

from emolib import pipeline
from emolib.config import load_config
from emolib.errors import InputError
from emolib.labels import SPLITS
from emolib.models.backbones import load_backbone
from emolib.models.runs import run_specs
from emolib.storage import read_json, write_array, write_json, write_table
from emolib.workspace import Workspace

SIZE, FACES = 32, 8
CONFIG = """
corpus: {kind: simulated}
faces: {crop_size: 32}
features: {weights: random, pooling: average, precision: float32}
training:
  networks: [vgg16-dimensional-1fc, vgg16-combined-1fc]
  seeds: [1]
  epochs: 1
  sequence_length: 4
"""


@pytest.fixture
def workspace(tmp_path):
    """Return a workspace with faces, crops and samples of three tracks, one a split.

    The second half of each has valence and arousal and no category.
    """
    (tmp_path / "toy.yaml").write_text(CONFIG)
    workspace = Workspace(load_config(tmp_path / "toy.yaml"), tmp_path / "build")
    generator, tables = np.random.default_rng(1), []
    for number, split in enumerate(SPLITS):
        crops = generator.integers(0, 256, (FACES, SIZE, SIZE, 3), dtype=np.uint8)
        write_array(crops, workspace.crops / f"video{number}.npy")
        emotion = np.where(np.arange(FACES) < FACES // 2, "happiness", "")
        tables.append(
            pd.DataFrame(
                {
                    "track": f"video{number}", "person": f"person{number}",
                    "video": f"video{number}", "frame": np.arange(FACES),
                    "time": np.arange(FACES) / 30, "row": np.arange(FACES), "split": split,
                    "emotion": emotion, "valence": np.linspace(-0.5, 0.5, FACES),
                    "arousal": np.linspace(0.4, 0.1, FACES),
                }
            )
        )  # fmt: skip
    samples = pd.concat(tables, ignore_index=True)
    write_table(samples, workspace.samples)
    write_table(samples, workspace.faces)
    return workspace


def test_checkpoint_of_a_finished_run_is_removed_and_one_that_goes_on_is_kept(workspace):
    finished, training = (workspace.runs / spec.name for spec in run_specs(workspace.config))
    for run in (finished, training):
        write_table(pd.DataFrame(), run / "history.csv")
        checkpoint = run.with_name(f".{run.name}.checkpoint.npz")
        checkpoint.touch()
        write_json({}, run / "metrics.json")
    checkpoint.touch()  # of the second, which is being trained again
    pipeline.train_runs(workspace, [])
    assert list(workspace.runs.glob(".*")) == [checkpoint]


def changed(workspace, **training):
    values = workspace.config.training.model_dump() | training
    return Workspace(workspace.config.override_training(values), workspace.folder.parent)


def predicted(workspace, name):
    return len(pd.read_parquet(workspace.runs / name / "predictions.parquet"))


def test_train_runs_records_what_they_are_made_of_and_are_then_not_lacking(workspace):
    pipeline.extract_all_features(workspace)
    dimensional, combined = names = pipeline.find_runs(workspace)
    assert pipeline.lacking_runs(workspace) == names
    pipeline.train_runs(workspace, ["vgg16-dimensional-1fc"])
    assert pipeline.lacking_runs(workspace) == [combined]
    assert predicted(workspace, dimensional) == len(SPLITS) * FACES // 2
    key = load_backbone("vgg16", weights="random", pooling="average", input_size=SIZE,
                        preprocessing="thesis").key  # fmt: skip
    assert read_json(workspace.runs / dimensional / "backbone.json") == {"key": key}
    samples = workspace.load("samples")
    write_table(samples.assign(valence=-samples["valence"]), workspace.samples)
    assert pipeline.lacking_runs(workspace) == names


def test_train_runs_on_any_face_takes_those_without_a_category_too(workspace):
    pipeline.extract_all_features(workspace)
    every = changed(workspace, faces="any", networks=("vgg16-category-1fc", "vgg16-combined-1fc"))
    category, combined = pipeline.find_runs(every)
    pipeline.train_runs(every, [category, combined])
    assert predicted(every, category) == len(SPLITS) * FACES // 2
    assert predicted(every, combined) == len(SPLITS) * FACES


def test_train_runs_end_to_end_need_no_features(workspace):
    whole = changed(workspace, end_to_end=True, networks=("vgg16-dimensional-1fc",))
    pipeline.extract_all_features(whole)
    assert not whole.features("vgg16").exists()
    (name,) = pipeline.find_runs(whole)
    pipeline.train_runs(whole, [name])
    assert pipeline.lacking_runs(whole) == []
    assert read_json(whole.runs / name / "backbone.json")["key"].startswith("vgg16-random")


def test_train_runs_writes_for_tensorboard_where_asked(workspace):
    pipeline.extract_all_features(workspace)
    shown = changed(workspace, tensorboard=True)
    name = pipeline.find_runs(shown)[0]
    pipeline.train_runs(shown, [name])
    assert list((shown.folder / "tensorboard" / name).iterdir())
    assert pipeline.find_runs(workspace)[0] == name


def test_train_runs_without_features_says_what_to_run(workspace):
    with pytest.raises(InputError, match="run `emolib features` first"):
        pipeline.train_runs(workspace, ["vgg16-dimensional-1fc"])


def test_delete_runs_deletes_none_where_one_is_unknown(workspace):
    pipeline.extract_all_features(workspace)
    pipeline.train_runs(workspace, ["vgg16-dimensional-1fc"])
    name = pipeline.find_runs(workspace)[0]
    with pytest.raises(InputError, match="no run 'none'"):
        pipeline.delete_runs(workspace, [name, "none"])
    assert (workspace.runs / name).is_dir()
    pipeline.delete_runs(workspace, [name])
    assert pipeline.lacking_runs(workspace) == pipeline.find_runs(workspace)
