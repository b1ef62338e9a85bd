"""What can be read from the pages without opening them: links, anchors, the HTML itself."""

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
