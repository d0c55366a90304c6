import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';

/** The first image is what the second one is held against. */
export const compareImagesNode = defineNode({
  type: 'compareImages',
  version: 1,
  title: 'Compare images',
  description: 'Shows where two images differ, and by how much.',
  category: 'image',
  keywords: ['difference', 'diff', 'before and after', 'ssim', 'similarity', 'changed pixels', 'visual regression'],
  icon: 'diff',
  inputs: [
    { id: 'before', title: 'Before', dataType: 'image', required: true },
    { id: 'after', title: 'After', dataType: 'image', required: true },
  ],
  outputs: [
    { id: 'output', title: 'Difference', dataType: 'image' },
    { id: 'result', title: 'Measurements', dataType: 'json' },
  ],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    fit: z.boolean().default(false).meta({
      title: 'Fit the second to the first',
      control: 'switch',
      description: 'Otherwise, images of different sizes are an error.',
    }),
  }),
  defaults: { label: 'Compare images' },
  look: { height: 592, picture: { input: 'before' } },
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
