// Stands in for the player where tests are about what is around it: time goes on when a test says so.

class Player extends EventTarget {
  constructor(app) {
    super();
    this.element = this.picture = element("div", { class: "stand-in", style: "width: 100%; aspect-ratio: 16 / 9" });
    this.frames = app.store.video.frames;
    this.rate = app.store.video.rate;
    Object.assign(this, { frame: 0, playing: false, speed: 1, seen: new Set([0]), sought: [] });
    window.app = app;
    app.commands.add({
      id: "play", label: "Play or pause", group: "Playing", keys: ["Space"],
      run: () => (this.playing ? this.pause() : this.play()),
    });
    app.commands.add(
      { id: "next-frame", label: "Next frame", group: "Playing", keys: ["ArrowRight"], run: () => this.seek(this.frame + 1) },
      { id: "previous-frame", label: "Previous frame", group: "Playing", keys: ["ArrowLeft"], run: () => this.seek(this.frame - 1) },
    );
  }

  on(type, listener) { this.addEventListener(type, (event) => listener(event.detail)); }

  tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }

  get time() { return this.frame / this.rate; }

  get watched() { return this.seen.size / this.frames; }

  forgetWatched() { this.seen.clear(); }

  show(frame) {
    this.frame = Math.min(Math.max(frame, 0), this.frames - 1);
    this.tell("frame", this.frame);
  }

  async seek(frame) {
    this.sought.push(frame);
    this.show(frame);
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

  stop() {}
}

// Neither boxes of faces nor the buttons of the player.
const createFaces = () => "", createTransport = () => "";
