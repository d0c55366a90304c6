import { lazyPart } from '../../../web/ui/lazy-part.ts';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

export const switchEditor: NodeEditor = {
  type: 'switch',
  fields: ['cases'],
  Editor: lazyPart(() => import('./SwitchEditor.tsx'), 'SwitchEditor').Component,
};
