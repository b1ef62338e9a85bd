// Making intervals: by holding the key of an emotion while the video plays, and by start and end while it
// stands.

class Marking {
  constructor(app) {
    this.app = app;
    this.selection = app.selection;
    this.emotion = app.store.emotions[0].name; // the one used last
    // A stretch that waits for its emotion is about the picture that stands; playing on gives it up.
    app.player.on("playing", (playing) => {
      if (playing && this.selection.mark?.end != null) this.selection.setMark(null);
    });
  }

  // Marking is due only after the video was watched. Says so at once, before a key was held in vain.
  get allowed() {
    if (this.app.store.view.stage !== "watch") return true;
    const [key] = this.app.commands.find("finish-pass").keys;
    this.app.store.tell(`Watch the video to its end first; then choose “Mark as watched” (${key}).`, "refused");
    return false;
  }

  // The key of an emotion goes down.
  press(emotion) {
    if (!this.allowed) return;
    const { player, track } = this.app;
    const { selection } = this;
    if (player.playing) {
      if (selection.held) this.finish(player.frame); // one emotion follows the other without a gap
      selection.held = { track, emotion, start: player.frame };
      selection.changed();
    } else this.pressStanding(emotion);
  }

  // In this order: end what was begun; relabel the selected interval if its picture is shown; begin.
  pressStanding(emotion) {
    const { selection } = this;
    const frame = selection.here;
    if (selection.mark) this.place(selection.mark.start, selection.mark.end ?? frame + 1, emotion);
    else if (selection.interval && holds(selection.interval, frame)) selection.change({ emotion });
    else selection.setMark({ start: frame, end: null, emotion });
    this.emotion = emotion;
  }

  // The key of an emotion comes up: the frame shown now is the last one that the interval holds.
  release(emotion) {
    if (this.selection.held?.emotion === emotion) this.finish(this.app.player.frame + 1);
  }

  finish(end) {
    const { track, emotion, start } = this.selection.held;
    this.selection.held = null;
    this.emotion = emotion;
    if (end === start) this.selection.changed(); // two keys on one frame: the later counts
    else this.place(start, end, emotion, track);
  }

  // Forgets what is begun; true if there was something.
  cancel() {
    const begun = Boolean(this.selection.held || this.selection.mark);
    this.selection.held = null;
    this.selection.setMark(null);
    return begun;
  }

  async place(from, to, emotion, track = this.app.track) {
    const [start, end] = from < to ? [from, to] : [to - 1, from + 1]; // the end may lie before the start
    const interval = newName();
    const made = { interval, track, start, end, emotion };
    this.selection.mark = null;
    const sent = this.selection.send(placing(ofTrack(this.app.store.view.intervals, track), made));
    this.selection.changed();
    if (await sent) this.selectMade(interval);
  }

  // The answer may be here before the view that holds the interval.
  selectMade(id) {
    const { selection } = this;
    if (selection.find(id)) return selection.select(id, "end", { show: false });
    const off = this.app.store.on("view", () => {
      off();
      if (selection.find(id)) selection.select(id, "end", { show: false });
    });
    return undefined;
  }

  markStart() {
    if (!this.allowed) return;
    const { mark, here: frame } = this.selection;
    const end = mark?.end > frame ? mark.end : null;
    this.selection.setMark({ start: frame, end, emotion: mark?.emotion ?? null });
  }

  markEnd() {
    if (!this.allowed) return;
    const { mark, here: frame } = this.selection;
    if (!mark) this.app.store.tell("Mark the start first (i), then the end (o).", "refused");
    else if (frame < mark.start) this.app.store.tell("The end cannot lie before the start.", "refused");
    else this.selection.setMark({ ...mark, end: frame + 1 });
  }

  // The marked stretch gets the emotion that was begun with, or the one used last.
  label() {
    const { mark } = this.selection;
    if (!mark) this.app.store.tell("Mark a start (i) and an end (o) first.", "refused");
    else this.place(mark.start, mark.end ?? this.selection.here + 1, mark.emotion ?? this.emotion);
  }

  // What the keys of the emotions do now, in words.
  get meaning() {
    const { selection } = this;
    const { player, store } = this.app;
    if (store.view.stage === "watch") return "Watch the video first, then mark.";
    if (selection.held) return `Marking ${selection.held.emotion}.`;
    if (player.playing) return "Hold 1–7 while an emotion is seen.";
    const { mark } = selection;
    if (mark?.end != null) return `1–7 label frames ${mark.start} to ${mark.end - 1}.`;
    if (mark) return `1–7 end what begins at frame ${mark.start}.`;
    if (selection.interval && holds(selection.interval, selection.here)) {
      return `1–7 change the selected ${selection.proposed ? "proposal" : "interval"}.`;
    }
    return "1–7 begin here; hold while playing.";
  }

  addCommands() {
    const { app } = this;
    const mode = "categories";
    const group = "Intervals";
    for (const { name, key } of app.store.emotions) {
      app.commands.add({
        id: `emotion-${name}`, label: `Mark ${name}`, group, mode, keys: [String(key)],
        press: () => this.press(name), release: () => this.release(name),
      });
    }
    const add = (id, label, key, run) => app.commands.add({ id, label, group, mode, keys: [key], run });
    add("mark-start", "Mark the start", "i", () => this.markStart());
    add("mark-end", "Mark the end", "o", () => this.markEnd());
    add("label", "Label the marked frames", "Enter", () => this.label());
    app.on("escape", (event) => { event.done ||= this.cancel(); });
  }
}
