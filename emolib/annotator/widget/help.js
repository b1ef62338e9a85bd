// All keys, from the list of commands, and the rules that a key alone does not tell.

const HELP_GROUPS = ["Playing", "Intervals", "Recording", "People", "Protocol", "Page"];
const MODE_NAMES = { categories: "with categories", dimensions: "with valence and arousal" };
const HELP_RULES = [
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
  `A recording replaces what was rated while it runs, and nothing else. With a stretch selected it plays from
    a second before it, and ends with it. Played slowly, times stay those of the video.`,
  `Dashed, hatched intervals are proposals of a network. They are annotations only when accepted; edges
    and emotion may be changed before.`,
];

// Opens with the button or the key; nothing is on the page until then.
function createHelp() { return document.createComment("help: see showHelp"); }

function showHelp(app) {
  const usable = (command) => !command.mode || command.mode === app.mode;
  const elsewhere = (command) => (
    usable(command) ? null : element("em", {}, ` (${MODE_NAMES[command.mode]})`));
  const line = (command) => element("div", { class: usable(command) ? "" : "elsewhere" },
    element("dt", {}, ...command.keys.flatMap((key, place) => [place ? " or " : "", ...keyCaps(key)])),
    element("dd", {}, command.label,
      command.press ? element("em", {}, " (hold while playing)") : null, elsewhere(command)));
  const { list } = app.commands;
  const groups = [...new Set([...HELP_GROUPS, ...list.map(({ group }) => group)])];
  const sections = groups.map((group) => [group, list.filter((one) => one.group === group)])
    .filter(([, members]) => members.length)
    .map(([group, members]) => element("section", {},
      element("h3", {}, group), element("dl", {}, ...members.map(line))));
  return openDialog(app, {
    label: "Keys and rules", className: "help",
    fill: (close) => [
      element("div", { class: "title" }, element("h2", {}, "Keys and rules"),
        element("button", { type: "button", autofocus: true, onclick: () => close() }, "Close (Escape)")),
      element("div", { class: "scroller", tabindex: 0, role: "group", "aria-label": "All keys" },
        element("ul", { class: "rules" }, ...HELP_RULES.map((rule) => element("li", {}, rule))),
        element("div", { class: "groups" }, ...sections)),
    ],
  });
}

// "Ctrl+z" -> two key caps, with the signs that are on the keys.
function keyCaps(key) {
  const signs = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", "-": "−" };
  const parts = key === "+" ? ["+"] : key.split("+");
  const cap = (part) => signs[part] ?? (part.length === 1 && parts.length > 1 ? part.toUpperCase() : part);
  return parts.flatMap((part, place) => [place ? "+" : "", element("kbd", { title: part }, cap(part))]);
}
