import json

import pytest
from bs4 import BeautifulSoup

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HEAVIEST_PAGE = 3_000_000  # bytes
LONGEST_WAIT = 20_000  # ms


def pages(book):
    found = sorted(str(path.relative_to(book)) for path in book.rglob("*.html"))
    # Neither the theme's templates nor the entry, which leads to book/index.html at once.
    found = [path for path in found if not path.startswith("_static/") and path != "index.html"]
    assert len(found) > 8
    return found


def chapters(book):
    found = [page for page in pages(book) if page.startswith("book/chapters/")]
    assert len(found) > 4
    return found


def parsed(path):
    return BeautifulSoup(path.read_text(), "html.parser")


def wait_for_charts(page):
    page.wait_for_function(
        "() => !document.querySelector('.vl-chart img, .vl-drawing')", timeout=LONGEST_WAIT
    )


def test_pages_ask_for_nothing_and_report_no_error(book, opened):
    for path in pages(book):
        page, trouble = opened(path)
        page.wait_for_load_state("networkidle")
        wait_for_charts(page)
        assert trouble == [], path
        page.close()


def test_entry_leads_to_the_first_page(book, opened):
    page, trouble = opened("index.html")
    page.wait_for_url("**/book/index.html", timeout=LONGEST_WAIT)
    assert trouble == []


def test_charts_are_drawn_and_described_and_pages_fit_a_telephone(book, opened):
    drawn = 0
    for path in pages(book):
        page, _ = opened(path, width=390)
        wait_for_charts(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        for chart in page.query_selector_all(".vl-chart"):
            picture = chart.query_selector("canvas, svg.marks")
            box = picture.bounding_box()
            assert box["width"] > 100, path
            assert box["height"] > 20, path
            assert len(chart.get_attribute("aria-label")) > 20, path
            has_menu = chart.query_selector(".vega-bindings select, .vega-bindings input")
            assert chart.get_attribute("role") == ("group" if has_menu else "img"), path
            drawn += 1
        page.close()
    assert drawn > 4


def test_charts_without_scripts_are_pictures_with_alternative_text(book, browser):
    context = browser.new_context(java_script_enabled=False)
    for path in chapters(book):
        page = context.new_page()
        page.goto((book / path).as_uri())
        for picture in page.query_selector_all(".vl-chart img"):
            assert len(picture.get_attribute("alt")) > 20, path
            source = (book / path).parent / picture.get_attribute("src")
            assert source.read_bytes().startswith(b"\x89PNG"), path
        page.close()
    context.close()


def test_pictures_all_have_alternative_text(book):
    for path in pages(book):
        assert parsed(book / path).select("article img:not([alt])") == [], path


def test_mathematics_is_typeset(opened):
    page, _ = opened("book/methodology.html")
    page.wait_for_selector("mjx-container svg", timeout=LONGEST_WAIT)
    assert "$" not in page.inner_text("article")


def test_computed_pages_say_that_the_data_are_simulated(book):
    for path in [*chapters(book), "book/index.html", "book/methodology.html", "book/colophon.html"]:
        notice = parsed(book / path).select_one(".admonition.simulated-data")
        if path.endswith(("audit.html", "related.html")):  # about what was printed elsewhere
            assert notice is None
            continue
        assert notice, path
        assert "simulated" in notice.text
        assert "weights" in notice.text


def test_pages_are_light(book):
    heavy = [path for path in pages(book) if (book / path).stat().st_size > HEAVIEST_PAGE]
    assert heavy == []


def test_pages_show_no_error_output_and_no_unfilled_number(book):
    for path in chapters(book):
        text = (book / path).read_text()
        assert "Traceback (most recent call last)" not in text, path
        assert "{{" not in text.split("<article")[1].split("</article")[0], path


def test_executed_chapters_hold_no_error(book):
    for path in sorted((book.parent / "chapters").glob("*.ipynb")):
        cells = json.loads(path.read_text())["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        assert [output for output in outputs if output["output_type"] == "error"] == []


def test_make_book_again_finds_nothing_to_do(book, make_smoke):
    assert "up to date" in make_smoke().stdout
