import type { ShapeRule } from '../../core/node-type/definition.ts';
import type { RunView } from '../live/run-view.ts';
import { indexEdges, indexNodes, type NodeData } from './canvas-graph.ts';
import { infoOf, type Catalogue } from './catalogue.ts';
import { drawnFieldsOf } from './form-fields.ts';
import { knownInputs, type KnownGraph } from './known-values.ts';
import { lookOf } from './look.ts';

/** Width by height: `times` alone where `of` is null, else times that of the file at this address. */
export interface ShapeToCome {
  readonly of: string | null;
  readonly times: number;
}

/** A chain of nodes is followed so far up to the file that it begins with. */
const mostSteps = 40;

/** The shape that the picture of a node is going to have, from its settings and from what comes in; null where only a run can tell. */
export function shapeToCome(
  graph: KnownGraph,
  catalogue: Catalogue,
  view: RunView | null,
  nodeId: string,
): ShapeToCome | null {
  let times = 1;
  let at = nodeId;
  for (let step = 0; step < mostSteps; step += 1) {
    const node = indexNodes(graph.nodes).get(at);
    const info = infoOf(catalogue, node);
    if (node === undefined || info === undefined) return null;
    const incoming = indexEdges(graph.edges).incoming.get(at);
    const isConnected = (id: string) => incoming?.has(id) === true;
    // What only names connect, such as a box to crop, wins over everything that is set.
    if (info.inputs.some(({ id, onlyByName, many }) => onlyByName === true && many !== true && isConnected(id)))
      return null;
    const fields = drawnFieldsOf(info);
    const valueOf = (name: string) => node.data[name] ?? fields.find((field) => field.name === name)?.defaultValue;
    const taken = (name: string) => info.inputs.some(({ id, configField }) => configField === name && isConnected(id));
    const found = firstOf(lookOf(info.type).shape ?? [], { valueOf, taken });
    if (found === null) return null;
    times *= found.times;
    if (found.like === null) return { of: null, times };
    const value = knownInputs(graph, catalogue, view, at)[found.like];
    const known = sizeIn(value);
    if (known !== null) return { of: null, times: times * known };
    const url = addressIn(value);
    if (url !== null) return { of: url, times };
    const [edge] = incoming?.get(found.like) ?? [];
    if (edge === undefined) return null;
    at = edge.source;
  }
  return null;
}

interface Settings {
  valueOf(field: string): NodeData[string];
  /** Whether a connection takes the place of a field. */
  taken(field: string): boolean;
}

function firstOf(
  rules: readonly ShapeRule[],
  { valueOf, taken }: Settings,
): { like: string | null; times: number } | null {
  for (const { when = {}, aspect, sides, like, part } of rules) {
    if (!Object.entries(when).every(([field, values]) => values.includes(valueOf(field)))) continue;
    if (aspect !== undefined) {
      const times = ratioIn(valueOf(aspect));
      if (times !== null) return { like: null, times };
    }
    if (sides !== undefined) {
      if (sides.some(taken)) return null;
      const times = quotient(valueOf(sides[0]), valueOf(sides[1]));
      if (times !== null) return { like: null, times };
    }
    if (like !== undefined) {
      const times = part === undefined ? 1 : quotient(valueOf(part[0]), valueOf(part[1]));
      return times === null ? null : { like, times };
    }
  }
  return null;
}

/** `16:9` as a number. */
function ratioIn(value: unknown): number | null {
  const [, width, height] = /^\s*(\d+(?:\.\d+)?)\s*:\s*(\d+(?:\.\d+)?)\s*$/.exec(String(value)) ?? [];
  return quotient(Number(width), Number(height));
}

function quotient(width: unknown, height: unknown): number | null {
  if (typeof width !== 'number' || typeof height !== 'number') return null;
  const ratio = width / height;
  return Number.isFinite(ratio) && ratio > 0 ? ratio : null;
}

/** Of a file that a run has put out. */
function sizeIn(value: unknown): number | null {
  if (typeof value !== 'object' || value === null || !('width' in value) || !('height' in value)) return null;
  return quotient(value.width, value.height);
}

function addressIn(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null && 'url' in value && typeof value.url === 'string'
    ? value.url
    : null;
}
