"""From a page of the smoke book to its notebook, and from a table to its file."""

import json

import pytest
from bs4 import BeautifulSoup

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def articles(book):
    """Return the text part of every page, by its file."""
    pages = sorted((book / "book").rglob("*.html"))
    assert len(pages) > 20
    return {
        page: BeautifulSoup(page.read_text(), "html.parser").select_one("article") for page in pages
    }


def chapters(articles):
    found = {page: article for page, article in articles.items() if page.parent.name == "chapters"}
    assert len(found) > 4
    return found


def linked(page, element):
    return [(page.parent / link["href"]).resolve() for link in element.select("a.download")]


def test_chapters_end_with_their_notebook_and_the_command_that_redoes_it(articles):
    for page, article in chapters(articles).items():
        (block,) = article.select(".admonition.rerun")
        notebook, source = linked(page, block)
        assert (notebook.name, source.name) == (f"{page.stem}.ipynb", f"{page.stem}.md")
        assert f"(chap:{page.stem})=" in source.read_text()
        cells = json.loads(notebook.read_text())["cells"]
        assert [cell for cell in cells if cell.get("outputs")] == []
        assert any("injected-parameters" in cell["metadata"].get("tags", []) for cell in cells)
        (command,) = block.select("pre")
        assert f"notebooks/{page.stem}.md" in command.text
        assert command.text.rstrip().endswith("-k python3 -p config config/smoke.yaml")
        assert "config = 'config/smoke.yaml'" in block.text


def test_pages_without_code_that_quote_numbers_say_how_to_compute_them(articles):
    for page, article in articles.items():
        if page.stem in ("index", "methodology", "colophon"):
            (block,) = article.select(".admonition.rerun")
            (source,) = linked(page, block)
            assert "{{ build." in source.read_text()
            assert block.select_one("pre").text == "make book CONFIG=config/smoke.yaml\n"
        elif page.stem in ("ethics", "glossary", "trouble"):
            assert article.select(".rerun") == []


def test_chapters_name_the_runs_and_the_data_that_they_read(smoke, articles):
    records = json.loads((smoke / "records.json").read_text())
    trained = {run.name for run in (smoke / "runs").iterdir()}
    for page, article in chapters(articles).items():
        record, text = records[page.stem], article.select_one(".admonition.rerun").text
        own = {run for run in record["runs"] if not run.startswith(("ablations/", "search/"))}
        assert own <= trained
        assert all(run.rpartition("seed")[2] in text for run in record["runs"]), page
        assert not record["tables"] or record["data"] in text
    assert trained == set(records["comparison"]["runs"])
    assert list(records["category"]["tables"]) == ["samples.parquet"]
    assert records["audit"]["tables"] == {} and records["audit"]["runs"] == []
    assert any(run.startswith("ablations/") for run in records["ablations"]["runs"])
    assert any(run.startswith("search/") for run in records["hyperparameters"]["runs"])


def test_tables_each_lead_to_their_file(smoke, articles):
    counted = 0
    for page, article in articles.items():
        for table in article.select("table:has(caption)"):
            link = table.find_next("p", class_="table-file").select_one("a")
            assert link.get_text("", strip=False).strip() == "Download this table (CSV)", page
            file = (page.parent / link["href"]).resolve()
            rows = len(table.select("tbody tr"))
            assert len(file.read_text().splitlines()) >= rows + 1, (page, file)
            counted += 1
    assert counted > 40


def test_notation_shows_every_numbered_equation(articles):
    (page,) = [page for page in articles if page.stem == "notation"]
    shown = [link["href"].partition("#")[2] for link in articles[page].select(".equations a[href]")]
    defined = [
        block["id"] for article in articles.values() for block in article.select("div.math[id]")
    ]
    assert sorted(filter(None, shown)) == sorted(defined) != []


def test_provenance_lists_every_other_chapter(articles):
    (page,) = [page for page in articles if page.stem == "provenance"]
    listed = articles[page].select("#tab-provenance-reads tbody tr td:first-child")
    others = {other.stem for other in chapters(articles)} - {"provenance"}
    assert sorted(cell.text.strip() for cell in listed) == sorted(others)
