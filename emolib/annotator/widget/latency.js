// By how much a hand follows a moving dot late. Numbers only; calibration.js shows the dot.

const LONGEST_LATENCY = 1.2; // s that is looked for
const GRID = 0.01; // s between the lags that are tried; the best is then refined between them
const SLOPE = 0.2; // s to either side over which a velocity is taken
const BLOCKS = 4; // parts of the trial whose latencies show the spread
const CLOSE_ENOUGH = 0.75; // correlation below which the dot was not followed

// A smooth path in [-0.9, 0.9] that nobody can foresee and that comes back with its seed: a sum of sines
// for each dimension, slow enough for keys (fastest 1.3 units/s). It starts in the middle.
function dotPath(seed, seconds) {
  const random = randomNumbers(seed);
  const frequencies = [[0.071, 0.127, 0.193, 0.281], [0.083, 0.149, 0.223, 0.307]]; // Hz, no two alike
  const waveOf = (f) => ({ f, phase: 2 * Math.PI * random(), size: 1 / (0.2 + f) });
  const waves = frequencies.map((all) => all.map(waveOf));
  const sum = (wave, time) => wave.reduce((total, { f, phase, size }) => (
    total + size * Math.sin(2 * Math.PI * f * time + phase)), 0);
  const highest = waves.map((wave) => {
    let most = 0;
    for (let time = 0; time < seconds; time += 0.05) most = Math.max(most, Math.abs(sum(wave, time)));
    return most;
  });
  return (time) => {
    const share = Math.min(Math.max(time / LEAD_IN, 0), 1);
    const eased = share * share * (3 - 2 * share);
    return waves.map((wave, i) => (0.9 * eased * sum(wave, time)) / highest[i]);
  };
}

const LEAD_IN = 2; // s in which the path leaves the middle; they are not used

// The latency of a rater. `times` (s, increasing) are those at which the dot was drawn, `shown` and
// `answered` hold for each dimension where the dot and the rater's point were. Returns {latency, spread,
// trials, correlation} (s; the spread is the standard deviation over parts of the trial, `trials` their
// number), or {correlation} alone where the dot was not followed.
function estimateLatency(times, shown, answered) {
  const signals = shown.map((column, i) => ({
    dot: withSlopes(resample(times, column)), point: withSlopes(resample(times, answered[i])),
  }));
  const length = signals[0].dot.place.length;
  const margin = Math.round(SLOPE / GRID);
  const lags = Math.round(LONGEST_LATENCY / GRID);
  const range = [margin + Math.round(LEAD_IN / GRID), length - margin - lags];
  if (range[1] - range[0] < 4 / GRID) return { correlation: 0 }; // less than four seconds say nothing
  const best = bestLag(signals, range, 0, lags);
  const correlation = likeness(signals, "place", Math.round(best), range);
  const followed = correlation >= CLOSE_ENOUGH && best > 0.5 && best < lags - 0.5;
  if (!followed) return { correlation };
  const part = (range[1] - range[0]) / BLOCKS;
  const parts = Array.from({ length: BLOCKS }, (_, i) => {
    const block = [Math.round(range[0] + i * part), Math.round(range[0] + (i + 1) * part)];
    return bestLag(signals, block, Math.max(best - 0.4 / GRID, 0), Math.min(best + 0.4 / GRID, lags));
  });
  const mean = parts.reduce((sum, one) => sum + one, 0) / BLOCKS;
  const variance = parts.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (BLOCKS - 1);
  return { latency: best * GRID, spread: Math.sqrt(variance) * GRID, trials: BLOCKS, correlation };
}

// The lag (in steps of the grid) at which places and velocities go best together: places carry the shape,
// velocities make the peak sharp.
function bestLag(signals, range, lowest, highest) {
  const from = Math.round(lowest);
  const scores = [];
  for (let lag = from; lag <= Math.round(highest); lag++) {
    scores.push(likeness(signals, "place", lag, range) + likeness(signals, "slope", lag, range));
  }
  const top = scores.indexOf(Math.max(...scores));
  const [left, middle, right] = [scores[top - 1], scores[top], scores[top + 1]];
  const bend = left - 2 * middle + right;
  // The top of the parabola through the best lag and its neighbours, if it has both.
  return from + top + (bend < 0 ? (left - right) / (2 * bend) : 0);
}

// The correlation, over all dimensions at once, of the dot with the point `lag` steps later.
function likeness(signals, kind, lag, [from, to]) {
  let covariance = 0;
  let dotVariance = 0;
  let pointVariance = 0;
  for (const { dot, point } of signals) {
    const count = to - from;
    let dotMean = 0;
    let pointMean = 0;
    for (let i = from; i < to; i++) {
      dotMean += dot[kind][i] / count;
      pointMean += point[kind][i + lag] / count;
    }
    for (let i = from; i < to; i++) {
      const one = dot[kind][i] - dotMean;
      const other = point[kind][i + lag] - pointMean;
      covariance += one * other;
      dotVariance += one * one;
      pointVariance += other * other;
    }
  }
  return pointVariance > 1e-9 ? covariance / Math.sqrt(dotVariance * pointVariance) : 0;
}

// Values on a regular grid from 0 s, on the lines that join the samples.
function resample(times, values) {
  const length = Math.floor(times.at(-1) / GRID) + 1;
  const made = new Float64Array(length);
  let right = 1;
  for (let i = 0; i < length; i++) {
    const time = i * GRID;
    while (right < times.length - 1 && times[right] < time) right += 1;
    const share = (time - times[right - 1]) / (times[right] - times[right - 1]);
    made[i] = values[right - 1] + Math.min(Math.max(share, 0), 1) * (values[right] - values[right - 1]);
  }
  return made;
}

function withSlopes(place) {
  const reach = Math.round(SLOPE / GRID);
  const slope = place.map((_, i) => (
    (place[Math.min(i + reach, place.length - 1)] - place[Math.max(i - reach, 0)]) / (2 * SLOPE)));
  return { place, slope };
}

// Numbers in [0, 1) that come back with their seed ("mulberry32" of Tommy Ettinger, public domain).
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
