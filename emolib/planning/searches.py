"""What a search for hyperparameters has to do, counted in trainings."""

import math
from collections import Counter
from itertools import product

import pandas as pd

from emolib.models.runs import RunSpec
from emolib.planning.amounts import (
    Job,
    counted_sequences,
    expected_sequences,
    total,
    training_amounts,
)
from emolib.planning.jobs import Lacking
from emolib.planning.scale import Scale
from emolib.search.space import references, spec_with
from emolib.workspace import Workspace


def search_jobs(workspace: Workspace, scale: Scale, lacking: Lacking) -> list[Job]:
    """Return a job for each search that is lacking: its trials, and the trainings at its end.

    No trial is taken to be given up, and the trials to have all lengths of sequences and sizes of
    batches equally often.

    Parameters
    ----------
    workspace : Workspace
        The build.
    scale : Scale
        How large its corpus is.
    lacking : Lacking
        Which jobs Snakemake would execute.
    """
    counted = workspace.samples.is_file() and "match" not in lacking.rules
    samples = workspace.load("samples") if counted else None
    return [
        Job("search", network, {"job": 1, **_amounts(workspace, network, scale, samples)})
        for network in lacking.searches
    ]


def _amounts(
    workspace: Workspace, network: str, scale: Scale, samples: pd.DataFrame | None
) -> Counter:
    config, search = workspace.config, workspace.config.search
    space, training = search.space, config.training
    tried = [
        spec_with(config, network, {"sequence_length": length, "batch_size": size})
        for length, size in product(space.sequence_length, space.batch_size)
    ]
    known = references(training, network)
    # Nobody knows before what is best; the build is taken for it.
    confirmed = [spec_with(config, network, known["this build"])]
    if "the thesis" in known:
        confirmed.append(spec_with(config, network, known["the thesis"]))

    def amounts(spec: RunSpec, epochs: int, share: float) -> Counter:
        spec = spec.model_copy(update={"epochs": epochs})
        counts = (
            expected_sequences(spec, scale, config)
            if samples is None
            else counted_sequences(samples, spec)
        )
        one = training_amounts(spec, counts)
        return Counter({unit: math.ceil(amount * share) for unit, amount in one.items()})

    epochs = search.epochs or training.epochs
    trials = [amounts(spec, epochs, search.trials / len(tried)) for spec in tried]
    runs = [amounts(spec, training.epochs, len(training.seeds)) for spec in confirmed]
    return total([*trials, *runs])
