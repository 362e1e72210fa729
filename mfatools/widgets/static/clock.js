// Is this clock right? Three clocks side by side, a button that asks, a verdict in words.
// Times are POSIX seconds. Everything above `Face` is pure and takes its time as an argument.

export const WORDS = {
  title: 'Is this computer’s clock right?',
  names: { network: 'Network time', kernel: 'This computer', browser: 'This browser' },
  hints: { network: 'what time servers agree on', kernel: 'where this notebook runs', browser: 'the device in front of you' },
  unknown: 'not checked yet',
  untold: 'could not be found out',
  unmet: 'waiting for the kernel',
  privacy: 'They see this network’s address and a request for the time, and nothing else: no account, no key, no code.',
  stopped: 'Stopped. Nothing was changed.',
  lost: 'The kernel is not connected. If it was restarted, run this cell again.',
  waiting: 'Waiting for the notebook’s kernel. It may be busy.',
  noFigure: 'The figure could not be drawn; the table says the same.',
};
const STATES = { asked: 'asked', answered: 'answered', silent: 'no answer' };
const PINGS = 5; // exchanges of stamps at the start, half a second apart
const CALM = 20; // seconds between two exchanges afterwards
const KEPT = 12; // exchanges that count

/** Hours, minutes and seconds, and the day, of one moment; `zone` as in Intl, left out: the browser's own. */
export function reading(t, zone) {
  const date = new Date(t * 1000);
  const options = { timeZone: zone, hourCycle: 'h23' };
  const part = more => new Intl.DateTimeFormat('en-GB', { ...options, ...more }).format(date);
  return {
    time: part({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    day: part({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }),
  };
}

/** A length of time for people: 12 ms, 4.2 s, 42 s, 3 min 20 s, 2.5 h, 3 days. */
export function span(seconds) {
  const size = Math.abs(seconds);
  if (size < 0.9995) return `${Math.max(1, Math.round(size * 1000))} ms`;
  if (size < 9.95) return `${size.toFixed(1)} s`;
  if (size < 119.5) return `${Math.round(size)} s`;
  if (size < 3599.5) return `${Math.floor(Math.round(size) / 60)} min ${Math.round(size) % 60} s`;
  return size < 172800 ? `${(size / 3600).toFixed(1)} h` : `${Math.round(size / 86400)} days`;
}

/** A clock against true time: `offset` is what to add to it. Within the doubt it is called right. */
export function against(offset, bound) {
  const doubt = `± ${span(bound)}`;
  if (Math.abs(offset) <= Math.max(bound, 0.02)) return `right, ${doubt}`;
  return `${span(offset)} ${offset > 0 ? 'slow' : 'fast'}, ${doubt}`;
}

/** The span in which the kernel's clock minus this page's must lie, from exchanges [t1, t2, t3, t4]. */
export function limits(exchanges) {
  return exchanges.reduce(([low, high], [t1, t2, t3, t4]) => [Math.max(low, t3 - t4), Math.min(high, t2 - t1)], [-Infinity, Infinity]);
}

/** Add an exchange. One that the older ones exclude shows that a clock was set meanwhile: they are dropped. */
export function keep(exchanges, fresh) {
  if (fresh[3] - fresh[0] < fresh[2] - fresh[1] || fresh[2] < fresh[1]) return exchanges;
  const all = [...exchanges, fresh].slice(-KEPT);
  const [low, high] = limits(all);
  return low <= high + 0.02 ? all : [fresh];
}

/** Kernel minus browser by these exchanges, and the doubt. Clocks that may be one and the same are taken as one. */
export function difference(exchanges) {
  if (!exchanges.length) return null;
  const [low, high] = limits(exchanges);
  const [offset, bound] = [(low + high) / 2, Math.abs(high - low) / 2 + 0.001];
  return { offset: Math.abs(offset) <= bound ? 0 : offset, bound };
}

/** Milliseconds from now to the next full second of any of these clocks. */
export const nextEdge = times => Math.max(4, Math.ceil(Math.min(...times.map(t => 1 - (t - Math.floor(t)))) * 1000));

export const stateWords = state => STATES[state] ?? state ?? 'waiting';

/** A number and its unit stay on one line. */
export const unbroken = text => text.replace(/(\d) (s\b)/g, '$1\u00a0$2');

const bare = url => url.replace(/^https?:\/\//, '').replace(/\/$/, '');

/** Whom a check will contact, before it does. */
export function whomWords({ servers, https }) {
  const sites = list(https.map(bare));
  if (!servers.length) return https.length ? `Asks ${sites} for the date.` : 'Nobody is left to ask.';
  const then = https.length ? ` If none of them answers: ${sites}.` : '';
  return `Asks ${list(servers)}.${then}`;
}

export function askedWords({ servers, https }) {
  const count = servers.length || https.length;
  return `Asking ${plural(count, `${servers.length ? 'time' : 'web'} server`)}.`;
}

/** The browser's system as a key of the kernel's remedies. */
export function platformOf(text) {
  const found = [['Win', 'windows'], ['Mac', 'macos'], ['iP', 'other'], ['Android', 'other'], ['Linux', 'linux']].find(([mark]) => text.includes(mark));
  return found ? found[1] : 'other';
}

/** True if a computed colour of the text, as in "rgb(20, 20, 20)", is light: so the page is dark. */
export function isLight(colour) {
  const numbers = (colour.match(/-?[\d.]+/g) ?? []).slice(0, 3).map(Number);
  if (numbers.length < 3) return false;
  const scale = colour.startsWith('color(') ? 255 : 1;
  return (0.2126 * numbers[0] + 0.7152 * numbers[1] + 0.0722 * numbers[2]) * scale > 127;
}

// --- drawing -------------------------------------------------------------------------------------------------

const MARKS = { // a shape for each state, so that colour is not needed to tell them apart
  fine: '<path d="M4.5 10.5l3.5 3.5 7.5-8"/>',
  slow: '<path d="M10 5v6"/><path d="M10 14.6v.4"/>',
  fast: '<path d="M10 5v6"/><path d="M10 14.6v.4"/>',
  unknown: '<path d="M7.4 7.6a2.7 2.7 0 1 1 4 2.4c-.9.5-1.4 1-1.4 1.9"/><path d="M10 14.8v.3"/>',
  idle: '<circle cx="10" cy="10" r="6"/><path d="M10 6.6V10l2.2 1.6"/>',
};
const mark = state => `<svg class="mark" viewBox="0 0 20 20" aria-hidden="true">${MARKS[state] ?? MARKS.idle}</svg>`;

/** One view: three clocks, a button, and what came out. */
class Face {
  constructor(model, el, now) {
    Object.assign(this, { model, el, now, exchanges: [], pings: 0, asked: 0, pending: new Map(), running: false, report: null, stepped: 0 });
    this.view = Math.random().toString(36).slice(2) + Math.random().toString(36).slice(2);
    this.rows = new Map();
    this.open = !model.get('compact');
    this.build();
    this.hear = (message, buffers) => this.heard(message, buffers);
    this.wake = () => { if (!document.hidden) { this.ping(); this.tick(); } };
    this.link = () => this.request({ type: 'hello' });
    model.on('msg:custom', this.hear);
    model.on('comm_live_update', this.link);
    document.addEventListener('visibilitychange', this.wake);
    this.watch();
    this.link();
    this.late = setTimeout(() => { if (!this.met) this.say(WORDS.waiting); }, 3000);
    this.tick();
  }

  build() {
    const root = this.root = make('section', { class: 'mfa clockw', role: 'group', 'aria-label': WORDS.title, 'data-lm-suppress-shortcuts': 'true', 'data-state': 'idle' });
    this.body = make('div', { class: 'inside', id: `clock-${this.view}`, hidden: !this.open });
    root.append(this.model.get('compact') ? this.buildLine() : make('h2', {}, WORDS.title), this.body);
    this.faces = Object.fromEntries(['network', 'kernel', 'browser'].map(name => [name, this.buildFace(name)]));
    this.status = make('p', { class: 'status', role: 'status' });
    this.verdict = make('div', { class: 'verdict', hidden: true });
    this.remedy = make('div', { class: 'remedy', hidden: true });
    this.browser = make('div', { class: 'browser', hidden: true });
    this.was = make('p', { class: 'was', role: 'status', hidden: true });
    this.body.append(
      make('ul', { class: 'faces', role: 'list' }, ...Object.values(this.faces).map(face => face.node)),
      this.was, this.verdict, this.remedy, this.browser, this.buildAsk(), this.buildSwitch(), this.buildDetails());
    this.el.append(root);
  }

  buildLine() {
    this.brief = make('span', { class: 'brief' }, WORDS.title);
    this.icon = make('span', { class: 'icon' });
    this.icon.innerHTML = mark('idle');
    this.fold = make('button', { type: 'button', class: 'fold', 'aria-expanded': 'false', 'aria-controls': `clock-${this.view}`, onclick: () => this.toggle() }, 'Check the clock');
    return make('div', { class: 'oneline' }, this.icon, this.brief, this.fold);
  }

  buildFace(name) {
    const time = make('span', { class: 'time', role: 'timer', 'aria-label': WORDS.names[name] }, '–– : –– : ––');
    const [day, note] = [make('span', { class: 'day' }), make('span', { class: 'note' })];
    const node = make('li', { class: 'face', 'data-name': name },
      make('span', { class: 'name' }, WORDS.names[name]), make('span', { class: 'hint' }, WORDS.hints[name]), time, day, note);
    return { node, time, day, note };
  }

  buildSwitch() {
    this.switch = make('button', { type: 'button', class: 'switch', role: 'switch', 'aria-checked': 'true', onclick: () => this.flip() },
      make('span', { class: 'track', 'aria-hidden': 'true' }), 'Let live codes follow network time');
    this.follows = make('span', { class: 'follows', role: 'status' });
    this.steer = make('div', { class: 'steer', hidden: true }, this.switch, this.follows);
    return this.steer;
  }

  buildAsk() {
    this.button = make('button', { type: 'button', class: 'go', onclick: () => this.press() }, 'Check now');
    this.whom = make('p', { class: 'whom' });
    this.list = make('ul', { class: 'heard', role: 'list', 'aria-label': 'Servers asked', hidden: true });
    return make('div', { class: 'ask' }, make('div', { class: 'act' }, this.button, this.status), this.list, this.whom);
  }

  buildDetails() {
    this.figure = make('div', { class: 'drawing' });
    this.rowsOf = make('tbody');
    const head = ['Server', 'Add to this clock', 'Verdict'].map(text => make('th', { scope: 'col' }, text));
    const table = make('table', {}, make('caption', { class: 'mfa-said' }, 'What each server said'), make('thead', {}, make('tr', {}, ...head)), this.rowsOf);
    this.system = make('p', { class: 'system' });
    this.hint = make('p', { class: 'system', hidden: true });
    this.details = make('details', { class: 'more', hidden: true, ontoggle: () => this.draw() }, make('summary', {}, 'Details: what each server said'), this.figure, table, this.system, this.hint);
    return this.details;
  }

  // --- the talk with the kernel

  request(content) {
    const nonce = `${this.view}.${this.asked += 1}`;
    this.pending.set(nonce, this.now());
    if (this.pending.size > 30) this.pending.delete(this.pending.keys().next().value);
    try {
      this.model.send({ ...content, nonce });
      return true;
    } catch {
      this.running = false;
      this.met = true;
      this.say(WORDS.lost);
      return false;
    }
  }

  heard(message, buffers) {
    const arrived = this.now();
    const act = this[`on_${message.type}`];
    if (!act || typeof act !== 'function') return;
    if ('nonce' in message) {
      const sent = this.pending.get(message.nonce);
      if (sent === undefined) return; // the answer to another tab
      this.pending.delete(message.nonce);
      act.call(this, message, buffers, sent, arrived);
    } else act.call(this, message, buffers);
    this.tick();
  }

  on_state({ whom, report, browser, running, progress, steering, system }) {
    this.met = true;
    this.setWhom(whom);
    this.setRunning(running);
    for (const [name, state] of Object.entries(progress)) if (running) this.setProgress(name, state);
    this.setSteering(steering);
    this.setBrowser(browser);
    this.setReport(report);
    setText(this.system, system);
    this.say(running ? askedWords(whom) : '');
    this.ping();
  }

  on_pong({ received, sent: left, browser, stepped, was_set: was }, _buffers, sent, arrived) {
    this.exchanges = keep(this.exchanges, [sent, received, left, arrived]);
    this.stepped = stepped;
    setText(this.was, was);
    this.was.hidden = !was;
    this.setBrowser(browser);
    clearTimeout(this.pinging);
    this.pinging = setTimeout(() => this.ping(), (this.pings < PINGS ? 0.5 : CALM) * 1000);
  }

  on_asking({ whom }) {
    this.setWhom(whom);
    this.setRunning(true);
    for (const name of whom.servers.length ? whom.servers : whom.https) this.setProgress(name);
    this.say(askedWords(whom));
  }

  on_progress({ name, state }) { this.setProgress(name, state); }

  on_report({ report, whom, browser }) {
    this.setRunning(false);
    this.setWhom(whom);
    this.setBrowser(browser);
    this.setReport(report);
    this.say(report.answered === false ? `No usable answer within ${span(report.elapsed)}.` : `Answered in ${span(report.elapsed)}.`);
    this.aloud(this.both || report.headline);
    this.pings = Math.min(this.pings, PINGS - 1); // the browser against network time, at once
    this.ping();
  }

  on_stopped() {
    this.setRunning(false);
    this.say(WORDS.stopped);
  }

  on_failed({ what, hint }) {
    this.setRunning(false);
    this.say(`${what} ${hint ?? ''}`);
  }

  on_error(message) { this.on_failed(message); }

  on_notice({ text }) { this.say(text); }

  on_system({ text }) { setText(this.system, text); }

  on_steering(steering) { this.setSteering(steering); }

  on_figure({ alt, what }, buffers) {
    if (!buffers?.length) {
      this.figure.replaceChildren(make('p', {}, WORDS.noFigure, what ? ` (${what})` : ''));
      return;
    }
    if (this.picture) URL.revokeObjectURL(this.picture);
    this.picture = URL.createObjectURL(new Blob([buffers[0]], { type: 'image/png' }));
    this.figure.replaceChildren(make('img', { src: this.picture, alt }));
  }

  ping() {
    if (document.hidden || !this.met) return;
    this.pings += 1;
    this.request({ type: 'ping', exchanges: this.exchanges, platform: platformOf(navigator.platform || navigator.userAgent) });
  }

  // --- what the person does

  press() {
    if (this.running) this.request({ type: 'stop' });
    else if (this.request({ type: 'check' })) this.say('');
  }

  flip() {
    this.request({ type: 'steer', on: this.switch.getAttribute('aria-checked') !== 'true' });
  }

  toggle() {
    this.open = !this.open;
    this.body.hidden = !this.open;
    this.fold.setAttribute('aria-expanded', this.open);
    this.nameFold();
    this.draw();
  }

  // --- what is shown

  say(text) { setText(this.status, text); }

  /** Tell a screen reader, without a second sentence on the page. */
  aloud(text) { this.status.append(make('span', { class: 'mfa-said' }, ` ${text}`)); }

  nameFold() {
    if (this.fold) setText(this.fold, this.open ? 'Close' : this.report ? 'More' : 'Check the clock');
  }

  setWhom(whom) {
    this.asks = whom;
    setText(this.whom, `${whomWords(whom)} ${WORDS.privacy}`);
    this.button.disabled = !whom.servers.length && !whom.https.length;
  }

  setRunning(running) {
    this.running = running;
    this.root.classList.toggle('running', running);
    this.rows.clear();
    this.list.replaceChildren();
    this.list.hidden = !running;
    setText(this.button, running ? 'Stop' : this.report ? 'Check again' : 'Check now');
    this.button.classList.toggle('is-stop', running);
  }

  setProgress(name, state) {
    if (!this.running) return;
    if (!this.rows.has(name)) {
      const said = make('span', { class: 'said' });
      const node = make('li', {}, make('span', { class: 'dot', 'aria-hidden': 'true' }), make('span', { class: 'server' }, bare(name)), said);
      this.rows.set(name, { node, said });
      this.list.append(node);
    }
    const { node, said } = this.rows.get(name);
    if (node.dataset.state === 'answered' && state === 'asked') return; // its second question
    node.dataset.state = state ?? 'waiting';
    setText(said, stateWords(state));
  }

  setReport(report) {
    this.report = report;
    for (const node of [this.verdict, this.remedy, this.details]) node.hidden = !report;
    setText(this.button, this.running ? 'Stop' : report ? 'Check again' : 'Check now');
    this.nameFold();
    this.showBoth();
    if (!report) return;
    this.rowsOf.replaceChildren(...report.table.map(cells => make('tr', {}, ...cells.map((text, n) => make(n ? 'td' : 'th', n ? {} : { scope: 'row' }, n ? text : bare(text))))));
    this.drawn = null;
    this.draw();
  }

  /** What was found, of the computer and of the browser's device: together they make one verdict. */
  showBoth() {
    const report = this.report;
    const state = this.both ? 'unknown' : report?.state;
    this.root.dataset.state = state ?? 'idle';
    if (this.icon) this.icon.innerHTML = mark(state);
    if (!report) return;
    if (this.brief) setText(this.brief, this.both || report.brief);
    this.showVerdict(this.both ? { ...report, state, headline: this.both, meaning: `${report.headline} ${report.meaning}` } : report);
    this.remedy.hidden = Boolean(this.both);
    this.showRemedy(report);
  }

  showVerdict({ state, headline, meaning, notes }) {
    const icon = make('span', { class: 'icon' });
    icon.innerHTML = mark(state);
    const text = make('div', {}, make('strong', {}, unbroken(headline)));
    if (meaning) text.append(make('p', {}, unbroken(meaning)));
    if (notes.length) text.append(make('ul', {}, ...notes.map(note => make('li', {}, unbroken(note)))));
    this.verdict.replaceChildren(icon, text);
  }

  showRemedy({ state, remedy, hint = '' }) {
    setText(this.hint, hint);
    this.hint.hidden = !hint;
    if (state === 'fine' && remedy.length < 2) this.remedy.replaceChildren(...remedy.map(step => make('p', {}, step)));
    else this.remedy.replaceChildren(make('strong', {}, 'What to do'), checklist(remedy));
  }

  setBrowser(browser) {
    const both = browser?.headline ?? '';
    if (both !== (this.both ?? '')) {
      this.both = both;
      if (this.report) this.showBoth();
    }
    this.browser.hidden = !browser?.words;
    if (!browser?.words || browser.words === this.browserWords) return;
    this.browserWords = browser.words;
    this.browser.replaceChildren(make('p', {}, browser.words), ...(browser.remedy.length ? [checklist(browser.remedy)] : []));
  }

  setSteering({ boards, on, words }) {
    this.steer.hidden = !boards;
    this.switch.setAttribute('aria-checked', on);
    setText(this.follows, words);
  }

  /** Ask for the figure when it can be seen, and again when the page's colours or the report change. */
  draw() {
    if (!this.details.open || !this.report || !this.open) return;
    this.figure.hidden = this.report.answered === false; // nothing was heard: nothing to draw
    if (this.figure.hidden) return;
    const dark = isLight(getComputedStyle(this.root).color);
    const width = Math.round(this.figure.clientWidth);
    const wanted = `${dark} ${width < 600}`;
    if (this.drawn === wanted || !width) return;
    this.drawn = wanted;
    if (!this.figure.children.length) this.figure.replaceChildren(make('p', {}, 'Drawing …'));
    this.request({ type: 'figure', dark, width });
  }

  /** The theme may change, the place may grow: then the figure is drawn anew. */
  watch() {
    this.themes = new MutationObserver(() => this.draw());
    for (const node of [document.documentElement, document.body]) this.themes.observe(node, { attributes: true });
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.root);
  }

  // --- the clocks

  tick() {
    const now = this.now();
    const gap = difference(this.exchanges);
    const offset = this.report?.offset ?? null;
    const times = { browser: now };
    if (gap) times.kernel = now + gap.offset;
    if (gap && offset !== null) times.network = now + gap.offset + offset - this.stepped;
    for (const [name, face] of Object.entries(this.faces)) this.show(face, times[name], this.note(name, gap, offset));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tick(), document.hidden ? 5000 : nextEdge(Object.values(times)));
  }

  show(face, t, note) {
    const { time, day } = t === undefined ? { time: '––:––:––', day: '' } : reading(t);
    setText(face.time, time);
    setText(face.day, day);
    setText(face.note, note);
    face.node.classList.toggle('off', t === undefined);
  }

  note(name, gap, offset) {
    if (name === 'network') return offset === null ? (this.report ? WORDS.untold : WORDS.unknown) : `± ${span(this.report.bound)}`;
    if (!gap) return name === 'kernel' ? WORDS.unmet : '';
    if (offset === null) return name === 'kernel' ? '' : sideBySide(gap);
    const own = name === 'kernel' ? 0 : gap.offset;
    return against(own + offset - this.stepped, this.report.bound + (own ? gap.bound : 0));
  }

  close() {
    for (const timer of [this.timer, this.pinging, this.late]) clearTimeout(timer);
    document.removeEventListener('visibilitychange', this.wake);
    this.model.off('msg:custom', this.hear);
    this.model.off('comm_live_update', this.link);
    this.themes.disconnect();
    this.sizes.disconnect();
    if (this.picture) URL.revokeObjectURL(this.picture);
    this.root.remove();
  }
}

/** Browser and computer, as long as nobody knows the true time. */
export function sideBySide({ offset, bound }) {
  if (Math.abs(offset) <= bound + 0.02) return 'same as this computer';
  return `${span(offset)} ${offset > 0 ? 'behind' : 'ahead of'} this computer`;
}

function checklist(steps) {
  return make('ol', { class: 'steps' }, ...steps.map(step => make('li', {}, make('label', {}, make('input', { type: 'checkbox' }), make('span', {}, step)))));
}

function render({ model, el }) {
  const face = new Face(model, el, () => Date.now() / 1000);
  return () => face.close();
}

export default { render };
