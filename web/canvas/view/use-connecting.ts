import type { Connection, FinalConnectionState } from '@xyflow/react';
import { useCallback } from 'react';
import { handleType } from '../../graph/catalogue.ts';
import { connectionProblem } from '../../graph/connection-rules.ts';
import { useEnvironment } from '../environment.ts';
import type { QuickAddRequest } from '../quick-add/QuickAdd.tsx';

interface LooseEnds {
  source: string;
  target: string;
  sourceHandle?: string | null;
  targetHandle?: string | null;
}

/** What React Flow asks and tells while an edge is being drawn. */
export interface Connecting {
  isValidConnection(ends: LooseEnds): boolean;
  onConnectEnd(event: MouseEvent | TouchEvent, state: FinalConnectionState): void;
}

/** A wrong end says why; an end in empty space offers the node types that fit. */
export function useConnecting(onQuickAdd: (request: QuickAddRequest) => void): Connecting {
  const { store, catalogue, notify } = useEnvironment();
  const isValidConnection = useCallback(
    (ends: LooseEnds) => {
      const { sourceHandle = null, targetHandle = null } = ends;
      return connectionProblem(store.getState(), catalogue, { ...ends, sourceHandle, targetHandle }) === null;
    },
    [store, catalogue],
  );
  const onConnectEnd = useCallback(
    (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
      if (state.isValid === true || state.fromHandle === null || state.fromNode === null) return;
      const from = state.fromHandle;
      if (state.toHandle !== null && state.toNode !== null) {
        const problem =
          state.toHandle.type === from.type
            ? 'A connection goes from an output to an input.'
            : connectionProblem(store.getState(), catalogue, endsOf(from, state.toHandle));
        if (problem !== null) notify({ title: 'Not connected', description: problem, kind: 'error' });
        return;
      }
      const side = from.type === 'source' ? 'outputs' : 'inputs';
      const dataType = handleType(catalogue, state.fromNode, side, from.id);
      const point = 'changedTouches' in event ? event.changedTouches[0] : event;
      if (dataType === null || point === undefined) return;
      onQuickAdd({
        screen: { x: point.clientX, y: point.clientY },
        isExact: true,
        from: { nodeId: from.nodeId, handleId: from.id ?? '', side: from.type, dataType },
      });
    },
    [store, catalogue, notify, onQuickAdd],
  );
  return { isValidConnection, onConnectEnd };
}

type End = NonNullable<FinalConnectionState['fromHandle']>;

/** The two ends in the direction of the data, whichever was taken first. */
function endsOf(from: End, to: End): Connection {
  const [source, target] = from.type === 'source' ? [from, to] : [to, from];
  return {
    source: source.nodeId,
    sourceHandle: source.id ?? null,
    target: target.nodeId,
    targetHandle: target.id ?? null,
  };
}
