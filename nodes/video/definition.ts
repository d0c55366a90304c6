import { z } from 'zod';
import { assetIdOf } from '../../core/api/assets.ts';
import { defineNode } from '../../core/node-type/definition.ts';

const fileSchema = z.object({
  url: z.string().min(1).max(4_096),
  name: z.string().max(255).default(''),
  type: z.string().max(255).default(''),
});

export const videoNode = defineNode({
  type: 'video',
  version: 1,
  title: 'Video',
  description: 'A video: an uploaded file or a web address.',
  category: 'input',
  icon: 'film',
  inputs: [],
  outputs: [{ id: 'output', title: 'Video', dataType: 'video' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    file: fileSchema.optional().meta({ title: 'File', control: 'file', dataType: 'video' }),
    video: z.string().optional().meta({ title: 'Address', control: 'url', placeholder: 'https://…' }),
  }),
  defaults: { label: 'Video' },
  // An uploaded asset is a look-up; anything else has to be fetched or decoded first.
  costClass: ({ file, video }) => (assetIdOf(file?.url ?? video ?? '') === null ? 'io' : 'inline'),
  // An address can show something else tomorrow.
  isDeterministic: ({ file, video }) => assetIdOf(file?.url ?? video ?? '') !== null,
  outputsAhead: ({ file, video }) => {
    const assetId = assetIdOf(file?.url ?? video ?? '');
    return assetId === null ? null : { output: { assetId, kind: 'video' } };
  },
  check: ({ file, video }) =>
    file || video ? [] : [{ field: 'file', message: 'No video yet: upload a file or give an address.' }],
});
