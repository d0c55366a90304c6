import type { XYPosition } from '@xyflow/react';
import { guessFileType, wordsOf } from '../../../core/data-types/files.ts';
import { fileTypes, rowOf } from '../../../core/data-types/table.ts';
import type { NodeTypeInfo } from '../../../core/api/node-types.ts';
import { absolutePosition, indexNodes, sizeOf } from '../../graph/canvas-graph.ts';
import type { Catalogue } from '../../graph/catalogue.ts';
import { fileFieldsOf } from '../../graph/form-fields.ts';
import { freePlace, gap } from '../../graph/free-place.ts';
import { expectedHeight, nodeWidth } from '../../graph/node-size.ts';
import type { WorkflowStoreApi } from '../../store/workflow-store.ts';
import type { Notify } from '../../ui/notify.ts';
import { countOf } from '../../ui/format.ts';
import type { Uploads, UploadTarget } from './uploads.ts';
import { sendToList } from './use-list-uploads.ts';

/** The canvas that files go into. */
export interface AddFilesDeps {
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
  /** The field of such a node that the file goes into. */
  readonly field: string;
}

interface AddedFile {
  readonly target: UploadTarget;
  readonly file: File;
}

/** Makes a node for each file that some node type takes, in rows from a point on, and uploads them. */
export function addFiles(deps: AddFilesDeps, files: readonly File[], at: XYPosition): void {
  const taken = sortOut(deps, files);
  if (taken.length === 0) return;
  const { store, uploads } = deps;
  const added: AddedFile[] = [];
  store.getState().transact(`Add ${countOf(taken.length, 'file')}`, () => added.push(...place(deps, taken, at)));
  store.getState().selectNodes(added.map(({ target }) => target.nodeId));
  for (const { target, file } of added) uploads.begin(target, file, target.nodeId);
  offerList(deps, added, at);
}

/** From so many files on, somebody may want them as one list rather than side by side. */
const offeredFrom = 4;

/** Offers once to put files of one type, which have a node each now, into one list node instead. */
function offerList(deps: AddFilesDeps, added: readonly AddedFile[], at: XYPosition): void {
  const { store, catalogue, uploads, notify } = deps;
  const types = new Set(added.map(({ file }) => guessFileType(file.type, file.name)));
  const [type] = types;
  if (added.length < offeredFrom || types.size !== 1 || type == null || !catalogue.has('list')) return;
  const files = added.map(({ file }) => file);
  const makeList = () => {
    const ids = new Set(added.map(({ target }) => target.nodeId));
    for (const { target } of added) uploads.cancel(target);
    let nodeId = '';
    store.getState().transact(`Make one list of ${countOf(files.length, 'file')}`, () => {
      const { nodes, selectNodes, deleteSelection, addNode } = store.getState();
      selectNodes(nodes.filter(({ id }) => ids.has(id)).map(({ id }) => id));
      deleteSelection();
      const wanted = { ...at, width: nodeWidth, height: expectedHeight('list') };
      const label = `${capital(rowOf(type).plural)}`;
      nodeId = addNode('list', freePlace(store.getState().nodes, wanted), { label, type, items: [] });
    });
    store.getState().selectNodes([nodeId]);
    sendToList(uploads, { nodeId, field: 'items' }, files);
  };
  notify({
    title: `${countOf(files.length, 'file')} added, a node for each`,
    action: { label: 'Make one list', onSelect: makeList },
  });
}

/** Puts the first fitting file into a field of a node; each of the others becomes a node of its own below it. */
export function fillField(deps: AddFilesDeps, into: UploadTarget, files: readonly File[]): void {
  const { nodeId } = into;
  const { store, uploads, notify } = deps;
  const { nodes } = store.getState();
  const byId = indexNodes(nodes);
  const node = byId.get(nodeId);
  if (node === undefined) return;
  const taken = sortOut(deps, files);
  const wanted = fileFieldsOf(deps.catalogue.get(node.type ?? '')).find(({ name }) => name === into.field)?.dataType;
  const own = taken.find(({ file }) => guessFileType(file.type, file.name) === wanted);
  const others = taken.filter((other) => other !== own);
  const added: AddedFile[] = [];
  if (others.length > 0) {
    const { x, y } = absolutePosition(node, byId);
    const below = { x, y: y + Math.max(sizeOf(node).height, expectedHeight(node.type ?? '')) + gap };
    store.getState().transact(`Add ${countOf(others.length, 'file')}`, () => added.push(...place(deps, others, below)));
    store.getState().selectNodes([nodeId, ...added.map(({ target }) => target.nodeId)]);
    notify({
      title: `${countOf(others.length, 'file')} went into ${others.length === 1 ? 'a node of its own' : 'nodes of their own'}`,
      description: own === undefined ? 'This node takes a different kind of file.' : 'A node holds one file.',
    });
  }
  if (own !== undefined) uploads.begin(into, own.file, added[0]?.target.nodeId);
  for (const { target, file } of added) uploads.begin(target, file, target.nodeId);
}

/** The files that some node takes; of the others it is said which they are. */
function sortOut({ catalogue, notify }: AddFilesDeps, files: readonly File[]): TakenFile[] {
  const fitting = files.flatMap((file): TakenFile[] => {
    const place = placeFor(catalogue, file);
    return place === null ? [] : [{ file, ...place }];
  });
  const strange = files.filter((file) => fitting.every((taken) => taken.file !== file));
  if (strange.length > 0) {
    notify({
      title: strange.length === files.length ? 'Not added' : 'Some files were skipped',
      description: `No node accepts ${namesOf(strange)}. ${capital(wordsOf(fileTypes.map((type) => rowOf(type).plural)))} work.`,
      kind: 'error',
    });
  }
  if (fitting.length > mostFiles) {
    notify({
      title: `Only the first ${mostFiles} files are added`,
      description: `${countOf(fitting.length - mostFiles, 'more file')} skipped, starting with ${fitting[mostFiles]!.file.name}. Add them in a second step.`,
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
function place({ store }: AddFilesDeps, taken: readonly TakenFile[], at: XYPosition): AddedFile[] {
  const rowHeight = Math.max(...taken.map(({ info }) => expectedHeight(info.type))) + gap;
  return taken.map(({ file, info, field }, index) => {
    const wanted = {
      x: at.x + (index % perRow) * (nodeWidth + gap),
      y: at.y + Math.floor(index / perRow) * rowHeight,
      width: nodeWidth,
      height: expectedHeight(info.type),
    };
    const label = file.name.replace(/\.[^.]+$/, '').slice(0, 80);
    const { nodes, addNode } = store.getState();
    return { target: { nodeId: addNode(info.type, freePlace(nodes, wanted), { label }), field }, file };
  });
}

/** The first node type without inputs that has a field for this kind of file. */
function placeFor(catalogue: Catalogue, file: File): Omit<TakenFile, 'file'> | null {
  const type = guessFileType(file.type, file.name);
  if (type === null) return null;
  for (const info of catalogue.values()) {
    if (info.inputs.length > 0) continue;
    const field = fileFieldsOf(info).find(({ dataType }) => dataType === type);
    if (field !== undefined) return { info, field: field.name };
  }
  return null;
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
