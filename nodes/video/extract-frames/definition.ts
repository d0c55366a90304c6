import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';

/** More than anybody looks at one by one, and a minute or two of work. */
export const maxFrames = 300;

/** Frames in the order of time, each with its moment in seconds. */
export const extractFramesNode = defineNode({
  type: 'extractFrames',
  version: 1,
  title: 'Extract frames',
  description: 'Takes many frames out of a video as a list: at an interval, evenly, or at each scene change.',
  category: 'video',
  keywords: [
    'stills',
    'screenshots',
    'thumbnails',
    'scenes',
    'cuts',
    'storyboard',
    'sample',
    'video to images',
    'list',
  ],
  icon: 'image-play',
  inputs: [{ id: 'video', title: 'Video', dataType: 'video', required: true }],
  outputs: [
    { id: 'output', title: 'Frames', dataType: 'list<image>' },
    { id: 'times', title: 'Seconds', dataType: 'list<number>' },
  ],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    by: z
      .enum(['count', 'interval', 'scenes', 'ends'])
      .default('count')
      .meta({
        title: 'Frames',
        control: 'select',
        labels: {
          count: 'Evenly spread',
          interval: 'At an interval',
          scenes: 'At each scene change',
          ends: 'The first and the last',
        },
      }),
    count: z
      .number()
      .int()
      .min(1)
      .max(maxFrames)
      .default(8)
      .meta({
        title: 'How many',
        control: 'number',
        shownWhen: { field: 'by', values: ['count'] },
        description: 'Each from the middle of its stretch.',
      }),
    seconds: z
      .number()
      .min(0.04)
      .max(86_400)
      .default(1)
      .meta({ title: 'Every … seconds', control: 'number', shownWhen: { field: 'by', values: ['interval'] } }),
    threshold: z
      .number()
      .min(0.05)
      .max(0.95)
      .default(0.3)
      .meta({
        title: 'How much has to change',
        control: 'slider',
        step: 0.05,
        shownWhen: { field: 'by', values: ['scenes'] },
        description: 'Lower finds more scenes.',
      }),
  }),
  defaults: { label: 'Extract frames', by: 'count', count: 8 },
  mainField: 'by',
  look: { height: 396, results: ['output'], picture: { input: 'video' } },
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
