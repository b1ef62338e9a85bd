// The line that says what was saved, refused or noticed; read aloud by screen readers.

function createStatus(app) {
  const { store } = app;
  const line = element("p", { class: "status", role: "status", "aria-live": "polite" });
  const saved = element("span", { class: "saved" });
  const show = () => {
    saved.textContent = store.view.saved ? `Saved ${store.view.saved}` : "Nothing to save yet";
  };
  store.on("told", ({ text, kind }) => {
    line.textContent = text;
    line.dataset.kind = kind;
  });
  store.on("view", show);
  show();
  return element("footer", {}, line, saved);
}
