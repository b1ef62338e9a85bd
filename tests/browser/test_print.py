"""The report on paper, printed from the pages of the smoke build."""

import io
import re
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from tests.browser.visits import pages
from workflow.scripts.chromium import find_chromium
from workflow.scripts.print_book import printed

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOT_PRINTED = {"genindex.html", "search.html", "py-modindex.html"}  # there to click, not to read


@pytest.fixture(scope="module")
def reader(book):
    """Return the printed report, opened."""
    if not find_chromium():
        pytest.skip("NOTHING WAS PRINTED: there is no Chromium; install it or set CHROMIUM")
    return PdfReader(io.BytesIO(printed(book)))


@pytest.fixture(scope="module")
def texts(reader):
    """Return the text of every page, its white space made single spaces."""
    return [squeezed(page.extract_text()) for page in reader.pages]


@pytest.fixture(scope="module")
def articles(book):
    """Return the articles of the book."""
    trees = {path: BeautifulSoup((book / path).read_text(), "html.parser") for path in pages(book)}
    found = {path: tree.article for path, tree in trees.items() if path not in NOT_PRINTED}
    assert len(found) > 8
    return found


def squeezed(text):
    return " ".join(text.replace("#", "").split())


def fonts(page):
    """Yield the descriptors of the fonts of a page; a font drawn by the file itself has none."""
    for font in page["/Resources"].get("/Font", {}).values():
        font = font.get_object()
        for one in font.get("/DescendantFonts", [font]):
            if one.get_object()["/Subtype"] != "/Type3":
                yield one.get_object()["/FontDescriptor"]


def test_every_chapter_is_printed_and_starts_where_the_contents_say(articles, texts):
    titles = {path: squeezed(article.h1.text) for path, article in articles.items()}
    cover = titles.pop("book/index.html")
    assert texts[0].startswith(cover)
    contents = next(text for text in texts if text.startswith("Contents"))
    first = texts.index(contents)
    listed = " ".join(texts[first : first + 8])
    for path, title in titles.items():
        number = re.search(re.escape(title) + r" (\d+)\b", listed)
        assert number, f"{path}: {title} is not in the contents"
        page = texts[int(number[1]) - 1]
        assert page.startswith(title), (path, page[:200])
        assert page.endswith(f" {number[1]}"), page[-100:]


def test_no_reference_is_left_open(texts):
    for text in texts:
        assert "??" not in text
        assert "{{" not in text
        assert "Show the code" not in text


def test_every_figure_and_table_is_printed(articles, reader, texts):
    whole = " ".join(texts)
    for path, article in articles.items():
        for caption in article.select("figcaption .caption-number, caption .caption-number"):
            assert squeezed(caption.text) in whole, path
    shown = {
        picture["src"].rpartition("/")[2]
        for article in articles.values()
        for picture in article.select("img:not([src$='.svg'])")
    }
    drawn = {
        image.idnum
        for page in reader.pages
        for image in page["/Resources"].get("/XObject", {}).values()
        if image.get_object()["/Subtype"] == "/Image"
    }
    assert len(drawn) >= len(shown) > 8


def test_fonts_are_all_embedded(reader):
    found = [font for page in reader.pages for font in fonts(page)]
    assert found
    for font in found:
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(font), font.get("/FontName")


def test_bookmarks_follow_the_pages(reader, articles):
    bookmarks = [one for one in reader.outline if not isinstance(one, list)]
    assert len(bookmarks) > 1
    numbers = [reader.get_destination_page_number(one) for one in bookmarks]
    assert all(low <= high for low, high in pairwise(numbers))
