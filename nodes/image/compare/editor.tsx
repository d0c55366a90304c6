import { lazyPart } from '../../../web/ui/lazy-part.ts';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Shows both images over each other, divided by a line that is dragged or moved by keys. */
export const compareImagesEditor: NodeEditor = {
  type: 'compareImages',
  fields: [],
  Editor: lazyPart(() => import('./CompareEditor.tsx'), 'CompareEditor').Component,
};
