import { useUpdateNodeInternals, type NodeProps } from '@xyflow/react';
import { Coins, RotateCcw, TriangleAlert } from 'lucide-react';
import { memo, useEffect } from 'react';
import type { ModelUsage } from '../../core/api/runs.ts';
import { isTurnedOff } from '../../core/graph/graph.ts';
import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import { nameOf, type CanvasNode } from '../graph/canvas-graph.ts';
import { expectedHeight } from '../graph/node-size.ts';
import { nodeStatusOf } from '../live/node-status.ts';
import { Button } from '../ui/Button.tsx';
import { formatCost } from '../ui/format.ts';
import { ValuePreview } from '../ui/ValuePreview.tsx';
import { useEnvironment, useWorkflow } from './environment.ts';
import { useDetail } from './far.ts';
import { NodeActions } from './NodeActions.tsx';
import { NodeForm } from './NodeForm.tsx';
import { NodeHandles } from './NodeHandles.tsx';
import { NodeHeader } from './NodeHeader.tsx';
import { PlainCard } from './PlainCard.tsx';
import { useNodeResult } from './use-node.ts';
import { useUnfolded } from './use-unfolded.ts';

/** A node of any type, drawn from its description: handles, form, status and what it put out. */
export const NodeCard = memo(function NodeCard({ id, type, data, selected, height }: NodeProps<CanvasNode>) {
  const { catalogue } = useEnvironment();
  const info = catalogue.get(type);
  const { isFar, isLarge } = useDetail();
  const isUnfolded = useUnfolded(!isFar, isLarge);
  if (!isUnfolded) {
    return (
      <PlainCard
        type={type}
        name={nameOf({ id, type, data, position: origin }, info?.title)}
        // The size stays, so that nothing moves on the way out and in.
        height={height ?? expectedHeight(type)}
        isOff={isTurnedOff({ data })}
        isFar={isFar}
      />
    );
  }
  if (info === undefined) return <UnknownNode type={type} />;
  return <FullCard id={id} data={data} selected={selected} info={info} />;
});

const origin = { x: 0, y: 0 };

interface FullCardProps {
  id: string;
  data: CanvasNode['data'];
  selected: boolean;
  info: NodeTypeInfo;
}

const FullCard = memo(function FullCard({ id, data, selected, info }: FullCardProps) {
  const { editors } = useEnvironment();
  const { type } = info;
  const updateNodeInternals = useUpdateNodeInternals();
  // Seen from far a node has no handles: React Flow looks for them anew.
  useEffect(() => updateNodeInternals(id), [id, updateNodeInternals]);
  const { run, outputs } = useNodeResult(id);
  const problems = useWorkflow((state) => state.problems[id]);
  const status = nodeStatusOf(run?.execution);
  const isAlone = useWorkflow((state) => state.selectedNodes.length === 1);
  const isOff = isTurnedOff({ data });
  const ownsOutput = editors.get(type)?.showsOutput === true;
  // A node that only passes on what was typed into it needs no second picture of it.
  const isPlainText = info.inputs.length === 0 && info.outputs.every(({ dataType }) => dataType === 'text');
  return (
    <div className="node-card" data-node-type={type} data-status={status} data-off={isOff || undefined}>
      <div className="node-ring" data-status={status} />
      {selected && isAlone && <NodeActions id={id} isOff={isOff} />}
      <NodeHeader id={id} data={data} info={info} />
      <NodeHandles nodeId={id} info={info} />
      <div className="node-body nokey flex flex-col gap-2 px-3 pb-3">
        <NodeForm nodeId={id} type={type} data={data} place="node" />
        {!ownsOutput && !isPlainText && outputs !== undefined && (
          <div className="flex flex-col gap-1">
            {info.outputs.map((handle) => (
              <ValuePreview key={handle.id} value={outputs[handle.id]} title={handle.title} />
            ))}
          </div>
        )}
        {run?.execution.usage !== null && run?.execution.usage !== undefined && (
          <UsageLine usage={run.execution.usage} />
        )}
        <NodeError id={id} status={status} />
        {problems !== undefined && problems.length > 0 && (
          <ul className="flex flex-col gap-1 rounded-md bg-danger-soft px-2 py-1.5 text-xs text-danger">
            {problems.map(({ code, message }) => (
              <li key={`${code} ${message}`}>{message}</li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
});

function UsageLine({ usage }: { usage: ModelUsage }) {
  return (
    <p
      className="flex items-center gap-1.5 text-2xs whitespace-nowrap text-faint"
      title="Tokens, and about what they cost"
    >
      <Coins size={12} aria-hidden />
      <span className="flex-1">
        {usage.inputTokens.toLocaleString()} tokens in, {usage.outputTokens.toLocaleString()} out
      </span>
      {typeof usage.costUsd === 'number' && <span>{formatCost(usage.costUsd)}</span>}
    </p>
  );
}

function NodeError({ id, status }: { id: string; status: string }) {
  const { retryRun } = useEnvironment();
  const { run } = useNodeResult(id);
  const error = run?.execution.error;
  if (run === undefined || error === null || error === undefined) return null;
  if (status === 'skipped') return <p className="text-xs text-faint">{error}</p>;
  if (status !== 'failed' && status !== 'cancelled') {
    return run.execution.attempt > 1 ? (
      <p className="text-xs text-muted">
        Attempt {run.execution.attempt}: {error}
      </p>
    ) : null;
  }
  return (
    <div role="alert" className="flex flex-col gap-1.5 rounded-md bg-danger-soft px-2 py-1.5 text-xs text-danger">
      <p className="max-h-28 overflow-y-auto break-words">{error}</p>
      <div className="flex items-center justify-between gap-2">
        <code className="truncate text-2xs">{run.execution.errorCode}</code>
        {status === 'failed' && (
          <Button size="sm" className="nodrag" onClick={retryRun}>
            <RotateCcw size={12} aria-hidden /> Retry
          </Button>
        )}
      </div>
    </div>
  );
}

function UnknownNode({ type }: { type: string }) {
  return (
    <div className="node-card flex gap-2 p-3 text-xs text-muted">
      <TriangleAlert size={16} className="shrink-0 text-danger" aria-hidden />
      This server has no node type &ldquo;{type}&rdquo;. Delete the node, or install the type.
    </div>
  );
}
