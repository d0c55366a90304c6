import { useEnvironment, useWorkflow } from '../../../web/canvas/environment.ts';
import { Button } from '../../../web/ui/Button.tsx';
import type { ImageBox } from '../../../web/ui/drag-box.ts';
import { countOf } from '../../../web/ui/format.ts';

/** Gives the box of one crop to every other crop of the workflow that is cut by a box in percent, as one step. */
export function SameBox({ nodeId, box }: { readonly nodeId: string; readonly box: ImageBox }) {
  const { store } = useEnvironment();
  const others = useWorkflow(({ nodes }) => nodes.filter((node) => node.id !== nodeId && isByPercent(node)).length);
  if (others === 0) return null;
  const give = () => {
    const { nodes, edges, selectedNodes, replaceGraph, selectNodes } = store.getState();
    const data = { x_percent: box.x, y_percent: box.y, width_percent: box.width, height_percent: box.height };
    const changed = nodes.map((node) => (isByPercent(node) ? { ...node, data: { ...node.data, ...data } } : node));
    replaceGraph('Same box in all crops', { nodes: changed, edges });
    selectNodes([...selectedNodes]);
  };
  return (
    <Button size="sm" onClick={give}>
      Same box in {countOf(others, 'other crop')}
    </Button>
  );
}

function isByPercent({
  type,
  data,
}: {
  readonly type?: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}) {
  return type === 'cropImage' && (data['by'] === undefined || data['by'] === 'percent');
}
