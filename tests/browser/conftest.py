"""A built smoke book, a JupyterLab, and a browser that lets nothing out, anew for each file."""

from functools import partial

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.annotator_page import AnnotatorPage
from tests.browser.dimensions_page import DimensionsPage
from tests.browser.lab import Lab
from tests.browser.visits import DESK, TELEPHONE, pages, visit
from workflow.scripts.chromium import SWITCHES, find_chromium

LOCAL = ("file:", "data:", "blob:")


@pytest.fixture(scope="session")
def book(smoke):
    """Return the folder of the pages of the smoke build."""
    return smoke / "html"


@pytest.fixture(scope="module")
def browser():
    """Return a running Chromium."""
    found = find_chromium()
    if not found:
        pytest.skip("NO PAGE WAS LOOKED AT: there is no Chromium; install it or set CHROMIUM")
    with sync_playwright() as playwright:
        # Closed after each file: a page left open would draw on while other tests are run.
        yield playwright.chromium.launch(executable_path=found, args=SWITCHES)


@pytest.fixture
def opened(book, browser):
    """Return a function that opens a page from disk, and the record of what went wrong there."""
    context = browser.new_context()
    yield partial(open_page, context, book)
    context.close()


@pytest.fixture(scope="module")
def visits(book, browser):
    """Return what was found on every page, by screen width in px and path."""
    # What fades in would be judged by a colour that it has for a moment.
    context = browser.new_context(reduced_motion="reduce")
    opened = partial(open_page, context, book)
    yield {
        width: {path: visit(opened, path, width) for path in pages(book)}
        for width in (DESK, TELEPHONE)
    }
    context.close()


def open_page(context, book, path, width=DESK):
    """Open a page from disk; return it and the record of what goes wrong there."""
    trouble = []

    def route(request_route):
        url = request_route.request.url
        if url.startswith(LOCAL):
            request_route.continue_()
        else:
            trouble.append(f"asked for {url}")
            request_route.abort()

    def watch_failures(request):
        if request.failure != "net::ERR_ABORTED":  # as is what a page still asked for that is left
            trouble.append(f"failed: {request.url}")

    def watch_console(message):
        if message.type == "error":
            trouble.append(f"error: {message.text}")

    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.route("**/*", route)
    page.on("console", watch_console)
    page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
    page.on("requestfailed", watch_failures)
    page.goto((book / path).as_uri())
    return page, trouble


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """Return a running JupyterLab: `lab.folder` is the kernels' folder, `lab.ask` runs code."""
    running = Lab(tmp_path_factory.mktemp("lab"), browser)
    yield running
    running.stop()


@pytest.fixture
def open_notebook(lab):
    """Return a function that runs a notebook of given cells in JupyterLab.

    It returns the page and a locator of the annotation tool; see `tests.browser.lab.Lab`. The test
    fails where a page asked for anything beyond loopback or a script failed.
    """
    yield lab.open_notebook
    trouble, lab.trouble = lab.trouble, []
    lab.close_pages()
    assert trouble == []


@pytest.fixture(scope="module")
def annotator_page(browser):
    """Return a page of the annotation tool alone, without Jupyter."""
    yield from kept_open(AnnotatorPage(browser))


@pytest.fixture
def tool(tmp_path, annotator_page):
    """Return a function that opens the tool anew, once in a test: `AnnotatorPage.start`."""
    yield from opened_anew(annotator_page, tmp_path)


@pytest.fixture(scope="module")
def dimensions_page(browser):
    """Return a page of the tool in its dimensional mode, without Jupyter."""
    yield from kept_open(DimensionsPage(browser))


@pytest.fixture
def rating(tmp_path, dimensions_page):
    """Return a function that opens it anew, once in a test."""
    yield from opened_anew(dimensions_page, tmp_path)


def kept_open(page):
    """Yield a page of the tool, and close it in the end."""
    yield page
    page.stop()
    page.page.close()


def opened_anew(page, folder):
    """Yield a function that opens the tool on a page.

    What fails there, even if nothing is seen of it, fails the test.
    """
    yield lambda **settings: page.start(folder, **settings)
    trouble, page.trouble = page.trouble, []
    assert trouble == []
