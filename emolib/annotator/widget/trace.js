// A trace: what was rated of one dimension of one person, as numbers. Nothing here draws or sends.

// `times` (s, increasing) and `values` hold the samples; `covered` the stretches [start, end] (s) that were
// rated, in order. Outside of them there is a gap, however near the samples on its two sides are.
class Trace {
  constructor(times = [], values = [], covered = []) {
    this.times = Float64Array.from(times);
    this.values = Float32Array.from(values);
    this.covered = covered;
  }

  // From an answer of the kernel, where both dimensions share their times and NaN says "not rated".
  static ofColumn(times, column, covered) {
    const kept = [];
    for (let i = 0; i < times.length; i++) if (!Number.isNaN(column[i])) kept.push(i);
    if (kept.length === times.length) return new Trace(times, column, covered);
    return new Trace(kept.map((i) => times[i]), kept.map((i) => column[i]), covered);
  }

  // What a network proposes comes without stretches: a hole of more than `longest` s is one here.
  static proposed(times, column, longest = 0.25) {
    const trace = Trace.ofColumn(times, column, []);
    trace.times.forEach((time) => {
      const last = trace.covered.at(-1);
      if (last && time - last[1] <= longest) last[1] = time;
      else trace.covered.push([time, time]);
    });
    return trace;
  }

  // The place of the first sample at or after a time.
  first(time) {
    let low = 0;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[middle] < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  // The place of the first sample after a time.
  after(time) {
    const place = this.first(time);
    return this.times[place] === time ? place + 1 : place;
  }

  stretch(time) { return this.covered.find(([start, end]) => start <= time && time <= end); }

  // The value at a time: that of the last sample, which holds until the next one; null in a gap.
  valueAt(time) {
    const within = this.stretch(time);
    if (!within) return null;
    const next = this.after(time);
    if (next > 0 && this.times[next - 1] >= within[0]) return this.values[next - 1];
    return this.times[next] <= within[1] ? this.values[next] : null; // before the first sample of its stretch
  }

  // The trace with other samples from `start` to `end`, as `Trace.with_stretch` of the kernel makes it: old
  // samples on an edge stay, unless there is a new one at the same time.
  with(start, end, times, values) {
    let before = this.after(start);
    let after = this.first(end);
    if (before && this.times[before - 1] === times[0]) before -= 1;
    if (times.length && this.times[after] === times.at(-1)) after += 1;
    after = Math.max(after, before);
    const joined = (Kind, old, made) => {
      const all = new Kind(before + made.length + old.length - after);
      all.set(old.subarray(0, before));
      all.set(made, before);
      all.set(old.subarray(after), before + made.length);
      return all;
    };
    const trace = new Trace();
    trace.times = joined(Float64Array, this.times, times);
    trace.values = joined(Float32Array, this.values, values);
    trace.covered = joinStretches([...cutStretches(this.covered, start, end), [start, end]]);
    return trace;
  }

  // Seconds that were rated.
  get seconds() { return this.covered.reduce((sum, [start, end]) => sum + end - start, 0); }

  // Whether so many samples are in sight that several fall on one pixel.
  isDense(scale, width) { return this.after(scale.end) - this.first(scale.start) > 2 * width; }

  // Draws the line from `scale.start` to `scale.end` with moveTo and lineTo of a canvas context.
  draw(context, scale, width, y) {
    for (const [start, end] of this.covered) {
      if (end < scale.start || start > scale.end) continue;
      const opening = this.first(start);
      const closing = this.after(end);
      // One more at either side of what is in sight, for the lines that lead there.
      const from = Math.max(this.first(scale.start) - 1, opening);
      const to = Math.min(this.after(scale.end) + 1, closing);
      if (to <= from) continue;
      // From the edge of the stretch to its first sample, and from the last to the edge, the value is held.
      context.moveTo(scale.x(from === opening ? start : this.times[from], width), y(this.values[from]));
      for (let i = from; i < to; i++) context.lineTo(scale.x(this.times[i], width), y(this.values[i]));
      if (to === closing) context.lineTo(scale.x(end, width), y(this.values[to - 1]));
    }
  }

  // Visits each pixel that a stretch covers, with the lowest and the highest value there: what a line through
  // all samples would cover, for half an hour of them as fast as for a second.
  forEachPixel(scale, width, visit) {
    const perSecond = width / (scale.end - scale.start);
    for (const [start, end] of this.covered) {
      const last = Math.min(Math.floor(scale.x(end, width)), Math.ceil(width) - 1);
      const closing = this.after(end);
      let i = Math.max(this.first(Math.max(start, scale.start)) - 1, this.first(start));
      let held = this.values[i];
      if (i === closing) continue;
      for (let pixel = Math.max(Math.floor(scale.x(start, width)), 0); pixel <= last; pixel++) {
        const edge = scale.start + (pixel + 1) / perSecond;
        let low = held; // where the line comes from
        let high = held;
        for (; i < closing && this.times[i] < edge; i++) {
          held = this.values[i];
          if (held < low) low = held;
          else if (held > high) high = held;
        }
        visit(pixel, low, high);
      }
    }
  }
}

// Stretches without what lies between `start` and `end`.
function cutStretches(stretches, start, end) {
  return stretches.flatMap(([first, last]) => [
    ...(first < start ? [[first, Math.min(last, start)]] : []),
    ...(last > end ? [[Math.max(first, end), last]] : []),
  ]);
}

// Stretches in order; those that touch are one.
function joinStretches(stretches) {
  const joined = [];
  for (const [start, end] of stretches.toSorted((one, other) => one[0] - other[0])) {
    const last = joined.at(-1);
    if (last && start <= last[1] + 1e-9) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined;
}

// What lies between the stretches, from 0 to `duration` s; holes shorter than a frame are none.
function gapsBetween(stretches, duration) {
  const edges = [0, ...stretches.flat(), duration];
  const gaps = [];
  for (let i = 0; i < edges.length; i += 2) gaps.push([edges[i], edges[i + 1]]);
  return gaps.filter(([start, end]) => end - start > 1 / 30);
}
