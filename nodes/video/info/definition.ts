import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';

/** Reads a video's facts without decoding it. */
export const videoInfoNode = defineNode({
  type: 'videoInfo',
  version: 1,
  title: 'Video info',
  description: 'Says how long and large a video is, its frame rate, codecs, colors and sound, as JSON.',
  category: 'video',
  keywords: ['duration', 'length', 'resolution', 'dimensions', 'fps', 'codec', 'metadata', 'ffprobe', 'properties'],
  icon: 'info',
  inputs: [{ id: 'video', title: 'Video', dataType: 'video', required: true }],
  outputs: [{ id: 'output', title: 'Facts', dataType: 'json' }],
  configSchema: z.object({ label: z.string().max(255).optional() }),
  defaults: { label: 'Video info' },
  look: { height: 230 },
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
