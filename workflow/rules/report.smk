# From runs to pages: executed chapters, what the build was made with, the book.

# The kinds of network whose runs a chapter reads; a chapter that is not named here reads none.
KINDS_READ = {
    "overview": ("category", "dimensional", "combined"),
    "category": ("category",),
    "dimensional": ("dimensional",),
    "combined": ("combined",),
    "building_blocks": ("category", "dimensional", "combined"),
    "comparison": ("category", "dimensional", "combined"),
    "claims": ("category", "dimensional", "combined"),
    "conclusion": ("category", "dimensional", "combined"),
    "relation": ("category", "dimensional", "combined"),
    "tsne": ("category", "dimensional", "combined"),
    "activation": ("category", "dimensional", "combined"),
    "saliency": ("category", "dimensional", "combined"),
    "svcca": ("category", "dimensional", "combined"),
    "appendix": ("category", "dimensional", "combined"),
}

# Sections that a chapter reads although no file that it reads tells of them.
SECTIONS_READ = {
    "backbone": {"faces", "features", "training"},
    "networks": {"faces", "features", "training"},
    "objectives": {"training"},
    "building_blocks": {"interpretation"},
    "relation": {"interpretation"},
    "tsne": {"interpretation"},
    "activation": {"interpretation"},
    "saliency": {"interpretation"},
    "svcca": {"interpretation"},
    "hyperparameters": {"training", "search"},
    "ablations": {"matching", "features", "training", "ablations"},
}


def chapter_tables(chapter):
    """Return the tables that a chapter prints, and hence has to write."""
    text = Path(f"notebooks/{chapter}.md").read_text()
    names = re.findall(r"^:file: \.\./tables/(\S+)$", text, flags=re.MULTILINE)
    return [f"{WORK}/tables/{name}" for name in names]


def runs_read(chapter):
    """Return what says that the runs which a chapter reads are trained."""
    kinds = KINDS_READ.get(chapter, ())
    networks = dict.fromkeys(run.network for run in RUNS.values() if run.kind in kinds)
    ablations = {
        name: ablation
        for name, ablation in ABLATIONS.items()
        if chapter == "ablations"
        or chapter in ("claims", "conclusion")
        and SETTINGS.ablations[name].changes_only("training", "sequence_length")
    }
    searches = SETTINGS.search.networks if chapter == "hyperparameters" else ()
    networks |= dict.fromkeys(searches)
    for ablation in ablations.values():
        networks |= dict.fromkeys(ablation.config.training.networks)
    return [
        *(f"{WORK}/trained/{network}" for network in networks),
        *(f"{WORK}/ablations/{name}/complete" for name in ablations),
        *(f"{WORK}/search/{network}/complete" for network in searches),
    ]


def chapters_read(chapter):
    """Return what says that what a chapter tells about other chapters is known."""
    others = [name for name in CHAPTERS if name not in ("performance", "provenance")]
    return [f"{WORK}/chapters/{name}.ipynb" for name in others if chapter == "performance"]


def graph_read(chapter):
    """Return what the chapter on the graph reads: the graph, and what is noted of all others."""
    others = [other for other in CHAPTERS if other != chapter]
    graph = ["workflow/Snakefile", *sorted(map(str, Path("workflow/rules").glob("*.smk")))]
    noted = expand(f"{WORK}/reads/{{other}}.txt", other=others)
    return [*graph, *noted] if chapter == "provenance" else []


def settings_read(chapter):
    """Return the configuration as far as a chapter depends on it, beyond what it reads."""
    sections = {"corpus", "faces", "matching", "split", "features", "training", "interpretation"}
    sections |= {"ablations", "search"}
    return SETTINGS.model_dump_json(exclude=sections - SECTIONS_READ.get(chapter, set()))


for chapter in CHAPTERS:

    rule:
        name:
            f"chapter_{chapter}"
        message:
            f"Executing the chapter {chapter}"
        input:
            f"{WORK}/samples.parquet",
            runs_read(chapter),
            chapters_read(chapter),
            WEIGHTS if chapter == "backbone" else [],
            graph_read(chapter),
            notebook=f"notebooks/{chapter}.md",
        output:
            chapter_tables(chapter),
            notebook=f"{WORK}/chapters/{chapter}.ipynb",
            numbers=f"{WORK}/numbers/{chapter}.json",
            reads=f"{WORK}/reads/{chapter}.txt",
        params:
            code=fingerprint(Path("emolib").rglob("*.py")),
            settings=settings_read(chapter),
            half_run=f"{WORK}/logs/{chapter}.ipynb",
            chapter=chapter,
        log:
            f"{WORK}/logs/chapter-{chapter}.log",
        benchmark:
            f"{WORK}/times/chapters/{chapter}.tsv"
        threads: 1
        resources:
            runtime=minutes("chapters", chapter),
            mem_mb=mebibytes("chapters"),
        shell:
            "jupytext --quiet --to ipynb --output - {input.notebook} "
            "| CUDA_VISIBLE_DEVICES= EMOLIB_PUBLISH={params.chapter} {JOB} {log} python -W ignore -m papermill - {params.half_run} -k python3 -p config {CONFIG} --no-progress-bar "
            "&& mv {params.half_run} {output.notebook}"


rule colophon:
    message:
        "Writing down what this build was made of and with"
    input:
        f"{WORK}/samples.parquet",
        expand(f"{WORK}/chapters/{{chapter}}.ipynb", chapter=CHAPTERS),
        "config/thesis.yaml",
        "requirements.txt",
        "workflow/scripts/colophon.py",
        "workflow/scripts/records.py",
    output:
        expand(f"{WORK}/tables/{{table}}.csv", table=("departures", "settings", "inputs", "software", "times")),
        f"{WORK}/numbers/build.json",
        f"{WORK}/records.json",
    params:
        settings=SETTINGS.model_dump_json(),
    log:
        f"{WORK}/logs/colophon.log",
    shell:
        "{JOB} {log} python -m workflow.scripts.colophon {CONFIG}"


rule book:
    message:
        "Building the pages"
    input:
        expand(f"{WORK}/chapters/{{chapter}}.ipynb", chapter=CHAPTERS),
        rules.colophon.output,
        "_config.yml",
        "_toc.yml",
        pages=sorted(str(path) for path in Path("book").rglob("*") if path.is_file() and "__pycache__" not in path.parts),
    output:
        f"{WORK}/html/index.html",
    log:
        f"{WORK}/logs/book.log",
    shell:
        "{JOB} {log} bash workflow/scripts/build_pages.sh {WORK} {CHAPTERS}"


rule pdf:
    message:
        "Printing the report"
    input:
        f"{WORK}/html/index.html",
        "book/_static/print.css",
        scripts=[f"workflow/scripts/{name}.py" for name in ("print_book", "single_page")],
    output:
        f"{WORK}/report.pdf",
    log:
        f"{WORK}/logs/pdf.log",
    shell:
        "{JOB} {log} python -m workflow.scripts.print_book {WORK}"
