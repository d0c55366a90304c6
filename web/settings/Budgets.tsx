import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { z } from 'zod';
import { budgetsSchema, type Budgets as BudgetList, type SaveBudgetBody } from '../../core/api/budgets.ts';
import { allows } from '../../core/scope.ts';
import { useRoleHere } from '../workspaces/use-workspaces.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { Button } from '../ui/Button.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { formatCost } from '../ui/format.ts';
import { Select } from '../ui/Select.tsx';

const queryKey = ['budgets'];
type Period = SaveBudgetBody['period'];
const periods: Readonly<Record<Period, string>> = { run: 'Each run', day: 'Each day (UTC)', month: 'Each month (UTC)' };

/** What calls of models may cost, and what they did this month. */
export function Budgets() {
  const { api, queries, notify } = useApp();
  const mayChange = allows(useRoleHere(), 'admin');
  const budgets = useQuery({ queryKey, queryFn: () => api.request('/api/budgets', { schema: budgetsSchema }) });
  const refresh = () => void queries.invalidateQueries({ queryKey });
  const remove = (id: string) =>
    api
      .request(`/api/budgets/${id}`, { method: 'DELETE', schema: z.undefined() })
      .then(refresh, (error: Error) => notify({ title: 'Not deleted', description: error.message, kind: 'error' }));
  const save = (body: SaveBudgetBody) =>
    api.request('/api/budgets', { method: 'PUT', body, schema: budgetsSchema }).then(refresh);
  return (
    <>
      <ul aria-label="Budgets" className="flex flex-col">
        {budgets.data?.items.map((budget) => (
          <BudgetLine key={budget.id} budget={budget} onDelete={mayChange ? () => void remove(budget.id) : null} />
        ))}
        {budgets.isPending && <li className="skeleton h-10" />}
        {budgets.error !== null && <li className="text-danger">{budgets.error.message}</li>}
      </ul>
      {mayChange ? (
        <NewBudget onSave={save} />
      ) : (
        <p className="mt-2 text-xs text-muted">Admins of the workspace set budgets.</p>
      )}
      <Spent spent={budgets.data?.spent ?? []} directly={budgets.data?.spentDirectly ?? []} />
    </>
  );
}

function BudgetLine({ budget, onDelete }: { budget: BudgetList['items'][number]; onDelete: (() => void) | null }) {
  const { workflowId, workflowName, period, limitUsd, spentUsd } = budget;
  const name = workflowId === null ? 'All workflows' : (workflowName ?? `Workflow ${workflowId}`);
  return (
    <li className="flex items-center gap-3 border-b border-line py-2 last:border-0">
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">{name}</span>
        <span className="block text-xs text-muted">
          {periods[period]}: {spentUsd === null ? 'up to ' : `${formatCost(spentUsd)} of `}
          {formatCost(limitUsd)}
        </span>
      </span>
      {onDelete !== null && (
        <Button size="sm" aria-label={`Delete the budget of ${name}, ${periods[period]}`} onClick={onDelete}>
          Delete
        </Button>
      )}
    </li>
  );
}

/** Of all workflows, as a choice beside their ids. */
const all = 'all';

/** So many are offered; the others have a budget by the API. */
const mostOffered = 100;

function NewBudget({ onSave }: { onSave: (body: SaveBudgetBody) => Promise<void> }) {
  const { api } = useApp();
  const [workflow, setWorkflow] = useState(all);
  const workflows = useQuery({
    queryKey: [...queryKeys.workflows, 'for budgets'],
    queryFn: async () => (await api.listWorkflows({ limit: mostOffered })).items,
  });
  const [period, setPeriod] = useState<Period>('month');
  const [limit, setLimit] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const limitUsd = Number(limit.replace(',', '.'));
  const isNumber = limit.trim() !== '' && Number.isFinite(limitUsd) && limitUsd >= 0;

  function save(event: FormEvent) {
    event.preventDefault();
    setProblem(null);
    onSave({ workflowId: workflow === all ? null : Number(workflow), period, limitUsd }).then(
      () => setLimit(''),
      (error: Error) => setProblem(error.message),
    );
  }

  return (
    <form className="mt-2 flex flex-wrap items-end gap-2" onSubmit={save}>
      <Select
        label="Workflows it covers"
        value={workflow}
        groups={[
          { options: [{ value: all, label: 'All workflows' }] },
          { options: (workflows.data ?? []).map(({ id, name }) => ({ value: String(id), label: name })) },
        ]}
        width="w-44"
        onChange={setWorkflow}
      />
      <Select
        label="Period of the budget"
        value={period}
        groups={[{ options: Object.entries(periods).map(([value, label]) => ({ value, label })) }]}
        width="w-40"
        onChange={(value) => setPeriod(value as Period)}
      />
      <Field label="US dollars">
        {({ id }) => (
          <TextInput
            id={id}
            inputMode="decimal"
            value={limit}
            placeholder="20"
            onChange={(event) => setLimit(event.target.value)}
          />
        )}
      </Field>
      <Button size="sm" type="submit" disabled={!isNumber}>
        Set budget
      </Button>
      {problem !== null && (
        <p role="alert" className="w-full text-xs text-danger">
          {problem}
        </p>
      )}
    </form>
  );
}

function Spent({ spent, directly }: { spent: BudgetList['spent']; directly: BudgetList['spentDirectly'] }) {
  const lines = [
    ...spent.map(({ workflowName, ...line }) => ({ ...line, of: workflowName ?? 'Deleted workflow' })),
    ...directly.map((line) => ({ ...line, workflowId: null, of: 'Direct calls' })),
  ];
  if (lines.length === 0) return null;
  return (
    <table aria-label="Spent this month" className="mt-4 w-full text-left text-xs">
      <thead className="text-muted">
        <tr>
          <th className="py-1 font-medium">This month</th>
          <th className="py-1 font-medium">Model</th>
          <th className="py-1 text-right font-medium">Calls</th>
          <th className="py-1 text-right font-medium">About</th>
        </tr>
      </thead>
      <tbody>
        {lines.map(({ workflowId, of, provider, model, calls, usd }) => (
          <tr key={`${workflowId} ${provider} ${model}`} className="border-t border-line">
            <td className="max-w-40 truncate py-1">{of}</td>
            <td className="max-w-40 truncate py-1">{model}</td>
            <td className="py-1 text-right">{calls}</td>
            <td className="py-1 text-right">{formatCost(usd)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
