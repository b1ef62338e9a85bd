"""A reader who has nothing but the folder of the book finds what it says, in under three clicks.

The reader starts at the landing page, follows links that can be seen, and reads what a screen
shows. What is read must be what the tables of the build hold.
"""

import re

import pandas as pd
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

START = "book/index.html"
MOST_CLICKS = 2
LONGEST_WAIT = 20_000  # ms


class Reader:
    """Somebody who looks at a page and clicks.

    Parameters
    ----------
    page : playwright.sync_api.Page
        The landing page, from disk.
    """

    def __init__(self, page):
        self.page = page
        self.clicks = 0

    def follow(self, words):
        """Click on a link of the page that shows some words."""
        assert self.clicks < MOST_CLICKS, "this takes three clicks"
        self.clicks += 1
        link = self.page.locator("article a").filter(has_text=words).first
        link.click()
        self.page.wait_for_load_state()

    def sees(self, start, end=None):
        """Return what the page shows from some words on, up to others."""
        text = self.page.locator("article").inner_text()
        assert start in text, f"{start!r} is not on {self.page.url}"
        text = text[text.index(start) :]
        return text[: text.index(end)] if end else text

    def sees_table(self, name):
        """Return a table of the page: a list of texts for each line."""
        lines = self.page.locator(f"article table#{name} tr")
        return [line.locator("th, td").all_inner_texts() for line in lines.all()]

    def is_in_view(self, place):
        """Return whether the place that the address names is on the screen."""
        box = self.page.locator(f"[id='{place}']").locator("xpath=ancestor::tr").bounding_box()
        return 0 <= box["y"] < self.page.viewport_size["height"]


@pytest.fixture
def reader(opened):
    """Return a reader at the landing page; a request beyond the disk or an error fails the test."""
    page, trouble = opened(START)
    yield Reader(page)
    assert trouble == []


@pytest.fixture
def table(book):
    """Return a function that reads a table of the build, as text."""
    return lambda name: pd.read_csv(book.parent / "tables" / f"{name}.csv", dtype=str)


def test_which_network_is_best_and_with_what_certainty(reader, table):
    said = reader.sees("Which network is best?", "Is the combined network")
    best = table("overview_best")
    for row in best.to_dict("records"):
        assert row["Network"] in said
        assert row["Value"] in said
        assert row["Interval"] in said or row["Interval"] == "–"
        assert re.search(r"not to be told from it|certainly (below|above) it", said)
    reader.follow("All networks at a glance")
    assert reader.sees_table("tab-overview-best")[1:] == best.to_numpy().tolist()
    shown = reader.sees_table("tab-overview-networks")
    assert len(shown) - 1 == len(table("overview_networks"))
    reader.follow(shown[1][0])
    place = reader.page.url.partition("#")[2]
    assert place.startswith("layers-") and reader.is_in_view(place)


def test_whether_the_combined_network_is_better_than_the_single_one(reader, table):
    said = reader.sees("Is the combined network better", "Do the conclusions")
    assert re.search(r"(Yes|No|Undecided|Better in one, worse in another)\. Beside", said)
    reader.follow("Combined against single")
    for kind in ("category", "dimensional"):
        rows = table(f"comparison_{kind}")
        assert reader.sees_table(f"tab-comparison-{kind}")[1:] == rows.to_numpy().tolist()
        for metric, of_metric in rows.groupby("Metric"):
            mean = of_metric[of_metric["Pair"] == "mean of the pairs"]
            row = (mean if len(mean) else of_metric).iloc[0]
            (sentence,) = re.findall(rf"^{metric}: .*$", said, flags=re.MULTILINE)
            assert sentence.count("no interval") == (row["Interval"] == "–")
            if row["Interval"] != "–":
                numbers = [row["Difference"], *row["Interval"].split(" to ")]
                assert re.findall(r"[+−]\d\.\d\d", sentence) == list(map(signed, numbers))


def signed(text):
    """Return a number as a sentence gives it: what is not negative has a plus."""
    return text if text.startswith("−") else f"+{text}"


def test_what_the_corpus_is(reader, table):
    said = reader.sees("What is the corpus?", "How to read it")
    counted = table("corpus").set_index("Quantity")["This build"]
    assert "simulated" in said
    for quantity, unit in (
        ("videos", "videos"),
        ("people", "people"),
        ("faces with both kinds of label", "faces"),
    ):
        assert f"{counted[quantity]} {unit}" in said
    reader.follow("The dataset")
    assert reader.sees_table("tab-corpus")[1][1] == counted["videos"]


def test_which_command_does_a_page_again(reader):
    assert "make book CONFIG=config/smoke.yaml" in reader.sees("How to run it again")
    reader.follow("All networks at a glance")
    again = reader.page.locator("article .rerun")
    command = again.locator("pre", has_text="papermill")
    if not command.is_visible():
        again.locator(".admonition-title").click()
    said = command.inner_text()
    assert "overview.md" in said
    assert "-p config config/smoke.yaml" in said


def drawn(page, marks):
    """Return marks of the first chart of a page, by the kind of mark, once it is drawn."""
    page.wait_for_selector(".vl-chart svg.marks", timeout=LONGEST_WAIT)
    page.wait_for_function(
        "() => !document.querySelector('.vl-chart img, .vl-drawing')", timeout=LONGEST_WAIT
    )
    return page.locator(".vl-chart svg.marks").first.locator(f".mark-{marks}.role-mark > *")


def test_faces_of_the_landing_page_answer_to_the_mouse(reader):
    faces = drawn(reader.page, "image")
    assert faces.count() > 10
    faces.last.hover()
    shown = reader.page.locator("#vg-tooltip-element.visible")
    shown.wait_for(timeout=LONGEST_WAIT)
    assert "valence" in shown.inner_text()
    assert shown.locator("img").get_attribute("src").startswith("data:image/jpeg")


def test_marks_and_names_of_networks_lead_to_their_lines(reader):
    reader.follow("All networks at a glance")
    drawn(reader.page, "symbol").last.click()
    reader.page.wait_for_url(re.compile("#network-"), timeout=LONGEST_WAIT)
    place = reader.page.url.partition("#")[2]
    assert reader.is_in_view(place)
    name = reader.page.locator(f"tr:has([id='{place}']) a").first
    name.focus()
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_url(re.compile("networks.html#layers-"), timeout=LONGEST_WAIT)
