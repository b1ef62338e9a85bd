"""The pages of a book as one page for print, from pages made by hand."""

import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from emolib.errors import InputError
from workflow.scripts import print_book
from workflow.scripts.single_page import reading_order, single_page

ROOT = Path(__file__).parents[2]

PAGE = """<!DOCTYPE html><html><head>
<link rel="stylesheet" href="{up}_static/a.css?digest=1"><script>window.MathJax = {{}}</script>
</head><body><nav class="bd-docs-nav"><a class="internal" href="#">Book</a>
<a class="internal" href="one.html">1. One</a>
<a class="internal" href="chapters/two.html">2. Two</a>
</nav><article class="bd-article">{article}</article>
<footer><p class="component-author">By A</p><p class="last-updated">Today.<br></p></footer></body>
"""
ONE = """<section id="same"><h1>1. One<a class="headerlink" href="#same">#</a></h1>
<div class="cell"><details class="hide"><summary>Show</summary>x = 1</details></div>
<section id="part"><h2>1.1. A part</h2><p>See <a href="chapters/two.html#same">Fig. 2.1</a>,
<a href="#part">here</a>, <a href="../t.csv">the table</a>, <a href="https://a.org">that</a>.</p>
<svg viewBox="0 0 1 1"><path id="p" fill="url(#p)"/><use href="#p"/></svg></section></section>"""
TWO = """<section id="same"><h1>2. Two</h1><div class="vl-chart"><img alt="a" loading="lazy"
src="../../_images/c.png"><script type="application/json">{"mark": "bar"}</script></div>
<p>Back to <a href="../one.html">One</a>.</p></section>"""


@pytest.fixture
def html(tmp_path):
    (tmp_path / "book" / "chapters").mkdir(parents=True)
    for path, article in {
        "index.html": '<h1>Book</h1><a href="one.html">Start</a>',
        "one.html": ONE,
        "chapters/two.html": TWO,
        "left-over.html": "<h1>Not in the contents</h1>",
    }.items():
        text = PAGE.format(up="../" * (path.count("/") + 1), article=article)
        (tmp_path / "book" / path).write_text(text)
    (tmp_path / "t.csv").write_text("a\n")
    return tmp_path


@pytest.fixture
def tree(html):
    return BeautifulSoup(single_page(html, html / "print.css"), "html.parser")


def test_pages_follow_the_contents(html, tree):
    assert reading_order(html) == ["book/index.html", "book/one.html", "book/chapters/two.html"]
    assert [one.h1.text for one in tree.select("article")] == ["Book", "1. One", "2. Two"]
    assert [one.text for one in tree.select(".contents a")] == ["1. One", "1.1. A part", "2. Two"]
    assert tree.select_one(".imprint").text == "By A. Today"


def test_links_lead_to_the_page_they_mean_though_anchors_have_one_name(tree):
    links = {link.text: link["href"] for link in tree.select("article a")}
    assert links == {
        "Start": "#book-one",
        "Fig. 2.1": "#book-chapters-two--same",
        "here": "#book-one--part",
        "that": "https://a.org",
        "One": "#book-one",
    }
    anchors = [tag["id"] for tag in tree.select("[id]")]
    assert len(anchors) == len(set(anchors))
    assert "the table" in tree.text


def test_drawings_refer_to_their_own_parts(tree):
    path, use = tree.select_one("svg path"), tree.select_one("svg use")
    assert (path["fill"], use["href"]) == ("url(#book-one--p)", "#book-one--p")


def test_what_answers_to_a_mouse_is_left_out_and_charts_are_pictures(html, tree):
    assert tree.select("article :is(script, details, button, .headerlink, .cell)") == []
    picture = tree.select_one(".vl-chart img")
    assert picture["src"] == (html / "_images" / "c.png").resolve().as_uri()
    assert "loading" not in picture.attrs


def test_look_is_that_of_the_book_with_what_print_adds(html, tree):
    sheets = [link["href"] for link in tree.select("link")]
    assert sheets == [(html / name).as_uri() for name in ("_static/a.css", "print.css")]


def test_link_that_leads_nowhere_is_one_sentence(html):
    page = html / "book" / "one.html"
    page.write_text(page.read_text().replace("two.html#same", "two.html#gone"))
    with pytest.raises(InputError, match=r"one.html: 'Fig. 2.1' leads to '#book-.*--gone'"):
        single_page(html, html / "print.css")


def test_lack_of_chromium_is_one_sentence(html, monkeypatch, capsys):
    monkeypatch.setattr(print_book, "find_chromium", lambda: None)
    (html / "work").mkdir()
    (html / "work" / "html").symlink_to(html)
    assert print_book.main(str(html / "work")) == 1
    assert "needs Chromium" in capsys.readouterr().err
    assert not (html / "work" / "report.pdf").exists()
    command = [sys.executable, "-m", "workflow.scripts.chromium"]
    result = subprocess.run(
        command, cwd=ROOT, env={"CHROMIUM": "none"}, capture_output=True, text=True, check=False
    )
    assert (result.returncode, len(result.stderr.splitlines())) == (1, 1)
