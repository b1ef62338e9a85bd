"""Charts that the reader operates: they answer to the keyboard, in a page opened from disk."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONGEST_WAIT = 20_000  # ms
TELEPHONE = 390  # px


@pytest.fixture
def chart(opened):
    """Return a function from a chapter and the name of a field to its chart and that field."""

    def find(chapter, field):
        page, trouble = opened(f"book/chapters/{chapter}.html", width=TELEPHONE)
        bound = page.locator(f".vega-bind:has(.vega-bind-name:text-is('{field}'))")
        bound.wait_for(timeout=LONGEST_WAIT)
        return page, page.locator(".vl-chart", has=bound), bound.locator("input"), trouble

    return find


def said(chart):
    return [text.replace("−", "-") for text in chart.locator("svg text").all_text_contents()]


def press(field, key, times):
    field.focus()
    for _ in range(times):
        field.press(key)


def test_concordance_follows_the_sliders_and_correlation_stays(chart):
    page, drawn, shift, trouble = chart("objectives", "shift")

    def numbers():
        texts = said(drawn)
        at = texts.index("squared error") + 1
        return [float(text) for text in texts[at : at + 3]]

    before = numbers()
    press(shift, "ArrowRight", 8)
    after = numbers()
    assert after[0] == before[0]
    assert after[1] < before[1] and after[2] > before[2]
    assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE
    assert trouble == []


def test_window_and_kernel_follow_their_fields(chart):
    page, drawn, column, trouble = chart("building_blocks", "column")
    before = said(drawn)
    press(column, "ArrowRight", 2)
    moved = said(drawn)
    at = before.index("window") + 1
    # Two pixels to the right, the last column of the window has become the first.
    assert moved[at : at + 9 : 3] == before[at + 2 : at + 9 : 3]
    kernel = drawn.locator("select")
    press(kernel, "ArrowDown", 1)
    at = moved.index("× kernel") + 1
    assert said(drawn)[at : at + 9] != moved[at : at + 9]
    assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE
    assert trouble == []
