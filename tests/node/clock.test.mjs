// The pure functions of the very file that ships: node --test tests/node/
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shipped } from './shipped.mjs';

const clock = await shipped('clock');

test('a reading is what a clock on the wall shows', () => {
  assert.deepEqual(clock.reading(1_768_471_212.9, 'UTC'), { time: '10:00:12', day: 'Thu, 15 Jan 2026' });
  assert.equal(clock.reading(1_768_435_200, 'UTC').time, '00:00:00'); // not 24:00:00
  assert.equal(clock.reading(1_768_471_212, 'Europe/Rome').time, '11:00:12');
});

test('lengths of time are said as people say them', () => {
  const said = [0.0002, 0.0123, 0.9994, 0.9996, 4.25, 42, -42, 119.4, 119.6, 3599.7, 9000, 259200].map(clock.span);
  assert.deepEqual(said, ['1 ms', '12 ms', '999 ms', '1.0 s', '4.3 s', '42 s', '42 s', '119 s', '2 min 0 s', '1.0 h', '2.5 h', '3 days']);
});

test('an offset is what one adds: a positive one means slow', () => {
  assert.equal(clock.against(42, 0.02), '42 s slow, ± 20 ms');
  assert.equal(clock.against(-42, 0.02), '42 s fast, ± 20 ms');
  assert.equal(clock.against(0.015, 0.01), 'right, ± 10 ms');
  assert.equal(clock.against(0.4, 0.5), 'right, ± 500 ms');
  assert.equal(clock.against(0.6, 0.5), '600 ms slow, ± 500 ms');
});

test('exchanges narrow each other, and the truth stays inside', () => {
  // The kernel is 5 s ahead. One message was slow on its way out, another on its way back.
  const out = [100, 105.3, 105.3, 100.31];
  const back = [101, 106.01, 106.01, 101.4];
  const { offset, bound } = clock.difference([out, back]);
  assert.ok(Math.abs(offset - 5) <= bound, `${offset} ± ${bound}`);
  assert.ok(bound < 0.02);
  assert.equal(clock.difference([]), null);
});

test('clocks that may be one are taken to be one', () => {
  assert.equal(clock.difference([[100, 100.01, 100.01, 100.015]]).offset, 0);
  assert.equal(clock.sideBySide({ offset: 0, bound: 0.01 }), 'same as this computer');
  assert.equal(clock.sideBySide({ offset: 90, bound: 0.01 }), '90 s behind this computer');
  assert.equal(clock.sideBySide({ offset: -2, bound: 0.01 }), '2.0 s ahead of this computer');
});

test('exchanges from before a clock was set are dropped, those that are out of order are not taken', () => {
  const old = [[100, 105.01, 105.01, 100.02]];
  const fresh = [200, 209.01, 209.01, 200.02]; // the kernel was set 4 s forward
  assert.deepEqual(clock.keep(old, fresh), [fresh]);
  assert.deepEqual(clock.keep(old, [110, 115.01, 115.01, 110.02]).length, 2);
  assert.deepEqual(clock.keep(old, [110, 115.5, 115.2, 110.02]), old);
  assert.deepEqual(clock.keep(old, [110, 115, 116, 110.5]), old);
  const many = Array.from({ length: 30 }, (_, n) => [n, n + 5.01, n + 5.01, n + 0.02]).reduce(clock.keep, []);
  assert.equal(many.length, 12);
});

test('the next tick is the first full second of any clock', () => {
  assert.equal(clock.nextEdge([10.25, 20.5, 30.875]), 125);
  assert.equal(clock.nextEdge([10]), 1000);
  assert.ok(clock.nextEdge([10.99999]) >= 4); // no busy loop
  assert.equal(clock.nextEdge([-0.25]), 250); // before 1970
});

test('whom it will contact stands in a sentence', () => {
  const both = { servers: ['a.example', 'b.example:123'], https: ['https://c.example/', 'http://d.example/x'] };
  assert.equal(clock.whomWords(both), 'Asks a.example and b.example:123. If none of them answers: c.example and d.example/x.');
  assert.equal(clock.whomWords({ servers: ['a'], https: [] }), 'Asks a.');
  assert.equal(clock.whomWords({ servers: [], https: ['https://c.example/'] }), 'Asks c.example for the date.');
  assert.match(clock.whomWords({ servers: [], https: [] }), /Nobody/);
  assert.equal(clock.askedWords(both), 'Asking 2 time servers.');
  assert.equal(clock.askedWords({ servers: [], https: ['x'] }), 'Asking 1 web server.');
});

test('a state that has no word of its own is shown as the kernel says it', () => {
  assert.deepEqual([undefined, 'asked', 'answered', 'silent', 'refused'].map(clock.stateWords), ['waiting', 'asked', 'answered', 'no answer', 'refused']);
});

test('light letters mean a dark page, in every way that a browser writes a colour', () => {
  assert.equal(clock.isLight('rgb(238, 240, 244)'), true);
  assert.equal(clock.isLight('rgb(26, 29, 35)'), false);
  assert.equal(clock.isLight('rgba(255, 255, 255, 0.9)'), true);
  assert.equal(clock.isLight('color(srgb 0.93 0.94 0.96)'), true);
  assert.equal(clock.isLight('color(srgb 0.1 0.1 0.14)'), false);
  assert.equal(clock.isLight(''), false);
});

test('the browser’s system is a key of the remedies', () => {
  const keys = ['Win32', 'MacIntel', 'Linux x86_64', 'iPhone', 'Linux; Android 14', 'PlayStation'].map(clock.platformOf);
  assert.deepEqual(keys, ['windows', 'macos', 'linux', 'other', 'other', 'other']);
});

test('a number and its unit stay on one line', () => {
  assert.equal(clock.unbroken('42.00 s slow, about 75% refused'), '42.00\u00a0s slow, about 75% refused');
  assert.equal(clock.unbroken('agreed by 4 of 4 servers'), 'agreed by 4 of 4 servers');
});
