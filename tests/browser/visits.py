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
  const drawings = [...document.querySelectorAll("svg.marks")];
  const marks = drawings.map((drawing) => drawing.removeChild(drawing.firstElementChild));
  const options = {resultTypes: ["violations"], elementRef: false, preload: false};
  const {violations} = await axe.run(rules ? {...options, runOnly: rules} : options);
  drawings.forEach((drawing, i) => drawing.append(marks[i]));
  return violations.flatMap(({id, impact, nodes}) =>
    nodes.map(({target, html}) => [impact, id, target.join(" "), html.slice(0, 200)]));
}"""

CHARTS = """() => [...document.querySelectorAll(".vl-chart")].map((chart) => {
  const picture = chart.querySelector("svg.marks");
  const {width, height} = picture.getBoundingClientRect();
  const {params = []} = JSON.parse(chart.querySelector("script").textContent);
  const menus = [...chart.querySelectorAll("summary, .vega-bindings :is(select, input)")];
  return {
    width, height, room: chart.clientWidth, narrows: params.some(({name}) => name === "width"),
    pictures: picture.querySelectorAll("image").length,
    role: picture.getAttribute("role"), label: picture.getAttribute("aria-label"),
    hidden: menus.filter((menu) => menu.closest("[role=img]")).length,
    unnamed: menus.filter((menu) => !(menu.ariaLabel || menu.closest("label"))).length,
  };
})"""

FAINT = """() => {
  const light = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map((one) => one / 255)
    .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, i) => sum + one * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = light(getComputedStyle(document.body).backgroundColor);
  const parts = ["axis-label", "axis-title", "legend-label", "legend-title", "title-text"];
  const texts = parts.map((part) => `svg.marks .role-${part} text`).join(", ");
  return [...document.querySelectorAll(texts)].map((one) => {
    const [low, high] = [light(getComputedStyle(one).fill), ground].sort((a, b) => a - b);
    return [(high + 0.05) / (low + 0.05), one.textContent];
  }).filter(([contrast]) => contrast < 4.5);
}"""


@dataclass
class Visit:
    """What was found on a page on one screen."""

    trouble: list[str]
    """Requests that would have left this machine, and errors of scripts."""
    width: int
    """Of the document, in px; more than the screen's where the page scrolls sideways."""
    charts: list[dict]
    faint: dict[str, list] = field(default_factory=dict)
    """By mode: contrast and text of what is hard to read beside the axes and legends of charts."""
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
    if width == DESK:
        page.wait_for_load_state("networkidle")
    wait_for_charts(page)
    found = Visit(
        trouble, page.evaluate("document.documentElement.scrollWidth"), page.evaluate(CHARTS)
    )
    if AXE.exists():
        page.evaluate(AXE.read_text())
    if width == TELEPHONE:
        judge(page, found, "light", NARROW_RULES)
    else:
        for mode, rules in (("dark", COLOUR_RULES), ("light", None)):
            page.emulate_media(color_scheme=mode)
            page.wait_for_function(
                "(mode) => document.documentElement.dataset.theme === mode", arg=mode
            )
            found.faint[mode] = page.evaluate(FAINT)
            judge(page, found, mode, rules)
    page.close()
    return found


def judge(page, found, mode, rules):
    """Note what axe says of a page in a mode, by some of its rules or all."""
    if AXE.exists():
        found.violations[mode] = page.evaluate(JUDGE, rules)
