"""Simulated predictions tables: people differ, faces of one person resemble each other."""

import numpy as np
import pandas as pd
import pytest

from emolib.labels import DIMENSIONS, EMOTIONS


def simulate(people=8, faces=30, splits=("test",), seed=0, skill=0.5):
    """Return a predictions table with `faces` faces of each of `people` people per split."""
    generator = np.random.default_rng(seed)
    tables = []
    for split in splits:
        for person in range(people):
            emotion = generator.choice(EMOTIONS[:4], size=faces, p=[0.4, 0.1, 0.4, 0.1])
            right = generator.random(faces) < np.clip(generator.normal(skill, 0.2), 0, 1)
            table = pd.DataFrame(
                {
                    "track": f"{split}{person}",
                    "person": f"{split}{person}",
                    "video": f"{split}{person}",
                    "frame": np.arange(faces),
                    "time": np.arange(faces) / 30,
                    "split": split,
                    "emotion": emotion,
                    "predicted_emotion": np.where(
                        right, emotion, generator.choice(EMOTIONS, size=faces)
                    ),
                }
            )
            for dimension in DIMENSIONS:
                truth = np.clip(generator.normal(0.2, 0.4, faces), -1, 1)
                bias = generator.normal(0, 0.2)
                table[dimension] = truth
                table[f"predicted_{dimension}"] = (
                    skill * truth + bias + generator.normal(0, 0.2, faces)
                )
            tables.append(table)
    return pd.concat(tables, ignore_index=True)


def with_predictions_of(truth, seed, skill=0.5):
    """Return the table with other predictions for the same faces."""
    generator = np.random.default_rng(seed)
    right = generator.random(len(truth)) < skill
    table = truth.assign(
        predicted_emotion=np.where(
            right, truth["emotion"], generator.choice(EMOTIONS, size=len(truth))
        )
    )
    for dimension in DIMENSIONS:
        noise = generator.normal(0, 0.3, len(truth))
        table[f"predicted_{dimension}"] = skill * truth[dimension] + noise
    return table


@pytest.fixture(name="simulate", scope="session")
def _simulate():
    return simulate


@pytest.fixture(name="with_predictions_of", scope="session")
def _with_predictions_of():
    return with_predictions_of
