import { expect, test } from '@jest/globals';
import { movedWords } from './moved-words.ts';

const nothing = {
  workspaceId: 'w',
  moved: { files: 0, triggers: 0, links: 0, callbacks: 0, budgets: 0 },
  stays: { runs: 0, secrets: [] },
};

test('says what came along, what stayed, and what has to be saved first', () => {
  expect(movedWords(nothing)).toBe('');
  expect(
    movedWords({
      workspaceId: 'w',
      moved: { files: 2, triggers: 1, links: 0, callbacks: 0, budgets: 2 },
      stays: { runs: 1, secrets: ['A', 'B'] },
    }),
  ).toBe('Moved with it: 2 files, 1 trigger, 2 budgets. 1 run stayed. Save these secrets there before it runs: A, B.');
  expect(movedWords({ ...nothing, moved: { ...nothing.moved, links: 1 } })).toBe(
    'Moved with it: 1 link. Whoever has a link to its app can go on using it; runs count there now.',
  );
});
