import { useQuery } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { Link } from 'react-router';
import { budgetsSchema } from '../../../core/api/budgets.ts';
import type { PlanEntry } from '../../../core/api/run-plan.ts';
import { useApp } from '../../api/context.ts';
import { fieldsOf } from '../../graph/form-fields.ts';
import { useEnvironment, useWorkflow } from '../environment.ts';
import { budgetsInTheWay, costWords, expectedCost } from './plan-cost.ts';

/** About how much the models of a run will cost, and which budget has no room for that. Nothing where no model is asked. */
export function PlanCost({ entries, workflowId }: { entries: readonly PlanEntry[]; workflowId: number }) {
  const { api } = useApp();
  const { catalogue } = useEnvironment();
  const nodes = useWorkflow((state) => state.nodes);
  const asksModels = (nodeId: string) => {
    const info = catalogue.get(nodes.find(({ id }) => id === nodeId)?.type ?? '');
    return info !== undefined && fieldsOf(info.schema).some(({ control }) => control === 'model');
  };
  const cost = expectedCost(entries, asksModels);
  const isPaid = cost.usd > 0 || cost.unknown > 0;
  const { data } = useQuery({
    queryKey: ['budgets'],
    queryFn: () => api.request('/api/budgets', { schema: budgetsSchema }),
    enabled: isPaid,
  });
  if (!isPaid) return null;
  const full = budgetsInTheWay(data?.items ?? [], workflowId, cost.usd);
  return (
    <div className="mt-1 text-xs text-muted">
      <p>{costWords(cost)}</p>
      {full.map(({ id, words }) => (
        <p key={id} role="alert" className="mt-1 flex items-start gap-1.5 text-danger">
          <TriangleAlert size={13} className="mt-0.5 shrink-0" aria-hidden />
          <span>
            {words}{' '}
            <Link to="/settings#budgets" className="font-semibold underline">
              Budgets
            </Link>
          </span>
        </p>
      ))}
    </div>
  );
}
