// The pure functions of the very file that ships: node --test tests/node/
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Latest, WAIT, presetOf, themeOf, told } from '../../mfatools/widgets/static/explore_windows.js';

test('a slider speaks in words, with the sign as fast and slow', () => {
  assert.deepEqual([-42, 0, 7].map(value => told('phone', value)), ['42 s slow', 'right', '7 s fast']);
  assert.equal(told('behind', 1), '1 step');
  assert.equal(told('ahead', 0), '0 steps');
  assert.equal(told('typing', 10), '10 s');
});

test('light writing means a dark ground', () => {
  assert.equal(themeOf('rgb(238, 240, 244)'), 'dark');
  assert.equal(themeOf('rgba(26, 29, 35, 1)'), 'light');
  assert.equal(themeOf(''), 'light');
});

test('a preset is named only as long as its window is set', () => {
  const services = [{ id: 'a', values: { behind: 1, ahead: 1, step: 30 } }, { id: 'b', values: { behind: 1, ahead: 1, step: 30 } }];
  assert.equal(presetOf(services, { behind: 1, ahead: 1, step: 30 }, 'b'), 'b');
  assert.equal(presetOf(services, { behind: 2, ahead: 1, step: 30 }, 'b'), '');
  assert.equal(presetOf(services, { behind: 1, ahead: 1, step: 30 }, ''), '');
});

test('while one request is under way only the last of the others is kept', () => {
  const sent = [];
  const latest = new Latest(content => sent.push(content), () => 0);
  [1, 2, 3, 4].forEach(content => latest.want(content));
  assert.deepEqual(sent, [1]);
  latest.done();
  assert.deepEqual(sent, [1, 4]);
  latest.done();
  assert.deepEqual(sent, [1, 4]);
});

test('an answer that never comes does not hold the next request back for ever', () => {
  const sent = [];
  let now = 0;
  const latest = new Latest(content => sent.push(content), () => now);
  latest.want(1);
  latest.want(2);
  now = WAIT + 1;
  latest.want(3);
  assert.deepEqual(sent, [1, 3]);
});
