# From faces to trained networks.


# Files that hold weights: those that the package ships, and one of the user's own.
WEIGHTS = [
    *sorted(map(str, Path("emolib/models/pretrained").glob("*.npz"))),
    *([SETTINGS.features.weights] if Path(SETTINGS.features.weights).is_file() else []),
]


rule features:
    message:
        "Putting the faces through the frozen backbones"
    input:
        f"{WORK}/faces.parquet",
        WEIGHTS,
    output:
        f"{WORK}/features/complete",
    params:
        code=code_hash("emolib.models.features", "emolib.models.backbones"),
        features=SETTINGS.features.model_dump_json(),
        backbones=sorted({spec.backbone for spec in RUNS.values()}),
    log:
        f"{WORK}/logs/features.log",
    benchmark:
        f"{WORK}/times/features.tsv"
    threads: all_cores
    resources:
        runtime=minutes("features"),
        mem_mb=mebibytes("features"),
        gpu=1,
    shell:
        # What the features were made from stands in the file, so that other features are news.
        "{JOB} --show {log} emolib features --config {CONFIG} && "
        "find {WORK}/features -name '*.inputs.json' | sort | xargs cat | sha256sum > {output}"


# One job trains all seeds of a network, so that libraries and features are loaded once for them.
# A job that was killed goes on where it was: what it had finished is not its output, but this file.
rule train:
    message:
        "Training {wildcards.network}"
    input:
        f"{WORK}/samples.parquet",
        f"{WORK}/features/complete",
    output:
        f"{WORK}/trained/{{network}}",
    params:
        code=code_hash("emolib.models.training"),
        specs=lambda wildcards: [str(run) for run in RUNS.values() if run.network == wildcards.network],
    log:
        f"{WORK}/logs/train-{{network}}.log",
    benchmark:
        f"{WORK}/times/train/{{network}}.tsv"
    threads: 1
    resources:
        runtime=minutes("train", wildcard="network"),
        mem_mb=mebibytes("train"),
        gpu=GPUS_OF_A_RUN,
    shell:
        ONE_THREAD + " {JOB} {log} emolib train {wildcards.network} --config {CONFIG} && "
        "ls -d {WORK}/runs/{wildcards.network}-seed* > {output}"


def backbones_of_its_own(ablation):
    """Return whether an ablation puts faces through a backbone in another way than the build."""
    return any(map(ablation.has_own_features, {spec.backbone for spec in run_specs(ablation.config)}))


def ablation_inputs(wildcards):
    """Return what an ablation shares with the build, and the weights that it reads itself."""
    ablation = ABLATIONS[wildcards.ablation]
    own = Path(ablation.config.features.weights)
    return [
        f"{WORK}/samples.parquet",
        f"{WORK}/features/complete",
        *(WEIGHTS if backbones_of_its_own(ablation) else []),
        *([str(own)] if own.is_file() else []),
    ]


def ablation_code(wildcards):
    """Return what changes with the code of the stages that an ablation goes through itself."""
    ablation, modules = ABLATIONS[wildcards.ablation], ["emolib.models.training"]
    if ablation.rematches:
        modules.append("emolib.pipeline.samples")
    if backbones_of_its_own(ablation):
        modules += ["emolib.models.features", "emolib.models.backbones"]
    return code_hash(*modules)


# An ablation matches, extracts and trains what it does in another way; the rest is the build's.
rule ablation:
    message:
        "Training the ablation {wildcards.ablation}"
    input:
        ablation_inputs,
    output:
        f"{WORK}/ablations/{{ablation}}/complete",
    params:
        code=ablation_code,
        specs=lambda wildcards: [str(run) for run in run_specs(ABLATIONS[wildcards.ablation].config)],
        matching=lambda wildcards: ABLATIONS[wildcards.ablation].config.matching.model_dump_json(),
    log:
        f"{WORK}/logs/ablation-{{ablation}}.log",
    benchmark:
        f"{WORK}/times/ablations/{{ablation}}.tsv"
    threads: 1
    resources:
        runtime=minutes("ablation", wildcard="ablation"),
        mem_mb=mebibytes("ablation"),
        gpu=GPUS_OF_A_RUN,
    shell:
        ONE_THREAD + " {JOB} {log} emolib train --ablation {wildcards.ablation} --config {CONFIG} && "
        "ls -d {WORK}/ablations/{wildcards.ablation}/runs/*-seed* > {output}"


# A search tries settings until its study has all of its trials, whoever does them, and then trains
# the best; the trials lie in the storage, so a search that was killed goes on where it was.
rule search:
    message:
        "Searching hyperparameters of {wildcards.network}"
    input:
        f"{WORK}/samples.parquet",
        f"{WORK}/features/complete",
    output:
        f"{WORK}/search/{{network}}/complete",
    params:
        code=code_hash("emolib.models.training", "emolib.search.stages"),
        specs=lambda wildcards: [str(run) for run in RUNS.values() if run.network == wildcards.network],
        search=SETTINGS.search.model_dump_json(exclude={"networks", "storage"}),
    log:
        f"{WORK}/logs/search-{{network}}.log",
    benchmark:
        f"{WORK}/times/search/{{network}}.tsv"
    threads: 1
    resources:
        runtime=minutes("search", wildcard="network"),
        mem_mb=mebibytes("search"),
        gpu=1,
    shell:
        ONE_THREAD + " {JOB} {log} emolib search {wildcards.network} --config {CONFIG} && "
        "ls -d {WORK}/search/{wildcards.network}/runs/*-seed* > {output}"
