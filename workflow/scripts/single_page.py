"""One page of the whole report, for print: the articles of the book in the order of its contents.

Sphinx can write a single page too, but only in a second build of the book, with anchors of two
pages that have the same name confused. Here the pages that were built are put together: folded code
and whatever answers to a mouse is left out, charts are their pictures, every anchor gets the name
of its page before it, and a link that leads nowhere is an error.
"""

import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from emolib.errors import InputError

LEFT_OUT = "a.headerlink, button, details.hide, form, link, .only-dark, script, video"
REFERRING = ("aria-controls", "aria-describedby", "aria-labelledby", "for")
"""Attributes that name anchors and mean nothing on paper."""

_OF_DRAWING = re.compile(r"url\(#([^)]+)\)")


class Entry(NamedTuple):
    """A line of the table of contents."""

    anchor: str
    title: str
    level: int


def single_page(html: Path, style: Path) -> str:
    """Return the HTML of the whole report.

    Parameters
    ----------
    html : pathlib.Path
        The folder of the built pages, with ``book/index.html``.
    style : pathlib.Path
        What is added to the style sheets of the book.

    Raises
    ------
    InputError
        If a link within the book leads nowhere.
    """
    paths = reading_order(html)
    trees = {path: BeautifulSoup((html / path).read_text(), "html.parser") for path in paths}
    articles = {path: article_of(tree, path, html, trees) for path, tree in trees.items()}
    check_links(articles)
    first = trees[paths[0]]
    head = [f'<link rel="stylesheet" href="{sheet}">' for sheet in style_sheets(html, trees)]
    head += [f'<link rel="stylesheet" href="{style.resolve().as_uri()}">']
    head += [str(script) for script in first.select("head script") if "MathJax =" in script.text]
    mathjax = (html / "_static" / "offline" / "mathjax.js").resolve().as_uri()
    articles[paths[0]].h1.insert_after(imprint_of(first))
    cover, *others = (str(article) for article in articles.values())
    contents = contents_of(articles)
    return (
        '<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
        f"<title>{articles[paths[0]].h1.get_text(strip=True)}</title>{''.join(head)}"
        f'<script defer src="{mathjax}"></script></head><body>'
        f"{cover}{contents}{''.join(others)}</body></html>"
    )


def reading_order(html: Path) -> list[str]:
    """Return the pages in the order of the contents, as paths in the folder of the book."""
    start = html / "book" / "index.html"
    tree = BeautifulSoup(start.read_text(), "html.parser")
    links = [link["href"] for link in tree.select("nav.bd-docs-nav a.internal")]
    # The page itself is linked by "#".
    found = [start if link == "#" else start.parent / link for link in links]
    names = [str(path.resolve().relative_to(html.resolve())) for path in found]
    return list(dict.fromkeys(["book/index.html", *names]))


def style_sheets(html: Path, trees: dict[str, BeautifulSoup]) -> list[str]:
    """Return the addresses of the style sheets of all pages, each once."""
    found = {}
    for path, tree in trees.items():
        for link in tree.select('head link[rel~="stylesheet"]'):
            address = urlsplit(link["href"])
            file = ((html / path).parent / address.path).resolve()
            found[file.as_uri()] = None
    return list(found)


def article_of(tree: BeautifulSoup, path: str, html: Path, pages: dict[str, object]) -> Tag:
    """Return the article of a page, made fit for print and for standing beside others.

    Parameters
    ----------
    tree : bs4.BeautifulSoup
        The parsed page; it is changed.
    path : str
        The page, as a path in the folder `html`.
    html : pathlib.Path
        The folder of the book.
    pages : dict
        Every page of the report, by its path.
    """
    article = tree.select_one("article")
    for one in article.select(LEFT_OUT):
        one.decompose()
    for cell in article.select("div.cell"):
        if not cell.get_text(strip=True) and not cell.select_one("img, svg, table"):
            cell.decompose()
    for details in article.select("details"):
        details["open"] = ""
    for tag in article.find_all(True):
        _name_apart(tag, path)
    for link in article.select("a[href]"):
        _aim(link, path, html, pages)
    for picture in article.select("img[src]"):
        picture.attrs.pop("loading", None)
        if not urlsplit(picture["src"]).scheme:
            source = (html / path).parent / unquote(urlsplit(picture["src"]).path)
            picture["src"] = source.resolve().as_uri()
    article["id"] = anchor_of(path)
    return article


def anchor_of(path: str, fragment: str = "") -> str:
    """Return the name of a page, or of an anchor in it, within the whole report.

    Examples
    --------
    >>> anchor_of("book/chapters/faces.html", "fig-sizes")
    'book-chapters-faces--fig-sizes'
    """
    name = path.removesuffix(".html").replace("/", "-")
    return f"{name}--{fragment}" if fragment else name


def check_links(articles: dict[str, Tag]) -> None:
    """Raise if a link within the report leads nowhere.

    Raises
    ------
    InputError
        With the first page and anchor.
    """
    known = {article["id"] for article in articles.values()}
    known |= {tag["id"] for article in articles.values() for tag in article.select("[id]")}
    for path, article in articles.items():
        for link in article.select('a[href^="#"]'):
            if link["href"][1:] not in known:
                raise InputError(
                    f"{path}: {link.get_text(' ', strip=True)!r} leads to {link['href']!r}, which "
                    "no page of the report has; build the pages again with `make book`"
                )


def imprint_of(page: BeautifulSoup) -> Tag:
    """Return who wrote the report and when it was built, as the foot of a page says."""
    found = page.select("footer :is(.component-author, .last-updated)")
    imprint = page.new_tag("p", attrs={"class": "imprint"})
    imprint.string = ". ".join(_title(line).rstrip(".") for line in found)
    return imprint


def contents_of(articles: dict[str, Tag]) -> str:
    """Return the table of contents, every line with an empty place for its page."""
    lines = []
    for anchor, title, level in entries(articles):
        place = f'<span class="page" data-anchor="{anchor}"></span>'
        lines.append(f'<li class="level-{level}"><a href="#{anchor}">{title}</a>{place}</li>')
    return f'<nav class="contents"><h1>Contents</h1><ul>{"".join(lines)}</ul></nav>'


def entries(articles: dict[str, Tag]) -> list[Entry]:
    """Return the title of every page after the first, and of every section below it."""
    found = []
    for article in list(articles.values())[1:]:
        found.append(Entry(article["id"], _title(article.h1), 1))
        sections = [heading for heading in article.select("h2") if heading.parent.get("id")]
        found += [Entry(heading.parent["id"], _title(heading), 2) for heading in sections]
    return found


def _title(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


def _name_apart(tag: Tag, path: str) -> None:
    """Give the anchors of a tag, and what in a drawing refers to them, the name of the page."""
    for name in REFERRING:
        tag.attrs.pop(name, None)
    if tag.get("id"):
        tag["id"] = anchor_of(path, tag["id"])
    if tag.name == "svg" or tag.find_parent("svg"):
        for name, value in tag.attrs.items():
            if isinstance(value, str):
                tag[name] = _OF_DRAWING.sub(lambda at: f"url(#{anchor_of(path, at[1])})", value)
            if name.endswith("href") and value.startswith("#"):
                tag[name] = f"#{anchor_of(path, value[1:])}"


def _aim(link: Tag, path: str, html: Path, pages: dict[str, object]) -> None:
    """Let a link to a page lead into the report; one to a file of the book is no link any more."""
    address = urlsplit(link["href"])
    if address.scheme or address.netloc or link.find_parent("svg"):
        return
    target = path
    if address.path:
        file = ((html / path).parent / unquote(address.path)).resolve()
        target = str(file.relative_to(html.resolve())) if html.resolve() in file.parents else ""
    if target in pages:
        link["href"] = "#" + anchor_of(target, unquote(address.fragment))
    else:
        link.unwrap()
