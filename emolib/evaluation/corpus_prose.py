"""Sentences on what a corpus holds and how its faces were found, which turn with the numbers."""

import pandas as pd

from emolib.evaluation.prose import count_words, join_words
from emolib.labels import EMOTIONS

PUBLISHED_PAIR = ("neutral", "sadness")
"""The two categories whose share in its corpus the thesis states."""


def detection_sentence(table: pd.DataFrame | None) -> str:
    """Say how well faces were found, where the true boxes are known.

    Parameters
    ----------
    table : pandas.DataFrame or None
        See `emolib.evaluation.detection.detection_table`; None where no truth is known.
    """
    if table is None:
        return "This corpus comes without true boxes, so detection cannot be judged here."
    total = table[["true_faces", "found", "false_faces", "wrong_person"]].sum()
    missed = total.true_faces - total.found
    true_faces = count_words(total.true_faces, "true face")
    if missed:
        share = whole_percent(total.found, total.true_faces)
        found = f"Of {true_faces}, {total.found:,} ({share}) {_was(total.found)} found and "
        found += f"{missed:,} {_was(missed)} missed"
    else:
        found = f"All of {true_faces} were found"
    false, wrong = (
        count_words(number, noun) if number else f"no {noun}"
        for number, noun in ((total.false_faces, "detection"), (total.wrong_person, "face"))
    )
    return (
        f"{found}; {false} {_was(total.false_faces or 1)} false, and {wrong} went to the wrong "
        "person."
    )


def nobody_sentence(left_out: int, false_tracks: int) -> str:
    """Say how many detections were given to nobody, and why.

    Parameters
    ----------
    left_out : int
        Detections that were given to nobody.
    false_tracks : int
        Tracks among them.
    """
    if not left_out:
        return "Every detection was given to somebody."
    given = f"{count_words(left_out, 'detection')} {_was(left_out)} given to nobody"
    if not false_tracks:
        why = "it continues no track" if left_out == 1 else "they continue no track"
        return f"{given}: {why}."
    return (
        f"{given}, among them {count_words(false_tracks, 'false track')}: faces that were followed "
        "for a moment only, or that are much smaller than the people of the video."
    )


def tracks_sentence(tracks: pd.DataFrame, n_videos: int) -> str:
    """Say how many tracks the videos gave, and how completely these cover their video.

    Parameters
    ----------
    tracks : pandas.DataFrame
        See `emolib.evaluation.detection.track_table`.
    n_videos : int
        Videos that were looked at.
    """
    gave = f"{count_words(n_videos, 'video')} gave {count_words(len(tracks), 'track')}"
    lacking = tracks.loc[tracks["longest_hole"] > 0, "covered"]
    whole = len(tracks) - len(lacking)
    if lacking.empty:
        which = "which has" if whole == 1 else "each of which has"
        return f"{gave}, {which} a face in every frame of its video."
    covers = "covers" if len(lacking) == 1 else "on average cover"
    share = whole_percent(lacking.mean(), 1)
    if not whole:
        its = "its" if len(tracks) == 1 else "their"
        return f"{gave}, which {covers} {share} of {its} video."
    other = "the other" if len(lacking) == 1 else "the others"
    return (
        f"{gave}, {whole:,} of which {_has(whole)} a face in every frame of the video; {other} "
        f"{covers} {share} of it."
    )


def holes_sentence(tracks: pd.DataFrame, listed: int) -> str:
    """Say how many tracks have a hole, and how many of them a list holds.

    Parameters
    ----------
    tracks : pandas.DataFrame
        See `emolib.evaluation.detection.track_table`.
    listed : int
        Tracks of the list, those with the longest holes.
    """
    lacking = int((tracks["longest_hole"] > 0).sum())
    if not lacking:
        return "No track has a hole, so the list is empty."
    said = f"{lacking:,} of {count_words(len(tracks), 'track')} {_has(lacking)} a hole"
    if lacking > listed:
        said += "; the longest is listed" if listed == 1 else f"; the {listed:,} longest are listed"
    return f"{said}."


def by_hand_sentence(corrected: int, rejected: int) -> str:
    """Say how many faces of a build a person corrected and rejected."""
    if not corrected and not rejected:
        return "In this build no face was corrected or rejected."
    done = {"corrected": corrected, "rejected": rejected}
    said = [
        f"{count_words(number, 'face') if number else 'no face'} {_was(number or 1)} {what}"
        for what, number in done.items()
    ]
    return f"In this build {join_words(said)}."


def coverage_sentence(coverage: pd.DataFrame, shown: int, rate: float = 30.0) -> str:
    """Say how many tracks are labelled, where faces lack, and whether the chart leaves tracks out.

    Parameters
    ----------
    coverage : pandas.DataFrame
        One row per track: ``n_faces, with_both`` (numbers of faces), ``longest_hole`` (s between
        neighbouring faces).
    shown : int
        Tracks that the chart shows at most, the least covered first.
    rate : float
        Frames per second: neighbouring faces of successive frames are 1 / rate apart.
    """
    whole = int((coverage["with_both"] == coverage["n_faces"]).sum())
    none = int((coverage["with_both"] == 0).sum())
    groups = {
        "every face": whole,
        "some faces": len(coverage) - whole - none,
        "no face": none,
    }
    (words, count), *others = [group for group in groups.items() if group[1]]
    if others:
        listed = [f"{count:,} {_has(count)} both kinds of label for {words}"]
        listed += [f"{count:,} for {words}" for words, count in others]
        said = f"Of {len(coverage):,} tracks, {join_words(listed)}"
    else:
        each = "The one track has" if count == 1 else f"Each of {count:,} tracks has"
        said = f"{each} both kinds of label for {words}"
    hole = coverage["longest_hole"].max() - 1 / rate  # s without a face
    if hole > 0.5 / rate:
        said += f"; the longest time without a face between two of a track is {hole:.2f} s."
    else:
        said += "; no track lacks a face between its first and its last."
    if len(coverage) > shown:
        said += f" Only the {shown:,} least covered tracks are shown."
    return said


def imbalance_sentence(samples: pd.DataFrame, published: float) -> str:
    """Say which categories are common and which is rare, beside what the thesis states.

    Parameters
    ----------
    samples : pandas.DataFrame
        Faces with both kinds of label: emotion.
    published : float
        What `PUBLISHED_PAIR` hold more than in the corpus of the thesis, in [0, 1].
    """
    shares = samples["emotion"].value_counts(normalize=True)
    if shares.empty:
        return "No face of this corpus has both kinds of label."
    if len(shares) == 1:
        return f"Every labelled face shows {shares.index[0]}, so there is nothing to tell apart."
    common, rarest = list(shares.index[:2]), shares.index[-1]
    states = f"the thesis states more than {published:.0%} for its corpus"
    said = f"{join_words(common).capitalize()} together hold {shares.iloc[:2].sum():.0%} of the "
    said += "labelled faces"
    if set(common) == set(PUBLISHED_PAIR):
        said += f", where {states}"
    else:
        pair = shares.reindex(PUBLISHED_PAIR, fill_value=0.0).sum()
        said += f"; {join_words(PUBLISHED_PAIR)} hold {pair:.0%}, where {states}"
    if len(shares) == 2:
        return f"{said}; nobody shows another category."
    return f"{said}. The rarest category that is seen, {rarest}, holds {shares[rarest]:.1%}."


def few_people_sentence(samples: pd.DataFrame, split: str, few: int = 3) -> str:
    """Say which categories hardly anybody shows in a part, so that a score hangs on a few people.

    Parameters
    ----------
    samples : pandas.DataFrame
        Faces with both kinds of label: split, person, emotion.
    split : str
        The part.
    few : int
        People who show a category, up to which they are called few.
    """
    part = samples[samples["split"] == split]
    if part.empty:
        return f"No labelled face is in the part {split}."
    people = part.groupby("emotion")["person"].nunique().reindex(EMOTIONS, fill_value=0)
    rare = people[people <= few].sort_values(kind="stable")
    of_all = f"Of the {count_words(part['person'].nunique(), f'{split} person', f'{split} people')}"
    if rare.empty:
        return f"{of_all}, at least {people.min():,} show each category."
    listed = [f"{count or 'none'} {_show(count)} {emotion}" for emotion, count in rare.items()]
    said = f"{of_all}, {join_words(listed)}"
    if rare.max():
        said += ": what a network scores in such a category hangs on who these few are"
    return f"{said}."


def whole_percent(part: float, of_all: float) -> str:
    """Return a share in percent, which is said to be 0 or 100 only where it is.

    Examples
    --------
    >>> whole_percent(1, 3), whole_percent(26_503, 26_504), whole_percent(2, 2)
    ('33.3%', '> 99.9%', '100%')
    """
    if part in (0, of_all):
        return f"{part / of_all if of_all else 0:.0%}"
    said = f"{part / of_all:.1%}"
    return {"0.0%": "< 0.1%", "100.0%": "> 99.9%"}.get(said, said)


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _has(number: int) -> str:
    return "has" if number == 1 else "have"


def _show(number: int) -> str:
    return "shows" if number <= 1 else "show"
