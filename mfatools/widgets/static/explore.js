// What the three explorers share; Python puts this file, after base.js, in front of each of theirs.

/** What the slider of a clock says; offsets are a clock minus true time, in seconds. */
export const clockSays = value => (value === 0 ? 'right' : `${Math.abs(value)} s ${value > 0 ? 'fast' : 'slow'}`);

const button = (text, onclick, more = {}) => make('button', { type: 'button', onclick, ...more }, text);
let serial = 0;

/** A page that asks its kernel, hears the answers to its own questions only, and says what goes wrong. */
class Page {
  constructor(model, el) {
    Object.assign(this, { model, el, asked: 0, pending: new Map(), closed: false });
    this.view = `v${Math.random().toString(36).slice(2)}${serial += 1}`;
    this.banner = make('p', { class: 'banner', role: 'alert', hidden: true });
    this.voice = make('p', { class: 'mfa-said', role: 'status' });
    this.hear = message => this.heard(message);
    this.link = () => this.request({ type: 'open' });
  }

  /** Put the page up, and ask for what is to be seen. */
  begin(name, label, ...children) {
    this.root = make('section', { class: `mfa explore ${name}`, 'aria-label': label, 'data-lm-suppress-shortcuts': 'true' }, ...children, this.voice);
    this.el.append(this.root);
    this.model.on('msg:custom', this.hear);
    this.model.on('comm_live_update', this.link);
    this.link();
  }

  request(content) {
    const nonce = `${this.view}.${this.asked += 1}`;
    this.pending.set(nonce, content.type);
    if (this.pending.size > 50) this.pending.delete(this.pending.keys().next().value);
    try {
      this.model.send({ ...content, nonce });
    } catch {
      this.warn('The kernel was restarted or shut down. Run this cell again.');
    }
  }

  /** The type of the question that this message answers; undefined if this page did not ask. */
  questionOf(message) {
    const type = this.pending.get(message.nonce);
    this.pending.delete(message.nonce);
    return this.closed ? undefined : type;
  }

  warn(text) {
    this.banner.textContent = text;
    this.banner.hidden = false;
  }

  /** A range input with its label and what it says; `told` makes words of a value. */
  range(name, [low, high], label, oninput) {
    const id = `${this.view}-${name}`;
    const output = make('output', { for: id });
    const input = make('input', { type: 'range', id, min: low, max: high, step: 1, 'data-name': name, oninput: () => oninput(Number(input.value)) });
    const node = make('div', { class: 'slider' }, make('div', { class: 'top' }, make('label', { for: id }, ...label), output), input);
    return { node, input, output };
  }

  close() {
    this.closed = true;
    this.model.off('msg:custom', this.hear);
    this.model.off('comm_live_update', this.link);
    this.root.remove();
  }
}

const rendering = Kind => ({ model, el }) => {
  const page = new Kind(model, el);
  return () => page.close();
};
