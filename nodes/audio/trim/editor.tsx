import { lazyEditor } from '../../../web/ui/lazy-editor.tsx';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Drags both ends of the part over the waveform, in the inspector; the fields below say the same in numbers. */
export const trimAudioEditor: NodeEditor = {
  type: 'trimAudio',
  place: 'inspector',
  fields: [],
  Editor: lazyEditor(() => import('./TrimAudioEditor.tsx'), 'TrimAudioEditor'),
};
