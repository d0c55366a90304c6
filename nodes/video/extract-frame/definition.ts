import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { readTimestamp, timestampExamples } from '../../../core/node-type/timestamp.ts';

/** `timestamp` follows the grammar in core/node-type/timestamp.ts. A bad one is reported before the run starts. */
export const extractFrameNode = defineNode({
  type: 'extractFrame',
  version: 1,
  title: 'Extract frame',
  description: 'Takes one frame out of a video as an image.',
  category: 'video',
  keywords: ['still', 'screenshot', 'thumbnail', 'poster', 'snapshot', 'video to image'],
  icon: 'image-play',
  inputs: [{ id: 'video_url', title: 'Video', dataType: 'video', required: true }],
  outputs: [{ id: 'output', title: 'Frame', dataType: 'image' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    timestamp: z.string().max(32).default('0').meta({
      title: 'Timestamp',
      description: 'Seconds, minutes:seconds or a percentage of the length; 100% is the last frame',
      control: 'text',
      placeholder: timestampExamples,
    }),
  }),
  defaults: { label: 'Extract frame', timestamp: '50%' },
  mainField: 'timestamp',
  look: { height: 526, picture: { input: 'video_url' }, shape: [{ like: 'video_url' }] },
  costClass: () => 'cpu',
  isDeterministic: () => true,
  check: ({ timestamp }) => {
    const { problem } = readTimestamp(timestamp);
    return problem === null ? [] : [{ field: 'timestamp', message: problem.message }];
  },
});
