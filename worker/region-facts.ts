import { hash as digest } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { partsOf } from '../core/data-types/table.ts';
import { contentOf } from '../core/graph/cache-key.ts';
import { canonicalJson } from '../core/graph/canonical-json.ts';
import { configOf } from '../core/graph/config.ts';
import { countElements, elementsOf, type EachList, type PartElement } from '../core/graph/elements.ts';
import { planPart } from '../core/graph/plan-regions.ts';
import type { GraphStructure, ResolvedEdge } from '../core/graph/structure.ts';
import type { NodeCatalogue } from '../core/node-type/definition.ts';
import { handlesOf } from '../core/node-type/handles.ts';
import { isAssetReference, type NodeOutputs, type OutputValue } from '../core/node-type/values.ts';
import type { PartTemplate } from '../db/regions/advance.ts';
import { findDriver, findRegion, type DriverFacts } from '../db/regions/find.ts';
import { persist } from '../engine/outage.ts';
import type { WorkflowVersions } from './versions.ts';

/** What is known of a region of a run: none of it changes any more, but where it stands. */
export interface RegionFacts {
  readonly driver: DriverFacts;
  readonly structure: GraphStructure;
  readonly elements: readonly PartElement[];
  /** How many elements there are; `elements` is empty where these are more than may be. */
  readonly total: number;
  /** Of what every part gets alike. */
  readonly sharedKey: string;
  /** Whether its row was there when this was read, or was written by this process: only then are the next two known. */
  isOpen: boolean;
  /** The first element without a part, as far as this process knows. */
  cursor: number;
  /** Elements from the cursor on that have a part already. */
  ahead: ReadonlySet<number>;
  /** What comes in over an edge from outside, as the outputs of its source; null: nothing. */
  outputsAt(edge: ResolvedEdge, index: number): NodeOutputs | null;
  /** What the part of an element does with each of its nodes. */
  templateOf(index: number): PartTemplate;
  /** Whether an element may lack a value, so that its part takes another way. */
  readonly isSparse: boolean;
  readonly characters: number;
}

/** Reads what regions go through, and keeps what is in use. */
export interface RegionFactsReader {
  /** Null where the run was deleted. Throws what keeps the lists from going together. */
  read(executionId: string): Promise<RegionFacts | null>;
}

export interface RegionFactsDependencies {
  readonly pool: pg.Pool;
  readonly catalogue: NodeCatalogue;
  readonly versions: WorkflowVersions;
  readonly maxElements: number;
}

/** Of the JSON that is kept parsed: some thirty regions with lists of 256 KB. */
const maxCharacters = 8_000_000;
/** What a region takes however short its list is. */
const charactersOfAny = 4_000;
/** As long as a claim waits for Postgres. */
const persistMs = 20_000;

const sha256 = (text: string) => digest('sha256', text);
let templates = 0;

export function createRegionFacts({
  pool,
  catalogue,
  versions,
  maxElements,
}: RegionFactsDependencies): RegionFactsReader {
  const known = new LRUCache<string, RegionFacts>({
    maxSize: maxCharacters,
    sizeCalculation: ({ characters }) => Math.min(maxCharacters, characters),
  });
  const reading = new Map<string, Promise<RegionFacts | null>>();

  async function readAnew(executionId: string): Promise<RegionFacts | null> {
    const driver = await persist(() => findDriver(pool, executionId), { forMs: persistMs });
    const structure = driver === null ? null : await versions.load(driver.workflowVersionId);
    if (driver === null || structure === null) return null;
    const facts = factsOf(driver, structure, catalogue, maxElements);
    await locate(facts);
    known.set(executionId, facts);
    return facts;
  }

  /** Reads where a region stands, if it is open by now: another process may have opened it, with parts that stand in. */
  async function locate(facts: RegionFacts): Promise<RegionFacts> {
    const row = await persist(() => findRegion(pool, facts.driver.executionId), { forMs: persistMs });
    if (row !== null) Object.assign(facts, { isOpen: true, cursor: row.next, ahead: new Set(row.ahead) });
    return facts;
  }

  return {
    read: async (executionId) => {
      const found = known.get(executionId);
      if (found?.isOpen === true) return found;
      const pending =
        reading.get(executionId) ??
        (found === undefined ? readAnew(executionId) : locate(found)).finally(() => reading.delete(executionId));
      reading.set(executionId, pending);
      return pending;
    },
  };
}

function factsOf(
  driver: DriverFacts,
  structure: GraphStructure,
  catalogue: NodeCatalogue,
  maxElements: number,
): RegionFacts {
  const { region, outputs } = driver;
  const own = new Set(region.nodes);
  const outer = region.nodes.flatMap((id) => structure.incoming.get(id)!.filter(({ source }) => !own.has(source)));
  const valueAt = ({ source, sourceHandle }: ResolvedEdge): OutputValue | undefined => {
    const given = outputs[source];
    return given !== null && given !== undefined && Object.hasOwn(given, sourceHandle)
      ? given[sourceHandle]
      : undefined;
  };
  const lists: EachList[] = [];
  const shared: [string, unknown][] = [];
  const takingNull = new Set<string>();
  for (const edge of outer) {
    const value = valueAt(edge);
    if (!Object.hasOwn(region.each, edge.id)) {
      if (value !== undefined) shared.push([edge.id, contentOf(value)]);
      continue;
    }
    if (value !== undefined) lists.push({ edge: edge.id, origin: region.each[edge.id]!, list: value });
    if (takesNull(structure, catalogue, edge)) takingNull.add(edge.id);
  }
  const total = countElements(lists, region.settings.pairing);
  // What is too long fails by itself; until then nothing is made of it.
  const elements = total > maxElements ? [] : elementsOf(lists, region.settings.pairing, sha256);
  const hasLists = new Set(lists.map(({ edge }) => edge));
  const isSparse =
    Object.keys(region.each).some((id) => !hasLists.has(id)) ||
    elements.some(({ values }) => Object.entries(values).some(([id, value]) => value === null && !takingNull.has(id)));

  function isGiven(edgeId: string, index: number): boolean {
    const { values } = elements[index]!;
    if (!Object.hasOwn(values, edgeId)) return false;
    return values[edgeId] !== null || takingNull.has(edgeId);
  }

  const byAbsence = new Map<string, PartTemplate>();
  const outerById = new Map(outer.map((edge) => [edge.id, edge]));

  return {
    driver,
    structure,
    elements,
    total,
    sharedKey: sha256(canonicalJson([shared.toSorted(([one], [other]) => (one < other ? -1 : 1)), region.nodes])),
    isOpen: false,
    cursor: 0,
    ahead: new Set(),
    isSparse,
    characters: charactersOfAny + JSON.stringify(outputs).length + 200 * elements.length,
    outputsAt: (edge, index) => {
      if (!Object.hasOwn(region.each, edge.id)) return outputs[edge.source] ?? null;
      return isGiven(edge.id, index) ? { [edge.sourceHandle]: elements[index]!.values[edge.id]! } : null;
    },
    templateOf: (index) => {
      const absent = Object.keys(region.each).filter((id) => !isGiven(id, index));
      const name = absent.join(' ');
      let template = byAbsence.get(name);
      if (template === undefined) {
        const { nodes } = planPart({
          region,
          structure,
          catalogue,
          isGiven: (id) =>
            Object.hasOwn(region.each, id) ? !absent.includes(id) : valueAt(outerById.get(id)!) !== undefined,
          hash: sha256,
        });
        template = { number: (templates += 1), nodes };
        byAbsence.set(name, template);
      }
      return template;
    },
  };
}

/** A place without a value is a value like any other only where anything is taken. */
function takesNull(structure: GraphStructure, catalogue: NodeCatalogue, edge: ResolvedEdge): boolean {
  const node = structure.nodes.get(edge.target)!;
  const definition = catalogue.get(node.type)!;
  const handles = handlesOf(definition, configOf(structure.configs, definition, node));
  const input = handles.inputs.find(({ id }) => id === edge.targetHandle);
  if (input === undefined) return false;
  const { element } = partsOf(input.dataType);
  return element === 'any' || element === 'json';
}

/** Characters of the words for an element. */
const maxLabel = 80;

/** A few words of an element; null where it has none, such as a file. */
export function labelOf({ values }: PartElement): string | null {
  for (const value of Object.values(values)) {
    if (value === null || isAssetReference(value)) continue;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const line = text.trim().replaceAll(/\s+/g, ' ');
    if (line !== '')
      return line.length > maxLabel ? `${line.slice(0, maxLabel - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : line;
  }
  return null;
}
