// The passes over a video: watch it, mark it, then review it, three times at least. A pass is finished here,
// with how much of the video was seen in it and how long it took.

const SEEN_ENOUGH = 0.95; // of the frames: a video counts as seen
const PASSES = { watch: "watched", mark: "marked", refine: "reviewed", done: "reviewed" };

function createProtocol(app) {
  const { store, commands, player } = app;
  let begun = performance.now();
  let finishing = false;
  const done = (kind) => store.view.reviews.filter((review) => review.kind === kind).length;
  const reviews = () => done("reviewed") + store.view.reviews_due; // 3, or more

  // The text of the button, and what to ask before it does what it says.
  const next = () => {
    const { stage } = store.view;
    if (stage === "watch") return "Mark as watched";
    if (stage === "mark") return "Finish marking";
    if (stage === "done") return "Finish another review";
    return `Finish review ${done("reviewed") + 1} of ${reviews()}`;
  };
  const doubt = () => {
    const { stage, tracks, intervals, coverage } = store.view;
    if (stage === "mark") {
      const marked = new Set(intervals.map(({ track }) => track));
      const empty = tracks.map(({ name }) => name).filter((name) => !marked.has(name));
      if (!empty.length || coverage.dimensions >= SEEN_ENOUGH) return null;
      return `Nothing is marked for ${empty.join(", ")}. Finish marking anyway?`;
    }
    if (player.watched >= SEEN_ENOUGH) return null;
    const seen = `You have seen ${asPercent(player.watched)} of the video in this pass`;
    return stage === "watch" ? `${seen}: mark it as watched anyway?` : `${seen}: finish the review anyway?`;
  };
  const finish = async () => {
    if (finishing) return;
    finishing = true;
    try {
      const question = doubt();
      if (question && !await ask(app, question, next())) return;
      const seconds = Math.round((performance.now() - begun) / 1000);
      const kind = PASSES[store.view.stage];
      const coverage = Math.round(player.watched * 1000) / 1000;
      if (!await store.do({ do: "review", kind, coverage, seconds })) return;
      player.forgetWatched();
      begun = performance.now();
      showSeen();
    } finally {
      finishing = false;
    }
  };
  commands.add({
    id: "finish-pass", label: "Finish this pass over the video", group: "Protocol",
    keys: ["Shift+f"], run: finish,
  });

  const list = element("ol", { "aria-label": "Passes over the video" });
  const seen = element("span", { class: "seen" });
  const button = commands.button("finish-pass", "", { class: "primary" });
  const showSeen = () => {
    const text = `seen ${asPercent(player.watched)}`;
    if (seen.textContent !== text) seen.textContent = text;
  };
  const show = () => {
    const { stage } = store.view;
    const steps = [
      { text: "Watch", done: stage !== "watch", now: stage === "watch" },
      { text: "Mark", done: done("marked") > 0, now: stage === "mark" },
      ...Array.from({ length: reviews() }, (_, place) => ({
        text: place === 0 ? "Review 1" : String(place + 1), full: `Review ${place + 1}`,
        done: place < done("reviewed"), now: stage === "refine" && place === done("reviewed"),
      })),
    ];
    list.replaceChildren(...steps.map((step) => element("li", {
      class: step.done ? "done" : "", "aria-current": step.now ? "step" : null,
      "aria-label": `${step.full ?? step.text}: ${step.done ? "done" : step.now ? "now" : "to do"}`,
    }, `${step.done ? "✓ " : ""}${step.text}`)));
    button.textContent = next();
    button.setAttribute("aria-label", next());
    showSeen();
  };
  store.on("view", show);
  player.on("frame", showSeen);
  show();
  return element("div", { class: "protocol" }, list, button, seen);
}

const asPercent = (share) => `${Math.floor(share * 100 + 1e-9)} %`;
