"""Corpora in which it is known whether learning valence and arousal helps with categories.

Networks are trained on them as on any corpus, and the claims ledger must find out. Faces are
vectors in which two directions tell valence and arousal and two others something else; most
training faces have no category, as most of the thesis's have none. Where valence and arousal
determine the category, the many faces that have only them teach a combined network what matters;
where they have nothing to do with it, they cannot.
"""

import numpy as np
import pandas as pd
import pytest

from emolib.config import Config
from emolib.evaluation import claims
from emolib.evaluation.evidence import Build
from emolib.evaluation.results import Network
from emolib.labels import DIMENSIONS, EMOTIONS
from emolib.models.runs import run_specs
from emolib.models.training import train

PEOPLE = {"train": 16, "validation": 8, "test": 16}
STRETCH, STRETCHES, WIDTH = 15, 8, 64  # faces that show the same, stretches of a track, features
WITH_CATEGORY = 0.1  # of the stretches of training people
CENTRES = np.array(
    [(0, 0), (0.6, 0.5), (-0.6, -0.4), (-0.5, 0.6), (-0.7, 0.2), (0.2, 0.8), (0.5, -0.5)]
)
NETWORKS = ("vgg16-category-1fc", "vgg16-dimensional-1fc", "vgg16-combined-1fc")


def wander(generator):
    """Return points of the plane, near one centre for a stretch, then near another."""
    centres = np.repeat(generator.choice(len(CENTRES), size=STRETCHES), STRETCH)
    points = CENTRES[centres] + generator.normal(0, 0.12, (len(centres), 2))
    return np.clip(points, -1, 1)


def plant(folder, determined, seed=0):
    """Write features; return samples whose V/A determine the category, or do not."""
    generator = np.random.default_rng(seed)
    directions = np.linalg.qr(generator.normal(size=(WIDTH, WIDTH)))[0]
    tables = []
    for split, number in ((split, i) for split, n in PEOPLE.items() for i in range(n)):
        track, n = f"{split}{number}", STRETCHES * STRETCH
        affect, other = wander(generator), wander(generator)
        telling = affect if determined else other
        codes = np.linalg.norm(telling[:, None] - CENTRES, axis=2).argmin(axis=1)
        looks = generator.normal(0, 0.5, WIDTH) + generator.normal(0, 0.5, (n, WIDTH))
        looks[:, :4] = 2 * np.hstack([affect, other]) + generator.normal(0, 0.1, (n, 4))
        np.save(folder / f"{track}.npy", (looks @ directions).astype(np.float16))
        emotion = np.array(EMOTIONS, dtype=object)[codes]
        if split == "train":
            with_category = generator.random(STRETCHES) < WITH_CATEGORY
            emotion[~np.repeat(with_category, STRETCH)] = ""
        table = {"track": track, "person": track, "video": track, "split": split}
        table |= {"frame": np.arange(n), "time": np.arange(n) / 30, "row": np.arange(n)}
        table |= {"emotion": emotion, **dict(zip(DIMENSIONS, affect.T, strict=True))}
        tables.append(pd.DataFrame(table))
    return pd.concat(tables, ignore_index=True)


def judge(folder, determined):
    """Train a network of each kind and return the ledger, by name of the claim."""
    samples = plant(folder, determined)
    config = Config(
        name="planted",
        corpus={"kind": "simulated"},
        training={
            "networks": NETWORKS, "seeds": [1], "epochs": 30, "sequence_length": STRETCH,
            "batch_size": 8, "dropout": 0.2, "faces": "any",
            "learning_rate": dict.fromkeys(("category", "dimensional", "combined"), 3e-3),
        },
    )  # fmt: skip
    networks, named = [], samples["emotion"] != ""
    for spec in run_specs(config):
        faces = samples[named] if spec.kind == "category" else samples
        train(spec, faces, folder, folder / "runs" / spec.name, progress=False)
        table = pd.read_parquet(folder / "runs" / spec.name / "predictions.parquet")
        networks.append(Network(table[table["emotion"] != ""], spec.kind, spec.backbone, 1))
    build = Build(networks, samples[named], n_replicates=400)
    return claims.ledger(build).set_index("name")


@pytest.mark.slow
def test_combined_is_better_where_dimensions_determine_the_category(tmp_path):
    ledger = judge(tmp_path, determined=True)
    for name in ("combined accuracy", "combined macro-F1", "dimensions tell category"):
        assert ledger.loc[name, "verdict"] == "supported", ledger.loc[name]


@pytest.mark.slow
def test_combined_is_not_better_where_dimensions_are_independent_of_it(tmp_path):
    ledger = judge(tmp_path, determined=False)
    for name in ("combined accuracy", "combined macro-F1", "dimensions tell category"):
        assert ledger.loc[name, "verdict"] in ("not supported", "undecided"), ledger.loc[name]
