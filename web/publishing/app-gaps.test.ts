import { expect, test } from '@jest/globals';
import { appGaps } from './app-gaps.ts';

const photo = { type: 'image', data: { input: { name: 'photo' } } };
const result = { type: 'output', data: { name: 'result' } };
const noResults = expect.stringContaining('no results');
const asksNothing = expect.stringContaining('ask for nothing');

test('an app that asks and shows has no gaps', () => {
  expect(appGaps([photo, result])).toEqual([]);
});

test('an app without outputs shows nothing, and one without inputs asks for nothing', () => {
  expect(appGaps([photo])).toEqual([noResults]);
  expect(appGaps([{ type: 'image', data: {} }, result])).toEqual([asksNothing]);
  expect(appGaps([])).toEqual([noResults, asksNothing]);
});

test('what is turned off or hidden does not count', () => {
  const off = { type: 'output', data: { ...result.data, off: true } };
  const hidden = { type: 'text', data: { input: { name: 'tone', hidden: true } } };
  expect(appGaps([hidden, off])).toEqual([noResults, asksNothing]);
});
