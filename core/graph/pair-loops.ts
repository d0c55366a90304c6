import type { GraphFinding } from './findings.ts';
import type { ResolvedEdge } from './structure.ts';

/*
 * A loop is what lies between a node that begins one and the node that ends it: everything that the value leads to from
 * the one on, and does not come to by way of the other. All of it is executed once per lap; the graph itself has no cycle.
 * Which end belongs to which beginning follows from the edges alone: the innermost one whose value comes there.
 */

/** A graph as far as loops are found in it. */
export interface LoopGraph {
  /** Node ids, dependencies first; what is on a cycle is left out. */
  readonly order: readonly string[];
  readonly incoming: ReadonlyMap<string, readonly ResolvedEdge[]>;
  /** Whether a node begins a loop or ends one. */
  roleOf(nodeId: string): 'begin' | 'end' | undefined;
}

/** A part of a graph that is repeated until a condition holds. */
export interface PairedLoop {
  /** The node that it begins with. */
  readonly begin: string;
  readonly end: string;
  /** In topological order, both ends included. */
  readonly nodes: readonly string[];
}

/** A loop with those within it. */
export interface NestedLoop extends PairedLoop {
  /** Loops within each lap. */
  readonly inner: readonly NestedLoop[];
}

/** The loops of a graph, and what keeps others from being one. */
export interface PairedLoops {
  /** Outer ones first. */
  readonly loops: readonly PairedLoop[];
  readonly findings: readonly GraphFinding[];
}

/** Loops within one another that a graph may have. */
export const maxLoopDepth = 3;

const none: PairedLoops = { loops: [], findings: [] };

/** What is known of a node while the graph is walked through. */
interface Place {
  /** Beginnings of the loops that it is in. */
  readonly within: ReadonlySet<string>;
  /** Beginnings of the loops that its outputs are in. */
  readonly after: ReadonlySet<string>;
  /** Beginnings of the loops whose end comes before its outputs. */
  readonly left: ReadonlySet<string>;
}

/** Finds which ends belong to which beginnings. Linear in nodes and edges for each loop; none where nothing begins or ends one. */
export function pairLoops({ order, incoming, roleOf }: LoopGraph): PairedLoops {
  if (!order.some((id) => roleOf(id) !== undefined)) return none;
  const findings: GraphFinding[] = [];
  const places = new Map<string, Place>();
  const ends = new Map<string, string>();
  const begins: string[] = [];
  const complain = (message: string, nodeIds: readonly string[], edgeIds?: readonly string[]) =>
    void findings.push({ code: 'LOOP_INVALID', message, nodeIds, ...(edgeIds !== undefined && { edgeIds }) });

  for (const id of order) {
    const sources = incoming.get(id)!.map((edge) => ({ edge, place: places.get(edge.source)! }));
    const within = new Set(sources.flatMap(({ place }) => [...place.after]));
    const left = new Set(sources.flatMap(({ place }) => [...place.left]));
    for (const begin of [...within].filter((one) => left.has(one))) {
      const around = sources.filter(({ place }) => place.after.has(begin)).map(({ edge }) => edge);
      complain(
        `Node "${id}" comes after the loop of "${begin}", and gets a value from within it as well. The result of a loop comes out of its end "${ends.get(begin)}": connect that, or move the node into the loop.`,
        [id, ...around.map(({ source }) => source), begin],
        around.map((edge) => edge.id),
      );
      within.delete(begin);
    }
    const innermost = innermostOf(within);
    if (innermost === undefined) {
      complain(
        `At node "${id}" the loops of ${[...within].map((one) => `"${one}"`).join(' and ')} overlap. One loop has to lie completely within the other: give the inner one its first value from a node of the outer one.`,
        [id, ...within],
      );
      within.clear();
    }
    const after = new Set(within);
    if (roleOf(id) === 'begin') {
      begins.push(id);
      within.add(id);
      after.add(id);
    } else if (roleOf(id) === 'end' && innermost !== undefined) {
      if (innermost === null) {
        complain(
          `Node "${id}" ends a loop that does not begin anywhere. Add "Repeat" before the first node that is to be repeated.`,
          [id],
        );
      } else {
        const other = ends.get(innermost);
        if (other !== undefined) {
          complain(
            `The loop of "${innermost}" has two ends, "${other}" and "${id}". Join the branches before one of them, and remove the other.`,
            [innermost, other, id],
          );
        }
        ends.set(innermost, id);
        after.delete(innermost);
        left.add(innermost);
      }
    }
    places.set(id, { within, after, left });
  }

  for (const id of begins) {
    if (ends.has(id)) continue;
    complain(`The loop of "${id}" has no end. Add "Until" after the last node that is to be repeated.`, [id]);
  }
  const found = begins.filter((id) => ends.has(id)).map((begin) => loopAt(begin));
  for (const { begin } of found) {
    const around = [...places.get(begin)!.within].filter((id) => ends.has(id));
    if (around.length === maxLoopDepth + 1) {
      complain(
        `The loop of "${begin}" lies within ${maxLoopDepth} others, which is the limit. Move its nodes into a workflow of their own, and call that.`,
        [begin],
      );
    }
  }
  const broken = new Set(findings.flatMap(({ nodeIds }) => nodeIds!));
  return { loops: found.filter(({ begin }) => !broken.has(begin)), findings };

  /** The loop among these that lies within all others; null where there are no loops, undefined where none does. */
  function innermostOf(within: ReadonlySet<string>): string | null | undefined {
    if (within.size === 0) return null;
    for (const id of within) {
      const around = places.get(id)!.within;
      if ([...within].every((other) => around.has(other))) return id;
    }
    return undefined;
  }

  function loopAt(begin: string): PairedLoop {
    return { begin, end: ends.get(begin)!, nodes: order.filter((id) => places.get(id)!.within.has(begin)) };
  }
}

/** Each loop in the smallest one around it: the outermost ones. */
export function nestLoops<Loop extends PairedLoop>(
  loops: readonly Loop[],
): readonly (Loop & { readonly inner: readonly (Loop & NestedLoop)[] })[] {
  type Whole = Loop & { readonly inner: readonly (Loop & NestedLoop)[] };
  const inner = new Map<string, Loop[]>();
  const outermost: Loop[] = [];
  for (const loop of loops) {
    const around = loops
      .filter((other) => other !== loop && other.nodes.includes(loop.begin))
      .toSorted((one, other) => one.nodes.length - other.nodes.length)[0];
    if (around === undefined) outermost.push(loop);
    else inner.set(around.begin, [...(inner.get(around.begin) ?? []), loop]);
  }
  const whole = (loop: Loop): Whole => ({ ...loop, inner: (inner.get(loop.begin) ?? []).map(whole) });
  return outermost.map(whole);
}
