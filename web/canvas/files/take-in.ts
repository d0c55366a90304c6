import type { XYPosition } from '@xyflow/react';
import { typeOfDataUrl } from '../../../core/data-types/files.ts';
import { fileTypes, traitsOf } from '../../../core/data-types/table.ts';
import type { Limits } from '../../../core/api/config.ts';
import { fieldsOf, fileFieldsOf } from '../../graph/form-fields.ts';
import type { Catalogue } from '../../graph/catalogue.ts';
import { readPaste, type PastedMedia, type PasteLimits } from '../../graph/read-paste.ts';
import type { WorkflowStoreApi } from '../../store/workflow-store.ts';
import { countOf } from '../../ui/format.ts';
import type { Notify } from '../../ui/notify.ts';
import { readDragged } from '../../results/dragged-result.ts';
import { addAsNodes } from '../../results/use-as-input.ts';
import { addFiles } from './add-files.ts';
import type { Uploads } from './uploads.ts';

/** What a clipboard or a drag holds; it is emptied when its event is over. */
export interface Taken {
  readonly files: readonly File[];
  readonly text: string;
  readonly html: string;
  /** Results of a run that were dragged here; empty where there are none. */
  readonly results?: string;
}

/** The canvas that files and pasted text go into. */
export interface TakeInDeps {
  readonly store: WorkflowStoreApi;
  readonly catalogue: Catalogue;
  readonly uploads: Uploads;
  readonly notify: Notify;
  /** Null while they are loading; then the usual ones count. */
  readonly limits: Limits | null;
}

/** Distance between nodes that are added together, in pixels. */
const stackStep = 296;

/** Puts what was pasted or dropped onto the canvas, or says why not. */
export function takeIn(deps: TakeInDeps, { files, text, html, results = '' }: Taken, at: XYPosition): void {
  const { store, catalogue, notify } = deps;
  const dragged = readDragged(results);
  if (dragged.length > 0) {
    addAsNodes(deps, dragged, at);
    return;
  }
  const pasted = readPaste(
    { files, text, html: readHtml(html) },
    { types: new Set(catalogue.keys()), limits: pasteLimits(deps.limits) },
  );
  switch (pasted.kind) {
    case 'nothing':
      return;
    case 'files':
      addFiles(deps, pasted.files, at);
      return;
    case 'nodes': {
      const { nodes, edges } = store.getState();
      const { maxNodes, maxEdges } = pasteLimits(deps.limits);
      const most = [
        [nodes.length + pasted.fragment.nodes.length, maxNodes, 'node'],
        [edges.length + pasted.fragment.edges.length, maxEdges, 'connection'],
      ] as const;
      const over = most.find(([count, limit]) => count > limit);
      if (over !== undefined) {
        const [count, limit, what] = over;
        notify({
          title: 'Not pasted',
          description: `The workflow would have ${countOf(count, what)}; it holds ${limit}.`,
          kind: 'error',
        });
        return;
      }
      store.getState().pasteFragment(pasted.fragment, at);
      if (pasted.leftOut !== null) {
        notify({ title: 'Some content was skipped', description: pasted.leftOut, kind: 'error' });
      }
      return;
    }
    case 'media':
      addMedia(deps, pasted.media, at);
      return;
    case 'text':
      addText(deps, pasted.text, at);
      return;
    case 'refused':
      notify({ title: pasted.title, description: pasted.words, kind: 'error' });
      return;
  }
}

function pasteLimits(limits: Limits | null): PasteLimits {
  // Those of the standard settings.
  return {
    maxNodes: limits?.graph.maxNodes ?? 500,
    maxEdges: limits?.graph.maxEdges ?? 2_000,
    maxTextBytes: limits?.json.maxStringBytes ?? 262_144,
    maxGraphBytes: limits?.graph.maxBytes ?? 1_048_576,
  };
}

/** What in a piece of HTML shows a file. */
const shownFiles = fileTypes
  .flatMap((type) => traitsOf(type).elements)
  .map((element) => `${element}[src], ${element} source[src]`)
  .join();

/** The words and shown files of a piece of HTML. Nothing of it is loaded or run: it is read and dropped. */
function readHtml(html: string): { text: string; media: PastedMedia[] } | null {
  if (html === '') return null;
  const { body } = new DOMParser().parseFromString(html, 'text/html');
  for (const hidden of body.querySelectorAll('script, style, template')) hidden.remove();
  const media = [...body.querySelectorAll(shownFiles)].map((element): PastedMedia => ({
    kind: fileTypes.find((type) => element.closest(traitsOf(type).elements.join()) !== null)!,
    url: element.getAttribute('src') ?? '',
  }));
  return { text: (body.textContent ?? '').trim(), media };
}

/** A node for each address, side by side; an image that came whole in its address is uploaded. */
function addMedia(deps: TakeInDeps, media: readonly PastedMedia[], at: XYPosition): void {
  const { store, catalogue, notify } = deps;
  const files = media.flatMap(({ url }) => fileOf(url) ?? []);
  if (files.length > 0) addFiles(deps, files, at);
  const addresses = media.flatMap((item) => {
    if (/^data:/i.test(item.url)) return [];
    const place = placeOf(catalogue, item.kind);
    return place === null ? [] : [{ ...place, url: item.url }];
  });
  const lost = media.length - files.length - addresses.length;
  if (lost > 0) notify({ title: `${countOf(lost, 'file')} could not be read`, kind: 'error' });
  if (addresses.length === 0) return;
  const ids: string[] = [];
  store.getState().transact(`Add ${countOf(addresses.length, 'address', 'addresses')}`, () => {
    for (const [index, { type, field, url }] of addresses.entries()) {
      const label = nameIn(url);
      const data = { [field]: url, ...(label !== '' && { label }) };
      ids.push(store.getState().addNode(type, { x: at.x + (files.length + index) * stackStep, y: at.y }, data));
    }
  });
  store.getState().selectNodes(ids);
}

/** The first node type without inputs that takes such a file, and its field for an address. */
function placeOf(catalogue: Catalogue, kind: PastedMedia['kind']): { type: string; field: string } | null {
  for (const info of catalogue.values()) {
    if (info.inputs.length > 0) continue;
    const field = fileFieldsOf(info).find(({ dataType }) => dataType === kind)?.addressField;
    if (field !== undefined) return { type: info.type, field };
  }
  return null;
}

/** The name of the file in an address. */
function nameIn(url: string): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  let name = last;
  try {
    name = decodeURIComponent(last);
  } catch {
    // It stays as it stands.
  }
  return name
    .replace(/\.[^.]+$/, '')
    .slice(0, 80)
    .toWellFormed();
}

/** The file in a data URL; null where it is none. */
function fileOf(url: string): File | null {
  const found = /^data:([\w.+-]+\/[\w.+-]+)[^,]*;base64,([\w+/=\s-]+)$/i.exec(url);
  if (found === null || typeOfDataUrl(url) === null) return null;
  const [, type = '', base64 = ''] = found;
  try {
    const bytes = Uint8Array.from(atob(base64.replaceAll(/\s/g, '')), (character) => character.charCodeAt(0));
    return new File([bytes], `pasted.${type.split('/')[1] ?? 'bin'}`, { type: type.toLowerCase() });
  } catch {
    return null;
  }
}

function addText({ store, catalogue, notify }: TakeInDeps, text: string, at: XYPosition): void {
  for (const info of catalogue.values()) {
    if (info.inputs.length > 0) continue;
    const field = fieldsOf(info.schema).find(({ control }) => control === 'textarea');
    if (field === undefined) continue;
    store.getState().addNode(info.type, at, { [field.name]: text });
    return;
  }
  notify({ title: 'Not pasted', description: 'This server has no node type for text.', kind: 'error' });
}
