// Why was the code refused? One question at a time; the kernel holds the case, this page asks and shows.
// Times are POSIX seconds by the kernel's clock unless a name says "page" (or, in a picture, true time). Codes and
// keys that are typed here go to the kernel in custom messages and are taken out of the page at once.
// From top to bottom: what is pure; small tools for drawing; the line to the kernel; one class a step; the page.

export const STEPS = ['scan', 'code', 'answer', 'details', 'why'];
const NAMES = { scan: 'QR code', code: 'Phone', answer: 'Site', details: 'Details', why: 'Why' };
export const WORDS = {
  gone: 'The kernel was restarted or shut down, so what you told this page is gone. Run its cell again.',
  waiting: 'Waiting for the notebook’s kernel. It may be busy.',
  scan: 'The one that your phone scanned: a photo, a screenshot, or the key as text. From it the right codes can be worked out.',
  pending: 'The saved case is here. It holds no key, so show the QR code of the account as well.',
  second: 'Show the QR code that is on the set-up page now. The earlier one is kept too.',
  elsewhere: 'Show the QR code at the top of this page: it is used here as well.',
  busy: 'Comparing your codes with everything that could have gone wrong.',
  badCode: 'Type the code as the phone shows it, for example 123 456.',
  badTime: 'Choose the day and the time when you read the code. It must be in the past.',
  badReply: 'Write your answer first, for example: 123456 refused.',
};
// What can be done about a question, besides answering it. Whatever is not here is answered by one more code.
const MORE_CODES = { kind: 'code', label: 'Add another code' };
const ACTIONS = {
  network_time: { kind: 'clock', label: 'Ask the time servers' },
  other_qr: { kind: 'second', label: 'Show another QR code' },
  flip: { kind: 'tap', label: 'Tap when the code changes' },
  probe_codes: { kind: 'probes', label: 'See the probe codes' },
};
const NOTED = { code: 'the code', answer: 'the site’s answer', app: 'the app', device: 'the device' };
const TOLD = { others_fail: 'Do other people’s codes fail too', wall_clock: 'The phone’s time, date and zone' };
const TYPED_SD = 2; // s: how well the moment of reading is known when the code is typed off the phone
const PASTED_SD = 6; // s: a pasted code was read before that
const NOTED_SD = [17, 5]; // s: a time noted to the minute, and to the second
const AGO = 300; // s; what was sent before that is told in words, not drawn
const PINGS = 4;
const HASTE = 0.4; // s after a question appears in which a key press was meant for the one before
const SENDING = 5; // s from reading a probe code off this page to the site's answer

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

/** What to ask back about a code that cannot be this account's: it may be a slip, or what the phone does show. */
export function doubtWords(code, digits) {
  const letters = digits > 5 && /\p{L}/u.test(code); // Steam's codes have five signs, letters among them
  if (!digits || (code.length === digits && !letters)) return '';
  const what = letters ? 'There are letters in it' : `It has ${code.length} digits`;
  return `${what}; a code of this account has ${digits} digits. If the phone really shows it like that, press Continue once more.`;
}

/** Moments that the kernel gives in UTC, in this page's own time, like the picture beside them. */
export function localTimes(text, now) {
  let day = new Date(now * 1000).toISOString().slice(0, 10);
  const told = text.replace(/(?:(\d{4}-\d\d-\d\d) )?\b(\d\d:\d\d:\d\d)\b/g, (whole, date, time) => {
    day = date ?? day;
    const moment = Date.parse(`${day}T${time}Z`) / 1000;
    if (!Number.isFinite(moment)) return whole;
    return date ? dayText(moment) : clockText(moment);
  });
  return told.replace(/ UTC\b/g, '');
}

/** A code in two halves, as apps show it. */
export const spaced = code => (code.length > 5 ? `${code.slice(0, Math.ceil(code.length / 2))} ${code.slice(Math.ceil(code.length / 2))}` : code);

/** The middle of the minute or second that was noted, and how well it is known; null for no moment of the past. */
export function noted(value, now) {
  const moment = Date.parse(value) / 1000;
  if (!Number.isFinite(moment) || moment > now + 60) return null;
  const exact = /:\d\d:(?!00)\d\d/.test(value);
  return { at: moment + (exact ? 0.5 : 30), sd: NOTED_SD[exact ? 1 : 0] };
}

/** When this day began where the person sits. */
export function midnight(now) {
  const day = new Date(now * 1000);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime() / 1000;
}

/** Of the probe codes ahead, the one to send now, from when and until when; null past the last one. */
export function present(codes, now) {
  const place = codes.findLastIndex(([start]) => start <= now);
  if (place < 0 || place + 1 >= codes.length) return null;
  return { code: codes[place][1], from: codes[place][0], until: codes[place + 1][0] };
}

export const capital = text => text.slice(0, 1).toUpperCase() + text.slice(1);

export const notedWords = names => `Noted: ${list(names.map(name => NOTED[name] ?? name))}.`;

/** What is said about the clock check. */
export function clockWords(clock, started) {
  const whom = list(clock.first.length ? clock.first : clock.then);
  const web = clock.first.length && clock.then.length ? ', or some web servers if these do not answer,' : '';
  if (clock.state === 'asking') return 'Asking the time servers whether this computer’s clock is right …';
  if (clock.state === 'done' || clock.state === 'failed') return clock.words;
  if (!clock.on) return 'No time server is asked, so the phone can only be compared with this computer.';
  return `${started ? 'This computer asks' : 'Once you begin, this computer asks'} ${whom}${web} for the time. Nothing about you or your account is sent.`;
}

/** One code in a line: when it was read and what became of it. */
export function lookWords(look, clock) {
  const said = { true: 'the site accepted it', false: 'refused', null: 'not tried' }[look.accepted];
  return `read at ${clock(look.at)}, ${said}${look.differs ? ', typed differently' : ''}`;
}

/** Where the accounts come from, if they come from the scan on top of this page; `known` are those that came. */
export function topWords(known) {
  if (!known.length) return WORDS.elsewhere;
  return known.length > 1 ? 'If it is none of these, show its QR code at the top of this page.'
    : `It is ${titleOf(known[0])}, from the top of this page. If another account was refused, show its QR code there.`;
}

export const titleOf = account => [account.title, account.subtitle].filter(Boolean).join(' · ');

/** Where moments stand in the picture, in percent from the left; where a long stretch is left out, `gap` is that. */
export function axisOf({ code, takes, sent, before }) {
  const shown = before && sent - before < AGO ? before : sent;
  const near = [Math.min(takes[0], sent, shown), Math.max(takes[1], sent, shown)];
  const length = near[1] - near[0];
  const away = Math.max(near[0] - code[1], code[0] - near[1]);
  const scale = (t, [low, high], [left, right]) => left + (t - low) / (high - low) * (right - left);
  if (away <= 2.5 * length) {
    const ends = [Math.min(near[0], code[0]), Math.max(near[1], code[1])];
    return { at: t => scale(t, ends, [2, 98]), gap: null };
  }
  const early = code[0] < near[0];
  const [mine, theirs, gap] = early ? [[2, 18], [34, 98], 26] : [[82, 98], [2, 66], 74];
  const inCode = t => (early ? t <= code[1] : t >= code[0]);
  return { at: t => (inCode(t) ? scale(t, code, mine) : scale(t, near, theirs)), gap };
}

/** Where so many letters under a bar stand: under its middle, but never beyond the picture's ends. */
export function labelAt(from, to, letters) {
  const middle = (from + to) / 2;
  if (middle < 22) return `left:${from}%`;
  if (middle > 78) return `right:${100 - to}%`;
  const half = `${(letters * 0.3).toFixed(1)}em`; // about half their width
  return `left:clamp(${half}, ${middle}%, calc(100% - ${half}));transform:translateX(-50%)`;
}

/** The picture in words: `brief` for who cannot see it, `long` and `verdict` below it. `clock` words a moment. */
export function pictureWords({ code, takes, sent, fits, accepted, before, theirs }, clock) {
  const way = code[0] < takes[0] ? 'too old' : 'too early';
  const tried = accepted !== null;
  const long = [
    `Your code is the one for ${clock(code[0])} to ${clock(code[1])}.`,
    tried ? `It was sent at ${clock(sent)}; at that moment a site ${theirs ? 'whose clock is right ' : ''}accepts the codes for ${clock(takes[0])} to ${clock(takes[1])}.`
      : `At ${clock(sent)} a site accepts the codes for ${clock(takes[0])} to ${clock(takes[1])}.`,
  ];
  const verdict = before ? `Its time was right, but it had already been used, at ${clock(before)}.`
    : !fits ? `So it ${tried ? 'was' : 'is'} ${way}.`
      : theirs ? 'So its time was right: it is the site’s clock that was wrong.'
        : accepted === false ? 'So its time was right: that is not why it was refused.' : 'So its time is right.';
  const brief = fits ? 'Your code lies within the time that the site accepts.' : `Your code lies ${way === 'too old' ? 'before' : 'after'} the time that the site accepts.`;
  return { brief: `Timeline. ${brief}`, long: long.join(' '), verdict };
}

// --- small tools for drawing -----------------------------------------------------------------------------------

const button = (label, onclick, kind = '') => make('button', { type: 'button', class: `d-button ${kind}`.trim(), onclick }, label);
const away = (address, text) => make('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, text);
/** A sentence whose web addresses can be followed. */
const linked = text => text.split(/(https:\/\/\S*[^\s.,;)])/).map((part, place) => (place % 2 ? away(part, part) : part));
const actions = (...nodes) => make('div', { class: 'd-actions' }, ...nodes);
const fold = (title, ...inside) => make('details', { class: 'd-fold' }, make('summary', {}, title), make('div', { class: 'd-inside' }, ...inside));
const field = (label, control, hint) => make('label', { class: 'd-field' }, make('span', { class: 'd-label' }, label), control, hint && make('span', { class: 'd-hint' }, hint));
const secretInput = more => make('input', { type: 'text', autocomplete: 'off', autocapitalize: 'off', autocorrect: 'off', spellcheck: 'false', 'data-1p-ignore': true, 'data-lpignore': 'true', ...more });
const choices = (node, none, pairs) => node.replaceChildren(make('option', { value: '' }, none), ...pairs.map(([value, text]) => make('option', { value }, text)));

const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false };
const clockText = t => new Date(t * 1000).toLocaleTimeString([], TIME);
const dayText = t => new Date(t * 1000).toLocaleString([], { day: 'numeric', month: 'short', year: 'numeric', ...TIME });
/** A moment beside another one: the day is said if it is not the same. */
const clockNear = t => moment => {
  const [one, other] = [moment, t].map(each => new Date(each * 1000).toDateString());
  return one === other ? clockText(moment) : dayText(moment);
};

/** Draw, and leave the focus where it was if what had it is still there. */
function keepFocus(root, draw) {
  const before = activeIn(root);
  draw();
  if (before && before !== activeIn(root) && before.isConnected && root.contains(before)) before.focus({ preventScroll: true });
}

/** The small picture of a finding: bars on a line of time. It takes its colours from the page. */
function pictureNode(picture) {
  const { at, gap } = axisOf(picture);
  const clock = clockNear(picture.sent);
  const words = pictureWords(picture, clock);
  const moments = picture.before && picture.sent - picture.before < AGO ? [picture.before, picture.sent] : [picture.sent];
  const lines = () => moments.map(t => make('span', { class: 't-line', style: `left:${at(t)}%` }));
  const label = (from, to, text) => make('span', { class: 't-label', style: labelAt(from, to, text.length) }, text);
  const row = (name, kind, [from, to]) => make('div', { class: 't-row' }, make('span', { class: 't-name' }, name), make('div', { class: 't-track' }, lines(),
    gap === null ? null : make('span', { class: 't-gap', style: `left:${gap}%` }, '//'),
    make('span', { class: `t-bar ${kind}`, style: `left:${at(from)}%;width:${at(to) - at(from)}%` }),
    label(at(from), at(to), `${clock(from)} – ${clockText(to)}`)));
  return make('figure', { class: 'd-figure' },
    make('div', { class: 't-picture', role: 'img', 'aria-label': words.brief },
      make('div', { class: 't-row' }, make('span', { class: 't-name' }), make('div', { class: 't-track is-head' }, lines(),
        picture.accepted === null ? null : label(at(moments[0]), at(picture.sent), `sent ${list(moments.map(clockText))}`))),
      row(picture.accepted === null || picture.theirs ? 'A site accepts' : 'The site accepts', 'is-takes', picture.takes),
      row('Your code', picture.fits ? 'is-fit' : 'is-miss', picture.code)),
    make('figcaption', { class: 'd-hint' }, `${words.long} `, make('strong', {}, words.verdict)));
}

// --- the line to the kernel ------------------------------------------------------------------------------------

/** Messages to and fro, each answer to its question, and how far the two clocks are apart. */
class Line {
  constructor({ model, now, heard, failed }) {
    Object.assign(this, { model, now, heard, failed, samples: [], pings: 0, pending: new Map(), asked: 0, closed: false });
    this.view = Math.random().toString(36).slice(2);
    this.hear = (content, buffers) => this.receive(content, buffers);
    this.link = () => this.ask({ type: 'hello' });
    model.on('msg:custom', this.hear);
    model.on('comm_live_update', this.link);
  }

  /** Ask the kernel: `then` comes with its answer, `undo` where it cannot use what was sent. */
  ask(content, then = null, undo = null) {
    const nonce = `${this.view}.${this.asked += 1}`;
    this.pending.set(nonce, { sent: this.now(), then, undo });
    if (this.pending.size > 60) this.pending.delete(this.pending.keys().next().value);
    try {
      this.model.send({ ...content, nonce });
    } catch {
      undo?.();
      this.failed(WORDS.gone);
    }
  }

  receive(message) {
    const asked = this.pending.get(message.nonce);
    if ('nonce' in message && !asked) return; // the answer to another tab
    this.pending.delete(message.nonce);
    if (message.type === 'error') asked?.undo?.();
    if (message.type === 'pong') this.learnClock(asked.sent, message);
    else this.heard(message, asked?.then);
  }

  ping() {
    if (this.pings >= PINGS || this.closed) return;
    this.pings += 1;
    this.ask({ type: 'ping' });
  }

  learnClock(sent, { received, sent: answered }) {
    this.samples = learn(this.samples, sample(sent, received, answered, this.now()));
    this.pinging = setTimeout(() => this.ping(), 700);
  }

  /** The kernel's time of a moment of this page. */
  kernel(page = this.now()) { return page + clockOf(this.samples).offset; }

  /** How well a moment is known: its own doubt and that of the two clocks. */
  doubt(sd) { return Math.hypot(sd, clockOf(this.samples).bound); }

  close() {
    this.closed = true;
    clearTimeout(this.pinging);
    this.model.off('msg:custom', this.hear);
    this.model.off('comm_live_update', this.link);
  }
}

/** A field for a code: the moment of reading is that of the first digit. */
class Typed {
  constructor(line, input, submit) {
    Object.assign(this, { line, input });
    input.addEventListener('input', () => { if (!input.value) this.reset(); else this.started ??= line.now(); });
    input.addEventListener('paste', () => { this.pasted = true; });
    input.addEventListener('keydown', event => { if (entered(event)) { event.preventDefault(); submit(); } });
    this.reset();
  }

  reset() { Object.assign(this, { started: null, pasted: false }); }

  clear() { this.input.value = ''; this.reset(); }

  /** Clear the field; what is handed back puts everything in its place again, should the kernel refuse it. */
  take() {
    const { input, started, pasted } = this;
    const { value } = input;
    this.clear();
    return () => { if (!input.value) { input.value = value; Object.assign(this, { started, pasted }); } };
  }

  moment() { return { at: this.started ?? this.line.now(), sd: this.pasted ? PASTED_SD : TYPED_SD }; }
}

// --- 1: the QR code --------------------------------------------------------------------------------------------

class ScanPanel {
  constructor(page, node) {
    this.page = page;
    this.embed = make('div', { class: 'd-embed' });
    this.lead = make('p', { class: 'd-lead' });
    this.elsewhere = make('p', { class: 'd-hint', hidden: true });
    this.roster = make('fieldset', { class: 'd-roster', hidden: true });
    this.onward = actions(button('Continue', () => page.go('code'), 'is-main'));
    this.back = actions(button('Back', () => page.line.ask({ type: 'role', role: 'main' }, () => page.go(page.state.diagnosis ? 'why' : 'details'))));
    this.file = make('input', { type: 'file', accept: '.json,application/json', class: 'd-file', tabindex: '-1', 'aria-label': 'A saved case', onchange: () => this.read(this.file.files[0]) });
    this.text = make('textarea', { class: 'd-case', rows: '3', autocomplete: 'off', spellcheck: 'false' });
    this.saved = fold('Continue a saved case', actions(button('Open its file', () => this.file.click()), this.file),
      field('Or paste its text', this.text), actions(button('Use this text', () => this.load(this.text.value))));
    node.append(...page.heading('scan', 'Show the QR code of the set-up page'), this.lead, this.roster, this.elsewhere, this.embed, this.onward, this.back, this.saved);
  }

  draw(state) {
    const second = state.role === 'second';
    const many = state.accounts.length > 1 && !second;
    setText(this.lead, state.pending ? WORDS.pending : second ? WORDS.second : WORDS.scan);
    this.elsewhere.hidden = state.own;
    const known = state.own || second || state.pending ? [] : state.accounts;
    setText(this.elsewhere, topWords(known));
    this.lead.hidden = known.length > 0;
    this.embed.hidden = !state.own;
    this.roster.hidden = !many;
    setText(this.page.heads.scan, second ? 'Show the newer QR code' : known.length ? 'The account that was refused' : 'Show the QR code of the set-up page');
    this.onward.hidden = second || !(state.case && state.settled);
    this.saved.hidden = second;
    this.back.hidden = !second;
    if (many) this.drawRoster(state);
  }

  drawRoster({ accounts, chosen, settled }) {
    const drawn = JSON.stringify([accounts, chosen, settled]);
    if (this.drawn === drawn) return;
    this.drawn = drawn;
    const { page } = this;
    const choose = place => page.line.ask({ type: 'choose', account: place }, () => page.go('code'));
    keepFocus(this.roster, () => this.roster.replaceChildren(make('legend', { tabindex: '-1' }, 'Which account was refused?'), ...accounts.map((account, place) => make('label', { class: 'd-choice' },
      make('input', { type: 'radio', name: `${page.id}-account`, checked: settled && chosen === place, onchange: () => choose(place), onkeydown: event => { if (entered(event)) choose(place); } }),
      make('span', {}, titleOf(account))))));
  }

  async read(file) {
    if (!file) return;
    if (file.size > 1_000_000) { this.page.warn('This file is too big to be a saved case.'); return; }
    const text = await file.text();
    this.file.value = '';
    this.load(text);
  }

  load(text) {
    this.page.line.ask({ type: 'load', text }, () => {
      this.text.value = '';
      this.saved.open = false;
      if (this.page.state.case) this.page.go('details');
      else { this.page.say(WORDS.pending); this.page.heads.scan.focus(); }
    });
  }

  focus() { (this.roster.hidden ? this.page.heads.scan : this.roster.querySelector('input')).focus({ preventScroll: true }); }
}

// --- 2: the code on the phone ----------------------------------------------------------------------------------

class CodePanel {
  constructor(page, node) {
    this.page = page;
    this.taps = [];
    this.embed = make('div', { class: 'd-embed' });
    this.input = secretInput({ class: 'd-big', inputmode: 'numeric', maxlength: '24', 'aria-describedby': `${page.id}-input-hint` });
    this.typed = new Typed(page.line, this.input, () => this.send());
    this.when = make('input', { type: 'datetime-local', step: '1', autocomplete: 'off', onkeydown: event => { if (entered(event)) this.send(); } });
    this.earlier = fold('I noted the code earlier', field('When the phone showed it', this.when, 'By this computer’s clock, as exactly as you can.'));
    const form = make('form', { class: 'd-code-form', autocomplete: 'off', onsubmit: event => { event.preventDefault(); this.send(); } },
      field('What does your phone show?', this.input), make('p', { class: 'd-hint', id: `${page.id}-input-hint` }, 'Look at the phone and start typing at once: the moment you type the first digit is what counts.'),
      this.earlier, actions(make('button', { type: 'submit', class: 'd-button is-main' }, 'Continue'), button('Back', () => page.go('scan'))));
    node.append(...page.heading('code', 'Compare with the phone'), make('div', { class: 'd-columns' },
      make('div', { class: 'd-column' }, make('p', { class: 'd-label' }, 'The right code, now'), this.embed),
      make('div', { class: 'd-column' }, form, this.buildTaps())));
  }

  buildTaps() {
    this.tapWords = make('p', { class: 'd-hint', role: 'status' });
    this.tap = make('button', { type: 'button', class: 'd-tap', onpointerdown: event => this.pressed(event), onkeydown: event => this.keyed(event), onclick: event => this.clicked(event) }, 'Tap when the code on the phone changes');
    this.untap = button('Forget the taps', () => this.setTaps([]), 'd-link');
    this.tapping = fold('Measure the phone’s clock exactly (optional)', make('p', { class: 'd-hint' }, 'Watch the phone and tap here the moment its code changes. Two or three taps are enough. The code itself is still needed.'), this.tap, this.tapWords, this.untap);
    return this.tapping;
  }

  draw(state) {
    const { taps } = state.case ?? { taps: { count: 0, words: '' } };
    setText(this.tapWords, taps.count ? `${plural(taps.count, 'tap')}. ${taps.words}` : '');
    this.untap.hidden = !taps.count;
    if (!taps.count) this.taps = [];
  }

  /** Empty the form; what is handed back fills it again. */
  reset() {
    const { when, earlier } = this;
    const [back, value, open] = [this.typed.take(), when.value, earlier.open];
    this.doubted = null;
    earlier.open = false;
    when.value = '';
    return () => { back(); when.value ||= value; earlier.open ||= open; };
  }

  send() {
    const { page, input, when, earlier } = this;
    const shown = cleanCode(input.value);
    if (!shown) { page.warn(WORDS.badCode); input.focus(); return; }
    const past = earlier.open ? noted(when.value, page.line.now()) : null;
    if (earlier.open && when.value && !past) { page.warn(WORDS.badTime); when.focus(); return; }
    const doubt = doubtWords(shown, page.digits());
    if (doubt && this.doubted !== shown) { this.doubted = shown; page.warn(doubt); input.focus(); return; }
    const moment = past ?? this.typed.moment();
    page.line.ask({ type: 'look', shown, at: page.line.kernel(moment.at), sd: page.line.doubt(moment.sd) }, () => {
      page.index = page.state.case.looks.length - 1;
      page.go('answer');
    }, this.reset());
  }

  // A tap counts when the finger comes down; a click alone comes from assistive technology.

  pressed(event) {
    if (event.button > 0) return;
    const late = (performance.now() - event.timeStamp) / 1000; // the page may have been busy
    this.addTap(this.page.line.now() - (late > 0 && late < 2 ? late : 0));
  }

  keyed(event) {
    if ((event.key === ' ' || event.key === 'Enter') && !event.repeat) { event.preventDefault(); this.addTap(this.page.line.now()); }
  }

  clicked(event) {
    if (event.detail === 0 && this.page.line.now() - (this.tapped ?? 0) > 0.5) this.addTap(this.page.line.now());
  }

  addTap(moment) {
    this.tapped = this.page.line.now();
    this.setTaps([...this.taps, this.page.line.kernel(moment)]);
    this.tap.classList.add('is-hit');
    clearTimeout(this.fading);
    this.fading = setTimeout(() => this.tap.classList.remove('is-hit'), 250);
  }

  setTaps(taps) {
    this.taps = taps.slice(-12);
    this.page.line.ask({ type: 'taps', taps: this.taps });
  }

  focus() {
    this.reset();
    this.input.focus({ preventScroll: true });
  }

  close() { clearTimeout(this.fading); }
}

// --- 3: what the site said -------------------------------------------------------------------------------------

class AnswerPanel {
  constructor(page, node) {
    this.page = page;
    this.which = make('p', { class: 'd-lead' });
    this.after = make('select', { autocomplete: 'off' }, ...[['6', 'within 10 seconds of reading it'], ['20', 'after about 20 seconds'], ['45', 'after about 45 seconds'], ['90', 'after a minute or more']].map(([value, text]) => make('option', { value }, text)));
    this.differs = secretInput({ maxlength: '24' });
    const said = (accepted, label, hint, kind) => make('button', { type: 'button', class: `d-said ${kind}`, onclick: event => this.send(accepted, event) }, make('strong', {}, label), make('span', {}, hint));
    this.no = said(false, 'No, refused', '“Invalid code” or similar', 'is-no');
    node.append(...page.heading('answer', 'Did the site accept this code?'), this.which,
      make('div', { class: 'd-three', role: 'group', 'aria-labelledby': `${page.id}-answer` }, this.no, said(true, 'Yes', 'It let me in', 'is-yes'), said(null, 'Not tried', 'I only looked at it', '')),
      fold('I sent it late, or typed something different', make('div', { class: 'd-columns is-even' }, field('It was sent', this.after), field('What was typed instead', this.differs))),
      actions(button('Back', () => page.go('code'))));
  }

  draw(state) {
    const look = state.case?.looks[this.page.index];
    setText(this.which, look ? `Code ${this.page.index + 1}, read at ${clockText(look.at)}. If you have not tried it on the site yet, do so now.` : '');
  }

  send(accepted, event) {
    const { page, after, differs } = this;
    if (event.detail === 0 && page.line.now() - page.shown < HASTE) return;
    const [late, typed] = [after.value, differs.value];
    const content = { type: 'answer', index: page.index, accepted, after: Number(late), typed: typed.trim() || null };
    differs.value = '';
    after.value = '6';
    page.line.ask(content, () => page.go(page.state.answers > 0 ? 'why' : 'details'), () => { differs.value ||= typed; after.value = late; });
  }

  focus() { this.no.focus({ preventScroll: true }); }
}

// --- 4: what else is known -------------------------------------------------------------------------------------

class DetailsPanel {
  constructor(page, node) {
    this.page = page;
    this.apps = make('datalist', { id: `${page.id}-apps` });
    const tell = name => event => page.line.ask({ type: 'details', [name]: event.target.value });
    this.app = make('input', { type: 'text', autocomplete: 'off', list: `${page.id}-apps`, maxlength: '80', placeholder: 'I don’t know', onchange: tell('app') });
    this.service = make('select', { autocomplete: 'off', onchange: tell('service') });
    this.platforms = make('fieldset', { class: 'd-chips' });
    this.key = secretInput({ maxlength: '400', onchange: () => this.sendHidden('key') });
    this.keyState = make('p', { class: 'd-hint', role: 'status' });
    this.expected = secretInput({ maxlength: '24', inputmode: 'numeric', onchange: () => this.sendHidden('expected') });
    this.expectedState = make('p', { class: 'd-hint', role: 'status' });
    this.newer = make('p', { class: 'd-hint' });
    this.newerButton = button('Show the newer QR code', () => page.askSecond());
    node.addEventListener('keydown', event => { if (entered(event) && event.target.tagName === 'INPUT') this.onward(event); });
    node.append(...page.heading('details', 'Do you know more?', 'All of this is optional. It makes the answer more certain and the advice more specific.'), this.platforms,
      make('div', { class: 'd-columns is-even' }, field('Which app shows the codes?', this.app), this.apps, field('Which site or software checks the code?', this.service)),
      make('div', { class: 'd-row' }, make('div', {}, make('p', { class: 'd-label' }, 'Was the set-up page opened again after the scan?'), this.newer), this.newerButton),
      fold('The key was typed by hand, not scanned', field('The key beside the QR code', this.key, 'It is kept in memory only and not shown again.'), this.keyState),
      fold('For administrators', field('The code that the service’s log says it expected', this.expected), this.expectedState),
      actions(button('Why was it refused?', () => page.diagnose(), 'is-main'), button('Back', () => page.go(page.state.case.looks.length ? 'answer' : 'code'))));
  }

  options({ apps, platforms, services }) {
    const { page } = this;
    const chip = ([value, text]) => make('label', { class: 'd-chip' }, make('input', { type: 'radio', name: `${page.id}-platform`, value, onchange: () => page.line.ask({ type: 'details', platform: value }) }), make('span', {}, text));
    this.apps.replaceChildren(...apps.map(value => make('option', { value })));
    this.platforms.replaceChildren(make('legend', { class: 'd-label' }, 'Which device shows the codes?'), make('div', { class: 'd-chip-row' }, ...[...platforms, ['', 'I don’t know']].map(chip)));
    choices(this.service, 'Another one, or I don’t know', services);
  }

  draw(state) {
    if (!state.case) return;
    const { details, second } = state.case;
    for (const name of ['app', 'service']) if (this[name] !== activeIn(this[name])) this[name].value = details[name];
    for (const radio of this.platforms.querySelectorAll('input')) radio.checked = radio.value === details.platform;
    this.drawHidden('key', details.key, 'Got it: the key is noted.');
    this.drawHidden('expected', details.expected, 'The expected code is noted.');
    setText(this.newer, second ? 'The newer QR code is noted.' : 'Each time it opens, the page makes a new key, and the old one stops working.');
    setText(this.newerButton, second ? 'Show another one' : 'Show the newer QR code');
  }

  drawHidden(name, known, words) {
    const place = this[`${name}State`];
    if (known === (place.childNodes.length > 0)) return;
    place.replaceChildren(...(known ? [`${words} `, button('Remove it', () => this.page.line.ask({ type: 'details', [name]: '' }), 'd-link')] : []));
  }

  sendHidden(name) {
    const input = this[name];
    const value = input.value.trim();
    input.value = '';
    if (value) this.page.line.ask({ type: 'details', [name]: value }, null, () => { input.value ||= value; });
  }

  /** Enter in a field: what was typed in it counts, and on to the answer. */
  onward(event) {
    event.preventDefault();
    event.target.blur(); // so that "change" comes first
    this.page.diagnose();
  }

  focus() { (this.platforms.querySelector('input:checked') ?? this.page.heads.details).focus({ preventScroll: true }); }
}

// --- 5: why ----------------------------------------------------------------------------------------------------

class WhyPanel {
  constructor(page, node) {
    Object.assign(this, { page, node, done: new Set(), drawn: '', told: '' });
    [this.head] = page.heading('why', 'Why it was refused');
    this.busyWords = make('span', { role: 'status' });
    this.bar = make('progress', { max: '1', 'aria-label': 'Search of all dates' });
    this.stop = button('Stop', () => page.line.ask({ type: 'stop' }));
    this.busy = make('div', { class: 'd-busy', hidden: true }, this.busyWords, this.bar, this.stop);
    this.best = make('div');
    this.device = make('select', { autocomplete: 'off', onchange: () => page.line.ask({ type: 'details', platform: this.device.value }) });
    this.next = new NextQuestion(page);
    this.probes = new Probes(page);
    this.rest = make('div');
    this.codes = make('div');
    this.foot = make('div', { class: 'd-foot' });
    this.kept = make('p', { class: 'd-kept', role: 'status' });
    node.append(this.head, this.busy, this.best, this.next.node, this.probes.node, this.rest, this.codes, this.foot);
  }

  options({ platforms }) { choices(this.device, 'any device', platforms); }

  draw(state) {
    const { diagnosis } = state;
    this.busy.hidden = !state.busy;
    if (state.busy) this.progress(state.share);
    this.node.classList.toggle('is-busy', state.busy);
    const drawn = JSON.stringify([diagnosis, state.solved, state.case?.looks, state.case?.answers, state.busy]);
    if (this.drawn !== drawn && diagnosis) keepFocus(this.page.root, () => this.redraw(state));
    if (diagnosis) this.drawn = drawn;
    this.probes.draw(diagnosis?.probes ?? [], state.probed, state.solved);
    this.device.value = state.case?.details.platform ?? '';
    if (diagnosis && !state.busy) this.tell(diagnosis.findings[0]);
  }

  /** Who cannot see the page hears what is the best finding now. */
  tell(best) {
    const told = `${best.likely}: ${best.title}. ${best.says}`;
    if (told !== this.told && this.page.step === 'why') this.page.say(capital(told));
    this.told = told;
  }

  progress(share) {
    const far = share !== null && share !== undefined;
    setText(this.busyWords, far ? `Searching every date from 1970 to 2038: ${Math.floor(share * 100)}%` : WORDS.busy);
    this.bar.hidden = !far;
    this.stop.hidden = !far;
    if (far) this.bar.value = share;
  }

  redraw(state) {
    const { diagnosis, solved } = state;
    const [best, ...others] = diagnosis.findings;
    setText(this.head, solved ? 'Solved' : state.case?.looks.some(look => look.accepted === false) && best.family !== 'OK' ? 'Why it was refused' : 'What was found');
    this.best.replaceChildren(solved ? this.solved(best) : this.bestCard(best));
    this.rest.replaceChildren(...(solved ? [] : this.others(others, diagnosis.notes)));
    this.codes.replaceChildren(...(solved || !state.case ? [] : this.facts(state.case)));
    this.next.draw(solved ? null : diagnosis, state.busy);
    this.drawFoot(solved);
  }

  bestCard(found) {
    return make('article', { class: `d-best ${found.family === 'OK' ? 'is-ok' : ''}`, 'aria-label': 'The most likely cause' },
      make('p', { class: 'd-chance' }, make('strong', {}, found.likely), make('span', {}, found.percent), make('span', { class: 'd-meter', 'aria-hidden': 'true', style: `--share:${found.share}` })),
      make('h4', {}, found.title), make('p', { class: 'd-says' }, found.says), this.remedy(found),
      found.picture ? pictureNode(found.picture) : null, this.evidence(found));
  }

  remedy(found) {
    if (!found.remedy.length) return null;
    const fitted = found.by_device ? make('label', { class: 'd-device' }, 'Steps for ', this.device) : null;
    return make('div', { class: 'd-remedy' }, make('div', { class: 'd-remedy-head' }, make('h5', {}, 'What to do'), fitted), this.checklist(found.remedy));
  }

  checklist(steps) {
    const tick = step => event => { if (event.target.checked) this.done.add(step); else this.done.delete(step); };
    return make('ul', { class: 'd-checklist' }, ...steps.map(step => make('li', {}, make('label', {}, make('input', { type: 'checkbox', autocomplete: 'off', checked: this.done.has(step), onchange: tick(step) }), make('span', {}, step)))));
  }

  evidence(found) {
    const link = /^https:\/\//.test(found.link) ? away(found.link, 'Read more') : null;
    const node = fold('How this is known', make('p', {}, localTimes(found.evidence, this.page.line.now())), found.rules_out && make('p', {}, found.rules_out), link && make('p', {}, link));
    node.classList.add('d-proof');
    return node;
  }

  others(others, notes) {
    const cards = others.map(found => make('details', { class: 'd-other' },
      make('summary', {}, make('span', { class: 'd-other-title' }, found.title), make('span', { class: 'd-other-chance' }, `${found.likely}, ${found.percent}`)),
      make('div', { class: 'd-inside' }, make('p', {}, found.says), found.remedy.length ? this.checklist(found.remedy) : null, found.picture ? pictureNode(found.picture) : null, this.evidence(found))));
    const said = notes.map(note => make('li', {}, linked(note)));
    return [cards.length ? make('h4', {}, 'It could also be') : null, ...cards, said.length ? make('ul', { class: 'd-notes', 'aria-label': 'Notes' }, ...said) : null].filter(Boolean);
  }

  /** What was told so far, each to be taken back. */
  facts({ looks, answers }) {
    const { page } = this;
    const link = (label, name, onclick) => make('button', { type: 'button', class: 'd-button d-link', 'aria-label': name, onclick }, label);
    const undo = content => () => page.line.ask(content, () => page.heads.why.focus());
    const lines = [
      ...looks.map((look, place) => make('li', {}, make('span', {}, `Code ${place + 1}, ${lookWords(look, clockText)}`),
        link('Change', `Change the answer to code ${place + 1}`, () => { page.index = place; page.go('answer'); }),
        link('Remove', `Remove code ${place + 1}`, undo({ type: 'drop', index: place })))),
      ...answers.map(({ name, answer }) => make('li', {}, make('span', {}, `${TOLD[name] ?? name}: ${answer}`),
        link('Remove', `Take back: ${TOLD[name] ?? name}`, undo({ type: 'word', name, answer: null })))),
    ];
    return lines.length ? [make('h4', {}, 'What you have told so far'), make('ul', { class: 'd-codes' }, ...lines)] : [];
  }

  drawFoot(solved) {
    const { page } = this;
    const solve = on => () => page.line.ask({ type: 'solved', on }, () => { page.heads.why.focus(); page.say(on ? 'Solved.' : 'Not solved.'); });
    setText(this.kept, '');
    this.foot.replaceChildren(...[
      solved ? button('It fails again', solve(false)) : button('It works now', solve(true), 'is-good'),
      solved ? null : button('Add details', () => page.go('details')),
      button('Save the case', () => this.save('file')), button('Copy the case', () => this.save('copy')),
      button('Start over', () => page.line.ask({ type: 'restart' }, () => { this.done.clear(); page.go('scan'); })),
      make('p', { class: 'd-hint' }, 'The case is a text you can send to support: the times, your answers and the codes you typed. Codes that change with time are worthless by then; a code of a counter that the site has not taken yet still opens the account, so use a newer one first. It holds no key and no QR code. You can open it here again.'), this.kept].filter(Boolean));
  }

  solved(best) {
    return make('div', { class: 'd-solved' }, make('p', { class: 'd-says' }, 'Good: the site accepts the code now.'),
      make('p', { class: 'd-hint' }, `The most likely cause was: ${best.title} (${best.percent}). If the trouble comes back, press “It fails again” and go on from there.`));
  }

  save(way) {
    const { page } = this;
    page.line.ask({ type: 'save' }, async ({ text }) => {
      // It is said beside the button: the line on top may be out of sight.
      if (way === 'copy') { setText(this.kept, await copied(text, page.root) ? 'The case is in the clipboard.' : 'This page may not use the clipboard. Save the case as a file instead.'); return; }
      const link = make('a', { href: URL.createObjectURL(new Blob([text], { type: 'application/json' })), download: 'mfatools-case.json' });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      setText(this.kept, 'Saved as mfatools-case.json.');
    });
  }

  focus() { this.page.heads.why.focus({ preventScroll: true }); }

  close() { this.probes.close(); }
}

/** The one thing to look at next, answered right here in the person's own words, or by going where it is done. */
class NextQuestion {
  constructor(page) {
    this.page = page;
    this.text = make('p');
    this.input = secretInput({ maxlength: '200', placeholder: 'for example: 123456 refused' });
    this.typed = new Typed(page.line, this.input, () => this.send());
    this.form = make('div', { class: 'd-reply' }, field('Your answer', this.input), button('Use it', () => this.send()));
    this.ways = actions();
    this.asks = make('section', { class: 'd-next', 'aria-label': 'What to look at next' }, make('h4', {}, 'To be more certain'), this.text, this.form, this.ways);
    this.far = make('p', { class: 'd-hint d-far' });
    this.node = make('div', {}, this.asks, this.far);
  }

  draw(diagnosis, busy) {
    const question = diagnosis?.question?.name === 'probe_codes' && diagnosis.probes.length ? null : diagnosis?.question;
    this.asks.hidden = !question;
    if (question) this.drawQuestion(question);
    this.far.hidden = !diagnosis?.far || busy;
    if (!this.far.hidden) {
      this.far.replaceChildren(diagnosis.stopped ? 'The search of all dates was stopped. ' : 'Nothing near the present time fits. A clock may be years off: ',
        button('Search every date from 1970 to 2038', () => this.page.diagnose(true), 'd-link'), ' (a minute or more; it can be stopped).');
    }
    this.node.hidden = this.asks.hidden && this.far.hidden;
  }

  drawQuestion(question) {
    const action = actionOf(question);
    setText(this.text, question.text);
    this.form.hidden = action.kind !== 'code' || question.options.length > 0;
    if (this.ways.dataset.name === question.name) return;
    this.ways.dataset.name = question.name;
    const words = question.options.map(word => button(capital(word), () => this.word(question.name, word), 'is-main'));
    this.ways.replaceChildren(...(words.length ? words : [button(action.label, () => this.act(action.kind), 'is-main')]),
      !words.length && action.kind === 'code' ? '' : button(MORE_CODES.label, () => this.act('code')));
  }

  send() {
    const { page, input } = this;
    const text = input.value.trim();
    if (!text) { page.warn(WORDS.badReply); input.focus(); return; }
    const { at, sd } = this.typed.moment();
    const { line } = page;
    const back = this.typed.take();
    line.ask({ type: 'reply', text, at: line.kernel(at), sd: line.doubt(sd), midnight: line.kernel(midnight(line.now())) }, ({ noted: names }) => {
      page.warn(notedWords(names), 'info');
      page.index = page.state.case.looks.length - 1;
      if (names.includes('code') && !names.includes('answer')) page.go('answer');
    }, back);
  }

  word(name, answer) {
    this.page.line.ask({ type: 'word', name, answer }, () => { this.page.heads.why.focus(); this.page.warn(`Noted: ${answer}.`, 'info'); });
  }

  act(kind) {
    const { page } = this;
    if (kind === 'clock') { page.line.ask({ type: 'clock', on: true, again: true }); return; }
    if (kind === 'second') { page.askSecond(); return; }
    if (kind === 'probes') { page.panels.why.probes.focus(); return; }
    page.go('code');
    const { code } = page.panels;
    if (kind === 'tap') { code.tapping.open = true; code.tap.focus(); }
  }
}

/** Codes to send on purpose when the service refuses right ones: one at a time, live, and what came of each. */
class Probes {
  constructor(page) {
    Object.assign(this, { page, begun: false, codes: [], name: null, sent: null, drawn: '' });
    this.head = make('h4', { tabindex: '-1' }, 'Probe codes');
    this.lead = make('p', { class: 'd-hint' }, 'A code that is wrong on purpose can show what is wrong with the service. Send each one once, in this order, and stop at the first that is accepted. There are only a few, because many services lock an account after 3 to 10 wrong codes.');
    this.results = make('ul', { class: 'd-probe-results' });
    this.title = make('strong', { tabindex: '-1' });
    this.proves = make('span', { class: 'd-hint' });
    this.code = make('output', { class: 'd-probe-code', 'aria-label': 'The code to send' });
    this.meter = make('span', { class: 'd-meter', 'aria-hidden': 'true' });
    this.left = make('span', { class: 'd-hint' });
    this.copy = button('Copy', () => this.copyIt());
    this.show = button('Show the code', () => { this.begun = true; this.fetch(); this.draw(...this.last); this.copy.focus(); }, 'is-main');
    this.live = make('div', { class: 'd-probe-live' }, this.code, make('div', { class: 'd-probe-worth' }, this.meter, this.left), this.copy);
    this.says = actions(make('span', { class: 'd-label' }, 'What did the site say?'), button('Accepted', () => this.answer(true), 'is-good'), button('Refused', () => this.answer(false)));
    this.turn = make('div', { class: 'd-probe' }, make('p', {}, this.title, this.proves), this.show, this.live, this.says);
    this.later = make('p', { class: 'd-hint' });
    this.node = make('section', { class: 'd-probes', 'aria-label': 'Probe codes', hidden: true }, this.head, this.lead, this.results, this.turn, this.later);
  }

  draw(probes, probed, solved) {
    this.last = [probes, probed, solved];
    this.node.hidden = solved || !(probes.length || probed.length);
    const [now, ...later] = probes;
    if (now?.name !== this.name) Object.assign(this, { name: now?.name ?? null, codes: [], sent: null });
    this.turn.hidden = !now;
    this.later.hidden = !later.length;
    this.show.hidden = this.begun;
    this.live.hidden = !this.begun;
    this.says.hidden = !this.begun;
    this.results.replaceChildren(...probed.map(one => this.result(one)));
    this.results.hidden = !probed.length;
    if (now) {
      setText(this.title, `${probed.length + 1}. ${capital(now.name)}`);
      setText(this.proves, now.proves);
    }
    setText(this.later, later.length ? `If it is refused, next: ${list(later.map(one => one.name))}.` : '');
    this.run();
  }

  result({ name, proves, accepted }) {
    const proof = proves.replace(/^If it is accepted, (.)/, (_, letter) => letter.toUpperCase());
    return make('li', { class: accepted ? 'is-hit' : '' }, make('strong', {}, `${capital(name)}: ${accepted ? 'accepted.' : 'refused.'}`), accepted ? ` ${proof}` : ' So that is not it.');
  }

  /** Fetch codes and let them run, while they can be seen. */
  run() {
    const seen = this.begun && this.name && !this.node.hidden && this.page.step === 'why';
    if (!seen) { clearInterval(this.ticking); this.ticking = null; return; }
    if (!this.codes.length) this.fetch();
    this.ticking ??= setInterval(() => this.tick(), 500);
    this.tick();
  }

  fetch() {
    if (!this.name || this.fetching === this.name) return;
    this.fetching = this.name;
    this.page.line.ask({ type: 'probe', name: this.name }, ({ name, codes }) => {
      this.fetching = null;
      if (name === this.name) { this.codes = codes; this.tick(); }
    });
  }

  tick() {
    const now = this.page.line.kernel();
    const shown = present(this.codes, now);
    if (!shown && this.codes.length) { this.codes = []; this.fetch(); }
    setText(this.code, shown ? spaced(shown.code) : '––– –––');
    this.copy.disabled = !shown;
    const left = shown ? Math.ceil(shown.until - now) : 0;
    setText(this.left, shown ? (this.sent ? `copied at ${clockText(this.sent)}; changes in ${left} s` : `changes in ${left} s`) : '');
    this.meter.style.setProperty('--share', shown ? (shown.until - now) / (shown.until - shown.from) : 0);
  }

  async copyIt() {
    const moment = this.page.line.kernel();
    const shown = present(this.codes, moment);
    if (!shown) return;
    this.sent = moment; // the answer belongs to the code that was copied, though another one may stand here by then
    const done = await copied(shown.code, this.live);
    this.page.say(done ? 'Copied. Send it now.' : 'This page may not use the clipboard: type the code instead.');
    this.tick();
  }

  answer(accepted) {
    const at = this.sent ?? this.page.line.kernel() - SENDING;
    this.page.line.ask({ type: 'probed', name: this.name, accepted, at }, () => {
      this.page.say(accepted ? 'Accepted. That shows where the fault lies.' : 'Refused. That one is ruled out.');
      if (this.node.hidden) this.page.heads.why.focus();
      else (this.turn.hidden ? this.head : this.title).focus();
    });
  }

  focus() {
    this.head.focus();
    this.node.scrollIntoView({ block: 'nearest' });
  }

  close() { clearInterval(this.ticking); }
}

// --- the page --------------------------------------------------------------------------------------------------

const PANELS = { scan: ScanPanel, code: CodePanel, answer: AnswerPanel, details: DetailsPanel, why: WhyPanel };
let serial = 0;

/** The frame around the steps: which one is shown, what is said besides, and the kernel's last state. */
class Doctor {
  constructor({ model, el, host, now }) {
    Object.assign(this, { model, host, state: null, step: 'scan', index: 0, shown: 0, heads: {}, panels: {}, life: new AbortController() });
    this.id = `mfa-doctor-${serial += 1}`;
    this.line = new Line({ model, now, heard: (message, then) => this.heard(message, then), failed: text => { this.warn(text, 'bad'); this.enable(false); } });
    this.build();
    el.append(this.root);
    this.mount('picker', this.panels.scan.embed);
    this.mount('board', this.panels.code.embed);
    this.warn(WORDS.waiting, 'info');
    this.line.ask({ type: 'hello' });
    this.line.ping();
  }

  heard(message, then) {
    this.enable(true);
    const trouble = `${message.what} ${message.hint ?? ''}`;
    if (message.type === 'state') return this.take(message);
    if (message.type === 'progress') return this.panels.why.progress(message.share);
    if (message.type === 'trouble' || message.type === 'error') return this.warn(trouble, 'bad');
    if (message.type === 'options') return this.options(message);
    this.warn('');
    return then?.(message);
  }

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

  build() {
    this.clock = make('p', { class: 'd-clock' });
    this.clockWords = make('span', { role: 'status' });
    this.clockSwitch = button('', () => this.line.ask({ type: 'clock', on: !this.state?.clock.on }), 'd-link');
    this.clock.append(make('span', { class: 'd-dot', 'aria-hidden': 'true' }), this.clockWords, ' ', this.clockSwitch);
    this.alert = make('p', { class: 'd-alert', role: 'alert', tabindex: '-1', hidden: true });
    this.said = make('p', { class: 'mfa-said', role: 'status' });
    this.steps = make('ol', { class: 'd-steps' }, ...STEPS.map((step, place) => this.stepNode(step, place)));
    this.lead = make('p', {}, 'Show the QR code, type what your phone shows, and say what the site answered. You will learn why the code was refused, how certain that is, and what to do. Everything stays in this notebook’s memory; nothing is saved.');
    this.nodes = Object.fromEntries(STEPS.map(step => [step, make('section', { class: `d-panel d-${step}`, 'aria-labelledby': `${this.id}-${step}`, hidden: true })]));
    this.all = make('fieldset', { class: 'd-all', role: 'none' }, // it disables every control in it at once, and gives each back as it was
      make('nav', { 'aria-label': 'Steps' }, this.steps), this.alert, ...Object.values(this.nodes), this.clock);
    this.root = make('section', { class: 'mfa doctor', 'aria-label': 'Why was the code refused?', 'data-lm-suppress-shortcuts': 'true' },
      make('header', { class: 'd-head' }, make('h2', {}, 'Why was the code refused?'), this.lead), this.all, this.said);
    for (const step of STEPS) this.panels[step] = new PANELS[step](this, this.nodes[step]);
  }

  stepNode(step, place) {
    return make('li', {}, make('button', { type: 'button', class: 'd-step', 'data-step': step, onclick: () => this.go(step) },
      make('span', { class: 'd-number', 'aria-hidden': 'true' }, String(place + 1)), make('span', {}, NAMES[step])));
  }

  heading(step, text, lead) {
    this.heads[step] = make('h3', { id: `${this.id}-${step}`, tabindex: '-1' }, text);
    return [this.heads[step], ...(lead ? [make('p', { class: 'd-lead' }, lead)] : [])];
  }

  /** How many digits the codes of the account that is meant have; null while none is chosen. */
  digits() { return this.state?.accounts[this.state.chosen]?.digits ?? null; }

  options(message) {
    this.panels.details.options(message);
    this.panels.why.options(message);
    this.warn('');
    if (this.state) this.draw();
  }

  warn(text, level = 'warn') {
    setText(this.alert, text);
    this.alert.dataset.level = level;
    this.alert.hidden = !text;
    // The page may be long; but nobody who is at work elsewhere in the notebook is taken away from there.
    if (text && this.root.contains(activeIn(this.root))) this.alert.scrollIntoView({ block: 'nearest' });
  }

  /** Without its kernel nothing here works. What was typed stays where it is. */
  enable(on) {
    if (this.all.disabled !== on) return;
    const held = this.all.contains(activeIn(this.root));
    this.all.disabled = !on;
    if (on) this.warn('');
    else if (held) this.alert.focus();
  }

  /** For a screen reader only: what has just changed. */
  say(text) { this.said.textContent = text; }

  /** Show a step; `focus` puts the person where the next thing is to be done. */
  go(step, focus = true) {
    this.step = step;
    this.shown = this.line.now();
    this.draw();
    this.warn('');
    this.say(`Step ${STEPS.indexOf(step) + 1} of ${STEPS.length}: ${this.heads[step].textContent}`);
    if (!focus) return;
    this.panels[step].focus();
    this.root.scrollIntoView({ block: 'nearest' });
  }

  take(state) {
    const before = this.state;
    this.state = state;
    if (before) this.moveOn(before, state);
    else { this.warn(''); this.step = stepOf(state); this.index = Math.max(0, (state.case?.looks.length ?? 1) - 1); }
    this.draw();
  }

  /** Steps that follow by themselves from what has just come. */
  moveOn(before, state) {
    const scanning = this.step === 'scan';
    if (scanning && state.case && state.settled && (!before.case || !before.settled)) this.go(stepOf(state));
    else if (scanning && before.role === 'second' && state.role !== 'second' && state.case?.second) this.go(state.diagnosis ? 'why' : 'details');
    else if (scanning && !before.case && state.case) this.arrived();
    else if (!open(state)[this.step]) this.go(stepOf(state), false);
  }

  /** Several accounts came: one is to be chosen. */
  arrived() {
    this.draw();
    this.say('Several accounts were found. Which one was refused?');
    this.panels.scan.focus();
  }

  draw() {
    const { state } = this;
    if (!state) return;
    const can = open(state);
    for (const step of STEPS) this.nodes[step].hidden = step !== this.step;
    for (const node of this.steps.querySelectorAll('button')) {
      node.disabled = !can[node.dataset.step];
      if (node.dataset.step === this.step) node.setAttribute('aria-current', 'step');
      else node.removeAttribute('aria-current');
    }
    this.lead.hidden = this.step !== 'scan';
    this.drawClock(state);
    for (const step of STEPS) this.panels[step].draw(state);
  }

  drawClock({ clock, case: about, own }) {
    setText(this.clockWords, clockWords(clock, Boolean(own ? about : about?.looks.length)));
    setText(this.clockSwitch, clock.state === 'done' || clock.state === 'asking' ? '' : clock.on ? 'Do not ask' : 'Ask');
    this.clockSwitch.hidden = !this.clockSwitch.textContent;
    this.clock.dataset.state = clock.state === 'done' ? { true: 'fine', false: 'wrong' }[clock.fine] ?? 'open' : clock.state;
  }

  askSecond() {
    this.line.ask({ type: 'role', role: 'second' }, () => this.go('scan'));
  }

  diagnose(full = false) {
    this.line.ask({ type: 'diagnose', full }, () => this.go('why'));
  }

  close() {
    this.life.abort();
    this.line.close();
    for (const panel of Object.values(this.panels)) panel.close?.();
    this.root.remove();
  }
}

function render({ model, el, host, signal }) {
  const page = new Doctor({ model, el, host, now: () => Date.now() / 1000 });
  signal?.addEventListener('abort', () => page.close());
  return () => page.close();
}

export default { render };
