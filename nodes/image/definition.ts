import { z } from 'zod';
import { assetIdOf } from '../../core/api/assets.ts';
import { defineNode } from '../../core/node-type/definition.ts';

const fileSchema = z.object({
  url: z.string().min(1).max(4_096),
  name: z.string().max(255).default(''),
  type: z.string().max(255).default(''),
});

export const imageNode = defineNode({
  type: 'image',
  version: 1,
  title: 'Image',
  description: 'A picture: an uploaded file, a web address or a data URL.',
  category: 'input',
  icon: 'image',
  inputs: [],
  outputs: [{ id: 'output', title: 'Image', dataType: 'image' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    file: fileSchema.optional().meta({ title: 'File', control: 'file', dataType: 'image' }),
    image: z.string().optional().meta({ title: 'Address', control: 'url', placeholder: 'https://…' }),
  }),
  defaults: { label: 'Image' },
  // An uploaded asset is a look-up; anything else has to be fetched or decoded first.
  costClass: ({ file, image }) => (assetIdOf(file?.url ?? image ?? '') === null ? 'io' : 'inline'),
  // An address can show something else tomorrow.
  isDeterministic: ({ file, image }) => assetIdOf(file?.url ?? image ?? '') !== null,
  outputsAhead: ({ file, image }) => {
    const assetId = assetIdOf(file?.url ?? image ?? '');
    return assetId === null ? null : { output: { assetId, kind: 'image' } };
  },
  check: ({ file, image }) =>
    file || image ? [] : [{ field: 'file', message: 'No picture yet: upload a file or give an address.' }],
});
