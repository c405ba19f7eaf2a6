// The page of the laugh game: a start screen, the game with clip and camera, and how it ended.

const { texts, languages, modes, levels, grace, pictures, skipped } = props.settings;
const STALLED = 10000; // milliseconds without progress after which a clip counts as over
const MOST_FAILURES = 20; // frames in a row
const SHOWN = 15; // seconds of the curve
const root = element.querySelector(".application");
const say = speaker(root, texts, navigator.language?.startsWith("ko") ? "ko" : "en");
const clip = part(root, "clip");
const percent = (share) => Math.round(100 * share);
const rounded = (time) => time.toFixed(1);
let mode = Object.keys(modes)[0];
let level = 1;
let game = null; // the game that runs; a late answer finds another one here
let result = null; // the answer with which the last game ended
let best = null; // the best times that are shown: {rows, place}
let notice = "";
let drawnWidth = 0;

function show(screen) {
  root.querySelectorAll("[data-screen]").forEach((node) => { node.hidden = node.dataset.screen !== screen; });
  root.dataset.shown = screen;
}

function choices() {
  part(root, "rules").textContent = say("rules", { grace });
  part(root, "modes").replaceChildren(...Object.entries(modes).map(([name, emotion]) => choice(
    name === mode, () => { mode = name; choices(); table(); },
    make("span", { className: "forbidden" }, make("img", { src: pictures[emotion], alt: "" })),
    make("b", {}, say(name)), make("span", {}, say(`${name}_task`)),
  )));
  part(root, "levels").replaceChildren(...levels.map((_, index) => choice(
    index + 1 === level, () => { level = index + 1; choices(); },
    make("b", {}, `${index + 1}`), make("span", {}, say(`level_${index + 1}`)),
  )));
  const { threshold, hold } = levels[level - 1];
  part(root, "strictness").textContent = say("strictness", { level, threshold: percent(threshold), hold });
  part(root, "skipped").hidden = !skipped.length;
  part(root, "skipped").textContent = say("skipped", { names: skipped.join(", ") });
  part(root, "notice").hidden = !notice;
  part(root, "notice").textContent = notice && say(notice);
}

function choice(chosen, choose, ...children) {
  const button = make("button", { type: "button", onclick: choose }, ...children);
  button.setAttribute("aria-pressed", chosen);
  return button;
}

async function table() {
  const wanted = mode;
  const answer = await call("best", { mode });
  if (wanted !== mode || result) return;
  best = answer.best ? { rows: answer.best, place: null } : null;
  list("best");
}

// The best times, with the row of the last game marked.
function list(target) {
  const card = part(root, target);
  card.replaceChildren(make("h2", {}, `${say("best")} · ${say(mode)}`));
  if (!best?.rows.length) return card.append(make("p", { className: "small" }, say("nobody_yet")));
  const head = make("tr", {}, ...["place", "player", "levels", "seconds", "score"].map((key) => make("th", { scope: "col" }, say(key))));
  const rows = best.rows.map((row, index) => {
    const name = make("td", { title: row.date }, row.name || make("span", { className: "unnamed" }, say("unnamed")));
    if (row.won) name.append(" ", make("span", { className: "badge" }, say("won_mark")));
    const line = make("tr", {}, make("td", {}, `${index + 1}`), name, make("td", {}, `${row.levels_passed}/${levels.length - row.start_level + 1}`),
      make("td", {}, say("duration", { n: rounded(row.seconds) })), make("td", {}, `${row.score}`));
    if (index === best.place) line.setAttribute("aria-current", "true");
    return line;
  });
  card.append(make("div", { className: "table" }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows))));
}

function home(message = "") {
  result = null;
  notice = message;
  close();
  choices();
  table();
  show("start");
}

// What stands over the clip: a title, a hint and, of a pause, what remains of the grace time, 0…1.
function cover(title = "", hint = "", remains = null, counting = false) {
  const over = part(root, "over");
  over.hidden = !title;
  over.classList.toggle("counting", counting);
  part(root, "stage").classList.toggle("covered", Boolean(title));
  for (const [name, text] of [["over_title", title], ["over_hint", hint]]) {
    if (part(root, name).textContent !== text) part(root, name).textContent = text;
  }
  part(root, "remains").hidden = remains === null;
  part(root, "remains").firstElementChild.style.width = `${100 * (remains ?? 0)}%`;
}

async function play() {
  if (game) return;
  const mine = game = { camera: new Camera(part(root, "me")), rate: new Rate(), number: null, ended: null, unplayed: new Set() };
  const runs = () => game === mine;
  result = null;
  notice = "";
  clip.removeAttribute("src");
  clip.load();
  meters({ mode, level, emotion: modes[mode], probability: 0, shown: 0, score: 0, clips_total: 0, ...levels[level - 1] });
  outline(null);
  cover(say("opening"));
  show("game");
  try {
    await mine.camera.open(runs);
  } catch (error) {
    return runs() && home(error.message);
  }
  if (!runs()) return;
  const refused = (await clips(runs)) ?? (await join(mine, runs));
  if (!runs()) return;
  if (refused) return home(refused);
  const begun = await call("begin", { seat: mine.seat, mode, level, name: part(root, "name").value });
  if (!runs()) return;
  if (begun.error) return home(begun.error);
  root.dataset.frames = 0;
  await watch(mine, runs);
}

// Waits until the clips of the first level are there; gives the reason if that will not be.
async function clips(runs) {
  while (runs()) {
    const answer = await call("prepare", { mode, level });
    if (answer.error) return answer.error;
    if (answer.made === answer.all) return null;
    cover(say("making", answer), say("making_hint"));
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return null;
}

async function join(mine, runs) {
  cover(say("joining"));
  let refusal = null;
  mine.seat = await seat(runs, (reason) => { refusal = reason; cover(say(reason)); });
  return mine.seat ? null : refusal;
}

// Sends frames and follows the states until the game is over.
async function watch(mine, runs) {
  let failures = 0;
  while (runs()) {
    await mine.camera.next();
    if (!runs()) return;
    if (mine.camera.lost) return home("camera_lost");
    const ended = mine.ended;
    const answer = await call("frame", { seat: mine.seat, image: mine.camera.grab(), ended });
    if (!runs()) return;
    if (answer.error) {
      failures += 1;
      if (answer.error === "no_seat" || failures > MOST_FAILURES) return home(answer.error);
      if (failures > 3) { clip.pause(); cover(say("reconnecting")); }
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    failures = 0;
    if (mine.ended === ended) mine.ended = null;
    root.dataset.frames = Number(root.dataset.frames) + 1;
    part(root, "rate").textContent = say("rate", { rate: mine.rate.tick().toFixed(0) });
    root.dataset.phase = answer.state.phase;
    if (answer.end) return finish(answer);
    outline(answer.box);
    meters(answer.state);
    said(answer.state);
    screen(mine, answer.state);
  }
}

// Plays the clip of a state, and only while the game plays.
function screen(mine, state) {
  if (mine.number !== state.clip_number) {
    Object.assign(mine, { number: state.clip_number, ended: null, moved: performance.now(), at: -1 });
    clip.muted = false; // a click has begun the game, so that most browsers allow sound
    clip.src = ["clips", state.mode, ...state.clip.split("/")].map(encodeURIComponent).join("/");
  }
  if (state.phase !== "playing") {
    clip.pause();
    mine.moved = performance.now();
    return;
  }
  if (clip.currentTime !== mine.at) Object.assign(mine, { at: clip.currentTime, moved: performance.now() });
  if (clip.error) mine.unplayed.add(state.clip);
  if (clip.error || clip.ended || performance.now() - mine.moved > STALLED) mine.ended = state.clip_number;
  else if (clip.paused) clip.play().catch((error) => { if (error.name === "NotAllowedError") clip.muted = true; });
}

function said(state) {
  if (state.phase === "paused") {
    const left = Math.max(state.grace - state.hidden, 0);
    cover(say("paused"), say("paused_hint", { left: Math.ceil(left) }), left / state.grace);
  } else if (state.phase === "countdown" && !state.face) cover(say("look"), say("look_hint"));
  else if (state.phase === "countdown") cover(`${Math.ceil(state.countdown) || 1}`, say("ready", state), null, true);
  else cover();
}

function meters(state) {
  const probability = state.probability ?? 0;
  const above = probability >= state.threshold;
  const share = Math.min(state.shown / state.hold, 1);
  part(root, "emotion").textContent = say(state.emotion);
  part(root, "percent").textContent = `${percent(probability)} %`;
  part(root, "level_now").style.width = `${100 * probability}%`;
  part(root, "level_now").closest(".meters").classList.toggle("above", above);
  part(root, "limit").style.left = `${100 * state.threshold}%`;
  part(root, "limit").firstElementChild.textContent = say("limit", { threshold: percent(state.threshold) });
  part(root, "hold").style.strokeDasharray = `${share} 1`;
  part(root, "hold_now").textContent = say("duration", { n: `${rounded(state.shown)} / ${rounded(state.hold)}` });
  part(root, "stage").classList.toggle("danger", state.shown > 0 && state.phase === "playing");
  part(root, "points").textContent = state.score;
  part(root, "progress").textContent = state.clips_total
    ? say("progress", { level: state.level, clip: state.clip_number + 1, all: state.clips_total }) : say("ready", state);
  const steps = part(root, "steps");
  while (steps.children.length < state.clips_total) steps.append(make("i"));
  while (steps.children.length > state.clips_total) steps.lastChild.remove();
  [...steps.children].forEach((step, index) => {
    step.className = index < state.clips_passed ? "passed" : index === state.clip_number ? "now" : "";
  });
}

// Where the face is that plays.
function outline(box) {
  const canvas = part(root, "box");
  const context = canvas.getContext("2d");
  if (canvas.width !== WIDTH || canvas.height !== HEIGHT) Object.assign(canvas, { width: WIDTH, height: HEIGHT });
  context.clearRect(0, 0, WIDTH, HEIGHT);
  canvas.parentNode.classList.toggle("seen", Boolean(box));
  canvas.parentNode.classList.toggle("missed", !box && Boolean(game?.seat));
  if (!box) return;
  context.strokeStyle = "white";
  context.lineWidth = 3;
  context.beginPath();
  context.roundRect(...box, 16);
  context.stroke();
}

// Gives camera and seat back.
function close() {
  if (!game) return;
  if (game.seat) call("leave", { seat: game.seat });
  game.camera.close();
  game = null;
  clip.pause();
}

function finish(answer) {
  result = { ...answer, unplayed: [...game.unplayed] };
  close();
  best = { rows: answer.end.best, place: answer.end.place };
  ended();
  show("end");
  part(root, "verdict").focus({ preventScroll: true });
  root.scrollIntoView();
  draw();
}

// Texts of the end in the language of the page.
function ended() {
  const { state, end, unplayed } = result;
  const why = state.phase === "won" ? "won" : state.reason === "hidden" ? "hidden" : state.emotion;
  const verdict = state.reason === "emotion" ? `lost_${state.mode}` : why === "won" ? "won" : "lost_hidden";
  const values = { threshold: percent(state.threshold), hold: state.hold, grace: state.grace, level: state.level, all: state.clips_total };
  root.querySelector(".end").className = `end ${state.phase}`;
  part(root, "picture").src = pictures[why];
  part(root, "verdict").textContent = say(verdict);
  part(root, "why").textContent = say(why === "won" ? "won_why" : `lost_${state.reason}_why`, values);
  part(root, "score").textContent = state.score;
  part(root, "survived").textContent = say("survived", { seconds: rounded(state.survived), passed: state.clips_passed, all: state.clips_total });
  part(root, "unsaved").hidden = end.saved;
  part(root, "unplayed").hidden = !unplayed.length;
  part(root, "unplayed").textContent = say("unplayed", { names: unplayed.join(", ") });
  part(root, "curve_hint").textContent = say("curve_hint", { emotion: say(state.emotion) });
  list("best_end");
}

function shape(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
  node.append(...children);
  return node;
}

// The curve of the last seconds, drawn as it was: from left to right.
function draw(moving = true) {
  const { state, end } = result;
  const box = part(root, "curve");
  drawnWidth = box.clientWidth;
  const last = end.curve.at(-1)?.time ?? 0;
  const points = end.curve.filter(({ time }) => time > last - SHOWN);
  part(root, "curve_title").textContent = say("curve", { seconds: Math.ceil(last - (points[0]?.time ?? 0)) });
  part(root, "replay").hidden = points.length < 2;
  if (points.length < 2) return box.replaceChildren();
  const [width, height, left, right, top, bottom] = [Math.max(box.clientWidth, 240), 240, 40, 14, 16, 26];
  const first = points[0].time;
  const x = (time) => left + ((width - left - right) * (time - first)) / (last - first);
  const y = (share) => top + (height - top - bottom) * (1 - share);
  const line = (pairs) => pairs.map(([time, share]) => `${x(time).toFixed(1)},${y(share).toFixed(1)}`).join(" ");
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    shape("line", { class: "grid", x1: left, x2: width - right, y1: y(share), y2: y(share) }),
    shape("text", { x: left - 7, y: y(share) + 4, "text-anchor": "end" }, `${percent(share)}%`),
  ]);
  const step = last - first > 6 ? 2 : 1;
  for (let time = 0; time < last - first; time += step) {
    grid.push(shape("text", { x: x(last - time), y: height - 7, "text-anchor": time ? "middle" : "end" }, say("duration", { n: time ? `−${time}` : 0 })));
  }
  const excess = [...points.map((point) => [point.time, Math.max(point.probability, point.threshold)]),
    ...[...points].reverse().map((point) => [point.time, point.threshold])];
  const trace = shape("g", {},
    shape("polygon", { class: "excess", points: line(excess) }),
    shape("polyline", { class: "probability", points: line(points.map((point) => [point.time, point.probability])) }));
  const limit = points.flatMap((point, index) => [
    ...(index && points[index - 1].threshold !== point.threshold ? [[point.time, points[index - 1].threshold]] : []), [point.time, point.threshold]]);
  const drawn = [...grid, shape("polyline", { class: "limit", points: line(limit) }), trace];
  let moment = null;
  if (state.phase === "lost") {
    const { time, probability } = points.at(-1);
    moment = shape("g", { class: "moment" }, shape("line", { x1: x(time), x2: x(time), y1: top, y2: height - bottom }),
      shape("circle", { cx: x(time), cy: y(probability), r: 6 }),
      shape("text", { x: x(time) - 11, y: y(probability) + (probability > 0.85 ? 22 : -9), "text-anchor": "end" }, say(state.reason === "hidden" ? "hidden_here" : "lost_here")));
    drawn.push(moment);
  }
  box.replaceChildren(shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": part(root, "curve_hint").textContent }, ...drawn));
  if (!moving || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const duration = 2500;
  trace.animate([{ clipPath: "inset(-20px 100% -20px -20px)" }, { clipPath: "inset(-20px)" }], { duration });
  moment?.animate([{ opacity: 0 }, { opacity: 0, offset: 0.9 }, { opacity: 1 }], { duration: duration * 1.1 });
}

for (const [language, name] of Object.entries(languages)) {
  const button = make("button", { type: "button", onclick: () => {
    say.switch(language);
    choices();
    list("best");
    if (result) { ended(); draw(false); }
  } }, name);
  button.dataset.language = language;
  part(root, "languages").append(button);
}
part(root, "play").onclick = play;
part(root, "again").onclick = play;
part(root, "name").onkeydown = (event) => { if (event.key === "Enter") play(); };
part(root, "stop").onclick = () => home();
part(root, "home").onclick = () => home();
part(root, "replay").onclick = () => draw();
new ResizeObserver(() => { // not while the replay runs, which changes the height alone
  if (result && part(root, "curve").clientWidth !== drawnWidth) draw(false);
}).observe(root);
window.addEventListener("pagehide", () => { if (game) home(); });
say.switch(say.language);
home();
