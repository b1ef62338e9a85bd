"""A visit of every page of the book, once on a desk's screen and once on a telephone's.

What is asked of the pages is noted during these two visits and judged by the tests afterwards,
since opening the pages is what takes the time.
"""

from dataclasses import dataclass, field
from pathlib import Path

DESK, TELEPHONE = 1280, 390  # px
LONGEST_WAIT = 20_000  # ms

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
"""Judges the accessibility of a page; `npm ci` beside this file brings it."""

COLOUR_RULES = ["color-contrast", "link-in-text-block"]
NARROW_RULES = ["scrollable-region-focusable", "target-size"]

# The marks of a chart, thousands of them, are hidden from screen readers as parts of one image.
JUDGE = """async (rules) => {
  document.querySelectorAll("svg.marks").forEach((drawing) => drawing.replaceChildren());
  const options = {resultTypes: ["violations"], elementRef: false};
  const {violations} = await axe.run(rules ? {...options, runOnly: rules} : options);
  return violations.flatMap(({id, impact, nodes}) =>
    nodes.map(({target, html}) => [impact, id, target.join(" "), html.slice(0, 200)]));
}"""

CHARTS = """() => [...document.querySelectorAll(".vl-chart")].map((chart) => {
  const picture = chart.querySelector("svg.marks");
  const {width, height} = picture.getBoundingClientRect();
  const menus = [...chart.querySelectorAll("summary, .vega-bindings :is(select, input)")];
  return {
    width, height, role: picture.getAttribute("role"), label: picture.getAttribute("aria-label"),
    hidden: menus.filter((menu) => menu.closest("[role=img]")).length,
    unnamed: menus.filter((menu) => !(menu.ariaLabel || menu.closest("label"))).length,
  };
})"""


@dataclass
class Visit:
    """What was found on a page on one screen."""

    trouble: list[str]
    """Requests that would have left this machine, and errors of scripts."""
    width: int
    """Of the document, in px; more than the screen's where the page scrolls sideways."""
    charts: list[dict]
    violations: dict[str, list] = field(default_factory=dict)
    """By mode, ``light`` and ``dark``: impact, rule, selector and HTML; empty without axe."""


def pages(book):
    """Return the pages of a book, as paths in it."""
    found = sorted(str(path.relative_to(book)) for path in book.rglob("*.html"))
    # Neither the theme's templates nor the entry, which leads to book/index.html at once.
    return [path for path in found if not path.startswith("_static/") and path != "index.html"]


def wait_for_charts(page):
    """Wait until every chart stands in the place of its picture."""
    page.wait_for_function(
        "() => !document.querySelector('.vl-chart img, .vl-drawing')", timeout=LONGEST_WAIT
    )


def visit(opened, path, width):
    """Open a page on a screen of a width and note what is found there."""
    page, trouble = opened(path, width)
    page.wait_for_load_state("networkidle")
    wait_for_charts(page)
    found = Visit(
        trouble, page.evaluate("document.documentElement.scrollWidth"), page.evaluate(CHARTS)
    )
    if AXE.exists():
        page.evaluate(AXE.read_text())
        if width == DESK:
            found.violations["light"] = page.evaluate(JUDGE, None)
            page.emulate_media(color_scheme="dark")
            page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
            found.violations["dark"] = page.evaluate(JUDGE, COLOUR_RULES)
        else:
            found.violations["light"] = page.evaluate(JUDGE, NARROW_RULES)
    page.close()
    return found
