// Questions and overviews in front of the page: modal, closed by Escape, giving the focus back.

// Opens a dialog with the content that `fill(close)` gives; resolves with what `close` is given, or null.
function openDialog(app, { label, role = "dialog", className = "", fill }) {
  return new Promise((resolve) => {
    const before = app.root.getRootNode().activeElement;
    const close = (value = null) => {
      dialog.close();
      dialog.remove();
      (app.root.contains(before) ? before : app.root).focus({ preventScroll: true });
      resolve(value);
    };
    const dialog = element("dialog", { role, class: className, "aria-label": label });
    dialog.append(...fill(close));
    // The keys of the page are silent behind a dialog.
    dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Tab") keepInside(dialog, event);
      if (event.key !== "Escape") return;
      event.preventDefault();
      close();
    });
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      close();
    });
    // A click beside it closes it.
    dialog.addEventListener("mousedown", (event) => { if (event.target === dialog) close(); });
    app.commands.releaseAll();
    app.root.append(dialog);
    dialog.showModal();
  });
}

// After the last element that takes the focus comes the first.
function keepInside(dialog, event) {
  const stops = [...dialog.querySelectorAll("button, select, input, textarea, [tabindex='0']")]
    .filter((one) => !one.disabled && one.offsetParent !== null);
  const active = dialog.getRootNode().activeElement;
  const [leave, enter] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
  if (active !== leave && dialog.contains(active) && active !== dialog) return;
  event.preventDefault();
  enter.focus();
}

// Asks a question; resolves with true or false.
async function ask(app, question, yes, no = "Cancel") {
  const answer = await openDialog(app, {
    label: question, role: "alertdialog", className: "question",
    fill: (close) => [
      element("p", {}, question),
      element("div", { class: "answers" },
        element("button", { type: "button", onclick: () => close(false), autofocus: true }, no),
        element("button", { type: "button", class: "primary", onclick: () => close(true) }, yes)),
    ],
  });
  return answer === true;
}
