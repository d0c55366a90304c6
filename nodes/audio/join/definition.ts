import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { soundNeeds } from '../../../core/node-type/ffmpeg-parts.ts';
import { soundFields } from '../../../core/node-type/sound-fields.ts';

/** Puts audio files one after the other, in the order of their edges. */
export const joinAudioNode = defineNode({
  type: 'joinAudio',
  version: 1,
  title: 'Join audio',
  description: 'Joins audio files end to end, with a crossfade if you like.',
  category: 'audio',
  keywords: ['concatenate', 'merge', 'append', 'crossfade', 'sequence', 'combine sounds'],
  icon: 'combine',
  inputs: [{ id: 'audio', title: 'Audio, in order', dataType: 'audio', many: true, required: true }],
  outputs: [{ id: 'output', title: 'Joined audio', dataType: 'audio' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    crossfade: z.number().min(0).max(30).default(0).meta({
      title: 'Crossfade',
      control: 'number',
      unit: 's',
      step: 0.1,
    }),
    ...soundFields,
  }),
  defaults: { label: 'Join audio', crossfade: 0 },
  mainField: 'crossfade',
  look: { height: 378 },
  needs: soundNeeds,
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
