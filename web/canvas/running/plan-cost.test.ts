import { expect, test } from '@jest/globals';
import type { Budgets } from '../../../core/api/budgets.ts';
import type { PlanEntry } from '../../../core/api/run-plan.ts';
import { budgetsInTheWay, costWords, expectedCost } from './plan-cost.ts';

const entry = (nodeId: string, change: Partial<PlanEntry>): PlanEntry => ({
  ...{
    nodeId,
    action: 'run',
    reason: '',
    repeats: 1,
    repeatsAtMost: null,
    forecast: 'executed',
    cachedFrom: null,
    costUsd: 0,
  },
  ...change,
});

test('the cost of a run is that of its nodes that ask a model; others count for nothing, also where theirs is not known', () => {
  const entries = [
    entry('a', { costUsd: 0.1 }),
    entry('b', { costUsd: 0.25 }),
    entry('c', { costUsd: null }),
    entry('resize', { costUsd: null }),
    entry('reused', { action: 'reuse', costUsd: 0 }),
  ];
  const cost = expectedCost(entries, (nodeId) => nodeId !== 'resize');
  expect(cost).toEqual({ usd: 0.35, unknown: 1 });
  expect(costWords(cost)).toBe(
    'Models will cost about $0.35, judging by earlier runs; the cost of 1 node is not known yet.',
  );
  expect(costWords({ usd: 0, unknown: 2 })).toBe('What 2 nodes will cost is not known yet.');
  expect(costWords({ usd: 1.2, unknown: 0 })).toBe('Models will cost about $1.20, judging by earlier runs.');
});

test('budgets without room are named, those of other workflows are not', () => {
  const budget = (change: Partial<Budgets['items'][number]>): Budgets['items'][number] => ({
    ...{ id: 'b', workflowId: null, workflowName: null, period: 'month', limitUsd: 1, spentUsd: 0.8 },
    ...change,
  });
  const words = (budgets: Budgets['items'], usd: number) =>
    budgetsInTheWay(budgets, 7, usd).map(({ words: text }) => text);
  expect(words([budget({})], 0.1)).toEqual([]);
  expect(words([budget({})], 0.3)).toEqual([
    'The budget for this month (UTC) is $1.00, and $0.8 of it is spent: calls that do not fit will not be made.',
  ]);
  expect(words([budget({ workflowId: 8 })], 5)).toEqual([]);
  expect(words([budget({ workflowId: 7, period: 'run', limitUsd: 0.2, spentUsd: null })], 0.3)).toEqual([
    'The budget of this workflow for each run is $0.2: calls that do not fit will not be made.',
  ]);
  // A budget that is used up stops what costs nobody knows how much as well.
  expect(words([budget({ spentUsd: 1 })], 0)).toHaveLength(1);
});
