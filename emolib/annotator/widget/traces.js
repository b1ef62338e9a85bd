// Valence and arousal over time, under the video: what is rated, what a network proposes, and the stretch
// that is selected to be rated again, erased or accepted.

const LEAST_DRAG = 4; // CSS px that a pointer must move before a click becomes a selection
const AXIS_ROOM = 2.4; // letters' sizes at the left, for the numbers of the axis
const AXIS_EDGE = 6; // CSS px above and below the lines

function createTraces(app) { return new TracePanel(app).element; }

class TracePanel {
  constructor(app) {
    this.app = app;
    app.stretch = null; // [start, end] in s, on the traces
    this.addCommands();
    this.build();
    // The lines are drawn when they change, what moves with the playhead at each frame above them.
    this.lines = new Ticker(app.root, () => this.drawLines(), () => false);
    this.top = new Ticker(app.root, () => this.drawTop(), () => app.recorder.running || app.player.playing);
    this.listen();
    this.show();
  }

  addCommands() {
    const shared = { group: "Recording", mode: "dimensions" };
    this.app.commands.add(
      {
        id: "select-from", label: "Select from the playhead", keys: ["[", "{"], ...shared,
        run: () => this.selectEdge(0),
      },
      {
        id: "select-to", label: "Select up to the playhead", keys: ["]", "}"], ...shared,
        run: () => this.selectEdge(1),
      },
      {
        id: "select-all", label: "Select the whole video", keys: ["Ctrl+a"], ...shared,
        run: () => this.select([0, this.app.scale.duration]),
      },
      {
        id: "select-none", label: "Select nothing", keys: ["Escape"], ...shared,
        when: () => this.app.stretch && !this.app.recorder.running, run: () => this.select(null),
      },
      {
        id: "next-gap", label: "Go to the next stretch that is not rated", keys: ["g"], ...shared,
        run: () => this.nextGap(),
      },
      {
        id: "erase", label: "Erase the selection", keys: ["e", "Delete", "Backspace"], ...shared,
        run: () => this.erase(),
      },
      {
        id: "accept-trace", label: "Accept what is proposed for the selection", keys: ["a"], ...shared,
        run: () => this.accept(),
      },
    );
  }

  build() {
    const { commands } = this.app;
    this.back = element("canvas", { class: "lines", "aria-hidden": true });
    this.front = element("canvas", { class: "above", "aria-hidden": true });
    this.values = element("p", { class: "values" });
    this.ghosts = element("input", { type: "checkbox", checked: true, onchange: () => this.lines.wake() });
    this.ghostsLabel = element("label", { title: "Hidden while you record: who sees it follows it" },
      this.ghosts, " Proposal");
    this.acceptButton = commands.button("accept-trace", "Accept proposal");
    this.plot = element("div", {
      class: "plot", role: "img", title: "Drag to select a stretch; click to go there",
    }, this.back, this.front);
    const legend = DIMENSIONS.flatMap((name) => [element("i", { class: name }), name]);
    this.element = element("section", { class: "traces only-dimensions", "aria-label": "Traces" },
      this.plot,
      element("div", { class: "row" },
        element("span", { class: "key" }, ...legend),
        this.values,
        element("span", { class: "actions" }, this.ghostsLabel,
          commands.button("select-from", "["), commands.button("select-to", "]"),
          commands.button("next-gap", "Next gap"), commands.button("erase", "Erase"), this.acceptButton)));
    keepKeys(this.element, this.app);
  }

  listen() {
    const { app, plot } = this;
    const all = () => { this.lines.wake(); this.top.wake(); };
    app.traces.addEventListener("change", () => this.show());
    app.recorder.addEventListener("change", () => { all(); this.show(); });
    app.scale.addEventListener("change", all);
    app.store.on("view", () => this.show());
    app.on("mode", () => this.show());
    app.on("track", () => { this.select(null); this.show(); });
    app.player.on("frame", () => { this.top.wake(); this.writeValues(); });
    app.player.on("playing", () => this.top.wake());
    plot.addEventListener("pointerdown", (event) => this.down(event));
    plot.addEventListener("pointermove", (event) => this.drag(event));
    plot.addEventListener("pointerup", (event) => this.up(event));
    plot.addEventListener("pointercancel", () => { this.pressed = null; });
    onResize(plot, all);
    onTheme(app.root, all);
  }

  get dimensions() { return this.app.recorder.point.dimensions; }

  // The scale starts right of the axis.
  get axis() { return Math.round(AXIS_ROOM * letterOf(this.plot)); } // whole pixels keep lines sharp

  get width() { return this.plot.clientWidth - this.axis; }

  timeAt(event) {
    const { left } = this.plot.getBoundingClientRect();
    const time = this.app.scale.time(event.clientX - left - this.axis, this.width);
    return Math.min(Math.max(time, 0), this.app.scale.duration);
  }

  down(event) {
    if (event.button !== 0 || this.app.recorder.running) return;
    this.plot.setPointerCapture(event.pointerId);
    this.pressed = { x: event.clientX, time: this.timeAt(event), dragged: false };
  }

  drag(event) {
    const { pressed } = this;
    if (!pressed) return;
    pressed.dragged ||= Math.abs(event.clientX - pressed.x) >= LEAST_DRAG;
    if (pressed.dragged) this.select([pressed.time, this.timeAt(event)].sort((one, other) => one - other));
  }

  up(event) {
    const { pressed } = this;
    this.pressed = null;
    if (!pressed || pressed.dragged) return;
    this.select(null);
    const { player } = this.app;
    player.seek(Math.min(Math.round(this.timeAt(event) * player.rate), player.frames - 1));
  }

  select(stretch) {
    this.app.stretch = stretch && stretch[1] - stretch[0] > 1e-3 ? stretch.map(round4) : null;
    this.app.dispatchEvent(new CustomEvent("stretch", { detail: this.app.stretch }));
    this.top.wake();
    this.show();
  }

  // The edge (0 start, 1 end) goes to the playhead; without a selection the other is that end of the video.
  selectEdge(edge) {
    const { player, scale } = this.app;
    const [start, end] = this.app.stretch ?? [0, scale.duration];
    // Up to the playhead means with the picture that is shown.
    const here = edge ? (player.frame + 1) / player.rate : player.frame / player.rate;
    if (edge) this.select([start < here ? start : 0, here]);
    else this.select([here, end > here ? end : scale.duration]);
  }

  nextGap() {
    const { app } = this;
    const { player, scale, traces } = app;
    const starts = this.dimensions
      .flatMap((name) => gapsBetween(traces.current[name].covered, scale.duration))
      .map(([start]) => Math.min(Math.ceil(start * player.rate - 1e-6), player.frames - 1))
      .sort((one, other) => one - other);
    // After the last one comes the first one again.
    const next = starts.find((frame) => frame > player.frame) ?? starts[0];
    if (next === undefined) app.store.tell("The whole video is rated.");
    else player.seek(next);
  }

  // What the keys act on, or null after a word to the rater.
  chosen(what) {
    const { app } = this;
    if (app.recorder.running) return null;
    if (app.stretch) return { track: app.track, start: app.stretch[0], end: app.stretch[1] };
    app.store.tell(`Select the stretch to ${what} first: drag over the traces, or press [ and ] at the `
      + "playhead, or Ctrl+A.", "refused");
    return null;
  }

  erase() {
    const chosen = this.chosen("erase");
    if (chosen) this.app.store.do({ do: "erase", dimensions: this.dimensions, ...chosen });
  }

  accept() {
    const chosen = this.chosen("accept");
    if (chosen) this.app.store.do({ do: "accept_trace", ...chosen });
  }

  show() {
    const proposes = this.app.traces.proposed.valence.times.length > 0;
    this.ghostsLabel.hidden = this.acceptButton.hidden = !proposes;
    this.lines.wake();
    this.top.wake();
    this.writeValues();
  }

  // The same in words, for who cannot see the lines.
  writeValues() {
    const { app } = this;
    if (app.mode !== "dimensions") return;
    const { recorder, traces: { current } } = app;
    const now = DIMENSIONS.map((name) => {
      const live = recorder.sampling && this.dimensions.includes(name);
      const value = live ? recorder.point[name] : current[name].valueAt(app.player.time);
      return `${name} ${value === null ? "not rated" : signed(value)}`;
    }).join(", ");
    const shares = DIMENSIONS.map((name) => Math.round((100 * current[name].seconds) / app.scale.duration));
    const rated = shares[0] === shares[1] ? `${shares[0]} %`
      : `valence ${shares[0]} %, arousal ${shares[1]} %`;
    const selected = app.stretch ? ` Selected: ${clock(app.stretch[0])} to ${clock(app.stretch[1])}.` : "";
    this.values.textContent = `Here: ${now}. Rated: ${rated} of the video.${selected}`;
    this.plot.setAttribute("aria-label", `Traces of ${app.track}. ${this.values.textContent}`);
  }

  // A canvas to draw on, with the part right of the axis as all of it.
  prepare(canvas) {
    const { context, width, height } = sharpen(canvas);
    const { axis } = this;
    const pen = {
      context, height, scale: this.app.scale, width: width - axis, unit: letterOf(canvas) / 14,
      y: (value) => AXIS_EDGE + ((1 - value) / 2) * (height - 2 * AXIS_EDGE),
      paint: (name) => colour(this.app.root, name),
    };
    context.clearRect(0, 0, width, height);
    context.translate(axis, 0);
    return pen;
  }

  drawLines() {
    if (!this.back.clientWidth) return;
    const { traces, recorder } = this.app;
    const pen = this.prepare(this.back);
    const { context } = pen;
    drawTraceAxis(pen);
    context.beginPath();
    context.rect(0, 0, pen.width, pen.height);
    context.save();
    context.clip();
    context.globalAlpha = 0.55;
    context.setLineDash([4 * pen.unit, 4 * pen.unit]);
    // Who sees what is proposed follows it: it is hidden while the rater records.
    for (const name of this.ghosts.checked && !recorder.running ? DIMENSIONS : []) {
      drawTrace(pen, traces.proposed[name], name, 0.6);
    }
    context.globalAlpha = 1;
    context.setLineDash([]);
    for (const name of DIMENSIONS) drawTrace(pen, traces.current[name], name, 1);
    context.restore();
  }

  drawTop() {
    if (!this.front.clientWidth) return;
    const { recorder, scale, stretch, player } = this.app;
    const pen = this.prepare(this.front);
    const { context, width, height, unit } = pen;
    context.save();
    context.beginPath();
    context.rect(-unit, 0, width + 2 * unit, height);
    context.clip();
    if (stretch) drawStretch(pen, stretch.map((time) => scale.x(time, width)));
    if (recorder.unsaved) drawUnsaved(pen, recorder.unsaved);
    context.strokeStyle = pen.paint(recorder.sampling ? "--record" : "--ink");
    context.lineWidth = 1.5 * unit;
    const x = scale.x(player.time, width);
    drawLine(context, [x, 0], [x, height]);
    context.restore();
  }
}

// What is recorded and not on the disk yet is drawn thin, so that nobody takes it for saved.
function drawUnsaved({ context, scale, width, unit, y, paint }, { dimensions, start, end, samples }) {
  const times = samples.map((sample) => sample[0]);
  dimensions.forEach((name, i) => {
    context.lineWidth = unit;
    context.strokeStyle = paint(`--${name}`);
    context.beginPath();
    new Trace(times, samples.map((sample) => sample[i + 1]), [[start, end]]).draw(context, scale, width, y);
    context.stroke();
  });
}

function drawTraceAxis({ context, width, unit, y, paint }) {
  context.font = `${11 * unit}px system-ui, sans-serif`;
  for (const at of [-1, -0.5, 0, 0.5, 1]) {
    context.strokeStyle = paint(at === 0 ? "--faint" : "--line");
    context.lineWidth = unit;
    drawLine(context, [0, y(at)], [width, y(at)]);
    context.fillStyle = paint("--faint");
    const number = at === 0 ? "0" : `${at > 0 ? "+" : "−"}1`;
    if (at % 1 === 0) drawText(context, number, -6 * unit, y(at) + 4 * unit, "right");
  }
}

// Valence is a full line, arousal a hollow one: they differ also without colours, and where a line is so
// dense that dashes would be lost.
function drawTrace(pen, trace, name, weight) {
  const { unit, paint } = pen;
  const ink = paint(`--${name}`);
  drawTraceLine(pen, trace, ink, (name === "arousal" ? 4 : 2.5) * weight * unit);
  // Where the line rises within a pixel there is no room for a hollow.
  if (name === "arousal") drawTraceLine(pen, trace, paint("--ground"), 1.5 * weight * unit, 2 * unit);
}

function drawTraceLine({ context, scale, width, y }, trace, ink, breadth, steepest = Infinity) {
  if (trace.isDense(scale, width)) {
    // A line that turns back many times within each pixel takes long to draw, and is a band in the end.
    context.fillStyle = ink;
    trace.forEachPixel(scale, width, (pixel, low, high) => {
      const rise = y(low) - y(high);
      if (rise <= steepest) context.fillRect(pixel, y(high) - breadth / 2, 1, rise + breadth);
    });
    return;
  }
  context.lineJoin = "round";
  context.strokeStyle = ink;
  context.lineWidth = breadth;
  context.beginPath();
  trace.draw(context, scale, width, y);
  context.stroke();
}

function drawStretch({ context, height, unit, paint }, [from, to]) {
  context.fillStyle = paint("--accent");
  context.globalAlpha = 0.18;
  context.fillRect(from, 0, to - from, height);
  context.globalAlpha = 1;
  context.fillRect(from - unit, 0, 2 * unit, height);
  context.fillRect(to - unit, 0, 2 * unit, height);
}
