// What the parts of the page share: the store, the keys, the scale, the player, mode and person.

class App extends EventTarget {
  constructor(store, root) {
    super();
    this.store = store;
    this.root = root;
    this.mode = "categories"; // or "dimensions"
    this.track = store.view.tracks[0].name; // whose lane is selected
    this.commands = new Commands(root, () => this.mode);
    this.scale = new TimeScale(store.video.duration);
    this.player = new Player(this);
    this.selection = new Selection(this); // the interval that is worked on
  }

  on(type, listener) {
    const heard = (event) => listener(event.detail);
    this.addEventListener(type, heard);
    return () => this.removeEventListener(type, heard);
  }

  setMode(mode) {
    if (mode === this.mode) return;
    this.commands.releaseAll();
    this.mode = mode;
    this.root.dataset.mode = mode;
    this.dispatchEvent(new CustomEvent("mode", { detail: mode }));
    this.keepFocus();
  }

  // What had the focus may belong to the other mode; keys would then go to the notebook.
  keepFocus() {
    const active = this.root.getRootNode().activeElement;
    if (this.root.contains(active) && !active.getClientRects().length) this.root.focus({ preventScroll: true });
  }

  setTrack(track) {
    if (track === this.track) return;
    this.track = track;
    this.dispatchEvent(new CustomEvent("track", { detail: track }));
  }

  // The next person (step 1) or the one before (step -1).
  nextTrack(step) {
    const names = this.store.view.tracks.map((track) => track.name);
    const place = names.indexOf(this.track) + step;
    this.setTrack(names[(place + names.length) % names.length]);
  }
}
