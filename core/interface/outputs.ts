import type { DataType } from '../data-types/table.ts';
import { isTurnedOff, type Graph, type GraphNode } from '../graph/graph.ts';
import { mappingOf } from '../graph/mapping.ts';
import { structureOf } from '../graph/structure.ts';
import type { NodeCatalogue } from '../node-type/definition.ts';
import { interfaceNameSchema, outputNodeType } from './settings.ts';

/** A result of a workflow: what arrives at a node of the type `output`. */
export interface WorkflowOutput {
  readonly nodeId: string;
  readonly name: string;
  /** What people read; null where the name has to do. */
  readonly label: string | null;
  /** Of what is connected; `any` where that shows only in a run. */
  readonly dataType: DataType;
}

/** The results of a workflow in the order of its graph; without those that are turned off or have no proper name. */
export function outputsOf(graph: Graph, catalogue: NodeCatalogue): readonly WorkflowOutput[] {
  const marked = graph.nodes.filter((node) => outputName(node) !== null && !isTurnedOff(node));
  if (marked.length === 0) return [];
  const structure = structureOf(graph, catalogue);
  const mapping = mappingOf(structure, catalogue);
  return marked.map((node) => {
    const edge = structure.incoming.get(node.id)?.find(({ targetHandle }) => targetHandle === 'value');
    const { label } = node.data;
    return {
      nodeId: node.id,
      name: outputName(node)!,
      label: typeof label === 'string' && label.trim() !== '' ? label.trim() : null,
      dataType: (edge && mapping.carriedType(edge.source, edge.sourceHandle)) ?? 'any',
    };
  });
}

/** The name of the result that a node marks; null where it marks none. */
export function outputName(node: Pick<GraphNode, 'type' | 'data'>): string | null {
  if (node.type !== outputNodeType) return null;
  return interfaceNameSchema.safeParse(node.data['name']).data ?? null;
}
