// Shows frames of the video. The kernel decodes them, so that the picture on the canvas is the frame
// whose number is shown: `frame` changes when its picture is painted, and never otherwise.

const SPEEDS = [0.25, 0.5, 0.75, 1, 1.5, 2];
const FRAMES_AT_ONCE = 6; // frames that are asked for together while playing
const IN_FLIGHT = 2; // such questions at a time
const NEIGHBOURS = 6; // frames on both sides that are loaded while the video stands
const MOST_WAITS = 3; // for pictures, by the sound; then it is left out
const MOST_SKIPPED = 6; // frames that may be skipped in a row, so that the picture follows the sound

class Player extends EventTarget {
  constructor(app) {
    super();
    const { store } = app;
    Object.assign(this, {
      app, frame: 0, frames: store.video.frames, rate: store.video.rate, playing: false, speed: 1,
      target: null, // the frame that is sought
      painted: false, // whether there is a picture on the canvas
      seen: new Uint8Array(store.video.frames), // which frames were shown while playing
      slow: 1, // every how manyth frame the kernel can give in time
      waiting: false, // whether the sound waits for the picture
      questions: 0, paints: [],
    });
    this.film = new Film(store, () => this.target ?? this.frame);
    this.sound = new Sound(store);
    this.canvas = element("canvas", { role: "img", "aria-label": `Picture of ${store.video.name}` });
    this.picture = element("div", {
      class: "picture", style: `--aspect: ${store.video.width / store.video.height}`,
    }, this.canvas);
    this.element = element("div", { class: "player" }, this.picture);
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(this.picture);
    // A page that is not seen paints nothing.
    this.hiding = () => document.hidden && this.pause();
    document.addEventListener("visibilitychange", this.hiding);
    this.anchor(0);
  }

  on(type, listener) {
    const heard = (event) => listener(event.detail);
    this.addEventListener(type, heard);
    return () => this.removeEventListener(type, heard);
  }

  emit(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }

  // ---- What others ask of it

  // The playback clock, s, within the frame that is shown.
  get time() {
    const start = this.frame / this.rate;
    return this.playing ? Math.min(Math.max(this.clock(), start), start + 1 / this.rate) : start;
  }

  // The share of all frames that were shown while playing, since `forgetWatched`.
  get watched() { return this.seen.reduce((sum, one) => sum + one, 0) / this.frames; }

  forgetWatched() { this.seen.fill(0); }

  play() {
    if (this.playing) return;
    const again = this.frame >= this.frames - 1;
    this.playing = true;
    this.waiting = false;
    this.waits = 0;
    this.paints = [];
    this.judged = performance.now();
    this.anchor(again ? 0 : this.target ?? this.frame);
    if (again) this.seek(0);
    else if (this.target === null) this.seen[this.frame] = 1;
    this.startSound();
    this.feed();
    this.loop = requestAnimationFrame(() => this.tick());
    this.emit("playing", true);
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.loop);
    this.sound.stop();
    this.emit("pace", null);
    this.emit("playing", false);
    if (this.target === null) this.loadNeighbours();
  }

  // Resolves when the frame is painted, with true, or when another one was sought, with false.
  seek(frame) {
    const wanted = Math.min(Math.max(Math.round(frame), 0), this.frames - 1);
    this.sought?.(false);
    const promise = new Promise((resolve) => { this.sought = resolve; });
    this.target = wanted;
    if (this.playing) {
      this.sound.stop();
      this.anchor(wanted);
    }
    if (this.film.has(wanted)) this.arrive();
    else this.chase();
    this.emit("target", this.target);
    return promise;
  }

  step(frames) {
    this.pause();
    return this.seek((this.target ?? this.frame) + frames);
  }

  setSpeed(speed) {
    const now = this.clock();
    this.speed = speed;
    if (this.playing) {
      this.anchor(now * this.rate);
      this.startSound();
    }
    this.emit("speed", speed);
  }

  mute(muted) {
    this.sound.muted = muted;
    if (this.playing) this.startSound();
    this.emit("muted", muted);
  }

  stop() {
    this.pause();
    this.resizing.disconnect();
    document.removeEventListener("visibilitychange", this.hiding);
    this.sound.close();
    this.film.clear();
  }

  // ---- The picture

  paint(frame) {
    const picture = this.film.get(frame);
    if (this.canvas.width !== picture.width || this.canvas.height !== picture.height) {
      this.canvas.width = picture.width;
      this.canvas.height = picture.height;
    }
    this.canvas.getContext("2d").drawImage(picture, 0, 0);
    this.painted = true;
    this.frame = frame;
    this.element.dataset.frame = frame;
    this.emit("frame", frame);
  }

  // Pictures as wide as they are shown, in steps, so that a small change loads nothing again.
  resize() {
    const width = this.picture.clientWidth * (window.devicePixelRatio || 1);
    if (!width) return;
    const stepped = Math.min(Math.ceil(width / 160) * 160, this.app.store.video.width);
    if (this.film.resize(stepped)) this.seek(this.target ?? this.frame);
  }

  // ---- Seeking: the latest wins, and there is one question at a time

  async chase() {
    if (this.chasing) return;
    this.chasing = true;
    try {
      while (this.target !== null && this.film.width) await this.approach(this.target);
    } catch (error) {
      this.refuse(error);
    } finally {
      this.chasing = false;
    }
  }

  // Shows what the kernel has at hand, under its own number, and then the frame itself.
  async approach(target) {
    const { width } = this.film;
    if (!this.film.has(target)) {
      const [came] = await this.film.load([target], true);
      if (this.film.width !== width) return;
      if (this.target === target && came !== undefined && came !== target && this.film.has(came)) {
        this.paint(came);
      } else if (this.target !== null && this.target !== target && this.film.has(came)) this.paint(came);
    }
    if (this.target === target && !this.film.has(target)) {
      await this.film.load([target]);
      // It may have been on its way already, with others.
      if (!this.film.has(target)) await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
    if (this.target !== null && this.film.has(this.target)) this.arrive();
  }

  // Paints the frame that is sought.
  arrive() {
    const frame = this.target;
    this.target = null;
    this.paint(frame);
    this.sought?.(true);
    this.sought = null;
    if (this.playing) {
      this.seen[frame] = 1;
      this.anchor(frame);
      this.startSound();
      this.feed();
    } else this.loadNeighbours();
  }

  // Loads what a step reaches.
  async loadNeighbours() {
    const { frame } = this;
    const distances = Array.from({ length: NEIGHBOURS }, (_, place) => [place + 1, -place - 1]).flat();
    const near = distances.map((distance) => frame + distance).filter((one) => one >= 0 && one < this.frames);
    for (let place = 0; place < near.length; place += 4) {
      if (this.playing || this.target !== null || this.frame !== frame) return;
      try {
        await this.film.load(near.slice(place, place + 4).sort((a, b) => a - b));
      } catch {
        return; // whoever goes there is told
      }
    }
  }

  refuse(error) {
    this.pause();
    this.target = null;
    this.sought?.(false);
    this.sought = null;
    this.app.store.tell(error.message, "refused");
    this.emit("target", null);
  }

  // ---- Playing

  // Lets the clock say that a frame, perhaps with a fraction, is due now.
  anchor(frame) { this.start = { time: frame / this.rate, at: performance.now() }; }

  clock() {
    const heard = this.sound.time();
    if (heard !== null) this.start = { time: heard, at: performance.now() };
    return this.start.time + ((performance.now() - this.start.at) / 1000) * this.speed;
  }

  startSound() {
    const inStep = this.speed === 1 && this.target === null && this.waits <= MOST_WAITS;
    if (inStep) this.sound.start(() => this.clock());
    else this.sound.stop();
  }

  // Where there is sound, and where more frames are due than a screen shows, some may be skipped.
  get skips() { return this.speed > 1 || this.waiting || this.sound.time() !== null; }

  get stride() { return this.skips ? this.slow : 1; }

  tick() {
    if (!this.playing) return;
    this.loop = requestAnimationFrame(() => this.tick());
    this.feed();
    if (this.target !== null) return; // the clock is set when that frame arrives
    if (this.waiting) this.goOn();
    const due = Math.min(Math.floor(this.clock() * this.rate + 1e-3), this.frames - 1);
    const next = this.nextFrame(due);
    if (next !== null) {
      this.paint(next);
      this.seen[next] = 1;
      this.paints.push(performance.now());
    }
    if (this.frame >= this.frames - 1) this.pause();
    else {
      if (due > this.frame + (this.skips ? MOST_SKIPPED : 1)) this.wait();
      this.sound.keepUp();
      this.pace();
    }
  }

  // The frame to be painted now, if it is here: the last one that is due, or that after the last one.
  nextFrame(due) {
    if (due <= this.frame) return null;
    if (!this.skips) return this.film.has(this.frame + 1) ? this.frame + 1 : null;
    for (let frame = due; frame > this.frame; frame -= 1) if (this.film.has(frame)) return frame;
    return null;
  }

  // The clock waits for the picture, and the sound until there are several pictures.
  wait() {
    if (this.sound.time() !== null) {
      this.sound.stop();
      this.waits += 1;
      this.waiting = this.waits <= MOST_WAITS;
      if (!this.waiting) {
        this.app.store.tell("The pictures come too slowly to play the sound with them.", "warning");
      }
    }
    this.anchor(this.frame + 1);
  }

  goOn() {
    const enough = Math.min(this.frame + 2 * FRAMES_AT_ONCE * this.stride, this.frames - 1);
    if (!this.film.has(enough)) return void this.anchor(this.frame + 1);
    this.waiting = false;
    this.startSound();
  }

  // Asks for the frames that are due within a second.
  feed() {
    if (!this.playing || this.target !== null || !this.film.width) return;
    const { stride, film } = this;
    const ahead = Math.min(Math.ceil(this.rate * Math.max(this.speed, 0.5)), film.room - FRAMES_AT_ONCE);
    const end = Math.min(this.frame + ahead * stride, this.frames - 1);
    const due = [];
    for (let frame = this.frame + stride; frame < end; frame += stride) due.push(frame);
    if (end > this.frame) due.push(end);
    const missing = due.filter((frame) => !film.has(frame) && !film.asked.has(frame));
    const least = end === this.frames - 1 || missing[0] === due[0] ? 1 : FRAMES_AT_ONCE;
    while (this.questions < IN_FLIGHT && missing.length >= least) {
      this.questions += 1;
      film.load(missing.splice(0, FRAMES_AT_ONCE))
        .catch((error) => this.playing && this.refuse(error))
        .finally(() => {
          this.questions -= 1;
          this.feed();
        });
    }
  }

  // Says once a second how many frames are shown, and asks for fewer where the kernel is too slow.
  pace() {
    const now = performance.now();
    if (now - this.judged < 1000) return;
    this.judged = now;
    this.paints = this.paints.filter((at) => now - at < 1000);
    const wanted = Math.round(this.rate * this.speed);
    this.emit("pace", { shown: Math.min(this.paints.length, wanted), wanted });
    const ready = (steps) => this.film.has(Math.min(this.frame + steps * this.stride, this.frames - 1));
    if (!ready(2)) this.slow = Math.min(this.slow + 1, 4);
    else if (ready(15)) this.slow = Math.max(this.slow - 1, 1);
  }
}
