// Measures how late a rater's hand is: a dot moves over the pad, the rater follows it.

const TRIAL = 22; // s, of which the first two are not used
const SHOWN_BEFORE = 1000; // ms for which the dot stands still before it goes

class Calibration {
  constructor(app, point, wake) {
    Object.assign(this, { app, point, wake });
    this.stage = "closed"; // "ready", "running"
    this.message = ""; // what the last trial gave
    this.dot = null; // [valence, arousal]
    this.text = element("p", { "aria-live": "polite" });
    this.startButton = element("button", { type: "button", onclick: () => this.start() }, "Start the dot");
    this.correct = element("input", { type: "checkbox", onchange: () => this.setCorrection() });
    const close = element("button", {
      type: "button", title: "Close (Escape)", onclick: () => this.leave(),
    }, "Close");
    this.element = element("div", { class: "calibration" }, this.text,
      element("label", {}, this.correct, " Correct recorded times by my latency"),
      element("div", { class: "row" }, this.startButton, close));
    app.store.on("view", () => this.show());
    this.show();
  }

  get open() { return this.stage !== "closed"; }
  get ready() { return this.stage === "ready"; }
  get running() { return this.stage === "running"; }

  toggle() {
    if (this.open) this.leave();
    else this.enter("ready");
  }

  leave() { this.enter("closed"); }

  enter(stage) {
    this.stage = stage;
    this.dot = stage === "closed" ? null : [0, 0];
    this.show();
    this.wake();
  }

  // A seed of its own for each trial: nobody is to learn the path.
  start(seed = Math.floor(Math.random() * 2 ** 32)) {
    this.path = dotPath(seed, TRIAL);
    this.begun = null;
    this.times = [];
    this.shown = this.point.dimensions.map(() => []);
    this.answered = this.point.dimensions.map(() => []);
    this.message = "";
    this.enter("running");
  }

  tick(now) {
    if (!this.running) return;
    this.begun ??= now + SHOWN_BEFORE;
    const time = (now - this.begun) / 1000;
    if (time < 0) return;
    if (time > TRIAL) {
      this.finish();
      return;
    }
    this.dot = this.path(time);
    this.times.push(time);
    this.point.dimensions.forEach((name, i) => {
      this.shown[i].push(this.dot[DIMENSIONS.indexOf(name)]);
      this.answered[i].push(this.point[name]);
    });
  }

  async finish() {
    const { latency, spread, trials, correlation } = estimateLatency(this.times, this.shown, this.answered);
    this.enter("ready");
    if (latency === undefined) {
      this.message = `You did not follow the dot closely enough (correlation ${correlation.toFixed(2)}; `
        + `${CLOSE_ENOUGH} is needed): keep the point on the dot all the time, and start it again. `;
      this.show();
      return;
    }
    const operation = { do: "calibrate", latency: round4(latency), spread: round4(spread), trials };
    if (!(await this.app.store.do(operation))) return;
    this.message = `Measured: ${seconds(latency)} late, ± ${seconds(spread)} between parts of the trial `
      + `(correlation ${correlation.toFixed(2)}). `;
    this.show();
  }

  async setCorrection() {
    await this.app.store.do({ do: "correct_latency", on: this.correct.checked });
    this.show(); // as the kernel has it, also where it refused
  }

  show() {
    const { latency, correct_latency: corrects } = this.app.store.view;
    this.element.hidden = !this.open;
    this.startButton.hidden = !this.ready;
    this.correct.checked = Boolean(corrects);
    this.correct.disabled = !latency;
    const known = latency ? `Your latency: ${seconds(latency.latency)} (± ${seconds(latency.spread)}). `
      : "Not measured yet. ";
    this.text.textContent = this.running ? "Keep the point on the dot until it stops."
      : `${this.message || known}Follow the dot for ${TRIAL - LEAD_IN} s with the device that you rate with; `
        + "Enter starts it. This includes screen, device and reaction, but not the time that it takes to "
        + "recognise an emotion.";
    this.correct.parentElement.title = latency ? known : "Measure your latency first (l)";
  }
}

const seconds = (value) => `${value.toFixed(2)} s`;
