import { useMemo, useState } from 'react';
import type { Graph } from '../../core/graph/graph.ts';
import { useCatalogue } from '../api/use-catalogue.ts';
import type { Catalogue } from '../graph/catalogue.ts';
import { typeColor } from '../ui/type-colors.ts';
import { thumbnailOf, type Picture, type ThumbnailNode } from './thumbnail-layout.ts';

/** Until they are known everything has the color of `any`. */
const noTypes: Catalogue = new Map();
/** Room around the graph. */
const margin = 36;
/** Images are wider than high more often than not. */
const assumedRatio = 4 / 3;

/** A graph in small: boxes with the images that are in them, and lines in the color of what runs through. */
export function GraphThumbnail({ graph }: { graph: Graph }) {
  const { catalogue = noTypes } = useCatalogue();
  const thumbnail = useMemo(() => thumbnailOf(graph, catalogue), [graph, catalogue]);
  if (thumbnail === null) {
    return <div className="flex h-full items-center justify-center text-xs text-faint">Empty</div>;
  }
  const { bounds, nodes, edges } = thumbnail;
  return (
    <svg
      aria-hidden
      viewBox={`${bounds.x - margin} ${bounds.y - margin} ${bounds.width + margin * 2} ${bounds.height + margin * 2}`}
      preserveAspectRatio="xMidYMid meet"
      className="h-full w-full"
    >
      {edges.map(({ id, path, dataType }) => (
        <path key={id} d={path} fill="none" stroke={typeColor(dataType)} strokeWidth={7} opacity={0.75} />
      ))}
      {nodes.map((node) => (
        <NodeBox key={node.id} node={node} />
      ))}
    </svg>
  );
}

function NodeBox({ node: { kind, box, dataType, isOff, picture } }: { node: ThumbnailNode }) {
  const { x, y, width, height } = box;
  if (kind === 'note') {
    return <rect {...box} rx={18} fill="var(--note)" stroke="var(--note-border)" strokeWidth={5} />;
  }
  if (kind === 'group') {
    return (
      <rect {...box} rx={24} fill="var(--surface)" fillOpacity={0.5} stroke="var(--border-strong)" strokeWidth={5} />
    );
  }
  const inner = { x: x + 18, y: y + 56, width: width - 36, height: height - 74 };
  return (
    <g opacity={isOff ? 0.55 : 1}>
      <rect
        {...box}
        rx={22}
        fill="var(--surface)"
        stroke="var(--border-strong)"
        strokeWidth={5}
        strokeDasharray={isOff ? '18 14' : undefined}
      />
      <rect x={x + 20} y={y + 20} width={120} height={18} rx={9} fill={typeColor(dataType)} />
      <rect {...inner} rx={10} fill="var(--pressed)" />
      {picture !== null && <PictureBox box={inner} picture={picture} />}
      {picture === null && dataType === 'text' && <TextLines box={inner} />}
    </g>
  );
}

/** Lines this far apart, of lengths as in a paragraph. */
const lineStep = 30;
const lineLengths = [0.92, 0.84, 0.96, 0.55];

function TextLines({ box: { x, y, width, height } }: { box: ThumbnailNode['box'] }) {
  const count = Math.min(lineLengths.length, Math.floor((height - 16) / lineStep));
  return lineLengths
    .slice(0, count)
    .map((length, line) => (
      <rect
        key={line}
        x={x + 14}
        y={y + 16 + line * lineStep}
        width={(width - 28) * length}
        height={10}
        rx={5}
        fill="var(--text-faint)"
        opacity={0.55}
      />
    ));
}

function PictureBox({ box, picture: { url, part } }: { box: ThumbnailNode['box']; picture: Picture }) {
  const [isBroken, setIsBroken] = useState(false);
  if (isBroken) return null;
  return (
    <svg
      {...box}
      viewBox={`${part.x * assumedRatio} ${part.y} ${part.width * assumedRatio} ${part.height}`}
      preserveAspectRatio="xMidYMid slice"
      className="fade-in"
    >
      <image
        href={url}
        width={100 * assumedRatio}
        height={100}
        preserveAspectRatio="xMidYMid slice"
        onError={() => setIsBroken(true)}
      />
    </svg>
  );
}
