// What all pages share; Python puts this file in front of each page's own. Above `make` all is pure.

/**
 * A number with its noun.
 * @param {number} number
 * @param {string} noun in the singular
 * @returns {string} "1 step", "2 steps"
 */
export const plural = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;

/**
 * Was a field ended with Enter? JupyterLab keeps that key from submitting a form and from changing a number, so
 * each field does it by itself.
 * @param {KeyboardEvent} event
 * @returns {boolean} false while an input method composes a letter
 */
export const entered = event => event.key === 'Enter' && !event.isComposing;

/**
 * Words in a row.
 * @param {string[]} words
 * @returns {string} "a, b and c"
 */
export const list = words => (words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`);

/**
 * One exchange of four stamps, in POSIX seconds: t1 and t4 are this page's, t2 and t3 the kernel's.
 * @returns {{offset: number, bound: number}} seconds by which the kernel's clock is ahead, and how sure that is
 */
export function sample(t1, t2, t3, t4) {
  return { offset: ((t2 - t1) + (t3 - t4)) / 2, bound: Math.max(0, ((t4 - t1) - (t3 - t2)) / 2) };
}

/**
 * Add a sample; where it contradicts the older ones a clock was set meanwhile, and they are dropped.
 * @param {{offset: number, bound: number}[]} samples
 * @param {{offset: number, bound: number}} fresh
 * @returns {{offset: number, bound: number}[]} the last eight at most
 */
export function learn(samples, fresh) {
  const agrees = old => Math.abs(old.offset - fresh.offset) <= old.bound + fresh.bound + 0.05;
  return [...samples.filter(agrees), fresh].slice(-8);
}

/**
 * The surest of several samples. Clocks that agree within the doubt are taken to be one clock.
 * @param {{offset: number, bound: number}[]} samples
 * @returns {{offset: number, bound: number}} seconds by which the kernel's clock is ahead, and the doubt
 */
export function clockOf(samples) {
  const best = samples.reduce((a, b) => (b.bound < a.bound ? b : a), { offset: 0, bound: Infinity });
  return Math.abs(best.offset) <= best.bound ? { offset: 0, bound: 0 } : best;
}

// What can have the focus says by itself that its keys are not the notebook's: Notebook 7 looks no further up.
const FOCUSABLE = ['button', 'input', 'select', 'summary', 'textarea', 'a'];

/**
 * Saving stays the notebook's: it hears Ctrl/Cmd+S from outside of the widget. Left to the browser the key would
 * save this page, codes and all, as a file.
 * @param {KeyboardEvent} event inside of a widget whose keys are its own
 */
function leaveSaving(event) {
  const { key, code, keyCode, ctrlKey, metaKey } = event;
  if (event.defaultPrevented || key.toLowerCase() !== 's' || ctrlKey === metaKey || event.altKey || event.shiftKey) return;
  const again = new KeyboardEvent('keydown', { key, code, keyCode, ctrlKey, metaKey, bubbles: true, cancelable: true });
  if (event.currentTarget.parentElement?.dispatchEvent(again) === false) event.preventDefault();
}

/**
 * An element.
 * @param {string} tag
 * @param {Object} attributes true is an attribute without a value; false, null and undefined are none at all; a
 *   function under "onclick" listens
 * @param {...(Node|string|null|Array)} children lists are opened; null, undefined, false and '' are left out
 * @returns {HTMLElement}
 */
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  if (FOCUSABLE.includes(tag) || 'tabindex' in attributes) node.setAttribute('data-lm-suppress-shortcuts', 'true');
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined && value !== null) node.setAttribute(name, value === true ? '' : value);
  }
  if ('data-lm-suppress-shortcuts' in attributes) node.addEventListener('keydown', leaveSaving);
  node.append(...children.flat().filter(child => ![null, undefined, false, ''].includes(child)));
  return node;
}

/**
 * Change an element's text only where it differs: a live region would speak again.
 * @param {Node} node
 * @param {string} text
 */
const setText = (node, text) => { if (node.textContent !== text) node.textContent = text; };

/**
 * What has the focus, inside a shadow root too.
 * @param {Node} node any element of the page
 * @returns {Element|null}
 */
const activeIn = node => node.getRootNode().activeElement;

/**
 * Copy by the clipboard, else (no https, a frame without the right) by a selection.
 * @param {string} text
 * @param {Element} host where a field may stand for a moment
 * @returns {Promise<boolean>} whether it worked
 */
async function copied(text, host) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { /* not allowed here: the old way */ }
  const area = make('textarea', { class: 'mfa-said', autocomplete: 'off', 'aria-hidden': 'true', tabindex: '-1' });
  const before = activeIn(host);
  area.value = text;
  host.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  before?.focus();
  return done;
}
