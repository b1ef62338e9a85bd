"""What a build leaves open, how many more people would settle it, and what else limits it.

An undecided claim is settled once the interval of its effect lies on one side of zero or of the
smallest effect worth claiming (see `emolib.evaluation.claims`). If the effect stays what it is, and
intervals shrink with the square root of the number of people, that takes

    n' = n (m / d)^2

people, where n is the number of people now, m half of the interval (the longer half where the
interval ends at what the effect can be at most), and d the distance of the
effect from the nearer end of what would settle it: from zero if it is above, from the smallest
effect worth claiming if it is below, the larger of the two where both hold. It is an order of
magnitude and no promise: the effect is itself an estimate, and corrected p-values ask for more.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from emolib.evaluation.effects import LENGTHS, mean_score
from emolib.evaluation.evidence import Build
from emolib.evaluation.formatting import metric_name
from emolib.evaluation.metrics import metric_target
from emolib.evaluation.prose import capital, inside_sentence, join_words
from emolib.labels import EMOTIONS

OPEN_BY_WIDTH = "width of the interval"
OPEN_BY_NUMBER = "number of claims tested"
OPEN_BY_CONSTANCY = "no interval"

_NAMED = 5  # so many claims are named, of more only the first and the last


def outlook_table(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return, for every claim left open, what keeps it open and how many people would settle it.

    Parameters
    ----------
    ledger : pandas.DataFrame
        See `emolib.evaluation.claims.ledger`.

    Returns
    -------
    pandas.DataFrame
        ``claim, effect, low, high, smallest, open_by, people, people_needed``; the last has two
        digits that count, and is undefined where more people alone would not settle it. Those that
        need the fewest come first.
    """
    rows = []
    for row in ledger[ledger["verdict"] == "undecided"].itertuples():
        half = max(row.effect - row.low, row.high - row.effect)  # one side may be cut off
        distances = (row.effect, row.smallest - row.effect)
        needed, reason = np.nan, OPEN_BY_WIDTH
        if np.isnan(half):
            reason = OPEN_BY_CONSTANCY
        elif row.low > 0 or row.high < row.smallest:
            reason = OPEN_BY_NUMBER
        elif max(distances) > 0:
            factor = round((half / max(distances)) ** 2, 9)  # what is whole on paper stays so
            needed = _rounded(np.ceil(row.people * factor))
        rows.append(
            {
                "claim": row.name,
                "effect": row.effect,
                "low": row.low,
                "high": row.high,
                "smallest": row.smallest,
                "open_by": reason,
                "people": row.people,
                "people_needed": needed,
            }
        )
    columns = ["claim", "effect", "low", "high", "smallest", "open_by", "people", "people_needed"]
    table = pd.DataFrame(rows, columns=columns).astype({"people_needed": "Int64"})
    return table.sort_values("people_needed", kind="stable", ignore_index=True)


def outlook_sentence(table: pd.DataFrame) -> str:
    """Say which claims more people would settle soonest, and which last.

    Parameters
    ----------
    table : pandas.DataFrame
        See `outlook_table`.
    """
    if table.empty:
        return "No claim that was tested is left open."
    opening = f"Of the claims tested, {len(table)} {'are' if len(table) > 1 else 'is'} left open."
    sentences = [opening]
    by_width = table.dropna(subset="people_needed")
    if len(by_width):
        named = [
            f"some {int(row.people_needed):,} people instead of {row.people} ({row.claim})"
            for row in by_width.itertuples()
        ]
        taken = join_words(named)
        if len(named) > _NAMED:
            taken = f"from {named[0]} to {named[-1]}"
        sentences.append(f"If effects stay what they are, it would take {taken}.")
    for reason, words in (
        (OPEN_BY_NUMBER, "only the correction for the number of claims keeps open"),
        (OPEN_BY_CONSTANCY, "no interval over people can be given for"),
    ):
        names = table.loc[table["open_by"] == reason, "claim"]
        if len(names):
            sentences.append(f"{capital(words)} {join_words(names)}.")
    return " ".join(sentences)


def limit_sentences(
    ledger: pd.DataFrame,
    left_open: pd.DataFrame,
    samples: pd.DataFrame,
    build: Build,
    confidence: float,
) -> dict[str, str]:
    """Return the sentences on the limits of a build, by name.

    Parameters
    ----------
    ledger : pandas.DataFrame
        See `emolib.evaluation.claims.ledger`.
    left_open : pandas.DataFrame
        See `outlook_table`.
    samples : pandas.DataFrame
        ``person, split, emotion``, all labelled.
    build : Build
        What the ledger was judged on.
    confidence : float
        Of the intervals, in (0, 1).
    """
    gaps = {
        metric: gap_sentence(gap_row(build, metric, confidence), build.split)
        for metric in ("macro_f1", "ccc_valence")
    }
    return {
        "open": outlook_sentence(left_open),
        "power": power_limit_sentence(ledger),
        "rare": rare_sentence(samples, build.split),
        **{f"gap_{metric}": sentence for metric, sentence in gaps.items()},
    }


def power_limit_sentence(ledger: pd.DataFrame) -> str:
    """Say for how many claims the intervals are too wide to see the smallest effect of interest."""
    tested = ledger[ledger["verdict"] != "not tested"].dropna(subset=["low", "high"])
    tested = tested[tested["smallest"] > 0]
    if tested.empty:
        return "No claim with a smallest effect worth claiming has an interval."
    wide = tested[(tested["high"] - tested["low"]) / 2 > tested["smallest"]]
    if wide.empty:
        return (
            f"For all {len(tested)} claims that name a smallest effect worth claiming, half of the "
            "interval is narrower than that effect."
        )
    return (
        f"For {len(wide)} of {len(tested)} claims that name a smallest effect worth claiming, half "
        "of the interval is wider than that effect, so that an effect as small could be missed."
    )


def rare_sentence(samples: pd.DataFrame, split: str) -> str:
    """Say by how few faces and people the rarest categories of a split are judged.

    Parameters
    ----------
    samples : pandas.DataFrame
        ``person, split, emotion``, all labelled.
    split : str
        The split judged.
    """
    judged = samples[samples["split"] == split]
    everyone = judged["person"].nunique()
    people = judged.groupby("emotion")["person"].nunique().reindex(EMOTIONS, fill_value=0)
    faces = judged["emotion"].value_counts().reindex(EMOTIONS, fill_value=0)
    absent = [emotion for emotion in EMOTIONS if not people[emotion]]
    shown = people[people > 0]
    if shown.empty:
        return f"Nobody in {split} shows any category."
    number = f"{shown.min()} {'person' if shown.min() == 1 else 'people'} of {everyone} in {split}"
    rarest = shown[shown == shown.min()].index
    counts = join_words([f"{faces[emotion]:,}" for emotion in rarest])
    if len(rarest) == len(shown) > 1:
        sentence = f"No category is shown by more than {number}."
    else:
        each = " each" if len(rarest) > 1 else ""
        noun = "face" if counts == "1" else "faces"
        sentence = (
            f"The fewest people show {join_words(rarest)}: {number}{each}, with {counts} {noun}."
        )
    if absent:
        sentence += f" Nobody there shows {join_words(absent)}."
    return sentence


def gap_row(build: Build, metric: str, confidence: float) -> pd.Series:
    """Return how much better networks are on the people they were trained on than on others.

    Parameters
    ----------
    build : Build
        Networks, and the split judged.
    metric : str
        A metric, better when larger.
    confidence : float
        Of the interval, in (0, 1).

    Returns
    -------
    pandas.Series
        ``metric, networks`` (how many have the metric), and of their means ``train, judged,
        change`` (judged minus train), its ``low, high``; undefined where there is no network.
    """
    names = build.able(metric_target(metric))
    row = {"metric": metric, "networks": len(names)}
    columns = ("train", "judged", "change", "low", "high")
    if not names:
        return pd.Series(row | dict.fromkeys(columns, np.nan))
    evidence = build.afresh()
    train, judged = (mean_score(evidence, names, [metric], split) for split in ("train", None))
    change = judged - train
    limits = evidence.limits(change, confidence)
    values = (train[0], judged[0], change[0], limits.low, limits.high)
    return pd.Series(row | dict(zip(columns, values, strict=True)))


def gap_sentence(row: pd.Series, split: str) -> str:
    """Say whether networks do worse on strangers than on the people they were trained on.

    Parameters
    ----------
    row : pandas.Series
        See `gap_row`.
    split : str
        The split judged.
    """
    name = inside_sentence(metric_name(row["metric"]))
    if np.isnan(row["change"]):
        return f"How {name} changes from train to {split} is not known here."
    whose = f"the {row['networks']} networks" if row["networks"] > 1 else "the one network"
    low, high = row["low"], row["high"]
    interval = "without an interval"
    if not np.isnan(low):
        interval = f"interval over people {_signed(low)} to {_signed(high)}"
    found = "whether it falls is open"
    if high < 0 or low > 0:
        found = "it falls" if high < 0 else "it rises"
    return (
        f"The mean {name} of {whose} that it judges is {_signed(row['train'], '')} on the training "
        f"people and {_signed(row['judged'], '')} on the {split} people, a change of "
        f"{_signed(row['change'])} ({interval}): {found}."
    )


def seed_sentence(seeds: Sequence[int], build: Build) -> str:
    """Say how many seeds a network was trained with, and what intervals do not tell of them.

    Parameters
    ----------
    seeds : sequence of int
        Of the build.
    build : Build
        Its networks by the frames of their sequences, which may have other numbers of seeds.
    """
    if len(seeds) == 1:
        return "Each network was trained once, so how much hangs on its random seed is not known."
    said = (
        f"Each network was trained with {len(seeds)} random seeds, whose mean is judged; intervals "
        "speak of other people and not of other seeds."
    )
    fewer = {
        length: number
        for length, number in build.seeds_by_length().items()
        if length in LENGTHS and number < len(seeds)
    }
    if fewer:
        parts = [
            f"{number} {'seed' if number == 1 else 'seeds'} with {length} frames"
            for length, number in fewer.items()
        ]
        said += f" The claim on sequence length rests on {join_words(parts)}."
    return said


def _signed(value: float, plus: str = "+") -> str:
    return f"{value:{plus}z.2f}".replace("-", "−")


def _rounded(number: float) -> int:
    """Return a number with two digits that count."""
    digits = 2 - len(str(int(number)))
    return int(round(number, digits)) if digits < 0 else int(number)
