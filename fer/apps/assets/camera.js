// Shared by the applications: a camera, calls to the server, and texts in two languages.

const WIDTH = 320;
const HEIGHT = 240;
const QUALITY = 0.8;
const TURN = 3000; // milliseconds between two attempts to get a seat

class Camera {
  // Frames of a webcam as small JPEG pictures. `video` shows it.
  constructor(video) {
    this.video = video;
    this.stream = null;
    this.fresh = false; // whether there is a picture that `next` has not given yet
    this.canvas = document.createElement("canvas");
    this.canvas.width = WIDTH;
    this.canvas.height = HEIGHT;
  }

  // Stays closed if it is no longer wanted when the browser has asked. Throws an Error whose message is a key of the texts.
  async open(wanted) {
    if (!navigator.mediaDevices) throw new Error("insecure");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({
        video: { width: { ideal: WIDTH }, height: { ideal: HEIGHT }, frameRate: { ideal: 30 } },
      });
      if (!wanted()) return this.close();
      this.video.srcObject = this.stream;
      await this.video.play();
    } catch (error) {
      this.close();
      const reasons = { NotAllowedError: "no_permission", SecurityError: "no_permission", NotFoundError: "no_camera" };
      throw new Error(reasons[error.name] ?? "camera_busy");
    }
    this.watch();
  }

  close() {
    if (!this.stream) return;
    this.stream.getTracks().forEach((track) => track.stop());
    if (this.video.srcObject === this.stream) this.video.srcObject = null; // and not that of another camera
    this.stream = null;
  }

  get lost() {
    return !this.stream?.getTracks().some((track) => track.readyState === "live");
  }

  // Notes whenever the camera has a new picture.
  watch() {
    if (!this.stream) return;
    this.fresh = true;
    this.wake?.();
    if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(() => this.watch());
    else setTimeout(() => this.watch(), 33);
  }

  // Waits for a picture that was not taken yet, but never for long: a hidden page gets none.
  async next() {
    if (!this.fresh) {
      await new Promise((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, 200);
      });
    }
    this.fresh = false;
  }

  // A frame as a data URL; what does not fit 4:3 is cut off at its sides.
  grab() {
    const { videoWidth: width, videoHeight: height } = this.video;
    const scale = Math.min(width / WIDTH, height / HEIGHT);
    const [cutWidth, cutHeight] = [WIDTH * scale, HEIGHT * scale];
    this.canvas
      .getContext("2d", { willReadFrequently: true })
      .drawImage(this.video, (width - cutWidth) / 2, (height - cutHeight) / 2, cutWidth, cutHeight, 0, 0, WIDTH, HEIGHT);
    return this.canvas.toDataURL("image/jpeg", QUALITY);
  }
}

// Calls a function of the server; a failure is {error: reason}.
async function call(name, data = {}) {
  try {
    return (await server[name](data)) ?? { error: "failed" };
  } catch {
    return { error: "offline" };
  }
}

// Takes a seat, waiting for one as long as `wanted()`; `report` gets the reason of the waiting.
async function seat(wanted, report) {
  while (wanted()) {
    const { seat: token, error } = await call("enter");
    if (token && wanted()) return token;
    if (token) call("leave", { seat: token });
    if (!wanted()) return null;
    report(error);
    if (error !== "seats_taken") return null;
    await new Promise((resolve) => setTimeout(resolve, TURN));
  }
  return null;
}

// Frames a second over the last seconds.
class Rate {
  constructor() { this.times = []; }

  tick() {
    const now = performance.now();
    this.times = [...this.times.filter((time) => now - time < 3000), now];
    const span = now - this.times[0];
    return span > 0 ? ((this.times.length - 1) * 1000) / span : 0;
  }
}

// An element: make("p", {className: "x"}, "text", child …).
function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// Texts of a page: `say(key, {n: 3})`; elements with data-text follow the language.
function speaker(root, texts, language) {
  const say = (key, values = {}) =>
    (texts[say.language][key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name]);
  say.language = language;
  say.switch = (chosen) => {
    say.language = chosen;
    root.lang = chosen;
    root.querySelectorAll("[data-text]").forEach((node) => { node.textContent = say(node.dataset.text); });
    root.querySelectorAll("[data-language]").forEach((node) => {
      node.setAttribute("aria-pressed", node.dataset.language === chosen);
    });
  };
  return say;
}

function part(root, name) {
  return root.querySelector(`[data-part="${name}"]`);
}
