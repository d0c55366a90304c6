import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { joinTextExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

const join = async (data: object, texts: unknown[]) =>
  (await runs.run(joinTextExecutor, data, { texts: texts as string[] }))['output'];

test.each([
  [{}, ['a', 'b'], 'a\n\nb'],
  [{ between: 'line' }, ['a', 'b', 'c'], 'a\nb\nc'],
  [{ between: 'comma' }, ['a', ['b', 'c'], 1, true], 'a, b, c, 1, true'],
  [{ between: 'nothing' }, ['a', { b: 1 }], 'a{\n  "b": 1\n}'],
  [{ between: 'custom', separator: ' -> ' }, ['a', 'b'], 'a -> b'],
  [{ between: 'line' }, ['a', '', ' \n', 'b'], 'a\nb'],
  [{ between: 'line', skipEmpty: false }, ['a', '', 'b'], 'a\n\nb'],
  [{}, [[]], ''],
  // Missing since it failed.
  [{}, [['a', null, 'b']], 'a\n\nb'],
])('%j of %j', async (data, texts, expected) => {
  expect(await join(data, texts)).toBe(expected);
});

test('nothing connected is an empty text, and what is no text is refused', async () => {
  expect(await runs.run(joinTextExecutor, {})).toEqual({ output: '' });
  await expect(join({}, ['a', null])).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
});
