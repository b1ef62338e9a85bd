// All keys, from the list of commands, and the rules that a key alone does not tell.

const HELP_GROUPS = ["Playing", "Intervals", "Recording", "People", "Protocol", "Page"];
const OTHER_MODE = { categories: "valence and arousal", dimensions: "categories" };
const HELP_RULES = {
  categories: [
    `An interval holds its start frame and ends before its end frame: marked while the frames 10 to 20 are
      shown, it is [10, 21).`,
    "Playing: hold 1–7 for as long as the emotion is seen. Another key takes over without a gap.",
    `Standing: 1–7 end the interval that was begun; else change the selected interval, if its picture is
      shown; else begin one. i and o mark a start and an end; then 1–7, or Enter for the emotion used last.`,
    `A new interval cuts away what it covers of other emotions, and joins its own emotion: the last word
      counts. Edges that are moved, and accepted proposals, cut nothing: an overlap is hatched until an edge
      is moved or k cuts it.`,
    `A dragged edge snaps to frames, to the playhead and to its neighbours; with Alt, to frames only. The
      wheel zooms once the tool has the focus, and pans with Shift.`,
    `Dashed, hatched intervals are proposals of a network. They are annotations only when accepted; edges
      and emotion may be changed before.`,
  ],
  dimensions: [
    "Enter records and plays, from the playhead or over the stretch that is selected on the traces.",
    `A recording replaces what was rated while it runs, and nothing else. With a stretch selected it plays
      from a second before it, and ends with it. Played slowly, times stay those of the video.`,
    `While you record, the point follows the mouse over the pad without a button, and stays where the mouse
      leaves it. Arrows and w a s d move it; at other times arrows step frames, unless the pad has the focus.`,
    `Dashed lines are proposals of a network: annotations only when accepted, and hidden while you record, so
      that nobody follows them.`,
  ],
};

// Opens with the button or the key; nothing is on the page until then.
function createHelp() { return document.createComment("help: see showHelp"); }

function showHelp(app) {
  const { list } = app.commands;
  const here = list.filter(({ mode }) => !mode || mode === app.mode);
  const elsewhere = list.filter((command) => !here.includes(command));
  const groups = [...new Set([...HELP_GROUPS, ...here.map(({ group }) => group)])]
    .map((name) => [name, here.filter(({ group }) => group === name)]);
  const change = app.commands.find("switch-mode").keys[0];
  const other = `With ${OTHER_MODE[app.mode]} (${change} switches)`;
  const sections = [...groups, [other, elsewhere]].filter(([, members]) => members.length)
    .map(([name, members]) => element("section", { class: members === elsewhere ? "elsewhere" : "" },
      element("h3", {}, name), element("dl", {}, ...members.map(helpLine))));
  return openDialog(app, {
    label: "Keys and rules", className: "help",
    fill: (close) => [
      element("div", { class: "title" }, element("h2", {}, "Keys and rules"),
        element("button", { type: "button", autofocus: true, onclick: () => close() }, "Close (Escape)")),
      element("div", { class: "scroller", tabindex: 0, role: "group", "aria-label": "All keys" },
        element("ul", { class: "rules" }, ...HELP_RULES[app.mode].map((rule) => element("li", {}, rule))),
        element("div", { class: "groups" }, ...sections)),
    ],
  });
}

const helpLine = ({ keys, label, press }) => element("div", {},
  element("dt", {}, ...keys.flatMap((key, place) => [place ? " or " : "", ...keyCaps(key)])),
  element("dd", {}, label, press ? element("em", {}, " (hold)") : null));

// "Ctrl+z" -> two key caps, with the signs that are on the keys.
function keyCaps(key) {
  const signs = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", "-": "−" };
  const parts = key === "+" ? ["+"] : key.split("+");
  const cap = (part) => signs[part] ?? (part.length === 1 && parts.length > 1 ? part.toUpperCase() : part);
  return parts.flatMap((part, place) => [place ? "+" : "", element("kbd", { title: part }, cap(part))]);
}
