// The lanes of all persons over time: an overview of the whole video, a ruler, and a lane for each person.

function createTimeline(app) {
  const { commands, scale, selection, player, store } = app;
  addZoomCommands(app);
  const overview = element("canvas", { class: "overview", "aria-hidden": true });
  const ruler = element("canvas", { class: "ruler", "aria-hidden": true });
  const lanes = element("canvas", { "aria-hidden": true });
  const names = element("div", { class: "names", role: "group", "aria-label": "Persons" });
  const list = createIntervalList(app, lanes);
  const timeline = element("div", { class: "timeline" },
    element("div", { class: "zoom" },
      commands.button("zoom-out", "−"), commands.button("zoom-in", "+"),
      commands.button("zoom-all", "All"), commands.button("zoom-fit", "Fit")),
    overview,
    element("div", { class: "clock-unit only-categories" }, "time in s"),
    element("div", { class: "ruler-box only-categories" }, ruler),
    element("div", { class: "lanes only-categories" }, names, list));

  const paint = () => {
    if (!timeline.isConnected) return;
    const theme = readTheme(app.root, timeline);
    paintOverview(app, overview, theme);
    if (app.mode !== "categories") return;
    const rows = store.view.tracks.length;
    const row = Math.round(theme.size * (store.view.proposals.intervals.length ? 3.4 : 2.3));
    timeline.style.setProperty("--row", `${row}px`);
    lanes.style.height = `${rows * row}px`;
    paintRuler(app, ruler, theme);
    paintLanes(app, lanes, theme, row);
  };
  let due = false;
  const repaint = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      paint();
    });
  };

  // Buttons stay as long as the persons do: one of them may have the focus.
  const showNames = () => {
    const tracks = store.view.tracks.map(({ name }) => name);
    if (tracks.join("\n") !== [...names.children].map(({ title }) => title).join("\n")) {
      names.replaceChildren(...tracks.map((name) => element("button", {
        type: "button", title: name,
        onmousedown: (event) => commands.keepFocus(event), onclick: () => app.setTrack(name),
      }, name)));
    }
    for (const button of names.children) button.setAttribute("aria-pressed", button.title === app.track);
  };
  store.on("view", showNames);
  app.on("track", () => {
    showNames();
    // More persons than fit scroll; the page around does not.
    const row = names.querySelector("[aria-pressed=true]");
    const box = names.parentElement;
    if (!row) return;
    const bottom = row.offsetTop + row.offsetHeight - box.clientHeight;
    box.scrollTop = clamp(box.scrollTop, bottom, row.offsetTop);
  });
  showNames();

  store.on("view", repaint);
  for (const event of ["track", "mode"]) app.on(event, repaint);
  selection.on(repaint);
  scale.addEventListener("change", repaint);
  player.on("playing", repaint);
  player.on("frame", (frame) => {
    if (!dragging.active) scale.follow(frame / store.video.rate);
    repaint();
  });
  const dragging = addDragging(app, { overview, ruler, lanes });
  onResize(timeline, repaint);
  onTheme(app.root, repaint);
  return timeline;
}

function addZoomCommands(app) {
  const { scale, player, store } = app;
  // What is in sight stays around the playhead when it is in sight, else around the middle.
  const zoom = (factor) => {
    const inside = player.time >= scale.start && player.time <= scale.end;
    scale.zoom(factor, inside ? player.time : undefined);
  };
  const fit = () => {
    const { interval } = app.selection;
    const { rate } = store.video;
    const [start, end] = interval ? [interval.start / rate, interval.end / rate] : [player.time, player.time];
    const margin = Math.max((end - start) / 4, 0.5);
    scale.show(start - margin, end + margin);
  };
  const pan = (share) => scale.pan(share * (scale.end - scale.start));
  const add = (id, label, keys, run) => app.commands.add({ id, label, group: "Page", keys, run });
  add("zoom-in", "Zoom in", ["+", "="], () => zoom(1.5));
  add("zoom-out", "Zoom out", ["-"], () => zoom(1 / 1.5));
  add("zoom-all", "Show the whole video", ["0"], () => scale.show(0, scale.duration));
  add("zoom-fit", "Show the selected interval, or the frame shown, closely", ["f"], fit);
  add("pan-later", "Show later", ["PageDown"], () => pan(0.8));
  add("pan-earlier", "Show earlier", ["PageUp"], () => pan(-0.8));
}

// The lanes for those who do not see them: a list of the selected lane. It takes the focus for the canvas.
function createIntervalList(app, canvas) {
  const { selection, store } = app;
  const options = element("div", { class: "unseen" });
  const list = element("div", {
    class: "list", role: "listbox", tabindex: 0, "aria-keyshortcuts": "ArrowUp ArrowDown",
  }, canvas, options);
  const prefix = `emolib-${newName()}`;
  const show = () => {
    const lane = selection.lane();
    list.setAttribute("aria-label", `Emotions of ${app.track}, ${counted(lane.length, "interval")}`);
    const proposed = new Set(store.view.proposals.intervals.map(({ id }) => id));
    const overlaps = findOverlaps(lane.filter(({ id }) => !proposed.has(id)));
    options.replaceChildren(...lane.map((one) => {
      const ghost = proposed.has(one.id);
      const crossed = !ghost && overlaps.some(({ start, end }) => start < one.end && end > one.start);
      return element("div", {
        role: "option", id: `${prefix}-${one.id}`, "aria-selected": one.id === selection.id,
        onclick: () => selection.select(one.id),
      }, `${ghost ? "proposed: " : ""}${describe(one, store.video.rate)}${crossed ? ", overlaps" : ""}`);
    }));
    if (selection.id) list.setAttribute("aria-activedescendant", `${prefix}-${selection.id}`);
    else list.removeAttribute("aria-activedescendant");
  };
  onChange(app, show);
  return list;
}

// Calls when the size of an element changes.
function onResize(target, listener) { new ResizeObserver(listener).observe(target); }

// Calls when the page around turns dark or light, for as long as the element is in it.
function onTheme(root, listener) {
  const observer = new MutationObserver(() => {
    if (root.isConnected) listener();
    else observer.disconnect();
  });
  for (const target of [document.documentElement, document.body]) {
    observer.observe(target, { attributes: true });
  }
}
