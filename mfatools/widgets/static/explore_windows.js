// Explorer of code windows: the page has the sliders, the kernel draws. Everything above `render` is pure.

export const LABELS = {
  phone: 'Phone’s clock',
  service: 'Service’s clock',
  typing: 'Typing and sending',
  read_at: 'Read, after the step began',
  behind: 'Takes older codes',
  ahead: 'Takes codes from ahead',
};
export const WAIT = 4000; // ms after which an unanswered request no longer holds back the next

export const plural = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** What a slider says, in words. Offsets are a clock minus true time. */
export function told(name, value) {
  if (name === 'phone' || name === 'service') return value === 0 ? 'right' : `${Math.abs(value)} s ${value > 0 ? 'fast' : 'slow'}`;
  return name === 'behind' || name === 'ahead' ? plural(value, 'step') : `${value} s`;
}

/** Whether writing of this colour ("rgb(...)") stands on a dark ground. */
export function themeOf(colour) {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 127 ? 'dark' : 'light';
}

/** The preset whose window these values have, or "" if none: the chosen one, if it fits, before all others. */
export function presetOf(services, values, chosen) {
  const fits = service => ['behind', 'ahead', 'step'].every(name => service.values[name] === values[name]);
  const service = services.find(one => one.id === chosen && fits(one));
  return service ? service.id : '';
}

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

// --- the page ------------------------------------------------------------------------------------------------

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined && value !== null) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter(child => child !== null));
  return node;
}

let serial = 0;

class Explorer {
  constructor(model, el) {
    Object.assign(this, { model, el, asked: 0, pending: new Map(), values: {}, services: [], chosen: '', inputs: {}, closed: false });
    this.view = `${Math.random().toString(36).slice(2)}${serial += 1}`;
    this.latest = new Latest(content => this.request(content), () => performance.now());
    this.build();
    this.hear = (message, buffers) => this.heard(message, buffers);
    this.link = () => this.request({ type: 'open' });
    model.on('msg:custom', this.hear);
    model.on('comm_live_update', this.link);
    this.watch();
    this.request({ type: 'open' });
  }

  build() {
    this.canvas = make('canvas', { role: 'img', 'aria-label': 'The picture is being drawn.' });
    this.frame = make('div', { class: 'frame' }, this.canvas);
    this.verdict = make('span', { class: 'verdict' });
    this.chance = make('span', { class: 'chance' });
    this.said = make('div', { class: 'said' }, this.verdict, this.chance);
    this.voice = make('p', { class: 'mfa-said', role: 'status' });
    this.banner = make('p', { class: 'banner', role: 'alert', hidden: true });
    this.sliders = make('div', { class: 'sliders card' });
    this.presets = make('div', { class: 'service bar' });
    this.root = make('section', { class: 'mfa explore windows', 'aria-label': 'Explorer of code windows', 'data-lm-suppress-shortcuts': 'true' },
      this.presets, this.said, this.frame, this.banner, this.sliders, this.voice);
    this.el.append(this.root);
  }

  /** Redraw when the place for the picture or the theme changes. */
  watch() {
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.frame);
    this.themes = new MutationObserver(() => this.draw());
    for (const node of [document.documentElement, document.body]) this.themes.observe(node, { attributes: true });
    this.scheme = matchMedia('(prefers-color-scheme: dark)');
    this.turn = () => this.draw();
    this.scheme.addEventListener('change', this.turn);
  }

  request(content) {
    const nonce = `${this.view}.${this.asked += 1}`;
    this.pending.set(nonce, content.type);
    if (this.pending.size > 20) this.pending.delete(this.pending.keys().next().value);
    try {
      this.model.send({ ...content, nonce });
    } catch {
      this.warn('The kernel was restarted or shut down. Run this cell again.');
    }
  }

  heard(message, buffers) {
    if (message.type === 'moved') return this.move(message.values);
    if (this.closed || !this.pending.delete(message.nonce)) return undefined;
    if (message.type === 'opened') return this.open(message);
    if (message.type === 'error') this.warn(`${message.what} ${message.hint ?? ''}`);
    if (message.type === 'picture') this.show(message, buffers);
    return this.latest.done();
  }

  open({ values, ranges, steps, services, tall }) {
    Object.assign(this, { services, tall, last: '' });
    this.banner.hidden = true;
    this.sliders.replaceChildren(...Object.keys(LABELS).map(name => this.slider(name, ranges[name])), this.stepper(steps));
    this.presets.replaceChildren(...this.choice());
    this.move(values);
  }

  slider(name, [low, high]) {
    const id = `${this.view}-${name}`;
    const output = make('output', { for: id });
    const input = make('input', { type: 'range', id, min: low, max: high, step: 1, 'data-name': name, oninput: () => this.set(name, Number(input.value)) });
    this.inputs[name] = { input, output };
    return make('div', { class: 'slider' }, make('div', { class: 'top' }, make('label', { for: id }, LABELS[name]), output), input);
  }

  stepper(steps) {
    const group = make('div', { class: 'bar', role: 'group', 'aria-label': 'A code lasts' }, make('span', { class: 'soft' }, 'A code lasts'));
    this.steps = steps.map(step => make('button', { type: 'button', 'data-step': step, onclick: () => this.set('step', step) }, `${step} s`));
    group.append(...this.steps);
    return group;
  }

  choice() {
    const id = `${this.view}-service`;
    const options = this.services.map(({ id: value, name, values }) => make('option', { value }, `${name} (−${values.behind} / +${values.ahead})`));
    this.select = make('select', { id, onchange: () => this.pick(this.select.value) }, make('option', { value: '' }, 'a window of your own'), ...options);
    this.source = make('p', { class: 'soft', hidden: true });
    return [make('label', { for: id }, 'The window of'), this.select, this.source];
  }

  pick(id) {
    this.chosen = id;
    const service = this.services.find(one => one.id === id);
    this.move({ ...this.values, ...service?.values });
    this.announce();
  }

  set(name, value) {
    this.move({ ...this.values, [name]: value });
    this.announce();
  }

  /** Bring every control to these values, and have the picture drawn. */
  move(values) {
    this.values = { ...values };
    for (const [name, { input, output }] of Object.entries(this.inputs)) {
      if (Number(input.value) !== values[name]) input.value = values[name];
      output.textContent = told(name, values[name]);
      input.setAttribute('aria-valuetext', told(name, values[name]));
    }
    for (const button of this.steps ?? []) button.setAttribute('aria-pressed', Number(button.dataset.step) === values.step);
    if (this.select) {
      this.select.value = presetOf(this.services, values, this.chosen);
      const service = this.services.find(one => one.id === this.select.value);
      this.source.textContent = service ? `Source: ${service.source}` : '';
      this.source.hidden = !service;
    }
    this.draw();
  }

  draw() {
    const width = Math.round(this.frame.clientWidth);
    if (this.closed || !width || !('phone' in this.values)) return;
    const content = { type: 'draw', values: this.values, width, ratio: devicePixelRatio || 1, theme: themeOf(getComputedStyle(this.root).color) };
    const key = JSON.stringify(content);
    if (key === this.last) return;
    this.last = key;
    this.latest.want(content);
  }

  async show({ taken, verdict, chance, alt }, [buffer]) {
    const turn = this.turnOf = (this.turnOf ?? 0) + 1;
    const picture = await createImageBitmap(new Blob([buffer], { type: 'image/png' }));
    if (this.closed || turn !== this.turnOf) return;
    this.canvas.width = picture.width;
    this.canvas.height = picture.height;
    this.canvas.style.aspectRatio = `${picture.width} / ${picture.height}`;
    this.canvas.getContext('2d').drawImage(picture, 0, 0);
    this.canvas.setAttribute('aria-label', alt);
    this.verdict.textContent = verdict;
    this.chance.textContent = `Over many sign-ins, ${chance}`;
    this.said.dataset.taken = taken;
    this.banner.hidden = true;
    this.root.dispatchEvent(new CustomEvent('mfa-drawn'));
  }

  /** Tell a screen reader the outcome once the slider rests. */
  announce() {
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => { this.voice.textContent = `${this.verdict.textContent}. ${this.chance.textContent}`; }, 700);
  }

  warn(text) {
    this.banner.textContent = text;
    this.banner.hidden = false;
  }

  close() {
    this.closed = true;
    clearTimeout(this.speaking);
    this.sizes.disconnect();
    this.themes.disconnect();
    this.scheme.removeEventListener('change', this.turn);
    this.model.off('msg:custom', this.hear);
    this.model.off('comm_live_update', this.link);
    this.root.remove();
  }
}

function render({ model, el }) {
  const explorer = new Explorer(model, el);
  return () => explorer.close();
}

export default { render };
