import { chooseElements, type ElementsOfNode } from '../../core/graph/chosen-elements.ts';
import { refuseFindings, type GraphFinding } from '../../core/graph/findings.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { maxGraphBytes } from '../../core/graph/limits.ts';
import { applyVariants, type Variants } from '../../core/graph/variants.ts';
import { inspectGraph } from '../../core/graph/validate.ts';
import { applyInputs, type GivenAsset, type GraphOfRun } from '../../core/interface/apply-inputs.ts';
import { wrongAsset } from '../../core/interface/input-value.ts';
import { findKeys } from '../../core/scrub.ts';
import { listAssetFacts } from '../../db/assets/list-facts.ts';
import type { Queryable } from '../../db/statement.ts';
import { addressFindings } from './address-findings.ts';
import type { PlanningRules, RunScope } from './plan-request.ts';
import { pinnedIn, withCalls } from './with-calls.ts';

/** The values of one run for the inputs of its workflow, and whose they are. */
export interface GivenInputs extends RunScope {
  readonly userId: string;
  /** By name. Default: none. */
  readonly inputs?: Readonly<Record<string, unknown>> | undefined;
  /** One node several times, with other settings each; then `nodeIds` is theirs. Default: none. */
  readonly variants?: Variants | undefined;
  /** Some elements of one list alone. Default: all. */
  readonly elements?: ElementsOfNode | undefined;
}

/** The graph of one run, and which part of it runs. */
export interface GraphToRun extends RunScope {
  /** The same object where the run changes nothing of the workflow's. */
  readonly data: Graph;
}

/**
 * A graph as one run wants it, with the values that it gives, the variants that it tries, and the workflows that it calls:
 * as they are now, or those that were frozen with it. Throws FindingsError as `withInputs` and `withCalls` do, and where there is no such node, a variant holds a key in clear, or all together are too large.
 */
export async function graphToRun(
  on: Queryable,
  rules: PlanningRules,
  workflow: { readonly data: Graph; readonly isFrozen?: boolean },
  request: GivenInputs,
): Promise<GraphToRun> {
  const { variants, elements, mode, nodeIds } = request;
  if (elements !== undefined) {
    const chosen = chooseElements(workflow.data, rules.catalogue, elements);
    if ('code' in chosen) {
      refuseFindings([chosen]);
      throw new Error('A finding was not refused.');
    }
    return graphToRun(on, rules, { ...workflow, data: chosen.graph }, { ...request, elements: undefined });
  }
  if (workflow.isFrozen === true && pinnedIn(workflow.data) !== undefined) {
    return { ...(await withInputsBesideCalls(on, rules, workflow, request)), mode, nodeIds };
  }
  // A run of variants is a run of a part.
  const { data } = await withInputs(on, rules, workflow, variants === undefined ? request : { ...request, mode: 'to' });
  if (variants === undefined) return { ...(await withCalls(on, rules, { data }, request)), mode, nodeIds };
  const applied = applyVariants(data, variants);
  if ('code' in applied) {
    refuseFindings([applied]);
    throw new Error('A finding was not refused.');
  }
  refuseFindings([...variantKeyFindings(variants), ...sizeFindings(applied, 'variants')]);
  const pinned = await withCalls(on, rules, { data: applied.graph }, request);
  return { ...pinned, mode: mode ?? 'selected', nodeIds: applied.nodeIds };
}

/** The values go into the graph itself, whose size is held against its limit without what it calls. */
async function withInputsBesideCalls(
  on: Queryable,
  rules: PlanningRules,
  { data: whole }: { readonly data: Graph },
  request: GivenInputs,
): Promise<{ readonly data: Graph }> {
  const { calls, ...own } = whole as Graph & { calls?: unknown };
  const { data } = await withInputs(on, rules, { data: own }, request);
  return { data: data === own ? whole : ({ ...data, calls } as Graph) };
}

function variantKeyFindings({ nodeId, changes }: Variants): GraphFinding[] {
  return changes.flatMap((change, index) =>
    findKeys(JSON.stringify(change)).length === 0
      ? []
      : [
          {
            code: 'SECRET_IN_GRAPH' as const,
            message: `Variant ${index + 1} holds a key in clear. Save it under Settings, Your provider keys, and leave it out.`,
            nodeIds: [nodeId],
            path: `variants.changes[${index}]`,
          },
        ],
  );
}

/**
 * A graph with the values of one run in it: from here on they are part of it, so that the run is frozen, retried and
 * found in the cache like any other. The graph of a workflow without inputs is the same object.
 *
 * Throws FindingsError with each value that is unknown, missing or wrong, by its place in the request.
 */
export async function withInputs(
  on: Queryable,
  rules: PlanningRules,
  { data }: { readonly data: Graph },
  { userId, inputs = {}, mode, nodeIds }: GivenInputs,
): Promise<{ readonly data: Graph }> {
  const isWhole = (mode ?? (nodeIds === undefined ? 'all' : 'selected')) === 'all';
  const applied = applyInputs(data, rules.catalogue, inputs, isWhole);
  if (applied.findings.length > 0) {
    // A mark that is not right explains why an input is not known.
    refuseFindings(inspectGraph(data, rules.catalogue, rules.graphLimits).findings);
  }
  refuseFindings([...applied.findings, ...keyFindings(inputs)]);
  if (applied.graph === data) return { data };
  const facts = await listAssetFacts(
    on,
    { workspaceId: userId },
    applied.assets.map(({ assetId }) => assetId),
  );
  refuseFindings([
    ...applied.assets.flatMap((given) =>
      assetFindings(given, wrongAsset(given.input, facts.get(given.assetId) ?? null)),
    ),
    ...addressesGiven(applied, rules),
    ...sizeFindings(applied, 'inputs'),
  ]);
  return { data: applied.graph };
}

function assetFindings({ input }: GivenAsset, wrong: string | null): GraphFinding[] {
  if (wrong === null) return [];
  const message = `The input "${input.name}" does not fit. ${wrong}`;
  return [{ code: 'RUN_INPUT_INVALID', message, path: `inputs.${input.name}`, nodeIds: [input.nodeId] }];
}

/** Addresses that nothing may be fetched from, by the input that they were given to. */
function addressesGiven({ graph, inputs }: GraphOfRun, { catalogue, addresses }: PlanningRules): GraphFinding[] {
  const names = new Map(inputs.map(({ nodeId, name }) => [nodeId, name]));
  const nodes = graph.nodes.filter(({ id }) => names.has(id));
  return [...addressFindings({ ...graph, nodes }, catalogue, addresses)].map((finding) => ({
    ...finding,
    path: `inputs.${names.get(finding.nodeIds?.[0] ?? '')}`,
  }));
}

/** A key in clear would be in the frozen graph, in every copy of it and in every answer about the run. */
export function keyFindings(inputs: Readonly<Record<string, unknown>>): GraphFinding[] {
  return Object.entries(inputs).flatMap(([name, value]) =>
    findKeys(JSON.stringify(value) ?? '').length === 0
      ? []
      : [
          {
            code: 'SECRET_IN_GRAPH' as const,
            message: `The input "${name.slice(0, 100)}" holds a key in clear. Save it under Settings, Your provider keys, and leave it out.`,
            path: `inputs.${name.slice(0, 100)}`,
          },
        ],
  );
}

function sizeFindings({ graph }: Pick<GraphOfRun, 'graph'>, given: 'inputs' | 'variants'): GraphFinding[] {
  const bytes = Buffer.byteLength(JSON.stringify(graph));
  if (bytes <= maxGraphBytes) return [];
  return [
    {
      code: 'GRAPH_TOO_LARGE',
      message: `With these ${given} the graph has ${bytes} bytes; the limit is ${maxGraphBytes}. Upload large texts and files, and give their ids.`,
      path: given,
    },
  ];
}
