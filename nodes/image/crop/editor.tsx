import { lazyEditor } from '../../../web/ui/lazy-editor.tsx';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Edits all four percentages by dragging a box over the image that comes in. */
export const cropImageEditor: NodeEditor = {
  type: 'cropImage',
  below: ['by'],
  isFor: ({ by }) => by === undefined || by === 'percent',
  fields: ['x_percent', 'y_percent', 'width_percent', 'height_percent'],
  Editor: lazyEditor(() => import('./CropEditor.tsx'), 'CropEditor'),
};
