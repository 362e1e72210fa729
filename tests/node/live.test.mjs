// The pure functions of the very file that ships: node --test tests/node/
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shipped } from './shipped.mjs';

const live = await shipped('live');

const card = (first, codes, step = 30, t0 = 0) => ({ first, codes, step, t0, issuer: 'GitHub', name: 'alice@example.org' });

test('codes are read in groups', () => {
  const groups = ['7QF2K', '1234', '123456', '1234567', '12345678', '123456789', '1234567890', '1'].map(live.grouped);
  assert.deepEqual(groups, ['7QF2K', '12 34', '123 456', '123 456 7', '1234 5678', '123 456 789', '12345 67890', '1']);
  assert.equal(live.spelled('0123'), '0 1 2 3');
});

test('a code stands from its first moment to just before its end', () => {
  const two = card(10, ['aaa', 'bbb']);
  const at = t => live.codeAt(two, t);
  assert.deepEqual([299.999, 300, 329.999, 330, 359.999, 360].map(at), [null, 'aaa', 'aaa', 'bbb', 'bbb', null]);
  assert.equal(live.codeAt(two, 310, 1), 'bbb');
  assert.equal(live.codeAt(two, 340, 1), null);
  assert.equal(live.endOf(two, 300), 330);
  assert.equal(live.horizonOf(two), 360);
});

test('steps that do not begin in 1970 keep their own edges', () => {
  const odd = card(2, ['a', 'b'], 10, 7);
  assert.equal(live.codeAt(odd, 26.9), null);
  assert.equal(live.codeAt(odd, 27), 'a');
  assert.equal(live.endOf(odd, 27), 37);
});

test('a counter-based entry has one code at any time, or none', () => {
  assert.equal(live.codeAt({ code: '969429' }, 5), '969429');
  assert.equal(live.codeAt({ code: null }, 5), null);
  assert.equal(live.horizonOf({ code: null }), Infinity);
});

test('the page wakes at the next second, unseen only at the next change', () => {
  const cards = [card(0, []), card(0, [], 60), { code: null }];
  assert.equal(live.wait(cards, 100.25, false), 750);
  assert.equal(live.wait(cards, 100.25, true), 19750);
  assert.equal(live.wait([], 100.25, true), 750);
  assert.equal(live.wait(cards, 119.9999, true), 1);
  assert.equal(live.wait(cards, 120, true), 30000);
});

test('more codes are asked for when four fifths are used', () => {
  assert.equal(live.refreshAt([card(0, Array(20).fill('x')), card(0, Array(100).fill('x'))], 100), 500);
  assert.equal(live.refreshAt([{ code: null }], 100), Infinity);
});

test('four stamps give offset and doubt', () => {
  const { offset, bound } = live.sample(100, 190.02, 190.03, 100.05); // the kernel is 90 s ahead, 40 ms on the way
  assert.ok(Math.abs(offset - 90) < 1e-9);
  assert.ok(Math.abs(bound - 0.02) < 1e-9);
});

test('the exchange with the least doubt counts, and two clocks within it are one', () => {
  assert.equal(live.clockOf([{ offset: 90.2, bound: 0.3 }, { offset: 90, bound: 0.01 }]).offset, 90);
  assert.equal(live.clockOf([{ offset: 0.004, bound: 0.005 }]).offset, 0);
  assert.equal(live.clockOf([]).offset, 0);
  assert.equal(live.doubtOf([{ offset: 90.2, bound: 0.3 }, { offset: 90, bound: 0.01 }]), 0.01);
  assert.equal(live.doubtOf([]), Infinity);
});

test('a clock that was set in between makes the old samples void', () => {
  const old = [{ offset: 0, bound: 0.001 }, { offset: 0.002, bound: 0.003 }];
  assert.equal(live.learn(old, { offset: 0.01, bound: 0.02 }).length, 3);
  assert.deepEqual(live.learn(old, { offset: 60, bound: 0.02 }), [{ offset: 60, bound: 0.02 }]);
  let many = [];
  for (let k = 0; k < 20; k += 1) many = live.learn(many, { offset: 0, bound: 1 });
  assert.equal(many.length, 8);
});

test('the filter finds every word in issuer or name, in any case', () => {
  const entry = card(0, []);
  for (const query of ['', 'git', 'ALICE', 'alice git', 'example.org']) assert.ok(live.matches(entry, query), query);
  for (const query of ['gitlab', 'alice bob']) assert.ok(!live.matches(entry, query), query);
});

test('names are never empty', () => {
  assert.equal(live.labelOf({ issuer: 'A', name: 'b' }), 'A, b');
  assert.equal(live.labelOf({ issuer: '', name: 'b' }), 'b');
  assert.equal(live.labelOf({ issuer: '', name: '' }), 'Unnamed account');
  assert.deepEqual(['éa', '(x)', '東京', '🎉', '7up'].map(issuer => live.initialOf({ issuer, name: '' })), ['É', 'X', '東', '?', '7']);
});

test('a name keeps its hue, whatever its case, and names spread over the circle', () => {
  assert.equal(live.hueOf('GitHub'), live.hueOf('github'));
  const hues = new Set(Array.from({ length: 200 }, (_, k) => live.hueOf(`service ${k}`)));
  assert.ok(hues.size > 20);
  for (const hue of hues) assert.ok(hue >= 0 && hue < 360);
});

test('clocks in words: the sign is said', () => {
  assert.equal(live.clockWords(null, 0, 'Check it below.'), 'Codes go by this notebook’s own clock. Is it right? Check it below.');
  assert.match(live.clockWords(42, 0), /42 s slow/);
  assert.match(live.clockWords(-3600 * 2, 0), /2\.0 h fast/);
  assert.match(live.clockWords(0.004, 0), /clock is right/);
  assert.match(live.clockWords(0, 90), /browser’s clock is 2 min behind the notebook’s/);
  assert.match(live.clockWords(0, -5), /5\.0 s ahead of/);
  assert.equal(live.span(89), '89 s');
});

test('a counter-based entry says whose code it shows and which one is next', () => {
  assert.equal(live.counterWords({ counter: 6, code: '338314' }), 'This code: counter 5. Next: 6.');
  assert.equal(live.counterWords({ counter: 5, code: null }), 'The next code has counter 5.');
});

test('a remark is parted after its first sentence', () => {
  assert.deepEqual(live.parts('One thing. Another. Third.'), { first: 'One thing.', rest: 'Another. Third.' });
  assert.deepEqual(live.parts('Only one, with 1.5 in it.'), { first: 'Only one, with 1.5 in it.', rest: '' });
  assert.deepEqual(live.parts('no end'), { first: 'no end', rest: '' });
});
