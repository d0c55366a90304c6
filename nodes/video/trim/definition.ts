import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { videoNeeds } from '../../../core/node-type/ffmpeg-parts.ts';
import { checkTimeRange, timeRangeFields, timeRangeInputs } from '../../../core/node-type/time-range.ts';

/** Keeps a part of a video; `note` says whether it was copied or encoded, and why. */
export const trimVideoNode = defineNode({
  type: 'trimVideo',
  version: 1,
  title: 'Trim video',
  description: 'Keeps one part of a video, cut to the exact frame.',
  category: 'video',
  keywords: ['cut', 'clip', 'shorten', 'split', 'part', 'section', 'in and out', 'scissors'],
  icon: 'scissors',
  inputs: [{ id: 'video', title: 'Video', dataType: 'video', required: true }, ...timeRangeInputs],
  outputs: [
    { id: 'output', title: 'Trimmed video', dataType: 'video' },
    { id: 'note', title: 'How it was cut', dataType: 'text' },
  ],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    ...timeRangeFields,
    encode: z.boolean().default(false).meta({
      title: 'Always re-encode',
      control: 'switch',
      place: 'inspector',
      description: 'Even if a lossless copy would be exact.',
    }),
  }),
  defaults: { label: 'Trim video', from: '0', to: '100%' },
  look: { height: 424, results: ['output'], shape: [{ like: 'video' }] },
  needs: videoNeeds,
  costClass: () => 'cpu',
  isDeterministic: () => true,
  check: checkTimeRange,
});
