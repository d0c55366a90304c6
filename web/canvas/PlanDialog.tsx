import { useQuery } from '@tanstack/react-query';
import { CirclePlay, CircleMinus, History, Play } from 'lucide-react';
import { useState } from 'react';
import type { RunMode } from '../../core/run/status.ts';
import { useApp } from '../api/context.ts';
import { nameOf } from '../graph/canvas-graph.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Select } from '../ui/Select.tsx';
import { countOf } from '../ui/format.ts';
import { useEnvironment, useWorkflow } from './environment.ts';
import type { WorkflowSession } from './workflow-session.ts';

const actions = {
  run: { icon: <CirclePlay size={15} aria-hidden className="text-accent-text" />, label: 'Runs' },
  reuse: { icon: <History size={15} aria-hidden className="text-status-cached" />, label: 'Reused' },
  skip: { icon: <CircleMinus size={15} aria-hidden className="text-faint" />, label: 'Left out' },
};

/** What a run would do, node by node, before it is started. */
export function PlanDialog({
  workflowId,
  session,
  onClose,
}: {
  workflowId: number;
  session: WorkflowSession;
  onClose(): void;
}) {
  const { api } = useApp();
  const { catalogue } = useEnvironment();
  const selectedNodes = useWorkflow((state) => state.selectedNodes);
  const nodes = useWorkflow((state) => state.nodes);
  const { runWorkflow, runPart } = session.store.getState();
  const [mode, setMode] = useState<RunMode>(selectedNodes.length > 0 ? 'selected' : 'all');
  const { data, error, isPending } = useQuery({
    queryKey: ['plan', workflowId, mode, selectedNodes],
    queryFn: async ({ signal }) => {
      await session.autosave?.flush();
      return api.planRun(workflowId, mode === 'all' ? { mode } : { mode, nodeIds: selectedNodes }, signal);
    },
    gcTime: 0,
    retry: false,
  });
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
          disabled={data === undefined}
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
              { value: 'from', label: 'The selection and everything after it', disabled: selectedNodes.length === 0 },
              { value: 'to', label: 'The selection and everything before it', disabled: selectedNodes.length === 0 },
            ],
          },
        ]}
        onChange={(next) => setMode(next as RunMode)}
      />
      <ul className="mt-3 min-h-24">
        {isPending && [0, 1, 2].map((row) => <li key={row} className="skeleton mb-2 h-8" />)}
        {error !== null && <li className="rounded-md bg-danger-soft px-3 py-2 text-danger">{error.message}</li>}
        {data?.nodes.map(({ nodeId, action, reason }) => {
          const node = byId.get(nodeId);
          return (
            <li key={nodeId} className="flex items-start gap-2.5 border-b border-line py-1.5 last:border-0">
              <span className="mt-0.5">{actions[action].icon}</span>
              <span className="min-w-0 flex-1">
                <span className="flex justify-between gap-3">
                  <span className="truncate font-medium">
                    {node === undefined ? nodeId : nameOf(node, catalogue.get(node.type ?? '')?.title)}
                  </span>
                  <span className="text-xs text-muted">{actions[action].label}</span>
                </span>
                {reason !== '' && <span className="block text-xs text-faint">{reason}</span>}
              </span>
            </li>
          );
        })}
      </ul>
    </Dialog>
  );
}
