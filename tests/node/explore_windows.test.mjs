// The pure functions of the very file that ships: node --test tests/node/
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shipped } from './shipped.mjs';

const { Latest, WAIT, picture, place, presetOf, signsOf, ticks, told, within } = await shipped('explore', 'explore_windows');

test('a slider speaks in words, with the sign as fast and slow', () => {
  assert.deepEqual([-42, 0, 7].map(value => told('phone', value)), ['42 s slow', 'right', '7 s fast']);
  assert.equal(told('behind', 1), '1 step');
  assert.equal(told('ahead', 0), '0 steps');
  assert.equal(told('typing', 10), '10 s');
});

test('a shorter step moves the moment of reading into it', () => {
  assert.deepEqual(within({ step: 15, read_at: 40 }), { step: 15, read_at: 14 });
  assert.deepEqual(within({ step: 60, read_at: 40 }), { step: 60, read_at: 40 });
});

const scene = {
  step: 30, span: [-90, 60], arrives: 10, taken: true, accepted: [-72, 18],
  lanes: [
    { name: 'phone', said: '42 s slow', windows: [[-120, '000000', false], [0, '911804', true], [30, '303634', false]] },
    { name: 'true time', said: '', windows: [[-12, '303634', false]] },
    { name: 'service', said: 'right', windows: [[-12, '303634', false]] },
  ],
  odds: { reach: 120, shares: [1, 0.5, 0, 0.5, 1], apart: -42, chance: 0.75, said: '75.4%' },
};
const numbers = (svg, pattern) => [...svg.matchAll(pattern)].map(([, ...parts]) => parts.map(Number));

test('windows, acceptance and moments stand on one scale of time', () => {
  const svg = picture(scene, 1000, 'x');
  const x = t => 88 + ((t + 90) / 150) * (1000 - 14 - 88);
  const boxes = numbers(svg, /<rect class="window(?: read)?" x="([-\d.]+)" y="[\d.]+" width="([\d.]+)"/g);
  for (const [box, start] of [[boxes[0], 0], [boxes[1], 30], [boxes[2], -12]]) {
    assert.ok(Math.abs(box[0] - x(start)) < 0.06 && Math.abs(box[1] - (x(30) - x(0))) < 0.11, `${box}`);
  }
  assert.equal(boxes.length, 4); // the one that ended before the span is not drawn
  const [from, wide] = numbers(svg, /<rect class="span" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g)[0];
  assert.ok(Math.abs(from - x(-72)) < 0.06 && Math.abs(from + wide - x(18)) < 0.2);
  assert.ok(numbers(svg, /<line class="moment later" x1="([\d.]+)"/g).every(([at]) => Math.abs(at - x(10)) < 0.06));
});

test('the names of the moments stay within the picture and apart', () => {
  for (const [read, arrives, width] of [[292, 305, 336], [292, 330, 336], [100, 100.5, 336], [400, 470, 840]]) {
    const [end, from] = numbers(signsOf(read, arrives, width), /x="([\d.]+)"/g).flat();
    assert.ok(end < from && from + 46 <= width, `${end} ${from}`);
  }
});

test('labels and the share stay within a picture as narrow as a telephone', () => {
  for (const apart of [-110, 0, 29, 50, 110]) {
    const svg = picture({ ...scene, odds: { ...scene.odds, reach: 120, apart, said: 'under 0.01%' } }, 236, 'x');
    for (const [, x, words] of svg.matchAll(/<text class="small" x="([\d.]+)" y="[\d.]+">([a-z][^<]+)</g)) {
      assert.ok(Number(x) + words.length * 3.1 <= 236, words);
    }
    const [, x, side] = svg.match(/<text class="odd" x="([\d.]+)" y="[\d.]+"([^>]*)>/);
    assert.ok(side ? Number(x) > 88 : Number(x) + 88 <= 236, `${apart} ${x}`);
  }
});

test('a refusal is hatched, so that grey paper shows it too', () => {
  assert.ok(!picture(scene, 700, 'x').includes('fill="url(#x-hatch)"'));
  assert.ok(picture({ ...scene, taken: false }, 700, 'x').includes('fill="url(#x-hatch)"'));
});

test('no line crosses the digits, at any width', () => {
  for (const width of [300, 344, 420, 700, 1100]) {
    const svg = picture(scene, width, 'x');
    const size = width < 620 ? 11 : 12.5;
    const lines = numbers(svg, /<line class="moment[^"]*" x1="([\d.]+)" x2="[\d.]+" y1="([\d.]+)" y2="([\d.]+)"/g);
    for (const [, x, y, words] of svg.matchAll(/<text class="code[^"]*" x="([\d.]+)" y="([\d.]+)">([^<]+)</g)) {
      const half = words.length * size * 0.3;
      const crossed = lines.filter(([at, top, bottom]) => Math.abs(at - x) < half && top < y && bottom > y - size);
      assert.deepEqual(crossed, [], `${words} at ${width}`);
    }
  }
});

test('a code is written beside a line, across it, shortened or not at all, as there is room', () => {
  assert.deepEqual([place('911804', [0, 200], [20], 12).x, place('911804', [0, 200], [20], 12).words], [110, '911 804']);
  assert.equal(place('911804', [0, 60], [30], 12).x, 30);
  assert.equal(place('911804', [0, 40], [4], 12).words, '…04');
  assert.equal(place('911804', [0, 12], [], 12), null);
});

test('ticks are round and do not crowd', () => {
  assert.deepEqual(ticks(-90, 60, 270), [-60, 0, 60]);
  const many = ticks(-400, 400, 300);
  assert.ok(many.length <= 6 && many.every(t => t % 300 === 0));
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
