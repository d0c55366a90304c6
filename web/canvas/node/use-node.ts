import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { NodeRunState } from '../../live/run-view.ts';
import { indexEdges, indexNodes, type NodeData } from '../../graph/canvas-graph.ts';
import { textOfPieces } from '../../live/streamed-text.ts';
import { knownInputs } from '../../graph/known-values.ts';
import type { NodeFinding } from '../../store/types.ts';
import type { ModelProviderInfo } from '../../../core/api/llm.ts';
import type { UploadState } from '../../ui/node-editor.ts';
import { uploadKey, type UploadTarget } from '../files/uploads.ts';
import { useEnvironment, useNodeRun, useWorkflow } from '../environment.ts';

const noFindings: readonly NodeFinding[] = [];
const nothingConnected: ReadonlySet<string> = new Set();

/** Input handles of a node that an edge feeds. */
export function useConnectedHandles(nodeId: string): ReadonlySet<string> {
  const handles = useWorkflow(useShallow((state) => [...(indexEdges(state.edges).incoming.get(nodeId)?.keys() ?? [])]));
  return handles.length === 0 ? nothingConnected : new Set(handles);
}

/** Values that come in at a node, as far as they are known; the same object while none of them changes. */
export function useKnownInputs(nodeId: string): Readonly<Record<string, unknown>> {
  const { catalogue, store, runs } = useEnvironment();
  // One subscription for each source of change; both compare by value.
  useStore(
    store,
    useShallow((state) => Object.values(knownInputs(state, catalogue, null, nodeId)).flat()),
  );
  useStore(
    runs.api,
    useShallow(({ view }) => {
      const incoming = indexEdges(store.getState().edges).incoming.get(nodeId);
      return [...(incoming?.values() ?? [])]
        .flat()
        .map((edge) => view?.nodes[edge.source]?.execution.outputData ?? null);
    }),
  );
  return knownInputs(store.getState(), catalogue, runs.api.getState().view, nodeId);
}

/** What was found wrong with a node, when a run was refused or when it was saved; each once. */
export function useNodeFindings(nodeId: string): readonly NodeFinding[] {
  const refused = useWorkflow((state) => state.runFindings[nodeId]) ?? noFindings;
  const found = useWorkflow((state) => state.findings[nodeId]) ?? noFindings;
  if (found.length === 0) return refused;
  return [...found, ...refused.filter(({ message }) => found.every((other) => other.message !== message))];
}

/** The upload that is on its way into a field. */
export function useUpload(target: UploadTarget): UploadState | null {
  return useStore(useEnvironment().uploads.state, (state) => state[uploadKey(target)] ?? null);
}

const noData: NodeData = {};

/** The `data` of a node. */
export function useNodeData(nodeId: string): Readonly<NodeData> {
  return useWorkflow((state) => indexNodes(state.nodes).get(nodeId)?.data ?? noData);
}

/** Changes the `data` of a node: each key that is named, to its value. */
export function useUpdateNode(nodeId: string): (change: Readonly<Record<string, unknown>>) => void {
  const updateNodeData = useWorkflow((state) => state.updateNodeData);
  return (change) => updateNodeData(nodeId, change);
}

/** Whether nothing can be changed: a look at an earlier run, or a small screen. */
export function useIsReadOnly(): boolean {
  return useEnvironment().isReadOnly;
}

/** The providers of models; null while the list is loading. */
export function useProviders(): readonly ModelProviderInfo[] | null {
  return useEnvironment().providers;
}

/** What the shown run has made of a node so far. `streamed` is null unless text is arriving. */
export interface NodeResult {
  readonly run: NodeRunState | undefined;
  /** By output handle; undefined before there is a result. */
  readonly outputs: Readonly<Record<string, unknown>> | undefined;
  readonly streamed: string | null;
}

/** What the shown run has of a node. */
export function useNodeResult(nodeId: string): NodeResult {
  const run = useNodeRun(nodeId);
  const isStreaming = run?.execution.status === 'RUNNING' && run.streamed.length > 0;
  const streamed = isStreaming ? textOfPieces(run.streamed) : null;
  return { run, outputs: run?.execution.outputData ?? undefined, streamed };
}
