// Paints the lanes of the timeline: a row for each person.

const GHOSTS_FROM = 0.56; // of a lane's height: above are the rater's own intervals, below the proposals

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

const emotionOf = (app, emotion) => app.store.emotions.find(({ name }) => name === emotion);
const paintOf = (app, emotion) => emotionOf(app, emotion)?.colour ?? "#808080";

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
  const line = Math.round(left) - 1;
  // At the very start and end, a part of the line would be out of sight.
  context.fillRect(left >= 0 && left <= width ? clamp(line, 0, width - 2) : line, y, 2, height);
}

function paintLanes(app, canvas, theme, height) {
  const { context, width, height: total } = sharpen(canvas);
  context.clearRect(0, 0, width, total);
  context.font = `${theme.size}px ${theme.family}`;
  context.textBaseline = "middle";
  app.store.view.tracks.forEach(({ name }, place) => {
    new Lane(app, context, theme, name, { y: place * height, width, height }).paint();
  });
  paintPlayhead(app, context, width, 0, total, theme);
}

class Lane {
  constructor(app, context, theme, track, { y, width, height }) {
    Object.assign(this, { app, context, theme, track, y, width, height });
    const { intervals, proposals } = app.store.view;
    const { selection } = app;
    const shown = (list) => ofTrack(list, track).map((one) => selection.shown(one))
      .sort((one, other) => one.start - other.start);
    this.own = shown(intervals);
    this.proposed = shown(proposals.intervals);
    this.overlaps = findOverlaps(this.own);
    // Where anything is proposed, the lower part of all lanes is for the ghosts.
    const upper = proposals.intervals.length ? Math.round(height * GHOSTS_FROM) : height - 4;
    this.upper = [y + 2, upper]; // top and height
    this.lower = [y + 3 + upper, height - upper - 6];
  }

  // Left and width of a stretch of frames in px.
  box({ start, end }) {
    const { scale, store } = this.app;
    const [left, right] = [start, end].map((frame) => scale.x(frame / store.video.rate, this.width));
    return [left, Math.max(right - left, 1)];
  }

  inSight(list) {
    const { scale, store } = this.app;
    return list.filter(({ start, end }) => (
      end / store.video.rate >= scale.start && start / store.video.rate <= scale.end));
  }

  fill(left, top, width, height, paint) {
    this.context.fillStyle = paint;
    this.context.fillRect(left, top, width, height);
  }

  paint() {
    const { app, theme, track, y, width, height } = this;
    this.fill(0, y + 1, width, height - 2, track === app.track ? theme.raised : theme.ground);
    this.fill(0, y + height - 1, width, 1, theme.line);
    this.paintGaps();
    this.paintOwn();
    for (const one of this.inSight(this.proposed)) this.paintGhost(one);
    const { interval, held, mark } = app.selection;
    if (interval?.track === track) this.paintSelected(interval);
    if (held?.track === track) this.paintBegun(held);
    else if (mark && track === app.track) this.paintBegun(mark);
  }

  // A line of dots: no emotion here. A short gap is rather a slip than meant: it is marked.
  paintGaps() {
    const { app, own, theme, upper: [top, height] } = this;
    const { frames, rate } = app.store.video;
    for (const gap of this.inSight(findGaps(own, frames))) {
      const [left, width] = this.box(gap);
      if (own.length && gap.end - gap.start < rate / 2) {
        this.fill(left, top + height - 4, width, 4, theme.warning);
        continue;
      }
      const last = Math.min(left + width, this.width) - 2;
      for (let x = Math.max(left, 0) + 4; x < last; x += 8) {
        this.fill(x, top + height / 2, 1.5, 1.5, theme.faint);
      }
    }
  }

  paintOwn() {
    const { app, context, theme, overlaps, upper } = this;
    for (const one of this.inSight(this.own)) {
      const [left, width] = this.box(one);
      this.fill(left, upper[0], Math.max(width - 1, 1), upper[1], paintOf(app, one.emotion));
    }
    for (const overlap of this.inSight(overlaps)) {
      const [left, width] = this.box(overlap);
      context.globalAlpha = 0.55;
      this.fill(left, upper[0], width, upper[1], theme.ground);
      context.globalAlpha = 1;
      hatch(context, left, upper[0], width, upper[1], theme.refused, 5);
    }
    // Words stand beside the hatching.
    for (const { start, end, emotion } of this.inSight(this.own)) {
      const free = {
        start: overlaps.find((crossed) => holds(crossed, start))?.end ?? start,
        end: overlaps.find((crossed) => holds(crossed, end - 1))?.start ?? end,
      };
      if (free.start < free.end) this.write(emotion, inkOn(paintOf(app, emotion)), this.box(free), upper);
    }
  }

  // The word if there is room, else the key of the emotion.
  write(emotion, ink, [left, width], [top, height]) {
    const { app, context } = this;
    const from = Math.max(left, 0);
    const room = left + width - from - 8;
    const key = String(emotionOf(app, emotion)?.key ?? "?");
    const text = [emotion, key].find((one) => context.measureText(one).width <= room);
    if (!text) return;
    context.fillStyle = ink;
    context.fillText(text, from + 4, top + height / 2 + 1);
  }

  paintGhost(one) {
    const { app, context, theme, lower: [top, height] } = this;
    const [left, width] = this.box(one);
    const paint = paintOf(app, one.emotion);
    hatch(context, left, top, width, height, paint, 7);
    context.save();
    context.setLineDash([4, 3]);
    context.strokeStyle = paint;
    context.lineWidth = 1.5;
    context.strokeRect(left + 1, top + 0.5, Math.max(width - 2, 1), height - 1);
    context.font = `${Math.min(theme.size, height)}px ${theme.family}`;
    const word = context.measureText(one.emotion).width;
    if (word < width - 10) this.fill(Math.max(left, 0) + 3, top + 1, word + 3, height - 2, theme.raised);
    this.write(one.emotion, theme.ink, [left, width], [top, height]);
    context.restore();
  }

  // A frame around it, and a bar at the edge that the arrow keys move.
  paintSelected(interval) {
    const { app, context, theme } = this;
    const { edge, proposed } = app.selection;
    const [left, width] = this.box(interval);
    const [top, height] = proposed ? this.lower : this.upper;
    context.strokeStyle = theme.ink;
    context.lineWidth = 2;
    context.strokeRect(left, top, width, height);
    const x = (edge === "start" ? left : left + width) - 3;
    this.fill(x, top - 2, 6, height + 4, theme.accent);
    context.strokeStyle = theme.ground;
    context.lineWidth = 1;
    context.strokeRect(x, top - 2, 6, height + 4);
  }

  // What is being made: it grows with the playhead, to either side.
  paintBegun({ start, end, emotion }) {
    const { app, context, theme, upper: [top, height] } = this;
    const last = end ?? app.player.frame + 1;
    const [left, width] = this.box(start < last ? { start, end: last } : { start: last - 1, end: start + 1 });
    context.save();
    context.globalAlpha = 0.6;
    this.fill(left, top, width, height, emotion ? paintOf(app, emotion) : theme.accent);
    context.globalAlpha = 1;
    context.setLineDash([5, 3]);
    context.strokeStyle = theme.ink;
    context.lineWidth = 2;
    context.strokeRect(left + 1, top + 1, Math.max(width - 2, 1), height - 2);
    context.restore();
  }
}
