import { expect, test } from '@jest/globals';
import { graphSchema } from './graph.ts';
import { runTimeoutOf, type WorkflowSettings } from './settings.ts';

const timeouts = { defaultMs: 3_600_000, mostMs: 86_400_000 };

test.each([
  [undefined, 3_600_000],
  [{}, 3_600_000],
  [{ runTimeoutMs: 1_000 }, 1_000],
  [{ runTimeoutMs: 7_200_000 }, 7_200_000],
  [{ runTimeoutMs: 604_800_000 }, 86_400_000],
  // Of a graph from before there were settings.
  [{ runTimeoutMs: 'an hour' }, 3_600_000],
])('a run of a workflow with the settings %j may take %i ms', (settings, ms) => {
  expect(runTimeoutOf(settings as WorkflowSettings | undefined, timeouts)).toBe(ms);
});

test.each([999, 604_800_001, 1.5, '5', null])('a graph with a time limit of %p is refused', (runTimeoutMs) => {
  const { error } = graphSchema.safeParse({ nodes: [], edges: [], settings: { runTimeoutMs } });
  expect(error!.issues.map(({ path }) => path.join('.'))).toEqual(['settings.runTimeoutMs']);
});
