import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { outputNode } from './definition.ts';
import { outputExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

test.each([['text'], [0], [false], [null], [{ a: [1] }], [[1, 2]]])('an output passes on %j', async (value) => {
  expect(await runs.run(outputExecutor, { name: 'copy' }, { value })).toEqual({ output: value });
});

test('without anything connected it has nothing', async () => {
  expect(await runs.run(outputExecutor, {})).toEqual({ output: null });
});

test.each(['', 'two words', '1st', '__proto__', 'prototype'])('it is not called %j', (name) => {
  expect(outputNode.configSchema.safeParse({ name }).success).toBe(false);
});
