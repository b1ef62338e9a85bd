// The line above the picture: what is annotated by whom, how far it is, and what concerns the whole page.

function createHeader(app) {
  const { store, commands } = app;
  addPageCommands(app);
  const protocol = createProtocol(app);
  const notes = createNotes(app);
  const modes = ["categories", "dimensions"].map((mode) => element("button", {
    type: "button", title: `Switch the mode (${commands.find("switch-mode").keys[0]})`,
    onmousedown: (event) => commands.keepFocus(event), onclick: () => app.setMode(mode),
  }, mode === "categories" ? "Categories" : "Valence, arousal"));
  const showMode = () => modes.forEach((button, place) => button.setAttribute(
    "aria-pressed", app.mode === ["categories", "dimensions"][place]));
  app.on("mode", showMode);
  showMode();
  const steps = ["undo", "redo"].map((id) => commands.button(id, id === "undo" ? "↶" : "↷"));
  const showSteps = () => steps.forEach((button) => {
    const id = button.dataset.command;
    const what = store.view[id];
    button.disabled = !what;
    const title = what ? `${id === "undo" ? "Undo" : "Redo"}: ${what}` : `Nothing to ${id}`;
    button.title = `${title} (${commands.find(id).keys[0]})`;
    button.setAttribute("aria-label", title);
  });
  store.on("view", showSteps);
  showSteps();
  return element("header", {},
    element("div", { class: "top" },
      element("h2", { title: store.video.name }, store.video.name),
      element("span", { class: "rater", title: "Who annotates" }, store.view.rater),
      protocol,
      element("div", { class: "modes", role: "group", "aria-label": "What is annotated" }, ...modes),
      element("div", { class: "tools" }, ...steps, notes.button, commands.button("help", "?"))),
    notes.panel,
    createWarnings(app));
}

function addPageCommands(app) {
  const { commands, store } = app;
  const add = (id, label, keys, run) => commands.add({ id, label, group: "Page", keys, run });
  add("undo", "Undo", ["Ctrl+z"], () => store.undo());
  add("redo", "Redo", ["Ctrl+Shift+z", "Ctrl+y"], () => store.redo());
  add("switch-mode", "Switch between categories and valence and arousal", ["t"], () => {
    app.setMode(app.mode === "categories" ? "dimensions" : "categories");
  });
  add("help", "Show all keys", ["?"], () => showHelp(app));
  // The first part that has something to give up does so.
  add("close", "Close, cancel or deselect", ["Escape"], () => {
    app.dispatchEvent(new CustomEvent("escape", { detail: { done: false } }));
  });
}

// What went wrong at opening, and what other windows did, until it is put away.
function createWarnings(app) {
  const list = element("ul", { class: "warnings", role: "alert" });
  const warn = (text) => {
    if ([...list.children].some((line) => line.dataset.text === text)) return;
    list.append(element("li", { "data-text": text }, element("span", {}, text), element("button", {
      type: "button", "aria-label": `Dismiss: ${text}`, title: "Dismiss (Shift+x)",
      onmousedown: (event) => app.commands.keepFocus(event),
      onclick: (event) => {
        event.currentTarget.closest("li").remove();
        if (app.root.getRootNode().activeElement === document.body) app.root.focus({ preventScroll: true });
      },
    }, "Dismiss")));
  };
  app.commands.add({
    id: "dismiss-warning", label: "Dismiss the first warning", group: "Page", keys: ["Shift+x"],
    run: () => list.firstElementChild?.remove(),
  });
  app.store.view.problems?.forEach(warn);
  app.store.on("told", ({ text, kind }) => { if (kind === "warning") warn(text); });
  return list;
}
