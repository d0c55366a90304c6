import { hash } from 'node:crypto';
import type { StoredLists } from '../assets/stored-lists.ts';
import { TerminalError } from '../core/errors/app-error.ts';
import { mayBranch } from '../core/graph/branches.ts';
import { cacheKeyOf, mayStandIn } from '../core/graph/cache-key.ts';
import { configOf, type NodeConfig } from '../core/graph/config.ts';
import { resolveInputs } from '../core/graph/inputs.ts';
import type { GraphStructure } from '../core/graph/structure.ts';
import type { AnyNodeDefinition, NodeCatalogue, NodeHandles } from '../core/node-type/definition.ts';
import type { NodeExecutor } from '../core/node-type/executor.ts';
import { handlesOf } from '../core/node-type/handles.ts';
import { hasStored, StoredElement } from '../core/node-type/stored-element.ts';
import type { NodeInputs, OutputValue } from '../core/node-type/values.ts';
import { standsForParts } from '../core/run/region.ts';
import type { Claim } from '../db/run-sql/result.ts';
import type { RegionFacts } from './known-facts.ts';
import type { RegionFactsReader } from './region-facts.ts';

/** What a claimed attempt is executed with. */
export interface Prepared {
  readonly definition: AnyNodeDefinition;
  readonly handles: NodeHandles;
  readonly executor: NodeExecutor;
  readonly config: NodeConfig;
  readonly inputs: NodeInputs;
  /** The same as they are written down: with what stands for lists that lie in files. */
  readonly recorded: NodeInputs;
  /** Whether the run may take one way or another. */
  readonly branches: boolean;
  /** What it is recorded together with: the other elements of its list, else its run. */
  readonly lane: string;
  /** How many nodes wait for it. */
  readonly dependents: number;
  /** Null where earlier outputs may not stand in. */
  readonly cacheKey: string | null;
}

/** Names the work of an attempt: equal for equal type, settings and inputs. */
export function workOf({ definition, config, recorded }: Pick<Prepared, 'definition' | 'config' | 'recorded'>): string {
  return cacheKeyOf(definition, config, recorded, (text) => hash('sha256', text));
}

/** Finds what an attempt needs; throws where its worker cannot execute it. */
export async function prepare(
  {
    catalogue,
    executors,
    regionFacts,
    lists,
    maxOutputBytes,
  }: {
    readonly catalogue: NodeCatalogue;
    readonly executors: ReadonlyMap<string, NodeExecutor>;
    readonly regionFacts: RegionFactsReader;
    readonly lists: StoredLists;
    readonly maxOutputBytes: number;
  },
  claim: Claim,
  structure: GraphStructure,
): Promise<Prepared> {
  const node = structure.nodes.get(claim.nodeId);
  const definition = node && catalogue.get(node.type);
  const executor = node && executors.get(node.type);
  if (node === undefined || definition === undefined || executor === undefined) {
    throw new TerminalError(
      'NODE_TYPE_UNKNOWN',
      `This worker cannot run node "${claim.nodeId}": it does not know the type. Update the worker.`,
    );
  }
  const config = configOf(structure.configs, definition, node);
  const handles = handlesOf(definition, config);
  const outputs = new Map(Object.entries(claim.dependencyOutputs ?? {}));
  const part = await partOf(regionFacts, claim);
  const coming = resolveInputs(handles, structure.incoming.get(node.id) ?? [], (nodeId, edge) =>
    part === null || part.facts.own.has(nodeId) ? outputs.get(nodeId) : part.facts.outputsAt(edge, part.index),
  );
  const standsFor = standsForParts(claim.region);
  const recorded = hasStored(coming) ? await withElements(lists, claim, coming, maxOutputBytes) : coming;
  // What stands for parts takes nothing itself.
  const inputs = !standsFor && hasStored(recorded) ? await lists.readAll(claim.userId, recorded) : recorded;
  const cacheKey =
    !standsFor && mayStandIn(definition, config, claim.useCache) ? workOf({ definition, config, recorded }) : null;
  const branches = mayBranch(structure, catalogue) || part?.facts.isSparse === true;
  const dependents = structure.dependents.get(node.id)?.length ?? 0;
  const lane = laneOf(claim, part?.facts);
  return { definition, handles, executor, config, inputs, recorded, branches, lane, dependents, cacheKey };
}

/** Elements of a list share one: in two there would be nearly twice as many statements, each at half the rows and in the way of the other. */
function laneOf({ runId }: Claim, facts: RegionFacts | undefined): string {
  return facts?.driver.executionId ?? runId;
}

/** Reads the elements that a part gets of lists in files. One that is a list may be too large for a row itself. */
async function withElements(
  lists: StoredLists,
  owner: Claim,
  inputs: NodeInputs,
  maxBytes: number,
): Promise<NodeInputs> {
  const entries: [string, NodeInputs[string]][] = [];
  for (const [name, value] of Object.entries(inputs)) {
    const read = value instanceof StoredElement ? await lists.element(value) : value;
    const isLarge = Array.isArray(read) && Buffer.byteLength(JSON.stringify(read)) > maxBytes;
    entries.push([name, isLarge ? (await lists.keep(owner, { read: read as OutputValue }, maxBytes))['read']! : read]);
  }
  return Object.fromEntries(entries);
}

/** What an attempt of a part gets from outside of its region; null for any other attempt. */
async function partOf(
  regionFacts: RegionFactsReader,
  { region }: Claim,
): Promise<{ readonly facts: RegionFacts; readonly index: number } | null> {
  if (region === null || !('of' in region)) return null;
  const facts = await regionFacts.read(region.of);
  if (facts === null)
    throw new TerminalError('WORKFLOW_NOT_FOUND', 'The run of this part was deleted. Run the workflow again.');
  if (!(await regionFacts.isKnown(facts, region.index)))
    throw new TerminalError('WORKFLOW_NOT_FOUND', 'The lap before this one was deleted. Run the workflow again.');
  return { facts, index: region.index };
}
