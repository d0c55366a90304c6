import { memo } from 'react';

/** Two lines of it fit into a node. */
const longestName = 24;

/** A node seen from far: a box of the same size with its name. How it stands is drawn by FarRings. */
export const FarCard = memo(function FarCard({
  type,
  name,
  height,
  isOff,
}: {
  type: string;
  name: string;
  height: number;
  isOff: boolean;
}) {
  return (
    <div className="node-card node-card-far" data-node-type={type} data-off={isOff || undefined} style={{ height }}>
      {name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name}
    </div>
  );
});
