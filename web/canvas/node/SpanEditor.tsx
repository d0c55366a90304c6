import type { ReactNode } from 'react';
import { SpanBar } from '../../ui/SpanBar.tsx';
import { spanOf, writtenAs } from '../../ui/time-span.ts';
import { useConnectedHandles, useIsReadOnly, useNodeData, useUpdateNode } from './use-node.ts';

interface SpanEditorProps {
  nodeId: string;
  /** Null while nothing is connected, or nobody knows it. */
  lengthS: number | null;
  /** What is cut: "a video". */
  noun: string;
  /** What the part is cut from, drawn. */
  children: ReactNode;
}

/** Drags the fields `from` and `to` of a node over what it cuts. Ends that are connected are not for it to change. */
export function SpanEditor({ nodeId, lengthS, noun, children }: SpanEditorProps) {
  const data = useNodeData(nodeId);
  const isReadOnly = useIsReadOnly();
  const update = useUpdateNode(nodeId);
  const connected = useConnectedHandles(nodeId);
  if (connected.has('from') || connected.has('to')) return null;
  if (lengthS === null) {
    return (
      <p className="flex h-16 items-center justify-center rounded-md border border-dashed border-line-strong bg-field px-3 text-center text-xs text-muted">
        Connect {noun} to choose the part on it.
      </p>
    );
  }
  return (
    <SpanBar
      span={spanOf({ from: data['from'], to: data['to'] }, lengthS)}
      lengthS={lengthS}
      isReadOnly={isReadOnly}
      onChange={(span, end) => update({ [end]: writtenAs(span[end], lengthS) })}
    >
      {children}
    </SpanBar>
  );
}
