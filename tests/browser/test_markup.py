"""What can be read from the pages without opening them: links, headings, texts, the HTML itself."""

import json
import shutil
import subprocess
from collections import Counter
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from tests.browser.visits import pages

HEAVIEST_PAGE = 3_000_000  # bytes

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HERE = Path(__file__).parent
HTML_VALIDATE = HERE / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
REFERENCES = (("a", "href"), ("img", "src"), ("script", "src"), ("link", "href"))


@pytest.fixture(scope="module")
def trees(book):
    """Return the parsed pages by their path in the book."""
    found = {path: BeautifulSoup((book / path).read_text(), "html.parser") for path in pages(book)}
    assert len(found) > 8
    return found


def chapters(trees):
    found = [path for path in trees if path.startswith("book/chapters/")]
    assert len(found) > 4
    return found


def anchors(tree):
    return [tag["id"] for tag in tree.select("[id]")]


def test_every_internal_link_leads_somewhere(book, trees):
    known = {(book / path).resolve(): set(anchors(tree)) for path, tree in trees.items()}
    broken, followed = [], 0
    for path, tree in trees.items():
        for tag, attribute in REFERENCES:
            for found in tree.select(f"{tag}[{attribute}]"):
                address = urlsplit(found[attribute])
                if address.scheme or address.netloc or found[attribute] in ("", "#"):
                    continue
                followed += 1
                target = (book / path).resolve()
                if address.path:
                    target = (target.parent / unquote(address.path)).resolve()
                anchor = unquote(address.fragment)
                if not target.is_file() or (anchor and anchor not in known.get(target, ())):
                    broken.append((path, found[attribute]))
    assert broken == []
    assert followed > 100


def test_anchors_are_unique_on_their_page(trees):
    twice = {
        path: [a for a, n in Counter(anchors(tree)).items() if n > 1]
        for path, tree in trees.items()
    }
    assert {path: names for path, names in twice.items() if names} == {}


def test_figures_and_tables_are_numbered(trees):
    for path, tree in trees.items():
        for caption in tree.select("article :is(figcaption, table caption)"):
            number = caption.select_one(".caption-number")
            assert number and number.text.split()[0] in ("Fig.", "Table"), (path, caption.text)


def test_headings_go_down_one_level_at_a_time(trees):
    for path in [path for path, tree in trees.items() if tree.article]:
        headings = trees[path].select("article :is(h1, h2, h3, h4, h5, h6)")
        levels = [int(heading.name[1]) for heading in headings]
        assert levels[:1] == [1] and levels.count(1) == 1, path
        assert all(low <= high + 1 for high, low in pairwise(levels)), path


def test_numbered_equations_show_their_number(trees):
    equations = [one for tree in trees.values() for one in tree.select("div.math[id^=equation-]")]
    assert all(one.select_one(".eqno") for one in equations)


def test_charts_without_scripts_are_pictures_with_alternative_text(book, trees):
    for path in chapters(trees):
        for picture in trees[path].select(".vl-chart img"):
            assert len(picture["alt"]) > 20, path
            source = (book / path).parent / picture["src"]
            assert source.read_bytes().startswith(b"\x89PNG"), path


def test_pictures_all_have_alternative_text(trees):
    for path, tree in trees.items():
        assert tree.select("article img:not([alt])") == [], path


def test_computed_pages_say_that_the_data_are_simulated(trees):
    quoting = ["book/index.html", "book/methodology.html", "book/colophon.html"]
    for path in [*chapters(trees), *quoting]:
        notice = trees[path].select_one(".admonition.simulated-data")
        if path.endswith(("audit.html", "related.html")):  # about what was printed elsewhere
            assert notice is None
            continue
        assert notice, path
        assert "simulated" in notice.text
        assert "weights" in notice.text


def test_pages_are_light(book, trees):
    heavy = [path for path in trees if (book / path).stat().st_size > HEAVIEST_PAGE]
    assert heavy == []


def test_pages_show_no_error_output_and_no_unfilled_number(book, trees):
    for path in chapters(trees):
        text = (book / path).read_text()
        assert "Traceback (most recent call last)" not in text, path
        shown = [one.text for one in trees[path].select(".cell_output .stream")]
        assert [one for one in shown if "WARNING" in one] == [], path
        assert "{{" not in text.split("<article")[1].split("</article")[0], path


def test_executed_chapters_hold_no_error(book):
    for path in sorted((book.parent / "chapters").glob("*.ipynb")):
        cells = json.loads(path.read_text())["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        assert [output for output in outputs if output["output_type"] == "error"] == []


def test_html_is_valid(book):
    node = shutil.which("node")
    if not (node and HTML_VALIDATE.exists()):
        pytest.skip("NO HTML WAS JUDGED: there is no html-validate; run `npm ci` in tests/browser")
    command = [node, HTML_VALIDATE, "--config", HERE / "htmlvalidate.cjs", "--formatter", "json"]
    result = subprocess.run(
        [*command, *pages(book)], cwd=book, capture_output=True, text=True, check=False
    )
    judged = json.loads(result.stdout)
    messages = [
        (Path(page["filePath"]).name, one["line"], one["ruleId"], one["message"])
        for page in judged
        for one in page["messages"]
    ]
    assert messages == [], result.stderr
