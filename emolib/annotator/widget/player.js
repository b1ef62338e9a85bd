// Not written yet: the player comes from elsewhere.

class Player extends EventTarget {
  constructor(app) {
    super();
    this.element = element("canvas");
    Object.assign(this, { frame: 0, frames: app.store.video.frames, rate: 30, playing: false, speed: 1, time: 0 });
  }

  stop() {}
}
