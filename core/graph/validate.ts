import type { NodeCatalogue } from '../node-type/definition.ts';
import { interfaceFindings } from '../interface/findings.ts';
import type { NodeConfigs } from './config.ts';
import { checkEdges } from './edge-findings.ts';
import type { GraphFinding } from './findings.ts';
import type { Graph } from './graph.ts';
import type { GraphLimits } from './limits.ts';
import { eachFindings, listFindings } from './list-findings.ts';
import { checkNodes } from './node-findings.ts';
import { structureOf, type GraphStructure } from './structure.ts';

/**
 * Everything that keeps a graph from being saved: size, identity, types,
 * handles, edges and cycles. A graph may still be incomplete; `validateForRun`
 * looks at that.
 *
 * All findings are returned, in the order of the graph; too large a graph is
 * not looked at any further. Linear in nodes and edges.
 */
export function validateGraph(graph: Graph, catalogue: NodeCatalogue, limits: GraphLimits): readonly GraphFinding[] {
  return inspectGraph(graph, catalogue, limits).findings;
}

/** The same with the graph's structure, which is worth using where there are no findings: planning needs it next. */
export function inspectGraph(
  graph: Graph,
  catalogue: NodeCatalogue,
  limits: GraphLimits,
): { readonly findings: readonly GraphFinding[]; readonly structure: GraphStructure | null } {
  const tooLarge = checkSize(graph, limits);
  if (tooLarge.length > 0) return { findings: tooLarge, structure: null };
  const configs: NodeConfigs = new Map();
  const findings: GraphFinding[] = [];
  const complain = (finding: GraphFinding) => void findings.push(finding);
  checkNodes(graph.nodes, catalogue, configs, complain);
  findings.push(...interfaceFindings(graph, catalogue), ...eachFindings(graph));
  checkEdges(graph, { catalogue, configs, limits, complain });
  if (findings.some((finding) => finding.code === 'NODE_ID_DUPLICATE')) return { findings, structure: null };
  const structure = structureOf(withoutSelfEdges(graph), catalogue, configs);
  findings.push(...checkOrder(structure, limits), ...listFindings(graph, structure, catalogue));
  return { findings, structure };
}

function withoutSelfEdges(graph: Graph): Graph {
  if (!graph.edges.some((edge) => edge.source === edge.target)) return graph;
  return { ...graph, edges: graph.edges.filter((edge) => edge.source !== edge.target) };
}

function checkSize(graph: Graph, limits: GraphLimits): GraphFinding[] {
  const findings: GraphFinding[] = [];
  const check = (what: string, count: number, limit: number, path: string) => {
    if (count <= limit) return;
    findings.push({
      code: 'GRAPH_TOO_LARGE',
      message: `The graph has ${count} ${what}; the limit is ${limit}. Split it into several workflows.`,
      path,
    });
  };
  check('nodes', graph.nodes.length, limits.maxNodes, 'nodes');
  check('edges', graph.edges.length, limits.maxEdges, 'edges');
  return findings;
}

function checkOrder(structure: GraphStructure, limits: GraphLimits): GraphFinding[] {
  const { cycle, longestPath } = structure.order;
  if (cycle !== null) {
    return [
      {
        code: 'GRAPH_CYCLE',
        message: `The graph has a cycle: ${describeCycle(cycle)}. Remove one of its edges.`,
        nodeIds: cycle,
      },
    ];
  }
  if (longestPath > limits.maxChain) {
    return [
      {
        code: 'GRAPH_TOO_LARGE',
        message: `The longest path has ${longestPath} nodes; the limit is ${limits.maxChain}. Split it into several workflows.`,
      },
    ];
  }
  return [];
}

/** Nodes of a cycle that a message names; `nodeIds` holds them all. More would not be read. */
const namedInCycle = 10;

function describeCycle(cycle: readonly string[]): string {
  const named = cycle.length > namedInCycle ? [...cycle.slice(0, namedInCycle - 1), '…', cycle.at(-1)] : cycle;
  const length = cycle.length > namedInCycle ? ` (${cycle.length} nodes)` : '';
  return `${[...named, cycle[0]].join(' -> ')}${length}`;
}
