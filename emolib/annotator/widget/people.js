// To whom intervals and faces belong: the next person, and a dialog that gives them to another one.

class People {
  constructor(app) { this.app = app; }

  addCommands() {
    const { app } = this;
    const group = "People";
    const add = (id, label, keys, run, mode) => app.commands.add({ id, label, group, keys, run, mode });
    add("next-person", "Select the next person", ["Shift+ArrowDown"], () => app.nextTrack(1));
    add("previous-person", "Select the previous person", ["Shift+ArrowUp"], () => app.nextTrack(-1));
    const run = () => this.reassign();
    add("reassign", "Give the interval or the faces to another person", ["r"], run, "categories");
  }

  // A name for a person who has no lane yet: the first free video_2, video_3, ...
  get unused() {
    const { store } = this.app;
    const names = new Set(store.view.tracks.map((track) => track.name));
    const stem = store.video.name.replace(/\.[^.]+$/, "");
    for (let number = 2; ; number += 1) if (!names.has(`${stem}_${number}`)) return `${stem}_${number}`;
  }

  // The frames in which the face of this lane is seen without a break, around the frame shown.
  async run() {
    const { app } = this;
    const frame = app.selection.here;
    const { tracks, buffers } = await app.store.request("faces");
    const place = tracks.indexOf(app.track);
    if (place < 0) return { start: frame, end: frame + 1 };
    const frames = new Int32Array(bytesOf(buffers[2 * place]));
    let first = frames.indexOf(frame);
    if (first < 0) return { start: frame, end: frame + 1 };
    let last = first;
    while (frames[first - 1] === frames[first] - 1) first -= 1;
    while (frames[last + 1] === frames[last] + 1) last += 1;
    return { start: frames[first], end: frames[last] + 1 };
  }

  async reassign() {
    const { app } = this;
    const interval = app.selection.proposed ? null : app.selection.interval;
    app.player.pause();
    const stretch = interval ?? await this.run().catch((error) => {
      app.store.tell(error.message, "refused");
      return { start: app.selection.here, end: app.selection.here + 1 };
    });
    const answer = await openDialog(app, {
      label: "Give to another person", className: "reassign",
      fill: (close) => this.form(interval, stretch, close),
    });
    if (!answer) return;
    if (answer.what === "interval") {
      const operation = { do: "change_interval", interval: interval.id, track: answer.to };
      const done = await app.selection.send([operation]);
      if (done) app.setTrack(answer.to);
      return;
    }
    const { start, end, to, what } = answer;
    const operation = { correction: newName(), track: app.track, start, end };
    if (what === "faces") await app.store.do({ do: "reassign", ...operation, to });
    else await app.store.do({ do: "reject_faces", ...operation });
  }

  form(interval, stretch, close) {
    const { store, track } = this.app;
    const others = store.view.tracks.map(({ name }) => name).filter((name) => name !== track);
    const choice = (value, text, checked) => element("label", { class: "choice" },
      element("input", { type: "radio", name: "what", value, checked }), text);
    const to = element("select", { "aria-label": "To whom" },
      ...others.map((name) => element("option", { value: name }, name)),
      element("option", { value: this.unused }, `a new person: ${this.unused}`));
    const frame = (name, value) => element("input", {
      type: "number", name, min: 0, max: store.video.frames - 1, value, required: true,
      "aria-label": `${name} frame`,
    });
    const receiver = element("label", { class: "receiver" }, "To ", to);
    const form = element("form", {
      onsubmit: (event) => {
        event.preventDefault();
        const { what, first, last } = Object.fromEntries(new FormData(form));
        close({ what, to: to.value, start: Number(first), end: Number(last) + 1 });
      },
      onchange: () => { receiver.hidden = new FormData(form).get("what") === "rejected"; },
    },
    element("h2", {}, `What belongs to someone other than ${track}?`),
    interval && choice("interval", `This interval (${describe(interval, store.video.rate)})`, true),
    choice("faces", "The boxes of these frames", !interval),
    choice("rejected", "The boxes of these frames are nobody’s face", false),
    element("p", {}, "Frames ", frame("first", stretch.start), " to ", frame("last", stretch.end - 1)),
    receiver,
    element("div", { class: "answers" },
      element("button", { type: "button", onclick: () => close() }, "Cancel"),
      element("button", { type: "submit", class: "primary" }, "Change")));
    return [form, ...this.corrections()];
  }

  // What was corrected, each with a button that takes it back.
  corrections() {
    const { store } = this.app;
    if (!store.view.corrections.length) return [];
    const lines = store.view.corrections.map(({ id, kind, track, start, end, to }) => {
      const what = kind === "reassign" ? `given to ${to}` : "not a face";
      const text = `${track}, frames ${start} to ${end - 1}: ${what}`;
      const takeBack = async () => {
        if (await store.do({ do: "delete_correction", correction: id })) line.remove();
      };
      const label = `Take back: ${text}`;
      const line = element("li", {}, `${text} `,
        element("button", { type: "button", "aria-label": label, onclick: takeBack }, "Take back"));
      return line;
    });
    return [element("h3", {}, "Corrected already"), element("ul", {}, ...lines)];
  }
}
