# From a corpus to samples: faces with their labels, and the part of the corpus they belong to.


def annotation_files():
    """Return the files that the manifest of one's own corpus names and that are there."""
    manifest = Path(CORPUS, "annotations.csv")
    if not (OWN_CORPUS and manifest.is_file()):
        return []
    with manifest.open(newline="") as rows:
        files = [Path(CORPUS, row.get("file") or "") for row in csv.DictReader(rows)]
    return sorted({str(file) for file in files if file.is_file()})


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
        threads: workflow.cores
        shell:
            "emolib simulate --config {CONFIG} 2>&1 | tee {log}"


rule ingest:
    message:
        "Reading the videos"
    input:
        f"{CORPUS}/videos.csv",
        # Another seed or length changes no list of videos, but what is in them.
        [] if OWN_CORPUS else f"{CORPUS}/README.md.inputs.json",
        videos=sorted(map(str, Path(CORPUS, "videos").glob("*.*"))) if OWN_CORPUS else [],
    output:
        f"{WORK}/videos.parquet",
    params:
        code=code_hash("emolib.data.video"),
    log:
        f"{WORK}/logs/ingest.log",
    benchmark:
        f"{WORK}/times/ingest.tsv"
    shell:
        "emolib ingest --config {CONFIG} 2>&1 | tee {log}"


rule faces:
    message:
        "Finding and cutting out the faces"
    input:
        f"{WORK}/videos.parquet",
    output:
        f"{WORK}/faces.parquet",
    params:
        code=code_hash("emolib.data.faces"),
        faces=SETTINGS.faces.model_dump_json(),
    log:
        f"{WORK}/logs/faces.log",
    benchmark:
        f"{WORK}/times/faces.tsv"
    threads: workflow.cores
    shell:
        "emolib faces --config {CONFIG} 2>&1 | tee {log}"


rule annotations:
    message:
        "Reading the annotations"
    input:
        f"{CORPUS}/annotations.csv",
        [] if OWN_CORPUS else f"{CORPUS}/README.md.inputs.json",
        files=annotation_files(),
    output:
        f"{WORK}/dimensional.parquet",
        f"{WORK}/categorical.parquet",
    params:
        code=code_hash("emolib.data.annotations"),
    log:
        f"{WORK}/logs/annotations.log",
    benchmark:
        f"{WORK}/times/annotations.tsv"
    shell:
        "emolib annotations --config {CONFIG} 2>&1 | tee {log}"


rule match:
    message:
        "Matching faces with annotations, splitting the people"
    input:
        f"{CORPUS}/people.csv",
        rules.faces.output,
        rules.annotations.output,
    output:
        expand(f"{WORK}/{{name}}.parquet", name=("samples", "coverage", "balance")),
    params:
        code=code_hash("emolib.data.matching", "emolib.data.splits"),
        matching=SETTINGS.matching.model_dump_json(),
        split=SETTINGS.split.model_dump_json(),
        emotions=SETTINGS.emotions,
    log:
        f"{WORK}/logs/match.log",
    benchmark:
        f"{WORK}/times/match.tsv"
    shell:
        "emolib match --config {CONFIG} 2>&1 | tee {log}"
