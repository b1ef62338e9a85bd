"""What bfloat16 changes: features beside those in float32, and the test metrics of a network.

A small simulated corpus goes through the stages of a build, twice from the features on: in float32
and in bfloat16. A network is trained with several seeds on both. Chance alone, by the seed, changes
its test metrics; what the precision changes must be no more than the spread between seeds.

Where the processor has no units for bfloat16 it is emulated, slowly, so the evidence can be had
anywhere. Each training is done once, whatever `repeats` says.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.harness import Row, at_least, at_most
from benchmarks.subjects.extraction import SIMILARITY, cosine
from emolib import pipeline
from emolib.evaluation.metrics import evaluate
from emolib.evaluation.predictions import PredictionsFile
from emolib.models.backbones import ARCHITECTURES, load_backbone
from emolib.models.features import extract_features
from emolib.models.runs import run_specs
from emolib.storage import read_array
from emolib.workspace import Workspace, open_workspace

METRICS = {"macro_f1": "macro F1", "ccc_valence": "CCC of valence", "ccc_arousal": "CCC of arousal"}
VIDEOS, SEEDS, EPOCHS = 12, 5, 30
COMPARED = 128
"""Faces whose features are compared, at even distances through the corpus."""

CONFIG = """
corpus: {{kind: simulated, n_videos: {videos}, n_pairs: 0, duration: 6}}
faces: {{detect_every: 5}}
split: {{train: 0.5, validation: 0.2, test: 0.3}}
features: {{weights: simulated, preprocessing: native, precision: {precision}}}
training:
  networks: [vgg16-combined-1fc]
  seeds: {seeds}
  epochs: {epochs}
  sequence_length: 30
  batch_size: 8
  learning_rate: {{category: 5.0e-4, dimensional: 5.0e-4, combined: 5.0e-4}}
"""


def rows(
    repeats: int,
    videos: int = VIDEOS,
    seeds: int = SEEDS,
    epochs: int = EPOCHS,
    compared: int = COMPARED,
) -> Iterator[Row]:
    """Compare features, backbone by backbone, then test metrics, seed by seed.

    Parameters
    ----------
    repeats : int
        Has no effect.
    videos : int
        Of the corpus, six seconds each.
    seeds, epochs : int
        Trainings in each precision, and their length.
    compared : int
        Faces whose features are compared.
    """
    with tempfile.TemporaryDirectory() as name:
        folder, settings = Path(name), {"videos": videos, "epochs": epochs}
        settings["seeds"] = list(range(1, seeds + 1))
        workspace = _configured(folder, "float32", settings)
        _prepare(workspace)
        yield from feature_rows(faces(workspace, compared))
        exact = metrics_of_test(workspace)
        fast = metrics_of_test(_configured(folder, "bfloat16", settings))
    for metric in METRICS:
        yield metric_row(metric, exact[metric], fast[metric])


def feature_rows(crops: np.ndarray) -> Iterator[Row]:
    """Compare the features of each face, by each backbone with the weights that are shipped."""
    for name, architecture in ARCHITECTURES.items():
        backbone = load_backbone(name)
        exact, fast = (
            extract_features(crops, backbone, precision=precision)
            for precision in ("float32", "bfloat16")
        )
        what = f"{architecture.title} features in bfloat16, least alike of {len(crops)} faces"
        lowest = cosine(fast, exact).min()
        yield Row(what, "the same in float32", "cosine", [lowest], at_least(SIMILARITY))


def metric_row(metric: str, exact: pd.Series, fast: pd.Series) -> Row:
    """Compare the change of a test metric, a value a seed, with its range over seeds."""
    spread = np.ptp(exact.to_numpy())
    changes = (fast - exact).abs() / spread
    what = (
        f"change of the {METRICS[metric]} on test people by features in bfloat16, seed by seed "
        f"(VGG16, simulated people; float32: {exact.mean():.3f}, bfloat16: {fast.mean():.3f})"
    )
    against = f"the range over {len(exact)} seeds in float32, {spread:.3f}"
    return Row(what, against, "of the range", changes.tolist(), at_most(1))


def metrics_of_test(workspace: Workspace) -> pd.DataFrame:
    """Extract, train, and return the metrics of the test people, a row a seed."""
    pipeline.extract_all_features(workspace)
    pipeline.train_runs(workspace, pipeline.find_runs(workspace))
    return pd.DataFrame(
        [_evaluated(workspace.runs / spec.name) for spec in run_specs(workspace.config)]
    )


def faces(workspace: Workspace, count: int) -> np.ndarray:
    """Return crops, uint8 (count, size, size, 3), at even distances through all tracks."""
    listed = workspace.load("samples")[["track", "row"]]
    chosen = listed.iloc[np.linspace(0, len(listed) - 1, count).astype(int)]
    return np.concatenate(
        [
            read_array(workspace.crops / f"{track}.npy")[rows.to_numpy()]
            for track, rows in chosen.groupby("track")["row"]
        ]
    )


def _configured(folder: Path, precision: str, settings: dict) -> Workspace:
    """Return the workspace, which is the same for each precision up to the samples."""
    path = folder / "precision.yaml"
    path.write_text(CONFIG.format(precision=precision, **settings))
    return open_workspace(path, folder)


def _prepare(workspace: Workspace) -> None:
    pipeline.simulate(workspace)
    pipeline.ingest(workspace)
    pipeline.extract_all_faces(workspace)
    pipeline.unify_annotations(workspace)
    pipeline.match_and_split(workspace)


def _evaluated(run: Path) -> pd.Series:
    table = evaluate(PredictionsFile(run / "predictions.parquet", "test").table())
    return table.set_index("metric")["value"][list(METRICS)]
