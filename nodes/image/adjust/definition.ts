import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { colorSchema } from '../../../core/node-type/image-fields.ts';

const amount = z.number().min(-100).max(100).default(0);

/** Zero leaves everything as it is. */
export const adjustImageNode = defineNode({
  type: 'adjustImage',
  version: 1,
  title: 'Adjust image',
  description: 'Changes the brightness, colors and sharpness of an image.',
  category: 'image',
  keywords: [
    'brightness',
    'contrast',
    'saturation',
    'hue',
    'blur',
    'sharpen',
    'grayscale',
    'black and white',
    'tint',
    'sepia',
    'color correction',
    'exposure',
    'filter',
  ],
  icon: 'sliders-horizontal',
  inputs: [{ id: 'image', title: 'Image', dataType: 'image', required: true }],
  outputs: [{ id: 'output', title: 'Adjusted image', dataType: 'image' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    brightness: amount.meta({ title: 'Brightness', control: 'slider', step: 1 }),
    contrast: amount.meta({ title: 'Contrast', control: 'slider', step: 1 }),
    saturation: amount.meta({ title: 'Saturation', control: 'slider', step: 1 }),
    grayscale: z.boolean().default(false).meta({ title: 'Grayscale', control: 'switch' }),
    hue: z.number().min(-180).max(180).default(0).meta({
      title: 'Hue',
      control: 'slider',
      step: 1,
      place: 'inspector',
      description: 'Around the color wheel, in degrees.',
    }),
    blur: z.number().min(0).max(100).default(0).meta({
      title: 'Blur',
      control: 'slider',
      step: 0.5,
      place: 'inspector',
      description: 'Standard deviation, in pixels.',
    }),
    sharpen: z
      .number()
      .min(0)
      .max(100)
      .default(0)
      .meta({ title: 'Sharpen', control: 'slider', step: 1, place: 'inspector' }),
    tinted: z.boolean().default(false).meta({ title: 'Tint', control: 'switch', place: 'inspector' }),
    tint: colorSchema.default('#a67c52').meta({
      title: 'Tint color',
      control: 'color',
      place: 'inspector',
      shownWhen: { field: 'tinted', values: [true] },
    }),
  }),
  defaults: { label: 'Adjust image' },
  mainField: 'brightness',
  look: { height: 466, picture: { input: 'image' }, shape: [{ like: 'image' }] },
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
