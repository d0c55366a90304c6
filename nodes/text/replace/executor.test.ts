import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { replaceTextNode } from './definition.ts';
import { replaceTextExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

const replaced = async (text: string, data: object, more: Record<string, string> = {}) =>
  (await runs.run(replaceTextExecutor, data, { text, ...more }))['output'];

test.each([
  ['a.b.c', { find: '.', replacement: '-' }, 'a-b-c'],
  ['a.b.c', { find: '.', replacement: '-', firstOnly: true }, 'a-b.c'],
  ['10 $ here', { find: 'here', replacement: '$1 $& $$' }, '10 $ $1 $& $$'],
  ['Straße ÉCOLE', { find: 'école', replacement: 'school', ignoreCase: true }, 'Straße school'],
  ['Straße', { find: 'STRAßE', replacement: 'x' }, 'Straße'],
  ['remove me', { find: ' me' }, 'remove'],
  ['me@example.org', { find: '(\\w+)@([\\w.]+)', replacement: '$2 of $1', mode: 'pattern' }, 'example.org of me'],
  ['a\nb\n', { find: '^', replacement: '> ', mode: 'pattern' }, '> a\n> b\n> '],
  ['x  y   z', { find: ' +', replacement: ' ', mode: 'pattern' }, 'x y z'],
  ['nothing here', { find: 'absent', replacement: 'x' }, 'nothing here'],
])('%j with %j', async (text, data, expected) => {
  expect(await replaced(text, data)).toBe(expected);
});

test('a connected replacement wins over the field', async () => {
  expect(await replaced('a b', { find: 'b', replacement: 'c' }, { replacement: 'd' })).toBe('a d');
});

test('a pattern that would keep others busy for years is done at once, and its work grows with the text alone', async () => {
  const text = `${'a'.repeat(50_000)}!`;
  expect(await replaced(text, { find: '(a+)+$', replacement: '', mode: 'pattern' })).toBe(text);
});

describe('what cannot be looked for is said', () => {
  test.each([
    ['(a', 'missing closing )'],
    ['(?=a)', 'Look-around and back-references are not possible'],
    [String.raw`(a)\1`, 'invalid escape sequence'],
    ['[a-z]{1000}'.repeat(6), 'too large'],
    ['', 'There is nothing to look for'],
  ])('%#: %s', async (find, message) => {
    const data = { find, mode: 'pattern' };
    const expected: unknown = expect.stringContaining(message);
    await expect(replaced('a', data)).rejects.toMatchObject({ code: 'NODE_DATA_INVALID', message: expected });
    const config = replaceTextNode.configSchema.parse(data);
    expect(replaceTextNode.check?.(config, new Set())).toEqual([{ field: 'find', message: expected }]);
  });

  test('nothing connected', async () => {
    await expect(runs.run(replaceTextExecutor, { find: 'a' })).rejects.toMatchObject({ code: 'INPUT_MISSING' });
  });
});
