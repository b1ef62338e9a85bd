// What is being worked on: the selected interval or proposal and its edge, a stretch that waits for its
// emotion, an interval that grows while its key is held, and a change that is on its way to the kernel.

class Selection extends EventTarget {
  constructor(app) {
    super();
    this.app = app;
    this.id = null; // of an interval or of a proposal
    this.edge = "start"; // or "end": the edge that Alt and the arrows move
    this.draft = null; // {id, start, end, emotion}: shown instead of what the kernel has
    this.mark = null; // {start, end, emotion}: end and emotion may be null
    this.held = null; // {track, start, emotion}
    this.waiting = 0; // changes on their way
    app.store.on("view", () => {
      if (this.id && !this.find(this.id)) this.id = null;
      if (this.waiting === 0 && !this.proposed) this.draft = null;
      this.changed();
    });
    app.on("track", (track) => {
      if (this.id && this.find(this.id).track !== track) this.select(null);
      this.mark = null;
      this.changed();
    });
  }

  on(listener) { this.addEventListener("change", listener); }

  changed() { this.dispatchEvent(new Event("change")); }

  find(id) {
    const { intervals, proposals } = this.app.store.view;
    return intervals.find((one) => one.id === id) ?? proposals.intervals.find((one) => one.id === id);
  }

  // The frame shown; while the video stands, the one that was sought last and is about to be shown, so that
  // keys may follow each other faster than pictures do.
  get here() {
    const { playing, target, frame } = this.app.player;
    return playing ? frame : target ?? frame;
  }

  get proposed() { return this.app.store.view.proposals.intervals.some((one) => one.id === this.id); }

  // An interval as it is shown: with the change that is on its way.
  shown(one) { return one && this.draft?.id === one.id ? { ...one, ...this.draft } : one; }

  get interval() { return (this.id && this.shown(this.find(this.id))) || null; }

  // Everything in a lane, proposals too, by start.
  lane(track = this.app.track) {
    const { intervals, proposals } = this.app.store.view;
    return [...ofTrack(intervals, track), ...ofTrack(proposals.intervals, track)]
      .map((one) => this.shown(one)).sort((one, other) => one.start - other.start || one.end - other.end);
  }

  // Selects, and shows the edge unless the frame on the screen is inside already.
  select(id, edge = "start", { show = true } = {}) {
    if (id !== this.id) this.draft = null;
    this.id = id;
    this.edge = edge;
    const { interval } = this;
    if (interval) {
      this.mark = null;
      this.app.setTrack(interval.track);
      if (show && !holds(interval, this.here)) this.showEdge();
    }
    this.changed();
  }

  // The picture beside the edge: the first frame that the interval holds, or the last.
  showEdge() {
    const { interval, edge, app } = this;
    app.player.pause();
    app.player.seek(edge === "start" ? interval.start : interval.end - 1);
  }

  setMark(mark) {
    this.mark = mark;
    this.changed();
  }

  // Shows an interval with other edges or emotion, without telling the kernel.
  sketch(fields) {
    const { id, start, end, emotion } = this.interval;
    this.draft = { id, start, end, emotion, ...fields };
    this.changed();
  }

  // Changes the selected interval. A proposal changes on the page only, until it is accepted.
  async change(fields, group) {
    this.sketch(fields);
    if (this.proposed) return true;
    return this.send([{ do: "change_interval", interval: this.id, ...fields, ...(group && { group }) }]);
  }

  // Sends operations that belong together; what is sketched stays until all are answered.
  async send(operations) {
    this.waiting += 1;
    const before = this.app.store.view.revision;
    const answers = await Promise.all(operations.map((operation) => this.app.store.do(operation)));
    this.waiting -= 1;
    const done = answers.every(Boolean);
    if (this.waiting === 0 && (!done || this.app.store.view.revision !== before)) {
      if (!this.proposed) this.draft = null;
      this.changed();
    }
    return done;
  }
}
