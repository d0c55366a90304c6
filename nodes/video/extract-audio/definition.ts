import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { soundNeeds } from '../../../core/node-type/ffmpeg-parts.ts';
import { soundFields } from '../../../core/node-type/sound-fields.ts';

/** Takes the sound of a video, in step with its pictures. */
export const extractAudioNode = defineNode({
  type: 'extractAudio',
  version: 1,
  title: 'Extract audio',
  description: 'Extracts the sound of a video as an audio file.',
  category: 'video',
  keywords: ['sound', 'soundtrack', 'video to mp3', 'rip', 'voice', 'music', 'demux'],
  icon: 'audio-lines',
  inputs: [{ id: 'video', title: 'Video', dataType: 'video', required: true }],
  outputs: [{ id: 'output', title: 'Audio', dataType: 'audio' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    ...soundFields,
  }),
  defaults: { label: 'Extract audio', format: 'original' },
  mainField: 'format',
  look: { height: 318 },
  needs: soundNeeds,
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
