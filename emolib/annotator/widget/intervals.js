// Arithmetic of the intervals of one lane, which are in the order of their starts. An interval holds its start
// frame and not its end frame.

const ofTrack = (list, track) => list.filter((one) => one.track === track);
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const holds = (interval, frame) => interval.start <= frame && frame < interval.end;

// The stretches of a video of so many frames in which no interval lies.
function findGaps(intervals, frames) {
  const gaps = [];
  let reached = 0;
  for (const { start, end } of intervals) {
    if (start > reached) gaps.push({ start: reached, end: start });
    reached = Math.max(reached, end);
  }
  if (reached < frames) gaps.push({ start: reached, end: frames });
  return gaps;
}

// The stretches in which two intervals or more lie.
function findOverlaps(intervals) {
  const overlaps = [];
  let reached = 0;
  for (const { start, end } of intervals) {
    if (start < reached) {
      const last = overlaps.at(-1);
      const stop = Math.min(end, reached);
      if (last && start <= last.end) last.end = Math.max(last.end, stop);
      else overlaps.push({ start, end: stop });
    }
    reached = Math.max(reached, end);
  }
  return overlaps;
}

// The operations that put a new interval where others lie: the last word counts. What it covers of other
// emotions is cut away; what it touches of its own emotion becomes one with it.
function placing(intervals, made, group = newName()) {
  const under = intervals.filter((one) => one.start < made.end && one.end > made.start);
  const alike = under.filter((one) => one.emotion === made.emotion);
  const start = Math.min(made.start, ...alike.map((one) => one.start));
  const end = Math.max(made.end, ...alike.map((one) => one.end));
  return [
    { do: "add_interval", origin: "hand", ...made, start, end },
    ...alike.map((one) => ({ do: "delete_interval", interval: one.id })),
    ...cutting(under.filter((one) => one.emotion !== made.emotion), made),
  ].map((operation) => ({ ...operation, group }));
}

// The operations that take a stretch of frames away from intervals.
function cutting(intervals, { start, end }) {
  return intervals.flatMap((one) => {
    if (one.start >= start && one.end <= end) return [{ do: "delete_interval", interval: one.id }];
    if (one.start >= start) return [{ do: "change_interval", interval: one.id, start: end }];
    const shorten = { do: "change_interval", interval: one.id, end: start };
    if (one.end <= end) return [shorten];
    return [{ do: "split_interval", interval: one.id, at: end, right: newName() }, shorten];
  });
}

// The target that is nearest to a frame and no more than `reach` frames away, else the frame itself.
function snapped(frame, targets, reach) {
  let nearest = frame;
  let distance = reach;
  for (const target of targets) {
    if (Math.abs(target - frame) <= distance) [nearest, distance] = [target, Math.abs(target - frame)];
  }
  return nearest;
}

// "happiness, 3.10 s to 4.50 s"
function describe({ start, end, emotion }, rate) {
  return `${emotion}, ${(start / rate).toFixed(2)} s to ${(end / rate).toFixed(2)} s`;
}

// "1 gap", "3 gaps"
const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
