"""What benchmarks and the profile of a build amount to, in tables and sentences."""

from typing import NamedTuple

import pandas as pd

MEMORY_GOAL = 4.0
"""GB that no job of the default build should exceed."""

BUSY = 3.0
"""Load average from which a machine of two cores is said to have been busy with something else.

The benchmark before leaves up to two and a half, since it keeps both cores busy.
"""

SLOWEST = 3
"""Stages of which the book says what bounds them."""

TITLES = {
    "simulate": "simulation",
    "ingest": "reading videos",
    "faces": "finding faces",
    "annotations": "reading annotations",
    "match": "matching",
    "features": "features",
    "train": "training",
    "ablations": "ablations",
    "search": "search",
    "chapters": "chapters",
}
"""Stage of a build -> its name in charts and sentences."""

TRAINING_BOUND = (
    "the steps of the LSTM, one after the other and each a small product, which keep one core "
    "busy: more cores train more networks side by side, and none of them sooner"
)
BOUNDS = {
    "simulate": "the drawing of every picture, on all cores at once; encoding it takes little",
    "ingest": "the decoding of every video, on one core",
    "faces": "the detector, on all cores at once; decoding a picture takes a fraction of that",
    "annotations": "the start of Python, since annotations are small",
    "match": "the start of Python, since matching itself is a binary search for each face",
    "features": "the arithmetic of the convolutions, so that a processor with units for bfloat16, "
    "or a GPU, decides how long they take",
    "train": TRAINING_BOUND,
    "ablations": "what bounds training, and the backbone where an ablation uses it in another way, "
    "which costs more than its training",
    "search": TRAINING_BOUND,
    "chapters": "the few that look into the networks, which go through a backbone forwards and "
    "backwards many times; most of the others take as long as their libraries take to load",
}
"""Stage -> what bounds it."""


def result_table(results: pd.DataFrame) -> pd.DataFrame:
    """Return the benchmarks as the book prints them: text, a row a number."""
    quartiles = [
        f"{_figure(row.lower_quartile, digits)} to {_figure(row.upper_quartile, digits)}"
        if row.repeats > 1
        else "–"
        for row in results.itertuples()
        for digits in [_digits(row)]
    ]
    return pd.DataFrame(
        {
            "benchmark": results["number"],
            "what": results["what"],
            "against": results["against"],
            "median": _medians(results),
            "quartiles": quartiles,
            "repeats": results["repeats"].astype(int),
            "goal": results["goal"],
            "reached": results["reached"],
        }
    )


def goals_sentence(results: pd.DataFrame) -> str:
    """Say how many goals were reached, and which were not."""
    judged = results[results["kept"].notna()]
    missed = judged[judged["reached"] != "yes"]
    if judged.empty:
        return "Nothing that has a goal was measured."
    if missed.empty:
        return f"All of the {len(judged)} goals were reached."
    return (
        f"Of {len(judged)} goals, {len(judged) - len(missed)} were reached and {len(missed)} "
        f"missed: {', '.join(missed['number'])}."
    )


def missed_table(results: pd.DataFrame) -> pd.DataFrame:
    """Return the goals that were missed: by how much, what bounds each, and what was tried."""
    missed = results[results["kept"].notna() & (results["reached"] != "yes")]
    return pd.DataFrame(
        {
            "benchmark": missed["number"],
            "median": _medians(missed),
            "goal": missed["goal"],
            "what bounds it": missed["note"].replace("", "Not looked into."),
        }
    )


def machine_sentences(results: pd.DataFrame) -> str:
    """Say what the benchmarks ran on, with which versions, and whether it was at rest."""
    processors = " and ".join(dict.fromkeys(results["processor"]))
    versions = "; and with ".join(dict.fromkeys(results["versions"]))
    said = f"They ran on {processors}, with {versions}."
    load = results["load"].max()
    if load < BUSY:
        return (
            f"{said} The load average before each was at most {load:.1f}, what the benchmark "
            "before it had left included."
        )
    return (
        f"{said} The machine was busy with something else (load average {load:.1f} before one of "
        "them): sides that take turns are slowed alike, but their ratios spread, and limits of "
        "seconds are judged too hard."
    )


def profile_table(profile: pd.DataFrame) -> pd.DataFrame:
    """Return the stages of a build as the book prints them, the slowest first."""
    profile = profile.sort_values("seconds", ascending=False)
    return pd.DataFrame(
        {
            "stage": profile["stage"].map(_title),
            "jobs": profile["jobs"],
            "minutes": profile["seconds"] / 60,
            "share": [f"{share:.0%}" for share in profile["seconds"] / profile["seconds"].sum()],
            "minutes, longest job": profile["longest_seconds"] / 60,
            "gigabytes, largest job": profile["peak_gb"],
        }
    )


def profile_sentence(profile: pd.DataFrame) -> str:
    """Say how long the stages took in all, or that nobody timed them."""
    if profile.empty:
        return "The stages of this build were not timed, so there is nothing to show."
    return (
        f"Its {profile['jobs'].sum()} jobs in {len(profile)} stages took "
        f"{_minutes(profile['seconds'].sum())} in all, those that ran side by side counted one "
        "after the other."
    )


def slowest_sentences(profile: pd.DataFrame, number: int = SLOWEST) -> str:
    """Say of the slowest stages how long each took and what bounds it; nothing without any."""
    total, said = profile["seconds"].sum(), []
    for row in profile.nlargest(number, "seconds").itertuples():
        longest = ""
        if row.jobs > 1:
            longest = f", the longest of its {row.jobs} jobs ({row.longest}) " + (
                _minutes(row.longest_seconds)
            )
        said.append(
            f"{_title(row.stage).capitalize()} took {_minutes(row.seconds)}, "
            f"{row.seconds / total:.0%} of the whole{longest}; what bounds this stage is "
            f"{BOUNDS.get(row.stage, 'not known')}."
        )
    return " ".join(said)


def memory_sentence(profile: pd.DataFrame) -> str:
    """Say which job took most memory, and whether that is more than it should be."""
    known = profile.dropna(subset="peak_gb")
    if known.empty:
        return "No job ran long enough for its memory to be measured."
    row = known.loc[known["peak_gb"].idxmax()]
    job = f" ({row['largest']})" if row["largest"] else ""
    limit = f"the {MEMORY_GOAL:g} GB that a job of the default build may take"
    how = "less than" if row["peak_gb"] < MEMORY_GOAL else "more than"
    return (
        f"The largest job, of {_title(row['stage'])}{job}, took {row['peak_gb']:.2f} GB of memory, "
        f"{how} {limit}."
    )


def _title(stage: str) -> str:
    return TITLES.get(stage, stage)


def _medians(results: pd.DataFrame) -> list[str]:
    return [f"{_figure(row.median, _digits(row))} {row.unit}" for row in results.itertuples()]


def _digits(row: NamedTuple) -> int:
    """Return how many digits tell a median and its quartiles from the goal, and from 1.

    Three where that is enough: 1.1034 is above a limit of 1.1, and 0.99996 is not 1.
    """
    values = row.median, row.lower_quartile, row.upper_quartile
    limits = [1.0, *([float(row.goal.split()[-1])] if row.goal[:1] in ("≥", "≤") else [])]
    for digits in range(3, 7):
        shown = [(value, float(_figure(value, digits).replace(",", ""))) for value in values]
        if all(value in limits or rounded not in limits for value, rounded in shown):
            break
    return digits


def _figure(value: float, digits: int = 3) -> str:
    """Return a number with three digits or more, or all of those before the point.

    Examples
    --------
    >>> _figure(1234.6), _figure(5.678), _figure(0.96), _figure(1.1034, 4)
    ('1,235', '5.68', '0.96', '1.103')
    """
    whole = abs(value) >= 10 ** (digits - 1)
    return f"{value:,.0f}" if whole else f"{value:.{digits}g}"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} minutes" if seconds >= 60 else f"{seconds:.1f} seconds"
