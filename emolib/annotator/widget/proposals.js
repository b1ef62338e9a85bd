// What a trained run proposes: ghosts in the lanes that are annotations only when a person accepts them.

class Proposals {
  constructor(app) {
    this.app = app;
    this.selection = app.selection;
  }

  get all() { return this.app.store.view.proposals.intervals; }

  get here() { return ofTrack(this.all, this.app.track).sort((one, other) => one.start - other.start); }

  // The proposal that is selected; without one, goes to the next one and gives null.
  current() {
    if (this.selection.proposed) return this.selection.interval;
    if (this.here.length) {
      this.next(1);
      this.app.store.tell("This is the proposal; once more to accept (a) or dismiss (x) it.");
    } else this.app.store.tell(`No proposal for ${this.app.track}.`, "refused");
    return null;
  }

  next(direction) { this.app.editing.step(direction, (one) => this.all.some(({ id }) => id === one.id)); }

  // Accepts the selected one as it is shown: its edges and emotion may have been changed before.
  async accept() {
    if (!this.app.marking.allowed) return;
    const proposal = this.current();
    if (proposal) await this.replace(proposal, accepting(proposal));
  }

  async dismiss() {
    const proposal = this.current();
    if (proposal) await this.replace(proposal, { do: "dismiss_proposal", proposal: proposal.id });
  }

  // Sends what becomes of a proposal and goes on to the one that follows it.
  async replace(proposal, operation) {
    const following = this.here.find((one) => one.start > proposal.start);
    if (!await this.selection.send([operation])) return;
    if (following) this.selection.select(following.id);
    else this.selection.select(null);
  }

  async acceptAll() {
    const { here, app } = this;
    if (!here.length) return app.store.tell(`No proposal for ${app.track}.`, "refused");
    if (!app.marking.allowed) return undefined;
    const question = `Accept ${counted(here.length, "proposal")} for ${app.track} without looking at each?`;
    if (!await ask(app, question, "Accept all")) return undefined;
    const group = newName();
    return this.selection.send(here.map((one) => ({ ...accepting(this.selection.shown(one)), group })));
  }

  addCommands() {
    const { app } = this;
    const add = (id, label, keys, run) => app.commands.add(
      { id, label, group: "Intervals", mode: "categories", keys, run });
    add("next-proposal", "Go to the next proposal", ["p"], () => this.next(1));
    add("previous-proposal", "Go to the previous proposal", ["Shift+p"], () => this.next(-1));
    add("accept-proposal", "Accept the proposal as it is shown", ["a"], () => this.accept());
    add("dismiss-proposal", "Dismiss the proposal", ["x"], () => this.dismiss());
    add("accept-all", "Accept all proposals for this person", ["Shift+a"], () => this.acceptAll());
  }

  // The part of the palette about proposals.
  createPanel() {
    const { app } = this;
    const heading = element("h3", {});
    const panel = element("section", { class: "proposals", "aria-label": "Proposals" },
      heading,
      element("div", { class: "buttons" },
        app.commands.button("next-proposal", "Next"),
        app.commands.button("accept-proposal", "Accept"),
        app.commands.button("dismiss-proposal", "Dismiss"),
        app.commands.button("accept-all", "Accept all…")));
    const show = () => {
      const { run } = app.store.view.proposals;
      panel.hidden = !this.all.length;
      heading.textContent = `${counted(this.here.length, "proposal")} for ${app.track}`;
      heading.title = `${this.all.length} in all, from the run ${run}`;
    };
    app.store.on("view", show);
    app.on("track", show);
    show();
    return panel;
  }
}

const accepting = ({ id, track, start, end, emotion }) => (
  { do: "add_interval", interval: newName(), track, start, end, emotion, proposal: id });
