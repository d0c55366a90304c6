import { memo } from 'react';
import { cn } from '../../ui/cn.ts';

/** Two lines of it fit above the result of a node that is seen from far. */
const longestName = 15;

/** A node without its inside: a box of the same size with its name. How it stands is drawn by FarRings. */
export const PlainCard = memo(function PlainCard({
  type,
  name,
  height,
  isOff,
  isFar,
}: {
  type: string;
  name: string;
  height: number;
  isOff: boolean;
  isFar: boolean;
}) {
  return (
    <div
      className={cn('node-card', isFar ? 'node-card-far' : 'px-3 py-2.5 font-semibold')}
      data-node-type={type}
      data-off={isOff || undefined}
      style={{ height }}
    >
      {name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name}
    </div>
  );
});
