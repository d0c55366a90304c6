import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { colorSchema } from '../../../core/node-type/image-fields.ts';

const lossy = { field: 'format', values: ['jpeg', 'webp', 'avif'] };
const limited = { field: 'limited', values: [true] };

/** Metadata and profile are left out unless they are asked for, so that nothing private goes out with an image. */
export const convertImageNode = defineNode({
  type: 'convertImage',
  version: 1,
  title: 'Convert image',
  description: 'Converts an image to JPEG, PNG, WebP or AVIF, also below a size in KB.',
  category: 'image',
  keywords: [
    'format',
    'compress',
    'quality',
    'export',
    'jpg',
    'smaller file',
    'optimize',
    'metadata',
    'exif',
    'file size',
  ],
  icon: 'file-image',
  inputs: [{ id: 'image', title: 'Image', dataType: 'image', required: true }],
  outputs: [{ id: 'output', title: 'Converted image', dataType: 'image' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    format: z
      .enum(['jpeg', 'png', 'webp', 'avif'])
      .default('webp')
      .meta({ title: 'Format', control: 'select', labels: { jpeg: 'JPEG', png: 'PNG', webp: 'WebP', avif: 'AVIF' } }),
    quality: z
      .number()
      .int()
      .min(1)
      .max(100)
      .default(80)
      .meta({ title: 'Quality', control: 'slider', step: 1, shownWhen: lossy }),
    limited: z.boolean().default(false).meta({ title: 'Limit the file size', control: 'switch' }),
    maxKb: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .default(200)
      .meta({ title: 'Maximum size', control: 'number', unit: 'KB', shownWhen: limited }),
    mayShrink: z.boolean().default(true).meta({
      title: 'Allow fewer pixels',
      control: 'switch',
      place: 'inspector',
      description: 'If a lower quality is not enough.',
      shownWhen: limited,
    }),
    lossless: z
      .boolean()
      .default(false)
      .meta({
        title: 'Lossless',
        control: 'switch',
        place: 'inspector',
        shownWhen: { field: 'format', values: ['webp', 'avif'] },
      }),
    background: colorSchema.default('#ffffff').meta({
      title: 'Behind transparent parts',
      control: 'color',
      place: 'inspector',
      shownWhen: { field: 'format', values: ['jpeg'] },
    }),
    keepMetadata: z
      .boolean()
      .default(false)
      .meta({ title: 'Keep metadata (EXIF, XMP)', control: 'switch', place: 'inspector' }),
    keepProfile: z
      .boolean()
      .default(false)
      .meta({ title: 'Keep the color profile', control: 'switch', place: 'inspector' }),
  }),
  defaults: { label: 'Convert image', format: 'webp', quality: 80 },
  mainField: 'format',
  look: { height: 422, picture: { input: 'image' } },
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
