"""What surrounds the modes: protocol, notes, keys, zoom, dark mode, sizes, screen readers."""

import pytest

from emolib.annotator.state import Interval
from tests.browser.test_annotator_categories import LANES, drag, mark, place

pytestmark = pytest.mark.browser

# Texts whose contrast with what is behind them is below 4.5 (disabled ones are exempt).
FAINT = """() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, place) => sum + one * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = (node) => {
    for (let one = node; one; one = one.parentElement) {
      const paint = parse(getComputedStyle(one).backgroundColor);
      if (paint.length < 4 || paint[3] > 0) return paint;
    }
    return [255, 255, 255];
  };
  const texts = [...document.querySelectorAll('.emolib-annotator *')].filter((one) =>
    one.checkVisibility() && !one.closest(':disabled')
    && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  const faint = texts.filter((one) => {
    const [a, b] = [light(parse(getComputedStyle(one).color)), light(behind(one))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
  });
  return [texts.length, faint.map((one) => one.textContent)];
}"""

UNNAMED = """() => [...document.querySelectorAll(
  '.emolib-annotator :is(button, select, input, textarea, [role=listbox])')].filter((one) =>
    !(one.getAttribute('aria-label') || one.textContent.trim() || one.closest('label')))
  .map((one) => one.outerHTML)"""


def reviews(page):
    return [(one.kind, round(one.coverage, 2)) for one in page.session.state.reviews]


def test_passes_are_finished_in_their_order(tool):
    page = tool(watched=False)
    button = page.page.locator("[data-command=finish-pass]")
    page.advance(119)
    assert page.page.inner_text(".seen") == "seen 40 %"
    button.click()
    question = page.page.inner_text("dialog p")
    assert question == "You have seen 40 % of the video in this pass: mark it as watched anyway?"
    page.page.keyboard.press("Escape")
    page.settle()
    assert reviews(page) == []
    page.advance(299)
    button.click()  # all of it was seen: no question
    page.settle()
    assert reviews(page) == [("watched", 1.0)]
    assert page.page.inner_text(".seen") == "seen 0 %"

    assert button.inner_text() == "Finish marking"
    button.click()
    assert "Nothing is marked for clip" in page.page.inner_text("dialog p")
    page.page.keyboard.press("Escape")
    page.do(mark("a", 10, 40))
    button.click()
    page.settle()
    for number in (1, 2, 3):
        assert button.inner_text() == f"Finish review {number} of 3"
        page.press("Shift+F")
        page.page.click("dialog .primary")
        page.settle()
    assert [kind for kind, _ in reviews(page)] == ["watched", "marked", *["reviewed"] * 3]
    steps = page.page.locator(".protocol li").all()
    assert all(step.get_attribute("aria-label").endswith(": done") for step in steps)
    assert button.inner_text() == "Finish another review"


def test_notes_are_written_read_and_deleted(tool):
    page = tool()
    page.seek(60)
    page.press("Shift+N")
    page.page.keyboard.type("moved, not sad 1")  # keys of the page are silent here
    page.press("Enter")
    assert [(one.text, one.frame) for one in page.session.state.notes.values()] == [
        ("moved, not sad 1", 60)
    ]
    page.seek(0)
    page.page.click(".notes li button >> nth=0")
    assert page.frame == 60
    page.page.click(".notes li button >> nth=1")
    page.settle()
    assert not page.session.state.notes
    page.press("Escape")  # the focus has not been lost with the deleted note
    assert page.page.is_hidden(".notes")
    assert page.page.evaluate("document.activeElement === app.root")


def test_warnings_stay_until_they_are_dismissed(tool):
    page = tool()
    page.open(problems=["line 7 of the journal cannot be read"])
    tell = "text => { app.store.receive({ kind: 'told', text, tone: 'warning' }); }"
    page.page.evaluate(tell, "another window changed 3 intervals")
    page.do(mark("a", 10, 40))
    lines = page.page.locator(".warnings li span")
    assert lines.all_inner_texts() == [
        "line 7 of the journal cannot be read",
        "another window changed 3 intervals",
    ]
    page.press("Shift+X")
    page.page.click(".warnings button")
    assert lines.count() == 0


def test_every_command_has_a_key_of_its_own(tool):
    page = tool()
    script = "app.commands.list.map(({ run, press, when, ...rest }) => ({ ...rest, when: !!when }))"
    commands = page.page.evaluate(script)
    assert len(commands) > 40
    assert all(one["keys"] and one["label"] and one["group"] for one in commands)
    assert len({one["id"] for one in commands}) == len(commands)
    for mode in ("categories", "dimensions"):
        always = [one for one in commands if one.get("mode") in (None, mode) and not one["when"]]
        keys = [key for one in always for key in one["keys"]]
        assert sorted(keys) == sorted(set(keys))


def test_help_lists_all_keys_and_keeps_the_focus(tool):
    page = tool()
    page.page.focus(".list")
    page.page.keyboard.press("?")
    labels = page.page.locator("dialog dd").all_inner_texts()
    for label in page.page.evaluate("app.commands.list.map(({ label }) => label)"):
        assert any(one.startswith(label) for one in labels), label
    assert page.page.locator("dialog .elsewhere h3").inner_text().startswith("With valence")
    for key in ["Tab"] * 4 + ["Shift+Tab"] * 4:
        page.page.keyboard.press(key)
        inside = "document.querySelector('dialog').contains(document.activeElement)"
        assert page.page.evaluate(inside)
    page.page.keyboard.press("2")  # silent
    page.page.keyboard.press("Escape")
    page.settle()
    assert page.page.locator("dialog").count() == 0
    assert page.page.evaluate("document.activeElement.className") == "list"
    assert page.sent == []
    assert page.page.evaluate("app.selection.mark") is None
    page.page.click("[data-command=help]")
    page.page.click("dialog button")
    assert page.page.locator("dialog").count() == 0


def test_a_click_on_a_button_leaves_the_keys_with_the_tool(tool):
    page = tool()
    page.page.click("[data-command=zoom-in]")
    page.press("Space")
    assert page.page.evaluate("app.player.playing")


def test_the_list_for_screen_readers_keeps_step(tool):
    page = tool(proposals=(Interval("p1", "clip", 200, 230, "anger"),))
    page.do(mark("a", 93, 135), mark("b", 130, 150, "fear"))
    options = page.page.locator("[role=option]")
    assert options.all_text_contents() == [
        "happiness, 3.10 s to 4.50 s, overlaps",
        "fear, 4.33 s to 5.00 s, overlaps",
        "proposed: anger, 6.67 s to 7.67 s",
    ]
    page.page.focus(".list")
    page.press("ArrowDown", "ArrowDown")
    active = page.page.get_attribute(".list", "aria-activedescendant")
    chosen = page.page.locator("[role=option][aria-selected=true]")
    assert chosen.get_attribute("id") == active
    assert chosen.text_content().startswith("fear")
    page.press("ArrowUp")
    assert chosen.text_content().startswith("happiness")
    assert page.page.evaluate(UNNAMED) == []


def test_persons_are_chosen_by_key_and_mouse(tool):
    page = tool(tracks=("anna", "ben", "cleo"))
    page.press("Shift+ArrowUp")
    assert page.page.evaluate("app.track") == "cleo"
    page.page.click(".names button >> nth=1")
    assert page.page.evaluate("app.track") == "ben"
    pressed = page.page.locator(".names [aria-pressed=true]")
    assert pressed.all_inner_texts() == ["ben"]


def test_the_wheel_zooms_at_the_pointer_once_the_tool_has_the_focus(tool):
    page = tool()
    under = "app.scale.time({0}, 1)"
    box = page.page.locator(LANES).bounding_box()
    page.page.mouse.move(*place(page, 90))
    share = (place(page, 90)[0] - box["x"]) / box["width"]
    page.page.mouse.wheel(0, -300)
    page.page.wait_for_function("() => app.scale.end - app.scale.start < 9")
    assert page.page.evaluate(under.format(share)) == pytest.approx(3.0, abs=0.02)
    page.page.evaluate("document.activeElement.blur()")
    page.page.mouse.wheel(0, -300)
    page.settle()
    length = page.page.evaluate("app.scale.end - app.scale.start")
    assert length == pytest.approx(10 / 2.718281828, rel=0.01)


def test_the_shown_stretch_is_moved_and_fitted(tool):
    page = tool()
    stretch = "[app.scale.start, app.scale.end].map((one) => Math.round(one * 100) / 100)"
    page.do(mark("a", 90, 150))
    page.press("ArrowDown", "f")
    assert page.page.evaluate(stretch) == [2.5, 5.5]
    drag(page, 120, 90, canvas=".ruler")
    assert page.page.evaluate(stretch) == [3.5, 6.5]
    page.press("PageUp", "PageUp", "PageUp")
    assert page.page.evaluate(stretch) == [0, 3]
    page.press("0")
    assert page.page.evaluate(stretch) == [0, 10]
    page.press("+", "-")
    assert page.page.evaluate(stretch) == [0, 10]
    page.press("f")
    box = page.page.locator(".overview").bounding_box()
    page.page.mouse.click(box["x"] + 0.8 * box["width"], box["y"] + 5)
    assert page.page.evaluate(stretch) == [6.5, 9.5]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_texts_stand_out_in_both_themes(tool, dark):
    page = tool(dark=dark, proposals=(Interval("p1", "clip", 200, 230, "anger"),))
    page.open(problems=["line 7 of the journal cannot be read"])
    page.do(mark("a", 90, 150), mark("b", 140, 160, "fear"))
    page.press("ArrowDown", "Shift+N", "Escape", "o")
    texts, faint = page.page.evaluate(FAINT)
    assert texts > 30
    assert faint == []
    page.page.keyboard.press("?")
    assert page.page.evaluate(FAINT)[1] == []


def test_the_focus_is_seen_wherever_it_is(tool):
    page = tool()
    seen = set()
    for _ in range(60):
        page.page.keyboard.press("Tab")
        outline, name = page.page.evaluate(
            """() => {
              const one = document.activeElement;
              return [getComputedStyle(one).outlineWidth, one.dataset.command ?? one.className];
            }"""
        )
        if name == "":
            continue
        assert outline == "2px", name
        seen.add(name)
    assert {"finish-pass", "help", "list", "zoom-in"} <= seen


# A cell of JupyterLab beside its file list, on 1366 x 768 px; a narrow one; a large screen.
@pytest.mark.parametrize("size", [(1000, 768), (600, 900), (3700, 2000)], ids=str)
def test_it_fits_a_laptop_a_narrow_cell_and_a_large_screen(tool, size):
    proposals = (Interval("p1", "anna", 200, 230, "anger"),)
    page = tool(size=size, tracks=("anna", "ben"), proposals=proposals)
    page.press("ArrowDown")
    assert page.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    if size == (600, 900):
        return
    assert page.page.locator(".emolib-annotator").bounding_box()["height"] <= size[1] - 148
    palette = page.page.locator(".palette")
    content, room = palette.evaluate("one => [one.scrollHeight, one.clientHeight]")
    assert content <= room
    if size == (3700, 2000):
        style = "getComputedStyle(document.querySelector('.timeline')).fontSize"
        assert page.page.evaluate(f"parseFloat({style})") > 20
