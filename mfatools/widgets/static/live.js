// A board of live codes. The kernel sends the codes of the next minutes; this page keeps the time.
// Times are POSIX seconds. Everything above `render` is pure and takes its time as an argument.

export const WORDS = {
  waiting: 'Waiting for the notebook’s kernel. It may be busy; codes appear as soon as it answers.',
  used: 'The kernel has not answered for a while, and the codes it sent in advance have run out. New ones appear when it answers.',
  gone: 'The kernel was restarted or shut down, so this board has lost its keys. Run its cell again to see codes.',
  empty: 'No accounts here yet.',
  emptyHint: 'Scan a QR code, or put one on the board with live.add(account).',
  none: 'No account matches.',
  unchecked: 'Codes go by this notebook’s own clock. Is it right?',
  counter: 'Each press uses up one code. The count goes on until the kernel stops.',
  pin: 'Codes of this entry are made with your PIN. It is kept in memory only, never on disk.',
  fallback: 'Press Ctrl+C (⌘C) to copy.',
};
const MANY = 8; // entries from which on a filter box helps
const LONG = 13; // entries from which on the cards scroll by themselves
const SURE = 0.05; // seconds of doubt about the clocks with which a code changes on time, to the eye
const PINGS = [5, 60, 240]; // seconds from an answer to the next clock exchange, as long as none made it that sure
const RETRY = [2, 4, 8, 15, 30, 60]; // seconds until an unanswered request is repeated

export function grouped(code) {
  const size = { 4: 2, 8: 4, 10: 5 }[code.length] ?? 3;
  return code.length < 6 && code.length !== 4 ? code : code.replace(new RegExp(`(.{${size}})(?=.)`, 'g'), '$1 ');
}

export const spelled = code => code.split('').join(' ');

export const counterAt = (card, t) => Math.floor((t - card.t0) / card.step);

export const endOf = (card, t) => (counterAt(card, t) + 1) * card.step + card.t0;

export const isTimed = card => Array.isArray(card.codes);

/** The code at time t, `ahead` steps later if wanted; null outside of what the kernel sent. */
export function codeAt(card, t, ahead = 0) {
  if (!isTimed(card)) return card.code ?? null;
  return card.codes[counterAt(card, t) + ahead - card.first] ?? null;
}

/** When the card's last code ends. */
export const horizonOf = card => (isTimed(card) ? (card.first + card.codes.length) * card.step + card.t0 : Infinity);

/** When to ask for more: once four fifths of the time for which codes were sent have gone by. */
export function refreshAt(cards, sentAt) {
  const horizon = Math.min(...cards.map(horizonOf));
  return Number.isFinite(horizon) ? sentAt + (horizon - sentAt) * 0.8 : Infinity;
}

/** Milliseconds from t to the next moment at which something changes: a second's edge, or, unseen, a code's. */
export function wait(cards, t, unseen) {
  const ends = cards.filter(isTimed).map(card => endOf(card, t));
  const next = unseen && ends.length ? Math.min(...ends) : Math.floor(t) + 1;
  return Math.max(1, Math.ceil((next - t) * 1000));
}

/** How sure the best of several exchanges is, in seconds. */
export const doubtOf = samples => Math.min(Infinity, ...samples.map(each => each.bound));

export function matches(card, query) {
  const text = `${card.issuer} ${card.name}`.toLocaleLowerCase();
  return query.toLocaleLowerCase().split(/\s+/).every(word => text.includes(word));
}

export const titleOf = card => card.issuer || card.name || 'Unnamed account';

export const subtitleOf = card => (card.issuer ? card.name : '');

export const labelOf = card => [titleOf(card), subtitleOf(card)].filter(Boolean).join(', ');

export function initialOf(card) {
  const [letter] = titleOf(card).match(/[\p{L}\p{N}]\p{M}*/u) ?? ['?'];
  return letter.toLocaleUpperCase();
}

/** A hue of 0 to 359 degrees that stays with a name (FNV-1a). */
export function hueOf(text) {
  let hash = 0x811c9dc5;
  for (const char of text.toLowerCase()) hash = Math.imul(hash ^ char.codePointAt(0), 0x01000193) >>> 0;
  return hash % 24 * 15;
}

export function span(seconds) {
  const size = Math.abs(seconds);
  if (size < 90) return `${size.toFixed(size < 10 ? 1 : 0)} s`;
  return size < 5400 ? `${Math.round(size / 60)} min` : `${(size / 3600).toFixed(1)} h`;
}

/** What is said about the clocks: `offset` from the kernel to true time (null: unknown), `browser` to the kernel. */
export function clockWords(offset, browser, check = '') {
  const words = [];
  if (offset === null || offset === undefined) words.push(`${WORDS.unchecked} ${check}`.trim());
  else if (Math.abs(offset) < 0.05) words.push('Codes follow true time; this notebook’s clock is right.');
  else words.push(`Codes follow true time; this notebook’s clock is ${span(offset)} ${offset > 0 ? 'slow' : 'fast'}.`);
  if (Math.abs(browser) >= 1) {
    words.push(`This browser’s clock is ${span(browser)} ${browser > 0 ? 'behind' : 'ahead of'} the notebook’s; that is allowed for.`);
  }
  return words.join(' ');
}

/** Where a counter-based entry stands: `counter` is that of the next code. */
export function counterWords({ counter, code }) {
  return code ? `This code: counter ${counter - 1}. Next: ${counter}.` : `The next code has counter ${counter}.`;
}

/** A remark's first sentence, which is always shown, and the rest, which may be folded. */
export function parts(text) {
  const [, first, rest] = /^(.*?[.!?])\s+(\S.*)$/s.exec(text) ?? [null, text, ''];
  return { first, rest };
}

// --- drawing -------------------------------------------------------------------------------------------------

const DIAL = '<svg viewBox="0 0 36 36" aria-hidden="true"><circle class="track" cx="18" cy="18" r="15.5"/>'
  + '<circle class="rest" cx="18" cy="18" r="15.5" pathLength="1"/></svg><span class="seconds" aria-hidden="true"></span>';

const COPY = '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M9 9h11v11H9zM15 5V4H4v11h1"/></svg>';
const MIND = '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 9v5M12 17v.6M12 3.5l9 16.5H3z"/></svg>';
const CROSS = '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6L6 18"/></svg>';

/** One card on the page. `board` lends it the clock, the kernel and the voice. */
class Card {
  constructor(board, card) {
    this.board = board;
    this.data = card;
    this.revealed = !board.masked;
    this.peeking = false;
    this.node = this.build();
    this.show(card);
  }

  build() {
    const card = this.data;
    this.digits = make('span', { class: 'digits', 'aria-hidden': 'true' });
    this.spoken = make('span', { class: 'mfa-said' });
    this.word = make('span', { class: 'word' }, 'Copy');
    this.chip = make('span', { class: 'chip', 'aria-hidden': 'true' });
    this.chip.innerHTML = COPY;
    this.chip.append(this.word);
    this.code = make('button', { type: 'button', class: 'code', onclick: () => this.copy() }, this.digits, this.spoken, this.chip);
    this.dial = make('span', { class: 'dial', role: 'img' });
    this.dial.innerHTML = DIAL;
    [this.rest, this.seconds] = [this.dial.querySelector('.rest'), this.dial.querySelector('.seconds')];
    this.then = make('span', { class: 'then', 'aria-live': 'polite' });
    this.tools = make('div', { class: 'tools' });
    this.extra = make('div', { class: 'extra' });
    this.remove = make('button', { type: 'button', class: 'remove', 'aria-label': `Remove ${labelOf(card)}`, title: `Remove ${labelOf(card)}`, onclick: () => this.board.removeCard(this) });
    this.remove.innerHTML = CROSS;
    this.about = make('span', { class: 'about' });
    this.foot = make('div', { class: 'foot' }, this.about, this.remove);
    const avatar = make('span', { class: 'avatar', 'aria-hidden': 'true', style: `--hue:${hueOf(titleOf(card))}` }, initialOf(card));
    const names = make('span', { class: 'names' },
      make('strong', { dir: 'auto', title: titleOf(card) }, titleOf(card)),
      make('span', { class: 'name', dir: 'auto', title: subtitleOf(card) }, subtitleOf(card)));
    return make('li', { class: 'card', 'data-id': card.id }, make('div', { class: 'who' }, avatar, names, this.dial), this.code, this.tools, this.extra, this.foot);
  }

  /** Take new data and lay out what depends on the kind of entry. */
  show(card) {
    this.data = card;
    const timed = isTimed(card);
    this.node.classList.toggle('timed', timed);
    this.dial.hidden = !timed;
    this.code.hidden = Boolean(card.wants_pin || card.problem);
    this.asking = false;
    const focused = this.node.matches(':focus-within');
    this.tools.replaceChildren(...this.buttons(), this.then, ...this.notes());
    this.tools.hidden = Boolean(card.wants_pin) && !this.tools.querySelector('.notes');
    this.extra.replaceChildren(...this.warnings(), ...this.remarks());
    setText(this.about, [...(card.facts ?? []), card.source].filter(Boolean).join(' · '));
    this.remove.hidden = !this.board.removable;
    for (const node of [this.remove, ...(this.pinBox?.elements ?? [])]) node.disabled = this.board.gone;
    this.foot.hidden = this.remove.hidden && !this.about.textContent;
    if (focused && !this.node.matches(':focus-within')) (this.tools.querySelector('button:enabled') ?? this.code).focus();
    this.tick(this.board.time());
  }

  buttons() {
    const { data, board } = this;
    const all = [];
    if (data.type === 'hotp') {
      const advance = this.button('Next code', `Next code of ${labelOf(data)}`, () => this.advance());
      advance.classList.add('main');
      all.push(advance);
    }
    if (board.masked && !data.wants_pin) {
      this.eye = this.button('', '', () => this.reveal());
      this.nameEye();
      all.push(this.eye);
    }
    if (isTimed(data)) {
      this.peek = this.button('Show next', `Show next code of ${labelOf(data)}`, () => this.togglePeek());
      this.peek.setAttribute('aria-pressed', this.peeking);
      all.push(this.peek);
    }
    return all;
  }

  button(text, label, onclick) {
    return make('button', { type: 'button', class: 'small', 'aria-label': label, title: label, disabled: this.board.gone, onclick }, text);
  }

  notes() {
    const notes = (this.data.notes ?? []).filter(note => note.severity !== 'warn');
    if (!notes.length) return [];
    const list = make('ul', {}, ...notes.map(note => make('li', { title: note.code }, note.text)));
    const open = this.node?.querySelector('.notes')?.open;
    return [make('details', { class: 'notes', open: open ?? false }, make('summary', {}, plural(notes.length, 'note')), list)];
  }

  /** What may be why a code is refused: its first sentence always stands there. */
  warnings() {
    const open = new Set([...this.extra.querySelectorAll('.warning[open]')].map(node => node.title));
    return (this.data.notes ?? []).filter(note => note.severity === 'warn').map(note => {
      const { first, rest } = parts(note.text);
      const head = make(rest ? 'summary' : 'p', {}, make('span', { class: 'mfa-said' }, 'Watch out: '), make('span', {}, first));
      head.insertAdjacentHTML('afterbegin', MIND);
      return rest
        ? make('details', { class: 'warning', title: note.code, open: open.has(note.code) }, head, make('p', {}, rest))
        : make('div', { class: 'warning', title: note.code }, head);
    });
  }

  remarks() {
    const { data } = this;
    if (data.problem) return [make('p', { class: 'problem' }, data.problem)];
    if (data.type === 'hotp') return [make('p', {}, `${counterWords(data)} ${WORDS.counter}`)];
    return data.wants_pin ? [this.pinBox ??= this.pinForm()] : []; // kept, so that a half typed PIN stays
  }

  pinForm() {
    const input = make('input', { type: 'password', autocomplete: 'off', maxlength: '64', size: '8', 'aria-label': `PIN of ${labelOf(this.data)}`, placeholder: 'PIN' });
    const send = event => {
      event.preventDefault();
      if (input.value) this.board.request({ type: 'pin', id: this.data.id, pin: input.value });
      input.value = '';
    };
    input.addEventListener('keydown', event => { if (entered(event)) send(event); });
    return make('form', { class: 'pin', autocomplete: 'off', onsubmit: send }, make('p', {}, WORDS.pin), input, make('button', { type: 'submit' }, 'Use PIN'));
  }

  reveal() {
    this.revealed = !this.revealed;
    this.nameEye();
    this.tick(this.board.time());
  }

  nameEye() {
    const verb = this.revealed ? 'Hide' : 'Show';
    setText(this.eye, verb);
    for (const name of ['aria-label', 'title']) this.eye.setAttribute(name, `${verb} the code of ${labelOf(this.data)}`);
  }

  /** Ask for the next code of a counter-based entry; a second press waits for the first one's answer. */
  advance() {
    if (this.asking) return;
    this.asking = true;
    this.board.request({ type: 'next', id: this.data.id });
  }

  togglePeek() {
    this.peeking = !this.peeking;
    this.peek.setAttribute('aria-pressed', this.peeking);
    this.tick(this.board.time());
  }

  /** Bring the card to time t. Called once a second: it touches the page only where something changed. */
  tick(t) {
    const { data } = this;
    const code = codeAt(data, t);
    this.drawCode(code);
    const next = this.peeking ? codeAt(data, t, 1) : null;
    setText(this.then, this.peeking ? `then ${next ? grouped(next) : '–'}` : '');
    if (!isTimed(data)) return;
    const left = Math.ceil(endOf(data, t) - t);
    setText(this.seconds, code === null ? '–' : left < 1000 ? String(left) : `${Math.floor(left / 60)}m`);
    this.rest.style.strokeDashoffset = code === null ? 1 : (1 - left / data.step).toFixed(4);
    this.dial.setAttribute('aria-label', code === null ? 'no code' : `${plural(left, 'second')} left`);
    this.node.classList.toggle('ending', code !== null && left <= Math.min(5, data.step / 4));
    this.announce(code, left);
  }

  drawCode(code) {
    const { data } = this;
    const dashes = '–'.repeat(data.digits || 6);
    setText(this.digits, grouped(code === null ? dashes : this.revealed ? code : '•'.repeat(code.length)));
    const said = code === null ? 'no code' : this.revealed ? spelled(code) : 'hidden code';
    setText(this.spoken, `${said}, copy the code of ${labelOf(data)}`);
    this.code.classList.toggle('off', code === null);
    this.code.setAttribute('aria-disabled', code === null);
  }

  /** Tell a screen reader about the card that has the focus: that the code is new, and when ten seconds are left. */
  announce(code, left) {
    const fresh = this.last !== undefined && code !== this.last;
    this.last = code;
    if (!this.node.matches(':focus-within') || code === null) return;
    if (fresh) this.board.say(`New code, ${plural(left, 'second')} left.`);
    else if (left === 10) this.board.say('10 seconds left.');
  }

  async copy() {
    const t = this.board.time();
    const code = codeAt(this.data, t);
    if (code === null) return;
    const done = await copied(code, this.node);
    if (!done) getSelection()?.selectAllChildren(this.digits);
    const left = isTimed(this.data) ? Math.ceil(endOf(this.data, t) - t) : null;
    const soon = left !== null && left <= 5 ? `, ends in ${left} s` : '';
    setText(this.word, done ? `Copied${soon}` : WORDS.fallback);
    this.code.classList.add('copied');
    this.board.say(done ? `Copied the code of ${labelOf(this.data)}${left === null ? '' : `, ${plural(left, 'second')} left`}.` : WORDS.fallback);
    clearTimeout(this.fading);
    this.fading = setTimeout(() => { this.code.classList.remove('copied'); setText(this.word, 'Copy'); }, 1800);
  }
}

/** The whole board: the cards, the clock, and the talk with the kernel. */
class Board {
  constructor(model, el, now) {
    Object.assign(this, { model, el, now, cards: new Map(), pending: new Map(), samples: [], pings: 0 });
    Object.assign(this, { masked: false, removable: false, check: '', offset: null, refresh: Infinity, asked: 0, tries: 0, started: now(), state: 'waiting' });
    this.view = `${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;
    this.build();
    this.hear = message => this.heard(message);
    this.link = () => { this.state = this.gone ? 'waiting' : this.state; this.ask(); };
    this.wake = () => { if (!document.hidden) this.tick(); };
    model.on('msg:custom', this.hear);
    model.on('comm_live_update', this.link);
    document.addEventListener('visibilitychange', this.wake);
    this.ask();
    this.tick();
  }

  build() {
    this.search = make('input', { type: 'search', autocomplete: 'off', spellcheck: 'false', 'aria-label': 'Filter accounts', oninput: () => this.filter() });
    this.found = make('span', { class: 'found', role: 'status' });
    this.bar = make('div', { class: 'bar', hidden: true }, this.search, this.found);
    this.banner = make('p', { class: 'banner', role: 'status', hidden: true });
    this.list = make('ul', { class: 'cards', role: 'list' });
    this.empty = make('div', { class: 'empty', hidden: true }, make('strong', {}, WORDS.empty), make('span', {}, WORDS.emptyHint));
    this.clock = make('p', { class: 'clock', hidden: true });
    this.voice = make('p', { class: 'mfa-said', role: 'status' });
    this.root = make('div', { class: 'mfa live', role: 'group', 'aria-label': 'Live codes', tabindex: '-1', 'data-lm-suppress-shortcuts': 'true' },
      this.bar, this.banner, this.list, this.empty, this.clock, this.voice);
    this.el.append(this.root);
  }

  /** True time now, as far as kernel and page know it. */
  time() { return this.now() + clockOf(this.samples).offset + (this.offset ?? 0); }

  say(text) { setText(this.voice, text); }

  /** Without its kernel the board can do nothing. */
  get gone() { return this.state === 'gone'; }

  // --- the talk with the kernel

  request(content) {
    if (this.gone) return;
    const nonce = `${this.view}.${this.asked += 1}`;
    this.pending.set(nonce, this.now());
    if (this.pending.size > 50) this.pending.delete(this.pending.keys().next().value);
    try {
      this.model.send({ ...content, nonce });
    } catch {
      this.lose();
    }
  }

  ask() {
    this.retry = this.now() + RETRY[Math.min(this.tries, RETRY.length - 1)];
    this.tries += 1;
    this.request({ type: 'board' });
  }

  /** The kernel is gone: no code may stand here that nobody answers for. */
  lose() {
    this.state = 'gone';
    this.pending.clear();
    for (const card of this.cards.values()) card.show({ ...card.data, codes: isTimed(card.data) ? [] : undefined, code: null });
    this.say(WORDS.gone);
    this.describe(this.time());
  }

  heard(message) {
    if (message.type === 'changed') return this.ask();
    const sent = this.pending.get(message.nonce);
    if (sent === undefined) return undefined; // the answer to another tab
    this.pending.delete(message.nonce);
    if ('received' in message) this.samples = learn(this.samples, sample(sent, message.received, message.sent, this.now()));
    if (message.type === 'board') this.fill(message);
    if (message.type === 'card') this.replace(message.card);
    if (message.type === 'error') this.warn(`${message.what} ${message.hint ?? ''}`);
    if (message.type === 'pong' || message.type === 'board') this.pingOn();
    return this.tick();
  }

  /** The first answer comes while the page still loads, and may have waited. Then the clocks are compared again. */
  pingOn() {
    if (this.pinging || this.pings >= PINGS.length || doubtOf(this.samples) <= SURE) return;
    this.pinging = setTimeout(() => {
      this.pinging = 0;
      this.request({ type: 'ping' });
    }, PINGS[this.pings] * 1000);
    this.pings += 1;
  }

  fill({ cards, masked, offset, removable = false, check = '' }) {
    Object.assign(this, { masked, removable, check, offset, state: 'live', tries: 0, trouble: '' });
    const old = this.cards;
    this.cards = new Map(cards.map(card => [card.id, this.keep(old.get(card.id), card)]));
    const nodes = [...this.cards.values()].map(card => card.node);
    if (nodes.length !== this.list.children.length || nodes.some((node, place) => node !== this.list.children[place])) {
      this.list.replaceChildren(...nodes);
    }
    this.refresh = refreshAt(cards, this.time());
    this.search.placeholder = `Filter ${plural(cards.length, 'account')}`;
    this.bar.hidden = cards.length < MANY;
    this.root.classList.toggle('long', cards.length >= LONG);
    this.filter();
    this.settle();
  }

  removeCard(card) {
    this.leaving = { id: card.data.id, place: this.visible().indexOf(card) };
    this.request({ type: 'remove', id: card.data.id });
  }

  visible() { return [...this.cards.values()].filter(card => !card.node.hidden); }

  /** After a card was removed by its button the focus stays on the board. */
  settle() {
    if (!this.leaving || this.cards.has(this.leaving.id)) return;
    const left = this.visible();
    (left[Math.min(this.leaving.place, left.length - 1)]?.remove ?? this.root).focus();
    this.leaving = null;
  }

  keep(old, card) {
    if (!old) return new Card(this, card);
    old.show(card);
    return old;
  }

  // --- the clock

  tick() {
    const t = this.time();
    for (const card of this.cards.values()) card.tick(t);
    const idle = this.state === 'waiting' || t >= this.refresh;
    if (idle && this.state !== 'gone' && this.now() >= (this.retry ?? 0)) this.ask();
    this.describe(t);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tick(), wait([...this.cards.values()].map(card => card.data), t, document.hidden));
  }

  describe(t) {
    const dry = [...this.cards.values()].some(card => isTimed(card.data) && codeAt(card.data, t) === null);
    const slow = this.state === 'waiting' && this.now() - this.started >= 1.5;
    const word = this.state === 'gone' ? WORDS.gone : dry ? WORDS.used : slow ? WORDS.waiting : this.trouble ?? '';
    setText(this.banner, word);
    this.banner.hidden = !word;
    this.root.dataset.state = this.state === 'live' && dry ? 'dry' : this.state;
    this.empty.hidden = this.state !== 'live' || this.cards.size > 0;
    this.clock.hidden = this.state !== 'live' || this.cards.size === 0;
    setText(this.clock, clockWords(this.offset, clockOf(this.samples).offset, this.check));
  }

  replace(card) {
    this.trouble = '';
    this.cards.get(card.id)?.show(card);
  }

  warn(text) {
    for (const card of this.cards.values()) card.asking = false;
    this.leaving = null;
    this.trouble = text;
    this.say(text);
  }

  filter() {
    let shown = 0;
    for (const card of this.cards.values()) {
      card.node.hidden = !matches(card.data, this.search.value.trim());
      shown += card.node.hidden ? 0 : 1;
    }
    setText(this.found, this.search.value.trim() ? (shown ? `${shown} of ${this.cards.size}` : WORDS.none) : '');
  }

  close() {
    clearTimeout(this.timer);
    clearTimeout(this.pinging);
    document.removeEventListener('visibilitychange', this.wake);
    this.model.off('msg:custom', this.hear);
    this.model.off('comm_live_update', this.link);
    this.cards.clear();
    this.root.remove();
  }
}

function render({ model, el }) {
  const board = new Board(model, el, () => Date.now() / 1000);
  return () => board.close();
}

export default { render };
