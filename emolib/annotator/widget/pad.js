// The pad on which valence (to the right) and arousal (upwards) are rated, together or one at a time.
//
// While recording, the point follows the mouse over the pad without a button, as raters know it from
// joysticks and from FEELtrace: a button held for ten minutes tires the hand, and a slip of it would be a
// hole. Where the mouse leaves the pad the point stays, so that a rater can reach a button. A pen or a finger
// moves the point while it touches. Without recording, the point must be dragged: it then says where a
// recording starts.

const RATING_SPEEDS = [[0.25, "¼×"], [0.5, "½×"], [0.75, "¾×"], [1, "1×"]];
const AXES = ["both", "valence", "arousal"];
const DIRECTIONS = {
  left: ["a", "ArrowLeft"], right: ["d", "ArrowRight"], up: ["w", "ArrowUp"], down: ["s", "ArrowDown"],
};
const SPOKEN = 300; // ms between changes of what screen readers read

function createPad(app) { return new Pad(app).element; }

class Pad {
  constructor(app) {
    this.app = app;
    this.point = new Point();
    app.traces = new RatedTraces(app); // the panel of the traces shows the same
    app.recorder = new Recorder(app, this.point, app.traces);
    this.calibration = app.calibration = new Calibration(app, this.point, () => this.wake());
    this.stick = new Stick(app.root, {
      onchange: () => this.gamepadChanged(),
      onpress: () => { if (app.mode === "dimensions") app.commands.run(this.startId); },
    });
    this.ticker = new Ticker(app.root, (now) => this.tick(now), () => this.watching);
    this.trail = [];
    this.last = 0; // ms: when the last frame was
    this.spoken = 0; // ms: when screen readers were told last
    this.hovered = null; // [x, y] of a mouse over the pad
    this.shows = false; // words for emotions
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
    const { app, point } = this;
    return app.mode === "dimensions" && (this.recording || app.player.playing || this.calibration.running
      || point.keys.size > 0 || this.trail.length > 0);
  }

  // A stick says nothing by itself, it has to be read.
  get watching() { return this.moving || (this.app.mode === "dimensions" && this.stick.connected); }

  // What the button of a gamepad does, as Enter.
  get startId() { return this.calibration.ready ? "start-calibration" : "record"; }

  // Keys that step frames elsewhere move the point where that is meant.
  get takesKeys() {
    return this.recording || this.calibration.running || this.canvas.matches(":focus");
  }

  addCommands() {
    const { commands, recorder } = this.app;
    const shared = { group: "Recording", mode: "dimensions" };
    commands.add(
      {
        id: "record", label: "Record, or stop (first button of a gamepad)", keys: ["Enter"], ...shared,
        once: true, run: () => recorder.toggle(),
      },
      ...Object.entries(DIRECTIONS).map(([direction, keys]) => ({
        id: `point-${direction}`, label: `Move the point ${direction} (while recording)`, keys, ...shared,
        when: () => this.takesKeys, run: () => {},
        press: () => { this.point.press(direction); this.placed = true; this.wake(); },
        release: () => this.point.release(direction),
      })),
      {
        id: "centre", label: "Put the point on zero", keys: ["c"], ...shared,
        run: () => this.place(0, 0, "keys"),
      },
      {
        id: "axis", label: "Rate both, valence alone, or arousal alone", keys: ["v"], ...shared,
        run: () => this.setAxis(AXES[(AXES.indexOf(this.point.axis) + 1) % AXES.length]),
      },
      {
        id: "emotion-words", label: "Show where words for emotions lie (not while you record)", keys: ["k"],
        ...shared, run: () => this.toggleWords(),
      },
      {
        id: "calibrate", label: "Measure how late your hand is", keys: ["l"], ...shared,
        run: () => this.calibrate(),
      },
      {
        id: "start-calibration", label: "Start the dot", keys: ["Enter"], ...shared,
        when: () => this.calibration.ready, once: true, run: () => this.calibration.start(),
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
      class: "plane", tabindex: 0, role: "slider", "aria-valuemin": -1, "aria-valuemax": 1,
    });
    this.numbers = element("strong");
    this.state = element("span");
    this.hint = element("p", { class: "hint", id: `emolib-${newName()}` });
    this.canvas.setAttribute("aria-describedby", this.hint.id);
    this.record = commands.button("record", "Record", { class: "record" });
    this.axes = AXES.map((axis) => element("button", {
      type: "button", title: `Rate ${axis === "both" ? "valence and arousal together" : `${axis} alone`} (v)`,
      onclick: () => this.setAxis(axis),
    }, axis === "both" ? "Both" : axis[0].toUpperCase() + axis.slice(1)));
    this.speeds = RATING_SPEEDS.map(([speed, text]) => element("button", {
      type: "button", "aria-label": `Play and record at ${speed} times the speed`, value: speed,
      onclick: () => this.app.player.setSpeed(speed),
    }, text));
    this.words = commands.button("emotion-words", "Words", { "aria-pressed": false });
    const choice = (label, buttons) => (
      element("div", { class: "choice", role: "group", "aria-label": label }, ...buttons));
    this.element = element("section", { class: "pad only-dimensions", "aria-label": "Valence and arousal" },
      element("div", { class: "row" }, this.record, choice("What is rated", this.axes)),
      this.canvas,
      element("p", { class: "numbers" }, this.numbers, this.state),
      element("div", { class: "row" },
        choice("Speed", this.speeds),
        commands.button("centre", "Zero"), this.words, commands.button("calibrate", "Latency…")),
      this.hint, this.calibration.element);
    keepKeys(this.element, this.app);
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
    onResize(canvas, () => this.wake());
    onTheme(app.root, () => this.wake());
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
    const { left, top } = this.canvas.getBoundingClientRect();
    const plane = planeOf(this.canvas);
    return [plane.valence(event.clientX - left), plane.arousal(event.clientY - top)];
  }

  place(valence, arousal, device) {
    this.point.place(valence, arousal, device);
    this.placed = true;
    this.wake();
  }

  wake() {
    this.due = true;
    this.ticker.wake();
  }

  tick(now) {
    const seconds = this.last ? (now - this.last) / 1000 : 0;
    this.last = this.moving ? now : 0;
    const place = this.stick.read();
    if (place && this.app.mode === "dimensions") this.place(...place, "gamepad");
    if (!this.due && !this.moving) return; // a stick at rest: nothing to draw
    this.due = false;
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
    if (other) this.point[other] = this.ratedHere(other) ?? this.point[other];
  }

  get otherAxis() { return { valence: "arousal", arousal: "valence" }[this.point.axis]; }

  // What is recorded of a dimension at the playhead, or null.
  ratedHere(name) { return this.app.traces.current[name].valueAt(this.app.player.time); }

  moved() {
    this.placed = false;
    this.follow();
  }

  // Without recording, the point shows what was recorded here.
  follow() {
    if (this.recording || this.calibration.open) return;
    const { app, point } = this;
    if (!app.player.playing) this.trail = []; // the point jumps to where it was, it does not go there
    if (!this.placed) {
      for (const name of DIMENSIONS) point[name] = this.ratedHere(name) ?? point[name];
    }
    this.wake();
  }

  leaveTrail(now) {
    const { valence, arousal } = this.point;
    const last = this.trail.at(-1);
    if (!last || last[1] !== valence || last[2] !== arousal) {
      // Where the point rested until now belongs to the line that leads away from there.
      if (last && now - last[0] > 50) this.trail.push([now - 16, last[1], last[2]]);
      this.trail.push([now, valence, arousal]);
    }
    while (this.trail.length && now - this.trail[0][0] > TRAIL_LENGTH) this.trail.shift();
  }

  draw(now) {
    if (!this.canvas.clientWidth) return;
    const { point, calibration } = this;
    const rated = this.recording || calibration.running
      || (!this.placed && point.dimensions.every((name) => this.ratedHere(name) !== null));
    const other = this.otherAxis;
    drawPlane(this.canvas, this.app.root, {
      axis: point.axis, values: point, rated, recording: this.app.recorder.sampling, trail: this.trail, now,
      other: other ? this.ratedHere(other) : null,
      dot: calibration.dot, emotions: this.shows && !this.recording && !calibration.open,
    });
    this.write(now, rated);
  }

  write(now, rated) {
    const { point, canvas } = this;
    const numbers = point.dimensions.map((name) => `${name} ${signed(point[name])}`).join(", ");
    this.numbers.textContent = numbers[0].toUpperCase() + numbers.slice(1);
    this.state.textContent = this.stateWord(rated);
    if (now - this.spoken < SPOKEN && this.moving) return;
    this.spoken = now;
    canvas.setAttribute("aria-valuenow", point.values[0].toFixed(2));
    canvas.setAttribute("aria-valuetext", `${numbers}, ${this.state.textContent}`);
  }

  stateWord(rated) {
    if (this.recording) return this.app.recorder.sampling ? "recording" : "run-up";
    if (this.calibration.open) return "";
    if (rated) return "recorded";
    return this.placed ? "start value" : "not rated here";
  }

  toggleWords() {
    this.shows = !this.shows;
    this.words.setAttribute("aria-pressed", this.shows);
    this.wake();
  }

  setAxis(axis) {
    if (this.recording || this.calibration.running) {
      this.app.store.tell("Stop first: what is rated cannot change within one recording.", "refused");
      return;
    }
    this.point.axis = axis;
    this.showAxis();
    this.follow();
  }

  showAxis() {
    const { axis } = this.point;
    this.axes.forEach((button, i) => button.setAttribute("aria-pressed", AXES[i] === axis));
    const both = axis === "both";
    this.canvas.setAttribute("aria-label", both ? "Valence to the right, arousal upwards" : `${axis} alone`);
    this.canvas.setAttribute("aria-roledescription", both ? "slider in two directions" : "slider");
    this.canvas.setAttribute("aria-orientation", axis === "arousal" ? "vertical" : "horizontal");
    this.wake();
  }

  showSettings() {
    for (const button of this.speeds) {
      button.setAttribute("aria-pressed", Number(button.value) === this.app.player.speed);
    }
    const { connected } = this.stick;
    this.hint.textContent = this.recording
      ? `Mouse over the pad (no button), arrows${connected ? ", wasd or stick" : " or wasd"}.`
      : `Enter records from here, or the selected stretch.${connected ? " Gamepad ready." : ""}`;
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

// After a click the keys work on: Enter is to record, not to press the button again.
function keepKeys(part, app) {
  part.addEventListener("mousedown", (event) => {
    if (event.target.closest("button, label")) app.commands.keepFocus(event);
  });
}
