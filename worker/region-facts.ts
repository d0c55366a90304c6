import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import type { StoredLists } from '../assets/stored-lists.ts';
import type { NodeCatalogue } from '../core/node-type/definition.ts';
import { StoredElement } from '../core/node-type/stored-element.ts';
import { isStoredList, type OutputValue } from '../core/node-type/values.ts';
import { listPartialParts } from '../db/regions/earlier.ts';
import { findDriver, findRegion } from '../db/regions/find.ts';
import { listPartResults } from '../db/regions/list-results.ts';
import { loopOutputs } from '../core/run/region.ts';
import { persist } from '../engine/outage.ts';
import { callFacts } from './call-facts.ts';
import { valueReader, type FactsRequest, type PartialPart, type RegionFacts } from './known-facts.ts';
import { listFacts } from './list-facts.ts';
import { loopFacts } from './loop-facts.ts';
import type { WorkflowVersions } from './versions.ts';

/** Reads what regions go through, and keeps what is in use. */
export interface RegionFactsReader {
  /** Null where the run was deleted. Throws what keeps the lists from going together. */
  read(executionId: string): Promise<RegionFacts | null>;
  /** Whether it is known what a part gets: of a lap that shows when the one before it has given a value. */
  isKnown(facts: RegionFacts, index: number): Promise<boolean>;
}

interface RegionFactsDependencies {
  readonly pool: pg.Pool;
  readonly catalogue: NodeCatalogue;
  readonly versions: WorkflowVersions;
  readonly maxElements: number;
  readonly lists: StoredLists;
}

/** Of the JSON that is kept parsed: some thirty regions with lists of 256 KB. */
const maxCharacters = 8_000_000;
/** As long as a claim waits for Postgres. */
const persistMs = 20_000;

/** Reads what there is to know of a region once, and remembers it while it is asked for. */
export function createRegionFacts({
  pool,
  catalogue,
  versions,
  maxElements,
  lists,
}: RegionFactsDependencies): RegionFactsReader {
  const known = new LRUCache<string, RegionFacts>({
    maxSize: maxCharacters,
    sizeCalculation: ({ characters }) => Math.min(maxCharacters, characters),
  });
  const reading = new Map<string, Promise<RegionFacts | null>>();
  const ask = <Result>(work: () => Promise<Result>) => persist(work, { forMs: persistMs });

  async function readAnew(executionId: string): Promise<RegionFacts | null> {
    const driver = await ask(() => findDriver(pool, executionId));
    if (driver === null) return null;
    const { region, workflowVersionId } = driver;
    const outer = 'of' in region ? await read(region.of) : null;
    const structure = await versions.load(workflowVersionId, 'of' in region ? region.graph : undefined);
    if (structure === null || ('of' in region && outer === null)) return null;
    const facts = { driver, structure, outer, catalogue, maxElements };
    const request = { ...facts, lists: await listsOf(facts) };
    const called = region.call === undefined ? null : await versions.load(workflowVersionId, region.call.graph);
    if (region.call !== undefined && called === null) return null;
    const { planOf, ...rest } =
      called !== null
        ? callFacts(request, called)
        : region.loop === undefined
          ? listFacts(request)
          : loopFacts(request);
    const made: RegionFacts = {
      ...rest,
      ...{
        isOpen: false,
        cursor: 0,
        ahead: new Set<number>(),
        again: 0,
        retried: 0,
        unfinished: 0,
        pageAgain: null,
        partial: await partialOf(rest),
      },
      templateOf: (index) => planOf(index, made.partial.get(made.elements[index]!.key)),
      templateAgain: planOf,
    };
    await locate(made);
    known.set(executionId, made);
    return made;
  }

  /** What the lists are that a region goes through. */
  async function listsOf(request: Omit<FactsRequest, 'lists'>): Promise<FactsRequest['lists']> {
    const { region, userId } = request.driver;
    const valueAt = valueReader(request);
    const found = new Map<string, OutputValue>();
    for (const edge of region.nodes.flatMap((id) => request.structure.incoming.get(id) ?? [])) {
      const value = Object.hasOwn(region.each, edge.id) ? valueAt(edge) : undefined;
      if (value === undefined) continue;
      const list = value instanceof StoredElement ? await lists.element(value) : value;
      found.set(edge.id, isStoredList(list) ? await lists.index(userId, list) : list);
    }
    return found;
  }

  async function partialOf({
    driver: { retryOf, nodeId },
    sharedKey,
  }: Pick<RegionFacts, 'driver' | 'sharedKey'>): Promise<RegionFacts['partial']> {
    if (retryOf === null) return new Map();
    const parts = await ask(() => listPartialParts(pool, { runId: retryOf, driver: nodeId, sharedKey }));
    return new Map(parts.map(({ key, ...part }) => [key, partialPart(part)]));
  }

  /** Reads where a region stands, if it is open by now: another process may have opened it, with parts that stand in. */
  async function locate(facts: RegionFacts): Promise<RegionFacts> {
    const row = await ask(() => findRegion(pool, facts.driver.executionId));
    if (row !== null) {
      const { next: cursor, ahead, again, retried, unfinished } = row;
      Object.assign(facts, { isOpen: true, cursor, ahead: new Set(ahead), again, retried, unfinished });
    }
    return facts;
  }

  async function read(executionId: string): Promise<RegionFacts | null> {
    const found = known.get(executionId);
    if (found?.isOpen === true) return found;
    const pending =
      reading.get(executionId) ??
      (found === undefined ? readAnew(executionId) : locate(found)).finally(() => reading.delete(executionId));
    reading.set(executionId, pending);
    return pending;
  }

  async function isKnown({ driver, laps, elements }: RegionFacts, index: number): Promise<boolean> {
    if (laps === undefined || index < laps.known || index >= elements.length) return true;
    const { runId, executionId, region } = driver;
    const query = { runId, executionId, nodeId: region.loop!.end, after: laps.known - 2, limit: region.loop!.most };
    for (const { index: lap, outputs } of await ask(() => listPartResults(pool, query))) {
      // Another one who asked may have been told meanwhile.
      if (lap === laps.known - 1 && Object.hasOwn(outputs, loopOutputs.value)) laps.learn(outputs[loopOutputs.value]!);
    }
    return index < laps.known;
  }

  return { read, isKnown };
}

/** A part that did not complete, with what did complete in it. */
export function partialPart({
  id,
  nodes,
}: {
  readonly id: string;
  readonly nodes: Readonly<Record<string, readonly string[]>> | null;
}): PartialPart {
  return { id, finished: new Map(Object.entries(nodes ?? {}).map(([node, names]) => [node, new Set(names)])) };
}
