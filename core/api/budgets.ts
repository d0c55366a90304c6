import { z } from 'zod';

/** Budgets that one user may have. */
export const maxBudgets = 100;

const periodSchema = z.enum(['run', 'day', 'month']);

/** How much calls of models may cost. Takes the place of an earlier one for the same workflow and period. */
export const saveBudgetBodySchema = z
  .strictObject({
    /** Null: all workflows together. */
    workflowId: z.int().positive().nullable().default(null),
    /** Of each run, or of each day or month by UTC. */
    period: periodSchema,
    /** US dollars. 0 stops every call that costs something. */
    limitUsd: z.number().min(0).max(1_000_000),
  })
  .meta({ id: 'SaveBudget' });
export type SaveBudgetBody = z.input<typeof saveBudgetBodySchema>;

const budgetSchema = z
  .object({
    id: z.uuid(),
    workflowId: z.int().nullable(),
    workflowName: z.string().nullable(),
    period: periodSchema,
    limitUsd: z.number(),
    /** In the day or month that is under way, with what calls that are under way will probably cost; null: of each run. */
    spentUsd: z.number().nullable(),
  })
  .meta({ id: 'Budget' });

/** Budgets, and what this month was spent on. */
export const budgetsSchema = z
  .object({
    items: z.array(budgetSchema),
    /** Of the month that is under way, by UTC; the most expensive first. */
    spent: z.array(
      z.object({
        workflowId: z.int(),
        /** Null: it was deleted. */
        workflowName: z.string().nullable(),
        provider: z.string(),
        model: z.string(),
        calls: z.int(),
        usd: z.number(),
      }),
    ),
    /** The same of calls that no node made (`POST /api/llm/execute`). */
    spentDirectly: z.array(z.object({ provider: z.string(), model: z.string(), calls: z.int(), usd: z.number() })),
  })
  .meta({ id: 'Budgets' });
export type Budgets = z.infer<typeof budgetsSchema>;
