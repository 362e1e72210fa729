// The lab bench, running. The page keeps the time; the kernel has the bench. Everything above the class is pure.

export const SPEEDS = [1, 30, 300];
export const SHOWN = 1.6; // seconds for which a code is to be seen on its way, however fast time runs
const LONGEST = 0.25; // seconds that one frame may take: a page that was hidden does not leap

export const grouped = code => (code.length > 5 ? `${code.slice(0, code.length / 2)} ${code.slice(code.length / 2)}` : code);

/** Seconds that a clock is fast at true time t; `at` is when its state was told. */
export const errorAt = (clock, at, t) => clock.error + clock.drift * (t - at);

export const counterOf = (time, step) => Math.floor(time / step);

/** The code of a counter, if the kernel sent it. */
export const codeOf = (codes, first, counter) => codes[counter - first] ?? null;

/** What the phone shows at true time t: its time, its code, and how long that lasts by its own clock. */
export function phoneAt(state, t) {
  const time = t + errorAt(state.phone, state.t, t);
  const counter = counterOf(time, state.step);
  return { time, code: codeOf(state.phone.codes, state.first, counter), left: (counter + 1) * state.step - time };
}

/** What the service would take at true time t: its time and the codes of its window, oldest first. */
export function serviceAt(state, t, used) {
  const time = t + errorAt(state.service, state.t, t);
  const own = counterOf(time, state.step);
  const centre = own + state.service.learned;
  const window = [];
  for (let counter = centre - state.values.behind; counter <= centre + state.values.ahead; counter += 1) {
    const code = codeOf(state.service.codes, state.first, counter);
    window.push({ away: counter - own, code, used: state.values.replay && used.has(code) });
  }
  return { time, window };
}

/** Why no code at all is taken at true time t: the account is locked, or there were too many tries; '' if codes are. */
export function closedAt({ service: { closed } }, t) {
  if (!closed || t < closed.since || (closed.until !== null && t >= closed.until)) return '';
  const left = closed.until === null ? '' : ` for another ${Math.ceil(closed.until - t)} s`;
  return closed.locked ? `is locked and takes no code${left || ' until somebody unlocks it'}` : `takes no code${left}: too many tries`;
}

/** True when the codes that were sent will soon be used up. */
export function dry(state, t) {
  const fastest = Math.max(errorAt(state.phone, state.t, t), errorAt(state.service, state.t, t), 0);
  return counterOf(t + fastest, state.step) > state.first + state.phone.codes.length * 0.6;
}

/** How far time goes in one frame. While a code is under way it may be slowed down, so that it can be watched. */
export function advance(seconds, speed, attempt) {
  const real = Math.min(seconds, LONGEST);
  const pace = attempt ? Math.min(speed, Math.max(1, (endOf(attempt) - attempt.read) / SHOWN)) : speed;
  return real * pace;
}

export const endOf = attempt => attempt.arrived ?? attempt.sent + 3;

/** Where a code is: being typed, under way (0 to 1), judged or lost. */
export function progress(attempt, t) {
  const { read, sent, arrived } = attempt;
  if (t < sent) return { phase: 'typing', share: (t - read) / Math.max(sent - read, 1e-9) };
  if (arrived === null) return { phase: t < sent + 3 ? 'wire' : 'lost', share: Math.min(0.55, (t - sent) / 3) };
  return t < arrived ? { phase: 'wire', share: (t - sent) / Math.max(arrived - sent, 1e-9) } : { phase: 'judged', share: 1 };
}

export const clockText = time => new Date(Math.floor(time) * 1000).toISOString().slice(11, 19);

/** What a control says. */
export function told(name, value) {
  if (name.endsWith('_offset')) return clockSays(value);
  if (name.endsWith('_drift')) return value === 0 ? 'none' : `${value > 0 ? 'gains' : 'loses'} ${Math.abs(value)} s an hour`;
  if (name === 'loss') return `${value}%`;
  if (name === 'behind' || name === 'ahead') return plural(value, 'step');
  if (name === 'lock_after') return value ? `after ${plural(value, 'wrong code')}` : 'never';
  return `${value} s`;
}

const LABELS = {
  phone_offset: 'Clock', phone_drift: 'Drift', typing: 'Person types for about', delay: 'Under way for', jitter: 'Now and then longer, by about', loss: 'Lost',
  service_offset: 'Clock', service_drift: 'Drift', behind: 'Takes older codes', ahead: 'Takes codes from ahead', lock_after: 'Locks',
  replay: 'Refuses a code used before', learns: 'Learns a phone’s drift',
};
const COLUMNS = {
  phone: ['phone_offset', 'phone_drift'],
  wire: ['typing', 'delay', 'jitter', 'loss'],
  service: ['service_offset', 'service_drift', 'behind', 'ahead', 'lock_after', 'replay', 'learns'],
};
const TAKES = 'would take now';
const OWNER = { phone: 'Phone', wire: 'Wire', service: 'Service' };

// --- the page ------------------------------------------------------------------------------------------------

class LabPage extends Page {
  constructor(model, el) {
    super(model, el);
    Object.assign(this, { state: null, t: 0, speed: 1, running: true, attempt: null, waiting: false, used: new Set(), queued: null, inputs: {}, last: null });
    this.bench = make('div', { class: 'bench', hidden: true }, this.phonePanel(), this.wirePanel(), this.servicePanel());
    this.game = make('div', { class: 'game card', hidden: true });
    this.log = make('ol', { class: 'log', 'aria-label': 'Sign-ins, the latest first' });
    this.begin('lab', 'Lab bench', this.timeBar(), this.banner, this.bench, this.game, this.log);
    this.frame = time => this.tick(time);
    this.sight = new IntersectionObserver(entries => this.doze(!entries.at(-1).isIntersecting));
    this.sight.observe(this.root);
    this.doze(false);
  }

  timeBar() {
    this.clock = make('span', { class: 'truetime', role: 'timer', 'aria-label': 'True time' });
    this.speeds = SPEEDS.map(speed => button(`${speed}×`, () => this.run(speed), { 'data-speed': speed, 'aria-label': `Time runs ${speed} times as fast` }));
    this.pause = button('Pause', () => { this.running = !this.running; this.showSpeed(); });
    const group = make('div', { class: 'bar', role: 'group', 'aria-label': 'Speed of time' }, ...this.speeds, this.pause);
    const bar = make('div', { class: 'bar timebar' }, make('span', { class: 'soft' }, 'True time'), this.clock, group);
    return bar;
  }

  phonePanel() {
    this.phoneClock = make('span', { class: 'when' });
    this.phoneCode = make('output', { class: 'digits', 'aria-label': 'Code on the phone' });
    this.rest = make('span', { class: 'rest' });
    this.login = button('Log in with this code', () => this.send(false), { class: 'main' });
    this.again = button('Send the last code again', () => this.send(true), { disabled: true });
    const screen = make('div', { class: 'screen' }, this.phoneClock, make('span', { class: 'soft' }, 'Lesson: alice'), this.phoneCode,
      make('span', { class: 'track', 'aria-hidden': 'true' }, this.rest));
    return this.panel('phone', 'Phone', screen, this.login, this.again);
  }

  wirePanel() {
    this.packet = make('span', { class: 'packet', 'aria-hidden': 'true' });
    const ends = ['keyboard', 'service'].map(end => make('span', { class: 'end', 'aria-hidden': 'true' }, end));
    this.route = make('div', { class: 'route' }, ...ends, this.packet);
    this.wireSays = make('p', { class: 'soft wiresays' }, 'Nothing is under way.');
    return this.panel('wire', 'Person and wire', this.route, this.wireSays);
  }

  servicePanel() {
    this.serviceClock = make('span', { class: 'when' });
    this.takes = make('span', { class: 'soft' }, TAKES);
    this.chips = make('ul', { class: 'chips', 'aria-label': 'Codes that the service would take now' });
    this.answer = make('p', { class: 'answer' }, 'Waiting for a code.');
    const screen = make('div', { class: 'screen' }, this.serviceClock, this.takes, this.chips, this.answer);
    return this.panel('service', 'Service', screen);
  }

  panel(name, title, ...content) {
    this.boxes ??= {};
    this.boxes[name] = make('div', { class: 'knobs' });
    return make('div', { class: `panel card ${name}`, role: 'group', 'aria-label': title }, make('strong', { class: 'title' }, title), ...content, this.boxes[name]);
  }

  // --- the talk with the kernel

  /** Every message brings the page's time along: the bench follows it. */
  request(content) {
    super.request({ ...content, ...(this.state ? { t: this.t } : {}) });
  }

  heard(message) {
    const asked = this.questionOf(message);
    if (asked === undefined) return;
    if (asked === 'more') this.asking = false;
    if (asked === 'set') this.setting = false;
    if (message.type === 'error') {
      this.waiting = false;
      this.warn(`${message.what} ${message.hint ?? ''}`);
      return;
    }
    this.banner.hidden = true;
    if (message.type === 'opened') this.open(message);
    this.take(message);
    if (message.type === 'attempt') this.play(message.attempt);
    if (message.type === 'told') this.tell(message);
    if (asked === 'set' && this.queued) this.flush();
  }

  /** A new state. The page's time never goes back, but for a new bench. */
  take({ state, fresh, type }) {
    if (!state) return;
    this.state = state;
    if (fresh || type === 'opened') this.renew(state);
    if (type !== 'attempt') this.t = Math.max(this.t, state.t);
    this.move(state.values);
    this.rules.value = state.preset;
    setText(this.rulesSay, this.services.find(one => one.id === state.preset)?.says ?? '');
    this.drawGame();
  }

  renew(state) {
    Object.assign(this, { t: state.t, attempt: null, waiting: false, last: null, says: '' });
    this.used.clear();
    this.log.replaceChildren();
    this.settle('Waiting for a code.', '');
    setText(this.wireSays, 'Nothing is under way.');
    this.login.disabled = false; // a code that was under way is gone with its bench
    this.again.disabled = true;
    delete this.route.dataset.phase;
  }

  open({ ranges, faults, services }) {
    Object.assign(this, { faults, services });
    for (const [column, names] of Object.entries(COLUMNS)) {
      this.boxes[column].replaceChildren(...names.map(name => (ranges[name] ? this.slider(column, name, ranges[name]) : this.toggle(name))));
    }
    this.boxes.service.prepend(this.choice());
    this.bench.hidden = this.game.hidden = false;
    this.showSpeed();
  }

  choice() {
    const id = `${this.view}-rules`;
    const options = this.services.map(({ id: value, name }) => make('option', { value }, name));
    this.rules = make('select', { id, onchange: () => this.judgeAs(this.rules.value) }, make('option', { value: '' }, 'your own choice'), ...options);
    this.rulesSay = make('p', { class: 'soft source' });
    return make('div', { class: 'field rules' }, make('label', { for: id }, 'Judges as'), this.rules, this.rulesSay);
  }

  /** By the rules of a real service, or by what the sliders say now. */
  judgeAs(id) {
    if (id) this.request({ type: 'preset', id });
    else this.set('behind', this.state.values.behind);
  }

  slider(column, name, range) {
    const label = [make('span', { class: 'mfa-said' }, `${OWNER[column]}: `), LABELS[name]];
    const { node, ...parts } = this.range(name, range, label, value => this.set(name, value));
    this.inputs[name] = parts;
    return node;
  }

  toggle(name) {
    const input = make('input', { type: 'checkbox', 'data-name': name, onchange: () => this.set(name, input.checked) });
    this.inputs[name] = { input };
    return make('label', { class: 'toggle' }, input, LABELS[name]);
  }

  /** One request for settings is under way at a time; those that come meanwhile are sent together, the last wins. */
  set(name, value) {
    this.queued = { ...this.queued, [name]: value };
    this.label(name, value);
    if (!this.setting) this.flush();
  }

  flush() {
    const values = this.queued;
    Object.assign(this, { queued: null, setting: true });
    this.request({ type: 'set', values });
  }

  move(values) {
    for (const [name, { input }] of Object.entries(this.inputs)) {
      if (this.queued && name in this.queued) continue;
      if (input.type === 'checkbox') input.checked = values[name];
      else if (Number(input.value) !== values[name]) input.value = values[name];
      this.label(name, values[name]);
    }
  }

  label(name, value) {
    const { input, output } = this.inputs[name];
    if (!output) return;
    setText(output, told(name, value));
    input.setAttribute('aria-valuetext', told(name, value));
  }

  // --- time

  run(speed) {
    Object.assign(this, { speed, running: true });
    this.showSpeed();
  }

  showSpeed() {
    for (const one of this.speeds) one.setAttribute('aria-pressed', this.running && Number(one.dataset.speed) === this.speed);
    setText(this.pause, this.running ? 'Pause' : 'Go on');
  }

  /** Time stands still while the bench is scrolled out of sight, as it does in a hidden tab. */
  doze(unseen) {
    cancelAnimationFrame(this.handle);
    this.seen = undefined;
    if (!unseen) this.handle = requestAnimationFrame(this.frame);
  }

  tick(time) {
    const seconds = this.seen === undefined ? 0 : Math.max(0, (time - this.seen) / 1000);
    this.seen = time;
    if (this.state && this.running && !this.waiting) this.t += advance(seconds, this.speed, this.attempt);
    if (this.state) this.draw();
    this.handle = requestAnimationFrame(this.frame);
  }

  draw() {
    const { state, t } = this;
    setText(this.clock, clockText(t));
    const phone = phoneAt(state, t);
    setText(this.phoneClock, clockText(phone.time));
    setText(this.phoneCode, phone.code ? grouped(phone.code) : '––– –––');
    this.rest.style.inlineSize = `${(100 * phone.left / state.step).toFixed(1)}%`;
    const service = serviceAt(state, t, this.used);
    setText(this.serviceClock, clockText(service.time));
    this.drawChips(service.window);
    this.drawClosed(closedAt(state, t));
    if (this.attempt) this.drawTravel();
    if (!this.asking && dry(state, t)) {
      this.asking = true;
      this.request({ type: 'more' });
    }
  }

  drawChips(window) {
    const key = JSON.stringify(window);
    if (key === this.chipsKey) return;
    this.chipsKey = key;
    const near = window.length > 7 ? window.filter(({ away }) => Math.abs(away) <= 3) : window;
    const chips = near.map(({ away, code, used }) => make('li', { class: `chip${used ? ' used' : ''}${away === 0 ? ' own' : ''}` },
      make('i', {}, away > 0 ? `+${away}` : away < 0 ? `−${-away}` : 'now'), make('span', {}, code ? grouped(code) : '–'),
      used ? make('span', { class: 'mfa-said' }, 'used already') : null));
    const hidden = window.length - near.length;
    if (hidden) chips.push(make('li', { class: 'chip' }, `and ${hidden} more`));
    this.chips.replaceChildren(...chips);
  }

  /** Codes stay in sight while the account is locked, but nobody may think that they are taken. */
  drawClosed(closed) {
    setText(this.takes, closed || TAKES);
    this.chips.classList.toggle('closed', Boolean(closed));
    this.chips.setAttribute('aria-label', closed ? 'Codes that the service would take if the account were open' : 'Codes that the service would take now');
  }

  // --- signing in

  send(again) {
    if (this.attempt || this.waiting || !this.state) return;
    this.waiting = true;
    this.request({ type: 'login', again });
    this.settle('Waiting for a code.', '');
  }

  play(attempt) {
    Object.assign(this, { attempt, waiting: false, t: attempt.read });
    this.login.disabled = this.again.disabled = true;
    this.voice.textContent = 'The code is read and typed.';
  }

  drawTravel() {
    const { attempt } = this;
    const { phase, share } = progress(attempt, this.t);
    setText(this.packet, grouped(attempt.code));
    this.route.dataset.phase = phase;
    this.packet.style.setProperty('--share', phase === 'typing' ? 0 : share.toFixed(3));
    const says = { typing: `The person types: ${Math.max(0, this.t - attempt.read).toFixed(0)} s since reading.`, wire: 'The code is on its way.', lost: 'The code was lost on its way.',
      judged: `It arrived ${((attempt.arrived ?? 0) - attempt.read).toFixed(0)} s after it was read.` }[phase];
    setText(this.wireSays, says);
    if (phase === 'judged' || phase === 'lost') this.finish(attempt);
  }

  finish(attempt) {
    this.attempt = null;
    this.last = attempt;
    if (attempt.ok) this.used.add(attempt.code);
    this.login.disabled = this.again.disabled = false;
    this.settle(attempt.says, attempt.ok ? 'yes' : 'no');
    const item = make('li', { class: attempt.ok ? 'yes' : 'no' }, make('span', { class: 'at' }, clockText(attempt.read)), make('span', { class: 'what' }, grouped(attempt.code)),
      make('strong', {}, attempt.ok ? 'taken' : attempt.reason === 'lost' ? 'lost' : 'refused'), make('span', { class: 'soft' }, attempt.truth ?? attempt.says));
    this.log.prepend(item);
    while (this.log.children.length > 6) this.log.lastElementChild.remove();
    if (attempt.reason === 'locked') item.append(button('Unlock the account', () => this.request({ type: 'unlock' })));
    this.voice.textContent = `${attempt.says} ${attempt.truth ?? ''}`;
  }

  settle(text, outcome) {
    setText(this.answer, text);
    this.answer.dataset.outcome = outcome;
  }

  // --- break one thing

  drawGame() {
    const key = `${this.state.broken}|${this.says ?? ''}`;
    if (key === this.gameKey) return;
    this.gameKey = key;
    const broken = this.state.broken;
    const held = this.game.contains(document.activeElement);
    const start = [button(broken ? 'Break another' : 'Break one thing', () => { this.says = ''; this.request({ type: 'break' }); }),
      button(broken ? 'Mend everything' : 'Start afresh', () => { this.says = ''; this.request({ type: 'reset' }); })];
    const story = broken ? 'One thing is broken. Log in a few times, compare the three clocks and the codes, then say what it is.'
      : 'Let the bench break one thing behind your back, and find out which.';
    this.outcome = make('p', { class: 'outcome', role: 'status' }, this.says ?? '');
    this.outcome.hidden = !this.says;
    this.game.replaceChildren(make('strong', { class: 'title' }, 'Find the fault'), make('p', { class: 'soft' }, story), ...(broken ? [this.guessing()] : []), make('div', { class: 'bar' }, ...start), this.outcome);
    if (held) this.game.querySelector('select, button').focus();
  }

  guessing() {
    const id = `${this.view}-guess`;
    const select = make('select', { id }, ...this.faults.map(({ id: value, name }) => make('option', { value }, name)));
    if (this.guess) select.value = this.guess;
    const guess = button('That is it', () => { this.guess = select.value; this.request({ type: 'guess', id: select.value }); }, { class: 'main' });
    const doctor = button('Let the doctor find it', () => this.request({ type: 'doctor' }));
    return make('div', { class: 'bar' }, make('label', { for: id }, 'I think that'), select, guess, doctor, button('Reveal', () => this.request({ type: 'reveal' })));
  }

  tell({ right, says }) {
    this.says = right ? `Right! ${says}` : says;
    this.drawGame();
  }

  close() {
    this.sight.disconnect();
    cancelAnimationFrame(this.handle);
    this.state = null;
    super.close();
  }
}

export default { render: rendering(LabPage) };
