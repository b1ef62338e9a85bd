"""Run benchmarks, print their table, write it to ``build/bench/``."""

import importlib
import pkgutil
import sys
import time
import traceback
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import subjects
from benchmarks.harness import Row, Skipped, printed, table
from benchmarks.machine import machine, stamped
from benchmarks.shipping import SHIPPED, ship
from emolib.storage import write_json, write_table

SUBJECTS = sorted(module.name for module in pkgutil.iter_modules(subjects.__path__))
OUTPUT = Path("build/bench")


def run(
    names: Annotated[
        list[str] | None, typer.Argument(help=f"Of {', '.join(SUBJECTS)}; all when left out.")
    ] = None,
    repeats: Annotated[int, typer.Option(min=5, help="Rounds of each race.")] = 5,
    output: Annotated[Path, typer.Option(help="Where the results go.")] = OUTPUT,
    ship_them: Annotated[
        bool, typer.Option("--ship", help=f"Put the results into {SHIPPED}, for the book.")
    ] = False,
) -> None:
    """Measure speed and memory against named peers.

    What is measured is in the table at once, so that nothing is lost where a later benchmark
    fails. Exits with 1 if one failed, or a result differs from its peer's; a goal that is missed
    is said in the table.
    """
    unknown = sorted(set(names or []) - set(SUBJECTS))
    if unknown:
        raise typer.BadParameter(f"no benchmark {unknown[0]!r}; known are {', '.join(SUBJECTS)}")
    results: dict[str, list[Row]] = {}
    failed: dict[str, str] = {}
    machines = {}
    write_json(machine(), output / "machine.json")
    for name in names or SUBJECTS:
        print(f"\n{name} ...", file=sys.stderr)
        machines[name], started = machine(), time.monotonic()  # another load each time
        try:
            for row in subject(name).rows(repeats):
                results.setdefault(name, []).append(row)
                write_table(stamped(table(results), machines), output / "benchmarks.csv")
        except Skipped as reason:
            print(f"{name}: NOT MEASURED: {reason}", file=sys.stderr)
        except AssertionError as error:
            failed[name] = f"the results differ, so nothing is compared: {error}"
        except Exception as error:  # the others are to be measured all the same
            traceback.print_exc()
            failed[name] = f"failed: {type(error).__name__}: {error}"
        if name in results:
            print(printed(table({name: results[name]})))
        print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    for name, reason in failed.items():
        print(f"{name}: {reason}", file=sys.stderr)
    if ship_them:
        for path in ship(output, set(results) - set(failed)):
            print(f"{path}: written")
    if failed:
        raise typer.Exit(1)


def subject(name: str):
    """Return the module of a benchmark."""
    return importlib.import_module(f"benchmarks.subjects.{name}")


if __name__ == "__main__":
    typer.run(run)
