import type { Budgets } from '../../../core/api/budgets.ts';
import type { PlanEntry } from '../../../core/api/run-plan.ts';
import { countOf, formatCost } from '../../ui/format.ts';

/** What the models of a run will probably cost. */
export interface ExpectedCost {
  readonly usd: number;
  /** Nodes that ask a model, and of which nobody knows what that costs. */
  readonly unknown: number;
}

/** `asksModels`: whether a node calls a model, so that it may cost something. */
export function expectedCost(entries: readonly PlanEntry[], asksModels: (nodeId: string) => boolean): ExpectedCost {
  const running = entries.filter(({ action, nodeId }) => action === 'run' && asksModels(nodeId));
  return {
    usd: running.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0),
    unknown: running.filter(({ costUsd }) => costUsd === null).length,
  };
}

/** "Models will cost about $0.12, judging by earlier runs; the cost of 2 nodes is not known yet." */
export function costWords({ usd, unknown }: ExpectedCost): string {
  if (usd === 0) return `What ${countOf(unknown, 'node')} will cost is not known yet.`;
  const rest = unknown === 0 ? '' : `; the cost of ${countOf(unknown, 'node')} is not known yet`;
  return `Models will cost about ${formatCost(usd)}, judging by earlier runs${rest}.`;
}

const periods = { run: 'for each run', day: 'for today (UTC)', month: 'for this month (UTC)' };

/** Budgets that have no room for a run that costs so much, in words; the workflow's own and those of all. */
export function budgetsInTheWay(
  budgets: Budgets['items'],
  workflowId: number,
  usd: number,
): readonly { readonly id: string; readonly words: string }[] {
  return budgets
    .filter((budget) => budget.workflowId === null || budget.workflowId === workflowId)
    .filter(({ limitUsd, spentUsd }) => {
      const spent = spentUsd ?? 0;
      return spent >= limitUsd || spent + usd > limitUsd;
    })
    .map(({ id, period, limitUsd, spentUsd, workflowId: own }) => {
      const whose = own === null ? 'The budget' : 'The budget of this workflow';
      const spent = spentUsd === null || spentUsd === 0 ? '' : `, and ${formatCost(spentUsd)} of it is spent`;
      return {
        id,
        words: `${whose} ${periods[period]} is ${formatCost(limitUsd)}${spent}: calls that do not fit will not be made.`,
      };
    });
}
