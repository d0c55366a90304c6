import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import type { Part } from '../../core/api/parts.ts';
import type { NodeExecution, RunDetail } from '../../core/api/runs.ts';
import { calledGraph } from '../../core/graph/calls.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { isNodeFinished } from '../../core/run/status.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { listParts } from '../api/list-parts.ts';
import { useCatalogue } from '../api/use-catalogue.ts';
import type { CanvasEnvironment } from '../canvas/environment.ts';
import { createRunSession } from '../canvas/session/view-session.ts';
import { useCanvasEnvironment } from '../canvas/use-canvas-environment.ts';
import type { Catalogue } from '../graph/catalogue.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { Select } from '../ui/Select.tsx';
import { RunCanvas } from './RunCanvas.tsx';

interface CalledRunDialogProps {
  /** Of the node that calls. */
  readonly execution: NodeExecution;
  /** The name of the called graph, as the node of a frozen graph has it; null where the node is of a draft. */
  readonly graph: string | null;
  readonly title: string;
  onClose(): void;
}

/** While something in it may still change, in milliseconds. */
const lookEveryMs = 1_000;
/** Elements of a list that can be chosen from. */
const mostParts = 100;

/** What a called workflow does in a run: its graph with the states that its nodes have there; for looking alone. */
export function CalledRunDialog({ execution, graph, title, onClose }: CalledRunDialogProps) {
  const { api } = useApp();
  const { catalogue } = useCatalogue();
  const { runId, nodeId } = execution;
  const [chosen, setChosen] = useState<string | null>(null);
  const frozen = useQuery({
    queryKey: queryKeys.runGraph(runId),
    queryFn: () => api.getRunGraph(runId),
    staleTime: Infinity,
  });
  const refetchInterval = isNodeFinished(execution.status) ? false : lookEveryMs;
  const partsIn = (partId: string | null) => listParts(api, { runId, nodeId, partId }, { limit: mostParts });
  const parts = useQuery({
    queryKey: ['called-parts', runId, execution.partId, nodeId, execution.status],
    queryFn: () => partsIn(execution.partId),
    refetchInterval,
    retry: false,
  });
  const items = parts.data?.items ?? [];
  const isMapped = items.some(({ nodeExecutions }) => nodeExecutions.some((node) => node.nodeId === nodeId));
  const element = items.find(({ id }) => id === chosen) ?? items[0];
  const within = useQuery({
    queryKey: ['called-parts', runId, element?.id, nodeId, execution.status],
    queryFn: () => partsIn(element!.id),
    enabled: isMapped && element !== undefined,
    refetchInterval,
    retry: false,
  });
  const part = isMapped ? within.data?.items[0] : element;
  const name = execution.partId === null ? nameIn(frozen.data, nodeId) : graph;
  const called = useMemo(
    () => (frozen.data === undefined || name === null ? null : calledGraph(frozen.data, name)),
    [frozen.data, name],
  );
  return (
    <Dialog
      open
      title={title}
      description="As this run executes it. Nothing can be changed here."
      width={960}
      onClose={onClose}
    >
      <div className="nodrag flex flex-col gap-3">
        {isMapped && element !== undefined && (
          <Select
            label="Element of the list"
            value={element.id}
            groups={[{ options: items.map((item) => ({ value: item.id, label: nameOfElement(item) })) }]}
            onChange={setChosen}
          />
        )}
        <div className="h-[60vh] min-h-64 overflow-hidden rounded-xl border border-line">
          {part !== undefined && called !== null && catalogue !== undefined ? (
            <CalledRun key={part.id} part={part} graph={called} catalogue={catalogue} />
          ) : (
            <p className="p-4 text-muted">
              {parts.error?.message ?? 'It has not begun yet, or its results were reused from an earlier run.'}
            </p>
          )}
        </div>
      </div>
    </Dialog>
  );
}

function nameIn(graph: Graph | undefined, nodeId: string): string | null {
  const name = graph?.nodes.find(({ id }) => id === nodeId)?.data['graph'];
  return typeof name === 'string' ? name : null;
}

function nameOfElement({ index, label, status }: Part): string {
  return `${index + 1}${label === null ? '' : `: ${label}`} (${status.toLowerCase()})`;
}

/** What was called is looked at alone. */
const looking = { isReadOnly: true, role: 'viewer' } as const;

function CalledRun({ part, graph, catalogue }: { part: Part; graph: Graph; catalogue: Catalogue }) {
  const services = useApp();
  const [session] = useState(() => createRunSession(services, catalogue, asRun(part), graph));
  const environment: CanvasEnvironment = useCanvasEnvironment(session, catalogue, looking, () => undefined);
  const { runs } = environment;
  useEffect(() => {
    // A part is read again and again: what comes last is the newest.
    runs.show(asRun(part), Date.now());
  }, [runs, part]);
  return <RunCanvas environment={environment} />;
}

/** A part as the run that it is. */
function asRun({ id, status, error, nodeExecutions }: Part): RunDetail {
  return {
    ...{ id, status, error, nodeExecutions },
    workflowId: 0,
    workspaceId: '',
    workflowVersionId: id,
    workflowVersion: null,
    triggerType: 'MANUAL',
    mode: 'all',
    nodeIds: null,
    createdAt: new Date(0).toISOString(),
    ...{ startedAt: null, finishedAt: null, seq: 0, retryOf: null, handledFailures: 0, startedBy: '' },
    ...{ inputs: {}, outputs: {} },
  };
}
