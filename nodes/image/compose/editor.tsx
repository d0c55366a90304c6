import { lazyEditor } from '../../../web/ui/lazy-editor.tsx';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Edits the list of layers, and places them on the base by dragging. Loaded when first shown. */
export const composeImagesEditor: NodeEditor = {
  type: 'composeImages',
  fields: ['layers'],
  Editor: lazyEditor(() => import('./LayersEditor.tsx'), 'LayersEditor'),
};
