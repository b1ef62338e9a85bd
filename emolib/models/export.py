"""A trained network with its backbone as one model for other programs: pixels in, answers out.

Nothing of this package is needed to use it. The exported model holds Keras's own layers alone, and
the SavedModel runs wherever TensorFlow does.
"""

from pathlib import Path

import keras

from emolib import __version__
from emolib.errors import InputError
from emolib.labels import DIMENSIONS, EMOTIONS
from emolib.models.backbones import Backbone
from emolib.models.end_to_end import assemble
from emolib.models.lstm import LSTM
from emolib.models.training import Run
from emolib.storage import whole_folder, write_json


def export_model(run: Run, backbone: Backbone, out: str | Path) -> Path:
    """Write a trained network with its backbone, as Keras file and as SavedModel.

    Parameters
    ----------
    run : Run
        From `emolib.models.training.load_run`.
    backbone : Backbone
        The one that the run was trained on.
    out : str or Path
        A folder that does not exist yet. It receives

        - ``model.keras``, for `keras.models.load_model`: from float32 or uint8 pixels
          (batch, time, size, size, 3), raw RGB in [0, 255], time being that of training, to a
          dictionary of ``category`` (batch, time, 7) and ``dimensional`` (batch, time, 2), or the
          one that the network has;
        - ``saved_model/``, for `tf.saved_model.load`: the same as ``serve`` (float32) and
          ``serve_uint8``;
        - ``model.json``: what goes in and comes out, in words a program can read.

        A clip that is shorter is filled up with zeros at its end, which change nothing before.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If the folder is there already.
    """
    out = Path(out)
    if out.exists():
        raise InputError(f"{out}: is there already; name a new folder or remove it first")
    model = _without_own_layers(run.model)
    if not run.spec.end_to_end:
        model = assemble(backbone, model)
    with whole_folder(out) as folder:
        model.save(folder / "model.keras")
        _save_for_tensorflow(model, folder / "saved_model")
        write_json(_description(run, backbone, model), folder / "model.json")
    return out


def _without_own_layers(model: keras.Model) -> keras.Model:
    """Return a copy in which the LSTM is Keras's own; the weights of the two are the same."""

    def copy(layer: keras.Layer) -> keras.Layer:
        config = layer.get_config()
        if isinstance(layer, keras.Model):
            return _without_own_layers(layer)
        if isinstance(layer, LSTM):
            return keras.layers.LSTM.from_config(config)
        return layer.__class__.from_config(config)

    twin = keras.models.clone_model(model, clone_function=copy)
    twin.set_weights(model.get_weights())
    return twin


def _save_for_tensorflow(model: keras.Model, folder: Path) -> None:
    import tensorflow as tf

    archive = keras.export.ExportArchive()
    archive.track(model)
    shape = (None, *model.input_shape[1:])
    for name, dtype in (("serve", tf.float32), ("serve_uint8", tf.uint8)):
        archive.add_endpoint(
            name,
            lambda pixels: model(tf.cast(pixels, tf.float32)),
            input_signature=[tf.TensorSpec(shape, dtype, "pixels")],
        )
    archive.write_out(folder, verbose=False)


def _description(run: Run, backbone: Backbone, model: keras.Model) -> dict:
    _, time, *face = model.input_shape
    answers = {"category": list(EMOTIONS), "dimensional": list(DIMENSIONS)}
    return {
        "input": {"name": "pixels", "axes": ["batch", "time", "height", "width", "rgb"],
                  "time": time, "face": face, "range": [0, 255], "frames_per_second": 30},
        "outputs": {name: answers[name] for name in model.output},
        "run": run.spec,
        "backbone": backbone.key,
        "emolib": __version__,
    }  # fmt: skip
