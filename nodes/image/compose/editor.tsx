import { lazyPart } from '../../../web/ui/lazy-part.ts';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Edits the list of layers, and places them on the base by dragging. Loaded when first shown. */
export const composeImagesEditor: NodeEditor = {
  type: 'composeImages',
  fields: ['layers'],
  Editor: lazyPart(() => import('./LayersEditor.tsx'), 'LayersEditor').Component,
};
