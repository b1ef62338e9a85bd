// The boxes of people's faces over the picture; a click on one selects its person's lane.

function createFaces(app) {
  const { store, player } = app;
  const overlay = element("div", { class: "faces" });
  const boxes = new Map(); // person -> {frames: Int32Array, places: Float32Array, node}
  let corrections = null;

  const show = (frame) => {
    for (const { frames, places, node } of boxes.values()) {
      const row = rowOf(frames, frame);
      node.hidden = row < 0;
      if (row < 0) continue;
      const [x, y, width, height] = places.subarray(4 * row, 4 * row + 4);
      node.style.left = `${(100 * x) / store.video.width}%`;
      node.style.top = `${(100 * y) / store.video.height}%`;
      node.style.width = `${(100 * width) / store.video.width}%`;
      node.style.height = `${(100 * height) / store.video.height}%`;
    }
  };

  const select = () => {
    for (const [name, { node }] of boxes) node.setAttribute("aria-pressed", name === app.track);
  };

  // Boxes come again when somebody corrected them, and only then.
  const load = async () => {
    const known = JSON.stringify(store.view.corrections);
    if (known === corrections) return;
    corrections = known;
    try {
      const { tracks, counts, buffers } = await store.request("faces");
      if (known !== corrections) return;
      boxes.clear();
      tracks.forEach((name, place) => boxes.set(name, {
        frames: new Int32Array(bytesOf(buffers[2 * place]), 0, counts[place]),
        places: new Float32Array(bytesOf(buffers[2 * place + 1]), 0, 4 * counts[place]),
        node: element("button", {
          // The lanes are in the order of the Tab key; the boxes would come and go in it.
          type: "button", class: "face", tabindex: -1, "data-track": name, hidden: true,
          "aria-label": `Select ${name}`, onclick: () => {
            app.setTrack(name);
            app.root.focus({ preventScroll: true }); // a box that goes would take the keys with it
          },
        }, element("span", {}, name)),
      }));
      overlay.replaceChildren(...[...boxes.values()].map(({ node }) => node));
      select();
      show(player.frame);
    } catch (error) {
      store.tell(error.message, "refused");
    }
  };

  app.commands.add({
    id: "faces", label: "Show or hide the boxes of faces", group: "People", keys: ["b"],
    run: () => {
      overlay.hidden = !overlay.hidden;
      app.dispatchEvent(new CustomEvent("faces", { detail: !overlay.hidden }));
    },
  });
  player.on("frame", show);
  app.on("track", select);
  store.on("view", load);
  load();
  return overlay;
}

// Typed arrays begin where their elements may: the bytes of a message need not.
const bytesOf = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);

// Where a number is in an increasing array; -1 where it is not.
function rowOf(numbers, number) {
  let low = 0, high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < number) low = middle + 1;
    else high = middle;
  }
  return numbers[low] === number ? low : -1;
}
