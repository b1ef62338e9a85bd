"""Training on toy features: learning, files, determinism, atomicity, refusals."""

import errno
import json
import logging
import shutil

import numpy as np
import pandas as pd
import pytest

from emolib.config import Config
from emolib.data.sequences import build_sequences
from emolib.errors import InputError
from emolib.labels import EMOTIONS, SPLITS
from emolib.models import checkpoints, devices, fitting, training
from emolib.models.batches import Labels, TrackFeatures, even_batches, gather
from emolib.models.devices import make_deterministic
from emolib.models.judging import predict_sequences
from emolib.models.networks import build_network, network_spec
from emolib.models.runs import RunSpec, run_specs
from emolib.models.steps import step_function
from emolib.models.training import load_run, train

DIMENSION = 4


def make_spec(network="vgg16-combined-1fc", **changes):
    values = {
        "networks": [network], "seeds": [1], "epochs": 2, "sequence_length": 5, "batch_size": 2,
        "learning_rate": {"category": 0.02, "dimensional": 0.02, "combined": 0.02}, **changes,
    }  # fmt: skip
    config = Config(name="toy", corpus={"kind": "simulated"}, training=values)
    return run_specs(config)[0]


def make_corpus(folder, faces=13):
    """Write features of six tracks, two a split, from which both kinds of label can be read."""
    generator = np.random.default_rng(4)
    tables = []
    for number in range(6):
        track, split = f"video{number}", SPLITS[number // 2]
        happy = np.arange(faces) // 4 % 2 == number % 2
        features = generator.normal(0, 0.1, (faces, DIMENSION))
        features[:, 0] += np.where(happy, 1, -1)
        np.save(folder / f"{track}.npy", features.astype(np.float16))
        tables.append(
            pd.DataFrame(
                {
                    "track": track, "person": f"person{number}", "video": track,
                    "frame": np.arange(faces), "time": np.arange(faces) / 30, "split": split,
                    "emotion": np.where(happy, "happiness", "sadness"),
                    "valence": np.where(happy, 0.6, -0.5), "arousal": np.where(happy, 0.4, 0.1),
                    "row": np.arange(faces),
                }
            )
        )  # fmt: skip
    return pd.concat(tables, ignore_index=True)


@pytest.fixture
def corpus(tmp_path):
    return make_corpus(tmp_path)


def run(tmp_path, samples, spec=None, name="run"):
    return train(spec or make_spec(), samples, tmp_path, tmp_path / name, progress=False)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Train one combined network for the tests that only look at a run."""
    folder = tmp_path_factory.mktemp("finished")
    samples = make_corpus(folder)
    spec = make_spec(epochs=12, dropout=0.1)
    return folder, samples, run(folder, samples, spec)


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """Train a category-only network for two epochs, with which others are compared."""
    folder = tmp_path_factory.mktemp("short")
    run(folder, make_corpus(folder), make_spec("vgg16-category-1fc"))
    return folder / "run"


def test_train_learns_labels_that_the_features_show(finished):
    table = pd.read_parquet(finished[0] / "run" / "predictions.parquet")
    test = table[table["split"] == "test"]
    assert (test["predicted_emotion"] == test["emotion"]).mean() > 0.9
    assert np.corrcoef(test["valence"], test["predicted_valence"])[0, 1] > 0.9


def test_train_writes_every_file_of_a_run(finished):
    folder, samples, trained = finished[0] / "run", *finished[1:]
    assert sorted(path.name for path in folder.iterdir()) == [
        *("backbone.json", "environment.json", "history.csv", "metrics.json"),
        *("metrics.json.inputs.json", "model.keras", "predictions.parquet", "spec.json"),
    ]
    assert RunSpec(**json.loads((folder / "spec.json").read_text())) == trained.spec
    history = pd.read_csv(folder / "history.csv")
    assert list(history) == ["epoch", "split", "metric", "value"]
    assert set(history["metric"]) == {"loss", "category_loss", "dimensional_loss"}
    assert len(history) == 12 * 2 * 3
    predictions = pd.read_parquet(folder / "predictions.parquet")
    pd.testing.assert_frame_equal(
        predictions[["track", "frame", "emotion"]], samples[["track", "frame", "emotion"]]
    )
    probability = predictions[[f"probability_{emotion}" for emotion in EMOTIONS]]
    np.testing.assert_allclose(probability.sum(axis=1), 1, rtol=1e-5)
    assert predictions.notna().all(axis=None)


@pytest.mark.parametrize(
    ("network", "present", "absent"),
    [("vgg16-category-2fc", "predicted_emotion", "predicted_valence"),
     ("vgg16-dimensional-2fc", "predicted_arousal", "probability_fear")],
)  # fmt: skip
def test_train_single_kind_predicts_its_own_labels_alone(
    tmp_path, corpus, network, present, absent
):
    run(tmp_path, corpus, make_spec(network, epochs=1))
    table = pd.read_parquet(tmp_path / "run" / "predictions.parquet")
    assert present in table and absent not in table
    assert set(pd.read_csv(tmp_path / "run" / "history.csv")["metric"]) == {"loss"}


def test_train_twice_gives_identical_predictions_and_another_seed_does_not(tmp_path, corpus):
    tables = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run(tmp_path, corpus, make_spec("vgg16-dimensional-1fc", seeds=[seed]), name)
        tables.append(pd.read_parquet(tmp_path / name / "predictions.parquet"))
    pd.testing.assert_frame_equal(tables[0], tables[1], check_exact=True)
    assert not tables[0].equals(tables[2])


def test_train_keeps_the_epoch_of_lowest_validation_loss(tmp_path, corpus):
    rates = dict.fromkeys(("category", "dimensional", "combined"), 0.3)  # so large that it jumps
    run(tmp_path, corpus, make_spec("vgg16-category-1fc", epochs=6, learning_rate=rates))
    history = pd.read_csv(tmp_path / "run" / "history.csv")
    losses = history[(history["split"] == "validation") & (history["metric"] == "loss")]
    best = losses.loc[losses["value"].idxmin()]
    assert 1 <= best["epoch"] < 6
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["best_epoch"] == best["epoch"]
    assert metrics["validation_loss"] == pytest.approx(best["value"], rel=1e-4)


def test_train_face_without_category_takes_no_part_in_the_category_loss(tmp_path, corpus):
    spec = make_spec("vgg16-category-1fc", epochs=1, dropout=0)
    some = corpus.copy()
    last = some["frame"] >= 10  # the last sequence of each track, so that the LSTM sees no change
    some.loc[last, "emotion"] = ""
    run(tmp_path, some, spec, "some")
    other = some.copy()
    other.loc[last, ["valence", "arousal"]] = np.nan
    run(tmp_path, other, spec, "other")
    tables = [
        pd.read_parquet(tmp_path / name / "predictions.parquet") for name in ("some", "other")
    ]
    columns = [f"probability_{emotion}" for emotion in EMOTIONS]
    pd.testing.assert_frame_equal(tables[0][columns], tables[1][columns], check_exact=True)
    assert len(tables[0]) == len(corpus)


def test_train_killed_while_writing_leaves_the_older_run(tmp_path, corpus, monkeypatch):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "metrics.json").write_text("older")

    def fail(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "_environment", fail)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, corpus, make_spec("vgg16-category-1fc", epochs=1))
    assert (tmp_path / "run" / "metrics.json").read_text() == "older"
    assert not list(tmp_path.glob(".run*"))


def test_train_on_a_full_disk_leaves_the_older_run_and_says_what_to_do(
    tmp_path, corpus, short, monkeypatch
):
    spec = make_spec("vgg16-category-1fc", epochs=1)
    shutil.copytree(short, tmp_path / "run")
    older = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}

    def full(table, path):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(training, "write_table", full)
    with pytest.raises(InputError, match="the disk is full .* free some space and try again"):
        run(tmp_path, corpus, spec)
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == older
    with pytest.raises(InputError, match="the disk is full"):
        run(tmp_path, corpus, spec, "new")
    assert not (tmp_path / "new").exists()
    assert not [path for path in tmp_path.glob(".*") if path.is_dir()]


def test_train_goes_on_where_a_checkpoint_cannot_be_written(tmp_path, corpus, monkeypatch, caplog):
    def full(*arguments, **arrays):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoints.np, "savez", full)
    spec = make_spec("vgg16-category-1fc", epochs=1)
    train(spec, corpus, tmp_path, tmp_path / "run", checkpoint_every=1, progress=False)
    assert "no checkpoint could be written" in caplog.text
    assert (tmp_path / "run" / "metrics.json").is_file()


def interrupted(tmp_path, samples, spec, after, monkeypatch, name="resumed", inputs=None):
    """Train, are stopped once epoch `after` has a checkpoint, and train again."""
    original, killed = fitting._train_epoch, []

    def kill_later(train_on, spec, material, epoch):
        if epoch > after and not killed:
            killed.append(epoch)
            raise KeyboardInterrupt
        return original(train_on, spec, material, epoch)

    monkeypatch.setattr(fitting, "_train_epoch", kill_later)
    arguments = (spec, samples, tmp_path, tmp_path / name)
    with pytest.raises(KeyboardInterrupt):
        train(*arguments, checkpoint_every=2, progress=False)
    assert not (tmp_path / name).exists()
    assert (tmp_path / f".{name}.checkpoint.npz").is_file()
    epochs = []
    monkeypatch.setattr(
        fitting, "_train_epoch", lambda *these: epochs.append(these[-1]) or original(*these)
    )
    train(*arguments, checkpoint_every=2, progress=False, inputs=inputs)
    assert not (tmp_path / f".{name}.checkpoint.npz").exists()
    return epochs


def test_train_resumed_after_a_kill_equals_the_undisturbed_bit_for_bit(
    tmp_path, corpus, monkeypatch
):
    spec = make_spec("vgg16-combined-3fc", epochs=6)  # with dropout, whose states must go on too
    run(tmp_path, corpus, spec, "undisturbed")
    epochs = interrupted(tmp_path, corpus, spec, 3, monkeypatch)
    assert epochs == [3, 4, 5, 6]
    for file in ("predictions.parquet", "history.csv", "spec.json"):
        found, expected = (tmp_path / name / file for name in ("resumed", "undisturbed"))
        assert found.read_bytes() == expected.read_bytes()
    pairs = zip(
        *(load_run(tmp_path / name).model.get_weights() for name in ("resumed", "undisturbed")),
        strict=True,
    )
    assert all(np.array_equal(found, expected) for found, expected in pairs)


def test_train_starts_anew_where_the_checkpoint_is_of_other_data(tmp_path, corpus, monkeypatch):
    spec = make_spec("vgg16-category-1fc", epochs=3)
    assert interrupted(tmp_path, corpus, spec, 2, monkeypatch, inputs={"features": "other"}) == [
        *(1, 2, 3)
    ]


def test_train_starts_anew_where_the_checkpoint_is_damaged(tmp_path, corpus, caplog):
    (tmp_path / ".run.checkpoint.npz").write_bytes(b"PK half a file")
    run(tmp_path, corpus, make_spec("vgg16-category-1fc", epochs=1))
    assert "damaged, training starts again" in caplog.text


def test_train_stops_early_when_nothing_got_better_for_so_long(tmp_path, corpus):
    rates = dict.fromkeys(("category", "dimensional", "combined"), 0.3)  # so large that it jumps
    spec = make_spec("vgg16-category-1fc", epochs=30, early_stopping=2, learning_rate=rates)
    run(tmp_path, corpus, spec)
    history = pd.read_csv(tmp_path / "run" / "history.csv")
    best = json.loads((tmp_path / "run" / "metrics.json").read_text())["best_epoch"]
    assert history["epoch"].max() == best + 2 < 30


def test_train_ccc_of_sequences_is_another_loss_than_that_of_batches(tmp_path, corpus):
    losses = []
    for ccc in ("batch", "sequence"):
        run(tmp_path, corpus, make_spec("vgg16-dimensional-1fc", epochs=1, ccc=ccc), ccc)
        losses.append(json.loads((tmp_path / ccc / "metrics.json").read_text())["test_loss"])
    assert losses[0] != losses[1]


def test_train_in_bfloat16_learns_as_well_and_predicts_in_float32(tmp_path, corpus):
    spec = make_spec(epochs=12, dropout=0.1, precision="mixed_bfloat16")
    trained = run(tmp_path, corpus, spec)
    table = pd.read_parquet(tmp_path / "run" / "predictions.parquet")
    assert (table["predicted_emotion"] == table["emotion"]).mean() > 0.9
    assert table["predicted_valence"].dtype == np.float32
    assert trained.model.get_layer("trunk").compute_dtype == "bfloat16"


@pytest.mark.parametrize("units", ["float32", "bfloat16"])
def test_train_in_automatic_precision_takes_that_of_the_machine(
    tmp_path, corpus, monkeypatch, units
):
    monkeypatch.setattr(devices, "resolve_precision", lambda precision: units)
    run(tmp_path, corpus, make_spec("vgg16-category-1fc", epochs=1, precision="auto"))
    trained = load_run(tmp_path / "run")
    assert trained.spec.precision == "auto"
    assert trained.model.get_layer("trunk").compute_dtype == units
    environment = json.loads((tmp_path / "run" / "environment.json").read_text())
    assert environment["precision"].removeprefix("mixed_") == units


def test_train_writes_what_tensorboard_shows(tmp_path, corpus):
    import tensorflow as tf

    spec = make_spec("vgg16-category-1fc")
    events = tmp_path / "events"
    train(spec, corpus, tmp_path, tmp_path / "run", tensorboard=events, progress=False)
    (file,) = events.iterdir()
    found = {
        (value.tag, event.step): float(tf.make_ndarray(value.tensor))
        for event in tf.compat.v1.train.summary_iterator(str(file))
        for value in event.summary.value
    }
    history = pd.read_csv(tmp_path / "run" / "history.csv")
    expected = {
        (f"{row.metric}/{row.split}", row.epoch): pytest.approx(row.value, rel=1e-4)
        for row in history.itertuples()
    }
    assert found == expected


def test_train_from_memory_maps_equals_training_from_memory(tmp_path, corpus, short):
    spec = make_spec("vgg16-category-1fc")
    mapped = TrackFeatures(corpus, tmp_path, memory_bound=0)
    train(spec, corpus, mapped, tmp_path / "maps", progress=False)
    tables = [pd.read_parquet(run / "predictions.parquet") for run in (short, tmp_path / "maps")]
    pd.testing.assert_frame_equal(*tables, check_exact=True)


def test_train_in_small_chunks_equals_training_in_one(tmp_path, corpus, short, monkeypatch):
    monkeypatch.setattr(fitting, "CHUNK_BYTES", 1)
    run(tmp_path, corpus, make_spec("vgg16-category-1fc"), "small")
    tables = [pd.read_parquet(run / "predictions.parquet") for run in (short, tmp_path / "small")]
    pd.testing.assert_frame_equal(*tables, check_exact=True)


def test_train_track_shorter_than_a_sequence_is_padded_and_predicted(tmp_path, corpus):
    short = corpus[(corpus["track"] != "video0") | (corpus["frame"] < 3)]
    run(tmp_path, short, make_spec(sequence_length=10, epochs=1))
    table = pd.read_parquet(tmp_path / "run" / "predictions.parquet")
    assert (table["track"] == "video0").sum() == 3
    assert table.filter(like="predicted").notna().all(axis=None)


@pytest.mark.parametrize("ccc", ["batch", "sequence"])
def test_one_padded_frame_changes_no_weight_whatever_it_contains(ccc):
    spec, weights = make_spec(ccc=ccc, dropout=0), []
    inputs = np.random.default_rng(1).normal(size=(1, 2, 5, DIMENSION)).astype(np.float32)
    targets = {"category": np.full((1, 2, 5, 8), 0.1), "dimensional": np.full((1, 2, 5, 3), 0.1)}
    for output, values in targets.items():
        values[0, :, ::2, 0] = 0.4
        values[..., -1] = 1
        values[0, 1, -1, -1] = 0  # the frame that is padding
        targets[output] = values.astype(np.float32)
    for filling in (0, 9):
        inputs[0, 1, -1] = filling
        make_deterministic(1)
        model = build_network(network_spec(spec.network), 5, DIMENSION, spec.dropout)
        fitting.compile_model(model, spec)
        before = model.get_weights()
        step_function(model)(inputs, targets)
        weights.append(model.get_weights())
        assert not any(np.array_equal(a, b) for a, b in zip(before, weights[-1], strict=True))
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_train_missing_labels_are_no_labels(tmp_path, corpus):
    corpus = corpus.astype({"emotion": object})
    corpus.loc[corpus["frame"] == 12, "emotion"] = np.nan
    corpus.loc[corpus["frame"] == 11, ["valence", "arousal"]] = np.nan
    run(tmp_path, corpus, make_spec(epochs=1))
    assert np.isfinite(pd.read_csv(tmp_path / "run" / "history.csv")["value"]).all()


def test_train_says_which_categories_a_split_lacks(tmp_path, corpus, caplog):
    corpus.loc[corpus["split"] == "test", "emotion"] = "happiness"
    with caplog.at_level(logging.WARNING):
        run(tmp_path, corpus, make_spec("vgg16-category-1fc", epochs=1))
    lacking = json.loads((tmp_path / "run" / "metrics.json").read_text())["without_faces"]
    assert lacking["test"] == [emotion for emotion in EMOTIONS if emotion != "happiness"]
    assert "no face of the test split shows neutral, sadness" in caplog.text


def test_load_run_predicts_as_the_training_did(finished):
    folder, samples, trained = finished
    loaded = load_run(folder / "run")
    assert loaded.spec == trained.spec
    features = np.load(folder / "video5.npy")
    table = samples[samples["track"] == "video5"].reset_index(drop=True)
    outputs = predict_sequences(loaded.model, features, build_sequences(table, 5, 1.0))
    written = pd.read_parquet(folder / "run" / "predictions.parquet")
    expected = written.loc[written["track"] == "video5", "predicted_valence"]
    np.testing.assert_allclose(outputs["dimensional"][:, 0], expected, rtol=1e-5, atol=1e-6)


def test_load_run_unfinished_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no finished run"):
        load_run(tmp_path)


def test_load_run_of_another_version_is_refused_with_the_remedy(tmp_path, short):
    shutil.copytree(short, tmp_path / "run")
    path = tmp_path / "run" / "environment.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"emolib": "0.0.7"}))
    with pytest.raises(InputError, match=r"trained by emolib 0.0.7, .* train it again, or install"):
        load_run(tmp_path / "run")


def test_load_run_with_other_settings_is_refused(tmp_path, short):
    shutil.copytree(short, tmp_path / "run")
    path = tmp_path / "run" / "spec.json"
    spec = json.loads(path.read_text())
    del spec["ccc"]
    path.write_text(json.dumps(spec))
    with pytest.raises(InputError, match="cannot read; train it again"):
        load_run(tmp_path / "run")


def test_train_split_without_labels_is_an_error(tmp_path, corpus):
    corpus.loc[corpus["split"] == "validation", "emotion"] = ""
    with pytest.raises(InputError, match="validation split has no face with a label for the cat"):
        run(tmp_path, corpus)


def test_train_without_row_column_is_an_error(tmp_path, corpus):
    with pytest.raises(InputError, match="no column 'row'"):
        run(tmp_path, corpus.drop(columns="row"))


def test_train_missing_features_name_the_file(tmp_path, corpus):
    (tmp_path / "video3.npy").unlink()
    with pytest.raises(InputError, match="video3.npy: no features.*emolib features"):
        run(tmp_path, corpus)


def test_track_features_too_short_is_an_error(tmp_path, corpus):
    np.save(tmp_path / "video1.npy", np.zeros((12, DIMENSION), np.float16))
    with pytest.raises(InputError, match=r"video1.npy: features of shape \(12, 4\).*face 12"):
        TrackFeatures(corpus, tmp_path)


def test_track_features_read_the_row_of_the_face_in_any_order(tmp_path, corpus):
    kept = corpus[corpus["frame"] % 3 == 1].reset_index(drop=True)
    features = TrackFeatures(kept, tmp_path)
    positions = np.random.default_rng(0).permutation(len(kept))
    arrays = {track: np.load(tmp_path / f"{track}.npy") for track in set(kept["track"])}
    expected = [arrays[kept["track"][i]][kept["row"][i]] for i in positions]
    np.testing.assert_array_equal(features[positions], expected)
    assert features.shape == (len(kept), DIMENSION)


def test_gather_pads_with_zeros_and_refuses_nan():
    features = np.array([[1.0, 2.0], [3.0, np.nan]], np.float32)
    np.testing.assert_array_equal(gather(features, np.array([[0, -1]])), [[[1, 2], [0, 0]]])
    with pytest.raises(InputError, match="sample 1 are not finite"):
        gather(features, np.array([[0, 1]]))


def test_even_batches_fill_up_the_last_with_empty_sequences():
    batches = list(even_batches(np.arange(6).reshape(3, 2), 2))
    assert [batch.tolist() for batch in batches] == [[[0, 1], [2, 3]], [[4, 5], [-1, -1]]]


def test_labels_mask_what_nobody_labelled(corpus):
    corpus.loc[0, "emotion"] = ""
    corpus.loc[1, ["valence", "arousal"]] = np.nan
    labels, sequences = Labels(corpus), np.array([[0, 1, -1]])
    np.testing.assert_array_equal(labels.targets("category", sequences)[0, :, -1], [0, 1, 0])
    np.testing.assert_array_equal(labels.targets("dimensional", sequences)[0, :, -1], [1, 0, 0])
    assert labels.count("category", np.array([0, 1, 2])) == 2


@pytest.mark.parametrize(
    ("column", "value", "match"),
    [("emotion", "joy", "unknown emotion 'joy'"), ("valence", 40.0, r"row 3: valence and arousal"),
     ("arousal", np.nan, "both missing"), ("valence", np.inf, "row 3")],
)  # fmt: skip
def test_labels_impossible_value_is_an_error(corpus, column, value, match):
    corpus.loc[3, column] = value
    with pytest.raises(InputError, match=match):
        Labels(corpus)


def test_run_specs_are_networks_times_seeds_with_the_rates_of_their_kind():
    config = Config(name="toy", corpus={"kind": "simulated"}, training={"seeds": [1, 2]})
    specs = run_specs(config)
    assert [(s.network, s.seed) for s in specs] == [
        (f"vgg16-{kind}-1fc", seed)
        for kind in ("category", "dimensional", "combined")
        for seed in (1, 2)
    ]
    assert [s.learning_rate for s in specs[::2]] == [1e-5, 1e-4, 1e-5]
    assert (specs[0].kind, specs[0].backbone) == ("category", "vgg16")


def test_run_spec_name_changes_with_anything_in_it():
    names = [
        make_spec().name,
        make_spec(seeds=[2]).name,
        make_spec(dropout=0.6).name,
        make_spec(loss_weights={"category": 0.5}).name,
        make_spec(ccc="sequence").name,
        make_spec(faces="any").name,
        make_spec(early_stopping=3).name,
        make_spec(precision="mixed_bfloat16").name,
        make_spec(end_to_end=True).name,
        make_spec(end_to_end=True, unfreeze=1).name,
    ]
    assert len(set(names)) == len(names)
    assert names[0] == make_spec().name
    assert names[0].startswith("vgg16-combined-1fc-seed1-")


def test_run_spec_name_does_not_change_with_what_its_kind_does_not_use():
    category = "vgg16-category-1fc"
    assert make_spec(category, ccc="sequence").name == make_spec(category).name
    assert make_spec(category, loss_weights={"category": 0.5}).name == make_spec(category).name
    assert (
        make_spec(category, checkpoint_every=9, tensorboard=True).name == make_spec(category).name
    )


def test_run_specs_take_the_pooling_of_their_backbone():
    networks = ["vgg16-category-1fc", "xception-category-1fc"]
    config = Config(
        name="toy",
        corpus={"kind": "simulated"},
        features={"pooling_of": {"xception": "average"}},
        training={"networks": networks, "seeds": [1]},
    )
    assert [spec.features.pooling for spec in run_specs(config)] == ["flatten", "average"]


def test_unfreeze_without_the_backbone_in_the_loop_is_refused():
    with pytest.raises(ValueError, match="unfreeze needs end_to_end"):
        make_spec(unfreeze=2)


def test_run_specs_unknown_network_lists_the_known():
    config = Config(name="toy", corpus={"kind": "simulated"}, training={"networks": ["vgg11"]})
    with pytest.raises(InputError, match="vgg11.*known are vgg16-category-1fc"):
        run_specs(config)
