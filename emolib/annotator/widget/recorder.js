// Records where the point is while the video plays, and sends it to the kernel piece by piece.
//
// Times are those of the playback clock: what the rater saw at that moment. Where the player waits, the clock
// waits, and nothing is sampled; at half speed the clock goes half as fast. A piece holds the samples from
// its start up to, and without, its end, where the next piece starts; only the last one includes its end.

const PIECE = 250; // ms between pieces: what a crash can take
const PATIENCE = 5000; // ms until a kernel that does not answer counts as lost
const RUN_UP = 1; // s played before a selected stretch, so that hand and eye are there when it starts
const LEAP = 0.25; // s by which the clock may differ from the wall clock before it counts as moved

class Recorder extends EventTarget {
  constructor(app, point, traces) {
    super();
    Object.assign(this, { app, point, traces });
    this.job = null; // the recording that runs, or whose end is not saved yet
    this.running = false;
    app.player.on("playing", (playing) => { if (!playing) this.stop(); });
    app.player.on("speed", (speed) => this.changeSpeed(speed));
    app.on("mode", () => this.stop());
    app.on("track", () => this.stop("the person was changed"));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.stop("the page was hidden");
    });
  }

  // True from the first sample on; false in the run-up to a selected stretch.
  get sampling() { return this.running && this.job.last !== null; }

  // What is recorded and not saved yet, as an operation `record`; null if there is nothing.
  get unsaved() {
    const { job } = this;
    if (!job) return null;
    const samples = [...job.pieces.flatMap((piece) => piece.samples), ...job.samples];
    const start = job.pieces[0]?.start ?? job.start;
    return samples.length ? { ...job.fields, start, end: job.last, samples } : null;
  }

  toggle() { return this.running ? this.finish() : this.start(); }

  // Why nothing can be recorded now, or "".
  get obstacle() {
    const { store, player, stretch } = this.app;
    if (this.job) return "The last recording is not saved yet: wait until the kernel answers.";
    if (store.view.stage === "watch") return "Watch the video from beginning to end before you rate it.";
    if (stretch || player.frame < player.frames - 1) return "";
    return "The playhead is at the end of the video: go to where the recording is to start.";
  }

  async start() {
    const { store, player, stretch, track } = this.app;
    const obstacle = this.obstacle;
    if (obstacle) {
      store.tell(obstacle, "refused");
      return;
    }
    if (player.speed > 1) player.setSpeed(1);
    const from = stretch ? stretch[0] : player.time;
    this.job = {
      fields: { do: "record", recording: newName(), track, dimensions: this.point.dimensions },
      from, // s: samples are taken from here
      until: stretch ? stretch[1] : Infinity,
      start: from, // s: where the next piece starts
      last: null, // s: the time of the last sample that was looked at
      wall: null, // ms: when that was
      due: 0, // s: when the next sample may be kept
      samples: [], // those of the next piece
      pieces: [], // not saved yet; the first of them is on its way
      cutAt: 0, // ms: when the last piece was made
    };
    Object.assign(this.job.fields, { speed: player.speed, device: this.point.device });
    this.running = true;
    this.traces.setRecording(true);
    this.changed();
    if (stretch) await player.seek(Math.max(Math.round((from - RUN_UP) * player.rate), 0));
    if (!this.running) return; // it was stopped while the player was seeking
    this.job.wall = performance.now();
    if (!player.playing) await player.play();
  }

  // At each animation frame.
  tick(now) {
    if (!this.running || this.job.wall === null) return;
    const { job } = this;
    const time = this.app.player.time;
    const passed = ((now - job.wall) / 1000) * this.app.player.speed;
    const moved = time - (job.last ?? time);
    if (moved < -LEAP || moved > passed + LEAP) {
      this.stop("the playhead was moved");
      return;
    }
    this.take(time, now);
    if (time >= job.until) this.finish();
    else if (now - job.cutAt >= PIECE && !job.sending) this.cut();
  }

  // At a movement of the pointer, which may come more often than frames; `stamp` in ms, as in events.
  takeAt(stamp) {
    if (!this.sampling) return;
    const { player } = this.app;
    const now = performance.now();
    this.take(player.time - ((now - stamp) / 1000) * player.speed, this.job.wall);
  }

  take(time, now) {
    const { job } = this;
    if (!this.app.player.playing || time < job.from - 1e-6) return;
    if (job.last !== null && time <= job.last) return;
    const at = Math.min(Math.max(time, job.from), job.until);
    if (at === job.last) return;
    job.last = at;
    job.wall = now;
    job.fields.device = this.point.device;
    if (!isDue(job, at)) return;
    job.samples.push([round4(at), ...this.point.values.map(round4)]);
    this.dispatchEvent(new Event("sample"));
  }

  // The person wants it to end: the player stops, and says so, which ends it.
  finish() {
    if (this.app.player.playing) this.app.player.pause();
    this.stop();
  }

  // Ends the recording; `reason` says why if the rater did not ask for it.
  stop(reason) {
    if (!this.running) return;
    const { player, store } = this.app;
    this.running = false;
    if (player.playing) player.pause();
    const at = clock(this.job.last ?? player.time);
    if (reason) store.tell(`Recording stopped at ${at}: ${reason}.`, "warning");
    this.cut(true);
    this.changed();
  }

  changeSpeed(speed) {
    if (!this.running) return;
    if (speed > 1) this.app.player.setSpeed(1); // nobody can rate faster than people feel
    else this.cut(); // what was recorded until now has the speed that it was recorded at
  }

  // Makes a piece of what was recorded since the last one.
  cut(final = false) {
    const { job } = this;
    const { player, scale } = this.app;
    job.cutAt = performance.now();
    let end = round4(job.last ?? job.from);
    // A recording that ran to the last picture is one of the whole of it.
    if (final && player.frame >= player.frames - 1) end = Math.max(end, scale.duration);
    const samples = final ? job.samples : job.samples.filter(([time]) => time < end);
    if (samples.length || (final && job.last !== null && end > job.start)) {
      job.samples = job.samples.slice(samples.length);
      job.pieces.push({ ...job.fields, start: round4(job.start), end, samples });
      job.start = end;
    }
    job.fields.speed = player.speed;
    this.send(job);
  }

  // Sends the pieces in their order, each when the kernel has saved the one before.
  async send(job) {
    if (job.sending) return;
    job.sending = true;
    while (job.pieces.length) {
      const patience = setTimeout(() => this.lose(job), PATIENCE);
      try {
        await this.app.store.request("do", { operation: job.pieces[0] });
      } catch (error) {
        this.refuse(job, error.message);
        return;
      } finally {
        clearTimeout(patience);
      }
      this.traces.put(job.pieces.shift());
    }
    job.sending = false;
    if (this.running) return;
    if (job.lost) this.app.store.tell("The kernel answers again: what was recorded is saved.");
    this.close();
  }

  lose(job) {
    job.lost = true;
    const reason = "the kernel does not answer; of this recording, what came before "
      + `${clock(job.pieces[0].start)} is saved, and the rest follows if it answers again`;
    if (this.running) this.stop(reason);
    else this.app.store.tell(`The end of the recording is not saved: ${reason}.`, "warning");
  }

  refuse(job, message) {
    const { start } = job.pieces[0];
    const kept = start > job.from ? `what came before ${clock(start)} is saved, the rest is not`
      : "nothing was saved";
    this.running = false; // before the player stops, which would cut another piece
    if (this.app.player.playing) this.app.player.pause();
    this.app.store.tell(`Recording stopped: ${message}; ${kept}.`, "refused");
    this.close();
  }

  // All is saved, or given up.
  close() {
    this.job = null;
    this.traces.setRecording(false);
    this.changed();
  }

  changed() { this.dispatchEvent(new Event("change")); }
}

const round4 = (value) => Math.round(value * 1e4) / 1e4;

// Keeps at most about 60 samples for a second of video: finer ones, as of a fast screen or of slow playing,
// say nothing about a hand. Screens are not quite regular, so that a sample may come a little early; what
// it gained is taken from the next, which keeps the mean.
const STEP = 1 / 60; // s
const EARLY = STEP / 4;

function isDue(job, time) {
  if (time < job.due - EARLY) return false;
  job.due = Math.max(job.due + STEP, time + STEP - EARLY);
  return true;
}
