// The point that a rater moves: by pointer, keys or gamepad, whichever moved last.

// How fast keys move it: a tap is a small step, half a second of holding crosses the pad.
const SLOWEST = 0.35; // units/s
const FASTEST = 2.2; // units/s
const ACCELERATION = 3.0; // units/s per s

const clampUnit = (value) => Math.min(Math.max(value, -1), 1);

class Point {
  constructor() {
    this.valence = 0;
    this.arousal = 0;
    this.axis = "both"; // or the one dimension that is rated: "valence", "arousal"
    this.device = "keys"; // what moved it last: "mouse", "pen", "touch", "keys", "gamepad"
    this.keys = new Set(); // directions held: "left", "right", "up", "down"
    this.speed = SLOWEST;
  }

  get dimensions() { return this.axis === "both" ? DIMENSIONS : [this.axis]; }

  get values() { return this.dimensions.map((name) => this[name]); }

  // Only what is being rated moves.
  place(valence, arousal, device) {
    if (this.axis !== "arousal") this.valence = clampUnit(valence);
    if (this.axis !== "valence") this.arousal = clampUnit(arousal);
    this.device = device;
  }

  press(direction) {
    if (!this.keys.size) this.speed = SLOWEST;
    this.keys.add(direction);
  }

  release(direction) { this.keys.delete(direction); }

  // Moves the point by the keys that are held, for as many seconds of the wall clock.
  advance(seconds) {
    const right = this.keys.has("right") - this.keys.has("left");
    const up = this.keys.has("up") - this.keys.has("down");
    if (!this.keys.size || !(right || up)) return;
    const step = this.speed * Math.min(seconds, 0.1); // a page that stood still must not make it leap
    this.speed = Math.min(this.speed + ACCELERATION * seconds, FASTEST);
    this.place(this.valence + right * step, this.arousal + up * step, "keys");
  }
}

// "+0.31", with a minus as wide as the plus.
const signed = (value) => `${value < -0.005 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
