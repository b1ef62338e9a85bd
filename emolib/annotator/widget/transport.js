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

  const play = commands.button("play", icon("play"), { class: "play" });
  const toggle = (id, drawn, on) => commands.button(id, icon(drawn), {
    class: "toggle", "aria-pressed": `${on}`,
  });
  const mute = toggle("mute", "sound", store.video.sound);
  const boxes = toggle("faces", "box", true);
  mute.disabled = !store.video.sound;
  const speed = element("output", { class: "speed", title: "Speed" }, "1×");
  const slider = element("input", {
    type: "range", min: 0, max: last, step: 1, value: 0, class: "position",
    "aria-label": "Position in the video", oninput: () => player.seek(Number(slider.value)),
  });
  const where = element("output", { class: "where" });
  const pace = element("span", { class: "pace", role: "status" });
  player.picture.append(pace); // over the picture: below it, it would push the rest down
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
    play.replaceChildren(icon(playing ? "pause" : "play"));
    play.setAttribute("aria-pressed", playing);
  });
  player.on("speed", (value) => { speed.textContent = `${value}×`; });
  player.on("muted", (muted) => mute.setAttribute("aria-pressed", !muted));
  app.on("faces", (shown) => boxes.setAttribute("aria-pressed", shown));
  player.on("pace", (now) => {
    const slow = now && now.shown < 0.9 * now.wanted;
    pace.textContent = slow ? `Shown: ${now.shown} of ${now.wanted} frames/s` : "";
  });
  show();

  return element("div", { class: "transport", role: "group", "aria-label": "Playing" },
    element("div", { class: "row" }, slider, where),
    element("div", { class: "row" },
      commands.button("first", icon("first")), commands.button("second-back", "−1 s"),
      commands.button("back", "−1"), play, commands.button("forward", "+1"),
      commands.button("second-forward", "+1 s"), commands.button("last", icon("last")),
      element("span", { class: "speeds" },
        commands.button("slower", "−"), speed, commands.button("faster", "+")),
      mute, boxes));
}

// Drawn here, because not every computer's fonts have these signs.
const ICONS = {
  play: "M4 2 L14 8 L4 14 Z",
  pause: "M3 2 H6.5 V14 H3 Z M9.5 2 H13 V14 H9.5 Z",
  first: "M2 2 H4 V14 H2 Z M14 2 V14 L5 8 Z",
  last: "M12 2 H14 V14 H12 Z M2 2 V14 L11 8 Z",
  sound: "M1 6 H4 L8 2 V14 L4 10 H1 Z M10 5 Q12 8 10 11 L11.2 12 Q14 8 11.2 4 Z",
  box: "M1 2 H15 V14 H1 Z M2.5 3.5 V12.5 H13.5 V3.5 Z",
};

function icon(name) {
  const drawn = element("span", { class: "icon", "aria-hidden": true });
  drawn.innerHTML = `<svg viewBox="0 0 16 16"><path fill-rule="evenodd" d="${ICONS[name]}"/></svg>`;
  return drawn;
}
