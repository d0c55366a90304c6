import { createStore } from 'zustand/vanilla';
import { isListType } from '../../core/data-types/table.ts';
import type { CanvasNode } from './canvas-graph.ts';
import { infoOf, type Catalogue } from './catalogue.ts';
import type * as listView from './list-view.ts';

/** What is known of lists. It is loaded with the first list on a canvas, since most canvases have none. */
export type ListPart = Pick<typeof listView, 'edgeLists' | 'listsErrors' | 'listsOf'>;

/** Null while it is not loaded. */
export const listPart = createStore<{ readonly part: ListPart | null }>()(() => ({ part: null }));

let isAsked = false;

/** Loads it, once; a failure leaves lists looking like single values until the next one asks. */
export function loadListPart(): void {
  if (isAsked) return;
  isAsked = true;
  import('./list-view.ts').then(
    (part) => listPart.setState({ part }),
    () => (isAsked = false),
  );
}

const known = new WeakMap<readonly CanvasNode[], boolean>();

/** Whether some node of a canvas gives lists, or begins or ends a loop. */
export function hasLists(nodes: readonly CanvasNode[], catalogue: Catalogue): boolean {
  let isIn = known.get(nodes);
  if (isIn === undefined) {
    isIn = nodes.some((node) => {
      const info = infoOf(catalogue, node);
      return info?.loop !== undefined || info?.outputs.some(({ dataType }) => isListType(dataType)) === true;
    });
    known.set(nodes, isIn);
  }
  return isIn;
}
