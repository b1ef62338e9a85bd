// What the kernel knows, as the page sees it, and the one way in which the page asks for changes.
// The kernel keeps the annotation; the page only shows `view` and sends operations.

class Store extends EventTarget {
  constructor(model) {
    super();
    this.model = model;
    this.waiting = new Map(); // answers that are due, by the number of their request
    this.window = newName(); // every window on one kernel hears all answers
    this.number = 0;
    model.on("change:view", () => this.emit("view"));
    model.on("msg:custom", (content, buffers) => this.receive(content, buffers));
  }

  get video() { return this.model.get("video"); } // name, frames, rate, width, height, duration, sound
  get view() { return this.model.get("view"); } // the annotation: see Session.view in session.py
  get emotions() { return this.model.get("emotions"); } // [{name, key, colour}], in their one order

  emit(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }

  on(type, listener) {
    const heard = (event) => listener(event.detail);
    this.addEventListener(type, heard);
    return () => this.removeEventListener(type, heard);
  }

  // Resolves with {...answer, buffers}; rejects with an Error whose message is for the rater.
  request(kind, fields = {}) {
    const number = `${this.window}-${++this.number}`;
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { resolve, reject });
      this.model.send({ kind, number, ...fields });
    });
  }

  // Changes the annotation. A refusal is told to the rater here; the promise then gives false.
  async do(operation) {
    try {
      await this.request("do", { operation });
      return true;
    } catch (error) {
      this.tell(error.message, "refused");
      return false;
    }
  }

  undo() { return this.do({ do: "undo" }); }
  redo() { return this.do({ do: "redo" }); }

  // Shows a sentence in the status line; kinds: said, refused, warning.
  tell(text, kind = "said") { this.emit("told", { text, kind }); }

  receive(content, buffers) {
    if (content.kind === "told") return this.tell(content.text, content.tone);
    const due = this.waiting.get(content.number);
    if (!due) return undefined;
    this.waiting.delete(content.number);
    if (content.refused) return due.reject(new Error(content.refused));
    return due.resolve({ ...content, buffers });
  }
}

// A name for something new: unique over windows and sessions.
// (`crypto.randomUUID` is missing where a notebook is served by plain HTTP from another machine.)
const newName = () => Array.from(
  crypto.getRandomValues(new Uint8Array(6)), (byte) => byte.toString(16).padStart(2, "0")).join("");
