import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { videoNeeds } from '../../../core/node-type/ffmpeg-parts.ts';

const mixed = { field: 'mode', values: ['mix'] };

/** Puts a sound to a video; the video keeps its length. */
export const addAudioNode = defineNode({
  type: 'addAudio',
  version: 1,
  title: 'Add audio',
  description: 'Adds music or a voice to a video, instead of its own sound or mixed with it.',
  category: 'video',
  keywords: ['soundtrack', 'background music', 'voice over', 'narration', 'dub', 'ducking', 'mix', 'replace sound'],
  icon: 'music',
  inputs: [
    { id: 'video', title: 'Video', dataType: 'video', required: true },
    { id: 'audio', title: 'Audio', dataType: 'audio', required: true },
  ],
  outputs: [{ id: 'output', title: 'Video', dataType: 'video' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    mode: z
      .enum(['replace', 'mix'])
      .default('mix')
      .meta({
        title: 'Sound of the video',
        control: 'select',
        labels: { replace: 'Replace it', mix: 'Keep it and mix' },
      }),
    ducked: z.boolean().default(true).meta({
      title: 'Duck under speech',
      control: 'switch',
      description: 'Lowers the new sound while the video is heard.',
      shownWhen: mixed,
    }),
    gain: z.number().min(-40).max(20).default(0).meta({
      title: 'New sound gain',
      place: 'inspector',
      control: 'number',
      unit: 'dB',
      step: 0.5,
    }),
    startsAt: z.number().min(0).max(14_400).default(0).meta({
      title: 'Starts at',
      place: 'inspector',
      control: 'number',
      unit: 's',
      step: 0.1,
    }),
  }),
  defaults: { label: 'Add audio', mode: 'mix', ducked: true },
  mainField: 'mode',
  look: { height: 392, shape: [{ like: 'video' }] },
  needs: videoNeeds,
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
