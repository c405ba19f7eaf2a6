// The page of the emoticon generator: a photo or a camera in, cards with emoticons out.

const { texts, languages, choices, tones, examples } = props.settings;
const PAUSE = 150; // milliseconds between two looks at the numbers of a live face
const AWAY = 5000; // milliseconds for which a live face that was lost keeps what was chosen for it
const MOST_FAILURES = 20; // frames in a row
const SIZES = [64, 128, 256, 512, 1024];
const root = element.querySelector(".application");
const say = speaker(root, texts, navigator.language?.startsWith("ko") ? "ko" : "en");
const picture = part(root, "picture");
let live = null; // the camera that runs and its seat; a late answer finds another one here
let reading = 0; // number of the last photo; a late answer finds another one here, too
let cards = [];
let message = ["", {}, false];

function report(key, values = {}, error = false) {
  message = [key, values, error];
  part(root, "status").textContent = key && say(key, values);
  part(root, "status").classList.toggle("error", error);
}

// A face with its emoticon, its probabilities and what was chosen by hand.
class Card {
  constructor(number) {
    this.number = number;
    this.chosen = {};
    this.crop = make("canvas", { width: 192, height: 192 });
    this.drawing = make("div", { className: "drawing" });
    this.bars = make("div", { className: "bars" });
    this.title = make("h2");
    this.fields = make("div", { className: "fields" });
    this.size = make("select", { ariaLabel: "PNG" }, ...SIZES.map((size) => make("option", { value: size }, `${size} px`)));
    this.size.value = 512;
    this.copied = make("button", { type: "button", onclick: () => this.copy() });
    this.summary = make("summary");
    this.node = make(
      "article", { className: "card" }, this.title,
      make("div", { className: "portrait" }, this.crop, this.drawing, this.bars),
      make("div", { className: "buttons" },
        make("button", { type: "button", onclick: () => this.saveSvg() }, "SVG"),
        make("button", { type: "button", onclick: () => this.savePng() }, "PNG"), this.size, this.copied),
      make("details", {}, this.summary, this.fields),
    );
    this.label();
  }

  // Texts and fields in the language of the page.
  label() {
    this.title.textContent = `${say("face")} ${this.number}`;
    this.copied.textContent = say("copy");
    this.summary.textContent = say("correct");
    const measured = [["", say("measured")]];
    const named = (values) => values.map((value) => [value, say(value)]);
    const emotions = named(Object.keys(this.face?.emotions ?? {}));
    this.fields.replaceChildren(
      this.field("emotion", [...measured, ...emotions], this.emotion ?? "", (value) => {
        this.emotion = value;
        this.choose("emotions", value && { [value]: this.strength ?? 1, ...(value !== "neutral" && { neutral: 1 - (this.strength ?? 1) }) });
      }),
      this.slider(),
      this.field("glasses_label", [...measured, ...named(choices.glasses)], this.chosen.glasses ?? "", (value) => this.choose("glasses", value)),
      this.field("frame_label", named(choices.frame), this.chosen.frame ?? "", (value) => this.choose("frame", value)),
      this.field("mask_label", [...measured, ["true", say("yes")], ["false", say("no")]], String(this.chosen.mask ?? ""),
        (value) => this.choose("mask", value && value === "true")),
      this.field("tone_label", [...measured, ...tones.map((_, index) => [String(index + 1), String(index + 1)])],
        String(this.chosen.skin_tone ?? ""), (value) => this.choose("skin_tone", value && Number(value))),
      ...["hair_style", "hair_color", "beard"].map((name) =>
        this.field(`${name}_label`, named(choices[name]), this.chosen[name] ?? "", (value) => this.choose(name, value))),
    );
    if (this.face) this.showNumbers();
  }

  field(key, options, value, choose) {
    const select = make("select", { onchange: () => choose(select.value) },
      ...options.map(([option, text]) => make("option", { value: option }, text)));
    select.value = value || options[0][0];
    select.dataset.field = key;
    return make("label", {}, say(key), select);
  }

  slider() {
    const input = make("input", { type: "range", min: 0, max: 100, value: 100 * (this.strength ?? 1), disabled: !this.emotion });
    input.oninput = () => {
      this.strength = input.value / 100;
      if (this.emotion) this.choose("emotions", { [this.emotion]: this.strength, ...(this.emotion !== "neutral" && { neutral: 1 - this.strength }) });
    };
    this.range = input;
    return make("label", {}, say("strength"), input);
  }

  // Takes a choice by hand; "" is what was measured. Live faces are drawn with their next frame.
  // A slider asks faster than it is answered: the last choice counts.
  async choose(name, value) {
    if (value === "") delete this.chosen[name];
    else this.chosen[name] = value;
    this.range.disabled = !this.emotion;
    if (live !== null) return;
    const emoticon = this.asked = { ...this.measured, ...this.chosen };
    const answer = await call("draw", { emoticon });
    if (emoticon !== this.asked) return;
    if (answer.error) report(answer.error, {}, true);
    else this.draw(answer);
  }

  // Takes a tone that was clicked on; clicked on again, it is what was measured.
  pick(tone) {
    this.choose("skin_tone", this.chosen.skin_tone === tone ? "" : tone);
    this.label();
  }

  draw(answer) {
    this.svg = answer.svg;
    this.text = answer.text;
    this.drawing.innerHTML = answer.svg;
  }

  // Shows what the server says of the face; `source` has the pixels. Only the drawing follows every frame.
  show(face, source) {
    const first = !this.face;
    this.face = face;
    // What was chosen by hand comes back as it was chosen: of that, the measure before is kept.
    const kept = Object.keys(this.chosen).map((name) => [name, this.measured[name]]);
    this.measured = { ...face.emoticon, ...Object.fromEntries(kept) };
    if (first) this.label();
    this.draw(face);
    if (performance.now() - (this.shown ?? -Infinity) < PAUSE) return;
    this.shown = performance.now();
    this.showNumbers();
    const [x, y, width, height] = face.box;
    const side = Math.max(width, height) * 1.25;
    const context = this.crop.getContext("2d");
    context.clearRect(0, 0, 192, 192);
    context.drawImage(source, x + (width - side) / 2, y + (height - side) / 2, side, side, 0, 0, 192, 192);
  }

  showNumbers() {
    const { emotions, glasses, mask, skin_tone: tone, skin_tone_range: range } = this.face;
    const groups = [["emotion", Object.entries(emotions)], ["glasses_label", Object.entries(glasses)], ["mask_label", [["mask", mask]]]];
    if (this.lines?.language !== say.language) {
      this.lines = { language: say.language };
      this.bars.replaceChildren();
      for (const [title, shares] of groups) {
        this.bars.append(make("b", {}, say(title)));
        for (const [name] of shares) {
          const line = { fill: make("i"), output: make("output") };
          this.bars.append(make("span", {}, say(name)), make("div", { className: "bar" }, line.fill), line.output);
          this.lines[`${title} ${name}`] = line;
        }
      }
      this.lines.tones = tones.map((color, index) => make("button", {
        type: "button", style: `background:${color}`, ariaLabel: `${say("tone_label")} ${index + 1}`, onclick: () => this.pick(index + 1),
      }));
      this.lines.tone = make("span", { className: "wide" });
      this.bars.append(make("b", {}, say("tone_label")), make("div", { className: "tones" }, ...this.lines.tones), this.lines.tone);
    }
    for (const [title, shares] of groups) {
      for (const [name, share] of shares) {
        const { fill, output } = this.lines[`${title} ${name}`];
        fill.style.width = `${100 * share}%`;
        output.textContent = `${Math.round(100 * share)}%`;
      }
    }
    this.lines.tones.forEach((swatch, index) => {
      const step = index + 1;
      swatch.classList.toggle("chosen", step === (this.chosen.skin_tone ?? tone));
      swatch.classList.toggle("within", Boolean(range) && step >= range[0] && step <= range[1]);
    });
    this.lines.tone.textContent = tone ? say("step", { tone, range: `${range[0]}–${range[1]}` }) : say("no_tone");
  }

  saveSvg() {
    save(new Blob([this.svg], { type: "image/svg+xml" }), `emoticon_${this.number}.svg`);
  }

  savePng() {
    const size = Number(this.size.value);
    const image = new Image();
    image.onload = () => {
      const canvas = make("canvas", { width: size, height: size });
      canvas.getContext("2d").drawImage(image, 0, 0, size, size);
      canvas.toBlob((blob) => save(blob, `emoticon_${this.number}_${size}.png`), "image/png");
    };
    const sized = this.svg.replace("<svg ", `<svg width="${size}" height="${size}" `);
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(sized)}`;
  }

  async copy() {
    const text = this.text[say.language];
    try {
      await navigator.clipboard.writeText(text);
    } catch { // frames of a notebook have no clipboard of their own
      const area = make("textarea", { value: text });
      root.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    this.copied.textContent = `${say("copied")}: ${text}`;
    setTimeout(() => { this.copied.textContent = say("copy"); }, 4000);
  }
}

function save(blob, name) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function showCards(shown) {
  const nodes = shown.map((card) => card.node);
  const list = part(root, "faces");
  if (nodes.length !== list.children.length || nodes.some((node, index) => list.children[index] !== node)) {
    list.replaceChildren(...nodes);
  }
  cards = shown;
}

function outline(faces, width, height, mirrored) {
  const canvas = part(root, "boxes");
  const context = canvas.getContext("2d");
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.classList.toggle("mirrored", mirrored);
  context.clearRect(0, 0, width, height);
  context.strokeStyle = "#2f7ed8";
  context.lineWidth = Math.max(2, width / 250);
  context.fillStyle = context.strokeStyle;
  context.font = `bold ${Math.max(12, height / 18)}px sans-serif`;
  faces.forEach(({ box }, index) => {
    context.strokeRect(...box);
    if (!mirrored) context.fillText(index + 1, box[0], box[1] - context.lineWidth * 2);
  });
}

function announce(answer) {
  const shown = answer.faces.length;
  if (!shown) report("nobody", {}, true);
  else if (shown < answer.all) report("many", { n: shown, all: answer.all });
  else report("found", { n: shown });
}

// Reads a photo: a file of the user's or an example.
async function read(blob) {
  stop();
  const number = ++reading;
  showCards([]);
  if (blob.size > 10 * 2 ** 20) return report("file_too_large", {}, true);
  report("working");
  const bitmap = await createImageBitmap(blob).catch(() => null);
  const url = await new Promise((resolve) => {
    const reader = new FileReader();
    reader.onloadend = () => resolve(reader.result); // null of what cannot be read, such as a folder
    reader.readAsDataURL(blob);
  });
  const answer = await call("describe", { image: url });
  if (number !== reading) return;
  if (answer.error) return report(answer.error, {}, true);
  if (!bitmap) return report("damaged", {}, true);
  part(root, "hint").hidden = true;
  picture.hidden = false;
  picture.width = bitmap.width;
  picture.height = bitmap.height;
  picture.getContext("2d").drawImage(bitmap, 0, 0);
  outline(answer.faces, bitmap.width, bitmap.height, false);
  showCards(answer.faces.map((face, index) => {
    const card = new Card(index + 1);
    card.show(face, picture);
    return card;
  }));
  announce(answer);
}

async function start() {
  const mine = live = { camera: new Camera(part(root, "video")), seat: null };
  const runs = () => live === mine;
  reading += 1;
  part(root, "live").dataset.text = "stop";
  say.switch(say.language);
  showCards([]);
  report("");
  try {
    await mine.camera.open(runs);
  } catch (error) {
    return runs() && fail(error.message);
  }
  if (!runs()) return;
  picture.hidden = part(root, "hint").hidden = true;
  part(root, "video").hidden = false;
  let refusal = null;
  mine.seat = await seat(runs, (reason) => { refusal = reason; report(reason, {}, true); });
  if (!runs()) return;
  if (!mine.seat) return fail(refusal);
  await watch(mine, runs);
}

// Sends frames and shows the answers until the camera is stopped.
async function watch({ camera, seat: token }, runs) {
  const rate = new Rate();
  const known = new Map(); // number of a track → card
  let gone = []; // cards of faces that were lost
  let failures = 0;
  while (runs()) {
    await camera.next();
    if (!runs()) return;
    if (camera.lost) return fail("camera_lost");
    const image = camera.grab();
    const chosen = Object.fromEntries([...known].map(([track, card]) => [track, card.chosen]));
    const answer = await call("frame", { seat: token, image, time: performance.now() / 1000, chosen });
    if (!runs()) return;
    if (answer.error) {
      failures += 1;
      if (answer.error === "no_seat" || failures > MOST_FAILURES) return fail(answer.error);
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    failures = 0;
    for (const [track, card] of known) {
      if (answer.faces.some((face) => face.track === track)) continue;
      known.delete(track);
      gone.push(card);
    }
    gone = gone.filter((card) => performance.now() - card.shown < AWAY);
    const shown = answer.faces.map((face) => {
      if (!known.has(face.track)) {
        const back = gone.find((card) => near(card.face.box, face.box));
        gone = gone.filter((card) => card !== back);
        known.set(face.track, back ?? new Card(face.track));
      }
      const card = known.get(face.track);
      card.show(face, camera.canvas);
      return card;
    });
    showCards(shown);
    outline(answer.faces, WIDTH, HEIGHT, true);
    report("rate", { n: shown.length, rate: rate.tick().toFixed(0) });
    root.dataset.frames = Number(root.dataset.frames ?? 0) + 1;
  }
}

// Whether two boxes are at the same place: somebody who was lost for a moment has a new track, and keeps the card.
function near([x, y, width, height], [left, top, across, down]) {
  return Math.hypot(x + width / 2 - left - across / 2, y + height / 2 - top - down / 2) < Math.max(width, across);
}

function fail(reason) {
  stop();
  report(reason, {}, true);
}

function stop() {
  if (live?.seat) call("leave", { seat: live.seat });
  live?.camera.close();
  live = null;
  part(root, "video").hidden = true;
  part(root, "live").dataset.text = "start";
  part(root, "live").textContent = say("start");
  outline([], 1, 1, false);
  if (picture.hidden) part(root, "hint").hidden = false;
  report("");
}

for (const [language, name] of Object.entries(languages)) {
  const button = make("button", { type: "button", onclick: () => {
    say.switch(language);
    cards.forEach((card) => card.label());
    report(...message);
  } }, name);
  button.dataset.language = language;
  part(root, "languages").append(button);
}
for (const [index, url] of examples.entries()) {
  part(root, "examples").append(make("button", {
    type: "button", ariaLabel: `${index + 1}`, onclick: async () => read(await (await fetch(url)).blob()),
  }, make("img", { src: url, alt: "" })));
}
part(root, "choose").onclick = () => part(root, "file").click();
part(root, "file").onchange = ({ target }) => { if (target.files[0]) read(target.files[0]); target.value = ""; };
part(root, "live").onclick = () => (live === null ? start() : stop());
const stage = part(root, "stage");
stage.ondragover = (event) => { event.preventDefault(); stage.classList.add("dragging"); };
stage.ondragleave = () => stage.classList.remove("dragging");
stage.ondrop = (event) => {
  event.preventDefault();
  stage.classList.remove("dragging");
  if (event.dataTransfer.files[0]) read(event.dataTransfer.files[0]);
};
document.addEventListener("paste", (event) => {
  const file = [...(event.clipboardData?.files ?? [])][0];
  if (file) read(file);
});
window.addEventListener("pagehide", () => { if (live) stop(); });
say.switch(say.language);
