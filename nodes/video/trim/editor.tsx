import { lazyEditor } from '../../../web/ui/lazy-editor.tsx';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Drags both ends of the part over frames of the video, in the inspector; the fields below say the same in numbers. */
export const trimVideoEditor: NodeEditor = {
  type: 'trimVideo',
  place: 'inspector',
  fields: [],
  Editor: lazyEditor(() => import('./TrimVideoEditor.tsx'), 'TrimVideoEditor'),
};
