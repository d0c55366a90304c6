import type { NodeTypeInfo } from '../../../core/api/node-types.ts';
import { isTurnedOff } from '../../../core/graph/graph.ts';
import { nameOf, type CanvasNode } from '../../graph/canvas-graph.ts';
import { markOf } from '../../graph/input-mark.ts';
import { nodeStatusOf } from '../../live/node-status.ts';
import { formatDuration } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { StatusIcon } from '../../ui/Status.tsx';
import { useEnvironment, useWorkflow } from '../environment.ts';
import { useNodeResult } from './use-node.ts';

/** Icon, name, and how the node stands in the shown run. */
export function NodeHeader({ id, data, info }: { id: string; data: CanvasNode['data']; info: NodeTypeInfo }) {
  const { isReadOnly } = useEnvironment();
  const updateNodeData = useWorkflow((state) => state.updateNodeData);
  const editNode = useWorkflow((state) => state.editNode);
  const isEditing = useWorkflow((state) => state.editedNode === id);
  const { run } = useNodeResult(id);
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
            editNode(null);
            updateNodeData(id, { label: event.currentTarget.value.trim() || info.title });
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') event.currentTarget.blur();
            if (event.key === 'Escape') {
              event.currentTarget.value = name;
              event.currentTarget.blur();
            }
            event.stopPropagation();
          }}
          className="nodrag h-6 min-w-0 flex-1 rounded border border-line-strong bg-field px-1 text-sm font-semibold"
        />
      ) : (
        <span
          title={isReadOnly ? name : 'Double-click to rename'}
          onDoubleClick={(event) => {
            event.stopPropagation();
            if (!isReadOnly) editNode(id);
          }}
          className="min-w-0 flex-1 truncate font-semibold"
        >
          {name}
        </span>
      )}
      {info.value !== undefined && markOf(data) !== null && <Badge title="Input of the workflow">Input</Badge>}
      {isTurnedOff({ data }) && <Badge title="Skipped in every run">Off</Badge>}
      {(status === 'running' || status === 'waiting') && run !== undefined && run.percent !== null && (
        <span
          title={run.message ?? undefined}
          className={`text-2xs ${status === 'running' ? 'text-status-running' : 'text-status-waiting'}`}
        >
          {Math.round(run.percent)} %
        </span>
      )}
      {duration !== null && duration !== undefined && status !== 'running' && (
        <span className="text-2xs text-faint">{status === 'cached' ? 'reused' : formatDuration(duration)}</span>
      )}
      {status !== 'idle' && <StatusIcon status={status} size={15} />}
    </div>
  );
}

function Badge({ title, children }: { title: string; children: string }) {
  return (
    <span className="rounded-full border border-line-strong px-1.5 text-2xs text-muted" title={title}>
      {children}
    </span>
  );
}
