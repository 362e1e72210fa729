// Files of the widgets as one module, joined as Python joins them before they are sent to a page: base.js in front.
import { readFileSync } from 'node:fs';

export function shipped(...names) {
  const text = ['base', ...names].map(name => readFileSync(new URL(`../../mfatools/widgets/static/${name}.js`, import.meta.url), 'utf8')).join('');
  return import(`data:text/javascript,${encodeURIComponent(text)}`);
}
