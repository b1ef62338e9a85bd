// The video's sound, at normal speed: pieces are asked for ahead and joined on the clock of the sound
// card, which the picture then follows. Where a browser has or allows no sound, there is none.

const SOUND_PIECE = 4; // s
const SOUND_LEAD = 0.08; // s between asking for sound and hearing it
const SOUND_STUCK = 600; // ms without the clock moving

class Sound {
  constructor(store) {
    this.store = store;
    this.muted = false;
    this.pieces = new Map(); // number -> Promise of an AudioBuffer
    this.context = null;
    this.run = null; // what is being played
    this.failed = !store.video.sound || typeof AudioContext === "undefined";
  }

  // Plays from what `now()` gives when the first piece is there.
  async start(now) {
    this.stop();
    if (this.failed || this.muted) return;
    const run = { sources: [], started: false };
    this.run = run;
    try {
      this.context ??= new AudioContext();
      // Settles only when the page may make a sound; until then the video is silent.
      if (this.context.state === "suspended") this.context.resume().catch(() => {});
      await this.piece(Math.floor(Math.max(now(), 0) / SOUND_PIECE));
    } catch {
      this.failed = true;
      return;
    }
    if (this.run !== run || this.context.state !== "running") return;
    run.from = now() + SOUND_LEAD;
    run.at = this.context.currentTime + SOUND_LEAD;
    run.next = run.from;
    run.moved = { time: -1, at: performance.now() };
    run.started = true;
    this.schedule(run);
  }

  stop() {
    if (!this.run) return;
    for (const source of this.run.sources) source.stop();
    this.run = null;
  }

  close() {
    this.stop();
    this.context?.close().catch(() => {});
  }

  // What is heard now, s; null while nothing is.
  time() {
    const { run, context } = this;
    if (!run?.started) return null;
    const now = context.currentTime;
    if (now !== run.moved.time) run.moved = { time: now, at: performance.now() };
    if (context.state !== "running" || performance.now() - run.moved.at > SOUND_STUCK) {
      this.failed = context.state === "running"; // its clock stands still
      this.stop();
      return null;
    }
    return run.from + now - run.at - (context.outputLatency || 0);
  }

  // Joins the pieces that are due in the next seconds.
  async schedule(run) {
    if (run.busy) return;
    run.busy = true;
    while (this.run === run && run.next < this.store.video.duration
      && run.next < run.from + this.context.currentTime - run.at + SOUND_PIECE) {
      const number = Math.floor(run.next / SOUND_PIECE + 1e-6);
      let buffer = null;
      try {
        buffer = await this.piece(number);
      } catch {
        break;
      }
      if (this.run !== run) break;
      const late = Math.max(this.context.currentTime - (run.at + run.next - run.from), 0);
      const offset = run.next - number * SOUND_PIECE + late;
      if (offset < buffer.duration) {
        const source = new AudioBufferSourceNode(this.context, { buffer });
        source.connect(this.context.destination);
        source.start(run.at + run.next - run.from + late, offset);
        run.sources.push(source);
      }
      run.next = (number + 1) * SOUND_PIECE;
    }
    run.busy = false;
  }

  // Called again and again while the video plays.
  keepUp() { if (this.run?.started) this.schedule(this.run); }

  piece(number) {
    if (!this.pieces.has(number)) {
      const piece = this.load(number);
      piece.catch(() => this.pieces.delete(number));
      this.pieces.set(number, piece);
      if (this.pieces.size > 20) this.pieces.delete(this.pieces.keys().next().value);
    }
    return this.pieces.get(number);
  }

  async load(number) {
    const start = number * SOUND_PIECE;
    const end = Math.min(start + SOUND_PIECE, this.store.video.duration);
    const { rate, buffers } = await this.store.request("sound", { start, end });
    const [view] = buffers;
    const samples = new Int16Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
    const buffer = this.context.createBuffer(1, Math.max(samples.length, 1), rate);
    buffer.getChannelData(0).set(Float32Array.from(samples, (sample) => sample / 32768));
    return buffer;
  }
}
