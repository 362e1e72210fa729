// Explorer of code windows: the kernel computes, this page draws. Everything above the class is pure.

export const LABELS = {
  phone: 'Phone’s clock',
  service: 'Service’s clock',
  typing: 'Typing and sending',
  read_at: 'Read, after the step began',
  behind: 'Takes older codes',
  ahead: 'Takes codes from ahead',
};
export const WAIT = 4000; // ms after which an unanswered request no longer holds back the next
export const WIDE = 620; // CSS pixels from which on there is room for larger letters

/** What a slider says, in words. */
export function told(name, value) {
  if (name === 'phone' || name === 'service') return clockSays(value);
  return name === 'behind' || name === 'ahead' ? plural(value, 'step') : `${value} s`;
}

/** The preset whose window these values have, or "" if none: the chosen one, if it fits, before all others. */
export function presetOf(services, values, chosen) {
  const fits = service => ['behind', 'ahead', 'step'].every(name => service.values[name] === values[name]);
  const service = services.find(one => one.id === chosen && fits(one));
  return service ? service.id : '';
}

/** A code is read within its step: a shorter step moves that slider along. */
export const within = values => ({ ...values, read_at: Math.min(values.read_at, values.step - 1) });

/** One request under way at a time; what comes meanwhile waits, and only the last of it is sent. */
export class Latest {
  constructor(send, now) {
    Object.assign(this, { send, now, sentAt: -Infinity, busy: false, next: null });
  }

  want(content) {
    this.next = content;
    this.pump();
  }

  done() {
    this.busy = false;
    this.pump();
  }

  pump() {
    if (this.next === null || (this.busy && this.now() - this.sentAt < WAIT)) return;
    const content = this.next;
    Object.assign(this, { next: null, busy: true, sentAt: this.now() });
    this.send(content);
  }
}

// --- the picture: numbers in, SVG text out -------------------------------------------------------------------

const ROW = 33;
const GAP = 9;
const TOP = 24;
const AXIS = TOP + 4 * (ROW + GAP); // where the timeline's axis lies
const CURVE = [AXIS + 74, AXIS + 162]; // 100% and 0%
export const TALL = CURVE[1] + 46;
const APART = 62; // pixels from one tick to the next
const LETTER = { small: 6.4, odd: 8.4 }; // pixels that one takes, at most
const minus = value => String(value).replace('-', '−');
const at = value => Number(value.toFixed(1));
const writing = (kind, x, y, words, more = '') => `<text class="${kind}" x="${at(x)}" y="${at(y)}"${more}>${words}</text>`;
const stroke = (kind, x, from, to) => `<line class="${kind}" x1="${at(x)}" x2="${at(x)}" y1="${at(from)}" y2="${at(to)}"/>`;

/** Round places on an axis from low to high that is so many pixels long, not too close. */
export function ticks(low, high, pixels) {
  const enough = ((high - low) * APART) / pixels;
  const step = [5, 10, 15, 30, 60, 120, 300, 600, 1200].find(one => one >= enough) ?? 3600;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, place) => (first + place) * step);
}

/** Where in a box a code is written, so that no line crosses it if that can be: words and the middle, or null. */
export function place(code, [left, right], lines, size) {
  const wide = words => (words.length + (words[0] === '…' ? 0.6 : 0)) * size * 0.6 + 3;
  const whole = `${code.slice(0, code.length / 2)} ${code.slice(code.length / 2)}`;
  const edges = [left, ...lines.filter(x => x > left && x < right).sort((one, other) => one - other), right];
  const parts = edges.slice(1).map((end, n) => [edges[n], end]);
  const [from, to] = parts.reduce((best, part) => (part[1] - part[0] > best[1] - best[0] ? part : best));
  const options = [[whole, from, to], [whole, left, right], [`…${code.slice(-2)}`, from, to]];
  const fit = options.find(([words, low, high]) => high - low >= wide(words));
  return fit ? { words: fit[0], x: (fit[1] + fit[2]) / 2, half: wide(fit[0]) / 2 } : null;
}

function scaleOf(low, high, width) {
  const left = width < WIDE ? 72 : 88;
  const right = width - (width < WIDE ? 8 : 14);
  return { left, right, low, high, width, of: value => left + ((value - low) / (high - low)) * (right - left) };
}

function axis(scale, y, label) {
  const marks = ticks(scale.low, scale.high, scale.right - scale.left).map(t => {
    const x = scale.of(t);
    const side = x > scale.right - 12 ? ' style="text-anchor:end"' : x < scale.left + 12 ? ' style="text-anchor:start"' : '';
    return stroke('tick', x, y, y + 4) + writing('small', x, y + 17, minus(t), side);
  });
  const line = `<line class="axis" x1="${scale.left}" x2="${scale.right}" y1="${y}" y2="${y}"/>`;
  // Where the page is narrow the label is wider than its axis: it moves to the left, as far as the picture goes.
  const middle = Math.min((scale.left + scale.right) / 2, scale.width - label.length * LETTER.small / 2);
  return line + marks.join('') + writing('small', middle, y + 34, label);
}

/** One clock's code windows in a row; `gaps` collects where the writing wants the lines to be interrupted. */
function lane({ name, said, windows }, row, scene, scale, size, gaps) {
  const y = TOP + row * (ROW + GAP);
  const lines = [scale.of(0), scale.of(scene.arrives)];
  const boxes = windows.map(([start, code, read]) => {
    const box = [Math.max(scale.left, scale.of(start)), Math.min(scale.right, scale.of(start + scene.step))];
    if (box[1] - box[0] < 1) return '';
    const found = place(code, box, lines, size);
    if (found) gaps.push([found.x - found.half, found.x + found.half, y]);
    const words = found ? writing(`code${read ? ' read' : ''}`, found.x, y + ROW / 2 + size * 0.36, found.words) : '';
    const wide = scale.of(start + scene.step) - scale.of(start);
    return `<rect class="window${read ? ' read' : ''}" x="${at(scale.of(start))}" y="${y}" width="${at(wide)}" height="${ROW}"/>${words}`;
  });
  const label = said ? writing('name', scale.left - 8, y + 14, name) + writing('small end', scale.left - 8, y + 28, said) : writing('name', scale.left - 8, y + 21, name);
  return `<g class="lane${row}" clip-path="url(#${scale.clip})">${boxes.join('')}</g>${label}`;
}

function acceptance({ accepted, taken }, scale) {
  const y = TOP + 3 * (ROW + GAP);
  const [from, to] = accepted.map(scale.of);
  const fill = taken ? '' : `<rect fill="url(#${scale.hatch})" x="${at(from)}" y="${y}" width="${at(to - from)}" height="${ROW}"/>`;
  return `<g class="accepted" clip-path="url(#${scale.clip})"><rect class="span" x="${at(from)}" y="${y}" width="${at(to - from)}" height="${ROW}"/>${fill}</g>${writing('name', scale.left - 8, y + 14, 'service')}${writing('small end', scale.left - 8, y + 28, 'takes it')}`;
}

/** A line from top to bottom, interrupted where it would cross a code. */
function moment(kind, x, gaps) {
  const crossed = gaps.filter(([from, to]) => from < x && x < to).map(([, , y]) => y).sort((one, other) => one - other);
  const ends = [TOP - 4, ...crossed.flatMap(y => [y + 5, y + ROW - 5]), AXIS];
  return ends.flatMap((y, n) => (n % 2 ? [] : [stroke(kind, x, y, ends[n + 1])])).join('');
}

/** The names of the two moments, beside each other and within the picture. */
export function signsOf(read, arrives, width) {
  const from = Math.min(Math.max(arrives - 3, read), width - 46); // "arrives" is not wider than that
  return writing('sign', Math.min(read + 3, from - 4), TOP - 9, 'read', ' style="text-anchor:end"') + writing('sign', from, TOP - 9, 'arrives');
}

function odds({ reach, shares, apart, chance, said }, width) {
  const scale = scaleOf(-reach, reach, width);
  const [top, bottom] = CURVE;
  const high = share => bottom - share * (bottom - top);
  const points = shares.map((share, n) => [scale.of(-reach + (2 * reach * n) / (shares.length - 1)), share]);
  const path = points.map(([x, share]) => `${at(x)},${at(high(share))}`).join(' ');
  const safe = points.filter(([, share]) => share < 0.01).map(([x]) => x);
  const band = safe.length ? `<rect class="safe" x="${at(safe[0])}" y="${bottom - 5}" width="${at(safe.at(-1) - safe[0])}" height="5"/>` : '';
  const grid = [0, 0.5, 1].map(share => `<line class="grid" x1="${scale.left}" x2="${scale.right}" y1="${high(share)}" y2="${high(share)}"/>${writing('small end', scale.left - 8, high(share) + 4, `${100 * share}%`)}`);
  const x = scale.of(apart);
  const late = x > scale.left + 0.7 * (scale.right - scale.left) || x + 12 + said.length * LETTER.odd > width;
  const here = stroke('here', x, high(chance), bottom) + `<circle class="dot" cx="${at(x)}" cy="${at(high(chance))}" r="6"/>`;
  const beside = chance > 0.85 ? 19 : chance < 0.15 ? -10 : 4; // never on the curve
  const word = writing('odd', x + (late ? -12 : 12), high(chance) + beside, said, late ? ' style="text-anchor:end"' : '');
  return `${writing('sign', scale.left, top - 14, 'refused, of all right codes')}${grid.join('')}${band}<polyline class="curve" points="${path}"/>${here}${word}${axis(scale, bottom + 3, 'phone minus service, in seconds')}`;
}

/** The whole picture as SVG, for a width in CSS pixels; `id` is its own on the page. */
export function picture(scene, width, id) {
  const size = width < WIDE ? 11 : 12.5;
  const scale = { ...scaleOf(...scene.span, width), hatch: `${id}-hatch`, clip: `${id}-clip` };
  const gaps = [];
  const rows = scene.lanes.map((one, row) => lane(one, row, scene, scale, size, gaps)).join('');
  const [read, arrives] = [scale.of(0), scale.of(scene.arrives)];
  const later = scene.arrives > 0;
  const hatch = `<pattern id="${scale.hatch}" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" y2="7"/></pattern>`;
  const clip = `<clipPath id="${scale.clip}"><rect x="${scale.left}" width="${scale.right - scale.left}" height="${TALL}"/></clipPath>`;
  const moments = moment('moment', read, gaps) + (later ? moment('moment later', arrives, gaps) : '');
  const signs = later ? signsOf(read, arrives, width) : writing('sign', read, TOP - 9, 'read', ' style="text-anchor:middle"');
  return `<svg viewBox="0 0 ${width} ${TALL}" class="${scene.taken ? 'yes' : 'no'}" style="--code:${size}px" aria-hidden="true"><defs>${hatch}${clip}</defs>${rows}${acceptance(scene, scale)}${moments}${signs}${axis(scale, AXIS, 'seconds from the moment of reading')}${odds(scene.odds, width)}</svg>`;
}

// --- the page ------------------------------------------------------------------------------------------------

class Windows extends Page {
  constructor(model, el) {
    super(model, el);
    Object.assign(this, { values: {}, services: [], chosen: '', inputs: {}, scene: null });
    this.latest = new Latest(content => this.request(content), () => performance.now());
    this.frame = make('div', { class: 'frame', role: 'img', 'aria-label': 'The picture is being drawn.' });
    this.verdict = make('span', { class: 'verdict' });
    this.chance = make('span', { class: 'chance' });
    this.said = make('div', { class: 'said' }, this.verdict, this.chance);
    this.sliders = make('div', { class: 'sliders card' });
    this.presets = make('div', { class: 'service bar' });
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.frame);
    this.begin('windows', 'Explorer of code windows', this.presets, this.said, this.frame, this.banner, this.sliders);
  }

  heard(message) {
    if (message.type === 'moved') return this.move(message.values);
    if (!this.questionOf(message)) return undefined;
    if (message.type === 'opened') return this.open(message);
    if (message.type === 'error') this.warn(`${message.what} ${message.hint ?? ''}`);
    if (message.type === 'picture') this.show(message);
    return this.latest.done();
  }

  open({ values, ranges, steps, services }) {
    Object.assign(this, { services, last: '' });
    this.banner.hidden = true;
    this.sliders.replaceChildren(...Object.keys(LABELS).map(name => this.slider(name, ranges[name])), this.stepper(steps));
    this.presets.replaceChildren(...this.choice());
    this.move(values);
  }

  slider(name, range) {
    const { node, ...parts } = this.range(name, range, [LABELS[name]], value => this.set({ [name]: value }));
    this.inputs[name] = parts;
    return node;
  }

  stepper(steps) {
    this.steps = steps.map(step => button(`${step} s`, () => this.set({ step }), { 'data-step': step }));
    return make('div', { class: 'bar', role: 'group', 'aria-label': 'A code lasts' }, make('span', { class: 'soft' }, 'A code lasts'), ...this.steps);
  }

  choice() {
    const id = `${this.view}-service`;
    const options = this.services.map(({ id: value, name, values }) => make('option', { value }, `${name} (−${values.behind} / +${values.ahead})`));
    this.select = make('select', { id, onchange: () => this.pick(this.select.value) }, make('option', { value: '' }, 'your own choice'), ...options);
    this.source = make('p', { class: 'soft', hidden: true });
    return [make('label', { for: id }, 'Acceptance window of'), this.select, this.source];
  }

  pick(id) {
    this.chosen = id;
    this.set(this.services.find(one => one.id === id)?.values);
  }

  set(values) {
    this.move(within({ ...this.values, ...values }));
    this.announce();
  }

  /** Bring every control to these values, and ask what becomes of the code. */
  move(values) {
    this.values = { ...values };
    if (this.inputs.read_at) this.inputs.read_at.input.max = values.step - 1;
    for (const [name, { input, output }] of Object.entries(this.inputs)) {
      if (Number(input.value) !== values[name]) input.value = values[name];
      setText(output, told(name, values[name]));
      input.setAttribute('aria-valuetext', told(name, values[name]));
    }
    for (const one of this.steps ?? []) one.setAttribute('aria-pressed', Number(one.dataset.step) === values.step);
    this.nameService(values);
    const key = JSON.stringify(values);
    if (this.closed || !('phone' in values) || key === this.last) return;
    this.last = key;
    this.latest.want({ type: 'draw', values });
  }

  nameService(values) {
    if (!this.select) return;
    this.select.value = presetOf(this.services, values, this.chosen);
    const service = this.services.find(one => one.id === this.select.value);
    this.source.textContent = service ? `Source: ${service.source}` : '';
    this.source.hidden = !service;
  }

  show({ scene, taken, verdict, chance, alt }) {
    this.scene = scene;
    this.draw();
    this.frame.setAttribute('aria-label', alt);
    this.verdict.textContent = verdict;
    this.chance.textContent = chance;
    this.said.dataset.taken = taken;
    this.banner.hidden = true;
    this.root.dispatchEvent(new CustomEvent('mfa-drawn'));
  }

  draw() {
    const width = Math.round(this.frame.clientWidth);
    if (this.scene && width) this.frame.innerHTML = picture(this.scene, width, this.view);
  }

  /** Tell a screen reader the outcome once the slider rests. */
  announce() {
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => { this.voice.textContent = `${this.verdict.textContent}. ${this.chance.textContent}`; }, 700);
  }

  close() {
    clearTimeout(this.speaking);
    this.sizes.disconnect();
    super.close();
  }
}

export default { render: rendering(Windows) };
