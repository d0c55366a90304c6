import { lazyEditor } from '../../../web/ui/lazy-editor.tsx';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Draws the box of the text on the image that comes in, in the inspector. */
export const drawTextEditor: NodeEditor = {
  type: 'drawText',
  place: 'inspector',
  fields: ['x_percent', 'y_percent', 'width_percent', 'height_percent'],
  Editor: lazyEditor(() => import('./TextBoxEditor.tsx'), 'TextBoxEditor'),
};
