// Paints the overview of the whole video, and the ruler of the stretch that is shown.

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
    const [x, y] = [(start / frames) * width, 2 + names.indexOf(track) * row];
    context.fillRect(x, y, Math.max(((end - start) / frames) * width, 1), Math.max(row - 1, 1));
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
    const minutes = store.video.duration >= 60;
    const near = `${time.toFixed(2)} · ${Math.round(time * rate)}`;
    context.fillText(close ? near : minutes ? clock(time).slice(0, -4) : time.toFixed(0), x + 3, 2);
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
    const [left, right] = [start, end ?? player.frame + 1].map((frame) => scale.x(frame / rate, width));
    context.fillRect(left, height - 3, Math.max(right - left, 2), 3);
  }
}
