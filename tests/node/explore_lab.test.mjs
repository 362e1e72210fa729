// The pure functions of the very file that ships: node --test tests/node/
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shipped } from './shipped.mjs';

const lab = await shipped('explore', 'explore_lab');

const codes = Array.from({ length: 50 }, (_, place) => String(100000 + place));
const state = (phone = {}, service = {}, values = {}) => ({
  t: 600, step: 30, first: 10,
  phone: { error: 0, drift: 0, codes, ...phone },
  service: { error: 0, drift: 0, learned: 0, codes, ...service },
  values: { behind: 1, ahead: 1, replay: true, ...values },
});

test('a phone shows the code of its own clock', () => {
  assert.equal(lab.phoneAt(state(), 629.9).code, '100010');
  assert.equal(lab.phoneAt(state(), 630).code, '100011');
  assert.equal(lab.phoneAt(state({ error: -60 }), 600).code, '100008');
  assert.equal(lab.phoneAt(state(), 610).left, 20);
  assert.equal(lab.phoneAt(state(), 100000).code, null);
});

test('a drift makes the error grow with true time', () => {
  assert.equal(lab.errorAt({ error: 2, drift: 0.01 }, 600, 1600), 12);
});

test('the service takes the codes of its window, and none twice', () => {
  const { window } = lab.serviceAt(state(), 600, new Set(['100010']));
  assert.deepEqual(window.map(({ away, code, used }) => [away, code, used]), [[-1, '100009', false], [0, '100010', true], [1, '100011', false]]);
  assert.equal(lab.serviceAt(state({}, {}, { replay: false }), 600, new Set(['100010'])).window[1].used, false);
  assert.equal(lab.serviceAt(state({}, { learned: 2 }), 600, new Set()).window[0].away, 1);
  assert.equal(lab.serviceAt(state({}, {}, { behind: 0, ahead: 0 }), 600, new Set()).window.length, 1);
});

test('while the account is closed no code is said to be taken', () => {
  const closed = more => state({}, { closed: { since: 610, until: 640, locked: true, ...more } });
  assert.equal(lab.closedAt(state(), 620), '');
  assert.equal(lab.closedAt(closed(), 609), ''); // the code that locks it is still on its way
  assert.equal(lab.closedAt(closed(), 610), 'is locked and takes no code for another 30 s');
  assert.equal(lab.closedAt(closed(), 640), '');
  assert.equal(lab.closedAt(closed({ until: null }), 9e9), 'is locked and takes no code until somebody unlocks it');
  assert.equal(lab.closedAt(closed({ locked: false }), 639.5), 'takes no code for another 1 s: too many tries');
});

test('more codes are wanted before they run out', () => {
  assert.equal(lab.dry(state(), 600), false);
  assert.equal(lab.dry(state(), 30 * (10 + 31)), true);
});

test('a code on its way is to be seen, however fast time runs', () => {
  const attempt = { read: 0, sent: 8, arrived: 9 };
  assert.equal(lab.advance(0.1, 300, null), 30);
  assert.ok(Math.abs(lab.advance(0.1, 300, attempt) - 0.1 * 9 / lab.SHOWN) < 1e-9);
  assert.equal(lab.advance(0.1, 1, attempt), 0.1);
  assert.equal(lab.advance(60, 1, null), 0.25);
});

test('a code is typed, under way, and judged or lost', () => {
  const attempt = { read: 0, sent: 8, arrived: 10 };
  assert.deepEqual([4, 9, 10].map(t => lab.progress(attempt, t).phase), ['typing', 'wire', 'judged']);
  assert.equal(lab.progress(attempt, 9).share, 0.5);
  const lost = { read: 0, sent: 8, arrived: null };
  assert.deepEqual([9, 11].map(t => lab.progress(lost, t).phase), ['wire', 'lost']);
});

test('controls speak in words', () => {
  assert.equal(lab.told('phone_offset', -90), '90 s slow');
  assert.equal(lab.told('service_drift', 5), 'gains 5 s an hour');
  assert.equal(lab.told('lock_after', 0), 'never');
  assert.equal(lab.told('loss', 50), '50%');
  assert.equal(lab.clockText(1768471200), '10:00:00');
});
