import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { videoNeeds } from '../../../core/node-type/ffmpeg-parts.ts';

/** Plays a video faster or slower. */
export const speedVideoNode = defineNode({
  type: 'speedVideo',
  version: 1,
  title: 'Change speed',
  description: 'Plays a video faster or slower; voices keep their pitch.',
  category: 'video',
  keywords: ['slow motion', 'fast forward', 'time lapse', 'tempo', 'speed up', 'slow down'],
  icon: 'gauge',
  inputs: [{ id: 'video', title: 'Video', dataType: 'video', required: true }],
  outputs: [{ id: 'output', title: 'Video', dataType: 'video' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    factor: z.number().min(0.1).max(10).default(2).meta({
      title: 'Speed',
      control: 'number',
      unit: '×',
      step: 0.1,
      description: '2 is twice as fast, 0.5 half as fast',
    }),
    sound: z.boolean().default(true).meta({ title: 'Keep the sound', control: 'switch' }),
  }),
  defaults: { label: 'Change speed', factor: 2 },
  mainField: 'factor',
  look: { height: 342, shape: [{ like: 'video' }] },
  needs: videoNeeds,
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
