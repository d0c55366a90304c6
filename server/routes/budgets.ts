import { z } from 'zod';
import { budgetsSchema, maxBudgets, saveBudgetBodySchema, type Budgets } from '../../core/api/budgets.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { listBudgets } from '../../db/budgets/list.ts';
import { deleteBudget, saveBudget } from '../../db/budgets/save.ts';
import { sumDirectModelCalls, sumModelCalls } from '../../db/model-calls/sums.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import type { ServerDependencies } from './deps.ts';

/** How much calls of models may cost, and what they did. Workers and direct calls hold to it before each call. */
export function budgetRoutes({ pool }: ServerDependencies): AnyRoute[] {
  async function shown(userId: string): Promise<Budgets> {
    const [items, spent, spentDirectly] = await Promise.all([
      listBudgets(pool, userId),
      sumModelCalls(pool, userId),
      sumDirectModelCalls(pool, userId),
    ]);
    return { items, spent, spentDirectly };
  }

  return [
    defineRoute({
      method: 'get',
      path: '/api/budgets',
      tag: 'Account',
      summary: 'Budgets for model calls, and what this month was spent on',
      auth: 'user',
      scope: 'read',
      place: { of: 'workspace', role: 'viewer' },
      responses: { 200: { description: 'Those of all workflows first.', schema: budgetsSchema } },
      handler: async ({ scope }) => ({ status: 200, body: await shown(scope.workspaceId) }),
    }),
    defineRoute({
      method: 'put',
      path: '/api/budgets',
      tag: 'Account',
      summary: 'Save a budget; a call that it has no room for is not made, and its node fails with BUDGET_EXCEEDED',
      auth: 'user',
      scope: 'account',
      place: { of: 'workspace', role: 'admin' },
      isClosedToViewers: true,
      notFound: 'WORKFLOW_NOT_FOUND',
      body: saveBudgetBodySchema,
      audit: { action: 'budget.save', subject: 'budget' },
      responses: { 200: { description: 'As the list shows them now.', schema: budgetsSchema } },
      handler: async ({ scope, body }) => {
        const userId = scope.workspaceId;
        const outcome = await saveBudget(pool, { userId, ...body }, maxBudgets);
        if (outcome === 'unknown') {
          throw new TerminalError(
            'WORKFLOW_NOT_FOUND',
            `There is no workflow ${body.workflowId} here. Choose another one, or leave it out for all workflows.`,
          );
        }
        if (outcome === 'full') {
          throw new TerminalError('BUDGETS_FULL', `There are ${maxBudgets} budgets, which is the limit. Delete one.`);
        }
        return { status: 200, body: await shown(userId), audit: { id: `${body.workflowId ?? 'all'} ${body.period}` } };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/api/budgets/:budgetId',
      tag: 'Account',
      summary: 'Delete a budget',
      auth: 'user',
      scope: 'account',
      place: { of: 'workspace', role: 'admin' },
      notFound: 'BUDGET_NOT_FOUND',
      params: z.object({ budgetId: z.uuid() }),
      audit: { action: 'budget.delete', subject: 'budget' },
      responses: { 204: { description: 'It is gone.' } },
      handler: async ({ scope, params: { budgetId } }) => {
        if (await deleteBudget(pool, scope.workspaceId, budgetId)) return { status: 204, audit: { id: budgetId } };
        throw new TerminalError('BUDGET_NOT_FOUND', 'There is no such budget. Choose one from the list.');
      },
    }),
  ];
}
