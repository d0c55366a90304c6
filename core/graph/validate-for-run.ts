import type { ConnectedInput, NodeCatalogue } from '../node-type/definition.ts';
import { findHandle, findOutput, handlesOf } from '../node-type/handles.ts';
import { configOf } from './config.ts';
import { unknownHandle } from './edge-findings.ts';
import type { GraphFinding } from './findings.ts';
import type { Graph } from './graph.ts';
import { strayErrorFindings } from './list-findings.ts';
import { loopFindings } from './loops.ts';
import { nameOf } from './node-findings.ts';
import { structureOf, type GraphStructure, type ResolvedEdge } from './structure.ts';

/**
 * What keeps the given nodes of a valid graph from running: edges whose handle
 * is gone, loops without a beginning or an end, inputs that must be connected and are not, and config that is not complete.
 */
export function validateForRun(
  graph: Graph,
  nodeIds: ReadonlySet<string>,
  catalogue: NodeCatalogue,
  structure: GraphStructure = structureOf(graph, catalogue),
): readonly GraphFinding[] {
  const findings: GraphFinding[] = [
    ...brokenEdges(graph, nodeIds, catalogue, structure),
    ...strayErrorFindings(structure, catalogue, nodeIds),
    ...loopFindings(structure, catalogue, nodeIds),
  ];
  for (const [index, node] of graph.nodes.entries()) {
    const definition = catalogue.get(node.type);
    if (definition === undefined || !nodeIds.has(node.id)) continue;
    const path = `nodes[${index}].data`;
    const config = configOf(structure.configs, definition, node);
    const incoming = structure.incoming.get(node.id) ?? [];
    const connected = new Set<string>();
    for (const edge of incoming) connected.add(edge.targetHandle);
    for (const input of handlesOf(definition, config).inputs) {
      if (input.required !== true || connected.has(input.id)) continue;
      const field = input.configField;
      if (field !== undefined && isFilled(config[field])) continue;
      findings.push({
        code: 'INPUT_MISSING',
        message:
          `${nameOf(node, definition)} needs its input "${input.title}" (${input.id}): connect a node` +
          (field === undefined ? '.' : `, or fill in the field "${field}".`),
        nodeIds: [node.id],
        path: field === undefined ? path : `${path}.${field}`,
      });
    }
    const coming =
      definition.check === undefined ? [] : incoming.flatMap((edge) => comingIn(edge, catalogue, structure));
    for (const finding of definition.check?.(config, connected, coming) ?? []) {
      findings.push({
        code: 'NODE_DATA_INVALID',
        message: `${nameOf(node, definition)}: ${finding.message}`,
        nodeIds: [node.id],
        path: `${path}.${finding.field}`,
      });
    }
  }
  return findings;
}

/** What an edge brings, by the output it comes from and the file that is held there. */
function comingIn(edge: ResolvedEdge, catalogue: NodeCatalogue, { nodes, configs }: GraphStructure): ConnectedInput[] {
  const node = nodes.get(edge.source);
  const definition = node === undefined ? undefined : catalogue.get(node.type);
  if (node === undefined || definition === undefined) return [];
  const config = configOf(configs, definition, node);
  const output = findOutput(handlesOf(definition, config).outputs, edge.sourceHandle);
  if (output === undefined) return [];
  const { fileField } = definition.value ?? {};
  const file: unknown = fileField === undefined ? undefined : config[fileField];
  const type = typeof file === 'object' && file !== null && 'type' in file ? file.type : null;
  const mimeType = typeof type === 'string' && type !== '' ? type : null;
  return [{ input: edge.targetHandle, dataType: output.dataType, mimeType }];
}

/** Edges between the given nodes and others whose handle went with the config that made it. */
function brokenEdges(
  graph: Graph,
  nodeIds: ReadonlySet<string>,
  catalogue: NodeCatalogue,
  { broken, nodes, configs }: GraphStructure,
): GraphFinding[] {
  return broken.flatMap((index) => {
    const edge = graph.edges[index]!;
    if (!nodeIds.has(edge.source) && !nodeIds.has(edge.target)) return [];
    return (['output', 'input'] as const).flatMap((direction) => {
      const node = nodes.get(direction === 'output' ? edge.source : edge.target)!;
      const definition = catalogue.get(node.type)!;
      const handles = handlesOf(definition, configOf(configs, definition, node));
      const isThere =
        direction === 'output'
          ? findOutput(handles.outputs, edge.sourceHandle)
          : findHandle(handles.inputs, edge.targetHandle);
      if (isThere !== undefined) return [];
      const finding = unknownHandle(edge, direction, handles, definition, index);
      return [{ ...finding, message: `${finding.message} Connect it to another one, or remove it.` }];
    });
  });
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' ? value.trim() !== '' : value !== undefined && value !== null;
}
