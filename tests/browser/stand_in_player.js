// Stands in for the player where tests are about what is around it: time goes on when a test says so.

const SPEEDS = [0.5, 1];

class Player extends EventTarget {
  constructor(app) {
    super();
    window.app = app;
    const { frames, rate, width, height } = app.store.video;
    Object.assign(this, {
      frames, rate, frame: 0, target: null, playing: false, speed: 1, painted: true, sound: { muted: false },
      seen: new Set([0]),
      slow: false, // whether a sought frame is shown only when `arrive` is called
    });
    this.picture = element("div", { class: "picture", style: `--aspect: ${width / height}` });
    this.element = element("div", { class: "player" }, this.picture);
  }

  on(type, listener) { this.addEventListener(type, (event) => listener(event.detail)); }

  tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }

  get time() { return this.frame / this.rate; }

  get watched() { return this.seen.size / this.frames; }

  forgetWatched() { this.seen.clear(); }

  show(frame) {
    this.frame = frame;
    this.tell("frame", frame);
  }

  async seek(frame) {
    this.target = Math.min(Math.max(frame, 0), this.frames - 1);
    this.tell("target", this.target);
    if (!this.slow) this.arrive();
  }

  arrive() {
    const { target } = this;
    this.target = null;
    this.show(target);
  }

  step(frames) {
    this.pause();
    return this.seek((this.target ?? this.frame) + frames);
  }

  // Plays on to a frame.
  advance(frame) {
    while (this.frame < frame) {
      this.seen.add(this.frame + 1);
      this.show(this.frame + 1);
    }
  }

  play() {
    this.playing = true;
    this.tell("playing", true);
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.tell("playing", false);
  }

  setSpeed(speed) { this.speed = speed; }

  mute(muted) { this.sound.muted = muted; }

  stop() {}
}
