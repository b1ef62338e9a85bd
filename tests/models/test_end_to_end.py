"""Networks with their backbone in the loop: the same predictions, and what trains and what not."""

import numpy as np
import pandas as pd
import pytest

from emolib.config import Config
from emolib.errors import InputError
from emolib.labels import EMOTIONS, SPLITS
from emolib.models.backbones import ARCHITECTURES, load_backbone
from emolib.models.end_to_end import unfreeze
from emolib.models.features import extract_tracks
from emolib.models.runs import run_specs
from emolib.models.training import load_run, train

SIZE, FACES = 32, 6


def make_spec(**changes):
    training = {
        "networks": ["vgg16-combined-1fc"], "seeds": [1], "epochs": 2, "sequence_length": 3,
        "learning_rate": {"category": 0.01, "dimensional": 0.01, "combined": 0.01}, **changes,
    }  # fmt: skip
    config = Config(
        name="toy",
        corpus={"kind": "simulated"},
        faces={"crop_size": SIZE},
        features={"weights": "random", "precision": "float32"},
        training=training,
    )
    return run_specs(config)[0]


def backbone():
    return load_backbone("vgg16", weights="random", input_size=SIZE)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Write crops of three tracks, one a split, and their features."""
    folder, generator, tables = tmp_path_factory.mktemp("corpus"), np.random.default_rng(1), []
    (folder / "crops").mkdir()
    for number, split in enumerate(SPLITS):
        crops = generator.integers(0, 256, (FACES, SIZE, SIZE, 3), dtype=np.uint8)
        np.save(folder / "crops" / f"video{number}.npy", crops)
        tables.append(
            pd.DataFrame(
                {
                    "track": f"video{number}", "person": f"person{number}",
                    "video": f"video{number}", "frame": np.arange(FACES),
                    "time": np.arange(FACES) / 30, "split": split,
                    "emotion": np.resize(EMOTIONS, FACES),
                    "valence": np.linspace(-0.5, 0.5, FACES),
                    "arousal": np.linspace(0.4, 0.1, FACES), "row": np.arange(FACES),
                }
            )
        )  # fmt: skip
    samples = pd.concat(tables, ignore_index=True)
    tracks = list(samples["track"].unique())
    extract_tracks(
        tracks, folder / "crops", folder, backbone(), precision="float32", progress=False
    )
    return folder, samples


def run(corpus, spec, name):
    folder, samples = corpus
    if not spec.end_to_end:
        return train(spec, samples, folder, folder / name, progress=False)
    crops = folder / "crops"
    return train(spec, samples, crops, folder / name, backbone=backbone(), progress=False)


@pytest.fixture(scope="module")
def whole(corpus):
    """Train once with a frozen backbone in the loop, for the tests that only look at the run."""
    return run(corpus, make_spec(end_to_end=True), "whole")


def predictions(corpus, name):
    table = pd.read_parquet(corpus[0] / name / "predictions.parquet")
    return table.select_dtypes(np.float32).to_numpy()


def changed_convolutions(model):
    """Return the names of the convolutional layers whose kernels training has changed."""
    found, before = (part.get_layer for part in (model.get_layer("vgg16"), backbone().model))
    return {
        name
        for name in ARCHITECTURES["vgg16"].convolutions
        if not np.array_equal(found(name).get_weights()[0], before(name).get_weights()[0])
    }


def test_end_to_end_with_a_frozen_backbone_equals_training_on_cached_features(corpus, whole):
    run(corpus, make_spec(), "cached")
    # Cached features are rounded to float16.
    np.testing.assert_allclose(
        predictions(corpus, "whole"), predictions(corpus, "cached"), atol=0.02
    )


def test_end_to_end_frozen_means_that_no_weight_of_the_backbone_changes(whole):
    assert changed_convolutions(whole.model) == set()


def test_end_to_end_unfrozen_layers_train_and_no_others(corpus):
    trained = run(corpus, make_spec(end_to_end=True, unfreeze=2, epochs=1), "unfrozen")
    assert changed_convolutions(trained.model) == {"block5_conv2", "block5_conv3"}


def test_end_to_end_run_loads_and_predicts_from_pixels(corpus, whole):
    loaded = load_run(corpus[0] / "whole")
    pixels = np.load(corpus[0] / "crops" / "video0.npy").reshape(2, 3, SIZE, SIZE, 3)
    for name, values in loaded.model.predict_on_batch(pixels).items():
        np.testing.assert_allclose(
            values, whole.model.predict_on_batch(pixels)[name], rtol=1e-5, atol=1e-6
        )


def test_unfreeze_more_layers_than_there_are_is_an_error():
    with pytest.raises(InputError, match="training.unfreeze is 14, but vgg16 has 13"):
        unfreeze(backbone(), 14)


def test_unfreeze_leaves_batch_normalisation_frozen():
    xception = load_backbone("xception", weights="random", input_size=71)
    unfreeze(xception, 3)
    trainable = {layer.name for layer in xception.model.layers if layer.trainable}
    assert trainable == {"block13_sepconv2", "block14_sepconv1", "block14_sepconv2"}
