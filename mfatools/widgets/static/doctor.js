// Why was the code refused? One question at a time; the kernel holds the case, this page asks and shows.
// Times are POSIX seconds by the kernel's clock unless a name says "page". Codes and keys that are typed here go to
// the kernel in custom messages and are taken out of the page at once. Everything above `render` is pure.

export const STEPS = ['scan', 'code', 'answer', 'details', 'why'];
const NAMES = { scan: 'QR code', code: 'Phone', answer: 'Site', details: 'Details', why: 'Why' };
export const WORDS = {
  gone: 'The kernel was restarted or shut down, so this page holds no case any more. Run its cell again.',
  waiting: 'Waiting for the notebook’s kernel. It may be busy.',
  pending: 'The saved case is here. It holds no key: show the QR code of the account as well.',
  second: 'Show the QR code that the set-up page shows now. The one from before stays too.',
  busy: 'Weighing the evidence.',
  badCode: 'Type the code as the phone shows it, for example 123 456.',
  badTime: 'Choose the day and the time at which you read the code. It lies in the past.',
};
// What can be done about a question, besides reading it. Whatever is not here is answered by one more code.
const MORE_CODES = { kind: 'code', label: 'Add another code' };
const ACTIONS = {
  network_time: { kind: 'clock', label: 'Ask the time servers' },
  other_qr: { kind: 'second', label: 'Show another QR code' },
  flip: { kind: 'tap', label: 'Tap when the code changes' },
  probe_codes: { kind: 'probes', label: 'See the probe codes' },
};
const TYPED_SD = 2; // s: how well the moment of reading is known when the code is typed off the phone
const PASTED_SD = 6; // s: a pasted code was read before that
const NOTED_SD = [17, 5]; // s: a time noted to the minute, and to the second
const PINGS = 4;

/** The step to show when the page opens: as far as the case has come. */
export function stepOf(state) {
  if (!state.case || !state.settled) return 'scan';
  if (state.diagnosis || state.busy) return 'why';
  if (!state.case.looks.length) return 'code';
  return state.case.looks.at(-1).accepted === null ? 'answer' : 'details';
}

/** Which steps can be gone to. */
export function open(state) {
  const ready = Boolean(state.case && state.settled);
  const seen = ready && state.case.looks.length > 0;
  return { scan: true, code: ready, answer: seen, details: ready, why: ready && Boolean(state.diagnosis || state.busy) };
}

export const actionOf = question => ACTIONS[question.name] ?? MORE_CODES;

/** A code without what apps put in to make it legible; null if it cannot be one. */
export function cleanCode(text) {
  const code = text.normalize('NFC').replace(/[\s-]+/gu, '');
  return /^[\p{L}\p{N}]{4,16}$/u.test(code) ? code : null;
}

/** The middle of the minute or second that was noted, and how well it is known; null for no moment of the past. */
export function noted(value, now) {
  const moment = Date.parse(value) / 1000;
  if (!Number.isFinite(moment) || moment > now + 60) return null;
  const exact = /:\d\d:(?!00)\d\d/.test(value);
  return { at: moment + (exact ? 0.5 : 30), sd: NOTED_SD[exact ? 1 : 0] };
}

/** One exchange of four stamps: how far the kernel's clock is ahead of this page's, and how sure that is. */
export function sample(t1, t2, t3, t4) {
  return { offset: ((t2 - t1) + (t3 - t4)) / 2, bound: Math.max(0, ((t4 - t1) - (t3 - t2)) / 2) };
}

/** The exchange to go by: the one with the least delay. Clocks that agree within the doubt are one clock. */
export function clockOf(samples) {
  if (!samples.length) return { offset: 0, bound: 0 };
  const best = samples.reduce((a, b) => (b.bound < a.bound ? b : a));
  return Math.abs(best.offset) <= best.bound ? { offset: 0, bound: 0 } : best;
}

/** Add an exchange; those that it contradicts are from before a clock was set. */
export function learn(samples, fresh) {
  return [...samples.filter(old => Math.abs(old.offset - fresh.offset) <= old.bound + fresh.bound + 0.05), fresh].slice(-8);
}

export const plural = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;

export function list(words) {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** What is said about the clock check. */
export function clockWords(clock, started) {
  const whom = list(clock.first.length ? clock.first : clock.then);
  const web = clock.first.length && clock.then.length ? ', or some web servers if these do not answer,' : '';
  if (!clock.on) return 'Nobody is asked for the time. Phone and computer can then only be compared with each other.';
  if (clock.state === 'asking') return 'Asking the time servers whether this computer’s clock is right.';
  if (clock.state === 'done' || clock.state === 'failed') return clock.words;
  return `${started ? 'This computer asks' : 'Once you have begun, this computer asks'} ${whom}${web} for the time. Nothing about you or your account is sent.`;
}

/** One code in a line: when it was read and what became of it. */
export function lookWords(look, clock) {
  const said = { true: 'the site took it', false: 'refused', null: 'not tried' }[look.accepted];
  return `read at ${clock(look.at)}, ${said}${look.differs ? ', typed differently' : ''}`;
}

export const titleOf = account => [account.title, account.subtitle].filter(Boolean).join(' · ');

/** The page's theme, from the colour that is behind the widget: true for dark. */
export function isDark(colour) {
  const [red, green, blue] = (colour.match(/[\d.]+/g) ?? [255, 255, 255]).map(Number);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 110;
}

// --- drawing -------------------------------------------------------------------------------------------------

const FOCUSABLE = ['button', 'input', 'select', 'summary', 'textarea', 'a'];

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  // What can have the focus says by itself that its keys are not the notebook's: Notebook 7 looks no further up.
  if (FOCUSABLE.includes(tag) || 'tabindex' in attributes) node.setAttribute('data-lm-suppress-shortcuts', 'true');
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined && value !== null) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter(child => child !== null && child !== undefined && child !== ''));
  return node;
}

const setText = (node, text) => { if (node.textContent !== text) node.textContent = text; };
const button = (label, onclick, kind = '') => make('button', { type: 'button', class: `d-button ${kind}`.trim(), onclick }, label);
const clockText = t => new Date(t * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
const field = (label, control, hint) => make('label', { class: 'd-field' }, make('span', { class: 'd-label' }, label), control, hint && make('span', { class: 'd-hint' }, hint));
const secretInput = more => make('input', { type: 'text', autocomplete: 'off', autocapitalize: 'off', autocorrect: 'off', spellcheck: 'false', 'data-1p-ignore': true, 'data-lpignore': 'true', ...more });

async function copied(text, host) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { /* not allowed here: the old way */ }
  const area = make('textarea', { class: 'mfa-said', autocomplete: 'off', 'aria-hidden': 'true', tabindex: '-1' });
  const before = host.getRootNode().activeElement;
  area.value = text;
  host.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  before?.focus();
  return done;
}

let serial = 0;

/** The whole talk with the person: one panel a step, the kernel's last state, and the talk with the kernel. */
class Talk {
  constructor({ model, el, host, now }) {
    Object.assign(this, { model, el, host, now, samples: [], pings: 0, pending: new Map(), state: null, step: 'scan', asked: 0 });
    Object.assign(this, { taps: [], started: null, pasted: false, index: 0, life: new AbortController(), pictured: '', alive: true });
    this.view = Math.random().toString(36).slice(2);
    this.id = `mfa-doctor-${serial += 1}`;
    this.build();
    this.hear = (content, buffers) => this.heard(content, buffers);
    this.link = () => this.ask({ type: 'hello' });
    model.on('msg:custom', this.hear);
    model.on('comm_live_update', this.link);
    // The picture is drawn for a light or a dark page; the words beside it follow by themselves.
    this.themes = new MutationObserver(() => this.askFigure());
    this.themes.observe(document.body, { attributeFilter: ['data-jp-theme-light', 'class', 'data-theme'] });
    this.mount('picker', this.parts.scan);
    this.mount('board', this.parts.board);
    this.warn(WORDS.waiting, 'info');
    this.ask({ type: 'hello' });
    this.ping();
  }

  // --- the talk with the kernel

  ask(content, then = null) {
    const nonce = `${this.view}.${this.asked += 1}`;
    this.pending.set(nonce, { sent: this.now(), then });
    if (this.pending.size > 60) this.pending.delete(this.pending.keys().next().value);
    try {
      this.model.send({ ...content, nonce });
    } catch {
      this.alive = false;
      this.warn(WORDS.gone, 'bad');
    }
  }

  heard(message, buffers) {
    if (message.type === 'state') return this.take(message);
    if (message.type === 'progress') return this.drawProgress(message.share);
    if (message.type === 'trouble') return this.warn(`${message.what} ${message.hint ?? ''}`, 'bad');
    const asked = this.pending.get(message.nonce);
    if (!asked) return undefined; // the answer to another tab
    this.pending.delete(message.nonce);
    if (message.type === 'pong') return this.learnClock(asked.sent, message);
    if (message.type === 'options') return this.fillOptions(message);
    if (message.type === 'error') return this.warn(`${message.what} ${message.hint ?? ''}`, 'bad');
    this.warn('');
    return asked.then?.(message, buffers);
  }

  ping() {
    if (this.pings >= PINGS || this.life.signal.aborted) return;
    this.pings += 1;
    this.ask({ type: 'ping' });
  }

  learnClock(sent, { received, sent: answered }) {
    this.samples = learn(this.samples, sample(sent, received, answered, this.now()));
    this.pinging = setTimeout(() => this.ping(), 700);
  }

  /** The kernel's time of a moment of this page. */
  kernel(page) { return page + clockOf(this.samples).offset; }

  /** How well a moment is known: its own doubt and that of the two clocks. */
  doubt(sd) { return Math.hypot(sd, clockOf(this.samples).bound); }

  async mount(name, place) {
    const reference = this.model.get(name);
    if (!reference) return;
    try {
      const child = await this.host.getWidget(reference);
      await child.render({ el: place, signal: this.life.signal });
    } catch {
      place.replaceChildren(make('p', { class: 'd-hint' }, `This part cannot be shown inside this page. Run a cell with the name of this widget and .${name === 'board' ? 'live' : 'scan'}.`));
    }
  }

  // --- the page's frame

  build() {
    const parts = this.parts = {};
    parts.clock = make('p', { class: 'd-clock' });
    parts.clockWords = make('span', { role: 'status' });
    parts.clockSwitch = button('', () => this.ask({ type: 'clock', on: !this.state?.clock.on }), 'd-link');
    parts.clock.append(make('span', { class: 'd-dot', 'aria-hidden': 'true' }), parts.clockWords, ' ', parts.clockSwitch);
    parts.alert = make('p', { class: 'd-alert', role: 'alert', hidden: true });
    parts.steps = make('ol', { class: 'd-steps' });
    parts.panels = Object.fromEntries(STEPS.map(step => [step, make('section', { class: `d-panel d-${step}`, 'aria-labelledby': `${this.id}-${step}`, hidden: true })]));
    this.buildScan();
    this.buildCode();
    this.buildAnswer();
    this.buildDetails();
    this.buildWhy();
    this.root = make('section', { class: 'mfa doctor', 'aria-label': 'Why was the code refused?', 'data-lm-suppress-shortcuts': 'true' },
      make('header', { class: 'd-head' }, make('h2', {}, 'Why was the code refused?'),
        make('p', {}, 'A few questions, one at a time. The keys and codes stay in this notebook’s memory; nothing of them is saved.')),
      make('nav', { 'aria-label': 'Steps' }, parts.steps), parts.alert, ...Object.values(parts.panels), parts.clock);
    this.el.append(this.root);
  }

  heading(step, text, lead) {
    return [make('h3', { id: `${this.id}-${step}`, tabindex: '-1' }, text), ...(lead ? [make('p', { class: 'd-lead' }, lead)] : [])];
  }

  actions(...nodes) { return make('div', { class: 'd-actions' }, ...nodes); }

  warn(text, level = 'warn') {
    const { alert } = this.parts;
    setText(alert, text);
    alert.dataset.level = level;
    alert.hidden = !text;
  }

  /** Show a step; `focus` puts the reader where the new question begins. */
  go(step, focus = true) {
    this.step = step;
    this.draw();
    this.warn('');
    if (focus) this.root.querySelector(`[id="${this.id}-${step}"]`)?.focus({ preventScroll: true });
    if (focus) this.root.scrollIntoView({ block: 'nearest' });
    if (step === 'code') this.freshCode();
  }

  take(state) {
    const first = this.state === null;
    const before = this.state;
    this.state = state;
    if (first) { this.warn(''); this.step = stepOf(state); this.index = Math.max(0, (state.case?.looks.length ?? 1) - 1); }
    if (!first) this.moveOn(before, state);
    this.draw();
  }

  /** Steps that follow by themselves from what has just come. */
  moveOn(before, state) {
    if (this.step === 'scan' && state.case && state.settled && (!before.case || !before.settled)) return this.go(stepOf(state));
    if (this.step === 'scan' && before.role === 'second' && state.role !== 'second' && state.case?.second) return this.go(state.diagnosis ? 'why' : 'details');
    if (!open(state)[this.step]) return this.go(stepOf(state), false);
    return undefined;
  }

  draw() {
    const { state, parts } = this;
    if (!state) return;
    const can = open(state);
    for (const step of STEPS) parts.panels[step].hidden = step !== this.step;
    parts.steps.replaceChildren(...STEPS.map((step, place) => this.stepNode(step, place, can[step])));
    setText(parts.clockWords, clockWords(state.clock, Boolean(state.case)));
    setText(parts.clockSwitch, state.clock.state === 'done' || state.clock.state === 'asking' ? '' : state.clock.on ? 'Do not ask' : 'Ask');
    parts.clockSwitch.hidden = !parts.clockSwitch.textContent;
    parts.clock.dataset.state = state.clock.state === 'done' ? { true: 'fine', false: 'off' }[state.clock.fine] ?? 'open' : state.clock.state;
    this.drawScan();
    this.drawCode();
    this.drawAnswer();
    this.drawDetails();
    this.drawWhy();
  }

  stepNode(step, place, can) {
    const here = step === this.step;
    const focused = this.root.getRootNode().activeElement?.dataset?.step === step;
    const node = make('button', { type: 'button', class: 'd-step', 'data-step': step, disabled: !can, 'aria-current': here ? 'step' : undefined, onclick: () => this.go(step) },
      make('span', { class: 'd-number', 'aria-hidden': 'true' }, String(place + 1)), make('span', {}, NAMES[step]));
    if (focused) queueMicrotask(() => node.focus());
    return make('li', {}, node);
  }

  // --- 1: the QR code

  buildScan() {
    const { parts } = this;
    parts.scan = make('div', { class: 'd-embed' });
    parts.scanLead = make('p', { class: 'd-lead' });
    parts.elsewhere = make('p', { class: 'd-hint', hidden: true }, 'Show the QR code in the scan on this page; it is taken from there.');
    parts.roster = make('fieldset', { class: 'd-roster', hidden: true });
    parts.onward = this.actions(button('Go on', () => this.go('code'), 'is-main'));
    parts.file = make('input', { type: 'file', accept: '.json,application/json', class: 'd-file', tabindex: '-1', 'aria-label': 'A saved case', onchange: () => this.load(parts.file.files[0]) });
    parts.open = make('p', { class: 'd-hint' }, 'Was a case saved before? ', button('Open it', () => parts.file.click(), 'd-link'), parts.file);
    parts.panels.scan.append(...this.heading('scan', 'Show the QR code of the set-up page'), parts.scanLead, parts.roster, parts.elsewhere, parts.scan, parts.onward, parts.open);
  }

  drawScan() {
    const { parts, state } = this;
    const many = state.accounts.length > 1 && state.role !== 'second';
    setText(parts.scanLead, state.pending ? WORDS.pending : state.role === 'second' ? WORDS.second
      : 'The one that your phone scanned, as a picture or a screenshot. It tells which codes are right.');
    parts.elsewhere.hidden = state.own;
    parts.scan.hidden = !state.own;
    parts.roster.hidden = !many;
    parts.onward.hidden = !(state.case && state.settled);
    if (many) this.drawRoster();
  }

  drawRoster() {
    const { state, parts } = this;
    const drawn = JSON.stringify([state.accounts, state.chosen, state.settled]);
    if (parts.roster.dataset.drawn === drawn) return;
    parts.roster.dataset.drawn = drawn;
    parts.roster.replaceChildren(make('legend', {}, 'Which account was refused?'), ...state.accounts.map((account, place) => make('label', { class: 'd-choice' },
      make('input', { type: 'radio', name: `${this.id}-account`, value: String(place), checked: state.settled && state.chosen === place, onchange: () => this.ask({ type: 'choose', account: place }, () => this.go('code')) }),
      make('span', {}, titleOf(account)))));
  }

  async load(file) {
    if (!file) return;
    if (file.size > 1_000_000) { this.warn('This file is too long for a saved case.'); return; }
    const text = await file.text();
    this.parts.file.value = '';
    this.ask({ type: 'load', text }, () => { if (this.state.case) this.go('details'); });
  }

  // --- 2: the code on the phone

  buildCode() {
    const { parts } = this;
    parts.board = make('div', { class: 'd-embed' });
    parts.input = secretInput({ class: 'd-big', inputmode: 'numeric', maxlength: '24', 'aria-describedby': `${this.id}-input-hint`, oninput: event => this.typed(event), onkeydown: event => this.codeKey(event), onpaste: () => { this.pasted = true; } });
    parts.when = make('input', { type: 'datetime-local', step: '1', autocomplete: 'off' });
    parts.earlier = make('details', { class: 'd-fold' }, make('summary', {}, 'I noted the code earlier'),
      make('div', { class: 'd-inside' }, field('When the phone showed it', parts.when, 'By this computer’s clock, as exactly as you know it.')));
    const form = make('form', { class: 'd-code-form', autocomplete: 'off', onsubmit: event => { event.preventDefault(); this.sendCode(); } },
      field('What does your phone show?', parts.input), make('p', { class: 'd-hint', id: `${this.id}-input-hint` }, 'Look at the phone and type at once: the moment of the first digit counts.'),
      parts.earlier, this.actions(make('button', { type: 'submit', class: 'd-button is-main' }, 'That is it'), button('Back', () => this.go('scan'))));
    parts.tapWords = make('p', { class: 'd-hint', role: 'status' });
    parts.tap = make('button', { type: 'button', class: 'd-tap', onpointerdown: event => this.tap(event), onkeydown: event => this.tapKey(event), onclick: event => this.tapClick(event) }, 'Tap when the code on the phone changes');
    parts.untap = button('Forget the taps', () => this.setTaps([]), 'd-link');
    parts.tapping = make('details', { class: 'd-fold' }, make('summary', {}, 'Measure the phone’s clock exactly (optional)'),
      make('div', { class: 'd-inside' }, make('p', { class: 'd-hint' }, 'Watch the phone. Each time its code changes, tap here at once; two or three times are enough. The code itself is still needed.'), parts.tap, parts.tapWords, parts.untap));
    parts.panels.code.append(...this.heading('code', 'Compare with the phone'),
      make('div', { class: 'd-columns' },
        make('div', { class: 'd-column' }, make('p', { class: 'd-label' }, 'The right code now'), parts.board),
        make('div', { class: 'd-column' }, form, parts.tapping)));
  }

  drawCode() {
    const { taps } = this.state.case ?? { taps: { count: 0, words: '' } };
    setText(this.parts.tapWords, taps.count ? `${plural(taps.count, 'tap')}. ${taps.words}` : '');
    this.parts.untap.hidden = !taps.count;
    if (!taps.count) this.taps = [];
  }

  freshCode() {
    const { input, earlier, when } = this.parts;
    Object.assign(input, { value: '' });
    Object.assign(this, { started: null, pasted: false });
    earlier.open = false;
    when.value = '';
  }

  /** The moment of reading is that of the first digit. */
  typed() {
    if (!this.parts.input.value) { Object.assign(this, { started: null, pasted: false }); return; }
    this.started ??= this.now();
  }

  /** JupyterLab keeps Enter from submitting a form, so the field does it by itself. */
  codeKey(event) {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    this.sendCode();
  }

  sendCode() {
    const { input, when, earlier } = this.parts;
    const shown = cleanCode(input.value);
    if (!shown) { this.warn(WORDS.badCode); input.focus(); return; }
    const past = earlier.open ? noted(when.value, this.now()) : null;
    if (earlier.open && when.value && !past) { this.warn(WORDS.badTime); when.focus(); return; }
    const moment = past ?? { at: this.started ?? this.now(), sd: this.pasted ? PASTED_SD : TYPED_SD };
    this.ask({ type: 'look', shown, at: this.kernel(moment.at), sd: this.doubt(moment.sd) }, () => {
      this.index = this.state.case.looks.length - 1;
      this.go('answer');
    });
    this.freshCode();
  }

  // A tap counts when the finger comes down; a click alone comes from assistive technology.

  tap(event) {
    if (event.button > 0) return;
    const late = (performance.now() - event.timeStamp) / 1000; // the page may have been busy
    this.addTap(this.now() - (late > 0 && late < 2 ? late : 0));
  }

  tapKey(event) {
    if ((event.key === ' ' || event.key === 'Enter') && !event.repeat) { event.preventDefault(); this.addTap(this.now()); }
  }

  tapClick(event) {
    if (event.detail === 0 && this.now() - (this.tapped ?? 0) > 0.5) this.addTap(this.now());
  }

  addTap(page) {
    this.tapped = this.now();
    this.setTaps([...this.taps, this.kernel(page)]);
    const { tap } = this.parts;
    tap.classList.add('is-hit');
    clearTimeout(this.fading);
    this.fading = setTimeout(() => tap.classList.remove('is-hit'), 250);
  }

  setTaps(taps) {
    this.taps = taps.slice(-12);
    this.ask({ type: 'taps', taps: this.taps });
  }

  // --- 3: what the site said

  buildAnswer() {
    const { parts } = this;
    parts.which = make('p', { class: 'd-lead' });
    parts.after = make('select', { autocomplete: 'off' }, ...[['6', 'within 10 seconds of reading it'], ['20', 'after about 20 seconds'], ['45', 'after about 45 seconds'], ['90', 'after a minute or more']].map(([value, text]) => make('option', { value }, text)));
    parts.differs = secretInput({ maxlength: '24' });
    const said = (accepted, label, hint, kind) => make('button', { type: 'button', class: `d-said ${kind}`, onclick: () => this.sendAnswer(accepted) }, make('strong', {}, label), make('span', {}, hint));
    parts.panels.answer.append(...this.heading('answer', 'Did the site take this code?'), parts.which,
      make('details', { class: 'd-fold' }, make('summary', {}, 'I sent it late, or typed something else'),
        make('div', { class: 'd-inside d-columns is-even' }, field('It was sent', parts.after), field('What was typed instead', parts.differs))),
      make('div', { class: 'd-three', role: 'group', 'aria-label': 'The site’s answer' },
        said(false, 'No, refused', '“Invalid code”, or the like', 'is-no'), said(true, 'Yes', 'It let me in', 'is-yes'), said(null, 'Not tried', 'I only looked at it', '')),
      this.actions(button('Back', () => this.go('code'))));
  }

  drawAnswer() {
    const look = this.state.case?.looks[this.index];
    setText(this.parts.which, look ? `Code ${this.index + 1}, read at ${clockText(look.at)}. Try it on the site now if you have not.` : '');
  }

  sendAnswer(accepted) {
    const { after, differs } = this.parts;
    const content = { type: 'answer', index: this.index, accepted, after: Number(after.value), typed: differs.value.trim() || null };
    differs.value = '';
    after.value = '6';
    this.ask(content, () => this.go(this.state.answers > 0 ? 'why' : 'details'));
  }

  // --- 4: what else is known

  buildDetails() {
    const { parts } = this;
    const datalist = make('datalist', { id: `${this.id}-apps` });
    parts.apps = datalist;
    const changed = name => event => this.ask({ type: 'details', [name]: event.target.value });
    parts.app = make('input', { type: 'text', autocomplete: 'off', list: `${this.id}-apps`, maxlength: '80', placeholder: 'Not known', onchange: changed('app') });
    parts.platform = make('select', { autocomplete: 'off', onchange: changed('platform') });
    parts.service = make('select', { autocomplete: 'off', onchange: changed('service') });
    parts.key = secretInput({ maxlength: '400', onchange: () => this.sendHidden('key') });
    parts.keyState = make('p', { class: 'd-hint', role: 'status' });
    parts.expected = secretInput({ maxlength: '24', inputmode: 'numeric', onchange: () => this.sendHidden('expected') });
    parts.expectedState = make('p', { class: 'd-hint', role: 'status' });
    parts.newer = make('p', { class: 'd-hint' });
    parts.newerButton = button('Show the newer QR code', () => this.askSecond());
    parts.skip = button('Why was it refused?', () => this.diagnose(), 'is-main');
    parts.panels.details.append(...this.heading('details', 'Do you know more?', 'Everything here can be left out. It makes the answer surer.'),
      make('div', { class: 'd-columns is-even' }, field('Which app shows the codes?', parts.app), datalist, field('On what does it run?', parts.platform)),
      make('div', { class: 'd-row' }, make('div', {}, make('p', { class: 'd-label' }, 'Was the set-up page opened again after the scan?'), parts.newer), parts.newerButton),
      make('div', { class: 'd-columns is-even' },
        make('div', {}, field('Was the key typed by hand? The key beside the QR code', parts.key, 'It goes to the kernel’s memory and is not shown again.'), parts.keyState),
        make('div', {}, field('Which site or software checks the code?', parts.service))),
      make('details', { class: 'd-fold' }, make('summary', {}, 'For administrators'),
        make('div', { class: 'd-inside' }, field('The code that the service’s log says it expected', parts.expected), parts.expectedState)),
      this.actions(parts.skip, button('Back', () => this.go(this.state.case.looks.length ? 'answer' : 'code'))));
  }

  fillOptions({ apps, platforms, services }) {
    const { parts } = this;
    const options = (node, none, pairs) => node.replaceChildren(make('option', { value: '' }, none), ...pairs.map(([value, text]) => make('option', { value }, text)));
    parts.apps.replaceChildren(...apps.map(value => make('option', { value })));
    options(parts.platform, 'Not known', platforms);
    options(parts.service, 'Another one, or not known', services);
    this.drawDetails();
  }

  drawDetails() {
    const { parts } = this;
    const about = this.state?.case;
    if (!about) return;
    const active = this.root.getRootNode().activeElement;
    for (const name of ['app', 'platform', 'service']) {
      if (parts[name] !== active) parts[name].value = about.details[name];
    }
    this.drawHidden('key', about.details.key, 'The key is noted.');
    this.drawHidden('expected', about.details.expected, 'The expected code is noted.');
    setText(parts.newer, about.second ? 'The newer QR code is here.' : 'Each time, the page makes a new key, and the one before is void.');
    setText(parts.newerButton, about.second ? 'Show another one' : 'Show the newer QR code');
  }

  drawHidden(name, known, words) {
    const place = this.parts[`${name}State`];
    if (known === (place.childNodes.length > 0)) return;
    place.replaceChildren(...(known ? [`${words} `, button('Remove it', () => this.ask({ type: 'details', [name]: '' }), 'd-link')] : []));
  }

  sendHidden(name) {
    const input = this.parts[name];
    const value = input.value.trim();
    input.value = '';
    if (value) this.ask({ type: 'details', [name]: value });
  }

  askSecond() {
    this.ask({ type: 'role', role: 'second' }, () => this.go('scan'));
  }

  diagnose(full = false) {
    this.ask({ type: 'diagnose', full }, () => this.go('why'));
  }

  // --- 5: why

  buildWhy() {
    const { parts } = this;
    parts.whyHead = make('h3', { id: `${this.id}-why`, tabindex: '-1' }, 'Why it was refused');
    parts.busy = make('div', { class: 'd-busy', hidden: true });
    parts.busyWords = make('span', { role: 'status' });
    parts.bar = make('progress', { max: '1', 'aria-label': 'Search of all dates' });
    parts.stop = button('Stop', () => this.ask({ type: 'stop' }));
    parts.busy.append(parts.busyWords, parts.bar, parts.stop);
    parts.best = make('div');
    parts.figure = make('figure', { class: 'd-figure', hidden: true });
    parts.next = make('div');
    parts.rest = make('div');
    parts.probes = make('div');
    parts.codes = make('div');
    parts.foot = make('div', { class: 'd-foot' });
    parts.panels.why.append(parts.whyHead, parts.busy, parts.best, parts.next, parts.probes, parts.rest, parts.codes, parts.foot);
  }

  drawWhy() {
    const { parts, state } = this;
    const { diagnosis } = state;
    parts.busy.hidden = !state.busy;
    if (state.busy) this.drawProgress(state.share);
    parts.panels.why.classList.toggle('is-busy', state.busy);
    if (diagnosis) this.drawProbes(diagnosis.probes);
    const drawn = JSON.stringify([diagnosis, state.solved, state.case?.looks]);
    if (this.drawn === drawn || (!diagnosis && !state.busy)) { this.askFigure(); return; }
    this.drawn = drawn;
    setText(parts.whyHead, state.solved ? 'Solved' : diagnosis?.findings[0].family === 'OK' ? 'What was found' : 'Why it was refused');
    for (const name of ['next', 'rest', 'probes', 'codes']) parts[name].hidden = state.solved;
    if (!diagnosis) return;
    if (state.solved) parts.best.replaceChildren(this.solvedNode(diagnosis));
    else this.drawFindings(diagnosis);
    this.drawFoot();
  }

  drawProgress(share) {
    const { parts } = this;
    const far = share !== null && share !== undefined;
    setText(parts.busyWords, far ? `Searching every date from 1970 to 2038: ${Math.floor(share * 100)} %` : WORDS.busy);
    parts.bar.hidden = !far;
    parts.stop.hidden = !far;
    if (far) parts.bar.value = share;
  }

  drawFindings(diagnosis) {
    const { parts } = this;
    const [best, ...others] = diagnosis.findings;
    parts.best.replaceChildren(this.bestNode(best));
    parts.next.replaceChildren(...this.nextNodes(diagnosis));
    parts.rest.replaceChildren(...this.restNodes(others, diagnosis));
    parts.codes.replaceChildren(...this.codeNodes());
    this.askFigure();
  }

  bestNode(found) {
    return make('article', { class: `d-best ${found.family === 'OK' ? 'is-ok' : ''}`, 'aria-label': 'The most likely cause' },
      make('p', { class: 'd-chance' }, make('strong', {}, found.likely), make('span', {}, found.percent), make('span', { class: 'd-meter', 'aria-hidden': 'true', style: `--share:${found.share}` })),
      make('h4', {}, found.title), make('p', { class: 'd-says' }, found.says), this.parts.figure,
      found.remedy.length ? make('div', { class: 'd-remedy' }, make('h5', {}, 'What to do'), this.checklist(found.remedy)) : null,
      this.evidence(found, true));
  }

  checklist(steps) {
    return make('ul', { class: 'd-checklist' }, ...steps.map(step => make('li', {}, make('label', {}, make('input', { type: 'checkbox', autocomplete: 'off' }), make('span', {}, step)))));
  }

  evidence(found, open) {
    const link = /^https:\/\//.test(found.link) ? make('a', { href: found.link, target: '_blank', rel: 'noopener noreferrer' }, 'Read more') : null;
    return make('details', { class: 'd-fold d-proof', open: open && Boolean(found.evidence) }, make('summary', {}, 'How this is known'),
      make('div', { class: 'd-inside' }, make('p', {}, found.evidence), found.rules_out && make('p', {}, found.rules_out), link && make('p', {}, link)));
  }

  nextNodes(diagnosis) {
    const { question } = diagnosis;
    const nodes = [];
    if (question) {
      const action = actionOf(question);
      nodes.push(make('section', { class: 'd-next', 'aria-label': 'What to look at next' }, make('h4', {}, 'To be surer'), make('p', {}, question.text),
        this.actions(button(action.label, () => this.act(action.kind), 'is-main'), action.kind === 'code' ? null : button(MORE_CODES.label, () => this.act('code')))));
    }
    if (diagnosis.far && !this.state.busy) {
      nodes.push(make('p', { class: 'd-hint d-far' }, diagnosis.stopped ? 'The search of all dates was stopped. ' : 'Nothing near fits. A clock may be years off: ',
        button('Search every date from 1970 to 2038', () => this.diagnose(true), 'd-link'), ' (a minute or more; it can be stopped).'));
    }
    return nodes;
  }

  act(kind) {
    if (kind === 'clock') return this.ask({ type: 'clock', on: true, again: true });
    if (kind === 'second') return this.askSecond();
    if (kind === 'probes') { this.parts.probes.querySelector('h4')?.focus(); return this.parts.probes.scrollIntoView({ block: 'nearest' }); }
    this.go('code');
    if (kind === 'tap') { this.parts.tapping.open = true; return this.parts.tap.focus(); }
    return this.parts.input.focus();
  }

  restNodes(others, diagnosis) {
    const cards = others.map(found => make('details', { class: 'd-other' },
      make('summary', {}, make('span', { class: 'd-other-title' }, found.title), make('span', { class: 'd-other-chance' }, `${found.likely}, ${found.percent}`)),
      make('div', { class: 'd-inside' }, make('p', {}, found.says), found.remedy.length ? this.checklist(found.remedy) : null, this.evidence(found, false))));
    const notes = diagnosis.notes.map(note => make('li', {}, note));
    return [cards.length ? make('h4', {}, 'It could also be') : null, ...cards, notes.length ? make('ul', { class: 'd-notes', 'aria-label': 'Notes' }, ...notes) : null].filter(Boolean);
  }

  // --- probe codes: one at a time, each a code of this moment only

  drawProbes(probes) {
    const drawn = JSON.stringify([probes, this.state.probed]);
    if (this.probed !== drawn) this.parts.probes.replaceChildren(...this.probeNodes(probes));
    this.probed = drawn;
  }

  probeNodes(probes) {
    if (!probes.length) return [];
    return [make('section', { class: 'd-probes', 'aria-label': 'Probe codes' }, make('h4', { tabindex: '-1' }, 'Probe codes'),
      make('p', { class: 'd-hint' }, 'Your codes are right, so the fault lies with the service. These codes, sent on purpose, find it. Send each once, in this order, and stop at the first that is taken: many services lock an account after 3 to 10 wrong codes.'),
      ...probes.map((probe, place) => this.probeNode(probe, place)))];
  }

  probeNode(probe, place) {
    const known = this.state.probed[probe.name];
    const code = make('span', { class: 'd-probe-code', role: 'status' });
    const show = button('Show and copy', () => this.ask({ type: 'probe', name: probe.name }, message => this.showProbe(message, code, show)));
    const said = accepted => button(accepted ? 'Taken' : 'Refused', () => this.ask({ type: 'probed', name: probe.name, accepted }, () => this.parts.probes.querySelector('h4')?.focus()));
    const result = known === undefined ? null : make('p', { class: 'd-probe-result' }, known ? `Taken. ${probe.proves.replace(/^If it is accepted, (.)/, (_, letter) => letter.toUpperCase())}` : 'Refused: this is not it.');
    return make('div', { class: `d-probe ${known === true ? 'is-hit' : ''}` }, make('p', {}, make('strong', {}, `${place + 1}. ${probe.name[0].toUpperCase()}${probe.name.slice(1)}`), make('span', { class: 'd-hint' }, probe.proves)),
      result ?? this.actions(show, code, said(true), said(false)));
  }

  async showProbe({ code, until }, place, host) {
    setText(place, code);
    if (await copied(code, host.parentElement)) setText(host, 'Copied');
    clearTimeout(this.probing);
    this.probing = setTimeout(() => { setText(place, ''); setText(host, 'Show and copy'); }, Math.max(0, (until - this.kernel(this.now())) * 1000));
  }

  // --- the codes so far, and the way out

  codeNodes() {
    const { looks } = this.state.case ?? { looks: [] };
    if (!looks.length) return [];
    return [make('h4', {}, 'Codes so far'), make('ul', { class: 'd-codes' }, ...looks.map((look, place) => make('li', {},
      make('span', {}, `Code ${place + 1}, ${lookWords(look, clockText)}`),
      make('button', { type: 'button', class: 'd-button d-link', 'aria-label': `Change the answer to code ${place + 1}`, onclick: () => { this.index = place; this.go('answer'); } }, 'Change'),
      make('button', { type: 'button', class: 'd-button d-link', 'aria-label': `Remove code ${place + 1}`, onclick: () => this.ask({ type: 'drop', index: place }, () => this.parts.whyHead.focus()) }, 'Remove'))))];
  }

  drawFoot() {
    const { solved } = this.state;
    this.parts.foot.replaceChildren(...[
      solved ? button('It fails again', () => this.ask({ type: 'solved', on: false })) : button('It works now', () => this.ask({ type: 'solved', on: true }, () => this.parts.whyHead.focus()), 'is-good'),
      solved ? null : button('Tell more', () => this.go('details')),
      button('Save the case', () => this.save('file')), button('Copy the case', () => this.save('copy')),
      button('Start over', () => { Object.assign(this, { drawn: '', probed: '', pictured: '' }); this.ask({ type: 'restart' }, () => this.go('scan')); }),
      make('p', { class: 'd-hint' }, 'The case for support holds the times, the answers and the codes you typed, which are used up by then; no key and no QR code.')].filter(Boolean));
  }

  solvedNode(diagnosis) {
    const [best] = diagnosis.findings;
    return make('div', { class: 'd-solved' }, make('p', { class: 'd-says' }, 'Good. The code is taken now.'),
      make('p', { class: 'd-hint' }, `The most likely cause was: ${best.title} (${best.percent}). If it comes back, open the saved case and go on from there.`));
  }

  save(way) {
    this.ask({ type: 'save' }, async ({ text }) => {
      if (way === 'copy') { this.warn(await copied(text, this.root) ? 'The case is in the clipboard.' : 'The clipboard is not allowed here. Save it as a file.', 'info'); return; }
      const link = make('a', { href: URL.createObjectURL(new Blob([text], { type: 'application/json' })), download: 'mfatools-case.json' });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      this.warn('Saved as mfatools-case.json.', 'info');
    });
  }

  // --- the picture

  askFigure() {
    if (!this.state?.diagnosis || this.state.solved || this.step !== 'why') return;
    const box = this.parts.best.clientWidth || this.root.clientWidth || 640;
    const dark = isDark(getComputedStyle(this.root).color) === false;
    const key = `${this.drawn}${dark}`;
    if (this.pictured === key) return;
    this.pictured = key;
    this.ask({ type: 'figure', dark, width: Math.round(Math.min(720, box - 32)) }, ({ alt }, buffers) => this.showFigure(alt, buffers));
  }

  showFigure(alt, buffers) {
    const { figure } = this.parts;
    URL.revokeObjectURL(this.address);
    figure.hidden = !buffers?.length;
    if (figure.hidden) return;
    this.address = URL.createObjectURL(new Blob([buffers[0]], { type: 'image/png' }));
    figure.replaceChildren(make('img', { src: this.address, alt }));
  }

  close() {
    this.life.abort();
    this.themes.disconnect();
    for (const timer of [this.pinging, this.probing, this.fading]) clearTimeout(timer);
    URL.revokeObjectURL(this.address);
    this.model.off('msg:custom', this.hear);
    this.model.off('comm_live_update', this.link);
    this.root.remove();
  }
}

function render({ model, el, host, signal }) {
  const talk = new Talk({ model, el, host, now: () => Date.now() / 1000 });
  signal?.addEventListener('abort', () => talk.close());
  return () => talk.close();
}

export default { render };
