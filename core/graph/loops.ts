import { partsOf } from '../data-types/table.ts';
import type { NodeCatalogue } from '../node-type/definition.ts';
import { configOf } from './config.ts';
import type { GraphFinding } from './findings.ts';
import { mappingOf } from './mapping.ts';
import { nestLoops, pairLoops, type NestedLoop, type PairedLoop } from './pair-loops.ts';
import type { GraphStructure } from './structure.ts';

/** A loop as a run goes through it. */
export interface Loop extends NestedLoop {
  readonly inner: readonly Loop[];
  /** How many laps there are at most. */
  readonly most: number;
}

/** The loops of a graph, and what keeps others from being one. */
export interface LoopSearch {
  /** The outermost ones, in topological order. */
  readonly loops: readonly Loop[];
  /** They keep a run from beginning, and not a graph from being saved. */
  readonly findings: readonly GraphFinding[];
}

const known = new WeakMap<GraphStructure, LoopSearch>();

/** The loops of a valid graph. Worked out once per structure. */
export function loopsOf(structure: GraphStructure, catalogue: NodeCatalogue): LoopSearch {
  let search = known.get(structure);
  if (search === undefined) known.set(structure, (search = searchLoops(structure, catalogue)));
  return search;
}

/** The loops of a graph, each before those within it. */
export function allLoops({ loops }: Pick<LoopSearch, 'loops'>): readonly Loop[] {
  return loops.flatMap((loop) => [loop, ...allLoops({ loops: loop.inner })]);
}

function searchLoops(structure: GraphStructure, catalogue: NodeCatalogue): LoopSearch {
  const { order, incoming, nodes, configs } = { ...structure, order: structure.order.order };
  const paired = pairLoops({ order, incoming, roleOf: (id) => catalogue.get(nodes.get(id)!.type)?.loop });
  const findings = [...paired.findings, ...mappedFindings(paired.loops, structure, catalogue)];
  const broken = new Set(findings.flatMap(({ nodeIds }) => nodeIds!));
  const loops = paired.loops
    .filter(({ begin }) => !broken.has(begin))
    .map((loop): Loop => {
      const node = nodes.get(loop.begin)!;
      const definition = catalogue.get(node.type)!;
      return {
        ...loop,
        inner: [] as readonly Loop[],
        most: definition.laps?.(configOf(configs, definition, node)) ?? 1,
      };
    });
  return { loops: nestLoops(loops), findings };
}

/** Loops that lists cut through: a lap is about one value, or about one element where the loop is gone through for each. */
function mappedFindings(
  loops: readonly PairedLoop[],
  structure: GraphStructure,
  catalogue: NodeCatalogue,
): readonly GraphFinding[] {
  const mapping = mappingOf(structure, catalogue);
  if (mapping.isPlain && mapping.isFixed) return [];
  /** Lists around what a lap gets or gives. */
  const listsOf = (id: string) =>
    Math.max(
      0,
      ...structure.incoming
        .get(id)!
        .filter((edge) => edge.targetHandle === catalogue.get(structure.nodes.get(id)!.type)!.inputs[0]?.id)
        .map(
          (edge) =>
            partsOf(mapping.carriedType(edge.source, edge.sourceHandle) ?? 'any').depth - mapping.mapsOf(edge.id),
        ),
    );
  return loops.flatMap(({ begin, end, nodes }): readonly GraphFinding[] => {
    const depth = mapping.depthOf(begin);
    const own = new Set(nodes);
    const all = nodes.find((id) =>
      structure.incoming
        .get(id)!
        .some(({ id: edge, source }) => id !== begin && own.has(source) && mapping.mapsOf(edge) < depth),
    );
    if (all !== undefined) {
      return [
        {
          code: 'LOOP_INVALID',
          message: `The loop of "${begin}" runs for each element of a list, but node "${all}" in it waits for all elements. Move that node before or after the loop.`,
          nodeIds: [begin, all],
        },
      ];
    }
    const [first, next] = [listsOf(begin), listsOf(end)];
    if (mapping.depthOf(end) === depth && first !== next) {
      const words = (lists: number) => (lists === 0 ? 'one value' : lists === 1 ? 'a list' : 'a list of lists');
      return [
        {
          code: 'LOOP_INVALID',
          message: `The first lap of "${begin}" gets ${words(first)}, but "${end}" gives the next one ${words(next)}. Connect values of the same kind: each lap gets what the one before it gave.`,
          nodeIds: [begin, end],
        },
      ];
    }
    if (mapping.depthOf(end) === depth) return [];
    return [
      {
        code: 'LOOP_INVALID',
        message: `Node "${end}" would end the loop of "${begin}" separately for each element of a list. Give it the list all together, or collect the list before it.`,
        nodeIds: [end, begin],
      },
    ];
  });
}

/** What keeps the loops that some nodes are in from being gone through. */
export function loopFindings(
  structure: GraphStructure,
  catalogue: NodeCatalogue,
  nodeIds: ReadonlySet<string>,
): readonly GraphFinding[] {
  return loopsOf(structure, catalogue).findings.filter(({ nodeIds: about }) => about!.some((id) => nodeIds.has(id)));
}
