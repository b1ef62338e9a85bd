"""Sentences about published results and about verdicts, which turn when the numbers turn."""

from collections.abc import Iterable

import pandas as pd

from emolib.evaluation import audit, published
from emolib.evaluation.claims import VERDICTS
from emolib.evaluation.formatting import kind_title
from emolib.evaluation.prose import capital, join_words
from emolib.labels import EMOTIONS, SPLITS

PREDICATES = {
    "supported": "supports that",
    "not supported": "speaks against the claim that",
    "undecided": "leaves open whether",
}
"""What a build does with a claim, by verdict."""

TOPICS = {
    "categories": ("combined accuracy", "combined macro-F1", "headline gain", "rare categories"),
    "dimensions": ("combined valence", "combined arousal"),
    "strangers": ("generalisation",),
    "architecture": (
        "VGG-19 for categories",
        "VGG-19 for dimensions",
        "layers for categories",
        "layers for dimensions",
        "sequence length",
    ),
    "imbalance": ("share and recall", "never named"),
    "relationship": (
        "one region",
        "two regions",
        "dimensions tell category",
        "category tells dimensions",
    ),
}
"""The claims of each paragraph of the chapter *Conclusion*."""


def audit_sentences() -> dict[str, str]:
    """Return the sentences of the chapter *Published results, re-read*, by what they are about."""
    return {
        "gain": gain_sentence(),
        "selection": selection_sentence(audit.selection_table()),
        "shares": share_sentence(audit.share_table()),
        "shift": shift_sentence(audit.shift_table()),
        "conflicts": conflict_sentence(
            {split: audit.consistency_table(split) for split in SPLITS}, audit.implied_gain()
        ),
        "trivial": trivial_sentence(audit.trivial_table()),
        "recognised": recognised_sentence(audit.recognised_table()),
        "concordance": concordance_sentence(audit.concordance_table()),
    }


def gain_sentence() -> str:
    """Say what the combined networks gained on validation, and what was left of it on test."""
    means, gain = audit.mean_table(), audit.implied_gain()
    accuracy = means[means["metric"] == "accuracy"].set_index("kind")
    change = accuracy.loc["combined", list(SPLITS)] - accuracy.loc["category", list(SPLITS)]
    # Means of six numbers with two digits hold a third, without which changes do not add up.
    parts = [
        f"{accuracy.loc['category', split]:.3f} to {accuracy.loc['combined', split]:.3f} on {split}"
        for split in SPLITS
    ]
    kept = "keeps its sign" if change["test"] > 0 else "does not carry over"
    single, combined, highest = (
        f"{gain[role]:.2f} ({published.display(gain[f'{role}_network'])})"
        for role in ("single", "combined", "highest")
    )
    sentences = [
        f"From category-only to combined the mean total accuracy goes from {join_words(parts)}.",
        f"The headline of the thesis, {single} to {combined}, is a number of validation; on test "
        f"the change of the mean is {_signed(change['test'], digits=3)}, so the gain {kept}.",
    ]
    if gain["highest"] > gain["single"]:
        sentences.append(
            f"The tables hold a better category-only network on validation, {highest}; over it the "
            f"gain is {gain['combined'] / gain['highest'] - 1:.0%} instead of "
            f"{gain['printed_gain']:.0%}."
        )
    return " ".join(sentences)


def selection_sentence(selection: pd.DataFrame) -> str:
    """Say whether rank on validation carried over to test."""
    rows = selection.set_index("kind")
    overall = rows.loc["all"]
    found = "says something about" if overall["p"] < 0.05 else "says nothing detectable about"
    picks = [
        f"the {kind_title(kind)} network picked on validation, "
        f"{published.display(row['picked'])} ({row['picked_validation']:.2f}), has "
        f"{row['picked_test']:.2f} on test, {_beside(row)}"
        for kind, row in rows.drop(index="all").iterrows()
    ]
    return (
        f"Over all {overall['networks']} networks the rank correlation is "
        f"{_signed(overall['rank_correlation'])} (p = {overall['p']:.2f}): the rank on validation "
        f"{found} the rank on test. {capital('; '.join(picks))}."
    )


def share_sentence(shares: pd.DataFrame) -> str:
    """Say how many faces the two largest categories hold in each part."""
    largest = " and ".join(audit.LARGEST)
    table = shares.set_index(["emotion", "split"]).loc[largest]
    parts = [
        f"{table.loc[split, 'low']:.0%} to {table.loc[split, 'high']:.0%} on {split}"
        for split in SPLITS
    ]
    statement = audit.statement_table().set_index("quantity").iloc[-1]
    judged = "which these bounds allow" if statement["agrees"] else "which these bounds exclude"
    return (
        f"{capital(largest)} together hold {join_words(parts)}. The text says that they "
        f"hold more than {statement['published']:.0%} of the whole, {judged} as long as the train "
        "part is no smaller than either other. The other five categories are bounded loosely, "
        "because hardly any network ever names them."
    )


def shift_sentence(shift: pd.DataFrame) -> str:
    """Say between which parts the class shares moved most."""
    row = shift.loc[shift["distance"].idxmax()]
    return (
        f"Between {row['first']} and {row['second']} it is at least {row['distance']:.0%}, so "
        f"networks were picked on people whose categories are unlike those of the people they were "
        "tested on."
    )


def conflict_sentence(totals: dict[str, pd.DataFrame], gain: dict[str, float]) -> str:
    """Say which printed rows contradict the others, and what that does to the headline."""
    aside = {split: table.loc[~table["consistent"]] for split, table in totals.items()}
    sound = [split for split, rows in aside.items() if rows.empty]
    sentences = []
    if sound:
        sentences.append(f"Some class shares satisfy every printed row of {join_words(sound)}.")
    for split, rows in aside.items():
        if not rows.empty:
            named = [
                f"{_named(row.network)} (printed {row.printed:.2f}, its recalls give "
                f"{row.low:.2f} to {row.high:.2f})"
                for row in rows.itertuples()
            ]
            sentences.append(
                f"On {split} no shares do; {len(rows)} of the {len(totals[split])} rows have to be "
                f"set aside, no smaller set suffices: {join_words(named)}."
            )
    sentences.append(
        "If the recalls are right, the category-only network that the thesis compares with, "
        f"{published.display(gain['single_network'])}, has at least {gain['single_low']:.2f}, and "
        f"the gain over it is at most {gain['largest_gain']:.0%} instead of "
        f"{gain['printed_gain']:.0%}."
    )
    return " ".join(sentences)


def trivial_sentence(trivial: pd.DataFrame) -> str:
    """Say what the networks have over a predictor that always names one category."""
    rows = trivial.set_index(["split", "always"])
    sad, neutral = rows.loc[("validation", "sadness")], rows.loc[("test", "neutral")]
    return (
        f"Always naming sadness would score {sad['low']:.2f} to {sad['high']:.2f} on validation, "
        f"where the best category-only network has {sad['best_category']:.2f} and "
        f"{number_word(sad['beaten_by'])} of the twelve networks are clearly above. Always naming "
        f"neutral would score {neutral['low']:.2f} to {neutral['high']:.2f} on test, where "
        f"{number_word(neutral['beaten_by'])} of them "
        f"{'is' if neutral['beaten_by'] == 1 else 'are'} clearly above."
    )


def recognised_sentence(recognised: pd.DataFrame) -> str:
    """Say which categories nobody recognises on validation and test, and how far recall gets."""
    strangers = recognised[recognised["split"] != "train"]
    never = [emotion for emotion in EMOTIONS if strangers[emotion].sum() == 0]
    peaks = recognised.set_index(["split", "kind"])["best_mean_recall"]["validation"]
    said = (
        f"No network recognises {' or '.join(never)} in people it was not trained on"
        if never
        else "Every category is recognised by some network in people it was not trained on"
    )
    return (
        f"{said}. On validation the mean recall over the seven categories peaks at "
        f"{peaks['category']:.2f} (category-only) and {peaks['combined']:.2f} (combined), where "
        f"always naming one category has {1 / len(EMOTIONS):.2f}."
    )


def concordance_sentence(concordances: pd.DataFrame) -> str:
    """Say how far the concordances fall from train to test."""
    table = concordances.set_index(["split", "backbone"])
    test = table.loc["test"]
    return (
        f"On train the concordance reaches {table.loc[('train', 'VGG'), 'high']:.2f}; on test all "
        f"of them lie between {_signed(test['low'].min(), '')} and {test['high'].max():.2f}, which "
        "is what memorising the training people would give. The Xception networks do not fit even "
        f"train, where they reach {table.loc[('train', 'Xception'), 'high']:.2f}."
    )


def selection_rows(selection: pd.DataFrame) -> pd.DataFrame:
    """Return the selection table with a line for each kind, short enough for a page."""
    columns = ["kind", "networks", "rank_correlation", "p"]
    table = selection[[*columns, "picked", "picked_test", "best", "best_test"]].copy()
    for role in ("picked", "best"):
        # Among all networks the name alone does not say which kind it is.
        table[role] = (
            table[role]
            .map(published.display)
            .where(table["kind"] != "all", table[role].map(_named))
        )
    return with_kinds(table)


def with_kinds(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the kinds of networks called as in the prose."""
    return table.assign(kind=table["kind"].map(kind_title))


def with_names(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with names of networks to show, which say the kind."""
    return table.assign(network=table["network"].map(_named))


def yes_or_no(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with words for its columns of truth values."""
    words = {name: column.map({True: "yes", False: "no"}) for name, column in table.items()}
    return table.assign(**{name: words[name] for name in table.select_dtypes(bool)})


def ledger_rows(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the ledger as the book prints it: claim, verdict, effect, interval, published."""
    columns = ["claim", "verdict", "effect", "low", "high", "p_holm"]
    few = ledger["rests_on"].where(ledger["rests_on"] == "", " (" + ledger["rests_on"] + ")")
    table = ledger.assign(verdict=ledger["verdict"] + few)
    return table[[*columns, "published_validation", "published_test"]]


def method_rows(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return how each claim is tested: where it stands, its effect, what is worth claiming."""
    benefit = ledger["denies"].map({True: "denied", False: "asserted"})
    table = ledger[["name", "where", "test", "smallest"]].assign(benefit=benefit)
    return table.rename(columns={"name": "claim", "smallest": "smallest effect"})


def tally_sentence(ledger: pd.DataFrame) -> str:
    """Say how many claims got which verdict."""
    counts = ledger["verdict"].value_counts().reindex(VERDICTS, fill_value=0)
    parts = [
        f"{number_word(count)} {'is' if count == 1 else 'are'} {name}"
        for name, count in counts[counts > 0].items()
    ]
    return f"Of {len(ledger)} claims {join_words(parts)} in this build."


def paragraph(ledger: pd.DataFrame, names: Iterable[str]) -> str:
    """Say what a build concludes about some claims, verdict by verdict.

    Parameters
    ----------
    ledger : pandas.DataFrame
        See `emolib.evaluation.claims.ledger`.
    names : iterable of str
        The claims, by name.
    """
    rows = ledger.set_index("name").loc[list(names)]
    predicates = []
    for found, predicate in PREDICATES.items():
        chosen = list(rows[rows["verdict"] == found].itertuples())
        if chosen:
            clauses = [f"{_clause(row, found)} ({_evidence(row)})" for row in chosen]
            conjunction = predicate.rpartition(" ")[2]
            predicates.append(f"{predicate} {f'; {conjunction} '.join(clauses)}")
    for reason, chosen in rows[rows["verdict"] == "not tested"].groupby("reason", sort=False):
        clauses = join_words(
            [f"whether {_clause(row, 'not tested')}" for row in chosen.itertuples()]
        )
        predicates.append(f"does not test {clauses}: {reason}")
    subjects = ["This build", *["It"] * len(predicates)]
    return " ".join(
        f"{subject} {said}." for subject, said in zip(subjects, predicates, strict=False)
    )


def drawn_sentence(ledger: pd.DataFrame) -> str:
    """Say for which claims people are drawn, because leaving them out one by one tells nothing."""
    names = join_words([f"“{name}”" for name in ledger.loc[ledger["drawn"], "name"]])
    return (
        f"The exceptions are the claims {names}: what they measure jumps as people come and go, so "
        "people are drawn with replacement instead, and the standard deviation over draws takes "
        "the place of the standard error."
    )


def untested_sentence(ledger: pd.DataFrame) -> str:
    """Say which claims were not tested, and why."""
    rows = ledger[ledger["verdict"] == "not tested"]
    if rows.empty:
        return "No claim was left untested."
    parts = [
        f"{join_words(chosen['name'])} ({reason})"
        for reason, chosen in rows.groupby("reason", sort=False)
    ]
    return f"Not tested: {'; '.join(parts)}."


def printed_sentence(ledger: pd.DataFrame, name: str, effect: str = "the same effect") -> str:
    """Say what the printed tables give for a claim, whose effect is called so, by split."""
    row = ledger.set_index("name").loc[name]
    validation, test = row["published_validation"], row["published_test"]
    if pd.isna(validation) or pd.isna(test):
        return "The thesis prints no number for it."
    carried = "keeps its sign" if validation * test > 0 else "changes its sign"
    carried = carried if validation * test else "vanishes on one of them"
    return (
        f"In the printed tables {effect} ({row['test']}) is {_signed(validation)} on "
        f"validation and {_signed(test)} on test: it {carried}."
    )


def _clause(row, found: str) -> str:
    """Return the statement of a claim in the middle of a sentence; acronyms keep their capitals.

    Behind *whether* it is said without its negation.
    """
    text = row.claim if found in ("supported", "not supported") else row.opposite or row.claim
    return text if text[1].isupper() else text[0].lower() + text[1:]


def _evidence(row) -> str:
    few = f"; {row.rests_on}" if row.rests_on else ""
    if pd.isna(row.low):
        return f"{_signed(row.effect)}, without an interval{few}"
    return f"{_signed(row.effect)}, {_signed(row.low)} to {_signed(row.high)}{few}"


def _named(network: str) -> str:
    """Return the name of a network to show, with its kind."""
    kind = published.kind(network)
    return f"{published.display(network)}, {kind_title(kind)}"


def _beside(row: pd.Series) -> str:
    """Say how the network picked on validation compares with the best on test."""
    if row["picked"] == row["best"]:
        return "and no other has more there"
    return (
        f"where {published.display(row['best'])} is the best with {row['best_test']:.2f} and had "
        f"{row['best_validation']:.2f} on validation"
    )


def _signed(value: float, plus: str = "+", digits: int = 2) -> str:
    """Return digits with a minus sign, or the sign given for what is not negative."""
    return f"{value:{plus}z.{digits}f}".replace("-", "−")


def number_word(count: float) -> str:
    """Return a number as a word, from ten on in digits; zero is none."""
    count = int(count)
    words = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return words[count] if count < len(words) else str(count)
