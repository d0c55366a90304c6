import { isTurnedOff } from '../../core/graph/graph.ts';
import { outputNodeType } from '../../core/interface/settings.ts';
import type { CanvasNode } from '../graph/canvas-graph.ts';
import { markOf } from '../graph/input-mark.ts';

/** What the app of a workflow would lack, in words, and how it gets that; empty where it asks for something and shows something. */
export function appGaps(nodes: readonly Pick<CanvasNode, 'type' | 'data'>[]): readonly string[] {
  const used = nodes.filter((node) => !isTurnedOff(node));
  const asks = used.some(({ data }) => {
    const mark = markOf(data);
    return mark !== null && mark['hidden'] !== true;
  });
  const shows = used.some(({ type }) => type === outputNodeType);
  return [
    ...(shows ? [] : ['The app will show no results. To show one, connect an Output node to it.']),
    ...(asks
      ? []
      : ['The app will ask for nothing. To ask for a photo or a text, turn on “Workflow input” for its node.']),
  ];
}
