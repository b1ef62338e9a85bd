// The pad on which valence (to the right) and arousal (upwards) are rated, together or one at a time.
//
// While recording, the point follows the mouse over the pad without a button, as raters know it from joysticks and from
// FEELtrace: a button held for ten minutes tires the hand, and a slip of it would be a hole. Where the mouse
// leaves the pad the point stays, so that a rater can reach a button. A pen or a finger moves the point while it
// touches. Without recording, the point must be pressed and dragged: it then says where the recording will start.

const SPEEDS = [0.25, 0.5, 0.75, 1];
const AXES = ["both", "valence", "arousal"];
const DIRECTIONS = { left: ["a", "ArrowLeft"], right: ["d", "ArrowRight"], up: ["w", "ArrowUp"], down: ["s", "ArrowDown"] };
const SPOKEN = 300; // ms between changes of what screen readers read

function createPad(app) { return new Pad(app).element; }

class Pad {
  constructor(app) {
    this.app = app;
    this.point = new Point();
    app.traces = new RatedTraces(app); // the panel of the traces shows the same
    app.recorder = new Recorder(app, this.point, app.traces);
    this.calibration = new Calibration(app, this.point, () => this.wake());
    this.stick = new Stick(app.root, {
      onchange: () => this.gamepadChanged(), onpress: () => app.mode === "dimensions" && app.recorder.toggle(),
    });
    this.ticker = new Ticker(app.root, (now) => this.tick(now), () => this.moving);
    this.trail = [];
    this.last = 0; // ms: when the last frame was
    this.spoken = 0; // ms: when screen readers were told last
    this.hovered = null; // [x, y] of a mouse over the pad
    this.placed = false; // the rater put the point somewhere; it stays there until the video moves
    this.addCommands();
    this.build();
    this.listen();
    this.showAxis();
    this.showSettings();
    this.follow();
  }

  get recording() { return this.app.recorder.running; }

  get moving() {
    const { app, point, stick } = this;
    return app.mode === "dimensions" && (this.recording || app.player.playing || this.calibration.running
      || point.keys.size > 0 || this.trail.length > 0 || stick.connected);
  }

  // Keys that step frames elsewhere move the point where that is meant.
  get takesKeys() {
    return this.recording || this.calibration.running || this.canvas.matches(":focus");
  }

  addCommands() {
    const { commands, recorder } = this.app;
    const shared = { group: "Recording", mode: "dimensions" };
    // As a key that is held, so that a key that repeats itself does not start and stop by turns.
    const once = (run) => ({ run, press: run, release: () => {} });
    commands.add(
      { id: "record", label: "Record, or stop", keys: ["Enter"], ...shared, ...once(() => recorder.toggle()) },
      ...Object.entries(DIRECTIONS).map(([direction, keys]) => ({
        id: `point-${direction}`, label: `Move the point ${direction} (while recording)`, keys, ...shared,
        when: () => this.takesKeys, run: () => {},
        press: () => { this.point.press(direction); this.placed = true; this.wake(); },
        release: () => this.point.release(direction),
      })),
      { id: "centre", label: "Put the point on zero", keys: ["c"], ...shared, run: () => this.place(0, 0, "keys") },
      { id: "axis", label: "Rate both, valence alone, or arousal alone", keys: ["v"], ...shared, run: () => this.nextAxis() },
      { id: "calibrate", label: "Measure how late your hand is", keys: ["l"], ...shared, run: () => this.calibrate() },
      {
        id: "start-calibration", label: "Start the dot", keys: ["Enter"], ...shared,
        when: () => this.calibration.ready, ...once(() => this.calibration.start()),
      },
      {
        id: "leave-calibration", label: "Leave the measurement", keys: ["Escape"], ...shared,
        when: () => this.calibration.open, run: () => this.calibration.leave(),
      },
    );
  }

  build() {
    const { commands } = this.app;
    this.canvas = element("canvas", {
      class: "plane", tabindex: 0, role: "slider", "aria-valuemin": -1, "aria-valuemax": 1, "aria-describedby": "emolib-pad-hint",
    });
    this.numbers = element("p", { class: "numbers" });
    this.hint = element("p", { class: "hint", id: "emolib-pad-hint" });
    this.record = commands.button("record", "Record", { class: "record" });
    this.axes = AXES.map((axis) => element("button", {
      type: "button", title: `Rate ${axis === "both" ? "valence and arousal together" : `${axis} alone`} (v)`,
      onclick: () => this.setAxis(axis),
    }, axis === "both" ? "Both" : axis[0].toUpperCase() + axis.slice(1)));
    this.speeds = SPEEDS.map((speed) => element("button", {
      type: "button", "aria-label": `Play and record at ${speed} times the speed`,
      onclick: () => this.app.player.setSpeed(speed),
    }, `${speed}×`));
    this.words = element("input", { type: "checkbox", onchange: () => this.wake() });
    this.element = element("section", { class: "pad only-dimensions", "aria-label": "Valence and arousal" },
      element("div", { class: "row" }, this.record, element("div", { class: "choice", role: "group", "aria-label": "What is rated" }, ...this.axes)),
      this.canvas, this.numbers,
      element("div", { class: "row" },
        element("div", { class: "choice", role: "group", "aria-label": "Speed" }, ...this.speeds),
        commands.button("centre", "Zero"), commands.button("calibrate", "Latency…")),
      this.hint, this.calibration.element,
      element("label", { title: "Hidden while you record: who sees the words aims at them" }, this.words, " Show where words for emotions lie"));
    // After a click the keys work on: Enter is to record, not to press the button again.
    this.element.addEventListener("click", (event) => {
      if (event.detail > 0 && event.target.closest("button, input")) this.app.root.focus({ preventScroll: true });
    });
  }

  listen() {
    const { app, canvas } = this;
    app.recorder.addEventListener("change", () => this.recorderChanged());
    app.traces.addEventListener("change", () => this.follow());
    app.player.on("frame", () => { if (!this.recording) this.moved(); });
    app.player.on("playing", () => this.wake());
    app.player.on("speed", () => this.showSettings());
    app.on("mode", () => { this.calibration.leave(); this.wake(); });
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.pointer(event);
    });
    canvas.addEventListener("pointermove", (event) => this.pointer(event));
    canvas.addEventListener("pointerleave", () => { this.hovered = null; });
    canvas.addEventListener("focus", () => this.wake());
    new ResizeObserver(() => this.wake()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.wake());
  }

  // Each place that the pointer was at since the last event, with its own time.
  pointer(event) {
    const touches = event.buttons > 0;
    if (event.pointerType === "mouse") this.hovered = event;
    if (!(touches || ((this.recording || this.calibration.running) && event.pointerType === "mouse"))) return;
    const places = event.getCoalescedEvents?.() ?? [];
    for (const one of places.length ? places : [event]) {
      this.place(...this.placeOf(one), event.pointerType);
      this.app.recorder.takeAt(one.timeStamp);
    }
  }

  placeOf(event) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const plane = planeOf(width, height);
    return [plane.valence(event.clientX - left), plane.arousal(event.clientY - top)];
  }

  place(valence, arousal, device) {
    this.point.place(valence, arousal, device);
    this.placed = true;
    this.wake();
  }

  wake() { this.ticker.wake(); }

  tick(now) {
    const seconds = this.last ? (now - this.last) / 1000 : 0;
    this.last = this.moving ? now : 0;
    const place = this.stick.read();
    if (place && this.app.mode === "dimensions") this.place(...place, "gamepad");
    this.point.advance(seconds);
    if (!this.recording && this.app.player.playing && !this.calibration.running) this.follow();
    if (this.recording) this.moveOther();
    this.app.recorder.tick(performance.now());
    this.calibration.tick(now);
    this.leaveTrail(now);
    this.draw(now);
  }

  // The other dimension moves as it was recorded.
  moveOther() {
    const other = this.otherAxis;
    if (other) this.point[other] = this.app.traces.current[other].valueAt(this.app.player.time) ?? this.point[other];
  }

  get otherAxis() { return { valence: "arousal", arousal: "valence" }[this.point.axis]; }

  moved() {
    this.placed = false;
    this.follow();
  }

  // Without recording, the point shows what was recorded here.
  follow() {
    if (this.recording || this.calibration.open) return;
    const { app, point } = this;
    if (!this.placed) {
      for (const name of DIMENSIONS) point[name] = app.traces.current[name].valueAt(app.player.time) ?? point[name];
    }
    this.wake();
  }

  isRated(name) { return this.app.traces.current[name].valueAt(this.app.player.time) !== null; }

  leaveTrail(now) {
    const { valence, arousal } = this.point;
    const last = this.trail.at(-1);
    if (!last || last[1] !== valence || last[2] !== arousal) {
      // Where the point rested until now belongs to the line that leads away from there.
      if (last && now - last[0] > 50) this.trail.push([now - 16, last[1], last[2]]);
      this.trail.push([now, valence, arousal]);
    }
    while (this.trail.length && now - this.trail[0][0] > TRAIL) this.trail.shift();
  }

  draw(now) {
    if (!this.canvas.clientWidth) return;
    const { point, calibration } = this;
    const rated = this.recording || calibration.running
      || (!this.placed && point.dimensions.every((name) => this.isRated(name)));
    const other = this.otherAxis;
    drawPlane(this.canvas, this.app.root, {
      axis: point.axis, values: point, rated, recording: this.app.recorder.sampling, trail: this.trail, now,
      other: other && this.isRated(other) ? this.app.traces.current[other].valueAt(this.app.player.time) : null,
      dot: calibration.dot, emotions: this.words.checked && !this.recording && !calibration.open,
    });
    this.write(now, rated);
  }

  write(now, rated) {
    const { point, canvas } = this;
    const parts = point.dimensions.map((name) => `${name} ${signed(point[name])}`);
    const state = this.recording ? (this.app.recorder.sampling ? "recording" : "run-up") : rated ? "as recorded" : this.placed ? "start value" : "not rated here";
    this.numbers.textContent = `${parts.join(", ")} (${state})`.replace(/^./, (letter) => letter.toUpperCase());
    if (now - this.spoken < SPOKEN && this.moving) return;
    this.spoken = now;
    canvas.setAttribute("aria-valuenow", point.values[0].toFixed(2));
    canvas.setAttribute("aria-valuetext", this.numbers.textContent);
  }

  nextAxis() { this.setAxis(AXES[(AXES.indexOf(this.point.axis) + 1) % AXES.length]); }

  setAxis(axis) {
    if (this.recording || this.calibration.running) {
      this.app.store.tell("Stop first: what is rated cannot change within one recording.", "refused");
      return;
    }
    this.point.axis = axis;
    this.showAxis();
    this.follow();
    this.app.dispatchEvent(new CustomEvent("axis", { detail: axis }));
  }

  showAxis() {
    const { axis } = this.point;
    this.app.axis = axis;
    this.axes.forEach((button, i) => button.setAttribute("aria-pressed", AXES[i] === axis));
    const both = axis === "both";
    this.canvas.setAttribute("aria-label", both ? "Valence to the right, arousal upwards" : `${axis} alone`);
    this.canvas.setAttribute("aria-roledescription", both ? "slider in two directions" : "slider");
    this.canvas.setAttribute("aria-orientation", axis === "arousal" ? "vertical" : "horizontal");
    this.wake();
  }

  showSettings() {
    this.speeds.forEach((button, i) => button.setAttribute("aria-pressed", SPEEDS[i] === this.app.player.speed));
    this.hint.textContent = this.recording
      ? "The point follows the mouse over the pad, no button needed; or the arrow keys, w a s d"
        + `${this.stick.connected ? ", or the gamepad" : ""}. Enter or blank stops.`
      : "Enter plays and records from the playhead, or the stretch selected below."
        + `${this.stick.connected ? " A gamepad is connected." : ""}`;
  }

  recorderChanged() {
    const { recording } = this;
    this.element.classList.toggle("recording", recording);
    this.record.textContent = recording ? "Stop" : "Record";
    this.record.setAttribute("aria-pressed", recording);
    // A mouse that is there already leads from the first moment.
    if (recording && this.hovered) this.place(...this.placeOf(this.hovered), "mouse");
    if (!recording) this.placed = false;
    this.showSettings();
    this.wake();
  }

  calibrate() {
    if (this.recording) return;
    if (this.app.player.playing) this.app.player.pause();
    this.calibration.toggle();
  }

  gamepadChanged() {
    this.showSettings();
    this.wake();
  }
}
