// Calls `run(now)` (ms) at the next animation frame after `wake()`, and at each one while `active()` holds.
// A page on which nothing moves does nothing.
class Ticker {
  constructor(root, run, active) {
    Object.assign(this, { root, run, active, asked: false });
  }

  wake() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame((now) => {
      this.asked = false;
      if (!this.root.isConnected) return;
      this.run(now);
      if (this.active()) this.wake();
    });
  }
}
