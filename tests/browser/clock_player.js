// Stands in for the player where tests are about what follows its clock: the clock goes when a test sets it.

class Player extends EventTarget {
  constructor(app) {
    super();
    this.element = this.picture = element("div", { class: "stand-in", style: "height: 40vh; background: #777" });
    this.frames = app.store.video.frames;
    this.rate = app.store.video.rate;
    Object.assign(this, { frame: 0, time: 0, playing: false, speed: 1, watched: 1 });
    window.app = app;
    const group = "Playing";
    app.commands.add(
      { id: "play", label: "Play or pause", group, keys: ["Space"], run: () => (this.playing ? this.pause() : this.play()) },
      { id: "next-frame", label: "Next frame", group, keys: ["ArrowRight"], run: () => this.seek(this.frame + 1) },
      { id: "previous-frame", label: "Previous frame", group, keys: ["ArrowLeft"], run: () => this.seek(this.frame - 1) },
    );
  }

  on(type, listener) { this.addEventListener(type, (event) => listener(event.detail)); }

  tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }

  forgetWatched() {}

  // The clock of a playing video goes to a time; done when the page has had a frame for it.
  async run(time) {
    this.time = Math.min(time, this.frames / this.rate);
    const frame = Math.min(Math.floor(this.time * this.rate + 1e-6), this.frames - 1);
    if (frame !== this.frame) {
      this.frame = frame;
      this.tell("frame", frame);
    }
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  }

  async seek(frame) {
    this.frame = Math.min(Math.max(frame, 0), this.frames - 1);
    this.time = this.frame / this.rate;
    this.tell("frame", this.frame);
  }

  setSpeed(speed) {
    this.speed = speed;
    this.tell("speed", speed);
  }

  play() {
    this.playing = true;
    this.tell("playing", true);
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.time = this.frame / this.rate;
    this.tell("playing", false);
  }

  stop() {}
}

// Neither boxes of faces nor the buttons of the player.
const createFaces = () => "", createTransport = () => "";
