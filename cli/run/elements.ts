import { TerminalError } from '../../core/errors/app-error.ts';
import type { ElementsOfNode } from '../../core/graph/chosen-elements.ts';
import type { ChosenElements } from '../../core/graph/each.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { findRegions } from '../../core/graph/regions.ts';
import { structureOf } from '../../core/graph/structure.ts';
import { nodeCatalogue } from '../../nodes/definitions.ts';
import { findNode } from './inputs.ts';

/** Some elements of a list, as `--first` and `--elements` name them. */
export interface AskedElements {
  /** The id or label of a node that goes through the list; null: the first list of the workflow. */
  readonly node: string | null;
  readonly only: ChosenElements;
}

const asked = /^(?:(.+):)?(\d{1,6}(?:,\d{1,6})*)$/s;

/** Reads `3` or `NODE:3`. Null where it is neither. */
export function readFirst(text: string): AskedElements | null {
  const [, node = null, count = ''] = asked.exec(text) ?? [];
  return /^[1-9]\d*$/.test(count) ? { node, only: { first: Number(count) } } : null;
}

/** Reads `5,7` or `NODE:5,7`: places in the list, from 0. Null where it is neither. */
export function readElements(text: string): AskedElements | null {
  const [, node = null, places] = asked.exec(text) ?? [];
  return places === undefined ? null : { node, only: { at: places.split(',').map(Number) } };
}

/** Finds the node. Throws REQUEST_INVALID where there is none, or no list. */
export function elementsIn(graph: Graph, { node, only }: AskedElements): ElementsOfNode {
  if (node !== null) return { nodeId: findNode(graph.nodes, node).id, only };
  const first = findRegions(structureOf(graph, nodeCatalogue), nodeCatalogue).find(({ loop }) => loop === undefined);
  if (first === undefined) {
    throw new TerminalError(
      'REQUEST_INVALID',
      'No node of the workflow goes through a list, so there are no elements to choose. Leave --first and --elements out.',
    );
  }
  return { nodeId: first.driver, only };
}
