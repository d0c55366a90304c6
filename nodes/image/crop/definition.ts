import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { anchorLabels, anchorSchema } from '../../../core/node-type/image-fields.ts';

/** Two numbers above 0 with a colon, as in `16:9` or `1.91:1`. */
export const aspectPattern =
  /^\s*(\d{0,5}[1-9]\d{0,4}(?:\.\d{1,4})?|0?\.\d{0,3}[1-9])\s*:\s*(\d{0,5}[1-9]\d{0,4}(?:\.\d{1,4})?|0?\.\d{0,3}[1-9])\s*$/;

const percent = z.number().min(0).max(100);
const pixels = z.number().int().min(0).max(100_000);
const inPercent = { field: 'by', values: ['percent'] };
const inPixels = { field: 'by', values: ['pixels'] };
const byShape = { field: 'by', values: ['shape'] };

/**
 * The box is in percent of the upright image, so one setting fits images of any size, in pixels, or as large as a shape
 * allows. A connected box wins over all of them. Default: the whole image.
 */
export const cropImageNode = defineNode({
  type: 'cropImage',
  version: 1,
  title: 'Crop image',
  description: 'Cuts a rectangle out of an image, by hand, in pixels or to an aspect ratio.',
  category: 'image',
  keywords: ['cut', 'trim', 'square', 'vertical', 'portrait', 'aspect ratio', 'zoom'],
  icon: 'crop',
  inputs: [
    { id: 'image_url', title: 'Image', dataType: 'image', required: true },
    { id: 'box', title: 'Box', dataType: 'json', onlyByName: true },
  ],
  outputs: [{ id: 'output', title: 'Cropped image', dataType: 'image' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    by: z
      .enum(['percent', 'pixels', 'shape'])
      .default('percent')
      .meta({
        title: 'Cut',
        control: 'select',
        labels: { percent: 'A box on the image', pixels: 'A box in pixels', shape: 'To an aspect ratio' },
      }),
    x_percent: percent.default(0).meta({ title: 'Left', control: 'number', unit: '%', shownWhen: inPercent }),
    y_percent: percent.default(0).meta({ title: 'Top', control: 'number', unit: '%', shownWhen: inPercent }),
    width_percent: percent
      .gt(0, 'The crop box has no width. Enter more than 0%.')
      .default(100)
      .meta({ title: 'Width', control: 'number', unit: '%', shownWhen: inPercent }),
    height_percent: percent
      .gt(0, 'The crop box has no height. Enter more than 0%.')
      .default(100)
      .meta({ title: 'Height', control: 'number', unit: '%', shownWhen: inPercent }),
    x_px: pixels.default(0).meta({ title: 'Left', control: 'number', unit: 'px', shownWhen: inPixels }),
    y_px: pixels.default(0).meta({ title: 'Top', control: 'number', unit: 'px', shownWhen: inPixels }),
    width_px: pixels.min(1).default(512).meta({ title: 'Width', control: 'number', unit: 'px', shownWhen: inPixels }),
    height_px: pixels.min(1).default(512).meta({ title: 'Height', control: 'number', unit: 'px', shownWhen: inPixels }),
    aspect: z.string().regex(aspectPattern, 'This is not an aspect ratio. Write it as 16:9.').default('1:1').meta({
      title: 'Aspect ratio',
      control: 'text',
      placeholder: '16:9',
      shownWhen: byShape,
      description: 'Width to height: 1:1, 4:5, 9:16, 16:9.',
    }),
    anchor: anchorSchema
      .default('center')
      .meta({ title: 'Keep', control: 'select', labels: anchorLabels, shownWhen: byShape }),
  }),
  defaults: { label: 'Crop image', x_percent: 0, y_percent: 0, width_percent: 100, height_percent: 100 },
  look: {
    height: 576,
    edited: [{ when: { by: ['percent'] }, height: 608 }],
    picture: { input: 'image_url', part: ['x_percent', 'y_percent', 'width_percent', 'height_percent'] },
    shape: [
      { when: { by: ['shape'] }, aspect: 'aspect' },
      { when: { by: ['pixels'] }, sides: ['width_px', 'height_px'] },
      { when: { by: ['percent'] }, like: 'image_url', part: ['width_percent', 'height_percent'] },
    ],
  },
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
