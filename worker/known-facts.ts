import { hash as digest } from 'node:crypto';
import type { PartElement } from '../core/graph/elements.ts';
import type { FinishedNodes } from '../core/graph/plan-part.ts';
import type { GraphStructure, ResolvedEdge } from '../core/graph/structure.ts';
import type { NodeCatalogue } from '../core/node-type/definition.ts';
import type { NodeOutputs, OutputValue } from '../core/node-type/values.ts';
import type { PartTemplate } from '../db/regions/advance.ts';
import type { PartsAgain } from '../db/regions/retry-parts.ts';
import type { DriverFacts } from '../db/regions/find.ts';

/** What is known of a region of a run: none of it changes any more, but where it stands. */
export interface RegionFacts {
  readonly driver: DriverFacts;
  /** Of the graph that the nodes of its parts are of. */
  readonly structure: GraphStructure;
  /** Of a loop those of laps that have not been made yet are placeholders; see `laps`. */
  readonly elements: readonly PartElement[];
  /** Of a loop: tells what its laps get. */
  readonly laps?: LapValues;
  /** How many elements there are; `elements` is empty where these are more than may be. */
  readonly total: number;
  /** Nodes that each part executes at most. */
  readonly nodes: number;
  /** Of what every part gets alike. */
  readonly sharedKey: string;
  /** Whether its row was there when this was read, or was written by this process: only then are the next two known. */
  isOpen: boolean;
  /** The first element without a part, as far as this process knows. */
  cursor: number;
  /** Elements from the cursor on that have a part already. */
  ahead: ReadonlySet<number>;
  /** Elements that are to be gone through again, and that ever were, as far as this process knows. */
  again: number;
  retried: number;
  /** Parts that are under way, as far as this process knows. */
  unfinished: number;
  /** The first of those that are to be gone through again, as they were read last; null: they were not. */
  pageAgain: PartsAgain | null;
  /** Parts of the run that is retried which did not complete, by the key of their element. */
  partial: ReadonlyMap<string, PartialPart>;
  /** Nodes of a part that stand in the part itself; all others are outside of it. */
  readonly own: ReadonlySet<string>;
  /** What comes in over an edge from outside, as the outputs of its source; null: nothing. */
  outputsAt(edge: ResolvedEdge, index: number): NodeOutputs | null;
  /** What the part of an element does with each of its nodes. */
  templateOf(index: number): PartTemplate;
  /** The same where it is gone through again: what completed in the part that failed stands in. */
  templateAgain(index: number, failed: PartialPart): PartTemplate;
  /** Whether an element may lack a value, so that its part takes another way. */
  readonly isSparse: boolean;
  readonly characters: number;
}

/** What the laps of a loop get. It is known as far as the laps before have ended. */
export interface LapValues {
  /** The first lap whose value is not known. */
  readonly known: number;
  /** Tells what the first lap that is not known gets. */
  learn(value: OutputValue): void;
}

/** A part of an earlier run that did not complete: what did complete in it stands in. */
export interface PartialPart {
  readonly id: string;
  readonly finished: FinishedNodes;
}

/** What is known of a region by what its driver gets. */
export type KnownFacts = Omit<
  RegionFacts,
  | 'isOpen'
  | 'cursor'
  | 'ahead'
  | 'again'
  | 'retried'
  | 'unfinished'
  | 'pageAgain'
  | 'partial'
  | 'templateOf'
  | 'templateAgain'
> & {
  /** @param partial of the element, where there is one */
  planOf(index: number, partial: PartialPart | undefined): PartTemplate;
};

/** What a region is worked out from. */
export interface FactsRequest {
  readonly driver: DriverFacts;
  /** Of the graph that the driver is of. */
  readonly structure: GraphStructure;
  /** Of what the driver's run is a part of; null where it is no part. */
  readonly outer: RegionFacts | null;
  readonly catalogue: NodeCatalogue;
  readonly maxElements: number;
  /** What comes in over edges whose list is gone through, by their ids; of a list in a file what stands for its elements. */
  readonly lists: ReadonlyMap<string, OutputValue>;
}

/** In hexadecimal digits. */
export const sha256 = (text: string) => digest('sha256', text);

/** What an edge to a node of a driver's run carries; undefined: nothing. Its source is in that run or outside of its part. */
export function valueReader({ driver, outer }: Pick<FactsRequest, 'driver' | 'outer'>) {
  const { region, outputs } = driver;
  return (edge: ResolvedEdge): OutputValue | undefined => {
    const { source, sourceHandle } = edge;
    const isInside = outer === null || !('of' in region) || outer.own.has(source);
    const given = isInside ? outputs[source] : outer.outputsAt(edge, region.index);
    return given !== null && given !== undefined && Object.hasOwn(given, sourceHandle)
      ? given[sourceHandle]
      : undefined;
  };
}

let templates = 0;

/** A template with a number that no other has in this process. */
export function templateOf(nodes: PartTemplate['nodes'], graph: string | undefined): PartTemplate {
  return { number: (templates += 1), nodes, graph: graph ?? null };
}
