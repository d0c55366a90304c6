import { hash } from 'node:crypto';
import { TerminalError } from '../core/errors/app-error.ts';
import { mayBranch } from '../core/graph/branches.ts';
import { cacheKeyOf, mayStandIn } from '../core/graph/cache-key.ts';
import { configOf, type NodeConfig } from '../core/graph/config.ts';
import { resolveInputs } from '../core/graph/inputs.ts';
import type { GraphStructure } from '../core/graph/structure.ts';
import type { AnyNodeDefinition, NodeCatalogue, NodeHandles } from '../core/node-type/definition.ts';
import type { NodeExecutor } from '../core/node-type/executor.ts';
import { handlesOf } from '../core/node-type/handles.ts';
import type { NodeInputs } from '../core/node-type/values.ts';
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
  /** Whether the run may take one way or another. */
  readonly branches: boolean;
  /** How many nodes wait for it. */
  readonly dependents: number;
  /** Null where earlier outputs may not stand in. */
  readonly cacheKey: string | null;
}

/** Names the work of an attempt: equal for equal type, settings and inputs. */
export function workOf({ definition, config, inputs }: Pick<Prepared, 'definition' | 'config' | 'inputs'>): string {
  return cacheKeyOf(definition, config, inputs, (text) => hash('sha256', text));
}

/** Finds what an attempt needs; throws where its worker cannot execute it. */
export async function prepare(
  {
    catalogue,
    executors,
    regionFacts,
  }: {
    readonly catalogue: NodeCatalogue;
    readonly executors: ReadonlyMap<string, NodeExecutor>;
    readonly regionFacts: RegionFactsReader;
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
  const inputs = resolveInputs(handles, structure.incoming.get(node.id) ?? [], (nodeId, edge) =>
    part === null || part.facts.own.has(nodeId) ? outputs.get(nodeId) : part.facts.outputsAt(edge, part.index),
  );
  const cacheKey =
    !standsForParts(claim.region) && mayStandIn(definition, config, claim.useCache)
      ? workOf({ definition, config, inputs })
      : null;
  const branches = mayBranch(structure, catalogue) || part?.facts.isSparse === true;
  const dependents = structure.dependents.get(node.id)?.length ?? 0;
  return { definition, handles, executor, config, inputs, branches, dependents, cacheKey };
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
