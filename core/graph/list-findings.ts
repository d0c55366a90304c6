import { partsOf } from '../data-types/table.ts';
import type { NodeCatalogue, NodeHandles } from '../node-type/definition.ts';
import { findHandle, findOutput, handlesOfNode } from '../node-type/handles.ts';
import { isConnectable } from '../node-type/values.ts';
import { eachSettingsSchema } from './each.ts';
import { annotationTypes, type Graph } from './graph.ts';
import { mappingOf } from './mapping.ts';
import { findRegions, maxRegionDepth, type Region } from './regions.ts';
import type { GraphStructure } from './structure.ts';
import type { GraphFinding } from './findings.ts';

/** What is wrong with the settings of lists at nodes and edges: `data.each`. */
export function eachFindings({ nodes, edges }: Graph): GraphFinding[] {
  const findings: GraphFinding[] = [];
  for (const [index, node] of nodes.entries()) {
    const each = node.data['each'];
    if (each === undefined || annotationTypes.has(node.type)) continue;
    for (const issue of eachSettingsSchema.safeParse(each).error?.issues ?? []) {
      const path = ['each', ...issue.path.map(String)].join('.');
      findings.push({
        code: 'NODE_DATA_INVALID',
        message: `Node "${node.id}": ${path}: ${issue.message}`,
        nodeIds: [node.id],
        path: `nodes[${index}].data.${path}`,
      });
    }
  }
  for (const [index, { id, data }] of edges.entries()) {
    if (typeof data !== 'object' || data === null || !Object.hasOwn(data, 'each')) continue;
    const { each } = data as { each?: unknown };
    if (each === undefined || typeof each === 'boolean') continue;
    findings.push({
      code: 'EDGE_DATA_INVALID',
      message: `Edge "${id}": data.each is true or false. Set it to true to hand the elements of a list over one by one, or remove it.`,
      edgeIds: [id],
      path: `edges[${index}].data.each`,
    });
  }
  return findings;
}

/** What is wrong with where lists lead: too deep within one another, or to an input that does not take their elements. */
export function listFindings(graph: Graph, structure: GraphStructure, catalogue: NodeCatalogue): GraphFinding[] {
  const mapping = mappingOf(structure, catalogue);
  if (mapping.isPlain && mapping.isFixed) return [];
  const findings: GraphFinding[] = [];
  for (const [index, node] of graph.nodes.entries()) {
    if (mapping.depthOf(node.id) <= maxRegionDepth) continue;
    // What comes after it is as deep; it is said once.
    if (structure.incoming.get(node.id)?.some(({ source }) => mapping.depthOf(source) > maxRegionDepth)) continue;
    findings.push({
      code: 'LISTS_TOO_DEEP',
      message:
        `Node "${node.id}" would be executed per element of lists that are ${mapping.depthOf(node.id)} deep within one another; ` +
        `the limit is ${maxRegionDepth}. Join a list before it, or connect an input that takes a list.`,
      nodeIds: [node.id],
      path: `nodes[${index}]`,
    });
  }
  const places = new Map(graph.edges.map(({ id }, index) => [id, index]));
  for (const { id, source, sourceHandle, target, targetHandle } of structure.edges) {
    // Types as nodes have them by themselves were looked at edge by edge.
    if (findOutput(handlesAt(source)?.outputs ?? [], sourceHandle)?.follows === undefined) continue;
    const from = mapping.typeOf(source, sourceHandle);
    const to = findHandle(handlesAt(target)?.inputs ?? [], targetHandle)?.dataType;
    if (from === undefined || to === undefined || isConnectable(from, to)) continue;
    findings.push({
      code: 'TYPE_MISMATCH',
      message: `Edge "${id}" connects ${partsOf(from).element} ("${source}" ${sourceHandle}) to ${partsOf(to).element} ("${target}" ${targetHandle}). Connect what fits.`,
      edgeIds: [id],
      nodeIds: [source, target],
      path: `edges[${places.get(id)}]`,
    });
  }
  return findings;

  function handlesAt(id: string): NodeHandles | null {
    const node = structure.nodes.get(id)!;
    return handlesOfNode(catalogue.get(node.type)!, node, structure.configs);
  }
}

/** Edges of a run that begin at an output for the errors of elements, at a node that does not go through a list first. */
export function strayErrorFindings(
  structure: GraphStructure,
  catalogue: NodeCatalogue,
  nodeIds: ReadonlySet<string>,
): GraphFinding[] {
  const mapping = mappingOf(structure, catalogue);
  const stray = structure.edges.filter(
    ({ source, sourceHandle, target }) => nodeIds.has(target) && mapping.isOfErrors(source, sourceHandle),
  );
  if (stray.length === 0) return [];
  const drivers = new Set(findRegions(structure, catalogue).flatMap(driversIn));
  return stray
    .filter(({ source }) => !drivers.has(source))
    .map(({ id, source, target }) => ({
      code: 'HANDLE_UNKNOWN',
      message:
        `Edge "${id}" begins at the output "errors" of node "${source}", which has errors of elements only where it is the first ` +
        'that is executed once per element of a list. Connect it to that node, or remove it.',
      edgeIds: [id],
      nodeIds: [source, target],
    }));
}

/** Of what goes through lists: the first lap of a loop that fails ends it, so that it has no list of errors. */
function driversIn({ driver, inner, loop }: Region): readonly string[] {
  return [...(loop === undefined ? [driver] : []), ...inner.flatMap(driversIn)];
}
