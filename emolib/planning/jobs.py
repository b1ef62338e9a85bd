"""Which jobs a build lacks: what Snakemake would execute now."""

import io
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from emolib.config import Config
from emolib.errors import InputError

_CHAPTER = "chapter_"  # prefix of the rules that execute a chapter
_KNOWN = {
    *("simulate", "ingest", "faces", "annotations", "match", "features", "train", "ablation"),
    *("search", "colophon", "book", "all", "data", "prepared"),
}


class Lacking(NamedTuple):
    """The jobs that a build lacks."""

    rules: frozenset[str]
    """Names of rules of ``workflow/``."""
    networks: tuple[str, ...]
    """Networks of which a run is to be trained, or all that were asked for."""
    chapters: tuple[str, ...]
    """Chapters that are to be executed."""
    ablations: tuple[str, ...] = ()
    """Ablations of which something is to be made."""
    searches: tuple[str, ...] = ()
    """Networks whose hyperparameters are to be searched."""

    @property
    def uncounted(self) -> list[str]:
        """Rules of which a plan knows nothing."""
        return sorted(r for r in self.rules - _KNOWN if not r.startswith(_CHAPTER))


def lacking_jobs(config: str | Path, folder: str | Path = ".") -> Lacking:
    """Ask Snakemake which jobs it would execute for the book of a configuration.

    Parameters
    ----------
    config : str or Path
        The configuration, relative to `folder`, as it is given to ``make book``.
    folder : str or Path
        The repository, which holds ``workflow/`` and ``build/``.

    Raises
    ------
    InputError
        If Snakemake cannot make sense of the configuration; with what it says.
    """
    command = [sys.executable, "-m", "snakemake", "--nolock", "--summary", "--cores", "1"]
    command += ["--config", f"config={config}", "--", "all"]
    asked = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if asked.returncode:
        raise InputError(
            f"{config}: Snakemake cannot say what is lacking: {asked.stderr.strip()[-1000:]}"
        )
    return read_summary(asked.stdout)


def read_summary(text: str) -> Lacking:
    """Read what ``snakemake --summary`` prints: a line for each file that a build makes."""
    table = pd.read_csv(io.StringIO(text), sep="\t", dtype=str)
    table = table[table["plan"] == "update pending"]
    trained = table.loc[table["rule"] == "train", "output_file"]
    ablated = table.loc[table["rule"] == "ablation", "output_file"]
    searched = table.loc[table["rule"] == "search", "output_file"]
    return _lacking(
        table["rule"],
        [Path(file).name for file in trained],
        [Path(file).parent.name for file in ablated],
        [Path(file).parent.name for file in searched],
    )


def all_jobs(config: Config, folder: str | Path = ".") -> Lacking:
    """Return all jobs of a build, for one that cannot begin yet."""
    rules = ["ingest", "faces", "annotations", "match", "features", "train", "colophon", "book"]
    if config.corpus.kind == "simulated":
        rules.append("simulate")
    rules += [_CHAPTER + chapter for chapter in chapter_names(folder)]
    if config.ablations:
        rules.append("ablation")
    if config.search.networks:
        rules.append("search")
    return _lacking(rules, config.training.networks, config.ablations, config.search.networks)


def chapter_names(folder: str | Path = ".") -> list[str]:
    """Return the names of the chapters of a repository, in the order in which they are read.

    As in `workflow/Snakefile`, the table of contents decides; there is none without it.
    """
    contents = Path(folder) / "_toc.yml"
    text = contents.read_text() if contents.is_file() else ""
    return re.findall(r"book/chapters/([\w-]+)", text)


def _lacking(rules, networks, ablations, searches) -> Lacking:
    rules = list(dict.fromkeys(rules))
    chapters = [rule.removeprefix(_CHAPTER) for rule in rules if rule.startswith(_CHAPTER)]
    return Lacking(
        frozenset(rules),
        tuple(dict.fromkeys(networks)),
        tuple(chapters),
        tuple(ablations),
        tuple(searches),
    )
