import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { countedFrames } from '../../../testing/film-facts.ts';
import { makeCountingClip } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { trimVideoExecutor } from './executor.ts';
import { trimVideoNode } from './definition.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

test('gives the part, and says how it was cut', async () => {
  const video = await runs.assetOf(await makeCountingClip());
  const part = await runs.run(trimVideoExecutor, { from: '1.2', to: '50%' }, { video });
  expect(await countedFrames(await runs.fileOf(part['output']))).toEqual([12, 13, 14]);
  expect(part['note']).toBe('Encoded anew, as the first frame depends on frames before it.');
  const whole = await runs.run(trimVideoExecutor, {}, { video });
  expect(whole['note']).toBe('Copied without any loss.');
});

test.each<[string, string, string[]]>([
  ['0', '100%', []],
  ['10%', '5', []],
  ['soon', '5', ['from']],
  ['1', '101%', ['to']],
  ['5', '4', ['to']],
  ['50%', '50%', ['to']],
  ['100%', '100%', ['to']],
])('a part from %s to %s is checked before a run', (from, to, fields) => {
  const findings = trimVideoNode.check!({ from, to, encode: false }, new Set());
  expect(findings.map(({ field }) => field)).toEqual(fields);
});

test('a wrong moment and a missing edge are refused', async () => {
  await expect(runs.run(trimVideoExecutor, { from: 'soon' })).rejects.toMatchObject({ code: 'TIMESTAMP_INVALID' });
  await expect(runs.run(trimVideoExecutor, {})).rejects.toMatchObject({ code: 'INPUT_MISSING' });
});
