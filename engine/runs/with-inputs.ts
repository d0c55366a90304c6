import { refuseFindings, type GraphFinding } from '../../core/graph/findings.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { maxGraphBytes } from '../../core/graph/limits.ts';
import { inspectGraph } from '../../core/graph/validate.ts';
import { applyInputs, type GivenAsset, type GraphOfRun } from '../../core/interface/apply-inputs.ts';
import { wrongAsset } from '../../core/interface/input-value.ts';
import { findKeys } from '../../core/scrub.ts';
import { listAssetFacts } from '../../db/assets/list-facts.ts';
import type { Queryable } from '../../db/statement.ts';
import { addressFindings } from './address-findings.ts';
import type { PlanningRules, RunScope } from './plan-request.ts';

/** The values of one run for the inputs of its workflow, and whose they are. */
export interface GivenInputs extends RunScope {
  readonly userId: string;
  /** By name. Default: none. */
  readonly inputs?: Readonly<Record<string, unknown>> | undefined;
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
    ...sizeFindings(applied),
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
function keyFindings(inputs: Readonly<Record<string, unknown>>): GraphFinding[] {
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

function sizeFindings({ graph }: GraphOfRun): GraphFinding[] {
  const bytes = Buffer.byteLength(JSON.stringify(graph));
  if (bytes <= maxGraphBytes) return [];
  return [
    {
      code: 'GRAPH_TOO_LARGE',
      message: `With these inputs the graph has ${bytes} bytes; the limit is ${maxGraphBytes}. Upload large texts and files, and give their ids.`,
      path: 'inputs',
    },
  ];
}
