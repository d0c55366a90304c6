import type { XYPosition } from '@xyflow/react';
import type { FileType } from '../../core/data-types/table.ts';
import { absolutePosition, indexNodes, sizeOf } from '../graph/canvas-graph.ts';
import type { Catalogue } from '../graph/catalogue.ts';
import { fieldsOf, fileFieldsOf } from '../graph/form-fields.ts';
import { freePlace, gap } from '../graph/free-place.ts';
import { expectedHeight, nodeWidth } from '../graph/node-size.ts';
import type { WorkflowStoreApi } from '../store/workflow-store.ts';
import { addressOf } from '../ui/app-address.ts';
import { draggedResultKey } from '../ui/dragged-result-key.ts';
import { countOf } from '../ui/format.ts';
import type { DraggedResults } from './dragged-result.ts';
import { fileNameOf, type Result } from './results.ts';

interface UseDeps {
  readonly store: WorkflowStoreApi;
  readonly catalogue: Catalogue;
}

/** What results carry over to other nodes. */
export function draggedOf(results: readonly Result[]): DraggedResults {
  return results.map((result) => {
    const { asset, kind, text, title } = result;
    if (asset === null) return { kind: 'text', text: text ?? '', name: title };
    return { kind: kind as FileType, url: asset.url, name: fileNameOf(result), type: asset.mimeType };
  });
}

/** Fills a drag: for nodes of this app, for other programs, and as a file for the desktop. */
export function fillDrag(data: DataTransfer, results: readonly Result[]): void {
  const [first] = results;
  if (first === undefined) return;
  data.effectAllowed = 'copy';
  data.setData(draggedResultKey, JSON.stringify(draggedOf(results)));
  if (first.asset === null) {
    data.setData('text/plain', results.map(({ text }) => text ?? '').join('\n\n'));
    return;
  }
  const address = new URL(addressOf(first.asset.url), location.href).href;
  data.setData('text/uri-list', address);
  // Chromium saves the file where it is dropped on the desktop; a colon would end its name.
  data.setData('DownloadURL', `${first.asset.mimeType}:${fileNameOf(first)}:${address}`);
}

/** Makes a node that holds each result, near `at` where it covers nothing, and selects them. Returns their ids. */
export function addAsNodes({ store, catalogue }: UseDeps, results: DraggedResults, at: XYPosition): readonly string[] {
  const ids: string[] = [];
  store.getState().transact(`Use ${countOf(results.length, 'result')} as input`, () => {
    for (const result of results) {
      const place = placeOf(catalogue, result.kind);
      if (place === null) continue;
      const { nodes, addNode } = store.getState();
      const wanted = { ...at, width: nodeWidth, height: expectedHeight(place.type) };
      const value = result.kind === 'text' ? result.text : { url: result.url, name: result.name, type: result.type };
      const label = result.name.replace(/\.[^.]+$/, '').slice(0, 80);
      ids.push(addNode(place.type, freePlace(nodes, wanted), { label, [place.field]: value }));
    }
  });
  if (ids.length > 0) store.getState().selectNodes(ids);
  return ids;
}

/** Right of the node that has made a result; the origin where that node is gone. */
export function besideNode({ store }: UseDeps, nodeId: string): XYPosition {
  const byId = indexNodes(store.getState().nodes);
  const node = byId.get(nodeId);
  if (node === undefined) return { x: 0, y: 0 };
  const { x, y } = absolutePosition(node, byId);
  return { x: x + sizeOf(node).width + gap, y };
}

/** The first node type without inputs that holds such a value, and its field. */
function placeOf(catalogue: Catalogue, kind: DraggedResults[number]['kind']): { type: string; field: string } | null {
  for (const info of catalogue.values()) {
    if (info.inputs.length > 0) continue;
    const field =
      kind === 'text'
        ? fieldsOf(info.schema).find(({ control }) => control === 'textarea')
        : fileFieldsOf(info).find(({ dataType }) => dataType === kind);
    if (field !== undefined) return { type: info.type, field: field.name };
  }
  return null;
}
