"""What the networks are made of, read from the built models: for the chapter *Networks*."""

import pandas as pd

from emolib.config import Features, Kind
from emolib.models.networks import NETWORKS, build_network, network_spec

POOLING_WORDS = {"flatten": "flattened", "average": "averaged"}
"""What is done to the last map of a backbone, by the setting ``features.pooling``."""

_TABLES: dict[Kind, str] = {"category": "4.1", "dimensional": "4.4.2", "combined": "4.3"}


def summary_table(
    features: Features, crop_size: int = 72, sequence_length: int = 60, networks=tuple(NETWORKS)
) -> pd.DataFrame:
    """Return the size of each network.

    Parameters
    ----------
    features : Features
        How faces become vectors; the pooling decides how long these are.
    crop_size : int
        Side of a face in pixels.
    sequence_length : int
        Frames in a sequence.
    networks : sequence of str
        Names, as in `emolib.models.networks.NETWORKS`.

    Returns
    -------
    DataFrame
        ``network``, the name in the thesis; ``kind``; ``thesis``, the table or section that
        describes it; ``layers`` after the backbone, those of one head where there are two;
        ``features``, the length of a vector; ``trainable`` and ``frozen``, numbers of parameters,
        the latter those of the backbone.
    """
    backbones = {
        name: _backbone_size(name, features.of(name).pooling, crop_size)
        for name in dict.fromkeys(network_spec(network).backbone for network in networks)
    }
    rows = []
    for network in networks:
        spec = network_spec(network)
        dimension, frozen = backbones[spec.backbone]
        model = build_network(spec, sequence_length, dimension, 0.5)
        second = spec.kind == "category" and spec.hidden
        heads = "7 and 2" if spec.kind == "combined" else str(*spec.heads.values())
        rows.append(
            {
                "network": spec.display,
                "kind": spec.kind,
                "thesis": "4.2" if second else _TABLES[spec.kind],
                "layers": ", ".join([f"LSTM {model.get_layer('trunk').units}",
                                     *(f"{units}" for units in spec.hidden), heads]),
                "features": dimension,
                "trainable": model.count_params(),
                "frozen": frozen,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def layer_table(
    network: str, features: Features, crop_size: int = 72, sequence_length: int = 60
) -> pd.DataFrame:
    """Return the layers of one network from the faces to the answers, a row each.

    Returns
    -------
    DataFrame
        ``layer``, what it is; ``branch``, ``shared`` or the output it leads to; ``shape``, what
        it hands on for one sequence; ``parameters``; ``frozen``. In the order of computation.
    """
    spec = network_spec(network)
    pooling = features.of(spec.backbone).pooling
    dimension, frozen = _backbone_size(spec.backbone, pooling, crop_size)
    model = build_network(spec, sequence_length, dimension, 0.5)
    faces = (sequence_length, crop_size, crop_size, 3)
    convolutions = spec.display.partition("+")[0]
    rows = [
        ("faces", "shared", faces, 0, False),
        (
            f"{convolutions}, convolutional part, {POOLING_WORDS[pooling]}",
            "shared",
            (sequence_length, dimension),
            frozen,
            True,
        ),
    ]
    for layer in model.layers[1:]:
        branch = next((output for output in spec.heads if layer.name.startswith(output)), "shared")
        rows.append((_words(layer), branch, layer.output.shape[1:], layer.count_params(), False))
    table = pd.DataFrame(rows, columns=["layer", "branch", "shape", "parameters", "frozen"])
    table["shape"] = [" × ".join(map(str, shape)) for shape in table["shape"]]
    return table


def backbone_table(networks=tuple(NETWORKS), crop_size: int = 72) -> pd.DataFrame:
    """Return the blocks of the convolutional parts that networks stand on.

    Parameters
    ----------
    networks : sequence of str
        Names, as in `emolib.models.networks.NETWORKS`.
    crop_size : int
        Side of a face in pixels.

    Returns
    -------
    DataFrame
        ``backbone``; ``block``, its number, or the first and last of several alike; ``layers``,
        what each holds; ``shape``, height, width and channels of what the last hands on;
        ``parameters`` of all of them, which add up to those of the backbone but for what joins
        blocks in Xception, shown as ``shortcuts``.
    """
    from emolib.models.backbones import ARCHITECTURES, convolutional_part

    rows = []
    for name in dict.fromkeys(network_spec(network).backbone for network in networks):
        title, blocks = ARCHITECTURES[name].title, {}
        layers = convolutional_part(name, crop_size).layers
        for layer in layers[1:]:
            block, _, rest = layer.name.partition("_")
            blocks.setdefault(block if rest and block.startswith("block") else "", []).append(layer)
        loose = sum(layer.count_params() for layer in blocks.pop("", []))
        for block, own in blocks.items():
            shape = " × ".join(map(str, own[-1].output.shape[1:]))
            count = sum(layer.count_params() for layer in own)
            rows.append((title, block.removeprefix("block"), _block_words(own), shape, count))
        if loose:
            rows.append((title, "shortcuts", "convolutions 1 × 1", "", loose))
    return _alike_together(pd.DataFrame(rows, columns=_BLOCK_COLUMNS))


_BLOCK_COLUMNS = ["backbone", "block", "layers", "shape", "parameters"]


def pooling_sentence(features: Features, networks=tuple(NETWORKS), crop_size: int = 72) -> str:
    """Say how the last map of each backbone becomes the vector of a face, and how long that is."""
    from emolib.models.backbones import ARCHITECTURES, convolutional_part

    said: dict[str, list[str]] = {}
    for name in dict.fromkeys(network_spec(network).backbone for network in networks):
        pooling = features.of(name).pooling
        length, _ = _backbone_size(name, pooling, crop_size)
        shape = " × ".join(map(str, convolutional_part(name, crop_size).output_shape[1:]))
        how = f"{POOLING_WORDS[pooling]}: {shape} become {length:,} numbers a face"
        said.setdefault(how, []).append(ARCHITECTURES[name].title)
    return " ".join(
        f"The last map of {' and of '.join(titles)} is {how}." for how, titles in said.items()
    )


def _block_words(layers: list) -> str:
    """Return what a block holds, such as ``2 convolutions 3 × 3 of 64, max pooling``."""
    convolutions = [layer for layer in layers if hasattr(layer, "kernel_size")]
    parts = []
    for kind, word in (("Conv2D", "convolution"), ("SeparableConv2D", "separable convolution")):
        own = [layer for layer in convolutions if type(layer).__name__ == kind]
        if own:
            size = " × ".join(map(str, own[0].kernel_size))
            channels = " and ".join(dict.fromkeys(str(layer.filters) for layer in own))
            many = f"{len(own)} {word}s" if len(own) > 1 else word
            parts.append(f"{many} {size} of {channels}")
    if any("Pooling" in type(layer).__name__ for layer in layers):
        parts.append("max pooling")
    return ", ".join(parts)


def _alike_together(table: pd.DataFrame) -> pd.DataFrame:
    """Join rows that follow each other and differ in the number of the block alone."""
    same = ["backbone", "layers", "shape", "parameters"]
    number = (table[same] != table[same].shift()).any(axis=1).cumsum()
    joined = table.groupby(number, sort=False).agg(
        {
            **dict.fromkeys(("backbone", "layers", "shape"), "first"),
            "block": lambda blocks: (
                blocks.iloc[0] if len(blocks) == 1 else f"{blocks.iloc[0]}–{blocks.iloc[-1]}"
            ),
            "parameters": "sum",
        }
    )
    return joined[_BLOCK_COLUMNS].reset_index(drop=True)


def _words(layer) -> str:
    """Return what a layer is, such as ``fully connected 64, relu``."""
    name = type(layer).__name__
    if name == "Dense":
        return f"fully connected {layer.units}, {layer.activation.__name__}"
    return f"{name} {layer.units}" if hasattr(layer, "units") else f"dropout {layer.rate:g}"


def _backbone_size(name: str, pooling: str, crop_size: int) -> tuple[int, int]:
    """Return the length of a backbone's feature vectors and its number of parameters."""
    from emolib.models.backbones import convolutional_part

    part = convolutional_part(name, crop_size)
    _, height, width, channels = part.output_shape
    return channels if pooling == "average" else height * width * channels, part.count_params()
