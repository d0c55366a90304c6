import { lazyPart } from '../../../web/ui/lazy-part.ts';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Drags both ends of the part over frames of the video, in the inspector; the fields below say the same in numbers. */
export const trimVideoEditor: NodeEditor = {
  type: 'trimVideo',
  place: 'inspector',
  fields: [],
  Editor: lazyPart(() => import('./TrimVideoEditor.tsx'), 'TrimVideoEditor').Component,
};
