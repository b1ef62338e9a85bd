// The left stick of a gamepad as a place on the pad. It is read only while a gamepad is connected.

const RESTING = 0.08; // a stick that is let go rests this near to its middle
const NOTICED = 0.02; // a smaller change is noise, not a hand

class Stick {
  constructor(root, { onchange, onpress }) {
    this.onchange = onchange; // a gamepad came or went
    this.onpress = onpress; // its first button went down
    this.count = 0;
    this.last = null;
    this.pressed = false;
    const left = new AbortController();
    const heard = (step) => {
      if (!root.isConnected) return left.abort();
      this.count = Math.max(this.count + step, 0);
      this.last = null;
      return this.onchange();
    };
    window.addEventListener("gamepadconnected", () => heard(1), { signal: left.signal });
    window.addEventListener("gamepaddisconnected", () => heard(-1), { signal: left.signal });
  }

  get connected() { return this.count > 0; }

  // [valence, arousal] if the stick was moved since it was last read, else null.
  read() {
    if (!this.connected) return null;
    const pad = [...navigator.getGamepads()].find((one) => one?.connected && one.axes.length >= 2);
    if (!pad) return null;
    const pressed = Boolean(pad.buttons[0]?.pressed);
    if (pressed && !this.pressed) this.onpress();
    this.pressed = pressed;
    const place = stickPlace(pad.axes[0], -pad.axes[1]); // down is positive on a stick
    const before = this.last;
    this.last = place;
    if (!before) return null;
    const moved = Math.hypot(place[0] - before[0], place[1] - before[1]);
    if (moved >= NOTICED) return place;
    this.last = before; // a slow hand adds up
    return null;
  }
}

// A stick turns in a circle, the pad is a square: what points into a corner goes all the way into it.
function stickPlace(x, y) {
  const radius = Math.hypot(x, y);
  if (radius <= RESTING) return [0, 0];
  const reach = Math.min((radius - RESTING) / (0.98 - RESTING), 1) / Math.max(Math.abs(x), Math.abs(y));
  return [x * reach, y * reach];
}
