// Pictures of the video near the playhead: asked for, decoded, kept while they may be needed again.

const MOST_PICTURES = 75; // decoded ones
const PICTURE_BYTES = 200e6; // of decoded ones; fewer are kept where they are large
const FILE_BYTES = 64e6; // of JPEG files
const LONG_ANSWER = 4000; // ms

class Film {
  constructor(store, near) {
    this.store = store;
    this.near = near; // () => the frame around which pictures are kept
    this.width = 0; // px, of the pictures that are asked for
    this.files = new Map(); // frame -> Blob, the oldest first
    this.fileBytes = 0;
    this.pictures = new Map(); // frame -> ImageBitmap
    this.asked = new Set(); // frames that are on their way
  }

  // How many decoded pictures there is room for.
  get room() {
    const { width, height } = this.store.video;
    const bytes = 4 * this.width * this.width * (height / width);
    return Math.max(16, Math.min(MOST_PICTURES, Math.floor(PICTURE_BYTES / Math.max(bytes, 1))));
  }

  get(frame) { return this.pictures.get(frame); }

  has(frame) { return this.pictures.has(frame); }

  // Pictures of another width are of no use any more.
  resize(width) {
    if (width === this.width) return false;
    this.width = width;
    this.clear();
    return true;
  }

  clear() {
    for (const picture of this.pictures.values()) picture.close();
    this.pictures.clear();
    this.files.clear();
    this.asked.clear();
    this.fileBytes = 0;
  }

  // Loads frames that are neither here nor on their way. Resolves, once they can be drawn, with the
  // frames that came: if `quick`, perhaps an earlier one that the kernel has at hand.
  async load(frames, quick = false) {
    const { width } = this;
    const missing = frames.filter((frame) => !this.has(frame) && !this.asked.has(frame));
    const known = missing.filter((frame) => this.files.has(frame));
    const unknown = missing.filter((frame) => !this.files.has(frame));
    missing.forEach((frame) => this.asked.add(frame));
    try {
      const answer = unknown.length ? await this.ask(unknown, width, quick) : { frames: [], buffers: [] };
      if (width !== this.width) return [];
      answer.frames.forEach((frame, place) => {
        this.keepFile(frame, new Blob([answer.buffers[place]], { type: "image/jpeg" }));
      });
      const came = [...known, ...answer.frames];
      const files = came.map((frame) => this.files.get(frame));
      const pictures = await Promise.all(files.map((file) => createImageBitmap(file)));
      if (width !== this.width) return [];
      came.forEach((frame, place) => this.keep(frame, pictures[place]));
      return came;
    } finally {
      if (width === this.width) missing.forEach((frame) => this.asked.delete(frame));
    }
  }

  async ask(frames, width, quick) {
    const late = setTimeout(() => this.store.tell(
      "The kernel does not answer. It may be busy with another cell, or have been stopped.", "warning",
    ), LONG_ANSWER);
    try {
      return await this.store.request("frames", { frames, width, quick });
    } finally {
      clearTimeout(late);
    }
  }

  keepFile(frame, file) {
    if (this.files.has(frame)) return;
    this.files.set(frame, file);
    this.fileBytes += file.size;
    for (const [oldest, dropped] of this.files) {
      if (this.fileBytes <= FILE_BYTES) break;
      this.files.delete(oldest);
      this.fileBytes -= dropped.size;
    }
  }

  // Keeps a picture, and drops those that are farthest from the playhead. What lies behind it counts
  // as four times as far: most of what is shown next lies ahead.
  keep(frame, picture) {
    this.pictures.get(frame)?.close();
    this.pictures.set(frame, picture);
    if (this.pictures.size <= this.room) return;
    const playhead = this.near();
    const far = (one) => (one < playhead ? 4 * (playhead - one) : one - playhead);
    const farthest = [...this.pictures.keys()].reduce((most, one) => (far(one) > far(most) ? one : most));
    if (farthest === frame && this.pictures.size <= this.room + 1) return; // it was just asked for
    this.pictures.get(farthest).close();
    this.pictures.delete(farthest);
  }
}
