import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { chunksOf } from './chunks.ts';
import { splitTextNode } from './definition.ts';
import { splitTextExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

const split = async (text: string, data: object) => (await runs.run(splitTextExecutor, data, { text }))['output'];

test.each([
  ['a\nb\r\nc\rd', {}, ['a', 'b', 'c', 'd']],
  ['a\n\n b \n', {}, ['a', 'b']],
  ['a\n\n b \n', { trim: false, skipEmpty: false }, ['a', '', ' b ', '']],
  ['', {}, []],
  ['one\ntwo\n\n \n\nthree\r\n\r\nfour', { by: 'paragraph' }, ['one\ntwo', 'three', 'four']],
  ['a, b,,c', { by: 'separator' }, ['a', 'b', 'c']],
  ['a, b,,c', { by: 'separator', skipEmpty: false }, ['a', 'b', '', 'c']],
  ['1 -- 2 -- 3', { by: 'separator', separator: '--' }, ['1', '2', '3']],
  ['a.b', { by: 'separator', separator: '.' }, ['a', 'b']],
  ['a1b22c', { by: 'pattern', pattern: '[0-9]+' }, ['a', 'b', 'c']],
  ['# A\ntext\n# B', { by: 'pattern', pattern: '^# ' }, ['A\ntext', 'B']],
  ['abc', { by: 'pattern', pattern: 'x*' }, ['abc']],
  ['the quick brown fox', { by: 'length', length: 10 }, ['the quick', 'brown fox']],
  ['abcdefgh', { by: 'length', length: 3 }, ['abc', 'def', 'gh']],
  ['abcdefgh', { by: 'length', length: 4, overlap: 2 }, ['abcd', 'cdef', 'efgh']],
  ['😀😀😀', { by: 'length', length: 2 }, ['😀😀', '😀']],
])('%j by %j', async (text, data, expected) => {
  expect(await split(text, data)).toEqual(expected);
});

describe('parts of a length', () => {
  const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '😀'), minLength: 1, maxLength: 9 }), {
    maxLength: 40,
  });

  test('are never longer, lose nothing, and end between words where there is a place', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 30 }), (list, length) => {
        const text = list.join(' ');
        const chunks = chunksOf(text, { length, overlap: 0 });
        expect(chunks.join('')).toBe(text);
        for (const chunk of chunks) expect(Array.from(chunk).length).toBeLessThanOrEqual(length);
        // A word of at most nine characters always has a blank in the second half of so long a part.
        if (length >= 20) {
          let behind = '';
          for (const chunk of chunks.slice(0, -1)) {
            behind += chunk;
            expect(chunk.endsWith(' ') || text.slice(behind.length).startsWith(' ')).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('repeat at most the overlap, and each begins where the one before still was', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 2, max: 30 }), fc.nat(), (list, length, seed) => {
        const text = list.join(' ');
        const overlap = seed % length;
        const chunks = chunksOf(text, { length, overlap });
        let covered = 0;
        for (const chunk of chunks) {
          const from = text.indexOf(chunk, Math.max(0, covered - overlap * 2));
          expect(from).toBeGreaterThanOrEqual(0);
          covered = Math.max(covered, from + chunk.length);
        }
        expect(chunks.length === 0 ? text : text.endsWith(chunks.at(-1)!)).toBe(chunks.length === 0 ? '' : true);
        expect(chunks.length).toBeLessThanOrEqual(Array.from(text).length);
      }),
      { numRuns: 200 },
    );
  });
});

test('a pattern that would keep others busy for years is done at once', async () => {
  const text = `${'a'.repeat(50_000)}!`;
  expect(await split(text, { by: 'pattern', pattern: '(a+)+$' })).toEqual([text]);
});

test.each([
  [{ by: 'separator', separator: '' }, 'separator', 'The separator is empty.'],
  [{ by: 'length', length: 10, overlap: 10 }, 'overlap', 'has to be shorter than a part'],
  [{ by: 'pattern', pattern: '' }, 'pattern', 'There is nothing to look for'],
  [{ by: 'pattern', pattern: '(?=a)' }, 'pattern', 'Look-around and back-references are not possible'],
])('%j is said before a run and in it', async (data, field, message) => {
  const expected: unknown = expect.stringContaining(message);
  expect(splitTextNode.check?.(splitTextNode.configSchema.parse(data), new Set())).toEqual([
    { field, message: expected },
  ]);
  await expect(split('a', data)).rejects.toMatchObject({ code: 'NODE_DATA_INVALID', message: expected });
});

test('nothing connected is an error, and other values are written down first', async () => {
  await expect(runs.run(splitTextExecutor, {})).rejects.toMatchObject({ code: 'INPUT_MISSING' });
  expect((await runs.run(splitTextExecutor, { by: 'separator' }, { text: 1.5 }))['output']).toEqual(['1.5']);
});
