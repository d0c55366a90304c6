import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';

/** Reads a video's facts without decoding it. */
export const videoInfoNode = defineNode({
  type: 'videoInfo',
  version: 1,
  title: 'Video info',
  description: 'Reads the length, size, frame rate, codecs, colors and sound of a video.',
  category: 'video',
  keywords: ['duration', 'length', 'resolution', 'dimensions', 'fps', 'codec', 'metadata', 'ffprobe', 'properties'],
  icon: 'info',
  inputs: [{ id: 'video', title: 'Video', dataType: 'video', required: true }],
  outputs: [{ id: 'output', title: 'Details', dataType: 'json' }],
  configSchema: z.object({ label: z.string().max(255).optional() }),
  defaults: { label: 'Video info' },
  look: { height: 230 },
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
