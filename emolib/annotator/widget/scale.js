// Which stretch of the video the timeline and the traces show: one scale for both.

class TimeScale extends EventTarget {
  constructor(duration) {
    super();
    this.duration = Math.max(duration, 1e-3); // s
    this.start = 0;
    this.end = this.duration;
    this.shortest = Math.min(0.5, this.duration); // s: a frame is then wide enough to be hit
  }

  x(time, width) { return ((time - this.start) / (this.end - this.start)) * width; }

  time(x, width) { return this.start + (x / width) * (this.end - this.start); }

  show(start, end) {
    const length = Math.min(Math.max(end - start, this.shortest), this.duration);
    this.start = Math.min(Math.max(start, 0), this.duration - length);
    this.end = this.start + length;
    this.dispatchEvent(new Event("change"));
  }

  // Factors above 1 show less; `centre` stays where it is.
  zoom(factor, centre = (this.start + this.end) / 2) {
    this.show(centre - (centre - this.start) / factor, centre + (this.end - centre) / factor);
  }

  pan(seconds) { this.show(this.start + seconds, this.end + seconds); }

  // Keeps a time in sight, and some of what comes after it.
  follow(time) {
    const length = this.end - this.start;
    if (time < this.start || time > this.end - 0.05 * length) this.show(time - 0.1 * length, time + 0.9 * length);
  }
}
