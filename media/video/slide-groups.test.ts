import { expect, test } from '@jest/globals';
import { slideGroups } from './slide-groups.ts';

const shown = (slides: readonly number[], overlap: number, atOnce: number) =>
  slideGroups(slides, overlap, atOnce).map(({ parts, frames, continues, goesOn }) => [
    `${continues ? '…' : ''}${parts.map(({ picture, from, count, of }) => `${picture}: ${from}+${count} of ${of}`).join(', ')}${goesOn ? '…' : ''}`,
    frames,
  ]);

test('few pictures are one group, with what each has in common with the next', () => {
  expect(shown([10, 20, 30], 4, 8)).toEqual([['0: 0+14 of 14, 1: 0+24 of 24, 2: 0+30 of 30', 60]]);
});

test('a group ends where the next picture begins, and that one begins on the end of the one before', () => {
  expect(shown([10, 20, 30, 40], 4, 2)).toEqual([
    ['0: 0+14 of 14, 1: 0+20 of 24…', 30],
    ['…1: 20+4 of 24, 2: 0+30 of 34…', 30],
    ['…2: 30+4 of 34, 3: 0+40 of 40', 40],
  ]);
});

test('where neighbors have nothing in common, groups are whole pictures', () => {
  expect(shown([10, 20, 30], 0, 2)).toEqual([
    ['0: 0+10 of 10, 1: 0+20 of 20…', 30],
    ['…2: 0+30 of 30', 30],
  ]);
});

test('no frame is lost or shown twice, and no group has too many pictures', () => {
  const slides = Array.from({ length: 333 }, (_, index) => 7 + (index % 5));
  for (const overlap of [0, 1, 6])
    for (const atOnce of [2, 3, 17, 400]) {
      const groups = slideGroups(slides, overlap, atOnce);
      expect(groups.every(({ parts }) => parts.length <= atOnce)).toBe(true);
      for (const { parts, frames } of groups)
        expect(parts.reduce((sum, { count }) => sum + count, 0) - overlap * (parts.length - 1)).toBe(frames);
      expect(groups.reduce((sum, { frames }) => sum + frames, 0)).toBe(slides.reduce((sum, own) => sum + own, 0));
    }
});
