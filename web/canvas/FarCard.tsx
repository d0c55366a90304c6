import { memo } from 'react';
import { nodeStatusOf } from '../live/node-status.ts';
import { useNodeRun } from './environment.ts';

/** A node seen from far: a box of the same size with its name and its ring. */
export const FarCard = memo(function FarCard({
  id,
  type,
  name,
  height,
  isOff,
}: {
  id: string;
  type: string;
  name: string;
  height: number;
  isOff: boolean;
}) {
  const status = nodeStatusOf(useNodeRun(id)?.execution);
  return (
    <div
      className="node-card node-card-far"
      data-node-type={type}
      data-status={status}
      data-off={isOff || undefined}
      style={{ height }}
    >
      {name}
    </div>
  );
});
