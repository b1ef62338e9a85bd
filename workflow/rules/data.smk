# From a corpus to samples: faces with their labels, and the part of the corpus they belong to.

from emolib.pipeline.faces import FACE_MODULES, face_files
from emolib.pipeline.samples import list_files

if OWN_CORPUS:
    from emolib.pipeline import corpus_files

    CORPUS_FILES = corpus_files(Workspace(SETTINGS))
else:
    # Another seed or length changes no list of videos, but what is in them.
    README = [f"{CORPUS}/README.md.inputs.json"]
    CORPUS_FILES = {"videos": README, "annotations": README}

ADAPTER = "emolib.data.corpora." + (SETTINGS.corpus.kind if OWN_CORPUS else "folder")
FORMATS = [f"emolib.data.annotations.formats.{family}" for family in FAMILIES]


if not OWN_CORPUS:

    rule simulate:
        message:
            "Rendering the simulated corpus"
        output:
            expand(f"{CORPUS}/{{name}}.csv", name=("videos", "people", "annotations")),
            f"{CORPUS}/README.md.inputs.json",
        params:
            code=code_hash("emolib.simulation.corpus"),
            corpus=SETTINGS.corpus.model_dump_json(),
        log:
            f"{WORK}/logs/simulate.log",
        benchmark:
            f"{WORK}/times/simulate.tsv"
        threads: all_cores
        resources:
            runtime=minutes("simulate"),
            mem_mb=mebibytes("simulate"),
        shell:
            "{JOB} --show {log} emolib simulate --config {CONFIG}"


rule ingest:
    message:
        "Reading the videos"
    input:
        CORPUS_FILES["videos"],
    output:
        f"{WORK}/videos.parquet",
        f"{WORK}/people.parquet",
        f"{WORK}/corpus.json",
    params:
        code=code_hash("emolib.data.video", ADAPTER),
        corpus=SETTINGS.corpus.model_dump_json(),
    log:
        f"{WORK}/logs/ingest.log",
    benchmark:
        f"{WORK}/times/ingest.tsv"
    resources:
        runtime=minutes("ingest"),
        mem_mb=mebibytes("ingest"),
    shell:
        "{JOB} --show {log} emolib ingest --config {CONFIG}"


rule faces:
    message:
        "Finding and cutting out the faces"
    input:
        f"{WORK}/videos.parquet",
        face_files(Workspace(SETTINGS)),
    output:
        f"{WORK}/faces.parquet",
        f"{WORK}/face_counts.parquet",
    params:
        code=code_hash(*FACE_MODULES),
        faces=SETTINGS.faces.model_dump_json(),
    log:
        f"{WORK}/logs/faces.log",
    benchmark:
        f"{WORK}/times/faces.tsv"
    threads: all_cores
    resources:
        runtime=minutes("faces"),
        mem_mb=mebibytes("faces"),
    shell:
        "{JOB} --show {log} emolib faces --config {CONFIG}"


rule annotations:
    message:
        "Reading the annotations"
    input:
        # The stamps of the videos' pictures are the clock of annotations that count frames.
        rules.ingest.output,
        CORPUS_FILES["annotations"],
    output:
        f"{WORK}/dimensional.parquet",
        f"{WORK}/categorical.parquet",
    params:
        code=code_hash("emolib.data.annotations", *FORMATS, ADAPTER),
        corpus=SETTINGS.corpus.model_dump_json(),
    log:
        f"{WORK}/logs/annotations.log",
    benchmark:
        f"{WORK}/times/annotations.tsv"
    shell:
        "{JOB} --show {log} emolib annotations --config {CONFIG}"


rule match:
    message:
        "Matching faces with annotations, splitting the people"
    input:
        f"{WORK}/people.parquet",
        rules.faces.output,
        rules.annotations.output,
        lists=list(list_files(Workspace(SETTINGS)).values()),
    output:
        expand(f"{WORK}/{{name}}.parquet", name=("samples", "coverage", "balance")),
        [] if SETTINGS.raters.fuse == "none" else f"{WORK}/raters.parquet",
        f"{WORK}/lag.parquet" if SETTINGS.matching.lag == "estimate" else [],
    params:
        code=code_hash("emolib.pipeline.samples"),
        raters=SETTINGS.raters.model_dump_json(),
        matching=SETTINGS.matching.model_dump_json(),
        split=SETTINGS.split.model_dump_json(),
        emotions=SETTINGS.emotions,
    log:
        f"{WORK}/logs/match.log",
    benchmark:
        f"{WORK}/times/match.tsv"
    shell:
        "{JOB} --show {log} emolib match --config {CONFIG}"
