"""Judge frozen features by what a linear classifier can read from them, and write the model card.

Simulated people whom neither a pre-training nor a corpus has seen pose the seven categories. From
some of them a logistic regression learns the category, on the others its mean recall is measured;
the recipe is the same for every representation.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from emolib.config import Config
from emolib.models.backbones import ARCHITECTURES, Backbone, load_backbone
from emolib.models.compact import load_compact
from emolib.models.features import extract_features
from emolib.models.runs import run_specs
from emolib.simulation.crops import pure_crops
from emolib.storage import atomic_path

PROBE_SEED = 1975
"""Seed of the strangers; that of the shipped weights is 1889, that of the corpus 2018."""

_TRAIN_SHARE = 0.6  # of the people
_COMPONENTS = 300
_PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1)
_FOLDED = "batch normalisation folded in"


def configured_backbones(config: Config) -> dict[str, Backbone]:
    """Return the backbones of a configuration's networks, with random and configured weights.

    Returns
    -------
    dict of str to Backbone
        By a name such as ``VGG16, random weights``; the random ones before the others.

    Raises
    ------
    InputError
        If a backbone's weights cannot be had.
    """
    specs = {spec.backbone: spec for spec in run_specs(config)}
    return {
        f"{ARCHITECTURES[name].title}, {Path(weights).name} weights": load_backbone(
            name,
            weights=weights,
            preprocessing=spec.features.preprocessing,
            pooling=spec.features.pooling,
            input_size=spec.crop_size,
        )
        for weights in dict.fromkeys(("random", config.features.weights))
        for name, spec in specs.items()
    }


def probe_predictions(
    n_people: int = 100,
    faces_per_person: int = 20,
    *,
    backbones: Mapping[str, Backbone],
    size: int = 72,
    seed: int = PROBE_SEED,
    n_jobs: int = 2,
) -> pd.DataFrame:
    """Let a linear classifier name the category of faces from each of several representations.

    Features are standardised and reduced to 300 principal components; the penalty of the
    regression is chosen by cross-validation over the training people.

    Parameters
    ----------
    n_people : int
        Simulated people; 60 % train, the others test.
    faces_per_person : int
        Faces rendered of each; the two in five that show a category in pure form are used.
    backbones : mapping of str to Backbone
        Name -> backbone, such as `configured_backbones` returns.
    size : int
        Side of the faces in pixels, as the backbones expect it.
    seed : int
        Of the people.
    n_jobs : int
        Processes for rendering.

    Returns
    -------
    DataFrame
        One row for each face and each of these: grey pixels (36 x 36), histograms of oriented
        gradients (Dalal and Triggs 2005; cells of 8, blocks of 16 of 72 pixels) and every
        backbone. ``representation, dimension`` (its length), ``person, track`` (the person
        again), ``frame`` (the number of the face), ``split`` (``train`` or ``test``),
        ``emotion, predicted_emotion``.
    """
    crops, emotion, person = _strangers(n_people, faces_per_person, size, seed, n_jobs)
    train = person < round(_TRAIN_SHARE * n_people)
    representations = {
        "grey pixels": _grey_pixels,
        "oriented gradients": _oriented_gradients,
        **{
            name: partial(extract_features, backbone=backbone)
            for name, backbone in backbones.items()
        },
    }
    faces = pd.DataFrame(
        {
            "person": person.astype(str),
            "track": person.astype(str),
            "frame": np.arange(len(person)),
            "split": np.where(train, "train", "test"),
            "emotion": emotion,
        }
    )
    tables = []
    for name, features in ((name, of(crops)) for name, of in representations.items()):
        predicted = _predicted(features, emotion, person, train)
        tables.append(faces.assign(predicted_emotion=predicted))
        tables[-1].insert(0, "representation", name)
        tables[-1].insert(1, "dimension", features.shape[1])
    return pd.concat(tables, ignore_index=True)


def probe_table(predictions: pd.DataFrame) -> pd.DataFrame:
    """Compare what representations of a face tell a linear classifier about its category.

    Parameters
    ----------
    predictions : DataFrame
        From `probe_predictions`.

    Returns
    -------
    DataFrame
        One row a representation: ``representation, dimension, balanced_accuracy`` (mean recall of
        the seven), ``train_faces, test_faces``.
    """
    rows = []
    for (name, dimension), mine in predictions.groupby(["representation", "dimension"], sort=False):
        test = mine[mine["split"] == "test"]
        rows.append(
            {
                "representation": name,
                "dimension": dimension,
                "balanced_accuracy": balanced_accuracy_score(
                    test["emotion"], test["predicted_emotion"]
                ),
                "train_faces": len(mine) - len(test),
                "test_faces": len(test),
            }
        )
    return pd.DataFrame(rows)


def write_model_card(weights: str | Path, table: pd.DataFrame, out: str | Path) -> Path:
    """Write a Markdown page on a compact weight file: origin, fit, probe, limits.

    Parameters
    ----------
    weights : str or Path
        Written by `emolib.models.pretraining.make_weights`.
    table : DataFrame
        From `probe_table`.
    out : str or Path
        The page to write.

    Returns
    -------
    Path
        `out`.
    """
    weights = Path(weights)
    values, metadata = load_compact(weights)
    separable = any(name.endswith("depthwise_kernel") for name in values)
    with atomic_path(out) as temporary:
        temporary.write_text(_card(weights, metadata, table, separable))
    return Path(out)


def _card(weights: Path, metadata: Mapping[str, Any], table: pd.DataFrame, separable: bool) -> str:
    settings, validation = metadata["settings"], metadata["validation"]
    units = {int(key[5:]): value for key, value in validation.items() if key.startswith("r2_AU")}
    stages = "; ".join(
        f"{stage['epochs']} epochs at {stage['size']} x {stage['size']} pixels, learning rate "
        f"{stage['learning_rate']:g}"
        for stage in settings["stages"]
    )
    remark = f"\n{metadata['remark']}\n" if "remark" in metadata else ""
    normalisation = "with its own batch normalisation" if separable else _FOLDED
    depthwise = ", depthwise kernels in 16 bits" if separable else ""
    return f"""# {metadata["backbone"]}, pre-trained on simulated people

Written by `make weights`, together with `{weights.name}`. Every number is computed.

| | |
|---|---|
| network | convolutional part of {metadata["backbone"]}, {normalisation} |
| input | RGB faces, scaling `{metadata["preprocessing"]}` |
| start | {metadata.get("start", "random kernels")} |
| trained to regress | {metadata["target"]} |
| people | {settings["n_people"]} to train, {settings["n_validation_people"]} to validate, seed {settings["seed"]} |
| faces of each | {settings["faces_per_person"]} |
| faces per epoch | {settings["faces_per_epoch"]} |
| stages | {stages} |
| precision of training | {settings["precision"]} |
| storage | 8-bit kernels, a scale per output channel{depthwise}; {weights.stat().st_size / 1e6:.1f} MB |
| SHA-256 of the arrays | `{metadata["sha256"]}` |
{remark}
## Fit on people held out

Share of the variance explained, at {validation["size"]} x {validation["size"]} pixels: {validation["r2"]:.2f} on average.

{_markdown(pd.DataFrame(sorted(units.items()), columns=["action unit", "R2"]))}

## What a linear classifier reads from the features

Balanced accuracy over the seven categories on simulated people that were never seen.

{_markdown(table)}

## Limits

The people are drawn by a program. The weights know its faces, not human ones: use them to run and
to check the software, and ImageNet or face-recognition weights to study people.
"""  # noqa: E501 (a table row is a line)


def _markdown(table: pd.DataFrame) -> str:
    rows = [table.columns, ["---"] * table.shape[1]]
    rows += [
        [f"{value:.3f}" if isinstance(value, float) else str(value) for value in row]
        for row in table.itertuples(index=False)
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _strangers(
    n_people: int, faces_per_person: int, size: int, seed: int, n_jobs: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return crops, category and number of the person of the faces that show a category."""
    tasks = (
        delayed(pure_crops)(person, faces_per_person, seed, size) for person in range(n_people)
    )
    crops, emotion = zip(*Parallel(n_jobs=n_jobs)(tasks), strict=True)
    person = np.repeat(np.arange(n_people), [len(labels) for labels in emotion])
    return np.concatenate(crops), np.concatenate(emotion), person


def _grey_pixels(crops: np.ndarray) -> np.ndarray:
    return np.stack([_grey(crop, 36).ravel() for crop in crops])


def _oriented_gradients(crops: np.ndarray) -> np.ndarray:
    histogram = cv2.HOGDescriptor((72, 72), (16, 16), (8, 8), (8, 8), 9)
    return np.stack([histogram.compute(_grey(crop, 72)).ravel() for crop in crops])


def _grey(crop: np.ndarray, side: int) -> np.ndarray:
    grey = cv2.cvtColor(np.ascontiguousarray(crop), cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, (side, side), interpolation=cv2.INTER_AREA)


def _predicted(
    features: np.ndarray, emotion: np.ndarray, person: np.ndarray, train: np.ndarray
) -> np.ndarray:
    components = min(_COMPONENTS, features.shape[1], int(train.sum()) // 2)
    reduction = make_pipeline(StandardScaler(), PCA(components, random_state=0))
    search = GridSearchCV(
        LogisticRegression(max_iter=2000),
        {"C": _PENALTIES},
        scoring="balanced_accuracy",
        cv=GroupKFold(3),
    )
    features = features.astype(np.float32)
    # The reduction sees no category and no test person; it is the dear part, and done once.
    search.fit(reduction.fit_transform(features[train]), emotion[train], groups=person[train])
    return search.predict(reduction.transform(features))
