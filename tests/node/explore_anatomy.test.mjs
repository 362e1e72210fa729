// The pure functions of the very file that ships: node --test tests/node/
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shipped } from './shipped.mjs';

const anatomy = await shipped('explore', 'explore_anatomy');

// RFC 6238 appendix B, SHA-1, 59 s; RFC 4226 section 5.4 has the digest of its example.
const code = {
  kind: 'totp', t: 59, t0: 0, step: 30, counter: 1, algorithm: 'SHA1', digits: 8, size: 20, steam: false,
  key: { hex: '31323334', base32: 'GEZDGNA' }, message: '0000000000000001',
  digest: '75a48a19d4cbe100644e8ac1397eea747a2d33ab', offset: 11, number: 1094287082, code: '94287082',
};

test('bytes, bits and numbers are written for people', () => {
  assert.deepEqual(anatomy.bytesOf('00ff'), [0, 255]);
  assert.equal(anatomy.bitsOf(0xab), '1010 1011');
  assert.equal(anatomy.grouped(1094287082), '1\u202f094\u202f287\u202f082');
  assert.equal(anatomy.dateOf(59), '1970-01-01 00:00:59 UTC');
  assert.equal(anatomy.dateOf(1e15), '1000000000000000 s after 1970');
});

test('every place of the digest has its role', () => {
  assert.equal(anatomy.roleOf(10, code), '');
  assert.deepEqual([11, 14].map(place => anatomy.roleOf(place, code)), ['pick', 'pick']);
  assert.equal(anatomy.roleOf(15, code), '');
  assert.equal(anatomy.roleOf(19, code), 'address');
  assert.equal(anatomy.roleOf(19, { ...code, offset: 16 }), 'pick address');
});

test('what is said of a byte is true of it', () => {
  assert.match(anatomy.explainMessage(7, code), /01 is 1, .* = 1\.$/);
  assert.match(anatomy.explainMessage(0, code), /is 0/);
  assert.match(anatomy.explainMessage(6, { ...code, message: '0000000000000200' }), /2 × 256\^1 = 512/);
  assert.match(anatomy.explainDigest(19, code), /low half, 1011, is 11/);
  assert.match(anatomy.explainDigest(12, code), /the second/);
  assert.match(anatomy.explainDigest(0, code), /not used/);
  assert.match(anatomy.explainFour(0, code), /top bit is 1 and is dropped: 41 is left/);
  assert.match(anatomy.explainMasked(0, code), /41 is 65/);
  assert.match(anatomy.explainKey(0, code), /over two signs/);
  assert.match(anatomy.explainKey(1, code), /over three signs/);
});

test('a leading zero is said to belong to the code', () => {
  assert.match(anatomy.explainCode(0, { ...code, number: 84, digits: 6, code: '000084' }), /no digit here/);
  assert.match(anatomy.explainCode(0, { ...code, number: 1000123, digits: 6, code: '000123' }), /leading zero/);
  assert.match(anatomy.explainCode(7, code), /The 1s digit of .* is 2\.$/);
});

test('there are six stages, for codes by time, by counter and for Steam', () => {
  assert.equal(anatomy.stagesOf(code).length, 6);
  assert.match(anatomy.stagesOf(code)[1][1], /\(59 − 0\) ÷ 30/);
  assert.match(anatomy.stagesOf({ ...code, kind: 'hotp' })[1][0], /counter 1/);
  assert.match(anatomy.stagesOf({ ...code, steam: true, digits: 5, code: '7QF2K' })[5][0], /signs/);
  assert.match(anatomy.stagesOf(code)[3][0], /place 11/);
});
