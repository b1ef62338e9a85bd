"""Run benchmarks, print their table, write it to ``build/bench/``."""

import importlib
import pkgutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import subjects
from benchmarks.harness import printed, table
from benchmarks.machine import machine
from emolib.storage import write_json, write_table

SUBJECTS = sorted(module.name for module in pkgutil.iter_modules(subjects.__path__))


def run(
    names: Annotated[
        list[str] | None, typer.Argument(help=f"Of {', '.join(SUBJECTS)}; all when left out.")
    ] = None,
    repeats: Annotated[int, typer.Option(min=5, help="Rounds of each race.")] = 7,
    output: Annotated[Path, typer.Option(help="Where the results go.")] = Path("build/bench"),
) -> None:
    """Measure speed and memory against named peers.

    Exits with 1 if a result differs from its peer's; a goal that is missed is said in the table.
    """
    unknown = sorted(set(names or []) - set(SUBJECTS))
    if unknown:
        raise typer.BadParameter(f"no benchmark {unknown[0]!r}; known are {', '.join(SUBJECTS)}")
    results, disagreed = {}, []
    write_json(machine(), output / "machine.json")
    for name in names or SUBJECTS:
        print(f"\n{name} ...", file=sys.stderr)
        try:
            results[name] = list(subject(name).rows(repeats))
        except AssertionError as error:
            print(f"{name}: the results differ, so nothing is compared: {error}", file=sys.stderr)
            disagreed.append(name)
            continue
        print(printed(table({name: results[name]})))
        write_table(table(results), output / "benchmarks.csv")
    if disagreed:
        raise typer.Exit(1)


def subject(name: str):
    """Return the module of a benchmark."""
    return importlib.import_module(f"benchmarks.subjects.{name}")


if __name__ == "__main__":
    typer.run(run)
