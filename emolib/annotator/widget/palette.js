// Beside the picture: the seven categories, the selected interval in numbers, what is doubtful in the lane.

function createPalette(app) {
  app.marking = new Marking(app);
  app.editing = new Editing(app);
  app.proposals = new Proposals(app);
  app.people = new People(app);
  for (const part of [app.marking, app.editing, app.proposals, app.people]) part.addCommands();
  return element("div", { class: "palette only-categories" },
    createEmotionButtons(app), createProperties(app), createLaneSummary(app), app.proposals.createPanel());
}

// A pointer holds an emotion as its key does. A screen reader's click on a button has no duration: while the
// video plays, a first click begins and a second one ends.
function createEmotionButtons(app) {
  const { marking, selection } = app;
  const buttons = app.store.emotions.map(({ name, key, colour: paint }) => {
    const swatch = element("span", { class: "swatch", style: `background: ${paint}` });
    const button = element("button", {
      type: "button", "data-emotion": name, title: `Mark ${name} (${key})`, "aria-keyshortcuts": key,
      onpointerdown: (event) => {
        if (event.button !== 0) return;
        button.setPointerCapture(event.pointerId);
        marking.press(name);
      },
      onpointerup: () => marking.release(name),
      onpointercancel: () => marking.release(name),
      onmousedown: (event) => app.commands.keepFocus(event),
      onclick: (event) => {
        if (event.detail > 0) return; // a pointer: done above
        if (selection.held?.emotion === name) marking.release(name);
        else marking.press(name);
      },
    }, element("kbd", {}, String(key)), swatch, name);
    return button;
  });
  const meaning = element("p", { class: "meaning" });
  const show = () => {
    const shown = selection.held ?? selection.mark ?? selection.interval;
    for (const button of buttons) {
      button.setAttribute("aria-pressed", button.dataset.emotion === shown?.emotion);
    }
    if (meaning.textContent !== marking.meaning) meaning.textContent = marking.meaning;
  };
  onChange(app, show);
  app.player.on("playing", show);
  app.player.on("frame", show);
  return element("section", { class: "emotions", "aria-label": "Emotions" },
    element("div", { class: "choices" }, ...buttons), meaning);
}

// The selected interval or proposal, editable by typing.
function createProperties(app) {
  const { selection, store } = app;
  const heading = element("h3", {});
  const relabel = () => selection.change({ emotion: emotion.value });
  const emotion = element("select", { "aria-label": "Emotion", onchange: relabel },
    ...store.emotions.map(({ name }) => element("option", { value: name }, name)));
  const edges = ["start", "end"].map((edge) => createEdge(app, edge));
  const origin = element("output", { class: "origin" });
  const fields = element("fieldset", {},
    element("label", {}, element("span", {}, "Emotion"), emotion, origin),
    ...edges.map(({ label }) => label));
  onChange(app, () => {
    const { interval, proposed } = selection;
    fields.disabled = !interval;
    const frames = interval && interval.end - interval.start;
    heading.textContent = !interval ? "No interval selected" : `${proposed ? "Proposal" : "Interval"} of `
      + `${counted(frames, "frame")}, ${(frames / store.video.rate).toFixed(2)} s`;
    for (const { show } of edges) show(interval);
    emotion.value = interval?.emotion ?? "";
    const source = proposed ? `proposal ${store.view.proposals.run}` : interval?.origin;
    const changed = proposed && selection.draft ? ", changed" : "";
    origin.textContent = interval ? (source === "hand" ? "by hand" : `${source}${changed}`) : "";
    origin.title = origin.textContent;
  });
  return element("section", { class: "properties", "aria-label": "Selected interval" }, heading, fields);
}

// One edge: the number of the frame, and the time.
function createEdge(app, edge) {
  const { selection, store, editing } = app;
  const words = edge === "start" ? "Start" : "End";
  const hint = edge === "start" ? "the first frame of the interval" : "the first frame after the interval";
  const time = element("output", {});
  const show = (interval) => {
    label.classList.toggle("chosen", Boolean(interval) && selection.edge === edge);
    if (input !== input.getRootNode().activeElement) input.value = interval?.[edge] ?? "";
    time.textContent = interval ? `${(interval[edge] / store.video.rate).toFixed(2)} s` : "–";
  };
  const commit = () => {
    const frame = Math.round(Number(input.value));
    const known = selection.interval?.[edge];
    if (input.value !== "" && known != null && frame !== known) editing.moveEdge(edge, frame);
    input.value = selection.interval?.[edge] ?? "";
  };
  const input = element("input", {
    type: "number", min: 0, max: store.video.frames, step: 1, title: hint, "aria-label": `${words}, ${hint}`,
    onchange: commit,
    onkeydown: (event) => {
      if (event.key === "Escape") input.value = selection.interval?.[edge] ?? "";
      // Leaving commits what was typed.
      if (["Enter", "Escape"].includes(event.key)) app.root.focus({ preventScroll: true });
    },
  });
  const label = element("label", {}, element("span", {}, words), input, time);
  return { label, show };
}

// Intervals, gaps and overlaps of the lane.
function createLaneSummary(app) {
  const text = element("p", {});
  const next = app.commands.button("next-doubt", "Next");
  onChange(app, () => {
    const { doubts } = app.editing;
    const gaps = doubts.filter(({ kind }) => kind === "gap").length;
    const count = ofTrack(app.store.view.intervals, app.track).length;
    const overlaps = doubts.length - gaps;
    text.replaceChildren(`${counted(count, "interval")}, ${counted(gaps, "gap")}, `,
      element("span", { class: overlaps ? "alarm" : "" }, counted(overlaps, "overlap")));
  });
  return element("section", { class: "summary", "aria-label": "Lane" }, text, next);
}

// Shows anew whenever the annotation, the person or the selection changes.
function onChange(app, show) {
  app.store.on("view", show);
  app.on("track", show);
  app.selection.on(show);
  show();
}
