// Notes at frames: written, listed, jumped to and deleted in a panel below the header.

function createNotes(app) {
  const { store, commands, player } = app;
  const text = element("textarea", {
    rows: 2, "aria-label": "Note at the frame shown",
    onkeydown: (event) => {
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        write();
      } else if (event.key === "Escape") toggle(false);
    },
  });
  const where = element("span", {});
  const list = element("ul", {});
  const panel = element("section", { class: "notes", "aria-label": "Notes", hidden: true },
    element("form", { onsubmit: (event) => { event.preventDefault(); write(); } },
      where, text, element("button", { type: "submit" }, "Add the note")), list);

  const write = async () => {
    const written = text.value.trim();
    if (!written) return;
    const operation = { do: "note", note: newName(), text: written, frame: app.selection.here, track: app.track };
    if (await store.do(operation)) text.value = "";
  };
  const toggle = (open = panel.hidden) => {
    panel.hidden = !open;
    button.setAttribute("aria-expanded", open);
    if (open) {
      player.pause();
      showWhere();
      text.focus();
    } else app.root.focus({ preventScroll: true });
  };
  const run = () => toggle();
  commands.add({ id: "notes", label: "Write or read notes", group: "Protocol", keys: ["Shift+n"], run });
  app.on("escape", (event) => {
    if (event.done || panel.hidden) return;
    toggle(false);
    event.done = true;
  });

  const button = commands.button("notes", "Notes", { "aria-expanded": false });
  const showWhere = () => {
    if (!panel.hidden) where.textContent = `Frame ${player.frame}, ${app.track}`;
  };
  const show = () => {
    const { notes } = store.view;
    button.textContent = notes.length ? `Notes (${notes.length})` : "Notes";
    button.setAttribute("aria-label", `Notes: ${notes.length}`);
    const inside = list.contains(list.getRootNode().activeElement);
    list.replaceChildren(...notes.map((note) => {
      const time = `${(note.frame / store.video.rate).toFixed(2)} s, ${note.track}`;
      const goThere = () => {
        app.setTrack(note.track);
        player.seek(note.frame);
      };
      return element("li", {},
        element("button", { type: "button", title: "Go there", onclick: goThere }, time),
        element("span", {}, note.text),
        element("button", {
          type: "button", "aria-label": `Delete the note at ${time}`,
          onclick: () => store.do({ do: "delete_note", note: note.id }),
        }, "Delete"));
    }));
    if (inside) text.focus(); // the button that had the focus is gone
  };
  store.on("view", show);
  player.on("frame", showWhere);
  app.on("track", showWhere);
  show();
  return { button, panel };
}
