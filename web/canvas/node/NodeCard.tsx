import { useUpdateNodeInternals, type NodeProps } from '@xyflow/react';
import { TriangleAlert } from 'lucide-react';
import { memo, useEffect, type CSSProperties } from 'react';
import { isTurnedOff } from '../../../core/graph/graph.ts';
import type { NodeTypeInfo } from '../../../core/api/node-types.ts';
import { nameOf, type CanvasNode } from '../../graph/canvas-graph.ts';
import { infoOf } from '../../graph/catalogue.ts';
import { inputsInRows } from '../../graph/form-fields.ts';
import { useListPart } from '../edge/use-lists.ts';
import { lookOf } from '../../graph/look.ts';
import { heightToCome } from '../../graph/node-height.ts';
import { rowOf } from '../../../core/data-types/table.ts';
import { nodeStatusOf, type NodeStatus } from '../../live/node-status.ts';
import { OptionalPart, PartBoundary } from '../../shell/PartBoundary.tsx';
import { Button } from '../../ui/Button.tsx';
import { lazyPart } from '../../ui/lazy-part.ts';
import { ValuePreview } from '../../ui/ValuePreview.tsx';
import { useEnvironment, useWorkflow } from '../environment.ts';
import { useDetail } from '../far/far.ts';
import { NodeForm } from './NodeForm.tsx';
import { LostHandles, useLostHandles } from './LostHandles.tsx';
import { ErrorHandles, NodeHandles } from './NodeHandles.tsx';
import { NodeHeader } from './NodeHeader.tsx';
import { PlainCard } from '../far/PlainCard.tsx';
import { NodeError, NodeFindings } from './NodeTrouble.tsx';
import { useConnectedHandles, useNodeResult } from './use-node.ts';
import { useUnfolded } from '../far/use-unfolded.ts';

/** A node of any type, drawn from its description: handles, form, status and what it put out. */
export const NodeCard = memo(function NodeCard({ id, type, data, selected, height }: NodeProps<CanvasNode>) {
  const { catalogue } = useEnvironment();
  const info = infoOf(catalogue, { type, data });
  const { isFar, isLarge } = useDetail();
  const isUnfolded = useUnfolded(!isFar, isLarge);
  if (!isUnfolded) {
    return (
      <PlainCard
        type={type}
        name={nameOf({ id, type, data, position: origin }, info?.title)}
        // The size stays, so that nothing moves on the way out and in; before a node is measured it is 0 to React Flow.
        height={height === undefined || height === 0 ? heightToCome(type, data) : height}
        isOff={isTurnedOff({ data })}
        isFar={isFar}
      />
    );
  }
  if (info === undefined) return <UnknownNode type={type} />;
  return (
    <PartBoundary name="This node" resetKey={data} className="node-card">
      <FullCard id={id} data={data} selected={selected} info={info} />
    </PartBoundary>
  );
});

/** What can be done with the one node that is selected. */
const nodeActions = lazyPart(() => import('./NodeActions.tsx'), 'NodeActions');
/** Nodes that ask a model have one, once they have run. */
const usageLine = lazyPart(() => import('./UsageLine.tsx'), 'UsageLine');
/** What goes through a list has one, once that is known. */
const listBar = lazyPart(() => import('../lists/ListBar.tsx'), 'ListBar');
/** Pictures have it whose shape is known ahead. */
const placeToCome = lazyPart(() => import('./PlaceToCome.tsx'), 'PlaceToCome');
/** Words on their way. */
const streamedText = lazyPart(() => import('../../ui/StreamedText.tsx'), 'StreamedText');
const origin = { x: 0, y: 0 };

interface FullCardProps {
  id: string;
  data: CanvasNode['data'];
  selected: boolean;
  info: NodeTypeInfo;
}

const FullCard = memo(function FullCard({ id, data, selected, info }: FullCardProps) {
  const { catalogue, editors } = useEnvironment();
  const { type } = info;
  const updateNodeInternals = useUpdateNodeInternals();
  const connected = [...useConnectedHandles(id)].join(' ');
  const lost = useLostHandles(id, info);
  // Seen from far a node has no handles, and a field that an edge takes over is of another height: React Flow looks anew.
  const handles = [...info.inputs, ...info.outputs, ...lost.inputs, ...lost.outputs]
    .map((handle) => handle.id)
    .join(' ');
  useEffect(() => updateNodeInternals(id), [id, connected, handles, updateNodeInternals]);
  const { run } = useNodeResult(id);
  const status = nodeStatusOf(run?.execution);
  const isAlone = useWorkflow((state) => state.selectedNodes.length === 1);
  const isOff = isTurnedOff({ data });
  const part = useListPart();
  const isEach = useWorkflow((state) => part !== null && part.listsOf(state, catalogue).depthOf(id) > 0);
  const editor = editors.get(type);
  // A node that only passes on what was typed into it is not shown twice.
  const isPlainText = info.inputs.length === 0 && info.outputs.every(({ dataType }) => dataType === 'text');
  const hasResult = lookOf(type).showsOutput !== true && !isPlainText;
  const hasFieldHandles = editor === undefined || editor.place === 'inspector' || editor.drawsHandles === true;
  const rows = hasFieldHandles ? inputsInRows(info) : info.inputs;
  return (
    <div
      className="node-card"
      data-node-type={type}
      data-status={status}
      data-off={isOff || undefined}
      data-each={isEach || undefined}
      style={{ '--expected-height': `${heightToCome(type, data)}px` } as CSSProperties}
    >
      <div className="node-ring" data-status={status} />
      {selected && isAlone && (
        <OptionalPart name="The toolbar of this node">
          <nodeActions.Component isOff={isOff} />
        </OptionalPart>
      )}
      <NodeHeader id={id} data={data} info={info} />
      {isEach && (
        <OptionalPart name="The list of this node">
          <listBar.Component nodeId={id} name={nameOf({ id, type, data, position: origin }, info.title)} />
        </OptionalPart>
      )}
      <PartBoundary
        name="The inside of this node"
        resetKey={data}
        fallback={({ error, retry }) => (
          <>
            <NodeHandles nodeId={id} info={info} inputs={info.inputs} />
            <BrokenInside error={error} onRetry={retry} />
          </>
        )}
      >
        <NodeHandles nodeId={id} info={info} inputs={rows} />
        <LostHandles {...lost} />
        <ErrorHandles nodeId={id} isShown={selected} />
        <div className="node-body nokey relative flex flex-col gap-2 px-3 pb-3">
          <NodeForm nodeId={id} type={type} data={data} place="node" />
          {hasResult ? (
            <NodeResultArea id={id} info={info} status={status} isEach={isEach} />
          ) : (
            <NodeError id={id} status={status} isOver />
          )}
          <NodeFindings id={id} hasResult={hasResult} />
        </div>
      </PartBoundary>
    </div>
  );
});

function BrokenInside({ error, onRetry }: { error: Error; onRetry(): void }) {
  return (
    <div role="alert" className="flex flex-col items-start gap-2 px-3 pb-3 text-xs">
      <p className="flex gap-1.5 text-danger">
        <TriangleAlert size={14} className="mt-px shrink-0" aria-hidden /> This node could not be displayed.
      </p>
      <p className="max-h-24 max-w-full overflow-y-auto break-words text-muted">Browser error: {error.message}</p>
      <Button size="sm" className="nodrag" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}

interface ResultAreaProps {
  readonly id: string;
  readonly info: NodeTypeInfo;
  readonly status: NodeStatus;
  /** It goes through a list. */
  readonly isEach: boolean;
}

/** What a run makes of a node: its outputs, what they cost, or why there are none. As high before a run as after it. */
function NodeResultArea({ id, info, status, isEach }: ResultAreaProps) {
  const { run, outputs, streamed } = useNodeResult(id);
  const usage = run?.execution.usage ?? null;
  const { results } = lookOf(info.type);
  const shown = info.outputs.filter((handle) => results?.includes(handle.id) !== false);
  const height = shown.reduce((sum, { dataType }) => sum + rowOf(dataType).resultHeight, 0);
  const isEmpty = outputs === undefined && streamed === null;
  return (
    <div className="node-result" style={{ height }} data-result={isEmpty ? 'none' : 'some'}>
      <NodeError id={id} status={status} />
      {streamed !== null ? (
        <OptionalPart name="What it says so far">
          <streamedText.Component text={streamed} isFilling />
        </OptionalPart>
      ) : outputs !== undefined && status !== 'handled' ? (
        shown.map((handle) => (
          <ValuePreview key={handle.id} value={outputs[handle.id]} title={handle.title} size="fill" />
        ))
      ) : (
        !isOver(status) && <ToCome nodeId={id} info={info} outputs={shown} height={height} isEach={isEach} />
      )}
      {usage !== null && (
        <OptionalPart name="What it cost">
          <usageLine.Component usage={usage} />
        </OptionalPart>
      )}
    </div>
  );
}

interface ToComeProps {
  readonly nodeId: string;
  readonly info: NodeTypeInfo;
  readonly outputs: NodeTypeInfo['outputs'];
  readonly height: number;
  readonly isEach: boolean;
}

/** Where a result is going to be: in its shape where that is known ahead. */
function ToCome({ nodeId, info, outputs, height, isEach }: ToComeProps) {
  const words = outputs.map(({ title }) => title).join(', ');
  // Many pictures stand in a grid.
  if (lookOf(info.type).shape !== undefined && outputs.length === 1 && !isEach) {
    return (
      <div className="result-box flex items-center justify-center text-2xs text-faint">
        <OptionalPart name="The shape of what is to come">
          <placeToCome.Component nodeId={nodeId} height={height} title={words} />
        </OptionalPart>
      </div>
    );
  }
  return (
    <p className="result-box flex items-center justify-center rounded-md border border-dashed border-line text-2xs text-faint">
      {words}
    </p>
  );
}

/** Whether words about the end of a node take the place of its result. */
function isOver(status: NodeStatus): boolean {
  return ['failed', 'handled', 'cancelled', 'skipped', 'untaken'].includes(status);
}

function UnknownNode({ type }: { type: string }) {
  return (
    <div className="node-card flex gap-2 p-3 text-xs text-muted">
      <TriangleAlert size={16} className="shrink-0 text-danger" aria-hidden />
      This server has no node type &ldquo;{type}&rdquo;. Delete the node or install the type.
    </div>
  );
}
