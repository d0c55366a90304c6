import { AppError, TerminalError } from '../../core/errors/app-error.ts';
import type { ErrorCode } from '../../core/errors/codes.ts';
import type { Graph, GraphNode } from '../../core/graph/graph.ts';
import type { GraphLimits } from '../../core/graph/limits.ts';
import { validateGraph, type GraphProblem } from '../../core/graph/validate.ts';
import type { NodeCatalogue } from '../../core/node-type/definition.ts';
import { findKeys } from '../../core/scrub.ts';
import type { AddressRules } from '../../net/address-rules.ts';
import { checkUrl } from '../../net/check-url.ts';
import { FindingsError, type Finding } from '../http/problem.ts';
import { maxGraphBytes } from '../limits.ts';

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
export function checkGraph(graph: Graph, rules: GraphRules, isDraft: boolean): Finding[] {
  const bytes = Buffer.byteLength(JSON.stringify(graph));
  if (bytes > maxGraphBytes) {
    throw new TerminalError(
      'GRAPH_TOO_LARGE',
      `The graph has ${bytes} bytes; the limit is ${maxGraphBytes}. Upload large texts and pictures as assets.`,
      { details: { bytes, maxBytes: maxGraphBytes } },
    );
  }
  const problems = [
    ...validateGraph(graph, rules.catalogue, rules.graphLimits),
    ...addressProblems(graph, rules.catalogue, rules.addresses),
    ...keyProblems(graph),
  ];
  const refused = isDraft ? problems.filter(({ code }) => !draftCodes.has(code)) : problems;
  const [first, ...more] = refused;
  if (first === undefined) return problems.map(findingOf);
  throw new FindingsError(
    first.code,
    more.length > 0 ? `${first.message} (and ${more.length} more)` : first.message,
    refused.map(findingOf),
  );
}

/** What keeps a kept graph from running: a draft's, or what has become wrong since it was kept. */
export function draftFindings(graph: Graph, rules: GraphRules): Finding[] {
  return [
    ...validateGraph(graph, rules.catalogue, rules.graphLimits),
    ...addressProblems(graph, rules.catalogue, rules.addresses),
  ]
    .slice(0, maxToldFindings)
    .map(findingOf);
}

/** More is not read; a graph may have thousands of nodes. */
const maxToldFindings = 200;

function findingOf({ code, message, nodeIds, edgeIds, path }: GraphProblem): Finding {
  return {
    code,
    message,
    ...(path === undefined ? {} : { path: `data.${path}` }),
    ...(nodeIds === undefined ? {} : { nodeIds: [...nodeIds] }),
    ...(edgeIds === undefined ? {} : { edgeIds: [...edgeIds] }),
  };
}

/** A scheme at the beginning, but for what holds its content itself. */
const addressPattern = /^(?!data:)[a-z][a-z0-9+.-]*:/i;

/**
 * The addresses written into nodes that nothing may be fetched from. Half
 * written ones are left for the run; names are looked up only then, since what
 * they stand for may change.
 */
export function* addressProblems(
  graph: Graph,
  catalogue: NodeCatalogue,
  addresses: AddressRules,
): Generator<GraphProblem> {
  for (const [index, node] of graph.nodes.entries()) {
    for (const { field, text } of addressesOf(node, catalogue)) {
      const problem = problemOf(text.trim(), addresses);
      if (problem === null) continue;
      yield {
        code: problem.code,
        message: `Node "${node.id}": ${problem.message}`,
        nodeIds: [node.id],
        path: `nodes[${index}].data.${field}`,
      };
    }
  }
}

function problemOf(text: string, addresses: AddressRules): AppError | null {
  if (!addressPattern.test(text)) return null;
  // Whatever else is wrong with it: nobody's password is kept.
  if (hasCredentials(text)) {
    return new TerminalError('URL_INVALID', 'An address with a user name or password in it is not kept. Remove them.');
  }
  try {
    checkUrl(text, addresses);
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.code === 'URL_INVALID' ? null : error;
    throw error;
  }
}

function hasCredentials(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && (url.username !== '' || url.password !== '');
}

/** The fields of a node that hold an address: by the form control of their schema. */
function* addressesOf(node: GraphNode, catalogue: NodeCatalogue): Generator<{ field: string; text: string }> {
  for (const [field, schema] of Object.entries(catalogue.get(node.type)?.configSchema.shape ?? {})) {
    const control = schema.meta?.()?.['control'];
    const value = Object.hasOwn(node.data, field) ? node.data[field] : undefined;
    if (control === 'url' && typeof value === 'string') yield { field, text: value };
    if (control !== 'file' || typeof value !== 'object' || value === null) continue;
    const url: unknown = Object.hasOwn(value, 'url') ? (value as { url: unknown }).url : undefined;
    if (typeof url === 'string') yield { field: `${field}.url`, text: url };
  }
}

/**
 * Keys in clear would be in every copy, backup and export of the workflow. Known
 * by their form: a graph that is held against the secrets of the installation
 * would tell its author which guesses are right.
 */
function* keyProblems(graph: Graph): Generator<GraphProblem> {
  const holdsKey = (part: unknown) => findKeys(JSON.stringify(part)).length > 0;
  const { nodes, ...rest } = graph;
  for (const [index, node] of nodes.entries()) {
    if (!holdsKey(node)) continue;
    yield {
      code: 'SECRET_IN_GRAPH',
      message: `Node "${node.id}" holds a key in clear. Save it under Settings, Own keys, and take it out of the node.`,
      nodeIds: [node.id],
      path: `nodes[${index}]`,
    };
  }
  // Edges, and whatever else a canvas keeps beside them.
  if (!holdsKey(rest)) return;
  yield {
    code: 'SECRET_IN_GRAPH',
    message: 'The graph holds a key in clear outside its nodes. Save it under Settings, Own keys, and take it out.',
  };
}
