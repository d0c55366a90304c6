import { lazyPart } from '../../../web/ui/lazy-part.ts';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** While its node waits for an answer, where that is given. Loaded when first shown. */
export const chooseEditor: NodeEditor = {
  type: 'choose',
  fields: [],
  below: ['message', 'min', 'max'],
  Editor: lazyPart(() => import('./ChooseEditor.tsx'), 'ChooseEditor').Component,
};
