import { expect, test } from '@jest/globals';
import { evenListOf, partsOf } from './value-parts.ts';

const photo = {
  assetId: '6a0c4c56-6f4e-4c8a-9f0a-0d3f3f0b7a11',
  url: '/api/assets/6a0c4c56-6f4e-4c8a-9f0a-0d3f3f0b7a11/content',
  mimeType: 'image/jpeg',
  bytes: 1,
  sha256: '0'.repeat(64),
};
const sound = { ...photo, mimeType: 'audio/mpeg' };

test.each<[string, unknown, [string, unknown][]]>([
  ['a text', 'one', [['', 'one']]],
  ['a picture', photo, [['', photo]]],
  ['a number', 7, [['', 7]]],
  ['nothing', null, [['', null]]],
  ['an empty list', [], [['', []]]],
  [
    'a list of texts',
    ['one', 'two'],
    [
      ['1', 'one'],
      ['2', 'two'],
    ],
  ],
  [
    'texts in lists in a list',
    [['one', ['two']], 'three'],
    [
      ['1.1', 'one'],
      ['1.2.1', 'two'],
      ['2', 'three'],
    ],
  ],
  [
    'a picture under a name, beside data and a list of data',
    { photos: [photo], size: 3, marks: [1, { x: 2 }] },
    [
      ['photos.1', photo],
      ['size', 3],
      ['marks', [1, { x: 2 }]],
    ],
  ],
  [
    'texts beside a picture, however deep it lies',
    ['one', { deep: [[photo]] }],
    [
      ['1', 'one'],
      ['2.deep.1.1', photo],
    ],
  ],
])('%s is taken apart', (_, value, parts) => {
  expect(partsOf(value)).toEqual(parts.map(([path, part]) => ({ path, value: part })));
});

test.each([
  ['an object without pictures', { name: 'one', tags: ['two'] }],
  ['a list of numbers', [1, 2, 3]],
  ['a list with more than texts in it', ['one', 2]],
  ['lists of which one is empty', [['one'], []]],
  ['a file that is neither picture nor video', sound],
])('%s stays in one piece', (_, value) => {
  expect(partsOf(value)).toEqual([{ path: '', value }]);
});

test.each([
  [['a', 'b'], true],
  [[1, null, true], true],
  [['a'], false],
  [[], false],
  [[null, null], false],
  [['a', { b: 1 }], false],
  [[['a'], ['b']], false],
  ['ab', false],
])('%j is shown as an even list: %s', (value, isEven) => {
  expect(evenListOf(value)).toEqual(isEven ? value : null);
});
