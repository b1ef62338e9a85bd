"""What the measurements and projections of the chapter *Scaling* amount to, in sentences."""

import pandas as pd

from emolib.evaluation.prose import capital, join_words
from emolib.planning.projection import FITTED, Cluster

LINEAR = (0.85, 1.1)
"""Exponents that are called proportional; the second is the largest that a stage should have."""

EXEMPT = ("tsne",)
"""Stages that may grow faster."""

TITLES = {
    "faces": "faces in videos",
    "match": "matching",
    "features": "VGG-16 features",
    "train": "training",
    "evaluate": "judging",
    "tsne": "map of faces",
    "plan": "planning",
    "chapters": "chapter tables",
}
"""Stage of ``scaling.csv`` -> its name in charts and tables."""

SAMPLED = ("faces", "features", "tsne")
"""Stages that never see the whole corpus at once, so that memory of a face means nothing."""

HELD = {
    "faces": "the videos that are worked on side by side",
    "match": "tables of all faces",
    "features": "one track and one batch",
    "train": "an index of the labelled faces, features up to a set bound, a chunk of batches",
    "evaluate": "sums of every person, a chunk of predictions",
    "tsne": "the faces of the map, which are drawn; not the corpus",
    "plan": "five columns of the samples",
    "chapters": "tables of all faces",
}
"""Stage -> what it keeps in memory."""


def stage_table(fits: pd.DataFrame) -> pd.DataFrame:
    """Return the fits as the book prints them: times in words of exponents, memory of a face."""
    grows = fits["bytes_per_face"].round().astype(int).astype(object)
    return pd.DataFrame(
        {
            "stage": fits["stage"].map(TITLES),
            "exponent of time": fits["exponent"].where(fits["rises"]),
            "bytes a face": grows.mask(fits["stage"].isin(SAMPLED), float("nan")),
            "memory holds": fits["stage"].map(HELD),
        }
    )


def flat_sentence(scaling: pd.DataFrame, stages: tuple[str, ...] = ("train", "evaluate")) -> str:
    """Say by how much the memory of some stages grows from the smallest to the largest size."""
    found, times = [], 0
    for stage in stages:
        of_stage = scaling[scaling["stage"] == stage].sort_values("faces")
        growth = of_stage["peak_mb"].iloc[-1] / of_stage["peak_mb"].iloc[0]
        times = of_stage["faces"].iloc[-1] / of_stage["faces"].iloc[0]
        found.append(f"{TITLES[stage]} takes {growth:.2f} times the memory")
    return f"With {times:,.0f} times the faces, {' and '.join(found)}."


def exponent_sentence(fits: pd.DataFrame) -> str:
    """Say which stages grow in proportion to the faces or otherwise, and whether too fast."""
    low, high = LINEAR
    uneven = fits.loc[~fits["rises"], "stage"].map(TITLES)
    exponent = fits["exponent"].where(fits["rises"])
    groups = {
        "about in proportion to the faces": exponent.between(low, high),
        "faster than the faces": exponent > high,
        "more slowly, since much of it is done once": exponent < low,
    }
    parts = [
        f"{how}: {', '.join(fits.loc[chosen, 'stage'].map(TITLES))}"
        for how, chosen in groups.items()
        if chosen.any()
    ]
    said = [f"Time grows {'; '.join(parts)}."] if parts else []
    if len(uneven):
        said.append(
            f"Not every larger size took longer, so that no power fits: {', '.join(uneven)}."
        )
    return " ".join([*said, growth_sentence(fits)])


def growth_sentence(fits: pd.DataFrame) -> str:
    """Say whether a stage grows faster than it should, and which grows fastest."""
    judged = fits[fits["rises"] & ~fits["stage"].isin(EXEMPT)]
    if judged.empty:
        return "Whether a stage grows too fast cannot be told."
    fast = judged[judged["exponent"] > LINEAR[1]]
    limit = f"a power of {LINEAR[1]:g}, which only a map of faces may exceed"
    if fast.empty:
        row = judged.loc[judged["exponent"].idxmax()]
        return (
            f"No stage grows faster than {limit}; the largest, {row['exponent']:.2f}, is that of "
            f"{TITLES[row['stage']]}."
        )
    named = join_words(f"{TITLES[row.stage]} ({row.exponent:.2f})" for row in fast.itertuples())
    grows = "grows" if len(fast) == 1 else "grow"
    return f"{capital(named)} {grows} faster than {limit}."


def sizes_sentence(scaling: pd.DataFrame) -> str:
    """Say at how many sizes each stage was measured, and to which the powers were fitted."""
    counts = scaling.groupby("stage")["faces"].nunique()
    how = f"{counts.min()}" if counts.nunique() == 1 else f"{counts.min()} to {counts.max()}"
    return (
        f"Every stage was executed at {how} sizes; powers are fitted to the {FITTED} largest, or "
        "to all where there are fewer."
    )


def projection_table(projections: dict[Cluster, pd.DataFrame]) -> pd.DataFrame:
    """Return the hours of each stage on every cluster, disk, memory, and whether a rate is assumed.

    Memory is that of one job. The last row is the sum of hours and disk, and the largest memory.
    """
    first = next(iter(projections.values()))
    table = pd.DataFrame({"stage": first.index})
    for cluster, projection in projections.items():
        table[f"hours, {_nodes(cluster)}"] = projection["seconds"].to_numpy() / 3600
    table["gigabytes on disk"] = first["disk"].to_numpy() / 1e9
    table["gigabytes of memory"] = first["memory"].to_numpy() / 1e9
    table["rate"] = [f"{source}" for source in first["source"]]
    hours = [column for column in table if column.startswith("hours")]
    total = table[[*hours, "gigabytes on disk"]].sum().to_dict()
    total |= {"stage": "total", "gigabytes of memory": table["gigabytes of memory"].max()}
    return pd.concat([table, pd.DataFrame([total | {"rate": ""}])], ignore_index=True)


def gain_sentence(projections: dict[Cluster, pd.DataFrame]) -> str:
    """Say what more nodes gain and which stage is then the longest."""
    (few, slow), (many, fast) = projections.items()
    gain = slow["seconds"].sum() / fast["seconds"].sum()
    longest = fast["seconds"].idxmax()
    share = fast["seconds"].max() / fast["seconds"].sum()
    return (
        f"{_nodes(many).capitalize()} would be {gain:.1f} times as fast as {_nodes(few)}; "
        f"{longest} would then take {share:.0%} of the time."
    )


def _nodes(cluster: Cluster) -> str:
    return "one node" if cluster.nodes == 1 else f"{cluster.nodes} nodes"
