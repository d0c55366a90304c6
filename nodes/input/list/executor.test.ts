import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makePicture } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { listNode } from './definition.ts';
import { listExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

const listed = async (data: object) => (await runs.run(listExecutor, data))['output'];
const found = (data: object) => listNode.check?.(listNode.configSchema.parse(data), new Set());

test.each([
  [{}, []],
  [{ items: ['b', 'a', 'b'] }, ['b', 'a', 'b']],
  [{ items: ['  kept as it is ', 1, { a: 1 }] }, ['  kept as it is ', '1', '{"a":1}']],
  [{ type: 'number', items: [1, '2', ' -0.5 '] }, [1, 2, -0.5]],
  [{ type: 'boolean', items: [true, 'no', 'Yes', 'false'] }, [true, false, true, false]],
  [{ type: 'json', items: [{ a: 1 }, '{"b": [2]}', '3', 'words'] }, [{ a: 1 }, { b: [2] }, 3, 'words']],
  [{ type: 'any', items: [null, 'x'] }, [null, 'x']],
])('%j', async (data, expected) => {
  expect(await listed(data)).toEqual(expected);
  expect(found(data)).toEqual([]);
  const config = listNode.configSchema.parse(data);
  expect(listNode.outputsAhead?.(config)).toEqual({ output: { value: expected } });
  expect([listNode.costClass(config), listNode.isDeterministic(config)]).toEqual(['inline', true]);
});

test.each([
  [{ type: 'number', items: ['1', 'two'] }, 'Item 2: "two" is not a number.'],
  [{ type: 'number', items: [''] }, 'Item 1: "" is not a number.'],
  [{ type: 'boolean', items: ['maybe'] }, 'Item 1: "maybe" is neither yes nor no.'],
  [{ type: 'image', items: [' '] }, 'Item 1: There is no image here. Upload a file'],
])('%j says which item does not fit, before a run and in it', async (data, message) => {
  const expected: unknown = expect.stringContaining(message);
  expect(found(data)).toEqual([{ field: expect.stringMatching(/^items\.\d$/), message: expected }]);
  await expect(listed(data)).rejects.toMatchObject({ code: 'NODE_DATA_INVALID', message: expected });
});

describe('files', () => {
  test('come in the order of their addresses, each as an asset', async () => {
    const pictures = await Promise.all([
      makePicture('png', 40, 30),
      makePicture('jpeg', 20, 30),
      makePicture('webp', 10, 30),
    ]);
    const assets = [];
    for (const picture of pictures) assets.push(await runs.assetOf(picture));
    const items = [...assets.map(({ url }) => url), ...assets.map(({ url }) => url)];
    const told: number[] = [];
    const { output } = await runs.run(
      listExecutor,
      { type: 'image', items },
      {},
      { progress: (percent) => void told.push(percent) },
    );
    expect(output).toEqual([...assets, ...assets]);
    expect(told).toEqual([100]);
    const config = listNode.configSchema.parse({ type: 'image', items });
    expect([listNode.costClass(config), listNode.isDeterministic(config)]).toEqual(['inline', true]);
  });

  test('of the wrong kind are refused', async () => {
    const { url } = await runs.assetOf(await makePicture('png'));
    await expect(listed({ type: 'video', items: [url] })).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
  });

  test('that have to be fetched first are no look-up', () => {
    const config = listNode.configSchema.parse({ type: 'image', items: ['https://example.org/a.png'] });
    expect([listNode.costClass(config), listNode.isDeterministic(config)]).toEqual(['io', false]);
    expect(listNode.outputsAhead?.(config)).toBeNull();
  });
});

test('its output is a list of its type', () => {
  const outputOf = (type: string) => listNode.handles?.(listNode.configSchema.parse({ type })).outputs[0]?.dataType;
  expect([outputOf('text'), outputOf('video'), outputOf('any')]).toEqual(['list<text>', 'list<video>', 'list<any>']);
});
