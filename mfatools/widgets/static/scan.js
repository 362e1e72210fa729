// From a picture to an account: the page's half of mfatools.Scan.
//
// Pictures go to the kernel as binary buffers of custom messages and come back as words. Nothing is kept here: no
// trait, no storage, no attribute ever holds a picture or a text that was read. The named exports are pure and take
// all they need as arguments; `node --test` imports what ships.

/** Bytes of one picture. A comm message over 10 MiB drops the websocket without a word, so we stay well below. */
export const MAX_BYTES = 8_000_000;
/** Bytes of a file that we are willing to open at all. */
export const MAX_FILE = 200_000_000;
/** Longest side of a camera frame in pixels: fine enough for a code held up to the lens, small enough to flow. */
export const FRAME_SIDE = 1280;
/** Rest between two camera frames in ms. One frame is on its way at a time. */
export const FRAME_REST = 120;
/** Steps by which a picture is made smaller until it fits. */
export const SHRINK_STEPS = [1, 0.75, 0.5, 0.35, 0.25, 0.15];

const EDITORS = 'input, textarea, select, [contenteditable=""], [contenteditable="true"], .cm-editor, .cm-content';
const TEXT_FILES = /\.(txt|csv|uri|url)$/i;

/** "2.4 MB" from a number of bytes. */
export function humanSize(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(bytes < 100_000_000 ? 1 : 0)} MB`;
}

/** What to do with a file: "send" it as it is, "shrink" it first, read it as "text", or refuse it: what is wrong, what to do. */
export function plan(file) {
  if (file.size === 0) return { refuse: ["This file is empty.", "Save the picture again, or take a screenshot of the QR code."] };
  if (file.size > MAX_FILE) {
    return { refuse: [`This file is ${humanSize(file.size)}; a picture of a QR code needs far less.`, "Take a screenshot of the code instead."] };
  }
  const textual = file.type.startsWith("text/plain") || (!file.type && TEXT_FILES.test(file.name ?? ""));
  if (textual) {
    return file.size <= 1_000_000 ? { way: "text" } : { refuse: ["This text file is too big.", "Copy just the line that begins with otpauth:// and paste it here."] };
  }
  return { way: file.size <= MAX_BYTES ? "send" : "shrink" };
}

/** The files, the text or the address in a paste or a drop. Files win: a browser adds an address to a dragged picture. */
export function contents(transfer) {
  if (!transfer) return { kind: "nothing" };
  const files = [...(transfer.files ?? [])];
  if (files.length) return { kind: "files", files };
  const text = (transfer.getData("text/uri-list") || transfer.getData("text/plain") || "").trim();
  if (!text) return { kind: "nothing" };
  if (/^data:image\//i.test(text)) return { kind: "data", text };
  if (/^(https?|file|blob):/i.test(text)) return { kind: "address" };
  return { kind: "text", text };
}

/** The bytes and the type of a base64 data: address, or null. */
export function fromDataAddress(text) {
  const match = /^data:(image\/[\w.+-]+);base64,([\sA-Za-z0-9+/=]+)$/.exec(text);
  if (!match) return null;
  const raw = atob(match[2].replace(/\s/g, ""));
  return { type: match[1], bytes: Uint8Array.from(raw, (char) => char.charCodeAt(0)) };
}

/** Does a paste somewhere on the page belong to this widget?
 *
 * Inside the widget: always. On a text that is being edited: never. Elsewhere on the page: only a picture or a key
 * URI, only while the widget can be seen, and only if nobody else took it.
 */
export function ownsPaste({ path, root, prevented, visible, content }) {
  if (prevented) return false;
  if (path.includes(root)) return true;
  if (path.some((node) => node.matches?.(EDITORS))) return false;
  if (!visible) return false;
  return content.kind === "files" || (content.kind === "text" && /^(otpauth|otpauth-migration|motp):/i.test(content.text));
}

/** Was a picture just pasted on a Markdown cell that is being edited? The notebook would store it. */
export function storedByMarkdown(path, content) {
  return content.kind === "files" && path.some((node) => node.matches?.(".jp-MarkdownCell"));
}

/** What this page can do. `mediaDevices` and `clipboard` exist on https and localhost only. */
export function capabilities(navigator) {
  const can = {
    camera: Boolean(navigator.mediaDevices?.getUserMedia),
    screen: Boolean(navigator.mediaDevices?.getDisplayMedia),
    clipboard: Boolean(navigator.clipboard?.read),
  };
  const lost = [!can.camera && "the camera", !can.screen && "screen capture", !can.clipboard && "the Paste button"].filter(Boolean);
  const words = lost.length
    ? `This page is not allowed to use ${list(lost)}: browsers allow that only on https and localhost pages, and not on every device. You can still drop a picture, paste it with the keyboard or choose a file.`
    : "";
  return { ...can, words };
}

/** Why a camera or a screen could not be had, and what to do, from the browser's error name. */
export function mediaWords(name, what) {
  if (name === "NotAllowedError" || name === "SecurityError") {
    return what === "camera"
      ? "The browser did not allow the camera. Allow it beside the address bar and try again, or drop a screenshot here."
      : "Nothing was captured: the browser did not allow it, or it was cancelled. You can also drop or paste a screenshot.";
  }
  if (name === "NotFoundError" || name === "OverconstrainedError") return "No camera was found. Plug one in, or drop a screenshot here.";
  if (name === "NotReadableError" || name === "AbortError") return "Another program is using the camera. Close it and try again.";
  return `The ${what} could not be started. Drop or paste a screenshot instead.`;
}

/** Width and height that fit into a longest side, never enlarged. */
export function fit(width, height, side) {
  const scale = Math.min(1, side / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

/** The `points` attribute of a polygon around a code: corners are pairs in pixels of the frame that was sent. */
export function polygon(corners) {
  return corners.map(([x, y]) => `${Math.round(x)},${Math.round(y)}`).join(" ");
}

/** Cards of accounts, which stand on the board of codes, and the others, which need a look and stand above it. */
export function parted(cards) {
  return [cards.filter((one) => one.kind === "account"), cards.filter((one) => one.kind !== "account")];
}

/** One line on what is going on with a picture. */
export function jobWords(job, now) {
  if (job.state === "waiting") return "waiting its turn";
  if (job.state === "shrinking") return "making it small enough to send";
  return now - job.since > 6000 ? "the kernel has not answered yet; it may be busy" : "looking for QR codes";
}

/** Pictures one after the other. `start(job)` sends one; call `done(id)` when its answer came. */
export function queue(start, changed) {
  let jobs = [];
  const next = () => {
    const job = jobs[0];
    if (job?.state === "waiting") start(job);
    changed(jobs);
  };
  return {
    add: (job) => { jobs = [...jobs, { ...job, state: "waiting" }]; next(); },
    mark: (id, change) => { jobs = jobs.map((job) => (job.id === id ? { ...job, ...change } : job)); changed(jobs); },
    done: (id) => { jobs = jobs.filter((job) => job.id !== id); next(); },
    has: (id) => jobs.some((job) => job.id === id),
    clear: () => { jobs = []; changed(jobs); },
    get jobs() { return jobs; },
  };
}

// ---------------------------------------------------------------------------------------------------------------
// Drawing. Every text goes in as a text node: a label from a QR code is never markup.

const ICONS = {
  qr: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 14h2v2h-2zM16 16h2v2h-2zM14 18h2v2h-2zM18 18h2v2h-2z",
  file: "M6 3h8l4 4v14H6zM14 3v4h4M9 13h6M9 17h4",
  paste: "M9 4h6v3H9zM9 5H6v16h12V5h-3M9 12h6M9 16h4",
  camera: "M4 7h3l2-2h6l2 2h3v12H4zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z",
  screen: "M3 5h18v12H3zM8 21h8M12 17v4",
  account: "M5 12.5l4.5 4.5L19 7.5",
  duplicate: "M8 8h11v11H8zM5 16V5h11",
  batch: "M5 6h14M5 12h14M5 18h8",
  other: "M12 11v6M12 7.2v.6M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  nothing: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L21 21",
  error: "M12 8v5M12 16.2v.6M12 3l9.5 17h-19z",
  close: "M6 6l12 12M18 6L6 18",
  ask: "M8.5 9a3.5 3.5 0 1 1 5.2 3c-1.2.7-1.7 1.3-1.7 2.5M12 18v.3",
  turn: "M4 12a8 8 0 0 1 14-5.3L20 9M20 4v5h-5M20 12a8 8 0 0 1-14 5.3L4 15M4 20v-5h5",
};
const SVG = "http://www.w3.org/2000/svg";

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "mfa-icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name] ?? ICONS.other);
  svg.append(path);
  return svg;
}

function button(name, label, onclick, more = {}) {
  return make("button", { type: "button", class: "mfa-button", onclick, ...more }, icon(name), make("span", {}, label));
}

function iconButton(name, label, onclick) {
  return make("button", { type: "button", class: "mfa-icon-button", "aria-label": label, title: label, onclick }, icon(name));
}

const NOTE_WORDS = { warn: "Watch out: ", info: "Note: " };

function noteLine(note) {
  const level = note.severity === "warn" ? "warn" : "info";
  return make("li", { class: `mfa-scan-note is-${level}`, title: note.code ?? "" },
    make("span", { class: "mfa-said" }, NOTE_WORDS[level]), make("span", {}, note.text));
}

function card(entry, remove) {
  const facts = (entry.facts ?? []).map((fact) => make("li", {}, fact));
  const notes = (entry.notes ?? []).map(noteLine);
  return make("li", { class: `mfa-scan-card is-${entry.kind}`, "data-card": entry.id },
    make("span", { class: "mfa-scan-mark" }, icon(entry.kind)),
    make("div", { class: "mfa-scan-body" },
      make("p", { class: "mfa-scan-title" }, make("strong", {}, entry.title),
        entry.subtitle && make("span", { class: "mfa-scan-name" }, entry.subtitle),
        entry.source && make("span", { class: "mfa-scan-source" }, entry.source)),
      entry.text && make("p", { class: "mfa-scan-text" }, entry.text),
      entry.hint && make("p", { class: "mfa-scan-hint" }, entry.hint),
      facts.length ? make("ul", { class: "mfa-scan-facts", "aria-label": "Settings" }, ...facts) : null,
      notes.length ? make("ul", { class: "mfa-scan-notes", "aria-label": "Notes" }, ...notes) : null),
    iconButton("close", `Remove ${entry.title}`, () => remove(entry.id)));
}

// ---------------------------------------------------------------------------------------------------------------
// Pictures made small enough, or taken from a video. All in memory.

const toBlob = (canvas, type, quality) => new Promise((resolve) => canvas.toBlob(resolve, type, quality));

function drawn(source, width, height) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  canvas.getContext("2d").drawImage(source, 0, 0, width, height);
  return canvas;
}

/** A JPEG of `blob` under MAX_BYTES; null if this browser cannot decode it. */
async function shrink(blob) {
  let bitmap;
  try { bitmap = await createImageBitmap(blob); } catch { return null; }
  try {
    for (const scale of SHRINK_STEPS) {
      const side = scale * Math.max(bitmap.width, bitmap.height);
      const small = await toBlob(drawn(bitmap, ...fit(bitmap.width, bitmap.height, side)), "image/jpeg", 0.92);
      if (small && small.size <= MAX_BYTES) return small;
    }
  } finally { bitmap.close(); }
  return null;
}

async function loaded(video, stream) {
  video.muted = true;
  video.playsInline = true;
  video.srcObject = stream;
  await video.play();
  if (!video.videoWidth) await new Promise((resolve) => video.addEventListener("resize", resolve, { once: true }));
}

const stopStream = (stream) => stream?.getTracks().forEach((track) => track.stop());

/** One frame of a screen or a window at full size, as PNG (JPEG when that grows too big). */
async function screenshot() {
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: true, audio: false });
  try {
    const video = document.createElement("video");
    await loaded(video, stream);
    const canvas = drawn(video, video.videoWidth, video.videoHeight);
    const png = await toBlob(canvas, "image/png");
    return png.size <= MAX_BYTES ? png : await shrink(png);
  } finally { stopStream(stream); }
}

// ---------------------------------------------------------------------------------------------------------------
// One view on the page.

let serial = 0;
const newId = () => `${Date.now().toString(36)}-${(serial += 1)}-${Math.random().toString(36).slice(2, 8)}`;

function render({ model, el, signal, host }) {
  const life = new AbortController();
  const can = capabilities(navigator);
  const paste = /Mac|iP(hone|ad)/.test(navigator.platform ?? "") ? "⌘V" : "Ctrl+V";
  const parts = skeleton(model, can, paste);
  const { root } = parts;
  const ctx = { model, parts, root, can, paste, life, cards: [], camera: null, frames: new Map(), answered: false };
  ctx.boarded = Boolean(model.get("board")); // the board shows the accounts; without one they get cards here
  ctx.say = (text, level = "info") => { parts.status.textContent = text; parts.status.dataset.level = level; };
  ctx.send = (content, buffers = []) => sendSafely(ctx, content, buffers);
  ctx.jobs = queue((job) => startJob(ctx, job), (jobs) => showJobs(ctx, jobs));
  connectControls(ctx);
  connectPage(ctx);
  const onMessage = (content, buffers) => receive(ctx, content, buffers);
  model.on("msg:custom", onMessage);
  el.append(root);
  mount(ctx, host, "board", ctx.parts.board,
    "The live codes cannot be shown inside this page. Run a cell with the name of this widget and .live, as in scan.live.")
    .then((shown) => { if (!shown && ctx.boarded) { ctx.boarded = false; showCards(ctx, ctx); } });
  mount(ctx, host, "clock", ctx.parts.clock, "");
  inviteDoctor(ctx, host);
  hello(ctx);
  life.signal.addEventListener("abort", () => {
    closeCamera(ctx);
    model.off("msg:custom", onMessage);
    root.remove();
  });
  signal?.addEventListener("abort", () => life.abort());
  return () => life.abort();
}

const FIRST_LEAD = "Drop the picture of a QR code here";
const NEXT_LEAD = "Drop or paste another one";

function skeleton(model, can, paste) {
  const parts = {};
  parts.input = make("input", { type: "file", multiple: true, accept: "image/*,.heic,.heif,.avif,.txt", class: "mfa-scan-input", tabindex: "-1", "aria-hidden": "true" });
  parts.choose = button("file", "Choose files", undefined, { "data-act": "choose" });
  parts.clip = button("paste", "Paste", undefined, { "data-act": "paste" });
  parts.cam = button("camera", "Camera", undefined, { "data-act": "camera" });
  parts.shot = button("screen", "Capture screen", undefined, { "data-act": "screen" });
  parts.choose.classList.add("is-main");
  parts.lead = make("p", { class: "mfa-scan-lead" }, FIRST_LEAD);
  parts.zone = make("div", { class: "mfa-scan-zone", tabindex: "0", role: "group", "aria-label": `Drop zone. Drop a picture of a QR code here or paste it with ${paste}.` },
    make("span", { class: "mfa-scan-emblem" }, icon("qr")),
    make("div", { class: "mfa-scan-call" },
      parts.lead,
      make("p", { class: "mfa-scan-sub" }, "or paste it with ", make("kbd", {}, paste), ", or a text that begins with otpauth://")),
    make("div", { class: "mfa-scan-actions" }, parts.choose, parts.clip, can.camera ? parts.cam : null, can.screen ? parts.shot : null),
    parts.input);
  parts.privacy = make("p", { class: "mfa-scan-privacy" },
    "Pictures are read in memory and then forgotten. Do not paste one into a text (Markdown) cell: the notebook would save it.");
  parts.limits = make("p", { class: "mfa-scan-limits" }, can.words);
  parts.status = make("p", { class: "mfa-scan-status", role: "status" });
  parts.stage = make("div", { class: "mfa-scan-stage" });
  parts.jobs = make("ul", { class: "mfa-scan-jobs", "aria-label": "Pictures being read" });
  parts.problems = make("ul", { class: "mfa-scan-cards", "aria-label": "What needs attention" });
  parts.tail = make("div", { class: "mfa-scan-clear" });
  parts.cards = make("ul", { class: "mfa-scan-cards", "aria-label": "Accounts found" });
  parts.board = make("div", { class: "mfa-scan-board" });
  parts.clock = make("div", { class: "mfa-scan-clock" });
  parts.consulting = make("div");
  parts.doctor = make("details", { class: "mfa-scan-doctor", hidden: true },
    make("summary", {}, icon("ask"), make("span", { class: "mfa-scan-asked" }, "The site refused the code?"),
      make("span", { class: "mfa-scan-open" }, make("span", { class: "is-open" }, "Find out why"), make("span", { class: "is-shut" }, "Close"))),
    parts.consulting);
  parts.head = heading(model);
  parts.root = make("section", { class: "mfa mfa-scan is-empty", "data-lm-suppress-shortcuts": "true", "aria-label": "Scan a QR code" },
    parts.head, parts.zone, parts.privacy, can.words ? parts.limits : null, parts.stage, parts.status, parts.jobs, parts.problems, parts.board, parts.cards, parts.tail, parts.clock, parts.doctor);
  return parts;
}

function heading(model) {
  const [title, lead] = [model.get("title"), model.get("lead")];
  if (!title) return null;
  return make("header", { class: "mfa-scan-head" }, make("h2", {}, title), lead ? make("p", {}, lead) : null);
}

function sendSafely(ctx, content, buffers) {
  try {
    ctx.model.send(content, undefined, buffers);
    return true;
  } catch {
    ctx.say("The kernel is not connected. If it was restarted, run this cell again.", "warn");
    return false;
  }
}

function hello(ctx) {
  ctx.send({ type: "hello", nonce: newId() });
  const timer = setTimeout(() => {
    if (!ctx.answered) ctx.say("Waiting for the kernel: it may be busy, or it was restarted. Then run this cell again.", "warn");
  }, 3000);
  ctx.life.signal.addEventListener("abort", () => clearTimeout(timer));
}

/** Show another widget inside this one. */
async function mount(ctx, host, name, el, otherwise) {
  const reference = ctx.model.get(name);
  if (!reference) return false;
  try {
    const widget = await host.getWidget(reference);
    await widget.render({ el, signal: ctx.life.signal });
    return true;
  } catch {
    if (otherwise) el.replaceChildren(make("p", { class: "mfa-scan-hint" }, otherwise));
    return false;
  }
}

/** The doctor stands behind a fold, and comes only when somebody opens it. */
function inviteDoctor(ctx, host) {
  const { doctor, consulting } = ctx.parts;
  doctor.hidden = !ctx.model.get("doctor");
  doctor.addEventListener("toggle", () => {
    if (doctor.open && !consulting.firstChild) mount(ctx, host, "doctor", consulting, "The doctor cannot be shown inside this page. Run a cell with mfatools.Doctor().");
  }, { signal: ctx.life.signal });
}

// --- what comes in from the person

function connectControls(ctx) {
  const { parts, life } = ctx;
  const on = (node, name, act) => node.addEventListener(name, act, { signal: life.signal });
  on(parts.input, "change", () => { takeFiles(ctx, [...parts.input.files], "file"); parts.input.value = ""; });
  // What was said about the last thing does not belong to the next.
  const choose = () => { ctx.say(""); parts.input.click(); };
  on(parts.choose, "click", choose);
  on(parts.clip, "click", () => { ctx.say(""); return readClipboard(ctx); });
  on(parts.cam, "click", () => (ctx.camera ? closeCamera(ctx) : openCamera(ctx)));
  on(parts.shot, "click", () => { ctx.say(""); return captureScreen(ctx); });
  on(parts.zone, "keydown", (event) => {
    if (event.target === parts.zone && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); choose(); }
  });
  on(ctx.root, "keydown", (event) => { if (event.key === "Escape" && ctx.camera) { event.stopPropagation(); closeCamera(ctx); } });
  for (const name of ["dragenter", "dragover"]) {
    on(ctx.root, name, (event) => {
      event.preventDefault();
      event.stopPropagation();
      if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
      parts.zone.classList.add("is-over");
    });
  }
  on(ctx.root, "dragleave", (event) => { if (!ctx.root.contains(event.relatedTarget)) parts.zone.classList.remove("is-over"); });
  on(ctx.root, "drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    parts.zone.classList.remove("is-over");
    take(ctx, contents(event.dataTransfer), "drop");
  });
}

function connectPage(ctx) {
  const { life, root } = ctx;
  document.addEventListener("paste", (event) => onPaste(ctx, event), { signal: life.signal, capture: true });
  document.addEventListener("visibilitychange", () => { if (document.hidden) closeCamera(ctx); }, { signal: life.signal });
  const warn = (event) => root.classList.toggle("is-awaiting", [...(event.dataTransfer?.types ?? [])].includes("Files"));
  const calm = () => root.classList.remove("is-awaiting");
  document.addEventListener("dragenter", warn, { signal: life.signal, capture: true });
  for (const name of ["drop", "dragend"]) document.addEventListener(name, calm, { signal: life.signal, capture: true });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) calm(); }, { signal: life.signal, capture: true });
}

function onPaste(ctx, event) {
  const content = contents(event.clipboardData);
  const path = event.composedPath();
  if (storedByMarkdown(path, content)) {
    ctx.say("A picture was just pasted into a text (Markdown) cell, and the notebook will save it. If it shows a two-factor QR code, remove it from that cell (Edit, Undo) and paste it here.", "warn");
    return;
  }
  if (!ownsPaste({ path, root: ctx.root, prevented: event.defaultPrevented, visible: onScreen(ctx.root), content })) return;
  event.preventDefault();
  event.stopPropagation();
  take(ctx, content, "paste");
}

function onScreen(node) {
  const box = node.getBoundingClientRect();
  return box.width > 0 && box.bottom > 0 && box.top < window.innerHeight;
}

function take(ctx, content, via) {
  if (content.kind === "files") return takeFiles(ctx, content.files, via);
  if (content.kind === "text") return takeText(ctx, content.text, via);
  if (content.kind === "data") {
    const picture = fromDataAddress(content.text);
    if (picture) return takeFiles(ctx, [new File([picture.bytes], "", { type: picture.type })], via);
  }
  if (content.kind === "address" || content.kind === "data") {
    return ctx.say("That was a web address, and nothing is downloaded here. Save the picture it leads to, or take a screenshot, and drop that.", "warn");
  }
  return ctx.say(via === "paste" ? "There is no picture in the clipboard. Take a screenshot to the clipboard and paste again." : "There was no picture in what was dropped. Drop an image file or a screenshot.", "warn");
}

function takeFiles(ctx, files, via) {
  ctx.say("");
  ctx.given = files.length;
  const lot = newId();
  for (const file of files) {
    const { refuse, way } = plan(file);
    const name = via === "paste" ? "" : file.name ?? "";
    if (refuse) refused(ctx, { name, via, lot }, ...refuse);
    else ctx.jobs.add({ id: newId(), name, via, lot, file, way });
  }
}

/** A file that is not sent ends as a card all the same: the kernel keeps those. */
function refused(ctx, { name, via, lot }, what, hint) {
  if (ctx.send({ type: "refused", nonce: newId(), name, via, lot, what, hint })) ctx.say([name, what, hint].filter(Boolean).join(" "), "quiet");
}

function takeText(ctx, text, via) {
  ctx.say("");
  ctx.given = 1;
  ctx.jobs.add({ id: newId(), name: "", via, text, way: "text" });
}

async function readClipboard(ctx) {
  if (!ctx.can.clipboard) {
    ctx.parts.zone.focus();
    return ctx.say(`This page may not read the clipboard by itself. Press ${ctx.paste} now.`, "warn");
  }
  let items;
  try { items = await navigator.clipboard.read(); } catch {
    ctx.parts.zone.focus();
    return ctx.say(`The browser did not give access to the clipboard. Press ${ctx.paste} now.`, "warn");
  }
  for (const item of items) {
    const type = item.types.find((name) => name.startsWith("image/"));
    if (type) return takeFiles(ctx, [new File([await item.getType(type)], "", { type })], "paste");
    if (item.types.includes("text/plain")) {
      const text = (await (await item.getType("text/plain")).text()).trim();
      if (text) return take(ctx, contents({ files: [], getData: () => text }), "paste");
    }
  }
  return take(ctx, { kind: "nothing" }, "paste");
}

async function captureScreen(ctx) {
  try {
    const shot = await screenshot();
    ctx.given = 1;
    if (shot) ctx.jobs.add({ id: newId(), name: "", via: "screen", file: shot, way: "send" });
    else ctx.say("The capture is too big to send. Choose a single window instead of the whole screen.", "warn");
  } catch (error) { ctx.say(mediaWords(error?.name, "screen"), "warn"); }
}

// --- one picture at a time to the kernel

async function startJob(ctx, job) {
  ctx.jobs.mark(job.id, { state: job.way === "shrink" ? "shrinking" : "reading", since: Date.now() });
  try {
    const [content, buffers] = await packed(job);
    if (!ctx.jobs.has(job.id)) return; // stopped meanwhile
    ctx.jobs.mark(job.id, { state: "reading", since: Date.now(), file: null, text: null });
    if (!ctx.send({ ...content, nonce: job.id, name: job.name, via: job.via, lot: job.lot ?? job.id }, buffers)) ctx.jobs.done(job.id);
  } catch (error) {
    refused(ctx, job, error.message, error.hint ?? "");
    ctx.jobs.done(job.id);
  }
}

async function packed(job) {
  if (job.way === "text") return [{ type: "text", text: job.text ?? (await job.file.text()) }, []];
  const blob = job.way === "shrink" ? await shrink(job.file) : job.file;
  if (!blob) throw trouble(`This file is ${humanSize(job.file.size)}, and this browser cannot make it smaller.`, "Take a screenshot of the QR code and drop that.");
  let bytes;
  try { bytes = await blob.arrayBuffer(); } catch { throw trouble("The browser could not read this file.", "Copy it to another folder and drop it again."); }
  return [{ type: "picture" }, [bytes]];
}

const trouble = (what, hint) => Object.assign(new Error(what), { hint });

function stopJob(ctx, id) {
  const job = ctx.jobs.jobs.find((one) => one.id === id);
  if (job?.state === "reading") ctx.send({ type: "stop", nonce: id });
  ctx.jobs.done(id);
  ctx.say("Stopped.");
  ctx.parts.zone.focus();
}

function showJobs(ctx, jobs) {
  clearTimeout(ctx.jobTimer);
  const { parts } = ctx;
  const kept = parts.jobs.contains(ctx.root.getRootNode().activeElement);
  parts.jobs.replaceChildren(...jobs.map((job) => jobLine(ctx, job)));
  if (kept) (parts.jobs.querySelector("button") ?? parts.zone).focus();
  const found = parted(ctx.cards)[0].length;
  if (jobs.length) ctx.before ??= found;
  else {
    if (found > (ctx.before ?? found)) reveal(ctx);
    ctx.before = null;
  }
  ctx.root.classList.toggle("is-busy", jobs.length > 0);
  if (jobs.length) ctx.jobTimer = setTimeout(() => { if (!ctx.life.signal.aborted) showJobs(ctx, ctx.jobs.jobs); }, 6500);
}

/** A new code is to be in sight once the board has drawn it, whatever stands above. Who looks elsewhere by then stays there. */
function reveal({ root, parts, boarded }) {
  if (!onScreen(root)) return;
  const place = boarded ? parts.board : parts.cards;
  const drawn = new ResizeObserver(() => place.scrollIntoView({ block: "nearest" }));
  drawn.observe(place);
  setTimeout(() => drawn.disconnect(), 1500);
}

function jobLine(ctx, job) {
  const name = job.name || { paste: "Pasted picture", screen: "Screen capture" }[job.via] || "Picture";
  return make("li", { class: `mfa-scan-job is-${job.state}` },
    make("span", { class: "mfa-scan-spin", "aria-hidden": "true" }),
    make("span", { class: "mfa-scan-job-name" }, name),
    make("span", { class: "mfa-scan-job-state" }, jobWords(job, Date.now())),
    make("button", { type: "button", class: "mfa-button is-small", "aria-label": `Stop ${name}`, onclick: () => stopJob(ctx, job.id) }, "Stop"));
}

// --- what comes in from the kernel

function receive(ctx, content) {
  if (content.type === "cards") { ctx.answered = true; return showCards(ctx, content); }
  if (content.type === "notice") return ctx.say(content.text, content.level ?? "info");
  // An answer reaches every open browser: ours carries a nonce that this page gave out.
  const frame = ctx.frames.get(content.nonce);
  if (frame) return frame(content.type === "error" ? { say: sentence(content), level: "warn" } : content);
  if (!ctx.jobs.has(content.nonce)) return undefined;
  if (content.type === "error") ctx.say(sentence(content), "warn");
  else if (content.say) ctx.say(content.say, ctx.given > 1 ? "quiet" : content.level); // of many, the last is no summary
  return ctx.jobs.done(content.nonce);
}

const sentence = ({ what, hint }) => [what, hint].filter(Boolean).join(" ");

function showCards(ctx, { cards }) {
  const { parts, root } = ctx;
  if (parts.status.textContent.startsWith("Waiting for the kernel")) ctx.say("");
  const old = new Set(ctx.cards.map((one) => one.id));
  const drawn = (one) => {
    const node = card(one, (id) => removeCard(ctx, id));
    node.classList.toggle("is-new", old.size > 0 && !old.has(one.id));
    return node;
  };
  const [accounts, problems] = parted(cards);
  ctx.cards = cards;
  parts.problems.replaceChildren(...problems.map(drawn));
  parts.cards.replaceChildren(...(ctx.boarded ? [] : accounts.map(drawn)));
  parts.tail.replaceChildren(...(cards.length > 1 ? [clearButton(ctx)] : []));
  if (!accounts.length && parts.board.contains(root.getRootNode().activeElement)) parts.zone.focus(); // the board goes
  parts.lead.textContent = cards.length ? NEXT_LEAD : FIRST_LEAD;
  root.classList.toggle("is-empty", cards.length === 0);
  root.classList.toggle("has-accounts", accounts.length > 0);
  ctx.settle?.();
}

function clearButton(ctx) {
  const clear = () => { ctx.say(""); ctx.send({ type: "clear", nonce: newId() }); ctx.parts.zone.focus(); };
  return make("button", { type: "button", class: "mfa-button is-small", onclick: clear }, "Remove all");
}

function removeCard(ctx, id) {
  const nodes = [...ctx.root.querySelectorAll("[data-card]")];
  const place = nodes.findIndex((node) => node.dataset.card === id);
  const wanted = (nodes[place + 1] ?? nodes[place - 1])?.dataset.card;
  ctx.settle = () => { // once the kernel's answer is drawn: the focus stays in the widget
    ctx.settle = null;
    const node = [...ctx.root.querySelectorAll("[data-card]")].find((one) => one.dataset.card === wanted);
    (node?.querySelector(".mfa-icon-button") ?? ctx.parts.zone).focus();
  };
  ctx.say("");
  if (!ctx.send({ type: "remove", card: id, nonce: newId() })) ctx.settle = null;
}

// --- the camera

async function openCamera(ctx, deviceId) {
  const camera = { alive: true, video: make("video", { class: "mfa-scan-video", "aria-label": "Camera preview" }) };
  ctx.camera = camera;
  ctx.say("Starting the camera.");
  try {
    const wish = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: "environment" };
    camera.stream = await navigator.mediaDevices.getUserMedia({ video: { ...wish, width: { ideal: 1920 }, height: { ideal: 1080 } }, audio: false });
    if (!camera.alive) return stopStream(camera.stream); // closed while the browser asked
    await loaded(camera.video, camera.stream);
  } catch (error) {
    if (ctx.camera === camera) { closeCamera(ctx); ctx.say(mediaWords(error?.name, "camera"), "warn"); }
    return undefined;
  }
  await showStage(ctx, camera);
  if (!camera.alive) return undefined; // closed while the cameras were counted
  ctx.say("Hold the QR code in front of the camera.");
  return watchCamera(ctx, camera);
}

async function showStage(ctx, camera) {
  camera.frame = document.createElementNS(SVG, "svg");
  camera.frame.setAttribute("class", "mfa-scan-frame");
  camera.frame.setAttribute("aria-hidden", "true");
  const close = button("close", "Close camera", () => closeCamera(ctx));
  const devices = ((await navigator.mediaDevices.enumerateDevices?.()) ?? []).filter((one) => one.kind === "videoinput");
  if (!camera.alive) return;
  const now = camera.stream.getVideoTracks()[0]?.getSettings().deviceId;
  const next = devices[(devices.findIndex((one) => one.deviceId === now) + 1) % devices.length];
  const other = devices.length > 1 ? button("turn", "Other camera", () => { closeCamera(ctx); openCamera(ctx, next.deviceId); }) : null;
  camera.view = make("div", { class: "mfa-scan-view" }, camera.video, camera.frame);
  ctx.parts.stage.replaceChildren(make("div", { class: "mfa-scan-camera", role: "group", "aria-label": "Camera" },
    camera.view, make("div", { class: "mfa-scan-actions" }, other, close)));
  ctx.root.classList.add("is-filming");
  close.focus();
}

async function watchCamera(ctx, camera) {
  while (camera.alive) {
    const size = fit(camera.video.videoWidth, camera.video.videoHeight, FRAME_SIDE);
    const canvas = drawn(camera.video, ...size);
    const blob = await toBlob(canvas, "image/jpeg", 0.9);
    if (!camera.alive) return;
    const reply = await askFrame(ctx, await blob.arrayBuffer());
    if (!camera.alive) return;
    outline(camera, reply?.found ?? [], size);
    if (reply?.say) ctx.say(reply.say, reply.level);
    if (reply?.done) return freeze(ctx, camera, canvas);
    await new Promise((resolve) => setTimeout(resolve, FRAME_REST));
  }
}

/** Send one frame and wait for its answer, 5 s at most: a busy kernel must not pile up frames. */
function askFrame(ctx, buffer) {
  const nonce = newId();
  return new Promise((resolve) => {
    const finish = (reply) => { clearTimeout(timer); ctx.frames.delete(nonce); resolve(reply); };
    const timer = setTimeout(() => finish({ say: "The kernel has not answered yet; it may be busy.", level: "warn" }), 5000);
    ctx.frames.set(nonce, finish);
    if (!ctx.send({ type: "frame", nonce, via: "camera" }, [buffer])) { finish(null); closeCamera(ctx); }
  });
}

function outline(camera, found, [width, height]) {
  camera.frame.setAttribute("viewBox", `0 0 ${width} ${height}`);
  camera.frame.replaceChildren(...found.map(({ corners, account }) => {
    const shape = document.createElementNS(SVG, "polygon");
    shape.setAttribute("points", polygon(corners));
    shape.setAttribute("class", account ? "is-account" : "is-other");
    return shape;
  }));
}

/** Show for a moment what was found where, with the camera already off. */
function freeze(ctx, camera, canvas) {
  stopStream(camera.stream);
  canvas.setAttribute("class", "mfa-scan-video");
  camera.video.srcObject = null;
  camera.video.replaceWith(canvas);
  setTimeout(() => { if (ctx.camera === camera) closeCamera(ctx); }, 1400);
}

function closeCamera(ctx) {
  const { camera, parts } = ctx;
  if (!camera) return;
  camera.alive = false;
  ctx.camera = null;
  stopStream(camera.stream);
  camera.video.srcObject = null;
  const focused = parts.stage.contains(ctx.root.getRootNode().activeElement);
  parts.stage.replaceChildren();
  ctx.root.classList.remove("is-filming");
  if (/camera\.$/.test(parts.status.textContent)) ctx.say("");
  if (focused) parts.cam.focus();
}

export default { render };
