import csv
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "book").glob("*.md")) + sorted((ROOT / "notebooks").glob("*.md"))
TEXTS = {path: path.read_text() for path in PAGES}
ALL = "\n".join(TEXTS.values())

LABEL = re.compile(
    r"^\(([\w:-]+)\)=$|^:name: (\S+)$|^ +name: ([a-z]+:\S+)$|\$\$ *\((\S+)\)$",
    flags=re.MULTILINE,
)
PREFIXES = ("chap", "sec", "fig", "tab", "eq")
DOI = re.compile(r"10\.\d{4,9}/[-._;()/:\w]+")
CITATION = re.compile(r"\{cite:[pt]\}`([^`]+)`")


COUNTERPARTS = ROOT / "book" / "counterparts.csv"
LISTS_OF_THE_THESIS = {
    "Figure": {"2": 6, "3": 3, "4": 15, "5": 15, "6": 1},
    "Table": {"3": 1, "4": 3, "5": 7, "C": 8},
}
"""How many figures and tables each chapter of the thesis has, by its own lists."""


def counterparts():
    with COUNTERPARTS.open(newline="") as file:
        return list(csv.DictReader(file))


def labels(text):
    return ["".join(groups) for groups in LABEL.findall(text)]


def toc_files(node):
    if isinstance(node, dict):
        own = [node[key] for key in ("root", "file") if key in node]
        return own + [file for value in node.values() for file in toc_files(value)]
    return [file for item in node for file in toc_files(item)] if isinstance(node, list) else []


def sources_in_toc():
    files = toc_files(yaml.safe_load((ROOT / "_toc.yml").read_text()))
    return {ROOT / f"{file.replace('book/chapters/', 'notebooks/')}.md" for file in files}


def test_contents_every_page_and_chapter_is_listed_once():
    assert sources_in_toc() == set(PAGES)


def test_labels_are_unique():
    assert [label for label, n in Counter(labels(ALL)).items() if n > 1] == []


def test_labels_have_a_known_prefix():
    assert [x for x in labels(ALL) if x.split(":")[0] not in PREFIXES] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page_starts_with_its_label(path):
    assert f"(chap:{path.stem})=\n# " in TEXTS[path]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_figures_and_tables_are_cited_before_they_appear(path):
    text = TEXTS[path]
    for label in labels(text):
        if label.startswith(("fig:", "tab:")):
            cited = text.find(f"{{numref}}`{label}`")
            assert 0 <= cited < text.index(f"name: {label}\n"), (
                f"{label} is not cited before it appears"
            )


def test_references_point_at_labels():
    text = ALL + COUNTERPARTS.read_text()
    targets = re.findall(r"\{(?:numref|ref|eq)\}`([^`]+)`", text) + re.findall(
        r"\]\((\w+:[^/)]+)\)", text
    )
    assert set(targets) <= set(labels(ALL))


def test_counterparts_every_figure_and_table_of_the_thesis_is_there_once():
    listed = [
        f"{kind} {chapter}.{number}"
        for kind, chapters in LISTS_OF_THE_THESIS.items()
        for chapter, count in chapters.items()
        for number in range(1, count + 1)
    ]
    assert [row["In the thesis"] for row in counterparts()] == listed


def test_counterparts_each_is_in_the_book_or_a_sentence_says_why_not():
    known = {f"{{numref}}`{label}`" for label in labels(ALL)}
    for row in counterparts():
        here, remark = row["Here"], row["Remark"]
        assert row["What it shows"], row
        assert set(here.split(", ")) - {""} <= known, row
        assert here or remark, row
        assert not remark or re.fullmatch(r"[A-Z].{20,}\.", remark), row


def test_bibliography_every_entry_is_cited_and_every_citation_is_there():
    cited = {key.strip() for keys in CITATION.findall(ALL) for key in keys.split(",")}
    assert set(entries()) == cited


def test_bibliography_every_entry_is_complete():
    venues = {"article": "journal", "inproceedings": "booktitle", "book": "publisher"}
    venues |= {"techreport": "institution", "mastersthesis": "school"}
    for key, text in entries().items():
        given = fields(text)
        needed = {"author", "title", "year", venues[text.split("{")[0]]}
        assert needed <= set(given), f"{key} lacks {needed - set(given)}"
        assert re.fullmatch(r"[a-z]+\d{4}[a-z]?", key) and given["year"] in key


def test_bibliography_every_entry_has_a_doi_or_where_there_is_none_an_address():
    found = {key: fields(text) for key, text in entries().items()}
    assert [key for key, given in found.items() if ("doi" in given) == ("url" in given)] == []
    dois = {key: given["doi"] for key, given in found.items() if "doi" in given}
    assert [key for key, doi in dois.items() if not DOI.fullmatch(doi)] == []
    assert [doi for doi, n in Counter(map(str.lower, dois.values())).items() if n > 1] == []
    addresses = [given["url"] for given in found.values() if "url" in given]
    assert [url for url in addresses if not url.startswith("https://") or "arxiv" in url] == []


def test_bibliography_is_in_order_of_its_keys():
    assert list(entries()) == sorted(entries())


def entries():
    text = (ROOT / "book" / "references.bib").read_text()
    return {
        block.split("{")[1].split(",")[0]: block for block in re.split(r"^@", text, flags=re.M)[1:]
    }


def fields(text):
    return dict(re.findall(r"^ +(\w+) += \{(.*)\},?$", text, flags=re.MULTILINE))


def test_tables_each_is_written_by_one_chapter():
    written = re.findall(r"^:file: (?:\.\./)?tables/(\S+)$", ALL, flags=re.MULTILINE)
    assert [name for name, n in Counter(written).items() if n > 1] == []


def test_captions_are_short():
    captions = re.findall(r"^ +caption: (.+)$", ALL, flags=re.MULTILINE)
    assert [caption for caption in captions if len(caption.split()) > 12] == []


def test_prose_of_chapters_types_no_result():
    # A decimal number in the prose of a chapter was computed once and would stay when it changes.
    for path in (ROOT / "notebooks").glob("*.md"):
        prose = re.sub(r"^```.*?^```|\$[^$]*\$|`[^`]*`", "", TEXTS[path], flags=re.M | re.S)
        assert re.findall(r"\d+\.\d+", prose) == [], path.name
