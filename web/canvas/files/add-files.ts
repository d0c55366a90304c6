import type { XYPosition } from '@xyflow/react';
import { guessFileType, wordsOf } from '../../../core/data-types/files.ts';
import { fileTypes, rowOf, type FileType } from '../../../core/data-types/table.ts';
import type { NodeTypeInfo } from '../../../core/api/node-types.ts';
import { absolutePosition, indexNodes, sizeOf } from '../../graph/canvas-graph.ts';
import type { Catalogue } from '../../graph/catalogue.ts';
import { fileFieldsOf } from '../../graph/form-fields.ts';
import { freePlace, gap } from '../../graph/free-place.ts';
import { heightToCome } from '../../graph/node-height.ts';
import { nodeWidth } from '../../graph/node-size.ts';
import type { WorkflowStoreApi } from '../../store/workflow-store.ts';
import type { Notify, ToastOptions } from '../../ui/notify.ts';
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
/** So many nodes at once are a slip of the hand more often than a wish. */
const mostFiles = 100;
/** As many as a list takes at once. */
const mostInList = 1_000;

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
  const fitting = fittingOf(deps, files);
  if (fitting.length > mostFiles && makeLongList(deps, fitting, at)) return;
  const taken = upToMost(deps, fitting);
  if (taken.length === 0) return;
  const { store, uploads } = deps;
  const added: AddedFile[] = [];
  store.getState().transact(`Add ${countOf(taken.length, 'file')}`, () => added.push(...place(deps, taken, at)));
  store.getState().selectNodes(added.map(({ target }) => target.nodeId));
  for (const { target, file } of added) uploads.begin(target, file, target.nodeId);
  const action = listOffer(deps, added, at);
  if (action === undefined) return;
  deps.notify({
    title: `${countOf(added.length, 'file')} added, a node for each`,
    description: 'One list of them runs what comes after it once for each.',
    action,
    timeoutMs: offerMs,
  });
}

/** From so many files on, somebody may want them as one list rather than side by side. */
const offeredFrom = 4;
/** Somebody who sees them appear has to find out first what this means. */
const offerMs = 20_000;

/** More files of one type than get nodes of their own become one list node. False where they are of several types, or there is no such node. */
function makeLongList(deps: AddFilesDeps, fitting: readonly TakenFile[], at: XYPosition): boolean {
  const { catalogue, notify } = deps;
  const files = fitting.map(({ file }) => file);
  const type = commonType(files);
  if (type === null || !catalogue.has('list')) return false;
  const taken = files.slice(0, mostInList);
  let nodeId = '';
  deps.store.getState().transact(`Make one list of ${countOf(taken.length, 'file')}`, () => {
    nodeId = addList(deps, type, at);
  });
  fillList(deps, nodeId, taken);
  notify({
    title: `${countOf(taken.length, 'file')} added as one list`,
    description:
      taken.length < files.length
        ? `${countOf(files.length - taken.length, 'more file')} skipped: a list takes ${mostInList.toLocaleString()} at once. Add them in a second step.`
        : 'Connect it to a node that takes one: it runs once for each.',
    kind: taken.length < files.length ? 'error' : 'info',
  });
  return true;
}

/** The type that all of some files have; null where they have several. */
function commonType(files: readonly File[]): FileType | null {
  const types = new Set(files.map((file) => guessFileType(file.type, file.name)));
  const [type = null] = types;
  return types.size === 1 ? type : null;
}

/** Adds a list node for files of a type where nothing is; its id. */
function addList({ store }: AddFilesDeps, type: FileType, at: XYPosition): string {
  const data = { label: capital(rowOf(type).plural), type, items: [] };
  const wanted = { ...at, width: nodeWidth, height: heightToCome('list', data) };
  const { nodes, addNode } = store.getState();
  return addNode('list', freePlace(nodes, wanted), data);
}

function fillList({ store, uploads }: AddFilesDeps, nodeId: string, files: readonly File[]): void {
  store.getState().selectNodes([nodeId]);
  sendToList(uploads, { nodeId, field: 'items' }, files);
}

/** What puts files of one type, which have a node each now, into one list node instead; undefined where nobody would want that. */
function listOffer(deps: AddFilesDeps, added: readonly AddedFile[], at: XYPosition): ToastOptions['action'] {
  const { store, catalogue, uploads } = deps;
  const files = added.map(({ file }) => file);
  const type = commonType(files);
  if (added.length < offeredFrom || type === null || !catalogue.has('list')) return undefined;
  const makeList = () => {
    const ids = new Set(added.map(({ target }) => target.nodeId));
    for (const { target } of added) uploads.cancel(target);
    let nodeId = '';
    store.getState().transact(`Make one list of ${countOf(files.length, 'file')}`, () => {
      const { nodes, selectNodes, deleteSelection } = store.getState();
      selectNodes(nodes.filter(({ id }) => ids.has(id)).map(({ id }) => id));
      deleteSelection();
      nodeId = addList(deps, type, at);
    });
    fillList(deps, nodeId, files);
  };
  return { label: 'Make one list', onSelect: makeList };
}

/** Puts the first fitting file into a field of a node; each of the others becomes a node of its own below it. */
export function fillField(deps: AddFilesDeps, into: UploadTarget, files: readonly File[]): void {
  const { nodeId } = into;
  const { store, uploads, notify } = deps;
  const { nodes } = store.getState();
  const byId = indexNodes(nodes);
  const node = byId.get(nodeId);
  if (node === undefined) return;
  const taken = upToMost(deps, fittingOf(deps, files));
  const wanted = fileFieldsOf(deps.catalogue.get(node.type ?? '')).find(({ name }) => name === into.field)?.dataType;
  const own = taken.find(({ file }) => guessFileType(file.type, file.name) === wanted);
  const others = taken.filter((other) => other !== own);
  const added: AddedFile[] = [];
  if (others.length > 0) {
    const { x, y } = absolutePosition(node, byId);
    const below = { x, y: y + Math.max(sizeOf(node).height, heightToCome(node.type ?? '', node.data)) + gap };
    store.getState().transact(`Add ${countOf(others.length, 'file')}`, () => added.push(...place(deps, others, below)));
    store.getState().selectNodes([nodeId, ...added.map(({ target }) => target.nodeId)]);
    const action = listOffer(deps, added, below);
    notify({
      title: `${countOf(others.length, 'file')} went into ${others.length === 1 ? 'a node of its own' : 'nodes of their own'}`,
      description: own === undefined ? 'This node takes a different kind of file.' : 'A node holds one file.',
      ...(action !== undefined && { action, timeoutMs: offerMs }),
    });
  }
  if (own !== undefined) uploads.begin(into, own.file, added[0]?.target.nodeId);
  for (const { target, file } of added) uploads.begin(target, file, target.nodeId);
}

/** The files that some node takes; of the others it is said which they are. */
function fittingOf({ catalogue, notify }: AddFilesDeps, files: readonly File[]): TakenFile[] {
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
  return fitting;
}

/** As many as get nodes of their own. */
function upToMost({ notify }: AddFilesDeps, fitting: readonly TakenFile[]): readonly TakenFile[] {
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
  const rowHeight = Math.max(...taken.map(({ info }) => heightToCome(info.type, info.defaults))) + gap;
  return taken.map(({ file, info, field }, index) => {
    const wanted = {
      x: at.x + (index % perRow) * (nodeWidth + gap),
      y: at.y + Math.floor(index / perRow) * rowHeight,
      width: nodeWidth,
      height: heightToCome(info.type, info.defaults),
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
