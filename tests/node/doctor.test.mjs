// The pure functions of the doctor's page, imported from the very file that ships.
import test from 'node:test';
import assert from 'node:assert/strict';
import { shipped } from './shipped.mjs';

const d = await shipped('doctor');

const look = { at: 100, accepted: false, differs: false };
const CLOCK = { on: true, state: 'idle', first: ['a.example', 'b.example'], then: ['https://c.example'], words: '' };
const state = more => ({ case: null, settled: true, diagnosis: null, busy: false, ...more });

test('a page that is opened again goes on where the case stands', () => {
  assert.equal(d.stepOf(state()), 'scan');
  assert.equal(d.stepOf(state({ case: { looks: [] } })), 'code');
  assert.equal(d.stepOf(state({ case: { looks: [] }, settled: false })), 'scan');
  assert.equal(d.stepOf(state({ case: { looks: [{ ...look, accepted: null }] } })), 'answer');
  assert.equal(d.stepOf(state({ case: { looks: [look] } })), 'details');
  assert.equal(d.stepOf(state({ case: { looks: [look] }, diagnosis: {} })), 'why');
});

test('a step can be gone to when what it needs is there', () => {
  assert.deepEqual(d.open(state()), { scan: true, code: false, answer: false, details: false, why: false });
  const all = d.open(state({ case: { looks: [look] }, busy: true }));
  assert.ok(d.STEPS.every(step => all[step]));
  assert.equal(d.open(state({ case: { looks: [] } })).answer, false);
});

test('a code is freed of what makes it legible, and nothing else', () => {
  assert.equal(d.cleanCode(' 123 456 '), '123456');
  assert.equal(d.cleanCode('123-456'), '123456');
  assert.equal(d.cleanCode('123\u00a0456'), '123456');
  assert.equal(d.cleanCode('R2D2X'), 'R2D2X');
  assert.equal(d.cleanCode('１２３４５６'), '１２３４５６'); // other digits are evidence: the kernel judges them
  for (const text of ['', '12', '<b>123456', '12345678901234567', '12345\u0000']) assert.equal(d.cleanCode(text), null, text);
});

test('a noted time is the middle of its minute or second, and lies in the past', () => {
  const now = Date.parse('2026-01-15T12:00:00') / 1000;
  const minute = d.noted('2026-01-15T11:59', now);
  assert.equal(minute.at - now, -30);
  assert.equal(minute.sd, 17);
  assert.deepEqual(d.noted('2026-01-15T11:59:20', now), { at: now - 39.5, sd: 5 });
  assert.equal(d.noted('2026-01-15T13:00', now), null);
  assert.equal(d.noted('', now), null);
});

test('the exchange with the least delay tells the clocks apart', () => {
  const good = d.sample(10, 110.02, 110.03, 10.05);
  assert.ok(Math.abs(good.offset - 100) < 0.01 && good.bound < 0.021);
  const slow = d.sample(20, 121.9, 121.9, 22);
  assert.equal(d.clockOf([slow, good]), good);
  assert.deepEqual(d.clockOf([]), { offset: 0, bound: 0 });
  assert.deepEqual(d.clockOf([{ offset: 0.01, bound: 0.02 }]), { offset: 0, bound: 0 });
});

test('an exchange that contradicts the older ones drops them: a clock was set', () => {
  const old = { offset: 0, bound: 0.01 };
  assert.deepEqual(d.learn([old], { offset: 60, bound: 0.01 }), [{ offset: 60, bound: 0.01 }]);
  assert.equal(d.learn([old], { offset: 0.01, bound: 0.01 }).length, 2);
});

test('it is said whom the clock check contacts, before and after', () => {
  assert.match(d.clockWords(CLOCK, false), /^Once you begin, .*a\.example and b\.example.*web servers/);
  assert.match(d.clockWords({ ...CLOCK, first: [] }, true), /https:\/\/c\.example/);
  assert.match(d.clockWords({ ...CLOCK, on: false }, true), /^No time server is asked/);
  assert.match(d.clockWords({ ...CLOCK, state: 'asking' }, true), /^Asking/);
  assert.equal(d.clockWords({ ...CLOCK, state: 'done', words: 'Right.' }, true), 'Right.');
});

test('a code in the list is told by its time and its answer, never by itself', () => {
  assert.equal(d.lookWords(look, () => '12:00:01'), 'read at 12:00:01, refused');
  assert.equal(d.lookWords({ ...look, accepted: true, differs: true }, () => 'x'), 'read at x, the site accepted it, typed differently');
});

test('each question has something that can be done about it', () => {
  assert.equal(d.actionOf({ name: 'flip' }).kind, 'tap');
  assert.equal(d.actionOf({ name: 'other_qr' }).kind, 'second');
  assert.equal(d.actionOf({ name: 'a question of a later version' }).kind, 'code');
});

test('small words', () => {
  assert.equal(d.plural(1, 'tap'), '1 tap');
  assert.equal(d.list(['a', 'b', 'c']), 'a, b and c');
  assert.equal(d.titleOf({ title: 'Example', subtitle: '' }), 'Example');
  assert.equal(d.spaced('123456'), '123 456');
  assert.equal(d.spaced('R2D2X'), 'R2D2X');
  assert.equal(d.notedWords(['code', 'answer']), 'Noted: the code and the site’s answer.');
  const noon = new Date(2026, 0, 15, 12).getTime() / 1000;
  assert.equal(noon - d.midnight(noon), 12 * 3600);
});

const drawn = more => ({ code: [0, 30], takes: [60, 150], sent: 100, fits: false, accepted: false, before: null, theirs: false, ...more });

test('what lies near stands to scale; a long way off, a stretch is left out and nothing leaves the picture', () => {
  const near = d.axisOf(drawn());
  assert.equal(near.gap, null);
  assert.deepEqual([near.at(0), near.at(150)], [2, 98]);
  assert.ok(Math.abs(near.at(75) - 50) < 1e-9);
  for (const code of [[-9000, -8970], [9000, 9030]]) {
    const far = d.axisOf(drawn({ code }));
    const places = [...code, 60, 100, 150].map(far.at);
    assert.ok(places.every(place => place >= 0 && place <= 100));
    const [from, to] = [far.at(code[0]), far.at(code[1])];
    assert.equal(code[0] < 0, to < far.gap && far.gap < far.at(60));
    assert.equal(code[0] > 0, far.at(150) < far.gap && far.gap < from);
  }
});

test('the words under a bar never leave the picture', () => {
  assert.equal(d.labelAt(2, 12, 19), 'left:2%');
  assert.equal(d.labelAt(90, 98, 19), 'right:2%');
  assert.match(d.labelAt(40, 60, 20), /^left:clamp\(6.0em, 50%, calc\(100% - 6.0em\)\)/);
});

test('the picture is told in words', () => {
  const words = more => d.pictureWords(drawn(more), t => `${t}`);
  assert.match(words().brief, /before the time that the site accepts/);
  assert.equal(words().verdict, 'So it was too old.');
  assert.match(words().long, /for 0 to 30\..*sent at 100;.*60 to 150/);
  assert.equal(words({ code: [300, 330] }).verdict, 'So it was too early.');
  assert.equal(words({ accepted: null }).verdict, 'So it is too old.');
  assert.match(words({ fits: true }).verdict, /not why it was refused/);
  assert.equal(words({ fits: true, accepted: true }).verdict, 'So its time is right.');
  assert.match(words({ fits: true, theirs: true }).long, /a site whose clock is right accepts/);
  assert.match(words({ fits: true, theirs: true }).verdict, /the site’s clock that was wrong/);
  assert.match(words({ fits: true, before: 90 }).verdict, /already been used, at 90/);
});

test('of the probe codes ahead, one is for now', () => {
  const codes = [[0, 'a'], [30, 'b'], [60, 'c']];
  assert.deepEqual(d.present(codes, 31), { code: 'b', from: 30, until: 60 });
  assert.equal(d.present(codes, 30).code, 'b');
  assert.equal(d.present(codes, 61), null); // nobody knows how long the last one is worth anything
  assert.equal(d.present(codes, -1), null);
  assert.equal(d.present([], 5), null);
});

test('a code that cannot be the account\'s is asked back about', () => {
  assert.equal(d.doubtWords('123456', 6), '');
  assert.equal(d.doubtWords('12345', null), '');
  assert.equal(d.doubtWords('2BCDF', 5), '');
  assert.match(d.doubtWords('12345', 6), /It has 5 digits; a code of this account has 6 digits.*once more/);
  assert.match(d.doubtWords('12345O', 6), /letters/);
});

test('the kernel’s times in UTC are shown in the page’s own zone, whatever day it is there', () => {
  const before = process.env.TZ;
  process.env.TZ = 'Asia/Kolkata'; // 5:30 ahead
  const now = Date.parse('2026-01-16T08:00:00Z') / 1000;
  const told = d.localTimes('Code 1 is the code for 2026-01-15 23:59:30 to 00:00:00 UTC; it was read at 00:01:40. 8,000 possibilities.', now);
  assert.match(told, /16,? .*05:29:30 to 05:30:00; it was read at 05:31:40\. 8,000 possibilities\.$/);
  assert.doesNotMatch(told, /UTC|2026-01-15/);
  assert.equal(d.localTimes('The code of 90 seconds before, sent at 12:00:00 UTC, was refused.', now), 'The code of 90 seconds before, sent at 17:30:00, was refused.');
  assert.equal(d.localTimes('read at a time beyond the calendar, at 99:99:99', now), 'read at a time beyond the calendar, at 99:99:99');
  if (before === undefined) delete process.env.TZ; else process.env.TZ = before;
});
