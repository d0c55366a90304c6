import { Maximize, ZoomIn, ZoomOut } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { GraphComparison, NodeChange } from '../../core/graph/compare.ts';
import type { Graph } from '../../core/graph/graph.ts';
import type { Catalogue } from '../graph/catalogue.ts';
import { IconButton } from '../ui/Button.tsx';
import type { Box } from '../workflows/thumbnail-layout.ts';
import { changeLooks, changeWords } from './change-words.ts';
import { layOutComparison } from './comparison-layout.ts';

/** Room around the graphs, in pixels of the canvas. */
const margin = 80;
/** How often the picture can be made twice as large. */
const zooms = [1, 1.5, 2.25, 3.5, 5];
/** About how many characters stand in the width of a node. */
const titleLength = 21;

interface PictureProps {
  before: Graph;
  after: Graph;
  comparison: GraphComparison;
  catalogue: Catalogue;
  selected: string | null;
  nameOf(node: NodeChange): string;
  onSelect(nodeId: string): void;
}

/** Both graphs in one picture: where nodes are now, where removed and moved ones were, and how they are connected. */
export function ComparisonPicture(props: PictureProps) {
  const { before, after, comparison, catalogue } = props;
  const [zoom, setZoom] = useState(0);
  const drawn = useMemo(
    () => layOutComparison(before, after, comparison, catalogue),
    [before, after, comparison, catalogue],
  );
  if (drawn === null) return <p className="p-6 text-center text-muted">Both versions are empty.</p>;
  const { bounds, boxes, ghosts, edges } = drawn;
  const view = `${bounds.x - margin} ${bounds.y - margin} ${bounds.width + margin * 2} ${bounds.height + margin * 2}`;
  return (
    <div className="relative h-full">
      <div className="h-full overflow-auto bg-canvas">
        <svg
          role="group"
          aria-label="Both versions in one picture"
          viewBox={view}
          preserveAspectRatio="xMidYMid meet"
          style={{ width: `${zooms[zoom]! * 100}%`, height: `${zooms[zoom]! * 100}%` }}
        >
          {edges.map(({ key, path, change }) => (
            <path
              key={key}
              d={path}
              data-edge-change={change}
              fill="none"
              stroke={changeLooks[change].color}
              strokeWidth={change === 'same' ? 3 : 6}
              strokeDasharray={change === 'removed' ? '14 10' : undefined}
              opacity={change === 'same' ? 0.6 : 1}
            />
          ))}
          {ghosts.map(({ id, box }) => (
            <rect
              key={id}
              {...box}
              rx={12}
              fill="none"
              stroke={changeLooks.moved.color}
              strokeWidth={3}
              strokeDasharray="8 8"
              opacity={0.7}
            />
          ))}
          {comparison.nodes.map((node) => {
            const box = boxes.get(node.id);
            return box === undefined ? null : <NodeMark key={node.id} {...props} node={node} box={box} />;
          })}
        </svg>
      </div>
      <div className="absolute right-3 bottom-3 flex rounded-lg border border-line bg-raised">
        <IconButton label="Zoom out" disabled={zoom === 0} onClick={() => setZoom(zoom - 1)}>
          <ZoomOut size={16} />
        </IconButton>
        <IconButton label="Zoom in" disabled={zoom === zooms.length - 1} onClick={() => setZoom(zoom + 1)}>
          <ZoomIn size={16} />
        </IconButton>
        <IconButton label="Show all" onClick={() => setZoom(0)}>
          <Maximize size={16} />
        </IconButton>
      </div>
    </div>
  );
}

function NodeMark({ node, box, selected, nameOf, onSelect }: PictureProps & { node: NodeChange; box: Box }) {
  const { color, sign } = changeLooks[node.change];
  const name = nameOf(node);
  const isFrame = (node.after ?? node.before)!.type === 'group';
  const words = changeWords(node);
  const isPressed = selected === node.id;
  return (
    <g
      role="button"
      tabIndex={node.change === 'same' ? -1 : 0}
      aria-label={`${name}: ${words}`}
      aria-pressed={isPressed}
      data-change={node.change}
      className="cursor-pointer"
      onClick={() => onSelect(node.id)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        onSelect(node.id);
      }}
    >
      <rect
        {...box}
        rx={12}
        fill={isFrame ? 'none' : 'var(--surface)'}
        stroke={color}
        strokeWidth={isPressed ? 10 : node.change === 'same' ? 2 : 6}
        strokeDasharray={node.change === 'removed' ? '14 10' : undefined}
        opacity={node.change === 'removed' ? 0.75 : 1}
      />
      <text x={box.x + 16} y={box.y + 34} fontSize={20} fontWeight={600} fill="var(--text)">
        {name.length > titleLength ? `${name.slice(0, titleLength - 1)}…` : name}
      </text>
      {node.change !== 'same' && (
        <text x={box.x + 16} y={box.y + 66} fontSize={20} fill={color}>
          {sign} {words}
        </text>
      )}
    </g>
  );
}
