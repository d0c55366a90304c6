import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';

/** Facts as JSON; place and names in the EXIF of a photo are left out. */
export const imageInfoNode = defineNode({
  type: 'imageInfo',
  version: 1,
  title: 'Image info',
  description: 'Reads the size, format, colors and sharpness of an image, and how it was taken.',
  category: 'image',
  keywords: [
    'metadata',
    'exif',
    'size',
    'dimensions',
    'width',
    'height',
    'palette',
    'dominant color',
    'blurry',
    'properties',
  ],
  icon: 'scan-search',
  inputs: [{ id: 'image', title: 'Image', dataType: 'image', required: true }],
  outputs: [{ id: 'output', title: 'Details', dataType: 'json' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    maxColors: z
      .number()
      .int()
      .min(0)
      .max(6)
      .default(6)
      .meta({ title: 'Main colors', control: 'number', place: 'inspector' }),
  }),
  defaults: { label: 'Image info' },
  look: { height: 258, picture: { input: 'image' } },
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
