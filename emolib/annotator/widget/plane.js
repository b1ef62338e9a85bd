// Draws the pad: the plane of valence and arousal, or one of the two as a slider, the point and its trail.

const PLANE_MARGIN = 1.75; // letters' sizes around the plane, for its labels
const TRAIL_LENGTH = 1000; // ms
const AXIS_ENDS = { valence: ["negative", "positive"], arousal: ["calm", "excited"] };

// Where the plane lies on its canvas, what lies where on it, and the unit in which things are drawn: letters
// grow with the screen, and all else with them.
function planeOf(canvas) {
  const { width, height } = canvas.getBoundingClientRect();
  const letter = letterOf(canvas);
  const [left, top] = [PLANE_MARGIN * letter, PLANE_MARGIN * letter];
  const [across, down] = [width - 2 * left, height - 2 * top];
  return {
    width, height, left, top, across, down, unit: letter / 14, middle: width / 2, level: height / 2,
    x: (valence) => left + ((valence + 1) / 2) * across,
    y: (arousal) => top + ((1 - arousal) / 2) * down,
    valence: (x) => ((x - left) / across) * 2 - 1,
    arousal: (y) => 1 - ((y - top) / down) * 2,
  };
}

// The size of letters there, in CSS px.
const letterOf = (part) => parseFloat(getComputedStyle(part).fontSize);

// `shown`: {axis, values: {valence, arousal}, rated: whether the point is one that was or is recorded, other:
// the value of the dimension that is not rated now or null, recording, trail: [[ms, valence, arousal]], now,
// dot: where the dot of a calibration is or null, emotions: whether to show them}.
function drawPlane(canvas, root, shown) {
  const { context, width, height } = sharpen(canvas);
  const plane = planeOf(canvas);
  const paint = (name) => colour(root, name);
  context.clearRect(0, 0, width, height);
  context.font = `${12 * plane.unit}px system-ui, sans-serif`;
  if (shown.axis === "both") drawGrid(context, plane, paint);
  else drawSlider(context, plane, paint, shown);
  if (shown.emotions && shown.axis === "both") drawEmotions(context, plane, paint);
  if (shown.dot) drawDot(context, plane, paint, shown);
  drawTrail(context, plane, paint, shown);
  drawPoint(context, plane, paint, shown);
}

function drawGrid(context, plane, paint) {
  const { left, top, across, down, middle, level, unit, x, y } = plane;
  context.fillStyle = paint("--raised");
  context.fillRect(left, top, across, down);
  for (const at of [-1, -0.5, 0, 0.5, 1]) {
    context.strokeStyle = paint(at === 0 ? "--faint" : "--line");
    context.lineWidth = (at === 0 ? 1.5 : 1) * unit;
    drawLine(context, [x(at), top], [x(at), top + down]);
    drawLine(context, [left, y(at)], [left + across, y(at)]);
  }
  context.fillStyle = paint("--ink");
  drawText(context, "excited +1", middle, top - 8 * unit, "center");
  drawText(context, "calm −1", middle, top + down + 16 * unit, "center");
  drawUpright(context, "negative −1", left - 8 * unit, level);
  drawUpright(context, "positive +1", left + across + 15 * unit, level);
  context.fillStyle = paint("--faint");
  drawText(context, "arousal", middle + 6 * unit, top + 14 * unit, "left");
  drawText(context, "valence", left + across - 5 * unit, level - 6 * unit, "right");
}

// One dimension is a wide bar to aim at; the other one shows on a thin bar what was recorded before.
function drawSlider(context, plane, paint, { axis, values, other }) {
  const upright = axis === "arousal";
  const { left, top, across, down, middle, level, unit, x, y } = plane;
  const half = 22 * unit;
  const bar = upright ? [middle - half, top, 2 * half, down] : [left, level - half, across, 2 * half];
  context.fillStyle = paint("--raised");
  context.strokeStyle = paint("--faint");
  context.lineWidth = 1.5 * unit;
  context.fillRect(...bar);
  context.strokeRect(...bar);
  context.fillStyle = paint("--ink");
  for (const at of [-1, -0.5, 0, 0.5, 1]) {
    const reach = half + (at === 0 ? 10 : 4) * unit;
    const number = at === 0 ? "0" : `${at > 0 ? "+" : "−"}${Math.abs(at)}`;
    context.strokeStyle = paint(at === 0 ? "--faint" : "--line");
    if (upright) {
      drawLine(context, [middle - reach, y(at)], [middle + reach, y(at)]);
      drawText(context, number, middle + reach + 6 * unit, y(at) + 4 * unit, "left");
    } else {
      drawLine(context, [x(at), level - reach], [x(at), level + reach]);
      drawText(context, number, x(at), level + reach + 14 * unit, "center");
    }
  }
  AXIS_ENDS[axis].forEach((word, i) => {
    if (upright) drawText(context, word, middle + half + 34 * unit, y(2 * i - 1) + 4 * unit, "left");
    else drawText(context, word, left + i * across, level - half - 12 * unit, i ? "right" : "left");
  });
  drawOther(context, plane, paint, upright ? "valence" : "arousal", other);
  // A line through the whole pad: the pointer may be anywhere on it.
  context.strokeStyle = paint(`--${axis}`);
  context.setLineDash([2 * unit, 4 * unit]);
  if (upright) drawLine(context, [left, y(values.arousal)], [left + across, y(values.arousal)]);
  else drawLine(context, [x(values.valence), top], [x(values.valence), top + down]);
  context.setLineDash([]);
}

// At the edge of the pad, out of the way.
function drawOther(context, plane, paint, name, value) {
  const { left, top, down, width, height, unit, x, y } = plane;
  const along = (name === "valence" ? height : width) - 9 * unit;
  const at = (place) => (name === "valence" ? [x(place), along] : [along, y(place)]);
  context.strokeStyle = paint("--line");
  context.lineWidth = 4 * unit;
  drawLine(context, at(-1), at(1));
  context.fillStyle = paint("--faint");
  const text = value === null ? `${name} —` : `${name} ${signed(value)}`;
  if (name === "valence") drawText(context, text, left, top + down, "left");
  else drawText(context, text, along - 12 * unit, top + 8 * unit, "right");
  context.lineWidth = 2 * unit;
  if (value !== null) drawDisc(context, at(value), 6 * unit, paint("--ground"), paint(`--${name}`));
}

function drawEmotions(context, plane, paint) {
  const { unit } = plane;
  for (const [name, [valence, arousal]] of Object.entries(EMOTION_PLACES)) {
    const [h, v] = [plane.x(valence), plane.y(arousal)];
    drawDisc(context, [h, v], 2.5 * unit, paint("--faint"));
    context.fillStyle = paint("--faint");
    // Three lie close to each other: one is written above its dot, one to its right, one below.
    if (name === "anger") drawText(context, name, h + 7 * unit, v + 5 * unit, "left");
    else drawText(context, name, h, v + (name === "disgust" ? 15 : -6) * unit, "center");
  }
}

function drawDot(context, plane, paint, { dot, axis }) {
  const at = placeOn(plane, axis, { valence: dot[0], arousal: dot[1] });
  context.lineWidth = 2 * plane.unit;
  drawDisc(context, at, 13 * plane.unit, "transparent", paint("--ink"));
  drawDisc(context, at, 4 * plane.unit, paint("--ink"));
}

function drawTrail(context, plane, paint, { trail, now, axis, recording }) {
  context.strokeStyle = paint(recording ? "--record" : "--accent");
  context.lineWidth = 3 * plane.unit;
  context.lineCap = "round";
  for (let i = 1; i < trail.length; i++) {
    const [, valence, arousal] = trail[i - 1];
    const [stamp, nextValence, nextArousal] = trail[i];
    context.globalAlpha = Math.max(0, 1 - (now - stamp) / TRAIL_LENGTH) * 0.6;
    const from = placeOn(plane, axis, { valence, arousal });
    drawLine(context, from, placeOn(plane, axis, { valence: nextValence, arousal: nextArousal }));
  }
  context.globalAlpha = 1;
  context.lineCap = "butt";
}

// Full where it is recorded or was, hollow where it only says where a recording would start.
function drawPoint(context, plane, paint, { axis, values, rated, recording }) {
  const ink = paint(recording ? "--record" : "--accent");
  const ground = paint("--ground");
  context.lineWidth = 3 * plane.unit;
  drawDisc(context, placeOn(plane, axis, values), 9 * plane.unit, rated ? ink : ground, rated ? ground : ink);
}

// On a slider the point stays on the bar.
function placeOn(plane, axis, { valence, arousal }) {
  const x = axis === "arousal" ? plane.middle : plane.x(valence);
  return [x, axis === "valence" ? plane.level : plane.y(arousal)];
}

function drawLine(context, from, to) {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}

function drawDisc(context, [h, v], radius, fill, edge) {
  context.beginPath();
  context.arc(h, v, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  if (!edge) return;
  context.strokeStyle = edge;
  context.stroke();
}

function drawText(context, text, h, v, align) {
  context.textAlign = align;
  context.fillText(text, h, v);
}

function drawUpright(context, text, h, v) {
  context.save();
  context.translate(h, v);
  context.rotate(-Math.PI / 2);
  drawText(context, text, 0, 0, "center");
  context.restore();
}
