// Explorer of one code's anatomy. The kernel computes; this page shows and explains. Above the class all is pure.

export const bytesOf = hex => (hex.match(/../g) ?? []).map(pair => parseInt(pair, 16));
export const hexOf = byte => byte.toString(16).padStart(2, '0');
export const bitsOf = byte => byte.toString(2).padStart(8, '0').replace(/^(....)/, '$1 ');
export const grouped = number => String(number).replace(/\B(?=(\d{3})+$)/g, '\u202f');

/** POSIX seconds as a date in UTC, or as seconds where no calendar reaches. */
export function dateOf(t) {
  const date = new Date(t * 1000);
  return Number.isNaN(date.getTime()) ? `${t} s after 1970` : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Which of the digest's places are what: taken, the address, both or neither. */
export function roleOf(place, { digest, offset }) {
  const roles = [];
  if (place >= offset && place < offset + 4) roles.push('pick');
  if (place === digest.length / 2 - 1) roles.push('address');
  return roles.join(' ');
}

export function explainKey(place, code) {
  const byte = bytesOf(code.key.hex)[place];
  return `Byte ${place} of the secret: ${hexOf(byte)}, in bits ${bitsOf(byte)}. In base32 every sign stands for five bits, so these eight are spread over ${place * 8 % 5 > 2 ? 'three' : 'two'} signs.`;
}

export function explainMessage(place, code) {
  const byte = bytesOf(code.message)[place];
  const power = 7 - place;
  const worth = BigInt(byte) * 256n ** BigInt(power);
  if (!byte) return `Byte ${place} of the counter is 0: the number is not large enough to reach here. All eight bytes are hashed, the zeros too.`;
  return `Byte ${place} of the counter: ${hexOf(byte)} is ${byte}, and stands for ${byte} × 256${power ? `^${power}` : '⁰'} = ${grouped(worth)}.`;
}

export function explainDigest(place, code) {
  const byte = bytesOf(code.digest)[place];
  const [high, low] = bitsOf(byte).split(' ');
  const role = roleOf(place, code);
  const words = [`Place ${place} of the digest: ${hexOf(byte)}, in bits ${high} ${low}.`];
  if (role.includes('address')) words.push(`It is the last byte: its low half, ${low}, is ${code.offset}, and says at which place to begin.`);
  if (role.includes('pick')) words.push(`It is one of the four bytes that are taken, the ${['first', 'second', 'third', 'fourth'][place - code.offset]}.`);
  if (!role) words.push('It is not used for this code; another counter points at other places.');
  return words.join(' ');
}

export function explainFour(place, code) {
  const byte = bytesOf(code.digest)[code.offset + place];
  if (place) return `${hexOf(byte)} from place ${code.offset + place}: taken as it is.`;
  const dropped = byte > 127;
  return `${hexOf(byte)} is ${bitsOf(byte)} in bits. Its top bit is ${dropped ? `1 and is dropped: ${hexOf(byte & 127)} is left` : '0 already, so nothing changes'}. With it, some machines would read a negative number.`;
}

export function explainMasked(place, code) {
  const byte = Math.floor(code.number / 256 ** (3 - place)) % 256;
  return `${hexOf(byte)} is ${byte}, and stands for ${byte} × 256^${3 - place} = ${grouped(byte * 256 ** (3 - place))}.`;
}

export function explainCode(place, code) {
  if (code.steam) return `Sign ${place + 1} of Steam’s five: the number is divided by 26 again and again, and each remainder picks a sign.`;
  const worth = 10 ** (code.digits - 1 - place);
  const beyond = place < code.digits - String(code.number).length;
  const zero = beyond ? ' The number has no digit here, and the zero belongs to the code all the same.' : code.code[place] === '0' && !place ? ' A leading zero belongs to the code.' : '';
  return `The ${grouped(worth)}s digit of ${grouped(code.number)} is ${code.code[place]}.${zero}`;
}

export const EXPLAIN = { key: explainKey, message: explainMessage, digest: explainDigest, four: explainFour, masked: explainMasked, code: explainCode };

/** The six stages: a heading and what happens there. */
export function stagesOf(code) {
  const timed = code.kind === 'totp';
  const last = hexOf(bytesOf(code.digest).at(-1));
  return [
    ['The secret', `${plural(code.size, 'byte')}, known to the phone and the service only. It came in the QR code.`],
    [timed ? `The moving part: step ${grouped(code.counter)}` : `The moving part: counter ${grouped(code.counter)}`,
      timed ? `(${grouped(Math.floor(code.t))} − ${code.t0}) ÷ ${code.step}, without the remainder, is ${grouped(code.counter)}: so many steps since ${code.t0 ? `second ${code.t0}` : '1970'}. Written as 8 bytes:`
        : 'How often the button was pressed. Written as 8 bytes:'],
    [`The hash: HMAC-${code.algorithm}`, `Secret and counter go in, ${code.digest.length / 2} bytes come out that look like noise.`],
    [`Four bytes from place ${code.offset}`, `The last byte, ${last}, ends in ${last[1]}: begin at place ${code.offset}. The top bit of what is taken is dropped.`],
    ['One number', 'The four bytes, read as one number of 31 bits.'],
    [code.steam ? 'Five signs: the code' : `The last ${plural(code.digits, 'digit')}: the code`,
      code.steam ? 'The same number, written with Steam’s 26 letters and digits: divided by 26 again and again, each remainder picks a sign.' : `${grouped(code.number)} divided by ${grouped(BigInt(10) ** BigInt(code.digits))}: the remainder, with its leading zeros.`],
  ];
}

export function wordsOf(code) {
  const from = code.kind === 'totp' ? `at ${dateOf(code.t)}, step ${code.counter}` : `for counter ${code.counter}`;
  return `The code ${from} is ${code.code.split('').join(' ')}. The address is ${code.offset}.`;
}

// --- the page ------------------------------------------------------------------------------------------------

class AnatomyPage extends Page {
  constructor(model, el) {
    super(model, el);
    Object.assign(this, { code: null, stage: 0, next: null });
    this.controls = make('div', { class: 'controls card', hidden: true });
    this.walk = make('div', { class: 'walk bar', hidden: true });
    this.stages = make('ol', { class: 'stages' });
    this.begin('anatomy', 'Explorer of the anatomy of a code', this.controls, this.banner, this.walk, this.stages);
  }

  // --- the talk with the kernel: one request under way, the last of the others is kept

  request(content) {
    const urgent = content.type !== 'change';
    if (!urgent && this.busy && performance.now() - this.sentAt < 4000) {
      this.next = { ...content, values: { ...this.next?.values, ...content.values } };
      return;
    }
    Object.assign(this, { busy: true, sentAt: performance.now() });
    super.request(content);
  }

  heard(message) {
    if (!this.questionOf(message)) return;
    this.busy = false;
    if (message.type === 'error') this.warn(`${message.what} ${message.hint ?? ''}`);
    if (message.type === 'opened') this.open(message);
    if (message.type === 'opened' || message.type === 'anatomy') this.show(message.code);
    const { next } = this;
    this.next = null;
    if (next) this.request(next);
  }

  change(values) { this.request({ type: 'change', values }); }

  // --- the controls

  open({ presets }) {
    this.controls.replaceChildren(this.secretField(), this.presetField(presets), this.timeField(), this.algorithmField(), this.digitsField());
    this.controls.hidden = this.walk.hidden = false;
    this.back = button('← Back', () => this.go(this.stage - 1));
    this.forward = button('One step at a time →', () => this.go(this.stage + 1), { class: 'main' });
    this.all = button('Show all', () => this.go(0));
    this.where = make('span', { class: 'soft' });
    this.walk.replaceChildren(make('div', { class: 'bar' }, this.forward, this.back, this.all), this.where);
  }

  field(label, control, ...more) {
    const id = control.id || `${this.view}-${label.replace(/\W/g, '')}`;
    control.id = id;
    return make('div', { class: 'field' }, make('label', { for: id }, label), control, ...more);
  }

  secretField() {
    const input = make('input', { type: 'password', autocomplete: 'off', spellcheck: 'false', 'aria-label': 'A key in base32', placeholder: 'key in base32' });
    const send = event => {
      event.preventDefault();
      if (input.value.trim()) this.request({ type: 'key', text: input.value });
      input.value = '';
    };
    input.addEventListener('keydown', event => { if (entered(event)) send(event); });
    const form = make('form', { autocomplete: 'off', onsubmit: send }, input, make('button', { type: 'submit' }, 'Use it'));
    const own = make('details', { class: 'own' }, make('summary', {}, 'or a key of your own'),
      make('p', { class: 'soft' }, 'It stays in the kernel’s memory and is stored nowhere. Its codes will stand on this page.'), form);
    return make('div', { class: 'field', role: 'group', 'aria-label': 'Secret' }, make('span', { class: 'soft' }, 'Secret'),
      button('New lesson secret', () => this.request({ type: 'fresh' })), own);
  }

  presetField(presets) {
    const groups = new Map();
    for (const { id, group, name } of presets) {
      if (!groups.has(group)) groups.set(group, make('optgroup', { label: group }));
      groups.get(group).append(make('option', { value: id }, name));
    }
    this.preset = make('select', { onchange: () => { if (this.preset.value) this.request({ type: 'preset', id: this.preset.value }); } },
      make('option', { value: '' }, 'none'), ...groups.values());
    return this.field('Example from a standard', this.preset);
  }

  timeField() {
    const take = () => this.setTime(Number(this.time.value));
    this.time = make('input', { class: 'time', type: 'number', min: 0, step: 1, onchange: take, onkeydown: event => { if (entered(event)) take(); } });
    this.date = make('span', { class: 'soft' });
    this.nowButton = button('Now', () => this.change({ now: true }));
    const field = this.field('Time', this.time);
    this.timeLabel = field.querySelector('label');
    this.time.remove();
    field.append(make('div', { class: 'bar' }, button('−1', () => this.turn(-1), { 'aria-label': 'One step back in time' }), this.time,
      button('+1', () => this.turn(1), { 'aria-label': 'One step on in time' }), this.nowButton), this.date);
    return field;
  }

  algorithmField() {
    this.algorithms = ['SHA1', 'SHA256', 'SHA512'].map(name => button(name, () => this.change({ algorithm: name })));
    return make('div', { class: 'field', role: 'group', 'aria-label': 'Hash' }, make('span', { class: 'soft' }, 'Hash'), make('div', { class: 'bar' }, ...this.algorithms));
  }

  digitsField() {
    this.digits = make('input', { type: 'range', min: 1, max: 10, step: 1, oninput: () => this.change({ digits: Number(this.digits.value) }) });
    this.digitsSaid = make('output');
    const field = this.field('Digits', this.digits);
    field.querySelector('label').append(' ', this.digitsSaid);
    return field;
  }

  setTime(value) {
    if (!Number.isFinite(value) || value < 0) {
      this.fill(this.code);
      this.warn('Give a number of 0 or more.');
      return;
    }
    this.change(this.code.kind === 'totp' ? { t: value } : { counter: Math.floor(value) });
  }

  turn(by) {
    const timed = this.code.kind === 'totp';
    // From the last answer on: two quick presses before an answer count once each.
    this.aim = Math.max(0, (this.aim ?? (timed ? this.code.t : this.code.counter)) + by * (timed ? this.code.step : 1));
    this.setTime(this.aim);
  }

  go(stage) {
    this.stage = Math.max(0, Math.min(6, stage));
    this.place();
    if (this.stage) this.voice.textContent = `Stage ${this.stage} of 6. ${stagesOf(this.code)[this.stage - 1].join('. ')}`;
  }

  // --- what is shown

  show(code) {
    const first = this.code === null;
    Object.assign(this, { code, aim: undefined });
    this.banner.hidden = true;
    this.fill(code);
    const held = this.stages.contains(document.activeElement) ? document.activeElement.dataset : null;
    const heads = stagesOf(code);
    this.stages.replaceChildren(...heads.map((head, place) => this.stageNode(place, head, code)));
    this.place();
    if (held?.row) this.stages.querySelector(`button[data-row="${held.row}"][data-place="${held.place}"]`)?.focus();
    if (!first) {
      clearTimeout(this.speaking);
      this.speaking = setTimeout(() => { this.voice.textContent = wordsOf(code); }, 600);
    }
  }

  fill(code) {
    const timed = code.kind === 'totp';
    this.time.value = timed ? Math.floor(code.t) : code.counter;
    this.timeLabel.textContent = timed ? 'Time, seconds since 1970' : 'Counter';
    this.date.textContent = timed ? dateOf(code.t) : 'HOTP counts presses of a button';
    this.nowButton.hidden = !timed;
    this.preset.value = code.preset;
    this.digits.value = code.digits;
    this.digits.disabled = code.steam;
    this.digitsSaid.textContent = code.digits;
    for (const one of this.algorithms) one.setAttribute('aria-pressed', one.textContent === code.algorithm);
  }

  place() {
    [...this.stages.children].forEach((node, place) => {
      node.hidden = this.stage > 0 && place >= this.stage;
      node.classList.toggle('current', place === this.stage - 1);
    });
    this.back.hidden = this.stage < 2;
    this.all.hidden = this.stage === 0;
    this.forward.hidden = this.stage === 6;
    this.forward.textContent = this.stage ? 'Next →' : 'One step at a time →';
    this.where.textContent = this.stage ? `Stage ${this.stage} of 6` : 'Point at any byte, or reach it with Tab and the arrow keys';
  }

  stageNode(place, [title, text], code) {
    const explain = make('p', { class: 'explain', hidden: true });
    const body = make('div', {}, make('strong', { class: 'title' }, title), make('p', { class: 'soft' }, text), ...this.content(place, code, explain), explain);
    return make('li', { class: 'stage card' }, make('span', { class: 'place', 'aria-hidden': 'true' }, String(place + 1)), body);
  }

  content(place, code, explain) {
    const row = (name, signs, options) => this.row(name, signs, code, explain, options);
    const four = bytesOf(code.digest).slice(code.offset, code.offset + 4).map(hexOf);
    const masked = [3, 2, 1, 0].map(power => hexOf(Math.floor(code.number / 256 ** power) % 256));
    switch (place) {
      case 0: return code.key ? [make('span', { class: 'base32' }, code.key.base32.replace(/(.{4})(?=.)/g, '$1 ')), row('key', bytesOf(code.key.hex).map(hexOf))]
        : [make('p', { class: 'private' }, `A key of your own: its ${plural(code.size, 'byte')} are not shown here.`)];
      case 1: return [row('message', bytesOf(code.message).map(hexOf), { role: at => (bytesOf(code.message)[at] ? 'moving' : '') })];
      case 2: return [row('digest', bytesOf(code.digest).map(hexOf), { numbered: true, role: at => roleOf(at, code) })];
      case 3: return [make('div', { class: 'sum' }, row('four', four, { role: () => 'pick' }), make('span', { class: 'into', 'aria-hidden': 'true' }, '→'), row('masked', masked, { role: () => 'pick' }))];
      case 4: return [make('span', { class: 'value' }, masked.join(' '), ' = ', grouped(code.number))];
      default: return [make('div', { class: 'sum code' }, row('code', [...code.code]), this.match(code))];
    }
  }

  match({ printed, code }) {
    if (!printed) return null;
    const same = printed === code;
    return make('span', { class: `match${same ? '' : ' not'}` }, same ? '✓ as the standard prints it' : `✕ the standard prints ${printed}`);
  }

  /** A row of bytes: one stop for Tab, the arrow keys go along; what has the focus or the pointer is explained. */
  row(name, signs, code, explain, { numbered = false, role = () => '' } = {}) {
    const names = { key: 'The secret', message: 'The counter', digest: 'The digest', four: 'The four bytes', masked: 'Without the top bit', code: 'The code' };
    const tell = at => {
      explain.textContent = EXPLAIN[name](at, code);
      explain.hidden = false;
    };
    const nodes = signs.map((sign, at) => {
      const face = role(at).includes('address') ? [sign[0], make('b', {}, sign[1])] : [sign];
      const one = make('button', { type: 'button', tabindex: at ? '-1' : '0', 'data-row': name, 'data-place': at, 'aria-label': `${sign}, place ${at}`,
        onfocus: () => { tell(at); this.voice.textContent = explain.textContent; }, onpointerenter: () => tell(at), onkeydown: event => step(event, at) }, ...face);
      return make('span', { class: `byte ${role(at)}` }, one, numbered ? make('i', { 'aria-hidden': 'true' }, String(at)) : null);
    });
    const buttons = nodes.map(node => node.querySelector('button'));
    const step = (event, at) => {
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
      if (!buttons[to]) return;
      event.preventDefault();
      buttons[at].tabIndex = -1;
      buttons[to].tabIndex = 0;
      buttons[to].focus();
    };
    return make('div', { class: 'row', role: 'group', 'aria-label': `${names[name]}, ${signs.length} ${name === 'code' ? 'signs' : 'bytes'}` }, ...nodes);
  }

  close() {
    clearTimeout(this.speaking);
    this.code = null;
    super.close();
  }
}

export default { render: rendering(AnatomyPage) };
