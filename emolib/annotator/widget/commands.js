// Everything that a rater can do, in one list: keys, buttons and the help read it.

// A command: {id, label, group, keys, mode, run} or, for a key that works while it is held,
// {..., press, release}. Keys are written as "Space", "ArrowLeft", "Shift+ArrowLeft", "Ctrl+z", "1";
// `mode` limits a command to "categories" or "dimensions". Without a mode it works in both. A command with
// `when` works only while that gives true, and then comes before others with the same key; one with `once` is
// done once, however long its key is held.
class Commands {
  constructor(root, mode) {
    this.root = root;
    this.list = [];
    this.mode = mode; // () => "categories" | "dimensions"
    this.held = new Map(); // key code -> command
    root.addEventListener("keydown", (event) => this.down(event));
    root.addEventListener("keyup", (event) => this.up(event));
    // A key that is held when the focus leaves is let go there and then.
    root.addEventListener("focusout", (event) => {
      if (!root.contains(event.relatedTarget)) this.releaseAll();
    });
    window.addEventListener("blur", () => this.releaseAll());
  }

  add(...commands) { this.list.push(...commands); }

  find(id) { return this.list.find((command) => command.id === id); }

  run(id) { this.find(id).run(); }

  // A button that does the command, and says its key.
  button(id, text, attributes = {}) {
    const command = this.find(id);
    const title = `${command.label} (${command.keys.join(" or ")})`;
    return element("button", {
      type: "button", title, "aria-label": command.label, "data-command": id,
      onmousedown: (event) => this.keepFocus(event), onclick: () => command.run(), ...attributes,
    }, text);
  }

  // A click with the mouse leaves the focus where it is: Space goes on playing, and does not click again.
  keepFocus(event) {
    event.preventDefault();
    if (!this.root.contains(this.root.getRootNode().activeElement)) this.root.focus({ preventScroll: true });
  }

  down(event) {
    if (isTyping(event.target) || this.held.has(event.code)) {
      if (this.held.has(event.code)) event.preventDefault();
      return;
    }
    // Enter and blank press the button that has the focus.
    if (event.target.closest("button, select, summary, a") && ["Enter", " "].includes(event.key)) return;
    const meant = this.list.filter((one) => this.applies(one) && one.keys.includes(keyName(event)));
    const command = meant.find((one) => one.when) ?? meant[0];
    if (!command) return;
    event.preventDefault();
    event.stopPropagation();
    if (command.once && event.repeat) return;
    if (command.press) {
      this.held.set(event.code, command);
      command.press();
    } else command.run();
  }

  up(event) {
    const command = this.held.get(event.code);
    if (!command) return;
    this.held.delete(event.code);
    command.release();
  }

  releaseAll() {
    for (const command of this.held.values()) command.release();
    this.held.clear();
  }

  applies(command) {
    return (!command.mode || command.mode === this.mode()) && (!command.when || command.when());
  }
}

const isTyping = (target) => target.matches("textarea, select, input:not([type=range]):not([type=checkbox])");

function keyName(event) {
  const key = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const shifted = event.shiftKey && (key.length > 1 || /[a-z]/.test(key));
  // AltGr makes a character of some keyboards, [ for one: it is no Ctrl and Alt then.
  const plain = event.getModifierState("AltGraph") && key.length === 1;
  return (!plain && (event.ctrlKey || event.metaKey) ? "Ctrl+" : "") + (!plain && event.altKey ? "Alt+" : "")
    + (shifted ? "Shift+" : "") + key;
}
