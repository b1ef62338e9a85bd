// Playing, stepping and seeking: the keys, the buttons, the slider, and where the video stands.

function createTransport(app) {
  const { commands, player, store } = app;
  const last = player.frames - 1;
  const faster = (step) => {
    const place = Math.min(Math.max(SPEEDS.indexOf(player.speed) + step, 0), SPEEDS.length - 1);
    player.setSpeed(SPEEDS[place]);
  };
  const toggleSound = () => {
    if (!store.video.sound) return store.tell("This video has no sound.");
    player.mute(!player.sound.muted);
    return store.tell(player.sound.muted ? "The sound is off." : "The sound is on, at normal speed.");
  };
  const command = (id, label, keys, run) => ({ id, label, group: "Playing", keys, run });
  commands.add(
    command("play", "Play or pause", ["Space"], () => (player.playing ? player.pause() : player.play())),
    command("back", "One frame back", ["ArrowLeft"], () => player.step(-1)),
    command("forward", "One frame forward", ["ArrowRight"], () => player.step(1)),
    command("second-back", "One second back", ["Shift+ArrowLeft"], () => player.step(-player.rate)),
    command("second-forward", "One second forward", ["Shift+ArrowRight"], () => player.step(player.rate)),
    command("first", "To the first frame", ["Home"], () => player.seek(0)),
    command("last", "To the last frame", ["End"], () => player.seek(last)),
    command("slower", "Slower", [","], () => faster(-1)),
    command("faster", "Faster", ["."], () => faster(1)),
    command("mute", "Sound on or off (it is heard at normal speed only)", ["m"], toggleSound),
  );

  const play = commands.button("play", "▶", { class: "play" });
  const mute = commands.button("mute", "♪", { "aria-pressed": store.video.sound });
  mute.disabled = !store.video.sound;
  const speed = element("output", { class: "speed", title: "Speed" }, "1×");
  const slider = element("input", {
    type: "range", min: 0, max: last, step: 1, value: 0, class: "position", "aria-label": "Position in the video",
    oninput: () => player.seek(Number(slider.value)),
  });
  const where = element("output", { class: "where" });
  const pace = element("span", { class: "pace", role: "status" });
  const total = clock(player.frames / player.rate);

  const show = () => {
    const { frame, target } = player;
    slider.value = target ?? frame;
    const seconds = clock(frame / player.rate);
    slider.setAttribute("aria-valuetext", `Frame ${frame}, ${seconds}`);
    where.textContent = player.painted
      ? `Frame ${frame} of ${last} · ${seconds} of ${total}` : "Opening …";
    where.classList.toggle("seeking", target !== null && target !== frame);
  };
  player.on("frame", show);
  player.on("target", show);
  player.on("playing", (playing) => {
    play.textContent = playing ? "❚❚" : "▶";
    play.setAttribute("aria-pressed", playing);
  });
  player.on("speed", (value) => { speed.textContent = `${value}×`; });
  player.on("muted", (muted) => mute.setAttribute("aria-pressed", !muted));
  player.on("pace", (now) => {
    const slow = now && now.shown < 0.9 * now.wanted;
    pace.textContent = slow ? `Shown: ${now.shown} of ${now.wanted} frames/s` : "";
  });
  show();

  return element("div", { class: "transport", role: "group", "aria-label": "Playing" },
    slider,
    element("div", { class: "row" },
      commands.button("first", "⏮"), commands.button("second-back", "−1 s"), commands.button("back", "−1"),
      play,
      commands.button("forward", "+1"), commands.button("second-forward", "+1 s"), commands.button("last", "⏭"),
      element("span", { class: "speeds" }, commands.button("slower", "−"), speed, commands.button("faster", "+")),
      mute, commands.button("faces", "▢"),
      where, pace));
}
