import { useQuery } from '@tanstack/react-query';
import { CircleArrowUp, Maximize2 } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { callContractSchema, type CallContract } from '../../../core/graph/call-contract.ts';
import { useApp } from '../../../web/api/context.ts';
import { useIsReadOnly, useNodeData, useNodeResult, useUpdateNode } from '../../../web/canvas/node/use-node.ts';
import { CalledRunDialog } from '../../../web/runs/CalledRunDialog.tsx';
import { Button } from '../../../web/ui/Button.tsx';
import { Select } from '../../../web/ui/Select.tsx';
import type { NodeEditorProps } from '../../../web/ui/node-editor.ts';
import { contractChanges } from './contract-changes.ts';
import { callsApi } from '../../../web/publishing/calls-api.ts';

/** Workflows to choose from. */
const mostWorkflows = 100;

/** See `callWorkflowEditor`. */
export function CallEditor({ nodeId }: NodeEditorProps) {
  const { api, notify } = useApp();
  const data = useNodeData(nodeId);
  const update = useUpdateNode(nodeId);
  const isReadOnly = useIsReadOnly();
  const { run } = useNodeResult(nodeId);
  const [isOpen, setIsOpen] = useState(false);
  const workflowId = typeof data['workflowId'] === 'number' ? data['workflowId'] : null;
  const kept = callContractSchema.safeParse(data['contract']).data ?? null;
  const workflows = useQuery({
    queryKey: ['callable-workflows'],
    queryFn: () => api.listWorkflows({ limit: mostWorkflows }),
    enabled: !isReadOnly,
    staleTime: 60_000,
  });
  const live = useQuery({
    queryKey: ['workflow-contract', workflowId],
    queryFn: () => callsApi(api).contract(workflowId!, null),
    enabled: workflowId !== null && !isReadOnly,
    staleTime: 30_000,
    retry: false,
  });

  const choose = async (id: number, version: number | 'live' | null) => {
    try {
      const contract = await callsApi(api).contract(id, typeof version === 'number' ? version : null);
      update({ workflowId: id, version: version ?? contract.version, contract: keptOf(contract) });
    } catch (error) {
      notify({
        title: 'This workflow cannot be called',
        description: error instanceof Error ? error.message : String(error),
        kind: 'error',
      });
    }
  };

  const items = workflows.data?.items ?? [];
  const options = items.map(({ id, name }) => ({ value: String(id), label: name }));
  const chosen = workflowId === null ? '' : String(workflowId);
  const known = options.some(({ value }) => value === chosen) || chosen === '';
  const version = typeof data['version'] === 'number' ? data['version'] : 'live';
  const isNewer = live.data !== undefined && kept !== null && live.data.version !== kept.version;
  const changes = isNewer ? contractChanges(kept, live.data) : [];
  return (
    <div className="flex flex-col gap-2">
      <Select
        label="Workflow to call"
        value={chosen}
        groups={[{ options: known ? options : [{ value: chosen, label: kept?.name ?? chosen }, ...options] }]}
        placeholder={workflows.isPending ? 'Loading …' : 'Choose a workflow'}
        disabled={isReadOnly}
        className="nodrag"
        onChange={(value) => void choose(Number(value), null)}
      />
      {workflowId !== null && (
        <Select
          label="Version to call"
          value={String(version)}
          groups={[
            {
              options: [
                ...(kept === null ? [] : [{ value: String(kept.version), label: `Version ${kept.version}` }]),
                { value: 'live', label: 'What is live', hint: 'As it is when a run begins' },
              ],
            },
          ]}
          disabled={isReadOnly}
          className="nodrag"
          onChange={(value) => void choose(workflowId, value === 'live' ? 'live' : Number(value))}
        />
      )}
      {live.error !== null && (
        <p className="rounded-md bg-danger-soft px-2 py-1.5 text-xs text-danger">{live.error.message}</p>
      )}
      {isNewer && (
        <div className="flex flex-col gap-1 rounded-md bg-accent-soft px-2 py-1.5 text-xs text-accent-text">
          <span className="flex items-center justify-between gap-2">
            <span>
              Version {live.data.version} is live; this is {kept.version}.
            </span>
            <Button
              size="sm"
              className="nodrag"
              onClick={() => void choose(workflowId!, version === 'live' ? 'live' : live.data.version)}
            >
              <CircleArrowUp size={14} aria-hidden /> Update
            </Button>
          </span>
          {changes.map((change) => (
            <span key={change}>{change}</span>
          ))}
        </div>
      )}
      {workflowId !== null && (
        <div className="flex items-center justify-between gap-2 text-xs">
          <Link to={`/workflows/${workflowId}`} className="nodrag truncate text-muted underline hover:text-fg">
            Open the workflow
          </Link>
          {run !== undefined && (
            <Button size="sm" className="nodrag" onClick={() => setIsOpen(true)}>
              <Maximize2 size={14} aria-hidden /> See inside
            </Button>
          )}
        </div>
      )}
      {isOpen && run !== undefined && (
        <CalledRunDialog
          execution={run.execution}
          graph={typeof data['graph'] === 'string' ? data['graph'] : null}
          title={kept?.name ?? 'Called workflow'}
          onClose={() => setIsOpen(false)}
        />
      )}
    </div>
  );
}

function keptOf({ name, version, inputs, outputs }: CallContract): CallContract {
  return { name, version, inputs, outputs };
}
