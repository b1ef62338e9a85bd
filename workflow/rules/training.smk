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
    threads: workflow.cores
    shell:
        # What the features were made from stands in the file, so that other features are news.
        "emolib features --config {CONFIG} 2>&1 | tee {log} && "
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
    retries: 1
    threads: 1
    shell:
        ONE_THREAD + " emolib train {wildcards.network} --config {CONFIG} > {log} 2>&1 && "
        "ls -d {WORK}/runs/{wildcards.network}-seed* > {output}"


# An ablation matches, extracts and trains what it does in another way; the rest is the build's.
for name, ablation in ABLATIONS.items():
    specs = run_specs(ablation.config)
    own_features = any(ablation.has_own_features(spec.backbone) for spec in specs)

    rule:
        name:
            f"ablation_{name.replace('-', '_')}"
        message:
            f"Training the ablation {name}"
        input:
            f"{WORK}/samples.parquet",
            f"{WORK}/features/complete",
            WEIGHTS if own_features else [],
            [ablation.config.features.weights] if Path(ablation.config.features.weights).is_file() else [],
        output:
            f"{WORK}/ablations/{name}/complete",
        params:
            code=code_hash(
                "emolib.models.training",
                *(["emolib.models.features", "emolib.models.backbones"] if own_features else []),
                *(["emolib.pipeline.samples"] if ablation.rematches else []),
            ),
            specs=[str(spec) for spec in specs],
            matching=ablation.config.matching.model_dump_json(),
            name=name,
        log:
            f"{WORK}/logs/ablation-{name}.log",
        benchmark:
            f"{WORK}/times/ablations/{name}.tsv"
        retries: 1
        threads: 1
        shell:
            ONE_THREAD + " emolib train --ablation {params.name} --config {CONFIG} > {log} 2>&1 && "
            "ls -d {WORK}/ablations/{params.name}/runs/*-seed* > {output}"
