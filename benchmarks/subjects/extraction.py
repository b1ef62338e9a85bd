"""Features of faces: `emolib.models.features` against ``predict`` of `keras.applications`.

Both sides have the same random weights, scale alike, and get the same faces of 72 x 72 pixels.
Ours computes in the precision ``auto``, which is bfloat16 where the processor has units for it;
Keras computes in float32, as it does unless told otherwise.

What can be reached is bounded by arithmetic. So the rates at which the machine multiplies large
matrices are measured in the same rounds, and a row says at what multiple of the better of them the
convolutions are computed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import ModuleType

import keras
import numpy as np
import pandas as pd
from keras import ops

from benchmarks.harness import Goal, Row, at_least, race, speedup
from benchmarks.machine import machine
from emolib.models.backbones import Backbone, load_backbone
from emolib.models.devices import resolve_precision
from emolib.models.features import extract_features, in_precision
from emolib.models.folding import folded

PEER = "keras.applications, predict in float32"
FACES, SIZE, PRODUCT = 256, 72, 4096
SIMILARITY = 0.999
"""Least cosine between the features of a face in bfloat16 and in float32."""

SEED = 2018

TRIED = (
    "Shares of the processor time of Xception with its batch normalisation, on a processor with "
    "AVX512-BF16 and without AMX: normalisation folded into the convolutions, as here, 0.78; the "
    "weights frozen into the graph as well 0.76; OpenVINO in bfloat16 0.70. Batches of 16 to 256 "
    "faces differ by a tenth. None of them reaches the goal there, so no other engine was taken."
)
"""For whoever reads that the goal of Xception is missed."""


@dataclass(frozen=True)
class Subject:
    """A backbone and its peer.

    Attributes
    ----------
    title : str
        Name in print; without the hyphen, that of the constructor.
    module : module
        Of `keras.applications`, with the constructor and ``preprocess_input``.
    preprocessing : str
        The same scaling as `load_backbone` calls it.
    with_matrix_units, without : float
        How many times as fast it should be on a processor with AMX, and on any other.
    note : str
        What was tried to be faster.
    """

    title: str
    module: ModuleType
    preprocessing: str
    with_matrix_units: float
    without: float
    note: str = ""


SUBJECTS = {
    "vgg16": Subject("VGG-16", keras.applications.vgg16, "bgr_mean", 5.5, 1.1),
    "vgg19": Subject("VGG-19", keras.applications.vgg19, "bgr_mean", 5.5, 1.1),
    "xception": Subject("Xception", keras.applications.xception, "thesis", 3, 3, TRIED),
}


def rows(
    repeats: int,
    names: Sequence[str] = tuple(SUBJECTS),
    faces: int = FACES,
    size: int = SIZE,
    product: int = PRODUCT,
) -> Iterator[Row]:
    """Compare the time for some faces, then the rate of arithmetic with that of a matrix product.

    Parameters
    ----------
    repeats : int
        Rounds.
    names : sequence of str
        Backbones.
    faces, size : int
        How many, and their side in pixels.
    product : int
        Side of the matrices that are multiplied.
    """
    precision = resolve_precision("auto")
    crops = np.random.default_rng(SEED).integers(0, 256, (faces, size, size, 3), dtype=np.uint8)
    for name in names:
        backbone = load_backbone(
            name, weights="random", preprocessing=SUBJECTS[name].preprocessing, input_size=size
        )
        contenders = {
            "emolib": ours(crops, backbone, precision),
            PEER: peer(crops, backbone),
            "product in float32": matrix_product(product, "float32"),
            "product in bfloat16": matrix_product(product, "bfloat16"),
        }
        seconds = race(contenders, agree(precision), repeats)
        arithmetic = operations(backbone.model) * faces, 2 * product**3
        yield from rows_of(name, seconds, f"{faces} faces of {size} x {size}", *arithmetic)


def ours(crops: np.ndarray, backbone: Backbone, precision: str) -> Callable[[], np.ndarray]:
    """Return what extracts features; the model in this precision is made once, as for a corpus."""
    prepared = replace(backbone, model=in_precision(folded(backbone.model), precision))
    return lambda: extract_features(crops, prepared, precision="float32")  # as the model stands


def peer(crops: np.ndarray, backbone: Backbone) -> Callable[[], np.ndarray]:
    """Return what extracts the same features as the documentation of `keras.applications` does."""
    module = SUBJECTS[backbone.name].module
    constructor = getattr(module, SUBJECTS[backbone.name].title.replace("-", ""))
    model = constructor(weights=None, include_top=False, input_shape=crops.shape[1:])
    model.set_weights(backbone.model.get_weights())

    def extract() -> np.ndarray:
        scaled = module.preprocess_input(crops.astype(np.float32))
        return model.predict(scaled, verbose=0).reshape(len(crops), -1)

    return extract


def matrix_product(size: int, precision: str) -> Callable[[], None]:
    """Return what multiplies a square matrix by itself once; there is nothing to compare."""
    import tensorflow as tf

    matrix = keras.random.normal((size, size), seed=SEED)
    factor = ops.cast(matrix, precision)
    multiply = tf.function(lambda factor: tf.reduce_sum(factor @ factor))

    def work() -> None:
        float(multiply(factor))  # waits for the result

    return work


def agree(precision: str) -> Callable[[np.ndarray, np.ndarray | None], None]:
    """Return what requires the same features, as far as this precision can tell them."""

    def compare(features: np.ndarray, expected: np.ndarray | None) -> None:
        if expected is None:
            return
        features = features.astype(np.float32)
        if precision == "float32":
            np.testing.assert_allclose(features, expected, rtol=2e-3, atol=2e-3 * expected.std())
            return
        lowest = cosine(features, expected).min()
        assert lowest > SIMILARITY, f"features in {precision}: cosine {lowest:.5f} to float32"

    return compare


def cosine(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the cosine between the rows of two arrays (n, d), (n,)."""
    some, others = some.astype(float), others.astype(float)
    lengths = np.linalg.norm(some, axis=1) * np.linalg.norm(others, axis=1)
    return (some * others).sum(axis=1) / lengths


def operations(model: keras.Model) -> int:
    """Return the additions and multiplications that the convolutions take for one face.

    Twice the product of each kernel's shape and the number of positions that it is applied at:
    3.11e9 for VGG-16 at 72 x 72.
    """
    return sum(
        2 * int(np.prod(weight.shape)) * int(np.prod(layer.output.shape[1:3]))
        for layer in model.layers
        for weight in layer.weights
        if len(weight.shape) == 4
    )


def rows_of(
    name: str, seconds: pd.DataFrame, work: str, arithmetic: float, of_product: float
) -> Iterator[Row]:
    """Return the speed, by the goal of this processor, and the rate of arithmetic.

    Parameters
    ----------
    name : str
        The backbone.
    seconds : DataFrame
        From the race.
    work : str
        What was done, in words.
    arithmetic, of_product : float
        Operations that the convolutions and that a matrix product take.
    """
    subject, units = SUBJECTS[name], matrix_units()
    goal = subject.with_matrix_units if units else subject.without
    products = seconds[["product in float32", "product in bfloat16"]]
    fastest = products.median().idxmin()
    rates = (arithmetic / seconds["emolib"]) / (of_product / seconds[fastest])
    bound = (seconds[PEER] * of_product / seconds[fastest] / arithmetic).median()
    note = (
        f"At the rate of the matrix product, the arithmetic alone would be {bound:.1f} times as "
        f"fast as Keras. {subject.note}"
    ).strip()
    what = f"{subject.title} features of {work}, {resolve_precision('auto')}, {describe(units)}"
    yield speedup(what, seconds, PEER, at_least(goal), note)
    yield Row(
        f"rate of arithmetic in {subject.title}",
        f"the matrix {fastest}",
        "times the rate",
        rates.tolist(),
        rate_goal(name, units),
        note,
    )


def rate_goal(name: str, units: bool) -> Goal | None:
    """Return what the rate of arithmetic should be: the product's, for VGG on matrix units."""
    return at_least(1) if units and name.startswith("vgg") else None


def matrix_units() -> bool:
    """Return whether the processor multiplies matrices of bfloat16 in units of their own (AMX)."""
    return "amx_bf16" in machine()["flags"]


def describe(units: bool) -> str:
    """Return on what kind of processor, which decides the goal."""
    return "a processor with AMX" if units else "a processor without AMX"
