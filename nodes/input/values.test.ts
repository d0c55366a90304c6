import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startNodeRuns, type NodeRuns } from '../../testing/node-runs.ts';
import { booleanNode } from './boolean/definition.ts';
import { booleanExecutor } from './boolean/executor.ts';
import { choiceNode } from './choice/definition.ts';
import { choiceExecutor } from './choice/executor.ts';
import { jsonNode } from './json/definition.ts';
import { jsonExecutor } from './json/executor.ts';
import { numberNode } from './number/definition.ts';
import { numberExecutor } from './number/executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

const data = { list: [1, { deep: null }], name: 'x' };
test.each([
  ['number', numberNode, numberExecutor, { value: -0.125 }, -0.125],
  ['boolean', booleanNode, booleanExecutor, { value: true }, true],
  ['json', jsonNode, jsonExecutor, { value: data }, data],
  ['choice', choiceNode, choiceExecutor, { value: 'b', options: ['a', 'b'] }, 'b'],
] as const)('a node of the type %s puts out its value, as it said ahead', async (_, node, executor, config, value) => {
  expect(await runs.run(executor, config)).toEqual({ output: value });
  const parsed = node.configSchema.parse(config);
  expect(node.outputsAhead?.(parsed as never)).toEqual({ output: { value } });
  expect(node.costClass(parsed as never)).toBe('inline');
});

test('without data they put out zero, no, and an empty object', async () => {
  expect(await runs.run(numberExecutor, {})).toEqual({ output: 0 });
  expect(await runs.run(booleanExecutor, {})).toEqual({ output: false });
  expect(await runs.run(jsonExecutor, {})).toEqual({ output: {} });
});

test('a number has to be one', () => {
  expect(numberNode.configSchema.safeParse({ value: 'twelve' }).success).toBe(false);
  expect(numberNode.configSchema.safeParse({ value: Infinity }).success).toBe(false);
});

describe('a choice', () => {
  test.each([
    [{}, 'There are no options. Write them down, one a line.'],
    [{ options: ['a', 'b'] }, 'Nothing is chosen. Choose one of: a, b.'],
    [{ options: ['a', 'b'], value: 'c' }, '"c" is none of the options. Choose one of: a, b.'],
  ])('%j does not run, and says why', async (config, message) => {
    await expect(runs.run(choiceExecutor, config)).rejects.toMatchObject({ code: 'NODE_DATA_INVALID', message });
    expect(choiceNode.check?.(choiceNode.configSchema.parse(config), new Set())).toEqual([{ field: 'value', message }]);
  });

  test('has no empty option', () => {
    expect(choiceNode.configSchema.safeParse({ options: ['a', ''] }).success).toBe(false);
  });
});
