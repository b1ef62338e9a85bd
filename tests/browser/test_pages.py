import json

import pytest
from bs4 import BeautifulSoup

from tests.browser.visits import AXE, DESK, LONGEST_WAIT, TELEPHONE, pages

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HEAVIEST_PAGE = 3_000_000  # bytes
GRAVE = ("serious", "critical")  # of the impacts that axe names; below are moderate and minor


def chapters(book):
    found = [page for page in pages(book) if page.startswith("book/chapters/")]
    assert len(found) > 4
    return found


def parsed(path):
    return BeautifulSoup(path.read_text(), "html.parser")


def everywhere(visits):
    """Yield every visit with where it was."""
    assert len(visits[DESK]) > 8
    for width, by_path in visits.items():
        for path, found in by_path.items():
            yield f"{path} at {width} px", found


def test_pages_ask_for_nothing_and_report_no_error(visits):
    assert {place: found.trouble for place, found in everywhere(visits) if found.trouble} == {}


def test_pages_are_accessible_in_light_and_dark_mode(visits):
    if not AXE.exists():
        pytest.skip("NO PAGE WAS JUDGED: there is no axe; run `npm ci` in tests/browser")
    grave = [
        (place, mode, *one)
        for place, found in everywhere(visits)
        for mode, violations in found.violations.items()
        for one in violations
        if one[0] in GRAVE
    ]
    assert grave == []


def test_charts_are_drawn_and_described_and_pages_fit_a_telephone(visits):
    for path, found in visits[TELEPHONE].items():
        assert found.width <= TELEPHONE, path
    charts = [(path, chart) for path, found in visits[TELEPHONE].items() for chart in found.charts]
    for path, chart in charts:
        assert chart["width"] > 100, path
        assert chart["height"] > 20, path
        assert chart["role"] == "img", path
        assert len(chart["label"]) > 20, path
        # What is inside an image does not exist for a screen reader.
        assert (chart["hidden"], chart["unnamed"]) == (0, 0), path
    assert len(charts) > 4


def test_entry_leads_to_the_first_page(book, opened):
    page, trouble = opened("index.html")
    page.wait_for_url("**/book/index.html", timeout=LONGEST_WAIT)
    assert trouble == []


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
        if path.endswith("audit.html"):  # about what the thesis printed, and nothing else
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
