import type pg from 'pg';
import type { StoredLists } from '../assets/stored-lists.ts';
import { TerminalError } from '../core/errors/app-error.ts';
import { configOf } from '../core/graph/config.ts';
import type { GraphStructure } from '../core/graph/structure.ts';
import type { NodeCatalogue } from '../core/node-type/definition.ts';
import { errorsOutputId, handlesOf } from '../core/node-type/handles.ts';
import type { NodeInputs, NodeOutputs, OutputValue } from '../core/node-type/values.ts';
import type { RegionLimits } from '../core/limits.ts';
import { errorOutputId } from '../core/run/edges.ts';
import { cancelledMark, emptyPlaces, mostFailed, verdictOf, verdictOfDriver } from '../core/run/region.ts';
import { listFinishedParts } from '../db/regions/earlier.ts';
import { findDriverOf, findRegion, type RegionRow } from '../db/regions/find.ts';
import { listPartErrors, listPartResults, type PartError } from '../db/regions/list-results.ts';
import { openRegion, type StandIn } from '../db/regions/open.ts';
import { addPlannedExecutions, countPlannedExecutions } from '../db/regions/planned.ts';
import type { ChangedRun, Claim } from '../db/run-sql/result.ts';
import { persist } from '../engine/outage.ts';
import { createCallResults } from './call-results.ts';
import { labelOfPart } from './list-facts.ts';
import { createLoopResults } from './loop-results.ts';
import type { RegionFacts } from './known-facts.ts';
import type { RegionFactsReader } from './region-facts.ts';
import type { Regions } from './regions.ts';

/** Executes the attempts of nodes that stand for all elements of a region. */
export interface RegionDriver {
  /**
   * Of the first node of a region: makes its parts and lets it wait (null), or gives what they put out. Throws why the lists
   * do not go together, what is over a limit, or that too many elements failed.
   */
  drive(claim: Claim, inputs: NodeInputs): Promise<NodeOutputs | null>;
  /** Of any other node of it, once the first has completed. */
  collect(claim: Claim, driver: string): Promise<NodeOutputs>;
}

interface RegionDriverDependencies {
  readonly pool: pg.Pool;
  readonly catalogue: NodeCatalogue;
  readonly facts: RegionFactsReader;
  readonly regions: Regions;
  readonly limits: RegionLimits;
  readonly lists: StoredLists;
  readonly maxOutputBytes: number;
  readonly newId: () => string;
  readonly onChanged: (runs: readonly ChangedRun[]) => void;
}

/** Outputs of parts that are in memory at once, besides the list that they become. */
const pageSize = 200;
/** As long as a claim waits for Postgres. */
const persistMs = 20_000;

/** Asks Postgres for 20 s before it gives up; lists are read 200 parts at a time. */
export function createRegionDriver(dependencies: RegionDriverDependencies): RegionDriver {
  const { pool, catalogue, facts, regions, limits, lists, maxOutputBytes, newId, onChanged } = dependencies;
  const ask = <Result>(work: () => Promise<Result>) => persist(work, { forMs: persistMs });

  async function factsOf(executionId: string): Promise<RegionFacts> {
    const found = await facts.read(executionId);
    if (found === null)
      throw new TerminalError('WORKFLOW_NOT_FOUND', 'The graph of this run was deleted. Run the workflow again.');
    return found;
  }

  async function requireWithinLimits({ total, nodes, driver }: RegionFacts): Promise<void> {
    if (total > limits.maxElements) {
      throw new TerminalError(
        'LIST_TOO_LONG',
        `There are ${total} elements to go through; the limit is ${limits.maxElements}. Take fewer of them, for example with "Pick".`,
        { details: { elements: total, limit: limits.maxElements } },
      );
    }
    const executions = total * nodes;
    const { runId, region } = driver;
    const limit = limits.maxExecutions;
    const { nodes: planned, isWithin } =
      'of' in region
        ? await ask(() => addPlannedExecutions(pool, { partId: runId, nodeId: driver.nodeId }, executions, limit))
        : await withoutParts(runId, executions);
    if (!isWithin) throw runTooLarge(total, nodes, planned, limit);
  }

  async function withoutParts(runId: string, executions: number) {
    const nodes = await ask(() => countPlannedExecutions(pool, runId));
    return { nodes, isWithin: nodes + executions <= limits.maxExecutions };
  }

  /** Parts of the run that is retried stand in for elements that are the same, if all else that parts get is. */
  async function standInsOf({ driver, elements, sharedKey }: RegionFacts): Promise<StandIn[]> {
    const { retryOf, nodeId } = driver;
    if (retryOf === null) return [];
    const earlier = await ask(() => listFinishedParts(pool, { runId: retryOf, driver: nodeId, sharedKey }));
    const byKey = new Map(earlier.map(({ id, key }) => [key, id]));
    return elements.flatMap((element) => {
      const from = byKey.get(element.key);
      return from === undefined
        ? []
        : [{ id: newId(), index: element.index, key: element.key, label: labelOfPart(element), from }];
    });
  }

  /** The driver waits from now on, and parts are made. */
  async function open({ id, runId, attempt }: Claim, inputs: NodeInputs, row: RegionRow | null): Promise<void> {
    const known = await factsOf(id);
    const { total, sharedKey, driver, nodes } = known;
    const { settings, loop } = driver.region;
    const earlier =
      row !== null
        ? { laps: [], isOver: false }
        : loop === undefined
          ? { laps: await standInsOf(known), isOver: false }
          : await loops.standIns(known);
    const standIns = earlier.laps;
    const ahead = new Set(standIns.map(({ index }) => index));
    let next = 0;
    while (ahead.has(next)) next += 1;
    const region = {
      ...{ id, runId, attempt, inputs, sharedKey, next },
      // The laps of a loop that had ended in the earlier run are all that there are.
      total: earlier.isOver ? next : total,
      nodes,
      width: settings.concurrency,
      mostFailed: mostFailed(settings, total),
    };
    const { isOpen, runs } = await ask(() => openRegion(pool, region, standIns));
    // Where the answer is lost, or somebody else was first, it is read when it is needed.
    if (row === null && isOpen) Object.assign(known, { isOpen, cursor: next, ahead });
    onChanged(runs);
    if (isOpen) regions.fill(id, runId);
  }

  /** What a node put out in all parts, each output as a list. */
  async function collectFrom(
    known: RegionFacts,
    nodeId: string,
    row: RegionRow | null,
  ): Promise<Record<string, OutputValue>> {
    const { driver, structure } = known;
    const { settings, handling = [], inner = [] } = driver.region;
    const wanted = [
      ...outputNames(structure, catalogue, nodeId),
      ...(handling.includes(nodeId) ? [errorOutputId] : []),
      // Of a list within this one: each part has errors of its own. A loop has none.
      ...(inner.some(({ nodes: [first], loop }) => first === nodeId && loop === undefined) ? [errorsOutputId] : []),
    ];
    const writers = wanted.map((name) => ({
      name,
      list: lists.writer(driver, maxOutputBytes),
      // Only failures that were handled have an error: it is no place in a list of values.
      onError: name === errorOutputId ? ('leaveOut' as const) : settings.onError,
    }));
    type Writer = (typeof writers)[number];
    const fillUp = async ({ list, onError }: Writer, index: number) => {
      for (let left = emptyPlaces(onError, list.length, index); left > 0; left -= 1) await list.push(null);
    };
    try {
      for (let after = -1; row !== null;) {
        const page = await ask(() =>
          listPartResults(pool, {
            ...{ runId: driver.runId, executionId: driver.executionId, nodeId, after, limit: pageSize },
          }),
        );
        for (const { index, outputs } of page) {
          for (const writer of writers) {
            const { name, list } = writer;
            if (!Object.hasOwn(outputs, name)) continue;
            await fillUp(writer, index);
            await list.push(outputs[name]!);
          }
        }
        if (page.length < pageSize) break;
        after = page.at(-1)!.index;
      }
      const collected: [string, OutputValue][] = [];
      for (const writer of writers) {
        await fillUp(writer, known.total);
        collected.push([writer.name, await writer.list.end()]);
      }
      return Object.fromEntries(collected);
    } finally {
      for (const { list } of writers) await list.dispose();
    }
  }

  const calls = createCallResults({ pool, catalogue, ask });
  const errorsOf = ({ driver: { runId, executionId } }: RegionFacts) =>
    ask(() => listPartErrors(pool, runId, executionId, limits.maxElements));
  const loops = createLoopResults({ pool, ask, listErrors: errorsOf, newId });
  const fitting = (owner: Claim, outputs: NodeOutputs) => lists.keep(owner, outputs, maxOutputBytes);

  return {
    drive: async (claim, inputs) => {
      const known = await factsOf(claim.id);
      const row = await ask(() => findRegion(pool, claim.id));
      if (row === null && known.total > 0) {
        if (known.driver.region.call !== undefined) calls.requireFit(known, await lists.readAll(claim.userId, inputs));
        await requireWithinLimits(known);
        await open(claim, inputs, null);
        return null;
      }
      const verdict = row === null ? 'collect' : verdictOfDriver(row, row.isClosed);
      if (verdict === 'wait') {
        await open(claim, inputs, row);
        return null;
      }
      const { loop } = known.driver.region;
      if (loop !== undefined) {
        // Where that is handled, its end fails, whose error leads on.
        if (verdict === 'fail' && loop.handlesError !== true) throw await loops.failed(known);
        return fitting(claim, await loops.collect(known, claim.nodeId, row!));
      }
      const errors = row === null ? [] : await errorsOf(known);
      if (verdict === 'fail') {
        throw known.driver.region.call === undefined
          ? elementsFailed(known, row!, errors)
          : calls.failed(known, errors);
      }
      if (known.driver.region.call !== undefined)
        return calls.collect(known, (results, maxBytes) => lists.keep(claim, results, maxBytes));
      const told = errors.map(({ node: _node, ...error }) => error);
      const outputs = await collectFrom(known, claim.nodeId, row);
      return fitting(claim, Object.hasOwn(outputs, errorsOutputId) ? outputs : { ...outputs, [errorsOutputId]: told });
    },
    collect: async (claim, driver) => {
      const { runId, nodeId } = claim;
      const executionId = await ask(() => findDriverOf(pool, runId, driver));
      if (executionId === null) throw new Error(`The region of node "${nodeId}" has no first node.`);
      const known = await factsOf(executionId);
      const row = await ask(() => findRegion(pool, executionId));
      const { loop } = known.driver.region;
      if (loop === undefined || row === null) return fitting(claim, await collectFrom(known, nodeId, row));
      if (nodeId === loop.end && verdictOf(row) === 'fail') throw await loops.failed(known);
      return fitting(claim, await loops.collect(known, nodeId, row));
    },
  };
}

function outputNames(structure: GraphStructure, catalogue: NodeCatalogue, nodeId: string): string[] {
  const node = structure.nodes.get(nodeId)!;
  const definition = catalogue.get(node.type)!;
  return handlesOf(definition, configOf(structure.configs, definition, node)).outputs.map(({ id }) => id);
}

function elementsFailed(
  { total }: RegionFacts,
  { failed, completed, mostFailed: most }: RegionRow,
  errors: readonly PartError[],
): TerminalError {
  if (most === cancelledMark) {
    return new TerminalError(
      'LIST_CANCELLED',
      `The list was canceled; ${completed} of ${total} elements were done. Run it again: what completed is not executed again.`,
      { details: { completed, total } },
    );
  }
  const [first] = errors;
  const why = first === undefined ? '' : ` Element ${first.index + 1}: ${first.message}`;
  return new TerminalError(
    'ELEMENTS_FAILED',
    `${failed} of ${total} elements failed, more than the node allows.${why} Run it again: what completed is not executed again.`,
    { details: { failed, total } },
  );
}

function runTooLarge(total: number, nodes: number, planned: number, limit: number): TerminalError {
  const executions = total * nodes;
  return new TerminalError(
    'RUN_TOO_LARGE',
    `${total} elements through ${nodes} nodes are ${executions} executions${planned > 0 ? `, beside ${planned} of this run` : ''}; the limit of a run is ${limit}. Take fewer elements, or go through them in several runs.`,
    { details: { executions: planned + executions, limit } },
  );
}
