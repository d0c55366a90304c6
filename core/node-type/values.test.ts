import { describe, expect, test } from '@jest/globals';
import { dataTypeOf, isConnectable } from './values.ts';

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

test('equal types connect, and `any` connects to everything', () => {
  expect(isConnectable('text', 'text')).toBe(true);
  expect(isConnectable('any', 'video')).toBe(true);
  expect(isConnectable('image', 'any')).toBe(true);
  expect(isConnectable('image', 'text')).toBe(false);
});
