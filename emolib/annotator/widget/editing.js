// Changing intervals that are there: moving between them, their edges, splitting, merging, copying.

class Editing {
  constructor(app) {
    this.app = app;
    this.selection = app.selection;
  }

  refuse(text) { this.app.store.tell(text, "refused"); }

  // Selects the next (1) or the previous (-1) of the lane: from the selected one if its picture is shown, else
  // from the playhead.
  step(direction, wanted = () => true) {
    const { selection, app } = this;
    const lane = selection.lane();
    const frame = selection.here;
    const from = lane.findIndex((one) => one.id === selection.id && holds(one, frame));
    const eligible = lane.filter((one, place) => {
      if (!wanted(one)) return false;
      if (from >= 0) return direction > 0 ? place > from : place < from;
      return direction > 0 ? one.end > frame : one.start <= frame;
    });
    const found = direction > 0 ? eligible[0] : eligible.at(-1);
    if (found) selection.select(found.id);
    else app.store.tell(`Nothing ${direction > 0 ? "after" : "before"} this in the lane of ${app.track}.`);
  }

  // Runs a change on the selected interval, or says that there is none.
  withSelected(change) {
    const { interval } = this.selection;
    if (interval) change(interval);
    else this.refuse("Select an interval first (ArrowUp, ArrowDown or a click).");
  }

  // Moves an edge to a boundary between frames; an interval keeps one frame at least.
  moveEdge(edge, frame, group) {
    this.withSelected((interval) => {
      const value = edge === "start"
        ? clamp(frame, 0, interval.end - 1) : clamp(frame, interval.start + 1, this.app.player.frames);
      this.selection.edge = edge;
      if (value !== interval[edge]) this.selection.change({ [edge]: value }, group);
      this.selection.showEdge();
    });
  }

  nudge(frames) {
    const { selection } = this;
    this.withSelected((interval) => {
      const { edge, id } = selection;
      this.moveEdge(edge, interval[edge] + frames, `nudge ${id} ${edge}`);
    });
  }

  otherEdge() {
    this.withSelected(() => {
      this.selection.edge = this.selection.edge === "start" ? "end" : "start";
      this.selection.showEdge();
      this.selection.changed();
    });
  }

  // The selected interval of the rater's own, else the one under the playhead.
  own() {
    const { selection, app } = this;
    if (selection.interval && !selection.proposed) return selection.interval;
    return ofTrack(app.store.view.intervals, app.track).find((one) => holds(one, this.selection.here));
  }

  async split() {
    const interval = this.own();
    const frame = this.selection.here;
    if (!interval || frame <= interval.start || frame >= interval.end) {
      return this.refuse("Nothing to split here: step to a frame inside an interval, after its first frame.");
    }
    const right = newName();
    const operation = { do: "split_interval", interval: interval.id, at: frame, right };
    const done = await this.selection.send([operation]);
    if (done) this.app.marking.selectMade(right);
    return done;
  }

  merge() {
    const interval = this.own();
    const lane = ofTrack(this.app.store.view.intervals, this.app.track);
    const next = interval && lane[lane.findIndex((one) => one.id === interval.id) + 1];
    if (!next) return this.refuse("Nothing to merge: select an interval that another one follows.");
    if (next.emotion !== interval.emotion) {
      const { emotion } = interval;
      this.app.store.tell(`Merged ${emotion} with ${next.emotion}: all of it is ${emotion} now.`);
    }
    return this.selection.send([{ do: "merge_intervals", intervals: [interval.id, next.id] }]);
  }

  remove() {
    if (this.selection.proposed) return this.app.commands.run("dismiss-proposal");
    return this.withSelected(async (interval) => {
      const done = await this.selection.send([{ do: "delete_interval", interval: interval.id }]);
      const what = describe(interval, this.app.store.video.rate);
      if (done) this.app.store.tell(`Deleted: ${what}. Undo (Ctrl+z) brings it back.`);
    });
  }

  // The emotion and length of the interval before the playhead once more, up to the interval that follows.
  copyPrevious() {
    const { app } = this;
    const { frames } = app.player;
    const frame = this.selection.here;
    const lane = ofTrack(app.store.view.intervals, app.track);
    const before = lane.filter((one) => one.end <= frame).at(-1);
    if (!before) return this.refuse("Nothing to copy: no interval ends before this frame.");
    if (lane.some((one) => holds(one, frame))) {
      return this.refuse("There is an interval at this frame already; step to a frame without one.");
    }
    const next = lane.find((one) => one.start > frame);
    const end = Math.min(frame + before.end - before.start, next?.start ?? frames, frames);
    return app.marking.place(frame, end, before.emotion);
  }

  // Takes the frames of the selected interval away from the others of its lane.
  cutOthers() {
    this.withSelected((interval) => {
      const others = ofTrack(this.app.store.view.intervals, interval.track).filter(
        (one) => one.id !== interval.id && one.start < interval.end && one.end > interval.start,
      );
      if (this.selection.proposed) return this.refuse("Accept the proposal first.");
      if (!others.length) return this.refuse("Nothing overlaps the selected interval.");
      const group = newName();
      return this.selection.send(cutting(others, interval).map((one) => ({ ...one, group })));
    });
  }

  // Gaps and overlaps of the lane, by start.
  get doubts() {
    const { store, track } = this.app;
    const lane = ofTrack(store.view.intervals, track);
    return [
      ...findGaps(lane, store.video.frames).map((gap) => ({ ...gap, kind: "gap" })),
      ...findOverlaps(lane).map((overlap) => ({ ...overlap, kind: "overlap" })),
    ].sort((one, other) => one.start - other.start);
  }

  // Goes round through them. A gap is marked, so that the key of an emotion fills it; the later interval of
  // an overlap is selected, so that its edge can be moved.
  nextDoubt() {
    const { app, selection, doubts } = this;
    if (!doubts.length) return app.store.tell(`No gap and no overlap in the lane of ${app.track}.`);
    const found = doubts.find((one) => one.start > selection.here) ?? doubts[0];
    app.player.pause();
    app.player.seek(found.start);
    const { start, end } = found;
    const frames = `frames ${start} to ${end - 1}`;
    if (found.kind === "gap") {
      selection.select(null);
      if (app.store.view.stage !== "watch") selection.setMark({ start, end, emotion: null });
      return app.store.tell(`No emotion in ${frames}.`);
    }
    const lane = ofTrack(app.store.view.intervals, app.track);
    selection.select(lane.filter((one) => holds(one, start)).at(-1).id);
    return app.store.tell(`More than one emotion in ${frames}.`);
  }

  addCommands() {
    const { app, selection } = this;
    const mode = "categories";
    const group = "Intervals";
    const add = (id, label, keys, run) => app.commands.add({ id, label, group, mode, keys, run });
    add("next-interval", "Select the next interval", ["ArrowDown"], () => this.step(1));
    add("previous-interval", "Select the previous interval", ["ArrowUp"], () => this.step(-1));
    add("start-here", "Start at the frame shown", ["["], () => this.moveEdge("start", selection.here));
    add("end-here", "End with the frame shown", ["]"], () => this.moveEdge("end", selection.here + 1));
    add("other-edge", "Choose the other edge", ["e"], () => this.otherEdge());
    add("edge-earlier", "Move the edge one frame earlier", ["Alt+ArrowLeft"], () => this.nudge(-1));
    add("edge-later", "Move the edge one frame later", ["Alt+ArrowRight"], () => this.nudge(1));
    add("split", "Split at the frame shown", ["s"], () => this.split());
    add("merge", "Merge with the next interval", ["g"], () => this.merge());
    add("copy", "Copy the previous interval to here", ["c"], () => this.copyPrevious());
    add("cut-others", "Cut what overlaps the interval", ["k"], () => this.cutOthers());
    add("delete", "Delete the interval", ["Delete", "Backspace"], () => this.remove());
    add("next-doubt", "Go to the next gap or overlap", ["n"], () => this.nextDoubt());
    app.on("escape", (event) => {
      if (event.done || !selection.id) return;
      selection.select(null);
      event.done = true;
    });
  }
}
