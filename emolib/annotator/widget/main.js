// Puts the page together. The files of this folder are joined in the order of `SCRIPTS` in widget.py
// into the one module that notebooks load; none of them imports another.

function render({ model, el }) {
  const root = element("section", {
    class: "emolib-annotator", tabindex: 0, "data-lm-suppress-shortcuts": true,
    "data-mode": "categories", "aria-label": "Annotation of a video",
  });
  el.append(root);
  const store = new Store(model);
  const app = new App(store, root);
  const { player } = app;
  player.picture.append(createFaces(app));
  const side = element("div", { class: "side" }, createPalette(app), createPad(app));
  root.append(
    createHeader(app),
    element("div", { class: "stage" }, element("div", { class: "screen" }, player.element, createTransport(app)), side),
    createTimeline(app),
    createTraces(app),
    createStatus(app),
    createHelp(app),
  );
  root.focus({ preventScroll: true });
  // Tells the kernel that this window is still there, and hears of what other windows did.
  const pulse = setInterval(() => store.request("pulse").catch(() => {}), 1000);
  return () => {
    clearInterval(pulse);
    player.stop();
  };
}

export default { render };
