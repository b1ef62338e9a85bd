// Paints the overview, the ruler and the lanes of the timeline.

function readTheme(root, timeline) {
  const names = ["ground", "raised", "ink", "faint", "line", "accent", "refused", "warning"];
  const theme = Object.fromEntries(names.map((name) => [name, colour(root, `--${name}`)]));
  const { fontSize, fontFamily } = getComputedStyle(timeline);
  return { ...theme, size: parseFloat(fontSize), family: fontFamily };
}

// Black or white, whichever is read better on a colour: a contrast of 4.5 at least on any.
function inkOn(paint) {
  const [red, green, blue] = [1, 3, 5].map((place) => {
    const share = parseInt(paint.slice(place, place + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000000" : "#ffffff";
}

const paintOf = (app, emotion) => app.store.emotions.find(({ name }) => name === emotion)?.colour ?? "#808080";

// Slanted lines over a rectangle.
function hatch(context, x, y, width, height, paint, gap = 6) {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.beginPath();
  // The lines lie on a grid of the whole canvas, so that they do not swim while an edge is dragged.
  for (let offset = Math.floor((x - height) / gap) * gap; offset < x + width; offset += gap) {
    context.moveTo(offset, y + height);
    context.lineTo(offset + height, y);
  }
  context.strokeStyle = paint;
  context.lineWidth = 1.5;
  context.stroke();
  context.restore();
}

function paintOverview(app, canvas, theme) {
  const { context, width, height } = sharpen(canvas);
  const { store, scale, player, selection } = app;
  const { frames, rate } = store.video;
  const names = store.view.tracks.map(({ name }) => name);
  const row = (height - 4) / names.length;
  context.fillStyle = theme.raised;
  context.fillRect(0, 0, width, height);
  for (const one of store.view.intervals) {
    const { start, end, track, emotion } = selection.shown(one);
    context.fillStyle = paintOf(app, emotion);
    const x = (start / frames) * width;
    context.fillRect(x, 2 + names.indexOf(track) * row, Math.max(((end - start) / frames) * width, 1), Math.max(row - 1, 1));
  }
  const [left, right] = [scale.start, scale.end].map((time) => (time / scale.duration) * width);
  context.fillStyle = theme.ground;
  context.globalAlpha = 0.65;
  context.fillRect(0, 0, left, height);
  context.fillRect(right, 0, width - right, height);
  context.globalAlpha = 1;
  context.strokeStyle = theme.accent;
  context.lineWidth = 2;
  context.strokeRect(left + 1, 1, Math.max(right - left - 2, 2), height - 2);
  context.fillStyle = theme.ink;
  context.fillRect(Math.min((player.frame / rate / scale.duration) * width, width - 2), 0, 2, height);
}

// The distance of the labels of the ruler in s, and that of its small lines.
function rulerSteps(pixelsPerSecond, room, rate) {
  const steps = [1 / rate, 5 / rate, 10 / rate, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];
  const label = steps.find((step) => step * pixelsPerSecond >= room) ?? 7200;
  const small = steps.find((step) => step * pixelsPerSecond >= 6 && label / step <= 31) ?? label;
  return { label, small };
}

function paintRuler(app, canvas, theme) {
  const { context, width, height } = sharpen(canvas);
  const { scale, store, player, selection } = app;
  const { rate } = store.video;
  const perSecond = width / (scale.end - scale.start);
  const { label, small } = rulerSteps(perSecond, theme.size * 5.5, rate);
  context.clearRect(0, 0, width, height);
  context.font = `${theme.size * 0.86}px ${theme.family}`;
  context.textBaseline = "top";
  context.fillStyle = theme.faint;
  for (let tick = Math.ceil(scale.start / small - 1e-6); tick * small <= scale.end + 1e-6; tick += 1) {
    context.fillRect(Math.round(scale.x(tick * small, width)), height - 4, 1, 4);
  }
  // From a distance the labels are times; close by, when frames can be told apart, the frame is named too.
  const close = label < 1;
  for (let tick = Math.floor(scale.start / label); tick * label <= scale.end + 1e-6; tick += 1) {
    const time = tick * label;
    const x = Math.round(scale.x(time, width));
    context.fillRect(x, 2, 1, height);
    const text = store.video.duration >= 60 && !close ? clock(time).slice(0, -4) : time.toFixed(close ? 2 : 0);
    context.fillText(close ? `${text} · ${Math.round(time * rate)}` : `${text}`, x + 3, 2);
  }
  for (const note of store.view.notes) {
    const x = scale.x(note.frame / rate, width);
    context.fillStyle = theme.warning;
    context.beginPath();
    context.moveTo(x - 4, height - 8);
    context.lineTo(x + 4, height - 8);
    context.lineTo(x, height);
    context.fill();
  }
  paintPlayhead(app, context, width, 0, height, theme);
  if (selection.mark) {
    context.fillStyle = theme.accent;
    const { start, end } = selection.mark;
    const left = scale.x(start / rate, width);
    context.fillRect(left, height - 3, Math.max(scale.x((end ?? player.frame + 1) / rate, width) - left, 2), 3);
  }
}

// The frame shown: a line at its beginning, and its whole stretch when that can be seen.
function paintPlayhead(app, context, width, y, height, theme) {
  const { scale, player, store } = app;
  const left = scale.x(player.frame / store.video.rate, width);
  const right = scale.x((player.frame + 1) / store.video.rate, width);
  context.fillStyle = theme.ink;
  if (right - left > 4) {
    context.globalAlpha = 0.18;
    context.fillRect(left, y, right - left, height);
    context.globalAlpha = 1;
  }
  context.fillRect(Math.min(Math.max(Math.round(left) - 1, 0), left < width ? width - 2 : left), y, 2, height);
}

function paintLanes(app, canvas, theme, row) {
  const { context, width, height } = sharpen(canvas);
  const { store } = app;
  context.clearRect(0, 0, width, height);
  context.font = `${theme.size}px ${theme.family}`;
  context.textBaseline = "middle";
  store.view.tracks.forEach(({ name }, place) => paintLane(app, context, theme, name, place * row, width, row));
  paintPlayhead(app, context, width, 0, height, theme);
}

function paintLane(app, context, theme, track, y, width, row) {
  const { store, scale, selection, player } = app;
  const { rate, frames } = store.video;
  const box = ({ start, end }) => {
    const left = scale.x(start / rate, width);
    return [left, Math.max(scale.x(end / rate, width) - left, 1)];
  };
  const inSight = ({ start, end }) => end / rate >= scale.start && start / rate <= scale.end;
  context.fillStyle = track === app.track ? theme.raised : theme.ground;
  context.fillRect(0, y + 1, width, row - 2);
  context.fillStyle = theme.line;
  context.fillRect(0, y + row - 1, width, 1);

  const own = ofTrack(store.view.intervals, track).map((one) => selection.shown(one));
  const proposed = ofTrack(store.view.proposals.intervals, track).map((one) => selection.shown(one));
  // Where anything is proposed, the lower part of all lanes is for the ghosts.
  const upper = store.view.proposals.intervals.length ? Math.round(row * 0.6) : row - 4;
  const sorted = [...own].sort((one, other) => one.start - other.start);
  // A line of dots: no emotion here. A short gap is rather a slip than meant: it is marked.
  for (const gap of findGaps(sorted, frames).filter(inSight)) {
    const [left, length] = box(gap);
    const slip = own.length > 0 && gap.end - gap.start < rate / 2;
    context.fillStyle = slip ? theme.warning : theme.faint;
    if (slip) context.fillRect(left, y + upper - 2, length, 4);
    else for (let x = Math.max(left, 0) + 4; x < Math.min(left + length, width) - 2; x += 8) context.fillRect(x, y + 2 + upper / 2, 1.5, 1.5);
  }
  for (const one of own.filter(inSight)) {
    paintInterval(app, context, theme, one, ...box(one), y + 2, upper);
  }
  for (const overlap of findOverlaps(sorted).filter(inSight)) {
    const [left, length] = box(overlap);
    context.fillStyle = theme.ground;
    context.globalAlpha = 0.55;
    context.fillRect(left, y + 2, length, upper);
    context.globalAlpha = 1;
    hatch(context, left, y + 2, length, upper, theme.refused, 5);
  }
  for (const one of proposed.filter(inSight)) {
    paintGhost(app, context, theme, one, ...box(one), y + 3 + upper, row - upper - 6);
  }
  const { interval } = selection;
  if (interval?.track === track) {
    const top = selection.proposed ? y + 3 + upper : y + 2;
    paintSelected(context, theme, selection.edge, ...box(interval), top, selection.proposed ? row - upper - 6 : upper);
  }
  const begun = selection.held?.track === track ? selection.held : track === app.track && selection.mark;
  if (begun) {
    const [from, to] = [begun.start, begun.end ?? player.frame + 1];
    const stretch = from < to ? { start: from, end: to } : { start: to - 1, end: from + 1 };
    paintBegun(app, context, theme, { ...stretch, emotion: begun.emotion }, ...box(stretch), y + 2, upper);
  }
}

function paintInterval(app, context, theme, { emotion }, left, width, y, height) {
  const paint = paintOf(app, emotion);
  context.fillStyle = paint;
  context.fillRect(left, y, Math.max(width - 1, 1), height);
  writeWord(app, context, emotion, inkOn(paint), left, width, y, height);
}

// The word if there is room, else the key of the emotion.
function writeWord(app, context, emotion, ink, left, width, y, height) {
  const from = Math.max(left, 0);
  const room = left + width - from - 8;
  const key = String(app.store.emotions.find(({ name }) => name === emotion)?.key ?? "?");
  const text = [emotion, key].find((one) => context.measureText(one).width <= room);
  if (!text) return;
  context.fillStyle = ink;
  context.fillText(text, from + 4, y + height / 2 + 1);
}

function paintGhost(app, context, theme, { emotion }, left, width, y, height) {
  const paint = paintOf(app, emotion);
  hatch(context, left, y, width, height, paint, 7);
  context.save();
  context.setLineDash([4, 3]);
  context.strokeStyle = paint;
  context.lineWidth = 1.5;
  context.strokeRect(left + 1, y + 0.5, Math.max(width - 2, 1), height - 1);
  context.font = `${Math.min(parseFloat(context.font), height)}px ${theme.family}`;
  const word = context.measureText(emotion).width;
  if (word < width - 10) {
    context.fillStyle = theme.raised;
    context.fillRect(Math.max(left, 0) + 3, y + 1, word + 3, height - 2);
  }
  writeWord(app, context, emotion, theme.ink, left, width, y, height);
  context.restore();
}

// A frame around it, and a bar at the edge that the arrow keys move.
function paintSelected(context, theme, edge, left, width, y, height) {
  context.strokeStyle = theme.ink;
  context.lineWidth = 2;
  context.strokeRect(left, y, width, height);
  const x = edge === "start" ? left : left + width;
  context.fillStyle = theme.accent;
  context.fillRect(x - 3, y - 2, 6, height + 4);
  context.strokeStyle = theme.ground;
  context.lineWidth = 1;
  context.strokeRect(x - 3, y - 2, 6, height + 4);
}

// What is being made: it grows with the playhead.
function paintBegun(app, context, theme, { emotion }, left, width, y, height) {
  context.save();
  context.fillStyle = emotion ? paintOf(app, emotion) : theme.accent;
  context.globalAlpha = 0.6;
  context.fillRect(left, y, width, height);
  context.globalAlpha = 1;
  context.setLineDash([5, 3]);
  context.strokeStyle = theme.ink;
  context.lineWidth = 2;
  context.strokeRect(left + 1, y + 1, Math.max(width - 2, 1), height - 2);
  context.restore();
}
