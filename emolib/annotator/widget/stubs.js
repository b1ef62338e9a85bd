// Parts that are not written yet.

const nothing = () => document.createComment("not there yet");
const createTransport = nothing;

class Player extends EventTarget {
  constructor(app) {
    super();
    this.element = element("canvas");
    Object.assign(this, { frame: 0, frames: app.store.video.frames, rate: 30, playing: false, speed: 1, time: 0 });
  }

  stop() {}
}
