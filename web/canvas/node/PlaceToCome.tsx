import { nodeWidth } from '../../graph/node-size.ts';
import { shapeToCome } from '../../graph/shape-to-come.ts';
import { mediaUrlOf } from '../../ui/node-editor.ts';
import { useAsset } from '../../ui/use-asset.ts';
import { useEnvironment, useRuns, useWorkflowUnless } from '../environment.ts';

/** Room for results on a node, from side to side, in pixels of the canvas. */
const width = nodeWidth - 26;

interface PlaceToComeProps {
  readonly nodeId: string;
  /** Of the room that results have. */
  readonly height: number;
  /** What it will be. */
  readonly title: string;
}

/** The outline of the picture that a node is going to make, in its shape where that is known. */
export function PlaceToCome({ nodeId, height, title }: PlaceToComeProps) {
  const { catalogue } = useEnvironment();
  const view = useRuns((state) => state.view);
  const shape = useWorkflowUnless(
    (state) => shapeToCome(state, catalogue, view, nodeId),
    (before, after) => before?.of === after?.of && before?.times === after?.times,
  );
  const asset = useAsset(shape === null || shape.of === null ? null : mediaUrlOf(shape.of));
  const of = shape?.of === null ? 1 : asset?.width && asset.height ? asset.width / asset.height : null;
  const ratio = shape === null || of === null ? null : shape.times * of;
  return (
    <span
      data-shape={ratio?.toFixed(2)}
      className="flex items-center justify-center overflow-hidden rounded-md border border-dashed border-line-strong px-1 text-center"
      style={
        ratio === null
          ? { width, height }
          : { width: Math.min(width, height * ratio), height: Math.min(height, width / ratio) }
      }
    >
      {title}
    </span>
  );
}
