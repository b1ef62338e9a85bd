"""The command line: one command a stage of a build, and prediction on new clips.

An error that the user can put right is shown as one sentence, with exit code 2.
"""

import errno
import json
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from emolib import __version__
from emolib.commands.plan import plan
from emolib.commands.search import search
from emolib.errors import InputError

app = typer.Typer(
    help="Recognise emotion in faces in video: categories, valence and arousal, or both.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

ConfigOption = Annotated[Path, typer.Option("--config", help="The configuration of the build.")]
DEFAULT_CONFIG = Path("config/demo.yaml")
AblationOption = Annotated[
    str | None, typer.Option("--ablation", help="One of the configuration's ablations.")
]


def main() -> None:
    """Run the command line; show an `InputError`, or that the disk is full, as one sentence."""
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    logging.captureWarnings(True)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    signal.signal(signal.SIGTERM, _end)
    try:
        app()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        # Every file is whole or absent, so there is nothing to clean up.
        print(
            f"error: {error.filename or os.getcwd()}: the disk is full; free some space and try "
            "again (what was finished is kept and is not computed again)",
            file=sys.stderr,
        )
        sys.exit(2)


def _end(number: int, frame: object) -> None:
    """End as Python does after an error, which removes temporary files and worker processes."""
    signal.signal(number, signal.SIG_IGN)  # another one would interrupt the cleaning
    print("ended by SIGTERM; the same command goes on where it was", file=sys.stderr)
    sys.exit(128 + number)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version")] = False) -> None:
    if version:
        print(__version__)
        raise typer.Exit


@app.command()
def check(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Read a configuration and say whether a book can be built with it."""
    from emolib import pipeline

    pipeline.check(_workspace(config))
    print(f"{config}: a book can be built with it.")


app.command()(plan)


@app.command()
def simulate(config: ConfigOption = DEFAULT_CONFIG, jobs: int | None = None) -> None:
    """Write the simulated corpus."""
    from emolib import pipeline

    pipeline.simulate(_workspace(config), jobs)


@app.command()
def ingest(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Probe the videos of the corpus."""
    from emolib import pipeline

    pipeline.ingest(_workspace(config))


@app.command()
def faces(config: ConfigOption = DEFAULT_CONFIG, jobs: int | None = None) -> None:
    """Find the faces, tell the people apart, cut out the crops."""
    from emolib import pipeline

    pipeline.extract_all_faces(_workspace(config), jobs)


@app.command()
def annotations(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Bring the annotation files into two tables."""
    from emolib import pipeline

    pipeline.unify_annotations(_workspace(config))


@app.command()
def formats() -> None:
    """List the annotation formats that can be read."""
    from emolib.data.annotations.formats import formats as known

    width = max(map(len, known()))
    for format in known().values():
        print(f"{format.name:{width}}  {format.description}")


@app.command()
def convert(
    source: Annotated[Path, typer.Argument(help="File or folder of annotations.")],
    out: Annotated[Path, typer.Option(help="Table to write, .csv or .parquet.")],
    format: Annotated[str | None, typer.Option(help="One of `emolib formats`.")] = None,
    option: Annotated[
        list[str] | None, typer.Option("--option", "-o", help="name=value, as the format asks for.")
    ] = None,
) -> None:
    """Bring annotations of a named format into the tables that a build reads.

    Valence and arousal go to OUT, categories to a file beside it that ends in _emotions.
    """
    from emolib.data.annotations.formats import read, suggest
    from emolib.storage import write_table

    if format is None:
        fitting = ", ".join(suggest(source)) or "none that is known"
        raise InputError(f"{source}: say its --format; by its looks it could be: {fitting}")
    annotations = read(source, format, **dict(map(_option, option or [])))
    for problem in annotations.problems:
        logging.getLogger("emolib").warning(problem)
    beside = out.with_name(f"{out.stem}_emotions{out.suffix}")
    for table, path in ((annotations.dimensional, out), (annotations.categorical, beside)):
        if len(table):
            print(f"{write_table(table, path)}: {len(table)} rows")


def _option(text: str) -> tuple[str, object]:
    """Return the name and the value of name=value; the value as YAML, so 30 is a number."""
    import yaml

    name, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"option {text!r}: write it as name=value")
    return name, yaml.safe_load(value)


@app.command()
def match(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Match faces with annotations and split the people."""
    from emolib import pipeline

    pipeline.match_and_split(_workspace(config))


@app.command()
def features(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Put the faces through the frozen convolutional part."""
    from emolib import pipeline
    from emolib.gpus import claim_gpus

    workspace = _workspace(config)
    with claim_gpus(1):
        pipeline.extract_all_features(workspace)


runs = typer.Typer(help="List, compare and delete runs; alone, list them.")
app.add_typer(runs, name="runs")


@runs.callback(invoke_without_command=True)
def _runs(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    ablation: AblationOption = None,
) -> None:
    if context.invoked_subcommand is None:
        list_runs(config, ablation=ablation)


@runs.command("list")
def list_runs(
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="Name and whether trained.")] = False,
    ablation: AblationOption = None,
) -> None:
    """List the runs that a configuration asks for, and whether they are trained."""
    from emolib import pipeline

    workspace = _workspace(config, ablation)
    lacking = set(pipeline.lacking_runs(workspace))
    names = pipeline.find_runs(workspace)
    if as_json:
        print(json.dumps({name: name not in lacking for name in names}, indent=2))
        return
    for name in names:
        there = (workspace.runs / name / "metrics.json").is_file()
        states = {False: "trained", True: "of other data or code" if there else "lacking"}
        print(f"{name}  {states[name in lacking]}")
    print(f"{len(names) - len(lacking)} of {len(names)} are trained and up to date")


@runs.command()
def compare(first: str, second: str, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Show where two runs differ: in their settings, and in what they reach on each split."""
    from emolib import pipeline
    from emolib.evaluation.formatting import format_table
    from emolib.evaluation.runs import compare_runs

    workspace = _workspace(config)
    folders = [pipeline.run_folder(workspace, name) for name in (first, second)]
    for title, table in compare_runs(*folders).items():
        print(f"{title}\n{format_table(table).to_string(index=False)}\n")


@runs.command()
def delete(
    names: Annotated[list[str], typer.Argument(help="Runs; `emolib runs` lists them.")],
    config: ConfigOption = DEFAULT_CONFIG,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete runs, so that the next build trains them again. Asks first."""
    from emolib import pipeline

    workspace = _workspace(config)
    for name in names:
        print(f"to be deleted: {pipeline.run_folder(workspace, name)}")
    if not yes and not typer.confirm("Delete?"):
        print("Nothing was deleted.")
        raise typer.Exit(1)
    pipeline.delete_runs(workspace, names)
    print(f"deleted: {len(names)}")


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="Folder of a trained run.")],
    out: Annotated[Path, typer.Option(help="Folder to write; must not exist.")],
) -> None:
    """Write a run and its backbone as one model, pixels in, predictions out.

    Other programs can use it without emolib: OUT receives model.keras, saved_model/ and
    model.json, which says what goes in and what comes out.
    """
    from emolib.models.export import export_model
    from emolib.models.inspection import load_backbone_of
    from emolib.models.training import load_run

    trained = load_run(run)
    print(f"{export_model(trained, load_backbone_of(trained, run), out)}: written")


@app.command()
def train(
    run: Annotated[
        list[str] | None,
        typer.Argument(help="Runs, or networks for all of their seeds; without any, all."),
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    again: Annotated[
        bool, typer.Option("--again", help="Also train what is trained and up to date.")
    ] = False,
    ablation: AblationOption = None,
) -> None:
    """Train runs of a configuration: those that are lacking or whose data or code changed.

    `emolib runs` lists them. Needs the samples and features of the configuration (`emolib match`,
    `emolib features`, or `make book`, which does everything). A run goes to
    build/<configuration>/runs/<run>/ and appears there when it is whole; one that was interrupted
    continues from its last checkpoint. What is trained, and how, stands under `training` in the
    configuration. The runs of an ablation go to build/<configuration>/ablations/<ablation>/, with
    the samples and features that it makes in another way.

    Example: emolib train vgg16-combined-1fc --config config/my-corpus.yaml
    """
    from emolib import pipeline
    from emolib.gpus import claim_gpus

    workspace = _workspace(config, ablation)
    names = pipeline.find_runs(workspace, run or [])
    with claim_gpus(workspace.config.training.replicas):
        if ablation:
            names = pipeline.train_ablation(workspace, names, again)
        else:
            if not again:
                lacking = set(pipeline.lacking_runs(workspace))
                names = [name for name in names if name in lacking]
            pipeline.train_runs(workspace, names)
    if not names:
        print("Every one of them is trained and up to date; --again trains them again.")


app.command()(search)


@app.command()
def predict(
    video: Annotated[list[Path], typer.Argument(help="Video files.")],
    model: Annotated[Path, typer.Option(help="Folder of a trained run.")],
    out: Annotated[Path, typer.Option(help="Folder, or a .csv or .parquet file for one video.")],
    overlay: Annotated[
        bool, typer.Option("--overlay", help="Also write an overlay video.")
    ] = False,
    detector: Annotated[str, typer.Option(help="Face detector.")] = "dlib",
    detect_every: Annotated[int, typer.Option(help="Look for faces in every k-th frame.")] = 1,
    people: Annotated[int | None, typer.Option(help="Number of people, if it is known.")] = None,
) -> None:
    """Find the faces of new clips and predict their emotion, frame by frame."""
    from emolib.predict import predict_videos

    failed = False
    for outcome in predict_videos(
        video,
        model,
        out,
        overlay=overlay,
        detector=detector,
        detect_every=detect_every,
        n_people=people,
    ):
        print(outcome)
        failed |= bool(outcome.failed)
    if failed:
        raise typer.Exit(2)


def _workspace(config: Path, ablation: str | None = None):
    from emolib.workspace import open_workspace

    workspace = open_workspace(config)
    return workspace.ablation(ablation) if ablation else workspace


if __name__ == "__main__":
    main()
