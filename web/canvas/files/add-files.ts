import type { XYPosition } from '@xyflow/react';
import { guessFileType, wordsOf } from '../../../core/data-types/files.ts';
import { fileTypes, rowOf } from '../../../core/data-types/table.ts';
import type { NodeTypeInfo } from '../../../core/api/node-types.ts';
import { absolutePosition, indexNodes, sizeOf } from '../../graph/canvas-graph.ts';
import type { Catalogue } from '../../graph/catalogue.ts';
import { fieldsOf } from '../../graph/form-fields.ts';
import { freePlace, gap } from '../../graph/free-place.ts';
import { expectedHeight, nodeWidth } from '../../graph/node-size.ts';
import type { WorkflowStoreApi } from '../../store/workflow-store.ts';
import type { Notify } from '../../ui/notify.ts';
import { countOf } from '../../ui/format.ts';
import type { Uploads } from './uploads.ts';

interface AddFilesDeps {
  readonly store: WorkflowStoreApi;
  readonly catalogue: Catalogue;
  readonly uploads: Uploads;
  readonly notify: Notify;
}

/** Nodes that are added together stand in rows of so many. */
const perRow = 5;
/** More at once is a slip of the hand more often than a wish: whoever means it does it twice. */
const mostFiles = 100;

interface TakenFile {
  readonly file: File;
  readonly info: NodeTypeInfo;
}

/** Makes a node for each file that some node type takes, in rows from a point on, and uploads them. */
export function addFiles(deps: AddFilesDeps, files: readonly File[], at: XYPosition): void {
  const taken = sortOut(deps, files);
  if (taken.length === 0) return;
  const { store, uploads } = deps;
  const added: { id: string; file: File }[] = [];
  store.getState().transact(`Add ${countOf(taken.length, 'file')}`, () => added.push(...place(deps, taken, at)));
  store.getState().selectNodes(added.map(({ id }) => id));
  for (const { id, file } of added) uploads.begin(id, file, id);
}

/** Puts the first fitting file into a node; each of the others becomes a node of its own below it. */
export function fillNode(deps: AddFilesDeps, nodeId: string, files: readonly File[]): void {
  const { store, uploads, notify } = deps;
  const { nodes } = store.getState();
  const byId = indexNodes(nodes);
  const node = byId.get(nodeId);
  if (node === undefined) return;
  const taken = sortOut(deps, files);
  const own = taken.find(({ info }) => info.type === node.type);
  const others = taken.filter((other) => other !== own);
  const added: { id: string; file: File }[] = [];
  if (others.length > 0) {
    const { x, y } = absolutePosition(node, byId);
    const below = { x, y: y + Math.max(sizeOf(node).height, expectedHeight(node.type ?? '')) + gap };
    store.getState().transact(`Add ${countOf(others.length, 'file')}`, () => added.push(...place(deps, others, below)));
    store.getState().selectNodes([nodeId, ...added.map(({ id }) => id)]);
    notify({
      title: `${countOf(others.length, 'file')} went into ${others.length === 1 ? 'a node of its own' : 'nodes of their own'}`,
      description: own === undefined ? 'This node takes another kind of file.' : 'A node holds one file.',
    });
  }
  if (own !== undefined) uploads.begin(nodeId, own.file, added[0]?.id);
  for (const { id, file } of added) uploads.begin(id, file, id);
}

/** The files that some node takes; of the others it is said which they are. */
function sortOut({ catalogue, notify }: AddFilesDeps, files: readonly File[]): TakenFile[] {
  const fitting = files.flatMap((file): TakenFile[] => {
    const info = typeFor(catalogue, file);
    return info === null ? [] : [{ file, info }];
  });
  const strange = files.filter((file) => fitting.every((taken) => taken.file !== file));
  if (strange.length > 0) {
    notify({
      title: strange.length === files.length ? 'Not added' : 'Some files were left out',
      description: `No node takes ${namesOf(strange)}. ${capital(wordsOf(fileTypes.map((type) => rowOf(type).plural)))} work.`,
      kind: 'error',
    });
  }
  if (fitting.length > mostFiles) {
    notify({
      title: `The first ${mostFiles} files are added`,
      description: `${countOf(fitting.length - mostFiles, 'more file')} stayed out, from ${fitting[mostFiles]!.file.name} on. Add them next.`,
      kind: 'error',
    });
  }
  return fitting.slice(0, mostFiles);
}

/** "notes.txt, a.pdf and 3 more". */
function namesOf(files: readonly File[]): string {
  const named = files.slice(0, 2).map(({ name }) => name);
  return files.length > 2 ? `${named.join(', ')} and ${files.length - 2} more` : named.join(' and ');
}

/** Adds the nodes, each where it covers nothing. */
function place({ store }: AddFilesDeps, taken: readonly TakenFile[], at: XYPosition): { id: string; file: File }[] {
  const rowHeight = Math.max(...taken.map(({ info }) => expectedHeight(info.type))) + gap;
  return taken.map(({ file, info }, index) => {
    const wanted = {
      x: at.x + (index % perRow) * (nodeWidth + gap),
      y: at.y + Math.floor(index / perRow) * rowHeight,
      width: nodeWidth,
      height: expectedHeight(info.type),
    };
    const label = file.name.replace(/\.[^.]+$/, '').slice(0, 80);
    const { nodes, addNode } = store.getState();
    return { id: addNode(info.type, freePlace(nodes, wanted), { label }), file };
  });
}

/** The first node type with a file field for this kind of file. */
function typeFor(catalogue: Catalogue, file: File): NodeTypeInfo | null {
  const type = guessFileType(file.type, file.name);
  if (type === null) return null;
  for (const info of catalogue.values()) {
    if (info.inputs.length > 0) continue;
    if (fieldsOf(info.schema).some(({ control, dataType }) => control === 'file' && dataType === type)) return info;
  }
  return null;
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
