import pytest

from tests.browser.visits import AXE, DESK, LONGEST_WAIT, TELEPHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GRAVE = ("serious", "critical")  # of the impacts that axe names; below are moderate and minor


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


def test_words_of_charts_stand_out_in_light_and_dark_mode(visits):
    faint = {path: found.faint for path, found in visits[DESK].items() if any(found.faint.values())}
    assert faint == {}


def test_charts_are_drawn_and_described_and_pages_fit_a_telephone(visits):
    for path, found in visits[TELEPHONE].items():
        assert found.width <= TELEPHONE, path
    charts = [(path, chart) for path, found in visits[TELEPHONE].items() for chart in found.charts]
    for path, chart in charts:
        assert chart["width"] > 100, path
        assert chart["height"] > 20, path
        # Only rows of pictures, which have one size, are scrolled.
        is_scrolled = chart["pictures"] and not chart["narrows"]
        assert is_scrolled or chart["width"] <= chart["room"], path
        assert chart["role"] == "img", path
        assert len(chart["label"]) > 20, path
        # What is inside an image does not exist for a screen reader.
        assert (chart["hidden"], chart["unnamed"]) == (0, 0), path
    assert sum(chart["narrows"] for _, chart in charts) > 4


def test_entry_leads_to_the_first_page(book, opened):
    page, trouble = opened("index.html")
    page.wait_for_url("**/book/index.html", timeout=LONGEST_WAIT)
    assert trouble == []


def test_mathematics_is_typeset(opened):
    page, _ = opened("book/chapters/objectives.html")
    page.wait_for_selector("mjx-container svg", timeout=LONGEST_WAIT)
    assert "$" not in page.inner_text("article")


def test_make_book_again_finds_nothing_to_do(book, make_smoke):
    assert "up to date" in make_smoke().stdout
