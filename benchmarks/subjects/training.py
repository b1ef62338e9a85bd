"""Training: a step of the LSTM against Keras and PyTorch, an epoch against the thesis's way.

The step is that of an LSTM of 128 units on features, with Adam. Each side trains as its
documentation says: ours by `emolib.models.steps`, Keras by ``fit``, PyTorch by a loop. The weights
are the same at first, and outputs and gradients must agree before anything is timed.

The thesis trained with the convolutional part in the loop, frozen, in float32 (4.4): every face of
every epoch went through it anew. That takes minutes an epoch, so it is timed on a few updates, and
the time is multiplied by the number of updates. It gets our LSTM and our loop.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import keras
import numpy as np
import pandas as pd
from keras import ops

from benchmarks.harness import FASTER, Row, at_least, race, speedup
from emolib.config import Config
from emolib.labels import EMOTIONS
from emolib.models.backbones import ARCHITECTURES, load_backbone
from emolib.models.batches import Labels, even_batches, gather
from emolib.models.end_to_end import assemble
from emolib.models.features import extract_features
from emolib.models.fitting import compile_model, loss_weights
from emolib.models.lstm import LSTM
from emolib.models.networks import TRUNK_UNITS, build_network
from emolib.models.runs import RunSpec, run_specs
from emolib.models.steps import Adam, step_function

LENGTH, FEATURES = 60, 2048
STEPS = {2: 17, 32: 3}
"""Sequences of a batch -> updates of a round: about as many as a chunk of a training has."""

KERAS, PYTORCH = "keras.layers.LSTM on TensorFlow", "torch.nn.LSTM"
GOALS = {2: (7.0, 1.0), 32: (None, 1.0)}
"""Sequences of a batch -> times as fast as Keras, as PyTorch; None: only to be known."""

POOLING = {"vgg16": "flatten", "xception": "average"}
UPDATES, TIMED = 400, 2
"""Updates of an epoch, and those timed of the thesis's way."""

CHUNK = 17
"""Batches handed over at once, as many of this size as `emolib.models.fitting` takes."""

BOUND = (
    "An update on features is bounded by its two products with the kernel of the LSTM, by Adam, "
    "which reads and writes every weight and its two moments, and by two loops of 60 steps; the "
    "other side is spared what an ordinary Keras LSTM would add, since it is given ours."
)
"""For whoever reads that the goal of the epoch is missed."""

STEP_BOUNDS = {
    2: "Of a step of two sequences the two products with the kernel of the LSTM take a quarter and "
    "Adam, which reads and writes every weight and its two moments, a third; all sides have these. "
    "Another quarter are the loops of {length} steps, forward and backward, in NumPy here.",
    32: "Of a step of 32 sequences the two products with the kernel of the LSTM take some two "
    "thirds. Each side leaves them to its own library, TensorFlow here and PyTorch there, which so "
    "decide more than the loops of {length} steps do.",
}
"""Sequences of a batch -> for whoever reads that a goal of its step is missed."""

RATE = 1e-3
SEED = 2018

Step = Callable[[], float]
"""Trains on all batches of a round; returns the mean loss."""


@dataclass(frozen=True)
class Task:
    """What the LSTMs learn: inputs (steps, batch, time, features), targets (..., units), weights.

    Attributes
    ----------
    inputs, targets : ndarray of float32
        As above.
    weights : list of ndarray
        Kernel (features, 4 units), recurrent kernel (units, 4 units) and bias (4 units,), the
        gates in the order of Keras, which is PyTorch's too.
    """

    inputs: np.ndarray
    targets: np.ndarray
    weights: list[np.ndarray]


def rows(
    repeats: int,
    steps: dict[int, int] = STEPS,
    features: int = FEATURES,
    length: int = LENGTH,
    units: int = TRUNK_UNITS,
    backbones: Sequence[str] = tuple(POOLING),
    updates: int = UPDATES,
    size: int = 72,
) -> Iterator[Row]:
    """Compare steps of the LSTM for several sizes of a batch, then epochs for several backbones.

    Parameters
    ----------
    repeats : int
        Rounds.
    steps : dict of int to int
        Sequences of a batch -> updates of a round.
    features, length, units : int
        Of the LSTM.
    backbones : sequence of str
        Whose features the networks learn from.
    updates : int
        Of an epoch.
    size : int
        Side of a face in pixels.
    """
    for batch, count in steps.items():
        yield from lstm_rows(repeats, make_task(count, batch, length, features, units))
    for name in backbones:
        yield epoch_row(repeats, name, updates, length, size)


def lstm_rows(repeats: int, task: Task) -> Iterator[Row]:
    """Compare the time for the steps of a task; say it loudly where PyTorch is not there."""
    sides = {"emolib": ours(task), KERAS: stock(task)}
    missing = not has_pytorch()
    if not missing:
        sides[PYTORCH] = pytorch(task)
    answers = [gradients() for _, gradients in sides.values()]
    for other in answers[1:]:
        require_same_gradients(answers[0], other)
    seconds = race({name: step for name, (step, _) in sides.items()}, same_loss, repeats)
    batch, length, features = task.inputs.shape[1:]
    what = f"training step of an LSTM, batch of {batch} x {length} x {features:,}"
    of_keras, of_pytorch = GOALS.get(batch, (None, None))
    note = STEP_BOUNDS.get(batch, "").format(length=length)
    yield speedup(what, seconds, KERAS, of_keras and at_least(of_keras), note)
    goal = of_pytorch and at_least(of_pytorch)
    if missing:
        against = f"{PYTORCH}: NOT MEASURED, PyTorch is not installed"
        yield Row(
            what,
            against,
            FASTER,
            [np.nan],
            goal,
            "Install it by `pip install torch` and measure again.",
        )
    else:
        yield speedup(what, seconds, PYTORCH, goal, note)


def make_task(steps: int, batch: int, length: int, features: int, units: int) -> Task:
    """Draw features, targets and weights at random."""
    generator = np.random.default_rng(SEED)
    shapes = [(features, 4 * units), (units, 4 * units), (4 * units,)]
    return Task(
        generator.normal(size=(steps, batch, length, features)).astype(np.float32),
        generator.uniform(-0.5, 0.5, (steps, batch, length, units)).astype(np.float32),
        [generator.normal(0, shape[0] ** -0.5, shape).astype(np.float32) for shape in shapes],
    )


def ours(task: Task) -> tuple[Step, Callable]:
    """Return what trains our LSTM, and what computes output and gradients of the first batch."""
    model = _keras_model(LSTM(task.weights[1].shape[0], name="lstm"), Adam(RATE), task)
    train_on = step_function(model)

    def train() -> float:
        return train_on(task.inputs, {"lstm": task.targets})["loss"]

    return train, partial(_keras_gradients, model, task)


def stock(task: Task) -> tuple[Step, Callable]:
    """Return the same for the LSTM and the Adam of Keras."""
    layer = keras.layers.LSTM(task.weights[1].shape[0], return_sequences=True, name="lstm")
    model = _keras_model(layer, keras.optimizers.Adam(RATE), task)
    batch = task.inputs.shape[1]
    inputs, targets = (array.reshape(-1, *array.shape[2:]) for array in (task.inputs, task.targets))

    def train() -> float:
        history = model.fit(inputs, targets, batch, epochs=1, shuffle=False, verbose=0)
        return history.history["loss"][0]

    return train, partial(_keras_gradients, model, task)


def pytorch(task: Task) -> tuple[Step, Callable]:
    """Return the same for PyTorch, whose second bias stays zero, since Keras has one only."""
    import torch

    kernel, recurrent, bias = task.weights
    layer = torch.nn.LSTM(kernel.shape[0], recurrent.shape[0], batch_first=True)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.from_numpy(kernel.T.copy()))
        layer.weight_hh_l0.copy_(torch.from_numpy(recurrent.T.copy()))
        layer.bias_ih_l0.copy_(torch.from_numpy(bias))
        layer.bias_hh_l0.zero_().requires_grad_(False)
    learned = [layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0]
    optimizer = torch.optim.Adam(learned, RATE, eps=1e-7)  # Keras's epsilon
    inputs, targets = torch.from_numpy(task.inputs), torch.from_numpy(task.targets)

    def loss_of(step: int):
        return torch.nn.functional.mse_loss(layer(inputs[step])[0], targets[step])

    def train() -> float:
        losses = []
        for step in range(len(inputs)):
            optimizer.zero_grad()
            loss = loss_of(step)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return float(np.mean(losses))

    def gradients() -> list[np.ndarray]:
        output = layer(inputs[0])[0].detach().numpy()
        found = torch.autograd.grad(loss_of(0), learned)
        return [output, *(gradient.numpy().T for gradient in found)]

    return train, gradients


def has_pytorch() -> bool:
    """Return whether PyTorch can be imported; nothing else of the project needs it."""
    try:
        import torch  # noqa: F401
    except ImportError:
        return False
    return True


def require_same_gradients(some: Sequence[np.ndarray], others: Sequence[np.ndarray]) -> None:
    """Require the same output and the same gradients, to a thousandth of the largest of each."""
    for one, other in zip(some, others, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3 * np.abs(other).max())


def same_loss(one: float, other: float) -> None:
    """Require the same loss after some updates."""
    np.testing.assert_allclose(one, other, rtol=1e-3)


def epoch_row(repeats: int, backbone_name: str, updates: int, length: int, size: int) -> Row:
    """Compare an epoch of the network with two heads on cached features with the thesis's way."""
    spec = _spec(backbone_name, length)
    timed = min(TIMED, updates)
    faces = timed * spec.batch_size * length
    generator = np.random.default_rng(SEED)
    crops = generator.integers(0, 256, (faces, size, size, 3), dtype=np.uint8)
    labels = Labels(_random_labels(faces, generator))
    backbone = load_backbone(
        backbone_name, weights="random", pooling=spec.features.pooling, input_size=size
    )
    features = extract_features(crops, backbone, precision="float32")
    heads = _network(spec, backbone.dimension)
    whole = assemble(backbone, _network(spec, backbone.dimension))
    sequences = np.arange(faces, dtype=np.int32).reshape(-1, length)
    epoch = np.resize(sequences, (updates * spec.batch_size, length))
    on_features = trainer(compile_model(heads, spec), spec, features, labels)
    on_crops = trainer(compile_model(whole, spec), spec, crops, labels)
    same_loss_of_heads(on_features(sequences), on_crops(sequences))
    contenders = {
        "emolib": lambda: on_features(epoch),
        "thesis": lambda: on_crops(sequences),
    }
    seconds = race(contenders, lambda *_: None, repeats)  # which have agreed already
    title = ARCHITECTURES[backbone_name].title
    seconds["thesis"] *= updates / timed
    against = (
        f"{title} in the loop, frozen, float32 ({timed} updates timed, times {updates // timed})"
    )
    what = f"an epoch of {updates} updates of two heads on cached features of {title}"
    seconds = seconds.rename(columns={"thesis": against})
    return speedup(what, seconds, against, at_least(100), BOUND)


def trainer(
    model: keras.Model, spec: RunSpec, inputs: np.ndarray, labels: Labels
) -> Callable[[np.ndarray], dict[str, float]]:
    """Return what trains a model on sequences as `emolib.models.fitting` does; the last losses."""
    train_on = step_function(model)

    def train(sequences: np.ndarray) -> dict[str, float]:
        size = CHUNK * spec.batch_size
        for start in range(0, len(sequences), size):
            part = sequences[start : start + size]
            batches = np.stack(list(even_batches(part, spec.batch_size)))
            targets = {output: labels.targets(output, batches) for output in loss_weights(spec)}
            losses = train_on(gather(inputs, batches), targets)
        return losses

    return train


def same_loss_of_heads(some: dict[str, float], others: dict[str, float]) -> None:
    """Require the same losses, as far as features that are rounded to float16 allow."""
    assert some.keys() == others.keys(), f"{sorted(some)} and {sorted(others)} are other losses"
    for name, loss in some.items():
        np.testing.assert_allclose(loss, others[name], rtol=1e-2, err_msg=name)


def _keras_model(layer: keras.layers.Layer, optimizer: keras.Optimizer, task: Task) -> keras.Model:
    inputs = keras.Input(task.inputs.shape[2:])
    model = keras.Model(inputs, {"lstm": layer(inputs)})
    layer.set_weights(task.weights)
    model.compile(optimizer, {"lstm": "mse"}, jit_compile=False)
    return model


def _keras_gradients(model: keras.Model, task: Task) -> list[np.ndarray]:
    import tensorflow as tf

    with tf.GradientTape() as tape:
        output = model(task.inputs[0])["lstm"]
        loss = ops.mean(ops.square(output - task.targets[0]))
    gradients = tape.gradient(loss, [weight.value for weight in model.trainable_weights])
    return [np.asarray(value) for value in (output, *gradients)]


def _spec(backbone: str, length: int) -> RunSpec:
    """Return a training with the thesis's settings, but without dropout, which draws at random."""
    values = {"networks": [f"{backbone}-combined-3fc"], "sequence_length": length, "dropout": 0}
    features = {"weights": "random", "pooling": POOLING[backbone]}
    config = Config(
        name="benchmark", corpus={"kind": "simulated"}, training=values, features=features
    )
    return run_specs(config)[0]


def _network(spec: RunSpec, dimension: int) -> keras.Model:
    keras.utils.set_random_seed(SEED)
    return build_network(spec.architecture, spec.sequence_length, dimension, spec.dropout)


def _random_labels(faces: int, generator: np.random.Generator) -> pd.DataFrame:
    affect = generator.uniform(-1, 1, (2, faces))
    emotion = generator.choice(EMOTIONS, faces)
    return pd.DataFrame({"emotion": emotion, "valence": affect[0], "arousal": affect[1]})
