import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';

const percent = z.number().min(0).max(100);

/** The box is in percent of the upright image, so one setting fits images of any size. Default: the whole image. */
export const cropImageNode = defineNode({
  type: 'cropImage',
  version: 1,
  title: 'Crop image',
  description: 'Cuts a rectangle out of an image.',
  category: 'image',
  keywords: ['cut', 'trim', 'square', 'vertical', 'portrait', 'aspect ratio', 'zoom'],
  icon: 'crop',
  inputs: [{ id: 'image_url', title: 'Image', dataType: 'image', required: true }],
  outputs: [{ id: 'output', title: 'Cropped image', dataType: 'image' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    x_percent: percent.default(0).meta({ title: 'Left', control: 'number', unit: '%' }),
    y_percent: percent.default(0).meta({ title: 'Top', control: 'number', unit: '%' }),
    width_percent: percent
      .gt(0, 'The crop box has no width. Enter more than 0%.')
      .default(100)
      .meta({ title: 'Width', control: 'number', unit: '%' }),
    height_percent: percent
      .gt(0, 'The crop box has no height. Enter more than 0%.')
      .default(100)
      .meta({ title: 'Height', control: 'number', unit: '%' }),
  }),
  defaults: { label: 'Crop image', x_percent: 0, y_percent: 0, width_percent: 100, height_percent: 100 },
  look: {
    height: 526,
    picture: { input: 'image_url', part: ['x_percent', 'y_percent', 'width_percent', 'height_percent'] },
  },
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
