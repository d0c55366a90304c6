import { describe, expect, test } from '@jest/globals';
import { dataTypeOf, fitsType, isConnectable } from './values.ts';

const asset = {
  assetId: '0198c0de-0000-7000-8000-000000000000',
  url: '/api/assets/0198c0de-0000-7000-8000-000000000000/content',
  bytes: 1,
  sha256: 'a'.repeat(64),
};

describe('the data type of a value', () => {
  test.each([
    ['hello', 'text'],
    ['', 'text'],
    [{ ...asset, mimeType: 'image/png' }, 'image'],
    [{ ...asset, mimeType: 'video/mp4' }, 'video'],
    [{ ...asset, mimeType: 'audio/ogg' }, 'audio'],
    [{ ...asset, mimeType: 'application/pdf' }, 'file'],
    [{ ...asset, mimeType: 'application/zip' }, null],
    [0.5, 'number'],
    [false, 'boolean'],
    [{ url: '/api/assets/1/content' }, 'json'],
    [['a'], 'json'],
    [{ photos: [{ ...asset, mimeType: 'image/png' }] }, null],
    [null, null],
  ])('%j is %s', (value, type) => {
    expect(dataTypeOf(value)).toBe(type);
  });
});

const image = { ...asset, mimeType: 'image/png' };

test.each([
  ['a', 'text', true],
  [1, 'text', false],
  [['a', 'b'], 'list<text>', true],
  [[], 'list<text>', true],
  [['a', 1], 'list<text>', false],
  ['a', 'list<text>', false],
  [[image], 'list<image>', true],
  [[image, 'https://example.org/a.png'], 'list<image>', false],
  [[image], 'list<video>', false],
  [['a', image, null], 'list<any>', true],
  [[{ a: 1 }, 'a', null], 'list<json>', true],
  [[{ a: image }], 'list<json>', false],
  [[['a'], []], 'list<list<text>>', true],
  [[['a'], 'b'], 'list<list<text>>', false],
] as const)('%j as %s: %s', (value, type, fits) => {
  expect(fitsType(value as never, type)).toBe(fits);
});

test.each([
  ['list<text>', 'text', true],
  ['list<text>', 'image', false],
  ['text', 'list<text>', true],
  ['image', 'list<text>', false],
  ['list<number>', 'list<text>', true],
  ['list<image>', 'any', true],
  ['any', 'list<image>', true],
  ['list<any>', 'image', true],
  ['list<list<text>>', 'text', true],
  ['list<image>', 'json', false],
] as const)('%s connects to %s: %s', (from, to, connects) => {
  expect(isConnectable(from, to)).toBe(connects);
});

test('equal types connect, and `any` connects to everything', () => {
  expect(isConnectable('text', 'text')).toBe(true);
  expect(isConnectable('any', 'video')).toBe(true);
  expect(isConnectable('image', 'any')).toBe(true);
  expect(isConnectable('image', 'text')).toBe(false);
});
