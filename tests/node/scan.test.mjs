// The pure functions of the very file that ships: node --test tests/node/
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shipped } from './shipped.mjs';

const scan = await shipped('scan');

const file = (size, type = 'image/png', name = 'a.png') => ({ size, type, name });
const transfer = (files, texts = {}) => ({ files, getData: kind => texts[kind] ?? '' });

test('sizes are said as people say them', () => {
  assert.deepEqual([12, 3400, 2_440_000, 211_000_000].map(scan.humanSize), ['12 bytes', '3 kB', '2.4 MB', '211 MB']);
});

test('a file is sent, shrunk, read as text, or refused with a way out', () => {
  assert.deepEqual(scan.plan(file(scan.MAX_BYTES)), { way: 'send' });
  assert.deepEqual(scan.plan(file(scan.MAX_BYTES + 1)), { way: 'shrink' });
  assert.deepEqual(scan.plan(file(90, 'text/plain', 'keys.txt')), { way: 'text' });
  assert.deepEqual(scan.plan(file(90, '', 'keys.txt')), { way: 'text' });
  assert.deepEqual(scan.plan(file(90, '', 'IMG_0001.HEIC')), { way: 'send' });
  const why = (...given) => scan.plan(file(...given)).refuse.join(' ');
  assert.match(why(0), /empty.*screenshot/);
  assert.match(why(scan.MAX_FILE + 1), /200 MB.*screenshot/);
  assert.match(why(2_000_000, 'text/plain'), /otpauth/);
});

test('a message stays under the ten mebibytes that a websocket takes', () => {
  assert.ok(scan.MAX_BYTES < 9.5 * 1024 ** 2);
});

test('files win over the address that a browser adds to a dragged picture', () => {
  const picture = file(5);
  assert.deepEqual(scan.contents(transfer([picture], { 'text/uri-list': 'https://example.org/a.png' })), { kind: 'files', files: [picture] });
  assert.deepEqual(scan.contents(transfer([], { 'text/uri-list': 'https://example.org/a.png' })), { kind: 'address' });
  assert.deepEqual(scan.contents(transfer([], { 'text/plain': ' otpauth://totp/a \n' })), { kind: 'text', text: 'otpauth://totp/a' });
  assert.equal(scan.contents(transfer([], { 'text/plain': 'data:image/png;base64,AAAA' })).kind, 'data');
  assert.deepEqual(scan.contents(transfer([])), { kind: 'nothing' });
  assert.deepEqual(scan.contents(null), { kind: 'nothing' });
});

test('a data: address is a picture, anything else in its place is not', () => {
  assert.deepEqual(scan.fromDataAddress('data:image/png;base64,AQID'), { type: 'image/png', bytes: Uint8Array.of(1, 2, 3) });
  assert.equal(scan.fromDataAddress('data:image/svg+xml,<svg/>'), null);
  assert.equal(scan.fromDataAddress('data:text/html;base64,AQID'), null);
});

test('a paste is taken inside the widget, never from a text being edited, and elsewhere only if it is ours', () => {
  const root = { matches: () => false };
  const editor = { matches: selector => selector.includes('.cm-editor') };
  const page = { matches: () => false };
  const picture = { kind: 'files', files: [1] };
  const owns = given => scan.ownsPaste({ path: [page], root, prevented: false, visible: true, content: picture, ...given });
  assert.equal(owns({}), true);
  assert.equal(owns({ path: [page, root], content: { kind: 'nothing' } }), true);
  assert.equal(owns({ path: [editor, page] }), false);
  assert.equal(owns({ visible: false }), false);
  assert.equal(owns({ prevented: true }), false);
  assert.equal(owns({ content: { kind: 'text', text: 'print(1)' } }), false);
  assert.equal(owns({ content: { kind: 'text', text: 'OTPAUTH://totp/a' } }), true);
});

test('a picture pasted on a Markdown cell is noticed', () => {
  const markdown = { matches: selector => selector === '.jp-MarkdownCell' };
  assert.equal(scan.storedByMarkdown([markdown], { kind: 'files', files: [1] }), true);
  assert.equal(scan.storedByMarkdown([markdown], { kind: 'text', text: 'words' }), false);
  assert.equal(scan.storedByMarkdown([{}], { kind: 'files', files: [1] }), false);
});

test('a page that may not use camera and clipboard says so, and what still works', () => {
  const none = scan.capabilities({});
  assert.deepEqual([none.camera, none.screen, none.clipboard], [false, false, false]);
  assert.match(none.words, /the camera, screen capture and the Paste button.*https.*choose a file/);
  const all = { mediaDevices: { getUserMedia() {}, getDisplayMedia() {} }, clipboard: { read() {} } };
  assert.equal(scan.capabilities(all).words, '');
});

test('every refusal of a camera has words and a way out', () => {
  for (const name of ['NotAllowedError', 'NotFoundError', 'NotReadableError', 'SomethingElse', undefined]) {
    for (const what of ['camera', 'screen']) assert.match(scan.mediaWords(name, what), /[Dd]rop|again/);
  }
  assert.notEqual(scan.mediaWords('NotAllowedError', 'camera'), scan.mediaWords('NotFoundError', 'camera'));
});

test('pictures are scaled to fit and never enlarged', () => {
  assert.deepEqual(scan.fit(3840, 2160, 1280), [1280, 720]);
  assert.deepEqual(scan.fit(640, 480, 1280), [640, 480]);
  assert.deepEqual(scan.fit(10_000, 3, 100), [100, 1]);
  assert.equal(scan.polygon([[1.4, 2.6], [3, 4]]), '1,3 3,4');
});

test('cards of accounts are parted from those that need a look', () => {
  const cards = [{ kind: 'error' }, { kind: 'account' }, { kind: 'batch' }];
  assert.deepEqual(scan.parted(cards), [[{ kind: 'account' }], [{ kind: 'error' }, { kind: 'batch' }]]);
});

test('pictures go one after the other', () => {
  const begun = [];
  let shown = [];
  const jobs = scan.queue(job => { begun.push(job.id); jobs.mark(job.id, { state: 'reading' }); }, all => { shown = all; });
  for (const id of ['a', 'b', 'c']) jobs.add({ id });
  assert.deepEqual(begun, ['a']);
  assert.deepEqual(shown.map(job => job.state), ['reading', 'waiting', 'waiting']);
  jobs.done('b'); // stopped while it waited
  assert.deepEqual(begun, ['a']);
  jobs.done('a');
  assert.deepEqual(begun, ['a', 'c']);
  jobs.done('c');
  assert.deepEqual(shown, []);
});

test('a kernel that does not answer is spoken of', () => {
  assert.equal(scan.jobWords({ state: 'waiting' }, 0), 'waiting its turn');
  assert.match(scan.jobWords({ state: 'reading', since: 0 }, 1000), /looking/);
  assert.match(scan.jobWords({ state: 'reading', since: 0 }, 9000), /busy/);
});

test('what is joined in words reads like a sentence', () => {
  assert.deepEqual([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(scan.list), ['', 'a', 'a and b', 'a, b and c']);
});
