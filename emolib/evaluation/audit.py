"""What the published tables say about themselves: consistency, class shares, selection.

Everything is computed from `emolib.evaluation.published` and needs no build. What the thesis calls
the accuracy of a category is its recall, so `emolib.evaluation.implied` can bound the class shares
of each split, which the thesis shows in histograms without numbers.
"""

from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from emolib.evaluation import implied, published
from emolib.evaluation.implied import RECALLS
from emolib.labels import DIMENSIONS, EMOTIONS, SPLITS

LARGEST = ("sadness", "neutral")
"""The two categories that the thesis says hold over 80 % of the faces."""

CONCORDANCES = [f"ccc_{dimension}" for dimension in DIMENSIONS]


def category_results(split: str) -> pd.DataFrame:
    """Return the printed recalls and totals of the twelve networks that name a category.

    Returns
    -------
    pandas.DataFrame
        Columns ``network, kind, recall_<emotion>, accuracy``; category-only networks first.
    """
    return _results(split, "accuracy")


def dimensional_results(split: str) -> pd.DataFrame:
    """Return the printed concordances and errors of the twelve networks with a dimensional head.

    Returns
    -------
    pandas.DataFrame
        Columns ``network, kind, ccc_<dimension>, mse_<dimension>``.
    """
    return _results(split, CONCORDANCES[0])


@cache
def set_aside(split: str) -> tuple[str, ...]:
    """Return the networks whose rows contradict those of the others: the smallest such set.

    Of several sets of the smallest size the first is taken.
    """
    return implied.smallest_conflicts(category_results(split))[0]


def consistency_table(split: str) -> pd.DataFrame:
    """Set the printed total of each network beside what its recalls allow.

    Returns
    -------
    pandas.DataFrame
        Columns ``network, kind, printed, low, high`` (bounds of the total over all class shares
        that the rows not set aside allow) and ``consistent``, False for the rows set aside.
    """
    results = category_results(split)
    limits = [implied.total_bounds(_kept(split), row) for row in results[RECALLS].to_numpy()]
    return pd.DataFrame(
        {
            "network": results["network"],
            "kind": results["kind"],
            "printed": results["accuracy"],
            "low": [low for low, _ in limits],
            "high": [high for _, high in limits],
            "consistent": ~results["network"].isin(set_aside(split)),
        }
    )


def share_table() -> pd.DataFrame:
    """Return between which bounds the share of each category in each split must lie.

    Returns
    -------
    pandas.DataFrame
        Columns ``split, emotion, low, high``; the seven categories, then the two `LARGEST`
        together, whose sum is bounded more tightly than its parts.
    """
    groups = {emotion: [emotion] for emotion in EMOTIONS} | {" and ".join(LARGEST): LARGEST}
    return pd.DataFrame(
        [
            (split, name, *implied.bounds(_kept(split), emotions))
            for split in SPLITS
            for name, emotions in groups.items()
        ],
        columns=["split", "emotion", "low", "high"],
    )


def shift_table() -> pd.DataFrame:
    """Return how far apart the class shares of the splits must at least be.

    Returns
    -------
    pandas.DataFrame
        Columns ``first, second, distance``, see `emolib.evaluation.implied.least_distance`.
    """
    return pd.DataFrame(
        [
            (first, second, implied.least_distance(_kept(first), _kept(second)))
            for first, second in combinations(SPLITS, 2)
        ],
        columns=["first", "second", "distance"],
    )


def trivial_table() -> pd.DataFrame:
    """Set what always naming one category would score beside what the networks scored.

    Returns
    -------
    pandas.DataFrame
        Columns ``split, always, low, high`` (of its score, the implied share of the category),
        ``best_category, best_combined, mean_category, mean_combined`` (printed totals) and
        ``beaten_by``, how many of the twelve networks are above ``high`` however they are rounded.
    """
    rows = []
    for split in SPLITS:
        results = category_results(split)
        totals = results.groupby("kind")["accuracy"].agg(["max", "mean"])
        for emotion in LARGEST:
            low, high = implied.bounds(_kept(split), [emotion])
            above = results["accuracy"] - published.HALF_UNIT > high
            rows.append((split, emotion, low, high, *totals.unstack(), int(above.sum())))
    columns = ["best_category", "best_combined", "mean_category", "mean_combined"]
    return pd.DataFrame(rows, columns=["split", "always", "low", "high", *columns, "beaten_by"])


def mean_table() -> pd.DataFrame:
    """Return the mean over the six networks of a kind of each printed score, by split.

    Returns
    -------
    pandas.DataFrame
        Columns ``kind, metric, train, validation, test``; the metrics are the total accuracy and
        the two concordances.
    """
    tidy = _main_tables()
    means = tidy.groupby(["metric", "kind", "split"])["value"].mean().unstack("split")
    chosen = means.loc[["accuracy", *CONCORDANCES], list(SPLITS)]
    return chosen.reset_index().rename_axis(columns=None)


def recognised_table() -> pd.DataFrame:
    """Count the networks of a kind that recognise a category at all.

    Returns
    -------
    pandas.DataFrame
        Columns ``split, kind, networks``, one per emotion (how many of them have a printed recall
        above 0.00) and ``best_mean_recall``, the highest mean recall over the seven categories.
    """
    rows = []
    for split in SPLITS:
        for kind, results in category_results(split).groupby("kind"):
            recalls = results[RECALLS]
            rows.append(
                (split, kind, len(results), *(recalls > 0).sum(), recalls.mean(axis=1).max())
            )
    return pd.DataFrame(rows, columns=["split", "kind", "networks", *EMOTIONS, "best_mean_recall"])


def concordance_table() -> pd.DataFrame:
    """Return the range of the printed concordances, valence and arousal together.

    Returns
    -------
    pandas.DataFrame
        Columns ``split, backbone, networks, low, high``; the VGG and the Xception networks apart,
        because the latter do not fit even train.
    """
    rows = []
    for split in SPLITS:
        results = dimensional_results(split)
        xception = results["network"].str.startswith("xception")
        for backbone, chosen in (("VGG", ~xception), ("Xception", xception)):
            values = results.loc[chosen, CONCORDANCES].to_numpy()
            rows.append((split, backbone, len(values), values.min(), values.max()))
    return pd.DataFrame(rows, columns=["split", "backbone", "networks", "low", "high"])


def selection_scores() -> pd.DataFrame:
    """Return the total accuracy of the twelve networks: ``network, kind, validation, test``."""
    scores = category_results("validation")[["network", "kind"]]
    totals = {
        split: category_results(split).set_index("network")["accuracy"]
        for split in ("validation", "test")
    }
    return scores.assign(**{split: scores["network"].map(total) for split, total in totals.items()})


def selection_table() -> pd.DataFrame:
    """Return what picking a network on validation gave on test.

    Returns
    -------
    pandas.DataFrame
        One row a kind and one for ``all``: ``networks``, ``rank_correlation, p`` (Spearman, of
        validation and test accuracy; two-sided, over pairings), ``picked`` (highest on
        validation), its ``picked_validation, picked_test``, and ``best`` (highest on test), its
        ``best_validation, best_test``. Of equal networks the first printed.
    """
    scores = selection_scores()
    rows = []
    for kind, group in [*scores.groupby("kind"), ("all", scores)]:
        picked, best = (group.loc[group[split].idxmax()] for split in ("validation", "test"))
        row = {
            "kind": kind,
            "networks": len(group),
            "rank_correlation": stats.spearmanr(group["validation"], group["test"]).statistic,
            "p": _permutation_p(group["validation"], group["test"]),
        }
        for role, network in (("picked", picked), ("best", best)):
            row[role] = network["network"]
            row |= {f"{role}_{split}": network[split] for split in ("validation", "test")}
        rows.append(row)
    return pd.DataFrame(rows)


def implied_gain() -> dict[str, float | str]:
    """Return the headline gain as printed and as the recalls of the single network allow.

    Returns
    -------
    dict of str to float or str
        ``single, combined`` (printed totals of table 5.4) and the names of the two networks,
        ``single_network, combined_network``; ``highest, highest_network``, of the category-only
        network that the tables rank first; ``printed_gain``, ``single_low`` (the smallest total
        that the single network's recalls allow) and ``largest_gain`` with it.
    """
    best = published.load("5.4").set_index("network")["accuracy"]
    name, (single, combined) = best.index[0], best
    low = consistency_table("validation").set_index("network").loc[name, "low"]
    totals = category_results("validation").set_index("network")
    highest = totals.loc[totals["kind"] == "category", "accuracy"]
    return {
        "single": single,
        "combined": combined,
        "single_network": name,
        "combined_network": best.index[1],
        "highest": highest.max(),
        "highest_network": highest.idxmax(),
        "printed_gain": combined / single - 1,
        "single_low": low,
        "largest_gain": (combined + published.HALF_UNIT) / low - 1,
    }


def statement_table() -> pd.DataFrame:
    """Set numbers that the thesis states in its text beside what its tables give.

    Returns
    -------
    pandas.DataFrame
        Columns ``quantity, published, source, low, high`` (bounds of the quantity, given how the
        tables were rounded) and ``agrees``, whether the statement fits them, rounded as it is.
    """
    statements, half = published.statements(), published.HALF_UNIT
    limits = statements["quantity"].map(_statement_bounds())
    table = statements.assign(low=limits.str[0], high=limits.str[1])
    fits = table["published"].between(table["low"] - half, table["high"] + half)
    exceeded = table["high"] > table["published"]
    return table.assign(agrees=fits.where(~table["quantity"].str.endswith("above"), exceeded))


def _statement_bounds() -> dict[str, tuple[float, float]]:
    half = published.HALF_UNIT
    means = category_results("validation").groupby("kind")["accuracy"].mean()
    single, combined = published.load("5.4")["accuracy"]
    changes = published.load("5.7").drop(columns="network").diff().loc[1]
    ccc, mse = (changes.filter(like=score).sum() for score in ("ccc", "mse"))
    return {
        "mean accuracy of the category-only networks on validation": _around(means["category"], 1),
        "mean accuracy of the combined networks on validation": _around(means["combined"], 1),
        "gain of the combined over the category-only network of table 5.4": (
            (combined - half) / (single + half) - 1,
            (combined + half) / (single - half) - 1,
        ),
        "change of total concordance from dimensional-only to combined": _around(ccc, 4),
        "change of total squared error from dimensional-only to combined": _around(mse, 4),
        "share of neutral and sadness in the whole corpus above": _share_of_largest(),
    }


def _around(value: float, n_cells: int) -> tuple[float, float]:
    """Return the bounds of a value to which so many rounded cells contribute with weight one."""
    return value - n_cells * published.HALF_UNIT, value + n_cells * published.HALF_UNIT


def _share_of_largest() -> tuple[float, float]:
    """Return the bounds of the share of `LARGEST` in the corpus, a mixture of its splits.

    How large the splits are is not printed. Train is taken to be no smaller than either other,
    which leaves the mixtures between these four.
    """
    mixtures = np.array([[1, 0, 0], [1 / 2, 1 / 2, 0], [1 / 2, 0, 1 / 2], [1 / 3, 1 / 3, 1 / 3]])
    low, high = zip(*(implied.bounds(_kept(split), LARGEST) for split in SPLITS), strict=True)
    return (mixtures @ low).min(), (mixtures @ high).max()


@cache
def _kept(split: str) -> pd.DataFrame:
    return implied.without(category_results(split), set_aside(split))


@cache
def _main_tables() -> pd.DataFrame:
    """Return the tidy numbers without the tables that repeat or detail rows of others."""
    tidy = published.tidy()
    return tidy[~tidy["table"].isin(["5.4", "5.5", "5.7"])]


def _results(split: str, metric: str) -> pd.DataFrame:
    tidy = _main_tables()
    holding = tidy.loc[(tidy["split"] == split) & (tidy["metric"] == metric), "table"].unique()
    results = pd.concat(map(published.load, holding), ignore_index=True)
    results.insert(1, "kind", results["network"].map(published.kind))
    return results


def _permutation_p(x: pd.Series, y: pd.Series, seed: int = 2018) -> float:
    """Return the two-sided p-value of a rank correlation, over pairings."""
    x, y = (stats.rankdata(values) - (len(values) + 1) / 2 for values in (x, y))
    test = stats.permutation_test(
        (x,),
        lambda ranks, axis: (ranks * y).sum(axis=axis),  # rank correlation but for a constant
        permutation_type="pairings",
        vectorized=True,
        rng=np.random.default_rng(seed),
    )
    return float(test.pvalue)
