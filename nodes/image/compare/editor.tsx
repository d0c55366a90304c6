import { lazyEditor } from '../../../web/ui/lazy-editor.tsx';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Shows both images over each other, divided by a line that is dragged or moved by keys. */
export const compareImagesEditor: NodeEditor = {
  type: 'compareImages',
  fields: [],
  Editor: lazyEditor(() => import('./CompareEditor.tsx'), 'CompareEditor'),
};
