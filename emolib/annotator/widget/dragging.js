// The mouse on the timeline: edges, the playhead, the stretch shown.

const EDGE_REACH = 6; // px: from here on an edge is hit, and pulled to what it snaps to

function addDragging(app, { overview, ruler, lanes }) {
  const { scale, selection, player, store } = app;
  const { rate } = store.video;
  const dragging = { active: null };
  const show = latestOnly((frame) => player.seek(frame));
  const at = (event) => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top, width, height };
  };
  const frameAt = ({ x, width }) => clamp(Math.floor(scale.time(x, width) * rate), 0, player.frames - 1);
  const trackAt = ({ y, height }) => {
    const names = store.view.tracks.map(({ name }) => name);
    return names[clamp(Math.floor((y / height) * names.length), 0, names.length - 1)];
  };

  const under = (place) => selection.lane(trackAt(place))
    .filter((one) => inPart(app, one, place) && holds(one, frameAt(place)));

  // The edge under the pointer: of the selected interval first, else the nearest of what lies under it.
  const edgeAt = (place) => {
    const track = trackAt(place);
    const there = selection.lane(track).filter((one) => inPart(app, one, place));
    const edges = there.flatMap((one) => ["start", "end"].map((edge) => {
      const offset = place.x - scale.x(one[edge] / rate, place.width);
      const inside = edge === "start" ? offset >= 0 : offset <= 0;
      return { one, edge, distance: Math.abs(offset), rank: one.id === selection.id ? 0 : inside ? 1 : 2 };
    }));
    return edges.filter(({ distance }) => distance <= EDGE_REACH)
      .sort((one, other) => one.rank - other.rank || one.distance - other.distance)[0];
  };

  const dragEdge = (hit, before) => {
    const { one, edge } = hit;
    selection.select(one.id, edge, { show: false });
    player.pause();
    const others = selection.lane(one.track).filter(({ id }) => id !== one.id);
    const targets = [before, before + 1, ...others.flatMap(({ start, end }) => [start, end])];
    const started = selection.draft;
    return {
      move: (place, event) => {
        const boundary = Math.round(scale.time(place.x, place.width) * rate);
        const reach = event.altKey ? 0 : (EDGE_REACH / place.width) * (scale.end - scale.start) * rate;
        const frame = snapped(boundary, targets, reach);
        const value = edge === "start"
          ? clamp(frame, 0, one.end - 1) : clamp(frame, one.start + 1, player.frames);
        selection.sketch({ [edge]: value });
        show(edge === "start" ? value : value - 1);
      },
      end: () => {
        const value = selection.interval?.[edge];
        if (value != null && value !== one[edge]) selection.change({ [edge]: value });
      },
      cancel: () => {
        selection.draft = started;
        selection.showEdge();
        selection.changed();
      },
    };
  };

  const scrub = (place) => {
    player.pause();
    const hit = under(place);
    app.setTrack(trackAt(place));
    // A click on the selected one of several under the pointer goes on to the next.
    const turn = hit[(hit.findIndex(({ id }) => id === selection.id) + 1) % Math.max(hit.length, 1)];
    selection.select(turn?.id ?? null, "start", { show: false });
    show(frameAt(place));
    return { move: (now) => show(frameAt(now)), end: () => {}, cancel: () => {} };
  };

  const panRuler = (start) => {
    const [from, to] = [scale.start, scale.end];
    let moved = false;
    return {
      move: ({ x, width }) => {
        moved ||= Math.abs(x - start.x) > 3;
        const shift = ((start.x - x) / width) * (to - from);
        if (moved) scale.show(from + shift, to + shift);
      },
      end: () => { if (!moved) show(frameAt(start)); },
      cancel: () => scale.show(from, to),
    };
  };

  const panOverview = ({ x, width }) => {
    const [from, to] = [scale.start, scale.end];
    const time = (place) => (place / width) * scale.duration;
    const inside = time(x) >= from && time(x) <= to;
    const first = inside ? from : time(x) - (to - from) / 2;
    if (!inside) scale.show(first, first + to - from);
    return {
      move: (now) => scale.show(first + time(now.x - x), first + time(now.x - x) + to - from),
      end: () => {},
      cancel: () => scale.show(from, to),
    };
  };

  const listen = (canvas, begin) => {
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      dragging.active = begin(at(event));
    });
    canvas.addEventListener("pointermove", (event) => dragging.active?.move(at(event), event));
    const finish = (how) => () => {
      const { active } = dragging;
      dragging.active = null;
      active?.[how]();
    };
    canvas.addEventListener("pointerup", finish("end"));
    canvas.addEventListener("pointercancel", finish("cancel"));
  };
  for (const canvas of [ruler, lanes]) {
    canvas.addEventListener("wheel", (event) => turnWheel(app, event, at(event)), { passive: false });
  }
  listen(overview, panOverview);
  listen(ruler, panRuler);
  listen(lanes, (place) => {
    const hit = edgeAt(place);
    return hit ? dragEdge(hit, selection.here) : scrub(place);
  });
  lanes.addEventListener("pointermove", (event) => {
    if (dragging.active) return;
    const place = at(event);
    lanes.style.cursor = edgeAt(place) ? "ew-resize" : "pointer";
    lanes.title = under(place).map((one) => describe(one, rate)).join("; ");
  });
  app.on("escape", (event) => {
    if (event.done || !dragging.active) return;
    dragging.active.cancel();
    dragging.active = null;
    event.done = true;
  });
  return dragging;
}

// Whether the pointer is in the part of the lane that an interval or a proposal is drawn in.
function inPart(app, one, { y, height }) {
  const { view } = app.store;
  if (!view.proposals.intervals.length) return true;
  const row = height / view.tracks.length;
  const ghost = view.proposals.intervals.some(({ id }) => id === one.id);
  return (y % row > row * GHOSTS_FROM + 2) === ghost;
}

// The wheel zooms at the pointer, and pans with Shift or sideways. It scrolls the page, as everywhere, until
// the tool has the focus.
function turnWheel(app, event, { x, width }) {
  const { scale, root } = app;
  if (!event.ctrlKey && !root.contains(root.getRootNode().activeElement)) return;
  event.preventDefault();
  const pixels = event.deltaMode === 1 ? 16 : 1;
  const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
  if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
    scale.pan((sideways * pixels / width) * (scale.end - scale.start));
  } else scale.zoom(Math.exp(-event.deltaY * pixels / 300), scale.time(x, width));
}

// Calls with the latest value only, and never again before the last call is through.
function latestOnly(call) {
  let busy = false;
  let waiting = null;
  const run = async (value) => {
    if (busy) {
      waiting = { value };
      return;
    }
    busy = true;
    try {
      await call(value);
    } finally {
      busy = false;
      const next = waiting;
      waiting = null;
      if (next) run(next.value);
    }
  };
  return run;
}
