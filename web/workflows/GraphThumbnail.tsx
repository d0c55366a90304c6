import type { Graph } from '../../core/graph/graph.ts';
import { bundledCatalogue } from '../api/use-catalogue.ts';
import { handleType } from '../graph/catalogue.ts';

/** A node is drawn about as large as it is on the canvas. */
const nodeSize = { width: 264, height: 150 };

/** A graph in small: boxes, and lines in the colour of what runs through them. */
export function GraphThumbnail({ graph }: { graph: Graph }) {
  const nodes = graph.nodes.filter(({ type }) => type !== 'group');
  if (nodes.length === 0) {
    return <div className="flex h-full items-center justify-center text-xs text-faint">Empty</div>;
  }
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(graph.nodes.map((node) => [node.id, node]));
  const at = (node: Graph['nodes'][number]) => {
    const parent = typeof node['parentId'] === 'string' ? parents.get(node['parentId']) : undefined;
    return { x: node.position.x + (parent?.position.x ?? 0), y: node.position.y + (parent?.position.y ?? 0) };
  };
  const spots = nodes.map(at);
  const left = Math.min(...spots.map(({ x }) => x));
  const top = Math.min(...spots.map(({ y }) => y));
  const width = Math.max(...spots.map(({ x }) => x)) + nodeSize.width - left;
  const height = Math.max(...spots.map(({ y }) => y)) + nodeSize.height - top;
  return (
    <svg
      aria-hidden
      viewBox={`${left - 40} ${top - 40} ${width + 80} ${height + 80}`}
      preserveAspectRatio="xMidYMid meet"
      className="h-full w-full"
    >
      {graph.edges.map((edge) => {
        const [source, target] = [byId.get(edge.source), byId.get(edge.target)];
        if (source === undefined || target === undefined) return null;
        const [from, to] = [at(source), at(target)];
        const x1 = from.x + nodeSize.width;
        const y1 = from.y + 58;
        const y2 = to.y + 58;
        const bend = Math.max(60, Math.abs(to.x - x1) / 2);
        const type = handleType(bundledCatalogue, source.type, 'outputs', edge.sourceHandle) ?? 'any';
        return (
          <path
            key={edge.id}
            d={`M${x1} ${y1} C${x1 + bend} ${y1} ${to.x - bend} ${y2} ${to.x} ${y2}`}
            fill="none"
            stroke={`var(--type-${type})`}
            strokeWidth={7}
            opacity={0.7}
          />
        );
      })}
      {nodes.map((node) => {
        const { x, y } = at(node);
        const output = bundledCatalogue.get(node.type)?.outputs[0]?.dataType ?? 'any';
        const isNote = node.type === 'note';
        return (
          <g key={node.id}>
            <rect
              x={x}
              y={y}
              {...nodeSize}
              rx={18}
              fill={isNote ? 'var(--note)' : 'var(--raised)'}
              stroke={isNote ? 'var(--note-border)' : 'var(--border-strong)'}
              strokeWidth={5}
            />
            {!isNote && (
              <rect
                x={x + 22}
                y={y + 22}
                width={120}
                height={18}
                rx={9}
                fill={`var(--type-${output})`}
                opacity={0.85}
              />
            )}
            {!isNote && (
              <rect x={x + 22} y={y + 62} width={nodeSize.width - 44} height={66} rx={10} fill="var(--pressed)" />
            )}
          </g>
        );
      })}
    </svg>
  );
}
