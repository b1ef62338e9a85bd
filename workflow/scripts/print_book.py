"""Print the pages of a build as one PDF, with page numbers, bookmarks and a table of contents.

usage: python -m workflow.scripts.print_book WORKSPACE

The pages are put together (`workflow.scripts.single_page`) and printed twice by Chromium: the first
print tells on which page each chapter and section starts, which the second has in its contents.
"""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright
from pypdf import PdfReader

from emolib.errors import InputError
from emolib.storage import atomic_path
from workflow.scripts.chromium import LACKING, SWITCHES, find_chromium
from workflow.scripts.single_page import single_page

STYLE = Path("book/_static/print.css")
LONGEST_WAIT = 120_000  # ms

MARGIN_MM = {"top": 18, "bottom": 20, "left": 18, "right": 18}
A4_WIDTH_MM = 210
PIXELS_PER_MM = 96 / 25.4
TEXT_WIDTH = int((A4_WIDTH_MM - MARGIN_MM["left"] - MARGIN_MM["right"]) * PIXELS_PER_MM)
"""Of the printed text, in px, at which the page is laid out before it is printed."""

FOOTER = """
<div style="display: flex; justify-content: space-between; width: 100%; margin: 0 18mm;
            font: 8pt sans-serif; color: #555">
  <span class="title"></span><span class="pageNumber"></span>
</div>
"""

# A table that is wider than the page is made smaller as a whole; a short one is kept together.
FIT_TABLES = """(width) => document.querySelectorAll("article table").forEach((table) => {
  if (table.scrollWidth > width) table.style.zoom = width / table.scrollWidth;
  if (table.offsetHeight < width) table.style.breakInside = "avoid";
})"""

READY = """async () => {
  await window.MathJax?.startup?.promise;
  await document.fonts.ready;
  const lost = [];
  for (const one of document.images) await one.decode().catch(() => lost.push(one.src));
  return lost;
}"""

NUMBER = """(numbers) => document.querySelectorAll(".contents .page").forEach((place) => {
  place.textContent = numbers[place.dataset.anchor] ?? "";
})"""


def main(workspace: str) -> int:
    """Write ``report.pdf`` of a workspace; say in one sentence why not, and return 1."""
    folder = Path(workspace)
    try:
        with atomic_path(folder / "report.pdf") as target:
            target.write_bytes(printed(folder / "html"))
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def printed(html: Path) -> bytes:
    """Return the PDF of a built book.

    Parameters
    ----------
    html : pathlib.Path
        The folder of its pages.

    Raises
    ------
    InputError
        If there is no Chromium, a link leads nowhere, or a picture cannot be read.
    """
    with TemporaryDirectory() as folder:
        file = Path(folder, "report.html")
        file.write_text(single_page(html, STYLE))
        with opened(file) as page:
            draft = to_pdf(page)
            page.evaluate(NUMBER, page_numbers(draft))
            return to_pdf(page)


@contextmanager
def opened(file: Path) -> Iterator[Page]:
    """Yield a page in Chromium, laid out for paper, its mathematics typeset."""
    chromium = find_chromium()
    if not chromium:
        raise InputError(LACKING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        page = browser.new_page(viewport={"width": TEXT_WIDTH, "height": 1000})
        page.set_default_timeout(LONGEST_WAIT)
        page.emulate_media(media="print", color_scheme="light")
        page.goto(file.resolve().as_uri())
        lost = page.evaluate(READY)
        if lost:
            raise InputError(f"{lost[0]}: the picture cannot be read; run `make book` again")
        page.evaluate(FIT_TABLES, TEXT_WIDTH)
        yield page
        browser.close()


def to_pdf(page: Page) -> bytes:
    """Return what the page looks like on paper."""
    return page.pdf(
        format="A4",
        margin={side: f"{size}mm" for side, size in MARGIN_MM.items()},
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=FOOTER,
        print_background=True,
        outline=True,
        tagged=True,
    )


def page_numbers(pdf: bytes) -> dict[str, int]:
    """Return the page, counted from 1, of every anchor of a PDF to which a link leads."""
    reader = PdfReader(io.BytesIO(pdf))
    return {
        name.removeprefix("/"): reader.get_destination_page_number(destination) + 1
        for name, destination in reader.named_destinations.items()
    }


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
