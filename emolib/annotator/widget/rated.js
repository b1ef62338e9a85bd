// The traces of all people as the page knows them: fetched when the kernel says that they changed, and
// brought up to date here while a recording runs, so that nothing large is fetched four times a second.

class RatedTraces extends EventTarget {
  constructor(app) {
    super();
    this.app = app;
    this.known = new Map(); // track -> {revision, valence: Trace, arousal: Trace}
    this.suggested = new Map(); // run and track -> the same of the proposal
    this.asked = new Map(); // track -> revision that was asked for
    this.recording = false; // the recorder sets it
    app.store.on("view", () => this.refresh());
    app.on("track", () => this.refresh());
    this.refresh();
  }

  // {valence: Trace, arousal: Trace} of the selected person.
  get current() { return this.known.get(this.app.track) ?? NOTHING_RATED; }

  get proposed() { return this.suggested.get(this.proposalKey) ?? NOTHING_RATED; }

  get proposalKey() { return `${this.app.store.view.proposals?.run} ${this.app.track}`; }

  setRecording(recording) {
    this.recording = recording;
    if (!recording) this.refresh();
  }

  changed() { this.dispatchEvent(new Event("change")); }

  async refresh() {
    this.refreshProposal();
    const { store, track } = this.app;
    const seen = store.view.traces?.[track];
    const revision = seen?.revision ?? 0;
    if (this.recording || this.known.get(track)?.revision === revision) return this.changed();
    if (!seen?.samples) {
      this.known.set(track, { revision, ...NOTHING_RATED });
      return this.changed();
    }
    if (this.asked.get(track) === revision) return undefined;
    this.asked.set(track, revision);
    try {
      const traces = await this.fetch("trace", track, seen.covered);
      if (this.asked.get(track) !== revision || this.recording) return undefined;
      this.known.set(track, { revision, ...traces });
    } catch (error) {
      store.tell(`The trace of ${track} cannot be shown: ${error.message}.`, "refused");
    }
    this.asked.delete(track);
    return this.changed();
  }

  async refreshProposal() {
    const { store, track } = this.app;
    const key = this.proposalKey;
    if (!store.view.proposals?.traces?.[track] || this.suggested.has(key)) return;
    this.suggested.set(key, NOTHING_RATED); // asked for once
    try {
      this.suggested.set(key, await this.fetch("proposed_trace", track));
      this.changed();
    } catch (error) {
      store.tell(`The proposed trace of ${track} cannot be shown: ${error.message}.`, "refused");
    }
  }

  async fetch(kind, track, covered) {
    const { buffers } = await this.app.store.request(kind, { track });
    const times = numbersOf(buffers[0], Float64Array);
    const made = DIMENSIONS.map((name, i) => {
      const column = numbersOf(buffers[i + 1], Float32Array);
      return [name, covered ? Trace.ofColumn(times, column, covered[name]) : Trace.proposed(times, column)];
    });
    return Object.fromEntries(made);
  }

  // A piece of a recording that the kernel has saved; samples as in the operation `record`.
  put({ track, dimensions, start, end, samples }) {
    const traces = { ...(this.known.get(track) ?? { revision: -1, ...NOTHING_RATED }) };
    const times = samples.map((sample) => sample[0]);
    dimensions.forEach((name, i) => {
      traces[name] = traces[name].with(start, end, times, samples.map((sample) => sample[i + 1]));
    });
    // What the kernel has by now is this; another window may have done more, which the end fetches.
    this.known.set(track, { ...traces, revision: -1 });
    this.changed();
  }
}

const DIMENSIONS = ["valence", "arousal"];
const NOTHING_RATED = { valence: new Trace(), arousal: new Trace() };

// The numbers of a buffer, which may start anywhere in its message.
function numbersOf(buffer, Kind) {
  const { byteOffset, byteLength } = buffer;
  return new Kind(buffer.buffer.slice(byteOffset, byteOffset + byteLength));
}
