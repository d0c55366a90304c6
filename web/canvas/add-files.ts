import type { XYPosition } from '@xyflow/react';
import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import type { Catalogue } from '../graph/catalogue.ts';
import { fieldsOf } from '../graph/form-fields.ts';
import type { WorkflowStoreApi } from '../store/workflow-store.ts';
import type { Notify } from '../ui/notify.ts';
import { countOf } from '../ui/format.ts';
import type { Uploads } from './uploads.ts';

interface AddFilesDeps {
  readonly store: WorkflowStoreApi;
  readonly catalogue: Catalogue;
  readonly uploads: Uploads;
  readonly notify: Notify;
}

/** Distance between nodes that are added together, in pixels. */
const stackStep = 296;

/** Makes a node for each file that some node type takes, side by side from a point on, and uploads them. */
export function addFiles(
  { store, catalogue, uploads, notify }: AddFilesDeps,
  files: readonly File[],
  at: XYPosition,
): void {
  const taken = files.flatMap((file) => {
    const info = typeFor(catalogue, file);
    return info === null ? [] : [{ file, info }];
  });
  if (taken.length < files.length) {
    notify({
      title: 'Some files were left out',
      description: `No node takes ${files.length - taken.length === 1 ? 'this kind of file' : 'these kinds of files'}. Pictures and videos work.`,
      kind: 'error',
    });
  }
  if (taken.length === 0) return;
  const added: { id: string; file: File }[] = [];
  store.getState().transact(`Add ${countOf(taken.length, 'file')}`, () => {
    for (const [index, { file, info }] of taken.entries()) {
      const label = file.name.replace(/\.[^.]+$/, '').slice(0, 80);
      const id = store.getState().addNode(info.type, { x: at.x + index * stackStep, y: at.y }, { label });
      added.push({ id, file });
    }
  });
  store.getState().selectNodes(added.map(({ id }) => id));
  for (const { id, file } of added) uploads.begin(id, file);
}

/** The first node type with a file field for this kind of file. */
function typeFor(catalogue: Catalogue, file: File): NodeTypeInfo | null {
  for (const info of catalogue.values()) {
    if (info.inputs.length > 0) continue;
    const isTaken = fieldsOf(info.schema).some(
      ({ control, accept }) =>
        control === 'file' && accept !== undefined && file.type.startsWith(accept.replace('*', '')),
    );
    if (isTaken) return info;
  }
  return null;
}
