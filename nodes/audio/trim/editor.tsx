import { lazyPart } from '../../../web/ui/lazy-part.ts';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Drags both ends of the part over the waveform, in the inspector; the fields below say the same in numbers. */
export const trimAudioEditor: NodeEditor = {
  type: 'trimAudio',
  place: 'inspector',
  fields: [],
  Editor: lazyPart(() => import('./TrimAudioEditor.tsx'), 'TrimAudioEditor').Component,
};
