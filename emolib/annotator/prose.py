"""Sentences and tables of the chapter on annotating, which turn when the numbers turn."""

import math

import pandas as pd

from emolib.annotator.agreement import ALL_VIDEOS, NOTHING
from emolib.annotator.state import REVIEWS_DUE
from emolib.annotator.tasks import TASK_COLUMNS
from emolib.evaluation.prose import count_words, join_words

POOR = 0.6
"""Agreement below which raters should talk before they go on."""

TASK_HEADINGS = {
    "video": "video",
    "duration": "duration (s)",
    "watched": "watched",
    "marked": "marked",
    "reviews": "reviews",
    "coverage_categories": "with category (%)",
    "coverage_dimensions": "with valence and arousal (%)",
    "last_change": "last change",
}
"""Columns of the list of tasks that are shown, and their headings."""

NO_TASKS = pd.DataFrame(columns=list(TASK_COLUMNS)).astype(TASK_COLUMNS)
"""The list where there is no video."""

MEASURES = {
    "kappa": "a kappa of {} on categories",
    "ccc_valence": "a concordance of {} on valence",
    "ccc_arousal": "one of {} on arousal",
}


def tasks_table(tasks: pd.DataFrame) -> pd.DataFrame:
    """Return the list of tasks as a page shows it; with problems, if a video has one.

    Parameters
    ----------
    tasks : DataFrame
        What `emolib.annotator.annotation_tasks` returns.
    """
    table = tasks.reindex(columns=list(TASK_HEADINGS))
    for name in ("watched", "marked"):
        table[name] = table[name].map({True: "yes", False: "no"})
    for name in ("coverage_categories", "coverage_dimensions"):
        table[name] = (100 * table[name].astype(float)).round().astype("Int64")
    when = pd.to_datetime(table["last_change"]).dt.strftime("%Y-%m-%d %H:%M")
    table["last_change"] = when.where(when.notna(), "never")
    if (tasks["problem"] != "").any():
        table["problem"] = tasks["problem"]
    return table.rename(columns=TASK_HEADINGS)


def tasks_sentence(tasks: pd.DataFrame, rater: str) -> str:
    """Say how much of the list is done, or that there is nothing to annotate.

    Parameters
    ----------
    tasks : DataFrame
        What `emolib.annotator.annotation_tasks` returns.
    rater : str
        Whose list it is.
    """
    if tasks.empty:
        return (
            "The corpus of this build consists of pictures, and the tool needs video files; name a "
            "folder of videos in the parameters."
        )
    done = int((tasks["marked"] & (tasks["reviews"] >= REVIEWS_DUE)).sum())
    begun = int(tasks["last_change"].notna().sum())
    there = f"There {'is' if len(tasks) == 1 else 'are'} {count_words(len(tasks), 'video')}"
    if done == len(tasks):
        come = "finished it" if done == 1 else "finished all of them"
    elif len(tasks) == 1:
        come = "begun it" if begun else "not begun it"
    else:
        come = f"begun {begun:,} and finished {done or 'none'}" if begun else "begun none"
        come += " of them"
    return f"{there}, {tasks['duration'].sum() / 60:.1f} minutes in all; {rater} has {come}."


def example_sentence(delay: float, edge: float, confusion: float) -> str:
    """Say what the example of the chapter compares (`emolib.simulation.second_rater`).

    Parameters
    ----------
    delay, edge : float
        Seconds by which the simulated rater is late, and by which an edge may be moved.
    confusion : float
        Share of intervals that are taken for another emotion, in [0, 1].
    """
    return (
        "As an example, one rater is whoever annotated the corpus of this build, and the other is "
        f"simulated: it sees the same {delay:g} s later, with a hand of its own, sets edges up to "
        f"{edge:g} s elsewhere, and takes {confusion:.0%} of the intervals for another emotion; "
        "its numbers say nothing about people."
    )


def agreement_sentence(table: pd.DataFrame) -> str:
    """Say how far two raters agree over all videos, and where that is poor.

    Parameters
    ----------
    table : DataFrame
        What `emolib.annotator.agreement.pair_agreement` returns, of one pair.
    """
    whole = table[table["video"] == ALL_VIDEOS]
    if whole.empty:
        return "No two raters annotated the same people, so there is nothing to compare."
    row = whole.iloc[0]
    defined = {name: row[name] for name in MEASURES if math.isfinite(row[name])}
    lacking = "; the rest cannot be compared"
    if not defined:
        return f"Of {row['first']} and {row['second']} nothing can be compared."
    said = join_words(MEASURES[name].format(_signed(value)) for name, value in defined.items())
    videos = count_words(len(table) - 1, "video")
    sentence = (
        f"Over {videos} the raters {row['first']} and {row['second']} agree with {said}"
        f"{lacking if len(defined) < len(MEASURES) else ''}. "
    )
    both, alone, rated = (
        count_words(row[name], "frame") if row[name] else "no frame"
        for name in ("labelled_by_both", "labelled_by_one", "rated_by_both")
    )
    sentence += (
        f"Both gave a category to {both}, and one of them alone to {alone}; both rated valence or "
        f"arousal in {rated}."
    )
    names = {"kappa": "categories", "ccc_valence": "valence", "ccc_arousal": "arousal"}
    poor = [names[name] for name, value in defined.items() if value < POOR]
    if poor:
        sentence += (
            f" Their agreement on {join_words(poor)} is poor: people who agree so little should "
            "talk."
        )
    return sentence


def differences_table(differences: pd.DataFrame, raters: tuple[str, str]) -> pd.DataFrame:
    """Return a list of differences as a page shows it; `raters` are the first and the second.

    How large a difference is has a column only where one is listed: emotions have no distance.
    """
    said = {
        f"{place}_said": f"{rater} said"
        for place, rater in zip(("first", "second"), raters, strict=True)
    }
    table = differences.copy()
    if table["difference"].isna().all():
        table = table.drop(columns="difference")
    for name in said:
        words = table[name].str.replace("-", "−")
        table[name] = words.mask(words == NOTHING, "nothing")
    units = {"start": "start (s)", "end": "end (s)", "seconds": "length (s)"}
    return table.rename(columns=said | units)


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
