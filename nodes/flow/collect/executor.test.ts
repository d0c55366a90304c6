import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { NodeInputs } from '../../../core/node-type/values.ts';
import { makePicture } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { collectNode } from './definition.ts';
import { collectExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

const collect = async (data: object, inputs: object) =>
  (await runs.run(collectExecutor, data, inputs as NodeInputs))['output'];

test.each([
  [{}, { items: [['a', 'b'], 'c', ['d']] }, ['a', 'b', 'c', 'd']],
  [{}, { items: [[], []] }, []],
  [{}, {}, []],
  // Missing since they failed.
  [{}, { items: [['a', null], null] }, ['a']],
  [{ mode: 'join' }, { items: [['a', 2], true] }, 'a\n2\ntrue'],
  [{ mode: 'join', separator: ', ' }, { items: [['a', null, 'b']] }, 'a, b'],
  [{ mode: 'join' }, {}, ''],
  [{ mode: 'first' }, { items: [[], [null, 'b'], 'c'] }, 'b'],
  [{ mode: 'count' }, { items: [['a', null], 'b'] }, 2],
  [{ mode: 'best' }, { items: [['a', 'b', 'c']], scores: [1, 3, 3] }, 'b'],
  [{ mode: 'best' }, { items: ['a', ['b']], scores: ['-2', -1.5] }, 'b'],
  [{ mode: 'best' }, { items: [['a', null, 'c']], scores: [1, 9, null] }, 'a'],
])('%j of %j', async (data, inputs, expected) => {
  expect(await collect(data, inputs)).toEqual(expected);
});

test('files stay what they are', async () => {
  const asset = await runs.assetOf(await makePicture('png'));
  expect(await collect({}, { items: [[asset], asset] })).toEqual([asset, asset]);
  await expect(collect({ mode: 'join' }, { items: [asset] })).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
});

test.each([
  [{ mode: 'first' }, { items: [[], [null]] }, 'INPUT_MISSING'],
  [{ mode: 'best' }, { items: [[]], scores: [] }, 'INPUT_MISSING'],
  [{ mode: 'best' }, { items: [['a', 'b']], scores: [1] }, 'LIST_LENGTHS_DIFFER'],
  [{ mode: 'best' }, { items: [['a']], scores: ['good'] }, 'TYPE_MISMATCH'],
])('%j of %j is refused', async (data, inputs, code) => {
  await expect(collect(data, inputs)).rejects.toMatchObject({ code });
});

test('its output is of the type that its result has', () => {
  const typeOf = (mode: string) => collectNode.handles?.(collectNode.configSchema.parse({ mode })).outputs[0];
  expect(typeOf('append')).toMatchObject({ dataType: 'list<any>', follows: { as: 'list' } });
  expect(typeOf('best')).toMatchObject({ dataType: 'any', follows: { as: 'element' } });
  expect([typeOf('join')?.dataType, typeOf('count')?.dataType]).toEqual(['text', 'number']);
});

test('the best one needs scores', () => {
  const config = collectNode.configSchema.parse({ mode: 'best' });
  expect(collectNode.check?.(config, new Set(['items']))).toMatchObject([{ field: 'scores' }]);
  expect(collectNode.check?.(config, new Set(['items', 'scores']))).toEqual([]);
});
