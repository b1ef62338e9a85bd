"""Reading from disk, without a network and without a mouse: the search and the keys."""

import pytest

from tests.browser.visits import LONGEST_WAIT, wait_for_charts

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOCUSED = """() => {
  const one = document.activeElement;
  const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(one);
  const ring = (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
  return [one.className || one.tagName, one.getAttribute("href"), ring];
}"""

UNREACHED = """() => {
  const all = [...document.querySelectorAll(".vl-chart, .pst-scrollable-table-container, pre")];
  const scroll = all.filter((one) => one.scrollWidth > one.clientWidth + 1);
  return scroll.filter((one) => one.tabIndex !== 0).map((one) => one.outerHTML.slice(0, 200));
}"""


def test_search_finds_a_page_from_disk(opened):
    page, trouble = opened("book/index.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("saliency")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=saliency*", timeout=LONGEST_WAIT)
    page.wait_for_selector("#search-results li", timeout=LONGEST_WAIT)
    found = page.locator("#search-results li a").evaluate_all("all => all.map((one) => one.href)")
    assert any("/book/chapters/saliency.html" in address for address in found)
    page.click("#search-results a[href*='chapters/saliency.html']")
    page.wait_for_url("**/book/chapters/saliency.html*", timeout=LONGEST_WAIT)
    page.wait_for_selector("article .highlighted", state="attached", timeout=LONGEST_WAIT)
    assert trouble == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_keys_alone_lead_past_the_contents_and_show_where_they_are(opened, scheme):
    page, _ = opened("book/chapters/combined.html")
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    wait_for_charts(page)
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)[1:] == ["#main-content", True]
    page.wait_for_function(
        "document.querySelector('#pst-skip-link a').getBoundingClientRect().top >= 0"
    )
    page.keyboard.press("Enter")
    assert page.url.endswith("#main-content")
    seen = []
    for _ in range(25):
        page.keyboard.press("Tab")
        name, _, ring = page.evaluate(FOCUSED)
        assert ring, name
        seen.append(name)
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    assert len(set(seen)) > 3


def test_what_scrolls_sideways_on_a_telephone_is_reached_by_keys(opened):
    page, _ = opened("book/chapters/combined.html", width=390)
    wait_for_charts(page)
    assert page.locator(".pst-scrollable-table-container[tabindex='0']").count() > 0
    assert page.evaluate(UNREACHED) == []
