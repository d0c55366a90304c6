import type { WorkflowStoreApi } from '../../store/workflow-store.ts';
import type { UploadTarget } from './uploads.ts';

/** Which upload each address of a canvas came from. */
const orders = new WeakMap<WorkflowStoreApi, Map<string, number>>();

/** Puts an uploaded file into the list of a node: files stand in the order in which they were given, whichever arrived first. */
export function receiveItem(
  store: WorkflowStoreApi,
  { nodeId, field, item }: UploadTarget & { readonly item: number },
  url: string,
): void {
  const node = store.getState().nodes.find(({ id }) => id === nodeId);
  if (node === undefined) return;
  let order = orders.get(store);
  if (order === undefined) orders.set(store, (order = new Map()));
  const held: unknown = node.data[field];
  const items: readonly unknown[] = Array.isArray(held) ? held : [];
  const next = items.findIndex((other) => typeof other === 'string' && (order.get(other) ?? -1) > item);
  order.set(url, item);
  const at = next === -1 ? items.length : next;
  store.getState().updateNodeData(nodeId, { [field]: [...items.slice(0, at), url, ...items.slice(at)] });
}
