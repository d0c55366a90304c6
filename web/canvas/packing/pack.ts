import { packedSchema, unpackedSchema } from '../../../core/api/pack.ts';
import type { Graph } from '../../../core/graph/graph.ts';
import type { ApiClient } from '../../api/client.ts';
import { fromGraph, toGraph } from '../../graph/canvas-graph.ts';
import { loadForGraph } from '../../graph/load-for-graph.ts';
import type { WorkflowStoreApi } from '../../store/workflow-store.ts';

/** Whose nodes these are. */
export interface Packing {
  readonly api: Pick<ApiClient, 'request'>;
  readonly store: WorkflowStoreApi;
  readonly workflowId: number;
}

/** Makes a workflow of some nodes, and puts a node that calls it in their place, as one step. Throws ApiError. */
export async function packNodes(
  { api, store, workflowId }: Packing,
  nodeIds: readonly string[],
  name: string,
): Promise<void> {
  const { data } = await api.request(`/api/workflows/${workflowId}/pack`, {
    method: 'POST',
    body: { data: drawnIn(store), nodeIds, name },
    schema: packedSchema,
  });
  await show(store, 'Make a workflow', data);
}

/** Puts the nodes of the workflow that a node calls in its place, as one step. Throws ApiError. */
export async function unpackNode({ api, store, workflowId }: Packing, nodeId: string): Promise<void> {
  const { data } = await api.request(`/api/workflows/${workflowId}/unpack`, {
    method: 'POST',
    body: { data: drawnIn(store), nodeId },
    schema: unpackedSchema,
  });
  await show(store, 'Unpack', data);
}

function drawnIn(store: WorkflowStoreApi): Graph {
  const { nodes, edges } = store.getState();
  return toGraph(nodes, edges);
}

/** What is new is selected. */
async function show(store: WorkflowStoreApi, label: string, data: Graph): Promise<void> {
  await loadForGraph(data);
  const before = new Set(store.getState().nodes.map(({ id }) => id));
  const { nodes, edges } = fromGraph(data);
  store.getState().replaceGraph(label, { nodes, edges });
  store.getState().selectNodes(nodes.filter(({ id }) => !before.has(id)).map(({ id }) => id));
}
