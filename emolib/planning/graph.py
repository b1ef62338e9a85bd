"""The graph of a build as Snakemake has it: which step makes which files from those of which.

Conventions
-----------
- A **step** is a rule of ``workflow/``; the chapters, each of which has a rule, are one step.
- A step **needs** another if a file of the other is an input of one of its jobs. Where that follows
  from other needs already, it is left out: the book needs the samples, since the chapters do.
"""

import io
import re
import subprocess
import sys
from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import pandas as pd

from emolib.errors import InputError

CHAPTERS = "chapters"
"""The step that stands for all chapters."""

DOES = {
    "simulate": "renders the simulated corpus",
    "ingest": "reads the videos and when each picture was taken",
    "faces": "finds faces, follows people, cuts faces out",
    "annotations": "reads the annotation files",
    "match": "gives faces their labels, people their part",
    "features": "puts faces through the frozen networks",
    "train": "trains the networks, every seed",
    "ablation": "trains networks with a setting changed",
    "search": "tries hyperparameters",
    CHAPTERS: "compute figures, tables and sentences",
    "colophon": "notes what the build was made of",
    "book": "makes the pages",
}
"""What each step does, in the order in which they are listed."""

_SHOWN = 2  # files of a step that are named


def build_steps(config: str | Path, folder: str | Path = ".") -> pd.DataFrame:
    """Ask Snakemake what the book of a configuration is made by.

    Parameters
    ----------
    config : str or Path
        The configuration, relative to `folder`, as it is given to ``make book``.
    folder : str or Path
        The repository, which holds ``workflow/``.

    Returns
    -------
    pandas.DataFrame
        A row a step, none before what it needs: ``step``, ``does``, ``level`` (int, the number of
        steps on the longest way to it), ``needs`` (list of str), ``files`` (int, made by it) and
        ``makes`` (the names of some of them).

    Raises
    ------
    InputError
        If Snakemake cannot make sense of the configuration; with what it says.
    """
    drawn = _ask(config, folder, "--rulegraph", "dot")
    listed = _ask(config, folder, "--summary")
    needs = reduced(read_rule_graph(drawn))
    made = read_outputs(listed)
    order = [*DOES, *sorted(set(needs) - set(DOES))]
    rows = [
        {
            "step": step,
            "does": DOES.get(step, "–"),
            "level": level,
            "needs": sorted(needs[step], key=order.index),
            "files": len(made.get(step, ())),
            "makes": _named(made.get(step, [])),
        }
        for step, level in levels(needs).items()
    ]
    table = pd.DataFrame(rows).sort_values("step", key=lambda steps: steps.map(order.index))
    return table.sort_values("level", kind="stable").reset_index(drop=True)


def read_rule_graph(text: str) -> dict[str, set[str]]:
    """Read what ``snakemake --rulegraph dot`` prints; return what each step needs.

    Examples
    --------
    >>> drawn = 'x[label = "book"]; y[label = "chapter_claims"]; y -> x'
    >>> read_rule_graph(re.sub("[xy]", lambda name: str("xy".index(name[0])), drawn))
    {'book': {'chapters'}, 'chapters': set()}
    """
    names = {number: _step(rule) for number, rule in re.findall(r'(\d+)\[label = "(\w+)"', text)}
    names = {number: step for number, step in names.items() if step != "all"}
    needs: dict[str, set[str]] = {step: set() for step in names.values()}
    for source, target in re.findall(r"(\d+) -> (\d+)", text):
        if source in names and target in names and names[source] != names[target]:
            needs[names[target]].add(names[source])
    return needs


def read_outputs(text: str) -> dict[str, list[str]]:
    """Read what ``snakemake --summary`` prints; return the files that each step makes.

    Paths are relative to the workspace of the build.
    """
    table = pd.read_csv(io.StringIO(text), sep="\t", dtype=str)
    files = table["output_file"].str.split("/", n=2).str[2]  # without build/<name>/
    return files.groupby(table["rule"].map(_step)).apply(list).to_dict()


def levels(needs: Mapping[str, set[str]]) -> dict[str, int]:
    """Return for each step, none before what it needs, how many steps lead to it at most.

    Examples
    --------
    >>> levels({"book": {"train", "data"}, "train": {"data"}, "data": set()})
    {'data': 0, 'train': 1, 'book': 2}
    """
    found: dict[str, int] = {}
    for step in TopologicalSorter(needs).static_order():
        found[step] = max((found[other] + 1 for other in needs.get(step, ())), default=0)
    return found


def reduced(needs: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return needs without those that follow from others.

    Examples
    --------
    >>> reduced({"book": {"train", "data"}, "train": {"data"}, "data": set()})
    {'book': {'train'}, 'train': {'data'}, 'data': set()}
    """
    behind: dict[str, set[str]] = {}
    for step in levels(needs):
        behind[step] = needs[step].union(*(behind[other] for other in needs[step]))
    return {
        step: {other for other in direct if not any(other in behind[way] for way in direct)}
        for step, direct in needs.items()
    }


def way_sentence(steps: pd.DataFrame, last: str = "book") -> str:
    """Return the longest way from the first step to one, as a sentence."""
    table = steps.set_index("step")
    way = [last]
    while table.at[way[-1], "needs"]:
        way.append(max(table.at[way[-1], "needs"], key=table["level"].get))
    return f"The longest way goes through {len(way)} steps: {', '.join(reversed(way))}."


def step_rows(steps: pd.DataFrame) -> pd.DataFrame:
    """Return the steps as the book prints them."""
    return pd.DataFrame(
        {
            "step": steps["step"],
            "what it does": steps["does"],
            "needs": steps["needs"].map(", ".join).replace("", "–"),
            "files": steps["files"],
            "makes": steps["makes"],
        }
    )


def _ask(config: str | Path, folder: str | Path, *question: str) -> str:
    command = [sys.executable, "-m", "snakemake", "--nolock", *question, "--cores", "1"]
    command += ["--config", f"config={config}", "--", "all"]
    asked = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if asked.returncode:
        raise InputError(
            f"{config}: Snakemake cannot say what is made from what: {asked.stderr.strip()[-1000:]}"
        )
    return asked.stdout


def _step(rule: str) -> str:
    return CHAPTERS if rule.startswith("chapter_") else rule


def _named(files: list[str]) -> str:
    """Return the names of the first files of a step, and how many there are more."""
    rest = f" and {len(files) - _SHOWN} more" if len(files) > _SHOWN else ""
    return ", ".join(files[:_SHOWN]) + rest or "–"
