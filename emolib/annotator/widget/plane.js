// Draws the pad: the plane of valence and arousal, or one of the two as a slider, the point and its trail.

const PLANE_MARGIN = 24; // CSS px around the plane, for its labels
const TRAIL = 1000; // ms
const ENDS = { valence: ["negative", "positive"], arousal: ["calm", "excited"] };

// Where the plane lies on a canvas of a size, and what lies where on it.
function planeOf(width, height) {
  const [left, top] = [PLANE_MARGIN, PLANE_MARGIN];
  const [across, down] = [width - 2 * PLANE_MARGIN, height - 2 * PLANE_MARGIN];
  return {
    width, height, left, top, across, down,
    x: (valence) => left + ((valence + 1) / 2) * across,
    y: (arousal) => top + ((1 - arousal) / 2) * down,
    valence: (x) => ((x - left) / across) * 2 - 1,
    arousal: (y) => 1 - ((y - top) / down) * 2,
  };
}

// `shown`: {axis, values: {valence, arousal}, rated: whether the point is one that is (being) recorded, other: the
// value of the dimension that is not rated now or null, recording, trail: [[ms, valence, arousal]], now, dot: where
// the dot of a calibration is or null, emotions: whether to show them}.
function drawPlane(canvas, root, shown) {
  const { context, width, height } = sharpen(canvas);
  const plane = planeOf(width, height);
  const paint = (name) => colour(root, name);
  context.clearRect(0, 0, width, height);
  context.font = "12px system-ui, sans-serif";
  if (shown.axis === "both") drawGrid(context, plane, paint);
  else drawSlider(context, plane, paint, shown);
  if (shown.emotions && shown.axis === "both") drawEmotions(context, plane, paint);
  if (shown.dot) drawDot(context, plane, paint, shown);
  drawTrail(context, plane, paint, shown);
  drawPoint(context, plane, paint, shown);
}

function drawGrid(context, plane, paint) {
  const { left, top, across, down, x, y } = plane;
  context.fillStyle = paint("--raised");
  context.fillRect(left, top, across, down);
  for (const at of [-1, -0.5, 0, 0.5, 1]) {
    context.strokeStyle = paint(at === 0 ? "--faint" : "--line");
    context.lineWidth = at === 0 ? 1.5 : 1;
    context.beginPath();
    context.moveTo(x(at), top);
    context.lineTo(x(at), top + down);
    context.moveTo(left, y(at));
    context.lineTo(left + across, y(at));
    context.stroke();
  }
  context.fillStyle = paint("--ink");
  const middle = plane.width / 2;
  write(context, "excited", middle, top - 7, "center");
  write(context, "calm", middle, top + down + 16, "center");
  writeUpright(context, "negative", left - 8, plane.height / 2);
  writeUpright(context, "positive", left + across + 15, plane.height / 2);
  context.fillStyle = paint("--faint");
  write(context, "+1 arousal", left, top - 7, "left");
  write(context, "−1", left, top + down + 16, "left");
  write(context, "valence +1", left + across, top + down + 16, "right");
}

// One dimension is a wide bar to aim at; the other one shows on a thin bar what was recorded before.
function drawSlider(context, plane, paint, { axis, values, other }) {
  const upright = axis === "arousal";
  const { left, top, across, down, x, y } = plane;
  const breadth = 44;
  context.fillStyle = paint("--raised");
  context.strokeStyle = paint("--faint");
  context.lineWidth = 1.5;
  const bar = upright ? [plane.width / 2 - breadth / 2, top, breadth, down]
    : [left, plane.height / 2 - breadth / 2, across, breadth];
  context.fillRect(...bar);
  context.strokeRect(...bar);
  context.fillStyle = paint("--ink");
  for (const at of [-1, -0.5, 0, 0.5, 1]) {
    const reach = at === 0 ? breadth / 2 + 10 : breadth / 2 + 4;
    const number = at === 0 ? "0" : `${at > 0 ? "+" : "−"}${Math.abs(at)}`;
    context.strokeStyle = paint(at === 0 ? "--faint" : "--line");
    context.beginPath();
    if (upright) {
      context.moveTo(plane.width / 2 - reach, y(at));
      context.lineTo(plane.width / 2 + reach, y(at));
      write(context, number, plane.width / 2 + reach + 6, y(at) + 4, "left");
    } else {
      context.moveTo(x(at), plane.height / 2 - reach);
      context.lineTo(x(at), plane.height / 2 + reach);
      write(context, number, x(at), plane.height / 2 + reach + 14, "center");
    }
    context.stroke();
  }
  const [low, high] = ENDS[axis];
  if (upright) {
    write(context, high, plane.width / 2, top - 7, "center");
    write(context, low, plane.width / 2, top + down + 16, "center");
  } else {
    write(context, low, left, plane.height / 2 - breadth / 2 - 12, "left");
    write(context, high, left + across, plane.height / 2 - breadth / 2 - 12, "right");
  }
  drawOther(context, plane, paint, upright ? "valence" : "arousal", other);
  // A line through the whole pad: the pointer may be anywhere on it.
  context.strokeStyle = paint(`--${axis}`);
  context.setLineDash([2, 4]);
  context.beginPath();
  if (upright) {
    context.moveTo(left, y(values.arousal));
    context.lineTo(left + across, y(values.arousal));
  } else {
    context.moveTo(x(values.valence), top);
    context.lineTo(x(values.valence), top + down);
  }
  context.stroke();
  context.setLineDash([]);
}

function drawOther(context, plane, paint, name, value) {
  const { left, top, across, down, x, y } = plane;
  context.strokeStyle = paint("--line");
  context.lineWidth = 4;
  context.beginPath();
  if (name === "valence") {
    context.moveTo(left, top + down - 8);
    context.lineTo(left + across, top + down - 8);
  } else {
    context.moveTo(left + across - 8, top);
    context.lineTo(left + across - 8, top + down);
  }
  context.stroke();
  context.lineWidth = 1.5;
  if (value === null) return;
  const [h, v] = name === "valence" ? [x(value), top + down - 8] : [left + across - 8, y(value)];
  disc(context, h, v, 6, paint("--ground"), paint(`--${name}`));
  context.fillStyle = paint("--faint");
  if (name === "valence") write(context, `valence ${signed(value)}`, Math.min(Math.max(h, 66), left + across - 44), v - 12, "center");
  else write(context, `arousal ${signed(value)}`, h - 12, v + 4, "right");
}

function drawEmotions(context, plane, paint) {
  context.fillStyle = paint("--faint");
  for (const [name, [valence, arousal]] of Object.entries(EMOTION_PLACES)) {
    disc(context, plane.x(valence), plane.y(arousal), 2.5, paint("--faint"));
    context.fillStyle = paint("--faint");
    // Anger and fear lie on each other: one is written above, the other below.
    write(context, name, plane.x(valence), plane.y(arousal) + (name === "anger" ? 15 : -7), "center");
  }
}

function drawDot(context, plane, paint, { dot, axis }) {
  const [h, v] = placeOn(plane, axis, { valence: dot[0], arousal: dot[1] });
  context.lineWidth = 2;
  disc(context, h, v, 13, "transparent", paint("--ink"));
  disc(context, h, v, 4, paint("--ink"));
}

function drawTrail(context, plane, paint, { trail, now, axis, recording }) {
  context.strokeStyle = paint(recording ? "--record" : "--accent");
  context.lineWidth = 3;
  context.lineCap = "round";
  for (let i = 1; i < trail.length; i++) {
    const [before, valence, arousal] = trail[i - 1];
    const [stamp, nextValence, nextArousal] = trail[i];
    context.globalAlpha = Math.max(0, 1 - (now - stamp) / TRAIL) * 0.6;
    if (stamp - before > 200) continue; // it was put there, it did not go there
    context.beginPath();
    context.moveTo(...placeOn(plane, axis, { valence, arousal }));
    context.lineTo(...placeOn(plane, axis, { valence: nextValence, arousal: nextArousal }));
    context.stroke();
  }
  context.globalAlpha = 1;
}

// Full where it is recorded or was, hollow where it only says where a recording would start.
function drawPoint(context, plane, paint, { axis, values, rated, recording }) {
  const [h, v] = placeOn(plane, axis, values);
  const ink = paint(recording ? "--record" : "--accent");
  context.lineWidth = 3;
  disc(context, h, v, 9, rated ? ink : paint("--ground"), rated ? paint("--ground") : ink);
}

// On a slider the point stays on the bar.
function placeOn(plane, axis, { valence, arousal }) {
  return [axis === "arousal" ? plane.width / 2 : plane.x(valence), axis === "valence" ? plane.height / 2 : plane.y(arousal)];
}

function disc(context, h, v, radius, fill, edge) {
  context.beginPath();
  context.arc(h, v, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  if (!edge) return;
  context.strokeStyle = edge;
  context.stroke();
}

function write(context, text, h, v, align) {
  context.textAlign = align;
  context.fillText(text, h, v);
}

function writeUpright(context, text, h, v) {
  context.save();
  context.translate(h, v);
  context.rotate(-Math.PI / 2);
  write(context, text, 0, 0, "center");
  context.restore();
}
