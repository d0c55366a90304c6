import { useQuery } from '@tanstack/react-query';
import { CircleDashed, CircleMinus, CirclePlay, DatabaseZap, History, Play } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import type { PlanEntry } from '../../../core/api/run-plan.ts';
import type { RunMode } from '../../../core/run/status.ts';
import { ApiError } from '../../api/api-error.ts';
import { useApp, useMe } from '../../api/context.ts';
import { nameOf } from '../../graph/canvas-graph.ts';
import { isAskedFor } from '../../graph/input-mark.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Select } from '../../ui/Select.tsx';
import { Time } from '../../ui/Time.tsx';
import { countOf, formatCost } from '../../ui/format.ts';
import { useEnvironment, useWorkflow } from '../environment.ts';
import type { EditSession } from '../session/edit-session.ts';
import { askedInputs, firstValues, readForm } from './input-form.ts';
import { keptInputsOf } from './kept-inputs.ts';
import { PlanCost } from './PlanCost.tsx';

const outlooks = {
  executed: {
    icon: <CirclePlay size={15} aria-hidden className="text-accent-text" />,
    label: 'Runs',
    counted: 'executed',
  },
  unsure: {
    icon: <CircleDashed size={15} aria-hidden className="text-accent-text" />,
    label: 'May run',
    counted: 'executed or from the cache',
  },
  cached: {
    icon: <DatabaseZap size={15} aria-hidden className="text-status-cached" />,
    label: 'From the cache',
    counted: 'from the cache',
  },
  reuse: { icon: <History size={15} aria-hidden className="text-status-cached" />, label: 'Reused', counted: 'reused' },
  skip: {
    icon: <CircleMinus size={15} aria-hidden className="text-faint" />,
    label: 'Not included',
    counted: 'not included',
  },
};
type Outlook = keyof typeof outlooks;

function outlookOf({ action, forecast }: PlanEntry): Outlook {
  return action === 'run' ? (forecast ?? 'executed') : action;
}

/** What a run would do, node by node, before it is started. */
export function PlanDialog({
  workflowId,
  session,
  onClose,
}: {
  workflowId: number;
  session: EditSession;
  onClose(): void;
}) {
  const { api } = useApp();
  const { catalogue } = useEnvironment();
  const selectedNodes = useWorkflow((state) => state.selectedNodes);
  const nodes = useWorkflow((state) => state.nodes);
  const { runWorkflow, runPart } = session.store.getState();
  const { data: me } = useMe();
  /** What the form of a run begins with; it may have been something else by the time the run starts. */
  const inputsOfLastRun = async () => {
    if (!nodes.some((node) => isAskedFor(node, catalogue))) return {};
    const asked = askedInputs((await api.getInterface(workflowId)).inputs);
    return { inputs: readForm(asked, firstValues(asked, keptInputsOf(me?.id, workflowId).read())).inputs };
  };
  const [mode, setMode] = useState<RunMode>(selectedNodes.length > 0 ? 'selected' : 'all');
  const { data, error, isPending } = useQuery({
    queryKey: ['plan', workflowId, mode, selectedNodes],
    queryFn: async ({ signal }) => {
      await session.autosave.flush();
      const { version } = session.autosave.state.getState();
      const scope = mode === 'all' ? { mode, ...(await inputsOfLastRun()) } : { mode, nodeIds: selectedNodes };
      return api.planRun(workflowId, { ...scope, version }, signal);
    },
    gcTime: 0,
    retry: false,
  });
  const isInputMissing = error instanceof ApiError && error.code === 'RUN_INPUT_MISSING';
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const count = data?.nodes.filter(({ action }) => action === 'run').length ?? 0;
  return (
    <Dialog
      open
      title="What will run"
      width={560}
      onClose={onClose}
      footer={
        <Button
          variant="primary"
          disabled={data === undefined && !isInputMissing}
          onClick={() => {
            onClose();
            void (mode === 'all' ? runWorkflow() : runPart(mode, selectedNodes));
          }}
        >
          <Play size={14} aria-hidden /> Run {data === undefined ? '' : countOf(count, 'node')}
        </Button>
      }
    >
      <Select
        label="Scope"
        value={mode}
        groups={[
          {
            options: [
              { value: 'all', label: 'The whole workflow' },
              { value: 'selected', label: 'The selected nodes', disabled: selectedNodes.length === 0 },
              { value: 'from', label: 'The selection and everything downstream', disabled: selectedNodes.length === 0 },
              { value: 'to', label: 'The selection and everything upstream', disabled: selectedNodes.length === 0 },
            ],
          },
        ]}
        onChange={(next) => setMode(next as RunMode)}
      />
      {data !== undefined && <Summary entries={data.nodes} />}
      {data !== undefined && <PlanCost entries={data.nodes} workflowId={workflowId} />}
      <ul className="mt-3 min-h-24">
        {isPending && [0, 1, 2].map((row) => <li key={row} className="skeleton mb-2 h-8" />)}
        {error !== null && (
          <li className="rounded-md bg-danger-soft px-3 py-2 text-danger">
            {isInputMissing ? missingInput : error.message}
          </li>
        )}
        {data?.nodes.map((entry) => {
          const node = byId.get(entry.nodeId);
          const outlook = outlooks[outlookOf(entry)];
          return (
            <li key={entry.nodeId} className="flex items-start gap-2.5 border-b border-line py-1.5 last:border-0">
              <span className="mt-0.5">{outlook.icon}</span>
              <span className="min-w-0 flex-1">
                <span className="flex justify-between gap-3">
                  <span className="truncate font-medium">
                    {node === undefined ? entry.nodeId : nameOf(node, catalogue.get(node.type ?? '')?.title)}
                  </span>
                  <span className="text-xs whitespace-nowrap text-muted">
                    {entry.costUsd !== null && entry.costUsd > 0 && `about ${formatCost(entry.costUsd)} · `}
                    {outlook.label}
                  </span>
                </span>
                <span className="block text-xs text-faint">
                  {entry.cachedFrom === null ? entry.reason : <Source {...entry.cachedFrom} />}
                </span>
              </span>
            </li>
          );
        })}
      </ul>
    </Dialog>
  );
}

const missingInput = 'This workflow needs values that no run from here had yet. Run it to fill them in.';

/** How many nodes have which outlook, and that it is one. */
function Summary({ entries }: { entries: readonly PlanEntry[] }) {
  const counts = (Object.keys(outlooks) as Outlook[]).map((outlook) => ({
    outlook,
    count: entries.filter((entry) => outlookOf(entry) === outlook).length,
  }));
  const isForecast = counts.some(({ outlook, count }) => count > 0 && (outlook === 'cached' || outlook === 'unsure'));
  return (
    <p role="status" className="mt-2 text-xs text-muted">
      {counts
        .filter(({ count }) => count > 0)
        .map(({ outlook, count }) => `${count.toLocaleString()} ${outlooks[outlook].counted}`)
        .join(' · ')}
      {isForecast && '. This is a forecast; changes made in the meantime can affect it.'}
    </p>
  );
}

/** Where a result in the cache comes from. */
function Source({ run, madeAt }: NonNullable<PlanEntry['cachedFrom']>) {
  if (run === null) {
    return (
      <>
        Same settings and inputs as <Time at={madeAt} />, in an older run or another workflow.
      </>
    );
  }
  return (
    <>
      Same settings and inputs as in{' '}
      <Link to={`/runs/${run.id}`} className="underline hover:text-ink">
        the run started <Time at={run.createdAt} />
      </Link>
      .
    </>
  );
}
