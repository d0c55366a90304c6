import type { ApiFinding } from '../../core/api/common.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import type { ErrorCode } from '../../core/errors/codes.ts';
import { apiFindingOf, refuseFindings, type GraphFinding } from '../../core/graph/findings.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { maxGraphBytes, type GraphLimits } from '../../core/graph/limits.ts';
import { validateGraph } from '../../core/graph/validate.ts';
import type { NodeCatalogue } from '../../core/node-type/definition.ts';
import { findKeys } from '../../core/scrub.ts';
import type { AddressRules } from '../../net/address-rules.ts';
import { addressFindings } from '../../engine/runs/address-findings.ts';

/** What a graph is held against. */
export interface GraphRules {
  readonly catalogue: NodeCatalogue;
  readonly graphLimits: GraphLimits;
  readonly addresses: AddressRules;
}

/**
 * What is wrong with values in nodes, or with nodes that this installation
 * cannot execute. A draft may have it: no run takes it.
 */
const draftCodes: ReadonlySet<ErrorCode> = new Set([
  'NODE_DATA_INVALID',
  'NODE_TYPE_UNKNOWN',
  'URL_NOT_ALLOWED',
  'URL_SCHEME',
  'URL_PORT',
]);

/**
 * Refuses a graph that must not be kept: too large, invalid, with an address
 * that nothing may be fetched from, or with a key in clear. Throws
 * GRAPH_TOO_LARGE or FindingsError. Of a draft, what only keeps it from
 * running comes back instead.
 */
export function checkGraph(graph: Graph, rules: GraphRules, isDraft: boolean): ApiFinding[] {
  const bytes = Buffer.byteLength(JSON.stringify(graph));
  if (bytes > maxGraphBytes) {
    throw new TerminalError(
      'GRAPH_TOO_LARGE',
      `The graph has ${bytes} bytes; the limit is ${maxGraphBytes}. Upload large texts and images as assets.`,
      { details: { bytes, maxBytes: maxGraphBytes } },
    );
  }
  const findings = [
    ...validateGraph(graph, rules.catalogue, rules.graphLimits),
    ...addressFindings(graph, rules.catalogue, rules.addresses),
    ...keyFindings(graph),
  ];
  const refused = isDraft ? findings.filter(({ code }) => !draftCodes.has(code)) : findings;
  refuseFindings(refused, 'data.');
  return findings.map(toldFinding);
}

/** What keeps a kept graph from running: a draft's, or what has become wrong since it was kept. */
export function draftFindings(graph: Graph, rules: GraphRules): ApiFinding[] {
  return [
    ...validateGraph(graph, rules.catalogue, rules.graphLimits),
    ...addressFindings(graph, rules.catalogue, rules.addresses),
  ]
    .slice(0, maxToldFindings)
    .map(toldFinding);
}

const toldFinding = (finding: GraphFinding): ApiFinding => apiFindingOf(finding, 'data.');

/** More is not read; a graph may have thousands of nodes. */
const maxToldFindings = 200;

/**
 * Keys in clear would be in every copy, backup and export of the workflow. Known
 * by their form: a graph that is held against the secrets of the installation
 * would tell its author which guesses are right.
 */
function* keyFindings(graph: Graph): Generator<GraphFinding> {
  const holdsKey = (part: unknown) => findKeys(JSON.stringify(part)).length > 0;
  const { nodes, ...rest } = graph;
  for (const [index, node] of nodes.entries()) {
    if (!holdsKey(node)) continue;
    yield {
      code: 'SECRET_IN_GRAPH',
      message: `Node "${node.id}" holds a key in clear. Save it under Settings, Your provider keys, and remove it from the node.`,
      nodeIds: [node.id],
      path: `nodes[${index}]`,
    };
  }
  // Edges, and whatever else a canvas keeps beside them.
  if (!holdsKey(rest)) return;
  yield {
    code: 'SECRET_IN_GRAPH',
    message:
      'The graph holds a key in clear outside its nodes. Save it under Settings, Your provider keys, and remove it.',
  };
}
