import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import type { RunView } from '../live/run-view.ts';
import { mediaUrlOf } from '../ui/node-editor.ts';
import { indexEdges, indexNodes, type CanvasEdge, type CanvasNode } from './canvas-graph.ts';
import { infoOf, type Catalogue } from './catalogue.ts';
import { fieldsOf, type Control } from './form-fields.ts';

/** What is typed or chosen in one of these is what such a node puts out. */
const valueControls: ReadonlySet<Control> = new Set([
  'textarea',
  'text',
  'number',
  'slider',
  'switch',
  'select',
  'json',
]);

/**
 * What a node without inputs will put out, read from its data: its file, its
 * address, its text or another value. Undefined where only a run can tell.
 */
export function staticValueOf(node: CanvasNode, info: NodeTypeInfo | undefined): unknown {
  if (info === undefined || info.inputs.length > 0) return undefined;
  for (const field of fieldsOf(info.schema)) {
    const value = node.data[field.name] ?? field.defaultValue;
    if (value === undefined || value === '') continue;
    if ((field.control === 'file' || field.control === 'url') && mediaUrlOf(value) !== null) return value;
    if (valueControls.has(field.control)) return value;
  }
  return undefined;
}

/** The part of a graph that values are looked up in. */
export interface KnownGraph {
  readonly nodes: readonly CanvasNode[];
  readonly edges: readonly CanvasEdge[];
}

/** What is known to come in at a node, by input handle: from the data of its dependencies, or from the shown run. */
export function knownInputs(
  graph: KnownGraph,
  catalogue: Catalogue,
  view: RunView | null,
  nodeId: string,
): Record<string, unknown> {
  const handles = indexEdges(graph.edges).incoming.get(nodeId);
  if (handles === undefined) return {};
  const inputs = infoOf(catalogue, indexNodes(graph.nodes).get(nodeId))?.inputs ?? [];
  return Object.fromEntries(
    [...handles].map(([handle, edges]) => {
      const values = edges.map((edge) => {
        const source = indexNodes(graph.nodes).get(edge.source);
        const own = source === undefined ? undefined : staticValueOf(source, infoOf(catalogue, source));
        // A graph may leave out which output it means where a node has but one.
        const handle = edge.sourceHandle ?? infoOf(catalogue, source)?.outputs[0]?.id ?? '';
        return own ?? view?.nodes[edge.source]?.execution.outputData?.[handle];
      });
      return [handle, inputs.find(({ id }) => id === handle)?.many === true ? values : values[0]];
    }),
  );
}
