import { NodeToolbar, Position, useStore as useFlowStore, type NodeProps } from '@xyflow/react';
import { ArrowRightFromLine, ArrowRightToLine, Copy, Play, RotateCcw, Trash2, TriangleAlert } from 'lucide-react';
import { memo, useState } from 'react';
import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import { nameOf, type CanvasNode } from '../graph/canvas-graph.ts';
import { nodeStatusOf } from '../live/node-status.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { formatDuration } from '../ui/format.ts';
import { Icon } from '../ui/Icon.tsx';
import { StatusIcon } from '../ui/Status.tsx';
import { ValuePreview } from '../ui/ValuePreview.tsx';
import { useEnvironment, useWorkflow } from './environment.ts';
import { NodeForm } from './NodeForm.tsx';
import { NodeHandles } from './NodeHandles.tsx';
import { useNodeResult } from './use-node.ts';

/** Below this zoom nothing inside a node can be read, so the toolbar would only be in the way. */
const toolbarMinZoom = 0.4;

/** A node of any type, drawn from its description: handles, form, status and what it put out. */
export const NodeCard = memo(function NodeCard({ id, type, data, selected }: NodeProps<CanvasNode>) {
  const { catalogue, editors } = useEnvironment();
  const info = catalogue.get(type);
  const { run, outputs } = useNodeResult(id);
  const problems = useWorkflow((state) => state.problems[id]);
  const status = nodeStatusOf(run?.execution);
  const isAlone = useWorkflow((state) => state.selectedNodes.length === 1);
  if (info === undefined) return <UnknownNode type={type} />;
  const ownsOutput = editors.get(type)?.showsOutput === true;
  // A node that only passes on what was typed into it needs no second picture of it.
  const isPlainText = info.inputs.length === 0 && info.outputs.every(({ dataType }) => dataType === 'text');
  return (
    <div className="node-card" data-node-type={type} data-status={status}>
      <div className="node-ring" data-status={status} />
      {selected && isAlone && <Toolbar id={id} />}
      <Header id={id} data={data} info={info} />
      <NodeHandles nodeId={id} info={info} />
      <div className="node-body flex flex-col gap-2 px-3 pb-3">
        <NodeForm nodeId={id} type={type} data={data} place="node" />
        {!ownsOutput && !isPlainText && outputs !== undefined && (
          <div className="flex flex-col gap-1">
            {info.outputs.map((handle) => (
              <ValuePreview key={handle.id} value={outputs[handle.id]} title={handle.title} />
            ))}
          </div>
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

function Header({ id, data, info }: { id: string; data: CanvasNode['data']; info: NodeTypeInfo }) {
  const { isReadOnly } = useEnvironment();
  const updateNodeData = useWorkflow((state) => state.updateNodeData);
  const { run } = useNodeResult(id);
  const [isEditing, setIsEditing] = useState(false);
  const name = nameOf({ id, type: info.type, data, position: { x: 0, y: 0 } }, info.title);
  const status = nodeStatusOf(run?.execution);
  const duration = run?.execution.duration;
  return (
    <div className="flex h-10 items-center gap-2 pr-3 pl-3">
      <span className="text-muted" title={info.title}>
        <Icon name={info.icon} size={15} />
      </span>
      {isEditing ? (
        <input
          autoFocus
          aria-label="Name of the node"
          defaultValue={name}
          maxLength={255}
          onFocus={(event) => event.currentTarget.select()}
          onBlur={(event) => {
            setIsEditing(false);
            updateNodeData(id, { label: event.currentTarget.value.trim() || info.title });
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') event.currentTarget.blur();
            if (event.key === 'Escape') setIsEditing(false);
            event.stopPropagation();
          }}
          className="nodrag h-6 min-w-0 flex-1 rounded border border-line-strong bg-field px-1 text-sm font-semibold"
        />
      ) : (
        <span
          title={isReadOnly ? name : 'Double-click to rename'}
          onDoubleClick={(event) => {
            event.stopPropagation();
            if (!isReadOnly) setIsEditing(true);
          }}
          className="min-w-0 flex-1 truncate font-semibold"
        >
          {name}
        </span>
      )}
      {status === 'running' && run !== undefined && run.percent !== null && (
        <span className="text-2xs text-status-running">{Math.round(run.percent)} %</span>
      )}
      {duration !== null && duration !== undefined && status !== 'running' && (
        <span className="text-2xs text-faint">{status === 'cached' ? 'reused' : formatDuration(duration)}</span>
      )}
      {status !== 'idle' && <StatusIcon status={status} size={15} />}
    </div>
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

function Toolbar({ id }: { id: string }) {
  const { isReadOnly } = useEnvironment();
  const isReadable = useFlowStore((state) => state.transform[2] >= toolbarMinZoom);
  const runPart = useWorkflow((state) => state.runPart);
  const duplicateSelection = useWorkflow((state) => state.duplicateSelection);
  const deleteNode = useWorkflow((state) => state.deleteNode);
  if (isReadOnly || !isReadable) return null;
  return (
    <NodeToolbar isVisible position={Position.Top} offset={10}>
      <div
        role="toolbar"
        aria-label="Node"
        className="flex gap-0.5 rounded-lg border border-line bg-raised p-0.5 shadow-popup"
      >
        <IconButton label="Run this node" onClick={() => void runPart('selected', [id])}>
          <Play size={15} />
        </IconButton>
        <IconButton label="Run from here" onClick={() => void runPart('from', [id])}>
          <ArrowRightFromLine size={15} />
        </IconButton>
        <IconButton label="Run up to here" onClick={() => void runPart('to', [id])}>
          <ArrowRightToLine size={15} />
        </IconButton>
        <IconButton label="Duplicate" shortcut="Mod+D" onClick={duplicateSelection}>
          <Copy size={15} />
        </IconButton>
        <IconButton label="Delete" shortcut="Del" onClick={() => deleteNode(id)}>
          <Trash2 size={15} />
        </IconButton>
      </div>
    </NodeToolbar>
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
